"""The arithmetic of PPO, free of models: from scores and log-probabilities to what each token's loss is.

All tensors are [n, T]: n completions of T tokens at most, with a mask that is False at padding, where everything is 0.
A token's reward is the price of its deviation from the reference; the score of the whole completion comes on top at its
last token, and nowhere else. Sources: Schulman et al., PPO (arXiv 1707.06347) and GAE (1506.02438); Ziegler et al.
(1909.08593), and InstructGPT (2203.02155), for the rewards and their coefficient.
"""

from __future__ import annotations

import torch
from torch import Tensor


def token_rewards(logprobs: Tensor, reference: Tensor, scores: Tensor, mask: Tensor, beta: float) -> Tensor:
    """-beta (log pi - log pi_ref) at each token, and the score [n] at the last one (its end token, if it has one)."""
    rewards = -beta * (logprobs - reference) * mask
    last = mask.sum(1) - 1
    return rewards.scatter_add(1, last[:, None], scores[:, None].to(rewards.dtype))


def generalised_advantages(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> Tensor:
    """GAE: A_t = sum_k (gamma lam)^k delta_{t+k}, delta_t = r_t + gamma V_{t+1} - V_t; V is 0 after the last token."""
    values = values * mask
    after = torch.cat([values[:, 1:], torch.zeros_like(values[:, :1])], 1)
    deltas = (rewards + gamma * after - values) * mask
    advantages = torch.zeros_like(deltas)
    running = torch.zeros_like(deltas[:, 0])
    for t in reversed(range(deltas.shape[1])):
        running = deltas[:, t] + gamma * lam * running
        advantages[:, t] = running
    return advantages * mask


def whiten(values: Tensor, mask: Tensor, *, keep_mean: bool = False) -> Tensor:
    """Scaled to a variance of 1 over the mask, and shifted to a mean of 0 unless `keep_mean`."""
    kept = values[mask]
    mean = kept.mean()
    whitened = (values - mean) * torch.rsqrt(kept.var(correction=0) + 1e-8)
    return (whitened + mean if keep_mean else whitened) * mask


def policy_loss(logprobs: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """-min(rho A, clip(rho, 1 - clip, 1 + clip) A) of each token, rho = pi / pi_old (1707.06347, eq. 7)."""
    ratio = torch.exp(logprobs - old)
    return -torch.min(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def value_loss(values: Tensor, old: Tensor, returns: Tensor, clip: float) -> Tensor:
    """Half the squared error of each token's value, or that of the value held within `clip` of the old, if larger."""
    held = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.max((values - returns) ** 2, (held - returns) ** 2)


def adapted(beta: float, kl: float, target: float, horizon: float, episodes: int) -> float:
    """The coefficient after a batch of episodes whose mean KL was `kl` (1909.08593, eq. 2.2 ff.): an error of at most
    0.2 either way, times episodes / horizon."""
    error = min(max(kl / target - 1, -0.2), 0.2)
    return beta * (1 + error * episodes / horizon)
