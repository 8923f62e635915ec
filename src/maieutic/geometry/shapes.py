"""Drawings that take more than a line: shapes from nothing, and the points of the less simple constructions.

A shape from nothing comes in two parts. A sketch says, by chance, where its points may be and look well; it is trusted
with nothing. The shape then is what the construction says, near the sketch: exactly, in whatever numbers.
"""

from __future__ import annotations

import cmath
import math
from fractions import Fraction
from typing import Any

from maieutic.geometry.loci import (
    Circle,
    Line,
    bisector,
    circumcentre,
    cross_lines,
    foot,
    inscribed,
    line,
    perpendicular,
    project,
    reflection,
    sample,
    unit,
)
from maieutic.geometry.predicates import cross, dot
from maieutic.geometry.quantities import NoMeetError, middle, root, roots, sign, turn
from maieutic.geometry.records import Point

Rng = Any
"""Anything with `random()` and `uniform(low, high)`: of the standard library, or NumPy's."""


# --- sketches of shapes from nothing ---------------------------------------------------------------------------------


def turned(rng: Rng, *shape: Point) -> tuple[Point, ...]:
    """A shape turned, scaled, shifted and half of the time reflected: nothing about its place is special."""
    turn = cmath.rect(rng.uniform(0.8, 1.2), rng.uniform(0, 2 * math.pi))
    shift = complex(rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3))
    if rng.random() < 0.5:
        return tuple(turn * p.conjugate() + shift for p in shape)
    return tuple(turn * p + shift for p in shape)


def free_point(rng: Rng) -> Point:
    return cmath.rect(1.2 * math.sqrt(rng.random()), rng.uniform(0, 2 * math.pi))


def triangle(rng: Rng) -> tuple[Point, ...]:
    """A triangle on the unit circle, with angles from 25 degrees up, none near another or near 90 degrees."""
    while True:
        first, second = rng.uniform(25, 130), rng.uniform(25, 130)
        angles = sorted((first, second, 180 - first - second))
        apart = min(angles[1] - angles[0], angles[2] - angles[1], *(abs(angle - 90) for angle in angles))
        if angles[0] > 25 and apart > 5:
            break
    return turned(rng, 1 + 0j, cmath.exp(2j * math.radians(first)), cmath.exp(2j * math.radians(first + second)))


def quadrangle(rng: Rng) -> tuple[Point, ...]:
    """Four points in convex order."""
    return polygon(rng, 4)


def polygon(rng: Rng, corners: int) -> tuple[Point, ...]:
    angles = [2 * math.pi * (k + rng.uniform(-0.28, 0.28)) / corners for k in range(corners)]
    return turned(rng, *(cmath.rect(rng.uniform(0.75, 1.2), angle) for angle in angles))


def isosceles(rng: Rng) -> tuple[Point, ...]:
    """Apex first, neither equilateral nor right."""
    while True:
        half = math.radians(rng.uniform(14, 58))
        if min(abs(math.degrees(half) - special) for special in (30, 45)) > 4:
            return turned(rng, 0j, cmath.rect(1.3, half), cmath.rect(1.3, -half))


def leg(rng: Rng) -> float:
    """A length that is not near 1, from 0.5 to 0.85 or its inverse."""
    ratio = rng.uniform(0.5, 0.85)
    return float(ratio if rng.random() < 0.5 else 1 / ratio)


def rectangle(rng: Rng) -> tuple[Point, ...]:
    height = leg(rng)
    return turned(rng, 0j, 1 + 0j, 1 + 1j * height, 1j * height)


def eq_quadrangle(rng: Rng) -> tuple[Point, ...]:
    a, b, c, _ = quadrangle(rng)
    side = -1 if cross(c - a, b - a) > 0 else 1
    return a, b, c, a + abs(c - b) * unit(c - a) * cmath.exp(1j * rng.uniform(0.3, 1.2) * side)


def eqdia_quadrangle(rng: Rng) -> tuple[Point, ...]:
    a, b, c, d = quadrangle(rng)
    return a, b, c, b + abs(c - a) * unit(d - b)


def eq_trapezoid(rng: Rng) -> tuple[Point, ...]:
    top, height = rng.uniform(0.4, 0.75), rng.uniform(0.5, 1.2)
    return turned(rng, -1 + 0j, 1 + 0j, complex(top, height), complex(-top, height))


def trapezoid(rng: Rng) -> tuple[Point, ...]:
    left, height = rng.uniform(-0.9, 0.2), rng.uniform(0.6, 1.2)
    return turned(rng, -1 + 0j, 1 + 0j, complex(left + rng.uniform(0.5, 1.3), height), complex(left, height))


def right_trapezoid(rng: Rng) -> tuple[Point, ...]:
    height = rng.uniform(0.6, 1.2)
    return turned(rng, 0j, 1.5 + 0j, complex(rng.uniform(0.6, 1.2), height), complex(0, height))


def apollonius(rng: Rng) -> tuple[Point, ...]:
    """a, b, c with |ac| = 2 |ab|."""
    far = cmath.rect(2, rng.uniform(0.5, 2.4))
    return turned(rng, 0j, 0.6 + 0j, 0.6 * far)


def equal_parts_near(rng: Rng, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """Where z of the construction 3peq may be; the other two follow."""
    return a, a, sample(line(b, c), rng)


# --- the shapes, near a sketch ---------------------------------------------------------------------------------------


def nearest(ways: tuple[Point, ...], place: Point) -> Point:
    return min(ways, key=lambda way: abs(middle(way) - middle(place)))


def isosceles_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    return a, b, project(Circle(a, abs(b - a)), c)


def right_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    return a, b, project(perpendicular(a, a, b), c)


def turned_near(a: Point, b: Point, c: Point, degrees: int) -> tuple[Point, ...]:
    """b turned about a by an angle, in the sense that is nearer to c."""
    ways = tuple(a + (b - a) * turn(Fraction(side * degrees), a) for side in (1, -1))
    return a, b, nearest(ways, c)


def apollonius_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    return a, b, project(Circle(a, 2 * abs(b - a)), c)


def square_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    c = nearest((b + 1j * (b - a), b - 1j * (b - a)), c)
    return a, b, c, a + c - b


def rectangle_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    c = project(perpendicular(b, a, b), c)
    return a, b, c, a + c - b


def trapezoid_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    return a, b, c, project(Line(c, b - a), d)


def right_trapezoid_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    d = project(perpendicular(a, a, b), d)
    return a, b, project(Line(d, b - a), c), d


def eq_trapezoid_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    middle_of = (a + b) / 2
    return a, b, c, reflection(c, middle_of, middle_of + 1j * (b - a))


def eq_quadrangle_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    return a, b, c, project(Circle(a, abs(c - b)), d)


def eqdia_quadrangle_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    return a, b, c, project(Circle(b, abs(c - a)), d)


# --- points that take more than a line -------------------------------------------------------------------------------


def incentre(a: Point, b: Point, c: Point) -> Point:
    sides = abs(b - c), abs(c - a), abs(a - b)
    if not all(map(sign, sides)):
        raise NoMeetError("a triangle with coincident corners")
    return (a * sides[0] + b * sides[1] + c * sides[2]) / (sides[0] + sides[1] + sides[2])


def excentre(a: Point, b: Point, c: Point) -> Point:
    """The centre of the excircle opposite a."""
    sides = -abs(b - c), abs(c - a), abs(a - b)
    total = sides[0] + sides[1] + sides[2]
    if sign(total) <= 0:
        raise NoMeetError("a flat triangle has no excircle")
    return (a * sides[0] + b * sides[1] + c * sides[2]) / total


def touching(centre: Point, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The feet from a centre to bc, ca, ab, and the centre."""
    return foot(centre, b, c), foot(centre, c, a), foot(centre, a, b), centre


def orthocentre(a: Point, b: Point, c: Point) -> Point:
    return a + b + c - 2 * circumcentre(a, b, c)


def other_on_line(a: Point, o: Point, b: Point) -> Point:
    """The second point in which line ab meets the circle about o through b."""
    return 2 * foot(o, a, b) - b


def common_tangents(o: Point, a: Point, w: Point, b: Point) -> tuple[tuple[Point, Point], ...]:
    """Of each of the two outer common tangents the points where it touches the circles o(a), w(b)."""
    first, second, between = abs(a - o), abs(b - w), w - o
    square = dot(between, between)
    # Both radii of a tangent point along its normal n, and the centres' distances from it differ by (w - o).n.
    rest = square - (first - second) * (first - second)
    if sign(rest, square) <= 0:
        raise NoMeetError("one circle inside the other: no common tangents")
    normals = [(between * (first - second) + 1j * between * (side * root(rest))) / square for side in (1, -1)]
    return tuple((o + n * first, w + n * second) for n in normals)


def two_lines_one_circle(a: Point, b: Point, c: Point, o: Point) -> tuple[tuple[Point, ...], ...]:
    """The circles that touch ca in x, cb in y and, from inside, the circle o(a) in z; i their centre.

    i = c + t u on the bisector has the radius t s, s the sine of half the angle, and |i - o| = R - t s: a quadratic.
    """
    u, radius = unit(bisector(a, c, b).along), abs(a - o)
    s = abs(cross(u, unit(a - c)))
    w = c - o
    p, q, r = 1 - s * s, dot(w, u) + radius * s, dot(w, w) - radius * radius
    square = q * q - p * r
    if sign(square) < 0:
        raise NoMeetError("no circle touches both lines and the circle")
    ways = [(side * root(square) - q) / p for side in (1, -1)]
    good = [t for t in ways if sign(t, near=1e-6) > 0 and sign(radius - t * s, radius, 1e-6) > 0]
    if not good:
        raise NoMeetError("no circle touches both lines and, from inside, the circle")
    centres = [c + u * t for t in good]
    return tuple((foot(i, a, c), foot(i, b, c), o + radius * unit(i - o), i) for i in centres)


def e5128(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """x: the second point of the circle c(b) and the circle through a, d that touches ab in a; y on ab and dx."""
    other = inscribed(a, d, (b - a) / (d - a))
    x = reflection(d, c, other.centre)
    return x, cross_lines(line(a, b), line(d, x))


def equal_parts(z: Point, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """z on bc, and the segment xy with middle z and its ends on ab and ac."""
    z = project(line(b, c), z)
    x = cross_lines(line(a, b), line(2 * z - a, 2 * z - c))
    return x, 2 * z - x, z


def trisect(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    third = roots(unit(c - b) / unit(a - b), 3)[0]
    side = line(a, c)
    return cross_lines(Line(b, (a - b) * third), side), cross_lines(Line(b, (a - b) * third * third), side)
