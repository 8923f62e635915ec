"""The shortest way from one expression to another, by equations that are known.

An expression is a vector of small whole numbers, one for each class of equal lines, and a constant. To add or subtract
an equation is one step of the way, one "=" of a chain; the way may only pass through what a reader can keep in mind,
sums of few angles. Dijkstra's search from both ends at once finds the way that is easiest to read.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from maieutic.geometry.prose.vectors import Vector, Vectors
from maieutic.geometry.trusted.predicates import Equation

MOST_ANGLES = 3
"""The most angles of an expression on the way."""

MOST_LOOKED_AT = 3000
"""Expressions from which the search goes on, both ends together."""

Moves = dict[tuple[int, bool], list[tuple[int, Vector]]]
"""For a class and a sign: the equations in which it has that sign, by their number and as a vector."""


class Walks:
    """Ways by some equations, each with the price of using it."""

    def __init__(self, vectors: Vectors, equations: Sequence[Equation], prices: Sequence[float]) -> None:
        self.vectors = vectors
        self.prices = prices
        self.moves: Moves = {}
        seen: set[Vector] = set()
        for number, equation in sorted(enumerate(equations), key=lambda pair: prices[pair[0]]):
            unit = vectors.vector(equation)
            for signed in (unit, vectors.minus(vectors.zero, unit)):
                if signed in seen or not any(signed):
                    continue
                seen.add(signed)
                for key, weight in enumerate(signed[:-1]):
                    if weight:
                        self.moves.setdefault((key, weight > 0), []).append((number, signed))

    def shortest(self, start: Vector, end: Vector, limit: float) -> tuple[float, list[int]] | None:
        """The numbers of the equations along the easiest way that costs less than `limit`; None if none is found."""
        if start == end:
            return 0.0, []
        here, there = _Front(start), _Front(end)
        best, meeting = limit, None
        for _ in range(MOST_LOOKED_AT):
            front, other = (here, there) if here.least <= there.least else (there, here)
            if not front.open or here.least + there.least >= best:
                break
            cost, state = heapq.heappop(front.open)
            if cost > front.cost[state]:
                continue
            for after, price, number in self.following(state):
                total = cost + price
                if total >= best or total >= front.cost.get(after, best):
                    continue
                front.reach(after, total, state, number)
                if after in other.cost and total + other.cost[after] - self.vectors.cost(after) < best:
                    best, meeting = total + other.cost[after] - self.vectors.cost(after), after
        if meeting is None:
            return None
        return best, [*reversed(here.way(meeting)), *there.way(meeting)]

    def following(self, state: Vector) -> Iterable[tuple[Vector, float, int]]:
        """What one equation makes of an expression: it must take something away."""
        tried: set[Vector] = set()
        few = 2 * MOST_ANGLES * self.vectors.scale
        for key, weight in enumerate(state[:-1]):
            if not weight:
                continue
            for number, unit in self.moves.get((key, weight > 0), ()):
                if unit in tried:
                    continue
                tried.add(unit)
                after = self.vectors.minus(state, unit)
                if sum(map(abs, after[:-1])) <= few:
                    yield after, 1.0 + self.prices[number] + self.vectors.cost(after), number


class _Front:
    """How far a search has come from one end."""

    def __init__(self, start: Vector) -> None:
        self.open: list[tuple[float, Vector]] = [(0.0, start)]
        self.cost: dict[Vector, float] = {start: 0.0}
        self.before: dict[Vector, tuple[Vector, int]] = {}

    @property
    def least(self) -> float:
        return self.open[0][0] if self.open else float("inf")

    def reach(self, state: Vector, cost: float, before: Vector, number: int) -> None:
        self.cost[state] = cost
        self.before[state] = before, number
        heapq.heappush(self.open, (cost, state))

    def way(self, state: Vector) -> list[int]:
        """The equations from a state back to the start."""
        numbers = []
        while state in self.before:
            state, number = self.before[state]
            numbers.append(number)
        return numbers
