"""Random figures on which given facts hold, and nothing else is likely to: Newton's method from random starts.

Written without the package's own drawing, so that the two can be held against each other.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from maieutic.geometry.trusted.predicates import Equation, equations
from maieutic.geometry.trusted.records import Fact

EXACT = 1e-13
"""The largest residual of a figure."""

APART = 1e-3
"""Two points of a figure (of size about 1) are at least so far apart, unless they may be one."""

Figure = dict[str, complex]


class System:
    """The first equation of each fact, as functions of the coordinates: zero where the fact holds."""

    def __init__(self, facts: Iterable[Fact], points: Sequence[str]) -> None:
        facts = tuple(facts)
        self.rows = [equations(fact)[0] for fact in facts if fact.predicate != "overlap"]
        self.merged = [fact.points for fact in facts if fact.predicate == "overlap"]
        self.points = tuple(points)
        self.place = {point: index for index, point in enumerate(points)}

    def residuals(self, z: np.ndarray) -> np.ndarray:
        """For coordinates (batch, points): (batch, equations). Directions count modulo 1, through a sine."""
        columns = [self._residual(row, z) for row in self.rows]
        for a, b in self.merged:
            vector = z[:, self.place[a]] - z[:, self.place[b]]
            columns += [vector.real, vector.imag]
        return np.stack(columns, axis=-1)

    def _residual(self, row: Equation, z: np.ndarray) -> np.ndarray:
        total = np.zeros(len(z))
        for unknown, coefficient in row.terms:
            total += float(coefficient) * self._unknown(row, unknown, z)
        for key, coefficient in row.constants:
            total += float(coefficient) * (1.0 if row.table == "direction" else math.log(key))
        return np.sin(np.pi * total) if row.table == "direction" else total

    def _unknown(self, row: Equation, unknown: tuple[str, ...], z: np.ndarray) -> np.ndarray:
        o, *arms = (z[:, self.place[point]] for point in unknown)
        if len(arms) == 2:
            u, v = arms[0] - o, arms[1] - o
            return np.log(np.abs((np.conj(u) * v).imag) / np.abs(u * v))
        vector = arms[0] - o
        match row.table:
            case "direction":
                return np.angle(vector) / np.pi
            case "log":
                return np.log(np.abs(vector))
            case "length":
                return np.abs(vector)
        return np.abs(vector) ** 2

    def solve(self, z: np.ndarray, steps: int = 60) -> np.ndarray | None:
        """A solution near `z` (points), by Newton's method; None where it is lost."""
        count, small = len(z), 1e-6
        nudges = small * np.concatenate([np.eye(count), 1j * np.eye(count)])
        for _ in range(steps):
            values = self.residuals(np.concatenate([z[None], z + nudges, z - nudges]))
            if not np.isfinite(values).all():
                return None
            if np.abs(values[0]).max(initial=0.0) < EXACT:
                return z
            slope = (values[1 : 2 * count + 1] - values[2 * count + 1 :]) / (2 * small)
            step = np.linalg.lstsq(slope.T, -values[0], rcond=1e-9)[0]
            step *= min(1.0, 0.5 / max(np.abs(step).max(), 1e-300))
            z = z + step[:count] + 1j * step[count:]
        return None


def figures(
    facts: Iterable[Fact], points: Sequence[str], rng: np.random.Generator, attempts: int, one: Sequence[str] = ()
) -> Iterator[Figure]:
    """Figures on which the facts hold and points are apart, except that the points in `one` may coincide."""
    system = System(facts, points)
    pairs = [pair for pair in combinations(range(len(points)), 2) if not {points[i] for i in pair} <= set(one)]
    with np.errstate(all="ignore"):
        for _ in range(attempts):
            start = rng.normal(size=len(points)) + 1j * rng.normal(size=len(points))
            z = system.solve(start) if system.rows or system.merged else start
            if z is None:
                continue
            z = z - z.mean()
            z = z / np.abs(z).max()
            if all(abs(z[i] - z[j]) > APART for i, j in pairs):
                yield dict(zip(points, z.tolist(), strict=True))
