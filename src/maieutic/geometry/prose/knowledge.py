"""What is known about directions at some place of a proof, as equations for an angle chase.

All points known to lie on one circle give equal inscribed angles, whichever four of them were shown to do so first;
lines are one where points are collinear or lines parallel. What cannot lead anywhere is left out: an equation with a
line that no other source speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from maieutic.geometry.prose.classes import BONDS, Classes
from maieutic.geometry.prose.equals import Places
from maieutic.geometry.prose.inscribed import Circle, join
from maieutic.geometry.trusted.predicates import Equation, Unknown, combine, equations
from maieutic.geometry.trusted.records import Fact

MOST_ON_A_CIRCLE = 9
"""Of a circle with more points, only the first so many are looked at."""


@dataclass(frozen=True, slots=True)
class Known:
    """An equation among classes of lines, and the facts that give it: one, or those about one circle."""

    equation: Equation
    facts: tuple[Fact, ...]


class Knowledge:
    """The equations that some facts give, as far as they can serve to show others about some lines."""

    def __init__(self, facts: Iterable[Fact], wanted: Sequence[Equation], places: Places) -> None:
        self.places = places
        about = [f for f in facts if any(e.table == "direction" for e in equations(f))]
        bonds = [f for f in about if f.predicate in BONDS["direction"]]
        others = [e for f in about for e in equations(f) if e.table == "direction"]
        self.classes = Classes("direction", bonds, [*others, *wanted])
        self.known = self._useful(list(self._equations(about)), wanted)

    def _equations(self, facts: Sequence[Fact]) -> Iterable[Known]:
        circles: list[Circle] = []
        for fact in facts:
            if fact.predicate == "cyclic":
                join(circles, Circle(set(fact.points), set(), {(fact, 0): 1}))
            elif fact.predicate not in BONDS["direction"]:
                equation = next(e for e in equations(fact) if e.table == "direction")
                yield Known(self.classes.reduce(equation), (fact,))
        for circle in circles:
            sources = tuple(fact for fact, _ in circle.parts)
            for four in combinations(self.places.distinct(circle.points)[:MOST_ON_A_CIRCLE], 4):
                for equation in equations(Fact("cyclic", four)):
                    yield Known(self.classes.reduce(equation), sources)

    def _useful(self, known: list[Known], wanted: Sequence[Equation]) -> list[Known]:
        """Without equations that have a line for themselves, and without repetitions."""
        asked = {u for equation in wanted for u, _ in self.classes.reduce(equation).terms}
        kept = list({k.equation.normal(): k for k in reversed(known) if k.equation.terms}.values())[::-1]
        while True:
            sources: dict[Unknown, set[tuple[Fact, ...]]] = {}
            for each in kept:
                for unknown, _ in each.equation.terms:
                    sources.setdefault(unknown, set()).add(each.facts)
            alone = {u for u, by in sources.items() if len(by) == 1 and u not in asked}
            fewer = [k for k in kept if not any(u in alone for u, _ in k.equation.terms)]
            if len(fewer) == len(kept):
                return kept
            kept = fewer

    def bonds(self, used: Iterable[Equation]) -> list[Fact]:
        """The collinear points and parallels on the lines of some equations."""
        roots = {self.classes.find(u) for equation in used for u, _ in equation.terms}
        return [
            fact
            for fact in self.classes.bonds
            if any(self.classes.find(e.terms[0][0]) in roots for e in equations(fact) if e.terms)
        ]


def scaled(equation: Equation, factor: int) -> Equation:
    """An equation taken some times."""
    return combine(equation.table, [(Fraction(factor), equation)])
