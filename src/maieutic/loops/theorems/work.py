"""What a run on theorems would do: points drawn, closures of figures, what is trained on; see rounds/planner.py.

A theorem is counted in words, each of which is a token; a point is as long as it may be. A closure takes about a
millisecond, and what it closes with the goal some fifty more, for the proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import comb
from statistics import fmean

from maieutic.align.methods import Method
from maieutic.align.selection.select import SELECTORS, TEACHER
from maieutic.geometry.synthesis.split import Side
from maieutic.loops.proposers.model import shown_in
from maieutic.loops.rounds.config import judge_kind
from maieutic.loops.rounds.participants import Participants
from maieutic.loops.rounds.planner import Work, memory
from maieutic.loops.theorems.config import TheoremsConfig
from maieutic.loops.theorems.read import theorems

PLACE = 6
"""Words of a place that a model is told of, about."""


@dataclass(frozen=True)
class TheoremsPlanner:
    """Counts the work of each round on theorems."""

    config: TheoremsConfig
    method: Method
    who: Participants

    def round(self, number: int) -> Iterator[Work]:
        """What one round asks; round 0 is the start, where a policy may learn to judge itself."""
        if number == 0 and self.method.start != "sft+eft":
            return
        settings = self.config.prover
        count = settings.judged if number == 0 and settings.judged else self.asked
        own = sum(n for writer, n in self.method.candidates.items() if writer not in (TEACHER, "data"))
        if settings.probe:
            yield self._drawn("curriculum", count * settings.reach * settings.probe)
        yield self._drawn("samples", count * own)
        if number and self.method.candidates.get(TEACHER):
            yield Work("teacher", "search: closures, at most", count * settings.tries, 0, 0)
        judged = count * sum(self.method.candidates.values())
        if number and judge_kind(self.config, self.method) == "self":
            yield Work("judgements", "the policy", judged, judged * (self.length + self.longest), judged)
        else:
            yield Work("judgements", "the kernel: closures, at most", judged, 0, 0)
        if number:
            yield self._trained(count)
            yield from self._examined(number)

    @cached_property
    def _known(self) -> list[int]:
        """The length of each theorem for training, in words, with what is told of its figure."""
        path = self.who.path(self.config.prompts.path)
        more = PLACE * shown_in(self.who.place(self.config.policy.path))
        return [len(str(theorem.prompt).split()) + more for theorem in theorems(path, Side.TRAINING)]

    def memory(self) -> Iterator[str]:
        """What the policy needs, in lines."""
        return memory(self.config, self.method, self.who.place(self.config.policy.path))

    @property
    def asked(self) -> int:
        """Theorems of a round."""
        wanted = self.config.prompts.per_round
        return len(self._known) // (self.config.rounds + 1) if wanted is None else wanted

    @property
    def length(self) -> int:
        """Words of a theorem, on average."""
        return round(fmean(self._known))

    @property
    def longest(self) -> int:
        """Words of a point, at most."""
        return self.config.sampling.max_tokens

    def _drawn(self, stage: str, points: int) -> Work:
        return Work(stage, "the policy", points, points * self.length, points * self.longest)

    def _trained(self, count: int) -> Work:
        n = sum(self.method.candidates.values())
        most = {"best_worst": 1, "positives": n}.get(self.method.selector, comb(n, 2))
        gives = SELECTORS[self.method.selector].gives
        tokens = count * most * (self.length + self.longest) * (2 if gives == "pairs" else 1)
        return Work("policy", f"learns from {gives}, at most", count * most, tokens, 0)

    def _examined(self, number: int) -> Iterator[Work]:
        if self.config.evaluation.path is None:
            return
        held_out = theorems(self.who.path(self.config.evaluation.path), Side.TEST)[: self.config.evaluation.count]
        policies = 1 + (number == 1) + (self.method.output == "mixture")
        closures = len(held_out) * policies * self.config.prover.closures
        yield Work("evaluation", "the kernel: closures, at most", closures, 0, 0)
