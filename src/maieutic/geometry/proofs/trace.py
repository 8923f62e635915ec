"""What a closure's log says, read back as facts and equations over names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.fixpoint import EQUAL, HYPOTHESIS
from maieutic.geometry.engine.sines import SineItem
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.engine.templates import Way, shapes
from maieutic.geometry.trusted.predicates import TABLES, Equation, combine, equations
from maieutic.geometry.trusted.records import Fact
from maieutic.geometry.trusted.rules import Rule

Part = tuple[Fact, int, int]
"""A fact, which of its equations, and an integer weight."""


@dataclass
class Trace:
    """The log of a run, read back as facts and equations over names."""

    closure: Closure
    entries: NDArray[np.int32]
    _memo: dict[int, tuple[Part, ...]] = field(default_factory=dict)

    def way(self, entry: Iterable[int]) -> tuple[Way, tuple[str, ...], tuple[Equation, ...]]:
        """The way of an instance's entry, the names in the shape's order, the shape's slots."""
        _, stage, instance, way, _ = entry
        row = self.closure.stages[stage].rows[instance]
        shape = shapes(self.closure.options.square_table, self.closure.options.rules)[row[0]]
        points = self.closure.points
        return shape.ways[way], tuple(points[p] for p in row[1:] if p >= 0), shape.slots

    def parts(self, index: int) -> tuple[Part, ...]:
        """The facts that an entry states, which of their equations, and weights: their sum is the added equation."""
        if index not in self._memo:
            entry = tuple(map(int, self.entries[index]))
            item = self.sine_item(entry)
            self._memo[index] = item.parts if item else ((*self._fact(entry), 1),)
        return self._memo[index]

    def sine_item(self, entry: tuple[int, ...]) -> SineItem | None:
        """What the sines added, if it was they."""
        if entry[1] > EQUAL - 1:
            return None
        done = next(p for p in self.closure.sine_passes if entry[2] < p.end)
        return done.item(entry[2], self.closure.points)

    def _fact(self, entry: tuple[int, ...]) -> tuple[Fact, int]:
        table, stage, instance, _, slot = entry
        if stage == HYPOTHESIS:
            return self.closure.assumed[instance]
        if stage == EQUAL:
            fact = self.equal_fact(instance)
            return fact, [e.table for e in equations(fact)].index(TABLES[table])
        way, names, slots = self.way(entry)
        target = _named(slots[slot], names)
        facts = (_renamed(way.fact, names),) if way.fact else self.rule(way, names).conclusions
        for fact in facts:
            for i, equation in enumerate(equations(fact)):
                if homogeneous(equation) == target:
                    return fact, i
        raise ProofError(f"no conclusion of {way.rule} is the added equation")

    def equation(self, index: int) -> Equation:
        """The equation of an entry of the log."""
        return total(self.parts(index))

    def equal_fact(self, instance: int) -> Fact:
        """The statement on two lengths behind an agreement of tables."""
        closure = self.closure
        assert closure.equals is not None
        a, b = closure.ends[int(closure.equals.first[instance])]
        c, d = closure.ends[int(closure.equals.second[instance])]
        ratio, squared = closure.ratios[int(closure.equals.which[instance])]
        if ratio == 1:
            return Fact("cong", (a, b, c, d))
        return Fact("rsqconst" if squared else "rconst", (a, b, c, d), (ratio,))

    def premises(self, index: int) -> list[tuple[Fact, Equation]]:
        """What an entry needed: facts, each with the equation by which it was known."""
        entry = tuple(map(int, self.entries[index]))
        _, stage, instance, _, _ = entry
        if stage == HYPOTHESIS:
            return []
        item = self.sine_item(entry)
        if item:
            return [premise for _, _, premises in item.steps for premise in premises]
        if stage == EQUAL:
            fact = self.equal_fact(instance)
            return [(fact, equation) for equation in equations(fact) if equation.table == TABLES[entry[3]]]
        way, names, slots = self.way(entry)
        if way.fact:
            needed = _named(slots[way.needs.bit_length() - 1], names)
            fact = _renamed(way.fact, names)
            return [(fact, next(e for e in equations(fact) if homogeneous(e) == needed))]
        over_positions = self.closure.options.by_name[way.rule].instance(tuple(map(str, way.positions))).premises
        return [(_renamed(fact, names), _named(equations(fact)[0], names)) for fact in over_positions]

    def rule(self, way: Way, names: tuple[str, ...]) -> Rule:
        """The rule of a way, of named points."""
        return self.closure.options.by_name[way.rule].instance(tuple(names[p] for p in way.positions))


def total(parts: tuple[Part, ...]) -> Equation:
    """The weighted sum of the equations of some facts."""
    if len(parts) == 1 and parts[0][2] == 1:  # nearly always
        return equations(parts[0][0])[parts[0][1]]
    weighted = [(Fraction(weight), equations(fact)[which]) for fact, which, weight in parts]
    return combine(weighted[0][1].table, weighted)


def homogeneous(equation: Equation) -> Equation:
    """An equation without its constant, in whole numbers."""
    return Equation(equation.table, equation.terms).normal()


def _named(equation: Equation, names: tuple[str, ...]) -> Equation:
    """A slot over positions as an equation over names."""
    terms: dict[tuple[str, ...], Fraction] = {}
    for (a, b), weight in equation.terms:
        x, y = names[int(a)], names[int(b)]
        if x != y:
            key = (min(x, y), max(x, y))
            terms[key] = terms.get(key, Fraction(0)) + weight
    return Equation(equation.table, tuple(sorted((u, w) for u, w in terms.items() if w))).normal()


def _renamed(fact: Fact, names: tuple[str, ...]) -> Fact:
    return Fact(fact.predicate, tuple(names[int(p)] for p in fact.points), fact.values)
