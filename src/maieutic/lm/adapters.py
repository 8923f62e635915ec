"""The settings of low-rank adapters. They load without torch."""

from __future__ import annotations

from pydantic import Field

from maieutic.core.config import Config


class Lora(Config):
    """Low-rank adapters (arXiv 2106.09685): the weights stay, a product of two thin matrices is learned beside them."""

    rank: int = Field(16, ge=1, description="width of the thin matrices")
    alpha: float = Field(32.0, gt=0, description="scale: the adapter counts alpha / rank")
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout before the adapter")
    targets: tuple[str, ...] = Field((), description="names of the layers; none: every linear layer but the head")
