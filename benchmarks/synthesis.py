"""How fast theorems are made up, and what kind: a run of some minutes, as a table.

Writes to a temporary folder (or --out, to keep what was made), stops after --seconds, and prints unique theorems a
second and core, those with confirmed auxiliary points, how many are long, and how many need several points.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from maieutic.geometry.synthesis.synthesize import State, Statistics, Task, make_shard, synthesize
from page import acceptance, machine, table, verdict, write_section

ENDLESS = 10**9
LONG = 25


class EnoughError(Exception):
    """The time is up."""


def run(out: Path, seconds: float, seed: int, jobs: int) -> tuple[Statistics, float]:
    """Theorems made in so many seconds, to the end of a shard, and how many seconds it took."""
    make_shard(Task(seed + 1, 0, 8))  # so that the engine is compiled
    started = time.monotonic()
    last: list[State] = []

    def on_shard(state: State) -> None:
        last[:] = [state]
        print(f"\r{state.statistics.theorems} theorems, {state.rate:.1f}/s", end="", flush=True)
        if time.monotonic() - started > seconds:
            raise EnoughError

    try:
        synthesize(ENDLESS, out, seed, jobs, on_shard=on_shard)
    except EnoughError:
        print()
    return last[0].statistics, last[0].seconds


def tables(found: Statistics, seconds: float, jobs: int, seed: int) -> str:
    """The acceptance figures, and what there is of each kind."""
    core = seconds * jobs
    deep = sum(number for length, number in found.deductions.items() if length >= LONG)
    several = sum(number for points, number in found.auxiliary_points.items() if points > 1)
    rate, hidden = found.theorems / core, found.auxiliary / core
    deep_share, several_share = 1000 * deep / found.theorems, 1000 * several / max(1, found.auxiliary)
    figures = acceptance(
        (
            verdict("unique theorems a second and core: 20 (aim 50)", f"{rate:.1f}", rate >= 20),
            verdict(f"in a thousand, of {LONG} deductions or more: 1", f"{deep_share:.1f}", deep_share >= 1),
            verdict("with confirmed auxiliary points: 2 (aim 5)", f"{hidden:.1f}", hidden >= 2),
            verdict("in a thousand of these, with two or more: 1", f"{several_share:.1f}", several_share >= 1),
        )
    )
    kinds = [
        table((title, "theorems", "in a hundred"), [(k, str(n), f"{100 * n / found.theorems:.1f}") for k, n in rows])
        for title, rows in (
            ("goal", found.goals.most_common()),
            ("deductions", found.lengths()),
            ("auxiliary points", [(str(points), number) for points, number in sorted(found.auxiliary_points.items())]),
        )
    ]
    head = f"{found.theorems} theorems in {seconds:.0f} s on {jobs} processes, seed {seed}. {machine()}."
    return "\n\n".join((head, figures, *kinds))


def main() -> None:
    """Run, print, and put the tables into docs/benchmarks.md if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the section of docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found, seconds = run(options.out or Path(folder) / "theorems", options.seconds, options.seed, options.jobs)
    text = tables(found, seconds, options.jobs, options.seed)
    print(text)
    if options.write:
        write_section("synthesis", text)


if __name__ == "__main__":
    main()
