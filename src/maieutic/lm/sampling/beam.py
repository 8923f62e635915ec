"""Beam search: the likeliest completions of many prompts at once, each under a grammar of its own.

At each step the beams of a prompt are continued by every token that may come next, and the `width` likeliest of all
these continuations stay; one that has come to its end is put aside. What could no longer come before those put aside is
given up, and when nothing is left, the prompt is done.

What counts is the sum of log-probabilities, not divided by the length, as in AlphaGeometry (Trinh et al., Nature 625,
2024). They are the model's own: what a grammar forbids is left out, and its probability is not shared among the rest.
So sums under different grammars can be compared, and where a model would rather write something that is forbidden, all
that it may write is unlikely.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from maieutic.core.errors import MaieuticError
from maieutic.core.generate import Allowed
from maieutic.lm.model import evaluation
from maieutic.lm.sampling.decoding import Steps, allowed_places, batches, context


class Beam(NamedTuple):
    """The ids of a completion, its ending token among them, and the sum of their log-probabilities."""

    ids: tuple[int, ...]
    logprob: float


def beams(
    model: nn.Module,
    prompts: Sequence[tuple[int, ...]],
    width: int,
    allowed: Sequence[Allowed | None],
    ending: Set[int],
    *,
    pad: int,
    max_tokens: int,
    batch_tokens: int,
) -> list[list[Beam]]:
    """Up to `width` completions of each prompt, the likeliest first.

    Args:
        model: a causal model of transformers, or a peft model around one; in eval mode while it runs.
        prompts: the ids of each, at least one.
        width: how many beams a prompt has; 1 is greedy decoding.
        allowed: the grammar of each prompt, or None. A completion for which it allows nothing more ends there.
        ending: the tokens that end a completion.
        pad: an id to fill up with, any that the model knows.
        max_tokens: of a completion; one that has not ended then, or where the model's context ends, is left out.
        batch_tokens: how many tokens, prompts and completions of all beams together, the caches of a batch hold at
            most; a prompt that alone needs more runs alone.

    Raises MaieuticError where the model's logits are not numbers, and InputError for a grammar with a token that the
    model does not have.
    """
    found: list[list[Beam]] = [[] for _ in prompts]
    room = context(model)
    fitting = [i for i, prompt in enumerate(prompts) if len(prompt) < room]
    for batch in batches([prompts[i] for i in fitting], max_tokens, batch_tokens // width):
        asked = [fitting[k] for k in batch]
        limits = [min(max_tokens, room - len(prompts[i])) for i in asked]
        search = _Search(width, [allowed[i] for i in asked], ending, limits)
        with evaluation(model), torch.inference_mode():
            best = search.run(Steps(model, [prompts[i] for i in asked], pad))
        for i, ended in zip(asked, best, strict=True):
            found[i] = ended
    return found


class _Search:
    """One batch: the beams still growing, in the model's order, and those that have ended, of each prompt."""

    def __init__(self, width: int, allowed: Sequence[Allowed | None], ending: Set[int], limits: Sequence[int]) -> None:
        self.width, self.allowed, self.ending, self.limits = width, allowed, ending, limits
        self.ended: list[list[Beam]] = [[] for _ in limits]

    def run(self, steps: Steps) -> list[list[Beam]]:
        live = [(owner, Beam((), 0.0)) for owner in range(len(self.limits))]
        while True:
            places, live = self._step(live, torch.log_softmax(steps.logits.float(), -1))
            if not live:
                return self.ended
            steps.select(places)
            steps.advance([beam.ids[-1] for _, beam in live])

    def _step(self, live: Sequence[tuple[int, Beam]], logprobs: Tensor) -> tuple[list[int], list[tuple[int, Beam]]]:
        """The beams that grow on, and the row that each has come from."""
        rows, tokens, sums = self._continuations(live, logprobs)
        growing = []
        for row, token, total in zip(rows.tolist(), tokens.tolist(), sums.tolist(), strict=True):
            owner, beam = live[row]
            longer = Beam((*beam.ids, token), total)
            if token in self.ending:
                self.ended[owner].append(longer)
            elif len(longer.ids) < self.limits[owner]:
                growing.append((row, owner, longer))
        bars = [self._settle(owner) for owner in range(len(self.limits))]
        growing = [(row, owner, beam) for row, owner, beam in growing if beam.logprob > bars[owner]]
        return [row for row, _, _ in growing], [(owner, beam) for _, owner, beam in growing]

    def _continuations(
        self, live: Sequence[tuple[int, Beam]], logprobs: Tensor
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """(row, token, sum of log-probabilities) of the likeliest continuations of each prompt."""
        rows, tokens = allowed_places(self._choices(live, logprobs), logprobs.shape[-1])
        index = torch.from_numpy(rows).to(logprobs.device), torch.from_numpy(tokens).to(logprobs.device)
        sums = logprobs[index].double().cpu().numpy() + np.array([beam.logprob for _, beam in live])[rows]
        if np.isnan(sums).any():
            raise MaieuticError("the model's logits are not numbers: its weights are broken, or the precision too low")
        owners = np.array([owner for owner, _ in live])[rows]
        order = np.lexsort((-sums, owners))
        rank = np.arange(len(order)) - np.searchsorted(owners[order], owners[order])
        best = order[(rank < self.width) & np.isfinite(sums[order])]
        return rows[best], tokens[best], sums[best]

    def _choices(self, live: Sequence[tuple[int, Beam]], logprobs: Tensor) -> list[Sequence[int]]:
        """The tokens that may come next in each row: what its grammar allows, or the likeliest."""
        likeliest = logprobs.topk(min(self.width, logprobs.shape[-1])).indices.tolist()
        choices: list[Sequence[int]] = []
        for row, (owner, beam) in enumerate(live):
            grammar = self.allowed[owner]
            choices.append(likeliest[row] if grammar is None else grammar(beam.ids))
            if not choices[row]:
                self.ended[owner].append(beam)
        return choices

    def _settle(self, owner: int) -> float:
        """Put what has ended in order; returns the sum that a beam must keep above to come among the best."""
        best = sorted(self.ended[owner], key=lambda beam: -beam.logprob)[: self.width]
        self.ended[owner] = best
        return best[-1].logprob if len(best) == self.width else -np.inf
