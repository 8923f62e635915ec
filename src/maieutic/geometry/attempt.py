"""One attempt at a problem within its means: a size that the engine can take, CPU seconds, and a warm engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations

from maieutic.core.errors import InputError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import DEFAULT, MOST_POINTS, Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Result, Status, prove, prove_with_help
from maieutic.geometry.search.run import Progress
from maieutic.geometry.search.run import search as look_for_points
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import PREDICATES, equations, expand
from maieutic.geometry.trusted.records import Problem
from maieutic.geometry.trusted.rules import RULES, Rule

TIGHT = 0.01
"""Given points that are nearer to one another, in a figure of size 1, may hide what is true of others."""

GRACE = 3.0
"""CPU seconds that a search may take beyond its limit, in one long step, before it is stopped without a word."""

TINY = "a b c = triangle a b c; d = midpoint d a b; e = midpoint e a c; h = orthocenter h a b c ? para d e b c"
NEEDS_A_POINT = "a b c = triangle a b c; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"


def check_problem(problem: Problem) -> None:
    """Raises InputError for a problem that is too large for the engine, or speaks of what it has no unknowns for."""
    where = problem.name or None
    count = len(problem.points) + sum(len(clause.points) for clause in problem.auxiliary)
    if count > MOST_POINTS:
        hint = f"the engine takes at most {MOST_POINTS}"
        raise InputError(f"too many points: {count}", where=where, hint=hint)
    for fact in (*hypotheses(problem), *problem.goals):
        simple = (equation for part in expand(fact) for equation in equations(part))
        if any(len(unknown) > 2 for equation in simple for unknown, _ in equation.terms):
            raise InputError(f"'{fact}' speaks of sines, which only steps of a proof do", where=where)


def check_goals(problem: Problem) -> None:
    """Raises InputError where there is nothing to prove, or only to look at; and as check_problem does."""
    check_problem(problem)
    where = problem.name or None
    if not problem.goals:
        raise InputError("there is nothing to prove", where=where, hint="goals stand after '?', or are given by --goal")
    for goal in problem.goals:
        if PREDICATES[goal.predicate].kind == "numeric":
            raise InputError(f"'{goal}' is a condition, which proofs assume and do not prove", where=where)


@cache
def warm_up() -> None:
    """Load the compiled engine (the very first time: compile it), by closing and proving a tiny problem."""
    problem = parse_problem(TINY, "tiny")
    close(problem, draw(problem), replace(DEFAULT, stop_at_goal=False))
    prove(problem)


@cache
def warm_up_search() -> None:
    """Load what a search needs beside: candidates and extension."""
    warm_up()
    look_for_points(parse_problem(NEEDS_A_POINT, "tiny"), attempts=100)


def attempt(
    problem: Problem,
    seed: int = 0,
    *,
    time_limit: float = DEFAULT.time_limit,
    propose: Proposer | None = None,
    attempts: int | None = None,
    jobs: int = 1,
    rules: Mapping[str, Rule] = RULES,
    on_stage: Callable[[str], None] = lambda stage: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """Prove a problem within `time_limit` CPU seconds, whatever stage they run out in. The engine's loading is free.

    `propose` proposes auxiliary points (as those of search.PROPOSERS); None: there is no search. `attempts` bounds how
    many constructions are tried, on `jobs` processes. `rules` are the theorems to use. `on_progress` and
    `stopped` are as in search.search.

    Raises InputError for a problem without a goal that could be proved, or with more points than the engine takes.
    """
    check_goals(problem)
    (warm_up if propose is None else warm_up_search)()
    stages: list[str] = []

    def note(stage: str) -> None:
        stages.append(stage)
        on_stage(stage)

    bare = replace(problem, auxiliary=())
    started = time.process_time()
    try:
        options = replace(DEFAULT, time_limit=time_limit, rules=tuple(rules.values()))
        if propose is None:
            with cpu_limit(time_limit):
                return prove_with_help(problem, seed, options, note) or _prove_on_a_fair_figure(
                    bare, seed, options, note
                )
        with cpu_limit(time_limit + GRACE):  # a search watches the time itself, and tells how far it went
            helped = prove_with_help(problem, seed, options, note)
            return helped or look_for_points(bare, seed, options, propose, attempts, jobs, note, on_progress, stopped)
    except (TimeUp, SystemError) as error:
        _check_reason(error)
        spent = time.process_time() - started
        where = f", at work on the {stages[-1]}" if stages else ""
        return Result(problem, Status.TIME_LIMIT, f"stopped after {spent:.1f} s{where}", cpu_s=spent)
    except MemoryError:
        spent = time.process_time() - started
        return Result(problem, Status.ERROR, "out of memory", cpu_s=spent)


def _prove_on_a_fair_figure(problem: Problem, seed: int, options: Options, on_stage: Callable[[str], None]) -> Result:
    """The attempt on the given figure; if that has points that nearly coincide and gives nothing, on another one.

    Coordinates place a figure among others. On one that nearly degenerates, rounding hides what is true.
    """
    result = prove(problem, seed, options, on_stage)
    if result.status is Status.PROVED or not _is_tight(problem):
        return result
    other = prove(replace(problem, coordinates=()), seed, options, on_stage)
    return other if other.status is Status.PROVED else result


def _is_tight(problem: Problem) -> bool:
    """Whether two points of the given figure are nearer than a part TIGHT of its size."""
    places = [place for _, place in problem.coordinates]
    gaps = [abs(one - other) for one, other in combinations(places, 2)]
    return bool(gaps) and min(gaps) < TIGHT * max(gaps)


def _check_reason(error: BaseException) -> None:
    """Compiled code that a signal interrupts on its return raises SystemError, from what the signal's handler raised.

    Raises that, unless it is that the time is up.
    """
    reason = error.__cause__ if isinstance(error, SystemError) else error
    if not isinstance(reason, TimeUp):
        raise (reason or error)
