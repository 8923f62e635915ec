"""What makes the proposer good: the ablations of AlphaGeometry's paper (Nature 625, 2024, figure 6), small.

Models of the shipped size, trained for a few minutes each by `maieutic train-prover`: as it is, without pretraining,
without fine-tuning on questions, on half and on a quarter of the theorems, with questions always in the same words
(geometry/text/augment.py), and by the loss that is content with any one answer (lm/losses.py); and the shipped model
with fewer beams. Measured as in proposers.py, on the first of its theorems. Every training is a run's folder and goes
on where it stopped. Prints the table and, unless --no-page, puts it into docs/prover.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine_process import start_engine
from maieutic.align.measuring.intervals import mean
from maieutic.core.config import load
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.trusted.records import Problem
from page import ROOT, RUNS, machine, table, write_section
from proposers import FEW, MOST, PAGE, SOLUTIONS, closures, held_out, share, solved
from search import read

Record = dict[str, Any]
CONFIG = ROOT / "examples" / "prover" / "train.toml"
PRETRAINING, FINE_TUNING = 200_000, 600_000
"""Tokens of each training, a few minutes on one core; the shipped model has several times as many."""

VARIANTS: dict[str, Mapping[str, Any]] = {
    "as it is": {},
    "without pretraining": {"pretraining.tokens": 0},
    "without fine-tuning": {
        "fine_tuning.tokens": 0,
        "pretraining.tokens": PRETRAINING + FINE_TUNING,
    },
    "half of the theorems": {"share": 0.5},
    "a quarter": {"share": 0.25},
    "any answer will do": {"fine_tuning.training.loss": "marginal"},
    "questions always in the same words": {"fine_tuning.reworded": "false"},
}
WIDTHS = (4, 8, 16, 32, 64)


def trained(name: str, changes: Mapping[str, Any], out: Path, solutions: Sequence[Path], seed: int) -> Path:
    """The model's folder of a variant; trains it where it is missing."""
    from maieutic.loops.theorems.train import train_prover
    from maieutic.loops.theorems.train_config import TrainProverConfig

    settings = {"pretraining.tokens": PRETRAINING, "fine_tuning.tokens": FINE_TUNING, **changes, "seed": seed}
    settings["solutions.folder"] = json.dumps([str(folder.resolve()) for folder in solutions])
    config = load(TrainProverConfig, CONFIG, [f"{key}={value}" for key, value in settings.items()])
    return train_prover(config, CONFIG.parent, out / name.replace(" ", "-"))


def measured(problems: list[tuple[str, int, Problem]], name: str, propose: Proposer, path: Path) -> dict[str, Record]:
    """The records of one proposer by theorem: those in the file, and the others as they come."""
    known = {record["key"]: record for record in read(path) if record["proposer"] == name}
    with path.open("a", encoding="utf-8") as file:
        for key, auxiliary, problem in problems:
            if key not in known:
                known[key] = {"key": key, "auxiliary": auxiliary, "proposer": name, **closures(problem, propose)}
                file.write(json.dumps(known[key]) + "\n")
                file.flush()
    return {key: known[key] for key, _, _ in problems}


def row(name: str, records: Mapping[str, Record]) -> tuple[str, str, str]:
    by = {key: {name: record} for key, record in records.items()}
    return name, share(mean(solved(by, name, FEW))), share(mean(solved(by, name, MOST)))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("theorems", type=Path, nargs="+", help="folders of theorems, as of proposers.py")
    parser.add_argument(
        "--solutions", type=Path, nargs="+", default=[SOLUTIONS], help="questions that all models are trained on"
    )
    parser.add_argument("--chosen", type=Path, default=RUNS / "proposers.jsonl", help="results of proposers.py")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=[*VARIANTS], help="these trainings; no page")
    parser.add_argument("--seed", type=int, default=0, help="of the trainings; others than 0 are not for the page")
    parser.add_argument("--count", type=int, default=300, help="theorems")
    parser.add_argument("--out", type=Path, default=RUNS / "ablations", help="folder of the runs and results")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    from maieutic.loops.proposers.model import ModelProposer, shipped

    options.out.mkdir(parents=True, exist_ok=True)
    start_engine()
    left = {r["key"] for r in read(options.chosen) if r["proposer"] == "heuristic"}
    problems = [theorem for theorem in held_out(options.theorems, options.solutions) if theorem[0] in left][
        : options.count
    ]
    whole = not options.seed and options.only == [*VARIANTS]
    results, rows = options.out / "results.jsonl", []
    for variant in options.only:
        name = f"{variant}, seed {options.seed}" if options.seed else variant
        model = trained(name, VARIANTS[variant], options.out, options.solutions, options.seed)
        rows.append(row(name, measured(problems, name, ModelProposer(model), results)))
        print(*rows[-1])
    for width in WIDTHS if whole else ():
        name = f"shipped, {width} beams"
        rows.append(row(name, measured(problems, name, ModelProposer(shipped(), width), results)))
    head = ("% proved", f"at {FEW} closures", f"at {MOST}")
    budget = f"{(PRETRAINING + FINE_TUNING) / 1e6:g} million tokens each, {PRETRAINING / 1e6:g} of them proofs"
    text = f"Measured {machine()}; {len(problems)} theorems; small models: {budget}.\n\n{table(head, rows)}"
    print(text)
    if options.page and whole:
        write_section("ablations", text, PAGE)


if __name__ == "__main__":
    main()
