"""A third world: sums of two digits. A policy answers, and the truth decides. It touches nothing of the other two."""

from random import Random
from types import SimpleNamespace
from typing import Literal

from maieutic.align.judges.kinds import JUDGES
from maieutic.core.records import Example
from maieutic.loops.rounds.config import RunConfig
from maieutic.loops.rounds.measuring import answered, compared, evaluation
from maieutic.loops.rounds.participants import sampling
from maieutic.loops.rounds.planner import Work
from maieutic.loops.rounds.policies import Policies


class ArithmeticConfig(RunConfig):
    """A run on sums."""

    world: Literal["arithmetic"] = "arithmetic"


def truth(prompt, completion):
    """1 for the right sum, else 0."""
    first, second = str(prompt).split(" + ")
    return float(completion.strip() == str(int(first) + int(second.removesuffix(" ="))))


class Arithmetic(Policies):
    """Sums as prompts, numbers as answers, the truth as the judge."""

    def check(self, method):
        return {}

    def plan(self, method):
        asked = Work("samples", "the policy", self.config.prompts.per_round, 4, 1)
        return SimpleNamespace(round=lambda number: iter([asked] if number else []), memory=lambda: iter(()))

    def sums(self, seed, count):
        rng = Random(seed)
        return [Example(f"{rng.randrange(5)} + {rng.randrange(5)} =", "") for _ in range(count)]

    def ask(self, now):
        stage = now.stage("prompts")
        if not stage.finished:
            now.make(stage, self.sums(now.seed("sums"), self.config.prompts.per_round), lambda part, first: part)
            stage.finish()
        return stage

    def judge(self, now):
        return JUDGES["function"].make(function=truth, model="truth")

    def examine(self, now, policy, trained, asked, judgements):
        stage = evaluation(now, trained)
        if not stage.finished:
            by = answered(now, stage, policy, self.sums(0, self.config.evaluation.count), sampling(now.config.sampling))
            stage.finish(**compared(now, stage, by, self.judge(now)))
        return stage
