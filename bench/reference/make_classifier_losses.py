"""Makes tests/fixtures/classifier/losses.json: losses of a classifier and their gradients, as Keras trains with them.

Usage: python bench/reference/make_classifier_losses.py

A dense layer without bias on an identity matrix has the logits for weights, and gradient descent with a learning rate of 1 moves
them by their gradient: so both are those of `train_on_batch`, with `class_weight` and all. For mixed labels the loss is that of mixup
(Zhang et al. 2018): lambda times the loss with the one labels, and 1 - lambda times that with the others.
"""

import json
import os
import pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/classifier/losses.json"
CLASSES = 4
CLASS_WEIGHTS = [0.5, 1, 2.5, 0]


def trained(logits, labels, smoothing, weights):
    """The loss that `train_on_batch` returns, and the gradient by the logits."""
    batch = len(labels)
    layer = keras.layers.Dense(CLASSES, use_bias=False)
    model = keras.Sequential([keras.Input((batch,)), layer])
    layer.set_weights([logits])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss)
    one_hot = np.eye(CLASSES)[labels]
    class_weight = None if weights is None else dict(enumerate(weights))
    value = model.train_on_batch(np.eye(batch), one_hot, class_weight=class_weight)
    return float(value), logits - layer.get_weights()[0]


def case(name, logits, labels, *, smoothing=0.0, weights=None, mixed_with=None, share=1.0):
    loss, gradient = trained(logits, labels, smoothing, weights)
    targets = np.eye(CLASSES)[labels]
    if mixed_with is not None:
        other_loss, other_gradient = trained(logits, mixed_with, smoothing, weights)
        loss = share * loss + (1 - share) * other_loss
        gradient = share * gradient + (1 - share) * other_gradient
        targets = share * targets + (1 - share) * np.eye(CLASSES)[mixed_with]
    return {
        "name": name,
        "logits": logits.tolist(),
        "targets": targets.tolist(),
        "labelSmoothing": smoothing,
        **({} if weights is None else {"classWeights": weights}),
        "loss": loss,
        "gradient": gradient.tolist(),
    }


if __name__ == "__main__":
    keras.config.set_floatx("float64")
    random = np.random.default_rng(6)
    logits = np.round(random.normal(size=(6, CLASSES)) * 2, 3)
    # Certain, right and wrong.
    logits[0] = [40, 0, -40, 1]
    labels = np.array([2, 0, 1, 3, 2, 1])
    mixed = {"mixed_with": np.roll(labels, 1), "share": 0.3}
    cases = [
        case("plain", logits, labels),
        case("smoothed", logits, labels, smoothing=0.1),
        case("weighted", logits, labels, weights=CLASS_WEIGHTS),
        case("smoothed and weighted", logits, labels, smoothing=0.1, weights=CLASS_WEIGHTS),
        case("mixed", logits, labels, **mixed),
        case("mixed, smoothed and weighted", logits, labels, smoothing=0.1, weights=CLASS_WEIGHTS, **mixed),
    ]
    made = {"madeWith": f"Keras {keras.__version__}", "cases": cases}
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(made) + "\n")
