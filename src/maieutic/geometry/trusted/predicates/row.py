"""What is said of each predicate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from maieutic.geometry.trusted.predicates.equations import Equation, four_terms
from maieutic.geometry.trusted.predicates.numbers import Coordinates
from maieutic.geometry.trusted.quantities import Real
from maieutic.geometry.trusted.records import Fact

Kind = Literal["equational", "compound", "numeric", "question"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate.

    `points` is the number of points, or (least, step) where it varies; `values` the number of rational parameters, a
    function of the number of points where it varies. `equations(fact)` gives the alternatives of an equational
    predicate, `parts(fact)` the simpler facts of a compound one, `test(coordinates, points)` the truth of a numeric
    one, or what an equational one says beside its equations. `guards(fact)` are numeric facts under which the equations
    mean what the predicate says. `apart` are the pairs of places whose points differ where it is true, beyond what its
    equations need. `balance(fact, coordinates)`, of an equation that no table has, are the terms whose sum must be 0.
    """

    name: str
    kind: Kind
    points: int | tuple[int, int]
    meaning: str
    source: str
    phrase: Callable[[Fact], str]
    values: int | Callable[[int], int] = 0
    equations: Callable[[Fact], tuple[Equation, ...]] = lambda fact: ()
    parts: Callable[[Fact], tuple[Fact, ...]] = lambda fact: ()
    test: Callable[[Coordinates, tuple[str, ...]], bool] | None = None
    guards: Callable[[Fact], tuple[Fact, ...]] = lambda fact: ()
    apart: tuple[tuple[int, int], ...] = ()
    balance: Callable[[Fact, Coordinates], list[Real]] | None = None

    def pairs(self, points: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The pairs of points that are different where a fact is true, beyond what its equations need."""
        if self.name == "neqangle":  # of the directions that are left where others cancel
            (equation,) = four_terms("direction")(Fact("eqangle", points))
            return tuple((unknown[0], unknown[1]) for unknown, _ in equation.terms)
        return tuple((points[i], points[j]) for i, j in self.apart)

    def value_count(self, points: int) -> int:
        """How many numbers go with so many points."""
        return self.values if isinstance(self.values, int) else self.values(points)

    def accepts(self, points: int, values: int) -> bool:
        """Whether a fact with so many points and values is well formed."""
        if isinstance(self.points, int):
            fits = points == self.points
        else:
            least, step = self.points
            fits = points >= least and (points - least) % step == 0
        return fits and values == self.value_count(points)


AG1 = "AlphaGeometry's language (Trinh et al., Nature 2024)"
AG2 = "AlphaGeometry2's language (arXiv 2502.03544, section 2)"
OURS = "ours: names an equation or a side condition that a proof cites"

HALF = Fraction(1, 2)
