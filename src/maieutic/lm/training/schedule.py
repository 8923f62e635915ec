"""What happens at which step, as functions of the step: nothing here has a state, so nothing has to be resumed.

The order of the data depends on the seed and the epoch only. A step's batch is dealt to the processes, and each cuts
its share into micro-batches of like length; neither changes what the step computes, only where and in how many pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

from maieutic.lm.training.fit_config import FitConfig


def total_steps(size: int, config: FitConfig) -> int:
    """Steps of training on `size` items; an epoch's last batch may be smaller than the others."""
    return config.max_steps or config.epochs * steps_per_epoch(size, config)


def steps_per_epoch(size: int, config: FitConfig) -> int:
    """Steps in which all items are seen once."""
    return math.ceil(size / config.batch_size)


def batch_at(step: int, size: int, config: FitConfig) -> list[int]:
    """The indices of the items of a step's batch; steps count from 0."""
    epoch, place = divmod(step, steps_per_epoch(size, config))
    start = place * config.batch_size
    return list(order(size, config.seed, epoch)[start : start + config.batch_size])


@lru_cache(maxsize=2)
def order(size: int, seed: int, epoch: int) -> tuple[int, ...]:
    """The items of an epoch, shuffled."""
    indices = list(range(size))
    Random(f"{seed}/{epoch}").shuffle(indices)
    return tuple(indices)


def learning_rate(step: int, steps: int, config: FitConfig) -> float:
    """The learning rate of a step: a linear rise from above 0, then down to `minimum_lr_ratio` of its highest."""
    warmup = math.ceil(config.warmup * steps) if config.warmup < 1 else int(config.warmup)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    gone = (step - warmup) / max(1, steps - warmup)
    left = {"cosine": (1 + math.cos(math.pi * gone)) / 2, "linear": 1 - gone, "constant": 1.0}[config.schedule]
    return config.learning_rate * (config.minimum_lr_ratio + (1 - config.minimum_lr_ratio) * left)


def deal(indices: Sequence[int], lengths: Sequence[int], process: int, processes: int) -> list[int]:
    """The share of one process: of all lengths alike, so that none waits long for another."""
    return sorted(indices, key=lambda i: (-lengths[i], i))[process::processes]


def micro_batches(
    indices: Sequence[int], lengths: Sequence[int], rows: Sequence[int], tokens: int
) -> list[tuple[int, ...]]:
    """The indices in groups of at most `tokens` tokens with padding, longest first; one that is larger stands alone.

    Args:
        lengths: of each item's longest row, in tokens.
        rows: how many rows each item has.
    """
    groups: list[tuple[int, ...]] = []
    group: list[int] = []
    for index in sorted(indices, key=lambda i: (-lengths[i], i)):
        if group and lengths[group[0]] * sum(rows[i] for i in [*group, index]) > tokens:
            groups.append(tuple(group))
            group = []
        group.append(index)
    return [*groups, tuple(group)] if group else groups
