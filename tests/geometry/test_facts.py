"""All facts of a closure: true on the figure, proved by the closure, each once, none of the obvious ones missing."""

from dataclasses import replace

import pytest

from maieutic.geometry.attempt import attempt
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.facts import closure_facts
from maieutic.geometry.engine.state import DEFAULT, Closure
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import PREDICATES, equations, expand, holds
from maieutic.geometry.trusted.records import Accepted, Fact, Problem

SAMPLE = library.names()[::9]


def closed(problem: Problem, seed: int = 0) -> Closure:
    return close(problem, draw(problem, seed), replace(DEFAULT, stop_at_goal=False))


def facts_of(text: str) -> dict[str, list[str]]:
    return {name: list(map(str, facts)) for name, facts in closure_facts(closed(parse_problem(text))).items()}


@pytest.mark.parametrize("name", SAMPLE)
def test_every_fact_is_true_and_proved(name):
    closure = closed(library.problem(name))
    for facts in closure_facts(closure).values():
        for fact in facts:
            assert holds(fact, closure.diagram.points)
            for part in expand(fact):
                assert any(not e.terms or closure.holds(e) for e in equations(part))


@pytest.mark.parametrize("name", SAMPLE)
def test_no_fact_is_given_twice(name):
    facts = closure_facts(closed(library.problem(name)))
    every = [fact for group in facts.values() for fact in group]
    assert len(every) == len(set(every))
    assert list(facts) == [predicate for predicate in PREDICATES if predicate in facts]
    assert all(fact.predicate == predicate for predicate, group in facts.items() for fact in group)


@pytest.mark.parametrize("name", SAMPLE)
def test_no_line_or_circle_is_part_of_another(name):
    facts = closure_facts(closed(library.problem(name)))
    for predicate in ("coll", "cyclic"):
        sets = [set(fact.points) for fact in facts.get(predicate, [])]
        assert not any(a < b or (a == b and i != j) for i, a in enumerate(sets) for j, b in enumerate(sets))


@pytest.mark.parametrize("name", SAMPLE)
def test_the_hypotheses_and_the_goal_are_among_them(name):
    """Said in other words, perhaps: so each is looked for in the lines, circles and classes of equal lengths."""
    problem = library.problem(name)
    facts = closure_facts(closed(problem))
    proved = attempt(problem).proof is not None
    lines = [set(fact.points) for fact in facts.get("coll", [])]
    circles = [set(fact.points) for fact in facts.get("cyclic", [])]
    classes: list[set[frozenset[str]]] = []
    for fact in facts.get("cong", []):
        pair = {frozenset(fact.points[:2]), frozenset(fact.points[2:])}
        home = next((c for c in classes if c & pair), None)
        if home is None:
            classes.append(pair)
        else:
            home |= pair
    for fact in (*hypotheses(problem), *((g for goal in problem.goals for g in expand(goal)) if proved else ())):
        if fact.predicate == "coll":
            assert any(set(fact.points) <= line for line in lines)
        elif fact.predicate == "cyclic":
            assert any(set(fact.points) <= circle for circle in circles)
        elif fact.predicate == "cong":
            first, second = frozenset(fact.points[:2]), frozenset(fact.points[2:])
            assert first == second or any({first, second} <= c for c in classes)


def test_each_kind_of_fact():
    square = facts_of("a b c d = isquare; o = on_line a c, on_line b d")
    assert square["coll"] == ["coll a c o", "coll b d o"]
    assert square["cyclic"] == ["cyclic a b c d"]
    assert square["para"] == ["para a b c d", "para a d b c"]
    assert square["midp"] == ["midp o a c", "midp o b d"]
    assert "perp a c b d" in square["perp"]
    assert {fact.split()[-1] for fact in square["aconst"]} == {"45", "135"}
    assert {fact.split()[-1] for fact in square["rconst"]} == {"2"}
    assert {fact.split()[-1] for fact in square["rsqconst"]} == {"2"}
    assert len(square["cong"]) == 3 + 1 + 3  # four sides, two diagonals, four halves of them
    assert "contri" in square
    assert "simtri" in square


def test_similar_triangles_equal_angles_and_ratios():
    facts = facts_of("a b c = triangle; d = on_line a b; e = on_line a c, on_pline d b c")
    assert facts["simtri"] == ["simtri a b c a d e"] or len(facts["simtri"]) == 1
    assert facts["para"] == ["para b c d e"]
    assert len(facts["eqratio"]) == 3


def test_points_that_are_proved_to_coincide():
    assert facts_of("a b = segment; c = midpoint a b; d = midpoint a b")["overlap"] == ["overlap c d"]


def test_nothing_follows_from_nothing():
    assert facts_of("a b c = triangle") == {}


def test_there_is_a_bound():
    closure = closed(library.problem("imo_2000_p6"))
    assert all(len(group) <= 3 for group in closure_facts(closure, most=3).values())


@pytest.mark.parametrize("name", SAMPLE[::3])
def test_a_proof_can_be_had_of_a_fact(name):
    closure = closed(library.problem(name))
    for group in closure_facts(closure).values():
        fact: Fact = group[-1]
        proof = extract(closure, [fact])
        asked = replace(proof, problem=replace(closure.problem, goals=(fact,)))
        if not any(step.configuration for step in proof.deductions):
            assert isinstance(check(asked), Accepted), fact
