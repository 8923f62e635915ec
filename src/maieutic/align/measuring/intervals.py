"""Confidence intervals by the bootstrap: units are drawn anew, with replacement, and each draw gives an estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
RESAMPLES = 2000
AT_ONCE = 2_000_000
"""Counts of units that are in memory at once: 16 MB of them."""


@dataclass(frozen=True)
class Estimate:
    """A number with the interval that holds it in 95 of 100 repetitions, and the number of units it is made of."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


def ratio(numerator: np.ndarray, denominator: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Sum of numerators over sum of denominators, both [n], with units drawn together.

    A mean is a ratio with denominators 1. Without any unit that counts, all is NaN. Percentile intervals.
    """
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    n = int(np.count_nonzero(bottom))
    if n == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    sums = resampled_sums(np.column_stack([top, bottom]), seed, resamples)
    low, high = interval(sums[:, 0], sums[:, 1])
    return Estimate(float(top.sum() / bottom.sum()), low, high, n)


def mean(values: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of values [n]; NaN values are left out."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    return ratio(known, np.ones(len(known)), seed, resamples)


def resampled_sums(columns: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    """The sums of columns [n, k] over units drawn anew, [resamples, k]: every column over the same draws."""
    n = len(columns)
    rng, even = np.random.default_rng(seed), np.full(n, 1 / n)
    step = max(AT_ONCE // n, 1)
    sizes = [min(step, resamples - first) for first in range(0, resamples, step)]
    return np.concatenate([rng.multinomial(n, even, size=size) @ columns for size in sizes])


def interval(top: np.ndarray, bottom: np.ndarray) -> tuple[float, float]:
    """The middle 95% of top / bottom, both [resamples]; draws in which nothing counts are left out."""
    values = top[bottom > 0] / bottom[bottom > 0]
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(values) else (np.nan, np.nan)
    return float(low), float(high)
