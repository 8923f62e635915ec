"""Narratives: few steps, each with few sources, and a second reader who finds in them a proof of what was proved."""

from dataclasses import replace
from statistics import median

import pytest
from tests.geometry.verdicts import told

from maieutic.core.errors import InputError, ProofError
from maieutic.geometry.attempt import attempt
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import load_problems, parse_problem
from maieutic.geometry.prose.latex import latex
from maieutic.geometry.prose.narrative_json import from_json, narrative_to_proof, to_json
from maieutic.geometry.prose.narrative_records import Narrative
from maieutic.geometry.prose.sums import MOST_CITES, MOST_LINKS
from maieutic.geometry.prose.text import markdown, text
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Problem, Proof, Refused

MEDIAN, LONGEST = 25, 60
"""What the steps of the 30 olympiad problems come to at most."""


def narrative_of(problem: Problem) -> Narrative | None:
    proof = attempt(problem).proof
    return told(proof) if proof else None


def confirm(narrative: Narrative) -> None:
    """Through JSON and back, the steps alone make a proof of the same goals that the kernel accepts."""
    again = from_json(to_json(narrative))
    assert again == narrative
    proof = narrative_to_proof(again)
    assert proof.problem.goals == narrative.problem.goals
    assert isinstance(check(proof), Accepted)


def look_over(narrative: Narrative) -> None:
    """Numbered in order, no chain too long, each step citing at most six earlier ones, every citation in its text."""
    for number, step in enumerate(narrative.steps, 1):
        assert step.number == number
        assert len(step.cites) <= MOST_CITES
        sines = any("sin " in line.expression for line in step.chain)
        assert len(step.chain) - 1 <= MOST_LINKS or sines  # of what stands between sines there are no steps
        assert all(cited < number for cited in step.cites)
        said = " ".join((step.reason, *(line.reason for line in step.chain)))
        assert all(f"{cited}" in said for cited in step.cites)


@pytest.mark.parametrize("name", library.names())
def test_the_kernel_reads_the_prose_of_the_library(name):
    narrative = narrative_of(library.problem(name))
    if narrative is not None:
        look_over(narrative)
        confirm(narrative)


@pytest.mark.parametrize("file", ["imo_ag_30", "jgex_ag_154", "alphageometry2_26"])
def test_published_problems(data_dir, file):
    lengths = []
    for problem in load_problems(data_dir / "geometry" / f"{file}.txt"):
        result = attempt(problem)
        if result.proof is None:
            continue
        narrative = told(result.proof)
        look_over(narrative)
        confirm(narrative)
        assert text(narrative)
        assert markdown(narrative)
        assert latex(narrative, draw(problem, result.proof.seed)).count("\\item") == len(narrative.steps)
        lengths.append(len(narrative.steps))
    if file == "imo_ag_30":
        assert median(lengths) <= MEDIAN
        assert max(lengths) <= LONGEST


@pytest.fixture(scope="module")
def altitudes() -> Proof:
    proof = attempt(library.problem("imo_2004_p1")).proof
    assert proof is not None
    return proof


def test_a_step_that_hides_a_source_is_refused(altitudes):
    narrative = told(altitudes)
    last = replace(narrative.steps[-1], cites=narrative.steps[-1].cites[1:])
    with pytest.raises(ProofError, match="uses what it does not cite"):
        narrative_to_proof(replace(narrative, steps=(*narrative.steps[:-1], last)))


def test_a_step_that_claims_more_than_it_shows_is_refused(altitudes):
    narrative = told(altitudes)
    last = narrative.steps[-1]
    more = replace(last, claims=(*last.claims, narrative.steps[0].claims[0]))
    with pytest.raises(ProofError, match="claims what it does not show"):
        narrative_to_proof(replace(narrative, steps=(*narrative.steps[:-1], more)))


def test_without_its_last_step_a_narrative_proves_nothing(altitudes):
    narrative = told(altitudes)
    assert isinstance(check(narrative_to_proof(replace(narrative, steps=narrative.steps[:-1]))), Refused)


def test_what_is_given_is_one_step_where_it_is_the_goal():
    narrative = narrative_of(parse_problem("a b c d = rectangle ? cong a c b d"))
    assert narrative is not None
    assert [step.reason for step in narrative.steps] == ["as is given"]
    confirm(narrative)


def test_what_only_renames_is_no_step():
    narrative = narrative_of(parse_problem("a b c = triangle; o = circle a b c; d = on_circle o a ? cyclic a b c d"))
    assert narrative is not None
    assert len(narrative.steps) == 1


def test_auxiliary_points_are_constructed_in_words():
    proof = attempt(parse_problem("a b c = triangle; d = midpoint a b; e = midpoint a c ? cong a d d b")).proof
    assert proof is not None
    narrative = told(replace(proof, auxiliary=proof.problem.clauses[-1:]))
    assert narrative.auxiliary == ("$E$ is the midpoint of $AC$.",)
    assert not any("$E$ is" in sentence for sentence in narrative.given)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "other"}', '{"format": "maieutic narrative 1"}'])
def test_what_is_no_narrative_is_an_error(content):
    with pytest.raises(InputError):
        from_json(content)
