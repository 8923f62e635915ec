"""Our engine and Yuclid on the same problems, in one run on one machine.

Each round takes problem after problem: ours, in one warm process, then Yuclid with each set of flags, one process
each, so that a machine that slows down slows both. Of each the least CPU time over the rounds counts. Prints a table,
writes a line of JSON for each problem, and puts the table into docs/benchmarks.md. Needs .venv-peers, which
make_peers_venv.sh makes.

This process loads nothing heavy: its size is the least that is seen of Yuclid's memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import peer_yuclid
from engine_process import start_engine
from page import ROOT, RUNS, acceptance, machine, table, verdict, write_section
from problem_sets import IMO, JGEX, find_sets, read_problems

PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
YUCLID = PEER_PYTHON.parent / "yuclid"
OURS, PLAIN, SINES, BASIC = "ours", "Yuclid", "Yuclid, sines", "Yuclid, basic"
FLAGS: dict[str, tuple[str, ...]] = {
    PLAIN: peer_yuclid.FLAGS_NO_SINES,
    SINES: (),
    BASIC: peer_yuclid.FLAGS_OF_PY_YUCLID,
}
PROVERS = (OURS, *FLAGS)
HIGHEST_RATIO = 0.5  # acceptance: our CPU time over Yuclid's without sines, on IMO-AG-30
TRIVIAL = "point a 0 0\npoint b 1 0\npoint c 0 1\nassume perp a b a c\nprove perp a b a c\n"


@dataclass
class Run:
    """One prover on one problem: what came of it, and the least CPU seconds."""

    status: str
    cpu_s: float
    rss_mb: float
    rest_s: float = 0.0
    """Ours: CPU seconds for all that is not the engine (diagram, proof, kernel)."""


@dataclass
class Compared:
    """One problem that both can read."""

    set: str
    name: str
    runs: dict[str, Run] = field(default_factory=dict)

    def proved(self, prover: str) -> bool:
        return self.runs[prover].status == "proved"

    def add(self, prover: str, run: Run) -> None:
        """Keep the least of the times."""
        before = self.runs.get(prover, run)
        least = min(run.cpu_s, before.cpu_s), max(run.rss_mb, before.rss_mb), min(run.rest_s, before.rest_s)
        self.runs[prover] = Run(run.status, *least)


@dataclass(frozen=True)
class Starts:
    """CPU seconds that each prover spends before and beside any problem."""

    ours: float
    yuclid: float


# --- ours, in a process of its own -----------------------------------------------------------------------------------


def warm_up(texts: list[tuple[str, str]]) -> None:
    """Compile the engine, and prove every problem once, untimed."""
    from maieutic.geometry.attempt import warm_up

    warm_up()
    for name, text in texts:
        prove_once(name, text)


def prove_once(name: str, text: str) -> Run:
    """Our prover on one problem; under a new name each time, so that nothing remembered of it is used again."""
    from maieutic.geometry.language.problem import parse_problem
    from maieutic.geometry.proofs.prover import prove

    result = prove(parse_problem(text, name))
    rest = result.build_s + result.proof_s + result.check_s
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(result.status.value, result.match_s + result.closure_s, rss, rest)


def readable(texts: list[tuple[str, str]]) -> list[bool]:
    """Which problems our prover reads."""
    from maieutic.core.errors import InputError
    from maieutic.geometry.language.problem import parse_problem

    def reads(name: str, text: str) -> bool:
        try:
            parse_problem(text, name)
        except InputError:
            return False
        return True

    return [reads(name, text) for name, text in texts]


# --- Yuclid ----------------------------------------------------------------------------------------------------------


def yuclid_inputs(file: Path, folder: Path) -> list[peer_yuclid.Prepared]:
    """Newclid's translation of every problem of a file, made in its own environment."""
    out = folder / f"{file.stem}.jsonl"
    script = str(Path(peer_yuclid.__file__))
    subprocess.run([str(PEER_PYTHON), script, str(file), "--only-inputs", "--out", str(out)], check=True)
    return [peer_yuclid.Prepared(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()]


def yuclid_once(input_file: Path, prover: str, time_limit: float) -> Run:
    """Yuclid on one problem, as a new process."""
    result = peer_yuclid.run_once(YUCLID, FLAGS[prover], input_file, input_file.stem, time_limit)
    return Run(result.status, result.cpu_s, result.rss_mb)


# --- the run ---------------------------------------------------------------------------------------------------------


def compare(files: dict[str, Path], rounds: int, time_limit: float) -> tuple[list[Compared], list[str], Starts]:
    """Every problem that both read, the names of those that one does not, and the cost of starting."""
    start_engine()  # compiles the engine, if need be
    with tempfile.TemporaryDirectory() as scratch, _one_process() as ours:
        tasks, left_out = _tasks(files, Path(scratch), ours)
        ours.submit(warm_up, [(task.name, text) for task, text, _ in tasks]).result()
        for number in range(rounds):
            for task, text, input_file in tasks:
                task.add(OURS, ours.submit(prove_once, f"{task.name}, round {number}", text).result())
                for prover in FLAGS:
                    task.add(prover, yuclid_once(input_file, prover, time_limit))
        starts = Starts(min(start_engine() for _ in range(rounds)), _yuclid_start(Path(scratch), rounds, time_limit))
    return [task for task, _, _ in tasks], left_out, starts


def _one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def _tasks(
    files: dict[str, Path], folder: Path, ours: ProcessPoolExecutor
) -> tuple[list[tuple[Compared, str, Path]], list[str]]:
    """For each problem that both read: the problem, our input and Yuclid's. Also the names of the others."""
    tasks: list[tuple[Compared, str, Path]] = []
    left_out: list[str] = []
    for name, file in files.items():
        problems = read_problems(file)
        we_read = ours.submit(readable, problems).result()
        for (title, text), theirs, reads in zip(problems, yuclid_inputs(file, folder), we_read, strict=True):
            if theirs.failure or not reads:
                left_out.append(title)
                continue
            input_file = folder / f"{len(tasks):03}.txt"
            input_file.write_text(theirs.text, encoding="utf-8")
            tasks.append((Compared(name, title), text, input_file))
    return tasks, left_out


def _yuclid_start(folder: Path, rounds: int, time_limit: float) -> float:
    """CPU seconds for three points and a goal that is a hypothesis."""
    input_file = folder / "trivial.txt"
    input_file.write_text(TRIVIAL, encoding="utf-8")
    return min(yuclid_once(input_file, PLAIN, time_limit).cpu_s for _ in range(rounds))


# --- the table -------------------------------------------------------------------------------------------------------


def cpu(problems: Iterable[Compared], prover: str) -> float:
    """The sum of a prover's CPU seconds."""
    return sum(problem.runs[prover].cpu_s for problem in problems)


def figures(problems: list[Compared], starts: Starts) -> str:
    """A column for each prover, over one set."""
    common = [problem for problem in problems if all(map(problem.proved, PROVERS))]

    def row(label: str, cell: Callable[[str], str]) -> list[str]:
        return [label, *map(cell, PROVERS)]

    def ratio(prover: str, spared: float = 0.0) -> str:
        theirs = cpu(problems, prover) - spared * len(problems)
        return "-" if prover == OURS else f"{cpu(problems, OURS) / theirs:.3f}"

    return table(("", *PROVERS), [
        row("proved", lambda prover: str(sum(problem.proved(prover) for problem in problems))),
        row("CPU, sum (s)", lambda prover: f"{cpu(problems, prover):.3f}"),
        row(f"CPU, sum over the {len(common)} that all prove (s)", lambda prover: f"{cpu(common, prover):.3f}"),
        row("CPU, median (ms)", lambda prover: f"{1000 * median(p.runs[prover].cpu_s for p in problems):.2f}"),
        row("CPU, longest (ms)", lambda prover: f"{1000 * max(p.runs[prover].cpu_s for p in problems):.1f}"),
        row("ours / theirs, of the sums", ratio),
        row("the same, without Yuclid's start", lambda prover: ratio(prover, starts.yuclid)),
        row("peak memory (MB)", lambda prover: f"{max(p.runs[prover].rss_mb for p in problems):.0f}"),
    ])  # fmt: skip


def differences(problems: list[Compared]) -> str:
    """What ours proves and Yuclid does not, with each of its flags, and the reverse."""
    lines = []
    for prover in (SINES, PLAIN):
        ours = [problem.name for problem in problems if problem.proved(OURS) and not problem.proved(prover)]
        theirs = [problem.name for problem in problems if problem.proved(prover) and not problem.proved(OURS)]
        lines.append(f"- ours proves, {prover} does not: {_names(ours)}")
        lines.append(f"- {prover} proves, ours does not: {_names(theirs)}")
    return "\n".join(lines)


def _names(names: list[str]) -> str:
    return f"{len(names)} ({', '.join(name.rpartition('/')[2] for name in names)})" if names else "none"


def troubles(problems: list[Compared]) -> list[str]:
    """Runs that ended neither with a proof nor with the closure at rest."""
    fine = {"proved", "saturated", "not_proved"}
    return [f"{p.name}: {prover}: {r.status}" for p in problems for prover, r in p.runs.items() if r.status not in fine]


def acceptance_table(problems: list[Compared]) -> str:
    """The acceptance figures, over IMO-AG-30."""
    share = cpu(problems, OURS) / cpu(problems, PLAIN)
    ours, theirs = (sum(problem.proved(prover) for problem in problems) for prover in (OURS, SINES))
    return acceptance([
        verdict(f"{IMO}: at most {HIGHEST_RATIO:g} of Yuclid's CPU time, its sines off", f"{share:.3f}",
                share <= HIGHEST_RATIO),
        verdict(f"{IMO}: proves at least as many as Yuclid, its sines on", f"{ours}, Yuclid {theirs}", ours >= theirs),
    ])  # fmt: skip


def report(problems: list[Compared], left_out: list[str], starts: Starts, conditions: str) -> str:
    """All tables."""
    parts = [f"Measured {conditions}"]
    for name in dict.fromkeys(problem.set for problem in problems):
        here = [problem for problem in problems if problem.set == name]
        rest = sum(problem.runs[OURS].rest_s for problem in here)
        parts += [
            f"### {name}, {len(here)} problems",
            figures(here, starts),
            f"Beside the engine, ours spent {rest:.3f} s on diagrams, shortened proofs and the kernel's checks: "
            f"{rest + cpu(here, OURS):.3f} s in all.",
            differences(here),
        ]
    parts.append("### Acceptance")
    parts.append(acceptance_table([problem for problem in problems if problem.set == IMO]))
    parts.append(
        f"Yuclid takes {1000 * starts.yuclid:.1f} ms for a trivial problem: this is in each of its times. Our process, "
        f"which is started once, takes {starts.ours:.2f} s to start, import and load the compiled engine: this is in "
        "none of our times."
    )
    parts.append(f"Left out, because one of the two cannot read them: {_names(left_out)}.")
    found = troubles(problems)
    if found:
        parts.append(f"Neither proved nor at rest: {'; '.join(found)}.")
    return "\n\n".join(parts)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the published sets (default: MAIEUTIC_DATA)")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds; the least CPU time counts")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds of wall time for a run of Yuclid")
    parser.add_argument("--out", type=Path, default=RUNS / "against_yuclid.jsonl", help="file for all figures")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if not YUCLID.is_file():
        sys.exit("Yuclid is missing: make its environment with benchmarks/make_peers_venv.sh")

    files = find_sets(options.data, (IMO, JGEX))
    load = os.getloadavg()[0]
    problems, left_out, starts = compare(files, options.rounds, options.time_limit)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(asdict(problem)) + "\n" for problem in problems), encoding="utf-8")
    text = report(
        problems, left_out, starts, f"{machine()}; least of {options.rounds} rounds; load average {load:.1f}."
    )
    print(text)
    if options.page:
        write_section("yuclid", text)


if __name__ == "__main__":
    main()
