"""One-off training: from a folder and a file to a folder that transformers loads."""

import json
import math
import re
from pathlib import Path

import pytest
import torch
from tests.lm.small import WORDS, small_policy, some_examples, some_pairs, some_rankings
from transformers import AutoModelForCausalLM, AutoTokenizer

from maieutic.core.datasets import write_records
from maieutic.core.errors import InputError
from maieutic.core.records import Message, PreferencePair
from maieutic.lm.losses import LOSSES
from maieutic.lm.model import Lora, fingerprint, load, save
from maieutic.lm.reward import RewardModel
from maieutic.lm.tokens import encode
from maieutic.loops.train import DEFAULTS, TrainConfig, report, settings_for, train, train_ppo

FAST = ["batch_size=8", "learning_rate=1e-2", "epochs=2"]


@pytest.fixture
def model(tmp_path):
    save(small_policy(), tmp_path / "model")
    return str(tmp_path / "model")


@pytest.fixture
def pairs(tmp_path):
    write_records(tmp_path / "pairs.jsonl", some_pairs(20))
    return tmp_path / "pairs.jsonl"


# --- training --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["dpo", "ipo", "dno"])
def test_pairs(tmp_path, model, pairs, command):
    trained = train(command, model, pairs, tmp_path / "out", overrides=FAST)
    assert trained.result.steps == 6
    assert trained.result.losses[-1] < trained.result.losses[0]
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert loaded(torch.tensor([tokenizer("w1 w2").input_ids])).logits.isfinite().all()
    assert fingerprint(load(tmp_path / "out")) != fingerprint(load(model))


def test_examples_and_validation(tmp_path, model):
    write_records(tmp_path / "data.jsonl", some_examples(20))
    write_records(tmp_path / "held.jsonl", some_examples(5, seed=1))
    trained = train("sft", model, tmp_path / "data.jsonl", tmp_path / "out", validation=tmp_path / "held.jsonl")
    assert "validation/loss" in trained.result.metrics
    assert "validation loss" in report(trained)


def test_a_reward_model_is_normalised(tmp_path, model):
    rankings = some_rankings(20)
    write_records(tmp_path / "data.jsonl", rankings)
    train("reward", model, tmp_path / "data.jsonl", tmp_path / "out", overrides=FAST)
    loaded = RewardModel.load(tmp_path / "out")
    rows = [encode(loaded.tokenizer, r.prompt, text) for r in rankings for text in r.completions]
    scores = loaded.score(rows)
    assert scores.mean().item() == pytest.approx(0, abs=1e-5)
    assert scores.std(correction=0).item() == pytest.approx(1, abs=1e-5)


def test_adapters(tmp_path, model, pairs):
    overrides = [*FAST, "lora.rank=2"]
    train("dpo", model, pairs, tmp_path / "merged", overrides=overrides)
    assert not load(tmp_path / "merged").adapted
    train("dpo", model, pairs, tmp_path / "adapter", overrides=[*overrides, "merge=false"])
    assert load(tmp_path / "adapter").adapted


def test_conversations(tmp_path):
    save(small_policy(chat=True), tmp_path / "model")
    ask = (Message("user", "w1 w2"),)
    write_records(tmp_path / "data.jsonl", [PreferencePair(ask, "w3", "w4")], conversational=True)
    trained = train("dpo", str(tmp_path / "model"), tmp_path / "data.jsonl", tmp_path / "out")
    assert trained.result.losses[0] == pytest.approx(math.log(2), abs=1e-6)


def test_the_same_command_again_gives_the_same(tmp_path, model, pairs):
    first = train("dpo", model, pairs, tmp_path / "out", overrides=FAST)
    before = (tmp_path / "out" / "model.safetensors").read_bytes()
    assert train("dpo", model, pairs, tmp_path / "out", overrides=FAST).result == first.result
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == before
    with pytest.raises(InputError, match="another batch_size"):
        train("dpo", model, pairs, tmp_path / "out")


def test_ppo_earns_its_reward(tmp_path, model):
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"prompt": "w1 "}) + "\n")
    function = tmp_path / "reward.py"
    function.write_text(
        "def count(prompts, completions):\n    return [float('w7' in text.split()) for text in completions]\n"
    )
    overrides = ["steps=12", "batch_size=32", "learning_rate=5e-3", "max_tokens=3", "kl_coefficient=0.0"]
    name = f"{function}:count"
    train_ppo(model, tmp_path / "prompts.jsonl", name, tmp_path / "out", overrides=overrides)
    lines = [json.loads(line) for line in (tmp_path / "out/training/metrics.jsonl").read_text().splitlines()]
    assert len(lines) == 12
    assert sum(line["score"] for line in lines[-3:]) > sum(line["score"] for line in lines[:3])
    assert fingerprint(load(tmp_path / "out")) != fingerprint(load(model))
    function.write_text(function.read_text() + "\n# another\n")
    with pytest.raises(InputError, match="begun with another reward"):
        train_ppo(model, tmp_path / "prompts.jsonl", name, tmp_path / "out", overrides=overrides)


def test_ppo_on_a_reward_model(tmp_path, model):
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"prompt": "w1 "}) + "\n")
    RewardModel(load(model)).save(tmp_path / "reward")
    overrides = ["steps=1", "batch_size=4", "max_tokens=3"]
    train_ppo(model, tmp_path / "prompts.jsonl", str(tmp_path / "reward"), tmp_path / "out", overrides=overrides)
    load(tmp_path / "out")
    with pytest.raises(InputError, match="no reward model"):
        train_ppo(model, tmp_path / "prompts.jsonl", model, tmp_path / "other")


# --- settings --------------------------------------------------------------------------------------------------------


def test_a_command_has_its_defaults_under_what_is_given(tmp_path):
    assert settings_for("dpo", None, ()).learning_rate == 1e-6
    assert settings_for("sft", None, ()).batch_size == 16
    file = tmp_path / "c.toml"
    file.write_text("batch_size = 2\nbeta = 0.5\n")
    settings = settings_for("dpo", file, ["beta=0.2"])
    assert (settings.batch_size, settings.parameters, settings.loss) == (2, {"beta": 0.2}, "dpo")


def test_adapters_learn_faster_unless_told():
    assert settings_for("dpo", None, ["lora.rank=4"]).learning_rate == pytest.approx(1e-5)
    assert settings_for("dpo", None, ["lora.rank=4", "learning_rate=1e-6"]).learning_rate == 1e-6
    assert settings_for("dpo", None, ["lora.rank=4"]).lora == Lora(rank=4)


def test_another_loss_of_the_same_kind_may_be_asked_for():
    assert settings_for("dpo", None, ["loss=robust", "label_smoothing=0.2"]).loss == "robust"
    with pytest.raises(InputError, match="train dpo learns from pairs, sft from examples"):
        settings_for("dpo", None, ["loss=sft"])


def test_every_default_is_a_loss_and_valid():
    assert {LOSSES[default["loss"]].kind for default in DEFAULTS.values()} == {"examples", "pairs", "rankings"}
    for default in DEFAULTS.values():
        TrainConfig(**default)


# --- where it goes ---------------------------------------------------------------------------------------------------


def test_a_model_is_not_written_over(tmp_path, model, pairs):
    with pytest.raises(InputError, match="the same folder as --model"):
        train("dpo", model, pairs, tmp_path / "model")
    save(small_policy(), tmp_path / "other")
    with pytest.raises(InputError, match="is not empty"):
        train("dpo", model, pairs, tmp_path / "other")
    with pytest.raises(InputError, match="a file, where a folder is wanted"):
        train("dpo", model, pairs, pairs)


def test_what_was_left_out_is_reported(tmp_path, model):
    rows = [*some_pairs(3), PreferencePair("w1 ", "w2 <eos> w3", WORDS[4])]
    write_records(tmp_path / "data.jsonl", rows)
    text = report(train("dpo", model, tmp_path / "data.jsonl", tmp_path / "out"))
    assert "left out 1: the completion's text contains the end token" in text
    assert text.endswith(f"The model is in {tmp_path / 'out'}")


# --- docs/training.md ------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parent.parent.parent / "docs" / "training.md"


def test_the_page_names_every_setting_and_command():
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_.0-9]+)`", text))
    settings = [name for name in TrainConfig.model_fields if name != "lora"]
    assert [name for name in [*settings, *(f"lora.{name}" for name in Lora.model_fields)] if name not in named] == []
    assert [command for command in DEFAULTS if f"`train {command}`" not in text] == []


def test_the_page_has_the_defaults(model):
    rows = dict(re.findall(r"^\| `([a-z0-9_]+)` \| ([^|]+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    defaults = TrainConfig()
    for name in ("sft_weight", "micro_batch_tokens", "dropout", "seed"):
        assert float(rows[name]) == getattr(defaults, name)
    for name in ("merge", "bf16", "gradient_checkpointing", "trust_remote_code"):
        assert json.loads(rows[name]) == getattr(defaults, name)
    rates = {"": "dpo", "SFT ": "sft", "reward ": "reward"}
    for name in ("learning_rate", "batch_size"):
        for text in rows[name].split("; "):
            command = next(command for word, command in reversed(rates.items()) if text.startswith(word))
            assert float(text.split()[-1]) == getattr(settings_for(command, None, ()), name)


def test_the_pages_python_runs(model, pairs, monkeypatch, capsys):
    monkeypatch.chdir(pairs.parent)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(code, {})
    assert capsys.readouterr().out.startswith("2 0.69")
    load(Path("trained"))
