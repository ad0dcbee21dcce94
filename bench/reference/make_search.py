"""Makes tests/fixtures/search/: what scipy and Optuna give for Sobol's sequence, normal masses, Parzen estimators, importances and TPE.

Usage: python bench/reference/make_search.py [name ...], with scipy and optuna installed
"""

import functools
import json
import math
import pathlib
import sys
import warnings

import numpy as np
import optuna
import scipy
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats import norm, qmc

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/search"
MADE_WITH = {"optuna": optuna.__version__, "scipy": scipy.__version__}

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def sobol():
    """Points of 64 dimensions as integers of 30 bits, and centred discrepancies of 64 scrambled points."""
    indices = [*range(16), 100, 1000, 4095, 65535, 1048574]
    points = []
    for index in indices:
        sequence = qmc.Sobol(64, scramble=False)
        if index > 0:
            sequence.fast_forward(index)
        points.append([int(unit * 2**30) for unit in sequence.random(1)[0]])
    discrepancies = {
        str(dimensions): sorted(
            qmc.discrepancy(qmc.Sobol(dimensions, scramble=True, rng=seed).random(64), method="CD") for seed in range(40)
        )
        for dimensions in (2, 6)
    }
    return {"indices": indices, "points": points, "discrepancies": discrepancies}


def normal():
    """Masses of the standard normal between two numbers, in both tails without cancellation."""
    ends = [-40, -8, -3, -2.9, -1, -0.1, 0, 1e-3, 0.5, 1.9, 2.1, 2.9, 5, 9, 30]
    masses = []
    for at, low in enumerate(ends):
        for high in ends[at + 1 :]:
            mass = norm.sf(low) - norm.sf(high) if low > 0 else norm.cdf(high) - norm.cdf(low)
            masses.append([low, high, float(mass)])
    return masses


def distribution(dimension):
    """Optuna's distribution for a dimension as the project writes it."""
    if dimension["kind"] == "choice":
        return CategoricalDistribution(dimension["values"])
    low, high, log = dimension["low"], dimension["high"], dimension["log"]
    if dimension["integer"]:
        return IntDistribution(low, high, log=log, step=dimension.get("step", 1))
    return FloatDistribution(low, high, log=log, step=dimension.get("step"))


def number(name, low, high, log=False, integer=False, **more):
    return {"kind": "range", "name": name, "low": low, "high": high, "log": log, "integer": integer, **more}


def choice(name, values, **more):
    return {"kind": "choice", "name": name, "values": values, **more}


PLAIN = [
    number("rate", 1e-5, 1e-1, log=True),
    number("beta", 0.5, 0.999),
    number("depth", 1, 8, integer=True),
    number("width", 16, 1024, log=True, integer=True),
    number("dropout", 0, 0.6, step=0.1),
    choice("size", [16, 32, 64]),
]

TREE = [
    choice("optimizer", ["adam", "sgd", "rmsprop"]),
    number("rate", 1e-5, 1, log=True),
    number("beta", 0.5, 0.999, when={"name": "optimizer", "oneOf": ["adam"]}),
    number("momentum", 0, 0.99, when={"name": "optimizer", "oneOf": ["sgd"]}),
    choice("nesterov", [True, False], when={"name": "optimizer", "oneOf": ["sgd"]}),
    number("depth", 1, 8, integer=True),
    number("width", 16, 1024, log=True, integer=True),
]


def suggest(trial, dimension):
    """Asks a trial for a dimension's value."""
    if dimension["kind"] == "choice":
        return trial.suggest_categorical(dimension["name"], dimension["values"])
    options = {key: dimension[key] for key in ("log", "step") if key in dimension}
    method = trial.suggest_int if dimension["integer"] else trial.suggest_float
    return method(dimension["name"], dimension["low"], dimension["high"], **options)


def point_of(trial, space):
    point = {}
    for dimension in space:
        when = dimension.get("when")
        if when is None or point.get(when["name"]) in when["oneOf"]:
            point[dimension["name"]] = suggest(trial, dimension)
    return point


def branin(point):
    x, y = point["x"], point["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


HARTMANN_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN_P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann(point):
    x = list(point.values())
    exponents = [sum(a * (xi - p) ** 2 for a, xi, p in zip(*row)) for row in zip(HARTMANN_A, [x] * 4, HARTMANN_P)]
    return -sum(weight * math.exp(-exponent) for weight, exponent in zip([1, 1.2, 3, 3.2], exponents))


def tree(point):
    """A training's loss as it depends on an optimizer, its own parameters, and a network's size; 0 for the best real numbers."""
    centre, loss = {"adam": (-3.5, 0), "sgd": (-1.5, 0.1), "rmsprop": (-3, 0.3)}[point["optimizer"]]
    loss += 10 * (point["beta"] - 0.9) ** 2 if "beta" in point else 0
    loss += 4 * (point["momentum"] - 0.9) ** 2 if "momentum" in point else 0
    loss += 0.05 if point.get("nesterov") is False else 0
    loss += (math.log10(point["rate"]) - centre) ** 2
    return loss + 0.05 * (point["depth"] - 5) ** 2 + 0.2 * (math.log2(point["width"]) - 7.5) ** 2


FUNCTIONS = {
    "branin": ([number("x", -5, 10), number("y", 0, 15)], branin),
    "hartmann": ([number(f"x{i}", 0, 1) for i in range(6)], hartmann),
    "tree": (TREE, tree),
}


def study_of(space, function, sampler, count, pending, direction="minimize"):
    """Trials as they run with so many at a time: the oldest ends before the next begins."""
    study = optuna.create_study(sampler=sampler, direction=direction)
    running = []
    for _ in range(count):
        if len(running) == pending:
            study.tell(*running.pop(0))
        trial = study.ask()
        running.append((trial, function(point_of(trial, space))))
    for trial, value in running:
        study.tell(trial, value)
    return study


def tpe():
    """The best of 100 trials, 8 at a time, by multivariate TPE with the constant liar, for 20 seeds."""
    found = {}
    for name, (space, function) in FUNCTIONS.items():
        best = []
        for seed in range(1, 21):
            sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)
            best.append(study_of(space, function, sampler, 100, 8).best_value)
        checks = study_of(space, function, optuna.samplers.RandomSampler(seed=0), 3, 1).trials
        found[name] = {
            "space": space,
            "best": best,
            "checks": [{"point": ordered(trial.params, space), "value": trial.value} for trial in checks],
        }
    return found


def ordered(params, space):
    return {dimension["name"]: params[dimension["name"]] for dimension in space if dimension["name"] in params}


def density():
    """The logarithm of Optuna's multivariate Parzen estimator of 1, 5 and 40 points, at others."""
    drawn = study_of(PLAIN, lambda point: 0, optuna.samplers.RandomSampler(seed=7), 60, 1).trials
    points = [ordered(trial.params, PLAIN) for trial in drawn]
    distributions = {dimension["name"]: distribution(dimension) for dimension in PLAIN}
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)

    def internal(some):
        return {
            name: np.array([distributions[name].to_internal_repr(point[name]) for point in some]) for name in distributions
        }

    def logs(observed):
        # The order of equal numbers decides which of them has a wide kernel: numpy's own depends on the processor.
        unstable, np.argsort = np.argsort, functools.partial(np.argsort, kind="stable")
        estimator = _ParzenEstimator(internal(observed), distributions, parameters)
        np.argsort = unstable
        return [float(value) for value in estimator.log_pdf(internal(points[40:]))]

    return {"space": PLAIN, "points": points, "observed": {str(count): logs(points[:count]) for count in (1, 5, 40)}}


def importance():
    """Importances of finished studies, whole numbers as values to have ties."""
    sampler = lambda seed: optuna.samplers.RandomSampler(seed=seed)
    plain = lambda point: round(
        20 * (math.log10(point["rate"]) + 3) ** 2 + 30 * abs(point["dropout"] - 0.3) + point["depth"] + (point["size"] == 16)
    )
    studies = {
        "plain": (PLAIN, "min", study_of(PLAIN, plain, sampler(1), 90, 1)),
        "best is large": (PLAIN, "max", study_of(PLAIN, lambda point: -plain(point), sampler(2), 37, 1, "maximize")),
        "conditional": (TREE, "min", study_of(TREE, tree, sampler(3), 120, 1)),
        "found by TPE": (TREE, "min", study_of(TREE, tree, optuna.samplers.TPESampler(seed=4), 100, 1)),
        "few": (TREE, "min", study_of(TREE, tree, sampler(5), 7, 1)),
    }
    found = []
    for name, (space, direction, study) in studies.items():
        shares = optuna.importance.get_param_importances(study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
        points = [ordered(trial.params, space) for trial in study.trials]
        values = [trial.value for trial in study.trials]
        found.append({
            "name": name, "space": space, "direction": direction, "points": points, "values": values,
            "shares": {key: float(share) for key, share in shares.items()},
        })  # fmt: skip
    return found


MAKERS = {"sobol": sobol, "normal": normal, "density": density, "importance": importance, "tpe": tpe}


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or MAKERS:
        document = {"madeWith": MADE_WITH, name: MAKERS[name]()}
        (OUTPUT / f"{name}.json").write_text(json.dumps(document) + "\n")
        print(name)


main()
