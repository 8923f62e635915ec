"""The kernel as a judge: what an auxiliary point does for a theorem.

A prompt is a theorem's question (geometry/text/encoding.py), a completion the clause of one point. The point is put on
the theorem's figure and the figure closed again: about a millisecond, which most points end with. Where the goal is
then known, the longer problem is drawn anew and proved, and the kernel checks the proof, with the point as its
auxiliary construction, some thirty milliseconds more: its verdict is the one that counts. A point that proves nothing,
or cannot be read or drawn, is worth 0. One that does is worth 1, and a bonus below 1 that falls with the length of the
proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from maieutic.core.errors import DiagramError, InputError, ProofError
from maieutic.core.generate import Generated, Reply, Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Prompt, content_hash
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Closure, StopReason
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.search.budget import OPTIONS, figure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import extended
from maieutic.geometry.text.decoding import decode_problem
from maieutic.geometry.text.encoding import AUXILIARY, Invalid, encode_auxiliary, letter
from maieutic.geometry.text.grammar import END
from maieutic.geometry.text.prompting import spelt, without_figure
from maieutic.geometry.text.proposals import read_proposals
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Clause, Problem, Proof

HALF = 10
"""Deductions of a proof that earns half the bonus."""

NOTHING = "-"
"""What is kept of a point that proves nothing."""


@dataclass
class Kernel:
    """Rules on points. What it found is kept, so that each point of a theorem is tried once.

    Attributes:
        cache: where rulings are kept; several runs may share one.
        closures: points that were tried, not read from the cache.
    """

    cache: JudgementCache
    closures: int = 0
    _known: dict[str, str] = field(default_factory=dict)

    def score(self, prompt: Prompt, completion: str) -> float:
        """0 for a point that proves nothing; 1 + HALF / (HALF + n) for one that gives a proof of n deductions."""
        deductions = self.deductions(prompt, completion)
        return 0.0 if deductions is None else 1.0 + HALF / (HALF + deductions)

    def compare(self, prompt: Prompt, left: str, right: str) -> float:
        """The probability that the left point is better: certain where one proves the goal and the other does not.

        Of two proofs the shorter one is: by half the difference of their scores, above or below 1/2.
        """
        difference = self.score(prompt, left) - self.score(prompt, right)
        return min(max((1 + difference) / 2, 0.0), 1.0)

    def proves(self, prompt: Prompt, completion: str) -> float:
        """1 for a point that proves the goal, else 0."""
        return float(self.deductions(prompt, completion) is not None)

    def deductions(self, prompt: Prompt, completion: str) -> int | None:
        """Deductions of the proof with a point; None where there is none that the kernel accepts.

        Raises InputError for a prompt that is no theorem's question.
        """
        key = content_hash(["kernel", HALF, str(prompt), " ".join(completion.split())])
        kept = self._known.get(key) or self.cache.get(key)
        if kept is None:
            self.closures += 1
            found = _deductions(str(prompt), completion)
            kept = NOTHING if found is None else str(found)
            self.cache.put({key: kept})
        self._known[key] = kept
        return None if kept == NOTHING else int(kept)


def problem_of(question: str) -> Problem:
    """The theorem that a question asks about. Raises InputError where it is none."""
    decoded = decode_problem(without_figure(question.rstrip()).removesuffix(AUXILIARY))
    if isinstance(decoded, Invalid) or decoded[1] or not decoded[0].goals:
        raise InputError(f"not a theorem's question: {question!r:.80}", hint="see question_of")
    return decoded[0]


def closure_of(question: str) -> Closure:
    """The figure of a question, closed. Raises InputError where it cannot be drawn."""
    return _closure(without_figure(question.rstrip()))


@lru_cache(maxsize=128)
def _closure(question: str) -> Closure:
    try:
        return figure(problem_of(question))
    except DiagramError as error:
        raise InputError(f"no figure: {error}", where=question[:80]) from error


def closes(question: str, answer: str) -> Candidate | None:
    """The point of an answer, if the theorem's figure closes with the goal when it is added; no proof is made."""
    base = closure_of(question)
    answer = spelt(question, answer, letter(len(base.names)))
    for candidate in read_proposals([(answer, 0.0)], base).candidates:
        if extended(base, (candidate,)).reason is StopReason.PROVED:
            return candidate
    return None


def _deductions(question: str, answer: str) -> int | None:
    candidate = closes(question, answer)
    proof = None if candidate is None else _proof(problem_of(question), candidate)
    if proof is None or not isinstance(check(proof), Accepted):
        return None
    return sum(step.rule != "hypothesis" for step in proof.deductions)


def _proof(problem: Problem, candidate: Candidate) -> Proof | None:
    """The proof of a problem with one auxiliary point, on a figure of its own; None where that does not give one."""
    clause = candidate.clause(letter(len(problem.points)))
    longer = replace(problem, clauses=(*problem.clauses, clause))
    try:
        closure = close(longer, draw(longer), OPTIONS)
        return (
            None
            if closure.reason is not StopReason.PROVED
            else replace(extract(closure, longer.goals), auxiliary=(clause,))
        )
    except (DiagramError, ProofError):
        return None


@dataclass(frozen=True)
class Search:
    """The teacher: for each theorem the first point of a search by rules of thumb that proves it, if one of `tries` is.

    A Generator, so that it stands where a model would.
    """

    tries: int
    cache: JudgementCache

    @property
    def name(self) -> str:
        """What records call it."""
        return f"search@{self.tries}"

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """A reply to each request: one completion, or none where the search ends without a point."""
        for index, request in enumerate(requests):
            key = content_hash([self.name, str(request.prompt)])
            kept = self.cache.get(key)
            if kept is None:
                kept = self._first(str(request.prompt))
                self.cache.put({key: kept})
            yield Reply(index, (Generated(kept, "stop", len(kept.split())),) if kept else ())

    def _first(self, question: str) -> str:
        base = closure_of(question)
        for candidate in heuristic(base.problem, base, self.tries):
            if extended(base, (candidate,)).reason is StopReason.PROVED:
                return answer_of(base.problem, candidate.clause())
        return ""


def answer_of(problem: Problem, clause: Clause) -> str:
    """A point as a model answers with it, a space before it as behind any prompt."""
    return f" {encode_auxiliary(problem, (clause,))} {END}"
