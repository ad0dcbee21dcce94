"""A classifier in Keras: `fit`, `train_on_batch`, or one `tf.function`; each with or without `jit_compile`."""

import peer

parser = peer.options()
parser.add_argument("--way", choices=["fit", "train_on_batch", "tf.function"], default="fit")
parser.add_argument("--jit", action="store_true", help="compile with jit_compile=True")
asked = parser.parse_args()
peer.prepare_environment(asked.threads)

import itertools

import keras
import tensorflow as tf

import classifier
from keras_classifier_model import Classifier, pipeline
from keras_step import use_threads
from spec import without_cancelled_biases


class Peer:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    tolerance = 5e-5

    def __init__(self, asked, spec):
        use_threads(asked.threads)
        self.classes, self.asked = spec.classes, asked
        self.classifier = Classifier(without_cancelled_biases(spec.networks["network"]), spec.train, asked.jit)
        self.model, self.load = self.classifier.model, self.classifier.load
        self.ways = {"fit": self.fit, "train_on_batch": self.train_on_batch, "tf.function": self.function}

    def train(self, data, count, done):
        self.ways[self.asked.way](pipeline(data, self.classes), count, done)

    def fit(self, batches, count, done):
        means = [0.0]

        class Told(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs):
                # The logs have the mean of the losses so far.
                means.append(float(logs["loss"]))
                done((batch + 1) * means[-1] - batch * means[-2])

        self.model.fit(batches, steps_per_epoch=count, verbose=0, callbacks=[Told()])

    def train_on_batch(self, batches, count, done):
        for images, labels in itertools.islice(batches, count):
            self.model.reset_metrics()
            done(float(self.model.train_on_batch(images, labels)[0]))

    def function(self, batches, count, done):
        model = self.model

        @tf.function(jit_compile=self.asked.jit)
        def iteration(images, labels):
            with tf.GradientTape() as tape:
                logits = model(images, training=True)
                loss = tf.add_n([model.loss(labels, logits), *model.losses])
            variables = model.trainable_variables
            model.optimizer.apply(tape.gradient(loss, variables), variables)
            right = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
            return loss, tf.reduce_mean(tf.cast(right, tf.float32))

        model.optimizer.build(model.trainable_variables)
        for images, labels in itertools.islice(batches, count):
            loss, _accuracy = (float(x) for x in iteration(images, labels))
            done(loss)


spec = classifier.spec_of(asked)
classifier.run(f"keras {asked.way}{', jit' if asked.jit else ''}", asked, spec, Peer(asked, spec))
