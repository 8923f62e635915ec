"""The grammar of auxiliary clauses: which words may come next, so that whatever a model writes can be read.

    d = midpoint a b ; e = on_line a b , on_circum a c d !

A clause names its new points, the next letters in order, and places them: by one construction, or one point as the
meet of two curves, which is all that the kernel accepts of an auxiliary point. A construction is over points that are
there, different ones wherever it needs that; numbers are of one or two words (`30`, `- 30`, `1 / 2`). After `;` comes
another clause, up to a number of them; the word with which a proof would begin ends the last one. So every way of
choosing allowed words comes to an end, and there it can be decoded. Whether two lines meet, only a figure shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.text.encoding import BASE, END_OF_CLAUSE, MEET, MOST_POINTS, SAYS, STEP, letter
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.stated import is_curve
from maieutic.geometry.trusted.words import Word, read_construction

END = STEP
"""The word after the last clause."""

MOST_CLAUSES = 4
LONGEST_CLAUSE = 32
"""No clause has more words; a test looks at all of them."""

_DIGITS = frozenset(map(str, range(BASE)))


def allowed_next(words: Sequence[str], points: int, most_clauses: int = MOST_CLAUSES) -> frozenset[str]:
    """The words that may follow some words of auxiliary clauses; none after END, nor after words that are not allowed.

    Args:
        words: of an answer so far, from the first new point on.
        points: how many points the problem has: in its text they are the first so many letters.
        most_clauses: how many clauses there may be.
    """
    state = State(points, most_clauses)
    for word in words:
        if word not in state.allowed:
            return frozenset()
        state = state.after(word)
    return state.allowed


def one_point_constructions(points: int) -> list[tuple[Construct, bool]]:
    """The constructions of one auxiliary point over so many points, and whether two such may meet in a clause."""
    return [(row, _is_curve(row)) for row in _usable(points) if len(row.new) == 1 and row.old]


@dataclass(frozen=True)
class State:
    """Where an answer stands: points before its last clause, clauses that may be written yet, words of this one.

    A search that adds one point at a time asks for `State(points, clauses=1, most_new=1)`: one clause with one point.
    """

    points: int
    clauses: int = MOST_CLAUSES
    words: tuple[str, ...] = ()
    most_new: int | None = None
    """New points that a clause may have at most; None: as many as there are constructions for."""

    def after(self, word: str) -> State:
        """The state with one more word. Raises InputError for a word that is not allowed."""
        if word not in self.allowed:
            raise InputError(f"{word!r} cannot follow {' '.join(self.words)!r}", hint="see State.allowed")
        if word == END_OF_CLAUSE:
            return State(self.points + self.words.index(SAYS), self.clauses - 1, (), self.most_new)
        return State(self.points, self.clauses, (*self.words, word), self.most_new)

    @cached_property
    def allowed(self) -> frozenset[str]:
        """The words that may come next; none where all is said."""
        if END in self.words:
            return frozenset()
        if SAYS not in self.words:
            return self._names(len(self.words))
        new = self.words.index(SAYS)
        use = self.words[new + 1 :]
        met = MEET in use
        if met:
            use = use[use.index(MEET) + 1 :]
        if not use:
            rows = (row for row in _usable(self.points) if len(row.new) == new and (_is_curve(row) or not met))
            return frozenset(row.name for row in rows)
        row, given = CONSTRUCTIONS[use[0]], use[1:]
        if len(given) < len(row.old):
            return self._points(row, given)
        number = given[len(row.old) :]
        if row.numbers and (not number or number[-1] not in _DIGITS):
            return _DIGITS - {"0"} if number else _DIGITS | {"-"}
        further = {MEET} if _is_curve(row) and not met else set()
        fraction = {"/"} if number and "/" not in number else set()
        return frozenset(self._ends(new) | further | fraction)

    def _names(self, new: int) -> frozenset[str]:
        most = MOST_POINTS - self.points
        if self.most_new is not None:
            most = min(most, self.most_new)
        sizes = {len(row.new) for row in _usable(self.points) if len(row.new) <= most}
        words = {SAYS} if new in sizes else set()
        if any(size > new for size in sizes):
            words.add(letter(self.points + new))
        return frozenset(words)

    def _points(self, row: Construct, given: Sequence[str]) -> frozenset[str]:
        letters = [letter(number) for number in range(self.points)]
        chosen = tuple(map(letters.index, given))
        return frozenset(letters[p] for p in range(self.points) if _completes(row.name, (*chosen, p), self.points))

    def _ends(self, new: int) -> set[str]:
        return {END, END_OF_CLAUSE} if self.clauses > 1 and self.points + new < MOST_POINTS else {END}


# --- constructions ---------------------------------------------------------------------------------------------------


def _is_curve(row: Construct) -> bool:
    """Whether two of it may meet in a clause."""
    return len(row.new) == 1 and is_curve(row.name)


@cache
def _usable(points: int) -> tuple[Construct, ...]:
    """The constructions of auxiliary points that have a meaning over so many points."""
    return tuple(
        row
        for row in CONSTRUCTIONS.values()
        if (row.old or row.name == "free")
        and all(PREDICATES[need.predicate].kind == "numeric" for need in row.needs)
        and _completes(row.name, (), points)
    )


@cache
def _apart(name: str) -> tuple[frozenset[int], ...]:
    """For each old point of a construction, which earlier ones it must differ from: the reader of words is asked."""
    row = CONSTRUCTIONS[name]
    old = [letter(i) for i in range(len(row.old))]
    new = [letter(len(old) + i) for i in range(len(row.new))]
    numbers = ["30"] * len(row.numbers)
    apart: list[set[int]] = [set() for _ in old]
    for first, second in combinations(range(len(old)), 2):
        given = [*old[:second], old[first], *old[second + 1 :]]
        try:
            read_construction([Word(word) for word in (name, *given, *numbers)], new, old)
        except ProblemError:
            apart[second].add(first)
    return tuple(map(frozenset, apart))


def _completes(name: str, chosen: tuple[int, ...], points: int) -> bool:
    """Whether the last of the chosen points differs from those it must, and enough are left for those to come."""
    apart = _apart(name)
    if chosen and any(chosen[i] == chosen[-1] for i in apart[len(chosen) - 1]):
        return False
    if len(chosen) == len(apart) or points >= len(apart):
        return True
    return any(_completes(name, (*chosen, p), points) for p in range(points))
