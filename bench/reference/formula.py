"""Reference values that any language can repeat exactly: an integer hash, turned into float32.

The twin of tests/rig/reference.ts. tests/fixtures/reference/README.md explains the formula.
"""

import math

import numpy as np

LATENT = 100
CLASSES = 10
KERNEL, BIAS, GAMMA, BETA = "kernel", "bias", "gamma", "beta"
MOVING_MEAN, MOVING_VARIANCE, SINGULAR_VECTOR = "moving_mean", "moving_variance", "singular_vector"

NOISE_STREAM, IMAGE_STREAM, LABEL_STREAM, SAMPLE_STREAM = 1000, 2000, 3000, 4000


def mix(x):
    """MurmurHash3's 32-bit finaliser, element by element: uint32 to uint32."""
    x = x.astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x


def uniform(seed, stream, size):
    """`size` float64 numbers in [0, 1), multiples of 2^-32."""
    salt = np.uint32((stream * 0x9E3779B9 + seed * 0x85157AF5) & 0xFFFFFFFF)
    return mix(mix(np.arange(size, dtype=np.uint32)) ^ salt) / 2.0**32


def glorot_limit(shape):
    """sqrt(6 / (fan in + fan out)) of a kernel [kh, kw, in, out] or [in, out]."""
    window = math.prod(shape[:-2])
    return math.sqrt(6 / (window * shape[-2] + window * shape[-1]))


def tensor(seed, stream, shape, role):
    """The initial value of weight tensor number `stream`, float32."""
    u = uniform(seed, stream, math.prod(shape))
    signed = 2 * u - 1
    values = {
        KERNEL: lambda: glorot_limit(shape) * signed,
        BIAS: lambda: 0.05 * signed,
        GAMMA: lambda: 1 + 0.2 * signed,
        BETA: lambda: 0.1 * signed,
        MOVING_MEAN: lambda: 0.2 * signed,
        MOVING_VARIANCE: lambda: 0.5 + u,
        SINGULAR_VECTOR: lambda: signed / math.sqrt(np.sum(signed**2)),
    }[role]()
    return values.astype(np.float32).reshape(shape)


def batch(seed, iteration, size, latent=LATENT):
    """Noise [size, latent] float32, images [size, 32, 32, 3] uint8 and labels [size] int32 of one iteration (1, 2, …)."""
    noise = math.sqrt(3) * (2 * uniform(seed, NOISE_STREAM + iteration, size * latent) - 1)
    images = np.floor(256 * uniform(seed, IMAGE_STREAM + iteration, size * 32 * 32 * 3))
    labels = np.floor(CLASSES * uniform(seed, LABEL_STREAM + iteration, size))
    return (
        noise.astype(np.float32).reshape(size, latent),
        images.astype(np.uint8).reshape(size, 32, 32, 3),
        labels.astype(np.int32),
    )


def sample_positions(stream, size):
    """The flat positions at which a tensor of `size` elements is sampled: all of up to 8, else 8 by the hash."""
    if size <= 8:
        return list(range(size))
    return np.floor(uniform(0, SAMPLE_STREAM + stream, 8) * size).astype(int).tolist()
