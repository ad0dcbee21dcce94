"""The layers of this project's networks in Keras 3, as code of one's own would have them: NHWC, `layer(x, labels, mode)`.

Modes: `inference` (moving statistics), `training` (batch statistics; state is kept), `frozen` (training whose state is dropped, as
for the discriminator in the generator's step).
"""

import keras
import tensorflow as tf

import spec

ACTIVATIONS = {name: keras.activations.get(name) for name in ("linear", "relu", "tanh", "sigmoid", "elu", "softplus", "silu", "gelu")}


class Layer:
    """A layer with its Keras layers; `variables` by the names of this project's weights."""

    def __init__(self, layer):
        self.params, self.variables = layer["params"], {}

    def __call__(self, x, labels, mode):
        raise NotImplementedError


def spectral(kernel, u, mode):
    """The kernel over its largest singular value, by one power iteration in training (Miyato et al. 2018, algorithm 1)."""
    matrix = tf.reshape(kernel, [-1, u.shape[0]])
    fixed = tf.stop_gradient(matrix)
    v = tf.math.l2_normalize(tf.linalg.matvec(fixed, u))
    right = tf.convert_to_tensor(u)
    if mode != "inference":
        right = tf.math.l2_normalize(tf.linalg.matvec(fixed, v, transpose_a=True))
        if mode == "training":
            u.assign(right)
    sigma = tf.tensordot(v, tf.linalg.matvec(matrix, right), 1)
    return kernel / sigma


class Linear(Layer):
    """A Keras layer with a kernel, perhaps spectrally normalised."""

    def __init__(self, layer, made):
        super().__init__(layer)
        self.made = made
        made.build([None, *layer["input"]])
        self.variables["kernel"] = made.kernel
        if made.use_bias:
            self.variables["bias"] = made.bias
        if self.params.get("spectralNormalization"):
            self.variables["u"] = singular_vector(layer, "u")
        self.activation = ACTIVATIONS[self.params.get("activation", "linear")]

    def product(self, x, kernel):
        raise NotImplementedError

    def __call__(self, x, labels, mode):
        kernel = tf.convert_to_tensor(self.made.kernel)
        if "u" in self.variables:
            kernel = spectral(kernel, self.variables["u"], mode)
        y = self.product(x, kernel)
        return self.activation(tf.nn.bias_add(y, self.made.bias) if self.made.use_bias else y)


def singular_vector(layer, name):
    [shape] = [weight["shape"] for weight in layer["weights"] if weight["name"] == name]
    return keras.Variable(tf.ones(shape, keras.config.floatx()), trainable=False, name=name)


class Conv2D(Linear):
    def __init__(self, layer):
        params = layer["params"]
        made = keras.layers.Conv2D(
            layer["output"][-1], params["kernelSize"], params["strides"], params["padding"], use_bias=params["useBias"]
        )
        super().__init__(layer, made)

    def product(self, x, kernel):
        return self.made.convolution_op(x, kernel)


class Dense(Linear):
    def __init__(self, layer, units=None):
        units = units or layer["output"][-1]
        super().__init__(layer, keras.layers.Dense(units, use_bias=layer["params"].get("useBias", True)))

    def product(self, x, kernel):
        return tf.matmul(x, kernel)


class BatchNormalization(Layer):
    def __init__(self, layer):
        super().__init__(layer)
        params = layer["params"]
        self.conditional = params.get("conditional", False)
        affine = not self.conditional
        self.norm = keras.layers.BatchNormalization(
            momentum=params["momentum"], epsilon=params["epsilon"], center=affine, scale=affine
        )
        self.norm.build([None, *layer["input"]])
        self.variables |= {"movingMean": self.norm.moving_mean, "movingVariance": self.norm.moving_variance}
        if affine:
            self.variables |= {"gamma": self.norm.gamma, "beta": self.norm.beta}
        else:
            for weight in layer["weights"][:2]:
                value = tf.zeros(weight["shape"], keras.config.floatx())
                self.variables[weight["name"]] = keras.Variable(value, name=weight["name"])

    def normalized(self, x, mode):
        if mode != "frozen":
            return self.norm(x, training=mode == "training")
        mean, variance = keras.ops.moments(x, list(range(len(x.shape) - 1)))
        norm = self.norm
        return keras.ops.batch_normalization(
            x, mean, variance, -1, getattr(norm, "beta", None), getattr(norm, "gamma", None), norm.epsilon
        )

    def __call__(self, x, labels, mode):
        y = self.normalized(x, mode)
        if not self.conditional:
            return y
        shape = [-1, *([1] * (len(x.shape) - 2)), x.shape[-1]]
        gamma, beta = (tf.reshape(tf.matmul(labels, self.variables[name]), shape) for name in ("gamma", "beta"))
        return y * gamma + beta


class Projection(Dense):
    def __init__(self, layer):
        super().__init__(layer, 1)
        [shape] = [weight["shape"] for weight in layer["weights"] if weight["name"] == "embedding"]
        self.variables["embedding"] = keras.Variable(tf.zeros(shape, keras.config.floatx()), name="embedding")
        if "u" in self.variables:
            self.variables["embeddingU"] = singular_vector(layer, "embeddingU")

    def __call__(self, x, labels, mode):
        embedding = tf.convert_to_tensor(self.variables["embedding"])
        if "embeddingU" in self.variables:
            embedding = spectral(embedding, self.variables["embeddingU"], mode)
        real = super().__call__(x, labels, mode)
        return real + tf.reduce_sum(x * tf.matmul(labels, embedding), 1, keepdims=True)


class Function(Layer):
    """A layer without weights."""

    def __init__(self, layer, function):
        super().__init__(layer)
        self.function = function

    def __call__(self, x, labels, mode):
        return self.function(x)


class ConcatenateLabel(Layer):
    def __call__(self, x, labels, mode):
        if len(x.shape) == 2:
            return tf.concat([x, labels], 1)
        maps = tf.tile(labels[:, None, None, :], [1, x.shape[1], x.shape[2], 1])
        return tf.concat([x, maps], 3)


def function_of(layer):
    """Layers that are one function of x; undefined kinds are refused."""
    kind, params, output = layer["kind"], layer["params"], layer["output"]
    pool = {"pool_size": params.get("poolSize"), "padding": "same"}
    functions = {
        "reshape": lambda: lambda x: tf.reshape(x, [-1, *output]),
        "flatten": lambda: lambda x: tf.reshape(x, [-1, *output]),
        "activation": lambda: ACTIVATIONS[params["activation"]],
        "leakyReLU": lambda: keras.layers.LeakyReLU(negative_slope=params["alpha"]),
        "upSampling2d": lambda: keras.layers.UpSampling2D(params["size"]),
        "averagePooling2d": lambda: keras.layers.AveragePooling2D(**pool),
        "maxPooling2d": lambda: keras.layers.MaxPooling2D(**pool),
        "globalAveragePooling2d": lambda: lambda x: tf.reduce_mean(x, [1, 2]),
        "globalSumPooling2d": lambda: lambda x: tf.reduce_sum(x, [1, 2]),
    }
    return functions[kind]() if kind in functions else spec.refuse(layer)


WITH_WEIGHTS = {"conv2d": Conv2D, "dense": Dense, "batchNormalization": BatchNormalization, "projection": Projection}


class Network:
    """A list of layers, with those inside it; `heads` gets the outputs beside the last one in each call."""

    def __init__(self, layers, root=None):
        self.root = root or self
        self.layers = []
        self.variables = {} if root is None else root.variables
        for layer in layers:
            branches = {name: Network(branch, self.root) for name, branch in layer["branches"].items()}
            self.layers.append((layer["kind"], self.made(layer), branches))

    def made(self, layer):
        kind = layer["kind"]
        if kind in ("residual", "parallel"):
            return None
        if kind == "concatenate-label":
            return ConcatenateLabel(layer)
        if kind == "class-head":
            made = Dense(layer, layer["weights"][0]["shape"][1])
        elif kind in WITH_WEIGHTS:
            made = WITH_WEIGHTS[kind](layer)
        else:
            return Function(layer, function_of(layer))
        for weight in layer["weights"]:
            self.variables[weight["key"]] = made.variables[weight["name"]]
        return made

    def __call__(self, x, labels, mode):
        """Output and, by name, heads."""
        heads = {}
        for kind, layer, branches in self.layers:
            if branches:
                outputs = []
                for branch in branches.values():
                    y, more = branch(x, labels, mode)
                    outputs.append(y)
                    heads |= more
                x = tf.add_n(outputs) if kind == "residual" else tf.concat(outputs, -1)
            elif kind == "class-head":
                heads["class"] = layer(x, labels, mode)
            else:
                x = layer(x, labels, mode)
        return x, heads

    @property
    def trainable(self):
        return [variable for variable in self.variables.values() if variable.trainable]
