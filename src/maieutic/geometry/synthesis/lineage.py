"""Lineage: which equations of a closure's log a fact rests on, for many facts at once and without writing a proof.

The logged equations of a table are independent, so every fact is one combination of them (certificates.py), and so is
every premise of the instances that gave them. Here only the supports of these combinations are wanted: each table is
inverted once modulo the prime, and ancestors are sets of bits. That costs about a millisecond a figure, and tells of
every fact how long its proof may be and which hypotheses and points it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.fixpoint import EQUAL, HYPOTHESIS, Equals, Equations, Instances
from maieutic.geometry.engine.linear import PRIME, fold
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.engine.templates import MAX_TERMS, Templates, templates
from maieutic.geometry.proofs.certificates import invert_rows
from maieutic.geometry.trusted.predicates import equations
from maieutic.geometry.trusted.records import Fact


@dataclass(frozen=True)
class Lineage:
    """Of some facts: how many logged equations that are no hypotheses each rests on, which hypotheses, which points."""

    entries: NDArray[np.bool_]  # [facts, entries of the log]
    steps: NDArray[np.int64]  # [facts]
    hypotheses: NDArray[np.bool_]  # [facts, closure.assumed]
    points: NDArray[np.bool_]  # [facts, closure.points]


def lineage(closure: Closure, wanted: Sequence[Fact]) -> Lineage:
    """What facts that follow from a closure (one without sines) rest on, each by the first of its equations."""
    entries = closure.log.entries[: closure.size]
    assert closure.equals is not None
    given = closure.pack([equations(fact)[which] for fact, which in closure.assumed])
    added = _empty(len(entries))
    needed = _empty(len(entries) * 16)
    owner = np.zeros(len(entries) * 16, np.int64)
    touched = np.zeros((len(entries), len(closure.points)), np.bool_)
    t = templates(closure.options.square_table, closure.options.rules)
    count = _read_simple(entries, given, closure.equals, added, needed, owner)
    for number, stage in enumerate(closure.stages):
        count = _read_instances(entries, number, stage, t, added, needed, owner, count, touched)
    for place, (_, stage_number, instance, _, _) in enumerate(entries.tolist()):
        if stage_number == HYPOTHESIS:
            touched[place, [closure.names[p] for p in closure.assumed[instance][0].points]] = True
        elif stage_number == EQUAL:
            for side in (closure.equals.first, closure.equals.second):
                touched[place, [closure.names[p] for p in closure.ends[int(side[instance])]]] = True
    goals = closure.pack([equations(fact)[0] for fact in wanted])
    ancestors = _ancestors(added, needed, owner, count, goals, closure.systems[0][0].shape[0])
    is_given = entries[:, 1] == HYPOTHESIS
    used = np.zeros((len(wanted), len(closure.assumed)), np.bool_)
    used[:, entries[is_given, 2]] = ancestors[:, is_given]
    return Lineage(ancestors, ancestors[:, ~is_given].sum(axis=1), used, ancestors @ touched)


def _empty(count: int) -> Equations:
    return Equations(
        np.zeros(count, np.int16),
        np.zeros((count, MAX_TERMS), np.int32),
        np.zeros((count, MAX_TERMS), np.int64),
        np.zeros(count, np.int32),
    )


@compiled
def _read_simple(
    entries: NDArray[np.int32],
    given: Equations,
    equals: Equals,
    added: Equations,
    needed: Equations,
    owner: NDArray[np.int64],
) -> int:
    """The equations of hypotheses and of equal lengths, and the premises of the latter; gives their number."""
    count = 0
    for e in range(entries.shape[0]):
        table, stage, instance, known = entries[e, 0], entries[e, 1], entries[e, 2], entries[e, 3]
        added.table[e] = table
        if stage == HYPOTHESIS:
            added.terms[e] = given.terms[instance]
            for i in range(given.terms[instance]):
                added.columns[e, i] = given.columns[instance, i]
                added.weights[e, i] = given.weights[instance, i]
        elif stage == EQUAL:
            _ratio(added, e, table, equals, instance)
            owner[count] = e
            _ratio(needed, count, known, equals, instance)
            count += 1
    return count


@compiled
def _ratio(into: Equations, place: int, table: int, equals: Equals, instance: int) -> None:
    factor = 1 if table == 1 else (equals.ratio[instance] if table == 2 else equals.square[instance])
    into.table[place] = table
    into.terms[place] = 2
    into.columns[place, 0] = equals.first[instance]
    into.columns[place, 1] = equals.second[instance]
    into.weights[place, 0] = 1
    into.weights[place, 1] = PRIME - factor


@compiled
def _read_instances(
    entries: NDArray[np.int32],
    number: int,
    stage: Instances,
    t: Templates,
    added: Equations,
    needed: Equations,
    owner: NDArray[np.int64],
    count: int,
    touched: NDArray[np.bool_],
) -> int:
    """The equations that a stage's instances gave, and their premises; gives the number of premises so far."""
    for e in range(entries.shape[0]):
        if entries[e, 1] != number:
            continue
        instance = entries[e, 2]
        row = stage.rows[instance]
        for j in range(1, row.shape[0]):
            if row[j] >= 0:
                touched[e, row[j]] = True
        s = row[0]
        _slot(added, e, s, entries[e, 4], stage.segments[instance], t)
        needs = t.way_needs[t.way_start[s] + entries[e, 3]]
        for slot in range(t.slot_count[s]):
            if needs >> slot & 1:
                owner[count] = e
                _slot(needed, count, s, slot, stage.segments[instance], t)
                count += 1
    return count


@compiled
def _slot(into: Equations, place: int, s: int, slot: int, segments: NDArray[np.int32], t: Templates) -> None:
    into.table[place] = t.slot_table[s, slot]
    into.terms[place] = t.slot_terms[s, slot]
    for i in range(t.slot_terms[s, slot]):
        into.columns[place, i] = segments[t.term_segment[s, slot, i]]
        into.weights[place, i] = t.term_weight[s, slot, i] % PRIME


@compiled
def _ancestors(
    added: Equations, needed: Equations, owner: NDArray[np.int64], count: int, goals: Equations, unknowns: int
) -> NDArray[np.bool_]:
    """[goals, entries] which entries each goal rests on."""
    total = added.table.shape[0]
    ancestors = np.zeros((total, total), np.bool_)
    members = np.zeros((4, total), np.int64)
    sizes = np.zeros(4, np.int64)
    for e in range(total):
        members[added.table[e], sizes[added.table[e]]] = e
        sizes[added.table[e]] += 1
    most = sizes.max() + 1
    pivots = np.full((4, most), -1, np.int64)
    inverses = np.zeros((4, most, most), np.int64)
    for table in range(4):
        size = sizes[table]
        rows = np.zeros((size, unknowns), np.int64)
        for i in range(size):
            e = members[table, i]
            for j in range(added.terms[e]):
                rows[i, added.columns[e, j]] = (rows[i, added.columns[e, j]] + added.weights[e, j]) % PRIME
        rows[:, 0] = 0
        found, inverse = invert_rows(rows)
        pivots[table, :size] = found
        inverses[table, :size, :size] = inverse
    of_premise = np.argsort(owner[:count])
    position = 0
    for e in range(total):
        ancestors[e, e] = True
        while position < count and owner[of_premise[position]] == e:
            _support(needed, of_premise[position], members, sizes, pivots, inverses, unknowns, ancestors, ancestors[e])
            position += 1
    result = np.zeros((goals.table.shape[0], total), np.bool_)
    for g in range(goals.table.shape[0]):
        _support(goals, g, members, sizes, pivots, inverses, unknowns, ancestors, result[g])
    return result


@compiled
def _support(
    of: Equations,
    number: int,
    members: NDArray[np.int64],
    sizes: NDArray[np.int64],
    pivots: NDArray[np.int64],
    inverses: NDArray[np.int64],
    unknowns: int,
    ancestors: NDArray[np.bool_],
    into: NDArray[np.bool_],
) -> None:
    """Add to a set the ancestors of the entries whose combination an equation is."""
    table = of.table[number]
    size = sizes[table]
    value = np.zeros(unknowns, np.int64)
    for j in range(of.terms[number]):
        column = of.columns[number, j]
        value[column] = (value[column] + of.weights[number, j]) % PRIME
    total = np.zeros(size, np.int64)
    for i in range(size):
        if pivots[table, i] < 0 or value[pivots[table, i]] == 0:
            continue
        weight = value[pivots[table, i]]
        for j in range(size):
            if inverses[table, i, j] != 0:
                total[j] = fold(total[j] + fold(weight * inverses[table, i, j]))
    for j in range(size):
        if total[j] != 0:
            into |= ancestors[members[table, j]]
