"""Cached reference log-probabilities are the live ones, and nothing on the disk is ever out of date."""

from dataclasses import replace

import pytest
import torch
from tests.lm.models import VOCABULARY, adapted, build_model, random_rows

from maieutic.core.errors import InputError
from maieutic.lm.logprobs import sequence_logprobs
from maieutic.lm.model import Policy, reference_of
from maieutic.lm.tokens import encode, word_tokenizer
from maieutic.lm.training import cache as cache_module
from maieutic.lm.training.cache import ReferenceCache

PAD = 2
ROWS = random_rows(9, each=2)
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


@pytest.fixture
def policy():
    return Policy(build_model("llama"), word_tokenizer([f"w{i}" for i in range(VOCABULARY - 4)]), "tiny")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "SHARD", 4)
    return ReferenceCache(tmp_path / "reference")


def live(policy, rows=ROWS):
    return sequence_logprobs(policy.model, rows, PAD)


def computed(monkeypatch):
    """How many rows the model has been asked for since."""
    count = []

    def counted(model, rows, pad, *, batch_tokens):
        count.append(len(rows))
        return sequence_logprobs(model, rows, pad, batch_tokens=batch_tokens)

    monkeypatch.setattr(cache_module, "sequence_logprobs", counted)
    return count


def test_cached_is_live_and_the_model_is_asked_once(policy, cache, monkeypatch):
    asked = computed(monkeypatch)
    first = cache.logprobs(policy, ROWS)
    assert asked == [4, 4, 1]
    torch.testing.assert_close(first, live(policy), **CLOSE)
    assert torch.equal(cache.logprobs(policy, ROWS), first)
    assert torch.equal(ReferenceCache(cache.folder).logprobs(policy, ROWS), first)
    assert asked == [4, 4, 1]
    assert cache.logprobs(policy, []).shape == (0,)


def test_what_is_known_of_a_run_that_was_stopped_is_used(policy, cache, monkeypatch):
    cache.logprobs(policy, ROWS[:4])
    asked = computed(monkeypatch)
    torch.testing.assert_close(cache.logprobs(policy, ROWS), live(policy), **CLOSE)
    assert asked == [4, 1]


def test_dropout_is_off_while_the_reference_is_computed(cache):
    model = build_model("gpt2").train()  # its config has dropout 0.1
    policy = Policy(model, word_tokenizer(["a"]), "tiny")
    found = cache.logprobs(policy, ROWS)
    assert model.training
    torch.testing.assert_close(found, live(replace(policy, model=model.eval())), **CLOSE)


def named_by_the_run(folder, policy, rows):
    """The trap: a cache that is told apart by its place alone."""
    file = folder / "reference.pt"
    if not file.exists():
        torch.save(live(policy, rows), file)
    return torch.load(file)


def change_weights(policy):
    next(policy.model.parameters()).data[5] += 0.5
    return policy, ROWS


def change_data(policy):
    return policy, ROWS[::-1]


def change_truncation(policy):
    return policy, [replace(row, completion=row.completion[:-1] or row.completion) for row in ROWS]


def change_precision(policy):
    return replace(policy, model=policy.model.to(torch.bfloat16)), ROWS


@pytest.mark.parametrize("change", [change_weights, change_data, change_truncation, change_precision])
def test_nothing_out_of_date_is_found(change, policy, cache, tmp_path):
    before = cache.logprobs(policy, ROWS)
    named_by_the_run(tmp_path, policy, ROWS)
    policy, rows = change(policy)
    expected = live(policy, rows)
    assert not torch.allclose(expected, before, atol=1e-3)
    torch.testing.assert_close(cache.logprobs(policy, rows), expected, atol=1e-2, rtol=1e-2)
    assert not torch.allclose(named_by_the_run(tmp_path, policy, rows), expected, atol=1e-3)


def test_another_tokenizer_is_another_key(policy, cache, monkeypatch):
    """Its ids mean other words, even where they happen to be equal."""
    cache.logprobs(policy, ROWS)
    asked = computed(monkeypatch)
    other = word_tokenizer([f"v{i}" for i in range(VOCABULARY - 4)])
    cache.logprobs(replace(policy, tokenizer=other), ROWS)
    assert sum(asked) == len(ROWS)


def test_truncated_text_is_another_key(policy, cache):
    rows = [encode(policy.tokenizer, "w1 w2 w3", " w4 w5 w6", max_length=length) for length in (None, 5)]
    for row in rows:
        torch.testing.assert_close(cache.logprobs(policy, [row]), live(policy, [row]), **CLOSE)


def test_adapters_on_and_off_are_different_policies(policy, cache):
    policy = replace(policy, model=adapted(policy.model))
    on = cache.logprobs(policy, ROWS)
    torch.testing.assert_close(on, live(policy), **CLOSE)
    with reference_of(policy):
        off = cache.logprobs(policy, ROWS)
        torch.testing.assert_close(off, live(policy), **CLOSE)
    assert not torch.allclose(on, off, atol=0.1)
    assert torch.equal(cache.logprobs(policy, ROWS), on)


@pytest.mark.parametrize("damage", [b"", b"[1.0, 2.0]", b'{"a": 1}', b"[null, 1, 2, 3]", b"\xff\xfe"])
def test_a_damaged_file_is_computed_again(damage, policy, cache):
    expected = cache.logprobs(policy, ROWS)
    for file in cache.folder.iterdir():
        file.write_bytes(damage)
    torch.testing.assert_close(cache.logprobs(policy, ROWS), expected)


def test_a_folder_that_cannot_be_made_is_an_input_error(policy, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        ReferenceCache(tmp_path / "file" / "cache").logprobs(policy, ROWS)
