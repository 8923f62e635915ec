"""The language: problem text to `Problem` and back.

    a b c = triangle; h = on_tline h b a c, on_tline h c a b ? perp a h b c

Clauses are separated by `;`. Each names the points that it introduces (with coordinates, if given, as `a@0.5_1.0`),
then `=`, then what it says of them, separated by `,`: constructions, with or without their new points among the
arguments, or, as in AlphaGeometry2's language, predicates. After `?` come the goals. Numbers are exact: `15`, `-3/2`,
`0.5`, and for angles also `60o` (degrees) and `2pi/3`. `#` starts a comment.

Sources: AlphaGeometry's language (Trinh et al., Nature 2024); AlphaGeometry2's (arXiv 2502.03544).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.constructions import CONSTRUCTIONS, clause_facts
from maieutic.geometry.predicates import expand
from maieutic.geometry.records import Clause, Fact, Point, Problem
from maieutic.geometry.words import (
    MAX_TEXT,
    Word,
    did_you_mean,
    read_construction,
    read_fact,
    read_new_point,
    split_at,
    split_words,
)

MAX_POINTS = 100
MAX_FACTS = 1_000

# --- text to problems ------------------------------------------------------------------------------------------------


class _Assembly:
    """The clauses and goals read so far, and the points that they know; shared by the parser and the builder."""

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.goals: list[Fact] = []
        self.known: dict[str, Point | None] = {}
        self.facts = 0

    def clause(self, points: Sequence[Word], statements: Sequence[Sequence[Word]]) -> tuple[str, ...]:
        new: dict[str, Point | None] = {}
        for word in points:
            name, place = read_new_point(word, {*self.known, *new})
            if len(self.known) + len(new) == MAX_POINTS:
                raise word.error("too many points", f"at most {MAX_POINTS} are read")
            new[name] = place
        names = tuple(new)
        clause = Clause(names, tuple(read_construction(words, names, self.known) for words in statements))
        self._count(clause_facts(clause), points[0])
        self.clauses.append(clause)
        self.known |= new
        return names

    def goal(self, words: Sequence[Word]) -> Fact:
        fact = read_fact(words, self.known, goal=True)
        self._count((fact,), words[0])
        self.goals.append(fact)
        return fact

    def _count(self, facts: Sequence[Fact], word: Word) -> None:
        self.facts += sum(len(expand(fact)) for fact in facts)
        if self.facts > MAX_FACTS:
            raise word.error("too many facts", f"at most {MAX_FACTS} are read")

    def problem(self, name: str) -> Problem:
        places = tuple((point, place) for point, place in self.known.items() if place is not None)
        return Problem(name, tuple(self.clauses), tuple(self.goals), places)


def _parse(text: str, name: str, first_line: int) -> Problem:
    words = split_words(text, first_line)
    if not words:
        raise ProblemError("an empty problem", line=first_line, hint="write clauses as 'a b c = triangle; ...'")
    given, *asked = split_at(words, "?")
    if len(asked) > 1:
        mark = [word for word in words if word.text == "?"][1]
        raise mark.error("a second '?'", "separate goals by commas")
    assembly = _Assembly()
    for clause in split_at(given, ";"):
        if clause:
            _parse_clause(assembly, clause)
    if not assembly.clauses:
        raise words[0].error("a problem without clauses", "write clauses as 'a b c = triangle; ...'")
    for part in asked:
        mark = next(word for word in words if word.text == "?")
        for words_of_goal in split_at(part, ","):
            if not words_of_goal:
                raise mark.error("expected a goal after '?'", "for a bare figure, leave out the '?'")
            stray = next((word for word in words_of_goal if word.text in ";="), None)
            if stray:
                raise stray.error(f"{stray.text!r} in the goals", "clauses stand before the '?'")
            assembly.goal(words_of_goal)
    return assembly.problem(name)


def _parse_clause(assembly: _Assembly, words: Sequence[Word]) -> None:
    left, *right = split_at(words, "=")
    if not right:
        raise words[-1].error("expected '=' in the clause", "write it as 'points = constructions'; ';' ends a clause")
    if len(right) > 1:
        mark = [word for word in words if word.text == "="][1]
        raise mark.error("a second '=' in the clause", "';' ends a clause")
    if not left:
        raise words[0].error("expected the clause's points before '='")
    comma = next((word for word in left if word.text == ","), None)
    if comma:
        raise comma.error("',' between points", "separate points by spaces")
    statements = split_at(right[0], ",") if right[0] else []
    if not all(statements):
        mark = next((word for word in reversed(words) if word.text == ","), words[-1])
        raise mark.error("expected a construction next to ','")
    assembly.clause(left, statements)


def parse_problem(text: str, name: str = "") -> Problem:
    """A problem from its text. Raises ProblemError with line, column and what was expected."""
    return _parse(text, name, 1)


def parse_problems(text: str) -> list[Problem]:
    """Problems of two lines each, a name and a text; blank lines and lines of comment are skipped."""
    if len(text) > MAX_TEXT:
        raise ProblemError(f"a text of {len(text)} characters", hint=f"at most {MAX_TEXT} are read")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip() and not line.strip().startswith("#")]
    problems = []
    for index in range(0, len(lines), 2):
        number, name = lines[index][0], lines[index][1].strip()
        if re.search(r"[=;?]", name):
            raise ProblemError("expected a problem's name, found its text", line=number, hint="each text has a name")
        if index + 1 == len(lines):
            raise ProblemError(f"problem {name!r} has no text", line=number)
        problems.append(_parse(lines[index + 1][1], name, lines[index + 1][0]))
    return problems


def load_problems(path: str | Path) -> list[Problem]:
    """The problems of a file, as in `parse_problems`. Raises InputError where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(MAX_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"cannot read the problems: {reason}", where=str(path)) from error
    try:
        return parse_problems(text)
    except ProblemError as error:
        error.where = f"{path}, {error.where}" if error.where else str(path)
        raise


def parse_fact(text: str, points: Iterable[str]) -> Fact:
    """A fact about known points, as in a goal. Raises ProblemError."""
    words = split_words(text)
    if not words:
        raise ProblemError("expected a predicate and its points")
    stray = next((word for word in words if word.text in ";,=?"), None)
    if stray:
        raise stray.error(f"unexpected {stray.text!r} in a fact")
    return read_fact(words, tuple(points), goal=True)


# --- problems to text ------------------------------------------------------------------------------------------------


def print_problem(problem: Problem) -> str:
    """The text of a problem, in the full form: `parse_problem(print_problem(p), p.name) == p`."""
    places = dict(problem.coordinates)

    def point(name: str) -> str:
        return f"{name}@{places[name].real!r}_{places[name].imag!r}" if name in places else name

    clauses = (
        f"{' '.join(map(point, clause.points))} = {', '.join(map(str, clause.constructions))}".rstrip()
        for clause in problem.clauses
    )
    goals = f" ? {', '.join(map(str, problem.goals))}" if problem.goals else ""
    return "; ".join(clauses) + goals


# --- problems from Python --------------------------------------------------------------------------------------------

Argument = str | int | float | Fraction


class Builder:
    """A problem, built by calls, with the parser's checks and errors.

        p = Builder()
        a, b, c = p.triangle("a", "b", "c")
        h = p.orthocenter("h", a, b, c)
        p.goal("perp", a, h, b, c)
        p.problem("altitudes")

    Each construction is a method that takes its full arguments and returns its new point, or points.
    """

    def __init__(self) -> None:
        self._assembly = _Assembly()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: self.construct(name, *args)

    def construct(self, name: str, *args: Argument) -> Any:
        """One construction in a clause of its own, by name: its new point, or a tuple of them."""
        construct = CONSTRUCTIONS.get(name)
        if construct is None:
            raise ProblemError(f"unknown construction {name!r}", hint=did_you_mean(name, CONSTRUCTIONS))
        if len(args) != len(construct.letters) + len(construct.numbers):
            forms = " ".join((*construct.letters, *construct.numbers))
            raise ProblemError(f"{name} takes {forms!r}; found {len(args)} arguments")
        words = [_word(arg) for arg in args]
        new = [word for letter, word in zip(construct.letters, words, strict=False) if letter in construct.new]
        names = self._assembly.clause(new, [[Word(name), *words]])
        return names[0] if len(names) == 1 else names

    def point(self, name: str, *constructions: Sequence[Argument], at: Point | None = None) -> str:
        """A point that is the meet of several loci, each as `("on_line", a, b)`, or a free one; `at` places it."""
        text = name if at is None else f"{name}@{at.real!r}_{at.imag!r}"
        return self._assembly.clause([Word(text)], [[_word(arg) for arg in each] for each in constructions])[0]

    def goal(self, predicate: str, *args: Argument) -> Fact:
        """A goal; all of them must hold."""
        return self._assembly.goal([_word(predicate), *map(_word, args)])

    def problem(self, name: str = "") -> Problem:
        if not self._assembly.clauses:
            raise ProblemError("a problem without clauses")
        return self._assembly.problem(name)


def _word(value: Argument) -> Word:
    return Word(str(Fraction(str(value))) if isinstance(value, float) else str(value))
