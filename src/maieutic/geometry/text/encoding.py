"""Model text: a problem, its auxiliary points and its proof as words, and back.

    a b c = triangle ; d = midpoint a b , ... ? cong d a d c | e = foot d a c ! perp d e a c given ! ...

Words are separated by spaces and come from a vocabulary of a few hundred. Points are named a, b, c, ... in the order in
which they are introduced, so that names carry no meaning. The statement's clauses are separated by `;`, its goals
follow `?`, the auxiliary clauses `|`, and the steps of the proof each a `!`. A step is its conclusion and why: `given`;
or `by` a rule, its points, `from` and the numbers of the steps that it cites; or `linear`, the table, the multiple, and
for each premise the step, which of its equations, and the weight. Guards follow from these and are not written.

A model is prompted with `encode_problem(problem)` and answers as `encode_answer(proof)`: the two, joined by a space,
are `encode_proof(proof)`. A search asks with `encode_question(problem)`, where the `|` is part of the prompt, so that
a point is what follows; `!` ends the auxiliary clauses. Which words may come where, grammar.py knows. With
`encode_verdict(question, clause)` it is asked for a verdict on a point before that is tried: `yes`, it proves the goal,
or `no`. What else a model is told, after `figure`, and answers `@1` to: prompting.py.

Integers below 360 are single words; larger ones are written in base 360, digits joined by `_`; `-` stands before and
`/` inside a number.

Reading what a model wrote never raises: what cannot be read is an `Invalid`, which says why and at which word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_lowercase

from maieutic.core.errors import InputError
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, introduces
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES
from maieutic.geometry.trusted.records import Clause, Construction, Deduction, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import RULES

END_OF_CLAUSE, MEET, SAYS, GOALS, AUXILIARY, STEP = ";", ",", "=", "?", "|", "!"
GIVEN, BY, FROM, LINEAR = "given", "by", "from", "linear"
JUDGE, YES, NO = "judge", "yes", "no"
FIGURE = "figure"
PLACES = tuple(f"@{number}" for number in range(1, 33))
SEPARATORS = (END_OF_CLAUSE, MEET, SAYS, GOALS, AUXILIARY, STEP)
BASE = 360
MOST_POINTS = 104
MOST_WORDS = 20_000
MOST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Invalid:
    """A text that cannot be read: why, and the number of the word, from 0, where it goes wrong."""

    reason: str
    position: int


def letter(number: int) -> str:
    """The name of a point by its number: a, b, ..., z, a1, ..., z1, a2, ..."""
    round_, place = divmod(number, 26)
    return ascii_lowercase[place] + (str(round_) if round_ else "")


CONDITIONS = frozenset(
    ("exists", "nreflect", "nsecond", "oppside", "acute", "obtuse_angle", "inside", "convex", "prodseq")
)
"""Predicates for which models know no word: verdicts and side conditions speak of them."""


def vocabulary() -> tuple[str, ...]:
    """All words that a text can contain, each once, in a fixed order."""
    return tuple(
        dict.fromkeys(
            (
                *SEPARATORS,
                *(GIVEN, BY, FROM, LINEAR),
                *("-", "/", "_"),
                *TABLES,
                *map(letter, range(MOST_POINTS)),
                *map(str, range(BASE)),
                *CONSTRUCTIONS,
                *(name for name in PREDICATES if name not in CONDITIONS),
                *RULES,
                *(JUDGE, YES, NO, FIGURE, *PLACES),
            )
        )
    )


# --- to text ---------------------------------------------------------------------------------------------------------


def encode_problem(problem: Problem, auxiliary: Sequence[Clause] = ()) -> str:
    """A problem and, after its goals, auxiliary clauses. Coordinates and the name are left out.

    Raises InputError for more than MOST_POINTS points.
    """
    names = letters((*problem.clauses, *auxiliary))
    words = [*_clauses(problem.clauses, names), *_goals(problem.goals, names)]
    if auxiliary:
        words += [AUXILIARY, *_clauses(auxiliary, names)]
    return " ".join(words)


def encode_question(problem: Problem, added: Sequence[Clause] = ()) -> str:
    """What a model is asked by a search: the problem, and the points added so far, up to where the next one begins."""
    words = [encode_problem(problem, added), END_OF_CLAUSE if added else AUXILIARY]
    return " ".join(words)


def encode_verdict(question: str, clause: str) -> str:
    """What a model is asked about a clause that was proposed to a question: the next word is its verdict.

    Args:
        clause: its text, with or without the mark after it.
    """
    return " ".join([question, clause.strip().removesuffix(STEP).rstrip(), JUDGE])


def encode_auxiliary(problem: Problem, auxiliary: Sequence[Clause]) -> str:
    """Auxiliary clauses alone, without the marks before and after them."""
    return " ".join(_clauses(auxiliary, letters((*problem.clauses, *auxiliary))))


def encode_answer(proof: Proof, *, steps: bool = True) -> str:
    """What a model is to answer to a problem's text: the auxiliary clauses, if any, and the steps of the proof.

    Without the steps, the answer ends with the mark at which they would begin.
    """
    names = letters(proof.problem.clauses)
    words = [AUXILIARY, *_clauses(proof.auxiliary, names)] if proof.auxiliary else []
    if not steps:
        return " ".join([*words, STEP])
    for step in proof.deductions:
        words += [STEP, *_fact(step.conclusion, names), *_why(step, names)]
    return " ".join(words)


def encode_proof(proof: Proof) -> str:
    """A problem, its auxiliary clauses and the steps of its proof."""
    stated = proof.problem.clauses[: len(proof.problem.clauses) - len(proof.auxiliary)]
    return " ".join(filter(None, (encode_problem(replace(proof.problem, clauses=stated)), encode_answer(proof))))


def letters(clauses: Sequence[Clause]) -> dict[str, str]:
    """The points of clauses, with their names in the text."""
    points = [point for clause in clauses for point in clause.points]
    if len(points) > MOST_POINTS:
        raise InputError(f"{len(points)} points", hint=f"at most {MOST_POINTS} are written")
    return {point: letter(number) for number, point in enumerate(points)}


def _clauses(clauses: Sequence[Clause], names: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for clause in clauses:
        words += [END_OF_CLAUSE] * bool(words) + [names[p] for p in clause.points] + [SAYS]
        known = [use for use in clause.constructions if use.name not in CONDITIONS]
        for number, use in enumerate(known):
            words += [MEET] * bool(number) + _construction(use, clause, names)
    return words


def _construction(use: Construction, clause: Clause, names: Mapping[str, str]) -> list[str]:
    """A construction without its new points where they are the clause's, in order."""
    points = use.args
    if introduces(use, clause) and CONSTRUCTIONS[use.name].introduced(points) == clause.points:
        points = CONSTRUCTIONS[use.name].given(points)
    return [use.name, *(names[p] for p in points), *_numbers(use.values)]


def _goals(goals: Sequence[Fact], names: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for goal in goals:
        words += [MEET if words else GOALS, *_fact(goal, names)]
    return words


def _fact(fact: Fact, names: Mapping[str, str]) -> list[str]:
    return [fact.predicate, *(names[p] for p in fact.points), *_numbers(fact.values)]


def _why(step: Deduction, names: Mapping[str, str]) -> list[str]:
    if step.rule == "hypothesis":
        return [GIVEN]
    if step.rule != "linear":
        points = [names[p] for p in step.points]
        return [BY, step.rule, *points, FROM, *_numbers(map(Fraction, step.premises))]
    triples = zip(step.premises, step.equations, step.weights, strict=True)
    return [BY, LINEAR, step.table, *_numbers([Fraction(step.multiple)]), FROM] + [
        word for triple in triples for word in _numbers(map(Fraction, triple))
    ]


def _numbers(values: Sequence[Fraction] | map[Fraction]) -> list[str]:
    words: list[str] = []
    for value in values:
        words += ["-"] * (value < 0) + _integer(abs(value.numerator))
        if value.denominator != 1:
            words += ["/", *_integer(value.denominator)]
    return words


def _integer(value: int) -> list[str]:
    digits = [str(value % BASE)]
    while value >= BASE:
        value //= BASE
        digits += ["_", str(value % BASE)]
    return digits[::-1]


def renamed_clause(clause: Clause, names: Mapping[str, str]) -> Clause:
    """A clause with other names for its points."""
    return Clause(
        tuple(names[p] for p in clause.points),
        tuple(Construction(use.name, tuple(names[p] for p in use.args), use.values) for use in clause.constructions),
    )
