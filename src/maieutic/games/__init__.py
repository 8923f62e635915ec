"""Exact games: what Direct Nash Optimization and the usual methods converge to, where everything can be computed.

A policy over n responses is n probabilities, a judge is a matrix of preferences, and no network stands between a method
and its optimum. So the claims of the papers can be checked to the last digit, and the training of real models against
them.

    game.py         preferences, and reading them        equilibrium.py  Nash by linear programming, exploitability
    dynamics.py     DNO's algorithm 1, SPIN, exactly     rewards.py      Bradley-Terry, DPO, reward maximisation
    coverage.py     a round from a finite sample         compare.py      METHODS, side by side
"""

from maieutic.games.compare import METHODS, Comparison, Method, Scene, Setting, compare
from maieutic.games.coverage import (
    Measured,
    coverage,
    draw_labels,
    regression,
    standard_study,
    study,
    tilted,
    worst_coverage,
)
from maieutic.games.dynamics import Trajectory, dno, exponential_update, spin
from maieutic.games.equilibrium import (
    Equilibrium,
    duality_gap,
    exploitability,
    kl_divergence,
    nash,
    regularised_nash,
    solve,
    total_variation,
    uniform,
    win_rate,
)
from maieutic.games.game import GAMES, Array, Game, check_policy, check_preferences, find_game, read_game
from maieutic.games.rewards import bounded_bradley_terry, bradley_terry, dpo, greedy, kl_regularised

__all__ = [
    "GAMES",
    "METHODS",
    "Array",
    "Comparison",
    "Equilibrium",
    "Game",
    "Measured",
    "Method",
    "Scene",
    "Setting",
    "Trajectory",
    "bounded_bradley_terry",
    "bradley_terry",
    "check_policy",
    "check_preferences",
    "compare",
    "coverage",
    "dno",
    "dpo",
    "draw_labels",
    "duality_gap",
    "exploitability",
    "exponential_update",
    "find_game",
    "greedy",
    "kl_divergence",
    "kl_regularised",
    "nash",
    "read_game",
    "regression",
    "regularised_nash",
    "solve",
    "spin",
    "standard_study",
    "study",
    "tilted",
    "total_variation",
    "uniform",
    "win_rate",
    "worst_coverage",
]
