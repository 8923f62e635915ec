"""Statements that were judged wrongly once, and what is right. Each stands for a kind."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.geometry.writing import Writer

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.prose.text import proof_text
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Accepted, Clause, Construction, Deduction, Fact, Problem, Proof, Refused

MEETS = "a b c = triangle; o = circle o a b c; e = cong o e o a, coll e a b"
"""E is solved for: where line AB meets the circle, that is A or B."""


def configuration(text: str, seed: int = 0) -> tuple[Status, set[str]]:
    result = prove(parse_problem(text), seed)
    verdict = result.verdict
    return result.status, {str(fact) for fact in verdict.configuration} if isinstance(verdict, Accepted) else set()


# --- contradictory statements are never both plainly proved ----------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_what_holds_on_one_branch_names_it(seed):
    assert configuration(f"{MEETS} ? cong e c a c", seed) == (Status.PROVED, {"overlap a e"})
    assert configuration(f"{MEETS} ? cong e c b c", seed) == (Status.PROVED, {"overlap b e"})


def test_the_first_line_of_a_proof_says_for_which_figures():
    result = prove(parse_problem(f"{MEETS} ? cong e c a c", "one_meet"))
    assert result.proof is not None
    assert "E = A" in proof_text(result.proof, result.verdict).strip().splitlines()[0] or "E = A" in str(result.verdict)


def test_what_holds_where_two_points_are_one_is_false_where_they_are_two():
    result = prove(parse_problem("a b c = triangle; d = on_line d b c; e = on_line e b c, cong b d b e ? cong c d c e"))
    assert result.status is Status.FALSE
    assert "D ≠ E" in result.message
    assert result.counterexample is not None


@pytest.mark.parametrize("seed", range(4))
def test_of_two_known_common_points_the_verdict_says_which_is_excluded(seed):
    """y is on the circle and on line bx, where b and x are: it is x where it is not b."""
    text = "a b = segment; x = on_circle a b; y = on_circle a b, on_line b x ? overlap x y"
    assert configuration(text, seed) == (Status.PROVED, {"diff y b"})


def test_contradictory_values_have_contrary_conditions():
    text = "a b c = triangle; p = rconst p b p c 2, on_line p b c ?"
    assert configuration(f"{text} rconst p b b c 2/3") == (Status.PROVED, {"between p c b"})
    assert configuration(f"{text} rconst p b b c 2") == (Status.PROVED, {"between c p b"})


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        # An excentre is seen under 135 or 45 degrees, by the sense of a right triangle that may be either.
        ("i a y = r_triangle; n = excenter n y a i ? aconst a n y n 135", "aconst a n y n 135"),
        # A foot lies inside the side of some figures, and outside that of others.
        ("i j a u = eq_quadrangle; t = foot t i u a ? distseq t a a u t u -1 1 1", "between u t a"),
        # Two points of a line determine it, unless L = H; and H is on KD only in a right triangle.
        ("x k d = triangle; h = circle h d x k; l = coll l k h, coll l d h ? coll h k d", "diff h l"),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_what_holds_on_some_figures_only_is_the_configuration(text, condition, seed):
    """Also where it holds on the first figures that are drawn, or on all that are like the proof's own."""
    result = prove(parse_problem(text), seed)
    if result.status is Status.PROVED:
        assert isinstance(result.verdict, Accepted)
        assert [str(fact) for fact in result.verdict.configuration] == [condition]
    else:
        assert result.status is Status.FALSE, result.message


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a b c = triangle; e = coll e b c, cong b e b c ? midp b e c", "diff c e"),
        ("a b c = triangle; d = on_line d b c; e = on_line e b c, cong b d b e ? midp b d e", "diff d e"),
        ("a b c = triangle; d = foot d a b c; e = cong d e d b, coll e b c ? midp d b e", "diff b e"),
    ],
)
def test_nothing_is_a_midpoint_of_one_point(text, condition):
    """B is equally far from E and C, and on their line, also where E = C: and then it is no midpoint."""
    verdict = prove(parse_problem(text)).verdict
    assert isinstance(verdict, Accepted)
    assert [str(fact) for fact in verdict.configuration] == [condition]


# --- degenerate figures ----------------------------------------------------------------------------------------------


def test_points_of_a_line_are_on_no_circle():
    result = prove(parse_problem("a b = segment; c = on_line c a b; d = on_line d a b ? cyclic a b c d"))
    assert result.status is Status.FALSE


@pytest.mark.parametrize("seed", range(3))
def test_a_double_root_is_not_taken_for_two_points(seed):
    """A is where two circles touch, so A = R, whatever rounding says: R = A is not called false."""
    text = (
        "j f w = triangle; x = rconst x j j w 3, coll x j w; r = cong r w j w, cong r x j x; i = on_line i w j; "
        "a = cong a i i r, cong a w w r ? overlap r a"
    )
    assert prove(parse_problem(text), seed).status is not Status.FALSE


@pytest.mark.parametrize("seed", range(3))
def test_a_double_root_with_places_in_floats_is_none_of_an_equation_too_many(seed):
    """O is where two circles touch. With its centroid at 0 the figure is exact in floats, and seems to be certain."""
    verdict = prove(
        parse_problem("p y = segment; o = rconst o p p y 2/7, rconst o y p y 5/7 ? coll o p y"), seed
    ).verdict
    assert not isinstance(verdict, Accepted)


@pytest.mark.parametrize("seed", range(6))
def test_a_triangle_stays_one_where_it_is_solved_for(seed):
    """With D and E on bisectors of angles: a solver would like B and C to coincide."""
    text = (
        "a b c = triangle; d = cong d b d c, eqangle a b a d a d a c; "
        "e = eqangle b d b e b e b a, eqratio e b e c d b d c ? para b a c e"
    )
    result = prove(parse_problem(text), seed)
    assert result.status in (Status.FALSE, Status.SATURATED), result.message
    assert result.diagram is not None
    b, c = result.diagram.points["b"], result.diagram.points["c"]
    assert abs(b - c) > 1e-4


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("aconst a d b c 90, aconst a d b c 90.0000000001", "0 = 1/1800000000000"),
        ("rconst a d b c 2, rconst a d b c 3", "give 1 = 2/3"),
        ("para a d b c, perp a d b c", "0 = 1/2"),
    ],
)
def test_contradictory_hypotheses_are_refused(given, reason):
    result = prove(parse_problem(f"a b c = triangle; d = {given} ? perp a d b c"))
    assert result.status is Status.CONTRADICTORY
    assert reason in result.message


@pytest.mark.parametrize(
    "given",
    [
        "angeq a d b c 2 -2 0, angeq a d b c 3 -3 -90",  # 2d = 0 and 3d = 1/2 give 0 = 1/6 by dividing only: d = 1/2
        "aconst a d b c 60, aconst a d b c 240",  # one line
    ],
)
def test_directions_are_not_divided(given):
    """Whole combinations of equations modulo a half turn, no fractions of them."""
    from maieutic.geometry.trusted.hints.contradictions import contradiction

    assert contradiction(parse_problem(f"a b c = triangle; d = {given} ? perp a d b c")) == ""


def nearly_tangent() -> Writer:
    """Circles about o and p through a touch in a alone, so x is a; given coordinates have it 1e-6 beside."""
    a, o, p = 0j, 1 + 0j, 2 + 0j
    t = 1e-7 * 3.4906585 + 1j
    x = a + 1e-6 * t / abs(t)
    at = {"o": o, "a": a, "p": p, "t": t, "x": x}
    text = (
        "o a = segment; p = on_line p o a; t = aconst a t o a 90.00002; "
        "x = cong x o a o, cong x p a p, coll x a t ? perp a t o a"
    )
    problem = replace(parse_problem(text), coordinates=tuple(at.items()))
    w = Writer(problem)
    w.linear("perp o p a x", ["cong x o a o", "cong x p a p"], "square")
    w.linear("perp a t o a", ["perp o p a x", "coll x a t", "coll p o a"], "direction")
    return w


def test_a_proof_about_a_point_that_coincides_in_every_exact_figure_is_refused():
    verdict = check(nearly_tangent().proof())
    assert isinstance(verdict, Refused)
    assert "no exact figure" in verdict.reason


def test_a_statement_is_looked_at_after_it_is_normalised():
    """|oa|² / 10^12 is small on any figure, and |oa|² = 0 is false all the same."""
    small = Fact("distsqeq", ("o", "a"), (Fraction(1, 10**12),))
    problem = Problem("", (Clause(("o", "a"), (Construction("segment", ("o", "a")),)),), (small,))
    assert not holds(small, draw(problem).points)
    given = replace(
        problem, clauses=(*problem.clauses, Clause(("x",), (Construction("distsqeq", small.points, small.values),)))
    )
    proof = Proof(replace(given, goals=(small,)), (Deduction(small, "hypothesis"),))
    assert isinstance(check(proof), Refused)


def test_a_goal_that_is_true_on_the_given_figure_only_is_false():
    result = prove(parse_problem("a@0_0 = ; b@1_0 = ; c@0_1 = ? perp a b a c"))
    assert result.status is Status.FALSE
    assert result.message.startswith("false on another figure")
    assert result.counterexample is not None
    assert abs((result.counterexample.points["b"] - result.counterexample.points["a"]).real) > 0


# --- the conditions of a proof ---------------------------------------------------------------------------------------


def test_what_the_statement_says_is_not_listed_again():
    result = prove(parse_problem("a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c"))
    assert isinstance(result.verdict, Accepted)
    assert Fact("ncoll", ("a", "b", "c")) not in result.verdict.guards
    assert not any(fact.predicate == "diff" for fact in result.verdict.guards)


@pytest.mark.parametrize(
    "text",
    [
        f"{MEETS} ? cong e c a c",
        "a b = segment; x = on_circle a b; y = on_circle a b, on_line b x ? overlap x y",
        "a b c = triangle; p = rconst p b p c 2, on_line p b c ? rconst p b b c 2/3",
        "a b c = triangle; o = circle a b c; d = on_circle o a ? eqangle b a b c d a d c",
        "a b c = triangle; h = orthocenter a b c; d = foot a b c; e = foot b c a ? cyclic a b d e",
    ],
)
def test_each_condition_that_is_listed_is_needed(text):
    proof = prove(parse_problem(text)).proof
    assert proof is not None
    verdict = check(proof)
    assert isinstance(verdict, Accepted)
    assert isinstance(check(proof, under=verdict.guards), Accepted)
    for fact in verdict.guards:
        fewer = [other for other in verdict.guards if other != fact]
        assert isinstance(check(proof, under=fewer), Refused), fact


def test_only_the_kernel_accepts():
    import copy
    import pickle

    from maieutic.geometry.trusted import records

    with pytest.raises(TypeError):
        Accepted(object(), (), (), ())
    with pytest.raises(TypeError):
        Accepted((), ())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        records.seal()
    verdict = prove(parse_problem("a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c")).verdict
    assert isinstance(verdict, Accepted)
    for attempt in (lambda: replace(verdict, guards=()), lambda: copy.copy(verdict), lambda: pickle.dumps(verdict)):
        with pytest.raises(TypeError):
            attempt()
