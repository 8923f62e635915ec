"""One attempt at a figure: a problem prepared, and its points placed by chance, clause by clause or all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from maieutic.geometry.engine.solve import Complexes, Indices, System, compile_facts, polish, worst
from maieutic.geometry.trusted.building import figure_order
from maieutic.geometry.trusted.constructions import (
    CONSTRUCTIONS,
    Either,
    clause_requirements,
    hypotheses,
    introduces,
    placing,
)
from maieutic.geometry.trusted.hints.branches import sketch, ways
from maieutic.geometry.trusted.hints.fact_loci import common_places
from maieutic.geometry.trusted.hints.order import text_order
from maieutic.geometry.trusted.hints.sketches import Rng, free_point, sample
from maieutic.geometry.trusted.loci import Line, Locus, Points, project
from maieutic.geometry.trusted.parts import Order
from maieutic.geometry.trusted.predicates import dot, holds
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Point, Problem
from maieutic.geometry.trusted.stated import stated

EXACT = 1e-11
"""Residuals below this are rounding; above it a figure is polished."""
ACCEPTED = 1e-9
"""The largest residual that a figure may have."""
SAME = 1e-7
"""Two points this close, in a figure of size 1, are in the same place."""
SIDE_TRIALS = 30
"""Places that are tried for the points of a clause with side conditions."""
NEARLY = 1e-3
"""Different points are farther apart than this, in a figure of size 1: where they should be one, by a double root,
rounding puts them up to the root of ACCEPTED apart."""

# --- the plan: a problem, prepared -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One clause: its loci, or the one construction of several points, what must hold before, and its side conditions
    of points that are there by then."""

    clause: Clause
    constructions: tuple[Construction, ...]
    requirements: tuple[Fact, ...]
    sides: tuple[Fact, ...] = ()


def step_of(clause: Clause) -> tuple[Step, bool]:
    """A clause, and whether it is drawn exactly; otherwise what it asserts must be solved for."""
    drawable = tuple(use for use in clause.constructions if introduces(use, clause))
    exact = len(drawable) == len(placing(clause))
    if len(clause.points) > 1 and len(drawable) > 1:
        drawable, exact = drawable[:1], False
    if len(drawable) == 1 and drawable[0].name == "free":
        drawable = ()
    sides = tuple(Fact(use.name, use.args, use.values) for use in clause.constructions if use not in placing(clause))
    return Step(clause, drawable, clause_requirements(clause), sides), exact


@dataclass(frozen=True)
class Plan:
    """A problem, prepared: what is drawn, what must hold, and the goals, each as a system and the numeric facts.

    `solved`: some clause is not drawn exactly, so all coordinates are solved for; `orders` are then ways to draw the
    facts. `excluded` are the old points that a new one is not, by convention. `hints` are the given coordinates,
    `pairs` the indices of all pairs of points.
    """

    steps: tuple[Step, ...]
    system: System
    conditions: tuple[Fact, ...]
    goals: System
    numeric_goals: tuple[Fact, ...]
    solved: bool
    orders: tuple[Order, ...]
    excluded: Mapping[str, frozenset[str]]
    seed: int
    hints: Mapping[str, Point]
    pairs: tuple[Indices, Indices]


@lru_cache(maxsize=256)
def plan_of(problem: Problem) -> Plan:
    """A problem, prepared to be drawn."""
    steps, exact = zip(*map(step_of, problem.clauses), strict=True)
    solved = not all(exact)
    points = problem.points
    system, _ = compile_facts(points, hypotheses(problem))
    conditions = stated(problem)
    excluded: dict[str, frozenset[str]] = {}
    for fact in conditions:
        if fact.predicate == "diff":
            for new, old in (fact.points, fact.points[::-1]):
                excluded[new] = excluded.get(new, frozenset()) | {old}
    goals, numeric_goals = compile_facts(points, problem.goals)
    return Plan(
        steps,
        system,
        tuple(conditions),
        goals,
        tuple(numeric_goals),
        solved,
        (figure_order(problem, dict(problem.coordinates)), text_order(problem)) if solved else (),
        excluded,
        int(problem.key, 16),
        normalised(dict(problem.coordinates)),
        np.triu_indices(len(points), 1),
    )


def normalised(at: Mapping[str, Point]) -> dict[str, Point]:
    """Moved to centroid 0 and scaled so that the point farthest out is at 1."""
    if not at:
        return {}
    centre = sum(at.values()) / len(at)
    reach = max(abs(z - centre) for z in at.values())
    return {name: (z - centre) / (reach or 1.0) for name, z in at.items()}


# --- one attempt -----------------------------------------------------------------------------------------------------


class FailedError(Exception):
    """An attempt that gave no figure: why, and in which clause, if in one."""

    def __init__(self, reason: str, clause: Clause | None = None) -> None:
        super().__init__(reason, clause)
        self.reason = reason
        self.clause = clause


def _place(plan: Plan, rng: Rng, hints: Mapping[str, Point]) -> dict[str, Point]:
    """The points, clause by clause. In plans that are solved afterwards, what cannot be drawn starts anywhere."""
    at: dict[str, Point] = {}
    for step in plan.steps:
        try:
            at |= _place_on_its_side(step, at, rng, hints, plan)
        except FailedError:
            if not plan.solved:
                raise
            at |= place_freely(step.clause.points, at, rng, hints)
    return at


def _place_on_its_side(
    step: Step, at: Mapping[str, Point], rng: Rng, hints: Mapping[str, Point], plan: Plan
) -> dict[str, Point]:
    """The points of one clause, at the first of a few places where its side conditions hold. Raises FailedError."""
    for _ in range(SIDE_TRIALS if step.sides and not hints else 1):
        placed = place_step(step, at, rng, hints, not plan.solved, plan.excluded)
        if all(holds(fact, {**at, **placed}) for fact in step.sides):
            break
    return placed


def _place_by_facts(plan: Plan, rng: Rng) -> dict[str, Point]:
    """The points in the order of what the facts say; what cannot be drawn so is left inexact."""
    assert plan.orders
    at: dict[str, Point] = {}
    for part in plan.orders[int(rng.integers(len(plan.orders)))].parts:
        try:
            if part.clause is not None:
                at |= place_step(step_of(part.clause)[0], at, rng, {}, False, plan.excluded)
                continue
            near = sketch(part, at, rng)
            if part.is_block:
                at |= near
                continue
            found = ways(part, at, near)
            fresh = [way for way in found if all(clearance(place, at) > 1e-6 for place in way.values())] or found
            at |= fresh[int(rng.integers(len(fresh)))]
        except (NoMeetError, KeyError, FailedError):
            at |= {name: free_point(rng) for name in part.points}
    return at


def place_step(
    step: Step,
    at: Mapping[str, Point],
    rng: Rng,
    hints: Mapping[str, Point],
    checked: bool,
    excluded: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, Point]:
    """The points of one clause. Raises FailedError; `checked`: also where a requirement does not hold."""
    names = step.clause.points
    if checked:
        for fact in step.requirements:
            if not holds(fact, at):
                raise FailedError(f"'{fact}' does not hold", step.clause)
    if not step.constructions:
        return place_freely(names, at, rng, hints)
    try:
        loci: list[Locus] = []
        for use in step.constructions:
            construct = CONSTRUCTIONS[use.name]
            new, old = construct.introduced(use.args), [at[p] for p in construct.given(use.args)]
            near: tuple[Point, ...] | None = None
            if construct.sketch:
                hinted = all(name in hints for name in new)
                near = tuple(hints[name] for name in new) if hinted else construct.sketch(rng, *old)
            drawn = construct.draw(near, *old, *use.values)
            if isinstance(drawn, Either):
                drawn = _chosen(drawn.ways, new, rng, hints)
            if isinstance(drawn, tuple):
                return dict(zip(new, drawn, strict=True))
            loci.append(drawn)
        not_there = [at[name] for name in excluded.get(names[0], ()) if name in at]
        return {names[0]: _choose(loci, at, rng, hints.get(names[0]), not_there)}
    except (NoMeetError, ArithmeticError, ValueError) as error:
        raise FailedError(str(error), step.clause) from None


def _chosen(
    found: Sequence[tuple[Point, ...]], new: Sequence[str], rng: Rng, hints: Mapping[str, Point]
) -> tuple[Point, ...]:
    if all(name in hints for name in new):
        return min(found, key=lambda way: sum(abs(z - hints[name]) for name, z in zip(new, way, strict=True)))
    return found[int(rng.integers(len(found)))]


def place_freely(
    names: Sequence[str], at: Mapping[str, Point], rng: Rng, hints: Mapping[str, Point]
) -> dict[str, Point]:
    """Points anywhere, apart from the others, or where hints place them."""
    placed: dict[str, Point] = {}
    for name in names:
        placed[name] = hints[name] if name in hints else _apart(lambda: free_point(rng), {**at, **placed})
    return placed


def _choose(
    loci: Sequence[Locus], at: Mapping[str, Point], rng: Rng, hint: Point | None, excluded: Sequence[Point] = ()
) -> Point:
    """A point of the loci: at random, but not one that there is already, and apart from the others if it can be.

    Where several are common, none of those that are excluded.
    """
    if len(loci) == 1 and not isinstance(loci[0], Points):
        locus = loci[0]
        return _apart(lambda: sample(locus, rng), at) if hint is None else project(locus, hint)
    candidates = loci[0].points if isinstance(loci[0], Points) and len(loci) == 1 else common_places(loci)
    if len(candidates) > 1:
        candidates = tuple(p for p in candidates if all(abs(p - q) > 1e-6 for q in excluded)) or candidates
    if len(candidates) == 1:
        return candidates[0]
    if hint is not None:
        return min(candidates, key=lambda p: abs(p - hint))
    fresh = [p for p in candidates if clearance(p, at) > 1e-6] or list(candidates)
    rays = [locus for locus in loci if isinstance(locus, Line) and locus.ray]
    fresh = [p for p in fresh if all(dot(ray.along, p - ray.through) > 0 for ray in rays)] or fresh
    return fresh[int(rng.integers(len(fresh)))] if len(fresh) > 1 else fresh[0]


def _apart(propose: Callable[[], Point], at: Mapping[str, Point]) -> Point:
    """The first of a few random points that is well apart from the others, or the best of them."""
    best = propose()
    most = clearance(best, at)
    for _ in range(4):
        if most > 0.1:
            break
        tried = propose()
        clear = clearance(tried, at)
        if clear > most:
            best, most = tried, clear
    return best


def clearance(p: Point, at: Mapping[str, Point]) -> float:
    """The distance of a place to the nearest point."""
    return min((abs(p - q) for q in at.values()), default=math.inf)


def attempted(plan: Plan, rng: Rng, hints: Mapping[str, Point], keep: bool) -> Complexes:
    """One figure on which all hypotheses hold. `keep`: hints are a whole figure, to be polished and not redrawn."""
    if keep:
        at = dict(hints)
    elif plan.solved and not hints and rng.random() < 0.3:
        at = _place_by_facts(plan, rng)
    else:
        at = _place(plan, rng, hints)
    z = centred(np.array([at[name] for name in plan.system.points]))
    error = worst(plan.system.residuals(z))
    if error > EXACT:
        if not plan.solved and error > 1e-3 and not hints:
            raise FailedError(collapse_of(plan, z) or "rounding spoils the construction")
        z = centred(polish(plan.system, z))
        residuals = plan.system.residuals(z)
        error = worst(residuals)
        if error > ACCEPTED:
            row = int(np.argmax(np.abs(residuals)))
            raise FailedError(f"'{plan.system.facts[plan.system.row_facts[row]]}' is off by {error:.1e}")
    collapse = collapse_of(plan, z) or (
        "points nearly coincide, as at a double root" if not keep and is_nearly_degenerate(z) else None
    )
    if collapse:
        raise FailedError(collapse)
    named = dict(zip(plan.system.points, z.tolist(), strict=True))
    for fact in plan.conditions:
        if not holds(fact, named):
            raise FailedError(f"'{fact}' does not hold")
    return z


def is_nearly_degenerate(z: Complexes) -> bool:
    """Whether two points are neither in one place nor well apart: a solver runs there where a figure collapses."""
    first, second = np.triu_indices(len(z), 1)
    lengths = np.abs(z[second] - z[first])
    return bool(((lengths > SAME / 10) & (lengths < NEARLY)).any())


def collapse_of(plan: Plan, z: Complexes) -> str | None:
    """Which two points coincide though a hypothesis speaks of their line or distance, in words; None where none do."""
    pair = plan.system.collapsed(z)
    return f"{pair[0]} and {pair[1]} coincide, and a hypothesis speaks of their line or distance" if pair else None


def centred(z: Complexes) -> Complexes:
    """Moved to centroid 0, scaled so that the point farthest out is at 1. Raises FailedError for infinite places."""
    z = z - z.mean()
    reach = float(np.abs(z).max(initial=0.0))
    if not math.isfinite(reach):
        raise FailedError("points run away")
    return z / reach if reach > 0 else z
