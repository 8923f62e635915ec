"""The kernel accepts honest proofs and refuses every way to cheat, with the step and the reason."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.geometry.honest import HONEST, midline
from tests.geometry.writing import Writer

from maieutic.geometry.kernel import check
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.records import Accepted, Clause, Construction, Deduction, Fact, Problem, Proof, Refused


def refusal(proof: Proof) -> Refused:
    verdict = check(proof)
    assert isinstance(verdict, Refused), verdict
    return verdict


def changed(proof: Proof, index: int, **fields: object) -> Proof:
    """The proof with one step changed."""
    steps = list(proof.deductions)
    steps[index] = replace(steps[index], **fields)
    return replace(proof, deductions=tuple(steps))


def find(proof: Proof, text: str) -> int:
    """The step with a conclusion."""
    return next(index for index, step in enumerate(proof.deductions) if str(step.conclusion) == text)


def facts(*texts: str) -> tuple[Fact, ...]:
    split = (text.split() for text in texts)
    return tuple(
        Fact(
            name,
            tuple(w for w in words if w[0].isalpha()),
            tuple(Fraction(w) for w in words if not w[0].isalpha()),
        )
        for name, *words in split
    )


# --- honest proofs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_proof_is_accepted_on_every_figure(name):
    for seed in range(4):
        proof = replace(HONEST[name](), seed=seed)
        if name != "equilateral_angle":  # whose answer is the figure's
            assert isinstance(check(proof), Accepted), check(proof)


def test_a_proof_without_guards_assumes_nothing():
    assert check(HONEST["altitudes"]()) == Accepted()


def test_a_verdict_lists_what_is_assumed_and_what_is_read_off_the_figure():
    assert check(midline()) == Accepted(
        facts("diff a b", "diff a c", "ncoll a b c", "sameclock a b c a m n"), facts("sameclock a b c a m n")
    )


def test_a_branch_is_listed():
    assert check(HONEST["bisector_of_the_apex"]()) == Accepted(facts("perp a d b c"), facts("perp a d b c"))


def test_a_guard_that_fails_on_a_fresh_figure_is_listed():
    """A point on a line may be drawn between two others or not."""
    verdicts = []
    for seed in range(10):
        w = Writer("a b = segment a b; x = on_line x a b ? coll a x b", seed)
        w.linear("coll a x b", ["coll x a b"])
        w.rule("segment_sum", "a x b", "distseq a x x b a b 1 1 -1")
        verdicts.append(check(w.proof()))
    between = facts("between x a b")
    assert set(verdicts) == {
        Accepted(between, between),
        Refused(len(w.steps) - 1, "the guard between x a b fails on the figure"),
    }


def test_points_that_are_different_on_the_own_figure_only_are_listed():
    """Line bx meets the circle in b and x, and y may be either."""
    w = Writer("a b = segment a b; x = on_circle x a b; y = on_circle y a b, on_line y b x ? cong a x a y")
    w.linear("cong a x a y", ["cong a x a b", "cong a y a b"])
    verdicts = {check(replace(w.proof(), seed=seed)) for seed in range(6)}
    different = (facts("diff b y"), facts("diff x y"))
    assert verdicts <= {Accepted(), *(Accepted(some, some) for some in different)}
    assert len(verdicts) > 1


def test_the_goal_may_be_written_in_another_order():
    w = Writer("a b c d = isquare a b c d ? cong d c a b, coll a b c")
    assert refusal(w.proof()) == Refused(-1, "no step concludes the goal cong d c a b")
    w = Writer("a b c d = isquare a b c d; e = on_line e a c ? para c d b a, cong c b b a, coll c e a")
    w.linear("para a b c d", ["para a b c d"])
    w.linear("cong a b b c", ["cong a b b c"])
    w.linear("coll a c e", ["coll e a c"])
    assert check(w.proof()) == Accepted()


def test_compound_goals_are_met_part_by_part():
    w = Writer("a b c = triangle a b c; d = midpoint d a b ? midp d b a")
    w.index("coll d a b")
    assert refusal(w.proof()).reason == "no step concludes the goal cong d b d a"
    w.index("cong d a d b")
    assert check(w.proof()) == Accepted()


# --- cheating, step by step ------------------------------------------------------------------------------------------


def case(index: int | str, reason: str, **fields: object) -> tuple[int | str, str, dict[str, object]]:
    return index, reason, fields


HALF = Fraction(1, 2)
NO_SUM: dict[str, object] = {"premises": (), "equations": (), "weights": ()}
MIDLINE_CHEATS = {
    "an unknown rule": case(2, "no rule 'midpoints'", rule="midpoints"),
    "no rule": case(2, "no rule ''", rule=""),
    "another rule": case(2, "thales takes 6 points", rule="thales"),
    "a rule of the same shape": case(2, "isosceles has no use for coll m a b", rule="isosceles"),
    "a goal as a hypothesis": case(
        "para m n b c",
        "not a hypothesis: para m n b c",
        **{"rule": "hypothesis", "premises": (), "table": "", "equations": (), "weights": ()},
    ),
    "a hypothesis with premises": case(1, "a hypothesis with premises or points", premises=(0,)),
    "a hypothesis with points": case(1, "a hypothesis with premises or points", points=("a",)),
    "a hypothesis with guards": case(1, "guards should be: none", guards=facts("diff a b")),
    "a premise too few": case(2, "midpoint needs coll m a b, which no cited step concludes", premises=(1,)),
    "a premise too many": case(5, "midpoint has no use for coll m a b", premises=(0, 3, 4)),
    "itself as a premise": case(2, "cites a step that is not before it", premises=(2, 1)),
    "a later premise": case(2, "cites a step that is not before it", premises=(0, 1, 3)),
    "a negative premise": case(2, "cites a step that is not before it", premises=(0, -1)),
    "a premise that is no integer": case(2, "cites a step that is not before it", premises=(0, True)),
    "other points": case(2, "midpoint needs coll n a b", points=("n", "a", "b")),
    "a point too few": case(2, "midpoint takes 3 points", points=("m", "a")),
    "an unknown point": case(2, "a point that is not in the problem", points=("z", "a", "b")),
    "a degenerate instance": case(2, "coll m a a means nothing", points=("m", "a", "a")),
    "another conclusion": case(2, "midpoint does not conclude", conclusion=facts("rconst a b a m 3")[0]),
    "an unknown predicate": case(2, "no statement: half a b a m", conclusion=Fact("half", ("a", "b", "a", "m"))),
    "a compound conclusion": case(2, "no statement: midp m a b", conclusion=Fact("midp", ("m", "a", "b"))),
    "a malformed conclusion": case(2, "malformed: rconst a b 2", conclusion=facts("rconst a b 2")[0]),
    "a float": case(2, "malformed", conclusion=Fact("rconst", ("a", "b", "a", "m"), (2.0000001,))),
    "a certificate for a rule": case(2, "midpoint with a certificate", multiple=2),
    "weights for a rule": case(2, "midpoint with a certificate", weights=(1,)),
    "no guard": case(2, "guards should be: diff a b", guards=()),
    "another guard": case(2, "guards should be: diff a b", guards=facts("diff a m")),
    "a guard too many": case(2, "guards should be: diff a b", guards=facts("diff a b", "diff a m")),
    "a configuration": case(2, "configuration should be False", configuration=True),
    "no read": case("eqratio a b b c a m m n", "guards should be: ncoll a b c; sameclock", guards=facts("ncoll a b c")),
    "no configuration": case("eqratio a b b c a m m n", "configuration should be True", configuration=False),
    "a weight": case("para m n b c", "the weighted sum", weights=(1, 1)),
    "a weight of one half": case("para m n b c", "a weight that is no integer, or 0", weights=(HALF, HALF)),
    "a float weight": case("para m n b c", "a weight that is no integer, or 0", weights=(1.0, -1.0)),
    "a weight too few": case("para m n b c", "not one equation and weight for each premise", weights=(1,)),
    "a weight too many": case("para m n b c", "not one equation and weight for each premise", weights=(1, -1, 0)),
    "the multiple 0": case("para m n b c", "a multiple that is no positive integer", multiple=0, **NO_SUM),
    "a negative multiple": case("para m n b c", "a multiple that is no positive integer", multiple=-1),
    "a multiple of one half": case("para m n b c", "a multiple that is no positive integer", multiple=HALF),
    "a multiple": case("para m n b c", "the weighted sum", multiple=2),
    "another table": case("para m n b c", "is not of 'log'", table="log"),
    "no table": case("para m n b c", "is not of ''", table=""),
    "another equation": case("para m n b c", "the weighted sum", equations=(0, 1)),
    "an equation that is not there": case("para m n b c", "no equation 3 of coll m a b", equations=(0, 3)),
    "a negative equation": case("para m n b c", "no equation -3 of coll m a b", equations=(0, -3)),
    "points for a sum": case("para m n b c", "a linear step with points", points=("m",)),
    "a guard for a sum": case("para m n b c", "guards should be: none", guards=facts("ncoll a b c")),
    "another sum": case("para m n b c", "the weighted sum", conclusion=facts("perp m n b c")[0]),
    "an equation twice that is not there": case(
        "rconst b c m n 2", "the weighted sum", equations=(0, 0), weights=(1, 2)
    ),
}


@pytest.mark.parametrize("cheat", MIDLINE_CHEATS)
def test_a_cheat_is_refused_where_it_is_and_for_what_it_is(cheat):
    index, reason, fields = MIDLINE_CHEATS[cheat]
    proof = midline()
    index = find(proof, index) if isinstance(index, str) else index
    verdict = refusal(changed(proof, index, **fields))
    assert verdict.step == index
    assert reason in verdict.reason


@pytest.mark.parametrize("name", HONEST)
def test_no_step_can_be_left_out(name):
    proof = HONEST[name]()
    for index in range(len(proof.deductions)):
        rest = proof.deductions[:index] + proof.deductions[index + 1 :]
        moved = (replace(s, premises=tuple(p - (p > index) for p in s.premises if p != index)) for s in rest)
        refusal(replace(proof, deductions=tuple(moved)))


def test_twice_an_equation_is_a_branch_that_must_be_read_off_the_figure():
    proof = HONEST["bisector_of_the_apex"]()
    goal, last = proof.problem.goals[0], len(proof.deductions) - 1
    assert refusal(changed(proof, last, guards=())).reason == "guards should be: perp a d b c"
    assert refusal(changed(proof, last, configuration=False)).reason == "configuration should be True"
    other = Fact("para", goal.points)
    verdict = refusal(changed(proof, last, conclusion=other, guards=(other,)))
    assert verdict == Refused(last, "the guard para a d b c fails on the figure")


def test_branches_too_close_to_tell_apart_are_refused():
    w = Writer("a b c = risos a b c ? aconst a b a c 5000001/50000")
    near = Fact("aconst", ("a", "b", "a", "c"), (90 + Fraction(18, 10**8),))
    w.index("perp a b a c")
    w.add(Deduction(near, "linear", (0,), (), "direction", (0,), (10**9,), 10**9, (near,), True))
    assert refusal(replace(w.proof(), problem=replace(w.problem, goals=(near,)))).reason == "more than 1000 branches"


def test_half_a_direction_means_nothing():
    half = Fact("angeq", ("a", "b", "a", "c"), (HALF, -HALF, Fraction(0)))
    w = Writer("a b c = triangle a b c; d = on_line d a b ? coll a b d")
    w.add(Deduction(half, "linear", table="direction"))
    assert "a fraction of a number modulo 1" in refusal(w.proof()).reason


def test_one_point_under_two_names_is_for_overlap_rules_only():
    w = Writer(
        "a b c d = quadrangle a b c d; x = on_line x a b, on_line x c d; y = on_line y a b, on_line y c d "
        "? eqratio a c a x a c a y"
    )
    w.linear("eqangle a c a x a c a y", ["coll x a b", "coll y a b"])
    w.linear("eqangle c a c x c a c y", ["coll x c d", "coll y c d"])
    w.rule("similar_aa", "a c x a c y", "eqratio a c a x a c a y")
    assert refusal(w.proof()).reason == "similar_aa on two names of one place"


def test_what_a_statement_says_of_two_names_of_one_place_is_left_out():
    """In a parallelogram abcd, u on ac with ud parallel to ab is c: lines ac and au are one, but cu is no line."""
    w = Writer("a b c = triangle a b c; d = parallelogram a b c d; u = on_line u a c, on_pline u d a b ? para a u a c")
    w.linear("para a u a c", ["coll u a c"])
    proof = w.proof()
    assert check(proof) == Accepted()
    for equation in (1, 2):
        verdict = refusal(changed(proof, 1, equations=(equation,)))
        assert verdict == Refused(1, f"equation {equation} of coll u a c says nothing on the figure")


def test_a_conclusion_that_the_figure_contradicts_is_refused():
    """Its seed draws another figure than the one on which the proof was found."""
    proof = HONEST["equilateral_angle"]()
    reasons = {str(getattr(check(replace(proof, seed=seed)), "reason", "")) for seed in range(10)}
    assert reasons == {"", f"the guard {proof.deductions[-1].conclusion} fails on the figure"}


# --- cheating with the problem ---------------------------------------------------------------------------------------


def test_a_proof_of_nothing_is_refused():
    problem = parse_problem("a b c = triangle a b c")
    assert refusal(Proof(problem, ())) == Refused(-1, "a problem without a goal")
    assert refusal(replace(midline(), deductions=())).step == -1


def test_every_goal_must_be_concluded():
    proof = midline()
    goals = (*proof.problem.goals, Fact("perp", ("m", "n", "b", "c")))
    verdict = refusal(replace(proof, problem=replace(proof.problem, goals=goals)))
    assert verdict == Refused(-1, "no step concludes the goal perp m n b c")


def test_a_question_is_answered_about_its_own_points():
    proof = midline()
    goals = (Fact("rcompute", ("m", "n", "b", "c")),)
    verdict = refusal(replace(proof, problem=replace(proof.problem, goals=goals)))
    assert verdict == Refused(-1, "no step concludes the goal rcompute m n b c")


def test_a_problem_without_a_figure_has_no_proof():
    problem = parse_problem("a b c = triangle a b c; d = intersection_ll d a b a b ? coll a b d")
    proof = Proof(problem, (Deduction(problem.goals[0], "hypothesis"),))
    assert "no figure" in refusal(proof).reason


AUXILIARY = {
    "three lines through one point": "x = on_line x a d, on_line x b e, on_line x c f",
    "a midpoint on a line": "x = midpoint x d e, on_line x c f",
    "an assertion": "x = on_line x a d, coll d e c",
    "only an assertion": "x = coll a d e",
    "an old point": "d = midpoint d e f",
    "the same point twice": "x = incenter2 x x x i a b c",
    "an unknown construction": "x = somewhere x",
    "an unknown point": "x = midpoint x a z",
    "itself": "x = eqdistance x a a x",
}


@pytest.mark.parametrize("kind", AUXILIARY)
def test_an_auxiliary_clause_may_not_say_anything_about_the_other_points(kind):
    """Medians meet in a point: an auxiliary point on all three would be that theorem."""
    proof = HONEST["medians"]()
    points, _, right = AUXILIARY[kind].partition(" = ")
    constructions = (Construction(name, tuple(args)) for name, *args in (part.split() for part in right.split(",")))
    clause = Clause(tuple(points.split()), tuple(constructions))
    problem = replace(proof.problem, clauses=(*proof.problem.clauses, clause))
    verdict = refusal(replace(proof, problem=problem, auxiliary=(clause,)))
    assert verdict.step == -1


def test_auxiliary_clauses_are_the_last_of_the_problem():
    proof = HONEST["base_angles_with_a_midpoint"]()
    verdict = refusal(replace(proof, auxiliary=proof.problem.clauses[1:2]))
    assert verdict.reason == "auxiliary clauses that are not the last of the problem"


def test_a_goal_is_about_the_points_of_the_statement():
    proof = HONEST["base_angles_with_a_midpoint"]()
    goals = (Fact("coll", ("m", "a", "b")),)
    verdict = refusal(replace(proof, problem=replace(proof.problem, goals=goals)))
    assert verdict.reason == "a goal about auxiliary points"


def test_what_an_auxiliary_point_needs_is_a_guard():
    w = Writer("a b c d = quadrangle a b c d; x = intersection_ll x a b c d ? cong a b b a")
    w.linear("cong a b b a")
    assert check(w.proof(auxiliary=1)) == Accepted(facts("npara a b c d"))


# --- whatever comes --------------------------------------------------------------------------------------------------

NONSENSE = {
    "steps that are no steps": lambda p: replace(p, deductions=(None, 3, "step")),
    "no steps": lambda p: replace(p, deductions=None),
    "a problem that is none": lambda p: replace(p, problem=None),
    "a problem without clauses": lambda p: replace(p, problem=Problem("", ())),
    "a seed that is none": lambda p: replace(p, seed="first"),
    "auxiliary clauses that are none": lambda p: replace(p, auxiliary=None),
    "a conclusion that is none": lambda p: changed(p, 2, conclusion=None),
    "a conclusion that is text": lambda p: changed(p, 2, conclusion="coll m a b"),
    "points in a list": lambda p: changed(p, 2, conclusion=Fact("coll", ["m", "a", "b"])),
    "points that are numbers": lambda p: changed(p, 2, points=(1, 2, 3)),
    "premises that are text": lambda p: changed(p, 2, premises="01"),
    "a rule that is a list": lambda p: changed(p, 2, rule=["midpoint"]),
    "guards that are text": lambda p: changed(p, 2, guards="diff a b"),
    "a value that is none": lambda p: changed(p, 2, conclusion=Fact("rconst", ("a", "b", "a", "m"), (None,))),
    "a ratio of 0": lambda p: changed(p, 2, conclusion=Fact("rconst", ("a", "b", "a", "m"), (Fraction(0),))),
    "a negative ratio": lambda p: changed(p, 2, conclusion=Fact("rconst", ("a", "b", "a", "m"), (Fraction(-2),))),
    "a product that is 0": lambda p: changed(p, 2, conclusion=facts("distmeq a b a m 1 -1 0")[0]),
    "a huge ratio": lambda p: changed(p, 2, conclusion=Fact("rconst", ("a", "b", "a", "m"), (Fraction(10**30 + 57),))),
    "an angle of nothing": lambda p: changed(p, 2, conclusion=Fact("angeq", (), ())),
    "a segment without length": lambda p: changed(p, 2, conclusion=Fact("cong", ("a", "a", "b", "b"))),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_refused_and_never_raises(kind):
    refusal(NONSENSE[kind](midline()))
