"""The closure: everything that follows from a problem's hypotheses on one figure.

Four tables of linear equations (linear.py) start from the hypotheses; rules, matched on the figure as arrays of
instances (matching.py), add to them until nothing changes (fixpoint.py). Tier 1 of the shapes proves most; when it
has come to rest without the goal, tier 2 is matched, and last come the sines (sines.py). A `Closure` answers whether
a fact follows; extract.py turns an answer into a proof.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import InputError, ProofError
from maieutic.geometry.engine.classes import Measures, equal_pairs, measure
from maieutic.geometry.engine.fixpoint import (
    HYPOTHESIS,
    Equals,
    Equations,
    Instances,
    Log,
    Systems,
    all_hold,
    assume,
    instances_of,
    run,
)
from maieutic.geometry.engine.linear import PRIME, new_system
from maieutic.geometry.engine.matching import ID, WIDTH, match_first
from maieutic.geometry.engine.second_tier import match_second
from maieutic.geometry.engine.sines import SinePass, run_sines
from maieutic.geometry.engine.templates import templates
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Equation, direction, equations, expand, holds
from maieutic.geometry.trusted.records import Diagram, Fact, Problem

MOST_POINTS = 60
"""Larger figures are refused: a table's memory grows with the fourth power of the number of points."""


class StopReason(Enum):
    """Why a closure ended."""

    PROVED = "proved"
    SATURATED = "saturated"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True)
class Options:
    """What a closure may use (for tests and ablations), and its limit in CPU seconds."""

    square_table: bool = True
    second_tier: bool = True
    sines: bool = True
    stop_at_goal: bool = True
    time_limit: float = 60.0
    most_matches: int = 200_000
    """For each of the shapes that can be many (pairs of triangles, of chords); more are left out."""


DEFAULT = Options()

TIER_1 = ("collinear", "concyclic", "centre4", "chords", "centre3", "trapezoid", "rectangle", "midpoint", "",
          "between", "isosceles", "kite", "perpendicular", "overlap", "same_chord", "same_common", "same_lines",
          "same_circles", "same_line_circle", "same_centres", "similar_same", "similar_opposite",
          "similar_same_isosceles", "similar_opposite_isosceles")  # fmt: skip
TIER_2 = ("division", "arc", "sines", "median", "thales", "menelaus_even", "ceva", "power", "power_outside",
          "power_inside")  # fmt: skip
"""The shapes in the order in which they are looked at; "" stands for equal lengths."""


def order_of(names: Iterable[str]) -> NDArray[np.int32]:
    """Shapes by number, as the fixpoint wants them."""
    return np.array([ID[name] if name else -1 for name in names], np.int32)


ORDERS = (order_of(TIER_1), order_of(TIER_2))
SINE_ROUNDS = 4
ROOM_FOR_SINES = 8192
"""Entries of the log kept for what the sines add."""
CHUNK = 500
"""Equations between two looks at the clock."""

RATIOS = tuple(Fraction(*r) for r in ((1, 1), (2, 1), (3, 1), (4, 1), (3, 2), (4, 3)))
SQUARE_RATIOS = tuple(Fraction(*r) for r in ((2, 1), (3, 1), (4, 3), (3, 2)))
"""Ratios of lengths, and of squares of lengths, on which the tables of lengths are made to agree."""


@dataclass
class Closure:
    """The state of a closure on one figure. `names` maps points to indices, in the order of the problem."""

    problem: Problem
    diagram: Diagram
    options: Options
    names: dict[str, int]
    measures: Measures
    systems: Systems
    log: Log
    hypotheses: tuple[Fact, ...]
    assumed: list[tuple[Fact, int]] = field(default_factory=list)
    """For each hypothesis in the log: the fact, and which of its equations was added."""
    first: int = 0
    """The index of the first new point, in a closure that extends another."""
    rows: NDArray[np.int16] = field(default_factory=lambda: np.empty((0, WIDTH), np.int16))
    """The matches of tier 1."""
    stages: list[Instances] = field(default_factory=list)
    tiers: list[int] = field(default_factory=list)
    """The tier of each stage."""
    equals: Equals | None = None
    ratios: list[tuple[Fraction, bool]] = field(default_factory=list)
    """For each number in `equals.which`: the ratio, and whether it is that of the squares."""
    ratio_arrays: tuple[NDArray[np.float64], NDArray[np.int64]] = (np.empty(0), np.empty((0, 2), np.int64))
    sine_passes: list[SinePass] = field(default_factory=list)
    reason: StopReason = StopReason.SATURATED
    tier: int = 1
    """How far it went: 1, 2, or 3 for the sines."""
    match_s: float = 0.0
    closure_s: float = 0.0

    @cached_property
    def points(self) -> tuple[str, ...]:
        """The points by index."""
        return tuple(self.names)

    @property
    def size(self) -> int:
        """How many independent equations are known."""
        return int(self.log.state[0])

    @cached_property
    def ends(self) -> dict[int, tuple[str, str]]:
        """The end points of each segment, by its number."""
        segment, points = self.measures.segment, self.points
        return {int(segment[i, j]): (points[i], points[j]) for j in range(len(points)) for i in range(j)}

    def column(self, a: str, b: str) -> int:
        """The number of segment ab."""
        return int(self.measures.segment[self.names[a], self.names[b]])

    def holds(self, equation: Equation) -> bool:
        """Whether an equation between segments, true on the figure, follows."""
        return bool(all_hold(self.pack([equation]), self.systems))

    def proves(self, fact: Fact) -> bool:
        """Whether a fact follows. Sines are unknowns of the engine's own: False for them."""
        return holds(fact, self.diagram.points) and all(
            any(self.holds(e) for e in equations(part) if all(len(unknown) == 2 for unknown, _ in e.terms))
            for part in expand(fact)
        )

    def pack(self, wanted: Sequence[Equation]) -> Equations:
        """Equations as arrays, without their constants."""
        return pack([(TABLES.index(e.table), [(self.column(*u), residue(w)) for u, w in e.terms]) for e in wanted])


def residue(value: Fraction) -> int:
    """A rational modulo the prime."""
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


def pack(rows: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> Equations:
    """(table, (column, residue) ...) rows as arrays."""
    width = max([len(terms) for _, terms in rows], default=0) or 1
    packed = Equations(
        np.array([table for table, _ in rows], np.int16),
        np.zeros((len(rows), width), np.int32),
        np.zeros((len(rows), width), np.int64),
        np.array([len(terms) for _, terms in rows], np.int32),
    )
    for i, (_, terms) in enumerate(rows):
        for j, (column, weight) in enumerate(terms):
            packed.columns[i, j] = column
            packed.weights[i, j] = weight
    return packed


def close(
    problem: Problem,
    diagram: Diagram,
    options: Options = DEFAULT,
    *,
    points: Sequence[str] | None = None,
    goals: Sequence[Fact] | None = None,
) -> Closure:
    """Close a problem on a figure: until its goals hold (if they are to stop it) or nothing more follows.

    With `points`, only these points and the hypotheses about them count; with `goals`, these replace the problem's.
    A goal that is false on the figure never holds. Raises InputError for more than MOST_POINTS points.
    """
    clock = time.thread_time()
    deadline = clock + options.time_limit
    names = {name: index for index, name in enumerate(problem.points if points is None else points)}
    check_size(len(names))
    measures = measure(np.array([diagram.points[name] for name in names], np.complex128))
    match_s = time.thread_time() - clock
    size = measures.lengths.shape[0]
    systems = (new_system(size, 7), new_system(size, 8), new_system(size, 9), new_system(size, 10))
    log = Log(np.zeros((4 * size + ROOM_FOR_SINES, 5), np.int32), np.zeros(3, np.int64))
    given = hypotheses(problem)
    if points is not None:
        given = tuple(fact for fact in given if all(p in names for p in fact.points))
    closure = Closure(problem, diagram, options, names, measures, systems, log, given)
    assume(hypothesis_equations(closure), systems, log, HYPOTHESIS, 0)
    saturate(closure, problem.goals if goals is None else goals, deadline)
    closure.match_s += match_s
    closure.closure_s = time.thread_time() - clock - closure.match_s
    return closure


def check_size(points: int) -> None:
    """Raises InputError for more than MOST_POINTS points."""
    if points > MOST_POINTS:
        raise InputError(
            f"the problem has {points} points", hint=f"the engine closes figures of up to {MOST_POINTS} points"
        )


def _provable(goal: Fact, diagram: Diagram) -> bool:
    """Whether a goal is true on the figure and of a kind that equations between segments decide."""
    sayable = PREDICATES[goal.predicate].kind == "question" or any(
        all(len(unknown) == 2 for unknown, _ in equation.terms) for equation in equations(goal)
    )
    return sayable and holds(goal, diagram.points)


def _deciding(goal: Fact) -> Equation:
    """The equation that decides a goal. A question's constant is its answer, so only its unknowns matter."""
    if PREDICATES[goal.predicate].kind == "question":
        goal = Fact("para" if goal.predicate == "acompute" else "cong", goal.points)
    return equations(goal)[0]


def question_value(goal: Fact, diagram: Diagram) -> Fact:
    """The answer to an acompute or rcompute goal, read off the figure: degrees, a ratio, or a ratio of squares.

    Certificates confirm it. Raises ProofError if it is none of these with a small denominator.
    """
    a, b, c, d = (diagram.points[p] for p in goal.points)
    if goal.predicate == "acompute":
        tries = [("aconst", (direction(a, b) - direction(c, d)) % 1.0 * 180)]
    else:
        ratio = abs(b - a) / abs(d - c)
        tries = [("rconst", ratio), ("rsqconst", ratio * ratio)]
    for predicate, value in tries:
        small = Fraction(value).limit_denominator(1000)
        if abs(float(small) - value) < 1e-9 * max(1.0, value):
            return Fact(predicate, goal.points, (small % 180 if predicate == "aconst" else small,))
    raise ProofError(f"the answer, {tries[0][1]:.9g}, is no rational with a small denominator, nor is its square")


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


def saturate(closure: Closure, goals: Sequence[Fact], deadline: float) -> None:
    """Tier by tier, to the goals (if they are to stop it, and can be reached) or to rest."""
    options = closure.options
    parts = [part for goal in goals for part in expand(goal)] if options.stop_at_goal else []
    reachable = all(_provable(part, closure.diagram) for part in parts)
    wanted = closure.pack([_deciding(part) for part in parts] if reachable else [])
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
    closure.stages.append(instances_of(rows, measures.segment, templates(options.square_table)))
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
            templates(options.square_table),
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
