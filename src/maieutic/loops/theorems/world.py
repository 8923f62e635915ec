"""The world of theorems: a policy proposes auxiliary points, and a proof decides.

    Socrates has drawn a square, and asks for one of twice its area. The boy is stuck until a line is drawn that the
    question does not mention. Here the policy draws the line, and nobody tells it which.

    a round   theorems that the present policy sometimes proves   (curriculum.py)
              -> points that it proposes for each, and one that a search found
              -> what each of them proves, as the kernel rules    (kernel_judge.py), or as the policy itself foretells
                                                                  (self_verdicts.py)
              -> proved against not proved, shorter proofs against longer ones
              -> the next policy
              -> held-out theorems that it proves in so many closures   (examination.py)

An auxiliary point that led to a proof and one that did not are a preference pair: so these are the rounds of
improve.py, by the same rows of the same table, the same store, selectors, losses and trainer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from maieutic.align.judges.questions import Judge, Question
from maieutic.align.methods import Method
from maieutic.core.records import Example
from maieutic.core.store import Stage
from maieutic.loops.rounds import learning, stages
from maieutic.loops.rounds.config import judge_kind
from maieutic.loops.rounds.world import Round
from maieutic.loops.theorems import curriculum, examination, self_verdicts
from maieutic.loops.theorems.check import check
from maieutic.loops.theorems.participants import TheoremPolicies
from maieutic.loops.theorems.work import TheoremsPlanner


class Theorems(TheoremPolicies):
    """Theorems as prompts, auxiliary points as answers."""

    def check(self, method: Method) -> Mapping[str, str]:
        """A mark of each file that the configuration names, by its key; see `World`."""
        return dict(check(self.config, method, self))

    def plan(self, method: Method) -> TheoremsPlanner:
        """Counts the work of each round."""
        return TheoremsPlanner(self.config, method, self)

    def judge(self, now: Round[Any]) -> Judge:
        """The kernel, or the policy by its own verdicts."""
        return (
            self_verdicts.own_judge(self.writer(now.policy))
            if judge_kind(self.config, now.method) == "self"
            else self.proofs()
        )

    def begin(self, now: Round[Any]) -> Stage:
        """The policy as it is given; where it will judge itself, it is first taught to.

        It learns from points that it proposed itself and the kernel judged, for theorems that serve nothing else.
        """
        if now.method.start != "sft+eft":
            return super().begin(now)
        asked = curriculum.choose(now)
        samples = stages.draw(now, asked)
        questions = stages.every_sample(asked, samples)
        judgements = stages.judge(now, questions, samples, by=self.proofs)
        assert judgements is not None, "the kernel is always there"
        return learning.start(now, partial(self._lessons, questions, judgements), judgements)

    def _lessons(self, questions: Sequence[Question], judgements: Stage) -> list[Example]:
        verdicts = stages.verdicts_of(judgements, questions)
        taught = self_verdicts.lessons(questions, verdicts, self.config.seed)
        return [*taught, *self.imitated(self.config.start.instructions)]

    def ask(self, now: Round[Any]) -> Stage:
        """Theorems that the present policy sometimes proves."""
        return curriculum.choose(now)

    def examine(
        self, now: Round[Any], policy: Path, trained: Stage, asked: Sequence[Question], judgements: Stage | None
    ) -> Stage | None:
        """On held-out theorems, beside the policies before it; its own verdicts, where it judged, are held against the
        kernel's."""
        return examination.examine(now, policy, trained, asked, judgements)
