"""Facts as equations of coordinates: what is left of each on a figure, and its derivatives, in floats or in balls."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from maieutic.geometry.trusted.predicates import Equation, equations, unknown_value
from maieutic.geometry.trusted.quantities import NoMeetError, Real, log, middle, number, turn
from maieutic.geometry.trusted.records import Fact, Point

Places = Mapping[str, Point]
Line = tuple[Real, dict[str, Any]]
"""A residual, and for each point the complex number g for which a small move d changes it by Re(conj(g) d)."""


def lines(fact: Fact, at: Places) -> list[Line]:
    """A fact as equations of coordinates: what is left of each, and its derivatives. One, or two for `overlap`."""
    if fact.predicate == "overlap":
        a, b = fact.points
        d = at[b] - at[a]
        return [(d.real, {a: -1.0 + 0j, b: 1.0 + 0j}), (d.imag, {a: -1j, b: 1j})]
    return [_line(max(equations(fact), key=lambda equation: min(1e-3, _shortest(equation, at))), at)]


def _shortest(equation: Equation, at: Places) -> float:
    """The shortest segment of which an equation asks the direction or the logarithm."""
    if equation.table in ("length", "square"):
        return 1e-6  # defined everywhere, and taken where a direction is not
    return min((abs(middle(at[b]) - middle(at[a])) for a, b in (u[:2] for u, _ in equation.terms)), default=0.0)


def _line(equation: Equation, at: Places) -> Line:
    if any(len(unknown) == 3 for unknown, _ in equation.terms):
        raise NoMeetError("sines are not solved for")
    slopes: dict[str, Any] = {}

    def move(unknown: tuple[str, ...], g: Any) -> None:
        a, b = unknown
        slopes[b] = slopes[b] + g if b in slopes else g
        slopes[a] = slopes[a] - g if a in slopes else -g

    if equation.table == "direction":
        # Im of a product of the segments' vectors, and of the conjugates of those with a negative weight.
        vectors = [(u, at[u[1]] - at[u[0]], c.numerator) for u, c in equation.terms]
        whole = turn(180 * sum((c for _, c in equation.constants), Fraction(0)), next(iter(at.values())))
        for _, v, times in vectors:
            whole = whole * (v if times > 0 else v.conjugate()) ** abs(times)
        for unknown, v, times in vectors:
            g = 1j * (whole.conjugate() if times > 0 else whole) * times
            move(unknown, g / v.conjugate())
        return whole.imag, slopes
    total: Real = 0.0
    for unknown, c in equation.terms:
        v = at[unknown[1]] - at[unknown[0]]
        weight = number(c, v)
        total = weight * unknown_value(equation.table, unknown, at) + total
        match equation.table:
            case "log":
                move(unknown, v * (weight / (v.conjugate() * v).real))
            case "length":
                move(unknown, v * (weight / abs(v)))
            case _:
                move(unknown, v * (2 * weight))
    for prime, c in equation.constants:
        like = next(iter(at.values()))
        total = total + number(c, like) * log(number(Fraction(prime), like))
    return total, slopes
