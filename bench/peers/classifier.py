"""What the peers that train a classifier share: data, the timed loop, the check and the line. peer.py has the rest.

bench/peers/README.md describes what is compared.
"""

import json
import math
import resource
import sys
import time

import numpy as np

import formula
import peer
from spec import Spec

IMAGES = 50_000
# Bytes to numbers: CIFAR-10's mean and standard deviation.
MEAN, STD = np.array([125.3, 123.0, 113.9], np.float32), np.array([63.0, 62.1, 66.7], np.float32)
SHIFT = 4  # pixels that an image is moved by at most: an eighth of its side
CUT = 16  # side of the square that is cut out of an image: half of the image's


def spec_of(asked):
    """The model that was asked for; to be checked, with the reference's learning rate."""
    spec = Spec(asked.model)
    if asked.check:
        spec.train["learningRate"] = peer.reference_of(asked.model)["train"]["learningRate"]
    return spec


class Data:
    """`images [N, 32, 32, 3] uint8` and `labels [N] int32` in batches: in random order and augmented, or as they are, in order."""

    def __init__(self, images, labels, batch, is_changed):
        self.images, self.labels, self.batch, self.is_changed = images, labels, batch, is_changed


def random_data(asked):
    random = np.random.default_rng(1)
    images = random.integers(0, 256, [IMAGES, 32, 32, 3], dtype=np.uint8)
    return Data(images, random.integers(0, formula.CLASSES, IMAGES, dtype=np.int32), asked.batch, True)


def reference_data(reference):
    """The batches of the reference's iterations, one after the other."""
    iterations = range(1, len(reference["losses"]) + 1)
    batches = [formula.batch(reference["seed"], number, reference["batch"], 1) for number in iterations]
    images, labels = (np.concatenate([batch[at] for batch in batches]) for at in (1, 2))
    return Data(images, labels, reference["batch"], False)


def timed(trained, asked):
    """Milliseconds of each iteration after the warm-up, from the data in memory to the loss that is read."""
    times, start, cpu, loss = [], time.perf_counter(), 0, math.nan

    def done(value):
        nonlocal start, cpu, loss
        now, loss = time.perf_counter(), value
        times.append((now - start) * 1e3)
        start = now
        if len(times) == asked.warmup:
            cpu = time.process_time()

    trained.train(random_data(asked), asked.warmup + asked.iterations, done)
    if not math.isfinite(loss):
        raise ArithmeticError(f"training diverged: the loss is {loss}")
    return {
        "ms": [round(t, 3) for t in times[asked.warmup :]],
        "cpuMs": round((time.process_time() - cpu) * 1e3 / asked.iterations, 3),
        "warmupMs": round(sum(times[: asked.warmup]), 3),
        "peakRssMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def checked(trained, reference):
    """Compares losses with the reference: of the first iteration tightly, of the next ones for what they update."""
    losses = []
    trained.train(reference_data(reference), len(reference["losses"]), losses.append)
    differences = [abs(loss - expected) for loss, expected in zip(losses, reference["losses"], strict=True)]
    return {"check": differences[0] < trained.tolerance and max(differences) < 20 * trained.tolerance, "differences": differences}


def run(name, asked, spec, trained):
    """Times or checks a peer and prints its line.

    A peer has train(data, count, done), which calls `done` with the loss, weight decay included, after each iteration; load(weights by
    key); versions; and tolerance: how far the first loss may be from the reference's. With asked.check it computes the exact loss.
    """
    line = {"peer": name, "model": asked.model, "batch": asked.batch, "threads": asked.threads}
    if asked.check:
        reference = peer.reference_of(asked.model)
        trained.load(spec.weights(reference["seed"]))
        line |= {"batch": reference["batch"], **checked(trained, reference)}
    else:
        trained.load(spec.weights())
        line |= timed(trained, asked)
    print(json.dumps({**line, "versions": trained.versions}), flush=True)
    if line.get("check") is False:
        sys.exit(1)
