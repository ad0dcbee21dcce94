"""Makes tests/fixtures/classifier/mixup.json: quantiles of the beta distribution by SciPy, and a batch mixed by NumPy.

Usage: python bench/reference/make_mixup.py

The batch is mixed as torchvision's MixUp does: with itself, rolled by one.
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import stats

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/classifier/mixup.json"
SHARES = [0.1, 0.25, 0.4, 0.5, 0.75, 0.9]


def distribution(alpha):
    beta = stats.beta(alpha, alpha)
    return {
        "alpha": alpha,
        "variance": float(beta.var()),
        "quantiles": [{"share": share, "value": float(beta.ppf(share))} for share in SHARES],
    }


def batch(random):
    x = random.normal(size=(5, 2, 3, 1)).astype(np.float32).astype(np.float64)
    targets = np.eye(3)[[0, 2, 1, 1, 0]]
    share = 0.3
    mixed = [share * each + (1 - share) * np.roll(each, 1, axis=0) for each in (x, targets)]
    return {"x": x.tolist(), "targets": targets.tolist(), "lambda": share, "mixed": {"x": mixed[0].tolist(), "targets": mixed[1].tolist()}}


if __name__ == "__main__":
    made = {
        "madeWith": f"SciPy {scipy.__version__}, NumPy {np.__version__}",
        "distributions": [distribution(alpha) for alpha in (0.05, 0.2, 0.4, 1, 5)],
        "batch": batch(np.random.default_rng(8)),
    }
    OUTPUT.write_text(json.dumps(made) + "\n")
