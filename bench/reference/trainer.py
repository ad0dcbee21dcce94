"""One GAN and its training iteration, written for clarity: eager Keras, whatever float type Keras is set to."""

import keras
import numpy as np
import tensorflow as tf

import formula
import keras_models

OPTIMIZER = dict(learning_rate=2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-7)
KINDS = {keras.layers.Conv2D: "conv", keras.layers.Dense: "dense", keras.layers.BatchNormalization: "bn"}


class Tensor:
    """One weight tensor: its number in the reference's order, and its name, such as generator/conv1/kernel."""

    def __init__(self, index, network, layer_name, variable):
        self.index, self.network, self.variable = index, network, variable
        self.role = variable.name
        self.name = f"{network}/{layer_name}/{self.role}"
        self.shape = list(variable.shape)
        self.positions = formula.sample_positions(index, int(np.prod(self.shape)))
        self.trainable = bool(variable.trainable)
        self.cancelled = False  # a bias directly before batch norm: its gradient is zero but for rounding


def tensors_of(network, first):
    """The weight tensors of a network layer by layer, numbered from `first`."""
    tensors, counts = [], {}
    for layer in network.layers:
        if not layer.weights:
            continue
        kind = KINDS[type(layer)]
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "bn":
            tensors[-1].cancelled = True
        for variable in layer.weights:
            tensors.append(Tensor(first + len(tensors), network.name, f"{kind}{counts[kind]}", variable))
    return tensors


class Trainer:
    """G, D and an Adam each, started from the formula's weights.

    keep_cancelled=False takes the gradients of the cancelled biases as the zeros that they are.
    In float32 they are rounding noise, which Adam scales up to steps of the full learning rate.
    """

    def __init__(self, conditional, seed, batch, keep_cancelled=True):
        self.conditional, self.seed, self.batch = conditional, seed, batch
        self.keep_cancelled = keep_cancelled
        self.generator = keras_models.generator(conditional)
        self.discriminator = keras_models.discriminator(conditional)
        self.tensors = tensors_of(self.generator, 0)
        self.tensors += tensors_of(self.discriminator, len(self.tensors))
        for tensor in self.tensors:
            tensor.variable.assign(formula.tensor(seed, tensor.index, tensor.shape, tensor.role))
        self.optimizers = {}
        for network in (self.generator, self.discriminator):
            self.optimizers[network.name] = keras.optimizers.Adam(**OPTIMIZER)
            self.optimizers[network.name].build(network.trainable_variables)
        self.loss = keras.losses.BinaryCrossentropy(from_logits=True)

    def trainable(self, network=None):
        return [t for t in self.tensors if t.trainable and network in (None, t.network)]

    def inputs(self, iteration):
        """Noise, real images in [-1, 1] and one-hot labels."""
        float_type = keras.config.floatx()
        noise, images, labels = formula.batch(self.seed, iteration, self.batch)
        real = tf.cast(images, float_type) / 127.5 - 1
        return tf.cast(noise, float_type), real, tf.one_hot(labels, formula.CLASSES, dtype=float_type)

    def generate(self, noise, labels, training):
        return self.generator([noise, labels] if self.conditional else [noise], training=training)

    def judge(self, images, labels):
        """Logits, by batch statistics."""
        return self.discriminator([images, labels] if self.conditional else [images], training=True)

    def apply(self, network, gradients):
        tensors = self.trainable(network)
        if not self.keep_cancelled:
            gradients = [g * 0 if t.cancelled else g for t, g in zip(tensors, gradients)]
        self.optimizers[network].apply(gradients, [t.variable for t in tensors])

    def discriminator_step(self, images, labels, target):
        """One Adam update of D; answers loss, logits and gradients."""
        with tf.GradientTape() as tape:
            logits = self.judge(images, labels)
            loss = self.loss(tf.fill([self.batch, 1], target), logits)
        gradients = tape.gradient(loss, [t.variable for t in self.trainable("discriminator")])
        self.apply("discriminator", gradients)
        return float(loss), logits.numpy(), gradients

    def discriminator_steps(self, real, fakes, labels):
        """A step on real images, then one on fakes; answers their metrics and gradients."""
        real_loss, real_logits, real_gradients = self.discriminator_step(real, labels, 1.0)
        fake_loss, fake_logits, fake_gradients = self.discriminator_step(fakes, labels, 0.0)
        metrics = {
            "d_loss_real": real_loss,
            "d_loss_fake": fake_loss,
            "d_loss": (real_loss + fake_loss) / 2,
            "d_accuracy": float((np.mean(real_logits > 0) + np.mean(fake_logits <= 0)) / 2),
            # How safely the accuracy can be compared.
            "closest_logit": float(min(np.abs(real_logits).min(), np.abs(fake_logits).min())),
        }
        return metrics, {"discriminatorReal": real_gradients, "discriminatorFake": fake_gradients}

    def generator_loss(self, fakes, labels):
        """BCE(D(fakes), 1) by batch statistics; D's moving statistics stay as they were."""
        statistics = self.discriminator.non_trainable_variables
        before = [v.numpy() for v in statistics]
        loss = self.loss(tf.ones([self.batch, 1], fakes.dtype), self.judge(fakes, labels))
        for variable, value in zip(statistics, before):
            variable.assign(value)
        return loss

    def iteration(self, number, fakes_mode):
        """One training iteration; answers its metrics and the gradients of its three steps."""
        noise, real, labels = self.inputs(number)
        with tf.GradientTape() as tape:
            if fakes_mode == "shared":
                trained_on = fakes = self.generate(noise, labels, training=True)
            else:
                trained_on = self.generate(noise, labels, training=False)
                fakes = self.generate(noise, labels, training=True)
            with tape.stop_recording():
                metrics, gradients = self.discriminator_steps(real, trained_on, labels)
            loss = self.generator_loss(fakes, labels)
        gradients["generator"] = tape.gradient(loss, [t.variable for t in self.trainable("generator")])
        self.apply("generator", gradients["generator"])
        return {"iteration": number, **metrics, "g_loss": float(loss)}, gradients

    def state(self):
        """Every weight in order, and Adam's two moments in the order of the trainable ones."""
        state = {"weights": [t.variable.numpy() for t in self.tensors], "m": [], "v": []}
        for tensor in self.trainable():
            optimizer = self.optimizers[tensor.network]
            at = optimizer._get_variable_index(tensor.variable)
            state["m"].append(optimizer._momentums[at].numpy())
            state["v"].append(optimizer._velocities[at].numpy())
        return state
