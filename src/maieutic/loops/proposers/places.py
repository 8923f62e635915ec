"""Which candidates stand in one place: two constructions of a point are one point."""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.text.proposals import NEAR


class Places:
    """The ranks of places, from 1 on: the first candidate there counts."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._ranks: dict[tuple[int, int], int] = {}
        for rank, candidate in enumerate(candidates, 1):
            self._ranks.setdefault(_cell(candidate.at), rank)

    def rank(self, candidate: Candidate) -> int | None:
        """The best rank of a candidate at the same place; None if there is none."""
        x, y = _cell(candidate.at)
        near = ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        return min((self._ranks[cell] for cell in near if cell in self._ranks), default=None)


def _cell(at: complex) -> tuple[int, int]:
    return round(at.real / NEAR), round(at.imag / NEAR)
