"""Problems from Python: built by calls, with the parser's checks and errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from maieutic.core.errors import ProblemError
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.reading import Assembly
from maieutic.geometry.trusted.records import Fact, Point, Problem
from maieutic.geometry.trusted.words import Word, did_you_mean

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
        self._assembly = Assembly()

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
        """The problem as it is built so far. Raises ProblemError where it has no clauses."""
        if not self._assembly.clauses:
            raise ProblemError("a problem without clauses")
        return self._assembly.problem(name)


def _word(value: Argument) -> Word:
    return Word(str(Fraction(str(value))) if isinstance(value, float) else str(value))
