"""A figure as the solution of equations: how far it is from one, and the way there.

Every fact is one or more equations, linear in the directions, log-lengths, lengths or squared lengths of segments (see
`predicates`). A `System` holds those of many facts as four matrices over the segments that occur, so the residuals of
all facts on a figure, and their derivatives by all coordinates, take a few array operations.

An equation modulo 1 in the directions counts as the sine of its error, which is smooth and does not care about the
multiple; the others are relative. Nothing changes when the figure is moved, turned or scaled, and the equations gain
little by letting points collapse, so that a solver does not run there. `coll` and `cyclic` remain true, as areas are,
where some of their points coincide; the other equations need their directions.

`polish` is the Levenberg-Marquardt method, ended by Newton steps of least norm, which leave a figure as close to
where it started as the equations allow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Equation, Table, Unknown, equations, expand
from maieutic.geometry.trusted.records import Fact

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Indices = NDArray[np.intp]

COLLAPSED = 1e-9
"""A segment shorter than this, in a figure of size 1, has no direction and no logarithm."""


def fact_equations(fact: Fact) -> list[Equation]:
    """The equations to solve for a simple fact: one that says it, in its first table. () for numeric facts.

    And for `overlap`, which is two equations between coordinates.
    """
    return [equation for equation in equations(fact) if equation.terms and fact.predicate != "overlap"][:1]


def _products(fact: Fact) -> tuple[tuple[Unknown, ...], ...]:
    """Of `coll`, the sides of the triangle, and of `cyclic`, the products in Ptolemy's theorem.

    The sine of the angle between two of them, times the two, is the same for all: twice the area, for `coll`.
    """
    if fact.predicate == "coll":
        a, b, c = sorted(fact.points)
        return ((a, b),), ((a, c),), ((b, c),)
    if fact.predicate == "cyclic":
        a, b, c, d = sorted(fact.points)
        return ((a, b), (c, d)), ((a, c), (b, d)), ((a, d), (b, c))
    return ()


class System:
    """The equations of simple facts over named points, with arrays in the order of `points`.

    `row_facts[i]` is the index in `facts` of the fact that row i of the residuals belongs to.
    """

    def __init__(self, points: Sequence[str], facts: Sequence[Fact]) -> None:
        self.points = tuple(points)
        self.facts = tuple(facts)
        index = {point: i for i, point in enumerate(points)}
        segments: dict[Unknown, int] = {}
        rows: dict[Table, list[tuple[int, Equation]]] = {table: [] for table in TABLES}
        weighted: list[tuple[int, tuple[tuple[Unknown, ...], ...]]] = []
        overlaps: list[tuple[int, int, int]] = []
        for number, fact in enumerate(facts):
            if fact.predicate == "overlap":
                overlaps.append((number, index[fact.points[0]], index[fact.points[1]]))
            for equation in fact_equations(fact):
                if _products(fact):
                    weighted.append((len(rows["direction"]), _products(fact)))
                rows[equation.table].append((number, equation))

        def segment(unknown: Unknown) -> int:
            return segments.setdefault(unknown, len(segments))

        entries: dict[Table, list[tuple[int, int, float]]] = {table: [] for table in TABLES}
        sine_entries: list[tuple[int, int, int, float]] = []
        for table in TABLES:
            for row, (_, equation) in enumerate(rows[table]):
                for unknown, coefficient in equation.terms:
                    if len(unknown) == 3:
                        o, a, b = unknown
                        arms = segment((min(o, a), max(o, a))), segment((min(o, b), max(o, b)))
                        sine_entries.append((row, *arms, float(coefficient)))
                    else:
                        entries[table].append((row, segment(unknown), float(coefficient)))
        # Three products of one or two segments each; the last column stands for no segment, of length 1.
        self._weighted: Indices = np.array([row for row, _ in weighted], dtype=np.intp)
        columns = [[[segment(s) for s in p] + [-1] * (2 - len(p)) for p in products] for _, products in weighted]
        self._products: Indices = np.array(columns, dtype=np.intp).reshape(-1, 3, 2)
        self._first: Indices = np.array([index[a] for a, _ in segments], dtype=np.intp)
        self._second: Indices = np.array([index[b] for _, b in segments], dtype=np.intp)
        self._matrix: dict[Table, Floats] = {}
        self._constant: dict[Table, Floats] = {}
        for table in TABLES:
            matrix = np.zeros((len(rows[table]), len(segments)))
            for row, column, value in entries[table]:
                matrix[row, column] += value
            self._matrix[table] = matrix
            self._constant[table] = np.array([_constant(equation) for _, equation in rows[table]])
        self._sines = sine_entries
        self._overlaps = overlaps
        self.row_facts = [number for table in TABLES for number, _ in rows[table]]
        self.row_facts += [number for number, *_ in overlaps for _ in range(2)]
        angles = np.abs(self._matrix["direction"])
        angles[self._weighted] = 0
        used = angles.sum(axis=0) + np.abs(self._matrix["log"]).sum(axis=0)
        for _, left, right, _ in sine_entries:
            used[[left, right]] += 1
        self._needs_length = used > 0

    def residuals(self, z: Complexes) -> Floats:
        """How far each equation is from true, without units; all rows of a fact must be 0."""
        with np.errstate(all="ignore"):  # a figure that runs away is found by its size
            return self._evaluate(z, False)[0]

    def collapsed(self, z: Complexes) -> tuple[str, str] | None:
        """Two points in the same place of which an equation asks the direction or logarithm, if there are such."""
        lengths = np.abs(z[self._second] - z[self._first])
        found = np.flatnonzero(self._needs_length & (lengths < COLLAPSED))
        if not len(found):
            return None
        return self.points[self._first[found[0]]], self.points[self._second[found[0]]]

    def jacobian(self, z: Complexes) -> tuple[Floats, Floats]:
        """The residuals, and their derivatives by x and y of each point: shape (rows, 2 * points)."""
        with np.errstate(all="ignore"):
            values, derivatives = self._evaluate(z, True)
        assert derivatives is not None
        return values, derivatives

    def _evaluate(self, z: Complexes, derive: bool) -> tuple[Floats, Floats | None]:
        vectors = z[self._second] - z[self._first]
        length = np.maximum(np.abs(vectors), 1e-14)
        values: list[Floats] = []
        slopes: list[Complexes] = []  # by the segments' vectors, as complex numbers: the gradient in the plane

        matrix = self._matrix["direction"]
        if len(matrix):
            angle = matrix @ np.angle(vectors) + math.pi * self._constant["direction"]
            weight = np.ones(len(matrix))
            if len(self._weighted):
                products = np.append(length, 1.0)[self._products].prod(axis=2)
                weight[self._weighted] = 3 * products[:, 0] * products[:, 1] / (products**2).sum(axis=1)
            values.append(weight * np.sin(angle))
            if derive:
                slopes.append((weight * np.cos(angle))[:, None] * matrix * (1j * vectors / length**2))
        matrix = self._matrix["log"]
        if len(matrix):
            total = matrix @ np.log(length) + self._constant["log"]
            slope = matrix * (vectors / length**2) if derive else None
            for row, left, right, coefficient in self._sines:
                turn = np.angle(vectors[right]) - np.angle(vectors[left])
                sine = max(abs(math.sin(turn)), 1e-14)
                total[row] += coefficient * math.log(sine)
                if slope is not None:
                    cotangent = coefficient * math.cos(turn) / math.copysign(sine, math.sin(turn))
                    slope[row, right] += cotangent * 1j * vectors[right] / length[right] ** 2
                    slope[row, left] -= cotangent * 1j * vectors[left] / length[left] ** 2
            values.append(total)
            if slope is not None:
                slopes.append(slope)
        for table in ("length", "square"):
            matrix = self._matrix[table]
            if len(matrix):
                power = length if table == "length" else length**2
                scale = np.abs(matrix) @ power + 1e-300
                values.append(matrix @ power / scale)
                if derive:
                    slopes.append(matrix * (vectors / length if table == "length" else 2 * vectors) / scale[:, None])
        for _, a, b in self._overlaps:
            values.append(np.array([z[b].real - z[a].real, z[b].imag - z[a].imag]))
        residuals = np.concatenate(values) if values else np.zeros(0)
        if not derive:
            return residuals, None
        derivatives = np.zeros((len(residuals), 2 * len(z)))
        if slopes:
            slope_rows = np.concatenate(slopes)
            count = len(slope_rows)
            ends = np.zeros((len(vectors), len(z)))
            segments = np.arange(len(vectors))
            ends[segments, self._second] = 1
            ends[segments, self._first] = -1
            derivatives[:count, 0::2] = slope_rows.real @ ends
            derivatives[:count, 1::2] = slope_rows.imag @ ends
        for k, (_, a, b) in enumerate(self._overlaps):
            row = len(residuals) - 2 * (len(self._overlaps) - k)
            for axis in (0, 1):
                derivatives[row + axis, [2 * a + axis, 2 * b + axis]] = (-1, 1)
        return residuals, derivatives


def _constant(equation: Equation) -> float:
    return sum(float(c) * (1.0 if equation.table == "direction" else math.log(k)) for k, c in equation.constants)


def compile_facts(points: Sequence[str], facts: Sequence[Fact]) -> tuple[System, list[Fact]]:
    """The system of all equational facts, and the numeric ones, which are tested; questions are dropped."""
    simple = list(dict.fromkeys(part for fact in facts for part in expand(fact)))
    equational = [f for f in simple if PREDICATES[f.predicate].kind == "equational" or f.predicate == "overlap"]
    numeric = [f for f in simple if PREDICATES[f.predicate].kind == "numeric" and f.predicate != "overlap"]
    return System(points, equational), numeric


def worst(residuals: Floats) -> float:
    """The largest residual; infinite where one is not a number."""
    value = float(np.max(np.abs(residuals), initial=0.0))
    return value if math.isfinite(value) else math.inf


def polish(system: System, z: Complexes, steps: int = 60, goal: float = 1e-14) -> Complexes:
    """A figure near z on which the system holds, as nearly as was found in so many steps."""
    with np.errstate(all="ignore"):
        return _descend(system, z, steps, goal)


def _descend(system: System, z: Complexes, steps: int, goal: float) -> Complexes:
    residuals, slopes = system.jacobian(z)
    best = float(residuals @ residuals)
    damping = 0.0 if worst(residuals) < 0.05 else 1e-2
    for _ in range(steps):
        if worst(residuals) < goal:
            break
        try:
            step = _step(slopes, residuals, damping)
        except np.linalg.LinAlgError:
            break
        tried = z + step[0::2] + 1j * step[1::2]
        new_residuals, new_slopes = system.jacobian(tried)
        error = float(new_residuals @ new_residuals)
        if math.isfinite(error) and error < best:
            stalled = error > 0.25 * best and damping < 1e-9 and worst(new_residuals) < 1e-11
            z, residuals, slopes, best = tried, new_residuals, new_slopes, error
            damping = damping / 8 if damping > 1e-9 else 0.0
            if stalled:
                break
        elif worst(residuals) < 1e-11:
            break
        else:
            damping = max(4 * damping, 1e-6)
            if damping > 1e6:
                break
    return z


def _step(slopes: Floats, residuals: Floats, damping: float) -> Floats:
    """The step of least squares, and among them of least norm; damped where asked."""
    if damping:
        normal = slopes.T @ slopes
        normal[np.diag_indices_from(normal)] += damping
        return np.asarray(-np.linalg.solve(normal, slopes.T @ residuals), dtype=np.float64)
    return np.asarray(np.linalg.lstsq(slopes, -residuals, rcond=1e-9)[0], dtype=np.float64)
