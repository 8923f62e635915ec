"""Token by token: a batch of prompts goes through the model once, then all rows take a step at a time from its cache.

Prompts are padded on the left, so that the next token of every row stands in the last column; a prompt that several
rows share is computed once and its cache handed to each; a row that has ended leaves the batch, so that the last rows
run alone and fast. What a row draws is decided by uniform numbers of its own, one for each token, made from its seed:
which rows share its batch changes nothing but the rounding of its logits.

The probabilities met here are never handed on: training computes its own, in one pass and one precision.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Allowed, Sampling
from maieutic.lm.anatomy import causal_model
from maieutic.lm.model import evaluation


@dataclass(frozen=True)
class Row:
    """One completion to be written: the ids of its prompt, the seed of its draws, and its grammar, if it has one.

    Where the grammar allows nothing, the completion ends.
    """

    prompt: tuple[int, ...]
    seed: int
    allowed: Allowed | None = None


@dataclass(frozen=True)
class Written:
    """The ids of a completion, with the end token where it was drawn; `finish` is "stop" or "length"."""

    ids: tuple[int, ...]
    finish: str


Stopped = Callable[[int, Sequence[int]], bool]
"""Whether a row (by its index) is to end after the ids written so far, for a reason of the caller's."""


@dataclass(frozen=True)
class Ending:
    """What ends a row, other than `Sampling.max_tokens`: one of the `tokens`, or the caller's reason."""

    tokens: frozenset[int]
    stopped: Stopped | None = None


def decode(
    model: nn.Module,
    rows: Sequence[Row],
    sampling: Sampling,
    ending: Ending,
    *,
    pad: int,
    batch_tokens: int,
) -> Iterator[tuple[int, Written]]:
    """(index of the row, what it wrote), a batch at a time, the longest prompts first.

    Args:
        model: a causal model of transformers, or a peft model around one; in eval mode while a batch runs.
        rows: prompts of at least one token, shorter than the model's context, which cuts a completion as
            `max_tokens` does.
        pad: an id to fill up with, any that the model knows.
        batch_tokens: how many tokens, prompts and completions together, the caches of a batch hold at most; a row
            that alone needs more runs alone.

    Raises MaieuticError where the model's logits are not numbers, and InputError for a grammar with a token that the
    model does not have.
    """
    for batch in batches([row.prompt for row in rows], sampling.max_tokens, batch_tokens):
        with evaluation(model), torch.inference_mode():
            written = _decode_batch(model, {i: rows[i] for i in batch}, sampling, ending, pad)
        yield from written.items()


def next_logprobs(
    model: nn.Module,
    prompts: Sequence[tuple[int, ...]],
    choices: Sequence[Sequence[int]],
    *,
    pad: int,
    batch_tokens: int,
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """(index of the prompt, log-probability of each of its choices as the next token), the longest prompts first."""
    for batch in batches(prompts, 0, batch_tokens):
        with evaluation(model), torch.inference_mode():
            logits = Steps(model, [prompts[i] for i in batch], pad).logits
            logprobs = torch.log_softmax(logits.float(), -1).cpu()
        yield from ((i, tuple(logprobs[k, list(choices[i])].tolist())) for k, i in enumerate(batch))


def batches(prompts: Sequence[tuple[int, ...]], more: int, batch_tokens: int) -> Iterator[list[int]]:
    """Indices of prompts that go together, of like length and equal ones side by side, with room for `more` tokens."""
    order = sorted(range(len(prompts)), key=lambda i: (-len(prompts[i]), prompts[i], i))
    start = 0
    while start < len(order):
        size = max(1, batch_tokens // (len(prompts[order[start]]) + more))
        yield order[start : start + size]
        start += size


def context(model: nn.Module) -> int:
    """How many tokens, prompt and completion together, a model was made for; a number that none reaches if unknown."""
    return getattr(causal_model(model).config.get_text_config(), "max_position_embeddings", None) or 2**31


def draw(logits: Tensor, uniforms: Tensor, sampling: Sampling) -> Tensor:
    """The next token of each row, by inverting its cumulative distribution.

    Args:
        logits: [rows, vocabulary]; minus infinity for what may not come.
        uniforms: [rows] in [0, 1), on the logits' device; their precision is that of the sums.

    Returns: [rows] ids.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1)
    probabilities = torch.softmax(logits.float() / sampling.temperature, -1)
    if torch.isnan(probabilities).any():
        raise MaieuticError("the model's logits are not numbers: its weights are broken, or the precision too low")
    probabilities = probabilities.to(uniforms.dtype)
    if sampling.top_p == 1:
        return _invert(probabilities, uniforms)[:, 0]
    probabilities, ids = probabilities.sort(dim=-1, descending=True, stable=True)
    before = probabilities.cumsum(-1) - probabilities
    nucleus = probabilities.where(before < sampling.top_p, 0)
    nucleus[:, 0] = probabilities[:, 0]
    return ids.gather(-1, _invert(nucleus, uniforms))[:, 0]


def _invert(weights: Tensor, uniforms: Tensor) -> Tensor:
    """The first index [rows, 1] at which the cumulative weights pass the uniform share of their sum."""
    cumulative = weights.cumsum(-1)
    total = cumulative[:, -1:]
    target = torch.minimum(uniforms[:, None] * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(cumulative, target, right=True)


# --- one batch -------------------------------------------------------------------------------------------------------


def _decode_batch(
    model: nn.Module, rows: Mapping[int, Row], sampling: Sampling, ending: Ending, pad: int
) -> dict[int, Written]:
    """What each row (by its index) wrote."""
    steps = Steps(model, [row.prompt for row in rows.values()], pad)
    limits = {i: min(sampling.max_tokens, steps.context - len(row.prompt)) for i, row in rows.items()}
    uniforms = _uniforms(rows.values(), max(limits.values())).to(steps.logits.device, steps.precision)
    column = {i: k for k, i in enumerate(rows)}
    ids: dict[int, list[int]] = {i: [] for i in rows}
    finish = dict.fromkeys(rows, "length")
    live = list(rows)  # what the batch holds, in the model's order
    for step in range(max(limits.values())):
        if any(rows[i].allowed for i in live):
            steps.logits, going = _masked(steps.logits, [_choices(rows[i], ids[i]) for i in live])
            finish |= dict.fromkeys(set(live) - {live[k] for k in going}, "stop")
            live = steps.keep(live, going)
            if not live:
                break
        tokens = draw(steps.logits, uniforms[[column[i] for i in live], step], sampling).tolist()
        going = []
        for k, (i, token) in enumerate(zip(live, tokens, strict=True)):
            ids[i].append(token)
            if token in ending.tokens or (ending.stopped is not None and ending.stopped(i, ids[i])):
                finish[i] = "stop"
            elif len(ids[i]) < limits[i]:
                going.append(k)
        live = steps.keep(live, going)
        if not live:
            break
        steps.advance([ids[i][-1] for i in live])
    return {i: Written(tuple(ids[i]), finish[i]) for i in rows}


def _uniforms(rows: Iterable[Row], steps: int) -> Tensor:
    """[rows, steps] numbers in [0, 1): a stream for each row, of which a longer one begins like a shorter one."""
    streams = [np.random.default_rng(row.seed) for row in rows]
    return torch.from_numpy(np.stack([stream.random(steps) for stream in streams]))


def _choices(row: Row, written: Sequence[int]) -> Sequence[int] | None:
    """The ids that a row's grammar allows next; None without a grammar."""
    return None if row.allowed is None else row.allowed(written)


def _masked(logits: Tensor, choices: Sequence[Sequence[int] | None]) -> tuple[Tensor, list[int]]:
    """Logits with minus infinity for what grammars forbid, and the rows for which anything is allowed."""
    rows, columns = allowed_places(choices, logits.shape[-1])
    masked = torch.full_like(logits, float("-inf"))
    index = torch.tensor(rows, device=logits.device), torch.tensor(columns, device=logits.device)
    masked[index] = logits[index]
    free = [row for row, ids in enumerate(choices) if ids is None]
    masked[free] = logits[free]
    return masked, [row for row, ids in enumerate(choices) if ids is None or len(ids)]


def allowed_places(choices: Sequence[Sequence[int] | None], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows [n], columns [n]) of what grammars allow in a table with a row for each and a column for each token.

    Rows without a grammar are left out. Raises InputError for a token that the model, with `size` of them, lacks.
    """
    counts = [0 if ids is None else len(ids) for ids in choices]
    columns = np.fromiter((i for ids in choices if ids is not None for i in ids), np.int64, sum(counts))
    wrong = columns[(columns < 0) | (columns >= size)]
    if len(wrong):
        raise InputError(f"the grammar allows token {wrong[0]}: the model has {size}")
    return np.repeat(np.arange(len(choices)), counts), columns


class Steps:
    """The model's side of a batch: its cache, and the logits of every row's next token."""

    def __init__(self, model: nn.Module, rows: Sequence[tuple[int, ...]], pad: int) -> None:
        self._model = causal_model(model)
        self._known = inspect.signature(self._model.forward).parameters
        self._device = next(model.parameters()).device
        self.precision = torch.float32 if self._device.type == "mps" else torch.float64  # the one without float64
        self.context = context(model)
        prompts = list(dict.fromkeys(rows))
        width = max(map(len, prompts))
        ids = [[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        real = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        self._cache = None
        self._mask = torch.tensor(real, device=self._device)
        self._forward(torch.tensor(ids, device=self._device), (self._mask.cumsum(-1) - 1).clamp(min=0))
        if len(rows) > len(prompts):
            place = {prompt: k for k, prompt in enumerate(prompts)}
            self.select([place[row] for row in rows])

    def keep(self, live: Sequence[int], places: Sequence[int]) -> list[int]:
        """Let all rows but those at these places leave; returns the rows that stay."""
        if places and len(places) < len(live):
            self.select(places)
        return [live[k] for k in places]

    def advance(self, tokens: Sequence[int]) -> None:
        """Take in the next token of every row."""
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], -1)
        ids = torch.tensor(tokens, device=self._device)[:, None]
        self._forward(ids, self._mask.sum(-1, keepdim=True) - 1)

    def _forward(self, ids: Tensor, positions: Tensor) -> None:
        given = {"position_ids": positions, "logits_to_keep": 1}
        output = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            **{name: value for name, value in given.items() if name in self._known},
        )
        self._cache = output.past_key_values
        self.logits: Tensor = output.logits[:, -1]

    def select(self, places: Sequence[int]) -> None:
        """The rows at these places, in this order, each as often as it is named, instead of those that there were."""
        index = torch.tensor(places, device=self._device)
        self._cache.reorder_cache(index)  # type: ignore[attr-defined]
        self._mask, self.logits = self._mask[index], self.logits[index]
