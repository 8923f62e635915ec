"""Records become items; what cannot be learned from is counted."""

import pytest
import torch
from tests.lm.small import small_policy

from maieutic.core.errors import InputError
from maieutic.core.records import Completions, Example, PreferencePair, Ranking
from maieutic.lm.logprobs import sequence_logprobs
from maieutic.lm.model import pad_id
from maieutic.lm.tokens import DropReason, char_tokenizer, encode
from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.items import TIED, items_of
from maieutic.lm.training.objectives import Rows, objective_of

TOKENS = char_tokenizer("abcd")
END = TOKENS.eos_token


def row(prompt, completion):
    return encode(TOKENS, prompt, completion)


def test_examples():
    items, dropped = items_of([Example("a", "b", 2.0), Example("a", f"b{END}c")], "examples", TOKENS, None)
    assert [(item.rows, item.weight) for item in items] == [((row("a", "b"),), 2.0)]
    assert dropped == {DropReason.END_INSIDE.value: 1}


def test_a_pair_is_whole_or_left_out():
    data = [PreferencePair("a", "b", "cd", 0.5, 2.0), PreferencePair("a", "b", f"b{END}c")]
    items, dropped = items_of(data, "pairs", TOKENS, None)
    (item,) = items
    assert (item.rows, item.margin, item.weight) == ((row("a", "b"), row("a", "cd")), 0.5, 2.0)
    assert item.length == 5
    assert dropped.total() == 1


def test_a_pairs_prompt_is_cut_alike():
    """The trap: cut by each completion's own length, the two would answer different prompts."""
    (item,), _ = items_of([PreferencePair("abcd", "b", "ccc")], "pairs", TOKENS, 6)
    chosen, rejected = item.rows
    assert chosen.prompt == rejected.prompt
    assert len(rejected.prompt) + len(rejected.completion) == 6


def test_rankings_pairs_among_them_and_ties():
    data = [
        Ranking("a", ("b", "c", "d"), (2, 1, 2)),
        PreferencePair("a", "b", "c"),
        Ranking("a", ("b", f"c{END}d", "d"), (1, 2, 3)),
        Ranking("a", ("b", "c"), (1, 1)),
        Ranking("a", ("b", f"c{END}d"), (1, 2)),
    ]
    items, dropped = items_of(data, "rankings", TOKENS, None)
    assert [item.ranks for item in items] == [(2, 1, 2), (1, 2), (1, 3)]
    assert [len(item.rows) for item in items] == [3, 2, 2]
    assert dropped == {TIED: 1, DropReason.END_INSIDE.value: 1}


def test_records_of_another_kind_are_told_with_their_place():
    with pytest.raises(InputError, match="row 2: a loss on pairs does not learn from Example"):
        items_of([PreferencePair("a", "b", "c"), Example("a", "b")], "pairs", TOKENS, None)


def test_nothing_left_is_told_with_the_reasons():
    with pytest.raises(InputError, match="nothing to learn from: 2 times the completion's text contains"):
        items_of([Example("a", f"b{END}c")] * 2, "examples", TOKENS, None)
    with pytest.raises(InputError, match="nothing to learn from: no data"):
        items_of([], "examples", TOKENS, None)


def test_several_completions_of_a_prompt_are_one_item_and_weigh_as_much_as_one_example():
    policy = small_policy()
    texts = ("w3 w4", "w5", "w6 w3 w7")
    together, dropped = items_of([Completions("w1 w2 ", texts, 0.6)], "examples", policy.tokenizer, None)
    apart, _ = items_of([Example("w1 w2 ", text, 0.2) for text in texts], "examples", policy.tokenizer, None)
    assert not dropped
    assert [row for item in together for row in item.rows] == [row for item in apart for row in item.rows]
    objective = objective_of(FitConfig(loss="sft"), pad_id(policy.tokenizer))
    rows = Rows(policy.model, "examples")
    shared, _ = objective.loss_of(rows, together, torch.device("cpu"))
    single, _ = objective.loss_of(rows, apart, torch.device("cpu"))
    assert objective.weight_of(together) == pytest.approx(objective.weight_of(apart))
    torch.testing.assert_close(shared, single, rtol=1e-5, atol=1e-5)


def test_the_marginal_loss_takes_the_completions_of_each_prompt_together():
    policy = small_policy()
    data = [Completions("w1 w2 ", ("w3 w4", "w5", "w6 w3 w7"), 0.6), Example("w2 ", "w4")]
    items, _ = items_of(data, "examples", policy.tokenizer, None)
    likely = sequence_logprobs(policy.model, [row for item in items for row in item.rows], pad_id(policy.tokenizer))
    expected = -0.6 * likely[:3].exp().sum().log() - likely[3]
    objective = objective_of(FitConfig(loss="marginal"), pad_id(policy.tokenizer))
    rows = Rows(policy.model, "examples")
    total, _ = objective.loss_of(rows, items, torch.device("cpu"))
    torch.testing.assert_close(total, expected, rtol=1e-5, atol=1e-5)
    pieces = [objective.loss_of(rows, [item], torch.device("cpu"))[0] for item in items]
    torch.testing.assert_close(sum(pieces), expected, rtol=1e-5, atol=1e-5)
    assert objective.weight_of(items) == pytest.approx(1.6)


def test_completions_of_which_nothing_is_left_are_counted():
    data = [Completions("a", ("b", f"b{END}c")), Completions("a", ()), Completions("a", (f"{END}b",))]
    items, dropped = items_of(data, "examples", TOKENS, None)
    assert [[*item.rows] for item in items] == [[row("a", "b")]]
    assert dropped == {DropReason.EMPTY.value: 1, DropReason.END_INSIDE.value: 1}
