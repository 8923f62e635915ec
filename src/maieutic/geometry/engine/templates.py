"""Rules, compiled: for each shape, the equations its rules speak of, and which of them give which.

A shape's *slots* are the equations (over the shape's points) that its rules have as premises or conclusions. A *way*
is a rule under one renaming: a mask of slots that it needs and a mask of slots that it gives. An equivalence (the
alternatives of one predicate) is a way from each of its equations to all of them. So the fixpoint knows no rule: it
evaluates slots and compares masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import InputError
from maieutic.geometry.engine.matching import SHAPES
from maieutic.geometry.trusted.predicates import TABLES, Equation, equations
from maieutic.geometry.trusted.records import Fact
from maieutic.geometry.trusted.rules import RULES, Rule

OURS = tuple(RULES.values())

MAX_SEGMENTS = 18
MAX_TERMS = 8
MAX_SLOTS = 16

EQUIVALENCES: dict[str, tuple[Fact, ...]] = {
    "collinear": (Fact("coll", ("0", "1", "2")),),
    "concyclic": (Fact("cyclic", ("0", "1", "2", "3")),),
    "perpendicular": (Fact("perp", ("0", "1", "2", "3")),),
    "overlap": (Fact("overlap", ("0", "1")),),
}
"""The predicates whose alternatives are joined on a shape; points are positions in the shape's row."""


class Way(NamedTuple):
    """A rule under one renaming (`positions` of its points in the shape's row), or an equivalence (`fact`)."""

    rule: str
    positions: tuple[int, ...]
    fact: Fact | None
    needs: int
    gives: int


class Shape(NamedTuple):
    """One shape's slots and ways. `slots[i]` is the equation over positions."""

    name: str
    slots: tuple[Equation, ...]
    ways: tuple[Way, ...]


class Templates(NamedTuple):
    """All shapes as arrays, in the order of SHAPES, for the compiled fixpoint."""

    segments: NDArray[np.int16]  # [shapes, MAX_SEGMENTS, 2] positions of the ends
    segment_count: NDArray[np.int16]  # [shapes]
    slot_count: NDArray[np.int16]  # [shapes]
    slot_table: NDArray[np.int16]  # [shapes, MAX_SLOTS]
    slot_terms: NDArray[np.int16]  # [shapes, MAX_SLOTS]
    term_segment: NDArray[np.int16]  # [shapes, MAX_SLOTS, MAX_TERMS]
    term_weight: NDArray[np.int64]  # [shapes, MAX_SLOTS, MAX_TERMS]
    way_start: NDArray[np.int32]  # [shapes + 1]
    way_needs: NDArray[np.int64]
    way_gives: NDArray[np.int64]
    tables: NDArray[np.int16]  # [shapes, 4] whether a slot uses the table


def _shape(name: str, square_table: bool, rules: Sequence[Rule]) -> Shape:
    slots: dict[Equation, int] = {}
    ways: list[Way] = []

    def slot(equation: Equation) -> int:
        homogeneous = Equation(equation.table, equation.terms).normal()
        return slots.setdefault(homogeneous, len(slots))

    def mask(facts: tuple[Fact, ...]) -> int:
        return sum(1 << slot(equations(fact)[0]) for fact in facts)

    for fact in EQUIVALENCES.get(name, ()):
        alternatives = [e for e in equations(fact) if square_table or e.table != "square"]
        everything = sum(1 << slot(e) for e in alternatives)
        ways += [Way("", (), fact, 1 << slot(e), everything) for e in alternatives]
    for rule in rules:
        if name not in rule.shapes:
            continue
        if not square_table and any(f.predicate == "distsqeq" for f in (*rule.premises, *rule.conclusions)):
            continue
        for way in rule.ways:
            positions = tuple(rule.points.index(letter) for letter in way)
            instance = rule.instance(tuple(str(p) for p in positions))
            needs, gives = mask(instance.premises), mask(instance.conclusions)
            ways.append(Way(rule.name, positions, None, needs, gives))
    if len(slots) > MAX_SLOTS:
        raise InputError(f"too many statements on the shape {name!r}", where="rules", hint=f"at most {MAX_SLOTS}")
    return Shape(name, tuple(slots), tuple(ways))


@cache
def shapes(square_table: bool = True, rules: Sequence[Rule] = OURS) -> tuple[Shape, ...]:
    """The compiled shapes; without the table of squared lengths on request. Raises InputError for too many rules."""
    return tuple(_shape(name, square_table, rules) for name in SHAPES)


@cache
def templates(square_table: bool = True, rules: Sequence[Rule] = OURS) -> Templates:
    """The arrays of `shapes`."""
    compiled = shapes(square_table, rules)
    count = len(compiled)
    segments = np.zeros((count, MAX_SEGMENTS, 2), np.int16)
    segment_count = np.zeros(count, np.int16)
    slot_count = np.zeros(count, np.int16)
    slot_table = np.zeros((count, MAX_SLOTS), np.int16)
    slot_terms = np.zeros((count, MAX_SLOTS), np.int16)
    term_segment = np.zeros((count, MAX_SLOTS, MAX_TERMS), np.int16)
    term_weight = np.zeros((count, MAX_SLOTS, MAX_TERMS), np.int64)
    tables = np.zeros((count, len(TABLES)), np.int16)
    way_start = [0]
    needs: list[int] = []
    gives: list[int] = []
    for s, shape in enumerate(compiled):
        local: dict[tuple[str, ...], int] = {}
        slot_count[s] = len(shape.slots)
        for i, equation in enumerate(shape.slots):
            slot_table[s, i] = TABLES.index(equation.table)
            slot_terms[s, i] = len(equation.terms)
            tables[s, slot_table[s, i]] = 1
            for t, (unknown, weight) in enumerate(equation.terms):
                term_segment[s, i, t] = local.setdefault(unknown, len(local))
                term_weight[s, i, t] = int(weight)
        segment_count[s] = len(local)
        for (a, b), index in local.items():
            segments[s, index] = int(a), int(b)
        needs += [way.needs for way in shape.ways]
        gives += [way.gives for way in shape.ways]
        way_start.append(len(needs))
    return Templates(
        segments,
        segment_count,
        slot_count,
        slot_table,
        slot_terms,
        term_segment,
        term_weight,
        np.array(way_start, np.int32),
        np.array(needs, np.int64),
        np.array(gives, np.int64),
        tables,
    )
