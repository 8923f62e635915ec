"""Proofs go to JSON and come back equal; what is malformed is refused with the place and the reason."""

import json
from dataclasses import fields, replace

import pytest
from tests.geometry.honest import HONEST, midline
from tests.geometry.verdicts import verdict

from maieutic.core.errors import InputError
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs import proof_json
from maieutic.geometry.proofs.proof_json import from_json, to_json
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Deduction, Fact, Proof

EXAMPLE = """{"format": "maieutic proof 2",
"name": "altitudes",
"problem": "a b c = triangle a b c; h = on_tline h b a c, on_tline h c a b ? perp a h b c",
"conventions": [],
"seed": 0,
"auxiliary": [],
"figure": {"a": [0.1, -2.5], "b": [1.0, 0.30000000000000004], "c": [0.0, 1e-30]},
"steps": [
  {"conclusion": "perp h b a c", "rule": "hypothesis"},
  {"conclusion": "perp h c a b", "rule": "hypothesis"},
  {"conclusion": "perp a h b c", "rule": "linear", "premises": [0, 1], "table": "square", "equations": [1, 1], \
"weights": [-1, 1]}
]}
"""


def test_a_proof_as_it_is_written():
    proof = HONEST["altitudes"]()
    figure = (("a", 0.1 - 2.5j), ("b", 1 + 0.30000000000000004j), ("c", 1e-30j))
    named = replace(proof, problem=replace(proof.problem, name="altitudes"), figure=figure)
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


def test_a_verdict_is_told_and_not_believed():
    proof = HONEST["altitudes"]()
    text = to_json(proof, verdict(proof.problem, "ncoll a b h", "between h a b", ["branches sampled"]))
    said = {"assumed": ["ncoll a b h"], "configuration": ["between h a b"], "notes": ["branches sampled"]}
    assert json.loads(text)["verdict"] == said
    assert from_json(text) == proof
    assert "verdict" not in to_json(proof)


def test_conventions_are_told_and_must_be_those_of_the_problem(monkeypatch):
    monkeypatch.setattr(proof_json, "conventions", lambda problem, auxiliary: (Fact("diff", ("h", "a")),))
    proof = HONEST["altitudes"]()
    text = to_json(proof)
    assert json.loads(text)["conventions"] == ["diff h a"]
    assert from_json(text) == proof
    with pytest.raises(InputError, match=r"conventions: not the .* problem: none \(they are: diff h a\)"):
        from_json(text.replace('["diff h a"]', "[]"))


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x9b", "\u202e", "\u2028", "\x7f", "\n"])
def test_a_name_that_is_hostile_comes_back_and_is_never_shown_as_it_is(sign):
    proof = HONEST["altitudes"]()
    hostile = replace(proof, problem=replace(proof.problem, name=f"x{sign}y"))
    assert sign == "\n" or sign not in to_json(hostile)
    assert len(to_json(hostile).splitlines()) == len(to_json(proof).splitlines())
    assert from_json(to_json(hostile)) == hostile


VERSIONS = {
    "maieutic proof 1": "format: this proof is of version 1, and this program reads version 2; "
    "version 1 is read by commit 01c5221 of maieutic (`maieutic prove` makes the proof anew)",
    "maieutic proof 3": "format: this proof is of version 3, and this program reads version 2 "
    "(`maieutic prove` makes the proof anew)",
    "a\x1bb": "format: 'a\\\\u001bb' is no format of a proof (it is 'maieutic proof 2')",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_another_version_gets_one_clear_line_whatever_else_it_holds(version):
    with pytest.raises(InputError) as error:
        from_json(json.dumps({"format": version, "other": 1}))
    assert str(error.value) == VERSIONS[version]


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
    "no format": (lambda c: c.pop("format"), "proof: 'format' is missing"),
    "a figure that is no object": (lambda c: c.update(figure=[]), "figure: expected an object, found []"),
    "no figure": (lambda c: c.pop("figure"), "proof: 'figure' is missing"),
    "a place of no point": (lambda c: c["figure"].update(x=[0, 0]), "figure: 'x' is no point of the problem"),
    "a place of one number": (lambda c: c["figure"].update(a=[1]), "figure.a: expected two numbers, found [1]"),
    "a place that is a text": (
        lambda c: c["figure"].update(a=[1, "2"]),
        'figure.a[1]: expected a finite number, found "2"',
    ),
    "a place that is true": (
        lambda c: c["figure"].update(a=[True, 2]),
        "figure.a[0]: expected a finite number, found true",
    ),
    "a place nowhere": (
        lambda c: c["figure"].update(a=[float("nan"), 2]),
        "figure.a[0]: expected a finite number, found NaN",
    ),
    "a place without end": (
        lambda c: c["figure"].update(a=[1, float("-inf")]),
        "figure.a[1]: expected a finite number, found -Infinity",
    ),
    "no conventions": (lambda c: c.pop("conventions"), "proof: 'conventions' is missing"),
    "other conventions": (
        lambda c: c.update(conventions=["diff h a"]),
        "conventions: not the conventions of this problem: diff h a (they are: none)",
    ),
    "conventions that are no list": (lambda c: c.update(conventions={}), "conventions: expected a list, found {}"),
    "a verdict that is none": (lambda c: c.update(verdict=True), "verdict: expected an object, found true"),
    "a verdict without its parts": (lambda c: c.update(verdict={"assumed": []}), "verdict: 'configuration' is missing"),
    "a verdict with another part": (
        lambda c: c.update(verdict={"accepted": True}),
        "verdict: unknown key 'accepted'",
    ),
    "a note that is a list": (
        lambda c: c.update(verdict={"assumed": [], "configuration": [], "notes": [[]]}),
        "verdict.notes[0]: expected a text, found []",
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
