"""Who names the right point first: proposers on theorems that no model has seen and chance does not prove.

Theorems whose proofs need auxiliary points and that random points do not prove in 8 closures, of the test side
(synthesis/split.py) of the folders that the model learned from. Each proposer orders single points; what is counted is
the closures until one proves the goal, kernel included (geometry/search/budget.py). Results are lines of JSON, written
as they come: an interrupted run goes on where it stopped. Prints the tables and, unless --no-page, puts them into
docs/prover.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine_process import start_engine
from maieutic.align.measuring.intervals import Estimate, mean
from maieutic.core.errors import DiagramError
from maieutic.geometry.search.budget import figure, first_proof
from maieutic.geometry.search.run import heuristic, shuffled
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.split import Side, side_of
from maieutic.geometry.synthesis.synthesize import proof_of
from maieutic.geometry.synthesis.theorem import stated
from maieutic.geometry.trusted.records import Problem
from page import ROOT, RUNS, acceptance, machine, table, verdict, write_section
from search import read

Record = dict[str, Any]
FEW, MOST = 8, 32
"""Closures at which shares are told."""
THEOREMS = 1000
SOLUTIONS = ROOT / "runs" / "proposer" / "solutions"
PAGE = ROOT / "docs" / "prover.md"
ROWS = ("none", "random", "heuristic", "model", "mixed")


def proposers(model: Path | None) -> Mapping[str, Proposer]:
    """The proposers by name; loads the model."""
    from maieutic.loops.proposers.named import proposer_named

    return {
        "random": partial(shuffled, seed=0),
        "heuristic": heuristic,
        "model": proposer_named("model", model),
        "mixed": proposer_named("mixed", model),
    }


def held_out(folders: Sequence[Path], solutions: Sequence[Path]) -> Iterator[tuple[str, int, Problem]]:
    """(key, auxiliary points, statement) of theorems that need points and were not learned, in their order.

    Args:
        folders: of theorems, of which the test side is taken.
        solutions: folders of what the model was asked in training (train_prover's stage).
    """
    learned = {record["statement"] for folder in solutions for record in read_folder(folder).read()}
    for record in (record for folder in folders for record in read_folder(folder).read()):
        if record["auxiliary_points"] and side_of(record["key"]) is Side.TEST and record["key"] not in learned:
            learned.add(record["key"])  # each once
            yield record["key"], record["auxiliary_points"], stated(proof_of(record))


def closures(problem: Problem, propose: Proposer) -> Record:
    """How many closures it took, or None, and what was spent on naming points and on all."""
    base = figure(problem)
    clock = time.process_time()
    points = propose(problem, base, MOST)[:MOST]
    named = time.process_time()
    solved = first_proof(base, points)
    spent = time.process_time()
    return {
        "closures": solved.closures if solved else None,
        "points": len(points),
        "propose_s": round(named - clock, 5),
        "cpu_s": round(spent - clock, 5),
    }


def run(
    theorems: Iterator[tuple[str, int, Problem]], by: Mapping[str, Proposer], path: Path, count: int
) -> dict[str, dict[str, Record]]:
    """The records by theorem and proposer, of so many theorems that chance leaves."""
    known: dict[str, dict[str, Record]] = {}
    for record in read(path):
        known.setdefault(record["key"], {})[record["proposer"]] = record
    chosen: dict[str, dict[str, Record]] = {}
    with path.open("a", encoding="utf-8") as file:
        for key, auxiliary, problem in theorems:
            if len(chosen) == count:
                break
            found = known.setdefault(key, {})
            for name, propose in by.items():
                if name not in found:
                    try:
                        found[name] = {
                            "key": key,
                            "auxiliary": auxiliary,
                            "proposer": name,
                            **closures(problem, propose),
                        }
                    except DiagramError:
                        break
                    file.write(json.dumps(found[name]) + "\n")
                    file.flush()
                if name == "random" and within(found[name], FEW):
                    break
            else:
                chosen[key] = found
                if len(chosen) % 50 == 0:
                    print(f"{len(chosen)} of {count} theorems")
    return chosen


def within(record: Record, most: int) -> bool:
    return record["closures"] is not None and record["closures"] <= most


# --- the tables ------------------------------------------------------------------------------------------------------


def solved(records: Mapping[str, Mapping[str, Record]], name: str, most: int) -> np.ndarray:
    """[theorems] 1 where this proposer proved it; nobody proves one without a point."""
    if name == "none":
        return np.zeros(len(records))
    return np.array([float(within(by[name], most)) for by in records.values()])


def share(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def difference(records: Mapping[str, Mapping[str, Record]], one: str, other: str, most: int) -> Estimate:
    """By how much one proposer's share is larger, over the same theorems drawn anew."""
    return mean(solved(records, one, most) - solved(records, other, most))


def tables(records: Mapping[str, Mapping[str, Record]]) -> str:
    """Everything for the page."""
    rows = []
    for name in ROWS:
        spent = [1000 * by[name]["propose_s"] for by in records.values()] if name != "none" else []
        rows.append((
            name,
            share(mean(solved(records, name, FEW))),
            share(mean(solved(records, name, MOST))),
            f"{np.median(spent):.0f}" if spent else "-",
        ))  # fmt: skip
    pairs = [("model", "heuristic"), ("mixed", "heuristic"), ("mixed", "model")]
    apart = [(f"{a} - {b}", *(share(difference(records, a, b, most)) for most in (FEW, MOST))) for a, b in pairs]
    h, m = (float(solved(records, name, FEW).mean()) for name in ("heuristic", "model"))
    wanted = min(1.5 * h, h + (1 - h) / 2)
    worse = [
        max(difference(records, "mixed", other, most).high for most in (FEW, MOST)) for other in ("heuristic", "model")
    ]
    return "\n\n".join((
        table(("% proved", f"at {FEW} closures", f"at {MOST}", "ms to name points"), rows),
        table(("paired difference", f"at {FEW} closures", f"at {MOST}"), apart),
        by_points(records),
        acceptance([
            verdict(f"{THEOREMS} theorems", str(len(records)), len(records) >= THEOREMS),
            verdict(f"model at {FEW}: min(1.5 h, h + (1 - h) / 2) = {100 * wanted:.1f}", f"{100 * m:.1f}", m >= wanted),
            verdict("mixed not below either beyond the interval", f"{100 * min(worse):.1f}", min(worse) >= 0),
        ]),
    ))  # fmt: skip


def by_points(records: Mapping[str, Mapping[str, Record]]) -> str:
    """The shares by how many points the theorem was made with."""
    rows = []
    for least, text in ((1, "made with one point"), (2, "with two or more")):
        part = {k: by for k, by in records.items() if min(by["random"]["auxiliary"], 2) == least}
        if part:
            cells = [f"{100 * solved(part, name, FEW).mean():.1f}" for name in ROWS[1:]]
            rows.append((text, str(len(part)), *cells))
    return table((f"% proved at {FEW}", "theorems", *ROWS[1:]), rows)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "theorems", type=Path, nargs="+", help="folders of 'maieutic synthesize' that the model learned from"
    )
    parser.add_argument(
        "--solutions", type=Path, nargs="+", default=[SOLUTIONS], help="questions that the model was trained on"
    )
    parser.add_argument("--model", type=Path, help="the model's folder (default: the one that is shipped)")
    parser.add_argument("--count", type=int, default=THEOREMS, help="theorems")
    parser.add_argument("--out", type=Path, default=RUNS / "proposers.jsonl", help="file of the results")
    parser.add_argument("--fresh", action="store_true", help="forget the results that are there")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        options.out.unlink(missing_ok=True)
    start_engine()
    records = run(held_out(options.theorems, options.solutions), proposers(options.model), options.out, options.count)
    text = f"Measured {machine()}; {len(records)} theorems.\n\n{tables(records)}"
    print(text)
    if options.page:
        write_section("proposers", text, PAGE)


if __name__ == "__main__":
    main()
