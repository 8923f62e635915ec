"""What the command line prints: results, facts, verdicts and lists, as text."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from pathlib import Path

from maieutic.core.errors import InputError, ProofError
from maieutic.core.text import printable, printable_lines
from maieutic.geometry.bench import record_of
from maieutic.geometry.deduce import Deduced
from maieutic.geometry.engine.facts import MOST
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.language import library
from maieutic.geometry.language.names import display_names
from maieutic.geometry.proofs.proof_json import to_json
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.notation import Signs, plain, say
from maieutic.geometry.prose.text import text
from maieutic.geometry.prose.verdicts import choices, condition, remarks
from maieutic.geometry.trusted.records import Accepted, Problem, Proof

TOLD = 12
"""Facts told of those that a search without success has shown."""
LONGEST_REASON = 1000
"""Characters of a reason that are shown."""

WORDS = {
    Status.PROVED: "proved",
    Status.SATURATED: "not proved: nothing more follows, without auxiliary points",
    Status.TIME_LIMIT: "not proved: the time limit was reached",
    Status.ATTEMPT_LIMIT: "not proved: the limit of attempts was reached",
    Status.INTERRUPTED: "not proved: interrupted",
    Status.FALSE: "false",
    Status.CONTRADICTORY: "refused: the hypotheses contradict one another",
    Status.REFUSED: "not proved: the kernel refuses the proof that was found",
    Status.NO_DIAGRAM: "not proved: no figure could be drawn",
    Status.ERROR: "not proved: an error",
}


# --- results ---------------------------------------------------------------------------------------------------------


def accepted_proof(result: Result) -> tuple[Proof, Accepted]:
    """The proof, and what the kernel said of it. Raises ProofError where there is none that it accepted."""
    if result.status is Status.PROVED and result.proof and isinstance(result.verdict, Accepted):
        return result.proof, result.verdict
    raise ProofError(f"there is no proof: {result.message}")


def one_line(result: Result) -> str:
    """`simson: proved in 4 steps (0.012 s)`, or `simson: proved for figures in which E = A, in 4 steps (0.012 s)`."""
    words = WORDS[result.status]
    if result.status is Status.PROVED:
        proof, verdict = accepted_proof(result)
        where = plain(condition(verdict, choices(proof), Signs(display_names(proof.problem.points))))
        count = f"in {result.proof_steps} step{'s' if result.proof_steps != 1 else ''}"
        words = " ".join(filter(None, (words, f"{where}," if where else "", count, remarks(verdict))))
    return f"{printable(result.problem.name) or 'the problem'}: {words} ({result.cpu_s:.3f} s)"


def result_text(result: Result) -> str:
    """The proof, or what was tried and why it stopped."""
    if result.status is Status.PROVED:
        told = narrate(*accepted_proof(result))
        return f"{one_line(result)}\n\n{text(replace(told, proved=''))}"  # the first line has said it
    return "\n".join((one_line(result), *(f"  {line}" for line in _tried(result)))) + "\n"


def _tried(result: Result) -> list[str]:
    lines = [f"because: {printable(result.message, LONGEST_REASON)}"] if result.message else []
    if result.counterexample:
        names = display_names(result.problem.points)
        places = (f"{names[p]} ({z.real:.6g}, {z.imag:.6g})" for p, z in result.counterexample.points.items())
        lines.append(f"the figure: {', '.join(places)}")
    elif result.diagram:
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
    if result.status is Status.PROVED:
        return to_json(*accepted_proof(result))
    return printable_lines(json.dumps(record_of(result), ensure_ascii=False, indent=1)) + "\n"


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
