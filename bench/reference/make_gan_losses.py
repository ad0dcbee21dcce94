"""Makes tests/fixtures/gan-training/losses.json: losses of a GAN and their gradients by PyTorch, in float64.

Usage: python bench/reference/make_gan_losses.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/gan-training/losses.json"

LOGITS = torch.tensor([1.25, -0.5, 0.0, 3.0, -2.5, 0.75], dtype=torch.float64)
ones, zeros = torch.ones_like(LOGITS), torch.zeros_like(LOGITS)


def bce(target):
    return lambda logits: F.binary_cross_entropy_with_logits(logits, target)


LOSSES = {
    "bce": {"real": bce(ones), "fake": bce(zeros), "generator": bce(ones)},
    "bce, labels smoothed by 0.1": {"real": bce(0.9 * ones), "fake": bce(zeros), "generator": bce(ones)},
    "hinge": {
        "real": lambda logits: F.relu(1 - logits).mean(),
        "fake": lambda logits: F.relu(1 + logits).mean(),
        "generator": lambda logits: -logits.mean(),
    },
    "lsgan": {
        "real": lambda logits: 0.5 * F.mse_loss(logits, ones),
        "fake": lambda logits: 0.5 * F.mse_loss(logits, zeros),
        "generator": lambda logits: 0.5 * F.mse_loss(logits, ones),
    },
    "wgan-gp": {
        "real": lambda logits: -logits.mean(),
        "fake": lambda logits: logits.mean(),
        "generator": lambda logits: -logits.mean(),
    },
}


def measured(loss):
    logits = LOGITS.clone().requires_grad_()
    value = loss(logits)
    (gradient,) = torch.autograd.grad(value, logits)
    return {"value": value.item(), "gradient": gradient.tolist()}


if __name__ == "__main__":
    losses = {name: {part: measured(loss) for part, loss in parts.items()} for name, parts in LOSSES.items()}
    made = {"madeWith": f"PyTorch {torch.__version__.split('+')[0]}", "logits": LOGITS.tolist(), "losses": losses}
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(made, indent=1) + "\n")
