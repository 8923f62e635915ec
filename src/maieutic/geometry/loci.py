"""Loci and their meets: the numerical primitives with which figures are drawn.

A point is a complex number, and a construction of one point is a locus: a line, a circle, or a finite set of points.
Everything here is plain Python on complex numbers, since arrays of two elements cost more than they save.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maieutic.geometry.predicates import cross, dot
from maieutic.geometry.records import Point

NEAR = 1e-9
"""Two drawn points closer than this (in a figure of size about 1) are the same point."""


class NoMeetError(Exception):
    """Loci that do not meet, or an undefined point: this attempt at a figure fails, another may not."""


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
class Points:
    """Finitely many points, each of which will do."""

    points: tuple[Point, ...]


Locus = Line | Circle | Points


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
    if length < NEAR:
        raise NoMeetError("a direction between coincident points")
    return v / length


def bisector(a: Point, b: Point, c: Point, outer: bool = False) -> Line:
    """The bisector of the angle abc, as a ray from b; the outer one is perpendicular to it."""
    u, v = unit(a - b), unit(c - b)
    along = u + v if dot(u, v) > 0 else 1j * (v - u) * (1 if cross(u, v) < 0 else -1)
    scale = (abs(a - b) + abs(c - b)) / 2
    along = scale * unit(along)
    return Line(b, 1j * along) if outer else Line(b, along, ray=True)


def inscribed(a: Point, b: Point, turn: Point) -> Circle:
    """The circle of the x with d(xa) - d(xb) = the direction of `turn`, modulo pi."""
    if abs(turn.imag) < NEAR * abs(turn):
        raise NoMeetError("an angle of 0 or 180 degrees")
    # As x runs into a, line xb becomes ab and line xa the tangent at a, which is ab turned; hence the centre.
    centre = (a + b) / 2 - 0.5j * (b - a) * turn.real / turn.imag
    return Circle(centre, abs(a - centre))


def circumcentre(a: Point, b: Point, c: Point) -> Point:
    u, v = b - a, c - a
    area = 2 * cross(u, v)
    if abs(area) < NEAR * max(abs(u), abs(v)) ** 2:
        raise NoMeetError("the circle of three collinear points")
    return a + 1j * (u * abs(v) ** 2 - v * abs(u) ** 2) / area


def foot(p: Point, a: Point, b: Point) -> Point:
    """The foot of the perpendicular from p to ab."""
    u = unit(b - a)
    return a + u * dot(u, p - a)


def reflection(p: Point, a: Point, b: Point) -> Point:
    """The mirror image of p in line ab."""
    return 2 * foot(p, a, b) - p


def cross_lines(first: Line, second: Line) -> Point:
    u, v = first.along, second.along
    area = cross(u, v)
    if abs(area) < NEAR * abs(u) * abs(v) or area == 0:
        raise NoMeetError("parallel lines do not meet")
    return first.through + u * (cross(second.through - first.through, v) / area)


def _line_circle(straight: Line, round_: Circle) -> tuple[Point, ...]:
    u = unit(straight.along)
    nearest = straight.through + u * dot(u, round_.centre - straight.through)
    half = round_.radius**2 - abs(nearest - round_.centre) ** 2
    if half < -NEAR * round_.radius**2:
        raise NoMeetError("the line does not meet the circle")
    reach = math.sqrt(max(half, 0.0))
    return (nearest + reach * u, nearest - reach * u)


def _circle_circle(first: Circle, second: Circle) -> tuple[Point, ...]:
    between = second.centre - first.centre
    distance = abs(between)
    if distance < NEAR:
        raise NoMeetError("two circles about one centre")
    # The points of both lie on their radical axis.
    offset = (distance**2 + first.radius**2 - second.radius**2) / (2 * distance)
    u = between / distance
    try:
        return _line_circle(Line(first.centre + offset * u, 1j * u), first)
    except NoMeetError:
        raise NoMeetError("the circles do not meet") from None


def on(locus: Locus, p: Point, tolerance: float = 1e-7) -> bool:
    """Whether a point is on a locus, relative to the size of the two."""
    match locus:
        case Line(through, along):
            return abs(cross(along, p - through)) <= tolerance * abs(along) * max(1.0, abs(p - through))
        case Circle(centre, radius):
            return abs(abs(p - centre) - radius) <= tolerance * max(1.0, radius)
    return any(abs(p - q) <= tolerance for q in locus.points)


def meet(loci: Sequence[Locus]) -> tuple[Point, ...]:
    """The common points of two or more loci. Raises NoMeetError where there are none, or infinitely many."""
    finite = next((locus for locus in loci if isinstance(locus, Points)), None)
    if finite is not None:
        found: tuple[Point, ...] = finite.points
    else:
        match loci[0], loci[1]:
            case Line() as first, Line() as second:
                found = (cross_lines(first, second),)
            case (Line() as straight, Circle() as round_) | (Circle() as round_, Line() as straight):
                found = _line_circle(straight, round_)
            case Circle() as left, Circle() as right:
                found = _circle_circle(left, right)
    checked = [locus for locus in (loci if finite is not None else loci[2:]) if locus is not finite]
    kept = tuple(p for p in found if all(on(locus, p) for locus in checked))
    if not kept:
        raise NoMeetError("the loci have no common point")
    return kept


def sample(locus: Locus, rng: np.random.Generator) -> Point:
    """A point of a locus, at random, near what defines it and not at a special place."""
    match locus:
        case Line(through, along, ray):
            t = rng.uniform(0.25, 1.6)
            if not ray and rng.random() < 0.3:
                t = -rng.uniform(0.25, 1.0)
            if abs(t - 1) < 0.12 or abs(t - 0.5) < 0.03:  # not at the other end, not at the middle
                t += 0.25
            return through + t * along
        case Circle(centre, radius):
            return centre + cmath.rect(radius, rng.uniform(0, 2 * math.pi))
    return locus.points[int(rng.integers(len(locus.points)))]


def project(locus: Locus, p: Point) -> Point:
    """The point of a locus nearest to p."""
    match locus:
        case Line(through, along):
            return foot(p, through, through + along)
        case Circle(centre, radius):
            return centre + radius * unit(p - centre)
    return min(locus.points, key=lambda q: abs(q - p))
