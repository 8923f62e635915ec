"""What `maieutic train-prover` is told: one TOML file.

Every stage can be left out or made smaller. Relative paths are taken from the file's folder. It loads without torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from maieutic.core.config import Config, checked
from maieutic.core.errors import InputError
from maieutic.lm.losses import LOSSES
from maieutic.lm.training.fit_config import FitConfig

TRAINER: Mapping[str, Any] = {
    "loss": "sft",
    "learning_rate": 2e-3,
    "adam_betas": [0.9, 0.98],
    "weight_decay": 0.01,
    "minimum_lr_ratio": 0.05,
    "warmup": 100.0,
    "batch_size": 32,
}
"""The settings of both trainings, unless the file has others: for a million parameters or a few. Where a processor has
instructions for it, `bf16 = true` is faster, and where it has none, many times slower."""


class TrainedConfig(Config):
    """One training: how long, and how."""

    tokens: int = Field(ge=0, description="tokens to train on, beginning tokens included; 0: this training is left out")
    training: Mapping[str, Any] = Field(default_factory=dict, description="settings of the trainer, over its own")


class PretrainingConfig(TrainedConfig):
    """The language first: theorems of all kinds with their proofs."""

    tokens: int = Field(4_000_000, ge=0, description="tokens to train on; 0: no pretraining")


class FineTuningConfig(TrainedConfig):
    """Then what is wanted: a question, and the points that prove it."""

    tokens: int = Field(10_000_000, ge=0, description="tokens to train on; 0: no fine-tuning")
    answers: int = Field(8, ge=1, description="answers to a question that are learned at a time")
    reworded: bool = Field(True, description="whether a question that comes up again is put in other words")
    own_weight: float = Field(1.0, gt=0, description="what a theorem's own question weighs; the others weigh 1")


class SolutionsConfig(Config):
    """Which points prove a theorem, and what else is true of its figure."""

    tried: int = Field(72, ge=1, description="candidates of a figure that are tried, alone")
    further: int = Field(24, ge=0, description="goals besides the theorem's own that are looked at, at most")
    kept: int = Field(4, ge=0, description="of these, goals that are asked about, at most")
    folder: str | tuple[str, ...] = Field((), description="solutions that are there already, as of other runs")

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of solutions that are there already."""
        return (self.folder,) if isinstance(self.folder, str) else self.folder


class NetworkConfig(Config):
    """The model."""

    width: int = Field(128, ge=2, description="of the hidden states")
    layers: int = Field(4, ge=1, description="transformer blocks")
    heads: int = Field(4, ge=1, description="attention heads; they divide the width")
    context: int = Field(1024, ge=64, description="tokens that it can read; longer proofs are cut")
    shown: int = Field(0, ge=0, le=32, description="places of the figure that it is told with a question; 0: none")
    start: str | None = Field(None, description="a model's folder to go on from, in place of random weights")
    dtype: Literal["float32", "bfloat16"] = Field("bfloat16", description="of the weights in the model's folder")


class TrainProverConfig(Config):
    """From a folder of theorems to a model that proposes points."""

    theorems: str | tuple[str, ...] = Field(description="folders that `maieutic synthesize` has made, one or more")
    apart_from: tuple[str, ...] = Field((), description="files of problems, and folders of theorems, not to be learned")
    share: float = Field(1.0, gt=0, le=1, description="of the theorems for training; smaller shares are in larger ones")
    seed: int = Field(0, ge=0, description="of the first weights, of figures, and of what is drawn")
    model: NetworkConfig = Field(default_factory=NetworkConfig)
    pretraining: PretrainingConfig = Field(default_factory=PretrainingConfig)
    solutions: SolutionsConfig = Field(default_factory=SolutionsConfig)
    fine_tuning: FineTuningConfig = Field(default_factory=FineTuningConfig)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of theorems."""
        return (self.theorems,) if isinstance(self.theorems, str) else self.theorems


def fit_config(training: Mapping[str, Any], seed: int = 0, where: str | None = None) -> FitConfig:
    """The trainer's settings: TRAINER under those of the file. Raises InputError where they cannot be, or not here."""
    config = checked(FitConfig, {**TRAINER, "seed": seed, **training}, where=where)
    fitting = [name for name, row in LOSSES.items() if row.kind == "examples"]
    if config.loss not in fitting:
        place = f"{where}.loss" if where else "loss"
        raise InputError(
            f"no loss for this training: {config.loss!r}", where=place, hint=f"one of {', '.join(fitting)}"
        )
    return config
