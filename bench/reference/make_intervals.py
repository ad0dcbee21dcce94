"""Makes tests/fixtures/compare/intervals.json: 95% intervals of means and of differences of means by scipy.

Usage: python bench/reference/make_intervals.py, with numpy and scipy
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import stats

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/compare/intervals.json"

# Seeds, and values such as those of kid, of an accuracy, and of a speed.
PAIRS = {
    "kid of three seeds": ([0.0405, 0.0431, 0.0398], [0.0301, 0.0322, 0.0295]),
    "within the noise": ([0.0405, 0.0431, 0.0298], [0.0401, 0.0322, 0.0395]),
    "two seeds": ([0.81, 0.79], [0.84, 0.85]),
    "speeds": ([335.2, 329.9, 341.7, 338.1, 330.6], [437.0, 290.3, 411.1, 402.9, 399.2]),
    "unequal variances": ([1.0, 1.1, 0.9, 1.05, 0.95, 1.0], [2.0, 5.0, -1.0, 3.5, 0.5, 2.5]),
    "far from zero": ([1e9 + 1, 1e9 + 2, 1e9 + 4], [1e9 + 3, 1e9 + 5, 1e9 + 4]),
    "different numbers": ([0.5, 0.52, 0.47, 0.51, 0.53], [0.61, 0.58]),
    "one constant group": ([0.5, 0.5, 0.5], [0.6, 0.62, 0.61]),
}


def bounds(interval):
    return [float(interval[0]), float(interval[1])]


def of_mean(values):
    if len(set(values)) == 1:
        return [values[0], values[0]]
    return bounds(stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)))


def of_pair(first, second):
    case = {
        "first": first,
        "second": second,
        "means": [of_mean(first), of_mean(second)],
        "welch": bounds(stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)),
    }
    if len(first) == len(second):
        case["paired"] = bounds(stats.ttest_rel(second, first).confidence_interval(0.95))
    return case


FREEDOMS = [1, 1.3, 2, 2.5, 3, 4, 5, 7.25, 10, 19.9, 30, 100, 999.5, 1e5]

OUTPUT.parent.mkdir(parents=True, exist_ok=True)
OUTPUT.write_text(
    json.dumps(
        {
            "madeWith": {"scipy": scipy.__version__, "numpy": np.__version__},
            "quantiles": [[dof, float(stats.t.ppf(0.975, dof))] for dof in FREEDOMS],
            "pairs": {name: of_pair(*pair) for name, pair in PAIRS.items()},
        },
        indent=2,
    )
    + "\n"
)
