"""What every Python peer shares: options, synthetic data, the timed loop, the check, and the JSON line.

bench/peers/README.md describes the protocol.
"""

import argparse
import json
import math
import os
import pathlib
import resource
import sys
import time

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench/reference"))

import formula

POOL = 1024  # synthetic images to draw batches from
LOSSES = ("d_loss_real", "d_loss_fake", "d_loss", "g_loss")
CHECKED_ITERATIONS = 3
NOT_OFFERED = 3  # exit status


def not_offered(reason):
    """Ends a peer that has no way to do what was asked for."""
    print(f"not offered: {reason}", file=sys.stderr)
    sys.exit(NOT_OFFERED)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="cgan")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--fakes", choices=["inference", "shared"])
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="compare with the reference instead of timing")
    return parser


def prepare_environment(threads):
    """Has to run before a framework is imported."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def batches(size, count, latent):
    """Noise N(0, 1) [B, latent] float32, images [B, 32, 32, 3] uint8 and labels [B] int32, `count` times."""
    random = np.random.default_rng(1)
    images = random.integers(0, 256, [POOL, 32, 32, 3], dtype=np.uint8)
    labels = random.integers(0, formula.CLASSES, POOL, dtype=np.int32)
    for _ in range(count):
        chosen = random.integers(0, POOL, size)
        yield random.standard_normal([size, latent], dtype=np.float32), images[chosen], labels[chosen]


def timed(step, asked, images, latent):
    """Runs the iterations; answers the milliseconds of each after the warm-up, with a batch's preparation."""
    times, start, cpu = [], time.perf_counter(), 0
    for batch in batches(images, asked.warmup + asked.iterations, latent):
        metrics = step(*batch)
        now = time.perf_counter()
        times.append((now - start) * 1e3)
        start = now
        if len(times) == asked.warmup:
            cpu = time.process_time()
    if not all(math.isfinite(metrics[name]) for name in LOSSES):
        raise ArithmeticError(f"training diverged: {metrics}")
    return {
        "ms": [round(t, 3) for t in times[asked.warmup :]],
        "cpuMs": round((time.process_time() - cpu) * 1e3 / asked.iterations, 3),
        "warmupMs": round(sum(times[: asked.warmup]), 3),
        "peakRssMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def checked(step, fakes, reference, tolerance, latent):
    """Compares losses with the reference: of the first iteration tightly, of the next ones for what they update."""
    differences = []
    for expected in reference["fakes"][fakes]["metrics"][:CHECKED_ITERATIONS]:
        metrics = step(*formula.batch(reference["seed"], expected["iteration"], reference["batch"], latent))
        differences.append(max(abs(metrics[name] - expected[name]) for name in LOSSES))
        if len(differences) == 1:
            first_accuracy = abs(metrics["d_accuracy"] - expected["d_accuracy"])
    agrees = first_accuracy < 1e-6 and differences[0] < tolerance and max(differences) < 20 * tolerance
    return {"check": agrees, "differences": differences}


def reference_of(model):
    return json.loads((ROOT / f"tests/fixtures/reference/{model}.json").read_text())


def reference_weights(reference):
    """The reference's initial weights by name, such as generator/conv1/kernel, in its order."""
    return {
        t["name"]: formula.tensor(reference["seed"], t["index"], t["shape"], t["role"])
        for t in reference["tensors"]
    }


def run(name, asked, peer, spec=None):
    """Times or checks a peer and prints its line.

    A peer has step(noise, images, labels), which answers the metrics, load(weights by name), versions, and tolerance:
    how far a loss of the first iteration may be from the reference's. With a spec it is that model, without one dcgan or cgan.
    """
    fakes = spec.train["fakes"] if spec else asked.fakes or "inference"
    latent = spec.latent if spec else formula.LATENT
    line = {"peer": name, "model": asked.model, "batch": asked.batch, "fakes": fakes, "threads": asked.threads}
    if asked.check:
        reference = reference_of(asked.model)
        peer.load(spec.weights(reference["seed"]) if spec else reference_weights(reference))
        line |= {"batch": reference["batch"], **checked(peer.step, fakes, reference, peer.tolerance, latent)}
    else:
        if spec:
            peer.load(spec.weights())
        images = asked.batch * (spec.train["discriminatorSteps"] if spec else 1)
        line |= timed(peer.step, asked, images, latent)
    print(json.dumps({**line, "versions": peer.versions}), flush=True)
    if line.get("check") is False:
        sys.exit(1)
