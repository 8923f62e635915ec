"""The shapes of tier 2: matched only when tier 1 has come to rest without the goal.

Two triangles with two angles in common, arcs and medians, transversals (Thales, Menelaus, Ceva), segments divided
alike, and powers of points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.classes import EPSILON, Measures
from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.matching import ID, WIDTH, Rows, emit, triangles

_COLLINEAR = ID["collinear"]
_CONCYCLIC = ID["concyclic"]
_MIDPOINT = ID["midpoint"]
_SINES = ID["sines"]
_ARC = ID["arc"]
_MEDIAN = ID["median"]
_THALES = ID["thales"]
_MENELAUS = ID["menelaus_even"]
_CEVA = ID["ceva"]
_DIVISION = ID["division"]
_POWER = ID["power"]
_POWER_OUTSIDE = ID["power_outside"]
_POWER_INSIDE = ID["power_inside"]


@compiled
def _corners_at(
    corners: NDArray[np.int16], directions: NDArray[np.float64], segment: NDArray[np.int32], first: int
) -> tuple[NDArray[np.float64], NDArray[np.int16], int]:
    """The corners of all triangles, each taken from both sides, those of triangles with a new point before the others.

    Rows of two directed angles, (ab, ac) and (ba, bc) in units of pi; the points a, b, c; and how many are new.
    """
    total = corners.shape[0]
    angles = np.empty((6 * total, 2))
    vertex = np.empty((6 * total, 3), np.int16)
    front, back = 0, 6 * total
    for i in range(total):
        p = corners[i, :3]
        new = max(p[0], max(p[1], p[2])) >= first
        for k in range(3):
            for side in range(2):
                a, b, c = p[k], p[(k + 1 + side) % 3], p[(k + 2 - side) % 3]
                if new:
                    at = front
                    front += 1
                else:
                    back -= 1
                    at = back
                ab = directions[segment[a, b]]
                angles[at, 0] = (directions[segment[a, c]] - ab) % 1.0
                angles[at, 1] = (directions[segment[b, c]] - ab) % 1.0
                vertex[at, 0], vertex[at, 1], vertex[at, 2] = a, b, c
    return angles, vertex, front


@compiled
def _opposite(angles: NDArray[np.float64], vertex: NDArray[np.int16], x: int, y: int) -> bool:
    """Whether second angles are opposite, at other points, and none is right: then the triangles are not similar."""
    if vertex[x, 0] == vertex[y, 0] and vertex[x, 1] == vertex[y, 1]:
        return False
    turn = (angles[x, 1] + angles[y, 1]) % 1.0
    right = abs(angles[x, 1] - 0.5) < EPSILON or abs(angles[x, 0] - 0.5) < EPSILON
    return not right and (turn < EPSILON or turn > 1.0 - EPSILON)


@compiled
def _pairs_of_sines(
    corners: NDArray[np.int16],
    directions: NDArray[np.float64],
    segment: NDArray[np.int32],
    rows: Rows,
    count: int,
    first: int,
    limit: int,
) -> tuple[Rows, int]:
    """sines: directed angles equal at one vertex and opposite at another, the triangles not similar."""
    angles, vertex, new = _corners_at(corners, directions, segment, first)
    order = np.argsort(angles[:new, 0])
    key = angles[:new, 0][order]
    for y in range(new, angles.shape[0]):  # an old corner and a new one
        i = np.searchsorted(key, angles[y, 0] - EPSILON)
        while i < new and key[i] - angles[y, 0] < EPSILON:
            x = order[i]
            i += 1
            if count < limit and _opposite(angles, vertex, x, y):
                p, q = vertex[x], vertex[y]
                rows, count = emit(rows, count, first, _SINES, p[0], p[1], p[2], q[0], q[1], q[2])
    for i in range(new):  # two new ones
        x = order[i]
        j = i - 1
        while j >= 0 and key[i] - key[j] < EPSILON:
            y = order[j]
            j -= 1
            if count < limit and _opposite(angles, vertex, x, y):
                p, q = vertex[x], vertex[y]
                rows, count = emit(rows, count, first, _SINES, p[0], p[1], p[2], q[0], q[1], q[2])
    return rows, count


@compiled
def _arcs_and_medians(
    tier_1: Rows,
    n: int,
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    lc: NDArray[np.int32],
    rows: Rows,
    count: int,
    first: int,
) -> tuple[Rows, int]:
    """arc: a concyclic quadruple with two equal sides at m; median: a midpoint and any other point."""
    for k in range(tier_1.shape[0]):
        row = tier_1[k]
        if row[0] == _CONCYCLIC:
            for i in range(4):
                m = row[1 + i]
                for j in range(4):
                    a = row[1 + j]
                    if i == j:
                        continue
                    b, c = -1, -1
                    for x in range(4):
                        if x != i and x != j:
                            b, c = (row[1 + x], c) if b < 0 else (b, row[1 + x])
                    if lc[segment[m, b]] == lc[segment[m, c]] and lc[segment[a, b]] != lc[segment[a, c]]:
                        rows, count = emit(rows, count, first, _ARC, a, b, m, c)
        elif row[0] == _MIDPOINT:
            m, a, b = row[1], row[2], row[3]
            for p in range(n):
                if p == m or p == a or p == b or dc[segment[p, a]] == dc[segment[a, b]]:
                    continue
                if dc[segment[p, m]] >= 0 and dc[segment[p, a]] >= 0 and dc[segment[p, b]] >= 0:
                    rows, count = emit(rows, count, first, _MEDIAN, p, a, m, b)
    return rows, count


@compiled
def _transversals(
    n: int,
    tier_1: Rows,
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    rows: Rows,
    count: int,
    first: int,
    limit: int,
) -> tuple[Rows, int]:
    """thales, menelaus_even, ceva: figures of collinear triples."""
    lines = tier_1[tier_1[:, 0] == _COLLINEAR]
    total = lines.shape[0]
    for i in range(total):
        a, b, c = lines[i, 1], lines[i, 2], lines[i, 3]
        for j in range(i):
            e = lines[j, 2]
            middle = dc[segment[b, e]]
            if middle < 0 or middle == dc[segment[a, c]] or count >= limit:
                continue
            for turn in range(2):
                d, f = (lines[j, 1], lines[j, 3]) if turn == 0 else (lines[j, 3], lines[j, 1])
                if dc[segment[a, d]] == middle and dc[segment[c, f]] == middle:
                    rows, count = emit(rows, count, first, _THALES, a, b, c, d, e, f)
    # third[x, y]: the points on line xy besides x and y
    third = np.empty((n, n, n), np.int16)
    amount = np.zeros((n, n), np.int16)
    for i in range(total):
        for k in range(3):
            p, x, y = lines[i, 1 + k], lines[i, 1 + (k + 1) % 3], lines[i, 1 + (k + 2) % 3]
            third[x, y, amount[x, y]] = p
            third[y, x, amount[x, y]] = p
            amount[x, y] += 1
            amount[y, x] = amount[x, y]
    for a in range(n):
        for b in range(a):
            if amount[a, b] == 0:
                continue
            for c in range(b):
                if amount[b, c] == 0 or amount[c, a] == 0 or dc[segment[a, b]] == dc[segment[a, c]]:
                    continue
                if dc[segment[a, b]] < 0 or dc[segment[b, c]] < 0 or dc[segment[c, a]] < 0:
                    continue
                for i in range(amount[b, c]):
                    d = third[b, c, i]
                    for j in range(amount[c, a]):
                        e = third[c, a, j]
                        for k in range(amount[a, b]):
                            f = third[a, b, k]
                            if dc[segment[d, e]] < 0 or dc[segment[d, f]] < 0 or count >= limit:
                                continue
                            if dc[segment[d, e]] == dc[segment[d, f]]:
                                rows, count = emit(rows, count, first, _MENELAUS, a, b, c, d, e, f)
                            for p in range(amount[a, d]):
                                x = third[a, d, p]
                                if x == b or x == c or x == e or x == f:
                                    continue
                                if dc[segment[b, x]] < 0 or dc[segment[c, x]] < 0:
                                    continue
                                if dc[segment[b, x]] == dc[segment[b, e]] and dc[segment[c, x]] == dc[segment[c, f]]:
                                    rows, count = emit(rows, count, first, _CEVA, a, b, c, d, e, f, x)
    return rows, count


@compiled
def _divisions(
    z: NDArray[np.complex128], tier_1: Rows, rows: Rows, count: int, first: int, limit: int
) -> tuple[Rows, int]:
    """division: two collinear triples whose middle points divide them alike."""
    lines = tier_1[tier_1[:, 0] == _COLLINEAR]
    total = lines.shape[0]
    ratio = np.empty(2 * total)
    for i in range(total):
        a, b, c = z[lines[i, 1]], z[lines[i, 2]], z[lines[i, 3]]
        ratio[2 * i] = abs(b - a) / abs(c - a)
        ratio[2 * i + 1] = abs(c - b) / abs(c - a)
    order = np.argsort(ratio)
    for x in range(2 * total):
        i = order[x]
        if abs(ratio[i] - 0.5) < EPSILON:
            continue  # midpoints have their own rule
        y = x - 1
        while y >= 0 and ratio[i] - ratio[order[y]] < EPSILON and count < limit:
            j = order[y]
            y -= 1
            if i // 2 == j // 2 or (i % 2 == 1 and j % 2 == 1):
                continue  # the pair read backwards is the same pair
            p, q = lines[i // 2], lines[j // 2]
            a, c = (p[1], p[3]) if i % 2 == 0 else (p[3], p[1])
            d, f = (q[1], q[3]) if j % 2 == 0 else (q[3], q[1])
            rows, count = emit(rows, count, first, _DIVISION, a, p[2], c, d, q[2], f)
    return rows, count


@compiled
def _powers(
    z: NDArray[np.complex128],
    tier_1: Rows,
    segment: NDArray[np.int32],
    lc: NDArray[np.int32],
    lengths: NDArray[np.float64],
    rows: Rows,
    count: int,
    first: int,
    limit: int,
) -> tuple[Rows, int]:
    """power, power_outside, power_inside: a point on a chord xy of a circle about o, and its power |po|^2 - |ox|^2."""
    n = z.shape[0]
    lines = tier_1[tier_1[:, 0] == _COLLINEAR]
    most = 3 * lines.shape[0] * n
    chords = np.empty((most, 4), np.int16)
    value = np.empty(most)
    total = 0
    for i in range(lines.shape[0]):
        for k in range(3):
            p, x, y = lines[i, 1 + k], lines[i, 1 + (k + 1) % 3], lines[i, 1 + (k + 2) % 3]
            for o in range(n):
                if o == x or o == y or o == p or lc[segment[o, x]] != lc[segment[o, y]] or lc[segment[o, p]] < 0:
                    continue
                if lc[segment[o, p]] == lc[segment[o, x]]:
                    continue
                chords[total, 0], chords[total, 1], chords[total, 2], chords[total, 3] = p, o, x, y
                value[total] = lengths[segment[o, p]] ** 2 - lengths[segment[o, x]] ** 2
                total += 1
    order = np.argsort(value[:total])
    for i in range(total):
        a = chords[order[i]]
        j = i - 1
        while j >= 0 and value[order[i]] - value[order[j]] < EPSILON and count < limit:
            b = chords[order[j]]
            j -= 1
            if a[0] == b[0] and a[2] == b[2] and a[3] == b[3]:
                continue
            rows, count = emit(rows, count, first, _POWER, a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3])
    ordered = value[order]
    for b in range(n):
        for a in range(b):
            square = lengths[segment[a, b]] ** 2
            if lc[segment[a, b]] < 0:
                continue
            for side in range(2):
                wanted = square if side == 0 else -square
                low = np.searchsorted(ordered, wanted - EPSILON)
                while low < total and value[order[low]] < wanted + EPSILON and count < limit:
                    c = chords[order[low]]
                    low += 1
                    shape = _POWER_OUTSIDE if side == 0 else _POWER_INSIDE
                    rows, count = emit(rows, count, first, shape, c[0], c[1], c[2], c[3], a, b)
    return rows, count


@compiled
def match_second(measures: Measures, tier_1: Rows, first: int, limit: int) -> Rows:
    """The matches of tier 2, from those of tier 1."""
    z, segment, dc, lc, directions, lengths = measures
    n = z.shape[0]
    rows = np.empty((1024, WIDTH), np.int16)
    corners, _ = triangles(z, segment, dc, lengths)
    rows, count = _pairs_of_sines(corners, directions, segment, rows, 0, first, limit)
    rows, count = _arcs_and_medians(tier_1, n, segment, dc, lc, rows, count, first)
    rows, count = _transversals(n, tier_1, segment, dc, rows, count, first, limit)
    rows, count = _divisions(z, tier_1, rows, count, first, limit)
    rows, count = _powers(z, tier_1, segment, lc, lengths, rows, count, first, limit)
    return rows[:count]
