"""Newton's method, in floats: a guess where points are that only together are determined, and which facts say it.

Nothing here is trusted: block.py encloses what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Fact, Point
from maieutic.geometry.trusted.slopes import Places, lines

STEPS = 30
"""Steps of Newton's method from one start."""
CLOSE = 1e-12
"""A residual below this ends Newton's method."""
RANK = 1e-7
"""A row of derivatives that is smaller than this, after the others are taken off it, says nothing new."""


def rows_of(facts: Sequence[Fact], points: Sequence[str], at: Places) -> tuple[list[float], list[list[float]]]:
    """Residuals and derivatives by x and y of each point, each row scaled to length 1."""
    residuals, rows = [], []
    for fact in facts:
        for residual, slopes in lines(fact, at):
            row = [part for p in points for part in _parts(slopes.get(p))]
            size = max(sum(c * c for c in row) ** 0.5, 1e-300)
            residuals.append(residual / size)
            rows.append([c / size for c in row])
    return residuals, rows


def _parts(g: Any) -> tuple[float, float]:
    return (0.0, 0.0) if g is None else (g.real, g.imag)


def independent(facts: Sequence[Fact], near: Places) -> list[Fact]:
    """The facts, in their order, without those that say nothing new near a figure: to first order, by the others."""
    points = sorted({p for fact in facts for p in fact.points})
    kept: list[Fact] = []
    basis: list[tuple[int, list[float]]] = []
    for fact in facts:
        try:
            _, rows = rows_of([fact], points, near)
        except (NoMeetError, ArithmeticError, ValueError):
            continue
        fresh: list[tuple[int, list[float]]] = []
        for row in rows:
            for pivot, other in basis + fresh:
                if row[pivot]:
                    row = [a - row[pivot] * b for a, b in zip(row, other, strict=True)]
            pivot = max(range(len(row)), key=lambda k: abs(row[k]))
            if abs(row[pivot]) > RANK:
                fresh.append((pivot, [c / row[pivot] for c in row]))
        if len(fresh) == len(rows):
            basis += fresh
            kept.append(fact)
    return kept


def _solve(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """The solution of a square system, by elimination; None where it is (nearly) singular."""
    n = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(n):
        best = max(range(i, n), key=lambda k: abs(rows[k][i]))
        if abs(rows[best][i]) < 1e-13:
            return None
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            if factor:
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [0.0] * n
    for i in reversed(range(n)):
        found[i] = (rows[i][n] - sum(rows[i][k] * found[k] for k in range(i + 1, n))) / rows[i][i]
    return found


def solve_near(facts: Sequence[Fact], points: Sequence[str], at: Places, near: Places) -> dict[str, Point] | None:
    """A solution near some places, by Newton's steps of least norm; None where they do not lead to one."""
    places = {name: complex(near[name]) for name in points}
    for _ in range(STEPS):
        try:
            residuals, rows = rows_of(facts, points, {**at, **places})
        except (ArithmeticError, ValueError):
            return None
        if max(map(abs, residuals), default=0.0) < CLOSE:
            return places
        normal = [[sum(a * b for a, b in zip(r, s, strict=True)) for s in rows] for r in rows]
        weights = _solve(normal, residuals)
        if weights is None:
            return None
        step = [-sum(w * row[k] for w, row in zip(weights, rows, strict=True)) for k in range(2 * len(points))]
        size = max(map(abs, step))
        if size > 1e6:
            return None
        scale = min(1.0, 0.5 / size)
        for k, name in enumerate(points):
            places[name] += scale * complex(step[2 * k], step[2 * k + 1])
    return None


def determined(facts: Sequence[Fact], points: Sequence[str], at: Places, start: Places) -> list[tuple[str, int]] | None:
    """As many coordinates (point, axis) as there are equations, which these determine; None where there are none."""
    _, rows = rows_of(facts, points, {**at, **start})
    chosen: list[int] = []
    for i in range(len(rows)):
        pivot = max(range(2 * len(points)), key=lambda k: abs(rows[i][k]))
        if abs(rows[i][pivot]) < RANK:
            return None
        chosen.append(pivot)
        for k in range(i + 1, len(rows)):
            factor = rows[k][pivot] / rows[i][pivot]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [(points[k // 2], k % 2) for k in sorted(chosen)]
