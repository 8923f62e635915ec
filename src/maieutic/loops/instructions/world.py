"""The world of instructions: who asks, answers, judges and measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from maieutic.align.judges.questions import Judge, Question
from maieutic.align.methods import Method
from maieutic.core.generate import Generator
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Example
from maieutic.core.store import Stage
from maieutic.loops.instructions import prompts, work
from maieutic.loops.instructions.check import check
from maieutic.loops.instructions.config import InstructionsConfig
from maieutic.loops.instructions.examination import Checkpoints, examine
from maieutic.loops.instructions.reward import fit_reward
from maieutic.loops.rounds import learning
from maieutic.loops.rounds.config import judge_kind
from maieutic.loops.rounds.policies import Policies
from maieutic.loops.rounds.world import Round


class Instructions(Policies):
    """Prompts of a file and new ones made of these, answers of models, and the verdicts of any judge."""

    config: InstructionsConfig

    def __init__(self, config: InstructionsConfig, base: Path, cache: JudgementCache) -> None:
        super().__init__(config, base, cache, chat=config.prompts.chat)

    def check(self, method: Method) -> Mapping[str, str]:
        """A mark of each file that the configuration names, by its key; see `World`."""
        return dict(check(self.config, method, self))

    def plan(self, method: Method) -> work.InstructionsPlanner:
        """Counts the work of each round."""
        return work.InstructionsPlanner(self.config, method, self)

    def teacher(self) -> Generator:
        """The model of the table [teacher]."""
        return super().teacher() if self.config.teacher is None else self.writer_of(self.config.teacher)

    def judge(self, now: Round[Any]) -> Judge:
        """Any judge of the table; the policy itself where no model is named."""
        kind = judge_kind(self.config, now.method)
        assert kind is not None, "asked only where the method has a judge"
        return self.judge_of(kind, self.config.judge, partial(self.writer, now.policy))

    def begin(self, now: Round[Any]) -> Stage:
        """Imitate the instructions, and examples of judging where the row says so; or fit a reward model as well."""
        further = partial(fit_reward, now, self.config) if now.method.start == "reward" else None
        return learning.start(now, partial(self._lessons, now.method), further=further)

    def _lessons(self, method: Method) -> list[Example]:
        start = self.config.start
        judging = self.imitated(start.judging) if method.start == "sft+eft" else []
        return [*self.imitated(start.instructions), *judging]

    def ask(self, now: Round[Any]) -> Stage:
        """Prompts of the file, and new ones that are made of these."""
        return prompts.ask(now, self.config.prompts)

    def validation(self, now: Round[Any], begun: str | Path, folder: Path) -> Callable[[Any, int], float] | None:
        """By how much a checkpoint is preferred to the one before, where that is asked for."""
        return None if self.config.early_stopping is None else Checkpoints(now, self.config, begun, folder)

    def examine(
        self, now: Round[Any], policy: Path, trained: Stage, asked: Sequence[Question], judgements: Stage | None
    ) -> Stage | None:
        """By a judge against the policies before it, and by the truth where it is known."""
        return examine(now, self.config, policy, trained, asked, judgements)
