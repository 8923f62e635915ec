"""Shapes: where on a figure a rule could apply. Found once, on the coordinates, as rows of point indices.

A shape is a configuration that numbers can see (collinear triples, concyclic quadruples, similar triangles, ...).
Every rule names the shapes on which it is tried; a match claims nothing: the rule's premises must still be proved.
All shapes are found by one compiled pass for each tier: tier 1 is cheap and proves most, tier 2 (second_tier.py) is
matched when tier 1 has come to rest.

`first` restricts the matches to those that touch a point with index `first` or higher.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.classes import EPSILON, Measures
from maieutic.geometry.engine.compiled import compiled

SHAPES: dict[str, int] = {
    "collinear": 3,
    "between": 3,  # a b c on a line, b between a and c
    "concyclic": 4,
    "perpendicular": 4,  # ab, cd
    "isosceles": 3,  # o a b, |oa| = |ob|, not collinear
    "midpoint": 3,  # m a b
    "kite": 4,  # o p a b: o and p equidistant from a and b
    "centre3": 4,  # o a b c
    "centre4": 5,  # o a b c d
    "chords": 5,  # o a b c d: points at one distance from o, ab and cd not parallel
    "trapezoid": 4,  # a b c d concyclic, ab parallel to cd
    "rectangle": 4,  # the same, with another pair of parallel sides
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
MOST_ROWS = 600_000
"""Matches kept of one tier: a figure with so many is a lattice or one large circle, and has no use for the rest."""
WIDTH = 9  # the shape's number and up to eight points

_COLLINEAR = ID["collinear"]
_BETWEEN = ID["between"]
_CONCYCLIC = ID["concyclic"]
_PERPENDICULAR = ID["perpendicular"]
_ISOSCELES = ID["isosceles"]
_MIDPOINT = ID["midpoint"]
_KITE = ID["kite"]
_CENTRE3 = ID["centre3"]
_CENTRE4 = ID["centre4"]
_CHORDS = ID["chords"]
_TRAPEZOID = ID["trapezoid"]
_RECTANGLE = ID["rectangle"]
_SIMILAR = ID["similar_same"]
_OVERLAP = ID["overlap"]
_SAME_LINES = ID["same_lines"]
_SAME_CIRCLES = ID["same_circles"]
_SAME_CHORD = ID["same_chord"]
_SAME_LINE_CIRCLE = ID["same_line_circle"]
_SAME_CENTRES = ID["same_centres"]
_SAME_COMMON = ID["same_common"]

Rows = NDArray[np.int16]


@compiled
def _grow(rows: Rows) -> Rows:
    larger = np.empty((2 * rows.shape[0], WIDTH), np.int16)
    larger[: rows.shape[0]] = rows
    return larger


@compiled
def emit(
    rows: Rows,
    count: int,
    first: int,
    shape: int,
    a: int,
    b: int,
    c: int,
    d: int = -1,
    e: int = -1,
    f: int = -1,
    g: int = -1,
    h: int = -1,
) -> tuple[Rows, int]:
    """Append a match unless it is old, or there are too many; the new buffer and count."""
    if count >= MOST_ROWS:
        return rows, count
    if max(max(max(a, b), max(c, d)), max(max(e, f), max(g, h))) < first:
        return rows, count
    if count == rows.shape[0]:
        rows = _grow(rows)
    row = rows[count]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8] = shape, a, b, c, d, e, f, g, h
    return rows, count + 1


@compiled
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
                    p, q, r = a, b, c
                    if la > lb and la > lo:
                        p, q = b, a
                    elif lo >= lb:
                        q, r = c, b
                    rows, count = emit(rows, count, first, _COLLINEAR, p, q, r)
                    rows, count = emit(rows, count, first, _BETWEEN, p, q, r)
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
                    rows, count = emit(rows, count, first, _CONCYCLIC, a, b, c, d)
                    pairs = (1 if ab == cd else 0) + (1 if ac == bd else 0) + (1 if ad == bc else 0)
                    kind = _TRAPEZOID if pairs == 1 else _RECTANGLE
                    if ab == cd:
                        rows, count = emit(rows, count, first, kind, a, b, c, d)
                    if ac == bd:
                        rows, count = emit(rows, count, first, kind, a, c, b, d)
                    if ad == bc:
                        rows, count = emit(rows, count, first, kind, a, d, b, c)
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
                    rows, count = emit(rows, count, first, _MIDPOINT, o, a, b)
                else:
                    rows, count = emit(rows, count, first, _ISOSCELES, o, a, b)
                for p in range(o):
                    pa = lc[segment[p, a]]  # -1 if p is a
                    if pa >= 0 and pa == lc[segment[p, b]] and dc[segment[o, p]] >= 0:
                        rows, count = emit(rows, count, first, _KITE, o, p, a, b)
                for c in range(b):
                    if c == o or lc[segment[o, c]] != oa or dc[segment[a, c]] < 0 or dc[segment[b, c]] < 0:
                        continue
                    rows, count = emit(rows, count, first, _CENTRE3, o, a, b, c)
                    for d in range(c):
                        if d == o or lc[segment[o, d]] != oa:
                            continue
                        if dc[segment[a, d]] < 0 or dc[segment[b, d]] < 0 or dc[segment[c, d]] < 0:
                            continue
                        rows, count = emit(rows, count, first, _CENTRE4, o, a, b, c, d)
                        if dc[segment[a, b]] != dc[segment[c, d]]:
                            rows, count = emit(rows, count, first, _CHORDS, o, a, b, c, d)
                        if dc[segment[a, c]] != dc[segment[b, d]]:
                            rows, count = emit(rows, count, first, _CHORDS, o, a, c, b, d)
                        if dc[segment[a, d]] != dc[segment[b, c]]:
                            rows, count = emit(rows, count, first, _CHORDS, o, a, d, b, c)
    return rows, count


@compiled
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
                rows, count = emit(rows, count, first, _PERPENDICULAR, ends[u, 0], ends[u, 1], ends[v, 0], ends[v, 1])
    return rows, count


@compiled
def triangles(
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


@compiled
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
                    rows, count = emit(rows, count, first, _SIMILAR + flip, a, b, c, p, q, r)
                else:
                    rows, count = emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, p, q, r)
                    if low:
                        rows, count = emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, q, p, r)
                    if high:
                        rows, count = emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, p, r, q)
                    if low and high:
                        rows, count = emit(rows, count, first, _SIMILAR + 3 - flip, a, b, c, r, q, p)
                        rows, count = emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, q, r, p)
                        rows, count = emit(rows, count, first, _SIMILAR + 2 + flip, a, b, c, r, p, q)
            j += 1
    return rows, count


@compiled
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
                rows, count = emit(rows, count, first, _OVERLAP, x, y, a)
                for b in range(n):
                    if b == x or b == y or b == a or dc[segment[x, b]] < 0 or dc[segment[a, b]] < 0:
                        continue
                    if b < a and dc[segment[x, a]] != dc[segment[x, b]]:
                        rows, count = emit(rows, count, first, _SAME_LINES, x, y, a, b)
                        rows, count = emit(rows, count, first, _SAME_CENTRES, x, y, a, b)
                    if lc[segment[b, x]] == lc[segment[b, a]]:
                        rows, count = emit(rows, count, first, _SAME_CHORD, x, y, b, a)
                    u, v = z[a] - z[x], z[b] - z[x]
                    if abs(u.real * v.real + u.imag * v.imag) > 1e-7 * abs(u) * abs(v):
                        rows, count = emit(rows, count, first, _SAME_LINE_CIRCLE, x, y, b, a)
                    for c in range(b):
                        if c == x or c == y or c == a or dc[segment[x, c]] < 0 or dc[segment[c, b]] < 0:
                            continue
                        if dc[segment[a, c]] < 0:
                            continue
                        ratio = (u / v) * (z[b] - z[c]) / (z[a] - z[c])
                        if abs(ratio.imag) > 1e-7:
                            rows, count = emit(rows, count, first, _SAME_CIRCLES, x, y, a, b, c)
                        if lc[segment[b, x]] == lc[segment[b, a]] and lc[segment[c, x]] == lc[segment[c, a]]:
                            rows, count = emit(rows, count, first, _SAME_COMMON, x, y, b, c, a)
    return rows, count


@compiled
def match_first(measures: Measures, first: int, limit: int) -> Rows:
    """The matches of tier 1: int16 [matches, WIDTH], the shape's number and its points."""
    z, segment, dc, lc, directions, lengths = measures
    rows = np.empty((4096, WIDTH), np.int16)
    rows, count = _lines_and_circles(z, segment, dc, lc, rows, 0, first)
    rows, count = _perpendiculars(segment, dc, directions, rows, count, first)
    corners, shape = triangles(z, segment, dc, lengths)
    rows, count = _similar(corners, shape, rows, count, first, limit)
    rows, count = _coincidences(z, segment, dc, lc, rows, count, first)
    return rows[:count]
