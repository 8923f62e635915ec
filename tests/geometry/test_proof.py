"""Proofs: accepted by the kernel, minimal, exact, and the same each time."""

from fractions import Fraction
from pathlib import Path

import pytest

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options, StopReason
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import load_problems, parse_fact, parse_problem
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import combine, equations
from maieutic.geometry.trusted.records import Accepted, Proof

TEXTS = {
    "midline": "a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c",
    "orthocentre": "a b c = triangle; h = on_tline a b c, on_tline b a c ? perp c h a b",
    "bisector": "a b c = triangle; d = angle_bisector b a c, on_line b c ? eqratio d b d c a b a c",
    "chords": "a b c = triangle; o = circle a b c; d = on_circle o a; p = on_line a b, on_line c d "
    "? eqratio p a p c p d p b",
    "angle": "a b c = ieq_triangle; o = circle a b c ? acompute o a o b",
    "ratio": "a b c = triangle; m = midpoint b c; n = midpoint a b; g = on_line a m, on_line c n ? rcompute a g g m",
    "thales": "o a = segment; b = mirror a o; c = on_circle o a ? perp c a c b",
}


def proof_of(text: str, seed: int = 0) -> Proof:
    result = prove(parse_problem(text), seed)
    assert result.status is Status.PROVED, result.message
    assert result.proof is not None
    return result.proof


@pytest.mark.parametrize("name", TEXTS)
def test_proofs_are_accepted(name: str) -> None:
    assert isinstance(check(proof_of(TEXTS[name])), Accepted)


@pytest.mark.parametrize("name", TEXTS)
def test_every_step_is_used(name: str) -> None:
    proof = proof_of(TEXTS[name])
    used = {premise for step in proof.deductions for premise in step.premises}
    goals = len(proof.problem.goals)
    assert set(range(len(proof.deductions))) - used <= set(range(len(proof.deductions) - goals, len(proof.deductions)))
    assert all(premise < i for i, step in enumerate(proof.deductions) for premise in step.premises)


@pytest.mark.parametrize("name", TEXTS)
def test_certificates_add_up_exactly(name: str) -> None:
    """The weighted sum of the cited equations is `multiple` times one of the conclusion's, constants included."""
    proof = proof_of(TEXTS[name])
    for step in proof.deductions:
        if step.rule != "linear":
            continue
        cited = [
            equations(proof.deductions[p].conclusion)[e] for p, e in zip(step.premises, step.equations, strict=True)
        ]
        weighted = [(Fraction(w), e) for w, e in zip(step.weights, cited, strict=True)]
        sums = [
            combine(target.table, [*weighted, (Fraction(-step.multiple), target)])
            for target in equations(step.conclusion)
            if target.table == step.table
        ]
        assert any(not s.terms and not s.constants for s in sums), step


def test_questions_are_answered() -> None:
    assert prove(parse_problem(TEXTS["angle"])).answers[0].values in ((60,), (120,))
    assert prove(parse_problem(TEXTS["ratio"])).answers[0].values == (2,)


def test_the_same_seed_gives_the_same_proof() -> None:
    assert proof_of(TEXTS["chords"], 5) == proof_of(TEXTS["chords"], 5)


def test_what_does_not_follow_has_no_proof() -> None:
    problem = parse_problem("a b c = triangle; m = midpoint a b")
    closure = close(problem, draw(problem, 0), Options(stop_at_goal=False))
    with pytest.raises(ProofError):
        extract(closure, [parse_fact("perp c m a b", problem.points)])


def test_hypotheses_that_are_not_needed_are_not_in_the_proof() -> None:
    proof = proof_of(TEXTS["midline"].replace(" ?", "; p = foot c a b; q = foot b a c ?"))
    assert {p for step in proof.deductions for p in step.conclusion.points} == {"a", "b", "c", "m", "n"}


@pytest.mark.parametrize("name", [n for n in library.names() if n.startswith("imo")][:12])
def test_minimal_proofs_need_every_rule_step(name: str) -> None:
    """Dropping any one step leaves a proof that the kernel refuses."""
    result = prove(library.problem(name))
    if result.status is not Status.PROVED:
        pytest.skip(f"{name} needs a point")
    assert result.proof is not None
    for i in range(0, len(result.proof.deductions), 7):
        shorter = Proof(result.problem, (*result.proof.deductions[:i], *result.proof.deductions[i + 1 :]))
        assert not isinstance(check(shorter), Accepted)


@pytest.mark.parametrize(
    ("file", "least"), [("imo_ag_30.txt", 19), ("jgex_ag_154.txt", 148), ("alphageometry2_26.txt", 25)]
)
def test_published_problems(data_dir: Path, file: str, least: int) -> None:
    """All are read and drawn; at least so many are proved; every proof is accepted.

    One says less than the contest does: with W anywhere on the circle, the incircles may lie on the wrong sides.
    """
    results = [prove(problem) for problem in load_problems(data_dir / "geometry" / file)]
    assert not [r.problem.name for r in results if r.status in (Status.NO_DIAGRAM, Status.REFUSED, Status.ERROR)]
    assert {r.problem.name for r in results if r.status is Status.FALSE} <= {"translated_imo_2008_p6"}
    assert sum(r.status is Status.PROVED for r in results) >= least
    assert all(isinstance(r.verdict, Accepted) for r in results if r.proof)


def test_a_closure_that_stopped_at_the_goal_has_its_reason() -> None:
    result = prove(parse_problem(TEXTS["midline"]))
    assert result.closure is not None
    assert result.closure.reason is StopReason.PROVED


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a b c = risos ? rcompute b c a b", "rsqconst b c a b 2"),
        ("a b c = ieq_triangle; m = midpoint a b ? rcompute a b b c", "rconst a b b c 1"),
        ("a b c = ieq_triangle; m = midpoint a b ? rcompute a b a m", "rconst a b a m 2"),
        ("a b c = risos ? acompute a b a c", "aconst a b a c 90"),
    ],
)
def test_answers_are_proved_in_their_own_words(text: str, answer: str) -> None:
    result = prove(parse_problem(text))
    assert result.status is Status.PROVED
    assert [str(fact) for fact in result.answers] == [answer]
    assert result.proof is not None
    assert str(result.proof.deductions[-1].conclusion) == answer
    assert isinstance(result.verdict, Accepted)


def test_an_answer_that_is_no_small_rational_is_not_guessed() -> None:
    result = prove(parse_problem("a b c = triangle; d = eq_triangle d b c ? rcompute a b a c"))
    assert result.status is Status.SATURATED
