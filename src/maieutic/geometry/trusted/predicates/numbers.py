"""What equations and their unknowns come to on a figure. Written once for floats and for balls: quantities.py."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

from maieutic.geometry.trusted.predicates.equations import Equation, Table, Unknown
from maieutic.geometry.trusted.quantities import Real, UndecidedError, is_ball, log, middle, number, sign, turn
from maieutic.geometry.trusted.records import Point

Coordinates = Mapping[str, Point]

TOLERANCE = 1e-7
"""Two numbers of a figure of size about 1 that differ by less are taken as equal."""


def direction(a: Point, b: Point) -> float:
    """The direction of line ab in units of pi, in [0, 1)."""
    return (cmath.phase(b - a) / math.pi) % 1.0


def residual(equation: Equation, at: Coordinates) -> Real:
    """How far the equation is from true on a figure.

    In `direction` the sine of the angle that is left, in `log` a difference of logarithms, of the equation in whole
    numbers; in `length` and `square` what is left, as a part of the sum of all terms. Raises ZeroDivisionError where
    the equation is not defined: at a segment without length, or a sine of 0.
    """
    if equation.table == "direction":
        return abs(left_over(equation, at).imag)
    if any(c.denominator != 1 for _, c in (*equation.terms, *equation.constants)):
        equation = equation.normal()
    total: Real = 0.0
    size: Real = 0.0
    for unknown, coefficient in equation.terms:
        term = coefficient.numerator * unknown_value(equation.table, unknown, at)
        total, size = total + term, size + abs(term)
    for key, coefficient in equation.constants:
        total = total + coefficient.numerator * log(number(Fraction(key), total))
    if equation.table == "log":
        return abs(total)
    nothing = TOLERANCE if equation.table == "length" else TOLERANCE**2  # no segment has a length, as `apart` sees it
    if size.contains(0) if is_ball(size) else size <= nothing:
        return abs(total)
    return abs(total) / size


def left_over(equation: Equation, at: Coordinates) -> Point:
    """Of an equation of directions, the complex number of absolute value 1 that is real where the equation holds."""
    turned: Point = 1.0 + 0j
    for (a, b), coefficient in equation.terms:
        v = at[b] - at[a]
        length = abs(v)
        if not is_ball(length) and length < 1e-12:
            raise ZeroDivisionError(f"{a} and {b} coincide")
        times = coefficient.numerator
        v = v / length if times > 0 else v.conjugate() / length
        turned = (v if times in (1, -1) else v ** abs(times)) * turned
    constant = sum((c for _, c in equation.constants), Fraction(0))
    return turned * turn(180 * constant, turned) if constant else turned


def unknown_value(table: Table, unknown: Unknown, at: Coordinates) -> Real:
    """The value of an unknown of `log`, `length` or `square` on a figure.

    Raises ZeroDivisionError where it has none (coincident points).
    """
    if len(unknown) == 3:
        o, a, b = (at[p] for p in unknown)
        sine = abs(cross(a - o, b - o)) / (abs(a - o) * abs(b - o))
        if not is_ball(sine) and sine < 1e-12:
            raise ZeroDivisionError(f"{', '.join(unknown)} lie on a line")
        return log(sine)
    a, b = at[unknown[0]], at[unknown[1]]
    length = abs(b - a)
    if table != "log":
        return length if table == "length" else length * length
    if not is_ball(length) and length < 1e-12:
        raise ZeroDivisionError(f"{unknown[0]} and {unknown[1]} coincide")
    return log(length)


def cross(u: Point, v: Point) -> float:
    """The signed area of the parallelogram of two vectors."""
    return (u.conjugate() * v).imag


def dot(u: Point, v: Point) -> float:
    """The scalar product of two vectors."""
    return (u.conjugate() * v).real


def apart(at: Coordinates, x: str, y: str) -> bool:
    """Whether two names stand for different places. Two names of one ball are one place."""
    if at[x] is at[y]:
        return False
    between = at[x] - at[y]
    return sign(dot(between, between), max(1.0, abs(middle(at[x]))) ** 2, TOLERANCE**2) != 0


def orientation(at: Coordinates, p: tuple[str, ...]) -> int:
    """1 where three points turn counterclockwise, -1 where they turn clockwise, 0 on a line."""
    u, v = at[p[1]] - at[p[0]], at[p[2]] - at[p[0]]
    return sign(cross(u, v), dot(u, u) + dot(v, v), TOLERANCE)


def not_collinear(at: Coordinates, p: tuple[str, ...]) -> bool:
    """Whether three points are on no line."""
    return orientation(at, p) != 0


def on_no_line(at: Coordinates, p: tuple[str, ...]) -> bool:
    """Whether some three of the points are not on a line."""
    for triple in combinations(p, 3):
        try:
            if not_collinear(at, triple):
                return True
        except UndecidedError:
            continue  # two of them may be one point; another triple may be certain
    return False


def defined(equation: Equation, at: Coordinates) -> bool:
    """Whether an equation says something on a figure: a segment of length 0 has no direction and no logarithm.

    Of balls that may be one point it is not said that they differ.
    """
    if equation.table in ("length", "square"):
        return True
    try:
        for unknown, _ in equation.terms:
            if not apart(at, unknown[0], unknown[1]) or (len(unknown) == 3 and not not_collinear(at, unknown)):
                return False
    except UndecidedError:
        return False
    return True
