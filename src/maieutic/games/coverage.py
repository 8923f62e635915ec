"""A round of Direct Nash Optimization from a finite sample, and how far it misses: theorem 1 of arXiv 2404.03715.

The regression of equation 8 sees pairs of responses, y1 drawn from mu1 and y2 from mu2. For a policy that can represent
everything, it is a Bradley-Terry fit: with s = eta log(pi / pi_t), it maximises z log sigma(s_1 - s_2) + (1 - z)
log sigma(s_2 - s_1), where z = sigma(r_t(y1) - r_t(y2)). The theorem bounds the squared total variation to the
exponential update by C_t R_max^2 log(|Pi| / delta) / N, up to a constant: N pairs, log-ratios of at most R_max, and a
coverage constant C_t that is small where the pairs look like what the two policies would answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax

from maieutic.games.dynamics import exponential_update
from maieutic.games.equilibrium import total_variation
from maieutic.games.game import Array, random_game
from maieutic.games.rewards import bounded_bradley_terry

HIGHEST = 1.0
"""A win rate is at most 1, so the class of rewards is [0, 1]^n, and log-ratios differ by at most R_max = 1 / eta."""


def draw_labels(
    rewards: Array, first: Array, second: Array, count: int, rng: np.random.Generator, *, soft: bool = False
) -> Array:
    """`count` labelled pairs as a table of wins, [n, n]: entry (i, j) is how often i was preferred to j.

    A label is 1 with probability z = sigma(r_i - r_j), or, `soft`, the number z itself, as equation 8 has it. Then what
    is left of the error is only that of responses that were never drawn.
    """
    pairs = rng.multinomial(count, np.outer(first, second).ravel()).reshape(len(first), len(second))
    z = expit(rewards[:, None] - rewards)
    won = pairs * z if soft else rng.binomial(pairs, z).astype(np.float64)
    return np.asarray(won + (pairs - won).T)


def regression(wins: Array, policy: Array, eta: float) -> Array:
    """The policy of the next round: argmax of equation 8 over rewards in [0, 1], on a table of wins; [n]."""
    return exponential_update(policy, bounded_bradley_terry(wins, HIGHEST), eta)


def coverage(target: Array, learned: Array, first: Array, second: Array) -> float:
    """C_t: the expected (f(y1) - f(y2))^2, f = log(target / learned), for y1 from the target and y2 from the learned
    policy, over the same for y1 from `first` and y2 from `second`. At least 0; 1 where both pairs are alike."""
    f = np.log(target / learned)
    squares = (f[:, None] - f) ** 2
    return float((target @ squares @ learned) / (first @ squares @ second))


def worst_coverage(target: Array, learned: Array, first: Array, second: Array) -> float:
    """The largest ratio of the two densities of pairs, which bounds C_t."""
    return float((target / first).max() * (learned / second).max())


def tilted(policy: Array, exponent: float) -> Array:
    """policy^exponent / Z: the policy itself at 1, uniform at 0; below 0, it prefers what the policy avoids."""
    weights = policy**exponent
    return np.asarray(weights / weights.sum())


# --- the study -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """Repeated rounds from one sampling distribution, with one number of pairs."""

    exponent: float
    count: int
    error: float
    """Root of the mean squared total variation to the exponential update."""
    coverage: float
    """Median of C_t over the repetitions."""


EXPONENTS = (1.0, 0.0, -1.0, -2.0, -3.0)
COUNTS = (100, 1_000, 10_000, 100_000, 1_000_000)


def standard_study(seed: int = 0) -> list[Measured]:
    """Twelve responses with random preferences, and a policy whose most likely one is ten times its least likely."""
    rng = np.random.default_rng(7)
    policy = softmax(rng.normal(size=12))
    preferences = random_game(1, size=12).preferences
    return study(preferences, policy, eta=0.5, exponents=EXPONENTS, counts=COUNTS, repeats=20, seed=seed)


def study(
    preferences: Array,
    policy: Array,
    *,
    eta: float,
    exponents: Sequence[float],
    counts: Sequence[int],
    repeats: int,
    seed: int = 0,
) -> list[Measured]:
    """One round from `policy`, again and again, with both responses of a pair drawn from it tilted by an exponent."""
    rewards = preferences @ policy
    target = exponential_update(policy, rewards, eta)
    found = []
    for exponent in exponents:
        mu = tilted(policy, exponent)
        for count in counts:
            rng = np.random.default_rng([seed, round(1000 * (exponent + 100)), count])
            learned = [regression(draw_labels(rewards, mu, mu, count, rng), policy, eta) for _ in range(repeats)]
            errors = np.array([total_variation(target, one) for one in learned])
            constants = [coverage(target, one, mu, mu) for one in learned]
            found.append(Measured(exponent, count, float(np.sqrt((errors**2).mean())), float(np.median(constants))))
    return found
