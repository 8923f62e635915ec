"""Time the Yuclid prover on a file of AlphaGeometry (JGEX) problems, one process a problem.

Newclid turns each problem into coordinates, assumptions and a goal (not timed); the `yuclid` program then gets
them on a file, and the user and system time of that process alone is reported, the smallest of `--repeat` runs.
Run it with the interpreter of the environment which `make_peers_venv.sh` creates.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from problem_sets import read_problems

if TYPE_CHECKING:
    from newclid.problem import ProblemSetup

# The flags py_yuclid itself gives; the table of sines works only with the equations in theorems left on.
FLAGS_OF_PY_YUCLID = ("--disable-ar-dist", "--disable-ar-squared", "--disable-eqn-statements", "--disable-ar-sin")
FLAGS_NO_SINES = ("--disable-ar-sin",)
RENAMED = {"eq_trapezoid": "iso_trapezoid"}
NEW_POINTS_LAST = {"parallelogram", "square"}  # in AlphaGeometry's order; Newclid has them first
REFLECTED_GOALS = {"simtri": "simtrir", "contri": "contrir"}


@dataclasses.dataclass(frozen=True)
class Result:
    """What one problem gave: one line of the output."""

    name: str
    status: str  # proved | not_proved | unsupported | time_limit | error
    cpu_s: float = 0.0
    wall_s: float = 0.0
    rss_mb: float = 0.0
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A problem's input for Yuclid, or the reason there is none."""

    name: str
    text: str = ""
    failure: str = ""


def rewrite_construction(words: list[str], new_points: list[str], arity: dict[str, int]) -> list[str]:
    """Spell one AlphaGeometry construction as Newclid does."""
    name, args = RENAMED.get(words[0], words[0]), words[1:]
    if len(args) + len(new_points) == arity.get(name):  # AlphaGeometry lets the new points be left out
        args = args + new_points if name in NEW_POINTS_LAST else new_points + args
    if name in NEW_POINTS_LAST:  # a b x y there, x y a b here
        args = new_points + args[: -len(new_points)]
    if name == "s_angle":  # degrees there, a unit here
        args = [*args[:-1], f"{int(args[-1]) % 180}o"]
    return [name, *args]


def rewrite_problem(problem: str, arity: dict[str, int]) -> str:
    """Spell an AlphaGeometry problem as Newclid does."""
    setup, goal = problem.split(" ? ")
    clauses = []
    for clause in setup.split(";"):
        points, constructions = clause.split("=")
        rewritten = [rewrite_construction(c.split(), points.split(), arity) for c in constructions.split(",")]
        clauses.append(f"{points.strip()} = {', '.join(' '.join(words) for words in rewritten)}")
    return f"{'; '.join(clauses)} ? {goal.strip()}"


def yuclid_input(problem: ProblemSetup) -> str:
    """Write a problem in Yuclid's language, without the predicates that are only checked on the diagram.

    Yuclid aborts on a fact assumed twice, so that each is written once.
    """
    from newclid.predicates import NUMERICAL_PREDICATES

    lines = [f"point {point.name} {point.num.x} {point.num.y}" for point in problem.points]
    lines += [f"assume {fact}" for fact in problem.assumptions if fact.predicate_type not in NUMERICAL_PREDICATES]
    lines += [f"prove {goal}" for goal in problem.goals]
    return "\n".join(dict.fromkeys(lines)).replace("pi/", "/") + "\n"


def prepare(name: str, problem: str, seed: int) -> Prepared:
    """Build a diagram of the problem and write Yuclid's input."""
    from newclid.jgex.problem_builder import JGEXProblemBuilder

    builder = JGEXProblemBuilder(rng=seed)
    arity = {name: len(definition.args) for name, definition in builder.jgex_defs.items()}
    try:
        text = rewrite_problem(problem, arity)
        attempts = [text]
        setup, goal = text.split(" ? ")
        predicate, _, points = goal.partition(" ")
        if predicate in REFLECTED_GOALS:  # AlphaGeometry's predicate does not tell the orientation
            attempts.append(f"{setup} ? {REFLECTED_GOALS[predicate]} {points}")
        failure = ""
        for attempt in attempts:
            try:
                built = builder.with_problem_from_txt(attempt, problem_name="problem").build()
                return Prepared(name, text=yuclid_input(built))
            except ValueError as error:
                failure = failure or str(error)
        return Prepared(name, failure=failure)
    except Exception as error:  # whatever Newclid cannot read is reported by name
        return Prepared(name, failure=f"{type(error).__name__}: {error}")


def run_once(binary: Path, flags: tuple[str, ...], input_file: Path, name: str, time_limit: float) -> Result:
    """Run Yuclid once and read the process' own resource use."""
    with tempfile.TemporaryFile() as errors:
        argv = [str(binary), *flags, "--err-on-failure", "--log-level", "error", "--input-file", str(input_file)]
        file_actions = [
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]
        start = time.perf_counter()
        pid = os.posix_spawn(binary, argv, dict(os.environ), file_actions=file_actions)
        timer = threading.Timer(time_limit, os.kill, (pid, signal.SIGKILL))
        timer.start()
        _, wait_status, usage = os.wait4(pid, 0)
        timer.cancel()
        wall = time.perf_counter() - start
        errors.seek(0)
        message = errors.read().decode("utf-8", "replace").strip()
    code = os.waitstatus_to_exitcode(wait_status)
    status = {0: "proved", 2: "not_proved"}.get(code, "error")
    if code == -signal.SIGKILL and wall >= time_limit:
        status = "time_limit"
    elif status == "error":
        message = f"exit code {code}: {message}"
    cpu = usage.ru_utime + usage.ru_stime
    return Result(name, status, round(cpu, 6), round(wall, 6), round(usage.ru_maxrss / 1024, 1), message[:300])


def run_problem(
    binary: Path, flags: tuple[str, ...], input_file: Path, name: str, time_limit: float, repeat: int
) -> Result:
    """Run Yuclid `repeat` times and keep the run with the least CPU time."""
    runs: list[Result] = []
    while len(runs) < repeat and not (runs and runs[-1].status == "time_limit"):
        runs.append(run_once(binary, flags, input_file, name, time_limit))
    return min(runs, key=lambda run: run.cpu_s)


def prepare_all(problems: list[tuple[str, str]], seed: int) -> list[Prepared]:
    """Prepare every problem in another process, so that this one stays small: its size is a floor for `rss_mb`."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(prepare, name, problem, seed) for name, problem in problems]
        return [job.result() for job in jobs]


def write_lines(path: Path, items: Sequence[Result] | Sequence[Prepared]) -> None:
    """Write one JSON object a line."""
    path.write_text("".join(json.dumps(dataclasses.asdict(item)) + "\n" for item in items), encoding="utf-8")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem_file", type=Path)
    parser.add_argument("--sines", action=argparse.BooleanOptionalAction, default=False, help="the table of sines")
    parser.add_argument("--basic", action="store_true", help="py_yuclid's own flags: the tables of lengths off too")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds of wall time a run")
    parser.add_argument("--repeat", type=int, default=3, help="runs a problem; the least CPU time counts")
    parser.add_argument("--seed", type=int, default=0, help="seed of the diagrams")
    parser.add_argument("--only", help="regular expression: only problems with a matching name")
    parser.add_argument("--keep-inputs", type=Path, help="folder in which Yuclid's inputs are kept")
    parser.add_argument("--only-inputs", action="store_true", help="run nothing: put the inputs into --out")
    parser.add_argument("--out", type=Path, required=True, help="file for the results, one JSON object a line")
    options = parser.parse_args()
    if options.basic and options.sines:
        parser.error("--basic leaves out the table of sines")
    flags = () if options.sines else FLAGS_OF_PY_YUCLID if options.basic else FLAGS_NO_SINES
    binary = Path(sys.executable).parent / "yuclid"

    problems = [p for p in read_problems(options.problem_file) if re.search(options.only or "", p[0])]
    prepared_problems = prepare_all(problems, options.seed)
    if options.only_inputs:
        write_lines(options.out, prepared_problems)
        return
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep_inputs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for number, prepared in enumerate(prepared_problems, start=1):
            if prepared.failure:
                results.append(Result(prepared.name, "unsupported", message=prepared.failure))
                continue
            input_file = folder / f"{number:03}.txt"
            input_file.write_text(prepared.text, encoding="utf-8")
            results.append(run_problem(binary, flags, input_file, prepared.name, options.time_limit, options.repeat))

    write_lines(options.out, results)
    counts = {status: sum(r.status == status for r in results) for status in sorted({r.status for r in results})}
    print(f"{len(results)} problems, {counts}, CPU {sum(r.cpu_s for r in results):.3f} s")


if __name__ == "__main__":
    main()
