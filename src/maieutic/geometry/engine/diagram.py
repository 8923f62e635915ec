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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.drawing import (
    SAME,
    FailedError,
    Plan,
    attempted,
    place_step,
    plan_of,
    step_of,
)
from maieutic.geometry.engine.solve import Complexes, worst
from maieutic.geometry.trusted.hints.sketches import Rng
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Clause, Diagram, Point, Problem

ATTEMPTS = 60
DOUBT = (1e-9, 2e-6)
"""Two directions, or logarithms of lengths, that differ by so much are neither clearly equal nor clearly different."""


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


def _look(plan: Plan, z: Complexes) -> _Look:
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


def _goals_hold(plan: Plan, z: Complexes) -> bool:
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
    plan = plan_of(problem)
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
            z = attempted(plan, rng, hints, keep=given and bool(hints))
        except FailedError as failure:
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
        step, exact = step_of(clause)
        if not exact:
            raise DiagramError(f"the clause '{clause}' is not a construction, and cannot be drawn on a given figure")
        try:
            at |= place_step(step, at, rng, {}, checked=True)
        except FailedError as failure:
            raise DiagramError(f"the clause '{clause}' cannot be drawn: {failure.reason}") from None
    return Diagram(at, diagram.seed)


def _hints(plan: Plan, rng: Rng, seed: int, attempt: int) -> Mapping[str, Point]:
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


def _diagram(plan: Plan, z: Complexes, seed: int) -> Diagram:
    return Diagram(dict(zip(plan.system.points, z.tolist(), strict=True)), seed)


def _reason(attempts: int, failures: Counter[tuple[str, str]]) -> str:
    (reason, clause), count = failures.most_common(1)[0]
    place = f", in the clause '{clause}'" if clause else ""
    return f"no figure found after {attempts} attempts: {reason}{place} ({count} of them)"
