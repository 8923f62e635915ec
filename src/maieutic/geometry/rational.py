"""Points with rational coordinates: figures of which even an equality is decided.

A figure whose free points are rational stays rational through lines, reflections, circumcentres and second meets. On
such a figure two circles that a theorem makes tangent do touch, exactly, where balls would never say so. A square root
that is not rational ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import acb, arb, fmpq

from maieutic.geometry.quantities import NoMeetError, root


def rational(x: Any) -> fmpq:
    """A float, an integer or a fraction, exactly."""
    if isinstance(x, fmpq):
        return x
    exact = Fraction(x)
    return fmpq(exact.numerator, exact.denominator)


class RationalPoint:
    """A complex number with rational parts."""

    __slots__ = ("imag", "real")

    def __init__(self, real: Any, imag: Any = 0) -> None:
        self.real, self.imag = rational(real), rational(imag)

    def __abs__(self) -> fmpq:
        return rational(root(self.real * self.real + self.imag * self.imag))

    def conjugate(self) -> RationalPoint:
        return RationalPoint(self.real, -self.imag)

    def __add__(self, other: Any) -> RationalPoint:
        z = _point(other)
        return RationalPoint(self.real + z.real, self.imag + z.imag)

    def __mul__(self, other: Any) -> RationalPoint:
        z = _point(other)
        return RationalPoint(self.real * z.real - self.imag * z.imag, self.real * z.imag + self.imag * z.real)

    def __radd__(self, other: Any) -> RationalPoint:
        return self.__add__(other)

    def __rmul__(self, other: Any) -> RationalPoint:
        return self.__mul__(other)

    def __neg__(self) -> RationalPoint:
        return RationalPoint(-self.real, -self.imag)

    def __sub__(self, other: Any) -> RationalPoint:
        z = _point(other)
        return RationalPoint(self.real - z.real, self.imag - z.imag)

    def __rsub__(self, other: Any) -> RationalPoint:
        return _point(other) - self

    def __truediv__(self, other: Any) -> RationalPoint:
        z = _point(other)
        square = z.real * z.real + z.imag * z.imag
        if not square:
            raise NoMeetError("a division by 0")
        return self * (z.conjugate() * (1 / square))


def _point(x: Any) -> RationalPoint:
    if isinstance(x, RationalPoint):
        return x
    return RationalPoint(x.real, x.imag) if isinstance(x, complex) else RationalPoint(x)


def rational_point(place: complex) -> RationalPoint:
    """A float's place, exactly."""
    return RationalPoint(place.real, place.imag)


def as_balls(at: Mapping[str, Any]) -> dict[str, Any]:
    """Rational points as balls, of the context's precision: points that are equal are one and the same ball."""
    places: dict[tuple[str, str], Any] = {}
    for z in at.values():
        places.setdefault((str(z.real), str(z.imag)), acb(arb(z.real), arb(z.imag)))
    return {name: places[str(z.real), str(z.imag)] for name, z in at.items()}
