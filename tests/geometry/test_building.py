"""Exact figures in balls: they are where floats are, all that a construction says holds, and no root is guessed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flint import acb, ctx
from tests.geometry.test_constructions import a_problem_with

from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.building import build, figure_order
from maieutic.geometry.trusted.certify import Certified, NoFigureError, certified, seen
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, hypotheses
from maieutic.geometry.trusted.hints.branches import branches
from maieutic.geometry.trusted.predicates import apart, holds
from maieutic.geometry.trusted.quantities import NoMeetError, UndecidedError, middle
from maieutic.geometry.trusted.records import Fact, Point, Problem
from maieutic.geometry.trusted.stated import stated


@contextmanager
def bits(count: int) -> Iterator[None]:
    before = ctx.prec
    try:
        ctx.prec = count
        yield
    finally:
        ctx.prec = before


def built(problem: Problem, near: dict[str, complex], count: int = 128) -> dict[str, Point]:
    with bits(count):
        return build(figure_order(problem, near), near)


def figures(problem: Problem, seeds: range = range(2)) -> list[dict[str, complex]]:
    order = figure_order(problem)
    return [at for seed in seeds for at in branches(problem, order, seed).figures]


def facts_of(problem: Problem, *texts: str) -> tuple[Fact, ...]:
    return tuple(parse_fact(text, problem.points) for text in texts)


# --- every construction ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_construction_is_where_it_is_in_floats_and_all_that_it_says_holds_in_balls(name):
    problem = a_problem_with(name)
    for near in figures(problem):
        at = built(problem, near)
        assert at.keys() == near.keys()
        for point, place in at.items():
            assert isinstance(place, acb)
            assert abs(middle(place) - near[point]) < 1e-9
            assert float(place.rad()) < 1e-25
        with bits(128):
            for fact in (*hypotheses(problem), *stated(problem)):
                assert holds(fact, near, 1e-8), fact
                assert holds(fact, at, 1e-25), fact  # numeric facts are decided, or UndecidedError is raised


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_more_bits_enclose_more_narrowly(name):
    problem = a_problem_with(name)
    near = figures(problem)[0]
    wide, narrow = built(problem, near, 64), built(problem, near, 256)
    assert all(wide[point].overlaps(narrow[point]) for point in near)
    assert all(narrow[point].rad() < 1e-60 for point in near)


def test_what_is_free_is_there_exactly():
    problem = parse_problem("a = free; b = free; m = midpoint a b")
    at = built(problem, {"a": 0.1 + 0.7j, "b": 1 + 1e-30j, "m": 5 + 5j})
    assert at["a"].rad() == 0
    assert at["a"] == acb(0.1, 0.7)
    assert at["b"] == acb(1, 1e-30)
    assert abs(middle(at["m"]) - (0.55 + 0.35j)) < 1e-15


# --- which of several ways -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    "clause", ["x = on_circle a b, on_circle b a", "x = cong x a a b, cong x b a b", "x = eq_triangle a b"]
)
def test_of_two_ways_the_nearer_one_is_taken(clause, side):
    """The two equilateral triangles on ab."""
    problem = parse_problem(f"a b = segment; {clause}")
    at = built(problem, {"a": 0j, "b": 2 + 0j, "x": 1.1 + 1.5j * side})
    assert abs(middle(at["x"]) - (1 + 3**0.5 * 1j * side)) < 1e-12


def test_of_several_points_that_are_placed_together_the_nearer_way_is_taken():
    """Tangents from (5, 0) to the circle of radius 3: at (9/5, 12/5) and below."""
    problem = parse_problem("a o b = triangle; x y = tangent x y a o b")
    near = {"a": 5 + 0j, "o": 0j, "b": 3j, "x": 2 - 1j, "y": 2 + 3j}
    at = built(problem, near)
    assert [middle(at[p]) for p in "xy"] == pytest.approx([1.8 - 2.4j, 1.8 + 2.4j])
    at = built(problem, {**near, "x": 2 + 1j})
    assert [middle(at[p]) for p in "xy"] == pytest.approx([1.8 - 2.4j, 1.8 + 2.4j])  # y is farther from the other way
    at = built(problem, {**near, "x": 2 + 3j, "y": 2 - 1j})
    assert [middle(at[p]) for p in "xy"] == pytest.approx([1.8 + 2.4j, 1.8 - 2.4j])


def test_branches_know_both_ways():
    problem = parse_problem("a b = segment; x = on_circle a b, on_circle b a")
    sides = {((at["x"] - at["a"]) / (at["b"] - at["a"])).imag > 0 for at in figures(problem, range(1))}
    assert sides == {True, False}


def test_branches_know_both_bisectors():
    """Of ∠BAD = ∠DAC modulo 180 degrees: d is on the inner bisector or on the outer one, and in neither case in a."""
    problem = parse_problem("a b c = triangle; d = eqangle a b a d a d a c")
    for seed in range(3):
        ways = figures(problem, range(seed, seed + 1))
        turned = [(at["d"] - at["a"]) ** 2 / ((at["b"] - at["a"]) * (at["c"] - at["a"])) for at in ways]
        assert sorted(z.real > 0 for z in turned) == [False, True]


@pytest.mark.parametrize("text", ["a = ; b = ; m = midpoint a b", "a b c = ; m = midpoint a b", "a b c = "])
def test_points_without_a_construction_are_free(text):
    problem = parse_problem(text)
    near = {"a": 0j, "b": 2 + 1j, "c": 1j, "m": 0j}
    near = {point: near[point] for point in problem.points}
    at = built(problem, near)
    assert all(middle(at[point]) == near[point] for point in near if point != "m")
    assert "m" not in near or middle(at["m"]) == 1 + 0.5j
    assert len(figures(problem)) == 2


# --- known points ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "is_one"),
    [
        # Two known points of the line ac and the circle: y is one of them.
        ("o a b = triangle; c = on_line a b, on_circle o a; y = on_line a c, on_circle o a", "a", True),
        ("o a b = triangle; c = on_line a b, on_circle o a; y = on_line a c, on_circle o a", "c", True),
        # A point that is solved for may be the known one, or the other.
        ("o a b = triangle; c = coll c a b, cong o c o a", "a", True),
        ("o a b = triangle; c = coll c a b, cong o c o a", "c", False),
        ("o w a = triangle; c = cong o c o a, cong w c w a", "a", True),
    ],
)
def test_a_point_that_is_a_known_one_has_that_ones_very_ball(text, place, is_one):
    problem = parse_problem(text)
    near = {"o": 0j, "w": 6 + 1j, "a": 5 + 0j, "b": -1 + 3j, "c": -3 + 4j}
    new = problem.points[-1]
    at = built(problem, {**{p: near[p] for p in problem.points if p in near}, new: near[place] + 0.01j})
    others = [p for p in problem.points if p != new and at[p] is at[new]]
    assert others == ([place] if is_one else [])
    if is_one:
        assert not apart(at, new, place)


def test_a_constructed_second_meet_is_not_the_known_one_however_near_it_is_asked_for():
    """Its formula has no root: x is the mirror image of a in the perpendicular from o to the line."""
    problem = parse_problem("o a b = triangle; x = on_line a b, on_circle o a")
    near = {"o": 0j, "a": 5 + 0j, "b": -3 + 4j, "x": 5 + 0j}
    assert abs(middle(built(problem, near)["x"]) - (-3 + 4j)) < 1e-12


def test_an_equality_that_holds_by_no_name_is_not_decided():
    """Both are the midpoint of ab, and no number of bits shows it."""
    problem = parse_problem("a b c = triangle; m = midpoint a b; n = midpoint b a")
    for count in (64, 512):
        at = built(problem, {"a": 0j, "b": 0.3 + 0.1j, "c": 1j, "m": 0.15 + 0j, "n": 0.15 + 0j}, count)
        with bits(count), pytest.raises(UndecidedError):
            apart(at, "m", "n")


# --- double roots, and no roots --------------------------------------------------------------------------------------

# |pq| is half of vw, by a theorem that no sum of hypotheses is: the circle touches the perpendicular bisector of vw.
TOUCHING = "u v w = triangle; p = midpoint u v; q = midpoint u w; x = on_bline v w, eqdistance v p q"
AT = {"u": 0.3 + 0.9j, "v": 0j, "w": 1 + 0.1j, "p": 0.15 + 0.45j, "q": 0.65 + 0.5j, "x": 0.5 + 0.05j}


@pytest.mark.parametrize("count", [64, 128, 1024])
def test_a_double_root_is_undecided_however_many_bits(count):
    with pytest.raises(UndecidedError):
        built(parse_problem(TOUCHING), AT, count)


def test_a_figure_with_a_double_root_is_not_certified():
    with pytest.raises(NoFigureError, match="not decided on the figure with 4096 bits"):
        certified(parse_problem(TOUCHING), AT, ())


@pytest.mark.parametrize(
    "text",
    [
        "a b c = triangle; x = on_circle a b, on_bline a c",
        "a b c = triangle; x = cong x a a b, cong x a x c",
        "a b c = triangle; d = shift d b c a; x = on_line a b, on_line c d",
    ],
)
def test_curves_that_do_not_meet_give_no_figure(text):
    """c is 4 from a and b 1: the circle does not reach the bisector. And parallels never meet."""
    problem = parse_problem(text)
    near = {"a": 0j, "b": 1 + 0j, "c": 4j, "d": 1 + 4j, "x": 0.5 + 2j}
    near = {point: near[point] for point in problem.points}
    with pytest.raises(NoMeetError):
        built(problem, near)
    with pytest.raises(NoFigureError):
        certified(problem, near, ())


def test_a_figure_of_the_equations_is_none_of_the_statement():
    """Parallels through c and in ab have a common point if c is on ab; and that it is not, is stated."""
    problem = parse_problem("a b c = triangle; x = coll x a b, para x c a b")
    near = {"a": 0j, "b": 1 + 0j, "c": 4j, "x": 0.5 + 2j}
    with pytest.raises(NoFigureError, match="ncoll a b c"):
        certified(problem, near, stated(problem))


# --- certified figures -----------------------------------------------------------------------------------------------


def test_balls_decide_what_floats_cannot():
    problem = parse_problem("a = free; b = free; c = free")
    near = {"a": 0j, "b": 1 + 0j, "c": 2 + 1e-200j}
    (fact,) = facts_of(problem, "ncoll a b c")
    assert not holds(fact, near)
    assert isinstance(certified(problem, near, [fact]), Certified)
    with pytest.raises(NoFigureError, match="ncoll a b c: not decided"):
        certified(problem, {**near, "c": 2 + 0j}, [fact])


def test_a_condition_that_fails_is_named_and_the_precision_is_left_as_it_was():
    problem = parse_problem("a b = segment; x = on_line a b")
    near = {"a": 0j, "b": 1 + 0j, "x": 2 + 0j}
    with bits(77):
        certified(problem, near, facts_of(problem, "between b a x", "diff x a"))
        assert ctx.prec == 77
        with pytest.raises(NoFigureError, match="between x a b fails on the figure"):
            certified(problem, near, facts_of(problem, "diff x a", "between x a b"))
        assert ctx.prec == 77


def test_names_of_one_place_are_told():
    problem = parse_problem("o a b = triangle; c = coll c a b, cong o c o a")
    near = {"o": 0j, "a": 5 + 0j, "b": -1 + 3j, "c": 5 + 0j}
    assert certified(problem, near, ()).together == [("a", "c")]
    assert certified(problem, {**near, "c": -3 + 4j}, ()).together == []


def test_hypotheses_that_are_left_over_must_hold():
    """In a square the diagonals are equal and perpendicular; the fifth fact follows from four."""
    text = "a = ; b = ; x y = perp a x a b, perp b y a b, perp x y a x, cong a x a b, cong a y b x"
    problem = parse_problem(text)
    square = {"a": 0j, "b": 1 + 0j, "x": 1j, "y": 1 + 1j}
    figure = certified(problem, square, ())
    assert list(map(str, figure.order.surplus)) == ["cong a y b x"]
    assert seen(problem, figure, figure.order.surplus)
    assert seen(problem, figure, facts_of(problem, "perp a y b x"))
    assert not seen(problem, figure, facts_of(problem, "perp a y a x"))
    with pytest.raises(NoFigureError, match=r"(false on the only figure|no solution) near"):
        certified(parse_problem(text.replace("cong a y b x", "rconst a y b x 1000001/1000000")), square, ())
