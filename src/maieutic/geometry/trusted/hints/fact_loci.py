"""Facts as loci: where a fact puts a point that is not placed yet, the others being at their places. For drawing only.

A fact is a line to its point if its equation has one direction there; a circle, if it has the difference of two, or one
length; a circle of Apollonius, if it has the ratio of two. Twice a direction is one of two lines.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from maieutic.geometry.trusted.loci import (
    Circle,
    Line,
    Locus,
    Points,
    inscribed,
    meet,
    perpendicular_bisector,
    project,
    unit,
)
from maieutic.geometry.trusted.predicates import Coordinates, Equation, Unknown, cross, dot, equations, unknown_value
from maieutic.geometry.trusted.quantities import NEAR, NoMeetError, roots, turn
from maieutic.geometry.trusted.records import Fact, Point


def fact_loci(fact: Fact, point: str, at: Coordinates) -> tuple[Locus, ...]:
    """Any of some lines or circles on which a fact puts a point; () where it puts it on none."""
    if fact.predicate == "overlap":
        return (Points(tuple(at[other] for other in fact.points if other != point)),)
    for equation in equations(fact):
        try:
            loci = _equation_loci(equation, point, at)
        except (NoMeetError, ArithmeticError, ValueError):
            continue  # another of the equations that say the same may do
        if loci:
            return loci
    return ()


def has_locus(fact: Fact, point: str) -> bool:
    """Whether a fact is a line or a circle to one of its points."""
    if fact.predicate == "overlap":
        return True
    for equation in equations(fact):
        if any(len(unknown) == 3 for unknown, _ in equation.terms):
            continue
        weights = [c for unknown, c in equation.terms if point in unknown]
        if len(weights) == 2 and weights[0] != -weights[1]:
            continue
        if 1 <= len(weights) <= 2 and (equation.table != "direction" or abs(weights[0]) <= 3):
            if len(weights) == 2 and equation.table == "length" and len(equation.terms) > 2:
                continue
            return True
    return False


def common_places(loci: Sequence[Locus]) -> tuple[Point, ...]:
    """The points of one finite locus, or those of it that are on the others, or where two curves meet."""
    finite = next((locus for locus in loci if isinstance(locus, Points)), None)
    found = meet(loci[0], loci[1]) if finite is None else finite.points
    others = loci[2:] if finite is None else [locus for locus in loci if locus is not finite]
    kept = tuple(p for p in found if all(on(locus, p) for locus in others))
    if not kept:
        raise NoMeetError("the loci have no common point")
    return kept


def on(locus: Locus, p: Point, tolerance: float = 1e-7) -> bool:
    """Whether a point is on a locus, relative to the size of the two."""
    match locus:
        case Line(through, along):
            return abs(cross(along, p - through)) <= tolerance * abs(along) * max(1.0, abs(p - through))
        case Circle(centre):
            return bool(abs(abs(p - centre) - locus.radius) <= tolerance * max(1.0, locus.radius))
        case Points(points):
            return any(abs(p - q) <= tolerance for q in points)
    return abs(project(locus, p) - p) <= tolerance


def _equation_loci(equation: Equation, point: str, at: Coordinates) -> tuple[Locus, ...]:
    if any(len(unknown) == 3 for unknown, _ in equation.terms):
        return ()
    ends = [(a if b == point else b, c) for (a, b), c in equation.terms if point in (a, b)]
    if not ends or len(ends) > 2 or (len(ends) == 2 and ends[0][1] != -ends[1][1]):
        return ()
    first, weight = ends[0]
    second = ends[1][0] if len(ends) == 2 else ""
    rest = [(unknown, -c / weight) for unknown, c in equation.terms if point not in unknown]
    if equation.table == "direction":
        return _direction_loci(equation, rest, weight, first, second, at)
    value = sum(float(c) * unknown_value(equation.table, u, at) for u, c in rest)
    if equation.table == "log":
        value -= sum(float(c / weight) * math.log(prime) for prime, c in equation.constants)
        if second:
            return (_apollonius(at[first], at[second], math.exp(value)),)
        return (Circle(at[first], at[first] + math.exp(value)),)
    if second and equation.table == "length":
        return () if rest else (perpendicular_bisector(at[first], at[second]),)  # else a hyperbola
    if second:  # a difference of squares
        between = at[second] - at[first]
        square = dot(between, between)
        if square < NEAR**2:
            raise NoMeetError("a line from coincident points")
        return (Line(at[first] + between * ((value + square) / (2 * square)), 1j * between),)
    if value <= 0:
        raise NoMeetError("a length that is not positive")
    return (Circle(at[first], at[first] + (value if equation.table == "length" else math.sqrt(value))),)


def _direction_loci(
    equation: Equation,
    rest: Sequence[tuple[Unknown, Fraction]],
    weight: Fraction,
    first: str,
    second: str,
    at: Coordinates,
) -> tuple[Locus, ...]:
    """|weight| times a direction, or the difference of two, is a sum of directions and a constant, modulo 1."""
    like = at[first]
    times = abs(weight)
    constant = sum((c for _, c in equation.constants), Fraction(0))
    turned = turn(-constant / weight * times * 180, like)
    for (a, b), c in rest:
        power = c * times
        if power.denominator != 1 or abs(power) > 4:
            return ()
        v = unit(at[b] - at[a])
        turned *= (v if power > 0 else v.conjugate()) ** abs(int(power))
    if times.denominator != 1 or times > 3:
        return ()
    # times * d is known modulo pi, so d is one of `times` directions.
    base = roots(turned, int(times))[0] if times > 1 else turned
    ways = [base * turn(Fraction(180 * k) / times, like) for k in range(int(times))]
    if second:
        return tuple(inscribed(at[first], at[second], way) for way in ways)
    return tuple(Line(like, way) for way in ways)


def _apollonius(a: Point, b: Point, ratio: float) -> Locus:
    """The points whose distances from a and b are in a ratio."""
    if abs(ratio - 1) < NEAR:
        unit(b - a)
        return perpendicular_bisector(a, b)
    inner, outer = (a + ratio * b) / (1 + ratio), (a - ratio * b) / (1 - ratio)
    return Circle((inner + outer) / 2, inner)
