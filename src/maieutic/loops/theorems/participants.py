"""Who takes part in a run on theorems: the kernel judges, a search teaches, and policies write under a grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maieutic.align.judges.kinds import JUDGES, PROOF
from maieutic.align.judges.questions import Judge
from maieutic.core.generate import Allowed, Generator, Request
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Prompt
from maieutic.loops.proposers.model import ModelProposer, one_point, shown_in
from maieutic.loops.rounds.config import ImproveConfig, JudgeConfig, ProverConfig, method_of
from maieutic.loops.rounds.participants import Cast
from maieutic.loops.rounds.stages import Scene
from maieutic.loops.theorems.kernel_judge import Kernel, Search, problem_of
from maieutic.loops.theorems.self_verdicts import own_judge
from maieutic.loops.theorems.solver import Solver


class ProverCast(Cast):
    """The objects of a run on theorems."""

    def __init__(self, config: ImproveConfig, base: Path, cache: JudgementCache) -> None:
        super().__init__(config, base, cache)
        assert config.prover is not None, "a run on theorems"
        self.chat = False  # a theorem is a text to go on from
        self.prover: ProverConfig = config.prover
        self.kernel = Kernel(cache)
        self._grammars: dict[int, Allowed] = {}  # by the number of points of the theorem
        self.compares = method_of(config).opponents is not None
        self.shown = shown_in(self.place(config.policy.path))

    def request(self, prompt: Prompt, n: int, seed: int) -> Request:
        """Points wanted for a theorem: whatever is drawn is one clause of one point, and ends."""
        points = len(problem_of(str(prompt)).points)
        if points not in self._grammars:
            tokenizer = self.policy(self.place(self.config.policy.path)).tokenizer
            self._grammars[points] = one_point(tokenizer, points, self.shown)
        return Request(prompt, n, seed, allowed=self._grammars[points])

    def teacher(self) -> Generator:
        """A search by rules of thumb: its first point that proves the theorem."""
        return Search(self.prover.tries, self.cache)

    def examinee(self, place: str | Path) -> Generator:
        """The policy of a folder with so many closures a theorem."""
        name, beam = self.writer(place).name, self.prover.beam
        made_of = f"{name.rpartition('@')[2]} beam {beam}"
        return Solver(name, made_of, ModelProposer(self.policy(place), width=beam), self.kernel, self.prover.closures)

    def judge(self, kind: str, config: JudgeConfig, policy: Callable[[], Generator] | None = None) -> Judge:
        """The kernel, by scores or (where win rates are wanted) by comparisons; or the policy by its own verdicts."""
        if kind == PROOF:
            function = self.kernel.compare if self.compares else self.kernel.score
            return JUDGES[PROOF].make(function=function, model="kernel")
        if kind == "self" and policy is not None:
            return own_judge(policy())
        return super().judge(kind, config, policy)


@dataclass(frozen=True)
class ProverScene(Scene):
    """What every stage of a round on theorems is handed."""

    cast: ProverCast
