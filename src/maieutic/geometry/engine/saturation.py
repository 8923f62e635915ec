"""Saturation: rules and linear algebra in turn, until nothing new follows or a goal does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.classes import equal_pairs
from maieutic.geometry.engine.fixpoint import (
    Equals,
    Equations,
    instances_of,
    run,
)
from maieutic.geometry.engine.matching import ID, match_first
from maieutic.geometry.engine.second_tier import match_second
from maieutic.geometry.engine.sines import run_sines
from maieutic.geometry.engine.state import (
    CHUNK,
    ORDERS,
    RATIOS,
    SINE_ROUNDS,
    SQUARE_RATIOS,
    Closure,
    StopReason,
    pack,
    residue,
)
from maieutic.geometry.engine.templates import templates
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Equation, equations, expand, holds
from maieutic.geometry.trusted.records import Diagram, Fact

# --- hypotheses ------------------------------------------------------------------------------------------------------


@cache
def _template(
    predicate: str, values: tuple[Fraction, ...], pattern: tuple[int, ...]
) -> tuple[tuple[int, tuple[tuple[int, int, int], ...]], ...]:
    """A fact's equations over positions: for each, its table and (position, position, residue) terms."""
    fact = Fact(predicate, tuple(f"p{i:03d}" for i in pattern), values)
    return tuple(
        (TABLES.index(e.table), tuple((int(u[0][1:]), int(u[1][1:]), residue(w)) for u, w in e.terms))
        for e in equations(fact)
    )


def hypothesis_equations(closure: Closure) -> Equations:
    """One equation of each hypothesis; the others follow by the equivalences. Fills `assumed`."""
    segment, apart = closure.measures.segment, closure.measures.direction_class
    rows: list[tuple[int, list[tuple[int, int]]]] = []
    for fact in closure.hypotheses:
        if PREDICATES[fact.predicate].kind != "equational":
            continue
        points = sorted(fact.points) if fact.predicate in ("coll", "cyclic") else list(fact.points)
        distinct = list(dict.fromkeys(points))
        number = [closure.names[p] for p in distinct]
        pattern = tuple(distinct.index(p) for p in points)
        for which, (table, terms) in enumerate(_template(fact.predicate, fact.values, pattern)):
            columns = [(int(segment[number[i], number[j]]), weight) for i, j, weight in terms]
            if columns and (table >= 2 or all(apart[column] >= 0 for column, _ in columns)):
                rows.append((table, columns))
                closure.assumed.append((fact, which))
                break  # a segment of length 0 has no direction and no logarithm: then the next alternative
    return pack(rows)


# --- saturation ------------------------------------------------------------------------------------------------------


def provable(goal: Fact, diagram: Diagram) -> bool:
    """Whether a goal is true on the figure and of a kind that equations between segments decide."""
    sayable = PREDICATES[goal.predicate].kind == "question" or any(
        all(len(unknown) == 2 for unknown, _ in equation.terms) for equation in equations(goal)
    )
    return sayable and holds(goal, diagram.points)


def deciding(goal: Fact) -> Equation:
    """The equation that decides a goal. A question's constant is its answer, so only its unknowns matter."""
    if PREDICATES[goal.predicate].kind == "question":
        goal = Fact("para" if goal.predicate == "acompute" else "cong", goal.points)
    return equations(goal)[0]


def saturate(closure: Closure, goals: Sequence[Fact], deadline: float) -> None:
    """Tier by tier, to the goals (if they are to stop it, and can be reached) or to rest."""
    options = closure.options
    parts = [part for goal in goals for part in expand(goal)] if options.stop_at_goal else []
    reachable = all(provable(part, closure.diagram) for part in parts)
    wanted = closure.pack([deciding(part) for part in parts] if reachable else [])
    _match(closure, 1)
    if _alternate(closure, 1, wanted, deadline) or not options.second_tier:
        return
    closure.tier = 2
    _match(closure, 2)
    if _alternate(closure, 2, wanted, deadline) or not options.sines:
        return
    closure.tier = 3
    for _ in range(SINE_ROUNDS):
        told = _sines(closure)
        if _alternate(closure, 2, wanted, deadline) or not told:
            return


def _match(closure: Closure, tier: int) -> None:
    """Match a tier as a further stage; with tier 1, the pairs of lengths as well."""
    options, measures = closure.options, closure.measures
    clock = time.thread_time()
    if tier == 1:
        rows = _separate(closure, match_first(measures, closure.first, options.most_matches))
        closure.rows = np.concatenate((closure.rows, rows))
        closure.equals = _equals(closure)
    else:
        rows = _separate(closure, match_second(measures, closure.rows, closure.first, options.most_matches))
    closure.stages.append(instances_of(rows, measures.segment, templates(options.square_table, options.rules)))
    closure.tiers.append(tier)
    closure.match_s += time.thread_time() - clock


def _equals(closure: Closure) -> Equals:
    """The pairs of lengths: all; or those of an extended closure, and what its new points and new ratios add."""
    before = closure.equals
    known = len(closure.ratios)
    if before is None:
        closure.ratios = [(r, False) for r in RATIOS]
        if closure.options.square_table:
            closure.ratios += [(r, True) for r in SQUARE_RATIOS]
    named = ((max(r, 1 / r), False) for f in closure.hypotheses if f.predicate == "rconst" for r in f.values)
    added = [ratio for ratio in dict.fromkeys(named) if ratio not in closure.ratios]
    if before is None or added:
        closure.ratios += added
        closure.ratio_arrays = _ratio_arrays(tuple(closure.ratios))
    values, residues = closure.ratio_arrays
    first, second, which = equal_pairs(closure.measures.lengths, values)
    if before is not None:
        new = (np.maximum(first, second) > closure.first * (closure.first - 1) // 2) | (which >= known)
        first, second, which = first[new], second[new], which[new]
    pairs = Equals(
        first,
        second,
        which,
        residues[which, 0],
        residues[which, 1],
        np.zeros(len(first), np.int64),
        np.full(len(first), -1, np.int32),
    )
    if before is None:
        return pairs
    return Equals(*(np.concatenate((old, new)) for old, new in zip(_arrays(before), _arrays(pairs), strict=True)))


def _arrays(pairs: Equals) -> list[NDArray[Any]]:
    return list(pairs)


@cache
def _ratio_arrays(ratios: tuple[tuple[Fraction, bool], ...]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Ratios as numbers, and as residues: of the ratio (0 if irrational) and of its square."""
    values = [float(r) ** (0.5 if squared else 1.0) for r, squared in ratios]
    residues = [(0, residue(r)) if squared else (residue(r), residue(r * r)) for r, squared in ratios]
    return np.array(values), np.array(residues, np.int64)


def _separate(closure: Closure, rows: NDArray[np.int16]) -> NDArray[np.int16]:
    """Matches without two points in one place, except the shapes that are about just that."""
    segment, apart = closure.measures.segment, closure.measures.direction_class
    if apart.min(initial=0) >= 0:
        return rows
    together = [(i, j) for j in range(len(segment)) for i in range(j) if apart[segment[i, j]] < 0]
    both = np.zeros(len(rows), np.bool_)
    for i, j in together:
        both |= (rows[:, 1:] == i).any(axis=1) & (rows[:, 1:] == j).any(axis=1)
    return rows[~both | ((rows[:, 0] >= ID["overlap"]) & (rows[:, 0] <= ID["same_common"]))]


def _run(closure: Closure, stage: int, wanted: Equations, deadline: float) -> bool:
    """Run one stage to rest; True if the closure has ended (and `reason` says why)."""
    options, log = closure.options, closure.log
    assert closure.equals is not None
    log.state[2] = stage
    while True:
        outcome = run(
            closure.stages[stage],
            closure.equals,
            wanted,
            closure.systems,
            log,
            templates(options.square_table, options.rules),
            ORDERS[closure.tiers[stage] - 1],
            options.square_table,
            closure.size + CHUNK,
        )
        if outcome == 1:
            closure.reason = StopReason.PROVED
            return True
        if time.thread_time() > deadline:
            closure.reason = StopReason.TIME_LIMIT
            return True
        if outcome == 0:
            return False


def _alternate(closure: Closure, tier: int, wanted: Equations, deadline: float) -> bool:
    """Run the stages up to a tier in turn, the costly ones first, until none changes anything; True if it has ended."""
    stages = [k for k, t in enumerate(closure.tiers) if t <= tier]
    idle = 0
    while idle < len(stages):
        for stage in reversed(stages):
            before = closure.log.state[1]
            if _run(closure, stage, wanted, deadline):
                return True
            idle = 0 if closure.log.state[1] != before else idle + 1
            if idle >= len(stages):
                break
    return False


def _sines(closure: Closure) -> bool:
    """One pass of the sines; whether it told the other tables something new."""
    directions, logs, lengths, squares = closure.systems
    base = closure.sine_passes[-1].end if closure.sine_passes else 0
    segments = closure.measures.lengths.shape[0]
    free, known = directions[2][-1], logs[1][0, :segments].copy()
    logs, done = run_sines(closure.measures, directions, logs, closure.log, base)
    closure.systems = directions, logs, lengths, squares
    if done is None:
        return False
    closure.sine_passes.append(done)
    return bool(directions[2][-1] != free or (logs[1][0, :segments] != known).any())
