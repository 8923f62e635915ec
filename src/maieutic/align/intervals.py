"""Confidence intervals by the bootstrap: units are drawn anew, with replacement, and each draw gives an estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVEL = 0.95
RESAMPLES = 2000


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
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(top), np.full(len(top), 1 / len(top)), size=resamples)
    below = draws @ bottom
    values = (draws @ top)[below > 0] / below[below > 0]
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(top.sum() / bottom.sum()), float(low), float(high), n)


def mean(values: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """The mean of values [n]; NaN values are left out."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    return ratio(known, np.ones(len(known)), seed, resamples)
