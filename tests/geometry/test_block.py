"""The Krawczyk test encloses solutions that are known by hand, refuses double ones, and no surplus fact gets in."""

from collections.abc import Iterator

import numpy as np
import pytest
from flint import acb, arb, ctx

from maieutic.geometry.language.problem import parse_fact
from maieutic.geometry.trusted.block import DOUBLE, NO_SOLUTION, enclose
from maieutic.geometry.trusted.hints.newton import determined, independent, solve_near
from maieutic.geometry.trusted.predicates import equations, residual
from maieutic.geometry.trusted.quantities import NoMeetError, UndecidedError, exact, middle
from maieutic.geometry.trusted.records import Fact, Point
from maieutic.geometry.trusted.slopes import lines

POINTS = "abcdemxyz"


def facts_of(text: str) -> list[Fact]:
    return [parse_fact(part, POINTS) for part in text.split(", ")]


@pytest.fixture(autouse=True)
def _bits() -> Iterator[None]:
    before = ctx.prec
    ctx.prec = 128
    yield
    ctx.prec = before


def solved(text: str, at: dict[str, complex], near: dict[str, complex]) -> tuple[dict[str, Point], dict[str, Point]]:
    return enclose(facts_of(text), list(near), {name: exact(place) for name, place in at.items()}, near)


A, B = 0j, 2 + 0j
ROOT3 = 3**0.5

# The points a = 0, b = 2, c = 2i, d = 3 + i, and a new one, by two facts, at a place found by hand.
KNOWN = [
    ("cong x a a b, cong x b a b", 1 + ROOT3 * 1j),
    ("cong x a a b, cong x b a b", 1 - ROOT3 * 1j),
    ("coll x a d, cong x a a b", 2 * (3 + 1j) / 10**0.5),
    ("para x c a b, para x b a c", 2 + 2j),
    ("perp x c a d, coll x a d", 0.6 + 0.2j),  # the foot: |ac| cos = 2 / √10
    ("cyclic a b c x, coll x a d", 2.4 + 0.8j),  # on the circle over bc: the angle at x is right
    ("aconst a x a b 60, aconst b x a b 120", 1 + ROOT3 * 1j),
    ("aconst a x a b 45, eqangle a x a c b x b a", 1 + 1j),  # from the axis to ax as from bx to ab
    ("rconst a x a b 3/2, coll x a b", 3 + 0j),
    ("rsqconst a x a b 2, aconst a x a b 45", 2 + 2j),
    ("eqratio a x a b a b a c, coll x a c", -2j),
    ("distseq a x x b a b 1 -1 -1/2, coll x a b", 1.5 + 0j),
    ("distsqeq a x b x a b 1 -1 1, perp x c a c", 2j),  # x = 0 + 2i: x·x - (x - 2)(x - 2) = -4
    ("distmeq a x b x 1 -1 1/2, coll x a b", 4 / 3 + 0j),
    ("distmeq a x b x 1 -1 1/2, coll x a b", 4 + 0j),
    ("angeq a x a b b x 2 -3 1 0, perp b x a b", 2 + 2j),  # twice 45 degrees, and 90
    ("overlap x d", 3 + 1j),
]


@pytest.mark.parametrize(("text", "place"), KNOWN)
def test_a_known_solution_is_enclosed(text, place):
    at = {"a": A, "b": B, "c": 2j, "d": 3 + 1j}
    found, box = solved(text, at, {"x": place + 0.02 - 0.03j})
    x = found["x"]
    assert abs(middle(x) - place) < 1e-14
    assert box["x"].contains(x)
    assert x.rad() < 1e-30
    ctx.prec = 300
    finer = solved(text, at, {"x": place + 0.02 - 0.03j})[0]["x"]
    assert finer.rad() < 1e-75
    assert x.overlaps(finer)


def test_an_irrational_place_is_enclosed_and_not_only_nearly():
    found, box = solved("cong x a a b, cong x b a b", {"a": A, "b": B}, {"x": 1.1 + 1.8j})
    exactly = acb(1, arb(3).sqrt())
    assert found["x"].overlaps(exactly)
    assert box["x"].contains(exactly)
    assert not box["x"].contains(acb(1, -arb(3).sqrt()))  # the box has one solution only
    assert not box["x"].overlaps(exact(1 + 1.7320508j))


def test_points_that_are_determined_together_only():
    """The square on ab: each of x and y is in three facts."""
    text = "perp a x a b, perp b y a b, perp x y a x, cong a x a b"
    found, _ = solved(text, {"a": A, "b": B}, {"x": 0.1 + 2.2j, "y": 1.8 + 1.9j})
    assert found["x"].overlaps(exact(2j))
    assert found["y"].overlaps(exact(2 + 2j))
    assert max(found["x"].rad(), found["y"].rad()) < 1e-30


def test_what_is_left_open_is_taken_as_it_is_and_the_rest_follows():
    (x,), _ = (list(places.values()) for places in solved("cong x a a b", {"a": A, "b": B}, {"x": 1.5 + 1.5j}))
    assert (x.real.rad() == 0) != (x.imag.rad() == 0)
    assert (x.real * x.real + x.imag * x.imag).overlaps(arb(4))


@pytest.mark.parametrize(
    ("text", "at", "near"),
    [
        # Two circles that touch in m = 2, and a circle and its tangent.
        ("cong x a a m, cong x b b m", {"a": 0j, "b": 4 + 0j, "m": 2 + 0j}, 2.01 + 0.02j),
        ("cong x a a m, perp x m a m", {"a": 0j, "m": 2 + 0j}, 2.01 + 0.02j),
        # One circle twice, and one line twice.
        ("cong x a a m, cong a m a x", {"a": 0j, "m": 2 + 0j}, 1 + 1.7j),
        ("coll x a m, para a x a m", {"a": 0j, "m": 2 + 0j}, 1 + 0.1j),
        # |ax| + |xb| = |ab| holds on a segment, and the sum is never less.
        ("distseq a x x b a b 1 1 -1", {"a": 0j, "b": 4 + 0j}, 1 + 0.01j),
    ],
)
def test_a_double_solution_is_refused(text, at, near):
    with pytest.raises(NoMeetError, match=f"{DOUBLE}|{NO_SOLUTION}"):
        solved(text, at, {"x": near})


def test_a_double_solution_is_refused_with_its_reason_where_newtons_method_is_already_there():
    with pytest.raises(NoMeetError, match=DOUBLE):
        solved("cong x a a m, cong x b b m", {"a": 0j, "b": 4 + 0j, "m": 2 + 0j}, {"x": 2 + 0j})


def test_two_solutions_that_are_near_are_told_apart():
    """Circles of radius 2 about 0 and 4 - δ meet at 2 - δ/2 ± i √(4 - (2 - δ/2)²), about 2 ± i √(2δ)."""
    at = {"a": 0j, "b": 4 - 2.0**-28 + 0j, "m": 2 + 0j, "y": 6 - 2.0**-28 + 0j}
    found = {}
    for side in (1, -1):
        found[side], _ = solved("cong x a a m, cong x b b y", at, {"x": 2 + 1e-4j * side})
    assert found[1]["x"].imag > 0
    assert found[-1]["x"].imag < 0
    assert float(found[1]["x"].imag) == pytest.approx(2.0**-13.5, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("cong x a a m, cong x b b m", {"a": 0j, "b": 9 + 0j, "m": 1 + 0j}),
        ("cong x a a m, para x b a m", {"a": 0j, "b": 3j, "m": 1 + 0j}),
    ],
)
def test_where_there_is_no_solution_none_is_found(text, at):
    if "para" in text:
        assert solve_near(facts_of(text), ["x"], at, {"x": 0.3 + 1.5j}) is None
    with pytest.raises(NoMeetError):
        solved(text, at, {"x": 0.3 + 1.5j})


def test_sines_are_not_solved_for():
    with pytest.raises(NoMeetError, match="sines"):
        lines(parse_fact("sinesq a b x 1/4", POINTS), {"a": 0j, "b": 1 + 0j, "x": 1 + 1j})


# --- which facts, and which coordinates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "spare"),
    [
        ("coll m a b, cong m a m b, rconst a b a m 2", {"a": 0j, "b": 2 + 0j, "m": 1 + 0j}, "rconst a b a m 2"),
        # A rectangle's fourth right angle; its diagonals.
        ("perp a b b c, perp b c c d, perp c d d a, perp d a a b, cong a c b d", None, "perp d a a b, cong a c b d"),
        # Two bisectors of the sides of abc say where the third is.
        ("cong d a d b, cong d b d c, cong d c d a", {"a": 0j, "b": 2 + 0j, "c": 2j, "d": 1 + 1j}, "cong d c d a"),
        ("para a b c d, para c d e m, para e m a b", None, "para e m a b"),
        # The same in other words, and in another table.
        ("cong d a d b, cong b d a d, distsqeq d a d b 1 -1", None, "cong b d a d, distsqeq d a d b 1 -1"),
        ("coll a b c, para a b b c, eqangle a b a c a b a b", None, "para a b b c, eqangle a b a c a b a b"),
    ],
)
def test_a_fact_that_the_others_give_is_dropped(text, at, spare):
    on_axes = {"a": 0j, "b": 3 + 0j, "c": 3 + 2j, "d": 2j, "e": -1 + 5j, "m": 6 + 5j}
    if text.startswith("cong d a d b, cong b d"):
        on_axes["d"] = 1.5 + 2j
    if text.startswith("coll"):
        on_axes["c"] = 5 + 0j
    kept = independent(facts_of(text), at or on_axes)
    assert kept == [fact for fact in facts_of(text) if fact not in facts_of(spare)]


def test_facts_that_say_something_new_are_kept_in_their_order():
    facts = facts_of("cong a b a c, coll d a b, perp c d a b, eqangle a b a e a e a c, rconst a m a b 1/3")
    at = {"a": 0j, "b": 5 + 0j, "c": 3 + 4j, "d": 3 + 0j, "e": 2 + 1j, "m": 5j / 3}
    assert independent(facts, at) == facts
    assert independent(facts[::-1], at) == facts[::-1]


def test_the_coordinates_that_are_solved_for_are_those_that_the_facts_determine():
    """A line along the axis says y, a perpendicular one x, and both both."""
    at = {"a": 0j, "b": 1 + 0j, "c": 1j}
    assert determined(facts_of("coll x a b"), ["x"], at, {"x": 3 + 0j}) == [("x", 1)]
    assert determined(facts_of("coll x a c"), ["x"], at, {"x": 3j}) == [("x", 0)]
    assert determined(facts_of("para x b a c, para x c a b"), ["x"], at, {"x": 1 + 1j}) == [("x", 0), ("x", 1)]
    assert determined(facts_of("coll x a b, para x a a b"), ["x"], at, {"x": 3 + 0j}) is None


# --- derivatives -----------------------------------------------------------------------------------------------------

FACTS = [
    *("coll a b c", "cyclic a b d e", "cong a b c d", "para a b c d", "perp a c b e", "eqangle a b c d b c d e"),
    *("eqratio a b c d a e b c", "aconst a b c e 25", "rconst a d b e 3/2", "rsqconst a d b e 5/2", "overlap a b"),
    *("angeq a b c d a e 2 1 -3 15", "distmeq a b c d 2 -1 3", "distseq a b c d a e 1 1 -2"),
    "distsqeq a b c d a e 1 1 -2",
]


@pytest.mark.parametrize("text", FACTS)
def test_derivatives_are_those_of_the_residuals_in_floats_and_in_balls(text):
    """By central differences; a residual of balls and its derivatives enclose those of floats."""
    fact = parse_fact(text, POINTS)
    rng = np.random.default_rng(5)
    at = {name: complex(*rng.normal(size=2)) for name in "abcde"}
    balls = {name: exact(place) for name, place in at.items()}
    step = 1e-6
    for k, (value, slopes) in enumerate(lines(fact, at)):
        ball, ball_slopes = lines(fact, balls)[k]
        assert float(ball.mid()) == pytest.approx(value, abs=1e-12)
        for name in at:
            g = slopes.get(name, 0j)
            assert middle(acb(ball_slopes.get(name, 0))) == pytest.approx(g, abs=1e-12)
            for way in (1, 1j):
                high = lines(fact, {**at, name: at[name] + step * way})[k][0]
                low = lines(fact, {**at, name: at[name] - step * way})[k][0]
                assert (high - low) / (2 * step) == pytest.approx((g.conjugate() * way).real, abs=1e-6)


@pytest.mark.parametrize("text", FACTS)
def test_a_residual_is_0_where_the_fact_holds_and_only_there(text):
    fact = parse_fact(text, POINTS)
    rng = np.random.default_rng(6)
    start = {name: complex(*rng.normal(size=2)) for name in "abcde"}
    assert max(abs(value) for value, _ in lines(fact, start)) > 1e-3
    at = solve_near([fact], list(start), {}, start)
    assert at is not None
    assert max(abs(value) for value, _ in lines(fact, at)) < 1e-9
    assert all(fact.predicate == "overlap" or residual(equation, at) < 1e-10 for equation in equations(fact))


def test_an_undecided_box_is_no_solution():
    """With few bits the box about the meet of two circles that nearly touch is too wide."""
    at = {"a": 0j, "b": 4 - 2.0**-44 + 0j, "m": 2 + 0j, "y": 6 - 2.0**-44 + 0j}
    ctx.prec = 24
    with pytest.raises(UndecidedError):
        solved("cong x a a m, cong x b b y", at, {"x": 2 + 2.0**-21 * 1j})
    ctx.prec = 128
    found, _ = solved("cong x a a m, cong x b b y", at, {"x": 2 + 2.0**-21 * 1j})
    assert found["x"].imag > 0
