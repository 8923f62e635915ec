"""Sines as unknowns: the law of sines in every triangle, on classes of angles already proved equal.

log |sin| of the angle between two lines through a point joins the table of log-lengths; each triangle gives two
equations. Over all triangles that is thousands of unknowns, so: angles proved equal or supplementary share an
unknown; triangles proved similar count once; and an unknown that only one triangle mentions says nothing, which,
applied until nothing changes, leaves few. The unknown of a class is named after its first angle. What the table then
knows flows back: classes with equal sines are angles equal or supplementary, and the figure tells which; a sine that
is known is an angle that is known. Run last, when everything cheaper has come to rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.classes import Measures
from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.fixpoint import Log
from maieutic.geometry.engine.linear import PRIME, System, add, extended
from maieutic.geometry.trusted.predicates import Equation, equations
from maieutic.geometry.trusted.records import Fact

LAW, KNOWN, EQUAL_ANGLES, ANGLE = -3, -4, -5, -6
"""In the log, in place of a stage: a law of sines, a known sine, angles from equal sines, an angle from its sine."""

DEGREES = (30, 45, 60, 90)
SQUARES = {30: Fraction(1, 4), 45: Fraction(1, 2), 60: Fraction(3, 4), 90: Fraction(1)}
CLOSE = 1e-8
MOST_UNKNOWNS = 3000
"""A larger table of log-lengths would take more memory (4 bytes for each pair of unknowns) than it is worth."""


class Angles(NamedTuple):
    """The angles of all triangles, by class."""

    triangles: NDArray[np.int16]  # [triangles, 3]
    arms: NDArray[np.int16]  # [triangles, 3, 3] vertex and arms, in the order that makes the turn at most a right angle
    kind: NDArray[np.int32]  # [triangles, 3] class of each angle
    first: NDArray[np.int32]  # [classes] 3 * triangle + corner of the first angle
    turn: NDArray[np.float64]  # [classes] the angle in units of pi, at most 1/2
    constant: NDArray[np.bool_]  # [classes] whether the angle is known


@compiled
def _classify(
    z: NDArray[np.complex128], segment: NDArray[np.int32], dc: NDArray[np.int32], direction: System
) -> Angles:
    """All angles of triangles, in classes of angles proved equal (or, with arms swapped, supplementary)."""
    n = z.shape[0]
    points = direction[1]
    most = n * (n - 1) * (n - 2) // 6
    triangles = np.empty((most, 3), np.int16)
    arms = np.empty((most, 3, 3), np.int16)
    turn = np.empty(3 * most)
    value = np.empty((3 * most, 2), np.int64)
    total = 0
    for a in range(n):
        for b in range(a):
            for c in range(b):
                ab, bc, ca = dc[segment[a, b]], dc[segment[b, c]], dc[segment[c, a]]
                if ab < 0 or bc < 0 or ca < 0 or (ab == bc and ab == ca):
                    continue
                triangles[total, 0], triangles[total, 1], triangles[total, 2] = a, b, c
                for k in range(3):
                    o, p, q = triangles[total, k], triangles[total, (k + 1) % 3], triangles[total, (k + 2) % 3]
                    ratio = (z[p] - z[o]) / (z[q] - z[o])
                    x = (math.atan2(ratio.imag, ratio.real) / math.pi) % 1.0  # from oq to op
                    if x > 0.5 + CLOSE:
                        p, q, x = q, p, 1.0 - x
                    arms[total, k, 0], arms[total, k, 1], arms[total, k, 2] = o, p, q
                    i = 3 * total + k
                    turn[i] = x
                    for j in range(2):
                        value[i, j] = (points[j, segment[o, p]] - points[j, segment[o, q]]) % PRIME
                total += 1
    kind = np.full(3 * total, -1, np.int32)
    order = np.argsort(turn[: 3 * total])
    first = np.empty(3 * total, np.int32)
    size = 0
    begin = 0  # classes from here on have the present turn
    previous = -1.0
    for i in order:
        if turn[i] - previous > CLOSE:
            begin = size
        previous = turn[i]
        right = abs(turn[i] - 0.5) < CLOSE
        found = -1
        for c in range(begin, size):
            f = first[c]
            same = value[f, 0] == value[i, 0] and value[f, 1] == value[i, 1]
            if right and not same:
                same = (value[f, 0] + value[i, 0]) % PRIME == 0 and (value[f, 1] + value[i, 1]) % PRIME == 0
                if same:
                    t, k = i // 3, i % 3
                    arms[t, k, 1], arms[t, k, 2] = arms[t, k, 2], arms[t, k, 1]
                    value[i] = value[f]
            if same:
                found = c
                break
        if found < 0:
            found = size
            first[size] = i
            size += 1
        kind[i] = found
    turns = np.empty(size)
    constant = np.empty(size, np.bool_)
    for c in range(size):
        turns[c] = turn[first[c]]
        constant[c] = value[first[c], 0] == 0 and value[first[c], 1] == 0
    return Angles(triangles[:total], arms[:total], kind.reshape(total, 3), first[:size], turns, constant)


@compiled
def _chosen(angles: Angles, nice: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which triangles and which classes can say something: a class that two triangles mention, or whose angle is known,
    or could become known (`nice`, in degrees, or equal to another class on the figure)."""
    total = angles.kind.shape[0]
    size = angles.first.shape[0]
    key = np.empty(total, np.int64)
    for t in range(total):
        a, b, c = angles.kind[t, 0], angles.kind[t, 1], angles.kind[t, 2]
        low, high = min(a, min(b, c)), max(a, max(b, c))
        key[t] = (low * size + (a + b + c - low - high)) * size + high
    order = np.argsort(key)
    used = np.zeros(total, np.bool_)
    for i in range(total):
        used[order[i]] = i == 0 or key[order[i]] != key[order[i - 1]]
    count = np.zeros(size, np.int32)
    for t in range(total):
        if used[t]:
            for k in range(3):
                count[angles.kind[t, k]] += 1
    kept = np.empty(size, np.bool_)
    changed = True
    while changed:
        changed = False
        for c in range(size):
            twin = (c > 0 and angles.turn[c] - angles.turn[c - 1] < CLOSE) or (
                c + 1 < size and angles.turn[c + 1] - angles.turn[c] < CLOSE
            )
            kept[c] = count[c] >= 2 or angles.constant[c] or (count[c] == 1 and (twin or nice[c] > 0))
        for t in range(total):
            if not used[t]:
                continue
            ways = 0
            for k in range(3):
                if kept[angles.kind[t, k]]:
                    ways += 1
            if ways < 2:
                used[t] = False
                changed = True
                for k in range(3):
                    count[angles.kind[t, k]] -= 1
    return used, kept


@compiled
def _add_laws(
    angles: Angles,
    used: NDArray[np.bool_],
    column: NDArray[np.int32],
    known: NDArray[np.bool_],
    system: System,
    segment: NDArray[np.int32],
    log: Log,
    base: int,
) -> tuple[NDArray[np.int16], int]:
    """Add the known sines and the laws of the chosen triangles; rows (triangle, corner, corner) of what was added."""
    unknowns = system[0].shape[0]
    work = np.empty(unknowns, np.int64)
    support = np.empty(unknowns, np.int32)
    columns = np.empty(4, np.int32)
    weights = np.empty(4, np.int64)
    rows = np.empty((2 * angles.kind.shape[0] + angles.first.shape[0], 3), np.int16)
    count = 0
    for c in range(angles.first.shape[0]):
        if known[c] and column[c] > 0:
            columns[0], weights[0] = column[c], 1
            if add(system, columns, weights, 1, log.state[1] + 1, work, support):
                rows[count, 0], rows[count, 1], rows[count, 2] = angles.first[c] // 3, angles.first[c] % 3, -1
                _note(log, 1, KNOWN, base + count)
                count += 1
    for t in range(angles.kind.shape[0]):
        if not used[t]:
            continue
        last = -1
        for k in range(3):
            if column[angles.kind[t, k]] == 0:
                continue
            if last >= 0:
                a, b, c = angles.triangles[t, last], angles.triangles[t, k], angles.triangles[t, 3 - last - k]
                columns[0], weights[0] = segment[b, c], 1
                columns[1], weights[1] = segment[a, c], PRIME - 1
                columns[2], weights[2] = column[angles.kind[t, last]], PRIME - 1
                columns[3], weights[3] = column[angles.kind[t, k]], 1
                if add(system, columns, weights, 4, log.state[1] + 1, work, support):
                    rows[count, 0], rows[count, 1], rows[count, 2] = t, last, k
                    _note(log, 1, LAW, base + count)
                    count += 1
            last = k
    return rows[:count], count


@compiled
def _note(log: Log, table: int, what: int, index: int) -> None:
    if log.state[0] < log.entries.shape[0]:
        entry = log.entries[log.state[0]]
        entry[0], entry[1], entry[2], entry[3], entry[4] = table, what, index, 0, 0
        log.state[0] += 1
    log.state[1] += 1


@compiled
def _add_angles(
    angles: Angles,
    column: NDArray[np.int32],
    nice: NDArray[np.int32],
    logs: System,
    direction: System,
    segment: NDArray[np.int32],
    log: Log,
    base: int,
) -> NDArray[np.int16]:
    """Angles that follow from equal or known sines; rows (class, class or -1)."""
    unknowns = direction[0].shape[0]
    work = np.empty(unknowns, np.int64)
    support = np.empty(unknowns, np.int32)
    columns = np.empty(4, np.int32)
    weights = np.empty(4, np.int64)
    size = angles.first.shape[0]
    rows = np.empty((2 * size, 2), np.int16)
    count = 0
    for c in range(size):  # classes ascend by angle
        if column[c] == 0:
            continue
        f = angles.first[c]
        o, p, q = angles.arms[f // 3, f % 3, 0], angles.arms[f // 3, f % 3, 1], angles.arms[f // 3, f % 3, 2]
        columns[0], weights[0] = segment[o, p], 1
        columns[1], weights[1] = segment[o, q], PRIME - 1
        x, y = logs[1][0, column[c]], logs[1][1, column[c]]
        known = nice[c] > 0 and not angles.constant[c] and x == 0 and y == 0
        if known and add(direction, columns, weights, 2, log.state[1] + 1, work, support):
            rows[count, 0], rows[count, 1] = c, -1
            _note(log, 0, ANGLE, base + count)
            count += 1
        if abs(angles.turn[c] - 0.5) < CLOSE:
            continue  # a right angle: "equal" and "supplementary" are one, and the figure cannot tell them apart
        d = c + 1
        while d < size and angles.turn[d] - angles.turn[c] < CLOSE:
            if column[d] > 0 and logs[1][0, column[d]] == x and logs[1][1, column[d]] == y:
                g = angles.first[d]
                s, t = g // 3, g % 3
                columns[2], weights[2] = segment[angles.arms[s, t, 0], angles.arms[s, t, 1]], PRIME - 1
                columns[3], weights[3] = segment[angles.arms[s, t, 0], angles.arms[s, t, 2]], 1
                if add(direction, columns, weights, 4, log.state[1] + 1, work, support):
                    rows[count, 0], rows[count, 1] = c, d
                    _note(log, 0, EQUAL_ANGLES, base + count)
                    count += 1
                break
            d += 1
    return rows[:count]


@dataclass(frozen=True)
class SineItem:
    """An added equation in terms that a proof can state.

    `parts` are facts, which of their equations, and a weight each: the weighted sum is the added equation. `steps`
    say how each part is concluded: rule, points, and the premise (a fact and the equation by which it is known).
    """

    parts: tuple[tuple[Fact, int, int], ...]
    steps: tuple[tuple[str, tuple[str, ...], tuple[tuple[Fact, Equation], ...]], ...]


def _arms_fact(predicate: str, *angles: tuple[str, ...]) -> Fact:
    if predicate == "eqsine":
        return Fact("eqsine", tuple(p for angle in angles for p in angle))
    return Fact("eqangle", tuple(p for o, a, b in angles for p in (o, a, o, b)))


def _oriented(angles: Angles, place: int, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(names[p] for p in angles.arms[place // 3, place % 3])


def _law_item(angles: Angles, row: NDArray[np.int16], names: tuple[str, ...]) -> SineItem:
    t, i, j = (int(x) for x in row)
    corners = tuple(names[p] for p in angles.triangles[t])
    triangle = (corners[i], corners[j], corners[3 - i - j])
    parts = [(Fact("sinelaw", triangle), 0, 1)]
    steps: list[tuple[str, tuple[str, ...], tuple[tuple[Fact, Equation], ...]]] = [("sine_law", triangle, ())]
    for corner, weight in ((i, 1), (j, -1)):
        own = _oriented(angles, 3 * t + corner, names)
        first = _oriented(angles, int(angles.first[angles.kind[t, corner]]), names)
        if own != first:
            equal = _arms_fact("eqangle", own, first)
            parts.append((_arms_fact("eqsine", own, first), 0, weight))
            steps.append(("equal_sines", own + first, ((equal, equations(equal)[0]),)))
    return SineItem(tuple(parts), tuple(steps))


def _value_facts(
    angles: Angles, place: int, kind: int, names: tuple[str, ...]
) -> tuple[int, Fact, Fact, tuple[str, ...]]:
    degrees = round(float(angles.turn[kind]) * 180)
    o, a, b = points = _oriented(angles, place, names)
    return (
        degrees,
        Fact("aconst", (o, a, o, b), (Fraction(degrees),)),
        Fact("sinesq", points, (SQUARES[degrees],)),
        points,
    )


class SinePass(NamedTuple):
    """What one pass added: the angles as they were classified, and rows in the order of the log, from `base` on."""

    angles: Angles
    laws: NDArray[np.int16]
    back: NDArray[np.int16]
    base: int

    @property
    def end(self) -> int:
        """The number after its last item."""
        return self.base + len(self.laws) + len(self.back)

    def item(self, index: int, names: tuple[str, ...]) -> SineItem:
        """The added equation with a number of the log, in terms that a proof can state."""
        index -= self.base
        angles = self.angles
        if index < len(self.laws):
            row = self.laws[index]
            if row[2] >= 0:
                return _law_item(angles, row, names)
            place = 3 * int(row[0]) + int(row[1])
            degrees, value, square, points = _value_facts(angles, place, int(angles.kind[row[0], row[1]]), names)
            return SineItem(((square, 0, 1),), ((f"sine_{degrees}", points, ((value, equations(value)[0]),)),))
        c, d = (int(x) for x in self.back[index - len(self.laws)])
        place = int(angles.first[c])
        if d < 0:
            degrees, value, square, points = _value_facts(angles, place, c, names)
            step = (f"sine_{degrees}_converse", points, ((square, equations(square)[0]),))
            return SineItem(((value, 0, 1),), (step,))
        one, two = _oriented(angles, place, names), _oriented(angles, int(angles.first[d]), names)
        sines, equal = _arms_fact("eqsine", one, two), _arms_fact("eqangle", one, two)
        return SineItem(((equal, 0, 1),), (("equal_sines_converse", one + two, ((sines, equations(sines)[0]),)),))


def run_sines(
    measures: Measures, direction: System, logs: System, log: Log, base: int
) -> tuple[System, SinePass | None]:
    """One pass: laws and known sines into the table of log-lengths, angles back. The new table, and what was added.

    None if the table would have more than MOST_UNKNOWNS unknowns.
    """
    segment = measures.segment
    angles = _classify(measures.z, segment, measures.direction_class, direction)
    nice = np.zeros(len(angles.turn), np.int32)
    for degrees in DEGREES:
        nice[np.abs(angles.turn - degrees / 180) < CLOSE] = degrees
    used, kept = _chosen(angles, nice)
    size = logs[0].shape[0]
    mentioned = np.zeros(len(kept), np.bool_)
    mentioned[angles.kind[used]] = True
    live = kept & mentioned
    if size + int(live.sum()) > MOST_UNKNOWNS:
        return logs, None
    column = np.zeros(len(kept), np.int32)
    column[live] = size + np.arange(int(live.sum()), dtype=np.int32)
    logs = extended(logs, size, size + int(live.sum()), 31 + size)
    laws, count = _add_laws(angles, used, column, angles.constant & (nice > 0), logs, segment, log, base)
    back = _add_angles(angles, column, nice, logs, direction, segment, log, base + count)
    return logs, SinePass(angles, laws, back, base)
