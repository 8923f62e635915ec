"""What follows from a problem, and why: its figure, its facts, and the proof of one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry.attempt import attempt, check_goals, check_problem, warm_up
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.facts import closure_facts
from maieutic.geometry.engine.state import DEFAULT, StopReason
from maieutic.geometry.language.problem import parse_fact
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.trusted.records import Diagram, Fact, Problem

T = TypeVar("T")
FOR_CLOSING = 0.8
"""The part of the time in which all facts must be found; the rest is for telling them apart."""

SEEDS = 4
"""Figures on which a proof of a fact is looked for: what holds for one configuration only, may not on the first."""


def figure(problem: Problem, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> Diagram:
    """A figure. Raises DiagramError where there is none, MaieuticError after `time_limit` CPU seconds."""
    return _within(time_limit, lambda: draw(problem, seed, time_limit=time_limit))


@dataclass(frozen=True)
class Deduced:
    """What follows from a problem: its facts by predicate, and why no more were looked for."""

    facts: dict[str, list[Fact]]
    reason: StopReason


def deduce_facts(problem: Problem, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> Deduced:
    """All facts of a problem's closure, by predicate, within `time_limit` CPU seconds.

    Raises DiagramError where there is no figure, MaieuticError where the time is up, InputError for too many points.
    """
    check_problem(problem)
    warm_up()
    options = replace(DEFAULT, stop_at_goal=False, time_limit=FOR_CLOSING * time_limit)

    def work() -> Deduced:
        closure = close(problem, draw(problem, seed, time_limit=time_limit), options)
        return Deduced(closure_facts(closure), closure.reason)

    return _within(time_limit, work)


def _within(time_limit: float, work: Callable[[], T]) -> T:
    try:
        with cpu_limit(time_limit):
            return work()
    except TimeUp:
        raise MaieuticError(f"the limit of {time_limit:g} s was reached") from None
    except MemoryError:
        raise MaieuticError("out of memory") from None


def with_goal(problem: Problem, fact: str) -> Problem:
    """A problem with a fact, written in the language, for its only goal. Raises InputError where that is malformed."""
    try:
        goal = parse_fact(fact, problem.points)
    except InputError as error:
        error.where = f"--why, {error.where}" if error.where else "--why"
        raise
    asked = replace(problem, goals=(goal,))
    check_goals(asked)
    return asked


def prove_on_some_figure(problem: Problem, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> Result:
    """The attempt on the figure with this seed, or on one of the next few where nothing follows on the first."""
    left = time_limit
    for turn in range(SEEDS):
        result = attempt(problem, seed + turn, time_limit=max(left, 0.01))
        left -= result.cpu_s
        if result.status not in (Status.SATURATED, Status.REFUSED, Status.FALSE) or left <= 0:
            break
    return result
