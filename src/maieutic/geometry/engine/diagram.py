"""Figures: from a problem and a seed to coordinates.

Constructions are drawn in order, each from the points before it, exactly; where a clause has several, as the meet of
their loci. What they leave open is drawn at random: free points, points on a locus, which of two meets. A figure is
then polished if rounding has grown, checked against every hypothesis and every strict fact that is stated, and looked
at: points apart above everything, then the goals true (which of two meets is meant, the text does not say), nothing
nearly but not quite parallel, perpendicular or of equal length. The first that is good enough is taken, by a standard
that falls as attempts pass. What is drawn here is for the engine and for readers; the kernel draws its own.

Clauses that assert predicates are not drawn but solved: all coordinates at once, from given coordinates (as they are
for seed 0, smoothly bent for others, which stay in the same configuration) or from a random start.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.solve import Complexes, Indices, System, compile_facts, polish, worst
from maieutic.geometry.trusted.building import figure_order
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Either, clause_requirements, hypotheses, introduces
from maieutic.geometry.trusted.hints.branches import sketch, ways
from maieutic.geometry.trusted.hints.fact_loci import common_places
from maieutic.geometry.trusted.hints.order import text_order
from maieutic.geometry.trusted.hints.sketches import Rng, free_point, sample
from maieutic.geometry.trusted.loci import Line, Locus, Points, project
from maieutic.geometry.trusted.parts import Order
from maieutic.geometry.trusted.predicates import dot, holds
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Construction, Diagram, Fact, Point, Problem
from maieutic.geometry.trusted.stated import stated

ATTEMPTS = 60
EXACT = 1e-11
"""Residuals below this are rounding; above it a figure is polished."""
ACCEPTED = 1e-9
"""The largest residual that a figure may have."""
SAME = 1e-7
"""Two points this close, in a figure of size 1, are in the same place."""
NEARLY = 1e-3
"""Different points are farther apart than this, in a figure of size 1: where they should be one, by a double root,
rounding puts them up to the root of ACCEPTED apart."""
DOUBT = (1e-9, 2e-6)
"""Two directions, or logarithms of lengths, that differ by so much are neither clearly equal nor clearly different."""


# --- the plan: a problem, prepared -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """One clause: its loci, or the one construction of several points, and what must hold before."""

    clause: Clause
    constructions: tuple[Construction, ...]
    requirements: tuple[Fact, ...]


def _step(clause: Clause) -> tuple[_Step, bool]:
    """A clause, and whether it is drawn exactly; otherwise what it asserts must be solved for."""
    drawable = tuple(use for use in clause.constructions if introduces(use, clause))
    exact = len(drawable) == len(clause.constructions)
    if len(clause.points) > 1 and len(drawable) > 1:
        drawable, exact = drawable[:1], False
    if len(drawable) == 1 and drawable[0].name == "free":
        drawable = ()
    return _Step(clause, drawable, clause_requirements(clause)), exact


@dataclass(frozen=True)
class _Plan:
    """A problem, prepared: what is drawn, what must hold, and the goals, each as a system and the numeric facts.

    `solved`: some clause is not drawn exactly, so all coordinates are solved for; `orders` are then ways to draw the
    facts. `excluded` are the old points that a new one is not, by convention. `hints` are the given coordinates,
    `pairs` the indices of all pairs of points.
    """

    steps: tuple[_Step, ...]
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
def _plan(problem: Problem) -> _Plan:
    steps, exact = zip(*map(_step, problem.clauses), strict=True)
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
    return _Plan(
        steps,
        system,
        tuple(conditions),
        goals,
        tuple(numeric_goals),
        solved,
        (figure_order(problem, dict(problem.coordinates)), text_order(problem)) if solved else (),
        excluded,
        int(problem.key, 16),
        _normalised(dict(problem.coordinates)),
        np.triu_indices(len(points), 1),
    )


def _normalised(at: Mapping[str, Point]) -> dict[str, Point]:
    """Moved to centroid 0 and scaled so that the point farthest out is at 1."""
    if not at:
        return {}
    centre = sum(at.values()) / len(at)
    reach = max(abs(z - centre) for z in at.values())
    return {name: (z - centre) / (reach or 1.0) for name, z in at.items()}


# --- one attempt -----------------------------------------------------------------------------------------------------


class _FailedError(Exception):
    """An attempt that gave no figure: why, and in which clause, if in one."""

    def __init__(self, reason: str, clause: Clause | None = None) -> None:
        super().__init__(reason, clause)
        self.reason = reason
        self.clause = clause


def _place(plan: _Plan, rng: Rng, hints: Mapping[str, Point]) -> dict[str, Point]:
    """The points, clause by clause. In plans that are solved afterwards, what cannot be drawn starts anywhere."""
    at: dict[str, Point] = {}
    for step in plan.steps:
        try:
            at |= _place_step(step, at, rng, hints, not plan.solved, plan.excluded)
        except _FailedError:
            if not plan.solved:
                raise
            at |= _place_freely(step.clause.points, at, rng, hints)
    return at


def _place_by_facts(plan: _Plan, rng: Rng) -> dict[str, Point]:
    """The points in the order of what the facts say; what cannot be drawn so is left inexact."""
    assert plan.orders
    at: dict[str, Point] = {}
    for part in plan.orders[int(rng.integers(len(plan.orders)))].parts:
        try:
            if part.clause is not None:
                at |= _place_step(_step(part.clause)[0], at, rng, {}, False, plan.excluded)
                continue
            near = sketch(part, at, rng)
            if part.is_block:
                at |= near
                continue
            found = ways(part, at, near)
            fresh = [way for way in found if all(_clearance(place, at) > 1e-6 for place in way.values())] or found
            at |= fresh[int(rng.integers(len(fresh)))]
        except (NoMeetError, KeyError, _FailedError):
            at |= {name: free_point(rng) for name in part.points}
    return at


def _place_step(
    step: _Step,
    at: Mapping[str, Point],
    rng: Rng,
    hints: Mapping[str, Point],
    checked: bool,
    excluded: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, Point]:
    """The points of one clause. Raises _FailedError; `checked`: also where a requirement does not hold."""
    names = step.clause.points
    if checked:
        for fact in step.requirements:
            if not holds(fact, at):
                raise _FailedError(f"'{fact}' does not hold", step.clause)
    if not step.constructions:
        return _place_freely(names, at, rng, hints)
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
        raise _FailedError(str(error), step.clause) from None


def _chosen(
    found: Sequence[tuple[Point, ...]], new: Sequence[str], rng: Rng, hints: Mapping[str, Point]
) -> tuple[Point, ...]:
    if all(name in hints for name in new):
        return min(found, key=lambda way: sum(abs(z - hints[name]) for name, z in zip(new, way, strict=True)))
    return found[int(rng.integers(len(found)))]


def _place_freely(
    names: Sequence[str], at: Mapping[str, Point], rng: Rng, hints: Mapping[str, Point]
) -> dict[str, Point]:
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
    fresh = [p for p in candidates if _clearance(p, at) > 1e-6] or list(candidates)
    rays = [locus for locus in loci if isinstance(locus, Line) and locus.ray]
    fresh = [p for p in fresh if all(dot(ray.along, p - ray.through) > 0 for ray in rays)] or fresh
    return fresh[int(rng.integers(len(fresh)))] if len(fresh) > 1 else fresh[0]


def _apart(propose: Callable[[], Point], at: Mapping[str, Point]) -> Point:
    """The first of a few random points that is well apart from the others, or the best of them."""
    best = propose()
    most = _clearance(best, at)
    for _ in range(4):
        if most > 0.1:
            break
        tried = propose()
        clear = _clearance(tried, at)
        if clear > most:
            best, most = tried, clear
    return best


def _clearance(p: Point, at: Mapping[str, Point]) -> float:
    return min((abs(p - q) for q in at.values()), default=math.inf)


def _attempt(plan: _Plan, rng: Rng, hints: Mapping[str, Point], keep: bool) -> Complexes:
    """One figure on which all hypotheses hold. `keep`: hints are a whole figure, to be polished and not redrawn."""
    if keep:
        at = dict(hints)
    elif plan.solved and not hints and rng.random() < 0.3:
        at = _place_by_facts(plan, rng)
    else:
        at = _place(plan, rng, hints)
    z = _centred(np.array([at[name] for name in plan.system.points]))
    error = worst(plan.system.residuals(z))
    if error > EXACT:
        if not plan.solved and error > 1e-3 and not hints:
            raise _FailedError(_collapse(plan, z) or "rounding spoils the construction")
        z = _centred(polish(plan.system, z))
        residuals = plan.system.residuals(z)
        error = worst(residuals)
        if error > ACCEPTED:
            row = int(np.argmax(np.abs(residuals)))
            raise _FailedError(f"'{plan.system.facts[plan.system.row_facts[row]]}' is off by {error:.1e}")
    collapse = _collapse(plan, z) or (
        "points nearly coincide, as at a double root" if not keep and _is_nearly_degenerate(z) else None
    )
    if collapse:
        raise _FailedError(collapse)
    named = dict(zip(plan.system.points, z.tolist(), strict=True))
    for fact in plan.conditions:
        if not holds(fact, named):
            raise _FailedError(f"'{fact}' does not hold")
    return z


def _is_nearly_degenerate(z: Complexes) -> bool:
    """Whether two points are neither in one place nor well apart: a solver runs there where a figure collapses."""
    first, second = np.triu_indices(len(z), 1)
    lengths = np.abs(z[second] - z[first])
    return bool(((lengths > SAME / 10) & (lengths < NEARLY)).any())


def _collapse(plan: _Plan, z: Complexes) -> str | None:
    pair = plan.system.collapsed(z)
    return f"{pair[0]} and {pair[1]} coincide, and a hypothesis speaks of their line or distance" if pair else None


def _centred(z: Complexes) -> Complexes:
    z = z - z.mean()
    reach = float(np.abs(z).max(initial=0.0))
    if not math.isfinite(reach):
        raise _FailedError("points run away")
    return z / reach if reach > 0 else z


# --- how good a figure looks -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    """What a figure looks like.

    `goals`: all are true. `coincident`: pairs of points (by index) in the same place. `spread`: the least distance of
    two different points over the greatest. `doubtful`: two directions or lengths are neither equal nor different.
    """

    goals: bool
    coincident: frozenset[tuple[int, int]]
    spread: float
    doubtful: bool


def _look(plan: _Plan, z: Complexes) -> _Look:
    first, second = plan.pairs
    vectors = z[second] - z[first]
    lengths = np.abs(vectors)
    if not len(lengths):
        return _Look(True, frozenset(), 1.0, False)
    size = float(lengths.max())
    coincident = _coincidences(z)
    if coincident:
        apart = lengths >= SAME * size
        vectors, lengths = vectors[apart], lengths[apart]
    if not len(lengths):
        return _Look(False, coincident, 0.0, False)
    angles = np.sort(np.angle(vectors) / math.pi % 0.5)
    gaps = np.concatenate((np.diff(angles), [angles[0] + 0.5 - angles[-1]], np.diff(np.sort(np.log(lengths)))))
    doubtful = bool(((gaps > DOUBT[0]) & (gaps < DOUBT[1])).any())
    return _Look(_goals_hold(plan, z), coincident, float(lengths.min()) / size, doubtful)


def _coincidences(z: Complexes) -> frozenset[tuple[int, int]]:
    first, second = np.triu_indices(len(z), 1)
    lengths = np.abs(z[second] - z[first])
    same = lengths < SAME * lengths.max(initial=0.0)
    return frozenset(zip(first[same].tolist(), second[same].tolist(), strict=True)) if same.any() else frozenset()


def _goals_hold(plan: _Plan, z: Complexes) -> bool:
    if worst(plan.goals.residuals(z)) > 1e-6:
        return False
    named = dict(zip(plan.system.points, z.tolist(), strict=True)) if plan.numeric_goals else {}
    return all(holds(goal, named) for goal in plan.numeric_goals)


# --- the figure ------------------------------------------------------------------------------------------------------


def draw(
    problem: Problem,
    seed: int = 0,
    *,
    time_limit: float = 5.0,
    well_shaped: bool = True,
    prefer_goals: bool = True,
) -> Diagram:
    """A figure of a problem. The same seed gives the same figure.

    With `well_shaped`, the figure is one of several attempts: points apart, then, with `prefer_goals`, the goals true
    if in any attempt they are (which of two meets is meant, the text does not say), no doubtful coincidences. Without
    it, the first figure on which all hypotheses hold.
    The centroid is at 0 and the point farthest out at distance 1. Given coordinates are kept by seed 0, and bent by
    the others.
    Raises DiagramError where none is found in ATTEMPTS attempts, or `time_limit` seconds of processor time.
    """
    plan = _plan(problem)
    rng = np.random.default_rng((plan.seed, seed & (2**64 - 1)))
    deadline = time.process_time() + time_limit
    given = all(point in plan.hints for point in problem.points)
    theirs = _coincidences(np.array([plan.hints[point] for point in problem.points])) if given else None
    failures: Counter[tuple[str, str]] = Counter()
    best: tuple[tuple[int, bool, bool, float], Complexes] | None = None
    seen: Counter[int] = Counter()
    usable = attempts = 0
    for attempt in range(ATTEMPTS * (20 if plan.solved else 1)):
        if attempt and (time.process_time() > deadline or (attempt >= ATTEMPTS and best)):
            break
        attempts += 1
        hints = _hints(plan, rng, seed, attempt)
        try:
            z = _attempt(plan, rng, hints, keep=given and bool(hints))
        except _FailedError as failure:
            failures[failure.reason, str(failure.clause or "")] += 1
            continue
        if not well_shaped or (given and seed == 0 and attempt == 0):
            return _diagram(plan, z, seed)
        look = _look(plan, z)
        usable += 1
        strange = len(look.coincident if theirs is None else look.coincident ^ theirs)
        seen[strange] += 1
        score = (-strange, look.goals or not prefer_goals, not look.doubtful, look.spread)
        if best is None or score > best[0]:
            best = score, z
        # Points that coincide in every figure are the problem's own; it takes a few figures to know.
        settled = not strange or (seen[strange] >= 4 and strange == min(seen))
        enough = 0.3 / len(z) * 0.93**attempt
        if score[1] and score[2] and settled and look.spread > enough:
            return _diagram(plan, z, seed)
        if usable >= 24 and not best[0][1]:
            break  # the goals seem to be false: no figure will please
    if best is None:
        raise DiagramError(_reason(attempts, failures))
    return _diagram(plan, best[1], seed)


def extend(diagram: Diagram, clauses: Sequence[Clause], seed: int = 0) -> Diagram:
    """A figure with further points, its own left where they are. Raises DiagramError.

    The clauses must be constructions. Among several possible points, one is taken that is new and apart from the
    others, if it can be.
    """
    at = dict(diagram.points)
    rng = np.random.default_rng((seed & (2**64 - 1), len(at)))
    for clause in clauses:
        step, exact = _step(clause)
        if not exact:
            raise DiagramError(f"the clause '{clause}' is not a construction, and cannot be drawn on a given figure")
        try:
            at |= _place_step(step, at, rng, {}, checked=True)
        except _FailedError as failure:
            raise DiagramError(f"the clause '{clause}' cannot be drawn: {failure.reason}") from None
    return Diagram(at, diagram.seed)


def _hints(plan: _Plan, rng: Rng, seed: int, attempt: int) -> Mapping[str, Point]:
    """The given coordinates: as they are, then bent by a smooth map, less and less, then none."""
    if not plan.hints or attempt >= ATTEMPTS // 2:
        return {}
    if seed == 0 and attempt == 0:
        return plan.hints
    bend = 0.25 * 0.85**attempt
    c = [bend * complex(*rng.normal(size=2)) / 2 for _ in range(4)]
    return {
        name: z + c[0] * z.conjugate() + c[1] * z * z + c[2] * (z * z).conjugate() + c[3] * abs(z) ** 2
        for name, z in plan.hints.items()
    }


def _diagram(plan: _Plan, z: Complexes, seed: int) -> Diagram:
    return Diagram(dict(zip(plan.system.points, z.tolist(), strict=True)), seed)


def _reason(attempts: int, failures: Counter[tuple[str, str]]) -> str:
    (reason, clause), count = failures.most_common(1)[0]
    place = f", in the clause '{clause}'" if clause else ""
    return f"no figure found after {attempts} attempts: {reason}{place} ({count} of them)"
