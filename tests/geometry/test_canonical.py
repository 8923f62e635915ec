"""The canonical form: the same for the same statement however it is written, and another for any other statement."""

from itertools import combinations
from random import Random
from string import ascii_lowercase

import pytest
from tests.geometry.random_problems import random_problem

from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.goals import candidate_goals
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem

SYMMETRIC = {  # constructions whose old points may be permuted: positions among their arguments
    "midpoint": [(0, 2, 1)],
    "on_line": [(0, 2, 1)],
    "on_dia": [(0, 2, 1)],
    "on_bline": [(0, 2, 1)],
    "foot": [(0, 1, 3, 2)],
    "on_tline": [(0, 1, 3, 2)],
    "on_pline": [(0, 1, 3, 2)],
    "reflect": [(0, 1, 3, 2)],
    "on_circum": [(0, 2, 1, 3), (0, 3, 1, 2)],
    "circumcenter": [(0, 2, 1, 3), (0, 3, 1, 2)],
    "orthocenter": [(0, 2, 1, 3), (0, 3, 1, 2)],
    "incenter": [(0, 2, 1, 3), (0, 3, 1, 2)],
    "angle_bisector": [(0, 3, 2, 1)],
    "intersection_ll": [(0, 2, 1, 3, 4), (0, 3, 4, 1, 2)],
    "intersection_cc": [(0, 2, 1, 3)],
}
GOALS = {  # ... and predicates
    "coll": [(1, 0, 2), (2, 0, 1)],
    "cyclic": [(1, 0, 2, 3), (3, 0, 1, 2)],
    "cong": [(1, 0, 2, 3), (2, 3, 0, 1)],
    "para": [(1, 0, 2, 3), (2, 3, 0, 1)],
    "perp": [(1, 0, 2, 3), (2, 3, 0, 1)],
    "eqangle": [(4, 5, 6, 7, 0, 1, 2, 3), (0, 1, 4, 5, 2, 3, 6, 7), (1, 0, 2, 3, 4, 5, 6, 7)],
    "eqratio": [(4, 5, 6, 7, 0, 1, 2, 3), (0, 1, 4, 5, 2, 3, 6, 7), (2, 3, 0, 1, 6, 7, 4, 5)],
}


def key(text: str) -> str:
    return canonical_key(parse_problem(text))


def disguised(problem: Problem, rng: Random) -> Problem:
    """The same statement: other names, symmetric arguments, another order of constructions and of clauses."""
    names = dict(zip(problem.points, rng.sample(ascii_lowercase, len(problem.points)), strict=True))

    def renamed(points: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names[p] for p in points)

    def permuted(args: tuple[str, ...], symmetries: list[tuple[int, ...]]) -> tuple[str, ...]:
        if not symmetries or rng.random() < 0.4:
            return args
        return tuple(args[i] for i in rng.choice(symmetries))

    clauses = []
    for clause in problem.clauses:
        uses = [
            Construction(use.name, renamed(permuted(use.args, SYMMETRIC.get(use.name, []))), use.values)
            for use in clause.constructions
        ]
        rng.shuffle(uses)
        clauses.append(Clause(renamed(clause.points), tuple(uses)))
    ordered: list[Clause] = []
    while clauses:  # any order in which points come before they are used
        known = {p for clause in ordered for p in clause.points}
        ready = [c for c in clauses if {a for use in c.constructions for a in use.args} <= known | set(c.points)]
        chosen = rng.choice(ready)
        clauses.remove(chosen)
        ordered.append(chosen)
    goals = tuple(
        Fact(goal.predicate, renamed(permuted(goal.points, GOALS.get(goal.predicate, []))), goal.values)
        for goal in problem.goals
    )
    return Problem("", tuple(ordered), goals)


def with_goal(rng: Random, points: int) -> Problem:
    """A random problem of points in different places, with something that follows as its goal."""
    while True:
        problem = random_problem(rng, points)
        figure = draw(problem)
        if all(abs(p - q) > 1e-6 for p, q in combinations(figure.points.values(), 2)):
            break
    closure = close(problem, figure, Options(sines=False, stop_at_goal=False))
    goals = candidate_goals(closure, rng)
    return Problem("", problem.clauses, (rng.choice(goals),)) if goals else problem


def test_names_order_and_symmetric_arguments_do_not_matter(scale):
    for seed in range(scale(60, 2000)):
        rng = Random(seed)
        problem = with_goal(rng, 4 + seed % 7)
        assert canonical_key(problem) == canonical_key(disguised(problem, rng)), (seed, problem)


def test_the_library_states_nothing_twice():
    keys: dict[str, list[str]] = {}
    for name in library.names():
        keys.setdefault(canonical_key(library.problem(name)), []).append(name)
    assert [names for names in keys.values() if len(names) > 1] == []


SAME = {
    "a midpoint, however it is made": (
        "a b = segment; m = midpoint a b ? cong m a m b",
        "c d = segment; m = on_bline c d, on_line c d ? cong m d m c",
    ),
    "the order of a circumcentre's points": (
        "a b c = triangle; o = circumcenter a b c ? cong o a o b",
        "a b c = triangle; o = circumcenter c a b ? cong o c o a",
    ),
    "another segment of the same line": (
        "a b c = triangle; d = on_line b c; e = on_tline e a b c ? perp a e b d",
        "a b c = triangle; d = on_line b c; e = on_tline e a d c ? perp a e b c",
    ),
    "other points of the same circle": (
        "a b c = triangle; d = on_circum a b c; e = on_circum a b c ? cyclic a b d e",
        "a b c = triangle; d = on_circum a b c; e = on_circum b c d ? cyclic a c d e",
    ),
    "an excentre, which has the equations of the incentre": (
        "a b c = triangle; i = incenter a b c; d = foot i b c; e = foot i c a ? cong i d i e",
        "a b c = triangle; i = excenter a b c; d = foot i b c; e = foot i c a ? cong i d i e",
    ),
    "the goal's two sides": ("a b c d = isquare ? perp a c b d", "a b c d = isquare ? perp b d c a"),
}
OTHERS = {
    "parallel and perpendicular": (
        "a b c = triangle; d = on_pline a b c ? para a d b c",
        "a b c = triangle; d = on_tline a b c ? perp a d b c",
    ),
    "another goal": (
        "a b c = triangle; d = midpoint a b ? cong d a d b",
        "a b c = triangle; d = midpoint a b ? coll d a b",
    ),
    "another number": (
        "a b = segment; c = s_angle a b 30 ? cong a b b c",
        "a b = segment; c = s_angle a b 60 ? cong a b b c",
    ),
    "one hypothesis more": (
        "a b c = triangle; d = on_line a b ? coll a b d",
        "a b c = triangle; d = on_line a b; e = midpoint a c ? coll a b d",
    ),
    "another centre": (
        "a b c = triangle; o = circumcenter a b c ? cong o a o b",
        "a b c = triangle; o = orthocenter a b c ? cong o a o b",
    ),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_what_says_the_same_has_one_key(first, second):
    assert key(first) == key(second)


@pytest.mark.parametrize(("first", "second"), OTHERS.values(), ids=OTHERS)
def test_what_says_something_else_has_another(first, second):
    assert key(first) != key(second)


def test_every_symmetry_is_of_a_construction_in_the_table():
    assert all(
        sorted(order) == list(range(len(CONSTRUCTIONS[name].letters)))
        for name, orders in SYMMETRIC.items()
        for order in orders
    )
