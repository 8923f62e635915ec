"""What a model wrote, read: text to problems, proofs and auxiliary clauses. It never raises on them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from maieutic.core.errors import ProblemError
from maieutic.geometry.text.encoding import (
    AUXILIARY,
    BASE,
    BY,
    END_OF_CLAUSE,
    FROM,
    GIVEN,
    GOALS,
    LINEAR,
    MEET,
    MOST_DIGITS,
    MOST_POINTS,
    MOST_WORDS,
    SAYS,
    STEP,
    Invalid,
    letter,
    letters,
    renamed_clause,
)
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES
from maieutic.geometry.trusted.records import Clause, Deduction, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import RULES
from maieutic.geometry.trusted.words import Word, read_construction, read_fact, split_at


class _UnreadableError(Exception):
    """Inside this file only: why a text cannot be read, and where."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.invalid = Invalid(reason, position)


def decode_problem(text: str) -> tuple[Problem, tuple[Clause, ...]] | Invalid:
    """The problem and the auxiliary clauses of a text without a proof: points are named as in the text."""
    decoded = decode_proof(text)
    if isinstance(decoded, Invalid):
        return decoded
    if decoded.deductions:
        return Invalid("a proof, where only a problem is expected", text.split().index(STEP))
    stated = decoded.problem.clauses[: len(decoded.problem.clauses) - len(decoded.auxiliary)]
    return Problem("", stated, decoded.problem.goals), decoded.auxiliary


def decode_proof(text: str, seed: int = 0) -> Proof | Invalid:
    """The proof of a text (without steps, if it has none), as found on the figure with that seed."""
    try:
        words = _words(text)
        body, *steps = split_at(words, STEP)
        statement, *added = split_at(body, AUXILIARY)
        given, *asked = split_at(statement, GOALS)
        for parts, mark in ((added, AUXILIARY), (asked, GOALS)):
            if len(parts) > 1:
                raise _UnreadableError(f"a second {mark!r}", _place(parts[1] or words))
        reader = _Reader()
        stated = reader.clauses(given)
        goals = tuple(reader.fact(part, asked[0]) for part in split_at(asked[0], MEET)) if asked else ()
        auxiliary = reader.clauses(added[0]) if added else ()
        deductions = tuple(reader.step(part, words) for part in steps)
    except _UnreadableError as error:
        return error.invalid
    return Proof(Problem("", (*stated, *auxiliary), goals), deductions, seed, auxiliary)


def decode_auxiliary(text: str, problem: Problem) -> tuple[Clause, ...] | Invalid:
    """Auxiliary clauses for a problem, from what a model answered to the problem's text: with or without the marks
    around them, and without what follows the second one.

    Old points get the problem's names back; new ones keep the text's, or, where that is taken, the next free letter.
    """
    names = {name: point for point, name in letters(problem.clauses).items()}
    try:
        words = _words(text)
        marked = words[:1] and words[0].text == AUXILIARY
        clauses = _Reader(tuple(names)).clauses(split_at(words[1:] if marked else words, STEP)[0])
    except _UnreadableError as error:
        return error.invalid
    for point in (p for clause in clauses for p in clause.points):
        taken = set(names.values())
        free = (letter(number) for number in range(2 * MOST_POINTS) if letter(number) not in taken)
        names[point] = next(free) if point in taken else point
    return tuple(renamed_clause(clause, names) for clause in clauses)


def _words(text: str) -> list[Word]:
    """The words, each with its number from 0 as its column."""
    words = [Word(word, 0, number) for number, word in enumerate(text.split(maxsplit=MOST_WORDS))]
    if len(words) > MOST_WORDS:
        raise _UnreadableError(f"more than {MOST_WORDS} words", MOST_WORDS)
    return words


class _Reader:
    """Reads clauses, facts and steps in the text's names; `known` are the points so far."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.known = list(known)

    def clauses(self, words: Sequence[Word]) -> tuple[Clause, ...]:
        return tuple(self._clause(part, words) for part in split_at(words, END_OF_CLAUSE))

    def _clause(self, words: Sequence[Word], around: Sequence[Word]) -> Clause:
        left, *right = split_at(words, SAYS)
        if len(right) != 1 or not left:
            raise _UnreadableError("a clause is points, '=' and constructions", _place(words or around))
        new: list[str] = []
        for word in left:
            if word.text not in _LETTERS:
                raise _UnreadableError(f"expected a new point, found {word.text!r}", _place([word]))
            if word.text in (*self.known, *new):
                raise _UnreadableError(f"point {word.text!r} is defined twice", _place([word]))
            new.append(word.text)
        parts = split_at(right[0], MEET) if right[0] else []
        uses = []
        for part in parts:
            if not part:
                raise _UnreadableError("expected a construction next to ','", _place(right[0]))
            try:
                uses.append(read_construction(_with_numbers(part), new, tuple(self.known)))
            except ProblemError as error:
                raise _UnreadableError(error.message, error.column or _place(part)) from None
        self.known += new
        return Clause(tuple(new), tuple(uses))

    def fact(self, words: Sequence[Word], around: Sequence[Word]) -> Fact:
        if not words:
            raise _UnreadableError("expected a predicate and its points", _place(around))
        try:
            return read_fact(_with_numbers(words), tuple(self.known), goal=True)
        except ProblemError as error:
            raise _UnreadableError(error.message, error.column or _place(words)) from None

    def step(self, words: Sequence[Word], around: Sequence[Word]) -> Deduction:
        end = next((i for i, word in enumerate(words) if word.text in (GIVEN, BY)), len(words))
        conclusion = self.fact(words[:end], around)
        why, rest = words[end : end + 1], words[end + 1 :]
        if not why or bool(rest) != (why[0].text == BY):
            raise _UnreadableError(f"expected {GIVEN!r}, or {BY!r} and a rule", _place(words))
        if why[0].text == GIVEN:
            return Deduction(conclusion, "hypothesis")
        head, *cited = split_at(rest, FROM)
        if len(cited) != 1 or not head:
            raise _UnreadableError(f"expected a rule, and its premises after {FROM!r}", _place(rest))
        numbers = _whole_numbers(cited[0])
        if head[0].text == LINEAR:
            return self._linear(conclusion, head, numbers)
        return self._rule(conclusion, head, numbers)

    def _rule(self, conclusion: Fact, head: Sequence[Word], premises: list[int]) -> Deduction:
        name, *points = (word.text for word in head)
        rule = RULES.get(name)
        unknown = next((word for word in head[1:] if word.text not in self.known), None)
        if rule is None or unknown:
            raise _UnreadableError(f"unknown rule or point {(unknown or head[0]).text!r}", _place([unknown or head[0]]))
        if len(points) != len(rule.points):
            raise _UnreadableError(f"{name} takes {len(rule.points)} points, not {len(points)}", _place(head))
        instance = rule.instance(tuple(points))
        return Deduction(
            conclusion,
            name,
            tuple(premises),
            instance.points,
            guards=instance.guards + instance.reads,
            configuration=bool(instance.reads),
        )

    def _linear(self, conclusion: Fact, head: Sequence[Word], numbers: list[int]) -> Deduction:
        multiple = _whole_numbers(head[2:])
        if len(head) < 3 or head[1].text not in TABLES or len(multiple) != 1 or len(numbers) % 3:
            raise _UnreadableError("expected a table, a multiple, and three numbers for each premise", _place(head))
        branch = head[1].text == "direction" and multiple[0] > 1
        return Deduction(
            conclusion,
            LINEAR,
            tuple(numbers[::3]),
            table=head[1].text,
            equations=tuple(numbers[1::3]),
            weights=tuple(numbers[2::3]),
            multiple=multiple[0],
            guards=PREDICATES[conclusion.predicate].guards(conclusion) + ((conclusion,) if branch else ()),
            configuration=branch,
        )


_LETTERS = frozenset(map(letter, range(MOST_POINTS)))


def _place(words: Sequence[Word]) -> int:
    """Where some words begin."""
    return (words[0].column or 0) if words else 0


def _with_numbers(words: Sequence[Word]) -> list[Word]:
    """Words in which those of a number are one."""
    joined: list[Word] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word.text == "-" or word.text.isdecimal():
            value, position = _number(words, position)
            joined.append(Word(str(value), word.line, word.column))
        else:
            joined.append(word)
            position += 1
    return joined


def _whole_numbers(words: Sequence[Word]) -> list[int]:
    numbers: list[int] = []
    position = 0
    while position < len(words):
        value, after = _number(words, position)
        if value.denominator != 1:
            raise _UnreadableError("expected a whole number", _place(words[position:]))
        numbers.append(value.numerator)
        position = after
    return numbers


def _number(words: Sequence[Word], position: int) -> tuple[Fraction, int]:
    """The number that begins at a word, and where it ends."""
    start = position
    negative = words[position].text == "-"
    numerator, position = _digits(words, position + negative)
    denominator = 1
    if position < len(words) and words[position].text == "/":
        denominator, position = _digits(words, position + 1)
    if denominator == 0:
        raise _UnreadableError("a number with the denominator 0", _place(words[start:]))
    return Fraction(-numerator if negative else numerator, denominator), position


def _digits(words: Sequence[Word], position: int) -> tuple[int, int]:
    value, first = 0, position
    while True:
        word = words[position].text if position < len(words) else ""
        if word not in _DIGITS:
            raise _UnreadableError("expected a number", _place(words[position:] or words[position - 1 :]))
        value = value * BASE + int(word)
        position += 1
        if position >= len(words) or words[position].text != "_":
            return value, position
        if position - first > MOST_DIGITS:
            raise _UnreadableError("a number with too many digits", _place(words[first:]))
        position += 1


_DIGITS = frozenset(map(str, range(BASE)))
