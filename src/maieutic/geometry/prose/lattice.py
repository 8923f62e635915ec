"""Which vectors are whole-number sums of others: integer elimination, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Lattice:
    """All sums of some rows of integers, each taken a whole number of times."""

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        self._pivots: dict[int, list[int]] = {}  # the column of its first entry, and the row: an echelon form
        for row in rows:
            self._insert(list(row))

    def _insert(self, row: list[int]) -> None:
        while (column := _first(row)) is not None:
            pivot = self._pivots.get(column)
            if pivot is None:
                self._pivots[column] = row
                return
            while row[column]:  # Euclid's algorithm on the two rows
                if abs(row[column]) < abs(pivot[column]):
                    row, pivot = pivot, row
                _subtract(row, pivot, row[column] // pivot[column])
            self._pivots[column] = pivot

    def __contains__(self, vector: Sequence[int]) -> bool:
        row = list(vector)
        while (column := _first(row)) is not None:
            pivot = self._pivots.get(column)
            if pivot is None or row[column] % pivot[column]:
                return False
            _subtract(row, pivot, row[column] // pivot[column])
        return True


def _first(row: Sequence[int]) -> int | None:
    return next((column for column, entry in enumerate(row) if entry), None)


def _subtract(row: list[int], other: Sequence[int], times: int) -> None:
    for column, entry in enumerate(other):
        row[column] -= times * entry
