"""DCGAN and cGAN in Keras 3, as the original is written. NHWC; D answers logits [B, 1]."""

import keras
from keras import layers

LATENT = 100
CLASSES = 10


def conv(filters, strides=1):
    return layers.Conv2D(filters, 3, strides=strides, padding="same")


def generator(conditional):
    """z [B, 100] (and one-hot labels [B, 10]) to images [B, 32, 32, 3] in [-1, 1]."""
    z = keras.Input([LATENT])
    inputs = [z, keras.Input([CLASSES])] if conditional else [z]
    x = layers.Concatenate()(inputs) if conditional else z
    x = layers.Dense(8 * 8 * 128, activation="relu")(x)
    x = layers.Reshape([8, 8, 128])(x)
    for filters in (128, 64):
        x = layers.UpSampling2D()(x)  # 8 → 16 → 32
        x = conv(filters)(x)
        x = layers.BatchNormalization(momentum=0.8)(x)
        x = layers.ReLU()(x)
    x = layers.Activation("tanh")(conv(3)(x))
    return keras.Model(inputs, x, name="generator")


def discriminator(conditional):
    """Images [B, 32, 32, 3] (and one-hot labels [B, 10]) to logits [B, 1]."""
    image = keras.Input([32, 32, 3])
    x = layers.LeakyReLU(negative_slope=0.2)(conv(32, 2)(image))  # 16 × 16
    for filters, strides in ((64, 2), (128, 2), (256, 2 if conditional else 1)):  # 8, 4, then 2 or 4
        x = conv(filters, strides)(x)
        x = layers.BatchNormalization(momentum=0.8)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Flatten()(x)
    if not conditional:
        return keras.Model([image], layers.Dense(1)(x), name="discriminator")
    labels = keras.Input([CLASSES])
    x = layers.Concatenate()([x, labels])
    x = layers.Dense(512, activation="relu")(x)
    return keras.Model([image, labels], layers.Dense(1)(x), name="discriminator")
