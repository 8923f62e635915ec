"""Sampling in this process: the distribution is the model's, and a completion depends on its own seed alone."""

import itertools
import math
from collections import Counter

import pytest
import torch
from scipy.stats import chisquare
from tests.lm.models import CONFIGS, build_model

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Request, Sampling
from maieutic.core.records import Message
from maieutic.lm.batches import collate
from maieutic.lm.logprobs import token_logprobs
from maieutic.lm.model import Lora, adapt, build, pad_id
from maieutic.lm.sampling.decoding import Ending, Row, decode, draw
from maieutic.lm.sampling.sample import Sampler, end_tokens
from maieutic.lm.tokens import Encoded, char_tokenizer, encode, encode_prompt, word_tokenizer

CHAT = (Message("user", "a b"),)
WORDS = ["a", "b", "c", "d", "e", "f"]


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def policy(request):
    return sharp(build(word_tokenizer(WORDS, chat=True), width=16, seed=1, architecture=request.param, context=64))


@pytest.fixture(scope="module")
def llama():
    return sharp(build(word_tokenizer(WORDS, chat=True), width=16, seed=1, context=64))


def sharp(policy, scale=4.0):
    """With logits spread out: a fresh model's are almost equal, and every mistake would look right."""
    with torch.no_grad():
        for name, parameter in policy.model.named_parameters():
            if parameter.dim() == 2 and "ln" not in name:
                parameter.mul_(scale)
    return policy


def replies(policy, requests, sampling, **options):
    found = list(Sampler(policy, **options).generate(requests, sampling))
    assert sorted(reply.index for reply in found) == list(range(len(requests)))
    return sorted(found, key=lambda reply: reply.index)


def texts(reply):
    return [generated.text for generated in reply.generated]


def written(policy, rows, sampling, ends=frozenset(), batch_tokens=10**6):
    pad = pad_id(policy.tokenizer)
    return dict(decode(policy.model, rows, sampling, Ending(ends), pad=pad, batch_tokens=batch_tokens))


# --- greedy ----------------------------------------------------------------------------------------------------------

PROMPTS = ["a", "a b c d e f a b c d", "b c", "f e d c b", CHAT]


def test_greedy_is_what_transformers_generates(policy):
    sampling = Sampling(temperature=0, max_tokens=12)
    found = dict(Sampler(policy).complete(PROMPTS, range(len(PROMPTS)), sampling))
    for index, prompt in enumerate(PROMPTS):
        ids = torch.tensor([encode_prompt(policy.tokenizer, prompt)])
        expected = policy.model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=12, pad_token_id=0
        )
        assert found[index].ids == tuple(expected[0, ids.shape[1] :].tolist())
    assert len({completion.ids for completion in found.values()}) > 1


@pytest.mark.parametrize("name", CONFIGS)
def test_every_architecture_decodes_as_transformers_does(name):
    """Prompts of many lengths in one batch, some of them twice, longer than a sliding window, and rows that leave."""
    model = build_model(name)
    prompts = [tuple((7 * i * i + j) % 50 + 3 for j in range(length)) for i, length in enumerate([3, 11, 1, 6, 11, 2])]
    rows = [Row(prompt, 0) for prompt in [*prompts, prompts[1], prompts[2]]]
    sampling = Sampling(temperature=0, max_tokens=10)
    found = dict(decode(model, rows, sampling, Ending(frozenset({1, 20, 30})), pad=2, batch_tokens=10**6))
    for i, row in enumerate(rows):
        ids = torch.tensor([row.prompt])
        expected = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=10,
            eos_token_id=[1, 20, 30],
            pad_token_id=2,
        )
        assert found[i].ids == tuple(expected[0, len(row.prompt) :].tolist())


# --- the distribution ------------------------------------------------------------------------------------------------


def enumerated(policy, prompt, sampling):
    """{ids of a completion of two tokens: its probability}, from the log-probabilities that training uses."""
    size = len(policy.tokenizer)
    ids = encode_prompt(policy.tokenizer, prompt)

    def next_token(before):
        rows = [Encoded(ids, (*before, token)) for token in range(size)]
        logprobs = token_logprobs(policy.model, collate(rows, 0), temperature=sampling.temperature)[:, len(before)]
        p = logprobs.double().exp().tolist()
        ranked = sorted(range(size), key=lambda token: -p[token])
        mass = list(itertools.accumulate(p[token] for token in ranked))
        kept = ranked[: 1 + sum(total < sampling.top_p for total in mass[:-1])] if sampling.top_p < 1 else ranked
        total = sum(p[token] for token in kept)
        return {token: p[token] / total for token in kept}

    with torch.no_grad():
        first = next_token(())
        return {(a, b): p * q for a, p in first.items() for b, q in next_token((a,)).items()}


@pytest.mark.parametrize(
    "sampling",
    [Sampling(1.0, 1.0, 2), Sampling(0.5, 1.0, 2), Sampling(1.0, 0.7, 2), Sampling(1.5, 0.9, 2)],
    ids=["plain", "cold", "top-p", "hot with top-p"],
)
def test_completions_are_drawn_from_the_models_distribution(llama, sampling, scale):
    draws = scale(4000, 40_000)
    expected = enumerated(llama, "a b", sampling)
    prompt = encode_prompt(llama.tokenizer, "a b")
    found = written(llama, [Row(prompt, seed) for seed in range(draws)], sampling)
    counts = Counter(completion.ids for completion in found.values())
    assert set(counts) <= set(expected)  # nothing from outside the nucleus
    assert fit(counts, expected) > 1e-3


def fit(counts, expected):
    """How likely counts at least so far off are by chance; what is expected less than five times counts as one."""
    draws = sum(counts.values())
    often = [ids for ids, p in expected.items() if p * draws >= 5]
    assert len(often) > 5
    observed = [*(counts[ids] for ids in often), draws - sum(counts[ids] for ids in often)]
    shares = [*(expected[ids] for ids in often), 1 - sum(expected[ids] for ids in often)]
    if shares[-1] * draws < 1e-6:
        assert observed.pop() == 0
        shares.pop()
    return chisquare(observed, [share * draws / sum(shares) for share in shares]).pvalue


@pytest.mark.parametrize("meant", [Sampling(0.7, 1.0, 2), Sampling(1.0, 0.95, 2)], ids=["temperature", "top-p"])
def test_the_test_of_the_distribution_notices_a_setting_that_is_ignored(llama, meant):
    prompt = encode_prompt(llama.tokenizer, "a b")
    drawn = written(llama, [Row(prompt, seed) for seed in range(4000)], Sampling(max_tokens=2))
    counts = Counter(completion.ids for completion in drawn.values())
    expected = enumerated(llama, "a b", meant)
    assert not set(counts) <= set(expected) or fit(counts, expected) < 1e-6


def test_a_draw_inverts_the_cumulative_distribution():
    logits = torch.tensor([0.2, 0.0, 0.3, 0.5]).log()
    uniforms = torch.tensor([0.0, 0.19, 0.21, 0.49, 0.51, 1 - 2**-53], dtype=torch.float64)
    drawn = draw(logits.expand(6, 4), uniforms, Sampling())
    assert drawn.tolist() == [0, 0, 2, 2, 3, 3]  # never 1, whose probability is 0


def test_the_nucleus_is_the_fewest_tokens_that_reach_top_p():
    logits = torch.tensor([0.1, 0.5, 0.1, 0.3]).log()
    uniforms = torch.linspace(0, 0.999, 200, dtype=torch.float64)

    def kept(top_p):
        return set(draw(logits.expand(200, 4), uniforms, Sampling(top_p=top_p)).tolist())

    assert kept(0.01) == {1}
    assert kept(0.49) == {1}
    assert kept(0.6) == {1, 3}
    assert kept(0.85) == {0, 1, 3}  # of equals, the first
    assert kept(1.0) == {0, 1, 2, 3}


def test_the_sampler_and_the_trainer_mean_the_same_probabilities(llama):
    """Nothing of the sampler's is handed to training: its completions carry no log-probabilities at all."""
    completion = next(iter(Sampler(llama).complete(["a b"], [1], Sampling())))[1]
    assert set(vars(completion)) == {"prompt", "ids", "text", "finish", "ended"}


# --- seeds -----------------------------------------------------------------------------------------------------------


def test_a_completion_does_not_depend_on_what_shares_its_batch(policy):
    sampling = Sampling(max_tokens=12)
    requests = [Request(prompt, n=3, seed=7) for prompt in PROMPTS]
    together = replies(policy, requests, sampling)
    for options in ({"batch_tokens": 1}, {"batch_tokens": 100}):
        assert replies(policy, requests, sampling, **options) == together
    for index, request in enumerate(requests):
        (alone,) = replies(policy, [request], sampling)
        assert alone.generated == together[index].generated


def test_completions_can_be_asked_for_one_after_the_other(llama):
    sampling = Sampling(max_tokens=6)
    (whole,) = replies(llama, [Request("a b", n=5, seed=3)], sampling)
    parts = replies(llama, [Request("a b", n=2, seed=3), Request("a b", n=3, seed=3, first=2)], sampling)
    assert whole.generated == parts[0].generated + parts[1].generated
    assert [generated.number for generated in whole.generated] == [0, 1, 2, 3, 4]


def test_a_shorter_limit_gives_the_same_beginning(llama):
    (long,) = replies(llama, [Request("a", n=8)], Sampling(max_tokens=20))
    (short,) = replies(llama, [Request("a", n=8)], Sampling(max_tokens=3))
    assert all(a.text.startswith(b.text) for a, b in zip(long.generated, short.generated, strict=True))


def test_other_seeds_give_other_completions(llama):
    found = replies(llama, [Request("a b", seed=seed) for seed in range(20)], Sampling(max_tokens=8))
    assert len({texts(reply)[0] for reply in found}) > 10


# --- how they end ----------------------------------------------------------------------------------------------------


def test_a_completion_ends_with_the_end_token_which_is_no_text(llama):
    end = llama.tokenizer.eos_token_id
    found = [c for _, c in Sampler(llama).complete(["a b"] * 60, range(60), Sampling(max_tokens=6))]
    ended = [completion for completion in found if completion.ended]
    assert 0 < len(ended) < 60
    for completion in found:
        assert completion.ended == (end in completion.ids) == (completion.ids[-1] == end)
        assert completion.finish == ("stop" if completion.ended else "length")
        assert len(completion.ids) == 6 or completion.ended
        assert completion.ids.count(end) <= 1
        assert "<eos>" not in completion.text


def test_completions_of_fixed_length_do_not_end(llama):
    found = [c for _, c in Sampler(llama).complete(["a b"] * 40, range(40), Sampling(max_tokens=6), fixed_length=True)]
    assert {len(completion.ids) for completion in found} == {6}
    assert any(llama.tokenizer.eos_token_id in completion.ids[:-1] for completion in found)


def test_all_end_tokens_that_the_model_names_end_it(llama):
    config = llama.model.generation_config
    before = config.eos_token_id
    config.eos_token_id = [1, 7]
    try:
        assert end_tokens(llama, ["a"]) == {1, 7}
    finally:
        config.eos_token_id = before


@pytest.mark.parametrize("stop", [(" c",), (" c", " d"), ("a b",), (" c d e f a b c",), ("zzz",)])
def test_stop_strings_are_cut_exactly(llama, stop):
    requests = [Request("a", n=60)]
    (free,) = replies(llama, requests, Sampling(max_tokens=12))
    (cut,) = replies(llama, requests, Sampling(max_tokens=12, stop=stop))
    for whole, short in zip(free.generated, cut.generated, strict=True):
        places = [whole.text.find(text) for text in stop if text in whole.text]
        assert short.text == (whole.text[: min(places)] if places else whole.text)
        assert short.finish == ("stop" if places else whole.finish)
        assert short.tokens <= whole.tokens
    if stop == (" c",):
        assert sum(short.tokens for short in cut.generated) < sum(whole.tokens for whole in free.generated)


def test_a_stop_string_over_many_tokens_is_found_far_from_the_start():
    policy = build(char_tokenizer("abc"), width=16, context=128)
    letters = policy.tokenizer.convert_tokens_to_ids(["a", "b", "c"])
    free, cut = (
        replies(policy, [Request("a", n=50, allowed=lambda ids: letters)], Sampling(max_tokens=60, stop=stop))[0]
        for stop in ((), ("abca",))
    )
    assert [generated.text.partition("abca")[0] for generated in free.generated] == texts(cut)
    assert max(generated.text.find("abca") for generated in free.generated) > 20


def test_a_completion_encodes_to_the_ids_that_were_written(llama):
    prompts = [*PROMPTS[:4], CHAT] * 10
    for index, completion in Sampler(llama).complete(prompts, range(50), Sampling(max_tokens=6)):
        if completion.text and 2 not in completion.ids and not set(completion.ids) & {0, 3, 4, 5, 6, 7}:
            again = encode(llama.tokenizer, prompts[index], completion.text, end=completion.ended)
            assert (again.prompt, again.completion) == (completion.prompt, completion.ids)


def test_the_context_cuts_a_completion_and_a_prompt_that_fills_it_is_an_error():
    policy = build(word_tokenizer(WORDS), width=16, context=12)
    requests = [Request("a " * 9), Request("a " * 11), Request("b")]
    found = replies(policy, requests, Sampling(max_tokens=50, temperature=5.0))
    assert found[0].error is None
    assert found[0].generated[0].tokens <= 2  # ten ids with the beginning token
    assert found[1].error == "the prompt is 12 tokens long, and the model's context 12"
    assert found[2].error is None


# --- grammars --------------------------------------------------------------------------------------------------------


def test_a_grammar_decides_what_may_come(llama):
    a, b, end = (llama.tokenizer.convert_tokens_to_ids(token) for token in ("a", "b", "<eos>"))

    def alternating(ids):
        """a and b in turn, five at most; the end token only after b."""
        if len(ids) == 5:
            return []
        return [a] if len(ids) % 2 == 0 else [b, end]

    (reply,) = replies(llama, [Request("a", n=30, allowed=alternating)], Sampling(max_tokens=20))
    assert set(texts(reply)) <= {" a", " a b a", " a b a b a"}
    assert len(set(texts(reply))) > 1
    for generated in reply.generated:
        assert generated.finish == "stop"
        assert generated.tokens == len(generated.text.split()) + (generated.text != " a b a b a")


def test_a_grammar_leaves_the_proportions_of_what_it_allows(llama, scale):
    draws = scale(3000, 30_000)
    prompt = encode_prompt(llama.tokenizer, "a")
    allowed = [8, 10, 12]
    rows = [Encoded(prompt, (token,)) for token in allowed]
    p = token_logprobs(llama.model, collate(rows, 0)).detach().double().exp()[:, 0]
    found = written(llama, [Row(prompt, seed, lambda _: allowed) for seed in range(draws)], Sampling(max_tokens=1))
    counts = Counter(completion.ids[0] for completion in found.values())
    assert chisquare([counts[token] for token in allowed], (draws * p / p.sum()).tolist()).pvalue > 1e-3


def test_a_grammar_that_allows_nothing_at_first_gives_an_empty_completion(llama):
    (reply,) = replies(llama, [Request("a", n=2, allowed=lambda ids: [])], Sampling())
    assert [(g.text, g.finish, g.tokens) for g in reply.generated] == [("", "stop", 0)] * 2


def test_a_grammar_with_a_token_that_does_not_exist_is_an_error(llama):
    with pytest.raises(InputError, match="allows token 99: the model has 14"):
        replies(llama, [Request("a", allowed=lambda ids: [99])], Sampling())


def test_prompts_of_one_batch_have_grammars_of_their_own_or_none(llama):
    """Each is continued as if it were alone."""
    a, b = llama.tokenizer.convert_tokens_to_ids(["a", "b"])
    grammars = [lambda ids: [a], None, lambda ids: [b], lambda ids: [a, b][: 3 - len(ids)], None]
    requests = [Request("c d", n=2, seed=i, allowed=allowed) for i, allowed in enumerate(grammars)]
    sampling = Sampling(max_tokens=4)
    together = [texts(reply) for reply in replies(llama, requests, sampling)]
    assert together == [texts(reply) for request in requests for reply in replies(llama, [request], sampling)]
    assert together[0] == [" a a a a"] * 2
    assert together[2] == [" b b b b"] * 2
    assert {len(text.split()) for text in together[3]} == {3}


# --- how much is computed --------------------------------------------------------------------------------------------


class Counting:
    """How many tokens go through the model, and in how many rows."""

    def __init__(self, model):
        self.tokens, self.rows = 0, []
        self.handle = model.register_forward_pre_hook(self.count, with_kwargs=True)

    def count(self, module, args, given):
        self.rows.append(given["input_ids"].shape[0])
        self.tokens += given["input_ids"].numel()

    def __enter__(self):
        return self

    def __exit__(self, *words):
        self.handle.remove()


def test_completions_of_one_prompt_share_its_computation(llama):
    prompt = "a b c d e f a b c d e f"
    with Counting(llama.model) as counted:
        replies(llama, [Request(prompt, n=8), Request(prompt, n=8, seed=1)], Sampling(max_tokens=1))
    assert counted.rows == [1]
    assert counted.tokens == 13


def test_rows_that_ended_leave_the_batch(llama):
    with Counting(llama.model) as counted:
        (reply,) = replies(llama, [Request("a", n=40)], Sampling(max_tokens=20))
    lengths = [generated.tokens for generated in reply.generated]
    running = [sum(length > step for length in lengths) for step in range(1, max(lengths))]
    assert counted.rows == [1, *running]


def test_the_model_keeps_its_mode_and_gets_no_gradients(llama):
    llama.model.train()
    try:
        waiting = Sampler(llama, batch_tokens=1).generate([Request("a"), Request("b")], Sampling(max_tokens=3))
        next(waiting)
        assert llama.model.training
        list(waiting)
        assert llama.model.training
        assert all(parameter.grad is None for parameter in llama.model.parameters())
    finally:
        llama.model.eval()


def test_adapters_count():
    policy = sharp(build(word_tokenizer(WORDS), width=16))
    before = replies(policy, [Request("a", n=10)], Sampling(max_tokens=8))
    adapted = adapt(policy, Lora(rank=2))
    assert replies(adapted, [Request("a", n=10)], Sampling(max_tokens=8)) == before
    with torch.no_grad():
        for name, parameter in adapted.model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(generator=torch.Generator().manual_seed(0))
    assert replies(adapted, [Request("a", n=10)], Sampling(max_tokens=8)) != before


def test_broken_weights_are_told():
    policy = build(word_tokenizer(WORDS), width=16)
    with torch.no_grad():
        next(policy.model.parameters()).fill_(math.nan)
    with pytest.raises(MaieuticError, match="not numbers"):
        replies(policy, [Request("a")], Sampling())


def test_no_requests_give_no_replies(llama):
    assert replies(llama, [], Sampling()) == []


# --- labels ----------------------------------------------------------------------------------------------------------


def test_label_log_probabilities_are_those_of_training(policy):
    labels = [" a", " b", " f"]
    found = dict(Sampler(policy, batch_tokens=12).label_logprobs(PROMPTS, labels))
    assert sorted(found) == list(range(len(PROMPTS)))
    for index, prompt in enumerate(PROMPTS):
        rows = [encode(policy.tokenizer, prompt, label, end=False) for label in labels]
        expected = token_logprobs(policy.model, collate(rows, 0))[:, 0]
        assert found[index] == pytest.approx(tuple(expected.tolist()), abs=1e-5)


def test_labels_that_cannot_be_told_apart_are_refused(llama):
    with pytest.raises(InputError, match="'a b' is not one token"):
        list(Sampler(llama).label_logprobs([CHAT], ["a b", "c"]))
    with pytest.raises(InputError, match="with the same token"):
        list(Sampler(llama).label_logprobs([CHAT], ["x", "y"]))  # both unknown


def test_drawing_leaves_the_global_random_state_alone(llama):
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    replies(llama, [Request("a", n=4)], Sampling(max_tokens=4))
    assert torch.equal(before, torch.random.get_rng_state())
