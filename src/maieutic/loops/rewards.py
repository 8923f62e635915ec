"""What PPO maximises, from how it is named: a reward model's folder, or a Python function, `path/to/file.py:name`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from maieutic.align.oracles import load_function
from maieutic.core.errors import InputError
from maieutic.core.records import Prompt
from maieutic.lm.fit import row_limit
from maieutic.lm.fit_config import FitConfig
from maieutic.lm.model import fingerprint
from maieutic.lm.reward import RewardModel
from maieutic.lm.rollouts import Reward
from maieutic.lm.tokens import Encoded, encode


def reward_of(name: str) -> tuple[Reward, str]:
    """The reward function, and a hash that stands for it.

    A function takes prompts and completions, as many of each, and gives a number for each: the higher, the better.
    Raises InputError where there is no such model or function.
    """
    path, colon, function = name.rpartition(":")
    if colon and path.endswith(".py"):
        return load_function(name, Path()), _hash(Path(path), function)
    model = RewardModel.load(name)
    return _scores(model), fingerprint(model)


def _scores(model: RewardModel) -> Reward:
    limit = row_limit(model, FitConfig())

    def score(prompts: Sequence[Prompt], completions: Sequence[str]) -> list[float]:
        rows = [encode(model.tokenizer, p, c, max_length=limit) for p, c in zip(prompts, completions, strict=True)]
        unread = [row.reason.value for row in rows if not isinstance(row, Encoded)]
        if unread:
            raise InputError(f"the reward model cannot read a completion: {unread[0]}")
        scores: list[float] = model.score([row for row in rows if isinstance(row, Encoded)]).tolist()
        return scores

    return score


def _hash(path: Path, name: str) -> str:
    return hashlib.sha256(f"{name}\n".encode() + path.read_bytes()).hexdigest()[:32]
