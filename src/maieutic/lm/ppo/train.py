"""Reward maximisation under a KL penalty by PPO, as InstructGPT did it (arXiv 2203.02155), with the details that make
it work (Ziegler et al., 1909.08593, and those who reproduced them).

    max E[ r(x, y) - beta log(pi(y|x) / pi_ref(y|x)) ],   whose optimum is pi_ref exp(r / beta) / Z

A step: the policy writes one completion for each of a batch of prompts, the reward function scores them, and a few
passes over the batch move the policy by the clipped loss and a value head by regression (`rollouts.py` measures,
`advantages.py` is the arithmetic). Whatever is random is drawn from the seed and the number of the step, so a run that
was killed goes on from its last checkpoint and ends with the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from maieutic.core.config import dump
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import locked, write_whole
from maieutic.core.interrupts import interruptible
from maieutic.core.progress import progress
from maieutic.core.records import Example, Prompt, content_hash, to_json
from maieutic.lm.model import Policy, evaluation, fingerprint, frozen, pad_id
from maieutic.lm.ppo.advantages import adapted, generalised_advantages, policy_loss, token_rewards, value_loss, whiten
from maieutic.lm.ppo.config import OUTWARD, PPOConfig
from maieutic.lm.ppo.rollouts import ActorCritic, Reward, Rollout, batches, roll_out
from maieutic.lm.sampling.decoding import context
from maieutic.lm.tokens import encode_prompt
from maieutic.lm.training.checkpoint import Folder

__all__ = ["PPOConfig", "PPOResult", "Reward", "ppo"]


@dataclass(frozen=True)
class PPOResult:
    """What a run did: its steps, and what was measured in each (`metrics.jsonl` has the same)."""

    steps: int
    metrics: tuple[Mapping[str, float], ...]


def ppo(
    policy: Policy,
    prompts: Sequence[Prompt],
    reward: Reward,
    config: PPOConfig,
    folder: Path,
    *,
    reference: Policy | None = None,
) -> PPOResult:
    """Train the policy, in place, to earn the reward without leaving the reference.

    Args:
        prompts: taken in batches, shuffled anew each time around.
        reward: from prompts and completions to scores, as many and as often as it is asked.
        folder: gets checkpoints and metrics. The same call in the same folder goes on where it stopped, bit for bit
            on a CPU, and returns at once if it had finished.
        reference: what the KL is measured from. None: the policy as it is given (its adapters off, or a copy).

    Raises InputError where a prompt leaves no room in the context, where the reward function does not give a finite
    number for each completion, and where the folder holds a run of other settings, prompts or policies.
    """
    _check(policy, prompts, config)
    kept = Folder(Path(folder))
    with locked(kept.path), evaluation(policy.model):
        kept.claim(_made_from(policy, prompts, config, reference))
        write_whole(kept.path / "config.toml", dump(config).encode())
        trainer = _Trainer(policy, prompts, reward, config, reference)
        if kept.finished(trainer.actor) is None:
            _train(trainer, config, kept)
        return PPOResult(config.steps, tuple(kept.metrics()))


def _train(trainer: _Trainer, config: PPOConfig, kept: Folder) -> None:
    """All steps that are left."""
    done = trainer.restore(kept)
    kept.cut_metrics(done)
    with interruptible() as interrupted, progress("PPO", config.steps) as advance:
        advance(done)
        for step in range(done + 1, config.steps + 1):
            kept.add_metrics(trainer.step(step))
            if step % config.checkpoint_every == 0 or interrupted():
                trainer.save(kept, step)
            if interrupted():
                raise KeyboardInterrupt
            advance(1)
    kept.finish(trainer.actor, {"steps": config.steps})


class _Trainer:
    """The policy, its value head, reference and optimiser."""

    def __init__(
        self, policy: Policy, prompts: Sequence[Prompt], reward: Reward, config: PPOConfig, reference: Policy | None
    ) -> None:
        self._policy, self._prompts, self._reward, self._config = policy, prompts, reward, config
        self._reference = frozen(policy) if reference is None and not policy.adapted else reference
        self.actor = ActorCritic(policy.model, bf16=config.bf16)
        self._trained = [parameter for parameter in self.actor.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.Adam(self._trained, betas=config.adam_betas, eps=config.adam_eps)
        self._beta = config.kl_coefficient

    def step(self, number: int) -> dict[str, float]:
        """One rollout and its updates; what was measured. Steps count from 1."""
        config = self._config
        rate = self._set_learning_rate(number)
        rollout = self._roll_out(number)
        kl = float(((rollout.logprobs - rollout.reference) * rollout.mask).sum(1).mean())
        advantages, returns = self._targets(rollout)
        updates = _Updates()
        for epoch in range(config.epochs):
            order = _random(config.seed, _Stream.MINIBATCHES, number, epoch).permutation(len(rollout.rows))
            for part in np.array_split(order, min(config.minibatches, len(order))):
                self._update(rollout, advantages, returns, part.tolist(), updates)
        measured = {
            "step": number,
            "score": float(rollout.rewards.mean()),
            "kl": kl,
            "kl_coefficient": self._beta,
            "objective": float(rollout.scores.mean()) - self._beta * kl,
            "entropy": -float(rollout.logprobs[rollout.mask].mean()),
            "length": float(rollout.mask.sum(1).float().mean()),
            "ended": float(rollout.ended.float().mean()),
            "learning_rate": rate,
            **updates.summary(),
        }
        if config.kl_target is not None:
            self._beta = adapted(self._beta, kl, config.kl_target, config.kl_horizon, len(rollout.rows))
        return measured

    def _roll_out(self, number: int) -> Rollout:
        config = self._config
        size = config.batch_size
        return roll_out(
            self._policy,
            self.actor,
            self._reference,
            self._reward,
            [self._prompts[i] for i in _turns(len(self._prompts), (number - 1) * size, size, config.seed)],
            _random(config.seed, _Stream.DRAWS, number).integers(2**53, size=size).tolist(),
            config.sampling,
            fixed_length=config.fixed_length,
            missing_end_score=config.missing_end_score,
            batch_tokens=config.micro_batch_tokens,
        )

    def _targets(self, rollout: Rollout) -> tuple[Tensor, Tensor]:
        """Each token's advantage and return, [n, T]."""
        config, mask = self._config, rollout.mask
        rewards = token_rewards(rollout.logprobs, rollout.reference, rollout.scores, mask, self._beta)
        if config.whiten_rewards:
            rewards = whiten(rewards, mask, keep_mean=True)
        advantages = generalised_advantages(rewards, rollout.values, mask, config.gamma, config.gae_lambda)
        returns = advantages + rollout.values
        return (whiten(advantages, mask) if config.whiten_advantages else advantages), returns

    def _update(
        self, rollout: Rollout, advantages: Tensor, returns: Tensor, chosen: list[int], updates: _Updates
    ) -> None:
        """One step of the optimiser on the chosen completions: the mean over their tokens, in parts that fit."""
        config, device = self._config, self.actor.value.weight.device
        tokens = int(rollout.mask[chosen].sum())
        rows = [rollout.rows[i] for i in chosen]
        self._optimiser.zero_grad()
        for part, batch in batches(rows, pad_id(self._policy.tokenizer), config.micro_batch_tokens, device):
            where = ([chosen[i] for i in part], slice(batch.mask.shape[1]))
            old, old_values = rollout.logprobs[where].to(device), rollout.values[where].to(device)
            logprobs, values = self.actor(batch, config.temperature)
            policy_part = policy_loss(logprobs, old, advantages[where].to(device), config.clip)[batch.mask].sum()
            value_part = value_loss(values, old_values, returns[where].to(device), config.value_clip)[batch.mask].sum()
            loss = (policy_part + config.value_coefficient * value_part) / tokens
            if not torch.isfinite(loss):
                raise MaieuticError("the loss is no number any more; a lower learning_rate helps, or a smaller clip")
            loss.backward()  # type: ignore[no-untyped-call]
            ratios = torch.exp(logprobs.detach() - old)[batch.mask]
            updates.add(ratios, config.clip, float(policy_part.detach()), float(value_part.detach()))
        torch.nn.utils.clip_grad_norm_(self._trained, config.max_gradient_norm)
        self._optimiser.step()

    def _set_learning_rate(self, number: int) -> float:
        config = self._config
        falling = 1 - (number - 1) / config.steps if config.schedule == "linear" else 1.0
        rate = config.learning_rate * falling * min(1.0, number / (config.warmup_steps + 1))
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        return rate

    def save(self, kept: Folder, step: int) -> None:
        """Keep all that the step after this one needs to know."""
        kept.save(self.actor, self._optimiser, {"step": step, "kl_coefficient": self._beta}, keep=())

    def restore(self, kept: Folder) -> int:
        """Go back to the last checkpoint; returns its step, 0 for none."""
        if not kept.steps():
            return 0
        step = kept.steps()[-1]
        kept.restore(step, self.actor, self._optimiser)
        self._beta = kept.state(step)["kl_coefficient"]
        return step


class _Updates:
    """What the updates of a step add up to, token by token."""

    def __init__(self) -> None:
        self._tokens = self._clipped = 0
        self._policy = self._value = self._deviation = 0.0

    def add(self, ratios: Tensor, clip: float, policy: float, value: float) -> None:
        """Of one part: pi / pi_old of its tokens, and its summed losses."""
        away = (ratios - 1).abs()
        self._tokens += len(ratios)
        self._clipped += int((away > clip).sum())
        self._deviation = max(self._deviation, float(away.max()))
        self._policy += policy
        self._value += value

    def summary(self) -> dict[str, float]:
        """Means over tokens, and the largest deviation of a ratio from 1."""
        return {
            "policy_loss": self._policy / self._tokens,
            "value_loss": self._value / self._tokens,
            "clip_fraction": self._clipped / self._tokens,
            "ratio_deviation": self._deviation,
        }


def _made_from(
    policy: Policy, prompts: Sequence[Prompt], config: PPOConfig, reference: Policy | None
) -> dict[str, object]:
    settings = {
        f"config.{name}": value for name, value in config.model_dump(mode="json").items() if name not in OUTWARD
    }
    texts = content_hash([to_json(Example(prompt, "")) for prompt in prompts])
    other = None if reference is None else fingerprint(reference)
    return {**settings, "prompts": texts, "policy": fingerprint(policy), "reference": other}


def _check(policy: Policy, prompts: Sequence[Prompt], config: PPOConfig) -> None:
    if not prompts:
        raise InputError("there are no prompts")
    room = context(policy.model) - (config.max_tokens if config.fixed_length else 1)
    for number, prompt in enumerate(prompts, 1):
        length = len(encode_prompt(policy.tokenizer, prompt))
        if length > room:
            raise InputError(f"{length} tokens leave no room in the model's context", where=f"prompt {number}")


class _Stream(IntEnum):
    """What random numbers are for: each use has a stream of its own."""

    PROMPTS = 1
    DRAWS = 2
    MINIBATCHES = 3


def _random(seed: int, stream: _Stream, number: int, epoch: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, stream, number, epoch])


def _turns(count: int, start: int, size: int, seed: int) -> list[int]:
    """Places `start` to `start + size` of an endless sequence: all prompts in one random order, then in another ..."""
    turns = range(start // count, (start + size - 1) // count + 1)
    orders = np.concatenate([_random(seed, _Stream.PROMPTS, turn).permutation(count) for turn in turns])
    skipped = start % count
    return [int(place) for place in orders[skipped : skipped + size]]
