"""Certificates: an equation as the one combination of logged equations that gives it.

The logged equations of a table are independent, so the combination is unique. It is found modulo the prime and read
back as fractions with small numerators and denominators; a combination that does not give the equation exactly (a
chance hit of the generic points) is an error, never a proof.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.linear import PRIME, fold, inverse
from maieutic.geometry.engine.state import residue
from maieutic.geometry.trusted.predicates import TABLES, Equation, combine


@compiled
def invert_rows(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For independent rows E [m, n] over the prime field: pivot columns and K [m, m] with (K E)[:, pivots] = 1."""
    m, n = rows.shape
    k = np.zeros((m, m), np.int64)
    pivots = np.full(m, -1, np.int64)
    for i in range(m):
        k[i, i] = 1
    used = np.zeros(n, np.bool_)
    for i in range(m):
        p = -1
        for j in range(n):
            if rows[i, j] != 0 and not used[j]:
                p = j
                break
        if p < 0:
            continue
        used[p] = True
        pivots[i] = p
        scale = inverse(rows[i, p])
        for j in range(n):
            if rows[i, j] != 0:
                rows[i, j] = fold(rows[i, j] * scale)
        for j in range(i + 1):
            if k[i, j] != 0:
                k[i, j] = fold(k[i, j] * scale)
        for r in range(m):
            factor = rows[r, p]
            if r == i or factor == 0:
                continue
            minus = PRIME - factor
            for j in range(n):
                if rows[i, j] != 0:
                    rows[r, j] = fold(rows[r, j] + fold(minus * rows[i, j]))
            for j in range(i + 1):
                if k[i, j] != 0:
                    k[r, j] = fold(k[r, j] + fold(minus * k[i, j]))
    return pivots, k


def _fraction(value: int) -> Fraction:
    """The fraction with small numerator and denominator that a residue stands for."""
    a, b, u, v = PRIME, value % PRIME, 0, 1
    while b > 32767:
        q = a // b
        a, b, u, v = b, a - q * b, v, u - q * v
    if v == 0 or abs(v) > 32767:
        raise ProofError("a certificate has no small weights")
    return Fraction(b, v)


class Solver:
    """Writes equations as combinations of the logged ones, table by table."""

    def __init__(self, entries: NDArray[np.int32], equation_of: Callable[[int], Equation]) -> None:
        self.of_table: list[list[int]] = [[] for _ in TABLES]
        for index, entry in enumerate(entries):
            self.of_table[int(entry[0])].append(index)
        self.equation_of = equation_of
        self.solved: dict[int, tuple[dict[tuple[str, ...], int], NDArray[np.int64], NDArray[np.int64]]] = {}

    def _table(self, table: int) -> tuple[dict[tuple[str, ...], int], NDArray[np.int64], NDArray[np.int64]]:
        if table not in self.solved:
            members = [self.equation_of(i) for i in self.of_table[table]]
            columns: dict[tuple[str, ...], int] = {}
            for equation in members:
                for unknown, _ in equation.terms:
                    columns.setdefault(unknown, len(columns))
            rows = np.zeros((len(members), max(1, len(columns))), np.int64)
            for i, equation in enumerate(members):
                for unknown, weight in equation.terms:
                    rows[i, columns[unknown]] = residue(weight)
            pivots, k = invert_rows(rows)
            self.solved[table] = columns, pivots, k
        return self.solved[table]

    def combination(self, equation: Equation) -> list[tuple[int, Fraction]]:
        """The logged equations and weights that sum to an equation (its constants aside).

        Raises ProofError if there are none: the equation does not follow.
        """
        if not equation.terms:
            return []
        table = TABLES.index(equation.table)
        columns, pivots, k = self._table(table)
        target = {columns.get(u, -1): residue(w) for u, w in equation.terms}
        total: NDArray[np.int64] = np.zeros(len(pivots), np.int64)
        for i, pivot in enumerate(pivots):
            weight = target.get(int(pivot), 0)
            if weight:
                total = (total + weight * k[i]) % PRIME
        chosen = [(self.of_table[table][int(i)], _fraction(int(total[i]))) for i in np.flatnonzero(total)]
        rest = combine(equation.table, [(Fraction(-1), equation), *((w, self.equation_of(i)) for i, w in chosen)])
        if rest.terms:
            raise ProofError(f"an equation in {equation.table} does not follow from the closure")
        return chosen
