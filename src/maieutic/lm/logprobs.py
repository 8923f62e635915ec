"""How likely a model finds a completion: log pi(y | x), token by token.

The cost of this is mostly in the last layer, which turns each hidden state into one logit a word of the vocabulary. So
the hidden states are computed for all tokens, but logits only for those that predict a token of a completion, a few
tokens at a time, and never kept: the backward pass computes them again (`heads.py`). The log-softmax is in float32
whatever the model's precision.

Not every architecture can be taken apart like this: `anatomy.py` finds out, and what cannot is computed the plain way,
as can a batch whose prompts are shared.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from maieutic.lm.anatomy import Anatomy, anatomy, causal_model, last_hidden_states, model_inputs, output_layer
from maieutic.lm.batches import Batch, buckets, collate
from maieutic.lm.heads import linear_logprobs
from maieutic.lm.tokens import Encoded

__all__ = ["Batch", "collate", "final_states", "hidden_states", "sequence_logprobs", "token_logprobs"]


def token_logprobs(model: nn.Module, batch: Batch, *, temperature: float = 1.0) -> Tensor:
    """log pi(token | prompt and the tokens before it) of each token of each completion.

    Args:
        model: a causal language model of transformers, or one wrapped by peft.
        batch: the completions, on the model's device.
        temperature: what logits are divided by, as they were in sampling.

    Returns: [n, T] float32, 0 where `batch.mask` is False.
    """
    causal, allows = causal_model(model), anatomy(model)
    batch = _allowed(batch, allows)
    sources, targets = batch.before[batch.mask], batch.targets[batch.mask]
    if allows.linear_head:
        head = output_layer(causal)
        hidden = last_hidden_states(causal, batch).flatten(0, 1).index_select(0, sources)
        values = linear_logprobs(hidden, head.weight, head.bias, targets, temperature)
    else:
        logits = causal(**model_inputs(causal, batch)).logits.flatten(0, 1)[sources]
        values = torch.log_softmax(logits.float() / temperature, dim=-1).gather(1, targets[:, None]).squeeze(1)
    return torch.zeros(batch.mask.shape, device=values.device).masked_scatter(batch.mask, values)


def hidden_states(model: nn.Module, batch: Batch, *, before: bool = False) -> Tensor:
    """The last hidden state at each token of each completion: what a reward or value head reads.

    With `before`, the state that predicts the token instead: all that was known when it was chosen.

    Returns: [n, T, d] in the model's precision, 0 at padding.
    """
    batch = _allowed(batch, anatomy(model))
    places = batch.before if before else batch.places
    return last_hidden_states(causal_model(model), batch).flatten(0, 1)[places] * batch.mask[:, :, None]


def final_states(model: nn.Module, batch: Batch) -> Tensor:
    """The last hidden state at the last token of each completion, which its length tells, [n, d]."""
    batch = _allowed(batch, anatomy(model))
    places = batch.places.gather(1, batch.lengths[:, None] - 1).squeeze(1)
    return last_hidden_states(causal_model(model), batch).flatten(0, 1).index_select(0, places)


@torch.no_grad()
def sequence_logprobs(model: nn.Module, rows: Sequence[Encoded], pad: int, *, batch_tokens: int = 8192) -> Tensor:
    """log pi(y | x) of each row: summed over the completion's tokens, without gradients, in batches of like length.

    Returns: [n] float32 on the CPU, in the order of the rows.
    """
    device = next(model.parameters()).device
    sums = torch.zeros(len(rows))
    for part in buckets(rows, batch_tokens):
        batch = collate([rows[i] for i in part], pad, share=anatomy(model).shares_prompts).to(device)
        sums[part] = token_logprobs(model, batch).sum(dim=1).cpu()
    return sums


def _allowed(batch: Batch, allows: Anatomy) -> Batch:
    """The batch, or the same rows with a sequence each where the model cannot have them share a prompt."""
    if allows.shares_prompts or not batch.shared:
        return batch
    return collate(batch.rows, batch.pad).to(batch.input_ids.device)
