"""The state of an engine: what is known of a figure, and how far it may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.classes import Measures
from maieutic.geometry.engine.fixpoint import (
    Equals,
    Equations,
    Instances,
    Log,
    Systems,
    all_hold,
)
from maieutic.geometry.engine.linear import PRIME
from maieutic.geometry.engine.matching import ID, WIDTH
from maieutic.geometry.engine.sines import SinePass
from maieutic.geometry.engine.templates import OURS
from maieutic.geometry.trusted.predicates import TABLES, Equation, equations, expand, holds
from maieutic.geometry.trusted.records import Diagram, Fact, Problem
from maieutic.geometry.trusted.rules import Rule

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
    rules: tuple[Rule, ...] = field(default=OURS, repr=False)
    """The theorems that are used."""

    @cached_property
    def by_name(self) -> Mapping[str, Rule]:
        """The rules by their names."""
        return {rule.name: rule for rule in self.rules}

    @property
    def others(self) -> tuple[Rule, ...]:
        """The theorems that are not ours."""
        return tuple(rule for rule in self.rules if rule not in OURS) if self.rules is not OURS else ()


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
