#!/bin/sh
# Makes bench/peers/.venv with the peers' frameworks. Needs Python 3.11 to 3.13 with venv, a C++ compiler for torch.compile,
# and about 7 GB: on Linux x86-64 the package index has PyTorch only with its CUDA libraries, which it needs even on the CPU.
# PYTHON names another Python.
set -eu
cd "$(dirname "$0")"
[ -x .venv/bin/python ] || "${PYTHON:-python3}" -m venv .venv
.venv/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
.venv/bin/python -c 'import sys; print("The peers are ready in", sys.prefix)'
