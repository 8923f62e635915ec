"""A policy that is to prove theorems: of the points that it proposes, the first that does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maieutic.core.generate import Generated, Reply, Request, Sampling
from maieutic.core.records import content_hash
from maieutic.geometry.text.proposals import read_proposals
from maieutic.loops.proposers.model import ModelProposer
from maieutic.loops.theorems.kernel_judge import Kernel, answer_of, closure_of


@dataclass(frozen=True)
class Solver:
    """A policy as a Generator: it answers with its first point that proves, or with its best one, where none does.

    Attributes:
        name: what records call it.
        made_of: what its answers depend on, beside the theorem and the closures.
        proposer: proposes the points, the most promising first.
        kernel: rules on them.
        closures: how many are tried.
    """

    name: str
    made_of: str
    proposer: ModelProposer
    kernel: Kernel
    closures: int

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """A reply to each theorem's question: one point, "stop" where it proves the theorem, "length" where none does.

        Nothing is drawn: temperature and seed do not matter. What it answered is kept.
        """
        asked = [str(request.prompt) for request in requests]
        keys = {question: content_hash(["solver", self.made_of, self.closures, question]) for question in asked}
        told = {question: self.kernel.cache.get(key) for question, key in keys.items()}
        new = [question for question, answer in told.items() if answer is None]
        self.proposer.write([(question, len(closure_of(question).names)) for question in new])  # all in one batch
        told |= {question: self._answer(question) for question in new}
        self.kernel.cache.put({keys[question]: told[question] or "" for question in new})
        for index, question in enumerate(asked):
            answer = told[question] or ""
            finish = "stop" if self.kernel.proves(question, answer) else "length"
            yield Reply(index, (Generated(answer, finish, len(answer.split())),))

    def _answer(self, question: str) -> str:
        base = closure_of(question)
        (written,) = self.proposer.write([(question, len(base.names))])
        proposed = read_proposals(written, base).candidates[: self.closures]
        answers = [answer_of(base.problem, candidate.clause()) for candidate in proposed]
        return next((a for a in answers if self.kernel.proves(question, a)), answers[0] if answers else "")
