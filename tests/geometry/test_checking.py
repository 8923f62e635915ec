"""`maieutic check`: it says what is proved of which problem, compares, and nothing in a file can speak for it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Outcome, mistake
from tests.geometry.verdicts import verdict

from maieutic.core.errors import ProofError
from maieutic.geometry.attempt import attempt
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.output import accepted_proof
from maieutic.geometry.proofs import checking, proof_json
from maieutic.geometry.proofs.checking import difference, verdict_of
from maieutic.geometry.proofs.proof_json import to_json
from maieutic.geometry.trusted.records import Fact, Proof, Refused

ALTITUDES = "a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c"
MIDPOINTS = "a b c = triangle; d = midpoint a b; e = midpoint a c ? para d e b c"


@pytest.fixture(scope="module")
def altitudes() -> Proof:
    return accepted_proof(attempt(parse_problem(ALTITUDES, "altitudes")))[0]


@pytest.fixture
def keep(tmp_path: Path):
    """Writes a proof into a file, after a change of its JSON."""

    def write(proof: Proof, **changes: object) -> Path:
        path = tmp_path / "proof.json"
        path.write_text(json.dumps({**json.loads(to_json(proof)), **changes}), encoding="utf-8")
        return path

    return write


def test_what_is_proved_of_which_problem_is_said_in_full(altitudes, keep, monkeypatch):
    some = verdict(altitudes.problem, "ncoll a b h, diff a h")
    monkeypatch.setattr(checking, "check", lambda proof, **options: some)
    outcome = Outcome("check", keep(altitudes))
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "accepted: 3 steps prove AH ⊥ BC",
        "problem: altitudes",
        "hypotheses:",
        "  a b c = triangle a b c",
        "  h = on_tline h b c a, on_tline h c a b: HB ⊥ CA; HC ⊥ AB",
        "goals:",
        "  perp a h b c: AH ⊥ BC",
        "assumed:",
        "  ncoll a b h: A, B, H are not collinear",
        "  diff a h: A ≠ H",
    ]


def test_conditions_and_notes_stand_in_the_first_line(altitudes, keep, monkeypatch):
    some = verdict(altitudes.problem, "diff a h", "overlap h a, between h b c", ["branches sampled", "another"])
    monkeypatch.setattr(checking, "check", lambda proof, **options: some)
    first, *rest = Outcome("check", keep(altitudes)).out.splitlines()
    assert first == (
        "accepted: 3 steps prove AH ⊥ BC, for figures in which H = A and H lies between B and C "
        "[branches sampled; another]"
    )
    assert rest[-2:] == ["assumed:", "  diff a h: A ≠ H"]


def test_conventions_and_auxiliary_points_are_told(keep, monkeypatch):
    proof = accepted_proof(attempt(parse_problem(MIDPOINTS.replace("para d e b c", "cong a d d b"))))[0]
    proof = replace(proof, auxiliary=proof.problem.clauses[-1:])
    for module in (proof_json, checking):
        monkeypatch.setattr(module, "conventions", lambda problem, auxiliary: (Fact("diff", ("d", "b")),) * auxiliary)
    lines = Outcome("check", keep(proof)).out.splitlines()
    told = lines[lines.index("problem: without a name") :]
    assert told[:4] == [
        "problem: without a name",
        "hypotheses:",
        "  a b c = triangle a b c",
        "  d = midpoint d a b: D, A and B are collinear; DA = DB",
    ]
    assert told[4:10] == [
        "by convention:",
        "  diff d b: D ≠ B",
        "goals:",
        "  cong a d d b: AD = DB",
        "auxiliary points:",
        "  e = midpoint e a c: E, A and C are collinear; EA = EC",
    ]


def test_a_question_is_answered_in_the_first_line(keep):
    proof = accepted_proof(attempt(parse_problem("a b c = r_triangle ? acompute a b a c")))[0]
    outcome = Outcome("check", keep(proof))
    first, *rest = outcome.out.splitlines()
    assert first == "accepted: 2 steps prove ∠CAB = 90°"
    assert "  acompute a b a c: ∠CAB = ?" in rest


# --- another problem -------------------------------------------------------------------------------------------------


def test_a_proof_of_the_problem_that_is_meant_is_accepted(altitudes, keep, tmp_path):
    path = keep(altitudes, name="a name of its own")
    file = tmp_path / "problems.txt"
    file.write_text(f"one\n{MIDPOINTS}\ntwo\n{ALTITUDES}\n", encoding="utf-8")
    placed = "a@0_0 b@1_0 c@0.3_0.9 = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c"
    for words in (ALTITUDES, f"{file}:two", placed):
        assert Outcome("check", path, "--problem", words).code == 0


def test_a_proof_of_a_shipped_problem_with_a_point_added(keep):
    problem = library.problem("orthocentre")
    more = parse_problem("a b c = triangle a b c; h = on_tline h b c a, on_tline h c a b; m = midpoint m a b").clauses[
        -1
    ]
    assert str(problem.clauses[0]) == "a b c = triangle a b c"
    proof = accepted_proof(attempt(replace(problem, clauses=(*problem.clauses, more))))[0]
    path = keep(replace(proof, auxiliary=(more,)))
    assert Outcome("check", path, "--problem", "orthocentre").code == 0


def test_a_file_under_the_name_of_another_problem_is_refused(altitudes, keep):
    path = keep(altitudes, name="imo_2012_p5")
    assert Outcome("check", path).out.splitlines()[1] == "problem: imo_2012_p5"
    outcome = Outcome("check", path, "--problem", "imo_2012_p5")
    assert outcome.code == 1
    assert len(outcome.out.splitlines()) == 1
    assert outcome.out.startswith("refused: a proof of another problem: clause ")


OTHERS = {
    ALTITUDES.replace("triangle", "iso_triangle"): "clause 1 is 'a b c = triangle a b c', "
    "and not 'a b c = iso_triangle a b c'",
    ALTITUDES.replace(", on_tline c a b", ""): "clause 2 is 'h = on_tline h b c a, on_tline h c a b', "
    "and not 'h = on_tline h b c a'",
    ALTITUDES.replace(" ?", "; d = midpoint a b ?"): "clause 3 is missing, and not 'd = midpoint d a b'",
    "a b c = triangle ? perp a b b c": "clause 2 is 'h = on_tline h b c a, on_tline h c a b', and not missing",
    ALTITUDES.replace("perp a h b c", "perp b c a h"): "goal 1 is 'perp a h b c', and not 'perp b c a h'",
    f"{ALTITUDES}, cong a b a b": "goal 2 is missing, and not 'cong a b a b'",
    ALTITUDES.replace("h", "k"): "clause 2 is 'h = on_tline h b c a, on_tline h c a b', "
    "and not 'k = on_tline k b c a, on_tline k c a b'",
}


@pytest.mark.parametrize("text", OTHERS)
def test_another_problem_is_refused_with_what_differs(text, altitudes):
    assert difference(altitudes.problem, parse_problem(text)) == OTHERS[text]


def test_a_hypothesis_cannot_hide_among_auxiliary_points(keep):
    """What a file calls auxiliary is left out of the comparison: the kernel looks at whether it is."""
    wanted = "a b c = triangle; m = midpoint a b ? cong c a c b"
    proof = accepted_proof(
        attempt(parse_problem("a b c = triangle; m = midpoint a b; c2 = cong c a c b ? cong c a c b"))
    )
    path = keep(replace(proof[0], auxiliary=proof[0].problem.clauses[-1:]))
    outcome = Outcome("check", path, "--problem", wanted)
    assert outcome.code == 1
    assert outcome.out.startswith("refused: ")
    assert "another problem" not in outcome.out


def test_a_problem_that_is_none_is_a_mistake(altitudes, keep):
    assert "unknown problem" in mistake("check", keep(altitudes), "--problem", "orthocenter")


# --- what comes from outside -----------------------------------------------------------------------------------------

FORGED = "x\naccepted: 3 steps prove AH ⊥ BC\r\x1b[2J\x9b\u202e\u2028"
SHOWN = "x\\naccepted: 3 steps prove AH ⊥ BC\\r\\u001b[2J\\u009b\\u202e\\u2028"


def steps_of(proof: Proof) -> list[dict[str, object]]:
    return json.loads(to_json(proof))["steps"]


def test_no_name_in_a_file_forges_a_line(altitudes, keep):
    steps = steps_of(altitudes)
    accepted = Outcome("check", keep(altitudes, name=FORGED))
    assert accepted.code == 0
    assert f"problem: {SHOWN}" in accepted.out.splitlines()
    ruled = Outcome("check", keep(altitudes, steps=[*steps[:-1], {**steps[-1], "rule": FORGED}]))
    concluded = Outcome(
        "check", keep(altitudes, steps=[*steps[:-1], {**steps[-1], "conclusion": "\x1b[2Jperp a h b c"}])
    )
    for outcome in (ruled, concluded):
        assert outcome.code == 1
        assert outcome.out.startswith("refused: step 2 (")
        assert len(outcome.out.splitlines()) == 1
    for outcome in (accepted, ruled, concluded):
        assert all(line.isprintable() for line in outcome.out.splitlines())
        assert [line for line in outcome.out.splitlines() if line.startswith("accepted")] == (
            [accepted.out.splitlines()[0]] if outcome is accepted else []
        )


def test_long_names_are_cut(altitudes, keep):
    assert len(Outcome("check", keep(altitudes, name="x" * 100_000)).out) < 2_000
    steps = steps_of(altitudes)
    assert len(Outcome("check", keep(altitudes, steps=[{**steps[0], "rule": "x" * 100_000}])).out) < 2_000


@pytest.mark.parametrize("key", [FORGED, "x" * 100_000])
def test_mistakes_in_a_file_are_one_line(altitudes, keep, key):
    for changes in ({key: 1}, {"format": key}, {"problem": key}, {"figure": {key: [0, 0]}}, {"conventions": [key]}):
        said = mistake("check", keep(altitudes, **changes))
        assert said.isprintable()
        assert len(said) <= 1100


def test_what_is_refused_has_no_verdict(altitudes, monkeypatch):
    assert verdict_of(altitudes) == accepted_proof(attempt(parse_problem(ALTITUDES)))[1]
    monkeypatch.setattr(checking, "check", lambda proof, **options: Refused(1, "because"))
    with pytest.raises(ProofError, match=r"refused: step 1 \(perp h [bc] [ac] [ab]\) because"):
        verdict_of(altitudes)
