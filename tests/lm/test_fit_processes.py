"""Two processes that train together (accelerate, gloo on loopback) do what one does with the same batches."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
LONGEST = 240.0
"""Seconds that the processes may take."""

COMMON = {"learning_rate": 1e-3, "micro_batch_tokens": 40, "max_steps": 20, "validate_every": 10, "warmup": 0.0}
RUNS = [
    {"name": "sft", "loss": "sft", "count": 23, "batch_size": 5, **COMMON},
    {"name": "dpo", "loss": "dpo", "count": 23, "batch_size": 5, **COMMON},
    {"name": "live", "loss": "dpo", "count": 8, "batch_size": 4, "cache_reference": False, **COMMON},
    {"name": "adapters", "loss": "dpo", "count": 23, "batch_size": 5, "lora": True, **COMMON},
    {"name": "rewards", "loss": "bradley_terry", "count": 11, "batch_size": 3, **COMMON},
    {"name": "one row a batch", "loss": "sft", "count": 7, "batch_size": 1, **COMMON},
]
"""Batches that do not divide by two, uneven micro-batches, and batches of which only one process has a row."""


def start(runs: Path, folder: Path, processes: int) -> list[subprocess.Popen[str]]:
    folder.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    together = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(processes)}
    base = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "ACCELERATE_USE_CPU": "true"}
    base = {name: value for name, value in base.items() if name not in ("RANK", "LOCAL_RANK")}
    command = [
        sys.executable,
        "-W",
        "ignore",
        str(Path(__file__).with_name("two_processes.py")),
        str(runs),
        str(folder),
    ]
    ranks = [{"RANK": str(n), "LOCAL_RANK": str(n), **together} if processes > 1 else {} for n in range(processes)]
    return [
        subprocess.Popen(command, env={**base, **rank}, cwd=ROOT, stderr=subprocess.PIPE, text=True) for rank in ranks
    ]


def spawn(runs: Path, folder: Path, processes: int) -> dict[str, Any]:
    """What the processes found; they must all end well, in time."""
    children = start(runs, folder, processes)
    try:
        told = [child.communicate(timeout=LONGEST)[1] for child in children]
    finally:
        for child in children:
            child.kill()
    assert [child.returncode for child in children] == [0] * processes, told
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("processes")
    runs = folder / "runs.json"
    runs.write_text(json.dumps(RUNS))
    return [spawn(runs, folder / str(processes), processes) for processes in (1, 2)]


@pytest.mark.slow
@pytest.mark.parametrize("name", [run["name"] for run in RUNS])
def test_losses_and_what_is_watched_are_the_same(results, name):
    one, two = (found[name] for found in results)
    assert len(one["losses"]) == 20
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    assert two["metrics"].keys() == one["metrics"].keys()
    assert two["metrics"] == pytest.approx(one["metrics"], rel=1e-3, abs=1e-5)


@pytest.mark.full
def test_two_processes_that_are_killed_go_on(tmp_path):
    runs = tmp_path / "runs.json"
    runs.write_text(json.dumps([{**RUNS[1], "checkpoint_every": 1}]))
    expected = spawn(runs, tmp_path / "whole", 2)
    children = start(runs, tmp_path / "cut", 2)
    metrics = tmp_path / "cut" / "dpo" / "metrics.jsonl"
    deadline = time.monotonic() + LONGEST
    while not (metrics.is_file() and metrics.read_bytes().count(b"\n") > 5) and time.monotonic() < deadline:
        time.sleep(0.001)
    for child in children:
        child.kill()
        child.communicate()
    assert not (tmp_path / "cut" / "dpo" / "result.json").exists()
    assert spawn(runs, tmp_path / "cut", 2) == expected
