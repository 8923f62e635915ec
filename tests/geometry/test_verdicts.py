"""What a verdict says in words: for which figures, what else must be known, what is assumed; and conventions."""

from dataclasses import replace

import pytest
from tests.geometry.verdicts import told, verdict

from maieutic.geometry.attempt import attempt
from maieutic.geometry.language.names import display_names
from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.output import accepted_proof, one_line, result_text
from maieutic.geometry.proofs.prover import Result
from maieutic.geometry.prose import framing
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.narrative_json import from_json, to_json
from maieutic.geometry.prose.notation import Signs
from maieutic.geometry.prose.text import markdown, proof_text, text
from maieutic.geometry.prose.verdicts import assumptions, choices, condition, proved, remarks
from maieutic.geometry.trusted.records import Deduction, Fact, Proof

PROBLEM = parse_problem("a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c", "altitudes")
SIGNS = Signs(display_names(PROBLEM.points))
NOTES = ("branches sampled", "hypotheses redundant, seen to 10^-100, not certified: cong a b a c")


@pytest.fixture(scope="module")
def result() -> Result:
    return attempt(PROBLEM)


def conditional(result: Result, name: str = "altitudes") -> Result:
    """The result, as if the proof held for some figures only."""
    some = verdict(PROBLEM, "ncoll a b h, diff a h", "overlap h a, between h b c", NOTES)
    return replace(result, verdict=some, problem=replace(result.problem, name=name))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("", ""),
        ("overlap h a", "for figures in which $H = A$"),
        ("overlap h a, between h b c", "for figures in which $H = A$ and $H$ lies between $B$ and $C$"),
        ("diff h a, diff h b, diff h c", "for figures in which $H ≠ A$, $H ≠ B$ and $H ≠ C$"),
        ("diff h a, noverlap a h", "for figures in which $H ≠ A$"),
        ("overlap a h, between a c b", "for figures in which $H = A$ and $A$ lies between $B$ and $C$"),
    ],
)
def test_conditions(facts, words):
    assert condition(verdict(PROBLEM, configuration=facts), {}, SIGNS) == words


def test_notes_stand_in_brackets_and_are_words():
    assert remarks(verdict(PROBLEM)) == ""
    assert remarks(verdict(PROBLEM, notes=NOTES)) == f"[{NOTES[0]}; {NOTES[1]}]"
    assert remarks(verdict(PROBLEM, notes=["a\n$b$\x1b"])) == "[a\\nb\\u001b]"
    assert proved(verdict(PROBLEM, "diff a h"), {}, SIGNS) == ""
    assert proved(verdict(PROBLEM, "", "diff h a", NOTES[:1]), {}, SIGNS) == (
        "Proved for figures in which $H ≠ A$ [branches sampled]."
    )
    assert proved(verdict(PROBLEM, notes=NOTES[:1]), {}, SIGNS) == "Proved [branches sampled]."


def test_what_is_assumed_of_every_figure_is_said_apart_from_conditions():
    some = verdict(PROBLEM, "ncoll b a h, diff a h, diff a b, perp a h b c", "overlap h c")
    assert assumptions(some, {}, SIGNS) == (
        "Assumed: no line passes through all three points of $(A, B, H)$.",
        "Also $H ≠ A$, $B ≠ A$ and $AH ⊥ BC$.",
    )
    assert assumptions(verdict(PROBLEM, "diff a h"), {}, SIGNS) == ("Assumed: $H ≠ A$.",)
    assert assumptions(verdict(PROBLEM), {}, SIGNS) == ()


def test_what_the_figure_chose_among_several_directions_is_said_to_be_so():
    steps = [
        Deduction(parse_fact("perp a h b c", "abch"), "linear", table="direction", multiple=2),
        Deduction(parse_fact("para a b b c", "abch"), "linear", table="direction", multiple=5),
        Deduction(parse_fact("cong a b b c", "abch"), "linear", table="length", multiple=2),
    ]
    chosen = choices(Proof(PROBLEM, tuple(steps)))
    assert list(chosen.values()) == [2, 5]
    some = verdict(PROBLEM, "diff a h, para a b b c", "perp a h b c, cong a b b c")
    assert condition(some, chosen, SIGNS) == ("for figures in which $AH ⊥ BC$ (of two possibilities) and $AB = BC$")
    assert assumptions(some, chosen, SIGNS) == ("Assumed: $H ≠ A$ and $AB ∥ BC$ (of 5 possibilities).",)


def test_the_first_line_says_for_which_figures(result):
    assert one_line(result).startswith("altitudes: proved in 1 step (")
    assert one_line(conditional(result)).startswith(
        "altitudes: proved for figures in which H = A and H lies between B and C, in 1 step "
        "[branches sampled; hypotheses redundant, seen to 10^-100, not certified: cong a b a c] ("
    )
    noted = replace(result, verdict=verdict(PROBLEM, notes=NOTES[:1]))
    assert one_line(noted).startswith("altitudes: proved in 1 step [branches sampled] (")


def test_a_text_says_it_once(result):
    shown = result_text(conditional(result))
    assert shown.count("for figures in which") == 1
    assert shown.count("branches sampled") == 1
    assert shown.endswith("Assumed: no line passes through all three points of (A, B, H).\nAlso H ≠ A.\n")
    alone = proof_text(*accepted_proof(conditional(result)))
    assert alone.startswith("Proved for figures in which H = A and H lies between B and C [branches sampled;")
    assert alone.count("for figures in which") == 1


def test_a_name_forges_no_line(result):
    line = one_line(conditional(result, "x\naltitudes: proved in 1 step\x1b[2J\u202e"))
    assert line.isprintable()
    assert line.startswith("x\\naltitudes: proved in 1 step\\u001b[2J\\u202e: proved for figures")
    assert len(one_line(conditional(result, "x" * 10_000))) < 500


def test_a_narrative_with_conditions_comes_back_equal(result):
    narrative = narrate(*accepted_proof(conditional(result)))
    assert from_json(to_json(narrative)) == narrative


def test_conventions_stand_with_what_is_given(monkeypatch):
    problem = parse_problem("a b c = triangle; d = midpoint a b; e = midpoint a c ? cong a d d b")
    agreed = (Fact("diff", ("d", "a")), Fact("diff", ("e", "c")))
    monkeypatch.setattr(framing, "conventions", lambda problem, auxiliary: agreed[: 2 - auxiliary])
    proof = attempt(problem).proof
    assert proof is not None
    assert told(proof).given[-1] == "By convention, $D ≠ A$ and $E ≠ C$."
    assert told(replace(proof, auxiliary=proof.problem.clauses[-1:])).given[-1] == "By convention, $D ≠ A$."


def test_a_direction_that_the_figure_chooses_is_told_to_strangers():
    """2·∠MOR = ∠MON = 2·∠OMN leaves two directions of OR: which it is, is said where it is said that it holds."""
    shown = text(told(attempt(parse_problem(
        "a b c = triangle; o = midpoint o b c; m = on_circle m o b, on_line m a b; n = on_circle n o b, on_line n a c; "
        "r = angle_bisector r b a c, angle_bisector r m o n ? perp o r m n"
    )).proof))  # fmt: skip
    assert "OR ⊥ MN (of the two possibilities that this leaves, 90° apart, the figure shows this one)" in shown


MARKDOWN = "<script>alert(1)</script> [x](javascript:alert(2)) `y` *z* | # \\ ~ & !_$"


def test_a_name_is_neither_markdown_nor_html(result):
    proof, some = accepted_proof(conditional(result))
    hostile = replace(proof, problem=replace(proof.problem, name=f"{MARKDOWN}\n# accepted\u2028"))
    first, second, third, *_ = markdown(narrate(hostile, some)).split("\n")
    assert first.startswith(
        r"# \<script\>alert(1)\</script\> \[x\](javascript:alert(2)) \`y\` \*z\* \| \# \\ \~ \& \!\_"
    )
    assert first.endswith("\\\\n\\# accepted\\\\u2028")
    assert second == ""
    assert third.startswith("Proved for figures in which H = A and H lies between B and C \\[branches sampled;")
