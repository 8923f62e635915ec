#!/bin/sh
# Create .venv-peers, the environment of the provers this project is compared with (see peer_yuclid.py).
set -eu
cd "$(dirname "$0")/.."
test -x .venv-peers/bin/python || "${PYTHON:-python3}" -m venv .venv-peers
.venv-peers/bin/python -m pip install --quiet -r benchmarks/peers-constraints.txt
