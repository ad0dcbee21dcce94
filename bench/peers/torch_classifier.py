"""A classifier in PyTorch: eager, or the forward and backward passes through `torch.compile`; channels-last, fused SGD."""

import peer

parser = peer.options()
parser.add_argument("--compile", action="store_true", help="use torch.compile")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import torch
import torch.nn.functional as F

import classifier
from spec import flattened, logits, without_cancelled_biases
from torch_layers import Network


def changed(images):
    """Mirrors every second image [B, 32, 32, 3] and moves each by up to SHIFT pixels, all in one indexing."""
    count, size, shift = len(images), images.shape[1], classifier.SHIFT
    down, right = torch.randint(0, 2 * shift + 1, [2, count, 1])
    pixels = torch.arange(size)
    columns = torch.where(torch.rand(count, 1) < 0.5, size - 1 - pixels, pixels) + right
    padded = F.pad(images, [0, 0, shift, shift, shift, shift])
    return padded[torch.arange(count)[:, None, None], (pixels + down)[:, :, None], columns[:, None, :]]


def cut_out(numbers):
    """Sets a square of CUT pixels around some pixel of each image [B, 32, 32, 3] to zero, the mean colour, in place."""
    count, size, cut = len(numbers), numbers.shape[1], classifier.CUT
    first = torch.randint(-(cut // 2), size + 1 - cut // 2, [2, count, 1])
    down, across = (torch.arange(size) >= first) & (torch.arange(size) < first + cut)
    return numbers.masked_fill_((down[:, :, None] & across[:, None, :])[..., None], 0)


def batches(data, count):
    """Numbers [B, 3, 32, 32] and labels [B], made where they are used: workers only take the cores from training here."""
    images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels).long()
    mean, std = torch.from_numpy(classifier.MEAN), torch.from_numpy(classifier.STD)
    order = torch.randperm(len(labels)) if data.is_changed else torch.arange(len(labels))
    for number in range(count):
        indices = order[torch.arange(number * data.batch, (number + 1) * data.batch) % len(order)]
        chosen = changed(images[indices]) if data.is_changed else images[indices]
        numbers = (chosen.float() - mean) / std
        numbers = cut_out(numbers) if data.is_changed else numbers
        yield numbers.permute(0, 3, 1, 2), labels[indices]  # NHWC memory is channels-last


class Peer:
    versions = {"torch": torch.__version__}
    tolerance = 5e-5

    def __init__(self, asked, spec):
        torch.set_num_threads(asked.threads)
        layers = without_cancelled_biases(logits(spec.networks["network"]))
        self.asked, self.train_params = asked, spec.train
        self.network = Network(layers, asked.check).to(memory_format=torch.channels_last)
        self.load = self.network.load
        self.decayed = self.decayed_kernels(layers)
        # The gradient of l2 · Σ w² is that of a weight decay of 2 · l2.
        groups = [{"params": weights, "weight_decay": 2 * l2} for l2, weights in self.decayed.items()]
        train = spec.train
        self.optimizer = torch.optim.SGD(
            groups, lr=train["learningRate"], momentum=train["momentum"], nesterov=train["nesterov"], fused=True
        )
        self.loss = torch.compile(self._loss) if asked.compile else self._loss

    def decayed_kernels(self, layers):
        """All weights by their l2, which is 0 for most."""
        l2 = {weight["key"]: weight.get("l2", 0) for layer in flattened(layers) for weight in layer["weights"]}
        groups = {}
        for key, parameter in self.network.named_weights():
            if isinstance(parameter, torch.nn.Parameter):
                groups.setdefault(l2[key], []).append(parameter)
        return groups

    def _loss(self, images, labels):
        y, _ = self.network(images, None, "training")
        loss = F.cross_entropy(y, labels, label_smoothing=self.train_params["labelSmoothing"])
        return loss, (y.argmax(1) == labels).float().mean()

    def decay(self):
        with torch.no_grad():
            return sum(l2 * sum(w.square().sum().item() for w in weights) for l2, weights in self.decayed.items())

    def train(self, data, count, done):
        for images, labels in batches(data, count):
            # The optimizer decays weights by itself: no iteration needs that loss.
            decay = self.decay() if self.asked.check else 0
            self.optimizer.zero_grad(set_to_none=True)
            loss, accuracy = self.loss(images, labels)
            loss.backward()
            self.optimizer.step()
            accuracy.item()
            done(loss.item() + decay)


spec = classifier.spec_of(asked)
classifier.run("torch.compile" if asked.compile else "torch eager", asked, spec, Peer(asked, spec))
