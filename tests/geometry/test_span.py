"""What follows from equations by adding them up: over the rationals, and modulo 1, where there is no dividing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.hints.contradictions import contradiction
from maieutic.geometry.trusted.predicates import Equation, combine, make_equation
from maieutic.geometry.trusted.span import Span

SEGMENTS = [("a", "b"), ("a", "c"), ("b", "c")]
D, E, F = SEGMENTS


def directions(terms: dict[tuple[str, str], int], constant: Fraction | int = 0) -> Equation:
    """sum(weight * direction) + constant = 0, modulo 1."""
    return make_equation("direction", {u: Fraction(c) for u, c in terms.items()}, {1: Fraction(constant)})


def span(*equations: Equation) -> Span:
    return Span(equations[0].table, equations)


def is_absurd(*equations: Equation) -> bool:
    """Whether an equation follows with its constant and with another too, so that 0 = c does, with c not 0."""
    whole = 1
    for equation in equations:
        for _, c in equation.constants:
            whole *= c.denominator
    other = (Equation("direction", (), ((1, Fraction(k, whole)),)) for k in range(1, whole))
    shifted = (combine("direction", [(Fraction(1), equations[0]), (Fraction(1), c)]) for c in other)
    return any(map(span(*equations).contains, shifted))


# --- modulo 1 --------------------------------------------------------------------------------------------------------


def test_twice_a_direction_may_be_0_and_the_direction_is_not():
    twice = span(directions({D: 2}))
    assert twice.contains(directions({D: 2}))
    assert twice.contains(directions({D: -4}))
    assert not twice.contains(directions({D: 1}))
    assert not twice.contains(directions({D: 2}, Fraction(1, 2)))
    assert not twice.contains(directions({E: 2}))


def test_whole_combinations_lead_to_their_greatest_common_divisor():
    """From 4d = 0 and 6d = 0 follows 2d = 0, and not d = 0; from 2d = 0 and 3d = 0 it does."""
    assert span(directions({D: 4}), directions({D: 6})).contains(directions({D: 2}))
    assert not span(directions({D: 4}), directions({D: 6})).contains(directions({D: 1}))
    assert span(directions({D: 2}), directions({D: 3})).contains(directions({D: 1}))


def test_halves_may_be_taken_of_no_sum():
    """2d - 2e = 0 says that d - e is 0 or 1/2, and not which; 3d - 3e = 0 does."""
    two = directions({D: 2, E: -2})
    assert not span(two).contains(directions({D: 1, E: -1}))
    assert not span(two).contains(directions({D: 1, E: -1}, Fraction(1, 2)))
    assert span(two, directions({D: 3, E: -3})).contains(directions({D: 1, E: -1}))


def test_constants_count_modulo_1():
    """Of d = 1/3 three times is 0, and of d = 60 degrees four times is 60 degrees."""
    third = span(directions({D: 1}, Fraction(-1, 3)))
    assert third.contains(directions({D: 3}))
    assert third.contains(directions({D: 4}, Fraction(-1, 3)))
    assert third.contains(directions({D: 1}, Fraction(2, 3)))
    assert not third.contains(directions({D: 1}, Fraction(1, 3)))
    assert not third.contains(directions({D: 1}, Fraction(-1, 7)))  # not in thirds at all


@pytest.mark.parametrize(
    ("equations", "absurd"),
    [
        # Both hold of d = 1/2. Over the rationals d would be 0, and 1/6.
        ([directions({D: 2}), directions({D: 3}, Fraction(-1, 2))], False),
        ([directions({D: 2}), directions({D: 2}, Fraction(-1, 2))], True),
        ([directions({D: 2}), directions({D: 4}, Fraction(-1, 2))], True),
        # 2d = 1/2 and 4d = 0: d = 1/4.
        ([directions({D: 2}, Fraction(-1, 2)), directions({D: 4})], False),
        # d = e, e = f, and d is perpendicular to f.
        ([directions({D: 1, E: -1}), directions({E: 1, F: -1}), directions({D: 1, F: -1}, Fraction(1, 2))], True),
        ([directions({D: 1, E: -1}), directions({E: 1, F: -1}), directions({D: 2, F: -2}, Fraction(1, 2))], True),
        ([directions({D: 1, E: -1}), directions({E: 1, F: 1}), directions({D: 1, F: -1}, Fraction(1, 2))], False),
    ],
)
def test_some_equations_of_directions_have_no_solution(equations, absurd):
    assert is_absurd(*equations) == absurd


weights = st.integers(-4, 4)
sums = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(SEGMENTS), weights), st.fractions(0, 1, max_denominator=6)),
    min_size=1,
    max_size=4,
)


@given(rows=sums, multiples=st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_a_span_holds_the_whole_combinations(rows, multiples):
    given_ = [equation for equation in (directions(terms, c) for terms, c in rows) if equation.terms]
    if given_:
        total = combine("direction", [(Fraction(m), e) for m, e in zip(multiples, given_, strict=False)])
        assert span(*given_).contains(total) or (not total.terms and total.constants)


@given(places=st.tuples(*(st.fractions(0, 1, max_denominator=8) for _ in SEGMENTS)), rows=sums, more=sums)
def test_what_is_in_a_span_is_true_wherever_the_span_is(places, rows, more):
    """Of given directions: equations made true by their constants, and whichever equations of a span's table."""
    at = dict(zip(SEGMENTS, places, strict=True))

    def made_true(terms: dict[tuple[str, str], int]) -> Equation:
        return directions(terms, -sum((c * at[u] for u, c in terms.items()), Fraction(0)))

    given_ = [equation for equation in (made_true(terms) for terms, _ in rows) if equation.terms]
    for terms, constant in more if given_ else ():
        equation = directions(terms, constant)
        if equation.terms and span(*given_).contains(equation):
            assert equation == made_true(terms)


# --- over the rationals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["length", "square", "log"])
def test_in_the_other_tables_there_is_dividing(table):
    def equation(terms: dict[tuple[str, str], int | Fraction], primes: dict[int, int] | None = None) -> Equation:
        return make_equation(
            table, {u: Fraction(c) for u, c in terms.items()}, {p: Fraction(c) for p, c in (primes or {}).items()}
        )

    twice = span(equation({D: 2, E: -2}))
    assert twice.contains(equation({D: 1, E: -1}))
    assert twice.contains(equation({D: Fraction(1, 3), E: Fraction(-1, 3)}))
    assert not twice.contains(equation({D: 1, E: 1}))
    assert not twice.contains(equation({D: 1, F: -1}))
    chain = span(equation({D: 1, E: -1}), equation({E: 2, F: -2}))
    assert chain.contains(equation({D: 1, F: -1}))
    if table == "log":
        ratio = span(equation({D: 2, E: -2}, {2: 1}))  # |d|^2 * 2 = |e|^2
        assert ratio.contains(equation({D: 4, E: -4}, {2: 2}))
        assert not ratio.contains(equation({D: 2, E: -2}))
        assert not ratio.contains(equation({D: 2, E: -2}, {3: 1}))
        assert Span("log", [equation({D: 2, E: -2}, {2: 1}), equation({D: 1, E: -1}, {3: 1})]).rows


def test_equations_of_other_tables_are_left_out():
    length = make_equation("length", {D: Fraction(1), E: Fraction(-1)}, {})
    assert not Span("square", [length]).contains(make_equation("square", dict(length.terms), {}))
    assert Span("length", [length]).contains(length)
    assert Span("length", []).contains(make_equation("length", {}, {}))


# --- hypotheses that contradict one another --------------------------------------------------------------------------

TRIANGLE = "a b c = triangle; d = "


@pytest.mark.parametrize(
    "asserted",
    [
        "aconst d a a b 60, aconst d a a b 240",
        "aconst d a a b 90, perp d a a b",
        "angeq d a a b 2 -2 0, angeq d a a b 3 -3 90",
        "rconst a b a d 2, rsqconst a b a d 4",
        "rconst a b a d 2, rconst a d a c 1/2, cong a b a c",
    ],
)
def test_hypotheses_that_agree_are_not_said_to_contradict_one_another(asserted):
    """60 and 240 degrees are one direction."""
    assert contradiction(parse_problem(TRIANGLE + asserted)) == ""


@pytest.mark.parametrize(
    ("asserted", "said"),
    [
        (
            "aconst d a a b 90, aconst d a a b 90.0000000001",
            "aconst d a a b 90; aconst d a a b 900000000001/10000000000 give 0 = 1/1800000000000",
        ),
        ("para d a a b, perp d a a b, cong d a d c", "para d a a b; perp d a a b give 0 = 1/2"),
        ("aconst d a a b 60, aconst d a a b 120", "aconst d a a b 60; aconst d a a b 120 give 0 = 1/3"),
        ("angeq d a a b 2 -2 0, angeq d a a b 2 -2 90", "0 = 1/2"),
        ("rconst a b a d 2, rconst a b a d 3, diff a d", "rconst a b a d 2; rconst a b a d 3"),
    ],
)
def test_hypotheses_that_contradict_one_another_are_named_with_the_sum(asserted, said):
    assert said in contradiction(parse_problem(TRIANGLE + asserted))


def test_of_points_that_may_be_one_two_angles_say_that_they_are_one():
    """In squares, `perp` holds of a = d: with `para` it says so, and that is no contradiction."""
    assert contradiction(parse_problem("a b c = triangle; d = ; e = perp a d a b, cong a d a e")) == ""
