"""The reward model: what it reads, how it is normalised and kept, and how well it ranks."""

import pytest
import torch
from tests.lm.models import VOCABULARY, adapted, build_model, random_rows

from maieutic.core.errors import InputError
from maieutic.core.records import PreferencePair, Ranking
from maieutic.lm.batches import collate
from maieutic.lm.model import Policy, build, load, save
from maieutic.lm.reward import HEAD, RewardModel
from maieutic.lm.tokens import encode, word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig

PAD, EOS = 2, 1
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


def tiny_reward(name: str = "llama", tokenizer=None, **options) -> RewardModel:
    tokenizer = tokenizer or word_tokenizer([f"w{i}" for i in range(VOCABULARY - 4)])
    return RewardModel(Policy(build_model(name), tokenizer, "tiny"), **options).eval()


def alone(reward: RewardModel, row) -> torch.Tensor:
    """The definition: the head on the last state of one row without padding."""
    states = reward.model.base_model(input_ids=torch.tensor([row.prompt + row.completion])).last_hidden_state[0]
    return reward.gain * (states[-1] @ reward.head.weight[0] + reward.head.bias[0]) + reward.offset


@pytest.mark.parametrize("name", ["llama", "gpt2", "mistral, sliding window", "cohere, scaled logits"])
@torch.no_grad()
def test_the_score_is_read_at_the_last_token(name):
    reward, rows = tiny_reward(name), random_rows(9, each=3)
    expected = torch.stack([alone(reward, row) for row in rows])
    for batch_tokens in (1, 50, 10_000):
        torch.testing.assert_close(reward.score(rows, batch_tokens=batch_tokens), expected, **CLOSE)
    for share in (False, True):
        torch.testing.assert_close(reward(collate(rows, PAD, share=share)), expected, **CLOSE)


@torch.no_grad()
def test_the_padding_does_not_matter():
    """The trap: the last token that is not `pad`. Where pad is eos, that is the one before the end."""
    reward, rows = tiny_reward(), random_rows(6, longest=20)

    def read_by_id(pad: int) -> torch.Tensor:
        batch = collate(rows, pad)
        states = reward.model.base_model(input_ids=batch.input_ids).last_hidden_state
        last = (batch.input_ids != pad).long().mul(torch.arange(batch.input_ids.shape[1])).argmax(dim=1)
        return reward.head(states[torch.arange(len(rows)), last]).squeeze(1)

    expected = reward.score(rows)
    torch.testing.assert_close(read_by_id(PAD), expected, **CLOSE)
    assert not torch.allclose(read_by_id(EOS), expected, atol=1e-3)
    for pad in (PAD, EOS, 17):
        torch.testing.assert_close(reward(collate(rows, pad)), expected, **CLOSE)


def test_scores_are_taken_without_dropout_and_leave_the_mode():
    reward, rows = tiny_reward("gpt2").train(), random_rows(4)
    assert torch.equal(reward.score(rows), reward.score(rows))
    assert reward.training
    assert reward.model.training


def test_the_head_starts_small_and_without_bias():
    rows = build(word_tokenizer(["a"]), width=1024, layers=1, heads=2)
    reward = RewardModel(rows, seed=3)
    assert reward.head.weight.std().item() == pytest.approx(1 / 1025**0.5, rel=0.1)
    assert reward.head.bias.item() == 0
    again, other = (RewardModel(rows, seed=seed).head.weight for seed in (3, 4))
    assert torch.equal(reward.head.weight, again)
    assert not torch.equal(reward.head.weight, other)


def test_reference_samples_have_mean_0_and_standard_deviation_1():
    reward, rows, others = tiny_reward(), random_rows(40), random_rows(10, seed=5)
    before = reward.score(others)
    for _ in range(2):  # before training, and again after
        reward.normalise(rows)
        scores = reward.score(rows).double()
        assert scores.mean().item() == pytest.approx(0, abs=1e-5)
        assert scores.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert torch.equal(reward.score(others).argsort(), before.argsort())
    with pytest.raises(InputError, match="all have the same score"):
        reward.normalise(rows[:1])


def test_what_is_not_used_is_not_trained():
    reward = tiny_reward()
    loss = reward(collate(random_rows(3), PAD)).sum()
    loss.backward()
    assert all((weight.grad is not None) == weight.requires_grad for weight in reward.parameters())
    assert not reward.model.lm_head.weight.requires_grad
    assert tiny_reward("llama_tied").model.lm_head.weight.requires_grad  # it is the embedding, too


@pytest.mark.parametrize("lora", [False, True], ids=["weights", "adapters"])
def test_saved_and_loaded_it_gives_the_same_scores(lora, tmp_path):
    reward, rows = tiny_reward(), random_rows(8)
    if lora:
        reward.model = adapted(reward.model)
    reward.normalise(rows)
    reward.save(tmp_path / "reward")
    loaded = RewardModel.load(tmp_path / "reward")
    torch.testing.assert_close(loaded.score(rows), reward.score(rows), **CLOSE)
    assert load(tmp_path / "reward").model.config.vocab_size == VOCABULARY  # an ordinary model's folder


def test_folders_that_hold_no_reward_model(tmp_path):
    reward = tiny_reward()
    save(Policy(reward.model, reward.tokenizer, "tiny"), tmp_path / "policy")
    with pytest.raises(InputError, match=r"policy: no reward model"):
        RewardModel.load(tmp_path / "policy")
    reward.save(tmp_path / "damaged")
    (tmp_path / "damaged" / HEAD).write_bytes(b"no")
    with pytest.raises(InputError, match="damaged file"):
        RewardModel.load(tmp_path / "damaged")
    other = RewardModel(build(reward.tokenizer, width=8))
    other.save(tmp_path / "other")
    (tmp_path / "other" / HEAD).replace(tmp_path / "damaged" / HEAD)
    with pytest.raises(InputError, match="another width"):
        RewardModel.load(tmp_path / "damaged")
    with pytest.raises(InputError, match="no such model folder"):
        RewardModel.load(tmp_path / "nowhere")


# --- as good as can be -----------------------------------------------------------------------------------------------

WORDS = [f"w{i}" for i in range(16)]
NOISE = 1.0
"""Comparisons follow the Bradley-Terry model of the true rewards divided by this."""


def true_rewards(completions: torch.Tensor) -> torch.Tensor:
    """The worth of the words, each between -1.5 and 1.5, added up."""
    return torch.linspace(-1.5, 1.5, len(WORDS))[completions].sum(dim=-1)


def comparisons(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(words of both completions [n, 2, 4], whether the noisy judge prefers the first [n])."""
    drawn = torch.randint(len(WORDS), (count, 2, 4), generator=generator)
    rewards = true_rewards(drawn)
    chance = torch.sigmoid((rewards[:, 0] - rewards[:, 1]) / NOISE)
    return drawn, torch.rand(count, generator=generator) < chance


def text(words: torch.Tensor) -> str:
    return "".join(f" {WORDS[i]}" for i in words.tolist())


@pytest.mark.slow
def test_it_ranks_held_out_pairs_as_well_as_the_bayes_optimal_scorer(tmp_path, scale):
    generator = torch.Generator().manual_seed(0)
    drawn, first = comparisons(scale(2000, 6000), generator)
    data = [
        PreferencePair("?", text(pair[0 if won else 1]), text(pair[1 if won else 0]))
        for pair, won in zip(drawn, first.tolist(), strict=True)
    ]
    tokenizer = word_tokenizer(["?", *WORDS])
    reward = RewardModel(build(tokenizer, width=32, layers=1, heads=2, context=16))
    config = FitConfig(loss="bradley_terry", learning_rate=3e-3, batch_size=64, epochs=3, warmup=0.05)
    fit(reward, data, config, tmp_path / "run")

    drawn, first = comparisons(4000, generator)
    rows = [encode(tokenizer, "?", text(words)) for pair in drawn for words in pair]
    scores = reward.score(rows).reshape(-1, 2)
    rewards = true_rewards(drawn)
    clear = rewards[:, 0] != rewards[:, 1]

    def accuracy(values: torch.Tensor) -> float:
        return ((values[:, 0] > values[:, 1]) == first)[clear].double().mean().item()

    learned, best = accuracy(scores), accuracy(rewards)
    assert 0.7 < best < 0.95  # the judge is noisy indeed
    assert learned >= best - 0.02


def test_rankings_of_several_teach_it_too(tmp_path):
    tokenizer = word_tokenizer(["?", *WORDS])
    triples = [WORDS[i : i + 3] for i in range(0, 15, 3)]
    data = [Ranking("?", (f" {middle}", f" {best}", f" {worst}"), (2, 1, 3)) for best, middle, worst in triples]
    reward = RewardModel(build(tokenizer, width=16, layers=1, heads=2, context=8))
    config = FitConfig(loss="bradley_terry", learning_rate=1e-2, batch_size=5, max_steps=40, warmup=0.0)
    result = fit(reward, data, config, tmp_path / "run")
    assert result.losses[-1] < 0.1 < result.losses[0]
    for ranking in data:
        second, first, third = reward.score([encode(tokenizer, "?", completion) for completion in ranking.completions])
        assert first > second > third
