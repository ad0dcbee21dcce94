"""Makes tests/fixtures/scores/*.json: scores of predictions by scikit-learn.

Usage: python bench/reference/make_scores.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/scores"

# The limits of probabilities in the cross-entropy, which are those of Keras; scikit-learn's follow from the type of its numbers.
LEAST = 1e-7


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def ranked(probabilities):
    """Classes by falling probability; of equal ones the first comes first."""
    return np.argsort(-probabilities, axis=1, kind="stable")


def wrongest(labels, probabilities, count):
    predicted = ranked(probabilities)[:, 0]
    certainty = probabilities[np.arange(len(labels)), predicted]
    mistakes = [index for index in range(len(labels)) if predicted[index] != labels[index]]
    mistakes.sort(key=lambda index: (-certainty[index], index))
    return [
        {"index": index, "label": int(labels[index]), "predicted": int(predicted[index]), "probability": float(certainty[index])}
        for index in mistakes[:count]
    ]


def classification(labels, probabilities, k, count):
    probabilities = probabilities.astype(np.float32)
    exact = probabilities.astype(np.float64)
    classes = np.arange(exact.shape[1])
    order = ranked(exact)
    predicted = order[:, 0]
    each = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    return {
        "labels": labels.tolist(),
        "probabilities": [[float(str(value)) for value in row] for row in probabilities],
        "k": k,
        "loss": metrics.log_loss(labels, np.clip(exact, LEAST, 1 - LEAST), labels=classes),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "topK": float(np.mean([label in row[:k] for label, row in zip(labels, order)])),
        "macroF1": metrics.f1_score(labels, predicted, labels=classes, average="macro", zero_division=0),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=classes).tolist(),
        "precision": each[0].tolist(),
        "recall": each[1].tolist(),
        "f1": each[2].tolist(),
        "support": each[3].tolist(),
        "wrongest": wrongest(labels, exact, count),
    }


def leaning(random, labels, classes, strength):
    """Probabilities that lean to the label."""
    logits = random.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += strength
    return softmax(logits)


def classifications():
    random = np.random.default_rng(3)
    three = random.integers(0, 3, 40)
    # Classes 4 and 9 are no label, and 9 is never predicted either.
    ten = random.choice([0, 1, 2, 3, 5, 6, 7, 8], 120)
    lacking = leaning(random, ten, 10, 1.5)
    lacking[:, 9] = 0
    lacking /= lacking.sum(axis=1, keepdims=True)
    two = random.integers(0, 2, 30)
    # Probabilities of exactly 0 and 1, right and wrong; and ties.
    certain = np.eye(2)[np.where(random.random(30) < 0.8, two, 1 - two)]
    tied = random.integers(0, 4, 60)
    quarters = random.multinomial(4, [0.25] * 4, size=60) / 4
    cases = {
        "three": classification(three, leaning(random, three, 3, 1), 2, 5),
        "ten": classification(ten, lacking, 5, 9),
        "certain": classification(two, certain, 1, 4),
        "tied": classification(tied, quarters, 2, 10),
    }
    # Where nothing is tied, top-k is scikit-learn's own.
    for name in ("three", "ten"):
        case = cases[name]
        theirs = metrics.top_k_accuracy_score(
            case["labels"], case["probabilities"], k=case["k"], labels=range(len(case["confusion"]))
        )
        assert abs(theirs - case["topK"]) < 1e-12, name
    return cases


def regression(truth, predicted):
    truth, predicted = truth.astype(np.float32), predicted.astype(np.float32)
    exact = truth.astype(np.float64), predicted.astype(np.float64)
    numbers = {
        "mse": metrics.mean_squared_error,
        "mae": metrics.mean_absolute_error,
        "r2": metrics.r2_score,
    }
    return {
        "truth": [[float(str(value)) for value in row] for row in truth],
        "predicted": [[float(str(value)) for value in row] for row in predicted],
        "each": {name: score(*exact, multioutput="raw_values").tolist() for name, score in numbers.items()},
        "mean": {name: float(score(*exact, multioutput="uniform_average")) for name, score in numbers.items()},
    }


def regressions():
    random = np.random.default_rng(4)
    truth = random.normal(size=(50, 3)) * [1, 100, 0.01] + [0, -3, 5]
    # A mean that is large beside the spread, as of years.
    years = 2_000_000 + random.integers(0, 12, (40, 1)) / 4
    constant = np.column_stack([np.full(20, 0.1), np.full(20, 0.1)])
    return {
        "three": regression(truth, truth + random.normal(size=truth.shape) * [0.5, 20, 0.02]),
        "years": regression(years, years + random.integers(-3, 4, years.shape) / 4),
        # One target predicted exactly, one not; neither varies.
        "constant": regression(constant, constant + [0, 0.25]),
    }


def class_weights():
    random = np.random.default_rng(5)
    labels = random.choice(4, 200, p=[0.6, 0.25, 0.1, 0.05])
    balanced = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    return {"counts": np.bincount(labels, minlength=4).tolist(), "balanced": balanced.tolist()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    made = {
        "classification": classifications(),
        "regression": regressions(),
        "class-weights": class_weights(),
    }
    OUTPUT.mkdir(exist_ok=True)
    for name, values in made.items():
        document = {"madeWith": f"scikit-learn {sklearn.__version__}", **values}
        (OUTPUT / f"{name}.json").write_text(json.dumps(document) + "\n")
