"""What a run on instructions is told beside what every run is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from maieutic.align.methods import Method
from maieutic.core.config import Config
from maieutic.loops.rounds.config import (
    EvaluationConfig,
    JudgeConfig,
    ModelConfig,
    PromptsConfig,
    RunConfig,
    StartConfig,
    judge_kind,
)


class InstructionPrompts(PromptsConfig):
    """What is asked."""

    create: int = Field(0, ge=0, description="new prompts a round, made by a model from these")
    creator: ModelConfig | None = Field(None, description="who makes them; unset: the policy")
    chat: bool = Field(True, description="a text is a user's message, to be answered in a chat template")


class InstructionEvaluation(EvaluationConfig):
    """How a round is measured."""

    judge: JudgeConfig | None = Field(None, description="who compares; unset: the judge of the rounds")
    oracle: str | None = Field(None, description="path/to/file.py:name of the truth, to measure the judge against")
    temperature: float = Field(0.0, ge=0, description="of the answers that are compared")


class EarlyStopping(Config):
    """Return to the best checkpoint of a round, by a pairwise judge against the one before."""

    every: int = Field(200, ge=1, description="steps between checkpoints")
    prompts: int = Field(253, ge=1, description="of the evaluation's prompts")
    patience: int = Field(1, ge=1, description="checkpoints without gain before training stops")


class InstructionStart(StartConfig):
    """Round 0."""

    judging: str | None = Field(None, description="JSON lines of a judge's prompts and answers (EFT)")
    preferences: int = Field(2, ge=2, description="candidates of a prompt, judged for the reward model")
    reward_training: Mapping[str, Any] = Field(default_factory=dict, description="settings of the reward's trainer")


class InstructionsConfig(RunConfig):
    """A run on instructions."""

    world: Literal["instructions"] = "instructions"
    prompts: InstructionPrompts
    judge: JudgeConfig = Field(default_factory=JudgeConfig)
    teacher: ModelConfig | None = Field(None, description="who writes the teacher's candidates")
    start: InstructionStart = Field(default_factory=InstructionStart)
    early_stopping: EarlyStopping | None = None
    evaluation: InstructionEvaluation = Field(default_factory=InstructionEvaluation)

    @property
    def validation(self) -> Mapping[str, Any]:
        """Settings of the trainer that let it stop early."""
        stopping = self.early_stopping
        return {} if stopping is None else {"validate_every": stopping.every, "patience": stopping.patience}


def evaluator(config: InstructionsConfig, method: Method) -> tuple[str | None, JudgeConfig]:
    """Which kind of judge compares policies, and how it is set: the evaluation's own, else that of the rounds."""
    own = config.evaluation.judge
    return (own.kind or judge_kind(config, method), own) if own else (judge_kind(config, method), config.judge)
