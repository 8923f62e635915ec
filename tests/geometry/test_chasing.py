"""Angle chases found anew: short, by what is known, and still proofs."""

import random
from itertools import product

import pytest
from tests.geometry.verdicts import told

from maieutic.geometry.attempt import attempt
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.prose.certify import Inference, deductions, movable
from maieutic.geometry.prose.chasing import rechased
from maieutic.geometry.prose.equals import EqualRadii, Places
from maieutic.geometry.prose.lattice import Lattice
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Fact, Proof


def proof_of(name: str) -> Proof:
    proof = attempt(library.problem(name)).proof
    assert proof is not None
    return proof


@pytest.mark.parametrize("name", library.names()[::4])
def test_the_kernel_accepts_what_is_told_anew(name):
    proof = attempt(library.problem(name)).proof
    if proof is not None:
        again = rechased(proof)
        assert (again.problem, again.seed, again.auxiliary) == (proof.problem, proof.seed, proof.auxiliary)
        assert isinstance(check(again), Accepted)
        assert rechased(proof) == again


def test_what_nobody_needs_is_left_out():
    """Every step of the proof is a goal, or a premise of a later step."""
    again = rechased(proof_of("imo_2024_p4"))
    used = {premise for step in again.deductions for premise in step.premises}
    ends = [i for i in range(len(again.deductions)) if i not in used]
    assert ends == [len(again.deductions) - 1]


def test_an_angle_is_halved_once_and_early():
    """The incentre: 2·∠BIC = ∠BAC + 180° is halved in one short step; no chain of doubled angles is longer."""
    text = "a b c = triangle; i = incenter a b c; j = excenter a b c ? cyclic b i c j"
    proof = attempt(parse_problem(text)).proof
    assert proof is not None
    doubled = [step for step in told(proof).steps if step.chain and step.chain[0].expression.startswith("2·")]
    assert all(len(step.chain) <= 4 for step in doubled)


def test_inferences_and_deductions_are_the_same_to_and_fro():
    proof = proof_of("imo_2004_p1")
    works = [movable(step, proof.deductions) for step in proof.deductions]
    assert deductions(works) == proof.deductions


@pytest.mark.parametrize("seed", range(5))
def test_a_lattice_has_the_whole_sums_of_its_rows_and_no_others(seed):
    """Against a search through all small sums."""
    rng = random.Random(seed)
    rows = [[rng.randint(-2, 2) for _ in range(3)] for _ in range(3)]
    lattice = Lattice(rows)
    sums = {
        tuple(sum(n * row[i] for n, row in zip(times, rows, strict=True)) for i in range(3))
        for times in product(range(-9, 10), repeat=3)
    }
    assert all(total in lattice for total in sums)
    small = {vector for vector in product(range(-1, 2), repeat=3) if vector in lattice}
    assert small <= sums


def test_half_of_a_sum_is_not_in_the_lattice():
    lattice = Lattice([(2, 0), (1, 2)])
    assert (1, 2) in lattice
    assert (3, 2) in lattice
    assert (0, 4) in lattice
    assert (1, 0) not in lattice
    assert (0, 2) not in lattice


def test_points_at_one_distance_lie_on_a_circle_and_make_isosceles_triangles():
    places = Places({"o": 0j, "a": 1 + 0j, "b": 1j, "c": -1 + 0j, "d": -1j, "e": 1 + 0j})
    radii = EqualRadii(places)
    first = radii.learned(Fact("cong", ("o", "a", "o", "b")))
    assert [work.rule for work in first.values()] == ["isosceles"]
    radii.learned(Fact("cong", ("o", "c", "o", "d")))
    joined = radii.learned(Fact("cong", ("o", "b", "o", "c")))
    assert Fact("cyclic", ("a", "b", "c", "d")) in joined
    assert sum(work.rule == "isosceles" for work in joined.values()) == 4  # a or b with c or d
    assert radii.learned(Fact("cong", ("o", "a", "o", "d"))) == {}
    assert radii.learned(Fact("cong", ("o", "a", "b", "d"))) == {}


def test_nothing_is_learned_of_two_names_of_one_place():
    radii = EqualRadii(Places({"o": 0j, "a": 1 + 0j, "e": 1 + 0j}))
    assert radii.learned(Fact("cong", ("o", "a", "o", "e"))) == {}


def test_each_conclusion_is_one_deduction():
    fact = Fact("cong", ("a", "b", "c", "d"))
    work = Inference(fact, "hypothesis")
    assert len(deductions([work, work])) == 1
