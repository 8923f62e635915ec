"""A round of DNO from a finite sample: theorem 1 of arXiv 2404.03715, measured."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from tests.conftest import scale

from maieutic import games
from maieutic.games.game import random_game

TILTED = np.array([0.5, 0.3, 0.2])
POLICY = softmax(np.random.default_rng(7).normal(size=12))
MANY = random_game(1, 12).preferences
ETA = 0.5


def test_soft_labels_on_all_pairs_give_the_exponential_update():
    """Equation 8 without sampling: every pair is seen, and its label is z itself."""
    draws = np.random.default_rng(12)
    for seed in range(20):
        size = int(draws.integers(2, 13))
        preferences, policy = random_game(seed, size).preferences, draws.dirichlet(np.ones(size))
        rewards = preferences @ policy
        target = games.exponential_update(policy, rewards, ETA)
        z = expit(rewards[:, None] - rewards)
        often = np.outer(policy, policy)
        free = games.exponential_update(policy, games.bradley_terry(z * (often + 0.01)), ETA)
        assert games.total_variation(free, target) < 1e-9
        assert games.total_variation(games.regression(z * (often + 0.01), policy, ETA), target) < 1e-3


def test_the_error_falls_with_the_root_of_the_number_of_pairs():
    counts = [1_000, 10_000, 100_000]
    found = games.study(MANY, POLICY, eta=ETA, exponents=[1.0], counts=counts, repeats=scale(20, 200))
    slope = np.polyfit(np.log(counts), np.log([one.error for one in found]), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.08)


def test_the_error_grows_with_the_root_of_the_coverage_constant():
    """Theorem 1's ratio, error^2 N / C_t, stays put while C_t itself grows thirtyfold."""
    exponents = [1.0, 0.0, -1.0, -2.0, -3.0]
    found = games.study(MANY, POLICY, eta=ETA, exponents=exponents, counts=[10_000_000], repeats=scale(20, 200))
    constants = np.array([one.coverage for one in found])
    ratios = np.array([one.error**2 * one.count / one.coverage for one in found])
    assert constants.max() / constants.min() > 20
    assert ratios.max() / ratios.min() < 3
    assert found[0].error < found[3].error < found[4].error


def test_on_policy_pairs_have_a_coverage_of_about_one():
    rng = np.random.default_rng(8)
    rewards = MANY @ POLICY
    target = games.exponential_update(POLICY, rewards, 20.0)  # a small step: all three policies are alike
    learned = games.regression(games.draw_labels(rewards, POLICY, POLICY, 10_000, rng), POLICY, 20.0)
    assert games.coverage(target, learned, POLICY, POLICY) == pytest.approx(1, abs=0.1)
    assert games.coverage(target, learned, target, learned) == pytest.approx(1)


def test_coverage_is_at_most_the_largest_ratio_of_densities():
    rng = np.random.default_rng(9)
    for _ in range(100):
        target, learned, first, second = rng.dirichlet(np.ones(5), size=4)
        bound = games.worst_coverage(target, learned, first, second)
        assert games.coverage(target, learned, first, second) <= bound * (1 + 1e-12)


def test_labels_are_as_many_as_the_pairs_and_right_on_average():
    rng = np.random.default_rng(10)
    rewards = np.array([0.9, 0.5, 0.1])
    hard = games.draw_labels(rewards, TILTED, TILTED, 200_000, rng)
    soft = games.draw_labels(rewards, TILTED, TILTED, 200_000, rng, soft=True)
    assert hard.sum() == 200_000
    assert soft.sum() == pytest.approx(200_000)
    z = expit(rewards[:, None] - rewards)
    for wins in (hard, soft):
        assert wins / (wins + wins.T) == pytest.approx(z, abs=0.02)


def test_soft_labels_err_only_where_nothing_was_drawn():
    rng = np.random.default_rng(11)
    rewards = MANY @ POLICY
    target = games.exponential_update(POLICY, rewards, ETA)
    wins = games.draw_labels(rewards, POLICY, POLICY, 5_000, rng, soft=True)
    assert (wins.sum(axis=0) + wins.sum(axis=1) > 0).all()
    assert games.total_variation(games.regression(wins, POLICY, ETA), target) < 2e-3


def test_a_tilt_of_one_is_the_policy_and_of_zero_is_uniform():
    assert games.tilted(POLICY, 1.0) == pytest.approx(POLICY)
    assert games.tilted(POLICY, 0.0) == pytest.approx(np.full(12, 1 / 12))
    assert games.tilted(POLICY, -1.0).argmax() == POLICY.argmin()
