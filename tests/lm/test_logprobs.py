"""Log-probabilities: however rows are batched, packed, padded or cut into chunks, they are those of each row alone."""

import pytest
import torch
from tests.lm.models import CONFIGS, VOCABULARY, adapted, build_model, plain_logprobs, plain_sums, random_rows

from maieutic.core.errors import InputError
from maieutic.lm import heads
from maieutic.lm.anatomy import anatomy
from maieutic.lm.batches import buckets, collate
from maieutic.lm.heads import linear_logprobs
from maieutic.lm.logprobs import final_states, hidden_states, sequence_logprobs, token_logprobs
from maieutic.lm.modes import training_mode
from maieutic.lm.tokens import Encoded

PAD, EOS = 2, 1
CLOSE = {"atol": 1e-5, "rtol": 1e-5}

every_model = pytest.mark.parametrize("name", CONFIGS)
either_way = pytest.mark.parametrize("share", [False, True], ids=["apart", "shared"])


@every_model
@either_way
def test_batched_log_probabilities_are_those_of_each_row_alone(name, share):
    model, rows = build_model(name), random_rows(6, each=2)
    batch = collate(rows, PAD, share=share)
    assert batch.shared == share
    found = token_logprobs(model, batch)
    assert found.dtype == torch.float32
    assert found.shape == batch.mask.shape
    for values, real, row in zip(found, batch.mask, rows, strict=True):
        torch.testing.assert_close(values[real], plain_logprobs(model, row), **CLOSE)
    assert (found[~batch.mask] == 0).all()


@every_model
def test_gradients_are_those_of_each_row_alone(name):
    model, rows = build_model(name), random_rows(4, each=2)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    expected = torch.autograd.grad(plain_sums(model, rows).square().sum(), trained, allow_unused=True)
    sums = token_logprobs(model, collate(rows, PAD, share=True)).sum(dim=1)
    found = torch.autograd.grad(sums.square().sum(), trained, allow_unused=True)
    for ours, plain in zip(found, expected, strict=True):
        assert (ours is None) == (plain is None)
        if plain is not None:
            torch.testing.assert_close(ours, plain, atol=1e-4 * plain.abs().max().item(), rtol=1e-4)


def test_what_architectures_allow():
    assert {
        name: (found.linear_head, found.shares_prompts) for name in CONFIGS for found in [anatomy(build_model(name))]
    } == {
        "llama": (True, True),
        "llama_tied": (True, True),
        "gpt2": (True, True),
        "qwen3": (True, True),
        "granite, scaled logits": (False, False),
        "cohere, scaled logits": (False, False),
        "gemma2, soft cap and sliding window": (False, False),
        "mistral, sliding window": (True, False),
        "bloom, no positions": (True, False),
    }


@either_way
def test_adapters_count_and_are_trained(share):
    base, rows = build_model("llama"), random_rows(4, each=2)
    without = sequence_logprobs(base, rows, PAD)
    model = adapted(base)
    sums = token_logprobs(model, collate(rows, PAD, share=share)).sum(dim=1)
    torch.testing.assert_close(sums, plain_sums(model, rows), **CLOSE)
    assert not torch.allclose(sums, without, atol=0.1)
    sums.sum().backward()
    assert all((weight.grad is not None) == weight.requires_grad for weight in model.parameters())
    with model.disable_adapter():
        torch.testing.assert_close(sequence_logprobs(model, rows, PAD), without, **CLOSE)


def test_an_adapter_on_the_output_layer_counts():
    model, rows = build_model("llama"), random_rows(3)
    assert anatomy(model).linear_head
    wrapped = adapted(model, "lm_head")
    assert not anatomy(wrapped).linear_head
    torch.testing.assert_close(sequence_logprobs(wrapped, rows, PAD), plain_sums(wrapped, rows), **CLOSE)


def test_several_completions_share_a_prompt():
    model, rows = build_model("llama"), random_rows(10, each=5, longest=5)
    batch = collate(rows, PAD, share=True)
    assert batch.input_ids.shape[0] == 2
    torch.testing.assert_close(token_logprobs(model, batch).sum(dim=1), plain_sums(model, rows), **CLOSE)


def test_a_prompt_is_shared_only_where_that_pays():
    short_prompt = [Encoded((5,), tuple([7] * 3000)), Encoded((5,), tuple([8] * 3000))]
    assert not collate(short_prompt, PAD, share=True).shared
    long_prompt = [Encoded(tuple([5] * 600), (7, 8)), Encoded(tuple([5] * 600), (8, 7, 6))]
    assert collate(long_prompt, PAD, share=True).shared
    assert not collate(long_prompt, PAD).shared


def test_padding_never_meets_nothing_to_look_at():
    """A packed row shorter than the others: were its padding allowed to see nothing, the softmax would be NaN."""
    rows = [*random_rows(2, each=2, longest=3), *random_rows(2, each=2, seed=1, longest=30)]
    for name in ("llama", "gpt2"):
        model = build_model(name)
        for attention in ("sdpa", "eager"):
            model.set_attn_implementation(attention)
            sums = token_logprobs(model, collate(rows, PAD, share=True)).sum(dim=1)
            torch.testing.assert_close(sums, plain_sums(model, rows), **CLOSE)


def test_layers_may_be_computed_twice_to_save_memory():
    model, rows = build_model("llama"), random_rows(4, each=2)
    batch = collate(rows, PAD, share=True)

    def gradients() -> list[torch.Tensor]:
        return list(torch.autograd.grad(token_logprobs(model, batch).sum(), list(model.parameters())))

    expected = gradients()
    with training_mode(model, dropout=0.0, checkpointing=True):
        for ours, plain in zip(gradients(), expected, strict=True):
            torch.testing.assert_close(ours, plain, **CLOSE)


# --- traps -----------------------------------------------------------------------------------------------------------


def test_pad_equal_to_eos_masks_no_end_token():
    """The trap: a mask made of ids takes the real end token for padding, where both are the same."""
    model, rows = build_model("llama"), random_rows(4, each=2)

    def masked_by_ids(pad: int) -> torch.Tensor:
        batch = collate(rows, pad)
        return (token_logprobs(model, batch) * (batch.targets != pad)).sum(dim=1)

    assert not torch.allclose(masked_by_ids(EOS), masked_by_ids(PAD), atol=1e-3)
    for share in (False, True):
        with_pad, with_eos = (token_logprobs(model, collate(rows, pad, share=share)) for pad in (PAD, EOS))
        assert torch.equal(with_pad, with_eos)
        assert (with_eos.gather(1, collate(rows, EOS).lengths[:, None] - 1) != 0).all()  # the end token is scored


def test_the_prompt_is_not_scored():
    """log pi(y | x) = log pi(x, y) - log pi(x); the trap is the first term alone."""
    model = build_model("llama")
    for row in random_rows(5, seed=3):
        prompt, whole = row.prompt, row.prompt + row.completion
        of_prompt = sequence_logprobs(model, [Encoded((0,), prompt)], PAD)
        of_both = sequence_logprobs(model, [Encoded((0,), whole)], PAD)
        of_completion = sequence_logprobs(model, [Encoded((0, *prompt), row.completion)], PAD)
        torch.testing.assert_close(of_completion, of_both - of_prompt, **CLOSE)
        assert abs(of_completion - of_both) > 1e-2


@pytest.mark.parametrize("share", [False, True], ids=["apart", "shared"])
def test_what_else_is_in_the_batch_does_not_matter(share):
    model, rows = build_model("gpt2"), random_rows(8, each=2, longest=12)
    together = token_logprobs(model, collate(rows, PAD, share=share)).sum(dim=1)
    alone = torch.cat([token_logprobs(model, collate([row], PAD)).sum(dim=1) for row in rows])
    torch.testing.assert_close(together, alone, **CLOSE)


def test_temperature_divides_the_logits():
    model, (row,) = build_model("llama"), random_rows(1)
    logits = model(input_ids=torch.tensor([row.prompt + row.completion])).logits[0] / 0.7
    expected = torch.log_softmax(logits, -1)[len(row.prompt) - 1 : -1].gather(1, torch.tensor(row.completion)[:, None])
    found = token_logprobs(model, collate([row], PAD), temperature=0.7)
    torch.testing.assert_close(found[0], expected[:, 0], **CLOSE)


def test_a_model_in_half_precision_has_its_softmax_in_single():
    model, rows = build_model("llama").to(torch.bfloat16), random_rows(4, each=2)
    batch = collate(rows, PAD)
    found = token_logprobs(model, batch)
    assert found.dtype == torch.float32
    logits = model(input_ids=batch.input_ids).logits.flatten(0, 1)[batch.before]
    expected = torch.log_softmax(logits.float(), -1).gather(2, batch.targets[:, :, None]).squeeze(2)
    torch.testing.assert_close(found[batch.mask], expected[batch.mask], atol=1e-3, rtol=1e-3)
    in_half = torch.log_softmax(logits, -1).gather(2, batch.targets[:, :, None]).squeeze(2)
    assert (found - expected)[batch.mask].abs().max() < (in_half.float() - expected)[batch.mask].abs().max()


def test_autocast_leaves_the_gradient_of_the_weights_in_their_precision():
    model, rows = build_model("llama"), random_rows(2, each=2)
    exact = plain_sums(model, rows)
    with torch.autocast("cpu", torch.bfloat16):
        sums = token_logprobs(model, collate(rows, PAD, share=True)).sum(dim=1)
    sums.sum().backward()
    assert sums.dtype == torch.float32
    torch.testing.assert_close(sums, exact, atol=0.5, rtol=0.05)
    assert {weight.grad.dtype for weight in model.parameters()} == {torch.float32}


# --- the output layer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [False, True], ids=["no bias", "bias"])
@pytest.mark.parametrize("tokens", [1, 7, 40])
def test_the_output_layer_in_chunks_is_a_log_softmax(monkeypatch, bias, tokens):
    monkeypatch.setitem(heads.CHUNK_BYTES, "cpu", 4 * VOCABULARY * 8)  # eight tokens at a time
    generator = torch.Generator().manual_seed(0)
    hidden, weight = (torch.randn(n, 12, generator=generator).requires_grad_() for n in (tokens, VOCABULARY))
    shift = torch.randn(VOCABULARY, generator=generator).requires_grad_() if bias else None
    targets = torch.randint(0, VOCABULARY, (tokens,), generator=generator)
    scale = torch.randn(tokens, generator=generator)
    inputs = [hidden, weight, *([shift] if bias else [])]
    found = linear_logprobs(hidden, weight, shift, targets, temperature=0.5)
    logits = torch.nn.functional.linear(hidden, weight, shift) / 0.5
    expected = torch.log_softmax(logits, dim=-1).gather(1, targets[:, None]).squeeze(1)
    torch.testing.assert_close(found, expected, **CLOSE)
    for ours, plain in zip(
        torch.autograd.grad(found, inputs, scale), torch.autograd.grad(expected, inputs, scale), strict=True
    ):
        torch.testing.assert_close(ours, plain, atol=1e-4, rtol=1e-4)


def test_logits_of_any_size_do_not_overflow():
    hidden = torch.tensor([[1000.0], [-1000.0]])
    weight = torch.tensor([[1.0], [0.0], [-1.0]])
    found = linear_logprobs(hidden, weight, None, torch.tensor([0, 0]))
    assert found.tolist() == [0.0, -2000.0]


# --- states, batches, errors -----------------------------------------------------------------------------------------


@either_way
def test_hidden_states_stand_at_the_token_or_before_it(share):
    model, rows = build_model("llama"), random_rows(4, each=2)
    batch = collate(rows, PAD, share=share)
    at, before, final = (
        hidden_states(model, batch),
        hidden_states(model, batch, before=True),
        final_states(model, batch),
    )
    for i, row in enumerate(rows):
        start, length = len(row.prompt), len(row.completion)
        states = model.base_model(input_ids=torch.tensor([row.prompt + row.completion])).last_hidden_state[0]
        torch.testing.assert_close(at[i, :length], states[start:], **CLOSE)
        torch.testing.assert_close(before[i, :length], states[start - 1 : -1], **CLOSE)
        torch.testing.assert_close(final[i], states[-1], **CLOSE)
        assert (at[i, length:] == 0).all()


@pytest.mark.parametrize("batch_tokens", [1, 40, 10_000])
def test_sums_come_in_the_order_of_the_rows(batch_tokens):
    model, rows = build_model("llama"), random_rows(11, each=2)
    with torch.no_grad():
        expected = plain_sums(model, rows)
    torch.testing.assert_close(sequence_logprobs(model, rows, PAD, batch_tokens=batch_tokens), expected, **CLOSE)
    assert sequence_logprobs(model, [], PAD).shape == (0,)


def test_buckets_hold_every_row_once_and_keep_to_their_size():
    rows = random_rows(60, each=3, longest=20)
    parts = list(buckets(rows, 100))
    assert sorted(i for part in parts for i in part) == list(range(60))
    for part in parts:
        longest = max(len(rows[i].prompt) + len(rows[i].completion) for i in part)
        assert len(part) * longest <= 100
    assert len(parts) < 30
    assert list(buckets([Encoded((5,), (7,) * 50)], 10)) == [[0]]


def test_rows_that_cannot_be_scored_are_refused():
    with pytest.raises(InputError, match="row 1: the completion has no tokens"):
        collate([Encoded((5,), (6,)), Encoded((5,), ())], PAD)
    with pytest.raises(InputError, match="row 0: the prompt has no tokens"):
        collate([Encoded((), (6,))], PAD)
    with pytest.raises(InputError, match="at least one row"):
        collate([], PAD)
    with pytest.raises(InputError, match="not a transformers model: Linear"):
        sequence_logprobs(torch.nn.Linear(2, 2), random_rows(1), PAD)
