"""Loci and their meets: the formulas with which figures are made.

A point is a complex number, and a construction of one point is a locus: a line, a circle, a hyperbola, or a finite set
of points. Every formula is written once, for floats and for balls (quantities.py), so that what is drawn is what is
certified. A fact about one point that is not placed yet, and points that are, is a locus too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maieutic.geometry.predicates import Coordinates, Equation, cross, dot, equations, unknown_value
from maieutic.geometry.quantities import NEAR, NoMeetError, Real, exp, middle, number, root, roots, sign, turn, vanishes
from maieutic.geometry.records import Fact, Point


@dataclass(frozen=True, slots=True)
class Line:
    """The points through + t * along. |along| is the length at which a point is drawn.

    Where `ray` is set, points with t > 0 are what the words mean (the inner bisector, the angle as it is named), and
    the others only satisfy the same equation; the former are preferred.
    """

    through: Point
    along: Point
    ray: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """The points at a distance from a centre."""

    centre: Point
    radius: float


@dataclass(frozen=True, slots=True)
class Hyperbola:
    """The x with (x - a)(x - c) a real multiple of (b - a)(b - c): equal and opposite angles bax and bcx."""

    a: Point
    b: Point
    c: Point


@dataclass(frozen=True, slots=True)
class Points:
    """Finitely many points, each of which will do."""

    points: tuple[Point, ...]


Locus = Line | Circle | Hyperbola | Points


def line(a: Point, b: Point) -> Line:
    return Line(a, b - a)


def perpendicular(a: Point, b: Point, c: Point) -> Line:
    """The line through a perpendicular to bc."""
    return Line(a, 1j * (c - b))


def perpendicular_bisector(a: Point, b: Point) -> Line:
    return Line((a + b) / 2, 1j * (b - a))


def circle(centre: Point, through: Point) -> Circle:
    return Circle(centre, abs(through - centre))


def unit(v: Point) -> Point:
    """The vector's direction. Raises NoMeetError for (nearly) nothing."""
    length = abs(v)
    if not sign(length):
        raise NoMeetError("a direction between coincident points")
    return v / length


def bisector(a: Point, b: Point, c: Point, outer: bool = False) -> Line:
    """The bisector of the angle abc, as a ray from b; the outer one is perpendicular to it."""
    u, v = unit(a - b), unit(c - b)
    # Where u and v are nearly opposite, their difference is the better known: turned, it is the bisector too.
    along = u + v if middle(dot(u, v)).real > 0 else 1j * (v - u) * -sign(cross(u, v))
    along = unit(along) * ((abs(a - b) + abs(c - b)) / 2)
    return Line(b, 1j * along) if outer else Line(b, along, ray=True)


def inscribed(a: Point, b: Point, turned: Point) -> Circle:
    """The circle of the x with d(xa) - d(xb) = the direction of `turned`, modulo pi."""
    if not sign(turned.imag, abs(turned)):
        raise NoMeetError("an angle of 0 or 180 degrees")
    # As x runs into a, line xb becomes ab and line xa the tangent at a, which is ab turned; hence the centre.
    centre = (a + b) / 2 - 0.5j * (b - a) * (turned.real / turned.imag)
    return Circle(centre, abs(a - centre))


def circumcentre(a: Point, b: Point, c: Point) -> Point:
    u, v = b - a, c - a
    area = 2 * cross(u, v)
    square_u, square_v = dot(u, u), dot(v, v)
    if not sign(area, square_u + square_v):
        raise NoMeetError("the circle of three collinear points")
    return a + 1j * (u * square_v - v * square_u) / area


def foot(p: Point, a: Point, b: Point) -> Point:
    """The foot of the perpendicular from p to ab."""
    u = b - a
    square = dot(u, u)
    if not sign(square, near=NEAR**2):
        raise NoMeetError("a direction between coincident points")
    return a + u * (dot(u, p - a) / square)


def reflection(p: Point, a: Point, b: Point) -> Point:
    """The mirror image of p in line ab."""
    return 2 * foot(p, a, b) - p


def cross_lines(first: Line, second: Line) -> Point:
    u, v = first.along, second.along
    area = cross(u, v)
    if not sign(area, abs(u) * abs(v)):
        raise NoMeetError("parallel lines do not meet")
    return first.through + u * (cross(second.through - first.through, v) / area)


def _line_circle(straight: Line, round_: Circle) -> tuple[Point, ...]:
    u = unit(straight.along)
    nearest = straight.through + u * dot(u, round_.centre - straight.through)
    square = round_.radius * round_.radius
    away = nearest - round_.centre
    half = square - dot(away, away)
    meets = sign(half, square)
    if meets < 0:
        raise NoMeetError("the line does not meet the circle")
    reach = root(half) if meets else 0.0
    return (nearest + reach * u, nearest - reach * u)


def radical_axis(first: Circle, second: Circle) -> Line:
    """The line through the common points of two circles. Raises NoMeetError for circles about one centre."""
    between = second.centre - first.centre
    square = dot(between, between)
    if not sign(square, near=NEAR**2):
        raise NoMeetError("two circles about one centre")
    offset = (square + first.radius * first.radius - second.radius * second.radius) / (2 * square)
    return Line(first.centre + between * offset, 1j * between)


def meet(loci: Sequence[Locus]) -> tuple[Point, ...]:
    """The common points of two loci, or the points of one. Raises NoMeetError where there are none, or infinitely many.

    With a finite set, or a third locus, those points that are on the others as far as can be seen.
    """
    finite = next((locus for locus in loci if isinstance(locus, Points)), None)
    if finite is not None:
        found: tuple[Point, ...] = finite.points
        others = [locus for locus in loci if locus is not finite]
    else:
        others = list(loci[2:])
        match loci[0], loci[1]:
            case Line() as first, Line() as second:
                found = (cross_lines(first, second),)
            case (Line() as straight, Circle() as round_) | (Circle() as round_, Line() as straight):
                found = _line_circle(straight, round_)
            case Circle() as left, Circle() as right:
                found = _line_circle(radical_axis(left, right), left)
            case (Line() as straight, Hyperbola() as curve) | (Hyperbola() as curve, Line() as straight):
                found = _line_hyperbola(straight, curve)
            case _:
                raise NoMeetError("no formula for where these curves meet")
    kept = tuple(p for p in found if all(on(locus, p) for locus in others))
    if not kept:
        raise NoMeetError("the loci have no common point")
    return kept


def other_meet(loci: Sequence[Locus], known: Point) -> Point:
    """The second common point of a line and a circle, or of two circles, that meet in a known one: without a root."""
    match loci[0], loci[1]:
        case (Line() as straight, Circle() as round_) | (Circle() as round_, Line() as straight):
            return 2 * foot(round_.centre, straight.through, straight.through + straight.along) - known
        case Circle() as left, Circle() as right:
            return reflection(known, left.centre, right.centre)
    raise NoMeetError("curves without a second meet")


def _line_hyperbola(straight: Line, curve: Hyperbola) -> tuple[Point, ...]:
    """Im((p + t u - a)(p + t u - c) / w) = 0 is a quadratic in t."""
    w = (curve.b - curve.a) * (curve.b - curve.c)
    u, v, s = straight.along, straight.through - curve.a, straight.through - curve.c
    p, q, r = cross(w, u * u), cross(w, u * (v + s)), cross(w, v * s)
    square = q * q - 4 * p * r
    if sign(square, near=NEAR**2) < 0 or not sign(p, near=NEAR**2):
        raise NoMeetError("the line does not meet the curve in two points")
    return tuple(straight.through + u * ((-q + side * root(square)) / (2 * p)) for side in (1, -1))


def on(locus: Locus, p: Point, tolerance: float = 1e-7) -> bool:
    """Whether a point is on a locus as far as can be seen, relative to the size of the two."""
    match locus:
        case Line(through, along):
            return vanishes(cross(along, p - through), _size(along, p - through), tolerance)
        case Circle(centre, radius):
            return vanishes(abs(p - centre) - radius, max(1.0, middle(radius).real), tolerance)
        case Hyperbola(a, b, c):
            w, v = (b - a) * (b - c), (p - a) * (p - c)
            return vanishes(cross(w, v), _size(w, v), tolerance)
    return any(vanishes(abs(p - q), 1.0, tolerance) for q in locus.points)


def _size(u: Point, v: Point) -> float:
    return float(abs(middle(u)) * max(1.0, abs(middle(v))))


def sample(locus: Locus, rng: Any) -> Point:
    """A point of a locus, at random, near what defines it and not at a special place. For floats."""
    match locus:
        case Line(through, along, ray):
            t = rng.uniform(0.25, 1.6)
            if not ray and rng.random() < 0.3:
                t = -rng.uniform(0.25, 1.0)
            if abs(t - 1) < 0.12 or abs(t - 0.5) < 0.03:  # not at the other end, not at the middle
                t += 0.25
            return through + t * along
        case Circle(centre, radius):
            angle = rng.uniform(0, 2 * math.pi)
            return centre + complex(radius * math.cos(angle), radius * math.sin(angle))
        case Hyperbola():  # the multiple 1 is b itself, and the parallelogram's fourth corner
            t = rng.uniform(0.25, 0.85) if rng.random() < 0.5 else rng.uniform(1.15, 2.2)
            return _of_multiple(locus, t)[int(rng.random() < 0.5)]
    return locus.points[int(rng.random() * len(locus.points))]


def _of_multiple(curve: Hyperbola, t: Real) -> tuple[Point, ...]:
    a, b, c = curve.a, curve.b, curve.c
    return tuple((a + c) / 2 + side for side in roots((a - c) * (a - c) / 4 + t * (b - a) * (b - c)))


def project(locus: Locus, p: Point) -> Point:
    """A point of a locus, near p: on a line or a circle the nearest one."""
    match locus:
        case Line(through, along):
            return foot(p, through, through + along)
        case Circle(centre, radius):
            return centre + radius * unit(p - centre)
        case Hyperbola(a, b, c):
            w = (b - a) * (b - c)
            places = _of_multiple(locus, dot(w, (p - a) * (p - c)) / dot(w, w))
            return min(places, key=lambda q: abs(middle(q) - middle(p)))
    return min(locus.points, key=lambda q: abs(middle(q) - middle(p)))


# --- facts as loci ---------------------------------------------------------------------------------------------------


def fact_locus(fact: Fact, point: str, at: Coordinates) -> tuple[Locus, ...]:
    """Where a fact puts a point, the others being at their places: any of some lines or circles; () where on neither.

    It is on a line if the equation has one direction at the point; on a circle, if it has the difference of two, or
    one length; on a circle of Apollonius, if it has the ratio of two. Twice a direction is one of two lines.
    """
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


def _equation_loci(equation: Equation, point: str, at: Coordinates) -> tuple[Locus, ...]:
    if any(len(unknown) == 3 for unknown, _ in equation.terms):
        return ()
    ends = [(a if b == point else b, c) for (a, b), c in equation.terms if point in (a, b)]
    if not ends or len(ends) > 2 or (len(ends) == 2 and ends[0][1] != -ends[1][1]):
        return ()
    first, weight = ends[0]
    second = ends[1][0] if len(ends) == 2 else ""
    rest = [(unknown, -c / weight) for unknown, c in equation.terms if point not in unknown]
    like = at[first]
    if equation.table == "direction":
        return _direction_loci(equation, rest, weight, first, second, at)
    if equation.table == "log":
        value = sum((number(c, like) * unknown_value("log", u, at) for u, c in rest), number(Fraction(0), like))
        for prime, c in equation.constants:
            value -= number(c / weight, like) * unknown_value_of(prime, like)
        if second:
            even = not rest and not equation.constants
            return (_apollonius(like, at[second], exp(value), even),)
        return (Circle(like, exp(value)),)
    if second:
        return _difference_loci(equation, rest, at[first], at[second], at)
    value = sum((number(c, like) * unknown_value(equation.table, u, at) for u, c in rest), number(Fraction(0), like))
    if sign(value) <= 0:
        raise NoMeetError("a length that is not positive")
    return (Circle(like, value if equation.table == "length" else root(value)),)


def unknown_value_of(prime: int, like: Any) -> Real:
    """The logarithm of a prime."""
    return math.log(prime) if isinstance(like, complex) else number(Fraction(prime), like).log()


def _direction_loci(
    equation: Equation,
    rest: Sequence[tuple[Any, Fraction]],
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
        for _ in range(abs(int(power))):
            turned = turned * (v if power > 0 else v.conjugate())
    if times.denominator != 1 or times > 3:
        return ()
    # times * d is known modulo pi, so d is one of `times` directions.
    first_way = roots(turned, int(times))[0] if times > 1 else turned
    ways = [first_way * turn(Fraction(180 * k) / times, like) if k else first_way for k in range(int(times))]
    if second:
        return tuple(inscribed(at[first], at[second], way) for way in ways)
    return tuple(Line(like, way) for way in ways)


def _difference_loci(
    equation: Equation, rest: Sequence[tuple[Any, Fraction]], a: Point, b: Point, at: Coordinates
) -> tuple[Locus, ...]:
    """|xa| = |xb|, or |xa|^2 - |xb|^2 = a number: a line perpendicular to ab."""
    if equation.table == "length":
        if rest:
            return ()  # a hyperbola
        return (perpendicular_bisector(a, b),)
    value = sum((number(c, a) * unknown_value("square", u, at) for u, c in rest), number(Fraction(0), a))
    between = b - a
    square = dot(between, between)
    if not sign(square, near=NEAR**2):
        raise NoMeetError("a line from coincident points")
    return (Line(a + between * ((value + square) / (2 * square)), 1j * between),)


def _apollonius(a: Point, b: Point, ratio: Real, even: bool) -> Locus:
    """The points whose distances from a and b are in a ratio; `even`: it is 1 because the equation says so."""
    if even or (isinstance(ratio, float) and abs(ratio - 1) < NEAR):
        unit(b - a)
        return perpendicular_bisector(a, b)
    if not sign(ratio - 1):
        raise NoMeetError("a ratio that may be 1")
    inner, outer = (a + ratio * b) / (1 + ratio), (a - ratio * b) / (1 - ratio)
    return Circle((inner + outer) / 2, abs(inner - outer) / 2)
