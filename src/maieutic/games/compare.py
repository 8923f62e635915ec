"""The methods side by side on one game: what each ends with, and how exploitable that is.

METHODS has one row a method. All are exact (infinite data, every policy representable), so that a difference between
two of them is one of aims, not of estimation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from maieutic.core.errors import InputError
from maieutic.games.dynamics import Trajectory, dno, spin
from maieutic.games.equilibrium import exploitability, nash, regularised_nash, uniform
from maieutic.games.game import Array, Game
from maieutic.games.rewards import bradley_terry, dpo, greedy

MOST_NUMBERS = 20_000_000
"""Rounds times responses that are kept in memory, for each method."""


@dataclass(frozen=True)
class Setting:
    """The parameters of a comparison."""

    rounds: int = 10_000
    eta: float = 5.0
    tau: float = 0.02
    """Strength of the pull towards the start, in the regularised variants."""
    beta: float = 0.1
    """DPO's beta, in units of Bradley-Terry rewards."""
    spin_beta: float = 5.0


@dataclass(frozen=True, eq=False)
class Scene:
    """What a method is given: the game, where it starts (its reference too), and what SPIN imitates."""

    game: Game
    start: Array
    data: Array
    setting: Setting


@dataclass(frozen=True)
class Method:
    """A way to a policy. `answers` gives its answer after each round, [T, n], or its only one, [1, n]."""

    name: str
    title: str
    source: str
    answers: Callable[[Scene], Array]


def _dno(scene: Scene, tau: float = 0.0, option: Literal["I", "II"] = "I") -> Trajectory:
    preferences, setting = scene.game.preferences, scene.setting
    return dno(preferences, eta=setting.eta, rounds=setting.rounds, start=scene.start, tau=tau, option=option)


def _regularised(option: Literal["I", "II"]) -> Callable[[Scene], Array]:
    return lambda scene: _dno(scene, scene.setting.tau, option).policies


def _spin(scene: Scene) -> Array:
    return spin(scene.data, beta=scene.setting.spin_beta, rounds=scene.setting.rounds, start=scene.start).policies


def _dpo(scene: Scene) -> Array:
    return dpo(scene.game.preferences, scene.start, scene.setting.beta)[None]


def _reward(scene: Scene) -> Array:
    return greedy(bradley_terry(scene.game.preferences))[None]


METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        Method("dno_mixture", "DNO, mixture", "arXiv 2404.03715, algorithm 1", lambda scene: _dno(scene).mixtures),
        Method("dno_last", "DNO, last policy", "arXiv 2404.03715, algorithm 1", lambda scene: _dno(scene).policies),
        Method("dno_option_1", "DNO, regularised (I)", "arXiv 2404.03715, appendix A", _regularised("I")),
        Method("dno_option_2", "DNO, regularised (II)", "arXiv 2404.03715, appendix A", _regularised("II")),
        Method("spin", "SPIN", "arXiv 2401.01335", _spin),
        Method("dpo", "DPO, or RLHF with KL", "arXiv 2305.18290, equation 4", _dpo),
        Method("reward", "Reward maximisation", "arXiv 2203.02155, without its KL", _reward),
    )
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came out. `answers` and `exploitability` by method: [T or 1, n] and [T or 1]."""

    game: Game
    start: Array
    data: Array
    setting: Setting
    nash: Array
    regularised: Array
    """The equilibrium of the regularised game, at which the regularised variants aim."""
    rewards: Array
    answers: Mapping[str, Array]
    exploitability: Mapping[str, Array]


def compare(game: Game, setting: Setting | None = None) -> Comparison:
    """Every method on a game. All start from the uniform policy, unless that is an equilibrium already: then from one
    with weights n, n-1, ..., 1. SPIN's data have weights 1, 2, ..., n.

    Raises InputError where the game has no finite Bradley-Terry rewards, or rounds times responses are over 2e7.
    """
    setting = setting or Setting()
    if setting.rounds * game.size > MOST_NUMBERS:
        hint = f"at most {MOST_NUMBERS // game.size} rounds of {game.size} responses"
        raise InputError(f"{setting.rounds} rounds are too many", where=game.name, hint=hint)
    weights = np.arange(1, game.size + 1) / (game.size * (game.size + 1) / 2)
    start = uniform(game.size)
    if exploitability(game.preferences, start) < 1e-9:
        start = weights[::-1]
    scene = Scene(game, start, weights, setting)
    answers = {name: method.answers(scene) for name, method in METHODS.items()}
    return Comparison(
        game=game,
        start=start,
        data=weights,
        setting=setting,
        nash=nash(game.preferences),
        regularised=regularised_nash(game.preferences, start, setting.tau),
        rewards=bradley_terry(game.preferences),
        answers=answers,
        exploitability={name: exploitability(game.preferences, answer) for name, answer in answers.items()},
    )
