"""What a statement says beside its equations: strict facts, and that a second meet is not the first."""

import pytest

from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import expand
from maieutic.geometry.trusted.records import Clause, Construction
from maieutic.geometry.trusted.stated import Known, conventions, is_made, made_commons, presupposed, stated

TRIANGLE = "a b c = triangle; o = circumcenter a b c; "


def texts(facts):
    return sorted(map(str, facts))


def last_commons(text):
    problem = parse_problem(text)
    return dict(made_commons(problem).get(len(problem.clauses) - 1, ()))


# --- second meets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # A line through a point of a circle.
        ("o a b = triangle; x = on_line a b, on_circle o a", ["diff x a"]),
        (TRIANGLE + "d = midpoint b c; x = on_line a d, on_circle o a", ["diff x a"]),
        (TRIANGLE + "d = midpoint b c; x = on_line a d, on_circum a b c", ["diff x a"]),
        (TRIANGLE + "d = midpoint b c; x = on_line a d, on_circle o b", ["diff x a"]),
        (TRIANGLE + "x = on_tline a b c, on_circle o a", ["diff x a"]),
        (TRIANGLE + "x = angle_bisector b a c, on_circum a b c", ["diff x a"]),
        (TRIANGLE + "x = on_pline a b c, on_circum a b c", ["diff x a"]),
        # d is on the circle because the statement says that it is.
        (TRIANGLE + "d = on_circle o a; x = on_line d o, on_circle o a", ["diff x d"]),
        (TRIANGLE + "d = on_circum a b c; e = free; x = on_line d e, on_circle o a", ["diff x d"]),
        # Thales: the foot of the altitude is on the circle over ab, as an angle says.
        ("a b c = triangle; e = foot b a c; f = free; x = on_line e f, on_dia a b", ["diff x e"]),
        # Curves that `perp` says: at their own point the direction is undefined, and they run through it.
        ("a b c = triangle; x = on_line a c, on_dia a b", ["diff x a"]),
        ("o w a = triangle; x = lc_tangent a o, on_circle w a", ["diff x a"]),
        # Two circles through a point.
        ("o w a = triangle; x = on_circle o a, on_circle w a", ["diff x a"]),
        ("a b c = triangle; d = on_line b c; e = on_line c a; x = on_circum a b d, on_circum b c e", ["diff x b"]),
        ("a b c = triangle; d e = segment; x = on_circum a b c, on_circum a d e", ["diff x a"]),
        # No known point.
        ("a b c = triangle; d = free; x = on_line b c, on_circle a d", []),
        ("a b = segment; x = on_circle a b, on_circle b a", []),
        # Two known points: there is no third.
        (TRIANGLE + "x = on_line a b, on_circle o a", []),
        (TRIANGLE + "x = on_line a b, on_circum a b c", []),
        ("o a = segment; b = on_circle o a; x = on_line a b, on_circle o a", []),
        ("a b c = triangle; d = free; x = on_circum a b c, on_circum a b d", []),
        # Two lines meet once: in the point that both are through, whatever that says.
        ("a b c = triangle; x = on_line a b, on_line a c", []),
        ("a b c = triangle; x = on_line a b, on_tline a b c", []),
        # One curve, and a point that is solved for, have no such convention.
        ("o a b = triangle; x = on_circle o a", []),
        ("o a b = triangle; x = coll x a b, cong o x o a", []),
        ("o a b = triangle; x = on_line a b, cong o x o a", []),
    ],
)
def test_a_constructed_second_meet_is_not_the_known_one(text, said):
    assert texts(conventions(parse_problem(text))) == said
    assert set(conventions(parse_problem(text))) <= set(stated(parse_problem(text)))


def test_known_common_points_are_told_with_whether_the_new_point_may_be_one():
    assert last_commons("o a b = triangle; x = on_line a b, on_circle o a") == {"a": True}
    assert last_commons(TRIANGLE + "x = on_line a b, on_circle o a") == {"a": True, "b": True}
    assert last_commons("a b c = triangle; d = free; x = on_line b c, on_circle a d") == {}
    # The parallel to bc runs through a, and there line xa has no direction: x is not there.
    assert last_commons(TRIANGLE + "x = on_pline a b c, on_circle o a") == {"a": False}


def test_of_auxiliary_clauses_nothing_is_agreed_upon():
    problem = parse_problem("o a b = triangle; x = on_line a b, on_circle o a")
    assert texts(conventions(problem, 1)) == []
    assert texts(stated(problem, 1)) == ["ncoll o a b"]


def test_what_is_known_is_decided_by_adding_up_and_not_by_a_figure():
    """The medians' meet is on the third one, which no sum of the hypotheses says."""
    problem = parse_problem(
        TRIANGLE + "d = on_circle o a; e = cong o e o d; m = midpoint b c; n = midpoint c a; l = midpoint a b; "
        "g = on_line a m, on_line b n"
    )
    known = Known(part for fact in hypotheses(problem) for part in expand(fact))

    def follows(text):
        return known.follows(parse_fact(text, problem.points))

    assert follows("cong o b o d")
    assert follows("cong o e o c")
    assert follows("cyclic a b c d")
    assert follows("cyclic e b d c")
    assert follows("coll g a m")
    assert follows("para g a m a")
    assert follows("rconst b m m c 1")
    assert not follows("coll g c l")
    assert not follows("cong o a o m")
    assert not follows("cyclic a b c m")


def test_two_circles_with_three_common_points_are_one():
    problem = parse_problem("a b c d e f = cyclic a b c d, cyclic b c d e, cyclic a b e f, cyclic a b c f")
    known = Known(hypotheses(problem))
    assert known.follows(parse_fact("cyclic a c e f", problem.points))
    problem = parse_problem("a b c d e f = cyclic a b c d, cyclic a b e f")
    assert not Known(hypotheses(problem)).follows(parse_fact("cyclic a b c e", problem.points))


# --- strict facts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a b c = triangle", ["ncoll a b c"]),
        ("a b = segment", ["diff a b"]),
        ("a = ", []),
        ("a b c = ", []),
        # What a construction needs, and what its name says.
        ("a b c = ; x = foot a b c", ["ncoll a b c"]),
        ("a b c = ; x = reflect a b c", ["diff b c", "diff x a", "ncoll a b c", "ncoll x b c"]),
        ("a b = ; x = midpoint a b", ["diff a b"]),
        ("a b = ; x = mirror a b", ["diff a b", "diff x a", "diff x b"]),
        ("a b = ; x y = trisegment a b", ["diff a b", "diff x a", "diff x b", "diff x y", "diff y a", "diff y b"]),
        # What is solved for speaks of directions, and `eqratio` of logarithms; lengths may be 0.
        ("a b c = ; x = para x a b c", ["diff b c", "diff a x"]),
        ("a b c = ; x = cong x a b c", []),
        ("a b c = ; x = coll x a b", []),
        ("a b c = ; x = perp x a b c", []),
        ("a b c = ; x = eqratio x a x b a b a c", ["diff a b", "diff a c", "diff a x", "diff b x"]),
        ("a b c = ; x = aconst a x a b 40", ["diff a b", "diff a x"]),
        ("a b c = ; x = rconst a x a b 2", []),
        ("a b c = ; x = cyclic a b c x", []),
        # Strict facts that are asserted.
        ("a b c = ; x = coll x a b, between x a b, ncong x a x b", ["between x a b", "ncong x a x b"]),
    ],
)
def test_the_strict_facts_of_a_statement(text, said):
    assert {frozenset(str(fact).split()) for fact in stated(parse_problem(text))} == {
        frozenset(one.split()) for one in said
    }


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("para a b c d", "ab cd"),
        ("eqangle a b a c d b d c", "ab ac bd cd"),
        ("eqangle a b a c a c a d", "ab ac ad"),
        # The directions of ab cancel.
        ("eqangle a b a c a b a d", "ac ad"),
        ("eqratio a b a c b d c d", "ab ac bd cd"),
        ("distmeq a b c d 1 -1 2", "ab cd"),
        ("angeq a b c d 2 -1 30", "ab cd"),
        # Said of lengths or squares too, or by any two of three directions.
        ("perp a b c d", ""),
        ("cong a b c d", ""),
        ("rconst a b c d 2", ""),
        ("coll a b c", ""),
        ("cyclic a b c d", ""),
        ("distseq a b c d 1 -1", ""),
        ("overlap a b", ""),
    ],
)
def test_a_fact_presupposes_the_pairs_of_all_its_equations(text, pairs):
    fact = parse_fact(text, "abcd")
    assert presupposed(fact) == tuple((pair[0], pair[1]) for pair in pairs.split())


def test_nothing_is_stated_of_auxiliary_points_but_what_their_construction_promises():
    problem = parse_problem("a b c = triangle; d = on_line b c; e = reflect d a b; f = foot d a c")
    assert {"diff a b", "ncoll d a b", "ncoll d a c"} <= set(texts(stated(problem)))
    late = set(texts(stated(problem, 2)))
    assert {"diff e d", "ncoll e a b"} <= late
    assert {"ncoll d a b", "ncoll d a c"}.isdisjoint(late)


# --- what is constructed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a b c = triangle", True),
        ("a b c = ", False),
        ("a b c = triangle; x = on_line a b", True),
        ("a b c = triangle; x = on_line a b, on_circle c a", True),
        ("a b c = triangle; x = on_bline a b, on_tline c a b", True),
        ("a b c = triangle; x y z i = incenter2 x y z i a b c", True),
        ("a b c = triangle; x = coll x a b", False),
        ("a b c = triangle; x = on_line a b, cong x a x c", False),
        ("a b c = triangle; x = on_line a b, on_circle c a, on_tline c a b", False),
        # A midpoint is no curve, and eqangle2 one without a formula for its meets.
        ("a b c = triangle; x = midpoint a b, on_line a b", False),
        ("a b c = triangle; x = eqangle2 a b c, on_line a b", False),
    ],
)
def test_a_clause_is_made_by_one_construction_or_as_the_meet_of_two_curves(text, made):
    assert is_made(parse_problem(text).clauses[-1]) == made


def test_constructions_of_other_points_make_nothing():
    clause = Clause(("x", "y"), (Construction("midpoint", ("x", "a", "b")), Construction("midpoint", ("y", "a", "b"))))
    assert not is_made(clause)
