"""What the two Keras peers share: the networks, and D as G's step sees it."""

import keras
import tensorflow as tf

import keras_models


def use_threads(count):
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)


def adam():
    return keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-7)


class BatchStatistics(keras.layers.Layer):
    """A batch norm's gamma and beta with the batch's statistics; the moving ones stay as they are."""

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def call(self, x, mask=None):
        mean, variance = keras.ops.moments(x, [0, 1, 2])
        norm = self.norm
        return keras.ops.batch_normalization(x, mean, variance, -1, norm.beta, norm.gamma, norm.epsilon)


def critic_of(discriminator):
    """D with the same layers, but such that judging G's images leaves its moving statistics alone."""

    def same_or_frozen(layer):
        return BatchStatistics(layer) if isinstance(layer, keras.layers.BatchNormalization) else layer

    return keras.models.clone_model(discriminator, clone_function=same_or_frozen)


class KerasGan:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    tolerance = 5e-5

    def __init__(self, asked):
        use_threads(asked.threads)
        self.conditional = asked.model == "cgan"
        self.generator = keras_models.generator(self.conditional)
        self.discriminator = keras_models.discriminator(self.conditional)
        self.critic = critic_of(self.discriminator)

    def with_labels(self, x, labels):
        return [x, labels] if self.conditional else [x]

    def load(self, weights):
        """Takes the reference's weights, which are in the order of the layers."""
        layers = [layer for network in (self.generator, self.discriminator) for layer in network.layers]
        variables = [variable for layer in layers for variable in layer.weights]
        for variable, value in zip(variables, weights.values(), strict=True):
            variable.assign(value)
