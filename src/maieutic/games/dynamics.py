"""What iterated methods do, exactly: every expectation is a sum, and every policy can be represented.

A round of Direct Nash Optimization asks how often each response beats the current policy, and shifts probability
accordingly. The policies circle around the equilibrium; their average approaches it. With a pull towards a reference
the circle becomes a spiral that ends, next to the equilibrium.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import logsumexp

from maieutic.core.errors import InputError
from maieutic.games.equilibrium import uniform
from maieutic.games.game import Array, check_policy


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The policies of successive rounds, [T, n]; row 0 is pi_1."""

    policies: Array

    @property
    def last(self) -> Array:
        """The last policy, [n]."""
        return np.asarray(self.policies[-1])

    @property
    def mixture(self) -> Array:
        """The uniform mixture of all of them, which algorithm 1 returns, [n]."""
        return np.asarray(self.policies.mean(axis=0))

    @property
    def mixtures(self) -> Array:
        """The mixture of pi_1 .. pi_t, for each t, [T, n]."""
        counts = np.arange(1, len(self.policies) + 1)[:, None]
        return np.asarray(self.policies.cumsum(axis=0) / counts)


def exponential_update(policy: Array, rewards: Array, eta: float) -> Array:
    """policy * exp(rewards / eta) / Z: the soft policy iteration that a round aims at (arXiv 2404.03715, equation 9).

    It maximises E_pi[r] - eta KL(pi || policy), and equation 8's regression attains it where all pairs are seen.
    """
    with np.errstate(divide="ignore"):  # a probability of 0 stays one
        logits = np.log(policy) + rewards / eta
    return np.asarray(np.exp(logits - logsumexp(logits)))


def dno(
    preferences: Array,
    *,
    eta: float,
    rounds: int,
    start: Array | None = None,
    tau: float = 0.0,
    reference: Array | None = None,
    option: Literal["I", "II"] = "I",
) -> Trajectory:
    """Algorithm 1 of arXiv 2404.03715, without error: pi_{t+1} = pi_t exp(r_t / eta) / Z with r_t = P pi_t.

    Args:
        preferences: P, [n, n].
        eta: how slowly a round moves; DPO's beta. Above 0.
        rounds: T, the number of policies, pi_1 among them.
        start: pi_1, [n]; None: uniform.
        tau: the regularised variant of appendix A, for tau > 0: the update starts from
            pi_t^(1 - tau/eta) reference^(tau/eta), and its fixed point under option I is `regularised_nash`.
        reference: [n]; None: the start.
        option: whom r_t compares with: the policy (I), or that geometric mixture, normalised (II).

    Raises InputError where eta is not above 0, tau not in [0, eta], or a policy leaves a response out.
    """
    if not (eta > 0 and 0 <= tau <= eta):
        raise InputError(f"eta = {eta:g} and tau = {tau:g}", hint="0 < eta and 0 <= tau <= eta")
    first = _logs(start, len(preferences), "start")
    anchor = first if reference is None else _logs(reference, len(preferences), "reference")
    pull = tau / eta

    def step(log_policy: Array) -> Array:
        base = (1 - pull) * log_policy + pull * anchor if pull else log_policy
        opponent = log_policy if option == "I" else base - _log_sum(base)
        return base + preferences @ np.exp(opponent) / eta

    return _iterate(step, first, rounds)


def spin(data: Array, *, beta: float, rounds: int, start: Array | None = None) -> Trajectory:
    """SPIN (arXiv 2401.01335, equation 4.7 with the logistic loss): the data always win against the policy's answers.

    The best policy of a round has beta log(pi_{t+1} / pi_t) = log(data / pi_t) up to a constant, so that
    pi_{t+1} = pi_t^(1 - 1/beta) data^(1/beta) / Z: for beta > 1/2, it ends at the data, whatever anyone prefers.
    """
    first, target = _logs(start, len(data), "start"), _logs(data, len(data), "data")
    return _iterate(lambda log_policy: log_policy + (target - log_policy) / beta, first, rounds)


def _logs(policy: Array | None, size: int, where: str) -> Array:
    """Log-probabilities; of the uniform policy where none is given."""
    return np.asarray(np.log(uniform(size) if policy is None else check_policy(policy, size, where=where)))


def _iterate(step: Callable[[Array], Array], first: Array, rounds: int) -> Trajectory:
    """Rounds of a map of log-probabilities, normalised after each."""
    if rounds < 1:
        raise InputError(f"{rounds} rounds", hint="at least 1")
    logs = np.empty((rounds, len(first)))
    logs[0] = first - _log_sum(first)
    for t in range(1, rounds):
        moved = step(logs[t - 1])
        logs[t] = moved - _log_sum(moved)
    return Trajectory(np.exp(logs))


def _log_sum(logits: Array) -> float:
    """logsumexp of one short row, ten times as fast as SciPy's."""
    highest = logits.max()
    return float(highest + np.log(np.exp(logits - highest).sum()))
