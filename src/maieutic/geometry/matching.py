"""Shapes: where on a figure a rule could apply. Found once, on the coordinates, as rows of point indices.

A shape is a configuration that numbers can see (collinear triples, concyclic quadruples, similar triangles, ...).
Every rule names the shapes on which it is tried; a match claims nothing: the rule's premises must still be proved.
All shapes are found by one compiled pass for each tier: tier 1 is cheap and proves most, tier 2 is matched when
tier 1 has come to rest.

`first` restricts the matches to those that touch a point with index `first` or higher.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

EPSILON = 1e-8
"""Numbers of a figure of size 1 that differ by less are equal: drawn figures are exact to about 1e-12."""

SHAPES: dict[str, int] = {
    "collinear": 3,  # a b c, b between a and c
    "concyclic": 4,
    "perpendicular": 4,  # ab, cd
    "isosceles": 3,  # o a b, |oa| = |ob|, not collinear
    "midpoint": 3,  # m a b
    "kite": 4,  # o p a b: o and p equidistant from a and b
    "centre3": 4,  # o a b c
    "centre4": 5,  # o a b c d
    "trapezoid": 4,  # a b c d concyclic, ab parallel to cd
    "similar_same": 6,  # |bc| < |ca| < |ab|
    "similar_opposite": 6,
    "similar_same_isosceles": 6,
    "similar_opposite_isosceles": 6,
    "overlap": 3,  # x y z: x and y coincide
    "same_lines": 4,  # x y a b
    "same_circles": 5,  # x y a b c
    "same_chord": 4,  # x y o a
    "same_line_circle": 4,  # x y o a
    "same_centres": 4,  # x y o p
    "same_common": 5,  # x y o p a
    "sines": 6,  # a b c p q r: angles at a and p equal, at b and q opposite, as directed angles
    "arc": 4,  # a b m c
    "median": 4,  # p a m b
    "thales": 6,  # a b c, d e f on two lines; ad, be, cf parallel; b between a and c
    "menelaus_even": 6,
    "ceva": 7,
    "division": 6,  # a b c, d e f on lines, b and e dividing ac and df alike, from inside
    "power": 8,  # p o x y, q r z w: the same power of p and q, on chords xy and zw of circles about o and r
    "power_outside": 6,  # p o x y a b: |px| |py| = |ab|^2, p outside xy
    "power_inside": 6,  # p between x and y
}
NAMES = tuple(SHAPES)
ID = {name: index for index, name in enumerate(NAMES)}
WIDTH = 9  # the shape's number and up to eight points
TIER_1 = tuple(NAMES[: ID["sines"]])

_COLLINEAR = ID["collinear"]
_CONCYCLIC = ID["concyclic"]
_PERPENDICULAR = ID["perpendicular"]
_ISOSCELES = ID["isosceles"]
_MIDPOINT = ID["midpoint"]
_KITE = ID["kite"]
_CENTRE3 = ID["centre3"]
_CENTRE4 = ID["centre4"]
_TRAPEZOID = ID["trapezoid"]
_SIMILAR = ID["similar_same"]
_OVERLAP = ID["overlap"]
_SAME_LINES = ID["same_lines"]
_SAME_CIRCLES = ID["same_circles"]
_SAME_CHORD = ID["same_chord"]
_SAME_LINE_CIRCLE = ID["same_line_circle"]
_SAME_CENTRES = ID["same_centres"]
_SAME_COMMON = ID["same_common"]
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

Rows = NDArray[np.int16]


@njit(cache=True)
def _grow(rows: Rows) -> Rows:
    larger = np.empty((2 * rows.shape[0], WIDTH), np.int16)
    larger[: rows.shape[0]] = rows
    return larger


@njit(cache=True)
def _emit(
    rows: Rows, count: int, first: int, shape: int, a: int, b: int, c: int, d: int = -1, e: int = -1, f: int = -1, g: int = -1, h: int = -1
) -> tuple[Rows, int]:
    """Append a match unless it is old; the new buffer and count."""
    if max(max(max(a, b), max(c, d)), max(max(e, f), max(g, h))) < first:
        return rows, count
    if count == rows.shape[0]:
        rows = _grow(rows)
    row = rows[count]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8] = shape, a, b, c, d, e, f, g, h
    return rows, count + 1


@njit(cache=True)
def _classes(values: NDArray[np.float64], valid: NDArray[np.bool_], period: float, scaled: bool) -> NDArray[np.int32]:
    """Numbers that are equal up to EPSILON get the same class; -1 where not valid. Values wrap at `period` if > 0."""
    order = np.argsort(values)
    classes = np.full(values.shape[0], -1, np.int32)
    current, previous, start = -1, -1.0e9, 0.0
    for u in order:
        if not valid[u]:
            continue
        value = values[u]
        if value - previous > EPSILON * (value if scaled else 1.0):
            if current < 0:
                start = value
            current += 1
        classes[u] = current
        previous = value
    if period > 0 and current > 0 and start + period - previous < EPSILON:
        for u in range(values.shape[0]):
            if classes[u] == current:
                classes[u] = 0
    return classes


@njit(cache=True)
def measure(
    z: NDArray[np.complex128],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Segment numbers [n, n], classes of direction and of length, directions (in units of pi) and lengths.

    The segment of points i < j has the number j (j - 1) / 2 + i + 1, so that new points do not renumber old segments;
    number 0 is the segment from a point to itself.
    """
    n = z.shape[0]
    total = n * (n - 1) // 2
    segment = np.zeros((n, n), np.int32)
    directions = np.zeros(total + 1)
    lengths = np.zeros(total + 1)
    valid = np.zeros(total + 1, np.bool_)
    for j in range(n):
        for i in range(j):
            u = j * (j - 1) // 2 + i + 1
            segment[i, j] = segment[j, i] = u
            delta = z[j] - z[i]
            lengths[u] = abs(delta)
            valid[u] = lengths[u] > 1e-7
            directions[u] = (math.atan2(delta.imag, delta.real) / math.pi) % 1.0
    return (
        segment,
        _classes(directions, valid, 1.0, False),
        _classes(lengths, valid, 0.0, True),
        directions,
        lengths,
    )


@njit(cache=True)
def _lines_and_circles(
    z: NDArray[np.complex128],
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    lc: NDArray[np.int32],
    rows: Rows,
    count: int,
    first: int,
) -> tuple[Rows, int]:
    """collinear, concyclic, trapezoid, isosceles, midpoint, kite, centre3, centre4."""
    n = z.shape[0]
    for a in range(n):
        for b in range(a):
            ab = dc[segment[a, b]]
            if ab < 0:
                continue
            for c in range(b):
                ac, bc = dc[segment[a, c]], dc[segment[b, c]]
                if ac < 0 or bc < 0:
                    continue
                if ab == ac and ab == bc:
                    la, lb, lo = abs(z[b] - z[c]), abs(z[a] - z[c]), abs(z[a] - z[b])
                    if la > lb and la > lo:
                        rows, count = _emit(rows, count, first, _COLLINEAR, b, a, c)
                    elif lb > lo:
                        rows, count = _emit(rows, count, first, _COLLINEAR, a, b, c)
                    else:
                        rows, count = _emit(rows, count, first, _COLLINEAR, a, c, b)
                    continue
                u, v = z[b] - z[a], z[c] - z[a]
                twice = 2.0 * (u.real * v.imag - u.imag * v.real)
                if abs(twice) < 1e-9:
                    continue
                uu, vv = abs(u) ** 2, abs(v) ** 2
                centre = z[a] + complex(v.imag * uu - u.imag * vv, u.real * vv - v.real * uu) / twice
                radius = abs(z[a] - centre)
                for d in range(c):
                    if abs(abs(z[d] - centre) - radius) > EPSILON * max(1.0, radius * radius):
                        continue
                    ad, bd, cd = dc[segment[a, d]], dc[segment[b, d]], dc[segment[c, d]]
                    if ad < 0 or bd < 0 or cd < 0:
                        continue
                    rows, count = _emit(rows, count, first, _CONCYCLIC, a, b, c, d)
                    if ab == cd:
                        rows, count = _emit(rows, count, first, _TRAPEZOID, a, b, c, d)
                    if ac == bd:
                        rows, count = _emit(rows, count, first, _TRAPEZOID, a, c, b, d)
                    if ad == bc:
                        rows, count = _emit(rows, count, first, _TRAPEZOID, a, d, b, c)
    for a in range(n):
        for b in range(a):
            if dc[segment[a, b]] < 0:
                continue
            for o in range(n):
                if o == a or o == b:
                    continue
                oa = lc[segment[o, a]]
                if oa < 0 or oa != lc[segment[o, b]]:
                    continue
                if dc[segment[o, a]] == dc[segment[o, b]]:
                    rows, count = _emit(rows, count, first, _MIDPOINT, o, a, b)
                else:
                    rows, count = _emit(rows, count, first, _ISOSCELES, o, a, b)
                for p in range(o):
                    if p != a and p != b and lc[segment[p, a]] >= 0 and lc[segment[p, a]] == lc[segment[p, b]]:
                        if dc[segment[o, p]] >= 0:
                            rows, count = _emit(rows, count, first, _KITE, o, p, a, b)
                for c in range(b):
                    if c == o or lc[segment[o, c]] != oa or dc[segment[a, c]] < 0 or dc[segment[b, c]] < 0:
                        continue
                    rows, count = _emit(rows, count, first, _CENTRE3, o, a, b, c)
                    for d in range(c):
                        if d == o or lc[segment[o, d]] != oa:
                            continue
                        if dc[segment[a, d]] < 0 or dc[segment[b, d]] < 0 or dc[segment[c, d]] < 0:
                            continue
                        rows, count = _emit(rows, count, first, _CENTRE4, o, a, b, c, d)
    return rows, count


@njit(cache=True)
def _perpendiculars(
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    directions: NDArray[np.float64],
    rows: Rows,
    count: int,
    first: int,
) -> tuple[Rows, int]:
    """perpendicular: all pairs of segments in two classes of direction that are half a turn of pi apart."""
    total = dc.shape[0]
    n = segment.shape[0]
    ends = np.empty((total, 2), np.int32)
    for j in range(n):
        for i in range(j):
            ends[segment[i, j], 0], ends[segment[i, j], 1] = i, j
    classes = 0
    for u in range(total):
        classes = max(classes, dc[u] + 1)
    value = np.zeros(classes)
    size = np.zeros(classes + 1, np.int32)
    for u in range(total):
        if dc[u] >= 0:
            value[dc[u]] = directions[u]
            size[dc[u] + 1] += 1
    start = np.cumsum(size)
    fill = start.copy()
    members = np.empty(total, np.int32)
    for u in range(total):
        if dc[u] >= 0:
            members[fill[dc[u]]] = u
            fill[dc[u]] += 1
    order = np.argsort(value)
    j = 0
    for i in order:  # ascending; the partner i + 1/2 ascends as well
        if value[i] >= 0.5:
            break
        while j < classes and value[order[j]] < value[i] + 0.5 - EPSILON:
            j += 1
        if j == classes or value[order[j]] > value[i] + 0.5 + EPSILON:
            continue
        for s in range(start[i], start[i + 1]):
            u = members[s]
            for t in range(start[order[j]], start[order[j] + 1]):
                v = members[t]
                rows, count = _emit(
                    rows, count, first, _PERPENDICULAR, ends[u, 0], ends[u, 1], ends[v, 0], ends[v, 1]
                )
    return rows, count


@njit(cache=True)
def _triangles(
    z: NDArray[np.complex128], segment: NDArray[np.int32], dc: NDArray[np.int32], lengths: NDArray[np.float64]
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """All triangles as (a, b, c, orientation) with |bc| <= |ca| <= |ab|, and (|bc|/|ab|, |ca|/|ab|), by the first."""
    n = z.shape[0]
    most = n * (n - 1) * (n - 2) // 6
    corners = np.empty((most, 4), np.int16)
    shape = np.empty((most, 2))
    count = 0
    for a in range(n):
        for b in range(a):
            ab = segment[a, b]
            if dc[ab] < 0:
                continue
            for c in range(b):
                bc, ca = segment[b, c], segment[c, a]
                if dc[bc] < 0 or dc[ca] < 0 or (dc[ab] == dc[bc] and dc[ab] == dc[ca]):
                    continue
                p, q, r = a, b, c
                x, y, w = lengths[bc], lengths[ca], lengths[ab]  # opposite p, q, r
                if x > y:
                    p, q, x, y = q, p, y, x
                if y > w:
                    q, r, y, w = r, q, w, y
                if x > y:
                    p, q, x, y = q, p, y, x
                u, v = z[q] - z[p], z[r] - z[p]
                corners[count, 0], corners[count, 1], corners[count, 2] = p, q, r
                corners[count, 3] = 1 if u.real * v.imag > u.imag * v.real else -1
                shape[count, 0], shape[count, 1] = x / w, y / w
                count += 1
    order = np.argsort(shape[:count, 0])
    return corners[:count][order], shape[:count][order]


@njit(cache=True)
def _similar(
    corners: NDArray[np.int16], shape: NDArray[np.float64], rows: Rows, count: int, first: int, limit: int
) -> tuple[Rows, int]:
    """Pairs of similar triangles, with every correspondence that fits."""
    total = corners.shape[0]
    for i in range(total):
        a, b, c, turn = corners[i, 0], corners[i, 1], corners[i, 2], corners[i, 3]
        low = shape[i, 1] - shape[i, 0] < EPSILON  # |bc| = |ca|
        high = 1.0 - shape[i, 1] < EPSILON  # |ca| = |ab|
        j = i + 1
        while j < total and shape[j, 0] - shape[i, 0] < EPSILON:
            if abs(shape[j, 1] - shape[i, 1]) < EPSILON and count < limit:
                p, q, r = corners[j, 0], corners[j, 1], corners[j, 2]
                flip = 0 if turn == corners[j, 3] else 1
                if not low and not high:
                    rows, count = _emit(rows, count, first, _SIMILAR + flip, a, b, c, p, q, r)
                else:
                    rows, count = _emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, p, q, r)
                    if low:
                        rows, count = _emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, q, p, r)
                    if high:
                        rows, count = _emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, p, r, q)
                    if low and high:
                        rows, count = _emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, r, q, p)
                        rows, count = _emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, q, r, p)
                        rows, count = _emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, r, p, q)
            j += 1
    return rows, count


@njit(cache=True)
def _coincidences(
    z: NDArray[np.complex128],
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    lc: NDArray[np.int32],
    rows: Rows,
    count: int,
    first: int,
) -> tuple[Rows, int]:
    """For each pair of points that coincide: what could prove it, and what follows from it."""
    n = z.shape[0]
    for x in range(n):
        for y in range(x):
            if dc[segment[x, y]] >= 0:
                continue
            for a in range(n):
                if a == x or a == y or dc[segment[x, a]] < 0:
                    continue
                rows, count = _emit(rows, count, first, _OVERLAP, x, y, a)
                for b in range(n):
                    if b == x or b == y or b == a or dc[segment[x, b]] < 0 or dc[segment[a, b]] < 0:
                        continue
                    if b < a and dc[segment[x, a]] != dc[segment[x, b]]:
                        rows, count = _emit(rows, count, first, _SAME_LINES, x, y, a, b)
                        rows, count = _emit(rows, count, first, _SAME_CENTRES, x, y, a, b)
                    if lc[segment[b, x]] == lc[segment[b, a]]:
                        rows, count = _emit(rows, count, first, _SAME_CHORD, x, y, b, a)
                    u, v = z[a] - z[x], z[b] - z[x]
                    if abs(u.real * v.real + u.imag * v.imag) > 1e-7 * abs(u) * abs(v):
                        rows, count = _emit(rows, count, first, _SAME_LINE_CIRCLE, x, y, b, a)
                    for c in range(b):
                        if c == x or c == y or c == a or dc[segment[x, c]] < 0 or dc[segment[c, b]] < 0:
                            continue
                        if dc[segment[a, c]] < 0:
                            continue
                        ratio = (u / v) * (z[b] - z[c]) / (z[a] - z[c])
                        if abs(ratio.imag) > 1e-7:
                            rows, count = _emit(rows, count, first, _SAME_CIRCLES, x, y, a, b, c)
                        if lc[segment[b, x]] == lc[segment[b, a]] and lc[segment[c, x]] == lc[segment[c, a]]:
                            rows, count = _emit(rows, count, first, _SAME_COMMON, x, y, b, c, a)
    return rows, count


@njit(cache=True)
def match_first(
    z: NDArray[np.complex128],
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    lc: NDArray[np.int32],
    directions: NDArray[np.float64],
    lengths: NDArray[np.float64],
    first: int,
    limit: int,
) -> Rows:
    """The matches of tier 1: int16 [matches, WIDTH], the shape's number and its points."""
    rows = np.empty((4096, WIDTH), np.int16)
    rows, count = _lines_and_circles(z, segment, dc, lc, rows, 0, first)
    rows, count = _perpendiculars(segment, dc, directions, rows, count, first)
    corners, shape = _triangles(z, segment, dc, lengths)
    rows, count = _similar(corners, shape, rows, count, first, limit)
    rows, count = _coincidences(z, segment, dc, lc, rows, count, first)
    return rows[:count]


# --- tier 2 ----------------------------------------------------------------------------------------------------------


@njit(cache=True)
def _pairs_of_sines(
    z: NDArray[np.complex128], corners: NDArray[np.int16], lengths: NDArray[np.float64], segment: NDArray[np.int32],
    rows: Rows, count: int, first: int, limit: int,
) -> tuple[Rows, int]:
    """sines: directed angles equal at one vertex and opposite at another, the triangles not similar."""
    total = corners.shape[0]
    key = np.empty(6 * total)
    other = np.empty(6 * total)
    vertex = np.empty((6 * total, 3), np.int16)
    filled = 0
    for i in range(total):
        p = corners[i, :3]
        for k in range(3):
            for side in range(2):
                a, b, c = p[k], p[(k + 1 + side) % 3], p[(k + 2 - side) % 3]
                # the directed angles (ab, ac) and (ba, bc), modulo pi
                u = (z[c] - z[a]) / (z[b] - z[a])
                v = (z[c] - z[b]) / (z[a] - z[b])
                key[filled] = (math.atan2(u.imag, u.real) / math.pi) % 1.0
                other[filled] = (math.atan2(v.imag, v.real) / math.pi) % 1.0
                vertex[filled, 0], vertex[filled, 1], vertex[filled, 2] = a, b, c
                filled += 1
    order = np.argsort(key)
    for i in range(filled):
        x = order[i]
        j = i - 1
        while j >= 0 and key[x] - key[order[j]] < EPSILON:
            y = order[j]
            turn = (other[x] + other[y]) % 1.0
            if turn < EPSILON or turn > 1.0 - EPSILON:
                right = abs(other[x] - 0.5) < EPSILON or abs(key[x] - 0.5) < EPSILON
                if not right and count < limit and (vertex[x, 0] != vertex[y, 0] or vertex[x, 1] != vertex[y, 1]):
                    rows, count = _emit(
                        rows, count, first, _SINES,
                        vertex[x, 0], vertex[x, 1], vertex[x, 2], vertex[y, 0], vertex[y, 1], vertex[y, 2],
                    )
            j -= 1
    return rows, count


@njit(cache=True)
def _arcs_and_medians(
    tier_1: Rows, n: int, segment: NDArray[np.int32], dc: NDArray[np.int32], lc: NDArray[np.int32],
    rows: Rows, count: int, first: int,
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
                        rows, count = _emit(rows, count, first, _ARC, a, b, m, c)
        elif row[0] == _MIDPOINT:
            m, a, b = row[1], row[2], row[3]
            for p in range(n):
                if p == m or p == a or p == b or dc[segment[p, a]] == dc[segment[a, b]]:
                    continue
                if dc[segment[p, m]] >= 0 and dc[segment[p, a]] >= 0 and dc[segment[p, b]] >= 0:
                    rows, count = _emit(rows, count, first, _MEDIAN, p, a, m, b)
    return rows, count


@njit(cache=True)
def _transversals(
    n: int, tier_1: Rows, segment: NDArray[np.int32], dc: NDArray[np.int32], rows: Rows, count: int, first: int, limit: int
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
                    rows, count = _emit(rows, count, first, _THALES, a, b, c, d, e, f)
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
                                rows, count = _emit(rows, count, first, _MENELAUS, a, b, c, d, e, f)
                            for p in range(amount[a, d]):
                                x = third[a, d, p]
                                if x == b or x == c or x == e or x == f:
                                    continue
                                if dc[segment[b, x]] < 0 or dc[segment[c, x]] < 0:
                                    continue
                                if dc[segment[b, x]] == dc[segment[b, e]] and dc[segment[c, x]] == dc[segment[c, f]]:
                                    rows, count = _emit(rows, count, first, _CEVA, a, b, c, d, e, f, x)
    return rows, count


@njit(cache=True)
def _divisions(z: NDArray[np.complex128], tier_1: Rows, rows: Rows, count: int, first: int, limit: int) -> tuple[Rows, int]:
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
            rows, count = _emit(rows, count, first, _DIVISION, a, p[2], c, d, q[2], f)
    return rows, count


@njit(cache=True)
def _powers(
    z: NDArray[np.complex128], tier_1: Rows, segment: NDArray[np.int32], lc: NDArray[np.int32],
    lengths: NDArray[np.float64], rows: Rows, count: int, first: int, limit: int,
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
            rows, count = _emit(rows, count, first, _POWER, a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3])
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
                    rows, count = _emit(rows, count, first, shape, c[0], c[1], c[2], c[3], a, b)
    return rows, count


@njit(cache=True)
def match_second(
    z: NDArray[np.complex128],
    segment: NDArray[np.int32],
    dc: NDArray[np.int32],
    lc: NDArray[np.int32],
    lengths: NDArray[np.float64],
    tier_1: Rows,
    first: int,
    limit: int,
) -> Rows:
    """The matches of tier 2, from those of tier 1."""
    n = z.shape[0]
    rows = np.empty((1024, WIDTH), np.int16)
    corners, _ = _triangles(z, segment, dc, lengths)
    rows, count = _pairs_of_sines(z, corners, lengths, segment, rows, 0, first, limit)
    rows, count = _arcs_and_medians(tier_1, n, segment, dc, lc, rows, count, first)
    rows, count = _transversals(n, tier_1, segment, dc, rows, count, first, limit)
    rows, count = _divisions(z, tier_1, rows, count, first, limit)
    rows, count = _powers(z, tier_1, segment, lc, lengths, rows, count, first, limit)
    return rows[:count]
