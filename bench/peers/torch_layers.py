"""The layers of this project's networks in PyTorch: images NCHW in shape and channels-last in memory, `layer(x, labels, mode)`.

Modes: `inference` (moving statistics), `training` (batch statistics; state is kept), `frozen` (training whose state is dropped, as
for the discriminator in the generator's step).
"""

import torch
import torch.nn.functional as F
from torch import nn

import spec

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
}


def spectral(weight, u, mode):
    """The weight `[outputs, …]` over its largest singular value, by one power iteration in training, as torch's own spectral_norm."""
    # A view of channels-last memory.
    matrix = (weight.permute(0, 2, 3, 1) if weight.ndim == 4 else weight).flatten(1)
    with torch.no_grad():
        v = F.normalize(torch.mv(matrix.T, u), dim=0, eps=1e-12)
        right = u
        if mode != "inference":
            right = F.normalize(torch.mv(matrix, v), dim=0, eps=1e-12)
            if mode == "training":
                u.copy_(right)
                right = right.clone()
    return weight / torch.dot(right, torch.mv(matrix, v))


class Linear(nn.Module):
    """A layer with a kernel, perhaps spectrally normalised; `weights` has its tensors by the names of this project's weights."""

    def __init__(self, layer, made):
        super().__init__()
        self.made = made
        self.activation = ACTIVATIONS[layer["params"].get("activation", "linear")]
        self.normalized = layer["params"].get("spectralNormalization", False)
        if self.normalized:
            self.register_buffer("u", torch.zeros(made.weight.shape[0]))

    def weights(self):
        found = {"kernel": self.made.weight, "bias": self.made.bias}
        return found | ({"u": self.u} if self.normalized else {})

    def weight(self, mode):
        return spectral(self.made.weight, self.u, mode) if self.normalized else self.made.weight


class Conv2d(Linear):
    def __init__(self, layer, tensorflow_padding):
        params, [height, width, channels] = layer["params"], layer["input"]
        kernel, stride = params["kernelSize"], params["strides"]
        before, after = (0, 0) if params["padding"] == "valid" else spec.same_padding(height, kernel, stride)
        # Padding on both sides where TensorFlow's `same` pads one is the same work without a copy.
        self_padded = before != after and tensorflow_padding
        padding = 0 if self_padded else after
        made = nn.Conv2d(channels, layer["output"][-1], kernel, stride, padding, bias=params["useBias"])
        super().__init__(layer, made)
        self.padded = (before, after, before, after) if self_padded else None

    def forward(self, x, labels, mode):
        made = self.made
        x = F.pad(x, self.padded) if self.padded else x
        return self.activation(F.conv2d(x, self.weight(mode), made.bias, made.stride, made.padding))


class Dense(Linear):
    def __init__(self, layer, units=None):
        units = units or layer["output"][-1]
        super().__init__(layer, nn.Linear(layer["input"][0], units, layer["params"].get("useBias", True)))

    def forward(self, x, labels, mode):
        return self.activation(F.linear(x, self.weight(mode), self.made.bias))


class BatchNormalization(nn.Module):
    def __init__(self, layer):
        super().__init__()
        params, channels = layer["params"], layer["input"][-1]
        self.momentum, self.epsilon = 1 - params["momentum"], params["epsilon"]
        self.conditional = params.get("conditional", False)
        shape = layer["weights"][0]["shape"]
        self.gamma, self.beta = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def weights(self):
        return {"gamma": self.gamma, "beta": self.beta, "movingMean": self.mean, "movingVariance": self.variance}

    def forward(self, x, labels, mode):
        running = (None, None) if mode == "frozen" else (self.mean, self.variance)
        affine = (None, None) if self.conditional else (self.gamma, self.beta)
        y = F.batch_norm(x, *running, *affine, mode != "inference", self.momentum, self.epsilon)
        if not self.conditional:
            return y
        gamma, beta = (torch.mm(labels, weight).view(*y.shape[:2], *[1] * (y.ndim - 2)) for weight in (self.gamma, self.beta))
        return torch.addcmul(beta, y, gamma)


class Projection(Dense):
    def __init__(self, layer):
        super().__init__(layer, 1)
        [shape] = [weight["shape"] for weight in layer["weights"] if weight["name"] == "embedding"]
        self.embedding = nn.Parameter(torch.zeros(shape[::-1]))  # [units, classes]: the last axis of a kernel comes first
        if self.normalized:
            self.register_buffer("embedding_u", torch.zeros(shape[-1]))

    def weights(self):
        found = super().weights() | {"embedding": self.embedding}
        return found | ({"embeddingU": self.embedding_u} if self.normalized else {})

    def forward(self, x, labels, mode):
        embedding = spectral(self.embedding, self.embedding_u, mode) if self.normalized else self.embedding
        return super().forward(x, labels, mode) + (x * F.linear(labels, embedding)).sum(1, keepdim=True)


class Function(nn.Module):
    """A layer without weights."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x, labels, mode):
        return self.function(x)


class ConcatenateLabel(nn.Module):
    def forward(self, x, labels, mode):
        if x.ndim == 2:
            return torch.cat([x, labels], 1)
        return torch.cat([x, labels[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)


def function_of(layer):
    """Layers that are one function of x; other kinds are refused."""
    kind, params, output = layer["kind"], layer["params"], layer["output"]
    size = params.get("poolSize", params.get("size"))
    functions = {
        "reshape": lambda x: x.view(-1, *output).permute(0, 3, 1, 2),
        "flatten": lambda x: x.permute(0, 2, 3, 1).flatten(1),  # a view of channels-last memory
        "leakyReLU": lambda x: F.leaky_relu(x, params["alpha"]),
        "upSampling2d": lambda x: F.interpolate(x, scale_factor=float(size), mode="nearest"),
        "averagePooling2d": lambda x: F.avg_pool2d(x, size, ceil_mode=True),
        "maxPooling2d": lambda x: F.max_pool2d(x, size, ceil_mode=True),
        "globalAveragePooling2d": lambda x: x.mean([2, 3]),
        "globalSumPooling2d": lambda x: x.sum([2, 3]),
        "activation": ACTIVATIONS.get(params.get("activation")),
    }
    return functions.get(kind) or spec.refuse(layer)


class Network(nn.Module):
    """A list of layers, with those inside it. A call gives the output and, by name, the heads."""

    def __init__(self, layers, tensorflow_padding=False):
        super().__init__()
        self.written = layers
        self.kinds = [layer["kind"] for layer in layers]
        self.layers = nn.ModuleList(made(layer, tensorflow_padding) for layer in layers)
        self.branches = nn.ModuleList(
            nn.ModuleList(Network(branch, tensorflow_padding) for branch in layer["branches"].values()) for layer in layers
        )

    def forward(self, x, labels, mode):
        heads = {}
        for kind, layer, branches in zip(self.kinds, self.layers, self.branches):
            if len(branches) > 0:
                outputs = []
                for branch in branches:
                    y, more = branch(x, labels, mode)
                    outputs.append(y)
                    heads |= more
                x = outputs[0] + outputs[1] if kind == "residual" else torch.cat(outputs, 1)
            elif kind == "class-head":
                heads["class"] = layer(x, labels, mode)
            else:
                x = layer(x, labels, mode)
        return x, heads

    def named_weights(self):
        """Parameters and buffers by the keys of this project's weights."""
        for layer, module, branches in zip(self.written, self.layers, self.branches):
            own = module.weights() if layer["weights"] else {}
            for weight in layer["weights"]:
                yield weight["key"], own[weight["name"]]
            for branch in branches:
                yield from branch.named_weights()

    def load(self, weights):
        """Takes weights by key, laid out as Keras has them."""
        kernels = ("kernel", "embedding")
        with torch.no_grad():
            for key, own in self.named_weights():
                value = torch.from_numpy(weights[key])
                if key.split("/")[-1] in kernels:
                    value = value.permute(3, 2, 0, 1) if value.ndim == 4 else value.T
                own.copy_(value)


def made(layer, tensorflow_padding):
    kind = layer["kind"]
    if kind in ("residual", "parallel"):
        return nn.Identity()
    if kind == "concatenate-label":
        return ConcatenateLabel()
    if kind == "conv2d":
        return Conv2d(layer, tensorflow_padding)
    if kind == "class-head":
        return Dense(layer, layer["weights"][0]["shape"][1])
    with_weights = {"dense": Dense, "batchNormalization": BatchNormalization, "projection": Projection}
    return with_weights[kind](layer) if kind in with_weights else Function(function_of(layer))
