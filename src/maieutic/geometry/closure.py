"""The closure: everything that follows from a problem's hypotheses on one figure.

Four tables of linear equations (linear.py) start from the hypotheses; rules, matched on the figure as arrays of
instances (matching.py), add to them until nothing changes (fixpoint.py). A `Closure` answers whether a fact follows;
proof.py turns an answer into a proof. Tier 1 of the shapes proves most; when it has come to rest without the goal,
tier 2 is matched, and last the sines (sines.py).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cache, cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from maieutic.geometry.constructions import hypotheses
from maieutic.geometry.fixpoint import (
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
from maieutic.geometry.linear import PRIME, new_system
from maieutic.geometry.matching import ID, match_first, match_second, measure
from maieutic.geometry.predicates import PREDICATES, TABLES, Equation, direction, equations, expand
from maieutic.geometry.records import Diagram, Fact, Problem
from maieutic.geometry.sines import SinePass, run_sines
from maieutic.geometry.templates import shapes, templates


class StopReason(Enum):
    """Why a closure ended."""

    PROVED = "proved"
    SATURATED = "saturated"
    TIME_LIMIT = "time_limit"
    SIZE_LIMIT = "size_limit"


@dataclass(frozen=True)
class Options:
    """What a closure may use: tables and tiers, for tests and ablations; and its limits."""

    square_table: bool = True
    second_tier: bool = True
    sines: bool = True
    stop_at_goal: bool = True
    time_limit: float = 60.0
    most_equations: int = 20_000
    most_similar: int = 200_000


DEFAULT = Options()
RATIOS = tuple(Fraction(*r) for r in ((1, 1), (2, 1), (3, 1), (4, 1), (3, 2), (4, 3)))
SQUARE_RATIOS = tuple(Fraction(*r) for r in ((2, 1), (3, 1), (4, 3), (3, 2)))

TIER_1_ORDER = ("collinear", "concyclic", "centre4", "centre3", "trapezoid", "", "midpoint", "isosceles", "kite",
                "perpendicular", "overlap", "same_lines", "same_circles", "same_chord", "same_line_circle",
                "same_centres", "same_common", "similar_same", "similar_opposite", "similar_same_isosceles",
                "similar_opposite_isosceles")  # fmt: skip
TIER_2_ORDER = ("division", "sines", "arc", "median", "thales", "menelaus_even", "ceva", "power", "power_outside", "power_inside")


def _order(names: tuple[str, ...]) -> NDArray[np.int32]:
    return np.array([ID[name] if name else -1 for name in names], np.int32)


ORDER_1 = _order(TIER_1_ORDER)
ORDER_2 = _order(TIER_2_ORDER)
SINE_ROUNDS = 4
MOST_SINES = 8192
"""Room in the log for what the sines add."""
ORDER_ALL = _order(TIER_1_ORDER + TIER_2_ORDER)


@dataclass
class Closure:
    """The state of a closure on one figure. `names` maps points to indices in the order of the problem."""

    problem: Problem
    diagram: Diagram
    options: Options
    names: dict[str, int]
    z: NDArray[np.complex128]
    segment: NDArray[np.int32]
    lengths: NDArray[np.float64]
    systems: Systems
    log: Log
    hypotheses: tuple[Fact, ...]
    assumed: list[tuple[Fact, int]]  # for each hypothesis equation: its fact and which of the fact's equations it is
    stages: list[Instances] = field(default_factory=list)
    equals: Equals | None = None
    which: NDArray[np.int32] | None = None  # for each pair in `equals`, the number of its ratio
    extra: tuple[Fraction, ...] = ()  # ratios that the hypotheses name
    classes: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]] | None = None
    sine_passes: list[SinePass] = field(default_factory=list)
    reason: StopReason = StopReason.SATURATED
    match_s: float = 0.0
    closure_s: float = 0.0

    @property
    def points(self) -> tuple[str, ...]:
        return tuple(self.names)

    @property
    def size(self) -> int:
        """How many independent equations are known."""
        return int(self.log.state[0])

    @cached_property
    def ends(self) -> dict[int, tuple[str, str]]:
        """The end points of each segment's number."""
        points = self.points
        return {int(self.segment[i, j]): (points[i], points[j]) for j in range(len(points)) for i in range(j)}

    def column(self, a: str, b: str) -> int:
        """The number of segment ab."""
        return int(self.segment[self.names[a], self.names[b]])

    def holds(self, equation: Equation) -> bool:
        """Whether an equation (true on the figure) follows."""
        packed = self.pack([equation])
        return bool(all_hold(packed, self.systems))

    def proves(self, fact: Fact) -> bool:
        """Whether a fact, true on the figure, follows."""
        return all(
            any(self.holds(equation) for equation in equations(part) if len(equation.terms[0][0]) == 2)
            for part in expand(fact)
        )

    def pack(self, wanted: list[Equation]) -> Equations:
        """Equations as arrays, without their constants."""
        width = max([len(e.terms) for e in wanted], default=1) or 1
        table = np.zeros(len(wanted), np.int16)
        columns = np.zeros((len(wanted), width), np.int32)
        weights = np.zeros((len(wanted), width), np.int64)
        count = np.zeros(len(wanted), np.int32)
        for i, equation in enumerate(wanted):
            table[i] = TABLES.index(equation.table)
            count[i] = len(equation.terms)
            for j, (unknown, weight) in enumerate(equation.terms):
                columns[i, j] = self.column(*unknown)
                weights[i, j] = residue(weight)
        return Equations(table, columns, weights, count)


def residue(value: Fraction) -> int:
    """A rational modulo the prime."""
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


@njit(cache=True)
def _equal_pairs(
    lengths: NDArray[np.float64], ratios: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of segments with |first| = ratio |second|, for each ratio, by one sweep over the sorted lengths."""
    order = np.argsort(lengths)
    total = lengths.shape[0]
    first = np.empty(1024, np.int32)
    second = np.empty(1024, np.int32)
    which = np.empty(1024, np.int32)
    count = 0
    for k in range(ratios.shape[0]):
        low = 0
        for i in range(total):
            value = lengths[order[i]]
            if value < 1e-7:
                continue
            target = value * ratios[k]
            tolerance = 1e-8 * target
            while low < total and lengths[order[low]] < target - tolerance:
                low += 1
            j = max(low, i + 1)
            while j < total and lengths[order[j]] <= target + tolerance:
                if count == first.shape[0]:
                    first = np.concatenate((first, np.empty_like(first)))
                    second = np.concatenate((second, np.empty_like(second)))
                    which = np.concatenate((which, np.empty_like(which)))
                first[count], second[count], which[count] = order[j], order[i], k
                count += 1
                j += 1
    return first[:count], second[:count], which[:count]


@cache
def _ratio_tables(extra: tuple[Fraction, ...], square_table: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The ratios looked for: their values, and their residues (0 if irrational) beside those of their squares."""
    rational = tuple(dict.fromkeys((*RATIOS, *extra)))
    roots = SQUARE_RATIOS if square_table else ()
    values = [float(r) for r in rational] + [float(r) ** 0.5 for r in roots]
    residues = [(residue(r), residue(r * r)) for r in rational] + [(0, residue(r)) for r in roots]
    return np.array(values), np.array(residues, np.int64)


def ratio_of(index: int, extra: tuple[Fraction, ...]) -> tuple[Fraction, bool]:
    """The ratio with a number in `_ratio_tables`, and whether it is the square that is rational."""
    rational = tuple(dict.fromkeys((*RATIOS, *extra)))
    return (rational[index], False) if index < len(rational) else (SQUARE_RATIOS[index - len(rational)], True)


def _defined(closure: Closure, equation: Equation) -> bool:
    """Whether no segment of the equation has length 0 (such a one has no direction and no logarithm)."""
    if equation.table in ("length", "square"):
        return True
    assert closure.classes is not None
    return all(closure.classes[0][closure.column(a, b)] >= 0 for (a, b), _ in equation.terms)


def _separate(closure: Closure, rows: NDArray[np.int16]) -> NDArray[np.int16]:
    """Matches without two points in one place, except the shapes that are about just that."""
    n = len(closure.names)
    assert closure.classes is not None
    together = [(i, j) for j in range(n) for i in range(j) if closure.classes[0][closure.segment[i, j]] < 0]
    if not together:
        return rows
    keep = (rows[:, 0] >= ID["overlap"]) & (rows[:, 0] <= ID["same_common"])
    both = np.zeros(len(rows), np.bool_)
    for i, j in together:
        both |= (rows[:, 1:] == i).any(axis=1) & (rows[:, 1:] == j).any(axis=1)
    return rows[keep | ~both]


def start(problem: Problem, diagram: Diagram, options: Options = DEFAULT) -> Closure:
    """A closure with the hypotheses only."""
    names = {name: index for index, name in enumerate(problem.points)}
    z = np.array([diagram.points[name] for name in names], np.complex128)
    clock = time.process_time()
    segment, directions_class, lengths_class, directions, lengths = measure(z)
    match_s = time.process_time() - clock
    given = hypotheses(problem)
    clock = time.process_time()
    size = lengths.shape[0]
    systems = tuple(new_system(size, 7 + table) for table in range(4))
    most = min(options.most_equations, 4 * size) + 8
    log = Log(np.zeros((most + MOST_SINES, 5), np.int32), np.zeros(3, np.int64))
    closure = Closure(problem, diagram, options, names, z, segment, lengths, systems, log, given, [], match_s=match_s)
    closure.classes = (directions_class, lengths_class, directions)
    wanted: list[Equation] = []
    for fact in given:
        if PREDICATES[fact.predicate].kind != "equational":
            continue
        for which, equation in enumerate(equations(fact)):
            if equation.terms and _defined(closure, equation):
                wanted.append(equation)
                closure.assumed.append((fact, which))
                break
    assume(closure.pack(wanted), systems, log)
    closure.closure_s = time.process_time() - clock
    return closure


def close(problem: Problem, diagram: Diagram, options: Options = DEFAULT) -> Closure:
    """Close a problem on a figure: until its goals hold (if they are to stop it) or nothing more follows."""
    closure = start(problem, diagram, options)
    goals = [part for goal in problem.goals for part in expand(goal)] if options.stop_at_goal else []
    saturate(closure, goals)
    return closure


def saturate(closure: Closure, goals: list[Fact]) -> None:
    """Run a started closure, tier by tier, to the goals or to rest."""
    options = closure.options
    t = templates(options.square_table)
    wanted = closure.pack([goal_equation(goal) for goal in goals])
    assert closure.classes is not None
    directions_class, lengths_class, directions = closure.classes
    z, segment = closure.z, closure.segment
    clock = time.process_time()
    rows = match_first(
        z, segment, directions_class, lengths_class, directions, closure.lengths, 0, options.most_similar
    )
    rows = _separate(closure, rows)
    instances = instances_of(rows, segment, t)
    extra = tuple(
        f.values[0] if f.values[0] >= 1 else 1 / f.values[0] for f in closure.hypotheses if f.predicate == "rconst"
    )
    values, residues = _ratio_tables(extra, options.square_table)
    first, second, which = _equal_pairs(closure.lengths, values)
    equals = Equals(
        first,
        second,
        residues[which, 0],
        residues[which, 1],
        np.zeros(len(first), np.int64),
        np.full(len(first), -1, np.int32),
    )
    closure.equals = equals
    closure.which, closure.extra = which, extra
    closure.stages = [instances]
    closure.match_s += time.process_time() - clock
    clock = time.process_time()
    most = closure.log.entries.shape[0] - 256
    state = run(instances, equals, wanted, closure.systems, closure.log, t, ORDER_1, options.square_table, most)
    closure.closure_s += time.process_time() - clock
    closure.reason = (StopReason.SATURATED, StopReason.PROVED, StopReason.SIZE_LIMIT)[state]
    if state or not options.second_tier:
        return
    clock = time.process_time()
    rows = match_second(z, segment, directions_class, lengths_class, closure.lengths, rows, 0, options.most_similar)
    second = instances_of(_separate(closure, rows), segment, t)
    closure.stages.append(second)
    closure.match_s += time.process_time() - clock
    clock = time.process_time()
    tiers = ((1, second, ORDER_2), (0, instances, ORDER_1))
    _alternate(closure, tiers, wanted, most)
    rounds = SINE_ROUNDS if options.sines else 0
    while rounds and closure.reason is StopReason.SATURATED:
        rounds -= 1
        if not _sines(closure) and not (goals and all_hold(wanted, closure.systems)):
            break
        _alternate(closure, tiers[::-1], wanted, most)
    closure.closure_s += time.process_time() - clock


def _sines(closure: Closure) -> bool:
    """One pass of the sines; whether it told the other tables something that they could use."""
    assert closure.classes is not None
    direction, logs, length, square = closure.systems
    base = closure.sine_passes[-1].end if closure.sine_passes else 0
    segments = closure.lengths.shape[0]
    before = logs[1][0, :segments].copy(), direction[2][-1]
    logs, done = run_sines(closure.z, closure.segment, closure.classes[0], direction, logs, closure.log, base)
    closure.systems = direction, logs, length, square
    closure.sine_passes.append(done)
    return bool(direction[2][-1] != before[1] or (logs[1][0, :segments] != before[0]).any())


def _alternate(
    closure: Closure, tiers: tuple[tuple[int, Instances, NDArray[np.int32]], ...], wanted: Equations, most: int
) -> None:
    """Run the stages in turn until the goal holds or none changes anything."""
    options, log = closure.options, closure.log
    assert closure.equals is not None
    idle = 0
    turn = 0
    while idle < len(tiers):
        stage, instances, order = tiers[turn % len(tiers)]
        turn += 1
        log.state[2] = stage
        before = log.state[0]
        state = run(
            instances, closure.equals, wanted, closure.systems, log, templates(options.square_table), order,
            options.square_table, most,
        )  # fmt: skip
        if state:
            closure.reason = (StopReason.SATURATED, StopReason.PROVED, StopReason.SIZE_LIMIT)[state]
            return
        idle = 0 if log.state[0] != before else idle + 1


def goal_equation(goal: Fact) -> Equation:
    """The equation that decides a goal: a question asks for the value, so its constant is read off the figure."""
    if goal.predicate == "acompute":
        return equations(Fact("para", goal.points))[0]
    if goal.predicate == "rcompute":
        return equations(Fact("cong", goal.points))[0]
    return equations(goal)[0]


def question_value(goal: Fact, diagram: Diagram) -> Fact:
    """The answer to an acompute or rcompute goal, read off the figure as a small rational (certificates confirm it)."""
    a, b, c, d = (diagram.points[p] for p in goal.points)
    if goal.predicate == "acompute":
        turn = (direction(a, b) - direction(c, d)) % 1.0
        return Fact("aconst", goal.points, (Fraction(turn * 180).limit_denominator(1000) % 180,))
    return Fact("rconst", goal.points, (Fraction(abs(b - a) / abs(d - c)).limit_denominator(1000),))
