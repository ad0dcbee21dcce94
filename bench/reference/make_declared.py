"""Makes tests/fixtures/reference/<model>.json of models that their YAML declares: three iterations by Keras in float64 on the CPU.

Usage: python bench/reference/make_declared.py [acgan] [sngan] [cgan-projection] [resnet-gan]
About a minute each. Needs node: bench/spec.js writes the networks. tests/fixtures/reference/README.md says what is in the files.
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

import keras
import numpy as np
import tensorflow as tf

import formula
from keras_step import Gan
from make_reference import rounded, write_references
from spec import Spec

SEED = 1
BATCH = 8
ITERATIONS = 3
# Parameters of the stage train on which an iteration depends.
TRAIN = (
    "loss",
    "labelSmoothing",
    "discriminatorSteps",
    "discriminatorUpdate",
    "classWeight",
    "fakes",
    "optimizer",
    "beta1",
    "beta2",
    "epsilon",
    "learningRate",
    "discriminatorLearningRate",
)
MODELS = ("acgan", "sngan", "cgan-projection", "resnet-gan")


def make(model):
    spec = Spec(model)
    gan = Gan(spec)
    gan.load(spec.weights(SEED))
    images = BATCH * spec.train["discriminatorSteps"]
    metrics = []
    for number in range(1, ITERATIONS + 1):
        values = gan.iteration(*formula.batch(SEED, number, images, spec.latent))
        metrics.append({"iteration": number} | {name: rounded(float(value)) for name, value in values.items()})
    return {
        "model": model,
        "seed": SEED,
        "batch": images,
        "madeWith": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "latent": spec.latent,
        "train": {name: spec.train[name] for name in TRAIN if name in spec.train},
        "tensors": spec.tensors(),
        "fakes": {spec.train["fakes"]: {"metrics": metrics}},
    }


def main():
    keras.config.set_floatx("float64")
    write_references(make, MODELS)


if __name__ == "__main__":
    main()
