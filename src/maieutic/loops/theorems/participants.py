"""Who takes part in a run on theorems: the kernel judges, a search teaches, and policies write under a grammar."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.questions import Judge
from maieutic.core.generate import Allowed, Generator, Request
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Prompt
from maieutic.loops.proposers.model import ModelProposer, one_point, shown_in
from maieutic.loops.rounds.config import method_of
from maieutic.loops.rounds.policies import Policies
from maieutic.loops.theorems.config import TheoremsConfig
from maieutic.loops.theorems.kernel_judge import Kernel, Search, problem_of
from maieutic.loops.theorems.solver import Solver


class TheoremPolicies(Policies):
    """The policies of a run on theorems, the kernel and the search.

    Attributes:
        kernel: rules on points.
    """

    config: TheoremsConfig
    distinct = True

    def __init__(self, config: TheoremsConfig, base: Path, cache: JudgementCache) -> None:
        super().__init__(config, base, cache)  # not in chat: a theorem is a text to go on from
        self.kernel = Kernel(cache)
        self._grammars: dict[int, Allowed] = {}  # by the number of points of the theorem

    @cached_property
    def shown(self) -> int:
        """How many places of a theorem's figure the policy is told."""
        return shown_in(self.place(self.config.policy.path))

    def request(self, prompt: Prompt, n: int, seed: int) -> Request:
        """Points wanted for a theorem: whatever is drawn is one clause of one point, and ends."""
        points = len(problem_of(str(prompt)).points)
        if points not in self._grammars:
            tokenizer = self.policy(self.place(self.config.policy.path)).tokenizer
            self._grammars[points] = one_point(tokenizer, points, self.shown)
        return Request(prompt, n, seed, allowed=self._grammars[points])

    def teacher(self) -> Generator:
        """A search by rules of thumb: its first point that proves the theorem."""
        return Search(self.config.prover.tries, self.cache)

    def examinee(self, place: str | Path) -> Generator:
        """The policy of a folder with so many closures a theorem."""
        name, beam, closures = self.writer(place).name, self.config.prover.beam, self.config.prover.closures
        made_of = f"{name.rpartition('@')[2]} beam {beam}"
        return Solver(name, made_of, ModelProposer(self.policy(place), width=beam), self.kernel, closures)

    def proofs(self) -> Judge:
        """The kernel, by scores or (where win rates are wanted) by comparisons."""
        compares = method_of(self.config).opponents is not None
        function = self.kernel.compare if compares else self.kernel.score
        return JUDGES["proof"].make(function=function, model="kernel")
