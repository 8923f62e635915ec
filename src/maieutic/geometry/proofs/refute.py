"""What figures say of a goal: that it is false, with the numbers that show it.

>>> false_goals(problem, draw(problem))
[(Fact('cong', ('a', 'b', 'c', 'd')), '|ab| = 0.531, |cd| = 0.707')]
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from maieutic.core.errors import DiagramError, MaieuticError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.trusted.building import figure_order
from maieutic.geometry.trusted.hints.branches import branches as branches_of
from maieutic.geometry.trusted.loci import circumcentre, foot
from maieutic.geometry.trusted.predicates import PREDICATES, Coordinates, apart, direction, expand, holds
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Diagram, Fact, Problem, number_text

TOLERANCE = 1e-6
OTHERS = 5
"""Figures, further on, that are looked at before a goal is called false, or after nothing followed."""
BRANCH_SEED = 31_337
"""The seeds of figures that know no goal, branches included, from here on."""

Wrong = list[tuple[Fact, str]]
"""Goals that are false on a figure, each with the numbers that show it."""


def false_goals(problem: Problem, diagram: Diagram) -> Wrong:
    """The goals that are false on a figure, each with the numbers that show it. Questions never are."""
    return [
        (goal, measure(goal, diagram.points)) for goal in problem.goals if not holds(goal, diagram.points, TOLERANCE)
    ]


def told(wrong: Wrong) -> str:
    """What is false, in words and numbers."""
    return "; ".join(f"{PREDICATES[goal.predicate].phrase(goal)} is false: {numbers}" for goal, numbers in wrong)


def only_where(problem: Problem, diagram: Diagram) -> list[tuple[str, str]]:
    """The pairs of points that are one on every branch on which all goals are true, and are two on a counterexample."""
    common: set[tuple[str, str]] | None = None
    for other in _branches(problem):
        if not false_goals(problem, other):
            same = {pair for pair in combinations(sorted(other.points), 2) if not apart(other.points, *pair)}
            common = same if common is None else common & same
    return sorted(pair for pair in common or () if apart(diagram.points, *pair))


def true_figure(problem: Problem, seed: int) -> Diagram | None:
    """The first of the next figures on which all goals are true; None where they are true on none."""
    return next((other for other in _further(problem, seed) if not false_goals(problem, other)), None)


def counterexample(problem: Problem, seed: int, *, branches: bool = False) -> tuple[Diagram, Wrong] | None:
    """One of the next figures on which a goal is false, and what is false there; None where there is none.

    Without `branches`, figures that are drawn for the goals to be true, if they can be; with them, every branch of
    some figures that know no goal.
    """
    figures = _branches(problem) if branches else _further(problem, seed)
    for other in figures:
        wrong = false_goals(problem, other)
        if wrong:
            return other, wrong
    return None


def _further(problem: Problem, seed: int) -> Iterator[Diagram]:
    bare = replace(problem, coordinates=())
    for further in range(1, OTHERS + 1):
        try:
            yield draw(bare if further > 1 else problem, seed + further)
        except DiagramError:
            continue


def _branches(problem: Problem) -> Iterator[Diagram]:
    try:
        order = figure_order(problem, dict(problem.coordinates))
        for seed in range(BRANCH_SEED, BRANCH_SEED + OTHERS):
            for at in branches_of(problem, order, seed).figures:
                yield Diagram(at, seed)
    except MaieuticError:
        return


def measure(fact: Fact, at: Coordinates) -> str:
    """The numbers of a figure that a fact speaks of: `|ab| = 0.531, |cd| = 0.707`."""
    parts = expand(fact)
    if parts != (fact,):
        return measure(next((part for part in parts if not holds(part, at, TOLERANCE)), parts[0]), at)
    points = fact.points
    match fact.predicate:
        case "coll":
            return _off(fact, at, f"line {points[0]}{points[1]}")
        case "cyclic":
            return _off(fact, at, f"the circle {points[0]}{points[1]}{points[2]}")
        case "para" | "perp" | "aconst" | "acompute" | "npara" | "nperp":
            wanted = {"para": "0", "perp": "90", "npara": "not 0", "nperp": "not 90"}.get(fact.predicate)
            wanted = number_text(fact.values[0] % 180) if fact.values else wanted
            turned = replace(fact, points=(*points[2:], *points[:2]))
            other = fact.predicate == "aconst" and holds(turned, at, TOLERANCE)
            return (
                f"{_angle(points, at)}"
                + (f", to be {wanted}" if wanted else "")
                + (f"; it is true of the lines in the other order: {turned}" if other else "")
            )
        case "eqangle" | "neqangle":
            return f"{_angle(points[:4], at)}, {_angle(points[4:], at)}"
        case "cong" | "ncong" | "lessthan":
            first, second = _length(points[:2], at), _length(points[2:], at)
            texts = _two(first, second)
            return f"|{points[0]}{points[1]}| = {texts[0]}, |{points[2]}{points[3]}| = {texts[1]}"
        case "eqratio":
            texts = _two(_ratio(points[:4], at), _ratio(points[4:], at))
            return f"{_ratio_name(points[:4])} = {texts[0]}, {_ratio_name(points[4:])} = {texts[1]}"
        case "rconst" | "rcompute":
            wanted = f", to be {number_text(fact.values[0])}" if fact.values else ""
            return f"{_ratio_name(points)} = {_ratio(points, at):.6g}{wanted}"
    return "points " + ", ".join(f"{p} = ({at[p].real:.4f}, {at[p].imag:.4f})" for p in dict.fromkeys(points))


def _length(points: tuple[str, ...], at: Coordinates) -> float:
    return abs(at[points[1]] - at[points[0]])


def _ratio(points: tuple[str, ...], at: Coordinates) -> float:
    divisor = _length(points[2:], at)
    return _length(points[:2], at) / divisor if divisor else math.inf


def _ratio_name(points: tuple[str, ...]) -> str:
    a, b, c, d = points
    return f"|{a}{b}|/|{c}{d}|"


def _angle(points: tuple[str, ...], at: Coordinates) -> str:
    a, b, c, d = points
    turn = 180 * ((direction(at[a], at[b]) - direction(at[c], at[d])) % 1.0)
    return f"the angle from {c}{d} to {a}{b} is {turn:.4f} degrees"


def _two(first: float, second: float) -> tuple[str, str]:
    """Two numbers, with so many digits that they differ if they do."""
    texts = f"{first:.3g}", f"{second:.3g}"
    for digits in range(4, 16):
        if texts[0] != texts[1]:
            break
        texts = f"{first:.{digits}g}", f"{second:.{digits}g}"
    return texts


def _off(fact: Fact, at: Coordinates, locus: str) -> str:
    """How far the last point is from where the others put it, beside the largest distance of the others."""
    *others, last = fact.points
    known = [at[p] for p in others]
    size = max(abs(p - q) for p in known for q in known)
    try:
        if fact.predicate == "coll":
            distance = abs(at[last] - foot(at[last], known[0], known[1]))
        else:
            centre = circumcentre(*known)
            distance = abs(abs(at[last] - centre) - abs(known[0] - centre))
    except NoMeetError:
        return f"{locus} is not defined: points coincide or are collinear"
    return f"{last} is {distance:.3g} off {locus}, in a figure where the others are {size:.3g} apart"
