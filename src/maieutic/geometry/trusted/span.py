"""What follows from equations by adding them up, exactly.

Lengths, squares and logarithms are known over the rationals. Directions are known modulo 1 (in units of pi), and there
is no dividing modulo 1: 2d = 0 does not say that d = 0. So equations of directions are added up with whole weights
only: they span a lattice, whose Hermite normal form decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from flint import fmpz_mat

from maieutic.geometry.trusted.predicates import Equation, Table, Unknown

Row = dict[int, int]


class Span:
    """The sums of some equations of one table. Equations of other tables are left out."""

    def __init__(self, table: Table, given: Iterable[Equation]) -> None:
        self.table = table
        self.equations = [equation for equation in given if equation.table == table and equation.terms]
        self.columns: dict[Unknown | int, int] = {}
        for equation in self.equations:
            for key, _ in equation.terms:
                self.columns.setdefault(key, len(self.columns))
        # Constants stand last: 1 (for directions), or primes (for logarithms).
        self.unknowns = len(self.columns)
        for equation in self.equations:
            for number, _ in equation.constants:
                self.columns.setdefault(number, len(self.columns))
        constants = [c.denominator for equation in self.equations for _, c in equation.constants]
        self.whole = math.lcm(*constants) if table == "direction" else 1
        self.rows = self._reduced([self._row(equation) for equation in self.equations])

    def _row(self, equation: Equation) -> Row | None:
        """An equation in whole numbers, by column; None where it has other columns, or no such numbers."""
        row: Row = {}
        scale = 1 if self.table == "direction" else math.lcm(*(c.denominator for _, c in equation.terms))
        for key, c in equation.terms:
            if key not in self.columns or c.denominator != 1 == scale:
                return None
            row[self.columns[key]] = c.numerator * (scale // c.denominator)
        for prime, c in equation.constants:
            value = c * (self.whole if self.table == "direction" else scale)
            if prime not in self.columns or value.denominator != 1:
                return None
            row[self.columns[prime]] = value.numerator
        return row

    def _reduced(self, rows: Sequence[Row | None]) -> list[tuple[int, Row]]:
        """The rows in echelon form, each with the place of its first entry."""
        width = len(self.columns)
        known = [[row.get(k, 0) for k in range(width)] for row in rows if row]
        if self.table == "direction" and 1 in self.columns:
            known.append([0] * self.unknowns + [self.whole])  # 1 is 0
        if not known:
            return []
        matrix = fmpz_mat(known)
        reduced = matrix.hnf() if self.table == "direction" else matrix.rref()[0]
        pivots = []
        for entries in reduced.tolist():
            row = {k: int(c) for k, c in enumerate(entries) if c}
            if row:
                pivots.append((min(row), row))
        return pivots

    def contains(self, equation: Equation) -> bool:
        """Whether an equation of this table is a sum of the given ones."""
        if not equation.terms:
            return not equation.constants
        left = self._row(equation)
        if left is None:
            return False
        for first, pivot in self.rows:
            entry, lead = left.get(first, 0), pivot[first]
            if not entry:
                continue
            if self.table == "direction":
                if entry % lead:
                    return False
                entry, lead = entry // lead, 1
            row = {k: lead * left.get(k, 0) - entry * pivot.get(k, 0) for k in left.keys() | pivot.keys()}
            left = {k: c for k, c in row.items() if c}
        return not left
