"""Makes tests/fixtures/classifier/fit-steps.json: three iterations of a small network by Keras in float64, with each option of the loss.

Usage: python bench/reference/make_fit_steps.py
Some seconds. The network is dense without bias, batch normalization, relu, dense; the outputs are those after training, of the first batch.
"""

import json
import os
import pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/classifier/fit-steps.json"
FEATURES, HIDDEN, OUTPUTS, BATCH = 3, 5, 4, 6
RATES = [0.1, 0.05, 0.02]
CLASS_WEIGHTS = [0.5, 1.0, 2.5, 1.5]
SHARES = [0.3, 0.8, 0.55]
CASES = [
    {"name": "cross-entropy"},
    {"name": "smoothed and weighted classes", "labelSmoothing": 0.2, "classWeights": CLASS_WEIGHTS},
    {"name": "mixtures", "mixup": True},
    {"name": "mixtures, smoothed and weighted", "mixup": True, "labelSmoothing": 0.1, "classWeights": CLASS_WEIGHTS},
    {"name": "numbers", "regression": True},
    {"name": "SGD with Nesterov momentum and l2", "optimizer": {"kind": "sgd"}, "l2": 0.01},
    {"name": "AdamW", "optimizer": {"kind": "adamw", "weightDecay": 0.05}},
]


def drawn():
    random = np.random.default_rng(5)
    weights = {
        "dense/kernel": random.normal(0, 0.6, (FEATURES, HIDDEN)),
        "batchNormalization/gamma": random.uniform(0.5, 1.5, HIDDEN),
        "batchNormalization/beta": random.normal(0, 0.3, HIDDEN),
        "batchNormalization/movingMean": random.normal(0, 0.3, HIDDEN),
        "batchNormalization/movingVariance": random.uniform(0.5, 1.5, HIDDEN),
        "dense_1/kernel": random.normal(0, 0.6, (HIDDEN, OUTPUTS)),
        "dense_1/bias": random.normal(0, 0.3, OUTPUTS),
    }
    batches = [
        {
            "examples": random.normal(0, 1, (BATCH, FEATURES)),
            "labels": random.integers(0, OUTPUTS, BATCH),
            "targets": random.normal(0, 1, (BATCH, OUTPUTS)),
        }
        for _ in RATES
    ]
    rounded = lambda values: {name: np.round(value, 3) for name, value in values.items()}
    return rounded(weights), [rounded(batch) for batch in batches]


def network(weights):
    layers = [
        keras.layers.Dense(HIDDEN, use_bias=False),
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3),
        keras.layers.ReLU(),
        keras.layers.Dense(OUTPUTS),
    ]
    model = keras.Sequential([keras.Input((FEATURES,)), *layers])
    model.set_weights(list(weights.values()))
    return model


def loss_of(case, model, batch, share):
    """The loss; of mixtures each part's loss in its share, by labels with the weights of their own classes."""
    x = tf.constant(batch["examples"])
    if case.get("mixup"):
        x = share * x + (1 - share) * tf.roll(x, 1, 0)
    y = model(x, training=True)
    if case.get("regression"):
        return keras.losses.MeanSquaredError()(batch["targets"], y)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=case.get("labelSmoothing", 0))
    weights = np.array(case.get("classWeights", [1.0] * OUTPUTS))
    by = lambda labels: loss(np.eye(OUTPUTS)[labels], y, sample_weight=weights[labels])
    labels = batch["labels"]
    return share * by(labels) + (1 - share) * by(np.roll(labels, 1)) if case.get("mixup") else by(labels)


class Sgd:
    """torch.optim.SGD with momentum 0.9 and nesterov, which Keras's equals only at a constant rate."""

    def __init__(self):
        self.buffers = {}

    def apply(self, gradients, variables, rate):
        for index, (gradient, variable) in enumerate(zip(gradients, variables, strict=True)):
            buffer = 0.9 * self.buffers[index] + gradient if index in self.buffers else gradient
            self.buffers[index] = buffer
            variable.assign_sub(rate * (gradient + 0.9 * buffer))


class ByKeras:
    def __init__(self, optimizer, variables):
        optimizer.build(variables)
        self.optimizer = optimizer

    def apply(self, gradients, variables, rate):
        self.optimizer.learning_rate = rate
        self.optimizer.apply(gradients, variables)


def optimizer_of(case, variables):
    settings = case.get("optimizer", {"kind": "adam"})
    if settings["kind"] == "sgd":
        return Sgd()
    if settings["kind"] == "adamw":
        return ByKeras(keras.optimizers.AdamW(weight_decay=settings["weightDecay"]), variables)
    return ByKeras(keras.optimizers.Adam(), variables)


def trained(case, weights, batches):
    model = network(weights)
    variables = model.trainable_variables
    optimizer = optimizer_of(case, variables)
    losses = []
    for batch, share, rate in zip(batches, SHARES, RATES, strict=True):
        with tf.GradientTape() as tape:
            loss = loss_of(case, model, batch, share)
            kernels = [variable for variable in variables if variable.name == "kernel"]
            loss += case.get("l2", 0) * sum(tf.reduce_sum(kernel**2) for kernel in kernels)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        losses.append(float(loss))
        optimizer.apply(gradients, variables, rate)
    examples = tf.constant(batches[0]["examples"])
    outputs = model(examples, training=False)
    if not case.get("regression"):
        outputs = tf.nn.softmax(outputs)
    names = list(weights)
    return {
        **case,
        "losses": losses,
        "weights": {name: value.tolist() for name, value in zip(names, model.get_weights(), strict=True)},
        "outputs": outputs.numpy().tolist(),
    }


if __name__ == "__main__":
    keras.config.set_floatx("float64")
    weights, batches = drawn()
    made = {
        "madeWith": f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
        "rates": RATES,
        "shares": SHARES,
        "weights": {name: value.tolist() for name, value in weights.items()},
        "batches": [{name: value.tolist() for name, value in batch.items()} for batch in batches],
        "cases": [trained(case, weights, batches) for case in CASES],
    }
    OUTPUT.write_text(json.dumps(made) + "\n")
