"""Where points may be, by chance, so that a figure looks well: nothing special, nothing nearly coincident.

A sketch is trusted with nothing: what a construction says is made of it afterwards, exactly (shapes.py).
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from maieutic.geometry.trusted.loci import Circle, Hyperbola, Line, Locus, line, of_multiple, unit
from maieutic.geometry.trusted.predicates import cross
from maieutic.geometry.trusted.records import Point

Rng = Any
"""Anything with `random()` and `uniform(low, high)`: of the standard library, or NumPy's."""


def turned(rng: Rng, *shape: Point) -> tuple[Point, ...]:
    """A shape turned, scaled, shifted and half of the time reflected: nothing about its place is special."""
    turn = cmath.rect(rng.uniform(0.8, 1.2), rng.uniform(0, 2 * math.pi))
    shift = complex(rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3))
    if rng.random() < 0.5:
        return tuple(turn * p.conjugate() + shift for p in shape)
    return tuple(turn * p + shift for p in shape)


def free_point(rng: Rng) -> Point:
    """A place by chance, in a disc about 0."""
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
    """A nearly regular polygon."""
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
    """A rectangle by chance."""
    height = leg(rng)
    return turned(rng, 0j, 1 + 0j, 1 + 1j * height, 1j * height)


def eq_quadrangle(rng: Rng) -> tuple[Point, ...]:
    """A quadrilateral by chance, with |ad| = |bc|."""
    a, b, c, _ = quadrangle(rng)
    side = -1 if cross(c - a, b - a) > 0 else 1
    return a, b, c, a + abs(c - b) * unit(c - a) * cmath.exp(1j * rng.uniform(0.3, 1.2) * side)


def eqdia_quadrangle(rng: Rng) -> tuple[Point, ...]:
    """A quadrilateral by chance, with |ac| = |bd|."""
    a, b, c, d = quadrangle(rng)
    return a, b, c, b + abs(c - a) * unit(d - b)


def eq_trapezoid(rng: Rng) -> tuple[Point, ...]:
    """A trapezoid by chance, with equal legs."""
    top, height = rng.uniform(0.4, 0.75), rng.uniform(0.5, 1.2)
    return turned(rng, -1 + 0j, 1 + 0j, complex(top, height), complex(-top, height))


def trapezoid(rng: Rng) -> tuple[Point, ...]:
    """A trapezoid by chance."""
    left, height = rng.uniform(-0.9, 0.2), rng.uniform(0.6, 1.2)
    return turned(rng, -1 + 0j, 1 + 0j, complex(left + rng.uniform(0.5, 1.3), height), complex(left, height))


def right_trapezoid(rng: Rng) -> tuple[Point, ...]:
    """A trapezoid by chance, with a right angle at a."""
    height = rng.uniform(0.6, 1.2)
    return turned(rng, 0j, 1.5 + 0j, complex(rng.uniform(0.6, 1.2), height), complex(0, height))


def apollonius(rng: Rng) -> tuple[Point, ...]:
    """a, b, c with |ac| = 2 |ab|."""
    far = cmath.rect(2, rng.uniform(0.5, 2.4))
    return turned(rng, 0j, 0.6 + 0j, 0.6 * far)


def equal_parts_near(rng: Rng, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """Where z of the construction 3peq may be; the other two follow."""
    return a, a, sample(line(b, c), rng)


def sample(locus: Locus, rng: Any) -> Point:
    """A point of a locus, at random, near what defines it and not at a special place. For floats."""
    match locus:
        case Line(through, along, ray):
            t = rng.uniform(0.25, 1.6)
            if not ray and rng.random() < 0.3:
                t = -rng.uniform(0.25, 1.0)
            if abs(t - 1) < 0.12 or abs(t - 0.5) < 0.03:  # not at the other end, not at the middle
                t += 0.25
            return through + complex(t) * along
        case Circle(centre):
            angle = rng.uniform(0, 2 * math.pi)
            return complex(centre + cmath.rect(locus.radius, angle))
        case Hyperbola():  # the multiple 1 is b itself, and the parallelogram's fourth corner
            t = rng.uniform(0.25, 0.85) if rng.random() < 0.5 else rng.uniform(1.15, 2.2)
            return of_multiple(locus, t)[int(rng.random() < 0.5)]
    return locus.points[int(rng.random() * len(locus.points))]
