"""Twenty thousand spoilt proofs: the kernel refuses whatever can be shown to be wrong, and accepts every honest one.

A mutant is wrong if its goal is false on a figure that knows no goal, branches included, on which all holds that its
verdict assumes; or if a second, naive checker finds a step that does not follow.
"""

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from tests.conftest import scale
from tests.geometry.honest import HONEST
from tests.geometry.judging import Figure
from tests.geometry.naive import wrong
from tests.properties.mutants import MUTATIONS, mutant
from tests.properties.solved_problems import judged, known_of_no_goal

from maieutic.core.errors import DiagramError
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.proof_json import from_json, to_json
from maieutic.geometry.proofs.prover import prove
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import equations
from maieutic.geometry.trusted.records import Accepted, Clause, Deduction, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import RULES

MUTANTS = scale(300, 20_000)
PARTS = scale(1, 20)

PROBLEMS = (
    "a b c = triangle a b c; d = foot d a b c; e = foot e b c a; f = foot f c a b; h = intersection_ll h a d b e "
    "? eqangle d e d a d a d f",
    "a b c = triangle a b c; o = circumcenter o a b c; h = orthocenter h a b c; d = mirror d a o ? para b h c d",
    "a b c d = quadrangle a b c d; m = midpoint m a b; n = midpoint n b c; p = midpoint p c d; q = midpoint q d a "
    "? para m n p q, cong m n p q",
    "a b c = triangle a b c; i = incenter i a b c; o = circumcenter o a b c; d = on_line d a i, on_circle d o a "
    "? cong d b d i",
    "a b c = iso_triangle a b c; d = on_line d b c; e = foot e d a b; f = foot f d a c; g = foot g a b c "
    "? cyclic a e f g",
    # Solved clauses, where two points are one on a branch.
    "a b c = triangle; o = circle o a b c; e = cong o e o a, coll e a b ? cong e c a c",
    "a b c = triangle; o = circle o a b c; e = cong o e o a, coll e a b ? cong e c b c",
    "a b c = triangle; p = rconst p b p c 2, on_line p b c ? rconst p b b c 2/3",
    "a b c = triangle; p = rconst p b p c 2, on_line p b c ? rconst p b b c 2",
    "a b = ; c = ; d = ; m = midp m a b, cong m c m a, cong m d m a ? cyclic a b c d, perp c a c b",
    "a b c = triangle; x = eqangle a b a x a x a c, coll x b c ? eqratio x b x c a b a c",
    "o p a = triangle; x = cong o x o a, cong p x p a ? perp a x o p",
)


@cache
def pool() -> tuple[Proof, ...]:
    """The proofs by hand, and the prover's."""
    proofs = [write() for write in HONEST.values()]
    for text in PROBLEMS:
        results = (prove(parse_problem(text), seed) for seed in range(6))
        proofs += [result.proof for result in results if isinstance(result.verdict, Accepted) and result.proof][:1]
    return tuple(proofs)


def accepted(proof: Proof) -> bool:
    return isinstance(check(proof), Accepted)


@cache
def figures(clauses: tuple[Clause, ...]) -> list[Figure]:
    return known_of_no_goal(Problem("", clauses))


def seen_on_a_figure(proof: Proof, verdict: Accepted) -> Figure | None:
    """A figure on which what an accepted proof assumes holds, and its goals do not."""
    clauses = proof.problem.clauses
    return next(
        (at for at in figures(clauses) if judged(proof.problem, proof.problem.goals, verdict.guards, at) == "wrong"),
        None,
    )


def informed(proof: Proof) -> Proof:
    """The proof with what the kernel collects by itself among its steps' guards: the second checker looks there.

    It draws its own figures, not such as are bent from given ones.
    """
    steps = proof.deductions
    return replace(
        proof,
        problem=replace(proof.problem, coordinates=()),
        deductions=tuple(
            replace(s, guards=(*s.guards, *apart(s, [steps[p].conclusion for p in s.premises]))) for s in steps
        ),
    )


def apart(step: Deduction, cited: list[Fact]) -> list[Fact]:
    """The pairs of points that must differ so that a step says something."""
    if step.rule in RULES:
        return [Fact("diff", pair) for pair in RULES[step.rule].instance(step.points).apart]
    chosen = [equations(fact)[k] for fact, k in zip(cited, step.equations, strict=True)]
    claims = [e for e in equations(step.conclusion) if e.table == step.table]
    unknowns = {u for e in (*chosen, *claims) if e.table in ("direction", "log") for u, _ in e.terms}
    return [Fact("diff" if len(u) == 2 else "ncoll", u) for u in sorted(unknowns)]


def test_every_honest_proof_is_accepted_and_nothing_wrong_is_seen_in_it():
    assert len(pool()) == len(HONEST) + len(PROBLEMS)
    for proof in pool():
        verdict = check(proof)
        assert isinstance(verdict, Accepted), (verdict, print_problem(proof.problem))
        assert wrong(informed(proof)) is None
        assert seen_on_a_figure(proof, verdict) is None


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_is_accepted_in_which_something_wrong_is_seen(part: int):
    rng, kinds, count = Random(part), Counter[str](), Counter[str]()
    for _ in range(MUTANTS // PARTS):
        name, proof = mutant(rng.choice(pool()), rng)
        kinds[name] += 1
        verdict = check(proof)
        if not isinstance(verdict, Accepted):
            count["refused"] += 1
            continue
        count["accepted"] += 1
        at = seen_on_a_figure(proof, verdict)
        assert at is None, (name, verdict, at, to_json(proof))
        try:
            assert wrong(informed(proof)) is None, (name, verdict, to_json(proof))
        except DiagramError:
            count["not drawn"] += 1
    print(dict(count), dict(kinds))
    assert count["accepted"] < MUTANTS / PARTS / 4
    assert count["not drawn"] <= count["accepted"] / 20
    assert set(kinds) == set(MUTATIONS) or MUTANTS < 1000


def test_the_second_checker_is_not_blind():
    """It sees something wrong in most mutants, so that the test above says something."""
    rng, count = Random(1), scale(40, 400)
    refused = [proof for proof in (mutant(rng.choice(pool()), rng)[1] for _ in range(count)) if not accepted(proof)]
    seen = sum(sees(proof) for proof in refused)
    assert seen > len(refused) / 3


def sees(proof: Proof) -> bool:
    """Whether something wrong is seen, or the proof is so malformed that it cannot be read."""
    try:
        return wrong(proof) is not None
    except Exception:
        return True


def test_verdicts_do_not_change_by_way_of_json():
    rng = Random(2)
    for _ in range(scale(50, 500)):
        honest = rng.choice(pool())
        name, proof = mutant(honest, rng)
        # A weight of one half is no JSON of a proof, and a problem that was changed may be no problem.
        if name != "a_weight_of_one_half" and proof.problem == honest.problem:
            again = from_json(to_json(proof))
            assert again == proof
            assert check(again) == check(proof)
