"""From a few items to their share of a batch's loss.

A batch is often too large for one forward pass, or is spread over processes. Its loss is a mean over the whole of it:
over rows by weight, or, for a loss that counts by tokens, over tokens by weight. So each piece is divided by what the
whole batch weighs, which every process knows; the pieces then add up to the mean, however they were cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from maieutic.lm.batches import Batch, collate
from maieutic.lm.logprobs import token_logprobs
from maieutic.lm.loss_functions import ExampleTerms, PairTerms, RankingTerms, Terms, metrics
from maieutic.lm.losses import Loss
from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.items import Item

Reference = Callable[[Batch], Tensor]
"""Summed log-probabilities of a batch's rows under a fixed policy, [n], on the batch's device."""


class Rows(nn.Module):
    """One number a row: what the model is asked in training, in one forward pass.

    It stands around the model so that whoever spreads training over processes sees the pass as a whole. A policy gives
    the summed log-probability of the completion, a reward model its score.
    """

    def __init__(self, model: nn.Module, kind: str) -> None:
        super().__init__()
        self.model = model
        self.kind = kind

    def forward(self, batch: Batch) -> Tensor:
        """[n] float32."""
        if self.kind == "rankings":
            scores: Tensor = self.model(batch)
            return scores.float()
        return token_logprobs(self.model, batch).sum(dim=1)


@dataclass(frozen=True)
class Objective:
    """A loss with its parameters, and what it compares the policy with."""

    loss: Loss
    parameters: Mapping[str, float]
    sft_weight: float
    pad: int
    share: bool
    reference: Reference | None = None
    anchor: Reference | None = None

    def weight_of(self, items: Sequence[Item]) -> float:
        """What a batch is divided by."""
        if self.loss.mean == "tokens":
            return sum(item.row_weight * len(row.completion) for item in items for row in item.rows)
        return sum(item.weight for item in items)

    def loss_of(self, rows: nn.Module, items: Sequence[Item], device: torch.device) -> tuple[Tensor, dict[str, float]]:
        """The sum of the items' losses, each times its weight; and sums of what there is to watch, without gradients.

        Args:
            rows: a Rows, or what spreads it over processes.
        """
        share = self.share and any(len(item.rows) > 1 for item in items)
        batch = collate([row for item in items for row in item.rows], self.pad, share=share).to(device)
        terms = self._terms(rows(batch), batch, items)
        losses = self.loss(terms, sft_weight=self.sft_weight, **self.parameters)
        total = (losses * terms.weight).sum()
        return total, self._watched(terms, len(items), total)

    def _terms(self, values: Tensor, batch: Batch, items: Sequence[Item]) -> Terms:
        lengths = batch.lengths.to(values.dtype)
        at = values.device
        prompt = torch.tensor([n for n, item in enumerate(items) for _ in item.rows], device=at)
        if self.loss.kind == "examples":
            row_weights = [item.row_weight for item in items for _ in item.rows]
            return ExampleTerms(values, lengths, prompt, _tensor(row_weights, values))
        weight = _tensor([item.weight for item in items], values)
        if self.loss.kind == "rankings":
            ranks = torch.tensor([rank for item in items for rank in item.ranks], device=at)
            return RankingTerms(values, ranks, prompt, weight)
        reference = torch.zeros_like(values) if self.reference is None else self.reference(batch)
        anchor = None if self.anchor is None else self.anchor(batch)
        return PairTerms(
            chosen=values[0::2],
            rejected=values[1::2],
            reference_chosen=reference[0::2],
            reference_rejected=reference[1::2],
            chosen_length=lengths[0::2],
            rejected_length=lengths[1::2],
            margin=_tensor([item.margin for item in items], values),
            weight=weight,
            anchor_chosen=None if anchor is None else anchor[0::2],
            anchor_rejected=None if anchor is None else anchor[1::2],
        )

    @torch.no_grad()
    def _watched(self, terms: Terms, count: int, total: Tensor) -> dict[str, float]:
        """Sums over the items, so that those of all pieces add up."""
        sums = {"loss": total.item(), "items": float(count)}
        if isinstance(terms, PairTerms):
            beta = next((value for name, value in self.parameters.items() if name != "label_smoothing"), 1.0)
            sums |= {name: count * mean for name, mean in metrics(terms, beta).items()}
        elif isinstance(terms, RankingTerms):
            sums["accuracy"] = count * _ranking_accuracy(terms)
        else:
            sums["tokens"] = terms.length.sum().item()
        return sums


def objective_of(config: FitConfig, pad: int) -> Objective:
    """The loss that a configuration names, with its parameters. Raises InputError for a loss or parameter that is
    none."""
    loss = config.row
    return Objective(loss, loss.settled(config.parameters), config.sft_weight, pad, config.share_prompts)


@dataclass
class Sums:
    """What pieces of a batch, on any process, add up to."""

    values: dict[str, float] = field(default_factory=dict)

    def add(self, values: Mapping[str, float]) -> None:
        """Add the sums of another piece."""
        for name, value in values.items():
            self.values[name] = self.values.get(name, 0.0) + value

    def over(self, accelerator: Any) -> dict[str, float]:
        """The sums over all processes, which must hold the same names."""
        if accelerator.num_processes == 1:
            return dict(self.values)
        numbers = torch.tensor(list(self.values.values()), dtype=torch.float64, device=accelerator.device)
        return dict(zip(self.values, accelerator.reduce(numbers, reduction="sum").tolist(), strict=True))


def _tensor(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def _ranking_accuracy(terms: RankingTerms) -> float:
    """The share of the pairs that are ordered as ranked."""
    same = terms.prompt[:, None] == terms.prompt[None, :]
    better = same & (terms.ranks[:, None] < terms.ranks[None, :])
    ordered = terms.scores[:, None] > terms.scores[None, :]
    return (ordered & better).sum().item() / max(1, int(better.sum().item()))
