"""Makes tests/fixtures/gan-training/penalties.json: gradient penalties of small discriminators by PyTorch, in float64.

Usage: python bench/reference/make_gradient_penalties.py

Each discriminator is written as in a pipeline, with its weights by key. Images are [B, H, W, C]; kernels are Keras's, [kh, kw, in, out].
Gradients are those of the penalty and the mean logit, by the weights.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/gan-training/penalties.json"
BATCH, SIZE = 3, 8
EPSILON = 0.001

NETWORKS = {
    "convolutions": [
        {"use": "conv2d", "filters": 4, "kernelSize": 3, "strides": 2},
        {"use": "leakyReLU", "alpha": 0.2},
        {"use": "conv2d", "filters": 5, "kernelSize": 3, "activation": "relu"},
        {"use": "averagePooling2d"},
        {"use": "flatten"},
        {"use": "dense", "units": 1},
    ],
    "smooth activations": [
        {"use": "conv2d", "filters": 4, "kernelSize": 4, "strides": 2, "activation": "tanh"},
        {"use": "conv2d", "filters": 4, "kernelSize": 3, "activation": "softplus"},
        {"use": "maxPooling2d"},
        {"use": "conv2d", "filters": 3, "kernelSize": 1, "activation": "elu"},
        {"use": "globalAveragePooling2d"},
        {"use": "dense", "units": 4, "activation": "sigmoid"},
        {"use": "dense", "units": 1},
    ],
    "batch normalisation": [
        {"use": "conv2d", "filters": 4, "kernelSize": 3, "strides": 2},
        {"use": "batchNormalization"},
        {"use": "leakyReLU", "alpha": 0.2},
        {"use": "upSampling2d"},
        {"use": "conv2d", "filters": 3, "kernelSize": 3},
        {"use": "leakyReLU", "alpha": 0.2},
        {"use": "flatten"},
        {"use": "dense", "units": 6},
        {"use": "batchNormalization"},
        {"use": "activation", "activation": "tanh"},
        {"use": "dense", "units": 1},
    ],
}

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "elu": F.elu,
    "sigmoid": torch.sigmoid,
}


class Network:
    """Layers in order; weights are drawn where they are first needed."""

    def __init__(self, layers, generator):
        self.layers, self.generator, self.weights = layers, generator, {}

    def weight(self, layer, name, shape, spread, middle=0.0):
        key = f"discriminator/{layer}/{name}"
        if key not in self.weights:
            drawn = torch.rand(shape, generator=self.generator, dtype=torch.float64) * 2 - 1
            # What float32 holds, so that both sides have the same weights.
            self.weights[key] = (middle + spread * drawn).float().double().requires_grad_()
        return self.weights[key]

    def __call__(self, x):
        counts = {}
        for spec in self.layers:
            use = spec["use"]
            count = counts[use] = counts.get(use, -1) + 1
            x = getattr(self, use)(x, spec, use if count == 0 else f"{use}_{count}")
        return x

    def linear(self, y, spec, name):
        bias = self.weight(name, "bias", (y.shape[-1],), 0.2)
        return ACTIVATIONS[spec.get("activation", "linear")](y + bias)

    def conv2d(self, x, spec, name):
        size, stride = spec["kernelSize"], spec.get("strides", 1)
        kernel = self.weight(name, "kernel", (size, size, x.shape[-1], spec["filters"]), 0.6)
        missing = (-(-x.shape[1] // stride) - 1) * stride + size - x.shape[1]
        before, after = missing // 2, missing - missing // 2
        images = F.pad(x.permute(0, 3, 1, 2), (before, after, before, after))
        y = F.conv2d(images, kernel.permute(3, 2, 0, 1), stride=stride)
        return self.linear(y.permute(0, 2, 3, 1), spec, name)

    def dense(self, x, spec, name):
        kernel = self.weight(name, "kernel", (x.shape[-1], spec["units"]), 0.6)
        return self.linear(x @ kernel, spec, name)

    def batchNormalization(self, x, _spec, name):
        axes = tuple(range(x.dim() - 1))
        gamma = self.weight(name, "gamma", (x.shape[-1],), 0.3, 1)
        beta = self.weight(name, "beta", (x.shape[-1],), 0.2)
        mean, variance = x.mean(axes, keepdim=True), x.var(axes, unbiased=False, keepdim=True)
        return (x - mean) / torch.sqrt(variance + EPSILON) * gamma + beta

    def leakyReLU(self, x, spec, _name):
        return F.leaky_relu(x, spec["alpha"])

    def activation(self, x, spec, _name):
        return ACTIVATIONS[spec["activation"]](x)

    def averagePooling2d(self, x, _spec, _name):
        return F.avg_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)

    def maxPooling2d(self, x, _spec, _name):
        return F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)

    def globalAveragePooling2d(self, x, _spec, _name):
        return x.mean((1, 2))

    def upSampling2d(self, x, _spec, _name):
        return x.repeat_interleave(2, 1).repeat_interleave(2, 2)

    def flatten(self, x, _spec, _name):
        return x.reshape(x.shape[0], -1)


def penalties(gradient):
    squared = gradient.square().sum((1, 2, 3))
    return {"r1": 0.5 * squared.mean(), "wgan-gp": (squared.sqrt() - 1).square().mean()}


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def measured(layers, images, generator):
    network = Network(layers, generator)
    x = images.clone().requires_grad_()
    logits = network(x)
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    result = {"layers": layers, "logits": rounded(logits), "gradient": rounded(gradient), "penalties": {}}
    for name, penalty in penalties(gradient).items():
        loss = penalty + logits.mean()
        grads = torch.autograd.grad(loss, list(network.weights.values()), retain_graph=True)
        result["penalties"][name] = {
            "value": float(f"{penalty.item():.9g}"),
            "gradients": {key: rounded(grad) for key, grad in zip(network.weights, grads)},
        }
    result["weights"] = {key: rounded(weight) for key, weight in network.weights.items()}
    return result


if __name__ == "__main__":
    source = torch.Generator().manual_seed(1)
    images = (torch.rand((BATCH, SIZE, SIZE, 3), generator=source, dtype=torch.float64) * 2 - 1).float().double()
    networks = {name: measured(layers, images, source) for name, layers in NETWORKS.items()}
    made = {"madeWith": f"PyTorch {torch.__version__.split('+')[0]}", "images": rounded(images), "networks": networks}
    OUTPUT.write_text(json.dumps(made) + "\n")
