"""The fixpoint: evaluate the premises of all live instances at the generic point, fire, add, until nothing changes.

Compiled. Instances come sorted by shape; those of a shape that still have an unproved slot are kept together. An
instance is looked at again only if one of its unknowns changed since (stamps). Cheap shapes run to rest before the
similar triangles are looked at, and those before the rest. Every equation that was added remembers which instance and
way gave it: that log is all that extract.py needs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.linear import PRIME, System, add, fold
from maieutic.geometry.engine.templates import MAX_SEGMENTS, Templates

HYPOTHESIS, EQUAL = -1, -2
"""In the log, in place of a stage: a hypothesis, and the agreement of tables on equal or rational lengths."""


class Instances(NamedTuple):
    """The matches of a figure, sorted by shape."""

    rows: NDArray[np.int16]  # [instances, 8]
    segments: NDArray[np.int16]  # [instances, MAX_SEGMENTS] numbers of segments
    truth: NDArray[np.int64]  # [instances] the slots known to hold
    seen: NDArray[np.int32]  # [instances] the tick of the last look
    allowed: NDArray[np.int64]  # [instances] the ways that may fire
    alive: NDArray[np.int32]  # [instances] instance numbers, by shape, the live ones first
    start: NDArray[np.int32]  # [shapes + 1]
    left: NDArray[np.int32]  # [shapes] how many are alive


class Equals(NamedTuple):
    """Pairs of segments whose lengths have a rational ratio (or its square has): the tables of lengths must agree."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    which: NDArray[np.int32]  # the ratio's number
    ratio: NDArray[np.int64]  # residue of |first| / |second|, or 0 if only the square is rational
    square: NDArray[np.int64]  # residue of its square
    truth: NDArray[np.int64]
    seen: NDArray[np.int32]


class Equations(NamedTuple):
    """Equations over columns: hypotheses or goals."""

    table: NDArray[np.int16]
    columns: NDArray[np.int32]  # [equations, terms]
    weights: NDArray[np.int64]  # residues
    terms: NDArray[np.int32]


class Log(NamedTuple):
    """Where each added equation came from: (table, stage or HYPOTHESIS or EQUAL, instance, way, slot), and how many."""

    entries: NDArray[np.int32]  # [most, 5]
    state: NDArray[np.int64]  # [entries, tick, stage]


Systems = tuple[System, System, System, System]


@compiled
def instances_of(rows: NDArray[np.int16], segment: NDArray[np.int32], templates: Templates) -> Instances:
    """Sort matches by shape and number their segments."""
    shapes = templates.slot_count.shape[0]
    total = rows.shape[0]
    start = np.zeros(shapes + 1, np.int32)
    for m in range(total):
        start[rows[m, 0] + 1] += 1
    for s in range(shapes):
        start[s + 1] += start[s]
    fill = start.copy()
    ordered = np.empty_like(rows)
    segments = np.empty((total, MAX_SEGMENTS), np.int16)
    for m in range(total):
        s = rows[m, 0]
        at = fill[s]
        fill[s] += 1
        ordered[at] = rows[m]
        for j in range(templates.segment_count[s]):
            a, b = templates.segments[s, j, 0], templates.segments[s, j, 1]
            segments[at, j] = segment[rows[m, 1 + a], rows[m, 1 + b]]
    return Instances(
        ordered,
        segments,
        np.zeros(total, np.int64),
        np.full(total, -1, np.int32),
        np.full(total, -1, np.int64),
        np.arange(total).astype(np.int32),
        start,
        start[1:] - start[:-1],
    )


@compiled
def _slot_holds(points: NDArray[np.int64], s: int, slot: int, segments: NDArray[np.int16], t: Templates) -> bool:
    for k in range(2):
        total = PRIME << 8
        for i in range(t.slot_terms[s, slot]):
            total += t.term_weight[s, slot, i] * points[k, segments[t.term_segment[s, slot, i]]]
        if fold(total) != 0:
            return False
    return True


@compiled
def _log(log: Log, table: int, stage: int, instance: int, way: int, slot: int) -> None:
    entry = log.entries[log.state[0]]
    entry[0], entry[1], entry[2], entry[3], entry[4] = table, stage, instance, way, slot
    log.state[0] += 1
    log.state[1] += 1


@compiled
def _sweep(
    s: int,
    inst: Instances,
    t: Templates,
    systems: Systems,
    log: Log,
    work: NDArray[np.int64],
    support: NDArray[np.int32],
) -> None:
    """Look at every live instance of a shape whose unknowns changed; fire what its slots allow."""
    columns = np.empty(16, np.int32)
    weights = np.empty(16, np.int64)
    slots = t.slot_count[s]
    full = (1 << slots) - 1
    position = inst.start[s]
    end = inst.start[s] + inst.left[s]
    ways = range(t.way_start[s], t.way_start[s + 1])
    while position < end:
        m = inst.alive[position]
        segments = inst.segments[m]
        seen = inst.seen[m]
        fresh = False
        for table in range(4):
            if t.tables[s, table] != 0:
                stamps = systems[table][4]
                for j in range(t.segment_count[s]):
                    if stamps[segments[j]] > seen:
                        fresh = True
                        break
                if fresh:
                    break
        if not fresh:
            position += 1
            continue
        inst.seen[m] = log.state[1]
        truth = inst.truth[m]
        for slot in range(slots):
            if truth >> slot & 1 == 0 and _slot_holds(systems[t.slot_table[s, slot]][1], s, slot, segments, t):
                truth |= 1 << slot
        again = truth != 0 or t.way_needs[t.way_start[s]] == 0
        while again:
            again = False
            for w in ways:
                if t.way_needs[w] & ~truth != 0 or t.way_gives[w] & ~truth == 0:
                    continue
                if inst.allowed[m] >> (w - t.way_start[s]) & 1 == 0:
                    continue
                for slot in range(slots):
                    if t.way_gives[w] & ~truth & (1 << slot) == 0:
                        continue
                    truth |= 1 << slot
                    table = t.slot_table[s, slot]
                    terms = t.slot_terms[s, slot]
                    for i in range(terms):
                        columns[i] = segments[t.term_segment[s, slot, i]]
                        weights[i] = t.term_weight[s, slot, i] % PRIME
                    if add(systems[table], columns, weights, terms, log.state[1] + 1, work, support):
                        _log(log, table, log.state[2], m, w - t.way_start[s], slot)
                again = True
        inst.truth[m] = truth
        if truth == full:
            end -= 1
            inst.alive[position] = inst.alive[end]
            inst.alive[end] = m
            inst.left[s] -= 1
        else:
            position += 1


@compiled
def _equal_sweep(
    equals: Equals, systems: Systems, log: Log, square_table: bool, work: NDArray[np.int64], support: NDArray[np.int32]
) -> None:
    """Where one table of lengths knows a ratio, tell the others."""
    columns = np.empty(2, np.int32)
    weights = np.empty(2, np.int64)
    full = 7 if square_table else 3
    for m in range(equals.first.shape[0]):
        truth = equals.truth[m]
        if truth == full:
            continue
        u, v = equals.first[m], equals.second[m]
        newest = 0
        for table in range(1, 4):
            newest = max(newest, max(systems[table][4][u], systems[table][4][v]))
        if newest <= equals.seen[m]:
            continue
        equals.seen[m] = log.state[1]
        for table in range(1, 4):
            if truth >> (table - 1) & 1 or full >> (table - 1) & 1 == 0:
                continue
            factor = 1 if table == 1 else (equals.ratio[m] if table == 2 else equals.square[m])
            points = systems[table][1]
            if factor == 0 or (
                points[0, u] == fold(factor * points[0, v]) and points[1, u] == fold(factor * points[1, v])
            ):
                truth |= 1 << (table - 1)
        if equals.ratio[m] == 0 and truth == 2:  # only the square is rational: the length table knows nothing
            continue
        if truth != 0 and truth != full:
            known = 1 if truth & 1 else (2 if truth & 2 and equals.ratio[m] != 0 else 3)
            for table in range(1, 4):
                if truth >> (table - 1) & 1 or full >> (table - 1) & 1 == 0:
                    continue
                columns[0], columns[1] = u, v
                weights[0] = 1
                factor = 1 if table == 1 else (equals.ratio[m] if table == 2 else equals.square[m])
                weights[1] = PRIME - factor
                if add(systems[table], columns, weights, 2, log.state[1] + 1, work, support):
                    _log(log, table, EQUAL, m, known, table - 1)
            truth = full
        equals.truth[m] = truth


@compiled
def assume(equations: Equations, systems: Systems, log: Log, what: int, number: int) -> None:
    """Add equations, in order; logged as `what`, numbered from `number`."""
    most = 0
    for table in range(4):
        most = max(most, systems[table][0].shape[0])
    work = np.empty(most, np.int64)
    support = np.empty(most, np.int32)
    for i in range(equations.table.shape[0]):
        table = equations.table[i]
        system = systems[table]
        if add(system, equations.columns[i], equations.weights[i], equations.terms[i], log.state[1] + 1, work, support):
            _log(log, table, what, number + i, 0, 0)


@compiled
def all_hold(equations: Equations, systems: Systems) -> bool:
    """Whether every equation follows from the tables."""
    for i in range(equations.table.shape[0]):
        points = systems[equations.table[i]][1]
        for k in range(2):
            total = 0
            for j in range(equations.terms[i]):
                total += fold(equations.weights[i, j] * points[k, equations.columns[i, j]])
            if total % PRIME != 0:
                return False
    return True


@compiled
def run(
    inst: Instances,
    equals: Equals,
    goal: Equations,
    systems: Systems,
    log: Log,
    t: Templates,
    order: NDArray[np.int32],
    square_table: bool,
    most: int,
) -> int:
    """To the fixpoint, or to the goal: 1 if the goal holds, 0 if nothing changes any more, 2 after `most` equations.

    `order` lists the shapes by cost, -1 standing for equal lengths; whenever something changed, it starts anew.
    """
    largest = 0
    for table in range(4):
        largest = max(largest, systems[table][0].shape[0])
    work = np.empty(largest, np.int64)
    support = np.empty(largest, np.int32)
    wanted = goal.table.shape[0] > 0
    if wanted and all_hold(goal, systems):
        return 1
    step = 0
    while step < order.shape[0]:
        before = log.state[1]
        s = order[step]
        if s < 0:
            _equal_sweep(equals, systems, log, square_table, work, support)
        elif inst.left[s] > 0:
            _sweep(s, inst, t, systems, log, work, support)
        step += 1
        if log.state[1] != before:
            if wanted and all_hold(goal, systems):
                return 1
            if log.state[0] > most:
                return 2
            step = 0
    return 0
