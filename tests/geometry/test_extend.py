"""Extending a closure says what a closure from scratch says."""

import random

import numpy as np
from tests.conftest import scale

from maieutic.core.errors import MaieuticError
from maieutic.geometry import library
from maieutic.geometry.closure import Closure, Options, close, extend
from maieutic.geometry.diagram import draw
from maieutic.geometry.diagram import extend as extend_figure
from maieutic.geometry.linear import follows
from maieutic.geometry.problem import parse_problem, print_problem
from maieutic.geometry.records import Clause, Problem

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


def longer(problem: Problem, rng: random.Random) -> tuple[Problem, Clause]:
    """The problem with one more point, by a random construction."""
    points = rng.sample(problem.points, 4)
    statement, _, goal = print_problem(problem).partition(" ? ")
    text = f"{statement}; z = {rng.choice(WAYS).format(*points)}" + (f" ? {goal}" if goal else "")
    grown = parse_problem(text, problem.name)
    return grown, grown.clauses[-1]


def knows_the_same(one: Closure, other: Closure) -> bool:
    """The same number of free unknowns in each table, and each equation of one follows in the other."""
    segments = one.measures.lengths.shape[0]
    for table in (0, 2, 3):
        if one.systems[table][2][-1] != other.systems[table][2][-1]:
            return False
    for table in range(4):
        mine, theirs = one.systems[table], other.systems[table]
        free = set(mine[2][: mine[2][-1]].tolist())
        for u in range(1, segments):
            support = [g for g in range(mine[0].shape[0]) if mine[0][u, g]]
            if u in free or any(g >= segments for g in support):
                continue
            columns = [u, *support]
            weights = [1, *(2147483647 - int(mine[0][u, g]) for g in support)]
            if not follows(theirs, _array(columns, "int32"), _array(weights, "int64"), len(columns)):
                return False
    return True


def _array(values: list[int], kind: str) -> np.ndarray:
    return np.array(values, kind)


def test_extending_equals_starting_anew() -> None:
    rng = random.Random(7)
    names = [n for n in library.names() if 4 <= len(library.problem(n).points) <= 12]
    done = 0
    while done < scale(25, 500):
        problem = library.problem(rng.choice(names))
        figure = draw(problem, rng.randrange(4))
        try:
            grown, clause = longer(problem, rng)
            further = extend_figure(figure, [clause], rng.randrange(100))
        except MaieuticError:
            continue
        base = close(problem, figure, NO_SINES)
        extended, anew = extend(base, [clause], further), close(grown, further, NO_SINES)
        assert knows_the_same(anew, extended), (problem.name, str(clause))
        assert knows_the_same(extended, anew), (problem.name, str(clause))
        done += 1


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
