"""Win rates beside those of the alpaca_eval package, in an environment of its own (make .venv-alpaca/.stamp)."""

import csv
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from maieutic.align.measuring.annotations import read_annotations
from maieutic.align.measuring.winrate import GamingRows, win_rate

ROOT = Path(__file__).parents[2]
PEER = Path(os.environ.get("MAIEUTIC_ALPACA_PYTHON", ROOT / ".venv-alpaca/bin/python"))

pytestmark = pytest.mark.skipif(not PEER.exists(), reason="alpaca_eval is not installed: make .venv-alpaca/.stamp")


def synthetic(seed: int, n: int = 120) -> tuple[list[dict], np.ndarray, list[GamingRows]]:
    """Annotations with draws, both ways of writing them, and missing values; difficulties; two gamed baselines."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(size=n)
    base, model = rng.integers(1, 400, n), rng.integers(1, 400, n)
    chance = 1 / (1 + np.exp(-rng.normal(scale=2, size=n) + difficulty - (model - base) / 100))
    preference: list[float | None] = [1.0 + float(p) for p in chance]
    for k in range(0, n, 11):
        preference[k] = [0.0, 1.5, None][k % 3]
    rows = [
        {
            "instruction": f"question {k}",
            "index": k,
            "output_1": "b" * int(base[k]),
            "output_2": "m" * int(model[k]),
            "generator_1": "baseline",
            "generator_2": "model",
            "annotator": "synthetic",
            "preference": preference[k],
        }
        for k in range(n)
    ]
    gaming = [GamingRows(rng.uniform(size=n), rng.normal(size=n), difficulty) for _ in range(2)]
    return rows, difficulty, gaming


@pytest.mark.parametrize("seed", range(3))
def test_win_rates_equal_those_of_alpaca_eval(tmp_path, seed):
    rows, difficulty, gaming = synthetic(seed)
    (tmp_path / "annotations.json").write_text(json.dumps(rows))
    with (tmp_path / "difficulty.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["index", "instruction_difficulty"], *enumerate(difficulty)])
    with (tmp_path / "gamed.csv").open("w", newline="") as file:
        table = csv.writer(file)
        names = ["model", "preference", "index", "std_delta_len", "instruction_difficulty", "not_gamed_baseline"]
        table.writerow(names)
        for name, of in zip(("verbose", "concise"), gaming, strict=True):
            for k, (p, delta) in enumerate(zip(of.preference, of.scaled_delta, strict=True)):
                table.writerow([name, p, k, delta, difficulty[k], False])
    script = Path(__file__).with_name("alpaca_eval_reference.py")
    files = [tmp_path / name for name in ("annotations.json", "difficulty.csv", "gamed.csv")]
    answer = subprocess.run([PEER, script, *files], capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stderr
    theirs = json.loads(answer.stdout.strip().splitlines()[-1])
    ours = win_rate(read_annotations(files[0]), {str(k): float(d) for k, d in enumerate(difficulty)}, gaming)
    assert ours.win_rate == pytest.approx(theirs["win_rate"], abs=1e-6)
    assert ours.standard_error == pytest.approx(theirs["standard_error"], abs=1e-6)
    assert ours.n == theirs["n_total"]
    assert ours.length_controlled_win_rate == pytest.approx(theirs["length_controlled_winrate"], abs=1e-6)
    assert ours.lc_standard_error == pytest.approx(theirs["lc_standard_error"], abs=1e-6)
