"""Symmetries of a statement: exchanges of points under which the hypotheses stay the same.

Where a statement is symmetric, a helpful point often comes with its mirror image: both are tried at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maieutic.geometry.trusted.predicates import Equation, equations, make_equation
from maieutic.geometry.trusted.records import Fact

MOST_STEPS = 20_000
"""Assignments tried at most."""


Statement = frozenset[Equation]
"""A fact as the set of its equations, whatever the order of its points."""


def involutions(points: tuple[str, ...], facts: Iterable[Fact]) -> list[dict[str, str]]:
    """The exchanges of points (each its own inverse, not the identity) that map the facts onto themselves."""
    stated = {frozenset(e.normal() for e in equations(fact)) for fact in facts if equations(fact)}
    degree = _degrees(points, stated)
    budget = [MOST_STEPS]
    return [
        image
        for image in _assignments(points, {}, stated, degree, budget)
        if any(a != b for a, b in image.items()) and {_renamed(s, image) for s in stated} == stated
    ]


def _points(statement: Statement) -> set[str]:
    return {p for equation in statement for unknown, _ in equation.terms for p in unknown}


def _degrees(points: tuple[str, ...], stated: set[Statement]) -> dict[str, tuple[int, ...]]:
    """What an exchange cannot change: in how many statements of each size a point stands."""
    sizes = [(len(s), max(len(e.terms) for e in s), len(_points(s)), _points(s)) for s in stated]
    kinds = sorted({size[:3] for size in sizes})
    return {p: tuple(sum(size[:3] == kind and p in size[3] for size in sizes) for kind in kinds) for p in points}


def _assignments(
    points: tuple[str, ...],
    image: dict[str, str],
    stated: set[Statement],
    degree: dict[str, tuple[int, ...]],
    budget: list[int],
) -> Iterator[dict[str, str]]:
    """Ways to complete an exchange so that what is known of it keeps the statements."""
    rest = [p for p in points if p not in image]
    if not rest:
        yield dict(image)
        return
    first = rest[0]
    for other in rest:
        if degree[other] != degree[first] or budget[0] <= 0:
            continue
        budget[0] -= 1
        further = image | {first: other, other: first}
        if all(_renamed(s, further) in stated for s in stated if _points(s) <= further.keys()):
            yield from _assignments(points, further, stated, degree, budget)


def _renamed(statement: Statement, image: dict[str, str]) -> Statement:
    renamed = set()
    for equation in statement:
        terms = {tuple(sorted(image[p] for p in unknown)): weight for unknown, weight in equation.terms}
        renamed.add(make_equation(equation.table, terms, dict(equation.constants)).normal())
    return frozenset(renamed)
