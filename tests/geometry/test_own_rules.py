"""Theorems of one's own: from a file that is named, for the engine and the kernel alike, and the verdict names them."""

import json

import pytest
from tests.commands import Outcome

import maieutic as m
from maieutic.core.errors import InputError
from maieutic.geometry.engine.own_rules import own_rule, read_rules
from maieutic.geometry.proofs.proof_json import from_json
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Refused
from maieutic.geometry.trusted.rules import RULES

KITE = {
    "points": "o p a b",
    "shapes": "kite",
    "premises": "cong o a o b, cong p a p b",
    "conclusions": "perp o p a b",
    "guards": "diff o p",
    "title": "the kite",
}
PROBLEM = "a b c = triangle a b c; d = on_bline d b c; e = on_bline e b c ? perp d e b c"


@pytest.fixture
def file(tmp_path):
    lines = [f"{key} = {json.dumps(text)}" for key, text in KITE.items()]
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(["[kite_lemma]", *lines]) + "\n")
    return path


def test_a_proof_by_a_rule_of_ones_own_says_so_everywhere(file):
    """With this theorem alone: the kite is what is to be shown."""
    mine = read_rules(file)
    attempt = m.prove(PROBLEM, rules=mine)
    assert [step.rule for step in attempt.proof.deductions if step.rule != "hypothesis"] == ["kite_lemma"]
    assert attempt.verdict.rules == (mine["kite_lemma"],)
    told = "by rules that are not ours: kite_lemma"
    assert told in attempt.text().splitlines()[0]
    assert told in json.loads(attempt.json())["verdict"]["notes"]
    assert "by the kite" in attempt.text()
    for form in (attempt.html(), attempt.latex(), attempt.markdown().replace("\\", "")):
        assert "not ours" in form


def test_the_kernel_takes_no_rule_from_a_proof(file):
    proof = from_json(m.prove(PROBLEM, rules=read_rules(file)).json())
    refused = check(proof)
    assert isinstance(refused, Refused)
    assert "no rule 'kite_lemma'" in refused.reason
    accepted = check(proof, rules=RULES | read_rules(file))
    assert isinstance(accepted, Accepted)
    assert [str(fact) for fact in accepted.guards] == ["diff e d"]


def test_a_rule_that_takes_the_name_of_one_of_ours_is_named_in_the_verdict():
    proof = m.prove("a b c = triangle a b c; o = circle o a b c ? eqangle a b a o b o a b").proof
    used = next(step.rule for step in proof.deductions if step.rule in RULES)
    other = {**RULES, used: own_rule("another", KITE)}
    assert isinstance(check(proof, rules=other), Refused)
    renamed = m.Rule(*(getattr(RULES[used], name) for name in m.Rule.__slots__[:-1]), apart=(("a", "b"),) * 2)
    assert check(proof, rules={**RULES, used: renamed}).rules == (renamed,)


def test_our_rules_are_found_without_those_of_others():
    assert m.prove(PROBLEM).verdict.rules == ()


def test_on_the_command_line(file, tmp_path):
    proof = tmp_path / "proof.json"
    written = Outcome("prove", PROBLEM, "--rules", file, "--format", "json", "--out", proof)
    assert written.code == 0
    if "kite_lemma" in proof.read_text():
        assert Outcome("check", proof).code == 1
    told = Outcome("check", proof, "--rules", file)
    assert told.code == 0


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"premises": "cong o a o"}, "malformed: 'cong o a o'"),
        ({"premises": "cong o a o q"}, "about points that are not the rule's"),
        ({"premises": "congg o a o b"}, "did you mean 'cong'?"),
        ({"premises": ""}, "premises is missing"),
        ({"premises": "diff o p"}, "'diff o p' is not a statement with equations"),
        ({"guards": "cong o a o b"}, "is not a condition"),
        ({"shapes": "kites"}, "did you mean 'kite'?"),
        ({"shapes": "midpoint"}, "midpoint has 3 points, and the rule 4"),
        ({"points": "o p a a"}, "different letters"),
        ({"ways": "opa"}, "no order of the points"),
        ({"shape": "kite"}, "did you mean 'shapes'?"),
        ({"title": 3}, "title is a text"),
        ({"conclusions": "rconst o a o b 1/0"}, "no rule"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_name(changes, wrong):
    with pytest.raises(InputError) as error:
        own_rule("kite_lemma", {**KITE, **changes}, "mine.toml: kite_lemma")
    assert wrong in str(error.value)
    assert "kite_lemma" in str(error.value)


@pytest.mark.parametrize("name", ["linear", "hypothesis", "midpoint", "a rule", ""])
def test_a_name_that_is_taken_or_none(name):
    with pytest.raises(InputError, match="no name for a rule"):
        own_rule(name, KITE)
