"""How a model is set while it trains: its dropout, and what it keeps for the backward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from transformers import PreTrainedModel

ATTENTION = "attention_dropout"
"""What attention layers call a rate that they apply themselves."""


@contextmanager
def training_mode(module: nn.Module, dropout: float, checkpointing: bool) -> Iterator[None]:
    """Training mode with this rate of dropout in the model's own layers (adapters keep theirs), as it was after.

    With `checkpointing`, each layer is computed again in the backward pass, to save memory.
    """
    layers = [part for name, part in module.named_modules() if isinstance(part, nn.Dropout) and "lora_" not in name]
    attention = [part for part in module.modules() if isinstance(getattr(part, ATTENTION, None), float)]
    rates = [(part, "p", part.p) for part in layers] + [
        (part, ATTENTION, getattr(part, ATTENTION)) for part in attention
    ]
    modes = [(part, part.training) for part in module.modules()]
    models = [part for part in module.modules() if isinstance(part, PreTrainedModel)][:1] if checkpointing else []
    try:
        for part, name, _ in rates:
            setattr(part, name, dropout)
        module.train()
        for model in models:
            _checkpointing(model, "enable", {"use_reentrant": False})
        yield
    finally:
        for model in models:
            _checkpointing(model, "disable")
        for part, name, rate in rates:
            setattr(part, name, rate)
        for part, mode in modes:
            part.training = mode


def _checkpointing(model: PreTrainedModel, word: str, *options: Any) -> None:
    """transformers 5 renamed it on the way."""
    switch = getattr(model, f"activation_checkpointing_{word}", None) or getattr(
        model, f"gradient_checkpointing_{word}"
    )
    switch(*options)
