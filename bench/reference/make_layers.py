"""Makes tests/fixtures/reference/layers.json: layers, activations and weight decay, by Keras in float64.

Usage: python bench/reference/make_layers.py
tests/models/layers-cases.ts compares every case with the layers.

Each case is one layer on `x`, with the labels 0, 1, 2, 1: its output, and the gradients of sum(y * target) with respect to x and
its weights; in `decayed`, of that sum and Keras's own regularisation loss.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import formula

keras.config.set_floatx("float64")

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/reference/layers.json"
CLASSES = 3
LABELS = [0, 1, 2, 1]
ROW, IMAGE, WIDE = (5,), (4, 2, 3), (2, 3, 6)


class Numbers:
    """Numbers between -1 and 1, each tensor from a stream of its own, rounded to float32."""

    def __init__(self):
        self.stream = 0

    def __call__(self, *shape):
        self.stream += 1
        values = 2 * formula.uniform(4, self.stream, int(np.prod(shape))) - 1
        return values.astype(np.float32).astype(np.float64).reshape(shape)


numbers = Numbers()


def recorded(array):
    return {"shape": list(array.shape), "values": [float(f"{value:.6g}") for value in np.ravel(array)]}


def case(spec, shape, run, weights=(), scale=1):
    """`run(x, weights)` gives y and perhaps a regularisation loss; `weights` has the shapes by name."""
    x = scale * numbers(len(LABELS), *shape)
    values = {name: numbers(*shape_of) for name, shape_of in dict(weights).items()}
    variables = {name: tf.Variable(value) for name, value in values.items()}
    inputs = tf.Variable(x)
    with tf.GradientTape() as tape:
        y, decay = run(inputs, variables)
        target = numbers(*y.shape)
        loss = tf.reduce_sum(y * target) + decay
    # A dictionary's own order is that of the sorted names.
    names = [*variables]
    found = tape.gradient(loss, [inputs, *(variables[name] for name in names)])
    key = spec["use"]
    gradients = {"x": found[0], **{f"{key}/{name}": g for name, g in zip(names, found[1:], strict=True)}}
    # None where y does not depend on x.
    gradients = {name: g for name, g in gradients.items() if g is not None}
    return {
        "layers": [spec],
        "x": recorded(x),
        "weights": {f"{key}/{name}": recorded(value) for name, value in values.items()},
        "targets": {"y": recorded(target)},
        "passes": [
            {
                "training": False,
                "outputs": {"y": recorded(y.numpy())},
                "state": {},
                "gradients": {name: recorded(tf.convert_to_tensor(g).numpy()) for name, g in gradients.items()},
            }
        ],
    }


def keras_layer(spec, shape, layer, scale=1, regularizer=None):
    """A case of a Keras layer, whose weights have the names `names` here, in Keras's order."""
    layer.build((None, *shape))
    names = {"depthwise_kernel": "kernel", "embeddings": "kernel"}
    shapes = {names.get(weight.name, weight.name): tuple(weight.shape) for weight in layer.weights}

    def run(x, variables):
        keras_variables = dict(zip(shapes, layer.weights, strict=True))
        mapping = [(keras_variables[name], value) for name, value in variables.items()]
        with keras.StatelessScope(state_mapping=mapping):
            y = layer(x, training=False)
        return y, regularizer(variables["kernel"]) if regularizer else 0

    return case(spec, shape, run, shapes, scale)


def plain(spec, shape, function):
    return case(spec, shape, lambda x, _: (function(x), 0))


def embedding(spec, shape, merge):
    table = {"kernel": (CLASSES, spec["outputDim"])}
    embed = layers.Embedding(CLASSES, spec["outputDim"])
    embed.build()

    def run(x, variables):
        with keras.StatelessScope(state_mapping=[(embed.embeddings, variables["kernel"])]):
            vector = embed(np.array(LABELS))
        return merge(x, vector), 0

    return case(spec, shape, run, table)


def maps(x, vector):
    height, width = x.shape[1:3]
    return keras.ops.tile(vector[:, None, None, :], (1, height, width, 1))


def activation(name):
    spec = {"use": "activation", "activation": name}
    return keras_layer(spec, ROW, layers.Activation(name), scale=4)


conv = {"kernelSize": 3, "strides": 2}
padding = [[1, 0], [2, 3]]
L2 = keras.regularizers.L2(0.3)
cases = {
    **{name: activation(name) for name in ("relu", "tanh", "sigmoid", "elu", "softplus", "selu", "gelu", "silu")},
    "dense with an activation": keras_layer(
        {"use": "dense", "units": 4, "activation": "silu"}, ROW, layers.Dense(4, activation="silu")
    ),
    "depthwiseConv2d": keras_layer(
        {"use": "depthwiseConv2d", **conv, "depthMultiplier": 2, "activation": "gelu"},
        IMAGE,
        layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, activation="gelu"),
    ),
    "depthwiseConv2d without padding": keras_layer(
        {"use": "depthwiseConv2d", "kernelSize": 2, "padding": "valid", "useBias": False},
        IMAGE,
        layers.DepthwiseConv2D(2, use_bias=False),
    ),
    "layerNormalization of rows": keras_layer({"use": "layerNormalization"}, ROW, layers.LayerNormalization()),
    "layerNormalization of pixels": keras_layer(
        {"use": "layerNormalization", "epsilon": 0.01}, IMAGE, layers.LayerNormalization(epsilon=0.01)
    ),
    "layerNormalization of images": keras_layer(
        {"use": "layerNormalization", "axis": [1, 2, 3]}, IMAGE, layers.LayerNormalization(axis=[1, 2, 3])
    ),
    "groupNormalization": keras_layer({"use": "groupNormalization", "groups": 3}, WIDE, layers.GroupNormalization(3)),
    "groupNormalization of single channels": keras_layer(
        {"use": "groupNormalization", "groups": -1, "epsilon": 0.1}, WIDE, layers.GroupNormalization(-1, epsilon=0.1)
    ),
    "prelu": keras_layer({"use": "prelu"}, IMAGE, layers.PReLU()),
    "prelu of channels": keras_layer({"use": "prelu", "sharedAxes": [1, 2]}, IMAGE, layers.PReLU(shared_axes=[1, 2])),
    "zeroPadding2d": keras_layer({"use": "zeroPadding2d"}, IMAGE, layers.ZeroPadding2D()),
    "zeroPadding2d of each side": keras_layer(
        {"use": "zeroPadding2d", "padding": padding}, IMAGE, layers.ZeroPadding2D(padding)
    ),
    "averagePooling2d": keras_layer(
        {"use": "averagePooling2d"}, IMAGE, layers.AveragePooling2D(2, padding="same")
    ),
    "averagePooling2d of incomplete windows": keras_layer(
        {"use": "averagePooling2d", "poolSize": 3}, IMAGE, layers.AveragePooling2D(3, padding="same")
    ),
    "maxPooling2d": keras_layer({"use": "maxPooling2d"}, IMAGE, layers.MaxPooling2D(padding="same")),
    "globalAveragePooling2d": keras_layer(
        {"use": "globalAveragePooling2d"}, IMAGE, layers.GlobalAveragePooling2D()
    ),
    "globalSumPooling2d": plain({"use": "globalSumPooling2d"}, IMAGE, lambda x: keras.ops.sum(x, (1, 2))),
    "embedding behind rows": embedding(
        {"use": "embedding", "outputDim": 4}, ROW, lambda x, e: keras.ops.concatenate([x, e], -1)
    ),
    "embedding behind images": embedding(
        {"use": "embedding", "outputDim": 2}, IMAGE, lambda x, e: keras.ops.concatenate([x, maps(x, e)], -1)
    ),
    "embedding times rows": embedding(
        {"use": "embedding", "outputDim": 5, "merge": "multiply"}, ROW, lambda x, e: x * e
    ),
    "embedding times images": embedding(
        {"use": "embedding", "outputDim": 3, "merge": "multiply"}, IMAGE, lambda x, e: x * maps(x, e)
    ),
    "embedding added to images": embedding(
        {"use": "embedding", "outputDim": 3, "merge": "add"}, IMAGE, lambda x, e: x + maps(x, e)
    ),
    "embedding alone": embedding(
        {"use": "embedding", "outputDim": 4, "merge": "replace"}, IMAGE, lambda x, e: e
    ),
}
decayed_cases = {
    "dense": keras_layer(
        {"use": "dense", "units": 4, "l2": 0.3}, ROW, layers.Dense(4), regularizer=L2
    ),
    "conv2d": keras_layer(
        {"use": "conv2d", "filters": 2, **conv, "l2": 0.3},
        IMAGE,
        layers.Conv2D(2, 3, strides=2, padding="same"),
        regularizer=L2,
    ),
    "conv2dTranspose": keras_layer(
        {"use": "conv2dTranspose", "filters": 2, **conv, "l2": 0.3},
        IMAGE,
        layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
        regularizer=L2,
    ),
    "depthwiseConv2d": keras_layer(
        {"use": "depthwiseConv2d", **conv, "l2": 0.3},
        IMAGE,
        layers.DepthwiseConv2D(3, strides=2, padding="same"),
        regularizer=L2,
    ),
}
made_with = {"keras": keras.__version__, "tensorflow": tf.__version__}
record = {"madeWith": made_with, "classes": CLASSES, "labels": LABELS, "cases": cases, "decayed": decayed_cases}
OUTPUT.write_text(json.dumps(record) + "\n")
print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes, {len(cases)} cases")
