"""Expressions of a chain as tuples of whole numbers, quick to add and to compare, and what they cost to read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import sub

from maieutic.geometry.prose.classes import Classes
from maieutic.geometry.trusted.predicates import Equation

Vector = tuple[int, ...]


class Vectors:
    """One number for each class of unknowns that the equations speak of, and one for the constant, which is last."""

    def __init__(self, equations: Sequence[Equation], classes: Classes, finer: int = 1) -> None:
        self.keys = sorted({u for e in equations for u, _ in e.terms})
        weights = [w for e in equations for _, w in e.terms]
        self.scale = math.lcm(*(w.denominator for w in weights)) if weights else 1
        turns = [w for e in equations for _, w in e.constants]
        self.turn = finer * math.lcm(*(w.denominator for w in turns)) if turns else finer
        self.angles = classes.table == "direction"
        self.modulus = self.turn if self.angles else 0
        self._costs: dict[Vector, float] = {}
        self.zero = (0,) * (len(self.keys) + 1)
        self.near = [
            sum(1 << j for j, other in enumerate(self.keys) if classes.meeting(key, other)) if self.angles else 0
            for key in self.keys
        ]

    def vector(self, equation: Equation) -> Vector:
        """An equation among classes as a vector."""
        terms = dict(equation.terms)
        constant = int(sum(w * key for key, w in equation.constants) * self.turn)
        constant = constant % self.modulus if self.modulus else constant
        return (*(int(terms.get(key, 0) * self.scale) for key in self.keys), constant)

    def minus(self, state: Vector, unit: Vector) -> Vector:
        """The difference of two vectors, the constant modulo 180 degrees where the table has directions."""
        *terms, constant = map(sub, state, unit)
        return (*terms, constant % self.modulus if self.modulus else constant)

    def cost(self, state: Vector) -> float:
        """How hard an expression is to read: the angles in it, more for those without a vertex; or its factors."""
        if state not in self._costs:
            self._costs[state] = self._cost(state)
        return self._costs[state]

    def _cost(self, state: Vector) -> float:
        total = sum(map(abs, state[:-1])) / (2 * self.scale) + (0.4 if state[-1] else 0.0)
        if self.angles:
            downs = sum(1 << i for i, w in enumerate(state[:-1]) if w < 0)
            total += sum(0.3 for i, w in enumerate(state[:-1]) if w > 0 and not self.near[i] & downs)
        return total * total
