# Everything runs in .venv, which is made (or brought up to date) by the first target that needs it.

.PHONY: demo test test-full lint bench bench-search bench-synthesis bench-learning bench-methods bench-peers bench-proposers bench-ablations bench-prover clean

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

# Who names the right point first, on held-out theorems; and what the model owes to what. THEOREMS are folders of
# `maieutic synthesize`, as docs/prover.md makes them.
THEOREMS ?= runs/theorems runs/auxiliary

bench-proposers: .venv/.stamp
	$(BIN)/python benchmarks/proposers.py $(THEOREMS)

bench-ablations: .venv/.stamp
	$(BIN)/python benchmarks/prover_ablations.py $(THEOREMS)

# Rounds of the prover by five methods from the shipped model, in stages of at most an hour: run it again until all is
# done.
bench-prover: export HF_HUB_OFFLINE := 1
bench-prover: export TOKENIZERS_PARALLELISM := false
bench-prover: export OMP_NUM_THREADS := 1
bench-prover: .venv/.stamp
	$(BIN)/python benchmarks/prover_rounds.py --theorems $(lastword $(THEOREMS))

# How fast theorems are made up: ten minutes on two cores.
bench-synthesis: .venv/.stamp
	$(BIN)/python benchmarks/synthesis.py --write

# A step of DPO beside TRL's, which the dev extra installs: a quarter of an hour on one core.
bench-learning: .venv/.stamp
	$(BIN)/python benchmarks/learning.py

# Every method of improvement in the letters world: an hour on two cores, after half an hour for their common start where
# it is not there yet; stopped, it goes on where it was.
bench-methods: export HF_HUB_OFFLINE := 1
bench-methods: export TOKENIZERS_PARALLELISM := false
bench-methods: export OMP_NUM_THREADS := 1

bench-methods: .venv/.stamp
	$(BIN)/python benchmarks/methods.py

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
