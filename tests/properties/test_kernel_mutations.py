"""Ten thousand spoilt proofs: whatever a second, naive checker can show to be wrong, the kernel refuses."""

from collections import Counter
from functools import cache
from importlib.util import find_spec
from random import Random

from tests.conftest import scale
from tests.geometry.honest import HONEST
from tests.geometry.naive import wrong
from tests.properties.mutants import MUTATIONS, mutant

from maieutic.geometry.kernel import check
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.proof_json import from_json, to_json
from maieutic.geometry.records import Accepted, Proof

MUTANTS = scale(300, 10_000)

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
)


@cache
def pool() -> tuple[Proof, ...]:
    """The proofs by hand, and the prover's."""
    proofs = [write() for write in HONEST.values()]
    if find_spec("maieutic.geometry.prover"):
        from maieutic.geometry.prover import prove

        results = [prove(parse_problem(text), seed=0) for text in PROBLEMS]
        proofs += [result.proof for result in results if result.proof is not None]
    return tuple(proofs)


def accepted(proof: Proof) -> bool:
    return isinstance(check(proof), Accepted)


def test_every_honest_proof_is_accepted_and_nothing_wrong_is_seen_in_it():
    for proof in pool():
        assert accepted(proof), check(proof)
        assert wrong(proof) is None


def test_no_mutant_is_accepted_in_which_something_wrong_is_seen():
    rng, kinds, passed = Random(0), Counter[str](), 0
    for _ in range(MUTANTS):
        name, proof = mutant(rng.choice(pool()), rng)
        kinds[name] += 1
        if accepted(proof):
            passed += 1
            assert wrong(proof) is None, (name, proof)
    assert passed < MUTANTS / 5
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
