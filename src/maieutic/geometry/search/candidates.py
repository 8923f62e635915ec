"""Candidate points: what a contestant would draw, and how much the figure speaks for each.

All kinds of construction are computed at once on the coordinates; points that are there already are left out. A
candidate's weight is what the figure shows: the lines through two points and the circles through three that pass
through it although its definition does not say so, counted more if they hold a point of the goal; the kind of
construction and its closeness to the goal come second. (HAGeo chooses points so; the weights are ours.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.search.candidate_kinds import (
    BISECTING,
    BISECTOR,
    CENTRES,
    CIRCLES,
    CIRCUM,
    EX,
    FOOT,
    IN,
    KINDS,
    LINE_CENTRE,
    LINE_CIRCLE,
    MEET,
    MIDPOINT,
    MIRROR,
    MIXED,
    ORTHO,
    PARALLEL,
    PARALLEL_CIRCLE,
    PARALLEL_CYCLIC,
    PARALLELOGRAM,
    PERPENDICULAR,
    PERPENDICULAR_CIRCLE,
    REFLECT,
    Candidate,
)
from maieutic.geometry.search.candidate_objects import Objects, circle, figure_objects
from maieutic.geometry.trusted.records import Fact

MOST = 200_000
"""Candidates computed at most, before those in one place are joined."""


@compiled
def _put(
    rows: NDArray[np.int16], at: NDArray[np.complex128], count: int, first: int, x: complex,
    kind: int, a: int, b: int, c: int = -1, d: int = -1, e: int = -1,
) -> int:  # fmt: skip
    """Note a candidate if it lies near the figure and touches a new point; the new count."""
    if count >= rows.shape[0] or max(max(a, b), max(c, max(d, e))) < first:
        return count
    if not abs(x.real) < 3.0 or not abs(x.imag) < 3.0:
        return count
    row = rows[count]
    row[0], row[1], row[2], row[3], row[4], row[5] = kind, a, b, c, d, e
    at[count] = x
    return count + 1


@compiled
def _meet(p: complex, u: complex, q: complex, v: complex) -> complex:
    """Where the lines p + su and q + tv meet; far away if they are nearly parallel."""
    cross = u.real * v.imag - u.imag * v.real
    if abs(cross) <= 1e-6 * abs(u) * abs(v):
        return complex(1e9, 1e9)
    w = q - p
    return p + u * ((w.real * v.imag - w.imag * v.real) / cross)


@compiled
def _second(p: complex, u: complex, centre: complex) -> complex:
    """Where the line p + su meets the circle about a centre through p again."""
    w = centre - p
    return p + u * (2.0 * (w.real * u.real + w.imag * u.imag) / abs(u) ** 2)


@compiled
def _all(
    z: NDArray[np.complex128], objects: Objects, first: int, most: int
) -> tuple[NDArray[np.int16], NDArray[np.complex128]]:
    """Every candidate: rows (kind, points) and places."""
    n = z.shape[0]
    lines, triples, centres = objects.lines, objects.triples, objects.centres
    rows = np.full((most, 6), -1, np.int16)
    at = np.empty(most, np.complex128)
    k = 0
    for a in range(n):
        for b in range(n):
            if a == b or abs(z[a] - z[b]) < 1e-7:
                continue
            if b < a:
                k = _put(rows, at, k, first, (z[a] + z[b]) / 2, MIDPOINT, a, b)
            k = _put(rows, at, k, first, 2 * z[b] - z[a], MIRROR, a, b)
            for c in range(n):
                if c == a or c == b or abs(z[c] - z[a]) < 1e-7 or abs(z[c] - z[b]) < 1e-7:
                    continue
                u = z[c] - z[b]
                if c < b:
                    w = z[a] - z[b]
                    foot = z[b] + u * ((w.real * u.real + w.imag * u.imag) / abs(u) ** 2)
                    if abs(foot - z[a]) > 1e-7:
                        k = _put(rows, at, k, first, foot, FOOT, a, b, c)
                        k = _put(rows, at, k, first, 2 * foot - z[a], REFLECT, a, b, c)
                if c < a:
                    k = _put(rows, at, k, first, z[a] + z[c] - z[b], PARALLELOGRAM, a, b, c)
                # a line ab and a circle about c through a
                if abs(_second(z[a], z[b] - z[a], z[c]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], z[b] - z[a], z[c]), LINE_CENTRE, a, b, c)
                if c < b:
                    v = z[c] - z[b]
                    h = v / abs(v)
                    w = z[a] - z[b]
                    mirrored = z[b] + h * (w * h.conjugate()).conjugate()
                    if abs(mirrored - z[a]) > 1e-7:
                        k = _put(rows, at, k, first, mirrored, CENTRES, a, b, c)
    for a in range(n):
        for b in range(a):
            for c in range(b):
                centre, radius = circle(z[a], z[b], z[c])
                if radius == 0.0:
                    continue
                k = _put(rows, at, k, first, centre, CIRCUM, a, b, c)
                k = _put(rows, at, k, first, z[a] + z[b] + z[c] - 2 * centre, ORTHO, a, b, c)
                x, y, w = abs(z[b] - z[c]), abs(z[c] - z[a]), abs(z[a] - z[b])
                k = _put(rows, at, k, first, (x * z[a] + y * z[b] + w * z[c]) / (x + y + w), IN, a, b, c)
                k = _put(rows, at, k, first, (-x * z[a] + y * z[b] + w * z[c]) / (-x + y + w), EX, a, b, c)
                k = _put(rows, at, k, first, (x * z[a] - y * z[b] + w * z[c]) / (x - y + w), EX, b, a, c)
                k = _put(rows, at, k, first, (x * z[a] + y * z[b] - w * z[c]) / (x + y - w), EX, c, a, b)
    total = lines.shape[0]
    for i in range(total):
        p, q = lines[i, 0], lines[i, 1]
        for j in range(i):
            r, s = lines[j, 0], lines[j, 1]
            k = _put(rows, at, k, first, _meet(z[p], z[q] - z[p], z[r], z[s] - z[r]), MEET, p, q, r, s)
        for a in range(n):
            if a == p or a == q:
                continue
            for j in range(total):
                b, c = lines[j, 0], lines[j, 1]
                if j == i:
                    continue
                u = z[c] - z[b]
                if a != b and a != c:
                    k = _put(rows, at, k, first, _meet(z[a], u, z[p], z[q] - z[p]), PARALLEL, a, b, c, p, q)
                k = _put(rows, at, k, first, _meet(z[a], u * 1j, z[p], z[q] - z[p]), PERPENDICULAR, a, b, c, p, q)
        for a in range(n):
            for b in range(a):
                if abs(z[a] - z[b]) > 1e-7:
                    x = _meet((z[a] + z[b]) / 2, (z[a] - z[b]) * 1j, z[p], z[q] - z[p])
                    k = _put(rows, at, k, first, x, BISECTING, a, b, p, q)
    for i in range(triples.shape[0]):
        for turn in range(3):
            a, b, c = triples[i, turn], triples[i, (turn + 1) % 3], triples[i, (turn + 2) % 3]
            for d in range(n):
                if d == a or d == b or d == c or abs(z[d] - z[a]) < 1e-7:
                    continue
                x = _second(z[a], z[d] - z[a], centres[i])
                if abs(x - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, x, LINE_CIRCLE, a, d, b, c)
                w = (centres[i] - z[d]) / abs(centres[i] - z[d]) if abs(centres[i] - z[d]) > 1e-7 else 1 + 0j
                mirrored = z[d] + w * ((z[a] - z[d]) * w.conjugate()).conjugate()
                if abs(mirrored - z[a]) > 1e-7 and abs(centres[i] - z[d]) > 1e-7:
                    k = _put(rows, at, k, first, mirrored, MIXED, a, d, b, c)
            if objects.circle_value[i] < 1.0:
                continue
            for j in range(total):
                u = z[lines[j, 1]] - z[lines[j, 0]]
                x = _second(z[a], u, centres[i])
                if abs(x - z[a]) > 1e-7 and lines[j, 0] != a and lines[j, 1] != a:
                    k = _put(rows, at, k, first, x, PARALLEL_CYCLIC, a, lines[j, 0], lines[j, 1], b, c)
    for a in range(n):
        for b in range(n):
            if b == a or abs(z[a] - z[b]) < 1e-7:
                continue
            for c in range(a):
                if c == b or abs(z[c] - z[b]) < 1e-7 or abs(z[a] - z[c]) < 1e-7:
                    continue
                x, y = abs(z[a] - z[b]), abs(z[c] - z[b])
                k = _put(rows, at, k, first, (z[a] * y + z[c] * x) / (x + y), BISECTOR, a, b, c)
            for j in range(total):
                p, q = lines[j, 0], lines[j, 1]
                u = z[q] - z[p]
                if p != a and q != a and abs(_second(z[a], u, z[b]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], u, z[b]), PARALLEL_CIRCLE, a, p, q, b)
                if abs(_second(z[a], u * 1j, z[b]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], u * 1j, z[b]), PERPENDICULAR_CIRCLE, a, p, q, b)
    return rows[:k], at[:k]


@compiled
def _circles_met(
    z: NDArray[np.complex128], objects: Objects, first: int, most: int
) -> tuple[NDArray[np.int16], NDArray[np.complex128]]:
    """Second meets of two circles by three points each, with one point in common."""
    triples, centres = objects.triples, objects.centres
    rows = np.full((most, 6), -1, np.int16)
    at = np.empty(most, np.complex128)
    k = 0
    for i in range(triples.shape[0]):
        for j in range(i):
            if abs(centres[i] - centres[j]) < 1e-6:
                continue
            for s in range(3):
                for t in range(3):
                    a = triples[i, s]
                    if a != triples[j, t]:
                        continue
                    w = (centres[i] - centres[j]) / abs(centres[i] - centres[j])
                    x = centres[j] + w * ((z[a] - centres[j]) * w.conjugate()).conjugate()
                    if abs(x - z[a]) > 1e-7:
                        k = _put(
                            rows, at, k, first, x, CIRCLES, a, triples[i, (s + 1) % 3], triples[i, (s + 2) % 3],
                            triples[j, (t + 1) % 3], triples[j, (t + 2) % 3],
                        )  # fmt: skip
    return rows[:k], at[:k]


@compiled
def _incidences(at: NDArray[np.complex128], objects: Objects) -> NDArray[np.float64]:
    """For each place, the value of the lines and circles through it."""
    result = np.zeros(at.shape[0])
    for k in range(at.shape[0]):
        x = at[k]
        total = 0.0
        for i in range(objects.lines.shape[0]):
            unit = objects.line_normal[i]
            if abs(unit.real * x.real + unit.imag * x.imag - objects.line_offset[i]) < 1e-8:
                total += objects.line_value[i]
        for i in range(objects.centres.shape[0]):
            w = x - objects.centres[i]
            if abs(w.real * w.real + w.imag * w.imag - objects.radii[i] ** 2) < 1e-8:
                total += objects.circle_value[i]
        result[k] = total
    return result


@dataclass(frozen=True)
class Pool:
    """Candidates of one figure as arrays, the most promising first."""

    names: tuple[str, ...]
    rows: NDArray[np.int16]  # [candidates, 6] kind and points
    at: NDArray[np.complex128]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, index: int) -> Candidate:
        kind, *points = (int(value) for value in self.rows[index])
        named = tuple(self.names[p] for p in points if p >= 0)
        return Candidate(KINDS[kind].constructions, named, complex(self.at[index]), float(self.score[index]))

    def best(self, n: int) -> list[Candidate]:
        """The n most promising ones."""
        return [self[k] for k in range(min(n, len(self)))]


DOUBLES = (MIDPOINT, FOOT, MIRROR, REFLECT, CIRCUM, IN, EX, ORTHO, PARALLELOGRAM, LINE_CENTRE, LINE_CIRCLE,
           CENTRES, MIXED, CIRCLES)  # fmt: skip
"""Kinds of constructions by which a point of the figure may be defined once more."""

REPEATED = 0.8
"""What each further construction of a place loses."""


def doubles(names: Sequence[str], z: NDArray[np.complex128], goals: Iterable[Fact]) -> Pool:
    """Constructions that land on a point which is there already and is not part of them: a second definition of it."""
    pool = _computed(names, z, goals, 0, MOST, 0)
    keep = np.isin(pool.rows[:, 0], DOUBLES)
    nearest = np.abs(pool.at[:, None] - z[None, :]).argmin(axis=1)
    keep &= (pool.rows[:, 1:] != nearest[:, None]).all(axis=1)
    return Pool(pool.names, pool.rows[keep], z[nearest[keep]], pool.score[keep])


def candidates(
    names: Sequence[str],
    z: NDArray[np.complex128],
    goals: Iterable[Fact],
    first: int = 0,
    most: int = MOST,
    ways: int = 1,
) -> Pool:
    """The candidates of a figure that touch a point from `first` on: for each place, up to so many ways to define it.

    `names` and `z` are the points.
    """
    return _computed(names, z, goals, first, most, ways)


def _computed(
    names: Sequence[str], z: NDArray[np.complex128], goals: Iterable[Fact], first: int, most: int, ways: int
) -> Pool:
    """Candidates at new places, so many for each; or, for 0, those at old places, all of them."""
    doubled = ways == 0
    wanted = {p for goal in goals for p in goal.points}
    marked = np.array([name in wanted for name in names])
    objects = figure_objects(z, marked)
    rows, at = _all(z, objects, first, most)
    more, more_at = _circles_met(z, objects, first, most)
    rows, at = np.concatenate((rows, more)), np.concatenate((at, more_at))
    if not len(rows):
        return Pool(tuple(names), rows, at, np.zeros(0))
    named = rows[:, 1:] >= 0
    touched = (named & marked[rows[:, 1:]]).sum(axis=1) / np.maximum(1, named.sum(axis=1))
    worth = np.array([kind.worth for kind in KINDS])[rows[:, 0]] + touched
    old = np.flatnonzero((np.abs(at[:, None] - z[None, :]).min(axis=1) <= 1e-6) == doubled)
    kept, earlier = (old, np.zeros(len(old))) if doubled else _few_a_place(at, worth, old, ways)
    free = np.array([kind.free for kind in KINDS])[rows[kept, 0]]
    score = worth[kept] + (0.0 if doubled else 2.0 * (_incidences(at[kept], objects) - free)) - REPEATED * earlier
    ranking = np.argsort(-score, kind="stable")
    kept = kept[ranking]
    return Pool(tuple(names), rows[kept], at[kept], score[ranking])


def _few_a_place(
    at: NDArray[np.complex128], worth: NDArray[np.float64], among: NDArray[np.int64], ways: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place the candidates that are worth most, and how many of them come before each."""
    rounded = np.round(at[among], 7)
    order = np.lexsort((-worth[among], rounded.imag, rounded.real))
    rounded = rounded[order]
    start = np.ones(len(order), np.bool_)
    start[1:] = rounded[1:] != rounded[:-1]
    begins = np.flatnonzero(start)
    earlier = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    few = earlier < ways
    return among[order[few]], earlier[few]
