"""Keras as the original is written: three compiled models and `train_on_batch`."""

import peer

parser = peer.options()
parser.add_argument("--jit", action="store_true", help="compile the models with jit_compile=True")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import keras
import numpy as np

from keras_gan import KerasGan, adam


class TrainOnBatch(KerasGan):
    def __init__(self, asked):
        if asked.fakes == "shared":
            peer.not_offered("three compiled models cannot share a forward pass")
        super().__init__(asked)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        accuracy = keras.metrics.BinaryAccuracy(threshold=0)
        jit = asked.jit
        self.discriminator.compile(adam(), loss, metrics=[accuracy], jit_compile=jit)
        self.generator.compile(jit_compile=jit)
        self.combined = keras.Model(
            self.generator.inputs,
            self.critic(self.with_labels(self.generator.output, self.generator.inputs[-1])),
        )
        self.discriminator.trainable = False
        self.combined.compile(adam(), loss, jit_compile=jit)

    def step(self, noise, images, labels):
        one_hot = np.eye(10, dtype=np.float32)[labels]
        real = images.astype(np.float32) / 127.5 - 1
        valid, fake = np.ones([len(noise), 1], np.float32), np.zeros([len(noise), 1], np.float32)
        fakes = self.generator.predict_on_batch(self.with_labels(noise, one_hot))
        # Keras reads `trainable` when it traces a model's first call.
        self.discriminator.trainable = True
        loss_real, accuracy_real = self.discriminator.train_on_batch(self.with_labels(real, one_hot), valid)
        loss_fake, accuracy_fake = self.discriminator.train_on_batch(self.with_labels(fakes, one_hot), fake)
        self.discriminator.trainable = False
        g_loss = self.combined.train_on_batch(self.with_labels(noise, one_hot), valid)
        return {
            "d_loss_real": loss_real,
            "d_loss_fake": loss_fake,
            "d_loss": (loss_real + loss_fake) / 2,
            "d_accuracy": (accuracy_real + accuracy_fake) / 2,
            "g_loss": g_loss,
        }


name = "keras train_on_batch, jit" if asked.jit else "keras train_on_batch"
peer.run(name, asked, TrainOnBatch(asked))
