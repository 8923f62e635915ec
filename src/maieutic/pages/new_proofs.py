"""Theorems that a policy proved for the first time, as they are shown on a run's page: statement, point, figure, proof.

The records hold the question and the answer, a text each. The proof is made anew, and checked again, by the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from markupsafe import Markup

from maieutic.core.errors import DiagramError, ProofError
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.own import own_figure
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.text import text
from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem
from maieutic.geometry.text.encoding import AUXILIARY, Invalid
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Proof
from maieutic.pages.proof_page import html
from maieutic.pages.run_facts import RunFacts

A_ROUND = 3
"""New proofs of a round that are shown."""


@dataclass(frozen=True)
class NewProof:
    """One theorem: its statement and the added point in words, its figure, and the proof as plain text.

    `proved` says for which figures, if not for all.
    """

    round: int
    proved: Markup
    given: tuple[Markup, ...]
    goal: Markup
    added: tuple[Markup, ...]
    drawing: Markup
    steps: int
    proof: str


def new_proofs(run: RunFacts) -> list[NewProof]:
    """A few of each round's."""
    return [shown for r in run.rounds for shown in islice(_of_round(r.number, r.proofs), A_ROUND)]


def _of_round(number: int, proofs: Sequence[tuple[str, str]]) -> Iterator[NewProof]:
    for place, (question, answer) in enumerate(proofs):
        found = proof_of(question, answer)
        if found is not None:
            yield _shown(number, f"r{number}-{place}-", *found)


def proof_of(question: str, answer: str) -> tuple[Proof, Accepted] | None:
    """The proof of a theorem with a point, and what the kernel says of it; None where the texts give none.

    Args:
        question, answer: as `geometry.encoding` writes a problem and the clauses of auxiliary points.
    """
    decoded = decode_problem(question.rstrip().removesuffix(AUXILIARY))
    if isinstance(decoded, Invalid):
        return None
    problem = decoded[0]
    clauses = decode_auxiliary(answer, problem)
    if isinstance(clauses, Invalid):
        return None
    result = prove(replace(problem, clauses=(*problem.clauses, *clauses)))
    if result.status is not Status.PROVED or result.proof is None:
        return None
    proof = replace(result.proof, auxiliary=tuple(clauses))
    verdict = check(proof)
    return (proof, verdict) if isinstance(verdict, Accepted) else None


def _shown(number: int, prefix: str, proof: Proof, verdict: Accepted) -> NewProof:
    told = narrate(proof, verdict)
    try:
        diagram = own_figure(proof)
        drawing = svg(figure(proof.problem, diagram, auxiliary=proof.auxiliary), prefix=prefix, paper=False)
    except (DiagramError, ProofError):  # the theorem is told without it
        drawing = ""
    return NewProof(
        round=number,
        proved=html(told.proved),
        given=tuple(map(html, told.given)),
        goal=html(told.statement),
        added=tuple(map(html, told.auxiliary)),
        drawing=Markup(drawing),
        steps=len(told.steps),
        proof=text(replace(told, proved="")),
    )
