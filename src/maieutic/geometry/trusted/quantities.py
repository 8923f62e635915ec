"""The numbers that figures are made of: floats to draw with, balls to be certain with.

Every formula of a figure (loci.py, shapes.py, constructions.py, the tests of predicates.py) is written once, over
points that add, subtract, multiply and divide, and the few functions below. With complex floats it draws; with
python-flint's balls (`acb` for a point, `arb` for a length) it encloses the exact value, to as many bits as the
context says. A ball never decides that two numbers are equal: where a sign is asked of one that holds 0, the answer is
`UndecidedError`, and whoever asked tries again with more bits.
"""

from __future__ import annotations

import cmath
import math
from fractions import Fraction
from typing import Any

from flint import acb, arb, fmpq

Real = Any
"""A float, or a ball of real numbers."""

NEAR = 1e-9
"""A float that is smaller than this, relative to its scale, counts as 0."""


class NoMeetError(Exception):
    """Loci that do not meet, or an undefined point: this attempt at a figure fails, another may not."""


class UndecidedError(NoMeetError):
    """A ball that holds 0, where its sign is asked: more bits may decide it."""


def is_ball(x: Any) -> bool:
    """Whether a number is a ball, and no float."""
    return isinstance(x, (acb, arb))


def sign(x: Real, scale: Real = 1.0, near: float = NEAR) -> int:
    """1, 0 or -1. A float within `near * scale` of 0 counts as 0; a ball that holds 0 raises UndecidedError."""
    if isinstance(x, arb):
        if x > 0:
            return 1
        if x < 0:
            return -1
        raise UndecidedError("two things that may be the same")
    return 0 if abs(x) <= near * scale else 1 if x > 0 else -1


def vanishes(x: Real, scale: Real = 1.0, near: float = NEAR) -> bool:
    """Whether a number is 0, as far as can be seen: a ball, if it holds 0 and is small."""
    if isinstance(x, arb):
        return bool(x.contains(0)) and float(x.rad()) < SMALL
    return bool(abs(x) <= near * scale)


SMALL = 1e-6
"""The largest radius of a ball that is said to be 0: less than what two branches of a direction differ by."""


def root(x: Real) -> Real:
    """The square root of a number that is not negative."""
    return x.sqrt() if isinstance(x, arb) else math.sqrt(max(x, 0.0))


def roots(z: Any, n: int = 2) -> tuple[Any, ...]:
    """The n-th roots of a complex number that is not 0."""
    if isinstance(z, acb):
        # The principal root has a cut along the negative numbers: away from it, or turned about.
        first = z.root(n) if z.real > 0 or not z.imag.contains(0) else (-z).root(n) * turn(Fraction(180, n), z)
    else:
        first = z ** (1 / n)
    return tuple(first * turn(Fraction(360 * k, n), z) for k in range(n))


def log(x: Real) -> Real:
    """The natural logarithm, of a float or a ball."""
    return x.log() if isinstance(x, arb) else math.log(x)


def exp(x: Real) -> Real:
    """The exponential, of a float or a ball."""
    return x.exp() if isinstance(x, arb) else math.exp(x)


def turn(degrees: Fraction, like: Any) -> Any:
    """The turn by an angle, as a complex number of absolute value 1, of the kind of number that `like` is."""
    if is_ball(like):
        sine, cosine = arb.sin_cos_pi_fmpq(fmpq(degrees.numerator, 180 * degrees.denominator))
        return acb(cosine, sine)
    return cmath.exp(1j * math.radians(degrees))


def number(value: Fraction, like: Any) -> Any:
    """A rational number, of the kind of number that `like` is."""
    if is_ball(like):
        return arb(fmpq(value.numerator, value.denominator))
    return float(value)


def exact(place: complex) -> Any:
    """A float's place, exactly, as a ball of radius 0."""
    return acb(place.real, place.imag)


def middle(z: Any) -> complex:
    """The middle of a ball, rounded; a float is its own."""
    return complex(z.mid()) if is_ball(z) else z
