"""What each predicate says of a figure: one on which it is true, one on which it is false."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.geometry.language.problem import parse_fact
from maieutic.geometry.trusted.predicates import (
    PREDICATES,
    combine,
    equations,
    expand,
    holds,
    linear,
    make_equation,
    prime_powers,
    residual,
)
from maieutic.geometry.trusted.predicates.row import HALF
from maieutic.geometry.trusted.records import Fact

# The unit square a b c d with its centre o, the midpoint m of ab, and points beside it. x and y coincide with o.
FIGURE = {
    "a": 0j,
    "b": 1 + 0j,
    "c": 1 + 1j,
    "d": 1j,
    "o": 0.5 + 0.5j,
    "x": 0.5 + 0.5j,
    "m": 0.5 + 0j,
    "n": 0.5 + 1j,
    "q": 2 + 0j,  # |aq| = 2 |ab|
    "r": 3 + 0j,
    "s": 0.25 + 0j,
    "t": -1 + 0j,
    "u": 1 + 3j,
}

TRUE_AND_FALSE = [
    ("coll a b q r", "coll a b q c"),
    ("cong a b b c", "cong a b a c"),
    ("para a b d c", "para a b a c"),
    ("perp a c b d", "perp a c a b"),
    # From ab to ac is 45 degrees, and so from ac to ad; from ac to ab is -45.
    ("eqangle a c a b a d a c", "eqangle a c a b a c a d"),
    ("cyclic a b c d", "cyclic a b c m"),
    ("eqratio a b a q a m a b", "eqratio a b a q a b a m"),
    ("aconst a c a b 45", "aconst a b a c 45"),
    ("rconst a q a b 2", "rconst a b a q 2"),
    ("rsqconst a c a b 2", "rsqconst a b a c 2"),
    # d(ac) = 45 and d(bd) = 135: 45 + 135 + 0 = 180; with 10 more it is not 0 modulo 180.
    ("angeq a c b d 1 1 0", "angeq a c b d 1 1 10"),
    # |aq| |ab|^-1 / 2 = 1
    ("distmeq a q a b 1 -1 1/2", "distmeq a q a b 1 -1 2"),
    ("distseq a b b q a q 1 1 -1", "distseq a b b c a c 1 1 -1"),
    ("distsqeq a b b c a c 1 1 -1", "distsqeq a b b q a q 1 1 -1"),
    ("eqsine a b c b d c", "eqsine a b c a b d"),
    ("sinesq a b c 1/2", "sinesq a b c 1/4"),
    ("overlap o x", "overlap o m"),
    ("midp m a b", "midp b a m"),
    ("circle o a b c", "circle m a b c"),
    ("simtri a b c c d a", "simtri a b c a b r"),
    ("contri a b c c d a", "contri a b c a q n"),
    ("cyclic_with_center o a b c d", "cyclic_with_center o a b c m"),
    ("cyclic_with_centers o x a b c 2", "cyclic_with_centers o m a b c 2"),
    ("diff o m", "diff o x"),
    ("noverlap o m", "noverlap o x"),
    ("ncoll a b c", "ncoll a b q"),
    ("npara a b a c", "npara a b c d"),
    ("nperp a b a c", "nperp a b a d"),
    ("ncyclic a b c m", "ncyclic a b c d"),
    ("sameclock a b c b c d", "sameclock a b c c b a"),
    ("sameside c d a b", "sameside c d a n"),
    ("oppside a u c d", "oppside a b c d"),
    ("acute a b n", "acute a b c"),
    ("obtuse_angle a m b", "obtuse_angle a b c"),
    ("inside o a b c d", "inside q a b c d"),
    ("convex a b c d", "convex a c b d"),
    ("prodseq a b c d b c d a a c b d 1 1 -1", "prodseq a b c d b c d a a c b d 1 2 -1"),
    ("lessthan a b a c", "lessthan a b b c"),
    ("ncong a b a c", "ncong a b b c"),
    ("between m a b", "between q a b"),
    ("nbetween q a b", "nbetween m a b"),
    # Of the points on bc, ca, ab: (u, o, s) two inside, (u, o, q) one inside.
    ("even_inside a b c u o s", "even_inside a b c u o q"),
    ("odd_inside a b c u o q", "odd_inside a b c u o s"),
    ("sameorder a m b a b q", "sameorder a m b a q b"),
    ("neqangle a c a b a c a d", "neqangle a c a b a d a c"),
    # q and t are mirror images in the line x = 1/2.
    ("nreflect t q a d", "nreflect t q m n"),
    # Line ab meets the circle about o through a again in b.
    ("nsecond q a o b", "nsecond b a o q"),
]


@pytest.mark.parametrize(("true", "false"), TRUE_AND_FALSE, ids=lambda text: text.split()[0])
def test_a_predicate_is_true_where_it_should_be_and_only_there(true, false):
    assert holds(parse_fact(true, FIGURE), FIGURE)
    assert not holds(parse_fact(false, FIGURE), FIGURE)


def test_every_predicate_has_a_true_and_a_false_example():
    always_true = {"sinelaw", "acompute", "rcompute", "exists"}
    assert {true.split()[0] for true, _ in TRUE_AND_FALSE} | always_true == PREDICATES.keys()


@pytest.mark.parametrize("text", ["sinelaw a b c", "sinelaw d n u", "acompute a b c d", "rcompute a b c d"])
def test_identities_and_questions_hold_everywhere(text):
    assert holds(parse_fact(text, FIGURE), FIGURE)


def test_a_point_exists_where_it_has_been_placed():
    assert holds(parse_fact("exists a", FIGURE), FIGURE)
    assert not holds(Fact("exists", ("z",)), FIGURE)


def test_a_tangent_meets_its_circle_twice_in_one_point_and_a_point_of_a_line_is_its_own_mirror_image():
    twice = {**FIGURE, "z": FIGURE["b"], "w": FIGURE["q"]}
    assert not holds(parse_fact("nsecond z b a c", twice), twice)
    assert not holds(parse_fact("nreflect w q a b", twice), twice)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("diff a b", "ab"),
        ("ncoll a b c", "ab bc ca"),
        ("npara a b a c", "ab ac"),
        ("sameside c d a b", "ab ca cb da db"),
        ("lessthan a b a c", "ac"),
        ("between m a b", "ma mb ab"),
        ("ncong a b a c", ""),
        ("nreflect t q m n", "mn"),
        # d(ac) - d(ab) - d(ac) + d(ad): of ac nothing is left.
        ("neqangle a c a b a c a d", "ab ad"),
    ],
)
def test_a_strict_fact_says_that_some_of_its_points_differ(text, pairs):
    fact = parse_fact(text, FIGURE)
    assert set(PREDICATES[fact.predicate].pairs(fact.points)) == {(pair[0], pair[1]) for pair in pairs.split()}


def test_where_points_coincide_the_equations_that_are_left_decide():
    assert holds(parse_fact("coll o x a", FIGURE), FIGURE)
    assert not holds(parse_fact("para o x a b", FIGURE), FIGURE)
    assert not holds(parse_fact("cong o x a b", FIGURE), FIGURE)


@pytest.mark.parametrize(("true", "false"), TRUE_AND_FALSE, ids=lambda text: text.split()[0])
def test_each_alternative_equation_says_what_the_fact_says(true, false):
    """On a figure without special cases: every equation of a true fact is true, and every one of a false fact false."""
    for equation in (e for part in expand(parse_fact(true, FIGURE)) for e in equations(part)):
        assert residual(equation, FIGURE) < 1e-12
    wrong = parse_fact(false, FIGURE)
    if expand(wrong) == (wrong,):
        assert all(residual(equation, FIGURE) > 1e-3 for equation in equations(wrong))


@pytest.mark.parametrize("text", [text for pair in TRUE_AND_FALSE for text in pair])
def test_a_phrase_names_every_point(text):
    fact = parse_fact(text, FIGURE)
    assert all(point.upper() in PREDICATES[fact.predicate].phrase(fact) for point in fact.points)


def test_compound_facts_expand_into_simple_ones():
    texts = [str(part) for part in expand(parse_fact("circle o a b c", FIGURE))]
    assert texts == ["cong o a o b", "cong o a o c"]
    assert [str(part) for part in expand(parse_fact("coll a b q r", FIGURE))] == ["coll a b q", "coll a b r"]


def test_directions_are_taken_modulo_one_turn_by_half():
    """-30 degrees and 150 are the same directed angle, so the same equation."""
    points = "abcd"
    assert equations(parse_fact("aconst a b c d -30", points)) == equations(parse_fact("aconst a b c d 150", points))


def test_ratios_become_logarithms_of_primes():
    assert prime_powers(Fraction(12, 5)) == {2: 2, 3: 1, 5: -1}
    with pytest.raises(ValueError, match="logarithm"):
        prime_powers(Fraction(0))
    with pytest.raises(ValueError, match="large prime"):
        prime_powers(Fraction(10**12 + 39))


def test_a_segment_from_a_point_to_itself_has_no_direction():
    with pytest.raises(ValueError, match="itself"):
        linear("direction", (1, "a", "a"))
    assert linear("square", (1, "a", "a"), (1, "a", "b")).terms == ((("a", "b"), Fraction(1)),)


weights = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@given(first=weights, second=weights)
def test_a_weighted_sum_of_equations_has_the_weighted_sum_of_their_residuals(first, second):
    one = linear("square", (1, "a", "b"), (-2, "a", "c"))
    two = linear("square", (1, "a", "c"), (3, "b", "c"))
    # |ab|^2 = 1, |ac|^2 = 2, |bc|^2 = 1: one = 1 - 4 = -3, two = 2 + 3 = 5; and a residual is a part of all terms.
    total = combine("square", [(first, one), (second, two)])
    size = abs(first) + abs(-2 * first + second) * 2 + abs(3 * second)
    assert residual(total, FIGURE) == pytest.approx(float(abs(-3 * first + 5 * second) / (size or 1)), abs=1e-12)


@pytest.mark.parametrize(
    ("equation", "left"),
    [
        (linear("direction", (1, "a", "c"), (-1, "a", "b")), 0.5**0.5),  # 45 degrees are left: their sine
        (linear("direction", (2, "a", "c"), (-2, "a", "b")), 1.0),
        (linear("log", (1, "a", "q"), (-1, "a", "b")), math.log(2)),
        (linear("length", (1, "a", "q"), (-1, "a", "b")), 1 / 3),
        (linear("square", (1, "a", "q"), (-1, "a", "b")), 3 / 5),
        # In whole numbers: half of an equation leaves as much as all of it.
        (linear("log", (HALF, "a", "q"), (-HALF, "a", "b")), math.log(2)),
        (linear("length", (HALF, "a", "q"), (-HALF, "a", "b")), 1 / 3),
    ],
)
def test_a_residual_does_not_depend_on_the_size_of_the_figure(equation, left):
    for scale in (1.0, 1e-3, 1e5):
        assert residual(equation, {name: scale * place for name, place in FIGURE.items()}) == pytest.approx(left)


@given(st.dictionaries(st.sampled_from([("a", "b"), ("a", "c"), ("b", "c")]), weights, min_size=1))
def test_the_normal_form_of_an_equation_does_not_depend_on_its_scale(terms):
    equation = make_equation("length", terms, {})
    scaled = make_equation("length", {u: -3 * c / 2 for u, c in terms.items()}, {})
    assert equation.normal() == scaled.normal()
    assert all(c.denominator == 1 for _, c in equation.normal().terms)
