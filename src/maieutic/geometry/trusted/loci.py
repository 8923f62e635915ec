"""Loci and their meets: the formulas with which figures are made.

A point is a complex number, and a construction of one point is a locus: a line, a circle, a hyperbola, or a finite set
of points. Every formula is written once, for floats and for balls (quantities.py), so that what is drawn is what is
certified.
"""

from __future__ import annotations

from dataclasses import dataclass

from maieutic.geometry.trusted.predicates import cross, dot
from maieutic.geometry.trusted.quantities import NEAR, NoMeetError, Real, middle, root, roots, sign
from maieutic.geometry.trusted.records import Point


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
    """The points that are as far from a centre as one that it runs through."""

    centre: Point
    through: Point

    @property
    def square(self) -> Real:
        """The square of its radius."""
        return dot(self.through - self.centre, self.through - self.centre)

    @property
    def radius(self) -> Real:
        """The distance from the centre to the circle."""
        return abs(self.through - self.centre)


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
    """The line ab."""
    return Line(a, b - a)


def perpendicular(a: Point, b: Point, c: Point) -> Line:
    """The line through a perpendicular to bc."""
    return Line(a, 1j * (c - b))


def perpendicular_bisector(a: Point, b: Point) -> Line:
    """The line of points equally far from a and b."""
    return Line((a + b) / 2, 1j * (b - a))


def circle(centre: Point, through: Point) -> Circle:
    """The circle about a centre, through a point."""
    return Circle(centre, through)


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
    return Circle(centre, a)


def circumcentre(a: Point, b: Point, c: Point) -> Point:
    """The centre of the circle through a, b, c. Raises NoMeetError where they are on a line."""
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
    """Where two lines meet. Raises NoMeetError for parallel ones."""
    u, v = first.along, second.along
    area = cross(u, v)
    if not sign(area, abs(u) * abs(v)):
        raise NoMeetError("parallel lines do not meet")
    return first.through + u * (cross(second.through - first.through, v) / area)


def _line_circle(straight: Line, round_: Circle) -> tuple[Point, ...]:
    along = straight.along
    nearest = foot(round_.centre, straight.through, straight.through + along)
    square, away = round_.square, nearest - round_.centre
    half = square - dot(away, away)
    meets = sign(half, square)
    if meets < 0:
        raise NoMeetError("the line does not meet the circle")
    reach = along * (root(half / dot(along, along)) if meets else 0)
    return (nearest + reach, nearest - reach)


def radical_axis(first: Circle, second: Circle) -> Line:
    """The line through the common points of two circles. Raises NoMeetError for circles about one centre."""
    between = second.centre - first.centre
    square = dot(between, between)
    if not sign(square, near=NEAR**2):
        raise NoMeetError("two circles about one centre")
    offset = (square + first.square - second.square) / (2 * square)
    return Line(first.centre + between * offset, 1j * between)


def meet(first: Locus, second: Locus) -> tuple[Point, ...]:
    """The common points of two lines or circles. Raises NoMeetError where there are none, or infinitely many."""
    match first, second:
        case Line(), Line():
            return (cross_lines(first, second),)
        case Line(), Circle():
            return _line_circle(first, second)
        case Circle(), Line():
            return _line_circle(second, first)
        case Circle(), Circle():
            return _line_circle(radical_axis(first, second), first)
    raise NoMeetError("no formula for where these curves meet")


def other_meet(first: Locus, second: Locus, known: Point) -> Point:
    """The second common point of a line and a circle, or of two circles, that meet in a known one: without a root."""
    match first, second:
        case (Line() as straight, Circle() as round_) | (Circle() as round_, Line() as straight):
            return 2 * foot(round_.centre, straight.through, straight.through + straight.along) - known
        case Circle(), Circle():
            return reflection(known, first.centre, second.centre)
    raise NoMeetError("curves without a second meet")


def of_multiple(curve: Hyperbola, t: Real) -> tuple[Point, ...]:
    """The points of a hyperbola at a multiple of its product."""
    a, b, c = curve.a, curve.b, curve.c
    return tuple((a + c) / 2 + side for side in roots((a - c) * (a - c) / 4 + t * (b - a) * (b - c)))


def project(locus: Locus, p: Point) -> Point:
    """A point of a locus near p, if p is near it; on a line the nearest one."""
    match locus:
        case Line(through, along):
            return foot(p, through, through + along)
        case Circle(centre, through):  # where the line from a point of it through p meets it again
            return 2 * foot(centre, through, p) - through
        case Hyperbola(a, b, c):
            w = (b - a) * (b - c)
            places = of_multiple(locus, dot(w, (p - a) * (p - c)) / dot(w, w))
            return min(places, key=lambda q: abs(middle(q) - middle(p)))
    return min(locus.points, key=lambda q: abs(middle(q) - middle(p)))
