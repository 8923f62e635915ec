"""Extending a closure says what a closure from scratch says."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.conftest import scale

from maieutic.core.errors import MaieuticError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.diagram import extend as extend_figure
from maieutic.geometry.engine.extension import extend, knows, learned
from maieutic.geometry.engine.linear import PRIME, follows
from maieutic.geometry.engine.state import Closure, Options
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_fact, parse_problem, print_problem
from maieutic.geometry.search.candidates import candidates
from maieutic.geometry.trusted.records import Clause, Diagram, Problem

WAYS = (
    "midpoint z {0} {1}",
    "foot z {0} {1} {2}",
    "circumcenter z {0} {1} {2}",
    "mirror z {0} {1}",
    "reflect z {0} {1} {2}",
    "incenter z {0} {1} {2}",
    "orthocenter z {0} {1} {2}",
    "parallelogram {0} {1} {2} z",
    "on_line z {0} {1}, on_line z {2} {3}",
    "on_line z {0} {1}, on_circum z {0} {2} {3}",
    "on_tline z {0} {1} {2}, on_line z {2} {3}",
)
NO_SINES = Options(stop_at_goal=False, sines=False)
SINES = Options(stop_at_goal=False)


def longer(problem: Problem, rng: random.Random) -> tuple[Problem, Clause]:
    """The problem with one more point, by a random construction."""
    points = rng.sample(problem.points, 4)
    statement, _, goal = print_problem(problem).partition(" ? ")
    text = f"{statement}; z = {rng.choice(WAYS).format(*points)}" + (f" ? {goal}" if goal else "")
    grown = parse_problem(text, problem.name)
    return grown, grown.clauses[-1]


def knows_the_same(one: Closure, other: Closure) -> bool:
    """In each table as many free segments, and each equation of one follows in the other."""
    segments = one.measures.lengths.shape[0]
    for mine, theirs in zip(one.systems, other.systems, strict=True):
        free = {u for u in mine[2][: mine[2][-1]].tolist() if u < segments}
        if len(free) != sum(u < segments for u in theirs[2][: theirs[2][-1]].tolist()):
            return False
        for u in set(range(1, segments)) - free:
            support = np.flatnonzero(mine[0][u]).tolist()
            assert max(support, default=0) < segments  # no segment is expressed by a sine
            columns = [u, *support]
            weights = [1, *(PRIME - int(mine[0][u, g]) for g in support)]
            if not follows(theirs, _array(columns, "int32"), _array(weights, "int64"), len(columns)):
                return False
    return True


def _array(values: list[int], kind: str) -> np.ndarray:
    return np.array(values, kind)


def figures_with_one_more(options: Options, count: int) -> Iterator[tuple[Closure, Problem, Clause, Diagram]]:
    """Closed random problems, each with a random point more and the figure that it gives."""
    rng = random.Random(7)
    names = [n for n in library.names() if 4 <= len(library.problem(n).points) <= 12]
    while count:
        problem = library.problem(rng.choice(names))
        figure = draw(problem, rng.randrange(4))
        try:
            grown, clause = longer(problem, rng)
            further = extend_figure(figure, [clause], rng.randrange(100))
        except MaieuticError:
            continue
        yield close(problem, figure, options), grown, clause, further
        count -= 1


@pytest.mark.parametrize("options", [NO_SINES, SINES], ids=["without sines", "with sines"])
def test_extending_equals_starting_anew(options: Options) -> None:
    for base, grown, clause, further in figures_with_one_more(options, scale(25, 500)):
        extended, anew = extend(base, [clause], further), close(grown, further, options)
        assert knows_the_same(anew, extended), (grown.name, str(clause))
        assert knows_the_same(extended, anew), (grown.name, str(clause))


@pytest.mark.parametrize("options", [NO_SINES, SINES], ids=["without sines", "with sines"])
def test_several_candidates_at_once_equal_starting_anew(options: Options) -> None:
    rng = random.Random(8)
    names = [n for n in library.names() if 4 <= len(library.problem(n).points) <= 9]
    for _ in range(scale(8, 100)):
        problem = library.problem(rng.choice(names))
        figure = draw(problem, rng.randrange(4))
        base = close(problem, figure, options)
        pool = candidates(base.points, base.measures.z, problem.goals)
        chosen = {c.name: c for c in (pool[rng.randrange(len(pool))] for _ in range(3))}
        clauses = tuple(candidate.clause() for candidate in chosen.values())
        further = Diagram({**figure.points, **{name: candidate.at for name, candidate in chosen.items()}}, figure.seed)
        anew = close(replace(problem, clauses=problem.clauses + clauses), further, options)
        extended = extend(base, clauses, further)
        assert knows_the_same(anew, extended), (problem.name, *map(str, clauses))
        assert knows_the_same(extended, anew), (problem.name, *map(str, clauses))


def test_ratios_that_the_problem_names_are_looked_at_for_new_points_too() -> None:
    problem = parse_problem("a b c = triangle; d = on_line a b, rconst d a d b 3/5")
    grown = parse_problem("a b c = triangle; d = on_line a b, rconst d a d b 3/5; e = on_line a c, on_pline d b c")
    figure = draw(problem, 0)
    further = extend_figure(figure, grown.clauses[-1:])
    extended = extend(close(problem, figure, NO_SINES), grown.clauses[-1:], further)
    assert extended.proves(parse_fact("rconst e a e c 3/5", grown.points))
    assert knows_the_same(close(grown, further, NO_SINES), extended)


def test_lessons_are_what_the_old_points_lack() -> None:
    taught = 0
    for base, grown, clause, further in figures_with_one_more(NO_SINES, scale(40, 300)):
        after = extend(base, [clause], further)
        lessons = learned(base, after)
        taught += bool(lessons)
        anew = close(grown, further, NO_SINES)
        assert knows(anew, lessons), (grown.name, str(clause))
        assert not lessons or not knows(base, lessons)
        told = extend(base, (), base.diagram, lessons=lessons)
        assert learned(told, after) == (), (grown.name, str(clause))
        free = sum(int(system[2][-1]) for system in base.systems)
        assert free - sum(int(system[2][-1]) for system in told.systems) >= len(lessons)
    assert taught


def test_the_base_is_left_as_it_was() -> None:
    problem = library.problem("imo_2015_p3")
    figure = draw(problem, 0)
    base = close(problem, figure, NO_SINES)
    before = [(s.truth.copy(), s.left.copy()) for s in base.stages], base.size
    clause = parse_problem(print_problem(problem).replace(" ?", "; z = midpoint z a b ?")).clauses[-1]
    extend(base, [clause], extend_figure(figure, [clause], 0))
    for stage, (truth, left) in zip(base.stages, before[0], strict=True):
        assert (stage.truth == truth).all()
        assert (stage.left == left).all()
    assert base.size == before[1]
