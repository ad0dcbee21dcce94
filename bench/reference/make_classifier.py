"""Makes tests/fixtures/reference/<model>.json of the ready-made classifier: the losses of three iterations by Keras in float64 on the CPU.

Usage: python bench/reference/make_classifier.py
Half a minute. Needs node: bench/spec.js writes the networks. tests/fixtures/reference/README.md says what is in the files.
"""

import os
import pathlib
import platform
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peers"))

import itertools

import keras
import numpy as np
import tensorflow as tf

import classifier
from keras_classifier_model import Classifier, pipeline
from make_reference import rounded, write_references
from spec import Spec

SEED = 1
BATCH = 8
ITERATIONS = 3
# Small enough that roundings stay small in three iterations.
LEARNING_RATE = 0.001
# Parameters of the stage fit on which an iteration depends, beside the learning rate.
TRAIN = ("optimizer", "momentum", "nesterov", "labelSmoothing")
MODELS = ("resnet",)


def make(model):
    spec = Spec(model)
    made = Classifier(spec.networks["network"], spec.train | {"learningRate": LEARNING_RATE})
    made.load(spec.weights(SEED))
    record = {"seed": SEED, "batch": BATCH, "losses": [0] * ITERATIONS}
    losses = []
    for images, labels in itertools.islice(pipeline(classifier.reference_data(record), spec.classes), ITERATIONS):
        made.model.reset_metrics()
        losses.append(rounded(float(made.model.train_on_batch(images, labels)[0])))
    return {
        "model": model,
        "seed": SEED,
        "batch": BATCH,
        "madeWith": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "train": {name: spec.train[name] for name in TRAIN} | {"learningRate": LEARNING_RATE},
        "tensors": spec.tensors(),
        "losses": losses,
    }


def main():
    keras.config.set_floatx("float64")
    write_references(make, MODELS)


if __name__ == "__main__":
    main()
