"""What is read off the figure early, and once: 2·∠BIC = ∠BAC = 2·∠IAC + 180°, so ∠BIC = ∠IAC + 90°.

Directed angles are known modulo 180°. Twice an angle may follow where the angle itself does not: halving leaves two
possibilities, and the figure tells which. A long chase of doubled angles is better told as a short one that is halved,
and then a chase of angles as they are. Here such short ones are looked for, in threes and fives as well as in twos.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

from maieutic.geometry.prose.lattice import Lattice
from maieutic.geometry.prose.vectors import Vector, Vectors
from maieutic.geometry.prose.walks import Walks
from maieutic.geometry.trusted.predicates import Equation, Unknown, make_equation

FARTHEST = 12.0
"""What a chase of doubled angles may cost to read."""

LOOKED_AT = 80
"""Doubled angles, and sums of them, that are looked at for each angle; more for larger multiples."""


MOST_ANGLES = 40
"""Angles that are multiplied, to see what they come to."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An equation that is one of `multiple` possibilities, the numbers of the equations behind it, and its cost."""

    equation: Equation
    numbers: tuple[int, ...]
    multiple: int
    cost: float


def branches(
    walks: Walks,
    vectors: Vectors,
    lattice: Lattice,
    multiple: int,
    lines: Sequence[Unknown],
    true: Callable[[Equation], bool],
) -> Iterator[Branch]:
    """Equations that follow but for a choice among `multiple`, the easiest first; each is true, and new.

    They are about angles between some of the lines, at least on one side; the first of the lines are tried first.
    """
    found: list[Branch] = []
    numbers_of = {key: number for number, key in enumerate(vectors.keys)}
    pairs = combinations([numbers_of[line] for line in lines if line in numbers_of], 2)
    for up, down in islice((pair for pair in pairs if vectors.near[pair[0]] >> pair[1] & 1), MOST_ANGLES):
        start = [0] * len(vectors.zero)
        start[up], start[down] = multiple * vectors.scale, -multiple * vectors.scale
        for end, cost, numbers in _around(walks, tuple(start), multiple):
            if any(w % multiple for w in end[:-1]) or sum(map(abs, end[:-1])) > 2 * multiple * vectors.scale:
                continue
            for turn in range(multiple):
                equation = _difference(vectors, start, end, multiple, turn)
                if equation.terms and vectors.vector(equation) not in lattice and true(equation):
                    found.append(Branch(equation, numbers, multiple, cost))
    found.sort(key=lambda branch: branch.cost)
    easiest = {branch.equation.normal(): branch for branch in reversed(found)}
    return reversed(easiest.values())


def _around(walks: Walks, start: Vector, multiple: int) -> Iterator[tuple[Vector, float, tuple[int, ...]]]:
    """What can be reached from an expression, easiest first, and by which equations."""
    queue: list[tuple[float, Vector, tuple[int, ...]]] = [(0.0, start, ())]
    done: set[Vector] = set()
    while queue and len(done) < LOOKED_AT * multiple**2 / 4:
        cost, state, numbers = heapq.heappop(queue)
        if state in done:
            continue
        done.add(state)
        yield state, cost, numbers
        for after, price, number in walks.following(state):
            if after not in done and cost + price < FARTHEST * multiple**2 / 4:
                heapq.heappush(queue, (cost + price, after, (*numbers, number)))


def _difference(vectors: Vectors, start: Sequence[int], end: Vector, multiple: int, turn: int) -> Equation:
    """(start - end) divided by the multiple, with one of the possible constants."""
    scale = multiple * vectors.scale
    terms = {key: Fraction(a - b, scale) for key, a, b in zip(vectors.keys, start, end, strict=False)}
    constant = (Fraction(-end[-1], vectors.turn) + turn) / multiple
    return make_equation("direction", terms, {1: constant})
