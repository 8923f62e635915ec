"""`maieutic check`: what the kernel says of the proof in a file, and of which problem it is a proof.

Names in a file are its author's, and so may be the file's own name: so the problem is told in full, in words that are
ours, and may be compared with one that the reader knows. Nothing here but the kernel looks at the proof's steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from maieutic.core.errors import InputError, ProofError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.core.text import printable
from maieutic.geometry.language.names import display_names
from maieutic.geometry.proofs.proof_json import from_json
from maieutic.geometry.prose.notation import Signs, plain, say
from maieutic.geometry.prose.verdicts import choices, condition, remarks
from maieutic.geometry.trusted.constructions import clause_facts
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import ANSWERS, PREDICATES
from maieutic.geometry.trusted.records import Accepted, Clause, Fact, Problem, Proof, Refused, Verdict
from maieutic.geometry.trusted.rules import RULES, Rule
from maieutic.geometry.trusted.stated import conventions

MOST_BYTES = 20_000_000
"""The largest proof file that is read."""
LONGEST_LINE = 10_000
"""Characters of a line that are shown."""

Names = Mapping[str, str]


def check_file(
    path: Path, time_limit: float, wanted: Problem | None = None, rules: Mapping[str, Rule] = RULES
) -> tuple[bool, str]:
    """Whether the kernel accepts the proof in a file, and its verdict in words; `wanted` is what it must be a proof of,
    `rules` the theorems that it may use.

    Raises InputError for a file that holds no proof.
    """
    accepted, lines = _told(read_proof(path), time_limit, wanted, rules)
    return accepted, "\n".join(printable(line, LONGEST_LINE) for line in lines)


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


def verdict_of(proof: Proof) -> Accepted:
    """What the kernel says of a proof that it accepts. Raises ProofError, with its reason, for one that it refuses."""
    verdict = check(proof)
    if isinstance(verdict, Refused):
        raise ProofError(_refusal(proof, verdict))
    return verdict


def difference(found: Problem, wanted: Problem) -> str:
    """The first clause or goal in which two problems differ, in words; "" where they say the same of the same points.

    Names of problems, and coordinates, say nothing.
    """
    parts: dict[str, tuple[Sequence[Clause | Fact], Sequence[Clause | Fact]]] = {
        "clause": (found.clauses, wanted.clauses),
        "goal": (found.goals, wanted.goals),
    }
    for kind, (ours, theirs) in parts.items():
        for number, (one, other) in enumerate(zip_longest(ours, theirs), 1):
            if one != other:
                return f"{kind} {number} is {_quoted(one)}, and not {_quoted(other)}"
    return ""


def _quoted(part: Clause | Fact | None) -> str:
    return "missing" if part is None else f"'{printable(str(part), 300)}'"


def _told(
    proof: Proof, time_limit: float, wanted: Problem | None, rules: Mapping[str, Rule]
) -> tuple[bool, Sequence[str]]:
    """Whether the proof is accepted, and the lines that say so, or why not."""
    other = difference(stated(proof), wanted) if wanted else ""
    if other:
        return False, [f"refused: a proof of another problem: {other}"]
    try:
        with cpu_limit(time_limit):
            verdict = check(proof, rules=rules)
    except TimeUp:
        return False, [f"not checked: the limit of {time_limit:g} s was reached"]
    return isinstance(verdict, Accepted), list(_verdict(proof, verdict))


def verdict_text(proof: Proof, verdict: Verdict) -> str:
    """What the kernel says of a proof, in words: the problem in full and its conditions, or why it is refused."""
    return "\n".join(printable(line, LONGEST_LINE) for line in _verdict(proof, verdict))


def _verdict(proof: Proof, verdict: Verdict) -> Iterator[str]:
    if isinstance(verdict, Refused):
        yield _refusal(proof, verdict)
    else:
        yield from _acceptance(proof, verdict)


def stated(proof: Proof) -> Problem:
    """The problem of a proof, without auxiliary points."""
    problem = proof.problem
    return Problem(problem.name, problem.clauses[: len(problem.clauses) - len(proof.auxiliary)], problem.goals)


def _refusal(proof: Proof, verdict: Refused) -> str:
    place = f"step {verdict.step} " if verdict.step >= 0 else ""
    if 0 <= verdict.step < len(proof.deductions):
        place += f"({printable(str(proof.deductions[verdict.step].conclusion))}) "
    return f"refused: {place}{printable(verdict.reason, 1000)}"


def _acceptance(proof: Proof, verdict: Accepted) -> Iterator[str]:
    """The verdict, the problem, and what is assumed."""
    names, problem = display_names(proof.problem.points), stated(proof)
    goals = "; ".join(say(_answer(goal, proof), names) for goal in problem.goals)
    where = plain(condition(verdict, choices(proof), Signs(names)))
    count = len(proof.deductions)
    claim = ", ".join(filter(None, (f"{count} step{' proves' if count == 1 else 's prove'} {goals}", where)))
    yield " ".join(filter(None, (f"accepted: {claim}", remarks(verdict))))
    yield f"problem: {printable(problem.name) or 'without a name'}"
    agreed = conventions(proof.problem, len(proof.auxiliary))
    yield from _part("hypotheses", (_clause(clause, names) for clause in problem.clauses))
    yield from _part("by convention", (_fact(fact, names) for fact in agreed))
    yield from _part("goals", (_fact(goal, names) for goal in problem.goals))
    yield from _part("auxiliary points", (_clause(clause, names) for clause in proof.auxiliary))
    yield from _part("assumed", (_fact(fact, names) for fact in verdict.assumed))


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A title with its lines, where there are any."""
    shown = [f"  {line}" for line in lines]
    yield from [f"{title}:", *shown] if shown else []


def _clause(clause: Clause, names: Names) -> str:
    """A clause as the language writes it, and in signs."""
    facts = "; ".join(say(fact, names) for fact in clause_facts(clause))
    return f"{clause}: {facts}" if facts else str(clause)


def _fact(fact: Fact, names: Names) -> str:
    return f"{fact}: {say(fact, names)}"


def _answer(goal: Fact, proof: Proof) -> Fact:
    """A goal, or what the proof answers to a question."""
    if PREDICATES[goal.predicate].kind != "question":
        return goal
    facts = [step.conclusion for step in proof.deductions]
    return next((f for f in facts if f.predicate in ANSWERS[goal.predicate] and f.points == goal.points), goal)
