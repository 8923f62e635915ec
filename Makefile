# Everything runs in .venv, which is made (or brought up to date) by the first target that needs it.

.PHONY: demo test test-full lint bench bench-search bench-synthesis bench-learning bench-peers clean

PYTHON ?= python3
BIN := .venv/bin

demo: .venv/.stamp
	$(BIN)/maieutic demo

# Tests reach no network, and each of the two workers keeps to one thread.
test test-full: export HF_HUB_OFFLINE := 1
test test-full: export TOKENIZERS_PARALLELISM := false
test test-full: export OMP_NUM_THREADS := 1
test test-full: export OPENBLAS_NUM_THREADS := 1
test test-full: export NUMBA_NUM_THREADS := 1
test-full: export MAIEUTIC_FULL := 1

test test-full: .venv/.stamp
	$(BIN)/python -m pytest -n 2

lint: .venv/.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

bench: .venv/.stamp
	$(BIN)/python benchmarks/run.py

# The search for auxiliary points: an hour or so; stopped, it goes on where it was.
bench-search: .venv/.stamp
	$(BIN)/python benchmarks/search.py

# How fast theorems are made up: ten minutes on two cores.
bench-synthesis: .venv/.stamp
	$(BIN)/python benchmarks/synthesis.py --write

# A step of DPO beside TRL's, which the dev extra installs: a quarter of an hour on one core.
bench-learning: .venv/.stamp
	$(BIN)/python benchmarks/learning.py

# The comparison with Yuclid, which is in an environment of its own, .venv-peers.
bench-peers: .venv/.stamp .venv-peers/.stamp
	$(BIN)/python benchmarks/against_yuclid.py

# Removes what tools leave behind, and keeps .venv.
clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/.stamp: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[dev,lm]'
	touch $@

.venv-peers/.stamp: benchmarks/make_peers_venv.sh benchmarks/peers-constraints.txt
	PYTHON=$(PYTHON) benchmarks/make_peers_venv.sh
	touch $@

.venv-alpaca/.stamp: benchmarks/alpaca-constraints.txt
	$(PYTHON) -m venv .venv-alpaca
	.venv-alpaca/bin/pip install -q -c $< 'setuptools<81' alpaca_eval
	touch $@
