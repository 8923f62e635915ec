"""PPO's arithmetic, against definitions written out token by token, and against the mistakes that others made."""

import math

import pytest
import torch

from maieutic.lm.ppo.advantages import adapted, generalised_advantages, policy_loss, token_rewards, value_loss, whiten

LENGTHS = [4, 1, 6, 3]
MASK = torch.arange(6) < torch.tensor(LENGTHS)[:, None]


def noise(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# --- rewards ---------------------------------------------------------------------------------------------------------


def test_the_score_stands_at_the_end_token_and_the_price_of_the_kl_at_each():
    logprobs, reference = noise(0, 4, 6) * MASK, noise(1, 4, 6) * MASK
    scores = torch.tensor([1.0, 2.0, 3.0, 4.0])
    rewards = token_rewards(logprobs, reference, scores, MASK, beta=0.5)
    for row, length in enumerate(LENGTHS):
        for t in range(6):
            kl = -0.5 * float(logprobs[row, t] - reference[row, t]) if t < length else 0.0
            score = float(scores[row]) if t == length - 1 else 0.0
            assert rewards[row, t] == pytest.approx(kl + score, abs=1e-6)


def reward_on_padding(logprobs, reference, scores, mask, beta):
    """The trap: the score in the last column, wherever the completion ended."""
    rewards = -beta * (logprobs - reference)
    rewards[:, -1] += scores
    return rewards


def one_too_far(logprobs, reference, scores, mask, beta):
    """The trap: the place after the end token, as where a length is taken for an index."""
    after = mask.sum(1).clamp(max=mask.shape[1] - 1)
    return (-beta * (logprobs - reference) * mask).scatter_add(1, after[:, None], scores[:, None])


@pytest.mark.parametrize("rewards", [token_rewards, reward_on_padding, one_too_far])
def test_no_reward_stands_on_padding_and_the_wrong_ways_are_noticed(rewards):
    zeros, scores = torch.zeros(4, 6), torch.tensor([1.0, 2.0, 3.0, 4.0])
    given = rewards(zeros, zeros, scores, MASK, 0.0)
    place = given.abs().argmax(1)
    right = place.tolist() == [length - 1 for length in LENGTHS] and not given[~MASK].any()
    assert right == (rewards is token_rewards)


# --- advantages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 0.95), (0.9, 0.5), (1.0, 1.0), (0.99, 0.0)])
def test_advantages_are_the_double_sum_of_their_definition(gamma, lam):
    rewards, values = noise(0, 4, 6) * MASK, noise(1, 4, 6) * MASK
    found = generalised_advantages(rewards, values, MASK, gamma, lam)
    for row, length in enumerate(LENGTHS):
        r, v = rewards[row].tolist(), [*values[row, :length].tolist(), 0.0]
        for t in range(6):
            deltas = [r[k] + gamma * v[k + 1] - v[k] for k in range(t, length)]
            expected = sum((gamma * lam) ** k * delta for k, delta in enumerate(deltas)) if t < length else 0.0
            assert found[row, t] == pytest.approx(expected, abs=1e-5)


def test_with_lambda_1_the_advantage_is_the_return_less_the_value():
    rewards, values = noise(0, 4, 6) * MASK, noise(1, 4, 6) * MASK
    found = generalised_advantages(rewards, values, MASK, 1.0, 1.0)
    returns = rewards.flip(1).cumsum(1).flip(1)
    torch.testing.assert_close(found, (returns - values) * MASK)


def test_what_stands_on_padding_changes_nothing():
    rewards, values = noise(0, 4, 6), noise(1, 4, 6)
    clean = generalised_advantages(rewards * MASK, values * MASK, MASK, 1.0, 0.95)
    dirty = generalised_advantages(rewards, values, MASK, 1.0, 0.95)
    torch.testing.assert_close(clean, dirty)
    assert not clean[~MASK].any()


# --- whitening -------------------------------------------------------------------------------------------------------


def test_whitened_advantages_have_mean_0_and_whitened_rewards_keep_theirs():
    values = (3 + 2 * noise(0, 4, 6)) * MASK
    advantages, rewards = whiten(values, MASK), whiten(values, MASK, keep_mean=True)
    for whitened, mean in ((advantages, 0.0), (rewards, float(values[MASK].mean()))):
        assert float(whitened[MASK].mean()) == pytest.approx(mean, abs=1e-5)
        assert float(whitened[MASK].var(correction=0)) == pytest.approx(1.0, abs=1e-5)
        assert not whitened[~MASK].any()


def test_whitening_does_not_look_at_padding_and_survives_equal_values():
    values = noise(0, 4, 6)
    torch.testing.assert_close(whiten(values * MASK, MASK), whiten(values * MASK + 100 * ~MASK, MASK))
    assert torch.isfinite(whiten(torch.ones(4, 6), MASK)).all()


# --- losses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "gradient"),
    [
        (1.0, 2.0, -2.0, -2.0),
        (1.1, 2.0, -2.2, -2.2),
        (1.5, 2.0, -2.4, 0.0),  # beyond the clip there is nothing more to gain
        (1.5, -2.0, 3.0, 3.0),  # but the way back is open
        (0.5, 2.0, -1.0, -1.0),
        (0.5, -2.0, 1.6, 0.0),
    ],
)
def test_the_policy_loss_by_hand(ratio, advantage, loss, gradient):
    """With clip 0.2; the gradient is by log pi, so that d ratio = ratio."""
    old = torch.tensor([[-1.0]])
    new = (old + math.log(ratio)).requires_grad_()
    found = policy_loss(new, old, torch.tensor([[advantage]]), 0.2)
    assert found.item() == pytest.approx(loss, rel=1e-6)
    found.sum().backward()
    assert float(new.grad) == pytest.approx(gradient, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "target", "loss"),
    [
        (1.1, 2.0, 0.405),  # within the clip: half of 0.9 squared
        (1.5, 2.0, 0.32),  # held at 1.2: half of 0.8 squared, more than half of 0.5 squared
        (1.5, 1.0, 0.125),  # further from the target than the held one: half of 0.5 squared
    ],
)
def test_the_value_loss_by_hand(value, target, loss):
    """With an old value of 1 and clip 0.2."""
    found = value_loss(torch.tensor([value]), torch.tensor([1.0]), torch.tensor([target]), 0.2)
    assert float(found) == pytest.approx(loss, rel=1e-5)


# --- the coefficient -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kl", "factor"),
    [(6.0, 1.0), (6.6, 1 + 0.1 * 0.05), (12.0, 1 + 0.2 * 0.05), (600.0, 1 + 0.2 * 0.05), (0.0, 1 - 0.2 * 0.05)],
)
def test_the_coefficient_follows_the_kl_no_faster_than_a_fifth_of_the_horizon(kl, factor):
    """500 completions of a horizon of 10,000: a twentieth."""
    assert adapted(0.15, kl, 6.0, 10_000, 500) == pytest.approx(0.15 * factor)
