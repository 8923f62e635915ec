"""Which points a search tries, in which order: a plan that yields batches of blocks and is sent their outcomes.

On one figure, single points come first, the most promising before the others. A trial that does not prove the goal
often says something new about the old points, and what it says holds whether or not the point is drawn: it is a
lesson, kept without its point. Lessons of many points add up, and with them the points are tried again: a lemma phase
in which nobody has to guess the lemmas. When that has come to rest, first points are drawn by promise, and each is
explored with others near it; the one about which most is learned is kept, and all begins anew on the longer figure.
The proposer's work is a block like any other: where there are several processes, one lets a model decode while the
others already close figures with second definitions of old points, which need no proposer.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.state import Closure, StopReason
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.candidates import doubles
from maieutic.geometry.search.minimal_points import Knowledge, Teacher
from maieutic.geometry.search.symmetry import involutions
from maieutic.geometry.search.trials import Block, Outcome, Points, Proposer
from maieutic.geometry.trusted.constructions import clause_facts

SWEEP, FIRST = 4000, 1000
"""Single points tried on the figure of the problem; and how many of them before anything else."""
DEEPER = 1200
"""Single points tried on a longer figure."""
BLOCK = 50
"""Trials in a block, some hundredths of a second."""
SYMMETRIES = 3
"""Exchanges of points that keep the statement, at most."""
AGAIN = 3
"""How often the first points are tried again with what was learned, at most."""
STARTS, COMPANIONS, NEAR = 40, 24, 40
"""First points explored before one is kept; the best points of the figure that join each, and the points near it."""
DEEPEST = 3
"""Points kept, at most."""


@dataclass(frozen=True)
class Batch:
    """Blocks whose outcomes the plan needs before it goes on, and the teachers whose lessons they build on."""

    blocks: Sequence[Block]
    teachers: tuple[Teacher, ...]


Plan = Generator[Batch, list[Outcome], None]
Sweep = Generator[Batch, list[Outcome], int]
Exploration = Generator[Batch, list[Outcome], list[Candidate]]


def plan(knowledge: Knowledge, propose: Proposer, seed: int) -> Plan:
    """The whole search. It ends where a figure has no candidates; or few, and nothing more is learned from them."""
    rng = np.random.default_rng([seed, 20_231])
    images = involutions(knowledge.closure.points, knowledge.closure.hypotheses)
    pool = yield from _figure(knowledge, propose, SWEEP, images)
    weight = _weights(pool)
    while len(pool):
        known = len(knowledge.teachers)
        starts = yield from _explored(knowledge, pool, weight, propose, rng)
        few = len(pool) <= STARTS  # all of them have been explored, and would be again
        for start in starts if few else starts[:1]:
            yield from _kept(knowledge, start, propose, rng)
        if few and len(knowledge.teachers) == known:
            return


def _figure(
    knowledge: Knowledge, propose: Proposer, count: int, images: Sequence[dict[str, str]]
) -> Generator[Batch, list[Outcome], Sequence[Candidate]]:
    """Everything on one figure: second definitions, single points, points with their images, and again with lessons.

    Returns the single points, `count` of them at most, as they were proposed.
    """
    asked = Block(knowledge.known, (), wanted=count, propose=propose)
    again = _blocks(knowledge, _second_definitions(knowledge.closure))
    outcomes = yield Batch([asked, *again], knowledge.teachers)
    pool = outcomes[0].proposed
    singles = [(candidate,) for candidate in pool]
    taught = yield from _sweep(knowledge, singles[:FIRST], before=outcomes)
    for image in images[:SYMMETRIES]:
        taught += yield from _sweep(knowledge, singles[:FIRST], image)
    taught += yield from _sweep(knowledge, singles[FIRST:])
    for image in images[:SYMMETRIES]:
        taught += yield from _sweep(knowledge, singles[FIRST:], image)
    for _ in range(AGAIN):
        if not taught:
            break
        taught = yield from _sweep(knowledge, singles[:FIRST])
    return pool


def _sweep(
    knowledge: Knowledge,
    trials: Sequence[Points],
    image: dict[str, str] | None = None,
    before: Sequence[Outcome] = (),
) -> Sweep:
    """Trials on the same figure; returns how many taught something new, with those `before` them."""
    outcomes = yield Batch(_blocks(knowledge, trials, image), knowledge.teachers)
    taught = knowledge.learn(teaching for outcome in (*before, *outcomes) for teaching in outcome.teachings)
    yield from _concluded(knowledge)
    return taught


def _blocks(knowledge: Knowledge, trials: Sequence[Points], image: dict[str, str] | None = None) -> list[Block]:
    """Trials in blocks, in their order."""
    pairs = tuple((image or {}).items())
    return [Block(knowledge.known, tuple(trials[i : i + BLOCK]), image=pairs) for i in range(0, len(trials), BLOCK)]


def _concluded(knowledge: Knowledge) -> Plan:
    """Where lessons alone have proved the goal: the trial without a point that says so."""
    if knowledge.closure.reason is StopReason.PROVED:
        yield Batch([Block(knowledge.known, ((),))], knowledge.teachers)


def _second_definitions(closure: Closure) -> list[Points]:
    """Points of the figure defined once more, in ways that are not known to be ways of defining them."""
    pool = doubles(closure.points, closure.measures.z, closure.problem.goals)
    found: list[Points] = []
    for candidate in pool.best(len(pool)):
        old = closure.points[int(np.abs(closure.measures.z - candidate.at).argmin())]
        if not all(closure.proves(fact) for fact in clause_facts(candidate.clause(old))):
            found.append((candidate,))
    return found


def _weights(pool: Iterable[Candidate]) -> NDArray[np.float64]:
    """How often each point is chosen first, beside the others: never 0, however low its score."""
    scores = np.array([candidate.score for candidate in pool])
    return np.exp(np.clip(0.45 * scores, -600.0, 6.0))


def _explored(
    knowledge: Knowledge,
    pool: Sequence[Candidate],
    weight: NDArray[np.float64],
    propose: Proposer,
    rng: np.random.Generator,
) -> Exploration:
    """Explore some first points; returns them, the most instructive first."""
    chosen = rng.choice(len(pool), min(STARTS, len(pool)), replace=False, p=weight / weight.sum())
    companions = tuple((candidate,) for candidate in pool[:COMPANIONS])
    blocks = [Block(knowledge.known, companions, (pool[k],), (), NEAR, propose) for k in chosen]
    outcomes = yield Batch(blocks, knowledge.teachers)
    knowledge.learn(teaching for outcome in outcomes for teaching in outcome.teachings)
    yield from _concluded(knowledge)
    weight[chosen] *= 0.3
    return [pool[chosen[k]] for k in sorted(range(len(chosen)), key=lambda k: -outcomes[k].promise)]


def _kept(knowledge: Knowledge, start: Candidate, propose: Proposer, rng: np.random.Generator) -> Plan:
    """Keep a point: everything on the longer figure, where the most instructive point is kept in its turn."""
    deeper = knowledge.keeping((start,))
    further = yield from _figure(deeper, propose, DEEPER, [])
    if len(further):
        starts = yield from _explored(deeper, further, _weights(further), propose, rng)
        if len(deeper.known.kept) < DEEPEST:
            yield from _kept(deeper, starts[0], propose, rng)
    knowledge.learn_from(deeper)
    yield from _concluded(knowledge)
