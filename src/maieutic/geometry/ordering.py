"""Drawing a problem that is given by predicates only: an order of its points, and each fact read as a locus.

A fact with one point unknown says where that point is: on a line, if its equation has one direction at the point; on
a circle, if it has the difference of two, or one length; on a circle of Apollonius, if it has the ratio of two. So a
point can be drawn when at most two facts join it to the points before it. The order of the text is often such an
order; taking away, again and again, the point with the fewest facts, and drawing in the reverse order, finds one for
most other problems. Where neither does, what comes of it is a start for the solver.
"""

from __future__ import annotations

import cmath
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from maieutic.geometry.loci import Circle, Line, Locus, NoMeetError, Points, inscribed, perpendicular_bisector, unit
from maieutic.geometry.predicates import Equation, equations, unknown_value
from maieutic.geometry.records import Fact, Point

Order = tuple[tuple[str, tuple[Fact, ...]], ...]
"""Points in an order to draw them, each with the facts that join it to those before it."""


def text_order(points: Sequence[str], facts: Sequence[Fact]) -> Order:
    """The points as they are; a fact belongs to the last of its points."""
    place = {point: i for i, point in enumerate(points)}
    facts_of: dict[str, list[Fact]] = {point: [] for point in points}
    for fact in facts:
        facts_of[max(fact.points, key=place.__getitem__)].append(fact)
    return tuple((point, tuple(facts_of[point])) for point in points)


def sparse_order(points: Sequence[str], facts: Sequence[Fact]) -> Order:
    """Last the point in the fewest facts, before it the point in the fewest of the facts left, and so on."""
    all_facts, left, backwards = facts, list(points), []
    while left:
        counts = Counter(point for fact in facts for point in set(fact.points))
        last = min(reversed(left), key=counts.__getitem__)
        backwards.append(last)
        facts = [fact for fact in facts if last not in fact.points]
        left.remove(last)
    return text_order(backwards[::-1], all_facts)


def fact_locus(fact: Fact, point: str, at: Mapping[str, Point], outer: bool) -> Locus | None:
    """Where a fact puts a point, the others being at their places; None where that is no line or circle.

    `outer` says which of two bisectors is taken.
    """
    if fact.predicate == "overlap":
        return Points(tuple(at[other] for other in fact.points if other != point))
    for equation in equations(fact):
        try:
            locus = _equation_locus(equation, point, at, outer)
        except (NoMeetError, ArithmeticError):
            continue  # another of the equations that say the same may do
        if locus is not None:
            return locus
    return None


def _equation_locus(equation: Equation, point: str, at: Mapping[str, Point], outer: bool) -> Locus | None:
    if any(len(unknown) == 3 for unknown, _ in equation.terms):
        return None
    unknown = [(a if b == point else b, float(c)) for (a, b), c in equation.terms if point in (a, b)]
    constant = sum(float(c) * (1.0 if equation.table == "direction" else math.log(k)) for k, c in equation.constants)
    rest = constant + sum(
        float(c) * unknown_value(equation.table, segment, at) for segment, c in equation.terms if point not in segment
    )
    match unknown:
        case [(end, weight)]:
            value = -rest / weight
            if equation.table == "direction":
                # Twice a direction, modulo 1, is two perpendicular ones.
                turn = 0.5 if outer and abs(weight) == 2 else 0.0
                return Line(at[end], cmath.exp(1j * math.pi * (value + turn)))
            if equation.table == "log":
                return Circle(at[end], math.exp(value))
            if value <= 0:
                raise NoMeetError("a length that is not positive")
            return Circle(at[end], value if equation.table == "length" else math.sqrt(value))
        case [(first, weight), (second, other)] if weight == -other:
            value = -rest / weight
            if equation.table == "direction":
                return inscribed(at[first], at[second], cmath.exp(1j * math.pi * value))
            if equation.table == "log":
                return _apollonius(at[first], at[second], math.exp(value))
    return None


def _apollonius(a: Point, b: Point, ratio: float) -> Locus:
    """The points whose distances from a and b are in a ratio."""
    if abs(ratio - 1) < 1e-9:
        unit(b - a)
        return perpendicular_bisector(a, b)
    inner, outer = (a + ratio * b) / (1 + ratio), (a - ratio * b) / (1 - ratio)
    return Circle((inner + outer) / 2, abs(inner - outer) / 2)
