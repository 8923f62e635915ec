"""One attempt at a problem within its means: a size that the engine can take, CPU seconds, and a warm engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from maieutic.core.errors import InputError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry.closure import DEFAULT, close
from maieutic.geometry.diagram import draw
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.prover import Result, Status, prove
from maieutic.geometry.records import Problem

MOST_POINTS = 60
"""The engine's memory grows with the fourth power of the points: 60 take a few hundred megabytes."""

TINY = "a b c = triangle a b c; d = midpoint d a b; e = midpoint e a c; h = orthocenter h a b c ? para d e b c"


def check_size(problem: Problem) -> None:
    """Raises InputError for a problem with more points than the engine takes."""
    if len(problem.points) > MOST_POINTS:
        raise InputError(f"{len(problem.points)} points", where=problem.name or None, hint=f"at most {MOST_POINTS}")


@cache
def warm_up() -> None:
    """Load the compiled engine (the very first time: compile it), by closing and proving a tiny problem."""
    problem = parse_problem(TINY, "tiny")
    close(problem, draw(problem), replace(DEFAULT, stop_at_goal=False))
    prove(problem)


def attempt(
    problem: Problem,
    seed: int = 0,
    *,
    time_limit: float = DEFAULT.time_limit,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> Result:
    """Prove a problem within `time_limit` CPU seconds, whatever stage they run out in. The engine's loading is free.

    Raises InputError for a problem without a goal, or with more points than the engine takes.
    """
    check_size(problem)
    if not problem.goals:
        raise InputError("there is nothing to prove", where=problem.name or None, hint="goals stand after '?'")
    warm_up()
    stages: list[str] = []

    def note(stage: str) -> None:
        stages.append(stage)
        on_stage(stage)

    started = time.process_time()
    try:
        with cpu_limit(time_limit):
            return prove(problem, seed, replace(DEFAULT, time_limit=time_limit), note)
    except TimeUp:
        spent = time.process_time() - started
        where = f", at work on the {stages[-1]}" if stages else ""
        return Result(problem, Status.TIME_LIMIT, f"stopped after {spent:.1f} s{where}", cpu_s=spent)
    except MemoryError:
        spent = time.process_time() - started
        return Result(problem, Status.ERROR, "out of memory", cpu_s=spent)
