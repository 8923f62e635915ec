"""A proof as text: every step numbered, every number explained, and what was read off the figure said."""

import re

import pytest

from maieutic.core.errors import ProofError
from maieutic.geometry import library
from maieutic.geometry.attempt import attempt
from maieutic.geometry.problem import parse_fact, parse_problem
from maieutic.geometry.prose import display_names, proof_text, reads_of, say, title
from maieutic.geometry.records import Deduction, Fact, Proof


def proof_of(text: str) -> Proof:
    result = attempt(parse_problem(text))
    assert result.proof is not None, result.message
    return result.proof


def prose_of(text: str) -> str:
    return proof_text(proof_of(text))


def test_the_altitudes_meet_in_one_point():
    problem = "a b c = triangle; h = on_tline h b a c, on_tline h c a b ? perp a h b c"
    assert prose_of(problem).splitlines() == [
        "To prove: AH ⊥ BC.",
        "",
        "Given",
        "   1. HC ⊥ AB.",
        "   2. HB ⊥ AC.",
        "Proof",
        "   3. AH ⊥ BC, by adding squared lengths from 1 and 2.",
        "So AH ⊥ BC (3), as was to be proved.",
    ]


@pytest.mark.parametrize("name", library.names())
def test_every_step_stands_in_the_text_with_its_sources(name):
    result = attempt(library.problem(name))
    if result.proof is None:
        return
    text = proof_text(result.proof)
    numbered = re.findall(r"^ *(\d+)\. (.*)$", text, flags=re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, len(result.proof.deductions) + 1))
    for number, sentence in numbered:
        cited = re.search(r" from ([\d, and]+)[.;]", sentence)
        assert all(int(n) < int(number) for n in re.findall(r"\d+", cited[1] if cited else ""))
    assert text.rstrip().count("\n") >= len(result.proof.deductions) + 2
    for goal in result.problem.goals:
        assert f"{say(goal)} (" in text or "The answer: " in text


def test_what_a_step_reads_off_the_figure_is_said():
    proof = proof_of(library.entry("imo_2014_p4").text)
    text = proof_text(proof)
    reads = [fact for step in proof.deductions for fact in reads_of(step)]
    assert reads
    assert "in this figure" in text
    assert all(say(fact) in text.partition("This holds for figures in which: ")[2] for fact in reads)


def test_what_is_assumed_is_said():
    proof = proof_of(library.entry("imo_2014_p4").text)
    assumed = [guard for guard in proof.guards if guard not in {f for s in proof.deductions for f in reads_of(s)}]
    assert assumed
    assert all(say(guard) in proof_text(proof).partition("Assumed throughout: ")[2] for guard in assumed)


def test_a_compound_goal_names_all_its_steps():
    text = prose_of("a b c d = rectangle; m = on_line a c, on_line b d ? midp m a c")
    last = next(line for line in text.splitlines() if line.startswith("So "))
    assert re.fullmatch(r"So M is the midpoint of AC \(\d+ and \d+\), as was to be proved.", last)


def test_questions_are_answered():
    text = prose_of("a b c = ieq_triangle; m = midpoint a b ? acompute c m a b, rcompute a b a m, rcompute a b b c")
    assert text.startswith("To find: ∠(CM, AB) = ?; AB/AM = ?; AB/BC = ?\n")
    assert re.findall(r"The answer: (.*) \(", text) == ["∠(CM, AB) = 90°", "AB/AM = 2", "AB/BC = 1"]


def test_long_facts_name_all_their_points():
    points = ("a", "b", "c", "d", "e")
    assert say(Fact("coll", points)) == "A, B, C, D, E are collinear"
    assert say(Fact("cyclic", points)) == "A, B, C, D, E are concyclic"


def test_the_sign_of_a_directed_angle():
    # aconst a b c d v: from cd to ab it is v degrees, so from ab to cd, which is what the text shows, -v.
    assert say(parse_fact("aconst a b a c 30", "abc")) == "∠BAC = 150°"


def test_names_stay_different_in_capitals():
    assert display_names(("a", "A", "b", "a'")) == {"a": "A", "A": "A'", "b": "B", "a'": "A''"}
    assert "AB = A'B" in prose_of("a A = segment; b = on_bline a A ? cong a b A b").splitlines()[0]


def test_linear_steps_are_called_by_what_they_add():
    fact = Fact("cong", ("a", "b", "c", "d"))
    tables = ("direction", "log", "length", "square")
    assert [title(Deduction(fact, "linear", table=table)) for table in tables] == [
        "angle chase",
        "ratio chase",
        "adding lengths",
        "adding squared lengths",
    ]
    assert title(Deduction(fact, "isosceles")) == "base angles of an isosceles triangle"


def test_auxiliary_points_are_introduced():
    proof = proof_of("a b c = triangle; d = midpoint a b; e = midpoint a c ? para d e b c")
    clause = proof.problem.clauses[-1]
    assert "\nAdd E: midpoint e a c.\n" in proof_text(Proof(proof.problem, proof.deductions, auxiliary=(clause,)))


def test_a_proof_without_its_goal_is_none():
    proof = proof_of("a b c = iso_triangle ? eqangle b a b c c b c a")
    with pytest.raises(ProofError, match="no step concludes the goal"):
        proof_text(Proof(proof.problem, ()))
