"""Proofs go to JSON and come back equal; what is malformed is refused with the place and the reason."""

import json
from dataclasses import fields, replace

import pytest
from tests.geometry.honest import HONEST, midline

from maieutic.core.errors import InputError
from maieutic.geometry.kernel import check
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.proof_json import from_json, to_json
from maieutic.geometry.records import Deduction, Proof

EXAMPLE = """{"format": "maieutic proof 1",
"name": "altitudes",
"problem": "a b c = triangle a b c; h = on_tline h b a c, on_tline h c a b ? perp a h b c",
"seed": 0,
"auxiliary": [],
"steps": [
  {"conclusion": "perp h b a c", "rule": "hypothesis"},
  {"conclusion": "perp h c a b", "rule": "hypothesis"},
  {"conclusion": "perp a h b c", "rule": "linear", "premises": [0, 1], "table": "square", "equations": [1, 1], \
"weights": [-1, 1]}
]}
"""


def test_a_proof_as_it_is_written():
    proof = HONEST["altitudes"]()
    named = replace(proof, problem=replace(proof.problem, name="altitudes"))
    assert to_json(named) == EXAMPLE
    assert from_json(EXAMPLE) == named


@pytest.mark.parametrize("name", HONEST)
def test_a_proof_comes_back_equal_with_the_same_verdict(name):
    proof = HONEST[name]()
    again = from_json(to_json(proof))
    assert again == proof
    assert again.problem.key == proof.problem.key
    assert check(again) == check(proof)


def test_names_coordinates_and_seeds_come_back():
    problem = parse_problem(
        "a@0.1_-2.5 b@1e-3_0.30000000000000004 c@1.0_3.0 = triangle a b c ? cong a b b a", "Zürich ∠"
    )
    proof = Proof(problem, (), seed=-7)
    assert from_json(to_json(proof)) == proof


def test_a_wrong_proof_comes_back_as_wrong_as_it_was():
    proof = midline()
    steps = (*proof.deductions, replace(proof.deductions[-1], premises=(99, -1), weights=(), multiple=0, rule="magic"))
    assert from_json(to_json(replace(proof, deductions=steps))).deductions == steps


def test_every_field_of_a_step_is_read():
    step = to_json(midline())
    assert [f.name for f in fields(Deduction) if f"{f.name!r}".replace("'", '"') not in step] == ["multiple"]


def spoilt(change) -> str:
    content = json.loads(EXAMPLE)
    change(content)
    return json.dumps(content)


def set_step(index: int, **values: object) -> object:
    return lambda content: content["steps"][index].update(values)


MALFORMED = {
    "no JSON": ("{", "line 1, column 2: not JSON: Expecting property name enclosed in double quotes"),
    "nothing": ("", "line 1, column 1: not JSON: Expecting value"),
    "a list": ("[1]", "proof: expected an object, found [1]"),
    "a key twice": (
        '{"seed": 1, "seed": 2}',
        "proof: not JSON that can be read: a key that stands twice in one object",
    ),
    "no steps": (lambda c: c.pop("steps"), "proof: 'steps' is missing"),
    "an unknown key": (lambda c: c.update(stepps=[]), "proof: unknown key 'stepps' (did you mean 'steps'?)"),
    "another format": (
        lambda c: c.update(format="maieutic proof 2"),
        "format: unknown format 'maieutic proof 2' (expected 'maieutic proof 1')",
    ),
    "a problem that is none": (
        lambda c: c.update(problem="a b c = triangl a b c"),
        "problem, line 1, column 9: unknown construction or predicate 'triangl' (did you mean 'triangle'?)",
    ),
    "a problem that is no text": (lambda c: c.update(problem=3), "problem: expected a text, found 3"),
    "a seed that is no integer": (lambda c: c.update(seed=1.5), "seed: expected an integer, found 1.5"),
    "a step that is no object": (lambda c: c["steps"].insert(1, "perp"), 'steps[1]: expected an object, found "perp"'),
    "a step without a rule": (lambda c: c["steps"][1].pop("rule"), "steps[1]: 'rule' is missing"),
    "an unknown key of a step": (
        set_step(2, weigths=[1]),
        "steps[2]: unknown key 'weigths' (did you mean 'weights'?)",
    ),
    "a conclusion that is empty": (
        set_step(0, conclusion=" "),
        "steps[0].conclusion: expected a name and its points, found nothing",
    ),
    "a conclusion that is a number": (
        set_step(0, conclusion="1 2"),
        "steps[0].conclusion: expected a name, found the number '1'",
    ),
    "a point after a number": (
        set_step(0, conclusion="aconst a b c 30 d"),
        "steps[0].conclusion: expected a number, found 'd' (write it as 3 or -1/2)",
    ),
    "a division by 0": (
        set_step(0, conclusion="aconst a b a c 1/0"),
        "steps[0].conclusion: expected a number, found '1/0' (write it as 3 or -1/2)",
    ),
    "premises that are no list": (set_step(2, premises=0), "steps[2].premises: expected a list, found 0"),
    "a premise that is true": (
        set_step(2, premises=[0, True]),
        "steps[2].premises[1]: expected an integer, found true",
    ),
    "a weight that is a fraction": (
        set_step(2, weights=[1, 0.5]),
        "steps[2].weights[1]: expected an integer, found 0.5",
    ),
    "a guard that is a list": (set_step(2, guards=[["diff"]]), 'steps[2].guards[0]: expected a text, found ["diff"]'),
    "a flag that is 1": (set_step(2, configuration=1), "steps[2].configuration: expected true or false, found 1"),
    "a clause without points": (lambda c: c.update(auxiliary=["midpoint"]), "auxiliary[0]: expected '=' in the clause"),
    "an empty construction": (
        lambda c: c.update(auxiliary=["x = midpoint x a b,"]),
        "auxiliary[0]: expected a name and its points, found nothing",
    ),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_malformed_is_refused_with_its_place(kind):
    change, message = MALFORMED[kind]
    with pytest.raises(InputError) as error:
        from_json(change if isinstance(change, str) else spoilt(change))
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000, '{"seed": ' + "9" * 10_000 + "}"])
def test_what_is_too_large_is_refused(text):
    with pytest.raises(InputError):
        from_json(text)
