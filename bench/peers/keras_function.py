"""Keras with the whole iteration in one `tf.function`, with or without `jit_compile`."""

import peer

parser = peer.options()
parser.add_argument("--jit", action="store_true", help="compile the function with jit_compile=True")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import keras
import tensorflow as tf

from keras_gan import KerasGan, adam

loss_of = keras.losses.BinaryCrossentropy(from_logits=True)


class OneFunction(KerasGan):
    def __init__(self, asked):
        super().__init__(asked)
        self.shared = asked.fakes == "shared"
        self.g_optimizer, self.d_optimizer = adam(), adam()
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.iteration = tf.function(self._iteration, jit_compile=asked.jit)

    def _iteration(self, noise, images, labels):
        real = tf.cast(images, tf.float32) / 127.5 - 1
        labels = tf.one_hot(labels, 10)
        ones = tf.ones([len(noise), 1])
        if not self.shared:
            trained_on = self.generator(self.with_labels(noise, labels), training=False)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in self.generator.trainable_variables])
            fakes = self.generator(self.with_labels(noise, labels), training=True)
            if self.shared:
                trained_on = fakes
            with tape.stop_recording():
                loss_real, accuracy_real = self.discriminator_step(real, labels, ones)
                loss_fake, accuracy_fake = self.discriminator_step(trained_on, labels, 0 * ones)
            g_loss = loss_of(ones, self.critic(self.with_labels(fakes, labels)))
        variables = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(g_loss, variables), variables)
        return loss_real, loss_fake, (accuracy_real + accuracy_fake) / 2, g_loss

    def discriminator_step(self, images, labels, target):
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.with_labels(images, labels), training=True)
            loss = loss_of(target, logits)
        self.d_optimizer.apply(tape.gradient(loss, variables), variables)
        right = tf.equal(logits > 0, target > 0)
        return loss, tf.reduce_mean(tf.cast(right, tf.float32))

    def step(self, noise, images, labels):
        real, fake, accuracy, g_loss = (float(x) for x in self.iteration(*map(tf.constant, (noise, images, labels))))
        return {
            "d_loss_real": real,
            "d_loss_fake": fake,
            "d_loss": (real + fake) / 2,
            "d_accuracy": accuracy,
            "g_loss": g_loss,
        }


peer.run("keras tf.function, jit" if asked.jit else "keras tf.function", asked, OneFunction(asked))
