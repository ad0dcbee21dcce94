"""Makes tests/fixtures/scores/measures.json: measures of generated pictures by independent implementations.

Usage: python bench/reference/make_measures.py, with numpy, scipy, scikit-learn, prdc and pytorch-fid (and torch, which the latter imports)
"""

import json
import pathlib
import sys
from unittest import mock

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import polynomial_kernel

from formula import uniform

# The distance itself takes no picture.
sys.modules.setdefault("torchvision", mock.MagicMock())
sys.modules.setdefault("torchvision.transforms", mock.MagicMock())
sys.modules.setdefault("pytorch_fid.inception", mock.MagicMock())

from prdc import compute_prdc  # noqa: E402
from pytorch_fid.fid_score import calculate_frechet_distance  # noqa: E402

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/scores/measures.json"

FEATURE_STREAM, PROBABILITY_STREAM = 5000, 6000
WIDTH, CLASSES, K = 32, 10, 5

# Seed, number of pictures, factor and shift of the features; `decay` halves them from one pair of features to the next, `parts` repeats
# the first of so many pictures, `constant` repeats one picture.
SETS = {
    "reference": {"seed": 1, "count": 300, "scale": 1, "shift": 0},
    "other": {"seed": 2, "count": 260, "scale": 1, "shift": 0},
    "better": {"seed": 3, "count": 200, "scale": 0.875, "shift": 0.125},
    "worse": {"seed": 4, "count": 200, "scale": 0.5, "shift": 0.5},
    "few": {"seed": 5, "count": 20, "scale": 1, "shift": 0.25},
    "decaying": {"seed": 6, "count": 300, "scale": 1, "shift": 0, "decay": True},
    "decayed": {"seed": 7, "count": 200, "scale": 0.75, "shift": 0.0625, "decay": True},
    "repeated": {"seed": 8, "count": 200, "scale": 1, "shift": 0, "parts": 12},
    "constant": {"seed": 9, "count": 50, "scale": 1, "shift": 0.25, "parts": 1},
}

PAIRS = [
    ("reference", "other"),
    ("reference", "better"),
    ("reference", "worse"),
    ("reference", "few"),
    ("few", "reference"),
    ("decaying", "decayed"),
    ("reference", "repeated"),
    ("reference", "constant"),
    ("constant", "reference"),
]


def features(seed, count, scale, shift, decay=False, parts=None):
    signed = np.sqrt(3) * (2 * uniform(seed, FEATURE_STREAM, count * WIDTH).reshape(count, WIDTH) - 1)
    column = np.arange(WIDTH)
    spread = scale * 2.0 ** -(column // 2) if decay else scale * np.ones(WIDTH)
    mixed = spread * (signed + 0.5 * np.roll(signed, -1, axis=1)) + shift * (column % 3)
    rows = mixed.astype(np.float32)
    return rows if parts is None else rows[np.arange(count) % parts]


def frechet(x, y):
    """By singular values of the product of factors of the covariances: no square root of what is only rounding."""
    factors = [np.linalg.qr((z - z.mean(0)) / np.sqrt(len(z) - 1), mode="r") for z in (x, y)]
    common = np.linalg.svd(factors[0] @ factors[1].T, compute_uv=False).sum()
    spread = sum((factor**2).sum() for factor in factors)
    return float(((x.mean(0) - y.mean(0)) ** 2).sum() + spread - 2 * common)


def pytorch_fid(x, y):
    moments = [moment for z in (x, y) for moment in (z.mean(0), np.cov(z, rowvar=False))]
    return float(calculate_frechet_distance(*moments))


def squared_mmd(x, y):
    def kernel(a, b):
        return polynomial_kernel(a, b, degree=3, gamma=None, coef0=1)

    def among(z):
        gram = kernel(z, z)
        return (gram.sum() - np.trace(gram)) / (len(z) * (len(z) - 1))

    return float(among(x) + among(y) - 2 * kernel(x, y).mean())


def copies(generated, training):
    distances = cdist(generated, training)
    own = cdist(training, training)
    np.fill_diagonal(own, np.inf)
    nearest = distances.argmin(axis=1)
    suspects = np.flatnonzero(distances.min(axis=1) <= own.min(axis=1)[nearest])
    return {
        "indices": nearest.tolist(),
        "distances": distances.min(axis=1).tolist(),
        "suspects": suspects.tolist(),
    }


def pair(reference, generated):
    x, y = (features(**SETS[name]).astype(np.float64) for name in (reference, generated))
    result = {"reference": reference, "generated": generated, "fid": frechet(x, y), "mmd": squared_mmd(x, y)}
    is_singular = any("parts" in SETS[name] or SETS[name]["count"] <= WIDTH for name in (reference, generated))
    if not is_singular:
        result["pytorchFid"] = pytorch_fid(x, y)
    if not any("parts" in SETS[name] for name in (reference, generated)):
        result["prdc"] = {name: float(value) for name, value in compute_prdc(x, y, nearest_k=K).items()}
        result["copies"] = copies(y, x)
    return result


def probabilities(seed, count, exponent):
    raw = uniform(seed, PROBABILITY_STREAM, count * CLASSES).reshape(count, CLASSES) ** exponent
    return (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)


def classes():
    count, seed, exponent = 400, 11, 4
    p = probabilities(seed, count, exponent).astype(np.float64)
    labels = np.floor(CLASSES * uniform(seed, PROBABILITY_STREAM + 1, count)).astype(int)
    predicted = p.argmax(axis=1)
    right = int((predicted == labels).sum())
    interval = stats.binomtest(right, count).proportion_ci(method="wilson")
    histogram = np.bincount(predicted, minlength=CLASSES)
    expected = np.array([60, 20, 40, 0, 40, 50, 30, 80, 40, 40])
    return {
        "seed": seed,
        "count": count,
        "exponent": exponent,
        "inceptionScore": float(np.exp(stats.entropy(p, p.mean(0, keepdims=True), axis=1).mean())),
        "labels": labels.tolist(),
        "accuracy": {"value": right / count, "interval": [interval.low, interval.high]},
        "histogram": histogram.tolist(),
        "expected": expected.tolist(),
        "divergence": float(stats.entropy(histogram, expected + 0.5)),
        "divergenceFromEqual": float(stats.entropy(histogram, np.ones(CLASSES))),
    }


def main():
    result = {
        "width": WIDTH,
        "k": K,
        "sets": SETS,
        "pairs": [pair(*names) for names in PAIRS],
        "classes": classes(),
    }
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
