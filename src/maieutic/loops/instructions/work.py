"""The work of the rounds on instructions, counted: what plan.py prints.

Numbers of completions and of judgements are exact, but for answers of a judge that cannot be read and are made good.
Tokens are bounds: every completion is taken to be as long as it may be, and a token to be four characters of a prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import comb
from statistics import fmean

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.language import LISTWISE, ONE_CHOICE, POINTWISE
from maieutic.align.judges.prompts import CREATION
from maieutic.align.judges.rubrics import ADDITIVE_5, ADDITIVE_6, PAIRWISE, as_text
from maieutic.align.methods import Method
from maieutic.align.selection.select import DATA, SELECTORS, TEACHER
from maieutic.core.datasets import read_prompts
from maieutic.lm.ppo.config import PPOConfig
from maieutic.loops.instructions.config import InstructionsConfig, evaluator
from maieutic.loops.rounds.check import compares
from maieutic.loops.rounds.config import JudgeConfig, ModelConfig, judge_kind, training_of
from maieutic.loops.rounds.participants import Participants
from maieutic.loops.rounds.planner import Work, memory, priced

CHARACTERS = 4
"""Characters of a token, in English and most vocabularies."""

DRAWS = 3
"""Answers of a judge that scores one at a time, unless told."""


@dataclass(frozen=True)
class Asked:
    """The prompts of a round: how many, how many of them created, and their mean length in tokens."""

    count: int
    created: int
    length: int


@dataclass(frozen=True)
class InstructionsPlanner:
    """Counts the work of each round."""

    config: InstructionsConfig
    method: Method
    who: Participants

    def round(self, number: int) -> Iterator[Work]:
        """What one round asks; round 0 is the start."""
        if number == 0:
            if self.method.start == "reward":
                yield from self._reward()
            return
        asked = self._asked()
        if asked.created:
            creator = self.config.prompts.creator
            read, written = asked.created * 9 * asked.length, asked.created * CREATION.max_tokens  # 8 shots and a frame
            yield priced(Work("prompts", _name(creator), asked.created, read, written), creator)
        if self.method.trainer == "ppo":
            ppo = PPOConfig(**training_of(self.config, self.method))
            calls = ppo.steps * ppo.batch_size
            yield Work("policy", "the policy (PPO)", calls, calls * asked.length, calls * ppo.max_tokens)
        else:
            yield from self._candidates(asked)
            yield from self._judgements(asked)
            yield self._learned(asked)
        yield from self._evaluation(number)

    def _asked(self) -> Asked:
        prompts = self._prompts(self.config.prompts.path)
        mine = len(prompts) // self.config.rounds if self.method.split else len(prompts)
        given = mine if self.config.prompts.per_round is None else self.config.prompts.per_round
        created = self.config.prompts.create
        return Asked(given + created, created, _tokens(prompts))

    def _prompts(self, path: str) -> list[str]:
        return [as_text(prompt) for prompt in dict.fromkeys(read_prompts(self.who.path(path)))]

    def _candidates(self, asked: Asked) -> Iterator[Work]:
        """Those of one model together, as the stage has them."""
        longest = self.config.sampling.max_tokens
        own = sum(count for writer, count in self.method.candidates.items() if writer not in (TEACHER, DATA))
        if own:
            calls = asked.count * own
            yield Work("samples", _name(None), calls, calls * asked.length, calls * longest)
        if count := self.method.candidates.get(TEACHER, 0):
            calls, teacher = asked.count * count, self.config.teacher
            yield priced(Work("teacher", _name(teacher), calls, calls * asked.length, calls * longest), teacher)

    def _judgements(self, asked: Asked) -> Iterator[Work]:
        kind = judge_kind(self.config, self.method)
        if kind is not None:
            samples = sum(self.method.candidates.values())
            yield self._judging("judgements", kind, self.config.judge, asked, samples)

    def _learned(self, asked: Asked) -> Work:
        """What is trained on, where the selector keeps all that it could, and none is replayed."""
        n = sum(self.method.candidates.values())
        data = self.method.candidates.get(TEACHER, 0) + self.method.candidates.get(DATA, 0)
        most = {"best_worst": 1, "positives": n, "data_vs_own": data * (n - data)}.get(self.method.selector, comb(n, 2))
        gives = SELECTORS[self.method.selector].gives
        rows = asked.count * most
        length = asked.length + self.config.sampling.max_tokens
        return Work("policy", f"learns from {gives}, at most", rows, rows * length * (2 if gives == "pairs" else 1), 0)

    def _reward(self) -> Iterator[Work]:
        """The comparisons that a reward model is fitted on."""
        prompts = self._prompts(self.config.prompts.path)
        asked, count = Asked(len(prompts), 0, _tokens(prompts)), self.config.start.preferences
        calls = asked.count * count
        yield Work("start", _name(None), calls, calls * asked.length, calls * self.config.sampling.max_tokens)
        kind = judge_kind(self.config, self.method)
        assert kind is not None, "checked with the configuration"
        yield self._judging("start", kind, self.config.judge, asked, count)

    def _evaluation(self, number: int) -> Iterator[Work]:
        """The policies' answers that are not known from the round before, and who compares them."""
        evaluation = self.config.evaluation
        if evaluation.path is None:
            return
        prompts = self._prompts(evaluation.path)[: evaluation.count]
        asked, mixed = Asked(len(prompts), 0, _tokens(prompts)), self.method.output == "mixture"
        calls = asked.count * (1 + mixed + (number == 1))
        yield Work("evaluation", "the policies", calls, calls * asked.length, calls * self.config.sampling.max_tokens)
        kind, judge = evaluator(self.config, self.method)
        assert kind is not None, "checked with the configuration"
        yield self._judging("evaluation", kind, judge, replace(asked, count=asked.count * (2 + mixed)), 2)

    def _judging(self, stage: str, kind: str, config: JudgeConfig, asked: Asked, samples: int) -> Work:
        """What a judge of a kind is asked about prompts with so many samples each."""
        scored, compared = asked.count * samples, 2 * asked.count * comb(samples, 2)
        if JUDGES[kind].needs != "generator":
            return Work(
                stage, f"{kind}: {_judge(config)}", compared if compares(kind, config, self.who) else scored, 0, 0
            )
        rubric, own, shown, calls = {
            "pairwise": (PAIRWISE, ONE_CHOICE, 2, compared),
            "listwise": (ADDITIVE_6, LISTWISE, samples, asked.count),
        }.get(kind, (ADDITIVE_5, POINTWISE, 1, scored))
        by_letter = kind == "pairwise" and config.labels
        if config.rubric is not None:
            rubric = self.who.rubric(config.rubric)
            by_letter &= rubric.answer == "letter"
        calls *= config.draws or (DRAWS if shown == 1 else 1)
        longest = self.config.sampling.max_tokens + _tokens([rubric.block])
        read = calls * (_tokens([rubric.template]) + asked.length + shown * longest)
        written = calls * (1 if by_letter else (config.sampling or own).max_tokens)
        return priced(Work(stage, f"{kind}: {_judge(config)}", calls, read, written), config.model)

    def memory(self) -> Iterator[str]:
        """What the policy needs, in lines."""
        yield from memory(self.config, self.method, self.who.place(self.config.policy.path))
        if self.config.early_stopping is not None:
            prompts = self.config.early_stopping.prompts
            yield f"each checkpoint answers {prompts} prompts, and is compared with the one before"


def _judge(config: JudgeConfig) -> str:
    return config.function or _name(config.model)


def _name(model: ModelConfig | None) -> str:
    return "the policy" if model is None else model.function or model.name or model.path or ""


def _tokens(texts: Sequence[str]) -> int:
    """The mean length of texts, in tokens."""
    return round(fmean(len(text) for text in texts) / CHARACTERS) if texts else 0
