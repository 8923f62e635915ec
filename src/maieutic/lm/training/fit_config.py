"""The settings of a training run. They load without torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from maieutic.core.config import Config
from maieutic.lm.losses import Loss, loss_named, parameter_names

Share = Annotated[float, Field(ge=0, lt=1)]

OUTWARD = ("trackers", "checkpoint_every", "keep_checkpoints")
"""Settings that do not change what is learned, and so may differ where a run is resumed."""


class FitConfig(Config):
    """How to train on examples, pairs or rankings. The learning rate's default is for DPO on all weights."""

    loss: str = Field("dpo", description="an entry of LOSSES")
    parameters: Mapping[str, float] = Field(
        default_factory=dict, description="of the loss, such as beta: each may stand beside the other settings too"
    )
    sft_weight: float = Field(0.0, ge=0, description="weight of -log pi(chosen) per token, added to a loss on pairs")

    learning_rate: float = Field(1e-6, gt=0, description="at its highest")
    schedule: Literal["cosine", "linear", "constant"] = Field("cosine", description="how it falls after the warm-up")
    warmup: float = Field(0.1, ge=0, description="steps in which it rises; below 1, a share of all steps")
    minimum_lr_ratio: float = Field(0.1, ge=0, le=1, description="what it falls to, as a share of its highest")
    weight_decay: float = Field(0.0, ge=0, description="of matrices, decoupled (AdamW)")
    adam_betas: tuple[Share, Share] = Field((0.9, 0.999), description="decay of the averages of the gradient")
    adam_eps: float = Field(1e-8, gt=0, description="added to the denominator")
    clip: float = Field(1.0, ge=0, description="norm to which the gradient is clipped; 0: never")

    batch_size: int = Field(64, ge=1, description="examples, pairs or rankings a step, over all processes")
    micro_batch_tokens: int = Field(8192, ge=1, description="tokens of one forward pass, padding among them")
    epochs: int = Field(1, ge=1, description="how often all data are seen")
    max_steps: int | None = Field(None, ge=1, description="steps in all, instead of epochs")
    max_length: int | None = Field(None, ge=2, description="tokens of a prompt and completion; unset: all it can read")
    dropout: Share = Field(0.0, description="in the model's own layers")
    bf16: bool = Field(False, description="compute in bfloat16 where it is safe; weights stay as they are")
    gradient_checkpointing: bool = Field(False, description="save memory by computing each layer twice")
    share_prompts: bool = Field(True, description="compute the prompt of a pair once, where the model allows it")
    cache_reference: bool = Field(True, description="compute the reference's log-probabilities once, before training")
    seed: int = Field(0, ge=0, description="of the order of the data, and of dropout")

    checkpoint_every: int = Field(200, ge=1, description="steps between checkpoints")
    keep_checkpoints: int = Field(1, ge=1, description="how many of the newest are kept; the best is kept as well")
    validate_every: int | None = Field(None, ge=1, description="steps between validations; unset: an epoch")
    patience: int | None = Field(
        None, ge=1, description="validations without a better one, after which training stops and returns to the best"
    )
    trackers: tuple[str, ...] = Field((), description="accelerate's trackers, such as tensorboard or wandb")

    @model_validator(mode="before")
    @classmethod
    def _parameters_by_name(cls, values: Any) -> Any:
        """What is a parameter of some loss, and no setting, is one of the loss's."""
        if not isinstance(values, Mapping):
            return values
        names = set(cls.further_keys())
        mine = {name: value for name, value in values.items() if name in names}
        if not mine:
            return values
        rest = {name: value for name, value in values.items() if name not in names}
        return {**rest, "parameters": {**rest.get("parameters", {}), **mine}}

    @classmethod
    def further_keys(cls) -> Iterable[str]:
        """The parameters of all losses."""
        return sorted(parameter_names() - set(cls.model_fields))

    @property
    def row(self) -> Loss:
        """The loss. Raises InputError for a name that is none's, or parameters or a term that it does not take."""
        row = loss_named(self.loss)
        row.settled(self.parameters)
        row.check_sft_term(self.sft_weight)
        return row
