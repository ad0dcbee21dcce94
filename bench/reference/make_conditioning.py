"""Makes tests/fixtures/reference/conditioning.json: spectral normalisation, conditional batch normalisation and the heads of
discriminators, by PyTorch in float64.

Usage: python bench/reference/make_conditioning.py
tests/models/conditioning-cases.ts compares every case with the layers.

Each case is a network on the same `x` in several passes: three in training, which hand on their state, and one after it.
A pass has the outputs, the state behind it, and the gradients of sum(y * target) over all outputs.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from torch.nn.utils.parametrizations import spectral_norm

import formula

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/reference/conditioning.json"
CLASSES = 3
LABELS = [0, 1, 2, 1]
TRAINING_PASSES = 3
MOMENTUM, EPSILON = 0.7, 0.001


class Numbers:
    """Numbers between -1 and 1, each tensor from a stream of its own."""

    def __init__(self):
        self.stream = 0

    def __call__(self, *shape):
        self.stream += 1
        values = 2 * formula.uniform(3, self.stream, torch.Size(shape).numel()) - 1
        return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


class Kernel(torch.nn.Module):
    """A kernel [.., outputs] under PyTorch's own spectral normalisation.

    PyTorch keeps a weight as [outputs, inputs] and both singular vectors. With dim=1 it first makes the vector of the inputs of
    that of the outputs, and then the latter anew: the order of Miyato et al. 2018, algorithm 1.
    """

    def __init__(self, kernel, u):
        super().__init__()
        self.shape = kernel.shape
        self.matrix = torch.nn.Parameter(kernel.reshape(-1, kernel.shape[-1]).T.clone())
        spectral_norm(self, "matrix", n_power_iterations=1, eps=1e-12, dim=1)
        self.norm = self.parametrizations.matrix[0]
        self.norm._v.copy_(u)

    @property
    def original(self):
        return self.parametrizations.matrix.original

    def forward(self, training):
        if training:
            return self.matrix.T.reshape(self.shape)
        # After training: one vector is kept here, and the other follows from it.
        rows = self.original.T
        v = F.normalize(rows @ self.norm._v, dim=0, eps=1e-12).detach()
        return (rows / (v @ rows @ self.norm._v)).reshape(self.shape)

    def gradient(self):
        return self.original.grad.T.reshape(self.shape)


def conv(x, kernel, stride=1):
    y = F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), stride=stride, padding=1)
    return y.permute(0, 2, 3, 1)


def upsampled_conv(x, kernel):
    return conv(x.repeat_interleave(2, 1).repeat_interleave(2, 2), kernel)


def conv_transpose(x, kernel):
    y = F.conv_transpose2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), stride=2, padding=1)
    return y.permute(0, 2, 3, 1)


def spectral_case(layers, names, x, kernels, others, run):
    """A layer whose kernels are normalised; `names` has its key, and the name of the vector of each kernel."""
    layer, vectors = names
    weights = {f"{layer}/{name}": value for name, value in {**kernels, **others}.items()}
    vector = {name: formula_unit(kernel.shape[-1]) for name, kernel in kernels.items()}
    normed = {name: Kernel(kernel, vector[name]) for name, kernel in kernels.items()}
    free = {name: value.clone().requires_grad_() for name, value in others.items()}
    weights |= {f"{layer}/{vectors[name]}": vector[name] for name in kernels}
    targets, passes = None, []
    for training in [True] * TRAINING_PASSES + [False]:
        x_in = x.clone().requires_grad_()
        outputs = run(x_in, {**{name: kernel(training) for name, kernel in normed.items()}, **free})
        targets = targets or {name: numbers(*y.shape) for name, y in outputs.items()}
        leaves = [*(kernel.original for kernel in normed.values()), *free.values()]
        for leaf in leaves:
            leaf.grad = None
        sum((y * targets[name]).sum() for name, y in outputs.items()).backward()
        gradients = {f"{layer}/{name}": kernel.gradient() for name, kernel in normed.items()}
        gradients |= {f"{layer}/{name}": value.grad for name, value in free.items()}
        state = {f"{layer}/{vectors[name]}": kernel.norm._v.clone() for name, kernel in normed.items()}
        passes.append(a_pass(training, outputs, state if training else {}, {**gradients, "x": x_in.grad}))
    return case(layers, x, weights, targets, passes)


def formula_unit(size):
    return F.normalize(numbers(size), dim=0)


def normalization_case(layers, x):
    channels = x.shape[-1]
    layer = "batchNormalization"
    gamma, beta = 1 + 0.3 * numbers(CLASSES, channels), 0.3 * numbers(CLASSES, channels)
    mean, variance = 0.2 * numbers(channels), 1 + 0.5 * numbers(channels)
    weights = {"gamma": gamma, "beta": beta, "movingMean": mean, "movingVariance": variance}
    targets, passes = {"y": numbers(*x.shape)}, []
    to_channels = (0, 3, 1, 2) if x.dim() == 4 else (0, 1)
    back = (0, 2, 3, 1) if x.dim() == 4 else (0, 1)
    label_shape = (len(LABELS), *[1] * (x.dim() - 2), channels)
    for training in [True] * TRAINING_PASSES + [False]:
        leaves = [tensor.clone().requires_grad_() for tensor in (x, gamma, beta)]
        x_in, scale, offset = leaves
        statistics = (None, None) if training else (mean, variance)
        normed = F.batch_norm(x_in.permute(to_channels), *statistics, training=training, eps=EPSILON).permute(back)
        y = normed * scale[LABELS].reshape(label_shape) + offset[LABELS].reshape(label_shape)
        (y * targets["y"]).sum().backward()
        if training:
            axes = tuple(range(x.dim() - 1))
            mean = MOMENTUM * mean + (1 - MOMENTUM) * x.mean(axes)
            variance = MOMENTUM * variance + (1 - MOMENTUM) * x.var(axes, unbiased=False)
        state = {f"{layer}/movingMean": mean, f"{layer}/movingVariance": variance} if training else {}
        gradients = {"x": x_in.grad, f"{layer}/gamma": scale.grad, f"{layer}/beta": offset.grad}
        passes.append(a_pass(training, {"y": y}, state, gradients))
    return case(layers, x, {f"{layer}/{name}": value for name, value in weights.items()}, targets, passes)


def numbers_of(tensors):
    rounded = {name: [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()] for name, tensor in tensors.items()}
    return {name: {"shape": list(tensors[name].shape), "values": values} for name, values in rounded.items()}


def a_pass(training, outputs, state, gradients):
    parts = {"outputs": outputs, "state": state, "gradients": gradients}
    return {"training": training, **{name: numbers_of(tensors) for name, tensors in parts.items()}}


def case(layers, x, weights, targets, passes):
    tensors = {"weights": weights, "targets": targets}
    return {
        "layers": layers,
        "x": numbers_of({"x": x})["x"],
        **{name: numbers_of(values) for name, values in tensors.items()},
        "passes": passes,
    }


numbers = Numbers()
normed = {"spectralNormalization": True}
row, image = numbers(4, 5), numbers(4, 4, 4, 2)
kernel_and_u = {"kernel": "u"}


def linear(use, extra, x, shape, run, before=()):
    return spectral_case(
        [*before, {"use": use, **extra, **normed}],
        (use, kernel_and_u),
        x,
        {"kernel": numbers(*shape)},
        {"bias": numbers(shape[-2] if use == "conv2dTranspose" else shape[-1])},
        lambda x, w: {"y": run(x, w["kernel"]) + w["bias"]},
    )


def label_product(x, embedding):
    return (x * embedding[LABELS]).sum(1, keepdim=True)


cases = {
    "dense": linear("dense", {"units": 3}, row, (5, 3), torch.matmul),
    "conv2d": linear("conv2d", {"filters": 3, "kernelSize": 3}, image, (3, 3, 2, 3), conv),
    "conv2d of stride 2": linear(
        "conv2d", {"filters": 3, "kernelSize": 4, "strides": 2}, image, (4, 4, 2, 3), lambda x, w: conv(x, w, 2)
    ),
    "conv2d of an upsampling": linear(
        "conv2d", {"filters": 3, "kernelSize": 3}, image, (3, 3, 2, 3), upsampled_conv, [{"use": "upSampling2d"}]
    ),
    "conv2dTranspose": linear(
        "conv2dTranspose", {"filters": 3, "kernelSize": 4, "strides": 2}, image, (4, 4, 3, 2), conv_transpose
    ),
    "projection": spectral_case(
        [{"use": "projection", **normed}],
        ("projection", {"kernel": "u", "embedding": "embeddingU"}),
        row,
        {"kernel": numbers(5, 1), "embedding": numbers(CLASSES, 5)},
        {"bias": numbers(1)},
        lambda x, w: {"y": x @ w["kernel"] + w["bias"] + label_product(x, w["embedding"])},
    ),
    "class-head": spectral_case(
        [{"use": "class-head", **normed}],
        ("class-head", kernel_and_u),
        row,
        {"kernel": numbers(5, CLASSES)},
        {"bias": numbers(CLASSES)},
        lambda x, w: {"y": x.clone(), "class": x @ w["kernel"] + w["bias"]},
    ),
    "batchNormalization of images": normalization_case(
        [{"use": "batchNormalization", "conditional": True, "momentum": MOMENTUM}], image
    ),
    "batchNormalization of rows": normalization_case(
        [{"use": "batchNormalization", "conditional": True, "momentum": MOMENTUM}], row
    ),
}
made_with = {"torch": torch.__version__.split("+")[0]}
OUTPUT.write_text(json.dumps({"madeWith": made_with, "classes": CLASSES, "labels": LABELS, "cases": cases}) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
