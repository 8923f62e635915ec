"""Preferences forced into a scale: what reward models and DPO assume, and what comes of it where it is not so.

A Bradley-Terry reward says P(i > j) = sigma(r_i - r_j), which is transitive. Fitted to a preference that is not, it is
still the most likely one; it only answers another question. Everything here is what the usual methods converge to with
infinite data and a policy that can represent everything.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, log_expit, logsumexp

from maieutic.core.errors import InputError
from maieutic.games.game import Array

NEWTON_STEPS = 100


def bradley_terry(wins: Array) -> Array:
    """The rewards, of mean 0, that maximise sum wins[i, j] log sigma(r_i - r_j); `wins` is weights [n, n].

    With the preferences themselves, every pair is asked equally often; times mu(i) mu(j), as often as mu draws it.
    Raises InputError where there is no finite maximum: some responses never lose to any of the others, so that the
    graph of who ever beats whom is not strongly connected (Ford 1957).
    """
    size = len(wins)
    wins = np.where(np.eye(size, dtype=bool), 0, wins)
    if connected_components(wins > 0, connection="strong")[0] > 1:
        hint = "write 0.01 and 0.99 for 0 and 1, or take bounded_bradley_terry"
        raise InputError("no finite Bradley-Terry rewards: some responses never lose to the others", hint=hint)
    asked = wins + wins.T
    rewards = np.zeros(size)
    loss = _bradley_terry_loss(wins, rewards)
    for _ in range(NEWTON_STEPS):
        beats = expit(rewards[:, None] - rewards)
        gradient = (asked * beats - wins).sum(axis=1)
        if np.abs(gradient / asked.sum(axis=1)).max() < 1e-13:
            break
        curvature = asked * beats * beats.T
        hessian = np.diag(curvature.sum(axis=1)) - curvature
        # The Hessian sees only differences; any positive multiple of the ones matrix fixes the mean.
        step = np.linalg.solve(hessian + hessian.trace() / size**2, gradient)
        length = 1.0
        while length > 1e-6 and _bradley_terry_loss(wins, rewards - length * step) > loss:
            length /= 2
        rewards = rewards - length * step
        loss = _bradley_terry_loss(wins, rewards)
    return np.asarray(rewards - rewards.mean())


def _bradley_terry_loss(wins: Array, rewards: Array) -> float:
    return -float((wins * log_expit(rewards[:, None] - rewards)).sum())


def bounded_bradley_terry(wins: Array, highest: float) -> Array:
    """The same with every reward in [0, highest], which always exists; a response that no pair contains is in the
    middle. This is the bounded class that theorem 1 of arXiv 2404.03715 speaks of."""
    asked = wins.sum(axis=0) + wins.sum(axis=1)
    # In these units all curvatures are alike, however rarely a response was drawn; else it takes thousands of steps.
    unit = np.sqrt(asked.sum() / np.where(asked > 0, asked, asked.sum()))

    def objective(scaled: Array) -> tuple[float, Array]:
        rewards = scaled * unit
        lost = wins * expit(rewards - rewards[:, None])
        gradient = (lost.sum(axis=0) - lost.sum(axis=1)) * unit
        return _bradley_terry_loss(wins, rewards) / asked.sum(), gradient / asked.sum()

    limits = [(0, highest / u) for u in unit]
    options = {"ftol": 1e-12, "gtol": 1e-8, "maxiter": 200}
    found = minimize(objective, highest / 2 / unit, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    return np.asarray(found.x * unit)


# --- policies from rewards -------------------------------------------------------------------------------------------


def greedy(rewards: Array) -> Array:
    """All weight on the best response; the first of those that are equal to 1e-9."""
    policy = np.zeros(len(rewards))
    policy[np.argmax(rewards >= rewards.max() - 1e-9)] = 1.0
    return policy


def kl_regularised(rewards: Array, reference: Array, beta: float) -> Array:
    """argmax over pi of E_pi[r] - beta KL(pi || reference) = reference * exp(r / beta) / Z.

    What RLHF aims at with reward r, and what DPO attains where r are the Bradley-Terry rewards of its pairs
    (arXiv 2305.18290, equations 4 to 7).
    """
    with np.errstate(divide="ignore"):  # a response that the reference never gives has log 0
        logits = np.log(reference) + rewards / beta
    return np.asarray(np.exp(logits - logsumexp(logits)))


def dpo(preferences: Array, reference: Array, beta: float, *, sampled: Array | None = None) -> Array:
    """The policy that minimises DPO's loss on all pairs, [n].

    `sampled` [n] says how often each response is drawn into a pair (None: equally often).
    """
    weights = 1.0 if sampled is None else np.outer(sampled, sampled)
    return kl_regularised(bradley_terry(preferences * weights), reference, beta)
