"""The kernel accepts honest proofs and refuses every way to cheat, with the step and the reason."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.geometry.honest import HONEST, midline
from tests.geometry.writing import Writer

from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Clause, Construction, Deduction, Fact, Problem, Proof, Refused


def refusal(proof: Proof) -> Refused:
    verdict = check(proof)
    assert isinstance(verdict, Refused), verdict
    return verdict


def assumed(proof: Proof, **options: object) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """What an accepted proof assumes, and what of it is configuration. There is nothing else to say of it."""
    verdict = check(proof, **options)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.notes == ()
    return verdict.guards, verdict.configuration


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
    verdicts = [assumed(replace(HONEST[name](), seed=seed)) for seed in range(4)]
    assert len(set(verdicts)) == 1


# What each assumes: all that it needs, but what the statement says and what follows. Configuration stands in brackets.
ASSUMED = {
    "altitudes": "",
    "base_angles": "",
    "base_angles_with_a_midpoint": "sameclock o a m o m b",
    "midline": "sameclock a b c a m n",
    "inscribed_angles": "diff a d, diff b d",
    # That b is not d, as b, c, d are on no line; and d is not c, e not b, as abc is a triangle.
    "concyclic_feet": "diff d e, diff b e, ncoll b c d",
    "tangent_and_chord": "diff a t",
    # Twice the angle of ad and bc is 0. As the construction is drawn, d is on the inner bisector of the two.
    "bisector_of_the_apex": "perp a d b c",
    "equilateral_angle": "(aconst a b a c 60)",
    "angle_bisector_theorem": "diff c d, ncoll d a b",
    "half_a_hypotenuse": "ncoll c a b",
    # That b is not p: b is not on the median from a, as abc is a triangle; nor is e.
    "medians": "odd_inside a b c d e f",
    "three_parts": "between x a y, between y a b",
    "parallelogram_law": "",
    # That x is on no line ac: x is on ab and on cd, and no three corners are on a line.
    "one_meet": "",
    "reflexive": "",
}


@pytest.mark.parametrize("name", HONEST)
def test_a_verdict_lists_what_is_assumed_and_what_is_read_off_the_figure(name):
    texts = list(filter(None, ASSUMED[name].split(", ")))
    listed = facts(*(text.strip("()") for text in texts))
    assert assumed(HONEST[name]()) == (listed, tuple(f for f, t in zip(listed, texts, strict=True) if t[0] == "("))


@pytest.mark.parametrize("name", HONEST)
def test_each_condition_that_is_listed_is_needed(name):
    """Taken away, the proof is refused; with no more than those listed, it is accepted as before."""
    proof = HONEST[name]()
    listed, _ = assumed(proof)
    assert assumed(proof, under=listed)[0] == listed
    for fact in listed:
        verdict = check(proof, under=[other for other in listed if other != fact])
        assert isinstance(verdict, Refused)
        assert "which may not be assumed" in verdict.reason


def test_a_branch_of_what_is_solved_is_configuration():
    """Each of the two bisectors satisfies `eqangle`, and on the outer one da is parallel to bc."""
    w = Writer("a b c = iso_triangle a b c; d = eqangle a b a d a d a c, cong a d a b ? perp a d b c")
    w.linear("perp a d b c", ["eqangle a b a d a d a c", "eqangle b a b c c b c a"], "direction")
    perp, para = facts("perp a d b c"), facts("para a d b c")
    assert assumed(w.proof()) == (perp, perp)
    last = len(w.steps) - 1
    other = changed(w.proof(), last, conclusion=para[0], guards=para)
    assert assumed(replace(other, problem=replace(w.problem, goals=para))) == (para, para)


def test_a_guard_that_fails_on_a_fresh_figure_is_configuration_whatever_the_own_figure_is():
    """A point on a line may be drawn between two others or not; there is a figure on which it is."""
    between = facts("between x a b")
    for seed in range(10):
        w = Writer("a b = segment a b; x = on_line x a b ? coll a x b", seed)
        w.linear("coll a x b", ["coll x a b"])
        w.rule("segment_sum", "a x b", "distseq a x x b a b 1 1 -1")
        assert assumed(w.proof()) == (between, between)


def test_that_a_second_meet_is_one_of_two_known_points_is_told_as_that():
    """Line bx meets the circle in b and x, and y may be either: that it is not b says that it is x."""
    w = Writer("a b = segment a b; x = on_circle x a b; y = on_circle y a b, on_line y b x ? para b x b y")
    w.linear("para b x b y", ["coll y b x"])
    same = facts("overlap x y")
    for seed in range(6):
        assert assumed(replace(w.proof(), seed=seed)) == (same, same)


def test_lengths_of_points_that_may_be_one_say_something():
    """Of y = b or y = x, ay = ax holds in either case, and nothing is assumed."""
    w = Writer("a b = segment a b; x = on_circle x a b; y = on_circle y a b, on_line y b x ? cong a x a y")
    w.linear("cong a x a y", ["cong a x a b", "cong a y a b"])
    assert assumed(w.proof()) == ((), ())


@pytest.mark.parametrize("hint", ["figure", "coordinates"])
def test_coordinates_are_a_hint_of_which_nothing_is_believed(hint):
    proof = midline()
    wrong = tuple((point, complex(k, k * k % 3)) for k, point in enumerate(proof.problem.points))
    if hint == "figure":
        assert assumed(replace(proof, figure=wrong)) == assumed(proof)
    else:
        assert assumed(replace(proof, problem=replace(proof.problem, coordinates=wrong))) == assumed(proof)


def test_the_goal_may_be_written_in_another_order():
    w = Writer("a b c d = isquare a b c d ? cong d c a b, coll a b c")
    assert refusal(w.proof()) == Refused(-1, "no step concludes the goal cong d c a b")
    w = Writer("a b c d = isquare a b c d; e = on_line e a c ? para c d b a, cong c b b a, coll c e a")
    w.linear("para a b c d", ["para a b c d"])
    w.linear("cong a b b c", ["cong a b b c"])
    w.linear("coll a c e", ["coll e a c"])
    assert assumed(w.proof()) == (facts("diff a e"), ())  # of which the directions that are added up speak


def test_compound_goals_are_met_part_by_part():
    w = Writer("a b c = triangle a b c; d = midpoint d a b ? midp d b a")
    w.index("coll d a b")
    assert refusal(w.proof()).reason == "no step concludes the goal cong d b d a"
    w.index("cong d a d b")
    assert assumed(w.proof()) == ((), ())


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
    verdict = refusal(
        replace(changed(proof, last, conclusion=other, guards=(other,)), problem=replace(proof.problem, goals=(other,)))
    )
    assert verdict == Refused(-1, "no exact figure shows what it rests on: para a d b c fails on the figure")


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


def test_one_point_under_two_names_is_two_points_to_a_rule():
    """That x is y is not asked: triangles acx and acy have equal angles, and so equal sides."""
    w = Writer(
        "a b c d = quadrangle a b c d; x = on_line x a b, on_line x c d; y = on_line y a b, on_line y c d "
        "? eqratio a c a x a c a y"
    )
    w.linear("eqangle a c a x a c a y", ["coll x a b", "coll y a b"])
    w.linear("eqangle c a c x c a c y", ["coll x c d", "coll y c d"])
    w.rule("similar_aa", "a c x a c y", "eqratio a c a x a c a y")
    assert assumed(w.proof()) == ((), ())  # a, c, x are on no line, as x is on ab and on cd


def test_a_direction_between_two_names_of_one_place_is_no_direction():
    """In a parallelogram abcd, u on ac with ud parallel to ab is c: lines ac and au are one, but cu is no line."""
    w = Writer("a b c = triangle a b c; d = parallelogram a b c d; u = on_line u a c, on_pline u d a b ? para a u a c")
    w.linear("para a u a c", ["coll u a c"])
    assert assumed(w.proof()) == (facts("diff a u"), ())
    by_way_of_cu = changed(w.proof(), 1, premises=(0, 0), equations=(1, 2), weights=(-1, 1))
    verdict = refusal(by_way_of_cu)
    assert verdict == Refused(-1, "no exact figure shows what it rests on: diff c u fails on the figure")


def test_what_no_figure_shows_is_refused():
    """Three times the angle is 0 modulo pi: 60 and 120 degrees occur, 0 does not, whatever is drawn."""
    proof = HONEST["equilateral_angle"]()
    last = len(proof.deductions) - 1
    for degrees in (0, 60, 120):
        angle = facts(f"aconst a b a c {degrees}")
        for seed in range(4):
            other = replace(changed(proof, last, conclusion=angle[0], guards=angle), seed=seed)
            if degrees:
                assert assumed(other) == (angle, angle)
            else:
                assert refusal(other).reason == (
                    "no exact figure shows what it rests on: aconst a b a c 0 fails on the figure"
                )


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
    assert refusal(proof) == Refused(-1, "no exact figure shows what it rests on: none can be drawn")


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
    assert assumed(w.proof(auxiliary=1)) == (facts("npara a b c d"), ())
    assert assumed(w.proof()) == ((), ())  # of the statement's own points it is said by the statement


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
