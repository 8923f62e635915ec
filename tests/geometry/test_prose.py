"""A proof as text: what is given, numbered steps that cite earlier ones, the goal, and what is assumed."""

import re

import pytest
from tests.geometry.verdicts import accepted

from maieutic.core.errors import ProofError
from maieutic.geometry.attempt import attempt
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.prose.text import display_names, proof_text, say
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Fact, Proof


def proof_of(text: str) -> Proof:
    result = attempt(parse_problem(text))
    assert result.proof is not None, result.message
    return result.proof


@pytest.mark.parametrize("name", library.names()[::3])
def test_steps_are_numbered_and_cite_earlier_ones(name):
    result = attempt(library.problem(name))
    if result.proof is None:
        return
    text = proof_text(result.proof, accepted(result.proof))
    steps = re.split(r"^ *(\d+)\. ", text, flags=re.MULTILINE)[1:]
    numbers, bodies = [int(number) for number in steps[::2]], steps[1::2]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, body in zip(numbers, bodies, strict=True):
        step = body.split("\nHence ")[0].split("\nThe answer")[0]
        assert all(int(cited) < number for cited in re.findall(r" \((\d+)\)", step))


@pytest.mark.parametrize("name", library.names()[::3])
def test_the_goal_is_stated_and_reached(name):
    result = attempt(library.problem(name))
    if result.proof is None:
        return
    text = proof_text(result.proof, accepted(result.proof))
    names = display_names(result.problem.points)
    for goal in result.problem.goals:
        if PREDICATES[goal.predicate].kind != "question":
            assert text.count(say(goal, names)) >= 2


def test_questions_are_answered():
    proof = proof_of("a b c = r_triangle; m = midpoint a b ? acompute a b a c, rcompute a b a m")
    text = proof_text(proof, accepted(proof))
    assert "90°" in text
    assert "AB/AM = 2" in text


def test_what_holds_for_this_configuration_only_is_said():
    proof = proof_of(library.entry("imo_2014_p4").text)
    assert any(step.configuration for step in proof.deductions)
    assert "(in this configuration: triangles" in proof_text(proof, accepted(proof))


def test_long_facts_name_all_their_points():
    points = ("a", "b", "c", "d", "e")
    for predicate in ("coll", "cyclic"):
        assert set(re.findall(r"\b[A-E]\b", say(Fact(predicate, points)))) == set("ABCDE")


def test_names_stay_different_in_capitals():
    assert len(set(display_names(("a", "A", "b", "a'")).values())) == 4


def test_a_proof_without_its_goal_is_none():
    proof = proof_of("a b c = iso_triangle ? eqangle b a b c c b c a")
    with pytest.raises(ProofError):
        proof_text(Proof(proof.problem, ()), accepted(proof))
