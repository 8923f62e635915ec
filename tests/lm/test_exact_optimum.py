"""The real losses and training loop reach the optima that theory writes down, on a policy small enough to list.

Sixteen responses of two symbols, a causal model of some ten thousand weights, and data as if infinitely many: every
pair, weighted by how often it would be drawn and judged so.
"""

import math

import numpy as np
import pytest
from scipy.special import expit
from tests.lm.enumerable import compared, distribution, preferred, texts, tiny_policy

from maieutic import games
from maieutic.games.game import random_game
from maieutic.lm.training.fit import FitConfig, fit

RESPONSES = texts("abcd", 2)
SIZE = len(RESPONSES)
TOKENS = 3  # of a response: two symbols and the end
UNIFORM = np.full(SIZE, 1 / SIZE)
UNEVEN = games.tilted(np.arange(1.0, SIZE + 1), 1.0)
REWARDS = np.random.default_rng(0).normal(size=SIZE)
ALLOWED = 0.01
"""Total variation to the optimum; what is reached is a tenth of it or less."""


def learn(policy, data, folder, *, anchor=None, **settings):
    """Train on all data at once; the losses."""
    steps = {"max_steps": 120, "batch_size": len(data), "learning_rate": 0.01, "minimum_lr_ratio": 0.0, "clip": 0.0}
    config = FitConfig(**settings, **steps, adam_betas=(0.9, 0.99), micro_batch_tokens=100_000)
    return fit(policy, data, config, folder, anchor=anchor).losses


@pytest.mark.parametrize(("beta", "drawn"), [(0.7, UNIFORM), (0.3, UNEVEN)], ids=["uniform", "uneven"])
def test_dpo_ends_at_the_reference_reweighted_by_the_rewards(tmp_path, beta, drawn):
    """pi_ref exp(r / beta) / Z, arXiv 2305.18290, equation 4, on pairs that follow Bradley-Terry."""
    policy = tiny_policy("abcd", width=32, seed=1)
    reference = distribution(policy, RESPONSES)
    preferences = expit(REWARDS[:, None] - REWARDS)
    optimum = games.kl_regularised(REWARDS, reference, beta)
    losses = learn(policy, preferred(RESPONSES, preferences, drawn), tmp_path / "run", loss="dpo", beta=beta)
    found = distribution(policy, RESPONSES)
    assert losses[0] == pytest.approx(math.log(2), abs=1e-6)  # the reference is the policy, at the first step
    assert games.total_variation(found, optimum) < ALLOWED

    # What some would have ended at instead:
    mean_for_sum = games.kl_regularised(TOKENS * REWARDS, reference, beta)  # log-probabilities divided by length
    no_reference = games.kl_regularised(REWARDS, UNIFORM, beta)
    weights_ignored = reference  # both orders of each pair count the same
    for trap in (mean_for_sum, no_reference, weights_ignored):
        assert games.total_variation(trap, optimum) > 2 * ALLOWED


def test_dpo_on_an_intransitive_judge_ends_at_its_bradley_terry_fit(tmp_path):
    """Where no reward explains the preferences, the fitted one counts, and with it how often pairs are drawn."""
    preferences = random_game(4, SIZE).preferences
    policy = tiny_policy("abcd", width=32, seed=2)
    reference = distribution(policy, RESPONSES)
    learn(policy, preferred(RESPONSES, preferences, UNEVEN), tmp_path / "run", loss="dpo", beta=0.5)
    found = distribution(policy, RESPONSES)
    assert games.total_variation(found, games.dpo(preferences, reference, 0.5, sampled=UNEVEN)) < ALLOWED
    assert games.total_variation(found, games.dpo(preferences, reference, 0.5)) > 2 * ALLOWED


@pytest.mark.parametrize("drawn", [UNIFORM, UNEVEN], ids=["uniform", "uneven"])
def test_the_dno_regression_ends_at_the_exponential_update(tmp_path, drawn):
    """pi_t exp(r_t / eta) / Z with r_t = P pi_t, arXiv 2404.03715, equations 8 and 9, wherever the pairs come from."""
    eta, preferences = 0.1, random_game(3, SIZE).preferences
    policy = tiny_policy("abcd", width=32, seed=3)
    before = distribution(policy, RESPONSES)
    rewards = preferences @ before
    optimum = games.exponential_update(before, rewards, eta)
    losses = learn(policy, compared(RESPONSES, rewards, drawn), tmp_path / "run", loss="dno", eta=eta)
    found = distribution(policy, RESPONSES)
    assert losses[0] == pytest.approx(math.log(2), abs=1e-6)
    assert games.total_variation(found, optimum) < ALLOWED

    mean_for_sum = games.exponential_update(before, TOKENS * rewards, eta)
    margin_times_eta = games.exponential_update(before, rewards, 1.0)  # the target without 1 / eta
    for trap in (before, mean_for_sum, margin_times_eta):
        assert games.total_variation(trap, optimum) > 2 * ALLOWED


def test_the_regularised_regression_ends_at_its_update(tmp_path):
    """pi_t^(1 - tau/eta) pi_anchor^(tau/eta) exp(r_t / eta) / Z, arXiv 2404.03715, appendix A, option I."""
    eta, tau, preferences = 0.2, 0.08, random_game(5, SIZE).preferences
    anchor, policy = tiny_policy("abcd", width=32, seed=4), tiny_policy("abcd", width=32, seed=5)
    start, fixed = distribution(policy, RESPONSES), distribution(anchor, RESPONSES)
    assert games.total_variation(start, fixed) > 0.05
    data = compared(RESPONSES, preferences @ start, UNIFORM)
    learn(policy, data, tmp_path / "run", loss="dno_regularised", eta=eta, tau=tau, anchor=anchor)
    optimum = games.dno(preferences, eta=eta, tau=tau, rounds=2, start=start, reference=fixed).last
    assert games.total_variation(distribution(policy, RESPONSES), optimum) < ALLOWED
    assert games.total_variation(games.dno(preferences, eta=eta, rounds=2, start=start).last, optimum) > 2 * ALLOWED
