"""A model of this project as bench/spec.js writes it: its networks layer by layer, and how its pipeline trains it."""

import json
import pathlib
import subprocess

import formula
import peer

ROLES = {
    "movingMean": "moving_mean",
    "movingVariance": "moving_variance",
    "embedding": "kernel",
    "u": "singular_vector",
    "embeddingU": "singular_vector",
}


# What a step here knows of the parameters of `train` and `fit`; other values are refused. Learning rates are constant in a benchmark.
KNOWN = {
    "optimizer": "adam",
    "gradientPenalty": None,
    "labelSmoothing": 0,
    "clipNorm": None,
    "augment": [],
}
KNOWN_OF_CLASSIFIERS = {
    "optimizer": "sgd",
    "nesterov": True,
    "classWeights": None,
    "mixup": None,
    "clipNorm": None,
    "shuffle": True,
    "balanced": False,
    "augment": ["flip", "translation", "cutout"],
}


class Spec:
    """`networks` by name, each a list of layers `{kind, params, input, output, weights, branches}`, and `train`, the parameters.

    A GAN has a `latent` dimension; a classifier is one `network`.
    """

    def __init__(self, model, fakes=None):
        script = pathlib.Path(__file__).parents[1] / "spec.js"
        arguments = [model] if fakes is None else [model, fakes]
        written = subprocess.run(["node", script, *arguments], check=True, capture_output=True, text=True).stdout
        data = json.loads(written)
        self.latent, self.classes, self.networks = data.get("latent"), data["classes"], data["networks"]
        self.train = {"discriminatorSteps": 1} | data["train"]
        for name, value in (KNOWN if self.latent else KNOWN_OF_CLASSIFIERS).items():
            if self.train.get(name, value) != value:
                peer.not_offered(f"no {name}: {self.train[name]} in this peer")

    def tensors(self):
        """The weight tensors of both networks in their order, as the reference describes them."""
        weights = [weight for layers in self.networks.values() for layer in flattened(layers) for weight in layer["weights"]]
        return [
            {"index": index, "name": weight["key"], "role": ROLES.get(weight["name"], weight["name"]), "shape": weight["shape"]}
            for index, weight in enumerate(weights)
        ]

    def weights(self, seed=1):
        """The reference's initial weights by key."""
        return {t["name"]: formula.tensor(seed, t["index"], t["shape"], t["role"]) for t in self.tensors()}


def flattened(layers):
    """Layers in order, each followed by those in its branches."""
    for layer in layers:
        yield layer
        for branch in layer["branches"].values():
            yield from flattened(branch)


def logits(layers):
    """The layers without a closing sigmoid or softmax, since training works on logits."""
    *others, last = layers
    if last["params"].get("activation") not in ("sigmoid", "softmax"):
        return layers
    return [*others, last | {"params": last["params"] | {"activation": "linear"}}]


def without_cancelled_biases(layers):
    """The layers without the biases straight before a batch normalisation, which cancels them."""
    result = []
    for layer, following in zip(layers, [*layers[1:], {"kind": None}]):
        layer = layer | {"branches": {name: without_cancelled_biases(branch) for name, branch in layer["branches"].items()}}
        if layer["params"].get("useBias") and following["kind"] == "batchNormalization":
            weights = [weight for weight in layer["weights"] if weight["name"] != "bias"]
            layer |= {"params": layer["params"] | {"useBias": False}, "weights": weights}
        result.append(layer)
    return result


def refuse(layer):
    peer.not_offered(f"no {layer['kind']} in the networks of this peer")


def same_padding(size, kernel, stride):
    """Rows that TensorFlow's `same` adds before and after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
