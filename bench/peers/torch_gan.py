"""DCGAN and cGAN in PyTorch. Images are NCHW in shape and channels-last in memory; D answers logits [B, 1]."""

import torch
import torch.nn.functional as F
from torch import nn


class BatchNorm(nn.BatchNorm2d):
    """Keras's momentum 0.8 and epsilon; `training` and `track` (update the running statistics) are arguments."""

    def __init__(self, channels):
        super().__init__(channels, eps=1e-3, momentum=0.2)

    def forward(self, x, training=True, track=True):
        running = (self.running_mean, self.running_var) if track else (None, None)
        return F.batch_norm(x, *running, self.weight, self.bias, training, self.momentum, self.eps)


class Generator(nn.Module):
    """z [B, 100] (and one-hot labels [B, 10]) to images [B, 3, 32, 32] in [-1, 1]."""

    def __init__(self, conditional):
        super().__init__()
        self.conditional = conditional
        self.dense1 = nn.Linear(110 if conditional else 100, 8 * 8 * 128)
        self.conv1, self.bn1 = nn.Conv2d(128, 128, 3, padding=1), BatchNorm(128)
        self.conv2, self.bn2 = nn.Conv2d(128, 64, 3, padding=1), BatchNorm(64)
        self.conv3 = nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, z, labels, training):
        x = torch.cat([z, labels], 1) if self.conditional else z
        x = F.relu(self.dense1(x)).view(-1, 8, 8, 128).permute(0, 3, 1, 2)
        for conv, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2)):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")  # 8 → 16 → 32
            x = F.relu(norm(conv(x), training))
        return torch.tanh(self.conv3(x))


class Discriminator(nn.Module):
    """Images [B, 3, 32, 32] (and one-hot labels [B, 10]) to logits [B, 1], by batch statistics."""

    def __init__(self, conditional, tensorflow_padding):
        super().__init__()
        self.conditional, self.tensorflow_padding = conditional, tensorflow_padding
        self.conv1 = self._conv(3, 32, 2)
        self.conv2, self.bn1 = self._conv(32, 64, 2), BatchNorm(64)
        self.conv3, self.bn2 = self._conv(64, 128, 2), BatchNorm(128)
        self.conv4, self.bn3 = self._conv(128, 256, 2 if conditional else 1), BatchNorm(256)
        if conditional:
            self.dense1, self.dense2 = nn.Linear(2 * 2 * 256 + 10, 512), nn.Linear(512, 1)
        else:
            self.dense1 = nn.Linear(4 * 4 * 256, 1)

    def _conv(self, channels, filters, stride):
        padding = 0 if self.tensorflow_padding and stride == 2 else 1
        return nn.Conv2d(channels, filters, 3, stride, padding)

    def _convolved(self, conv, x):
        """TensorFlow's `same` at stride 2 pads an even side at the right and below only."""
        return conv(F.pad(x, (0, 1, 0, 1)) if conv.padding == (0, 0) else x)

    def forward(self, x, labels, track):
        x = F.leaky_relu(self._convolved(self.conv1, x), 0.2)
        for conv, norm in ((self.conv2, self.bn1), (self.conv3, self.bn2), (self.conv4, self.bn3)):
            x = F.leaky_relu(norm(self._convolved(conv, x), track=track), 0.2)
        x = x.permute(0, 2, 3, 1).flatten(1)  # a view of channels-last memory
        if not self.conditional:
            return self.dense1(x)
        return self.dense2(F.relu(self.dense1(torch.cat([x, labels], 1))))


ROLES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def load(network, name, weights):
    """Takes the reference's weights, named such as generator/conv1/kernel and laid out as Keras has them."""
    with torch.no_grad():
        for full_name, value in weights.items():
            owner, layer, role = full_name.split("/")
            if owner != name:
                continue
            value = torch.from_numpy(value)
            if role == "kernel":
                value = value.permute(3, 2, 0, 1) if value.ndim == 4 else value.T
            getattr(network.get_submodule(layer), ROLES[role]).copy_(value)
