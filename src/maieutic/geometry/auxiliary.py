"""Candidate points: what a contestant would draw, and how much the figure speaks for each.

Every candidate is an ordinary construction over the points that are there, so a proof with it is an ordinary proof of
a longer figure. All are computed at once on the coordinates; points that are there already, or appear twice, count
once. A candidate's weight is what the figure shows: the lines through two points and the circles through three that
pass through it although its definition does not say so, counted more if they hold a point of the goal; the kind of
construction and its closeness to the goal come second. (HAGeo
chooses points so; the weights are ours.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.compiled import compiled
from maieutic.geometry.records import Clause, Construction, Fact, Point


class Kind(NamedTuple):
    """One way to construct a point: its constructions over letters (x is new), and what it is worth beforehand."""

    name: str
    constructions: str
    worth: float
    free: float
    """What the lines and circles that pass through it by definition count."""


KINDS: tuple[Kind, ...] = (
    Kind("meet of two lines", "on_line x a b, on_line x c d", 0.3, 2),
    Kind("midpoint", "midpoint x a b", 1.2, 1),
    Kind("foot", "foot x a b c", 1.0, 1),
    Kind("reflection in a point", "mirror x a b", 0.8, 1),
    Kind("reflection in a line", "reflect x a b c", 0.8, 0),
    Kind("circumcentre", "circumcenter x a b c", 0.9, 0),
    Kind("incentre", "incenter x a b c", 0.6, 0),
    Kind("excentre", "excenter x a b c", 0.4, 0),
    Kind("orthocentre", "orthocenter x a b c", 0.8, 0),
    Kind("fourth vertex of a parallelogram", "parallelogram a b c x", 0.6, 0),
    Kind("second meet of a line and a circle by its centre", "on_line x a b, on_circle x c a", 0.8, 1),
    Kind("second meet of a line and a circle by three points", "on_line x a b, on_circum x a c d", 0.5, 1.5),
    Kind("second meet of two circles by three points", "on_circum x a b c, on_circum x a d e", 0.1, 1),
    Kind("second meet of two circles by their centres", "on_circle x b a, on_circle x c a", 0.7, 0),
    Kind("second meet of two circles", "on_circle x b a, on_circum x a c d", 0.4, 0.5),
    Kind("parallel met with a line", "on_pline x a b c, on_line x d e", 0.3, 1),
    Kind("perpendicular met with a line", "on_tline x a b c, on_line x d e", 0.2, 1),
    Kind("parallel met with a circle", "on_pline x a b c, on_circle x d a", 0.5, 1),
    Kind("perpendicular met with a circle", "on_tline x a b c, on_circle x d a", 0.5, 1),
    Kind("bisector met with the opposite side", "angle_bisector x a b c, on_line x a c", 0.5, 1),
    Kind("centre of a circle through two points on a line", "on_bline x a b, on_line x c d", 0.2, 1),
    Kind("parallel met with a circle by three points", "on_pline x a b c, on_circum x a d e", 0.3, 1),
)
(
    _MEET, _MIDPOINT, _FOOT, _MIRROR, _REFLECT, _CIRCUM, _IN, _EX, _ORTHO, _PARALLELOGRAM, _LINE_CENTRE, _LINE_CIRCLE,
    _CIRCLES, _CENTRES, _MIXED, _PARALLEL, _PERPENDICULAR, _PARALLEL_CIRCLE, _PERPENDICULAR_CIRCLE, _BISECTOR,
    _BISECTING, _PARALLEL_CYCLIC,
) = range(len(KINDS))  # fmt: skip

MOST = 200_000
"""Candidates computed at most, before those in one place are joined."""


@dataclass(frozen=True)
class Candidate:
    """A construction, where it is on the figure, and how promising it looks."""

    kind: int
    points: tuple[str, ...]
    at: Point
    score: float

    def clause(self, name: str) -> Clause:
        """The candidate as a clause that introduces a point of that name."""
        letters = dict(zip("abcde", self.points, strict=False)) | {"x": name}
        constructions = []
        for part in KINDS[self.kind].constructions.split(", "):
            word, *args = part.split()
            constructions.append(Construction(word, tuple(letters[a] for a in args)))
        return Clause((name,), tuple(constructions))


class Objects(NamedTuple):
    """The lines through two points and the circles through three, or about a point, of a figure; each once."""

    lines: NDArray[np.int16]  # [lines, 2] two of its points
    line_normal: NDArray[np.complex128]  # [lines] unit normal
    line_offset: NDArray[np.float64]  # [lines]
    line_value: NDArray[np.float64]  # [lines] what an incidence counts
    centres: NDArray[np.complex128]  # [circles]
    radii: NDArray[np.float64]  # [circles]
    circle_value: NDArray[np.float64]  # [circles]
    triples: NDArray[np.int16]  # [circles, 3] three points, or the centre, a point and -1
    about: NDArray[np.int16]  # [circles] the point that is its centre, or -1


@compiled
def _circle(a: complex, b: complex, c: complex) -> tuple[complex, float]:
    """The circle through three points: centre and radius; radius 0 if they are nearly collinear."""
    u, v = b - a, c - a
    twice = 2.0 * (u.real * v.imag - u.imag * v.real)
    if abs(twice) < 1e-4 * abs(u) * abs(v):
        return a, 0.0
    uu, vv = abs(u) ** 2, abs(v) ** 2
    centre = a + complex(v.imag * uu - u.imag * vv, u.real * vv - v.real * uu) / twice
    return centre, abs(a - centre)


@compiled
def figure_objects(z: NDArray[np.complex128], goal: NDArray[np.bool_]) -> Objects:
    """All lines and circles of a figure; those with a point of the goal count more."""
    n = z.shape[0]
    lines = np.empty((n * n, 2), np.int16)
    normal = np.empty(n * n, np.complex128)
    offset = np.empty(n * n)
    line_value = np.empty(n * n)
    count = 0
    for a in range(n):
        for b in range(a):
            if abs(z[a] - z[b]) < 1e-7:
                continue
            unit = (z[a] - z[b]) / abs(z[a] - z[b]) * 1j
            distance = unit.real * z[a].real + unit.imag * z[a].imag
            held, oldest, value = 0, True, 1.0
            for c in range(n):
                if abs(unit.real * z[c].real + unit.imag * z[c].imag - distance) < 1e-8:
                    held += 1
                    if c < a and c != b and (c < b or c < a):
                        oldest = False
                    if goal[c]:
                        value = 1.5
            if not oldest:
                continue
            lines[count, 0], lines[count, 1] = a, b
            normal[count], offset[count], line_value[count] = unit, distance, value
            count += 1
    most = n * n * n // 6 + n * n
    centres = np.empty(most, np.complex128)
    radii = np.empty(most)
    circle_value = np.empty(most)
    triples = np.full((most, 3), -1, np.int16)
    about = np.full(most, -1, np.int16)
    circles = 0
    for a in range(n):
        for b in range(a):
            for c in range(b):
                centre, radius = _circle(z[a], z[b], z[c])
                if radius == 0.0 or radius > 5.0:
                    continue
                first, value, middle = True, 0.5, -1
                held = 0
                for d in range(n):
                    if abs(z[d] - centre) < 1e-8:
                        middle = d
                    if abs(abs(z[d] - centre) - radius) < 1e-8:
                        held += 1
                        if d < a and d != b and d != c:
                            first = False
                        if goal[d]:
                            value = 0.75
                if not first:
                    continue
                if held > 3 or middle >= 0 or a < 3:  # a circle that the figure has, or of its first triangle
                    value *= 2.0
                centres[circles], radii[circles], circle_value[circles] = centre, radius, value
                triples[circles, 0], triples[circles, 1], triples[circles, 2] = a, b, c
                about[circles] = middle
                circles += 1
    return Objects(
        lines[:count], normal[:count], offset[:count], line_value[:count],
        centres[:circles], radii[:circles], circle_value[:circles], triples[:circles], about[:circles],
    )  # fmt: skip


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
    if abs(cross) < 1e-6 * abs(u) * abs(v):
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
                k = _put(rows, at, k, first, (z[a] + z[b]) / 2, _MIDPOINT, a, b)
            k = _put(rows, at, k, first, 2 * z[b] - z[a], _MIRROR, a, b)
            for c in range(n):
                if c == a or c == b or abs(z[c] - z[a]) < 1e-7 or abs(z[c] - z[b]) < 1e-7:
                    continue
                u = z[c] - z[b]
                if c < b:
                    w = z[a] - z[b]
                    foot = z[b] + u * ((w.real * u.real + w.imag * u.imag) / abs(u) ** 2)
                    if abs(foot - z[a]) > 1e-7:
                        k = _put(rows, at, k, first, foot, _FOOT, a, b, c)
                        k = _put(rows, at, k, first, 2 * foot - z[a], _REFLECT, a, b, c)
                if c < a:
                    k = _put(rows, at, k, first, z[a] + z[c] - z[b], _PARALLELOGRAM, a, b, c)
                # a line ab and a circle about c through a
                if abs(_second(z[a], z[b] - z[a], z[c]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], z[b] - z[a], z[c]), _LINE_CENTRE, a, b, c)
                if c < b:
                    v = z[c] - z[b]
                    h = v / abs(v)
                    w = z[a] - z[b]
                    mirrored = z[b] + h * (w * h.conjugate()).conjugate()
                    if abs(mirrored - z[a]) > 1e-7:
                        k = _put(rows, at, k, first, mirrored, _CENTRES, a, b, c)
    for a in range(n):
        for b in range(a):
            for c in range(b):
                centre, radius = _circle(z[a], z[b], z[c])
                if radius == 0.0:
                    continue
                k = _put(rows, at, k, first, centre, _CIRCUM, a, b, c)
                k = _put(rows, at, k, first, z[a] + z[b] + z[c] - 2 * centre, _ORTHO, a, b, c)
                x, y, w = abs(z[b] - z[c]), abs(z[c] - z[a]), abs(z[a] - z[b])
                k = _put(rows, at, k, first, (x * z[a] + y * z[b] + w * z[c]) / (x + y + w), _IN, a, b, c)
                k = _put(rows, at, k, first, (-x * z[a] + y * z[b] + w * z[c]) / (-x + y + w), _EX, a, b, c)
                k = _put(rows, at, k, first, (x * z[a] - y * z[b] + w * z[c]) / (x - y + w), _EX, b, a, c)
                k = _put(rows, at, k, first, (x * z[a] + y * z[b] - w * z[c]) / (x + y - w), _EX, c, a, b)
    total = lines.shape[0]
    for i in range(total):
        p, q = lines[i, 0], lines[i, 1]
        for j in range(i):
            r, s = lines[j, 0], lines[j, 1]
            k = _put(rows, at, k, first, _meet(z[p], z[q] - z[p], z[r], z[s] - z[r]), _MEET, p, q, r, s)
        for a in range(n):
            if a == p or a == q:
                continue
            for j in range(total):
                b, c = lines[j, 0], lines[j, 1]
                if j == i:
                    continue
                u = z[c] - z[b]
                if a != b and a != c:
                    k = _put(rows, at, k, first, _meet(z[a], u, z[p], z[q] - z[p]), _PARALLEL, a, b, c, p, q)
                k = _put(rows, at, k, first, _meet(z[a], u * 1j, z[p], z[q] - z[p]), _PERPENDICULAR, a, b, c, p, q)
        for a in range(n):
            for b in range(a):
                if abs(z[a] - z[b]) > 1e-7:
                    x = _meet((z[a] + z[b]) / 2, (z[a] - z[b]) * 1j, z[p], z[q] - z[p])
                    k = _put(rows, at, k, first, x, _BISECTING, a, b, p, q)
    for i in range(triples.shape[0]):
        for turn in range(3):
            a, b, c = triples[i, turn], triples[i, (turn + 1) % 3], triples[i, (turn + 2) % 3]
            for d in range(n):
                if d == a or d == b or d == c or abs(z[d] - z[a]) < 1e-7:
                    continue
                x = _second(z[a], z[d] - z[a], centres[i])
                if abs(x - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, x, _LINE_CIRCLE, a, d, b, c)
                w = (centres[i] - z[d]) / abs(centres[i] - z[d]) if abs(centres[i] - z[d]) > 1e-7 else 1 + 0j
                mirrored = z[d] + w * ((z[a] - z[d]) * w.conjugate()).conjugate()
                if abs(mirrored - z[a]) > 1e-7 and abs(centres[i] - z[d]) > 1e-7:
                    k = _put(rows, at, k, first, mirrored, _MIXED, a, d, b, c)
            if objects.circle_value[i] < 1.0:
                continue
            for j in range(total):
                u = z[lines[j, 1]] - z[lines[j, 0]]
                x = _second(z[a], u, centres[i])
                if abs(x - z[a]) > 1e-7 and lines[j, 0] != a and lines[j, 1] != a:
                    k = _put(rows, at, k, first, x, _PARALLEL_CYCLIC, a, lines[j, 0], lines[j, 1], b, c)
    for a in range(n):
        for b in range(n):
            if b == a or abs(z[a] - z[b]) < 1e-7:
                continue
            for c in range(a):
                if c == b or abs(z[c] - z[b]) < 1e-7 or abs(z[a] - z[c]) < 1e-7:
                    continue
                x, y = abs(z[a] - z[b]), abs(z[c] - z[b])
                k = _put(rows, at, k, first, (z[a] * y + z[c] * x) / (x + y), _BISECTOR, a, b, c)
            for j in range(total):
                p, q = lines[j, 0], lines[j, 1]
                u = z[q] - z[p]
                if p != a and q != a and abs(_second(z[a], u, z[b]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], u, z[b]), _PARALLEL_CIRCLE, a, p, q, b)
                if abs(_second(z[a], u * 1j, z[b]) - z[a]) > 1e-7:
                    k = _put(rows, at, k, first, _second(z[a], u * 1j, z[b]), _PERPENDICULAR_CIRCLE, a, p, q, b)
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
                            rows, at, k, first, x, _CIRCLES, a, triples[i, (s + 1) % 3], triples[i, (s + 2) % 3],
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
        return Candidate(kind, named, complex(self.at[index]), float(self.score[index]))


DOUBLES = (_MIDPOINT, _FOOT, _MIRROR, _REFLECT, _CIRCUM, _IN, _EX, _ORTHO, _PARALLELOGRAM, _LINE_CENTRE, _LINE_CIRCLE,
           _CENTRES, _MIXED)  # fmt: skip
"""Kinds of constructions by which a point of the figure may be defined once more."""


def doubles(names: Sequence[str], z: NDArray[np.complex128], goals: Iterable[Fact]) -> Pool:
    """Constructions that land on a point which is there already and is not part of them: a second definition of it."""
    pool = _computed(names, z, goals, 0, MOST, doubled=True)
    keep = np.isin(pool.rows[:, 0], DOUBLES)
    nearest = np.abs(pool.at[:, None] - z[None, :]).argmin(axis=1)
    keep &= (pool.rows[:, 1:] != nearest[:, None]).all(axis=1)
    return Pool(pool.names, pool.rows[keep], z[nearest[keep]], pool.score[keep])


def candidates(
    names: Sequence[str], z: NDArray[np.complex128], goals: Iterable[Fact], first: int = 0, most: int = MOST
) -> Pool:
    """The candidates of a figure that touch a point from `first` on.

    `names` and `z` are the points; a place counts once, with the construction that is worth most.
    """
    return _computed(names, z, goals, first, most, doubled=False)


def _computed(
    names: Sequence[str], z: NDArray[np.complex128], goals: Iterable[Fact], first: int, most: int, doubled: bool
) -> Pool:
    """Candidates at new places, each place once; or those at old places, all of them."""
    wanted = {p for goal in goals for p in goal.points}
    marked = np.array([name in wanted for name in names])
    objects = figure_objects(z, marked)
    rows, at = _all(z, objects, first, most)
    if not doubled:
        more, more_at = _circles_met(z, objects, first, most)
        rows, at = np.concatenate((rows, more)), np.concatenate((at, more_at))
    if not len(rows):
        return Pool(tuple(names), rows, at, np.zeros(0))
    named = rows[:, 1:] >= 0
    touched = (named & marked[rows[:, 1:]]).sum(axis=1) / np.maximum(1, named.sum(axis=1))
    worth = np.array([kind.worth for kind in KINDS])[rows[:, 0]] + touched
    kept = np.arange(len(rows)) if doubled else _one_a_place(at, worth)
    old = np.abs(at[kept][:, None] - z[None, :]).min(axis=1) <= 1e-6
    kept = kept[old == doubled]
    free = np.array([kind.free for kind in KINDS])[rows[kept, 0]]
    score = worth[kept] + (0.0 if doubled else 2.0 * (_incidences(at[kept], objects) - free))
    ranking = np.argsort(-score, kind="stable")
    kept = kept[ranking]
    return Pool(tuple(names), rows[kept], at[kept], score[ranking])


def _one_a_place(at: NDArray[np.complex128], worth: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each place the candidate that is worth most."""
    rounded = np.round(at, 7)
    order = np.lexsort((-worth, rounded.imag, rounded.real))
    single = np.ones(len(order), np.bool_)
    single[1:] = rounded[order][1:] != rounded[order][:-1]
    return order[single]
