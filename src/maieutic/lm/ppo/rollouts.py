"""The first half of a PPO step: the policy writes, the reward function judges, and the trainer measures.

The log-probabilities of what was written are not the sampler's: the trainer computes them again, in the same way as it
will in the updates, so that the first ratio pi / pi_old is 1 to the last digits. The sampling temperature divides the
logits there too; dropout is off throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from maieutic.core.errors import InputError
from maieutic.core.generate import Sampling
from maieutic.core.records import Prompt
from maieutic.lm.anatomy import anatomy, causal_model, output_layer
from maieutic.lm.batches import Batch, buckets, collate
from maieutic.lm.heads import linear_logprobs
from maieutic.lm.logprobs import hidden_states, token_logprobs
from maieutic.lm.model import Policy, pad_id, reference_of
from maieutic.lm.sampling.sample import Sampler
from maieutic.lm.tokens import Encoded

Reward = Callable[[Sequence[Prompt], Sequence[str]], Sequence[float]]
"""From prompts and their completions to a score each, the higher the better: a program, or a reward model."""


class ActorCritic(nn.Module):
    """A policy's model and a value head on its last hidden states; both read what is known before a token is chosen.

    The head starts at 0: the first advantages are the returns, and the first steps teach the model nothing wrong.

    Args:
        bf16: compute in bfloat16 where it is safe; weights, log-softmax and values stay in float32.
    """

    def __init__(self, model: nn.Module, *, bf16: bool = False) -> None:
        super().__init__()
        self.model = model
        self._bf16 = bf16
        width = causal_model(model).config.get_text_config().hidden_size
        self.value = nn.Linear(width, 1, device=next(model.parameters()).device)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)

    def forward(self, batch: Batch, temperature: float) -> tuple[Tensor, Tensor]:
        """Log-probabilities and values, [n, T] each and 0 at padding, in one pass where the model allows it."""
        with self.precision():
            states = hidden_states(self.model, batch, before=True)
            logprobs = self._logprobs(states, batch, temperature)
        return logprobs, self.value(states.float()).squeeze(-1) * batch.mask

    def precision(self) -> torch.autocast:
        """The context in which policy and reference are computed."""
        return torch.autocast(self.value.weight.device.type, torch.bfloat16, enabled=self._bf16)

    def _logprobs(self, states: Tensor, batch: Batch, temperature: float) -> Tensor:
        if not anatomy(self.model).linear_head:
            return token_logprobs(self.model, batch, temperature=temperature)
        head = output_layer(causal_model(self.model))
        tokens = linear_logprobs(states[batch.mask], head.weight, head.bias, batch.targets[batch.mask], temperature)
        return torch.zeros(batch.mask.shape, device=tokens.device).masked_scatter(batch.mask, tokens)


@dataclass(frozen=True)
class Rollout:
    """n completions, and what was measured of them before any update.

    Args:
        rows: prompts and completions as ids.
        scores: [n] what the reward function said, or the score for a missing end.
        rewards: [n] what it said, alone.
        ended: [n] whether the completion ended with its end token.
        logprobs, reference, values, mask: [n, T], 0 (False) at padding; under the policy, the reference and the head.
    """

    rows: tuple[Encoded, ...]
    scores: Tensor
    rewards: Tensor
    ended: Tensor
    logprobs: Tensor
    reference: Tensor
    values: Tensor
    mask: Tensor


def roll_out(
    policy: Policy,
    actor: ActorCritic,
    reference: Policy | None,
    reward: Reward,
    prompts: Sequence[Prompt],
    seeds: Sequence[int],
    sampling: Sampling,
    *,
    fixed_length: bool,
    missing_end_score: float | None,
    batch_tokens: int,
) -> Rollout:
    """One completion for each prompt and seed, judged and measured.

    `reference` None: the policy with its adapters off. Raises InputError where the reward function does not give a
    finite number for each completion.
    """
    sampler = Sampler(policy, batch_tokens=batch_tokens)
    written = dict(sampler.complete(prompts, seeds, sampling, fixed_length=fixed_length))
    completions = [written[i] for i in range(len(prompts))]
    rows = tuple(Encoded(completion.prompt, completion.ids) for completion in completions)
    rewards = _judged(reward, prompts, [completion.text for completion in completions])
    ended = torch.tensor([completion.ended or fixed_length for completion in completions])
    scores = rewards if missing_end_score is None else rewards.where(ended, missing_end_score)
    pad = pad_id(policy.tokenizer)
    longest = max(len(row.completion) for row in rows)
    logprobs, values, behind = (torch.zeros(len(rows), longest) for _ in range(3))
    with torch.no_grad():
        for part, batch in batches(rows, pad, batch_tokens, _device(actor)):
            width = batch.mask.shape[1]
            logprobs[part, :width], values[part, :width] = (x.cpu() for x in actor(batch, sampling.temperature))
            with actor.precision():
                behind[part, :width] = _reference_logprobs(policy, reference, batch, sampling.temperature).cpu()
    mask = torch.arange(longest) < torch.tensor([len(row.completion) for row in rows])[:, None]
    return Rollout(rows, scores, rewards, ended, logprobs, behind, values, mask)


def batches(
    rows: Sequence[Encoded], pad: int, batch_tokens: int, device: torch.device
) -> Iterator[tuple[list[int], Batch]]:
    """The rows in batches that fit, of like length, with their indices."""
    for part in buckets(rows, batch_tokens):
        yield part, collate([rows[i] for i in part], pad).to(device)


def _reference_logprobs(policy: Policy, reference: Policy | None, batch: Batch, temperature: float) -> Tensor:
    if reference is not None:
        return token_logprobs(reference.model, batch, temperature=temperature)
    with reference_of(policy) as model:
        return token_logprobs(model, batch, temperature=temperature)


def _judged(reward: Reward, prompts: Sequence[Prompt], texts: Sequence[str]) -> Tensor:
    scores = [float(score) for score in reward(prompts, texts)]
    if len(scores) != len(texts):
        raise InputError(f"{len(scores)} scores for {len(texts)} completions", where="reward", hint="one for each")
    for text, score in zip(texts, scores, strict=True):
        if not math.isfinite(score):
            raise InputError(f"{score} for the completion {text!r:.80}", where="reward", hint="a finite number")
    return torch.tensor(scores)


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device
