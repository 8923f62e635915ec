"""The work of a run's rounds, counted before it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Protocol

from maieutic.align.methods import Method
from maieutic.loops.rounds.config import ModelConfig, RunConfig

TRAINED, HELD = 16, 4
"""Bytes a weight: float32 with its gradient and AdamW's two averages; and float32 alone."""


@dataclass(frozen=True)
class Work:
    """What a stage asks of one model.

    Attributes:
        who: the model.
        calls: completions that it writes, or rewards that it gives.
        read, written: tokens, at most.
        cost: at the prices of the configuration.
    """

    stage: str
    who: str
    calls: int
    read: int
    written: int
    cost: float = 0.0


def priced(work: Work, model: ModelConfig | None) -> Work:
    """The same, with what it costs to ask a model for it; None: the policy, which costs nothing."""
    if model is None:
        return work
    return replace(work, cost=(work.read * model.input_price + work.written * model.output_price) / 1e6)


class Planner(Protocol):
    """Counts the work of each round."""

    def round(self, number: int) -> Iterator[Work]:
        """What one round asks; round 0 is the start."""

    def memory(self) -> Iterator[str]:
        """What the policy needs, in lines."""


def memory(config: RunConfig, method: Method, policy: str | Path) -> Iterator[str]:
    """What a policy needs, without activations, and on the disk.

    Args:
        policy: its folder, or its name on a hub.
    """
    weights = parameters(policy)
    if weights is None:
        yield f"memory: not known before {config.policy.path} is downloaded"
        return
    width = 2 if config.policy.dtype == "bfloat16" else HELD
    held = "the reference and the reward model" if method.trainer == "ppo" else "the reference"
    # a reference that training begins with is not held: its values are kept
    others = 2 if method.trainer == "ppo" else int(method.reference == "first" and method.initialise == "previous")
    if config.policy.lora_rank is not None:
        need = weights * width * (1 + others)
        how = f"weights in {config.policy.dtype}, adapters of rank {config.policy.lora_rank}"
    else:
        need, how = weights * (TRAINED + HELD * others), "weights, gradients, AdamW's averages"
    how += f", {held}" if others else ""
    yield f"policy: {weights:,d} weights"
    yield f"  training   {_bytes(need)} ({how}), and activations"
    yield f"  sampling   {_bytes(weights * width)}, and the keys and values of a batch"
    kept = config.rounds + 1 if config.keep_weights == "all" else 4
    yield f"  disk       {_bytes(kept * weights * width)} ({kept} policies), and checkpoints while it trains"


def _bytes(count: int) -> str:
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.1f} MiB"


def parameters(folder: str | Path) -> int | None:
    """How many weights a folder's safetensors hold, told from their headers; None for a name on the hub."""
    if isinstance(folder, str):
        return None
    total = 0
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        for name, tensor in header.items():
            if name != "__metadata__":
                total += prod(tensor["shape"])
    return total
