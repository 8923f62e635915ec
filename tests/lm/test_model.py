"""Policies: built, saved, loaded, frozen and told apart; nothing but safetensors, and no foreign code."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.lm.small import WORDS, small_policy
from transformers import AutoModelForCausalLM, AutoTokenizer

from maieutic.core.errors import InputError, MaieuticError
from maieutic.lm.model import (
    Lora,
    adapt,
    build,
    evaluation,
    fingerprint,
    frozen,
    load,
    pad_id,
    reference_of,
    save,
)
from maieutic.lm.tokens import word_tokenizer

IDS = torch.tensor([[3, 4, 5, 6, 7]])


def logits(model):
    with torch.no_grad():
        return model(IDS).logits


def perturb(policy, name="lora_B", by=0.1):
    """Change the adapters, so that they count."""
    for key, value in policy.model.named_parameters():
        if name in key:
            value.data.add_(by)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    save(small_policy(), path)
    return path


# --- building --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_the_same_seed_builds_the_same_policy(architecture):
    first, second, other = (small_policy(seed=seed, architecture=architecture) for seed in (0, 0, 1))
    assert fingerprint(first) == fingerprint(second) != fingerprint(other)
    assert logits(first.model).shape == (1, 5, len(first.tokenizer))


def test_building_leaves_the_global_random_numbers_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    adapt(small_policy(), Lora(rank=2), seed=3)
    assert torch.equal(torch.rand(3), expected)


def test_a_width_that_does_not_divide_is_told():
    with pytest.raises(InputError, match="width 15"):
        build(word_tokenizer(WORDS), width=15, heads=2)


# --- saving and loading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize("chat", [False, True])
def test_what_is_saved_is_loaded(tmp_path, architecture, chat):
    policy = small_policy(architecture=architecture, chat=chat)
    save(policy, tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert fingerprint(loaded) == fingerprint(policy)
    assert torch.equal(logits(loaded.model), logits(policy.model))
    assert not any(part.training for part in loaded.model.modules())


def test_transformers_loads_the_folder(folder):
    policy = small_policy()
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert torch.equal(logits(model), logits(policy.model))
    assert tokenizer("w1 w2").input_ids == policy.tokenizer("w1 w2").input_ids
    assert tokenizer.eos_token_id == policy.tokenizer.eos_token_id


def test_bfloat16(folder):
    policy = load(folder, dtype="bfloat16")
    assert {value.dtype for value in policy.model.parameters()} == {torch.bfloat16}


def test_saving_again_replaces_the_model_and_keeps_what_else_is_there(folder):
    (folder / "training").mkdir()
    save(small_policy(seed=1), folder)
    assert fingerprint(load(folder)) == fingerprint(small_policy(seed=1))
    assert (folder / "training").is_dir()


def test_a_full_disk_is_told_and_leaves_no_half_of_a_model(tmp_path, monkeypatch):
    def full(self, folder, **options):
        (folder / "half").write_text("")
        raise OSError(28, "No space left on device")

    policy = small_policy()
    monkeypatch.setattr(type(policy.tokenizer), "save_pretrained", full)
    with pytest.raises(MaieuticError, match="No space left on device"):
        save(policy, tmp_path / "m")
    assert list((tmp_path / "m").iterdir()) == []


# --- what is not loaded ----------------------------------------------------------------------------------------------


def complaint(source, **options):
    with pytest.raises(InputError) as caught:
        load(source, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_folder(tmp_path):
    assert complaint(tmp_path / "none").startswith(f"{tmp_path / 'none'}: no such model folder")
    assert complaint("none").startswith("none: no such model folder")


def test_a_folder_without_a_model(tmp_path):
    assert "no model in this folder" in complaint(tmp_path)


def test_a_file(folder):
    assert "a model's folder is wanted" in complaint(folder / "config.json")


def test_only_safetensors(folder):
    """The other format can run code when it is loaded."""
    (folder / "model.safetensors").unlink()
    assert "no weights as safetensors" in complaint(folder)
    torch.save({}, folder / "pytorch_model.bin")
    assert "pytorch_model.bin, which can run code" in complaint(folder)


def test_damaged_weights(folder):
    (folder / "model.safetensors").write_bytes(b"nonsense")
    assert "cannot load the model" in complaint(folder)


def test_weights_that_are_missing_are_not_drawn_at_random(folder):
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "the files lack lm_head.weight" in complaint(folder)


def test_code_that_comes_with_a_model_is_not_run(folder):
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "foreign", "auto_map": {"AutoConfig": "foreign.F", "AutoModelForCausalLM": "foreign.M"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "foreign.py").write_text("raise SystemExit('it ran')")
    assert "Python code of its own (trust_remote_code runs it" in complaint(folder)


# --- adapters --------------------------------------------------------------------------------------------------------


def test_fresh_adapters_change_nothing_and_are_all_that_is_trained():
    plain = small_policy()
    policy = adapt(small_policy(), Lora(rank=2))
    assert torch.equal(logits(policy.model), logits(plain.model))
    trained = [name for name, value in policy.model.named_parameters() if value.requires_grad]
    assert trained
    assert all("lora_" in name for name in trained)


def test_adapters_are_drawn_from_the_seed(folder):
    first, second, other = (load(folder, lora=Lora(rank=2), seed=seed) for seed in (0, 0, 1))
    assert fingerprint(first) == fingerprint(second) != fingerprint(other)


def test_layers_that_do_not_exist_are_told():
    with pytest.raises(InputError, match=r"lora\.targets: no such layers"):
        adapt(small_policy(), Lora(targets=("nowhere",)))


def test_merged_adapters_are_an_ordinary_model(tmp_path):
    policy = adapt(small_policy(), Lora(rank=2))
    perturb(policy)
    before = fingerprint(policy)
    save(policy, tmp_path / "m")
    assert fingerprint(policy) == before  # merging does not touch the policy itself
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    assert torch.allclose(logits(model), logits(policy.model), atol=1e-5)
    assert not torch.allclose(logits(model), logits(small_policy().model), atol=1e-2)


def test_an_adapter_folder_loads_with_the_model_below(tmp_path, folder):
    policy = load(folder, lora=Lora(rank=2))
    perturb(policy)
    save(policy, tmp_path / "adapter", merge=False)
    loaded = load(tmp_path / "adapter")
    assert loaded.adapted
    assert torch.equal(logits(loaded.model), logits(policy.model))
    assert any(value.requires_grad for value in loaded.model.parameters())
    again = load(tmp_path / "adapter", lora=Lora(rank=2))  # new adapters on what the old ones made
    assert torch.allclose(logits(again.model), logits(policy.model), atol=1e-5)


# --- references ------------------------------------------------------------------------------------------------------


def test_a_frozen_copy_stays_while_the_policy_changes():
    policy = small_policy()
    copy = frozen(policy)
    before = fingerprint(copy)
    perturb(policy, name="weight")
    assert fingerprint(copy) == before != fingerprint(policy)
    assert not any(value.requires_grad for value in copy.model.parameters())
    assert not any(part.training for part in copy.model.modules())


def test_the_reference_of_adapters_is_the_model_below_them():
    """The trap: adapters left on, or their dropout."""
    plain = small_policy()
    policy = adapt(small_policy(), Lora(rank=2, dropout=0.5))
    perturb(policy)
    policy.model.train()
    with reference_of(policy) as model:
        assert torch.equal(model(IDS).logits, logits(plain.model))
        assert not model(IDS).logits.requires_grad
    assert policy.model.training
    assert not torch.allclose(logits(policy.model.eval()), logits(plain.model), atol=1e-2)


def test_a_policy_without_adapters_has_no_such_reference():
    with pytest.raises(ValueError, match="frozen"), reference_of(small_policy()):
        pass


def test_evaluation_ends_as_each_part_was():
    model = small_policy().model
    model.train()
    model.lm_head.eval()
    with evaluation(model):
        assert not any(part.training for part in model.modules())
    assert model.training
    assert not model.lm_head.training


# --- small things ----------------------------------------------------------------------------------------------------


def test_padding_may_be_the_end_token():
    tokenizer = word_tokenizer(WORDS)
    assert pad_id(tokenizer) == tokenizer.pad_token_id
    tokenizer.pad_token = None
    assert pad_id(tokenizer) == tokenizer.eos_token_id


def test_a_fingerprint_sees_weights_tokenizer_and_template():
    policy = small_policy()
    before = fingerprint(policy)
    policy.tokenizer("w1 w2", truncation=True, max_length=1, padding="max_length")  # leaves a trace in the tokenizer
    assert fingerprint(policy) == before
    next(iter(policy.model.parameters())).data.view(-1)[0] += 1e-6
    assert (changed := fingerprint(policy)) != before
    policy.tokenizer.chat_template = "another"
    assert fingerprint(policy) != changed


def test_bfloat16_has_a_fingerprint(folder):
    assert fingerprint(load(folder, dtype="bfloat16")) != fingerprint(load(folder))
