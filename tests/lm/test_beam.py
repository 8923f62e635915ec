"""Beam search finds what an enumeration of all completions finds, and each prompt what it would find alone."""

import math
from itertools import product

import pytest
import torch
from tests.lm.test_sampling import sharp

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Sampling
from maieutic.lm.batches import collate
from maieutic.lm.logprobs import token_logprobs
from maieutic.lm.model import build
from maieutic.lm.sampling.beam import Beam, beams
from maieutic.lm.sampling.decoding import Ending, Row, decode
from maieutic.lm.tokens import Encoded, word_tokenizer

WORDS = ["a", "b", "c", "d", "!"]
LENGTH = 4


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def policy(request):
    policy = build(word_tokenizer(WORDS), width=16, seed=3, context=24, architecture=request.param)
    return sharp(policy, 4.0 if request.param == "llama" else 8.0)


@pytest.fixture(scope="module")
def llama():
    return sharp(build(word_tokenizer(WORDS), width=16, seed=3, context=24))


def ids(policy, text):
    return tuple(policy.tokenizer.convert_tokens_to_ids(text.split()))


def search(policy, prompts, width, allowed=None, max_tokens=LENGTH, ending=None, batch_tokens=10**6):
    prompts = [ids(policy, f"<bos> {prompt}") for prompt in prompts]
    ending = ids(policy, "!") if ending is None else ending
    return beams(
        policy.model,
        prompts,
        width,
        allowed or [None] * len(prompts),
        frozenset(ending),
        pad=0,
        max_tokens=max_tokens,
        batch_tokens=batch_tokens,
    )


def logprob(policy, prompt, completion):
    """As training computes it, in one pass."""
    row = Encoded(ids(policy, f"<bos> {prompt}"), completion)
    return token_logprobs(policy.model, collate([row], 0)).detach().double().sum().item()


def letters_then_end(policy, letters="a b c"):
    """A grammar: one to three letters, then the ending mark."""
    end, some = ids(policy, "!"), ids(policy, letters)

    def allowed(written):
        if written and written[-1] in end:
            return []
        return [*(some if len(written) < LENGTH - 1 else ()), *(end if written else ())]

    return allowed


def enumeration(policy, prompt, letters="a b c"):
    """All completions of that grammar, the likeliest first."""
    end, some = ids(policy, "!"), ids(policy, letters)
    all_ = [(*word, *end) for length in range(1, LENGTH) for word in product(some, repeat=length)]
    return sorted((Beam(word, logprob(policy, prompt, word)) for word in all_), key=lambda beam: -beam.logprob)


def assert_same(found, expected):
    assert [beam.ids for beam in found] == [beam.ids for beam in expected]
    assert [beam.logprob for beam in found] == pytest.approx([beam.logprob for beam in expected], abs=1e-4)


def test_beams_wide_enough_for_all_completions_are_their_enumeration(policy):
    expected = enumeration(policy, "a b")
    assert len(expected) == 3 + 9 + 27
    (found,) = search(policy, ["a b"], 39, [letters_then_end(policy)])
    assert_same(found, expected)


def test_without_a_grammar_every_token_may_come(llama):
    """Up to three tokens: the end, or another and the end, or two others and the end. The beams have room for the two
    others with any token after them."""
    end = ids(llama, "!")
    others = [token for token in range(len(llama.tokenizer)) if token not in end]
    all_ = [(*word, *end) for length in range(3) for word in product(others, repeat=length)]
    expected = sorted((Beam(word, logprob(llama, "a", word)) for word in all_), key=lambda beam: -beam.logprob)
    (found,) = search(llama, ["a"], len(others) ** 2 * len(llama.tokenizer), max_tokens=3)
    assert_same(found, expected)


@pytest.mark.parametrize("width", [1, 2, 5, 13])
def test_narrow_beams_are_likely_and_in_order(policy, width):
    """Each is one of the enumeration, with its sum, and none is found twice; they come to an end when they can."""
    expected = dict(enumeration(policy, "c d"))
    (found,) = search(policy, ["c d"], width, [letters_then_end(policy)])
    assert len(found) == len({beam.ids for beam in found}) == width
    assert [beam.logprob for beam in found] == sorted((beam.logprob for beam in found), reverse=True)
    for beam in found:
        assert beam.logprob == pytest.approx(expected[beam.ids], abs=1e-4)


@pytest.mark.parametrize("prompt", ["a", "b c", "d d d d d", "a b c d a b"])
def test_one_beam_is_greedy(policy, prompt):
    grammar = letters_then_end(policy)
    row = Row(ids(policy, f"<bos> {prompt}"), 0, grammar)
    sampling, ending = Sampling(temperature=0, max_tokens=LENGTH), Ending(frozenset(ids(policy, "!")))
    ((_, written),) = decode(policy.model, [row], sampling, ending, pad=0, batch_tokens=1000)
    (found,) = search(policy, [prompt], 1, [grammar])
    assert [beam.ids for beam in found] == [written.ids]


@pytest.mark.parametrize("batch_tokens", [1, 200, 10**6])
def test_prompts_that_share_a_batch_find_what_they_find_alone(policy, batch_tokens):
    prompts = ["a", "d c b a d c b a", "a", "b b", "c d a"]
    grammars = [letters_then_end(policy, letters) for letters in ("a b", "c d", "d", "a b c d", "a")]
    together = search(policy, prompts, 6, grammars, batch_tokens=batch_tokens)
    for prompt, grammar, found in zip(prompts, grammars, together, strict=True):
        assert_same(found, search(policy, [prompt], 6, [grammar])[0])


def test_what_does_not_end_in_time_is_left_out(llama):
    endless = [lambda written: ids(llama, "a b")]
    assert search(llama, ["a"], 4, endless) == [[]]
    assert search(llama, ["a"], 4, [letters_then_end(llama)], max_tokens=1) == [[]]


def test_the_context_cuts_as_the_limit_does(policy):
    """24 tokens: <bos>, 21 of the prompt, so that one letter and the end fit, and nothing longer."""
    (found,) = search(policy, ["a " * 21], 12, [letters_then_end(policy)])
    assert sorted(len(beam.ids) for beam in found) == [2, 2, 2]
    assert search(policy, ["a " * 23, "a " * 30], 12, [letters_then_end(policy)] * 2) == [[], []]


def test_a_grammar_that_allows_nothing_more_ends_a_completion(llama):
    a, b = ids(llama, "a b")
    (found,) = search(llama, ["c"], 4, [lambda written: [a, b] if not written else []])
    assert sorted(beam.ids for beam in found) == [(a,), (b,)]
    assert search(llama, ["c"], 4, [lambda written: []]) == [[Beam((), 0.0)]]


def test_forbidden_words_keep_their_probability(llama):
    """Where one word alone may come, its log-probability is the model's, and not 0."""
    (found,) = search(llama, ["a"], 3, [letters_then_end(llama, "d")])
    assert len(found) == 3
    assert max(beam.logprob for beam in found) < -0.01
    assert math.exp(found[0].logprob) == pytest.approx(math.exp(logprob(llama, "a", found[0].ids)), rel=1e-4)


def test_no_prompts_give_no_beams(llama):
    assert search(llama, [], 4) == []


def test_a_token_that_does_not_exist_is_an_error(llama):
    with pytest.raises(InputError, match="allows token 99"):
        search(llama, ["a"], 2, [lambda written: [99]])


def test_broken_weights_are_an_error():
    policy = build(word_tokenizer(WORDS), width=16, seed=3, context=24)
    with torch.no_grad():
        next(policy.model.parameters()).fill_(float("nan"))
    with pytest.raises(MaieuticError, match="not numbers"):
        search(policy, ["a"], 2)
