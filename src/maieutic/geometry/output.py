"""What the command line prints: results, facts, verdicts and lists, as text."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from maieutic.core.errors import InputError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry import library
from maieutic.geometry.bench import record_of
from maieutic.geometry.closure import StopReason
from maieutic.geometry.deduce import Deduced
from maieutic.geometry.facts import MOST
from maieutic.geometry.kernel import check
from maieutic.geometry.proof_json import from_json, to_json
from maieutic.geometry.prose.text import display_names, proof_text, say
from maieutic.geometry.prover import Result, Status
from maieutic.geometry.records import Fact, Problem, Proof, Refused

TOLD = 12
"""Facts told of those that a search without success has shown."""
MOST_BYTES = 20_000_000
"""The largest proof file that is read."""

WORDS = {
    Status.PROVED: "proved",
    Status.SATURATED: "not proved: nothing more follows, without auxiliary points",
    Status.TIME_LIMIT: "not proved: the time limit was reached",
    Status.ATTEMPT_LIMIT: "not proved: the limit of attempts was reached",
    Status.INTERRUPTED: "not proved: interrupted",
    Status.FALSE: "false",
    Status.NO_DIAGRAM: "not proved: no figure could be drawn",
    Status.ERROR: "not proved: an error",
}


# --- results ---------------------------------------------------------------------------------------------------------


def one_line(result: Result) -> str:
    """`orthocentre: proved in 4 steps, 0.012 s`."""
    name = result.problem.name or "the problem"
    count = result.proof_steps
    steps = f" in {count} step{'s' if count != 1 else ''}" if result.status is Status.PROVED else ""
    return f"{name}: {WORDS[result.status]}{steps} ({result.cpu_s:.3f} s)"


def result_text(result: Result) -> str:
    """The proof, or what was tried and why it stopped."""
    if result.status is Status.PROVED and result.proof:
        return f"{one_line(result)}\n\n{proof_text(result.proof)}"
    return "\n".join((one_line(result), *(f"  {line}" for line in _tried(result)))) + "\n"


def _tried(result: Result) -> list[str]:
    lines = [f"because: {result.message}"] if result.message else []
    if result.diagram:
        lines.append(f"tried: a figure (seed {result.diagram.seed}, {result.build_s:.3f} s)")
    if result.closure:
        times = f"{result.match_s + result.closure_s:.3f} s"
        points = f"{result.attempts} auxiliary constructions" if result.attempts else "no auxiliary points"
        lines.append(f"tried: every rule on it ({result.closure.size} equations, {times}); {points}")
    if result.learned:
        names = display_names(result.problem.points)
        lines.append(f"shown on the way, with points that are not needed to say it: {len(result.learned)} facts")
        lines += (f"  {say(fact, names)}" for fact in result.learned[:TOLD])
    return lines


def result_json(result: Result) -> str:
    """The proof as JSON; without one, the record of the attempt."""
    if result.status is Status.PROVED and result.proof:
        return to_json(result.proof)
    return json.dumps(record_of(result), ensure_ascii=False, indent=1) + "\n"


# --- facts -----------------------------------------------------------------------------------------------------------


def facts_text(problem: Problem, deduced: Deduced) -> str:
    """Facts by predicate: as the language writes them, and in signs."""
    groups, names = deduced.facts, display_names(problem.points)
    width = max((len(str(fact)) for group in groups.values() for fact in group), default=0)
    lines: list[str] = []
    for name, group in groups.items():
        lines.append(f"{name} ({len(group)}{', the first ones' if len(group) == MOST else ''})")
        lines += (f"  {fact!s:<{width}}  {say(fact, names)}" for fact in group)
    if deduced.reason is not StopReason.SATURATED:
        lines.append(f"There may be more: stopped at the {deduced.reason.value.replace('_', ' ')}.")
    return "\n".join(lines or ["Nothing follows."]) + "\n"


# --- proofs ----------------------------------------------------------------------------------------------------------


def read_proof(path: Path) -> Proof:
    """The proof in a file. Raises InputError with what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot read the proof: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=str(path)) from None
    if len(content) > MOST_BYTES:
        raise InputError("too large for a proof", where=str(path), hint=f"at most {MOST_BYTES // 10**6} MB are read")
    try:
        return from_json(text)
    except InputError as error:
        error.where = f"{path}, {error.where}" if error.where else str(path)
        raise


def check_file(path: Path, time_limit: float) -> tuple[bool, str]:
    """Whether the kernel accepts the proof in a file, and its verdict in words."""
    proof = read_proof(path)
    try:
        with cpu_limit(time_limit):
            verdict = check(proof)
    except TimeUp:
        return False, f"not checked: the limit of {time_limit:g} s was reached"
    if isinstance(verdict, Refused):
        place = f"step {verdict.step} " if verdict.step >= 0 else ""
        if 0 <= verdict.step < len(proof.deductions):
            place += f"({proof.deductions[verdict.step].conclusion}) "
        return False, f"refused: {place}{verdict.reason}"
    names = display_names(proof.problem.points)
    general = [fact for fact in verdict.guards if fact not in verdict.configuration]
    lines = [f"accepted: {len(proof.deductions)} steps prove {_list(proof.problem.goals, names)}"]
    if general:
        lines.append(f"  assumed: {_list(general, names)}")
    if verdict.configuration:
        lines.append(f"  for figures in which: {_list(verdict.configuration, names)}")
    return True, "\n".join(lines)


def _list(facts: Sequence[Fact], names: Mapping[str, str]) -> str:
    return "; ".join(say(fact, names) for fact in facts)


# --- the library -----------------------------------------------------------------------------------------------------


def problem_list() -> str:
    """The shipped problems, a line each."""
    entries = library.entries()
    width = max((len(entry.name) for entry in entries), default=0)
    short = (textwrap.shorten(entry.statement, 100, placeholder=" ...") for entry in entries)
    return "\n".join(f"{entry.name:<{width}}  {words}" for entry, words in zip(entries, short, strict=True))


def problem_sheet(name: str) -> str:
    """One shipped problem: its statement, where it is from, and its text."""
    entry = library.entry(name)
    return "\n".join((*textwrap.wrap(entry.statement, 100), f"Source: {entry.source}", "", entry.name, entry.text))


# --- files -----------------------------------------------------------------------------------------------------------


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file: a text, or bytes. Raises InputError where the system does not let it."""
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror}", where=str(path)) from error
