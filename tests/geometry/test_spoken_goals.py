"""Goals in people's notation: what each says, and that it says the same on figures."""

import cmath
import random

import pytest

from maieutic.core.errors import ProblemError
from maieutic.geometry.language import library
from maieutic.geometry.language.goals import read_goals
from maieutic.geometry.language.notation import Speech, is_spoken, spoken_goals
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.lookup import find_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.predicates import PREDICATES, holds
from maieutic.geometry.trusted.records import Fact

POINTS = "abcdef"
AT = {"a": 0j, "b": 4 + 0j, "c": 1 + 3j, "d": -2 + 1.5j, "e": 3 - 2j, "f": -1 - 1j}


def said(text: str, figure=lambda: AT) -> list[str]:
    return list(map(str, spoken_goals(text, Speech(POINTS, {}, None, figure))))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("AB = CD", ["cong a b c d"]),
        ("AB ⊥ CD", ["perp a b c d"]),
        ("AB perpendicular to CD", ["perp a b c d"]),
        ("line AB is perpendicular to the line CD", ["perp a b c d"]),
        ("AB perp CD", ["perp a b c d"]),
        ("AB ∥ CD", ["para a b c d"]),
        ("AB || CD", ["para a b c d"]),
        ("AB is parallel to CD", ["para a b c d"]),
        ("AB and CD are parallel", ["para a b c d"]),
        ("A, B, C, D concyclic", ["cyclic a b c d"]),
        ("A, B, C and D are concyclic", ["cyclic a b c d"]),
        ("points A B C D E lie on a circle", ["cyclic a b c d e"]),
        ("ABCD is cyclic", ["cyclic a b c d"]),
        ("A, B, C collinear", ["coll a b c"]),
        ("A, B, C lie on one line", ["coll a b c"]),
        ("E is the midpoint of AB", ["midp e a b"]),
        ("E lies on AB", ["coll e a b"]),
        ("E lies on circle ABC", ["cyclic e a b c"]),
        ("E is the circumcentre of ABC", ["circle e a b c"]),
        ("△ABC ∼ △DEF", ["simtri a b c d e f"]),
        ("triangle ABC is similar to triangle DEF", ["simtri a b c d e f"]),
        ("triangles ABC and DEF are congruent", ["contri a b c d e f"]),
        ("ABC is equilateral", ["cong a b b c", "cong b c c a"]),
        ("AD bisects ∠BAC", ["eqangle a b a d a d a c"]),
        ("A = B", ["overlap a b"]),
        ("AB < CD", ["lessthan a b c d"]),
        ("AB > CD", ["lessthan c d a b"]),
        ("AB = CD = EF", ["cong a b c d", "cong c d e f"]),
        ("AB = 2CD", ["rconst a b c d 2"]),
        ("AB/CD = 2/3", ["rconst a b c d 2/3"]),
        ("AB : CD = 2 : 3", ["rconst a b c d 2/3"]),
        ("AB^2 = 2·CD²", ["rsqconst a b c d 2"]),
        ("AB² = 4 CD²", ["rconst a b c d 2"]),
        ("AB/CD = EF/DA", ["eqratio a b c d e f a d"]),
        ("AB·CD = EF·DA", ["eqratio a b a d e f c d"]),
        ("AB = CD + EF", ["distseq a b c d e f 1 -1 -1"]),
        ("AB² = CD² + EF²", ["distsqeq a b c d e f 1 -1 -1"]),
        ("AB² = CD·EF", ["eqratio a b c d e f a b"]),
        ("AB·CD·EF = 2·BC·DE·FA", ["distmeq a b c d e f a f b c d e 1 1 1 -1 -1 -1 1/2"]),
        ("AB*CD + BC*DA = AC*BD", ["prodseq a b c d a d b c a c b d 1 1 -1"]),
        ("(AB + CD)/EF = AB/BC", ["prodseq a b b c b c c d a b e f 1 1 -1"]),
        ("AB(CD + EF) = AB·DA", ["distseq c d e f a d 1 1 -1"]),  # AB is not 0
        ("∠ABC = 2∠ACB", ["angeq b a b c c a c b 1 -1 2 -2 0"]),
        ("angle ABC = angle DEF", ["eqangle b a b c e f e d"]),  # the two turn in different ways on this figure
        ("<ABC = 90°", ["perp b a b c"]),
        ("∠BAC = 71.5651 degrees", ["aconst a b a c -715651/10000"]),
    ],
)
def test_a_goal_says_one_thing(text, facts):
    assert said(text) == facts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("AB =", "no statement that is known"),
        ("AG = BC", "'AG' is not 2 points"),
        ("AB = AB", "the two sides are the same"),
        ("AB + CD = 0", "a sum of lengths that is 0"),
        ("AB = 5", "the problem gives none"),
        ("∠ABC · ∠ACB = 2", "angles are added"),
        ("∠ABC = AB", "angles are added"),
        ("AB^9 = CD", "powers go up to 6"),
        ("(AB + CD = EF", "a bracket without its end"),
        ("AB = CD/(EF - EF)", "a division by 0"),
        ("AA = BC", "the length from a to itself"),
        ("AB·CD·EF + BC·DE·FA = AC·BD·CE", "three lengths or more"),
        ("A, B concyclic", "2 points"),
        ("AB, CD, EF concurrent", "no statement that is known"),
        ("AD bisects ∠CBE", "does not run through the vertex"),
        ("(" * 30 + "AB" + ")" * 30 + "= CD", "nested too deeply"),
        ("AB = " + "+".join(["CD"] * 200), "400 characters|3 are read|at most"),
        ("(AB+BC+CD+DA+AC+BD)^6 = EF", "too long"),
    ],
)
def test_what_is_not_understood_is_told(text, message):
    with pytest.raises(ProblemError, match=message):
        said(text)


def test_a_name_that_can_be_taken_apart_in_two_ways_is_refused():
    with pytest.raises(ProblemError, match="several ways"):
        spoken_goals("ABC = DE", Speech(["a", "b", "c", "ab", "bc", "d", "e"], {}))
    assert list(map(str, spoken_goals("A1B = BC2", Speech(["a1", "b", "c_2"], {})))) == ["cong a1 b b c_2"]


def test_which_way_angles_turn_is_seen_on_the_figure():
    """Of a convex quadrangle's opposite angles the sum is 180°: both turn one way, whatever way round it is."""
    text = "∠ABC + ∠ADC = 180°"
    for turn in (1, -1):
        corners = dict(zip("abcd", (cmath.exp(1j * turn * k) for k in (0, 1, 2.5, 4)), strict=True))
        (fact,) = spoken_goals(text, Speech("abcd", {}, None, lambda corners=corners: corners))
        assert holds(fact, corners)
    with pytest.raises(ProblemError, match="seen on a figure only"):
        said(text, None)
    assert said("∠ABC = 2∠ACB", None) == ["angeq b a b c c a c b 1 -1 2 -2 0"]  # of one triangle: no figure is needed


def test_angles_are_what_a_figure_shows():
    """On random figures, an equation of angles that is true undirected is true as it is read, and a false one false."""
    rng = random.Random(5)
    for _ in range(60):
        at = {p: complex(rng.uniform(-1, 1), rng.uniform(-1, 1)) for p in POINTS}
        first, second = rng.sample(POINTS, 3), rng.sample(POINTS, 3)

        def size(a, o, b, at=at):
            return abs(cmath.phase((at[a] - at[o]) / (at[b] - at[o]))) * 180 / cmath.pi

        left, right = (f"∠{''.join(angle).upper()}" for angle in (first, second))
        whole = 7 * size(*first) + 2 * size(*second)
        for wrong in (0, 0.01):
            text = f"7{left} + 2{right} = {whole + wrong:.6f}°"
            (fact,) = spoken_goals(text, Speech(POINTS, {}, None, lambda at=at: at))
            assert holds(fact, at, 1e-6) is (wrong == 0)


def test_a_sum_of_products_is_tested_on_figures():
    """Ptolemy: equality on a circle, in this order of the corners, and nowhere else."""
    (fact,) = spoken_goals("AB*CD + BC*DA = AC*BD", Speech("abcd", {}))
    assert PREDICATES[fact.predicate].phrase(fact) == "AB·CD + AD·BC = AC·BD"
    on = dict(zip("abcd", (cmath.exp(1j * k) for k in (0, 1, 2.5, 4)), strict=True))
    assert holds(fact, on)
    assert not holds(fact, {**on, "d": 2 * on["d"]})
    assert not holds(fact, {**on, "b": on["c"], "c": on["b"]})
    with pytest.raises(ProblemError, match="'prodseq' is a question"):
        parse_problem("a b c d = prodseq a b c d b c d a 1 -1")


def test_goals_are_told_from_predicates():
    assert is_spoken("AB = CD")
    assert is_spoken("A, B, C collinear")
    assert not is_spoken("perp a b c d")
    assert not is_spoken("pepr a b c a")
    # A number may look like a formula: a known predicate is never taken for a sentence.
    assert str(parse_problem("a b c = triangle ? aconst a b a c -1/2").goals[0]) == "aconst a b a c -1/2"


def test_in_a_text_they_stand_among_the_others():
    problem = parse_problem("a b c = triangle; d = foot a b c ? perp a d b c, AD ⊥ BC; B, C, D collinear, AB = AC")
    assert list(map(str, problem.goals)) == ["perp a d b c", "perp a d b c", "coll b c d", "cong a b a c"]


def test_a_number_is_a_multiple_of_the_given_length():
    text = "a b c = triangle; d = lconst d a 5 ? "
    assert str(parse_problem(text + "AC² + BD² = 144").goals[0]) == "distsqeq a c b d a d 1 1 -144/25"
    assert str(parse_problem(text + "AB = 10").goals[0]) == "rconst a b a d 2"
    assert str(parse_problem("a b c = triangle; d = l2const d a 2 ? AB² = 6").goals[0]) == "rsqconst a b a d 3"
    with pytest.raises(ProblemError, match="not rational"):
        parse_problem("a b c = triangle; d = l2const d a 2 ? AB = 6")


def test_goals_are_given_to_any_problem(tmp_path):
    shipped = find_problem("orthocentre", ["AH ⊥ BC", "perp b h c a"])
    assert list(map(str, shipped.goals)) == ["perp a h b c", "perp b h c a"]
    assert prove(shipped).status is Status.PROVED
    text = find_problem("a b c d = quadrangle ? coll a b c", ["∠ABC = ∠ADC"])
    assert text.goals[0].predicate == "eqangle"
    path = tmp_path / "problems.txt"
    path.write_text("one\na b c = triangle\ntwo\nx y = segment\n", encoding="utf-8")
    assert find_problem(f"{path}:two", ["X = Y"]).goals == (Fact("overlap", ("x", "y")),)
    with pytest.raises(ProblemError, match=r"--goal: 'AK' is not 2 points"):
        find_problem("orthocentre", ["AK = AH"])


def test_goals_of_a_problem_that_is_there():
    problem = library.problem("orthocentre")
    assert list(map(str, read_goals("coll a b h; AH ⊥ BC", problem))) == ["coll a b h", "perp a h b c"]
