"""Exact games: the figures of the literature, closed forms against numerical optimisation, and laws on random games."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit, softmax
from tests.conftest import scale

from maieutic import games
from maieutic.core.errors import InputError
from maieutic.games.game import random_game

SKEWED = games.find_game("skewed_cycle").preferences
CYCLE = games.find_game("rock_paper_scissors").preferences
TILTED = np.array([0.5, 0.3, 0.2])


def random_games(count: int):
    """Preferences of 2 to 12 responses, drawn uniformly, and a policy for each."""
    rng = np.random.default_rng(2024)
    for seed in range(count):
        size = int(rng.integers(2, 13))
        yield (
            games.GAMES["random"](seed).preferences if size == 8 else _random(seed, size),
            rng.dirichlet(np.ones(size)),
        )


def _random(seed: int, size: int):

    return random_game(seed, size).preferences


# --- equilibria ------------------------------------------------------------------------------------------------------


def test_the_skewed_cycle_has_the_equilibrium_4_3_4_elevenths():
    exact = [Fraction(4, 11), Fraction(3, 11), Fraction(4, 11)]
    matrix = [[Fraction(round(10 * p), 10) for p in row] for row in SKEWED]
    assert [sum(p * q for p, q in zip(row, exact, strict=True)) for row in matrix] == [Fraction(1, 2)] * 3
    assert games.nash(SKEWED) == pytest.approx([float(p) for p in exact], abs=1e-12)


def test_the_symmetric_cycle_has_the_uniform_equilibrium():
    assert games.nash(CYCLE) == pytest.approx(np.full(3, 1 / 3), abs=1e-12)


def test_nobody_exploits_an_equilibrium_of_a_random_game():
    for preferences, policy in random_games(scale(20, 200)):
        assert games.exploitability(preferences, games.nash(preferences)) == pytest.approx(0, abs=1e-9)
        assert games.exploitability(preferences, policy) >= -1e-12


def test_exploitability_is_what_the_best_of_all_opponents_gains():
    rng = np.random.default_rng(0)
    for preferences, policy in random_games(10):
        opponents = rng.dirichlet(np.full(len(policy), 0.3), size=500)
        gains = [games.win_rate(preferences, opponent, policy) - 0.5 for opponent in opponents]
        best = games.exploitability(preferences, policy)
        assert max(gains) <= best + 1e-12
        pure = [games.win_rate(preferences, one, policy) - 0.5 for one in np.eye(len(policy))]
        assert max(pure) == pytest.approx(best)


def test_linear_programming_duality_in_games_that_need_not_be_symmetric():
    rng = np.random.default_rng(1)
    for _ in range(scale(20, 200)):
        payoff = rng.normal(size=rng.integers(1, 9, size=2))
        found = games.solve(payoff)
        assert (found.row.sum(), found.column.sum()) == (pytest.approx(1), pytest.approx(1))
        assert (found.row @ payoff).min() == pytest.approx(found.value, abs=1e-9)  # what the row player can secure
        assert (payoff @ found.column).max() == pytest.approx(found.value, abs=1e-9)  # ... is what the other concedes
        assert games.duality_gap(payoff, found.row, found.column) == pytest.approx(0, abs=1e-9)
        other = rng.dirichlet(np.ones(payoff.shape[0]))
        assert games.duality_gap(payoff, other, found.column) >= -1e-12


def test_the_duality_gap_of_a_policy_with_itself_is_twice_its_exploitability():
    for preferences, policy in random_games(20):
        gap = games.duality_gap(preferences, policy, policy)
        assert gap == pytest.approx(2 * games.exploitability(preferences, policy))


def test_an_equilibrium_by_hand():
    penalty = games.solve(np.array([[3.0, -1.0], [-2.0, 1.0]]))  # x: 3x - 2(1-x) = -x + (1-x), so x = 3/7
    assert penalty.row == pytest.approx([3 / 7, 4 / 7])
    assert penalty.column == pytest.approx([2 / 7, 5 / 7])
    assert penalty.value == pytest.approx(1 / 7)


# --- algorithm 1 -----------------------------------------------------------------------------------------------------


def test_the_mixture_of_algorithm_1_reaches_the_equilibrium_of_the_skewed_cycle():
    found = games.dno(SKEWED, eta=5, rounds=10_000)
    assert games.exploitability(SKEWED, found.mixture) <= 0.0025
    assert games.total_variation(found.mixture, games.nash(SKEWED)) < 0.01


def test_the_mixture_at_the_size_that_networks_are_trained_at():
    assert games.exploitability(SKEWED, games.dno(SKEWED, eta=2, rounds=100).mixture) == pytest.approx(0.0072, abs=1e-4)


def test_the_last_policy_circles_while_the_mixture_converges():
    found = games.dno(CYCLE, eta=5, rounds=10_000, start=TILTED)
    late = games.exploitability(CYCLE, found.policies[-3000:])
    assert late.min() > 0.12
    assert late.max() > 0.35
    assert games.exploitability(CYCLE, found.mixture) < 0.0025


def test_uniform_is_a_fixed_point_of_the_symmetric_cycle():
    assert games.dno(CYCLE, eta=5, rounds=100).last == pytest.approx(np.full(3, 1 / 3), abs=1e-12)


@pytest.mark.parametrize("eta", [0.3, 1.0, 5.0])
def test_every_policy_beats_the_one_before_it(eta):
    """P(pi_{t+1} > pi_t) >= 1/2 + eta KL(pi_{t+1} || pi_t), since pi_{t+1} maximises the one minus the other."""
    for preferences, start in random_games(100):
        policies = games.dno(preferences, eta=eta, rounds=scale(20, 200), start=start).policies
        for before, after in pairwise(policies):
            better = games.win_rate(preferences, after, before)
            assert better >= 0.5 - 1e-9
            assert better >= 0.5 + eta * games.kl_divergence(after, before) - 1e-9


def test_an_update_maximises_the_win_rate_less_the_divergence():
    rng = np.random.default_rng(3)
    for preferences, policy in random_games(20):
        rewards = preferences @ policy

        def gain(logits, rewards=rewards, policy=policy):
            new = softmax(logits)
            return float(new @ rewards) - 0.7 * games.kl_divergence(new, policy)

        best = games.exponential_update(policy, rewards, 0.7)
        found = minimize(lambda x: -gain(x), rng.normal(size=len(policy)), method="BFGS")
        assert softmax(found.x) == pytest.approx(best, abs=1e-4)
        assert gain(np.log(best)) >= -found.fun - 1e-12


def test_the_mixtures_run_along_with_the_rounds():
    found = games.dno(SKEWED, eta=1, rounds=7)
    assert found.policies.shape == found.mixtures.shape == (7, 3)
    assert found.mixtures[0] == pytest.approx(found.policies[0])
    assert found.mixtures[3] == pytest.approx(found.policies[:4].mean(axis=0))
    assert found.mixtures[-1] == pytest.approx(found.mixture)


def test_rewards_and_eta_scale_together():
    """Section 4 of the paper: c r and c eta give the same updates."""
    policy = np.array([0.2, 0.5, 0.3])
    rewards = SKEWED @ policy
    assert games.exponential_update(policy, 7 * rewards, 7 * 0.4) == pytest.approx(
        games.exponential_update(policy, rewards, 0.4)
    )


# --- the regularised variant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("preferences", [CYCLE, SKEWED], ids=["cycle", "skewed"])
def test_with_a_pull_the_last_policy_converges(preferences):
    aim = games.regularised_nash(preferences, TILTED, 0.05)
    first = games.dno(preferences, eta=5, rounds=5000, start=TILTED, tau=0.05, option="I")
    second = games.dno(preferences, eta=5, rounds=5000, start=TILTED, tau=0.05, option="II")
    assert games.total_variation(first.last, aim) < 1e-9  # option I: to the regularised equilibrium itself
    assert games.total_variation(second.policies[-1], second.policies[-2]) < 1e-9  # option II: somewhere near it
    assert 1e-6 < games.total_variation(second.last, aim) < 0.01


def test_the_second_option_comes_nearer_as_steps_get_smaller():
    aim = games.regularised_nash(SKEWED, TILTED, 0.1)
    missed = [
        games.total_variation(games.dno(SKEWED, eta=eta, rounds=8000, start=TILTED, tau=0.1, option="II").last, aim)
        for eta in (2.0, 4.0, 8.0)
    ]
    assert missed[0] / missed[1] == pytest.approx(2, rel=0.1)
    assert missed[1] / missed[2] == pytest.approx(2, rel=0.1)


def test_too_large_a_step_escapes_from_the_regularised_equilibrium():
    """Near the uniform equilibrium of the cycle, deviations are multiplied by 1 - tau/eta + i w/eta, w = 0.4/sqrt(3):
    they shrink exactly where eta > (w^2 + tau^2) / (2 tau)."""
    tau, frequency = 0.02, 0.4 / np.sqrt(3)
    threshold = (frequency**2 + tau**2) / (2 * tau)
    centre, nudged = np.full(3, 1 / 3), np.array([1.001, 1.0, 0.999]) / 3
    for factor, closer in ((1.1, True), (0.9, False)):
        found = games.dno(CYCLE, eta=threshold * factor, rounds=500, start=nudged, reference=centre, tau=tau)
        assert (games.total_variation(found.last, centre) < games.total_variation(nudged, centre)) == closer


def test_the_regularised_equilibrium_is_its_own_best_response():
    for preferences, reference in random_games(scale(20, 100)):
        reference = (reference + 0.01) / (1 + 0.01 * len(reference))
        for tau in (0.01, 0.3):
            found = games.regularised_nash(preferences, reference, tau)
            answer = games.kl_regularised(preferences @ found, reference, tau)
            assert answer == pytest.approx(found, abs=1e-9)


def test_without_a_pull_the_options_are_algorithm_1():
    plain = games.dno(SKEWED, eta=2, rounds=50).policies
    assert games.dno(SKEWED, eta=2, rounds=50, option="II", reference=TILTED).policies == pytest.approx(plain)


# --- rewards ---------------------------------------------------------------------------------------------------------


def test_bradley_terry_sees_no_difference_in_the_symmetric_cycle():
    rewards = games.bradley_terry(CYCLE)
    assert rewards == pytest.approx(np.zeros(3), abs=1e-12)
    assert games.exploitability(CYCLE, games.greedy(rewards)) == pytest.approx(0.40)


def test_the_best_response_by_rewards_is_exploited_in_the_skewed_cycle():
    assert games.exploitability(SKEWED, games.greedy(games.bradley_terry(SKEWED))) == pytest.approx(0.30)


def test_bradley_terry_finds_the_rewards_that_made_the_preferences():
    rng = np.random.default_rng(5)
    for size in (2, 5, 30):
        rewards = rng.normal(size=size)
        rewards -= rewards.mean()
        preferences = expit(rewards[:, None] - rewards)
        assert games.bradley_terry(preferences) == pytest.approx(rewards, abs=1e-9)
        often = rng.random((size, size)) + 0.1  # with a true model, how often a pair is asked does not matter
        assert games.bradley_terry(preferences * (often + often.T)) == pytest.approx(rewards, abs=1e-9)


def test_the_fit_is_the_minimum_of_its_loss():
    rng = np.random.default_rng(6)
    for preferences, policy in random_games(10):
        wins = preferences * np.outer(policy + 0.1, policy + 0.1)
        off = ~np.eye(len(policy), dtype=bool)

        def loss(r, wins=wins, off=off):
            return -float((wins * log_expit(r[:, None] - r))[off].sum())

        best = loss(games.bradley_terry(wins))
        assert all(loss(games.bradley_terry(wins) + 0.01 * rng.normal(size=len(policy))) > best for _ in range(20))


def test_bounded_rewards_are_the_same_where_the_bound_is_wide():
    wins = games.GAMES["random"](1).preferences
    free, bounded = games.bradley_terry(wins), games.bounded_bradley_terry(wins, 20.0)
    assert bounded - bounded.mean() == pytest.approx(free, abs=1e-4)
    tight = games.bounded_bradley_terry(wins, 0.5)
    assert (tight.min(), tight.max()) == (pytest.approx(0), pytest.approx(0.5))


def test_a_response_that_never_loses_has_no_finite_reward():
    ladder = np.array([[0.5, 1.0, 1.0], [0.0, 0.5, 0.7], [0.0, 0.3, 0.5]])
    with pytest.raises(InputError, match="never lose"):
        games.bradley_terry(ladder)
    certain_cycle = np.array([[0.5, 1, 0], [0, 0.5, 1], [1, 0, 0.5]])  # everybody loses to somebody
    assert games.bradley_terry(certain_cycle) == pytest.approx(np.zeros(3), abs=1e-12)


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_dpo_on_all_pairs_ends_at_its_closed_form(beta):
    """The population loss, minimised over the logits of a policy by BFGS."""
    reference = np.array([0.2, 0.5, 0.3])
    often = np.outer(TILTED, TILTED) * ~np.eye(3, dtype=bool)

    def loss(logits):
        ratio = np.log(softmax(logits)) - np.log(reference)
        return -float((often * SKEWED * log_expit(beta * (ratio[:, None] - ratio))).sum())

    found = softmax(minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x)
    assert found == pytest.approx(games.dpo(SKEWED, reference, beta, sampled=TILTED), abs=1e-5)


def test_a_transitive_preference_loses_nothing_by_rewards():
    rewards = np.array([1.0, 0.2, -1.2])
    preferences = expit(rewards[:, None] - rewards)
    best = games.greedy(games.bradley_terry(preferences))
    assert best == pytest.approx(games.nash(preferences))
    assert games.exploitability(preferences, best) == pytest.approx(0, abs=1e-12)


def test_a_tie_goes_to_the_first():
    assert games.greedy(np.array([0.1, 0.3, 0.3 + 1e-12])).tolist() == [0, 1, 0]


# --- SPIN ------------------------------------------------------------------------------------------------------------


def test_a_round_of_spin_is_the_minimum_of_its_loss():
    data, policy, beta = np.array([0.2, 0.7, 0.1]), np.array([0.5, 0.2, 0.3]), 1.7

    def loss(logits):
        scaled = beta * (np.log(softmax(logits)) - np.log(policy))
        return -float(data @ log_expit(scaled[:, None] - scaled) @ policy)

    found = softmax(minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x)
    assert found == pytest.approx(games.spin(data, beta=beta, rounds=2, start=policy).last, abs=1e-5)


def test_spin_ends_at_the_data_whatever_is_preferred():
    data = np.array([0.2, 0.7, 0.1])
    assert games.spin(data, beta=5, rounds=200).last == pytest.approx(data, abs=1e-12)
    assert games.spin(data, beta=1, rounds=2).last == pytest.approx(data, abs=1e-12)  # at once
    overshot = games.spin(data, beta=0.4, rounds=50).policies
    assert games.total_variation(overshot[-1], overshot[-2]) == pytest.approx(1)  # from one side to the other


# --- side by side ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", games.GAMES)
def test_every_method_runs_on_every_game(name):
    found = games.compare(games.find_game(name), games.Setting(rounds=200))
    for method in games.METHODS:
        answers = found.answers[method]
        assert answers.sum(axis=1) == pytest.approx(np.ones(len(answers)))
        assert len(answers) in (1, 200)
        expected = games.exploitability(found.game.preferences, answers)
        assert found.exploitability[method] == pytest.approx(expected)


def test_nobody_starts_at_an_equilibrium():
    assert games.compare(games.find_game("skewed_cycle"), games.Setting(rounds=2)).start == pytest.approx(
        np.ones(3) / 3
    )
    assert games.compare(games.find_game("rock_paper_scissors"), games.Setting(rounds=2)).start == pytest.approx(
        [3 / 6, 2 / 6, 1 / 6]
    )


def test_what_each_method_ends_with_on_the_skewed_cycle():
    found = games.compare(games.find_game("skewed_cycle"))
    ends = {name: values[-1] for name, values in found.exploitability.items()}
    assert ends["dno_mixture"] <= 0.0025
    assert ends["dno_last"] > 0.3
    assert found.answers["dno_option_1"][-1] == pytest.approx(found.regularised, abs=1e-9)
    assert found.answers["dno_option_2"][-1] == pytest.approx(found.regularised, abs=1e-3)
    assert found.answers["spin"][-1] == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert found.answers["dpo"][-1] == pytest.approx(games.kl_regularised(found.rewards, found.start, 0.1))
    assert ends["reward"] == pytest.approx(0.30)


def test_every_method_names_its_source():
    assert all(method.source.startswith("arXiv ") for method in games.METHODS.values())
