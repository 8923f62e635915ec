"""How good a policy is where no response is best: win rates, equilibria, and how far a policy is from one.

A policy is a distribution over the n responses, [n]. Two policies play a zero-sum game, which pi wins with probability
P(pi > pi'). Its equilibrium, the minimax winner, is a policy that no other beats (arXiv 2404.03715, section 2). A
policy is judged by its *exploitability*: how much more than half of the time the best opponent wins against it. It is 0
at an equilibrium, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import logsumexp

from maieutic.games.game import Array

NEWTON_STEPS = 100


def uniform(size: int) -> Array:
    """The uniform policy over so many responses, [n]."""
    return np.full(size, 1 / size)


def win_rate(preferences: Array, policy: Array, opponent: Array) -> float:
    """P(policy > opponent), in [0, 1]."""
    return float(policy @ preferences @ opponent)


def exploitability(preferences: Array, policies: Array) -> Array:
    """max over opponents of P(opponent > policy), less 1/2; of one policy [n] or of many [..., n]."""
    worst: Array = (policies @ preferences.T).max(axis=-1) - 0.5  # a best opponent plays one response only
    return worst


def total_variation(policy: Array, other: Array) -> float:
    """Half the sum of absolute differences, in [0, 1]."""
    return float(np.abs(policy - other).sum() / 2)


def kl_divergence(policy: Array, other: Array) -> float:
    """KL(policy || other) in nats; 0 log 0 is 0."""
    shown = policy > 0
    return float(policy[shown] @ (np.log(policy[shown]) - np.log(other[shown])))


# --- the equilibrium of a zero-sum game ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Optimal strategies of both players of a zero-sum game, and what the row player gets."""

    row: Array
    column: Array
    value: float


def solve(payoff: Array) -> Equilibrium:
    """An equilibrium of the zero-sum game in which the row player gets payoff[i, j], [m, n], by linear programming.

    Row: max v over distributions x with x^T A >= v in every column. The column player's optimal strategy is this
    programme's dual solution: the prices of those n constraints.
    """
    rows, columns = payoff.shape
    programme = linprog(
        c=np.r_[np.zeros(rows), -1.0],
        A_ub=np.c_[-payoff.T, np.ones(columns)],
        b_ub=np.zeros(columns),
        A_eq=np.r_[np.ones(rows), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * rows + [(None, None)],
        method="highs",
    )
    row, column = np.clip(programme.x[:-1], 0, None), np.clip(-programme.ineqlin.marginals, 0, None)
    return Equilibrium(row / row.sum(), column / column.sum(), float(programme.x[-1]))


def duality_gap(payoff: Array, row: Array, column: Array) -> float:
    """What the two players could gain together by a better answer to the other: 0 at an equilibrium, and only there.

    In a preference game, it is twice the exploitability where both play the same policy.
    """
    return float((payoff @ column).max() - (row @ payoff).min())


def nash(preferences: Array) -> Array:
    """A minimax winner, [n]: a policy of exploitability 0. There may be several."""
    return solve(preferences).row


# --- the equilibrium of the regularised game -------------------------------------------------------------------------


def regularised_nash(preferences: Array, reference: Array, tau: float) -> Array:
    """The equilibrium of P(pi > pi') - tau KL(pi || reference) + tau KL(pi' || reference), the only one, [n].

    It is the solution of pi = reference * exp(P pi / tau) / Z (arXiv 2312.00886; 2404.03715, appendix A).

    With x = log reference + (P - 1/2) pi / tau, pi = softmax(x), that is an equation in x whose Jacobian
    1 - (P - 1/2)(diag pi - pi pi^T) / tau is never singular: an antisymmetric matrix times a covariance has imaginary
    eigenvalues only. So Newton's method, with steps halved where they overshoot, finds it.
    """
    anti = (preferences - 0.5) / tau
    base = np.log(reference)

    def residual(x: Array) -> tuple[Array, Array]:
        policy = np.exp(x - logsumexp(x))
        return policy, x - base - anti @ policy

    x = base.copy()
    policy, off = residual(x)
    for _ in range(NEWTON_STEPS):
        if np.abs(off).max() < 1e-13 * (1 + np.abs(x).max()):
            break
        jacobian = np.eye(len(x)) - anti @ (np.diag(policy) - np.outer(policy, policy))
        step = np.linalg.solve(jacobian, off)
        size = 1.0
        while size > 1e-9 and np.linalg.norm(residual(x - size * step)[1]) > (1 - size / 4) * np.linalg.norm(off):
            size /= 2
        x = x - size * step
        policy, off = residual(x)
    return policy
