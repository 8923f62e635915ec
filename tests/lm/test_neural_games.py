"""Algorithm 1 of Direct Nash Optimization (arXiv 2404.03715) with a network, the real loss and the real training loop.

A model of a thousand weights answers one prompt of one token with one of three tokens. A hundred rounds on the skewed
cycle, each a fit of equation 8 on all pairs, are held against the exact rounds.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch
from tests.lm.enumerable import compared, distribution, texts, tiny_policy

from maieutic import games
from maieutic.lm.training.fit import FitConfig, fit

PREFERENCES = games.find_game("skewed_cycle").preferences
RESPONSES = texts("ABC", 1)
ETA = 2.0
ROUNDS = 100
CONFIG = FitConfig(
    loss="dno",
    eta=ETA,
    learning_rate=0.01,
    minimum_lr_ratio=0.0,
    warmup=0.0,
    adam_betas=(0.9, 0.99),
    clip=0.0,
    batch_size=3,
    max_steps=40,
)


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    """pi_1 .. pi_100, [100, 3], from a uniform start."""
    folder = tmp_path_factory.mktemp("rounds")
    policy = tiny_policy("ABC", width=8)
    with torch.no_grad():
        policy.model.get_output_embeddings().weight.zero_()  # then every token is as likely as any other
    found = [distribution(policy, RESPONSES)]
    for t in range(1, ROUNDS):
        win_rates = PREFERENCES @ found[-1]
        fit(policy, compared(RESPONSES, win_rates, np.full(3, 1 / 3)), CONFIG, folder / str(t))
        found.append(distribution(policy, RESPONSES))
    return np.array(found)


@pytest.mark.slow
def test_the_mixture_is_hardly_exploitable(policies):
    assert policies[0] == pytest.approx(np.full(3, 1 / 3), abs=1e-7)
    assert games.exploitability(PREFERENCES, policies.mean(axis=0)) <= 0.02


@pytest.mark.slow
def test_every_policy_beats_the_one_before_it(policies):
    better = [games.win_rate(PREFERENCES, after, before) for before, after in pairwise(policies)]
    assert min(better) >= 0.5 - 2e-3


@pytest.mark.slow
def test_every_round_is_the_exponential_update(policies):
    for before, after in pairwise(policies):
        exact = games.exponential_update(before, PREFERENCES @ before, ETA)
        assert games.total_variation(after, exact) < 0.01


@pytest.mark.slow
def test_a_hundred_rounds_stay_close_to_the_exact_ones(policies):
    exact = games.dno(PREFERENCES, eta=ETA, rounds=ROUNDS).policies
    far = max(games.total_variation(*pair) for pair in zip(policies, exact, strict=True))
    assert far < 0.02

    stale = [exact[0]]  # the trap: the reference stays the first policy
    for _ in range(1, ROUNDS):
        stale.append(games.exponential_update(exact[0], PREFERENCES @ stale[-1], ETA))
    assert max(games.total_variation(*pair) for pair in zip(stale, exact, strict=True)) > 0.1
