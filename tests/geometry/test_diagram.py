"""Figures: true to every hypothesis, the same for the same seed, and fit to look at."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw, extend
from maieutic.geometry.engine.solve import compile_facts, polish, worst
from maieutic.geometry.language.problem import load_problems, parse_fact, parse_problem
from maieutic.geometry.proofs.builder import Builder
from maieutic.geometry.proofs.refute import counterexample, false_goals, measure, only_where, true_figure
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, hypotheses
from maieutic.geometry.trusted.hints.order import order_of
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Diagram

EULER = parse_problem(
    "a b c = triangle; o = circle a b c; h = orthocenter a b c; g1 g2 g3 g = centroid a b c; p = on_circle o a; "
    "q = foot p b c; r = foot p c a; s = foot p a b ? coll o g h, coll q r s"
)


def array(diagram):
    return np.array(list(diagram.points.values()))


def distance_of_shapes(first, second):
    """0 for similar figures of the same orientation, up to 1: the sine of the angle between them as vectors."""
    a, b = array(first), array(second)
    cosine = abs(np.vdot(a, b)) / np.linalg.norm(a) / np.linalg.norm(b)
    return math.sqrt(max(0.0, 1 - cosine**2))


# --- what every figure is --------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_figure_and_another_seed_another():
    assert draw(EULER, 5) == draw(EULER, 5)
    assert distance_of_shapes(draw(EULER, 5), draw(EULER, 6)) > 0.01
    assert draw(replace(EULER, name="renamed"), 5) == draw(EULER, 5)


@given(st.integers(-(2**70), 2**70))
def test_a_figure_is_centred_of_size_one_and_has_its_points_apart(seed):
    z = array(draw(EULER, seed))
    assert abs(z.mean()) < 1e-12
    assert abs(z).max() == pytest.approx(1)
    gaps = np.abs(z[:, None] - z)[np.triu_indices(len(z), 1)]
    assert gaps.min() > 0.003


@given(st.integers(0, 10_000))
def test_no_two_directions_or_lengths_are_nearly_equal(seed):
    """What is equal is so to rounding; what is not, clearly so: twenty times the tolerance of a true statement."""
    z = array(draw(EULER, seed))
    first, second = np.triu_indices(len(z), 1)
    for values in (np.angle(z[second] - z[first]) / math.pi % 0.5, np.log(np.abs(z[second] - z[first]))):
        gaps = np.diff(np.sort(values))
        assert not ((gaps > 1e-9) & (gaps < 2e-6)).any()


@pytest.mark.parametrize("file", ["imo_ag_30.txt", "jgex_ag_154.txt", "alphageometry2_26.txt"])
def test_every_published_problem_is_drawn(data_dir, scale, file):
    """All hypotheses hold far below the tolerance, and the goals are true."""
    problems = load_problems(data_dir / "geometry" / file)
    for problem in problems if file[0] != "j" else problems[:: scale(4, 1)]:
        for seed in range(scale(2, 6)):
            diagram = draw(problem, seed)
            system, conditions = compile_facts(problem.points, hypotheses(problem))
            assert worst(system.residuals(array(diagram))) < 1e-11, problem.name
            assert all(holds(fact, diagram.points) for fact in conditions)
            assert false_goals(problem, diagram) == []
            coincident = problem.name == "imo_2001_p5a_with_aux"  # u = c: `coll u a c` has no direction uc
            assert coincident or all(holds(fact, diagram.points, 1e-7) for fact in hypotheses(problem)), problem.name


def test_the_published_coordinates_can_be_done_without(data_dir):
    """Predicates only, no coordinates: an order to draw them in, or the solver, finds figures."""
    problems = load_problems(data_dir / "geometry" / "alphageometry2_26.txt")
    for problem in (p for p in problems if len(p.points) <= 18):
        bare = replace(problem, coordinates=())
        system, _ = compile_facts(bare.points, hypotheses(bare))
        assert worst(system.residuals(array(draw(bare, 1)))) < 1e-9, problem.name


@given(st.integers(0, 10**6))
def test_random_chains_of_constructions_are_drawn_true_or_not_at_all(seed):
    """Whatever is built on whatever: a figure has all its hypotheses, or there is none."""
    random = Random(seed)
    builder = Builder()
    points = list(builder.triangle("a", "b", "c"))
    while len(points) < 12:
        construct = CONSTRUCTIONS[random.choice(sorted(CONSTRUCTIONS))]
        if not 0 < len(construct.old) <= len(points):
            continue
        old = iter(random.sample(points, len(construct.old)))
        new = iter(f"p{len(points) + k}" for k in range(len(construct.new)))
        args = [next(new) if letter in construct.new else next(old) for letter in construct.letters]
        builder.construct(construct.name, *args, *(random.randrange(10, 80) for _ in construct.numbers))
        points = list(builder.problem().points)
    problem = builder.problem()
    try:
        diagram = draw(problem, 0, time_limit=0.5)
    except DiagramError:
        return
    system, _ = compile_facts(problem.points, hypotheses(problem))
    assert worst(system.residuals(array(diagram))) < 1e-9


# --- choices ---------------------------------------------------------------------------------------------------------


def test_a_second_meet_is_not_the_first():
    """The line oa through the circle's point a meets it again at the other end of the diameter."""
    problem = parse_problem("o a = segment; x = on_line o a, on_circle o a")
    at = draw(problem).points
    assert at["x"] == pytest.approx(2 * at["o"] - at["a"])


# Of the two squares on a side, only the outer one makes the goal true; the text does not say which is meant.
TWO_MEETS = parse_problem(
    "a b = segment; c = on_circle a b; d = on_circle c a, on_circle a b; e = on_circle c a, on_circle a b "
    "? sameside d b a c"
)


def test_figures_on_which_the_goals_are_true_are_preferred():
    assert all(holds(TWO_MEETS.goals[0], draw(TWO_MEETS, seed).points) for seed in range(10))
    free = {holds(TWO_MEETS.goals[0], draw(TWO_MEETS, seed, prefer_goals=False).points) for seed in range(10)}
    assert free == {True, False}


def test_without_regard_to_shape_the_first_figure_is_taken():
    problem = parse_problem("a b = segment; m = midpoint a b; n = midpoint b a")
    at = draw(problem, well_shaped=False).points
    assert at["m"] == at["n"]


def test_points_that_always_coincide_are_allowed_to():
    at = draw(parse_problem("a b c = triangle; m = midpoint a b; n = midpoint b a")).points
    assert at["m"] == pytest.approx(at["n"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # The circle of two points and their midpoint.
        (
            "a b = segment; m = midpoint a b; x = circle a b m",
            r"'ncoll a b m' does not hold, in the clause 'x = circle",
        ),
        ("a b c = triangle; m = midpoint a b; n = midpoint a c; x = on_line m n, on_line b c", "parallel lines"),
        ("a b = segment; m = midpoint a b; x = on_circle a m, on_circle b m, on_tline a a b", "no common point"),
        # A triangle with two right angles.
        ("a = ; b = ; c = perp a b a c, perp a b b c, cong a b b c", "is off by|coincide|run away"),
        ("a b c = triangle; d = sameclock a b c c b a", "'sameclock a b c c b a' does not hold"),
        # It is the right angle itself, so that there is no altitude from a.
        ("a b c = r_triangle; h = orthocenter a b c", "a and h coincide"),
    ],
)
def test_an_impossible_figure_is_an_error_that_says_why(text, reason):
    with pytest.raises(DiagramError, match=f"no figure found after \\d+ attempts: .*({reason})"):
        draw(parse_problem(text), time_limit=0.5)


# --- predicates and coordinates --------------------------------------------------------------------------------------


def test_asserted_predicates_are_solved_for():
    """An equilateral triangle, a point at a third of a side (not outside, where it is as far as b), and a circle."""
    problem = parse_problem(
        "a = ; b = ; c = ; d = ; e = cong a b a c, cong a b b c, coll d a b, rconst a d d b 1/2, cyclic a b c e, "
        "lessthan a d a b"
    )
    for seed in range(5):
        at = draw(problem, seed).points
        assert abs(at["b"] - at["c"]) == pytest.approx(abs(at["a"] - at["b"]))
        assert at["d"] == pytest.approx((2 * at["a"] + at["b"]) / 3)
        assert all(holds(fact, at) for fact in hypotheses(problem))


def test_an_assertion_may_join_a_construction():
    problem = parse_problem("a b c = triangle; d = on_line d a b, cong a d a c; e = on_bline d c, sameside e b a c")
    for seed in range(5):
        at = draw(problem, seed).points
        assert abs(at["a"] - at["d"]) == pytest.approx(abs(at["a"] - at["c"]))
        assert all(holds(fact, at) for fact in hypotheses(problem))


@pytest.mark.parametrize(
    "condition",
    ["sameclock a b d a c d", "lessthan a d a b", "noverlap a d", "diff a d", "ncoll a b d", "npara a d b c"],
)
def test_side_conditions_are_respected(condition):
    problem = parse_problem(f"a b c = triangle; d = on_circle a b, {condition}")
    if condition.startswith("lessthan"):
        problem = parse_problem(f"a b c = triangle; d = on_line b c, {condition}")
    for seed in range(5):
        assert holds(parse_fact(condition, problem.points), draw(problem, seed).points)


GIVEN = parse_problem(
    "a@0_0 = ; b@4_0 = ; c@1_3 = ; m@2_0.001 = ; x@1.01_1.01 = coll m a b, cong m a m b, cyclic a b c x"
)


def test_seed_0_keeps_given_coordinates_and_others_bend_them():
    """Polished, m is where it must be; the others hardly move; and the given size and place do not matter."""
    first = draw(GIVEN)
    at = first.points
    assert at["m"] == pytest.approx((at["a"] + at["b"]) / 2)
    assert holds(parse_fact("cyclic a b c x", at), at)
    # The similarity that takes a, b back: c is near 1 + 3i.
    assert 4 * (at["c"] - at["a"]) / (at["b"] - at["a"]) == pytest.approx(1 + 3j, abs=0.3)
    for seed in (1, 2):
        assert 0.003 < distance_of_shapes(first, draw(GIVEN, seed)) < 0.6


def test_coordinates_say_which_of_two_meets_is_meant():
    text = "a@-1_0 b@1_0 = segment; c@0_{} = on_circle a b, on_circle b a"
    above = draw(parse_problem(text.format(1))).points
    below = draw(parse_problem(text.format(-1))).points
    assert (above["c"].imag > 0, below["c"].imag > 0) == (True, False)


def test_a_figure_is_extended_without_moving_it():
    base = draw(EULER, 1)
    more = parse_problem("a b c h = quadrangle; m = midpoint a h; n = on_line b c, on_line h m").clauses[1:]
    figure = extend(base, more)
    assert {point: figure.points[point] for point in base.points} == base.points
    assert figure.points["m"] == pytest.approx((base.points["a"] + base.points["h"]) / 2)
    assert holds(parse_fact("coll n b c", figure.points), figure.points)
    with pytest.raises(DiagramError, match=r"'x = on_line x a b, on_line x a b' cannot be drawn: parallel lines"):
        extend(base, parse_problem("a b = segment; x = on_line a b, on_line a b").clauses[1:])
    with pytest.raises(DiagramError, match="is not a construction"):
        extend(base, parse_problem("a b = segment; x = coll x a b").clauses[1:])


def test_an_order_to_draw_predicates_in():
    """d is in three facts, c in one of them: c comes last, and each with what joins it to the points before."""
    problem = parse_problem("a = ; b = ; c = ; d = cong a d b d, perp a d b d, coll a d c")
    parts = [(part.points, list(map(str, part.facts)), part.is_block) for part in order_of(problem).parts]
    assert parts == [
        (("a",), [], False),
        (("b",), [], False),
        (("d",), ["cong a d b d", "perp a d b d"], False),
        (("c",), ["coll a d c"], False),
    ]


def test_points_that_their_facts_place_only_together_are_a_block():
    """Each point is in three facts or four; x and y, which come last, can take all of them."""
    text = "a = ; b = ; c = ; x y = eqangle x a x b y b y c, eqangle x b x c y c y a, cong x a y b, coll x y c"
    problem = parse_problem(text)
    order = order_of(problem)
    assert [(part.points, part.is_block) for part in order.parts] == [
        *(((point,), False) for point in "abc"),
        (("x", "y"), True),
    ]
    assert set(order.parts[-1].facts) == set(hypotheses(problem))


def test_a_figure_shows_which_fact_says_nothing_new():
    """A rectangle with equal sides: that xy is as long as ab follows, to first order, from the right angles."""
    problem = parse_problem("a = ; b = ; x y = perp a x a b, perp b y a b, cong x y a b, perp x y a x, cong a x x y")
    order = order_of(problem, {"a": 0j, "b": 1 + 0j, "x": 1j, "y": 1 + 1j})
    assert [str(fact) for fact in order.surplus] == ["cong x y a b"]
    assert not any(part.is_block for part in order.parts)
    assert order_of(problem).surplus == ()  # without one it is not known, and the facts are solved for together
    assert [part.is_block for part in order_of(problem).parts] == [False, True]


# --- the solver ------------------------------------------------------------------------------------------------------

FACTS = [
    *("coll a b c", "cyclic a b d e", "cong a b c d", "para a b c d", "perp a c b e", "eqangle a b c d b c d e"),
    *("eqratio a b c d a e b c", "aconst a b c e 25", "rconst a d b e 3/2", "rsqconst a d b e 5/2", "overlap a b"),
    *("angeq a b c d a e 2 1 -1 15", "distmeq a b c d 2 -1 3", "distseq a b c d a e 1 1 -2"),
    *("distsqeq a b c d a e 1 1 -2", "eqsine a b c b d e", "sinesq a b c 1/4"),
]


@pytest.mark.parametrize("text", FACTS)
def test_derivatives_are_those_of_the_residuals(text):
    """By central differences, at a random figure; weights of areas are held fixed, so those are compared at a zero."""
    fact = parse_fact(text, "abcde")
    system, _ = compile_facts("abcde", [fact])
    rng = np.random.default_rng(3)
    z = rng.normal(size=5) + 1j * rng.normal(size=5)
    if fact.predicate in ("coll", "cyclic", "distseq", "distsqeq"):
        z = polish(system, z)
    values, slopes = system.jacobian(z)
    assert np.array_equal(values, system.residuals(z))
    step = 1e-6
    for point in range(5):
        for axis, unit in enumerate((1, 1j)):
            move = np.zeros(5, dtype=complex)
            move[point] = step * unit
            change = (system.residuals(z + move) - system.residuals(z - move)) / (2 * step)
            assert change == pytest.approx(slopes[:, 2 * point + axis], abs=1e-7)


@pytest.mark.parametrize("text", FACTS)
def test_a_residual_is_zero_where_the_fact_holds(text):
    fact = parse_fact(text, "abcde")
    system, _ = compile_facts("abcde", [fact])
    rng = np.random.default_rng(4)
    start = rng.normal(size=5) + 1j * rng.normal(size=5)
    assert worst(system.residuals(start)) > 1e-3
    assert not holds(fact, dict(zip("abcde", start, strict=True)))
    solution = polish(system, start)
    assert worst(system.residuals(solution)) < 1e-12
    assert holds(fact, dict(zip("abcde", solution.tolist(), strict=True)), 1e-9)


# --- false goals -----------------------------------------------------------------------------------------------------

FIGURE = {"a": 0j, "b": 3 + 0j, "c": 4j, "d": 6 + 0j, "e": 1 + 2j}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("cong a b a c", "|ab| = 3, |ac| = 4"),
        ("rconst a b a c 1/2", "|ab|/|ac| = 0.75, to be 1/2"),
        ("eqratio a b a c a c b c", "|ab|/|ac| = 0.75, |ac|/|bc| = 0.8"),
        ("perp a b a e", "the angle from ae to ab is 116.5651 degrees, to be 90"),  # 180 - atan 2
        ("aconst a c a b 60", "the angle from ab to ac is 90.0000 degrees, to be 60"),
        (
            "eqangle a c a b a e a b",
            "the angle from ab to ac is 90.0000 degrees, the angle from ab to ae is 63.4349 degrees",
        ),
        ("coll a b e", "e is 2 off line ab, in a figure where the others are 3 apart"),
        # The circle has its centre at 1.5 + 2i and the radius 2.5.
        ("cyclic a b c e", "e is 2 off the circle abc, in a figure where the others are 5 apart"),
        ("midp b a e", "e is 2 off line ba, in a figure where the others are 3 apart"),
        ("sameclock a b c c b a", "points a = (0.0000, 0.0000), b = (3.0000, 0.0000), c = (0.0000, 4.0000)"),
    ],
)
def test_a_false_fact_is_answered_with_numbers(text, numbers):
    assert measure(parse_fact(text, FIGURE), FIGURE) == numbers


def test_a_false_goal_is_found_and_a_true_one_is_not():
    problem = parse_problem("a b c = triangle; m = midpoint a b ? cong a m m b, cong a b a c, coll a m b")
    ((goal, numbers),) = false_goals(problem, draw(problem))
    assert str(goal) == "cong a b a c"
    assert numbers.startswith("|ab| = ")


def test_a_goal_that_is_only_sometimes_true_has_figures_of_both_kinds():
    seed = next(s for s in range(20) if not goal_holds(s))
    diagram = draw(TWO_MEETS, seed, prefer_goals=False)
    assert [goal for goal, _ in false_goals(TWO_MEETS, diagram)] == list(TWO_MEETS.goals)
    assert false_goals(TWO_MEETS, true_figure(TWO_MEETS, seed)) == []
    assert counterexample(TWO_MEETS, seed) is None  # figures are drawn for the goals to be true, if they can be
    figure, ((goal, _),) = counterexample(TWO_MEETS, seed, branches=True)
    assert goal == TWO_MEETS.goals[0]
    assert not holds(goal, figure.points)


def test_where_alone_a_goal_is_true_is_told_in_points_that_are_one():
    """Line bx meets the circle about a in b and x, and y may be either."""
    problem = parse_problem("a b = segment; x = on_circle a b; y = cong a y a b, coll y b x ? overlap x y")
    at = draw(problem, 0).points
    assert only_where(problem, Diagram({**at, "y": at["b"]})) == [("x", "y")]
    assert only_where(problem, Diagram({**at, "y": at["x"]})) == []


def goal_holds(seed):
    return holds(TWO_MEETS.goals[0], draw(TWO_MEETS, seed, prefer_goals=False).points)
