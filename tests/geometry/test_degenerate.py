"""Which strict facts follow from which, by what coincidence alone says; and that no more are listed than are needed."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.geometry.exact_grid import Grid, figures

from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.degenerate import Strict, normal
from maieutic.geometry.trusted.hints.witnesses import fewest
from maieutic.geometry.trusted.records import Fact, Problem
from maieutic.geometry.trusted.stated import stated


def strict(text: str) -> tuple[Strict, Problem]:
    problem = parse_problem(text)
    return Strict(hypotheses(problem), stated(problem)), problem


def follows(text: str, wanted: str, more: str = "") -> bool:
    known, problem = strict(text)
    extra = [parse_fact(part, problem.points) for part in filter(None, more.split(", "))]
    return known.implies(parse_fact(wanted, problem.points), extra)


TRIANGLE = "a b c = triangle; "


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # What is stated, written otherwise.
        (TRIANGLE, "ncoll c a b"),
        (TRIANGLE, "diff c a"),
        (TRIANGLE, "noverlap a b"),
        # A midpoint is no end: half of a length would be 0, and the other half too.
        (TRIANGLE + "m = midpoint a b", "diff m a"),
        (TRIANGLE + "m = midpoint a b", "diff b m"),
        # ... nor the third corner, as it is on the side.
        (TRIANGLE + "m = midpoint a b", "diff m c"),
        # The centre of a circle is no point of it: all would be in the centre.
        (TRIANGLE + "o = circumcenter a b c", "diff o a"),
        (TRIANGLE + "o = circumcenter a b c", "diff c o"),
        (TRIANGLE + "o = circumcenter a b c; d = on_circle o a", "diff d o"),
        # The foot of an altitude is on the side, and so is not the corner.
        (TRIANGLE + "d = foot a b c", "diff a d"),
        # Three different points of a circle are on no line.
        ("o a = segment; b = on_circle o a; c = on_circle o a, diff a b, diff a c, diff b c", "ncoll a b c"),
        ("a b c d = cyclic a b c d, diff a b, diff a c, diff b c", "ncoll a b c"),
        # A point of side bc is no point of ab, but for b.
        (TRIANGLE + "d = on_line b c; e = on_line a b, diff d b", "diff d a"),
        (TRIANGLE + "d = on_line b c, diff d b", "ncoll a b d"),
        (TRIANGLE + "d = on_line b c; e = on_line a b, diff d b", "diff d e"),
        # A ratio of lengths: both are 0 or none.
        ("a b = segment; c = ; d = rconst a b c d 3", "diff c d"),
        # An orientation is one of triangles that are not flat.
        ("a b c = ; d = sameclock a b c a b d", "ncoll a b d"),
        ("a b c = ; d = between d a b", "diff a b"),
    ],
)
def test_what_coincidence_alone_says_follows(text, wanted):
    assert follows(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # In a right triangle the orthocentre is a corner.
        (TRIANGLE + "h = orthocenter a b c", "diff h a"),
        (TRIANGLE + "h = orthocenter a b c", "ncoll h b c"),
        # The foot is an end of the side, and the centre its middle, if an angle is right.
        (TRIANGLE + "d = foot a b c", "diff d b"),
        (TRIANGLE + "o = circumcenter a b c", "ncoll o a b"),
        (TRIANGLE + "o = circumcenter a b c; m = midpoint a b", "diff o m"),
        (TRIANGLE + "o = circumcenter a b c; d = on_circle o a", "diff d a"),
        (TRIANGLE + "d = on_line b c", "diff d b"),
        ("a b c d = cyclic a b c d", "ncoll a b c"),
        # Readings follow from nothing but themselves.
        (TRIANGLE + "m = midpoint a b", "between m a b"),
        (TRIANGLE + "m = midpoint a b", "npara a b a c"),
        (TRIANGLE, "exists a"),
    ],
)
def test_what_is_false_on_some_figure_does_not_follow(text, wanted):
    assert not follows(text, wanted)


@pytest.mark.parametrize(
    ("text", "more", "wanted"),
    [
        (TRIANGLE + "h = orthocenter a b c", "ncoll h a b", "diff h a"),
        (TRIANGLE + "d = on_line b c", "diff d b", "ncoll a b d"),
        ("a b c = ", "diff a b", "diff b a"),
        ("a b c = ", "sameclock a b c b c a", "ncoll c b a"),
        ("a b c = ", "between a b c", "diff b c"),
        ("a b c d = ", "npara a b c d", "diff c d"),
        ("a b c d = ", "npara a b c d", "npara d c a b"),
        ("a b c = ", "between a b c", "between a c b"),
        # The line bx meets the circle in b and x: that y is x says that it is not b.
        ("a b = segment; x = on_circle a b; y = on_circle a b, on_line b x", "overlap x y", "diff b y"),
    ],
)
def test_one_condition_says_another(text, more, wanted):
    assert not follows(text, wanted)
    assert follows(text, wanted, more)


def test_facts_may_follow_one_after_the_other_in_any_order():
    """m is not a, so it is on no line with a and c; and so for n; so they differ, and a, m, n are on no line."""
    known, problem = strict(TRIANGLE + "m = midpoint a b; n = midpoint a c")
    wanted = [parse_fact(text, problem.points) for text in ("ncoll a m n", "diff m n", "ncoll m a c", "diff m a")]
    assert known.gives([*wanted, parse_fact("diff n a", problem.points)], [])
    assert not known.gives([*wanted, parse_fact("npara m n b c", problem.points)], [])


def test_a_strict_fact_is_known_in_each_way_to_write_it():
    ways = [
        ("noverlap b a", "diff a b"),
        ("ncoll c a b", "ncoll a b c"),
        ("npara d c b a", "npara a b c d"),
        ("nperp b a d c", "nperp a b c d"),
        ("ncong c d b a", "ncong a b c d"),
        ("between a c b", "between a b c"),
        ("overlap b a", "overlap a b"),
    ]
    for one, other in ways:
        assert normal(parse_fact(one, "abcd")) == normal(parse_fact(other, "abcd"))
    assert normal(parse_fact("lessthan c d a b", "abcd")) != normal(parse_fact("lessthan a b c d", "abcd"))


# --- at random -------------------------------------------------------------------------------------------------------

POINTS = "abcdef"
FIGURES = [
    "a b c = triangle; d = midpoint a b; e = foot c a b; f = circumcenter a b c",
    "a b = segment; c = on_circle a b; d = on_line b c, on_circle a b; e = on_line a b; f = midpoint e a",
    "a b c = ; d = cong a b a d; e = coll e a b, coll e c d; f = cyclic a b c f",
    "a b c d = quadrangle; e = on_line a b, on_line c d; f = circle e a c",
]
names = st.permutations(POINTS)
one_strict = st.one_of(
    names.map(lambda p: Fact("diff", tuple(p[:2]))),
    names.map(lambda p: Fact("ncoll", tuple(p[:3]))),
    names.map(lambda p: Fact("npara", tuple(p[:4]))),
    names.map(lambda p: Fact("between", tuple(p[:3]))),
    names.map(lambda p: Fact("sameclock", tuple(p))),
    names.map(lambda p: Fact("overlap", tuple(p[:2]))),
)
lists = st.lists(one_strict, max_size=6)


@given(text=st.sampled_from(FIGURES), wanted=lists)
def test_a_list_is_enough_and_none_of_it_could_be_left_out(text, wanted):
    known, _ = strict(text)
    kept = fewest(known, wanted)
    assert kept == [fact for fact in dict.fromkeys(wanted) if fact in kept]  # in their order
    assert known.gives(wanted, kept)
    for fact in kept:
        assert not known.implies(fact, [other for other in kept if other != fact])


GRID = Grid([(x, y) for x in range(3) for y in range(3)])


@given(
    facts=st.lists(
        st.one_of(
            names.map(lambda p: Fact("cong", (p[0], p[1], p[0], p[2]))),
            names.map(lambda p: Fact("cong", tuple(p[:4]))),
            names.map(lambda p: Fact("coll", tuple(p[:3]))),
            names.map(lambda p: Fact("cyclic", tuple(p[:4]))),
        ),
        max_size=5,
    ),
    assumed=lists,
    seed=st.integers(0, 2**32 - 1),
)
def test_what_follows_is_true_on_every_exact_figure(facts, assumed, seed):
    """Also where points coincide: that is what it is about. Hypotheses are true where they say something."""
    known = Strict(facts, [])
    conditions = [(fact, True) for fact in facts] + [(fact, False) for fact in assumed]
    at = figures(GRID, conditions, POINTS, np.random.default_rng(seed), 200)
    for count, name in ((2, "diff"), (3, "ncoll")):
        for points in combinations(POINTS, count):
            fact = Fact(name, points)
            assert GRID.holds(fact, at).all() or not known.implies(fact, assumed)
