"""The settings of PPO. They load without torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from maieutic.core.config import Config
from maieutic.core.generate import Sampling

Decay = Annotated[float, Field(ge=0, lt=1)]

OUTWARD = ("checkpoint_every",)
"""Settings that do not change what is learned, and so may differ where a run is resumed."""


class PPOConfig(Config):
    """How PPO runs. Defaults are for a small model; `kl_coefficient` and `learning_rate` are the ones to look at."""

    steps: int = Field(200, ge=1, description="rollouts, each followed by its updates")
    batch_size: int = Field(64, ge=1, description="completions in a rollout, one a prompt")
    epochs: int = Field(4, ge=1, description="passes over a rollout")
    minibatches: int = Field(1, ge=1, description="updates in a pass")
    micro_batch_tokens: int = Field(8192, ge=1, description="tokens in one forward pass: memory, not results")
    bf16: bool = Field(False, description="compute in bfloat16 where it is safe; weights stay as they are")

    learning_rate: float = Field(1e-5, ge=0, description="of Adam, at its highest")
    schedule: Literal["linear", "constant"] = Field("linear", description="linear: falls to 0 at the last step")
    warmup_steps: int = Field(0, ge=0, description="steps over which the rate rises to its highest")
    adam_betas: tuple[Decay, Decay] = Field((0.9, 0.999), description="decay of Adam's averages")
    adam_eps: float = Field(1e-5, gt=0, description="Adam's epsilon; 1e-8 makes early steps too bold")
    max_gradient_norm: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")

    clip: float = Field(0.2, gt=0, description="how far pi / pi_old may go from 1 and still gain (1707.06347, eq. 7)")
    value_clip: float = Field(0.2, gt=0, description="how far a value may go from the old one and still gain")
    value_coefficient: float = Field(0.1, ge=0, description="weight of the value loss")
    gamma: float = Field(1.0, gt=0, le=1, description="discount a token")
    gae_lambda: float = Field(0.95, ge=0, le=1, description="lambda of generalised advantages (1506.02438)")
    whiten_advantages: bool = Field(True, description="scale advantages to mean 0, variance 1 over the rollout")
    whiten_rewards: bool = Field(False, description="scale rewards to variance 1; beta then has no fixed meaning")

    kl_coefficient: float = Field(0.05, ge=0, description="beta, the price of a nat away from the reference; the first")
    kl_target: float | None = Field(
        None, gt=0, description="nats a completion that beta is adapted to; none: beta stays"
    )
    kl_horizon: float = Field(10_000, gt=0, description="completions over which beta is adapted (1909.08593)")
    missing_end_score: float | None = Field(
        None, description="score instead of the reward for a completion that was cut off; none: it is judged as it is"
    )

    temperature: float = Field(1.0, gt=0, description="of sampling, and of all log-probabilities")
    max_tokens: int = Field(128, ge=1, description="tokens in a completion")
    fixed_length: bool = Field(False, description="all completions have max_tokens tokens; the end token ends nothing")

    checkpoint_every: int = Field(10, ge=1, description="steps between checkpoints")
    seed: int = Field(0, ge=0, description="of prompts' order, draws and minibatches")

    @property
    def sampling(self) -> Sampling:
        """The whole distribution at this temperature: what the losses are about."""
        return Sampling(temperature=self.temperature, max_tokens=self.max_tokens)
