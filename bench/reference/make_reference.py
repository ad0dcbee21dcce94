"""Makes tests/fixtures/reference/{dcgan,cgan}.json: ten iterations of each GAN by Keras on the CPU.

Usage: python bench/reference/make_reference.py [dcgan] [cgan]
About two minutes. tests/fixtures/reference/README.md says what is in the files.
"""

import json
import os
import pathlib
import platform
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import formula
from trainer import Trainer

SEED = 1
BATCH = 8
ITERATIONS = 10
KEEP_AFTER = (1, 10)
MODELS = ("dcgan", "cgan")
FAKES = ("inference", "shared")
OUTPUT = pathlib.Path(__file__).parents[2] / "tests/fixtures/reference"


def run(model, fakes_mode, float_type):
    """Ten iterations in one float type, as plain arrays."""
    keras.config.set_floatx(float_type)
    keras.backend.clear_session()
    trainer = Trainer(model == "cgan", SEED, BATCH, keep_cancelled=float_type == "float64")
    noise, _, labels = trainer.inputs(1)
    result = {"trainer": trainer, "metrics": [], "after": {}}
    result["generated"] = trainer.generate(noise, labels, training=False).numpy()
    for number in range(1, ITERATIONS + 1):
        metrics, gradients = trainer.iteration(number, fakes_mode)
        result["metrics"].append({name: rounded(value) for name, value in metrics.items()} | {"iteration": number})
        if number == 1:
            result["gradients"] = {step: [g.numpy() for g in of] for step, of in gradients.items()}
        if number in KEEP_AFTER:
            result["after"][number] = trainer.state()
    return result


def rounded(number, digits=9):
    return float(f"{number:.{digits}g}")


def summary(exact, single, positions):
    """The float64 tensor in few numbers, and how far the float32 one is from it."""
    flat, deviations = exact.ravel(), (single - exact).ravel()
    return {
        "sum": rounded(flat.sum()),
        "norm": rounded(np.linalg.norm(flat)),
        "samples": [rounded(flat[at]) for at in positions],
        "float32": {
            "max": rounded(np.abs(deviations).max(), 2),
            "norm": rounded(np.linalg.norm(deviations), 2),
        },
    }


def summaries(exact, single, tensors):
    return [summary(e, s, t.positions) for e, s, t in zip(exact, single, tensors, strict=True)]


def weight_summaries(exact, single, tensors):
    """Summaries that also say how far training moved each tensor from its initial value."""
    records = summaries(exact, single, tensors)
    for record, values, t in zip(records, exact, tensors):
        initial = formula.tensor(SEED, t.index, t.shape, t.role)
        record["moved"] = rounded(np.linalg.norm(values - initial), 3)
    return records


def described(tensor):
    initial = formula.tensor(SEED, tensor.index, tensor.shape, tensor.role).ravel()
    return {
        "index": tensor.index,
        "name": tensor.name,
        "network": tensor.network,
        "role": tensor.role,
        "shape": tensor.shape,
        "trainable": tensor.trainable,
        "cancelledByBatchNorm": tensor.cancelled,
        "positions": tensor.positions,
        "initial": [float(initial[at]) for at in tensor.positions],
    }


def state_record(exact, single, trainer):
    return {
        "weights": weight_summaries(exact["weights"], single["weights"], trainer.tensors),
        "m": summaries(exact["m"], single["m"], trainer.trainable()),
        "v": summaries(exact["v"], single["v"], trainer.trainable()),
    }


def run_record(exact, single):
    trainer = exact["trainer"]
    return {
        "metrics": exact["metrics"],
        "metricsFloat32": single["metrics"],
        "gradients": {
            step: summaries(exact["gradients"][step], single["gradients"][step], trainer.trainable(network))
            for step, network in (
                ("discriminatorReal", "discriminator"),
                ("discriminatorFake", "discriminator"),
                ("generator", "generator"),
            )
        },
        "after": {
            number: state_record(exact["after"][number], single["after"][number], trainer)
            for number in KEEP_AFTER
        },
    }


def make(model):
    runs = {mode: [run(model, mode, kind) for kind in ("float64", "float32")] for mode in FAKES}
    exact, single = runs["inference"]
    noise, images, labels = formula.batch(SEED, 1, BATCH)
    positions = formula.sample_positions(999, exact["generated"].size)
    return {
        "model": model,
        "seed": SEED,
        "batch": BATCH,
        "iterations": ITERATIONS,
        "madeWith": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "inputs": {
            "noise": noise.ravel()[:8].tolist(),
            "images": images.ravel()[:8].tolist(),
            "labels": labels.tolist(),
        },
        "tensors": [described(tensor) for tensor in exact["trainer"].tensors],
        "generated": {
            "shape": list(exact["generated"].shape),
            "positions": positions,
            **summary(exact["generated"], single["generated"], positions),
        },
        "fakes": {mode: run_record(*pair) for mode, pair in runs.items()},
    }


def as_lines(value, indent=""):
    """JSON with what fits, such as one tensor's summary, on one line, so that a change shows as one."""
    line = json.dumps(value)
    if len(line) <= 500:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        members = [f"{json.dumps(str(key))}: {as_lines(member, deeper)}" for key, member in value.items()]
    else:
        members = [as_lines(member, deeper) for member in value]
    start, end = line[0], line[-1]
    return f"{start}\n{deeper}" + f",\n{deeper}".join(members) + f"\n{indent}{end}"


def write_references(make, models):
    """Writes the reference of each model that the command line names, or of all."""
    for model in sys.argv[1:] or models:
        path = OUTPUT / f"{model}.json"
        path.write_text(as_lines(make(model)) + "\n")
        print(f"{path} ({path.stat().st_size} bytes)")


def main():
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    write_references(make, MODELS)


if __name__ == "__main__":
    main()
