"""Problems of which no exact figure shows what a proof would rest on: double roots, and hypotheses that nearly agree.

A line that touches a circle, or two circles that touch, have one common point, twice: whoever takes it for two points,
as figures in floats seem to allow, proves what is false. Hypotheses that contradict one another by a ten-thousandth of
a millionth part have figures in floats, and no other; from these anything follows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from string import ascii_lowercase

from tests.geometry.writing import Writer

from maieutic.core.errors import DiagramError, ProblemError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.facts import closure_facts
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.records import Problem, Proof


@dataclass(frozen=True)
class Trap:
    """A problem with a goal, and of which kind it is: no proof of it may be accepted.

    `same` are pairs of points that are one in every exact figure, unless what is free takes a special place. There, and
    where it is true with one in place of the other, a goal may be proved all the same.
    """

    kind: str
    problem: Problem
    same: tuple[tuple[str, str], ...] = ()


Text = tuple[str, tuple[tuple[str, str], ...]]
"""A problem's text, and which points are one."""

KINDS: dict[str, Callable[[Random], Text]] = {}


def kind(make: Callable[[Random], Text]) -> Callable[[Random], Text]:
    KINDS[make.__name__] = make
    return make


def trap(number: int) -> Trap:
    """One of a row of problems, of each kind in turn, with the goal it is made for, or one that seems to follow."""
    rng = Random(number)
    name = sorted(KINDS)[number % len(KINDS)]
    while True:
        text, same = KINDS[name](rng)
        try:
            problem, names = _renamed(text, rng)
            break
        except ProblemError:  # a ratio with a large prime factor, which is not read
            continue
    if rng.random() < 0.4:
        problem = _with_a_goal_that_seems_to_follow(problem, rng)
    return Trap(name, problem, tuple((names[a], names[b]) for a, b in same))


def _with_a_goal_that_seems_to_follow(problem: Problem, rng: Random) -> Problem:
    """On the drawn figure the engine finds that it follows, about one of the last points if there is such a fact."""
    try:
        figure = draw(problem, rng.randrange(5), time_limit=1.0)
        closure = close(problem, figure, Options(stop_at_goal=False, time_limit=2.0))
        found = [fact for facts in closure_facts(closure, 40).values() for fact in facts]
    except (DiagramError, ValueError):
        return problem
    about = [fact for fact in found if set(fact.points) & set(problem.points[-2:])]
    return replace(problem, goals=(rng.choice(about or found),)) if found else problem


def _renamed(text: str, rng: Random) -> tuple[Problem, dict[str, str]]:
    """The problem with other names, and these. (Its text is not printed first: numbers would grow too long to read.)"""
    points = parse_problem(text).points
    names = dict(zip(points, rng.sample(ascii_lowercase, len(points)), strict=True))
    words = text.replace(",", " ,").replace(";", " ;").split()
    return parse_problem(" ".join(names.get(word, word) for word in words)), names


# --- double roots ----------------------------------------------------------------------------------------------------

LITTLE = ("1/50000", "1/1000000", "1/10000", "1/5000000")
"""Degrees by which something is off, so that a proof through a double root says what is false."""


def _tangent(rng: Random) -> str:
    """A circle about o through a, and its tangent at."""
    return rng.choice(
        (
            "o a = segment; t = on_tline a o a; ",
            "o a b = triangle; t = on_tline a o a; ",
            "o a = segment; t = perp a t o a; ",
            "o a b = triangle; t = lc_tangent t a o; ",
            "a b c = triangle; o = circumcenter a b c; t = on_tline a o a; ",
            "a o = segment; t = aconst a t o a 90; ",
        )
    )


def _circles(rng: Random, fixed: bool = False) -> str:
    """Two circles, about o and p, that touch in a; with `fixed`, p cannot be o."""
    given = (
        "p = mirror o a",
        "p = midpoint o a",
        "p = rconst p a a o 3, coll p a o",
        "p = rconst p a p o 2, coll p a o",
    )
    free = ("p = on_line o a", "p = coll o a p")
    return f"{rng.choice(('o a = segment', 'a b o = triangle'))}; {rng.choice(given if fixed else given + free)}; "


@kind
def a_tangent_met_as_a_secant(rng: Random) -> Text:
    """If x were not a, the tangent would have another direction than it has."""
    off = rng.choice(LITTLE)
    said = rng.choice(("cong x o o a, coll x a t", "coll x a t, cong o a o x"))
    return f"{_tangent(rng)}s = aconst a s a t {off}; x = {said}, coll x a s ? coll a s t", (("x", "a"),)


@kind
def circles_that_touch_met_twice(rng: Random) -> Text:
    off = 90 + Fraction(rng.choice(LITTLE))
    return (
        f"{_circles(rng)}t = aconst a t o a {off}; x = cong x o a o, cong x p a p, coll x a t ? perp a t o a",
        (("x", "a"),),
    )


@kind
def a_point_that_must_not_be_the_double_one(rng: Random) -> Text:
    """A direction or a ratio of xa is spoken of: it is stated that x is not a."""
    first = rng.choice(
        (f"{_tangent(rng)}x = cong x o o a, coll x a t", f"{_circles(rng, fixed=True)}x = cong x o a o, cong x p a p")
    )
    y = rng.choice(("on_pline o x a", "para y o x a", "eqratio y a a o x a a o", "aconst y a x a 30", "on_tline o x a"))
    goal = rng.choice(("perp x a a o", "cong o x o a", "coll x a o", "cong y x y a"))
    return f"{first}; y = {y} ? {goal}", ()


@kind
def a_constructed_second_meet(rng: Random) -> Text:
    """By convention x is not a, and there is no other."""
    made = rng.choice(
        (
            f"{_tangent(rng)}x = on_circle o a, on_line a t",
            f"{_tangent(rng)}x = intersection_lc t o a",
            f"{_circles(rng, fixed=True)}x = on_circle o a, on_circle p a",
            f"{_circles(rng, fixed=True)}x = intersection_cc o p a",
        )
    )
    return f"{made} ? {rng.choice(('perp x a o a', 'cong o x o a', 'overlap x a', 'coll o x a'))}", ()


@kind
def a_double_point_without_a_name(rng: Random) -> Text:
    """Circles that touch, or a line and a circle, where no point is known to be common."""
    part = Fraction(rng.randrange(1, 6), 6 + rng.randrange(1, 3))
    outside = Fraction(rng.randrange(2, 5))
    return (
        rng.choice(
            (
                f"o p = segment; x = rconst x o o p {part}, rconst x p o p {1 - part} ? rconst x p x o {1 / part - 1}",
                f"o p = segment; x = rconst x o o p {part}, rconst x p o p {1 - part} ? coll x o p",
                f"o p = segment; x = rconst x o o p {outside}, rconst x p o p {outside - 1} ? coll x o p",
                "o p q r = isquare; u = rsqconst o u o p 1/2; x = coll x p r, cong x o o u ? cong x p x r",
                "o p q r = isquare; u = rsqconst o u o p 1/2; x = coll x p r, cong x o o u ? coll o x q",
                "o p q = ieq_triangle; u = rsqconst o u o p 3/4; x = coll x p q, cong x o o u ? cong x p x q",
                "a b = segment; x = perp x a x b, rsqconst x a a b 1/2; y = coll y a b, rconst y x a b 1/2 "
                "? cong y a y b",
            )
        ),
        (),
    )


@kind
def double_roots_in_a_chain(rng: Random) -> Text:
    """The next double root is built from the last."""
    off = 90 + Fraction(rng.choice(LITTLE))
    return (
        f"{_circles(rng)}x = cong x o a o, cong x p a p; q = on_line o a; t = aconst a t o a {off}; "
        "y = cong y q q x, cong y o o x, coll y x t ? perp x t o a",
        (("x", "a"), ("y", "a")),
    )


# --- hypotheses that nearly agree ------------------------------------------------------------------------------------

NEARLY = ("0.000000001", "0.00000001", "0.0000000001", "0.0000001")


@kind
def angles_that_nearly_agree(rng: Random) -> Text:
    degrees, off = rng.choice((90, 60, 30, 45, 37)), rng.choice(NEARLY)
    near = f"{degrees}{off[1:]}"
    return (
        rng.choice(
            (
                f"a b c = triangle; d = aconst a d b c {degrees}, aconst a d b c {near} ? aconst a d b c {degrees}",
                f"a b c = triangle; d = on_tline a b c; e = aconst a e a d {degrees}; f = para a f a e, aconst a f b c "
                f"{(degrees + 90) % 180}.0000001 ? para a e a f",
                f"a b = ; c = aconst a b b c 60, aconst b c c a 60, aconst c a a b 60{off[1:]} ? cong a b a c",
                f"a b c d = quadrangle; e = para a b c e, para c d c e; f = aconst c f c e {off}, coll f c d "
                "? para a b c d",
                f"a b c = triangle; d = perp a d b c, eqangle a d b c b c a d; e = perp a e b c, aconst a e a d {off} "
                "? coll a d e",
            )
        ),
        (),
    )


@kind
def lengths_that_nearly_agree(rng: Random) -> Text:
    ratio, off = rng.choice((2, 3, 1)), rng.choice(NEARLY)
    near = f"{ratio}{off[1:]}"
    return (
        rng.choice(
            (
                f"a b c = triangle; d = rconst a d b c {ratio}, rconst a d b c {near} ? rconst a d b c {ratio}",
                f"a b c = triangle; d = cong a d b c; e = rconst a e a d {ratio}, rconst a e b c {near} ? cong a d b c",
                f"a b = ; c = cong a b b c, cong b c c a; m = midp m a b, rsqconst c m a b 3/4; "
                f"x = coll x a b, perp x c a b, rconst x a x b 1{off[1:]} ? overlap x m",
                f"a b = segment; m = midpoint a b; x = coll x a b, rconst a x x b 1{off[1:]}, cong x a x b "
                "? overlap x m",
                f"a b c = r_triangle; d = rsqconst b c a d 1, cong a b b d, rsqconst a d a b 1{off[1:]}, cong a b a c "
                "? cong b c a d",
            )
        ),
        (),
    )


@kind
def loci_that_nearly_meet(rng: Random) -> Text:
    off = rng.choice(NEARLY)
    return (
        rng.choice(
            (
                "a b c = triangle; m = midpoint b c; n = midpoint c a; "
                f"f = coll f a b, rconst f a f b 1{off[1:]}; x = coll x a m, coll x b n, coll x c f ? rconst a x x m 2",
                "a b c = triangle; h = on_tline a b c, on_tline b c a; "
                f"x = coll x a h, coll x b h, aconst x c a b 90{off[1:]} ? perp c h a b",
                "a b = ; c = cong a b b c, cong b c c a; i = eqangle a b a i a i a c, eqangle b c b i b i b a, "
                f"aconst i c b c 30{off[1:]} ? perp a i b c",
                "a b c = triangle; o = circle o a b c; "
                f"d = cyclic a b c d, coll d a o, aconst b a b d 90{off[1:]} ? perp b a b d",
                "a b c = triangle; d = rconst a d a b 1, rconst b d b c 1, "
                f"rconst c d c a 1{off[1:]}; e = midp e a d ? coll a d e",
            )
        ),
        (),
    )


@kind
def a_right_angle_that_nearly_is(rng: Random) -> Text:
    """By lengths it is, by its degrees it nearly is: no sum shows that."""
    off = rng.choice(NEARLY)
    p, q, r = rng.choice(((3, 4, 5), (5, 12, 13), (8, 15, 17)))
    return (
        rng.choice(
            (
                f"a b = ; c = rconst c a a b {p}/{r}, rconst c b a b {q}/{r}, aconst c a c b 90{off[1:]} "
                "? perp c a c b",
                f"a b = segment; c = rconst c a a b {p}/{r}, rconst c b a b {q}/{r}; m = midpoint a b; "
                f"d = midp d c a, aconst d m c a 90{off[1:]} ? para d m c b",
                f"a b = ; o = midp o a b; c = cong o c o a, aconst c a c b 90{off[1:]} ? cong o c o b",
                f"a b c d = isquare; e = coll e a c, coll e b d, aconst e a e b 90{off[1:]} ? perp a c b d",
            )
        ),
        (),
    )


# --- proofs by hand --------------------------------------------------------------------------------------------------


def forged(number: int) -> Proof:
    """A proof without a wrong step, that rests on two points where there is a double root.

    It brings a figure in floats on which they are a little apart, and its goal is false.
    """
    rng = Random(number)
    off = rng.choice(LITTLE)
    scale = complex(rng.gauss(0, 1), rng.gauss(0, 1))
    apart = rng.choice((1e-6, 3e-6, 1e-5, 1e-7))
    one, other = complex(rng.uniform(-2, 0.8), 0), complex(rng.uniform(-2, 0.8), 0)
    lean = 1j * (1 - 1j * float(Fraction(off)) * 0.01745329)
    places = {"o": 0j, "a": 1 + 0j, "p": one, "q": other, "t": 1 + rng.uniform(0.5, 1.5) * lean, "x": 1 + apart * 1j}
    places |= {"s": 1 + 1.2j, "y": 1 + 2 * apart * 1j}
    form = number % 4
    if form == 0:
        w = Writer(
            f"o a = segment; p = on_line o a; t = aconst a t o a {90 + Fraction(off)}; "
            "x = cong x o a o, cong x p a p, coll x a t ? perp a t o a"
        )
        w.linear("perp o p a x", ["cong x o a o", "cong x p a p"], "square")
        w.linear("perp a t o a", ["perp o p a x", "coll x a t", "coll p o a"], "direction")
    elif form == 1:
        w = Writer(
            f"o a = segment; s = on_tline a o a; t = aconst a t a s {off}; x = cong x o o a, coll x a s, coll x a t "
            "? coll a s t"
        )
        w.linear("coll a s t", ["coll x a s", "coll x a t"])
    elif form == 2:
        w = Writer(
            f"o a = segment; p = on_line o a; t = aconst a t o a {90 + Fraction(off)}; "
            "x = cong x o a o, cong x p a p; y = cong y o a o, cong y p a p, coll y a t ? perp a t o a"
        )
        w.linear("perp o p a y", ["cong y o a o", "cong y p a p"], "square")
        w.linear("perp a t o a", ["perp o p a y", "coll y a t", "coll p o a"], "direction")
    else:
        w = Writer(
            f"o a = segment; s = on_tline a o a; t = aconst a t o a {off}; x = cong x o o a, coll x a s, perp x a a t "
            "? coll a o t"
        )
        w.linear("para a t o a", ["perp x a a t", "coll x a s", "perp a s a o"], "direction")
        w.linear("coll a o t", ["para a t o a"])
        places["t"] = 1 + 1.1 * (1 + 1j * float(Fraction(off)) * 0.01745329)
    proof = w.proof()
    figure = tuple((name, scale * places[name]) for name in proof.problem.points)
    if rng.random() < 0.5:
        return replace(proof, figure=figure)
    return replace(proof, problem=replace(proof.problem, coordinates=figure))
