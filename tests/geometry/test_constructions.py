"""Every construction: drawn, with the facts that it gives true; and those whose place is known, at that place."""

import cmath
import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Either, clause_facts, hypotheses, introduces
from maieutic.geometry.trusted.hints.fact_loci import common_places, on
from maieutic.geometry.trusted.hints.sketches import sample
from maieutic.geometry.trusted.loci import Circle, Line, Points, meet
from maieutic.geometry.trusted.predicates import PREDICATES, cross, direction, holds
from maieutic.geometry.trusted.records import Construction

SPECIAL = {
    "2l1c": "a b c = triangle; o = circle o a b c; x y z i = 2l1c x y z i a b c o",
    "e5128": "c b = segment; d = on_circle d c b; a = on_tline a b b c; x y = e5128 x y a b c d",
}


def a_problem_with(name):
    """The construction on free points, or on such as it needs."""
    construct = CONSTRUCTIONS[name]
    free = "".join(f"{point} = free; " for point in construct.old)
    numbers = " 40" if construct.numbers else ""
    clause = f"{' '.join(construct.new)} = {name} {' '.join(construct.letters)}{numbers}"
    return parse_problem(SPECIAL.get(name, free + clause), name)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_construction_is_drawn_and_its_facts_are_true(name):
    problem = a_problem_with(name)
    for seed in range(4):
        at = draw(problem, seed).points
        for fact in (fact for clause in problem.clauses for fact in clause_facts(clause)):
            assert holds(fact, at, 1e-8), f"{fact} with seed {seed}"
        for fact in CONSTRUCTIONS[name].strict(problem.clauses[-1].constructions[0]):
            assert holds(fact, at), f"{fact} with seed {seed}"


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_a_construction_says_what_it_is(name):
    construct = CONSTRUCTIONS[name]
    assert construct.name == name
    assert construct.meaning
    assert set(construct.new) <= set(construct.letters)
    for fact in construct.needs + construct.gives + construct.says:
        assert PREDICATES[fact.predicate].accepts(len(fact.points), len(fact.values))
        assert set(fact.points) <= set(construct.letters)
    assert all(not set(need.points) & set(construct.new) for need in construct.needs)
    assert all(set(said.points) & set(construct.new) for said in construct.says)
    assert all(PREDICATES[said.predicate].kind == "numeric" for said in construct.says)


def test_the_table_is_the_reference_table(data_dir):
    """Calls, requirements and facts are those of alphageometry_definitions.txt, but for three that are said otherwise:

    `ncoll` of four points (`npara` implies it), `s_angle` (an `aconst`), and a ratio as two numbers.
    """
    lines = (data_dir / "geometry" / "alphageometry_definitions.txt").read_text(encoding="utf-8").splitlines()
    blocks = [lines[i : i + 6] for i in range(0, len(lines), 6)]

    def facts(text):
        return {part.split(":")[-1].strip() for half in text.split(";") for part in half.split(",")} - {""}

    def ours(templates):
        return {" ".join((t.predicate, *t.points, *map(str, t.values))) for t in templates}

    assert len(blocks) == len(CONSTRUCTIONS) == 68
    for call, _, needs, gives, *_ in blocks:
        construct = CONSTRUCTIONS[call.split()[0]]
        assert construct.signature == call.strip()
        assert ours(construct.needs) == facts(needs.split("=")[-1]) - {"ncoll a b c d"}
        renamed = {"s_angle a b x y": "aconst b x a b y", "rconst a b a c 1 2": "rconst a b a c 1/2"}
        assert ours(construct.gives) == {renamed.get(fact, fact) for fact in facts(gives)}


# --- known places ----------------------------------------------------------------------------------------------------

# The triangle with sides 3, 4, 5 and the right angle at a.
A, B, C = 0j, 3 + 0j, 4j


def tan(degrees):
    return math.tan(math.radians(degrees))


@pytest.mark.parametrize(
    ("name", "old", "places"),
    [
        ("midpoint", (A, B), [1.5]),
        ("mirror", (A, B), [6]),
        ("reflect", (B + 1j, A, C), [-3 + 1j]),
        ("foot", (2 + 5j, A, B), [2]),
        ("circle", (A, B, C), [1.5 + 2j]),  # the middle of the hypotenuse
        ("circumcenter", (B, A, C), [1.5 + 2j]),
        ("incenter", (A, B, C), [1 + 1j]),  # radius (3 + 4 - 5) / 2
        ("excenter", (A, B, C), [6 + 6j]),  # radius (3 + 4 + 5) / 2
        ("orthocenter", (B, A, C), [0]),  # the right angle
        ("parallelogram", (B, A, C), [3 + 4j]),
        ("shift", (B, C, A), [3 + 4j]),
        ("nsquare", (A, B), [-3j]),
        ("psquare", (A, B), [3j]),
        ("eq_triangle", (A, B), [1.5 + 1.5 * math.sqrt(3) * 1j, 1.5 - 1.5 * math.sqrt(3) * 1j]),
        ("intersection_ll", (A, B, C, C + 1 - 2j), [2]),
        ("intersection_lp", (A, B, 2 + 2j, C, C + 1 - 1j), [4]),
        ("intersection_lt", (A, B, 2 + 2j, C, C + 1 - 1j), [0]),
        ("intersection_pp", (A, C, C + 1, 2 + 2j, C, C + 1 - 1j), [4]),
        ("intersection_tt", (A, C, C + 1j, 2 + 2j, C, C + 1 + 1j), [4]),
        ("intersection_lc", (A, 1 + 1j, B), [-1]),  # the foot of the centre is at 1
        ("intersection_cc", (A, B, 2 + 2j), [2 - 2j]),
    ],
)
def test_a_point_is_where_it_should_be(name, old, places):
    drawn = CONSTRUCTIONS[name].draw(None, *old)
    assert isinstance(drawn, Points)
    assert sorted(drawn.points, key=str) == pytest.approx(sorted(map(complex, places), key=str))


@pytest.mark.parametrize(
    ("name", "old", "places"),
    [
        ("incenter2", (A, B, C), [1.8 + 1.6j, 1j, 1, 1 + 1j]),  # from b, the tangent length is 3 - 1 = 2 of 5
        ("excenter2", (A, B, C), [1.2 + 2.4j, 6j, 6, 6 + 6j]),  # from b it is 6 - 3 = 3 of 5
        ("centroid", (A, B, C), [1.5 + 2j, 2j, 1.5, 1 + 4j / 3]),
        ("ninepoints", (A, B, C), [1.5 + 2j, 2j, 1.5, 0.75 + 1j]),
        ("square", (A, B), [3 - 3j, -3j]),
        ("trisegment", (A, B), [1, 2]),
        # An angle of 75 degrees at 0, its arms ending on the line x = 1: rays at 25 and 50 degrees.
        ("trisect", (1 + 0j, A, 1 + 1j * tan(75)), [1 + 1j * tan(25), 1 + 1j * tan(50)]),
    ],
)
def test_points_are_where_they_should_be(name, old, places):
    drawn = CONSTRUCTIONS[name].draw(None, *old)
    assert list(drawn) == pytest.approx(list(map(complex, places)))


@pytest.mark.parametrize(
    ("name", "old", "ways"),
    [
        # Equal circles: parallels to the line of centres.
        ("cc_tangent0", (A, 1j, B, B + 1j), [[1j, 3 + 1j], [-1j, 3 - 1j]]),
        ("cc_tangent", (A, 1j, B, B + 1j), [[1j, 3 + 1j, -1j, 3 - 1j], [-1j, 3 - 1j, 1j, 3 + 1j]]),
        # From (5, 0) to the circle of radius 3 about 0: at 9/5, by the altitude theorem, and 12/5 above or below.
        ("tangent", (5 + 0j, 0j, 3j), [[1.8 - 2.4j, 1.8 + 2.4j], [1.8 + 2.4j, 1.8 - 2.4j]]),
        # A circle of radius r in the angle of the axes, in that of radius √2 about (1, 1): √2 (r - 1) = √2 - r.
        ("2l1c", (2 + 0j, 2j, 0j, 1 + 1j), [[r := 4 - 2 * math.sqrt(2), r * 1j, 2 + 2j, r + r * 1j]]),
    ],
)
def test_points_may_be_placed_in_several_ways(name, old, ways):
    drawn = CONSTRUCTIONS[name].draw(None, *old)
    assert isinstance(drawn, Either)
    assert len(drawn.ways) == len(ways)
    for way in ways:
        assert any(list(found) == pytest.approx(list(map(complex, way))) for found in drawn.ways), drawn


def turn(a, b, c, d):
    """The directed angle from line cd to line ab, in degrees."""
    return (direction(a, b) - direction(c, d)) * 180 % 180


RNG = np.random.default_rng(7)
P, Q, R, S, T = (complex(*RNG.normal(size=2)) for _ in range(5))


@pytest.mark.parametrize(
    ("name", "old", "is_on"),
    [
        ("on_line", (P, Q), lambda x: turn(x, P, P, Q)),
        ("on_opline", (P, Q), lambda x: turn(x, P, P, Q)),
        ("on_pline", (P, Q, R), lambda x: turn(x, P, Q, R)),
        ("on_tline", (P, Q, R), lambda x: turn(x, P, Q, R) - 90),
        ("lc_tangent", (P, Q), lambda x: turn(x, P, P, Q) - 90),
        ("on_bline", (P, Q), lambda x: abs(x - P) - abs(x - Q)),
        ("on_circle", (P, Q), lambda x: abs(x - P) - abs(Q - P)),
        ("eqdistance", (P, Q, R), lambda x: abs(x - P) - abs(Q - R)),
        ("on_dia", (P, Q), lambda x: turn(x, P, x, Q) - 90),
        ("on_circum", (P, Q, R), lambda x: turn(x, P, x, Q) - turn(R, P, R, Q)),
        ("on_aline", (P, Q, R, S, T), lambda x: turn(P, x, P, Q) - turn(S, R, S, T)),
        ("on_aline2", (P, Q, R, S, T), lambda x: turn(x, P, x, Q) - turn(S, R, S, T)),
        ("eqangle3", (P, Q, R, S, T), lambda x: turn(x, P, x, Q) - turn(R, S, R, T)),
        ("eqangle2", (P, Q, R), lambda x: turn(P, Q, P, x) - turn(R, x, R, Q)),
        ("angle_bisector", (P, Q, R), lambda x: turn(Q, P, Q, x) - turn(Q, x, Q, R)),
        ("angle_mirror", (P, Q, R), lambda x: turn(Q, P, Q, R) - turn(Q, R, Q, x)),
        ("s_angle", (P, Q, Fraction(25)), lambda x: turn(Q, x, Q, P) - 25),
    ],
)
def test_a_locus_is_where_it_should_be(name, old, is_on):
    rng = np.random.default_rng(1)
    for _ in range(5):
        off = is_on(sample(CONSTRUCTIONS[name].draw(None, *old), rng)) % 180
        assert min(off, 180 - off) == pytest.approx(0, abs=1e-9)


def test_a_positive_angle_turns_counterclockwise():
    ray = CONSTRUCTIONS["s_angle"].draw(None, 2 + 0j, 1 + 0j, Fraction(90))
    assert isinstance(ray, Line)
    assert ray.ray
    assert (ray.through, ray.along) == (1, pytest.approx(1j))
    (fact,) = clause_facts(parse_problem("a b = segment; x = s_angle a b x 90").clauses[1])
    assert str(fact) == "aconst b x a b 90"


def test_the_inner_bisector_lies_inside_the_angle():
    for angle in (10, 89, 91, 170, 190, 350):
        arm = cmath.rect(2, math.radians(angle))
        along = CONSTRUCTIONS["angle_bisector"].draw(None, 1 + 0j, 0j, arm).along
        assert cmath.phase(along) == pytest.approx(math.radians(angle / 2 if angle < 180 else angle / 2 - 180))


def test_a_circle_that_touches_two_lines_and_a_circle_does():
    """2l1c: its centre is as far from both lines as from z, and inside the circle by as much."""
    at = draw(parse_problem(SPECIAL["2l1c"]), 3).points
    radius = abs(at["i"] - at["z"])
    assert abs(at["i"] - at["x"]) == pytest.approx(radius)
    assert abs(at["i"] - at["o"]) == pytest.approx(abs(at["a"] - at["o"]) - radius)


def test_loci_meet_in_their_common_points():
    line, circle = Line(-1 + 0j, 1 + 0j), Circle(0j, 1 + 0j)
    assert sorted(meet(line, circle), key=str) == pytest.approx([-1, 1])
    assert meet(line, Line(2j, 1 - 1j)) == pytest.approx((2,))
    for p in meet(Circle(0j, 2 + 0j), Circle(3 + 0j, 5 + 0j)):
        assert on(Circle(0j, 2 + 0j), p)
        assert on(Circle(3 + 0j, 5 + 0j), p)
    assert common_places((Points((1 + 0j, 2 + 0j)), circle)) == (1,)


def length(a, b):
    return abs(b - a)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("segment", lambda a, b: []),
        ("triangle", lambda a, b, c: []),
        ("quadrangle", lambda a, b, c, d: []),
        ("pentagon", lambda a, b, c, d, e: []),
        ("iso_triangle", lambda a, b, c: [length(a, b) - length(a, c)]),
        ("r_triangle", lambda a, b, c: [turn(a, b, a, c) - 90]),
        ("risos", lambda a, b, c: [turn(a, b, a, c) - 90, length(a, b) - length(a, c)]),
        ("ieq_triangle", lambda a, b, c: [length(a, b) - length(b, c), length(b, c) - length(c, a)]),
        ("triangle12", lambda a, b, c: [2 * length(a, b) - length(a, c)]),
        ("isquare", lambda a, b, c, d: [a + c - b - d, length(a, c) - length(b, d), turn(a, c, b, d) - 90]),
        ("rectangle", lambda a, b, c, d: [a + c - b - d, length(a, c) - length(b, d)]),
        ("trapezoid", lambda a, b, c, d: [cross(b - a, d - c)]),
        ("r_trapezoid", lambda a, b, c, d: [cross(b - a, d - c), turn(a, b, a, d) - 90]),
        ("eq_trapezoid", lambda a, b, c, d: [cross(b - a, d - c), length(a, d) - length(b, c)]),
        ("eq_quadrangle", lambda a, b, c, d: [length(a, d) - length(b, c)]),
        ("eqdia_quadrangle", lambda a, b, c, d: [length(a, c) - length(b, d)]),
    ],
)
def test_a_shape_from_nothing_is_what_its_name_says_and_its_corners_go_round(name, numbers):
    """The numbers are zero, and the polygon does not cross itself: all turns but one at most have one sense."""
    for seed in range(8):
        sketch = CONSTRUCTIONS[name].sketch(np.random.default_rng(seed))
        corners = CONSTRUCTIONS[name].draw(sketch)
        assert list(corners) == pytest.approx(list(sketch))  # a sketch is what it should look like
        assert list(numbers(*corners)) == pytest.approx([0] * len(numbers(*corners)), abs=1e-9)
        rounds = list(zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True))
        left_turns = sum(cross(q - p, r - q) > 0 for p, q, r in rounds)
        assert len(corners) == 2 or min(left_turns, len(corners) - left_turns) <= 1


# --- facts of problems -----------------------------------------------------------------------------------------------


def test_hypotheses_are_the_simple_facts_of_the_clauses_each_once():
    problem = parse_problem(
        "a b c = triangle; o = circle; m = midpoint a b, on_bline a b".replace("circle;", "circle a b c;")
    )
    assert list(map(str, hypotheses(problem))) == [
        "cong o a o b",
        "cong o b o c",
        "coll m a b",
        "cong m a m b",
        "eqangle a m a b b a b m",
    ]


def test_an_assertion_gives_its_fact_in_simple_parts():
    problem = parse_problem("a = ; b = ; c = ; d = ; o = cyclic_with_center o a b c d, aconst a b b c 60")
    assert list(map(str, hypotheses(problem))) == ["cong o a o b", "cong o a o c", "cong o a o d", "aconst a b b c 60"]


def test_a_circle_may_be_a_construction_or_an_assertion():
    clause = parse_problem("a b c = triangle; o = circle o a b c").clauses[1]
    assert introduces(clause.constructions[0], clause)
    clause = parse_problem("a = ; b = ; o = ; c = circle o a b c").clauses[3]
    assert not introduces(clause.constructions[0], clause)
    assert not introduces(Construction("aconst", ("a", "b", "b", "c"), (Fraction(60),)), clause)


def test_polygons_from_nothing_are_not_special():
    """No angle of a drawn triangle is small, right, or like another."""
    for seed in range(20):
        a, b, c = draw(parse_problem("a b c = triangle"), seed).points.values()
        angles = sorted(
            abs(math.degrees(cmath.phase((q - p) / (r - p)))) for p, q, r in ((a, b, c), (b, c, a), (c, a, b))
        )
        assert angles[0] > 20
        assert all(high - low > 3 for low, high in pairwise(angles))
        assert all(abs(angle - 90) > 3 for angle in angles)
