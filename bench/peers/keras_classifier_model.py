"""A classifier as a spec describes it, as a functional Keras model of stock layers, and its data in tf.data."""

import keras
import tensorflow as tf

import classifier
import spec


def regularizer(layer):
    [l2] = [weight.get("l2") for weight in layer["weights"] if weight["name"] == "kernel"]
    return None if l2 is None else keras.regularizers.L2(l2)


def stock(layer):
    """The Keras layer of a kind; other kinds are refused."""
    params = layer["params"]
    linear = lambda: {"use_bias": params["useBias"], "activation": params["activation"], "kernel_regularizer": regularizer(layer)}
    makers = {
        "conv2d": lambda: keras.layers.Conv2D(
            params["filters"], params["kernelSize"], params["strides"], params["padding"], **linear()
        ),
        "dense": lambda: keras.layers.Dense(layer["output"][-1], **linear()),
        "batchNormalization": lambda: keras.layers.BatchNormalization(momentum=params["momentum"], epsilon=params["epsilon"]),
        "activation": lambda: keras.layers.Activation(params["activation"]),
        "maxPooling2d": lambda: keras.layers.MaxPooling2D(params["poolSize"], padding="same"),
        "globalAveragePooling2d": keras.layers.GlobalAveragePooling2D,
        "flatten": keras.layers.Flatten,
    }
    return makers[layer["kind"]]() if layer["kind"] in makers else spec.refuse(layer)


ATTRIBUTES = {"movingMean": "moving_mean", "movingVariance": "moving_variance"}


def applied(layers, x, variables):
    """The output of layers; adds their variables by the keys of this project's weights."""
    for layer in layers:
        if layer["kind"] == "residual":
            x = keras.layers.Add()([applied(branch, x, variables) for branch in layer["branches"].values()])
            continue
        made = stock(layer)
        x = made(x)
        for weight in layer["weights"]:
            variables[weight["key"]] = getattr(made, ATTRIBUTES.get(weight["name"], weight["name"]))
    return x


class Classifier:
    """A compiled model with its variables by key."""

    def __init__(self, layers, train, jit=False):
        x = keras.Input(layers[0]["input"])
        self.variables = {}
        self.model = keras.Model(x, applied(spec.logits(layers), x, self.variables))
        self.model.compile(
            keras.optimizers.SGD(train["learningRate"], train["momentum"], train["nesterov"]),
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=train["labelSmoothing"]),
            metrics=["accuracy"],
            jit_compile=jit,
        )

    def load(self, weights):
        """Takes weights by key; those that the model has no use for are left out."""
        for key, variable in self.variables.items():
            variable.assign(weights[key])


def changed(images):
    """Mirrors every second image [B, 32, 32, 3] and moves each by up to SHIFT pixels, all in one operation."""
    count, size = tf.shape(images)[0], images.shape[1]
    flip = tf.cast(tf.random.uniform([count]) < 0.5, tf.float32)
    right, down = (tf.floor(tf.random.uniform([count]) * (2 * classifier.SHIFT + 1)) - classifier.SHIFT for _ in range(2))
    zero, one = tf.zeros([count]), tf.ones([count])
    # The source of output (x, y) is (a0 x + a1 y + a2, b0 x + b1 y + b2), with the rows below.
    transforms = tf.stack([1 - 2 * flip, zero, flip * (size - 1) + right, zero, one, down, zero, zero], 1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=[size, size],
        fill_value=0.0,
        interpolation="NEAREST",
        fill_mode="CONSTANT",
    )


def cut_out(numbers):
    """Sets a square of CUT pixels around some pixel of each image [B, 32, 32, 3] to zero, the mean colour."""
    count, size = tf.shape(numbers)[0], numbers.shape[1]
    first = tf.random.uniform([2, count, 1], maxval=size + 1, dtype=tf.int32) - classifier.CUT // 2
    down, across = tf.unstack((tf.range(size) >= first) & (tf.range(size) < first + classifier.CUT))
    return tf.where((down[:, :, None] & across[:, None, :])[..., None], tf.zeros([], numbers.dtype), numbers)


def pipeline(data, classes):
    """Batches of numbers [B, 32, 32, 3] and one-hot labels [B, classes]: whole batches at a time, beside training."""
    images, labels, dtype = tf.constant(data.images), tf.constant(data.labels), keras.config.floatx()

    def batch(indices):
        chosen = tf.gather(images, indices)
        chosen = changed(chosen) if data.is_changed else chosen
        numbers = (tf.cast(chosen, dtype) - classifier.MEAN) / classifier.STD
        numbers = cut_out(numbers) if data.is_changed else numbers
        return numbers, tf.one_hot(tf.gather(labels, indices), classes, dtype=dtype)

    count = len(data.labels)
    order = tf.data.Dataset.range(count)
    order = order.shuffle(count) if data.is_changed else order
    batches = order.repeat().batch(data.batch, drop_remainder=True)
    return batches.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
