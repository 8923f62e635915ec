"""From a trial that proved the goal to a proof: the points that it needs, and no others.

A trial stands on lessons, which other points taught, which stood on lessons in their turn. So the lessons that are
needed are found first, then those that they need, then all their points are drawn at once and left out one by one. What
remains is a longer problem like any other: it is drawn anew, closed, and its proof checked by the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TypeVar

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.extension import Lesson, knows, learned
from maieutic.geometry.engine.facts import closure_facts
from maieutic.geometry.engine.state import MOST_POINTS, Closure, Options, StopReason
from maieutic.geometry.proofs.prover import Result, Status, prove
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.trials import Known, Points, Teaching, closure_of, extended
from maieutic.geometry.trusted.records import Clause, Fact, Problem

T = TypeVar("T")

NEWS = 200
"""Facts of one predicate that are looked at for news."""
SEEDS = 4
"""Figures tried for the proof with the points found."""


@dataclass(frozen=True, eq=False)
class Teacher:
    """Points that taught lessons, and the teachers whose lessons were known then."""

    points: Points
    lessons: tuple[Lesson, ...]
    given: tuple[Teacher, ...]


class Knowledge:
    """What a search knows on one figure, and from whom."""

    def __init__(self, known: Known, teachers: Sequence[Teacher] = ()) -> None:
        self.known = known
        self.teachers = tuple(teachers)
        self.closure = closure_of(known)

    def learn(self, teachings: Iterable[Teaching]) -> int:
        """Take in what is new; returns how many taught something."""
        given = self.teachers
        fresh: list[Teacher] = []
        for teaching in teachings:
            if not knows(self.closure, teaching.lessons):
                self.closure = extended(self.closure, (), teaching.lessons)
                fresh.append(Teacher(self.known.kept + teaching.points, teaching.lessons, given))
        if fresh:
            self.teachers += tuple(fresh)
            lessons = tuple(lesson for teacher in fresh for lesson in teacher.lessons)
            self.known = replace(self.known, lessons=self.known.lessons + lessons)
        return len(fresh)

    def keeping(self, points: Points) -> Knowledge:
        """The same on the figure with further points."""
        return Knowledge(replace(self.known, kept=self.known.kept + points), self.teachers)

    def learn_from(self, other: Knowledge) -> None:
        """Take in what another, with more points, has learned about the points of this one."""
        lessons = learned(self.closure, other.closure)
        if lessons:
            self.closure = extended(self.closure, (), lessons)
            self.teachers += (Teacher(other.known.kept, lessons, other.teachers),)
            self.known = replace(self.known, lessons=self.known.lessons + lessons)

    def news(self) -> tuple[Fact, ...]:
        """The facts about the problem's figure that the lessons have shown and its closure alone lacks."""
        base = closure_of(replace(self.known, lessons=()))
        found = closure_facts(self.closure, most=NEWS)
        return tuple(fact for facts in found.values() for fact in facts if not base.proves(fact))


# --- from a trial to the points that it needs ------------------------------------------------------------------------


Condition = Callable[[Closure], bool]


def _goal_holds(closure: Closure) -> bool:
    return closure.reason is StopReason.PROVED


def needed_points(base: Closure, points: Points, given: Sequence[Teacher]) -> Points:
    """Of the points of a trial that proved the goal and of its teachers, few with which it follows on a figure.

    `base` is the closure without any of them. Raises ProofError where they do not prove it together.
    """
    found = _supported(base, points, given, _goal_holds, {})

    def works(some: Sequence[Candidate]) -> bool:
        return _drawable(base, some) and _goal_holds(extended(base, tuple(some)))

    if len(base.names) + len(found) > MOST_POINTS:
        raise ProofError(f"{len(found)} points are too many to be drawn at once")
    return tuple(smallest(found, works))


def _supported(
    base: Closure, points: Points, given: Sequence[Teacher], holds: Condition, seen: dict[int, Points]
) -> Points:
    """The points, after those of all teachers on which a condition on them stands. `seen` says this of teachers."""

    def works(some: Sequence[Teacher]) -> bool:
        return holds(extended(base, points, tuple(lesson for teacher in some for lesson in teacher.lessons)))

    found: Points = ()
    for teacher in smallest(given, works):
        if id(teacher) not in seen:
            seen[id(teacher)] = _supported(base, teacher.points, teacher.given, partial(_knows, teacher.lessons), seen)
        found += seen[id(teacher)]
    return tuple({point.name: point for point in found + points}.values())


def _knows(lessons: tuple[Lesson, ...], closure: Closure) -> bool:
    return knows(closure, lessons)


def _drawable(base: Closure, points: Sequence[Candidate]) -> bool:
    """Whether each point is constructed from those before it."""
    drawn = set(base.names)
    for point in points:
        if not drawn.issuperset(point.points):
            return False
        drawn.add(point.name)
    return True


def smallest(items: Sequence[T], works: Callable[[Sequence[T]], bool]) -> list[T]:
    """Some of the items, in their order, that work, and none of which can be left out: large parts are tried first.

    Raises ProofError where not even all of them do.
    """
    kept = list(items)
    if works([]):
        return []
    if not works(kept):
        raise ProofError("what was found does not hold together")
    size = (len(kept) + 1) // 2
    while kept:
        end = len(kept)
        while end > 0:
            rest = kept[: max(0, end - size)] + kept[end:]
            if works(rest):
                kept = rest
            end -= size
        if size == 1:
            break
        size = (size + 1) // 2
    return kept


# --- and to the proof ------------------------------------------------------------------------------------------------


def prove_with(problem: Problem, points: Points, seed: int, options: Options) -> Result | None:
    """The proof with these points, drawn anew and pruned of those that it does not need; None if no figure gives it."""
    used = set(problem.points)
    fresh = (name for name in (f"x{i}" for i in count(1)) if name not in used)
    names = dict(zip((point.name for point in points), fresh, strict=False))
    clauses = tuple(
        replace(point, points=tuple(names.get(p, p) for p in point.points)).clause(names[point.name])
        for point in points
    )
    return _prove_with(problem, clauses, seed, options)


def _prove_with(problem: Problem, clauses: tuple[Clause, ...], seed: int, options: Options) -> Result | None:
    longer = replace(problem, clauses=(*problem.clauses, *clauses))
    for figure in range(SEEDS):
        result = prove(longer, seed + figure, options, auxiliary=clauses)
        if result.status is not Status.PROVED or result.proof is None:
            continue
        used = {p for step in result.proof.deductions for p in step.conclusion.points}
        kept = _supporting(clauses, used)
        if len(kept) < len(clauses):
            return _prove_with(problem, kept, seed, options)
        result.auxiliary = kept
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
