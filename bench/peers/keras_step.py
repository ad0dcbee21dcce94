"""One iteration of a GAN as a spec describes it, in Keras and TensorFlow: losses, updates, moving averages."""

import keras
import tensorflow as tf

from keras_layers import Network
from spec import logits

LOSSES = {  # of real images, of fakes, and of the generator's fakes; with the boundary of D's judgement
    "bce": (
        lambda y: tf.reduce_mean(tf.math.softplus(-y)),
        lambda y: tf.reduce_mean(tf.math.softplus(y)),
        lambda y: tf.reduce_mean(tf.math.softplus(-y)),
        0,
    ),
    "hinge": (
        lambda y: tf.reduce_mean(tf.nn.relu(1 - y)),
        lambda y: tf.reduce_mean(tf.nn.relu(1 + y)),
        lambda y: -tf.reduce_mean(y),
        0,
    ),
    "lsgan": (
        lambda y: tf.reduce_mean(tf.square(y - 1)) / 2,
        lambda y: tf.reduce_mean(tf.square(y)) / 2,
        lambda y: tf.reduce_mean(tf.square(y - 1)) / 2,
        0.5,
    ),
}


class Gan:
    """`iteration(noise, images, labels)` gives the metrics of one iteration as scalars by name."""

    def __init__(self, spec):
        self.train, self.classes = spec.train, spec.classes
        self.generator = Network(spec.networks["generator"])
        self.discriminator = Network(logits(spec.networks["discriminator"]))
        self.variables = self.generator.variables | self.discriminator.variables
        rate = self.train["learningRate"]
        self.g_optimizer = self.optimizer(self.generator, rate)
        self.d_optimizer = self.optimizer(self.discriminator, self.train.get("discriminatorLearningRate", rate))
        self.loss_real, self.loss_fake, self.loss_generator, self.boundary = LOSSES[self.train.get("loss", "bce")]
        decay = self.train.get("ema")
        self.averages = [keras.Variable(v, trainable=False) for v in self.generator.trainable] if decay else []

    def optimizer(self, network, rate):
        train = self.train
        made = keras.optimizers.Adam(rate, beta_1=train["beta1"], beta_2=train["beta2"], epsilon=train["epsilon"])
        made.build(network.trainable)
        return made

    def update(self, optimizer, network, tape, loss):
        optimizer.apply(tape.gradient(loss, [v.value for v in network.trainable]), network.trainable)

    def class_loss(self, heads, labels):
        """Cross-entropy of the class head, weighted; 0 without one (Odena et al. 2017)."""
        if "class" not in heads:
            return 0
        return self.train["classWeight"] * tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, heads["class"]))

    def judge_real(self, images, labels):
        y, heads = self.discriminator(images, labels, "training")
        return y, self.loss_real(y), self.class_loss(heads, labels)

    def judge_fakes(self, images, labels):
        y, _ = self.discriminator(images, labels, "training")
        return y, self.loss_fake(y)

    def discriminator_step(self, images, fakes, labels):
        joint = self.train.get("discriminatorUpdate", "separate") == "joint"
        with tf.GradientTape() as tape:
            real, loss_real, extra = self.judge_real(images, labels)
            if joint:
                fake, loss_fake = self.judge_fakes(fakes, labels)
            loss = loss_real + extra + (loss_fake if joint else 0)
        self.update(self.d_optimizer, self.discriminator, tape, loss)
        if not joint:
            with tf.GradientTape() as tape:
                fake, loss_fake = self.judge_fakes(fakes, labels)
            self.update(self.d_optimizer, self.discriminator, tape, loss_fake)
        share = lambda right: tf.reduce_mean(tf.cast(right, tf.float32))
        accuracy = (share(real > self.boundary) + share(fake <= self.boundary)) / 2
        return {
            "d_loss_real": loss_real,
            "d_loss_fake": loss_fake,
            "d_loss": (loss_real + loss_fake) / 2,
            "d_accuracy": accuracy,
        }

    def iteration(self, noise, images, labels):
        float_type = keras.config.floatx()
        noise, images = tf.cast(noise, float_type), tf.cast(images, float_type) / 127.5 - 1
        labels = tf.one_hot(labels, self.classes, dtype=float_type)
        rounds = list(zip(*(tf.split(x, self.train["discriminatorSteps"]) for x in (noise, images, labels))))
        shared, records = self.train["fakes"] == "shared", []
        for z, real, classes in rounds[:-1]:
            fakes, _ = self.generator(z, classes, "frozen" if shared else "inference")
            records.append(self.discriminator_step(real, fakes, classes))
        z, real, classes = rounds[-1]
        if not shared:
            trained_on, _ = self.generator(z, classes, "inference")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in self.generator.trainable])
            fakes, _ = self.generator(z, classes, "training")
            with tape.stop_recording():
                records.append(self.discriminator_step(real, fakes if shared else trained_on, classes))
            y, heads = self.discriminator(fakes, classes, "frozen")
            g_loss = self.loss_generator(y)
            loss = g_loss + self.class_loss(heads, classes)
        self.update(self.g_optimizer, self.generator, tape, loss)
        for average, variable in zip(self.averages, self.generator.trainable if self.averages else []):
            average.assign_add((1 - self.train["ema"]) * (variable.value - average.value))
        means = {name: sum(record[name] for record in records) / len(records) for name in records[0]}
        return means | {"g_loss": g_loss}

    def load(self, weights):
        """Takes weights by key."""
        for key, value in weights.items():
            self.variables[key].assign(value)


def use_threads(count):
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)


class Timed:
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    tolerance = 5e-5

    def __init__(self, asked, spec):
        use_threads(asked.threads)
        self.gan = Gan(spec)
        self.load = self.gan.load
        self.iteration = tf.function(self.gan.iteration, jit_compile=asked.jit)

    def step(self, *batch):
        return {name: float(value) for name, value in self.iteration(*map(tf.constant, batch)).items()}
