"""What a policy is compared with while it learns: log-probabilities under a policy that stays as it is.

Mostly they are computed once, before the first step (and kept on the disk, for a resumed run): they never change, and
no second model takes up memory. Computed live instead, they come from a frozen copy, or, where the policy has fresh
LoRA adapters, from the model below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from maieutic.lm.batches import Batch
from maieutic.lm.logprobs import token_logprobs
from maieutic.lm.model import Policy, evaluation, frozen, reference_of
from maieutic.lm.tokens import Encoded
from maieutic.lm.training.cache import ReferenceCache
from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.objectives import Reference


@dataclass(frozen=True)
class References:
    """Where references come from.

    Args:
        policy: what is trained, as it is before the first step.
        rows: the rows that will be asked for.
        folder: where cached log-probabilities are kept.
    """

    policy: Policy
    rows: Sequence[Encoded]
    config: FitConfig
    accelerator: Any
    folder: Path

    def of(self, other: Policy | None) -> Reference:
        """Of another policy, or, with None, of the one that is trained, as it is now."""
        if self.config.cache_reference:
            return self._cached(other or self.policy)
        if other is None:
            return _start_of(self.policy)
        other.model.to(self.accelerator.device)
        return _live(other)

    def _cached(self, policy: Policy) -> Reference:
        """Log-probabilities of the rows, computed before training; each process computes its share."""
        accelerator = self.accelerator
        wanted = sorted(set(self.rows), key=lambda row: (len(row.prompt), row.prompt, row.completion))
        mine = wanted[accelerator.process_index :: accelerator.num_processes]
        sums = torch.zeros(len(wanted), dtype=torch.float64)
        if mine:
            sums[accelerator.process_index :: accelerator.num_processes] = self._sums(policy, mine).double()
        if accelerator.num_processes > 1:
            sums = accelerator.reduce(sums.to(accelerator.device), reduction="sum")
        table = dict(zip(wanted, sums.tolist(), strict=True))

        def look_up(batch: Batch) -> Tensor:
            values = [table[row] for row in batch.rows]
            return torch.tensor(values, dtype=torch.float32, device=batch.input_ids.device)

        return look_up

    def _sums(self, policy: Policy, rows: Sequence[Encoded]) -> Tensor:
        home, device = policy.model.device, self.accelerator.device
        policy.model.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.config.bf16):
            tokens = self.config.micro_batch_tokens
            values = ReferenceCache(self.folder).logprobs(policy, rows, batch_tokens=tokens)
        policy.model.to(home)
        return values


def _live(policy: Policy) -> Reference:
    """Log-probabilities under a policy that does not change, computed for each batch."""

    @torch.no_grad()
    def compute(batch: Batch) -> Tensor:
        with evaluation(policy.model):
            return token_logprobs(policy.model, batch).sum(dim=1)

    return compute


def _start_of(policy: Policy) -> Reference:
    """Log-probabilities under a policy as it is now, computed for each batch while it changes."""
    if not _fresh(policy):
        return _live(frozen(policy))

    def compute(batch: Batch) -> Tensor:
        with reference_of(policy) as model:
            return token_logprobs(model, batch).sum(dim=1)

    return compute


def _fresh(policy: Policy) -> bool:
    """Whether adapters change nothing yet, so that the model without them is the policy as it is."""
    second = [value for name, value in policy.model.named_parameters() if ".lora_B." in name]
    return policy.adapted and bool(second) and not any(value.any().item() for value in second)
