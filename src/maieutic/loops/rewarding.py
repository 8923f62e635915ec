"""A reward model as a function from prompts and completions to numbers: what PPO maximises and what a judge reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from maieutic.core.records import Prompt

Rewards = Callable[[Sequence[Prompt], Sequence[str]], list[float]]

NOTHING = -5.0
"""The reward of a completion without text, in deviations of the reference's rewards: no reward model has seen one."""


def rewards_of(folder: str | Path, asked: Callable[[Prompt], Prompt] = lambda prompt: prompt) -> Rewards:
    """The rewards that a folder's model gives.

    Args:
        folder: a reward model's.
        asked: how a prompt is put to it.
    """
    from maieutic.lm.reward import RewardModel
    from maieutic.lm.tokens import Encoded, encode

    model = RewardModel.load(folder)

    def score(prompts: Sequence[Prompt], texts: Sequence[str]) -> list[float]:
        rows = [encode(model.tokenizer, asked(p), t) for p, t in zip(prompts, texts, strict=True)]
        known = {k: row for k, row in enumerate(rows) if isinstance(row, Encoded)}
        told = dict(zip(known, model.score(list(known.values())).tolist(), strict=True))
        return [told.get(k, NOTHING) for k in range(len(rows))]

    return score
