"""Makes tests/fixtures/optimizers.json: updates by the optimizers of Keras and PyTorch, in float64.

Usage: python bench/reference/make_optimizers.py
Some seconds. Every case starts from the same weights and gets the same gradients; a case has a learning rate for each update.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"  # TensorFlow and PyTorch in one process abort
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import torch

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/optimizers.json"
SHAPES = {"net/kernel": [2, 3], "net/bias": [3]}
UPDATES = 6
CONSTANT = [0.05] * UPDATES
CHANGING = [0.05, 0.05, 0.02, 0.02, 0.1, 0.01]

KERAS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
}
KERAS_NAMES = {
    "beta1": "beta_1",
    "beta2": "beta_2",
    "weightDecay": "weight_decay",
    "clipNorm": "global_clipnorm",
}
TORCH = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}
TORCH_NAMES = {"epsilon": "eps", "rho": "alpha", "weightDecay": "weight_decay"}

# Where the two differ, cases are such that they agree, or by the one that pipe follows: Keras accumulates lr · g where PyTorch
# accumulates g, the same at a constant rate; PyTorch adds ε to another term, the same for a tiny one.
CASES = [
    ("keras", "adam", {}, CHANGING),
    ("keras", "adam", {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}, CHANGING),
    ("keras", "adamw", {"weightDecay": 0.1}, CHANGING),
    ("keras", "adamw", {"beta1": 0.5, "weightDecay": 0.02, "epsilon": 1e-3}, CHANGING),
    ("keras", "sgd", {}, CHANGING),
    ("keras", "sgd", {"momentum": 0.9}, CONSTANT),
    ("keras", "sgd", {"momentum": 0.9, "nesterov": True}, CONSTANT),
    ("keras", "rmsprop", {}, CHANGING),
    ("keras", "rmsprop", {"rho": 0.5, "epsilon": 1e-2}, CHANGING),
    ("keras", "rmsprop", {"rho": 0.5, "momentum": 0.9}, CHANGING),
    ("keras", "sgd", {"clipNorm": 0.5}, CHANGING),
    ("keras", "adamw", {"weightDecay": 0.1, "clipNorm": 2.0}, CHANGING),
    ("torch", "adam", {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-12}, CHANGING),
    ("torch", "adamw", {"weightDecay": 0.1, "epsilon": 1e-12}, CHANGING),
    ("torch", "sgd", {"momentum": 0.9}, CHANGING),
    ("torch", "sgd", {"momentum": 0.9, "nesterov": True}, CHANGING),
    ("torch", "rmsprop", {"rho": 0.5, "momentum": 0.9, "epsilon": 1e-12}, CONSTANT),
    ("torch", "rmsprop", {"rho": 0.5, "momentum": 0.9, "clipNorm": 1.0, "epsilon": 1e-12}, CONSTANT),
]


def drawn():
    """Weights, and gradients of every update whose norms lie on both sides of what they are clipped to."""
    random = np.random.default_rng(7)
    draw = lambda scale: {key: np.round(random.normal(0, scale, shape), 3) for key, shape in SHAPES.items()}
    return draw(1), [draw(scale) for scale in (0.1, 1, 3, 0.3, 2, 1)]


def by_keras(kind, settings, rates, weights, gradients):
    variables = {key: keras.Variable(value, dtype="float64") for key, value in weights.items()}
    named = {KERAS_NAMES.get(name, name): value for name, value in settings.items()}
    optimizer = KERAS[kind](learning_rate=rates[0], **named)
    optimizer.build(list(variables.values()))
    for rate, gradient in zip(rates, gradients, strict=True):
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(gradient[key]) for key in variables])
        yield {key: keras.ops.convert_to_numpy(variable).copy() for key, variable in variables.items()}


def by_torch(kind, settings, rates, weights, gradients):
    parameters = {key: torch.nn.Parameter(torch.tensor(value)) for key, value in weights.items()}
    betas = {"betas": (settings.get("beta1", 0.9), settings.get("beta2", 0.999))}
    own = {TORCH_NAMES.get(n, n): v for n, v in settings.items() if n not in ("beta1", "beta2", "clipNorm")}
    optimizer = TORCH[kind](parameters.values(), lr=rates[0], **{**(betas if "adam" in kind else {}), **own})
    for rate, gradient in zip(rates, gradients, strict=True):
        for key, parameter in parameters.items():
            parameter.grad = torch.tensor(gradient[key])
        if "clipNorm" in settings:
            torch.nn.utils.clip_grad_norm_(parameters.values(), settings["clipNorm"])
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        yield {key: parameter.detach().numpy().copy() for key, parameter in parameters.items()}


def flat(tensors):
    return {key: [float(f"{value:.9g}") for value in tensor.ravel()] for key, tensor in tensors.items()}


def main():
    keras.config.set_floatx("float64")
    weights, gradients = drawn()
    cases = []
    for framework, kind, settings, rates in CASES:
        run = by_keras if framework == "keras" else by_torch
        after = [flat(each) for each in run(kind, settings, rates, weights, gradients)]
        cases.append({"by": framework, "optimizer": kind, "settings": settings, "rates": rates, "after": after})
    made = {
        "madeWith": {"keras": keras.__version__, "torch": torch.__version__, "numpy": np.__version__},
        "shapes": SHAPES,
        "weights": flat(weights),
        "gradients": [flat(each) for each in gradients],
    }
    lines = ",\n".join(f"    {json.dumps(case)}" for case in cases)
    head = json.dumps(made, indent=None)[:-1]
    OUTPUT.write_text(f"{head},\n  \"cases\": [\n{lines}\n  ]\n}}\n")
    print(f"{OUTPUT} ({OUTPUT.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
