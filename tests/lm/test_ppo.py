"""PPO: where it converges, what it must not get wrong, and that it can be killed at any moment."""

import json
import math
import os
import signal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.lm.models import CONFIGS, build_model, random_rows

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.records import Message, Ranking
from maieutic.lm.batches import collate
from maieutic.lm.logprobs import sequence_logprobs, token_logprobs
from maieutic.lm.model import Lora, Policy, adapt, build, fingerprint, frozen
from maieutic.lm.ppo.rollouts import ActorCritic, roll_out
from maieutic.lm.ppo.train import PPOConfig, _turns, ppo
from maieutic.lm.reward import RewardModel
from maieutic.lm.sampling.sample import Sampler
from maieutic.lm.tokens import Encoded, encode, encode_prompt, word_tokenizer
from maieutic.lm.training.fit import FitConfig, fit

WORDS = ["a", "b", "c", "d", "e", "f"]
PROMPTS = ["a", "b c", "d e f a b", "f"]
CONFIG = PPOConfig(steps=3, batch_size=6, epochs=2, minibatches=2, max_tokens=5, learning_rate=1e-3)


def small(**options):
    return build(word_tokenizer(WORDS, chat=True), **{"width": 16, "layers": 1, "seed": 1, "context": 64} | options)


def count_b(prompts, texts):
    return [float(text.split().count("b")) for text in texts]


def changed(config, **settings):
    return PPOConfig.model_validate(config.model_dump() | settings)


def weights(policy):
    return {name: value.clone() for name, value in policy.model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# --- where it goes ---------------------------------------------------------------------------------------------------


def test_ppo_converges_to_the_optimum_of_its_objective(tmp_path):
    """pi_ref exp(r / beta) / Z, over all 36 pairs of tokens of a vocabulary of six, special tokens among them."""
    tokenizer = word_tokenizer(["a", "b", "c"], begin=False)
    policy = build(tokenizer, width=32, layers=1, seed=3)
    prompt = encode_prompt(tokenizer, "a")
    ids = [(i, j) for i in range(len(tokenizer)) for j in range(len(tokenizer))]
    rows = [Encoded(prompt, pair) for pair in ids]

    def judge(prompts, texts):
        words = [text.split() for text in texts]
        return [w.count("b") + 0.5 * (w[-1:] == ["c"]) - 0.7 * (w[:1] == ["a"]) for w in words]

    def distribution():
        return sequence_logprobs(policy.model, rows, 0).double().exp()

    texts = [tokenizer.decode([*prompt, *pair], skip_special_tokens=True).removeprefix("a") for pair in ids]
    beta = 0.5
    reference = distribution()
    optimum = reference * torch.exp(torch.tensor(judge([], texts), dtype=torch.float64) / beta)
    optimum /= optimum.sum()
    config = PPOConfig(
        steps=60,
        batch_size=256,
        minibatches=2,
        learning_rate=3e-3,
        max_tokens=2,
        fixed_length=True,
        kl_coefficient=beta,
        whiten_advantages=False,
        gae_lambda=1.0,
        value_coefficient=0.5,
        checkpoint_every=100,
    )
    result = ppo(policy, ["a"], judge, config, tmp_path)
    assert float((reference - optimum).abs().sum() / 2) > 0.4
    assert float((distribution() - optimum).abs().sum() / 2) < 0.03
    expected = float(optimum @ torch.log(optimum / reference))
    assert result.metrics[-1]["kl"] == pytest.approx(expected, abs=0.15)
    assert all(line["kl_coefficient"] == beta for line in result.metrics)


def test_ppo_with_a_learned_reward_raises_the_true_one(tmp_path):
    """The reward model sees noisy comparisons of samples only; the true reward is the share of b's in the answer."""
    policy = build(word_tokenizer(WORDS), width=32, layers=2, seed=2)

    def true(text):
        words = text.split()
        return words.count("b") / max(1, len(words))

    written = [c.text for _, c in Sampler(policy).complete(["a"] * 600, range(600), CONFIG.sampling) if c.text.split()]
    random = np.random.default_rng(0)
    rankings = []
    for one, other in zip(written[::2], written[1::2], strict=False):
        p = 1 / (1 + math.exp(-6 * (true(one) - true(other))))
        better, worse = (one, other) if random.random() < p else (other, one)
        rankings.append(Ranking("a", (better, worse), (1, 2)))
    model = RewardModel(Policy(frozen(policy).model.requires_grad_(True), policy.tokenizer, "reward"))
    settings = FitConfig(loss="bradley_terry", learning_rate=3e-3, batch_size=32, epochs=6)
    fit(model, rankings, settings, tmp_path / "reward")

    def rows(prompts, texts):
        return [encode(policy.tokenizer, prompt, text or " a") for prompt, text in zip(prompts, texts, strict=True)]

    model.normalise(rows(["a"] * len(written), written))

    def learned(prompts, texts):
        return model.score(rows(prompts, texts)).tolist()

    def value():
        answers = [c.text for _, c in Sampler(policy).complete(["a"] * 400, range(10_000, 10_400), CONFIG.sampling)]
        return sum(map(true, answers)) / len(answers)

    before = value()
    config = PPOConfig(steps=30, batch_size=64, max_tokens=5, learning_rate=2e-3, kl_coefficient=0.1)
    result = ppo(policy, ["a"], learned, config, tmp_path / "ppo")
    assert value() > before + 0.3
    assert result.metrics[-1]["score"] > result.metrics[0]["score"] + 1
    assert result.metrics[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert 0.1 < result.metrics[-1]["kl"] < 20


def test_a_higher_price_keeps_the_policy_closer(tmp_path):
    far, near = (
        ppo(
            small(),
            PROMPTS,
            count_b,
            changed(CONFIG, steps=12, batch_size=64, kl_coefficient=beta),
            tmp_path / str(beta),
        )
        for beta in (0.0, 2.0)
    )
    assert near.metrics[-1]["kl"] < far.metrics[-1]["kl"] / 2
    assert near.metrics[-1]["score"] < far.metrics[-1]["score"]


# --- traps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minibatches", [1, 2, 6])
@pytest.mark.parametrize("micro_batch_tokens", [1, 30, 8192])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_the_ratio_is_1_until_the_policy_moves_however_the_rollout_is_cut(
    tmp_path, minibatches, micro_batch_tokens, temperature
):
    settings = {"minibatches": minibatches, "micro_batch_tokens": micro_batch_tokens, "temperature": temperature}
    config = changed(CONFIG, learning_rate=0.0, steps=2, **settings)
    policy = dropping_out()
    before = weights(policy)
    result = ppo(policy, PROMPTS, count_b, config, tmp_path)
    assert max(line["ratio_deviation"] for line in result.metrics) < 1e-5
    assert same(before, weights(policy))


def dropping_out():
    """A policy that drops out a tenth of everything whenever it is left in training mode, and is."""
    policy = small(architecture="gpt2")
    for part in policy.model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.1
    policy.model.train()
    return policy


def test_dropout_or_another_temperature_would_be_noticed_by_the_ratio():
    policy = dropping_out()
    rows = [encode(policy.tokenizer, prompt, " b c d") for prompt in PROMPTS]
    batch = collate(rows, 0)
    with torch.no_grad():
        policy.model.eval()
        right = token_logprobs(policy.model, batch)
        warm = token_logprobs(policy.model, batch, temperature=0.7)
        policy.model.train()
        torch.manual_seed(0)
        dropped = token_logprobs(policy.model, batch)
    for wrong in (warm, dropped):
        assert float((torch.exp(wrong - right) - 1).abs().max()) > 1e-3


def test_the_first_kl_is_0_and_the_policy_keeps_its_mode(tmp_path):
    policy = dropping_out()
    result = ppo(policy, PROMPTS, count_b, changed(CONFIG, steps=1), tmp_path)
    assert result.metrics[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert policy.model.training


def rolled_out(policy, prompts, reward=count_b, missing_end_score=None, fixed_length=False, reference=None):
    return roll_out(
        policy,
        ActorCritic(policy.model),
        reference or frozen(policy),
        reward,
        prompts,
        range(len(prompts)),
        CONFIG.sampling,
        fixed_length=fixed_length,
        missing_end_score=missing_end_score,
        batch_tokens=64,
    )


def test_a_rollout_holds_what_was_written_up_to_its_end_token():
    policy = small()
    rollout = rolled_out(policy, PROMPTS * 10)
    lengths = [len(row.completion) for row in rollout.rows]
    assert rollout.mask.sum(1).tolist() == lengths
    assert 0 < rollout.ended.sum() < len(lengths)
    for row, ended in zip(rollout.rows, rollout.ended.tolist(), strict=True):
        assert ended == (row.completion[-1] == policy.tokenizer.eos_token_id)
    for measured in (rollout.logprobs, rollout.reference, rollout.values):
        assert not measured[~rollout.mask].any()


def test_the_trainers_log_probabilities_are_the_models_own_alone_in_a_batch():
    policy = small()
    rollout = rolled_out(policy, PROMPTS * 3)
    with torch.no_grad():
        for i, row in enumerate(rollout.rows):
            alone = token_logprobs(policy.model, collate([row], 0))[0]
            torch.testing.assert_close(rollout.logprobs[i, : len(alone)], alone, atol=1e-5, rtol=0)


def test_pad_being_the_end_token_hides_no_reward():
    policy = small()
    usual = rolled_out(policy, PROMPTS * 3)
    policy.tokenizer.pad_token = policy.tokenizer.eos_token
    shared = rolled_out(policy, PROMPTS * 3)
    assert usual.rows == shared.rows
    assert torch.equal(usual.mask, shared.mask)
    torch.testing.assert_close(usual.logprobs, shared.logprobs)


def test_values_start_at_0_and_read_what_is_known_before_each_token():
    policy = small()
    actor = ActorCritic(policy.model)
    rows = [Encoded((8, 9), (10, 11, 1)), Encoded((8, 9), (10, 12, 1))]
    with torch.no_grad():
        assert not actor(collate(rows, 0), 1.0)[1].any()
        actor.value.weight.fill_(1.0)
        values = actor(collate(rows, 0), 1.0)[1]
    torch.testing.assert_close(values[0, :2], values[1, :2])  # the second token is not known to its own value
    assert abs(float(values[0, 2] - values[1, 2])) > 1e-3


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_in_one_pass_or_two_the_log_probabilities_are_the_same(name, temperature):
    """Models that change their logits after the last matrix are computed the plain way."""
    actor, batch = ActorCritic(build_model(name)), collate(random_rows(6), 2)
    logprobs, values = actor(batch, temperature)
    expected = token_logprobs(actor.model, batch, temperature=temperature)
    torch.testing.assert_close(logprobs, expected, atol=1e-5, rtol=0)
    assert values.shape == batch.mask.shape
    (logprobs.sum() + values.sum()).backward()
    assert actor.value.weight.grad.abs().sum() > 0


def test_in_bfloat16_weights_and_results_stay_in_float32(tmp_path):
    rows = collate([encode(small().tokenizer, prompt, " b c d") for prompt in PROMPTS], 0)
    exact, rough = (ActorCritic(small().model, bf16=bf16)(rows, 1.0)[0] for bf16 in (False, True))
    assert rough.dtype == torch.float32
    assert 1e-6 < (exact - rough).abs().max().item() < 0.1
    policy = small()
    result = ppo(policy, PROMPTS, count_b, changed(CONFIG, steps=8, batch_size=64, bf16=True), tmp_path)
    assert {parameter.dtype for parameter in policy.model.parameters()} == {torch.float32}
    assert result.metrics[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert result.metrics[-1]["score"] > result.metrics[0]["score"]


def test_a_missing_end_has_its_own_score():
    policy = small()
    rollout = rolled_out(policy, PROMPTS * 10, reward=lambda prompts, texts: [5.0] * len(texts), missing_end_score=-1.0)
    assert torch.equal(rollout.scores, torch.where(rollout.ended, 5.0, -1.0))
    assert rollout.rewards.tolist() == [5.0] * 40
    fixed = rolled_out(policy, PROMPTS, fixed_length=True, missing_end_score=-1.0)
    assert torch.equal(fixed.scores, fixed.rewards)


def test_how_the_memory_is_cut_does_not_matter(tmp_path):
    results = []
    for tokens in (16, 8192):
        policy = small()
        ppo(policy, PROMPTS, count_b, changed(CONFIG, micro_batch_tokens=tokens), tmp_path / str(tokens))
        results.append(weights(policy))
    for name, value in results[0].items():
        torch.testing.assert_close(value, results[1][name], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("whiten_rewards", [False, True])
def test_whitened_rewards_have_variance_1_and_their_own_mean(tmp_path, whiten_rewards):
    """With one token a completion and values of 0, the value loss is half the mean square of the rewards."""
    settings = {"max_tokens": 1, "fixed_length": True, "kl_coefficient": 0.0, "learning_rate": 0.0, "batch_size": 64}
    given = []

    def reward(prompts, texts):
        given.append([3.0 + 2.0 * len(text) for text in texts])
        return given[-1]

    config = changed(CONFIG, **settings, steps=1, whiten_rewards=whiten_rewards)
    (line,) = ppo(small(), PROMPTS, reward, config, tmp_path).metrics
    mean, variance = np.mean(given[0]), np.var(given[0])
    assert variance > 2
    assert line["value_loss"] == pytest.approx((mean**2 + (1.0 if whiten_rewards else variance)) / 2, rel=1e-4)


# --- references ------------------------------------------------------------------------------------------------------


def test_adapters_alone_are_trained_and_the_reference_is_the_model_without_them(tmp_path):
    policy = adapt(small(), Lora(rank=4))
    before = weights(policy)
    result = ppo(policy, PROMPTS, count_b, changed(CONFIG, steps=6, learning_rate=1e-2), tmp_path)
    after = weights(policy)
    moved = {name for name in after if not torch.equal(before[name], after[name])}
    assert moved
    assert all("lora_" in name for name in moved)
    assert result.metrics[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert result.metrics[-1]["kl"] > 1e-3


def test_a_reference_of_ones_own_is_what_the_kl_is_measured_from(tmp_path):
    policy, reference = small(), small(seed=5)
    first = ppo(policy, PROMPTS, count_b, changed(CONFIG, steps=1), tmp_path, reference=reference).metrics[0]
    assert first["kl"] > 1e-3


def test_the_coefficient_adapts_to_its_target(tmp_path):
    config = changed(CONFIG, steps=8, kl_coefficient=0.1, kl_target=1e-4, kl_horizon=60.0, learning_rate=1e-2)
    lines = ppo(small(), PROMPTS, count_b, config, tmp_path).metrics
    for line, after in pairwise(lines):
        error = min(max(line["kl"] / 1e-4 - 1, -0.2), 0.2)
        assert after["kl_coefficient"] == pytest.approx(line["kl_coefficient"] * (1 + error * 6 / 60))
    assert lines[-1]["kl_coefficient"] > 0.1


# --- stopping and going on -------------------------------------------------------------------------------------------


class Killed(Exception):
    pass


def killing(after):
    """A reward function that does not return from so many calls."""
    calls = 0

    def reward(prompts, texts):
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return count_b(prompts, texts)

    return reward


@pytest.mark.parametrize("adapters", [False, True])
def test_a_run_that_is_killed_ends_with_the_same_bits(tmp_path, adapters):
    config = changed(CONFIG, steps=5, checkpoint_every=2, kl_target=0.1)

    def fresh():
        return adapt(small(), Lora(rank=2)) if adapters else small()

    whole = fresh()
    expected = ppo(whole, PROMPTS, count_b, config, tmp_path / "whole")
    for stops in ([1], [2], [3, 1, 0], [4]):
        folder = tmp_path / "-".join(map(str, stops))
        for after in stops:
            with pytest.raises(Killed):
                ppo(fresh(), PROMPTS, killing(after), config, folder)
        policy = fresh()
        assert ppo(policy, PROMPTS, count_b, config, folder) == expected
        assert same(weights(policy), weights(whole))
        assert (folder / "metrics.jsonl").read_bytes() == (tmp_path / "whole" / "metrics.jsonl").read_bytes()


def test_the_test_of_resuming_would_notice_a_run_that_starts_again(tmp_path):
    """The trap: a run that goes on from the weights but with a fresh optimiser, or from step 0."""
    config = changed(CONFIG, steps=4)
    once, twice = small(), small()
    ppo(once, PROMPTS, count_b, config, tmp_path / "once")
    ppo(twice, PROMPTS, count_b, changed(config, steps=2), tmp_path / "first")
    ppo(twice, PROMPTS, count_b, changed(config, steps=2), tmp_path / "second")
    assert not same(weights(once), weights(twice))


def test_a_finished_run_returns_at_once_with_what_it_learned(tmp_path):
    first, second = small(), small()
    result = ppo(first, PROMPTS, count_b, CONFIG, tmp_path)
    assert ppo(second, PROMPTS, killing(0), CONFIG, tmp_path) == result
    assert same(weights(first), weights(second))
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3]


@pytest.mark.parametrize(
    "other",
    [{"config": changed(CONFIG, kl_coefficient=1.0)}, {"prompts": ["a"]}, {"policy": small(seed=9)}],
    ids=lambda other: next(iter(other)),
)
def test_another_run_in_the_same_folder_is_refused(tmp_path, other):
    ppo(small(), PROMPTS, count_b, CONFIG, tmp_path)
    given = {"policy": small(), "prompts": PROMPTS, "config": CONFIG} | other
    with pytest.raises(InputError, match="begun with another"):
        ppo(given["policy"], given["prompts"], count_b, given["config"], tmp_path)


def test_how_often_it_is_kept_may_change_on_the_way(tmp_path):
    ppo(small(), PROMPTS, count_b, CONFIG, tmp_path)
    ppo(small(), PROMPTS, killing(0), changed(CONFIG, checkpoint_every=1), tmp_path)


def test_ctrl_c_keeps_the_step(tmp_path):
    calls = 0

    def reward(prompts, texts):
        nonlocal calls
        calls += 1
        if calls == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return count_b(prompts, texts)

    with pytest.raises(KeyboardInterrupt):
        ppo(small(), PROMPTS, reward, CONFIG, tmp_path)
    policy, whole = small(), small()
    ppo(policy, PROMPTS, killing(1), CONFIG, tmp_path)
    ppo(whole, PROMPTS, count_b, CONFIG, tmp_path / "whole")
    assert same(weights(policy), weights(whole))


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (lambda prompts, texts: [1.0], "1 scores for 6 completions"),
        (lambda prompts, texts: [math.nan] * len(texts), "nan for the completion"),
        (lambda prompts, texts: [math.inf] * len(texts), "inf for the completion"),
    ],
)
def test_a_reward_function_that_gives_no_numbers_is_refused(tmp_path, reward, message):
    with pytest.raises(InputError, match=message):
        ppo(small(), PROMPTS, reward, CONFIG, tmp_path)


def test_no_prompts_and_too_long_ones_are_refused(tmp_path):
    with pytest.raises(InputError, match="no prompts"):
        ppo(small(), [], count_b, CONFIG, tmp_path)
    with pytest.raises(InputError, match="prompt 2: 81 tokens leave no room"):
        ppo(small(), ["a", "a " * 80], count_b, CONFIG, tmp_path)


def test_a_loss_that_is_no_number_is_told(tmp_path):
    policy = small()
    with pytest.raises(MaieuticError, match="learning_rate"):
        ppo(policy, PROMPTS, count_b, changed(CONFIG, learning_rate=1e20), tmp_path)


# --- prompts ---------------------------------------------------------------------------------------------------------


def test_every_prompt_has_its_turn_before_any_has_its_second():
    for start in (0, 7, 10, 13):
        whole = _turns(10, 0, start + 35, seed=3)
        assert _turns(10, start, 35, seed=3) == whole[start:]
    assert all(sorted(whole[i : i + 10]) == list(range(10)) for i in range(0, 40, 10))
    assert whole[:10] != whole[10:20]
    assert whole != _turns(10, 0, len(whole), seed=4)


def test_conversations_are_answered_too(tmp_path):
    asked = []

    def reward(prompts, texts):
        asked.extend(zip(prompts, texts, strict=True))
        return count_b(prompts, texts)

    conversation = (Message("user", "a b"),)
    ppo(small(), [conversation], reward, changed(CONFIG, steps=1), tmp_path)
    assert all(prompt == conversation and "<" not in text for prompt, text in asked)


def test_the_folder_says_what_was_run(tmp_path):
    policy = small()
    mark = fingerprint(policy)
    ppo(policy, PROMPTS, count_b, CONFIG, tmp_path)
    assert "batch_size = 6" in Path(tmp_path / "config.toml").read_text()
    assert json.loads((tmp_path / "run.json").read_text())["policy"] == mark
