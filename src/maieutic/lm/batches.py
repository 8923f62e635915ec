"""Rows of token ids become tensors.

Which token is prompt, completion or padding is known from lengths alone, never from ids: pad may equal eos. Sequences
are padded on the right, where a causal model cannot see the padding, so that a plain batch needs no attention mask.

Completions of one prompt that stand side by side, as a preference pair does, can share it: they are packed into one
sequence, prompt + completion 1 + completion 2, whose positions start again after the prompt and whose attention mask
lets each completion see the prompt and itself. The prompt is then computed once, and the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain, groupby
from typing import Any

import torch
from torch import Tensor

from maieutic.core.errors import InputError
from maieutic.lm.tokens import Encoded

Pack = tuple[Encoded, ...]
"""Rows with one prompt, in one sequence."""

KEYS_A_TOKEN = 4096
"""So many keys cost a token as much to attend to as the rest of a layer: 8 times the width, here of a small model."""


@dataclass(frozen=True)
class Batch:
    """n completions as B packed sequences of length S at most, the longest completion having T tokens.

    Args:
        rows: what it was made of.
        pad: the id that fills up the sequences.
        input_ids: [B, S].
        positions: [B, S] or None, where every sequence is one row: 0, 1, 2, ...
        segments: [B, S] or None; 0 for a prompt, k for its k-th completion, -1 for padding.
        targets: [n, T] the completions' ids, 0 where `mask` is False.
        mask: [n, T] which of them are real: the first `lengths` of each row.
        places: [n, T] where each target stands in the flattened input_ids, 0 where `mask` is False.
        before: [n, T] where the token that predicts it stands, 0 where `mask` is False.
        lengths: [n] tokens in each completion.
    """

    rows: tuple[Encoded, ...]
    pad: int
    input_ids: Tensor
    positions: Tensor | None
    segments: Tensor | None
    targets: Tensor
    mask: Tensor
    places: Tensor
    before: Tensor
    lengths: Tensor

    @property
    def shared(self) -> bool:
        """Whether some prompt is shared by several completions."""
        return self.segments is not None

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on this device."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {k: v.to(device, non_blocking=True) for k, v in values.items() if isinstance(v, Tensor)}
        return replace(self, **moved)

    def attention_mask(self, dtype: torch.dtype) -> Tensor | None:
        """[B, 1, S, S], added to attention's scores: 0 where a token may look, -inf where not; None: plain causal."""
        if self.segments is None:
            return None
        look, at = self.segments[:, :, None], self.segments[:, None, :]
        allowed = ((at == 0) | (at == look)).tril()[:, None]
        return torch.zeros(allowed.shape, dtype=dtype, device=allowed.device).masked_fill_(~allowed, -torch.inf)


def collate(rows: Sequence[Encoded], pad: int, *, share: bool = False) -> Batch:
    """The rows as one batch. With `share`, neighbours with equal prompts are packed and the prompt is computed once,
    unless the longer sequences would cost more attention than that saves.

    Raises InputError for no rows, or a row without a prompt or a completion.
    """
    if not rows:
        raise InputError("a batch needs at least one row")
    for index, row in enumerate(rows):
        if not (row.prompt and row.completion):
            empty = "completion" if row.prompt else "prompt"
            raise InputError(f"the {empty} has no tokens", where=f"row {index}", hint="leave such rows out")
    packs: list[Pack] = [(row,) for row in rows]
    if share:
        behind_prompts = [tuple(group) for _, group in groupby(rows, key=lambda row: row.prompt)]
        packs = min(packs, behind_prompts, key=_work)
    shared = len(packs) < len(rows)
    width = _width(packs)
    longest = max(len(row.completion) for row in rows)
    input_ids = torch.tensor([_filled(_ids(pack), width, pad) for pack in packs])
    places, before, mask = _places(packs, width, longest)
    return Batch(
        rows=tuple(rows),
        pad=pad,
        input_ids=input_ids,
        positions=torch.tensor([_filled(_positions(pack), width, 0) for pack in packs]) if shared else None,
        segments=torch.tensor([_filled(_segments(pack), width, -1) for pack in packs]) if shared else None,
        targets=torch.tensor([_filled(row.completion, longest, 0) for row in rows]),
        mask=mask,
        places=places,
        before=before,
        lengths=torch.tensor([len(row.completion) for row in rows]),
    )


def buckets(rows: Sequence[Encoded], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of rows that make up batches of at most `batch_tokens` tokens with padding, longest first.

    Rows with the same prompt stay together, and prompts whose longest rows are alike. A row that is longer than
    `batch_tokens` has a batch to itself.
    """
    longest: dict[tuple[int, ...], int] = {}
    for row in rows:
        longest[row.prompt] = max(longest.get(row.prompt, 0), _length(row))
    order = sorted(range(len(rows)), key=lambda i: (-longest[rows[i].prompt], rows[i].prompt, -_length(rows[i]), i))
    batch: list[int] = []
    width = 0
    for index in order:
        wider = max(width, _length(rows[index]))
        if batch and (len(batch) + 1) * wider > batch_tokens:
            yield batch
            batch, wider = [], _length(rows[index])
        batch.append(index)
        width = wider
    if batch:
        yield batch


def _width(packs: Sequence[Pack]) -> int:
    return max(len(pack[0].prompt) + sum(len(row.completion) for row in pack) for pack in packs)


def _work(packs: Sequence[Pack]) -> float:
    """Roughly what a forward pass over these sequences costs, in tokens. A causal mask of its own saves half."""
    width = _width(packs)
    looked_at = width if any(len(pack) > 1 for pack in packs) else width / 2
    return len(packs) * width * (1 + looked_at / KEYS_A_TOKEN)


def _length(row: Encoded) -> int:
    return len(row.prompt) + len(row.completion)


def _filled(values: Sequence[int], length: int, value: int) -> list[int]:
    return [*values, *[value] * (length - len(values))]


def _ids(pack: Pack) -> list[int]:
    return [*pack[0].prompt, *chain.from_iterable(row.completion for row in pack)]


def _positions(pack: Pack) -> list[int]:
    start = len(pack[0].prompt)
    return [*range(start), *chain.from_iterable(range(start, start + len(row.completion)) for row in pack)]


def _segments(pack: Pack) -> list[int]:
    completions = ([number] * len(row.completion) for number, row in enumerate(pack, start=1))
    return [*[0] * len(pack[0].prompt), *chain.from_iterable(completions)]


def _places(packs: Sequence[Pack], width: int, longest: int) -> tuple[Tensor, Tensor, Tensor]:
    """`places`, `before` and `mask` of a batch, [n, T] each."""
    starts, prompt_ends, lengths = [], [], []
    for sequence, pack in enumerate(packs):
        offset = sequence * width + len(pack[0].prompt)
        for row in pack:
            prompt_ends.append(sequence * width + len(pack[0].prompt) - 1)
            starts.append(offset)
            lengths.append(len(row.completion))
            offset += len(row.completion)
    column = torch.arange(longest)
    mask = column < torch.tensor(lengths)[:, None]
    places = torch.tensor(starts)[:, None] + column
    before = torch.where(column == 0, torch.tensor(prompt_ends)[:, None], places - 1)
    return places.masked_fill_(~mask, 0), before.masked_fill_(~mask, 0), mask
