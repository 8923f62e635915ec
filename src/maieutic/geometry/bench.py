"""Many problems, one after the other or N at a time, each in a process of its own: a JSON object for each.

Results are written as they come, so an interrupted run loses nothing, and can be resumed. Each worker proves a tiny
problem before its first real one, so the figures are of proving, and not of loading or compiling the engine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any

from maieutic.core.errors import InputError
from maieutic.core.executor import map_unordered
from maieutic.core.text import printable
from maieutic.geometry.attempt import attempt
from maieutic.geometry.language.files import UnreadProblem
from maieutic.geometry.proofs.proof_json import verdict_json
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.trusted.records import Accepted, Diagram, Fact, Problem, Refused, number_text

Record = dict[str, Any]
NAMED = 20
"""So many names of problems that could not be read stand in the last line; all of them have their records."""
TIMES = ("build_s", "match_s", "closure_s", "proof_s", "check_s", "cpu_s")


@dataclass(frozen=True)
class Task:
    """One problem for a worker."""

    problem: Problem
    seed: int
    time_limit: float
    propose: Proposer | None = None
    attempts: int | None = None


@dataclass(frozen=True)
class Summary:
    """What became of all problems: how many were proved, and the median and the sum of their CPU seconds.

    Of those that were proved, `conditional` are so for some figures only, and `noted` have notes. `unread` are the
    names of those that could not be read.
    """

    proved: int
    total: int
    median_s: float
    sum_s: float
    conditional: int = 0
    noted: int = 0
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {"for some figures only": self.conditional, "with notes": self.noted}
        said = ", ".join(f"{count} {words}" for words, count in parts.items() if count)
        proved = f"proved {self.proved}/{self.total}" + (f" ({said})" if said else "")
        unread = f"  not read {len(self.unread)}: {', '.join(self.unread[:NAMED])}" if self.unread else ""
        more = ", ..." if len(self.unread) > NAMED else ""
        return f"{proved}  median {self.median_s:.3f} s  total {self.sum_s:.2f} s{unread}{more}"


def bench(
    problems: Sequence[Problem | UnreadProblem],
    *,
    seed: int = 0,
    time_limit: float = 60.0,
    jobs: int = 1,
    done: Sequence[Record] = (),
    propose: Proposer | None = None,
    attempts: int | None = None,
) -> Iterator[Record]:
    """The records of all problems that are not `done`, as each is ready, on `jobs` processes. Raises nothing itself.

    A problem that could not be read has its record at once, with the reason.

    `propose` and `attempts` are as in attempt.attempt.
    """
    missing = _missing(problems, done)
    yield from (unread_record(problem) for problem in missing if isinstance(problem, UnreadProblem))
    wanted = [problem for problem in missing if not isinstance(problem, UnreadProblem)]
    tasks = [Task(problem, seed, time_limit, propose, attempts) for problem in wanted]
    for index, outcome in map_unordered(run_task, tasks, jobs, errors="return"):
        yield failure(tasks[index].problem, outcome) if isinstance(outcome, Exception) else outcome


def _missing(problems: Sequence[Problem | UnreadProblem], done: Sequence[Record]) -> list[Problem | UnreadProblem]:
    """The problems without a record; where several have one name, as many as have none."""
    recorded = Counter(record["name"] for record in done)
    missing: list[Problem | UnreadProblem] = []
    for problem in problems:
        if recorded[problem.name] > 0:
            recorded[problem.name] -= 1
        else:
            missing.append(problem)
    return missing


def run_task(task: Task) -> Record:
    """A worker's work: one problem, tried and recorded."""
    result = attempt(task.problem, task.seed, time_limit=task.time_limit, propose=task.propose, attempts=task.attempts)
    return record_of(result)


def record_of(result: Result) -> Record:
    """A result as it is written to the results file."""
    verdict = {Accepted: "accepted", Refused: "refused", type(None): None}[type(result.verdict)]
    accepted = result.verdict if isinstance(result.verdict, Accepted) else None
    return {
        "name": result.problem.name,
        "status": result.status.value,
        "value": _value(result.answers),
        **{name: round(getattr(result, name), 6) for name in TIMES},
        "proof_steps": result.proof_steps,
        "attempts": result.attempts,
        "search_s": round(result.search_s, 6),
        "auxiliary": [str(clause) for clause in result.auxiliary],
        "kernel": verdict,
        **verdict_json(accepted),
        "message": result.message,
        **({"counterexample": _places(result.counterexample)} if result.counterexample else {}),
    }


def _places(diagram: Diagram) -> dict[str, list[float]]:
    return {name: [place.real, place.imag] for name, place in diagram.points.items()}


def _value(answers: Sequence[Fact]) -> str | list[str] | None:
    """The answer to a question, as exact text; a list where there are several."""
    values = [number_text(answer.values[0]) for answer in answers]
    return (values[0] if len(values) == 1 else values) if values else None


def failure(problem: Problem, error: Exception) -> Record:
    """The record of a problem that could not be tried, or whose worker was lost."""
    message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
    return record_of(Result(problem, Status.ERROR, message))


def unread_record(problem: UnreadProblem) -> Record:
    """The record of a problem of a file that cannot be read: its line is in the message."""
    return failure(Problem(problem.name, ()), problem.error)


def summary(problems: Sequence[Problem | UnreadProblem], records: Sequence[Record]) -> Summary:
    """The last line of a bench, over the records there are."""
    unread = [problem.name for problem in problems if isinstance(problem, UnreadProblem)]
    left = Counter(unread)
    spent = [record["cpu_s"] for record in records if not _is_unread(record, left)]
    proved = [record for record in records if record["status"] == Status.PROVED.value]
    return Summary(
        len(proved),
        len(problems),
        median(spent) if spent else 0.0,
        sum(spent),
        sum(bool(record.get("configuration")) for record in proved),
        sum(bool(record.get("notes")) for record in proved),
        tuple(unread),
    )


def _is_unread(record: Record, left: Counter[str]) -> bool:
    """Whether a record is of a problem that was not read, and so took no time; such names are counted down."""
    if record["status"] != Status.ERROR.value or not left[record["name"]]:
        return False
    left[record["name"]] -= 1
    return True


# --- the results file ------------------------------------------------------------------------------------------------


def start_results(path: Path, resume: bool) -> tuple[IO[str], list[Record]]:
    """The file to append results to, and the records that are in it already.

    Raises InputError where it holds results and is not to be resumed, or holds something else.
    """
    done: list[Record] = []
    try:
        if path.exists() and path.stat().st_size > 0:
            if not resume:
                raise InputError("holds results already", where=str(path), hint="--resume goes on with them")
            done = _read_results(path)
        return path.open("a", encoding="utf-8"), done
    except OSError as error:
        raise InputError(f"cannot write the results: {error.strerror}", where=str(path)) from error


def _read_results(path: Path) -> list[Record]:
    """The records of a file. A last line that a killed run left unfinished is cut off."""
    try:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        lines = whole.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=str(path)) from error
    records = [_read_record(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return records


def _read_record(line: str, where: str) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not a result: {error}", where=where) from None
    kinds: Mapping[str, type | tuple[type, ...]] = {"name": str, "status": str, "cpu_s": (int, float)}
    if not isinstance(record, dict) or not all(isinstance(record.get(key), kind) for key, kind in kinds.items()):
        raise InputError("not a result of maieutic bench", where=where)
    return record


def write_record(file: IO[str], record: Record) -> None:
    """Append a record, and see that it has left this process."""
    file.write(printable(json.dumps(record, ensure_ascii=False), None) + "\n")
    file.flush()
