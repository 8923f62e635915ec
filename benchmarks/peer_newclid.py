"""Newclid's own engine, in Python, on the published problems, beside ours.

Newclid uses Yuclid where it is installed; here it gets its own parts instead: the agent DDARN with its matcher and its
tables (`newclid.api.PythonDefault`). Each problem is proved in a process of its own, forked after the import and after
the diagram was made, and the user and system time of that process counts. A run that takes more than `--time-limit`
seconds of it is stopped.

Newclid 3.0.1 fails in its tables of lengths wherever one length is a known number: a missing `.items()` in
`enumerate_lconsts`. This is mended here, and what it would have failed on is counted. Its matcher fails on some of its
default rules: see `matchable`.

Our figures come from the file that against_yuclid.py writes. Run this with the interpreter of the environment which
make_peers_venv.sh creates.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from page import RUNS, machine, table, write_section
from peer_yuclid import build_problem
from problem_sets import IMO, JGEX, find_sets, read_problems

if TYPE_CHECKING:
    from newclid.problem import ProblemSetup
    from newclid.rule import Rule

PROVED, NOT_PROVED, FAILED = 0, 2, 3  # exit codes of the process that proves
DISTINCT = re.compile(r"diff( \w+){3}")
NUMBER = re.compile(r"\d")
MENDED = "mended\n"  # written by it where Newclid as published fails


@dataclass(frozen=True)
class Result:
    """What one problem gave: one line of the output."""

    set: str
    name: str
    status: str  # proved | not_proved | unsupported | time_limit | error
    cpu_s: float = 0.0
    wall_s: float = 0.0
    rss_mb: float = 0.0
    as_published: bool = True
    """Whether the mended line was never reached."""
    message: str = ""


@dataclass(frozen=True)
class Ours:
    """Our prover on a problem."""

    status: str
    cpu_s: float
    rss_mb: float


# --- Newclid, in a process of its own --------------------------------------------------------------------------------


class MendedLengths(dict[object, float]):
    """The known lengths of a table; Newclid iterates over a copy of them as if that gave pairs."""

    def __init__(self, used: Callable[[], None]) -> None:
        super().__init__()
        self.used = used

    def copy(self) -> list[tuple[object, float]]:  # type: ignore[override]
        if self:
            self.used()
        return list(self.items())


def matchable(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as Newclid's Python matcher can try them.

    It fails on a premise that three points are distinct, which is left out (what else is assumed implies it), and on
    numbers, because it takes each argument for a point: such rules are left out.
    """
    spared = [
        rule.model_copy(update={"premises_txt": tuple(p for p in rule.premises_txt if not DISTINCT.fullmatch(p))})
        for rule in rules
    ]
    return [rule for rule in spared if not NUMBER.search(" ".join([*rule.premises_txt, *rule.conclusions_txt]))]


def prove(problem: ProblemSetup, used: Callable[[], None]) -> bool:
    """Put the hypotheses into Newclid's tables, and deduce until the goal is there or nothing follows."""
    from newclid.api import GeometricSolverBuilder, PythonDefault
    from newclid.deductors.sympy_ar.algebraic_manipulator import SympyARDeductor

    deductor = SympyARDeductor()
    deductor.rtable.expected_lconsts = MendedLengths(used)
    builder = GeometricSolverBuilder(rng=0, api_default=PythonDefault()).with_deductors([deductor])
    builder.with_rules(matchable(builder.rules))
    return bool(builder.build(problem).run())


def prove_and_exit(problem: ProblemSetup, out: int, time_limit: float) -> None:
    """What the forked process does."""
    said: list[str] = []

    def used() -> None:
        if not said:
            said.append(MENDED)
            os.write(out, MENDED.encode())

    code = FAILED
    try:
        signal.setitimer(signal.ITIMER_PROF, time_limit)  # its signal ends the process
        code = PROVED if prove(problem, used) else NOT_PROVED
    except BaseException as error:  # nothing may return into the parent's code
        os.write(out, f"{type(error).__name__}: {error}".encode()[:300])
    finally:
        os._exit(code)


def run_problem(set_name: str, name: str, text: str, seed: int, time_limit: float) -> Result:
    """Make the diagram here, fork, and read the forked process' own resource use."""
    try:
        problem = build_problem(text, seed)
    except Exception as error:  # whatever Newclid cannot read is reported by name
        return Result(set_name, name, "unsupported", message=f"{type(error).__name__}: {error}"[:300])
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            prove_and_exit(problem, said.fileno(), time_limit)
        _, wait_status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        said.seek(0)
        message = said.read().decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(wait_status)
    status = {PROVED: "proved", NOT_PROVED: "not_proved", -signal.SIGPROF: "time_limit"}.get(code, "error")
    if code < 0 and status == "error":
        message += f"signal {-code}"
    cpu = usage.ru_utime + usage.ru_stime
    mended = message.startswith(MENDED)
    message = message.removeprefix(MENDED)
    return Result(set_name, name, status, round(cpu, 3), round(wall, 3), usage.ru_maxrss / 1024, not mended, message)


def run_set(set_name: str, file: Path, options: argparse.Namespace) -> list[Result]:
    """Every problem of a file, one after the other, as long as there is time."""
    results: list[Result] = []
    deadline = time.perf_counter() + options.stop_after
    for name, text in read_problems(file):
        if time.perf_counter() > deadline:
            break
        if re.search(options.only or "", name):
            results.append(run_problem(set_name, name, text, options.seed, options.time_limit))
            print(json.dumps(asdict(results[-1])), flush=True)
    return results


# --- the table -------------------------------------------------------------------------------------------------------


def read_ours(file: Path) -> dict[tuple[str, str], Ours]:
    """Our prover's figures, by set and name."""
    if not file.is_file():
        sys.exit(f"{file.name} is missing: benchmarks/against_yuclid.py writes it")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {
        (line["set"], line["name"]): Ours(run["status"], run["cpu_s"], run["rss_mb"])
        for line in lines
        for run in [line["runs"]["ours"]]
    }


def figures(results: list[Result], ours: dict[tuple[str, str], Ours], problems: int, time_limit: float) -> str:
    """The table of one set, and the differences by name."""
    pairs = [(result, ours[result.set, result.name]) for result in results if (result.set, result.name) in ours]
    both = [(theirs, mine) for theirs, mine in pairs if theirs.status == mine.status == "proved"]
    our_s, their_s = sum(mine.cpu_s for _, mine in both), sum(theirs.cpu_s for theirs, _ in both)

    def count(status: str) -> int:
        return sum(theirs.status == status for theirs, _ in pairs)

    as_published = sum(theirs.status == "proved" and theirs.as_published for theirs, _ in pairs)
    text = table(("", "ours", "Newclid, Python"), [
        ("proved", str(sum(mine.status == "proved" for _, mine in pairs)), str(count("proved"))),
        ("proved without the mended line", "-", str(as_published)),
        (f"stopped after {time_limit:g} s of CPU", "-", str(count("time_limit"))),
        ("failed with an error", "-", str(count("error"))),
        ("CPU, sum (s)", f"{sum(mine.cpu_s for _, mine in pairs):.3f}", f"{sum(r.cpu_s for r, _ in pairs):.1f}"),
        (f"CPU, sum over the {len(both)} that both prove (s)", f"{our_s:.3f}", f"{their_s:.1f}"),
        ("ours / theirs, of those sums", f"{our_s / their_s:.5f}" if both else "-", "-"),
        ("peak memory (MB)", *(f"{max((run.rss_mb for run in runs), default=0):.0f}"
                               for runs in ([mine for _, mine in pairs], [theirs for theirs, _ in pairs]))),
    ])  # fmt: skip
    only_ours = [theirs for theirs, mine in pairs if mine.status == "proved" and theirs.status != "proved"]
    only_theirs = [theirs for theirs, mine in pairs if mine.status != "proved" and theirs.status == "proved"]
    lines = [
        f"- ours proves, Newclid does not: {_names(only_ours)}",
        f"- Newclid proves, ours does not: {_names(only_theirs)}",
    ]
    unread = [result for result in results if result.status == "unsupported"]
    if unread:
        lines.append(f"- Newclid cannot read: {_names(unread)}")
    if len(pairs) < problems:
        lines.append(f"- run: {len(pairs)} of the set's {problems} problems, the first ones of the file")
    return text + "\n\n" + "\n".join(lines)


def _names(results: Iterable[Result]) -> str:
    named = [
        result.name.rpartition("/")[2] + {"time_limit": ": stopped", "error": ": error"}.get(result.status, "")
        for result in results
    ]
    return f"{len(named)} ({', '.join(named)})" if named else "none"


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the published sets (default: MAIEUTIC_DATA)")
    parser.add_argument("--sets", nargs="+", choices=(IMO, JGEX), default=[IMO], help="which sets")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds of CPU time a problem")
    parser.add_argument(
        "--stop-after", type=float, default=float("inf"), help="seconds of a set; no problem is begun later"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the diagrams")
    parser.add_argument("--only", help="regular expression: only problems with a matching name")
    parser.add_argument("--ours", type=Path, default=RUNS / "against_yuclid.jsonl", help="file with our figures")
    parser.add_argument("--out", type=Path, default=RUNS / "peer_newclid.jsonl", help="file for all figures")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()

    import newclid.api  # noqa: F401  (before the forks, so that it is in no time)

    logging.disable(logging.CRITICAL)
    files = find_sets(options.data, tuple(options.sets))
    ours = read_ours(options.ours)
    load = os.getloadavg()[0]
    results = {name: run_set(name, file, options) for name, file in files.items()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(result)) + "\n" for found in results.values() for result in found]
    options.out.write_text("".join(lines), encoding="utf-8")

    parts = [f"Measured {machine()}; one run; {options.time_limit:g} s of CPU time a problem; load average {load:.1f}."]
    for name, found in results.items():
        if found:
            problems = len(read_problems(files[name]))
            parts += [f"### {name}, {problems} problems", figures(found, ours, problems, options.time_limit)]
    text = "\n\n".join(parts)
    print(text)
    if options.page:
        write_section("newclid", text)


if __name__ == "__main__":
    main()
