"""Search: add points until the goal is proved.

A sweep tries each single point of the closed figure, the most promising first: one extension of the closure each,
about a millisecond. What it learns is not only yes or no: a point that gives new facts about the old points has begun
something. So first points are then drawn by their score and by that gain, and each is extended many times by one to
three more, chosen near it. The proposer is an argument: it orders the candidates of a figure, and search knows nothing
of how. The proof found is that of a longer problem, pruned of points that it does not need, drawn anew and checked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from maieutic.core.errors import DiagramError
from maieutic.geometry.auxiliary import Candidate, Pool, candidates, doubles
from maieutic.geometry.closure import Closure, Options, StopReason, close, extend
from maieutic.geometry.constructions import clause_facts
from maieutic.geometry.diagram import extend as extend_figure
from maieutic.geometry.prover import Result, Status, prove
from maieutic.geometry.records import Clause, Diagram, Problem
from maieutic.geometry.symmetry import involutions

Proposer = Callable[[Closure, int, Generator], Pool]
"""(closure, index of the first new point, randomness) -> the candidates that touch it, the most promising first."""


def heuristic(closure: Closure, first: int, rng: Generator) -> Pool:
    """What the figure shows, closeness to the goal, and kind: auxiliary.py."""
    return candidates(closure.points, closure.measures.z, closure.problem.goals, first)


def random(closure: Closure, first: int, rng: Generator) -> Pool:
    """Chance: the same candidates in any order."""
    pool = heuristic(closure, first, rng)
    order = rng.permutation(len(pool))
    return Pool(pool.names, pool.rows[order], pool.at[order], np.zeros(len(pool)))


PROPOSERS: dict[str, Proposer] = {"heuristic": heuristic, "random": random}

SWEEP = 4000
"""Single points tried before the first rollout."""
EXTENSIONS = 24
"""Rollouts from each first point."""
DEEPEST = 3
"""Further points in a rollout."""
SEEDS = 4
"""Figures tried for the proof with the points found."""


def search(
    problem: Problem,
    seed: int = 0,
    options: Options | None = None,
    proposer: Proposer = heuristic,
    attempts: int | None = None,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> Result:
    """Prove a problem with auxiliary points. `options.time_limit` is in CPU seconds, drawing and checking included.

    The same seed and number of attempts give the same result (if the time suffices).
    """
    options = options or Options()
    started = time.thread_time()
    result = prove(problem, seed, options, on_stage)
    if result.status is not Status.SATURATED or result.diagram is None:
        return result
    deadline = started + options.time_limit
    fast = replace(options, sines=False)
    base = close(problem, result.diagram, fast)
    rng = np.random.default_rng([seed, 20_231])
    count = 0
    for trial in _trials(base, fast, proposer, rng):
        count += 1
        if count % 100 == 1:
            on_stage(f"search: {count} constructions")
        if trial is not None:
            proved = _confirm(problem, trial, seed, options)
            if proved is not None:
                proved.attempts = count
                proved.search_s = time.thread_time() - started
                return proved
        if attempts is not None and count >= attempts:
            result.status = Status.ATTEMPT_LIMIT
            break
        if time.thread_time() > deadline:
            result.status = Status.TIME_LIMIT
            break
    result.attempts = count
    result.search_s = time.thread_time() - started
    result.message = f"{count} constructions tried: {result.status.value}"
    result.cpu_s = time.thread_time() - started
    return result


def _names(problem: Problem, count: int) -> list[str]:
    """Names that the problem does not use."""
    used = set(problem.points)
    fresh: Iterator[str] = (f"x{i}" for i in range(1, 1000))
    return [name for name in fresh if name not in used][:count]


def _extended(base: Closure, chosen: Sequence[Candidate], options: Options) -> tuple[Closure, tuple[Clause, ...]]:
    names = _names(base.problem, len(chosen))
    clauses = tuple(c.clause(name) for c, name in zip(chosen, names, strict=True))
    places = {name: c.at for c, name in zip(chosen, names, strict=True)}
    return extend(base, clauses, Diagram({**base.diagram.points, **places}, base.diagram.seed), options), clauses


def _gain(base: Closure, after: Closure) -> int:
    """How many matches of the old points have come true: what the new points say about the old ones."""
    return sum(int(old.left.sum() - new.left.sum()) for old, new in zip(base.stages, after.stages, strict=False))


def _trials(base: Closure, options: Options, proposer: Proposer, rng: Generator) -> Iterator[tuple[Clause, ...] | None]:
    """One item a closure: the points that proved the goal, or None."""
    pool = proposer(base, 0, rng)
    gains = np.zeros(len(pool))
    for k in range(min(SWEEP, len(pool))):
        after, clauses = _extended(base, [pool[k]], options)
        gains[k] = _gain(base, after)
        yield clauses if after.reason is StopReason.PROVED else None
    yield from _second_definitions(base, options)
    yield from _mirrored(base, pool, options)
    swept = min(SWEEP, len(pool))
    weight = np.exp(np.minimum(0.45 * pool.score, 6.0) + np.minimum(gains, 6.0) * 0.7)
    weight[swept:] *= 0.2
    while len(pool):
        first = int(rng.choice(len(pool), p=weight / weight.sum()))
        yield from _rollouts(base, pool, first, options, proposer, rng)
        weight[first] *= 0.5


def _second_definitions(base: Closure, options: Options) -> Iterator[tuple[Clause, ...] | None]:
    """Points of the figure defined once more, in ways that are not known to be ways of defining them."""
    pool = doubles(base.points, base.measures.z, base.problem.goals)
    for k in range(len(pool)):
        candidate = pool[k]
        old = base.points[int(np.abs(base.measures.z - candidate.at).argmin())]
        if all(base.proves(fact) for fact in clause_facts(candidate.clause(old))):
            continue
        after, clauses = _extended(base, [candidate], options)
        yield clauses if after.reason is StopReason.PROVED else None


def _mirrored(base: Closure, pool: Pool, options: Options) -> Iterator[tuple[Clause, ...] | None]:
    """Each candidate with its image under a symmetry of the statement."""
    for image in involutions(base.points, base.hypotheses)[:3]:
        for k in range(min(SWEEP, len(pool))):
            candidate = pool[k]
            other = replace(candidate, points=tuple(image[p] for p in candidate.points))
            if set(other.points) == set(candidate.points):
                continue
            try:
                figure = extend_figure(base.diagram, [other.clause("image")])
            except DiagramError:
                continue
            after, clauses = _extended(base, [candidate, replace(other, at=figure.points["image"])], options)
            yield clauses if after.reason is StopReason.PROVED else None


def _rollouts(
    base: Closure, pool: Pool, first: int, options: Options, proposer: Proposer, rng: Generator
) -> Iterator[tuple[Clause, ...] | None]:
    """A first point, extended in several ways by points near it."""
    start, clauses = _extended(base, [pool[first]], options)
    yield clauses if start.reason is StopReason.PROVED else None
    near = proposer(start, len(base.points), rng)
    if not len(near):
        return
    weight = np.exp(np.minimum(0.45 * near.score, 6.0))
    chance = weight / weight.sum()
    for attempt in range(min(EXTENSIONS, len(near))):
        more = [near[attempt // 2] if attempt % 2 == 0 else near[int(rng.choice(len(near), p=chance))]]
        for _ in range(int(rng.integers(0, DEEPEST))):
            more.append(near[int(rng.choice(len(near), p=chance))])
        distinct = list({c.at: c for c in more}.values())
        after, further = _extended(start, distinct, options)
        yield (*clauses, *further) if after.reason is StopReason.PROVED else None


def _confirm(problem: Problem, clauses: tuple[Clause, ...], seed: int, options: Options) -> Result | None:
    """The proof with these points, drawn anew and pruned of points it does not need; None if it fails everywhere."""
    longer = replace(problem, clauses=(*problem.clauses, *clauses))
    for figure in range(SEEDS):
        result = prove(longer, seed + figure, options)
        if result.status is not Status.PROVED or result.proof is None:
            continue
        used = {p for step in result.proof.deductions for p in step.conclusion.points}
        kept = _supporting(clauses, used)
        if len(kept) < len(clauses):
            return _confirm(problem, kept, seed, options)
        result.auxiliary = kept
        result.proof = replace(result.proof, auxiliary=kept)
        return result
    return None


def _supporting(clauses: tuple[Clause, ...], used: set[str]) -> tuple[Clause, ...]:
    """The clauses of used points, and of the points that these are constructed from."""
    kept: list[Clause] = []
    needed = set(used)
    for clause in reversed(clauses):
        if needed & set(clause.points):
            kept.append(clause)
            needed |= {p for construction in clause.constructions for p in construction.args}
    return tuple(reversed(kept))
