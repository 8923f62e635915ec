"""What PPO maximises and a reward judge reads: a function from prompts and completions to numbers.

It is a fitted reward model, or a Python function, `path/to/file.py:name`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from maieutic.align.judges.oracles import load_function
from maieutic.core.errors import InputError
from maieutic.core.records import Prompt
from maieutic.lm.model import fingerprint
from maieutic.lm.ppo.rollouts import Reward
from maieutic.lm.reward import RewardModel
from maieutic.lm.tokens import Dropped, DropReason, encode
from maieutic.lm.training.fit import row_limit
from maieutic.lm.training.fit_config import FitConfig

NOTHING = -5.0
"""The reward of a completion in which there is nothing to read, in deviations of the reference's rewards: a reward
model has seen none such, and a policy must not gain by writing none."""


def reward_of(name: str) -> tuple[Reward, str]:
    """The reward function, and a hash that stands for it.

    A function takes prompts and completions, as many of each, and gives a number for each: the higher, the better.
    Raises InputError where there is no such model or function.
    """
    path, colon, function = name.rpartition(":")
    if colon and path.endswith(".py"):
        return load_function(name, Path()), _hash(Path(path), function)
    model = RewardModel.load(name)
    return scores_of(model), fingerprint(model)


def scores_of(model: RewardModel, asked: Callable[[Prompt], Prompt] = lambda prompt: prompt) -> Reward:
    """The scores of a reward model, and NOTHING for a completion without any token.

    Args:
        asked: how a prompt is put to it.

    The function raises InputError for a prompt that leaves no room for a completion.
    """
    limit = row_limit(model, FitConfig())

    def score(prompts: Sequence[Prompt], completions: Sequence[str]) -> list[float]:
        rows = [
            encode(model.tokenizer, asked(p), c, max_length=limit) for p, c in zip(prompts, completions, strict=True)
        ]
        if any(isinstance(row, Dropped) and row.reason is DropReason.TOO_SHORT for row in rows):
            raise InputError(f"a prompt fills the {limit} tokens that the reward model reads")
        known = {place: row for place, row in enumerate(rows) if not isinstance(row, Dropped)}
        told = dict(zip(known, model.score(list(known.values())).tolist(), strict=True)) if known else {}
        return [told.get(place, NOTHING) for place in range(len(rows))]

    return score


def _hash(path: Path, name: str) -> str:
    return hashlib.sha256(f"{name}\n".encode() + path.read_bytes()).hexdigest()[:32]
