"""A block of trials: one figure with what is known of it, closed again and again with a few points more.

The unit of work that a search hands to a process: a block says all that it needs, and its outcome depends on nothing
else, so blocks may run anywhere and in any order. A trial that does not prove the goal may still teach something about
the points that were there before (extension.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Protocol

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import extend as extend_figure
from maieutic.geometry.engine.extension import Lesson, extend, knows, learned
from maieutic.geometry.engine.state import Closure, Options, StopReason
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.trusted.records import Diagram, Problem

Points = tuple[Candidate, ...]


class Proposer(Protocol):
    """Chooses points to try: rules of thumb, chance, or a model."""

    def __call__(self, problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
        """Up to n constructions for a closed figure, with scores, the most promising first.

        Only those are wanted that use a point of the figure from index `first` on.
        """


@dataclass(frozen=True, eq=False)
class Known:
    """What a search knows: a problem on a figure, points that it has added for good, and lessons about all of them."""

    problem: Problem
    diagram: Diagram
    options: Options
    kept: Points = ()
    lessons: tuple[Lesson, ...] = ()

    @cached_property
    def key(self) -> str:
        """The hash of the content."""
        places = sorted(self.diagram.points.items())
        content = repr(
            (self.problem.key, places, self.options, self.options.others, [c.name for c in self.kept], self.lessons)
        )
        return hashlib.sha256(content.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self.key == other.key


@lru_cache(maxsize=4)
def closure_of(known: Known) -> Closure:
    """The closure of what is known."""
    if known.kept or known.lessons:
        return extended(closure_of(replace(known, kept=(), lessons=())), known.kept, known.lessons)
    return close(known.problem, known.diagram, known.options)


def extended(base: Closure, points: Points, lessons: tuple[Lesson, ...] = ()) -> Closure:
    """A closure with further points under their own names (those that it has are left out), and lessons."""
    new = list({point.name: point for point in points if point.name not in base.names}.values())
    diagram = Diagram({**base.diagram.points, **{point.name: point.at for point in new}}, base.diagram.seed)
    return extend(base, [point.clause() for point in new], diagram, lessons=lessons)


@dataclass(frozen=True)
class Block:
    """Trials on one figure: `start` is added to it, and then each of `trials` in turn.

    With an `image` (a symmetry, as pairs of names), each point of a trial comes with its mirror image. With `near`,
    the proposer adds so many trials that use a point of the start; and if any of all these teaches something about
    the start, they are all gone through once more. With `wanted`, the proposer is asked for so many points, to be tried
    later.
    """

    known: Known
    trials: tuple[Points, ...]
    start: Points = ()
    image: tuple[tuple[str, str], ...] = ()
    near: int = 0
    propose: Proposer | None = None
    wanted: int = 0


@dataclass(frozen=True)
class Teaching:
    """Points, and what they teach about the figure that they were added to."""

    points: Points
    lessons: tuple[Lesson, ...]


@dataclass
class Outcome:
    """What came of a block: the trials that prove the goal, by number, and what others teach about what was known.

    `promise` is how much was learned about the start as well: what keeping it would be good for. `proposed` are the
    points that were asked for.
    """

    trials: int = 0
    proofs: list[tuple[int, Points]] = field(default_factory=list)
    teachings: list[Teaching] = field(default_factory=list)
    promise: int = 0
    proposed: Sequence[Candidate] = ()
    cpu_s: float = 0.0


REST = 0.01
"""Seconds that a process waits when there is nothing to do for it yet."""
ROUNDS = 2
"""How often the trials of a start are gone through at most."""


def run_block(block: Block | None) -> Outcome:
    """Try what a block says; None is a short rest."""
    if block is None:
        time.sleep(REST)
        return Outcome()
    clock = time.thread_time()
    outcome = Outcome()
    known = closure_of(block.known)
    if block.wanted and block.propose is not None:
        outcome.proposed = tuple(block.propose(block.known.problem, known, block.wanted))
    if block.start:
        _explore(block, known, outcome)
    else:
        for points in _mirrored(block, known):
            _judge(outcome, known, points, extended(known, points))
    outcome.cpu_s = time.thread_time() - clock
    return outcome


def _judge(outcome: Outcome, known: Closure, points: Points, after: Closure) -> None:
    """Note what a trial has come to."""
    if after.reason is StopReason.PROVED:
        outcome.proofs.append((outcome.trials, points))
    elif lessons := learned(known, after):
        outcome.teachings.append(Teaching(points, lessons))
    outcome.trials += 1


def _explore(block: Block, known: Closure, outcome: Outcome) -> None:
    """Add the start, and try points on the figure that it gives; what they teach about the start is used at once."""
    start = begin = extended(known, block.start)
    _judge(outcome, known, block.start, start)
    trials = list(block.trials)
    if block.near and block.propose is not None:
        near = block.propose(block.known.problem, begin, block.near, len(known.names))
        trials += [(candidate,) for candidate in near]
    helpers: Points = block.start
    for _ in range(ROUNDS):
        fresh: list[Teaching] = []
        for points in trials:
            after = extended(start, points)
            _judge(outcome, known, helpers + points, after)
            if after.reason is not StopReason.PROVED and (lessons := learned(start, after)):
                fresh.append(Teaching(points, lessons))
        for teaching in fresh:
            if not knows(start, teaching.lessons):
                start = extended(start, (), teaching.lessons)
                helpers += teaching.points
        if not fresh or outcome.proofs:
            break
    outcome.promise = len(learned(begin, start))


def _mirrored(block: Block, known: Closure) -> Iterator[Points]:
    """The trials, each with its image where the block has a symmetry; those that are their own image are left out."""
    image = dict(block.image)
    for points in block.trials:
        if not image:
            yield points
            continue
        with suppress(DiagramError):
            others = tuple(_mirror_image(point, image, known) for point in points)
            if all(set(point.points) != set(other.points) for point, other in zip(points, others, strict=True)):
                yield points + others


def _mirror_image(point: Candidate, image: dict[str, str], known: Closure) -> Candidate:
    """The candidate on the mirror images of its points. Raises DiagramError where it cannot be drawn."""
    other = replace(point, points=tuple(image[p] for p in point.points))
    return replace(other, at=extend_figure(known.diagram, [other.clause()]).points[other.name])
