"""Linear equations in one of the four tables of unknowns, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from maieutic.geometry.trusted.records import Fact

Table = Literal["direction", "log", "length", "square"]
TABLES: tuple[Table, ...] = ("direction", "log", "length", "square")
Unknown = tuple[str, ...]
"""A segment (a, b) with a < b, or in `log` a sine (vertex, a, b) with a < b."""


@dataclass(frozen=True, slots=True)
class Equation:
    """sum(coefficient * unknown) + sum(coefficient * constant) = 0 in one table; modulo 1 in `direction`.

    Constants: in `direction` the key 1 (units of pi); in `log` a prime p, for log p. Terms and constants are sorted,
    without zeros. Direction constants lie in [0, 1).
    """

    table: Table
    terms: tuple[tuple[Unknown, Fraction], ...]
    constants: tuple[tuple[int, Fraction], ...] = ()

    def normal(self) -> Equation:
        """The same equation with a positive first coefficient; outside `direction`, with coprime integers."""
        if not self.terms:
            return self
        if self.terms[0][1] == 1 and all(c.denominator == 1 for _, c in (*self.terms, *self.constants)):
            return self
        scale = Fraction(-1 if self.terms[0][1] < 0 else 1)
        if self.table != "direction":
            coefficients = [c for _, c in (*self.terms, *self.constants)]
            scale *= Fraction(
                math.lcm(*(c.denominator for c in coefficients)), math.gcd(*(c.numerator for c in coefficients))
            )
        return self if scale == 1 else combine(self.table, [(scale, self)])


def combine(table: Table, weighted: Iterable[tuple[Fraction, Equation]]) -> Equation:
    """The weighted sum of equations of one table. Direction constants are reduced modulo 1 after the sum."""
    terms: dict[Unknown, Fraction] = {}
    constants: dict[int, Fraction] = {}
    for weight, equation in weighted:
        for unknown, coefficient in equation.terms:
            terms[unknown] = terms.get(unknown, Fraction(0)) + weight * coefficient
        for key, coefficient in equation.constants:
            constants[key] = constants.get(key, Fraction(0)) + weight * coefficient
    return make_equation(table, terms, constants)


def make_equation(table: Table, terms: Mapping[Unknown, Fraction], constants: Mapping[int, Fraction]) -> Equation:
    """An equation in canonical form from maps of coefficients."""
    if table == "direction":
        constants = {1: constants.get(1, Fraction(0)) % 1}
    return Equation(
        table,
        tuple(sorted((u, c) for u, c in terms.items() if c)),
        tuple(sorted((k, c) for k, c in constants.items() if c)),
    )


def linear(table: Table, *terms: tuple[int | Fraction, str, str], constant: Fraction = Fraction(0)) -> Equation:
    """sum(c * unknown(ab)) + constant = 0; the constant is in units of pi (direction) or a positive rational (log)."""
    collected: dict[Unknown, Fraction] = {}
    for coefficient, a, b in terms:
        unknown = (a, b) if a < b else (b, a)
        if a == b:
            if table == "square":
                continue  # |aa|^2 = 0
            raise ValueError(f"{table} of a segment from {a} to itself")
        collected[unknown] = collected.get(unknown, Fraction(0)) + coefficient
    if table == "log":
        return make_equation(table, collected, prime_powers(constant) if constant else {})
    return make_equation(table, collected, {1: constant} if constant else {})


def prime_powers(value: Fraction) -> dict[int, Fraction]:
    """The exponents of a positive rational's primes: 12/5 -> {2: 2, 3: 1, 5: -1}. Trial division, bounded."""
    if value <= 0:
        raise ValueError(f"the logarithm of {value}")
    powers: dict[int, Fraction] = {}
    for whole, side in ((value.numerator, 1), (value.denominator, -1)):
        prime = 2
        while whole > 1:
            if prime * prime > whole:
                prime = whole
            elif prime > 100_000:
                raise ValueError(f"a ratio with the large prime factor {whole}")
            while whole % prime == 0:
                powers[prime] = powers.get(prime, Fraction(0)) + side
                whole //= prime
            prime += 1
    return powers


def four_terms(table: Table) -> Callable[[Fact], tuple[Equation, ...]]:
    """A function from eight points to x(ab) - x(cd) - x(ef) + x(gh) = 0 in a table."""

    def equations(fact: Fact) -> tuple[Equation, ...]:
        a, b, c, d, e, f, g, h = fact.points
        return (linear(table, (1, a, b), (-1, c, d), (-1, e, f), (1, g, h)),)

    return equations
