"""Sums and products of lengths and angles, as people write them: `2AB·CD + (BC + DA)²/3`, `∠ABC - 30°`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from maieutic.core.errors import ProblemError

MAX_SIZE = 200
"""Terms of a product that are multiplied out."""
MAX_POWER = 6
MAX_DIGITS = 12
MAX_LENGTH = 400


class Atom(NamedTuple):
    """A length ab, or an angle abc."""

    kind: Literal["length", "angle"]
    points: tuple[str, ...]


class Polynomial(dict[tuple[Atom, ...], Fraction]):
    """Coefficients by products of atoms, sorted; () for the constant. None is 0."""

    def plus(self, other: Polynomial, weight: Fraction = Fraction(1)) -> Polynomial:
        """The sum with another one, which may be weighted."""
        total = Polynomial(self)
        for monomial, coefficient in other.items():
            total[monomial] = total.get(monomial, Fraction(0)) + weight * coefficient
        return Polynomial({monomial: c for monomial, c in total.items() if c})

    def minus(self, other: Polynomial) -> Polynomial:
        """The difference to another one."""
        return self.plus(other, Fraction(-1))

    def times(self, other: Polynomial) -> Polynomial:
        """The product. Raises ProblemError where it would be too long."""
        if len(self) * len(other) > MAX_SIZE:
            raise ProblemError("an equation that is too long", hint=f"at most {MAX_SIZE} products are multiplied out")
        total = Polynomial()
        for first, a in self.items():
            for second, b in other.items():
                total = total.plus(Polynomial({tuple(sorted((*first, *second))): a * b}))
        return total


class Ratio(NamedTuple):
    """One polynomial over another."""

    top: Polynomial
    bottom: Polynomial

    def plus(self, other: Ratio, weight: Fraction) -> Ratio:
        """The sum with another one, weighted."""
        if self.bottom == other.bottom:
            return Ratio(self.top.plus(other.top, weight), self.bottom)
        top = self.top.times(other.bottom).plus(other.top.times(self.bottom), weight)
        return Ratio(top, self.bottom.times(other.bottom))

    def times(self, other: Ratio) -> Ratio:
        """The product."""
        return Ratio(self.top.times(other.top), self.bottom.times(other.bottom))

    def over(self, other: Ratio) -> Ratio:
        """The quotient. Raises ProblemError for a division by 0."""
        if not other.top:
            raise ProblemError("a division by 0")
        return Ratio(self.top.times(other.bottom), self.bottom.times(other.top))


ONE = Polynomial({(): Fraction(1)})


def _constant(value: Fraction) -> Ratio:
    return Ratio(Polynomial({(): value} if value else {}), ONE)


_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d][\w'′’{}]*|[²³]|\S")
Run = Callable[[str, int], tuple[str, ...]]


def parse_expression(text: str, run: Run) -> Ratio:
    """The value of an expression; `run(text, n)` gives the n points of a word. Raises ProblemError."""
    if len(text) > MAX_LENGTH:
        raise ProblemError(f"an equation of {len(text)} characters", hint=f"at most {MAX_LENGTH} are read")
    reader = _Reader(_TOKEN.findall(text), run)
    value = reader.ratio()
    if reader.tokens:
        raise ProblemError(f"unexpected {reader.tokens[0]!r} in an equation")
    return value


@dataclass
class _Reader:
    """Reads tokens from the left: sums of products of powers."""

    tokens: list[str]
    run: Run
    depth: int = 0

    def next(self, *wanted: str) -> str:
        """The next token, taken, if it is one of those; otherwise ""."""
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def ratio(self) -> Ratio:
        value = self.sum()
        while self.next(":"):
            value = value.over(self.sum())
        return value

    def sum(self) -> Ratio:
        value = _constant(Fraction(0))
        sign = self.next("+", "-") or "+"
        while sign:
            value = value.plus(self.product(), Fraction(-1 if sign == "-" else 1))
            sign = self.next("+", "-")
        return value

    def product(self) -> Ratio:
        value = self.power()
        while self.tokens and self.tokens[0] not in "+-:)=|]":
            sign = self.next("*", "/")
            value = value.over(self.power()) if sign == "/" else value.times(self.power())
        return value

    def power(self) -> Ratio:
        value = self.atom()
        sign = self.next("^", "²", "³")
        while sign:
            text = {"²": "2", "³": "3"}.get(sign) or (self.tokens.pop(0) if self.tokens else "")
            if not text.isdecimal() or int(text[:3]) > MAX_POWER:
                raise ProblemError(f"the power {text or 'of nothing'!r}", hint=f"powers go up to {MAX_POWER}")
            base, value = value, _constant(Fraction(1))
            for _ in range(int(text)):
                value = value.times(base)
            sign = self.next("^", "²", "³")
        return value

    def atom(self) -> Ratio:
        if not self.tokens:
            raise ProblemError("an equation that ends too early")
        token = self.tokens.pop(0)
        if token in "(|":
            return self._bracket(")" if token == "(" else "|")
        if token == "∠":
            word = self.tokens.pop(0) if self.tokens else ""
            a, o, b = self.run(word, 3)
            return Ratio(Polynomial({(Atom("angle", (min(a, b), o, max(a, b))),): Fraction(1)}), ONE)
        if token[0].isdecimal():
            if sum(map(str.isdecimal, token)) > MAX_DIGITS:
                raise ProblemError("a number with too many digits", hint=f"at most {MAX_DIGITS} are read")
            self.next("°")
            return _constant(Fraction(token))
        if token in ("π", "pi"):
            return _constant(Fraction(180))
        if token[0].isalpha():
            return Ratio(Polynomial({(_length(self.run(token, 2)),): Fraction(1)}), ONE)
        raise ProblemError(f"unexpected {token!r} in an equation", hint="lengths as AB, angles as ∠ABC")

    def _bracket(self, end: str) -> Ratio:
        self.depth += 1
        if self.depth > 20:
            raise ProblemError("brackets that are nested too deeply")
        value = self.ratio()
        if not self.next(end):
            raise ProblemError(f"a bracket without its end {end!r}")
        self.depth -= 1
        return value


def _length(points: Sequence[str]) -> Atom:
    a, b = points
    if a == b:
        raise ProblemError(f"the length from {a} to itself")
    return Atom("length", (min(a, b), max(a, b)))
