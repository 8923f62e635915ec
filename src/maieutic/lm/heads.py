"""The last layer without its logits: from hidden states straight to the log-probabilities of given tokens.

With N tokens, a vocabulary of V and width d, the logits are N x V numbers, far more than the N x d hidden states that
they come from; and of the log-softmax over them only one entry a token is wanted. So they are made for a few tokens at
a time, small enough to stay in the processor's cache, and forgotten:

    log p = z[target] - logsumexp(z),   z = h W^T / temperature
    d log p / dz = onehot(target) - softmax(z)

The backward pass makes each chunk's logits again from h, W and the saved logsumexp. That is one product of matrices
more, and still no slower than keeping them: fresh memory for N x V numbers costs a processor about as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_BYTES = {"cpu": 2**22, "cuda": 2**28}
"""How many bytes of float32 logits are made at a time."""


def linear_logprobs(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, temperature: float = 1.0
) -> Tensor:
    """Log-probabilities of the targets under softmax((hidden @ weight.T + bias) / temperature), in float32.

    Args:
        hidden: [N, d].
        weight: [V, d].
        bias: [V] or None.
        targets: [N].

    Returns: [N]. Its gradient is exact; it has no second derivative.
    """
    dtype = hidden.dtype
    if torch.is_autocast_enabled(hidden.device.type):
        dtype = torch.get_autocast_dtype(hidden.device.type)
    cast = None if bias is None else bias.to(dtype)
    apply: Any = _LinearLogprobs.apply
    logprobs: Tensor = apply(hidden.to(dtype), weight.to(dtype), cast, targets, temperature)
    return logprobs


class _Logits:
    """The logits of a few tokens at a time, all in the same memory: new memory for each would cost as much as exp."""

    def __init__(self, hidden: Tensor, weight: Tensor, bias: Tensor | None, temperature: float) -> None:
        self.hidden, self.weight, self.bias, self.temperature = hidden, weight, bias, temperature
        room = CHUNK_BYTES.get(hidden.device.type, CHUNK_BYTES["cuda"])
        self.step = min(len(hidden), max(8, room // (4 * len(weight))))
        self.memory = hidden.new_empty((self.step, len(weight)), dtype=torch.float32)

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """(which tokens, their logits in float32): to be used, and overwritten, before the next."""
        for start in range(0, len(self.hidden), self.step):
            part = slice(start, start + self.step)
            hidden = self.hidden[part]
            logits = self.memory[: len(hidden)]
            if hidden.dtype == torch.float32:
                torch.mm(hidden, self.weight.T, out=logits)
            else:
                logits.copy_(hidden @ self.weight.T)
            if self.bias is not None:
                logits += self.bias
            if self.temperature != 1.0:
                logits /= self.temperature
            yield part, logits


class _LinearLogprobs(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, temperature: float
    ) -> Tensor:
        chosen = hidden.new_empty(len(hidden), dtype=torch.float32)
        log_z = torch.empty_like(chosen)
        for part, logits in _Logits(hidden, weight, bias, temperature).chunks():
            chosen[part] = logits.gather(1, targets[part, None]).squeeze(1)
            largest = logits.amax(1, keepdim=True)
            log_z[part] = logits.sub_(largest).exp_().sum(1).log_().add_(largest.squeeze(1))
        ctx.save_for_backward(hidden, weight, bias, targets, log_z)
        ctx.temperature = temperature
        return chosen - log_z

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        hidden, weight, bias, targets, log_z = ctx.saved_tensors
        by_hidden = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        by_weight = torch.zeros_like(weight, dtype=torch.float32) if ctx.needs_input_grad[1] else None
        by_bias = torch.zeros_like(bias, dtype=torch.float32) if ctx.needs_input_grad[2] else None
        scale = (gradient / ctx.temperature)[:, None]
        for part, logits in _Logits(hidden, weight, bias, ctx.temperature).chunks():
            by_logits = logits.sub_(log_z[part, None]).exp_().mul_(-scale[part])
            by_logits.scatter_add_(1, targets[part, None], scale[part])
            if by_bias is not None:
                by_bias += by_logits.sum(0)
            by_logits = by_logits.to(hidden.dtype)
            if by_hidden is not None:
                torch.mm(by_logits, weight, out=by_hidden[part])
            if by_weight is not None:
                _add_product(by_weight, by_logits.T, hidden[part])
        return by_hidden, _as(by_weight, weight), _as(by_bias, bias), None, None


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """total += left @ right, the sum in float32."""
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right


def _as(gradient: Tensor | None, like: Tensor | None) -> Tensor | None:
    return None if gradient is None or like is None else gradient.to(like.dtype)
