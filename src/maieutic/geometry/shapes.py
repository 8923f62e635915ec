"""Drawings that take more than a line: shapes from nothing, and the points of the less simple constructions."""

from __future__ import annotations

import cmath
import math

import numpy as np

from maieutic.geometry.loci import (
    Line,
    NoMeetError,
    Points,
    bisector,
    circumcentre,
    cross_lines,
    foot,
    inscribed,
    line,
    reflection,
    sample,
    unit,
)
from maieutic.geometry.predicates import cross, dot
from maieutic.geometry.records import Point

Rng = np.random.Generator


# --- shapes from nothing ---------------------------------------------------------------------------------------------


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
    return ratio if rng.random() < 0.5 else 1 / ratio


def eq_quadrangle(rng: Rng) -> tuple[Point, ...]:
    a, b, c, _ = quadrangle(rng)
    return a, b, c, a + abs(c - b) * unit(c - a) * cmath.exp(1j * rng.uniform(0.3, 1.2) * side(a, c, b))


def side(a: Point, b: Point, away: Point) -> int:
    """The turn (1 or -1) from ab to the side where `away` is not."""
    return -1 if cross(b - a, away - a) > 0 else 1


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


# --- drawings that take more than a line -----------------------------------------------------------------------------


def equal_angles(rng: Rng, a: Point, b: Point, c: Point) -> Points:
    """x with angles bax and bcx equal and opposite: (x - a)(x - c) = t (b - a)(b - c) for a real t, here t > 0.

    The x form a hyperbola through a, b, c; t = 1 is b itself and the parallelogram's fourth corner.
    """
    t = rng.uniform(0.25, 0.85) if rng.random() < 0.5 else rng.uniform(1.15, 2.2)
    root = cmath.sqrt((a - c) ** 2 / 4 + t * (b - a) * (b - c))
    return Points(((a + c) / 2 + root, (a + c) / 2 - root))


def incentre(a: Point, b: Point, c: Point) -> Point:
    sides = abs(b - c), abs(c - a), abs(a - b)
    if min(sides) < 1e-9:
        raise NoMeetError("a triangle with coincident corners")
    return (sides[0] * a + sides[1] * b + sides[2] * c) / sum(sides)


def excentre(a: Point, b: Point, c: Point) -> Point:
    """The centre of the excircle opposite a."""
    sides = -abs(b - c), abs(c - a), abs(a - b)
    if sum(sides) < 1e-9:
        raise NoMeetError("a flat triangle has no excircle")
    return (sides[0] * a + sides[1] * b + sides[2] * c) / sum(sides)


def touching(centre: Point, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The feet from a centre to bc, ca, ab, and the centre."""
    return foot(centre, b, c), foot(centre, c, a), foot(centre, a, b), centre


def orthocentre(a: Point, b: Point, c: Point) -> Point:
    return a + b + c - 2 * circumcentre(a, b, c)


def other_on_line(a: Point, o: Point, b: Point) -> Point:
    """The second point in which line ab meets the circle about o through b."""
    return 2 * foot(o, a, b) - b


def common_tangents(o: Point, a: Point, w: Point, b: Point) -> tuple[Point, ...]:
    """The points x, y and z, i where the two outer common tangents touch the circles o(a), w(b)."""
    first, second, between = abs(a - o), abs(b - w), w - o
    distance = abs(between)
    if distance <= abs(first - second) * (1 + 1e-9) or distance < 1e-9:
        raise NoMeetError("one circle inside the other: no common tangents")
    # Both radii of a tangent point along its normal n, and the centres' distances from it differ by (w - o).n.
    swing = math.acos((first - second) / distance)
    normals = [between / distance * cmath.exp(sign * 1j * swing) for sign in (1, -1)]
    return tuple(p for n in normals for p in (o + first * n, w + second * n))


def two_lines_one_circle(rng: Rng, a: Point, b: Point, c: Point, o: Point) -> tuple[Point, ...]:
    """The circle that touches ca in x, cb in y and, from inside, the circle o(a) in z; i its centre.

    i = c + t u on the bisector has the radius t s, s the sine of half the angle, and |i - o| = R - t s: a quadratic.
    """
    u, radius = unit(bisector(a, c, b).along), abs(a - o)
    s = abs(cross(u, unit(a - c)))
    w = c - o
    p, q, r = 1 - s * s, dot(w, u) + radius * s, abs(w) ** 2 - radius**2
    root = q * q - p * r
    if root < 0:
        raise NoMeetError("no circle touches both lines and the circle")
    roots = [(-q + sign * math.sqrt(root)) / p for sign in (1, -1)]
    good = [t for t in roots if t > 1e-6 and t * s < radius * (1 - 1e-6)]
    if not good:
        raise NoMeetError("no circle touches both lines and, from inside, the circle")
    centre = c + u * good[int(rng.integers(len(good)))]
    return foot(centre, a, c), foot(centre, b, c), o + radius * unit(centre - o), centre


def e5128(_: Rng, a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """x: the second point of the circle c(b) and the circle through a, d that touches ab in a; y on ab and dx."""
    other = inscribed(a, d, (b - a) / (d - a))
    x = reflection(d, c, other.centre)
    return x, cross_lines(line(a, b), line(d, x))


def equal_parts(rng: Rng, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """z on bc, and the segment xy with middle z and its ends on ab and ac."""
    z = sample(line(b, c), rng)
    x = cross_lines(line(a, b), line(2 * z - a, 2 * z - c))
    return x, 2 * z - x, z


def trisect(_: Rng, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    u = c - b
    third = cmath.exp(1j * cmath.phase(u / (a - b)) / 3)
    side = line(a, c)
    return tuple(cross_lines(Line(b, (a - b) * third**k), side) for k in (1, 2))


def apollonius(rng: Rng) -> tuple[Point, ...]:
    """a, b, c with |ac| = 2 |ab|."""
    turn = cmath.rect(2, rng.uniform(0.5, 2.4))
    return turned(rng, 0j, 0.6 + 0j, 0.6 * turn)
