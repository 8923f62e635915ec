"""Time every stage of the prover on the published problem sets, warm and in one process.

The engine is compiled on a small problem, all files are proved once untimed, and then `--passes` times more; of each
problem's stages the smallest CPU time over the passes counts. Prints a table, writes a line of JSON for each problem,
and, when it ran on all published sets, puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from engine_process import start_engine
from maieutic.core.errors import InputError
from maieutic.geometry.attempt import warm_up
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Result, Status, prove
from maieutic.geometry.trusted.records import Accepted, Problem
from page import RUNS, acceptance, machine, table, verdict, write_section
from problem_sets import NAMES, find_sets, present, read_problems

STAGES = ("build_s", "match_s", "closure_s", "proof_s", "check_s")
MOST_S = 0.1  # acceptance: the median of extracting a proof, and of checking it
MOST_CHECK_S = 1.0  # acceptance: the longest check


@dataclass
class Measured:
    """What became of one problem: the smallest CPU seconds of each stage, over the passes."""

    set: str
    name: str
    status: str
    proved: bool = False
    accepted: bool = False
    build_s: float = 0.0
    match_s: float = 0.0
    closure_s: float = 0.0
    proof_s: float = 0.0
    check_s: float = 0.0
    proof_steps: int = 0
    message: str = ""

    @property
    def engine_s(self) -> float:
        """Matching and closing."""
        return self.match_s + self.closure_s


def parse_set(name: str, file: Path) -> tuple[list[Problem], list[Measured]]:
    """A file's problems, and those that could not be read."""
    problems, failures = [], []
    for title, text in read_problems(file):
        try:
            problems.append(parse_problem(text, title))
        except InputError as error:
            failures.append(Measured(name, title, "unreadable", message=str(error)))
    return problems, failures


def measured(name: str, title: str, result: Result) -> Measured:
    """One problem of a set, once."""
    return Measured(
        name,
        title,
        result.status.value,
        proved=result.closure is not None and result.closure.reason is StopReason.PROVED,
        accepted=isinstance(result.verdict, Accepted),
        proof_steps=result.proof_steps,
        message=result.message,
        **{stage: round(getattr(result, stage), 6) for stage in STAGES},
    )


def least(first: Measured, second: Measured) -> Measured:
    """The smaller time of each stage."""
    return replace(second, **{stage: min(getattr(first, stage), getattr(second, stage)) for stage in STAGES})


def measure(files: dict[str, Path], passes: int, seed: int) -> list[Measured]:
    """All problems of all files: an untimed pass, and the timed ones."""
    start_engine()  # compiles the engine, if need be: here it would count as memory
    warm_up()
    failures: list[Measured] = []
    tasks: list[tuple[str, Problem]] = []
    for name, file in files.items():
        problems, unreadable = parse_set(name, file)
        tasks += [(name, problem) for problem in problems]
        failures += unreadable
    one_pass(tasks, seed, 0)
    rows = one_pass(tasks, seed, 1)
    for number in range(2, passes + 1):
        rows = list(map(least, rows, one_pass(tasks, seed, number)))
    return rows + failures


def one_pass(tasks: list[tuple[str, Problem]], seed: int, number: int) -> list[Measured]:
    """Every problem, once; under another name in each pass, so that nothing remembered of it is used again."""
    return [
        measured(name, problem.name, prove(replace(problem, name=f"{problem.name}, pass {number}"), seed))
        for name, problem in tasks
    ]


# --- the table -------------------------------------------------------------------------------------------------------


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f}" if seconds < 0.01 else f"{1000 * seconds:.1f}"


def _median(stage: str, proved_only: bool) -> Callable[[list[Measured]], str]:
    def cell(rows: list[Measured]) -> str:
        times = [getattr(row, stage) for row in rows if (row.proved if proved_only else row.closure_s > 0)]
        return milliseconds(median(times)) if times else "-"

    return cell


def _failed(rows: list[Measured]) -> str:
    return str(sum(row.status in ("unreadable", Status.NO_DIAGRAM.value) for row in rows))


def _steps(rows: list[Measured]) -> str:
    steps = [row.proof_steps for row in rows if row.accepted]
    return f"{median(steps):g}, {max(steps)}" if steps else "-"


CELLS: dict[str, Callable[[list[Measured]], str]] = {
    "problems": lambda rows: str(len(rows)),
    "not read, or no diagram": _failed,
    "proved": lambda rows: str(sum(row.proved for row in rows)),
    "accepted by the kernel": lambda rows: str(sum(row.accepted for row in rows)),
    "matching and closure, sum (ms)": lambda rows: milliseconds(sum(row.engine_s for row in rows)),
    "diagram, median (ms)": _median("build_s", proved_only=False),
    "matching, median (ms)": _median("match_s", proved_only=False),
    "closure, median (ms)": _median("closure_s", proved_only=False),
    "proof, median (ms)": _median("proof_s", proved_only=True),
    "kernel, median (ms)": _median("check_s", proved_only=True),
    "kernel, maximum (ms)": lambda rows: milliseconds(max(row.check_s for row in rows)),
    "steps of a proof, median, maximum": _steps,
}


def by_set(rows: list[Measured]) -> dict[str, list[Measured]]:
    """The problems of each set."""
    return {name: [row for row in rows if row.set == name] for name in dict.fromkeys(row.set for row in rows)}


def stages_table(rows: list[Measured]) -> str:
    """A column for each set."""
    sets = by_set(rows)
    return table(("", *sets), [(label, *(cell(part) for part in sets.values())) for label, cell in CELLS.items()])


def acceptance_table(rows: list[Measured]) -> str:
    """The acceptance figures for proofs and kernel; of the sets, the one with the highest median counts."""
    proved = [row for row in rows if row.proved]
    sets = by_set(proved).values()
    proof = max(median(row.proof_s for row in part) for part in sets)
    check = max(median(row.check_s for row in part) for part in sets)
    most = max(row.check_s for row in proved)
    accepted = sum(row.accepted for row in proved)
    return acceptance([
        verdict(f"writing a proof: median at most {MOST_S:g} s on every set", f"{proof:.3f} s", proof <= MOST_S),
        verdict(f"kernel: median at most {MOST_S:g} s on every set", f"{check:.3f} s", check <= MOST_S),
        verdict(f"kernel: never more than {MOST_CHECK_S:g} s", f"{most:.3f} s", most <= MOST_CHECK_S),
        verdict("kernel: accepts every proof", f"{accepted} of {len(proved)}", accepted == len(proved)),
    ])  # fmt: skip


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="problem files (default: the published sets)")
    parser.add_argument("--data", type=Path, help="folder of the published sets (default: MAIEUTIC_DATA)")
    parser.add_argument("--passes", type=int, default=5, help="timed passes; the least CPU time counts")
    parser.add_argument("--seed", type=int, default=0, help="seed of the diagrams")
    parser.add_argument("--out", type=Path, default=RUNS / "prover.jsonl", help="file for the problems' figures")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    if options.passes < 1:
        parser.error("--passes: at least 1")

    files = {file.stem: file for file in present(options.files)} or find_sets(options.data, NAMES)
    load = os.getloadavg()[0]
    rows = measure(files, options.passes, options.seed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), encoding="utf-8")
    conditions = (
        f"{machine()}; least of {options.passes} passes; load average {load:.1f}; peak memory {peak_mb():.0f} MB."
    )
    parts = [f"Measured {conditions}", stages_table(rows)]
    if any(row.proved for row in rows):
        parts.append(acceptance_table(rows))
    text = "\n\n".join(parts)
    print(text)
    if options.page and not options.files:
        write_section("prover", text)


if __name__ == "__main__":
    main()
