"""What follows from a problem, and why: its figure, its facts, and the proof of one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from maieutic.core.errors import DiagramError, InputError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry.attempt import attempt, check_problem, warm_up
from maieutic.geometry.closure import DEFAULT, close
from maieutic.geometry.diagram import draw
from maieutic.geometry.facts import closure_facts
from maieutic.geometry.problem import parse_fact
from maieutic.geometry.prover import Result, Status
from maieutic.geometry.records import Diagram, Fact, Problem

T = TypeVar("T")
SEEDS = 4
"""Figures on which a proof of a fact is looked for: what holds for one configuration only, may not on the first."""


def figure(problem: Problem, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> Diagram:
    """A figure, within `time_limit` CPU seconds. Raises DiagramError where there is none."""
    return _within(time_limit, lambda: draw(problem, seed, time_limit=time_limit))


def deduce_facts(problem: Problem, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> dict[str, list[Fact]]:
    """All facts of a problem's closure, by predicate, within `time_limit` CPU seconds.

    Raises DiagramError where there is no figure, or the time is up; InputError for too many points.
    """
    check_problem(problem)
    warm_up()
    options = replace(DEFAULT, stop_at_goal=False, time_limit=time_limit)

    def work() -> dict[str, list[Fact]]:
        return closure_facts(close(problem, draw(problem, seed, time_limit=time_limit), options))

    return _within(time_limit, work)


def _within(time_limit: float, work: Callable[[], T]) -> T:
    try:
        with cpu_limit(time_limit):
            return work()
    except TimeUp:
        raise DiagramError(f"the limit of {time_limit:g} s was reached") from None


def prove_fact(problem: Problem, fact: str, seed: int = 0, *, time_limit: float = DEFAULT.time_limit) -> Result:
    """The attempt to prove one fact of a problem, on the figure with this seed or one of the next few.

    Raises ProblemError where the fact is malformed.
    """
    try:
        goal = parse_fact(fact, problem.points)
    except InputError as error:
        error.where = f"--why, {error.where}" if error.where else "--why"
        raise
    asked = replace(problem, goals=(goal,))
    left = time_limit
    result = None
    for turn in range(SEEDS):
        result = attempt(asked, seed + turn, time_limit=max(left, 0.01))
        left -= result.cpu_s
        if result.status is not Status.SATURATED or left <= 0:
            break
    assert result is not None
    return result
