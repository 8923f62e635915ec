"""What models are used for: counted as they answer, and only what is really asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from maieutic.core.generate import Generated, Reply, Request, Sampling
from maieutic.core.meter import Meter
from maieutic.core.records import Message


@dataclass(frozen=True)
class Talker:
    """Says the same to everything; a model that counts its tokens, or one that does not tell."""

    name: str = "talker"
    tells: bool = True

    def generate(self, requests, sampling) -> Iterator[Reply]:
        for index, request in enumerate(requests):
            said = tuple(Generated("twelve chars", "stop", 7 if self.tells else 0, k) for k in range(request.n))
            yield Reply(index, said, prompt_tokens=5 if self.tells else 0)


class Scorer(Talker):
    def label_logprobs(self, prompts, labels):
        for index, _ in enumerate(prompts):
            yield index, tuple(-1.0 for _ in labels)


def test_tokens_are_counted_and_priced():
    meter = Meter()
    watched = meter.watch(Talker(), input_price=2.0, output_price=10.0)
    replies = list(watched.generate([Request("why?", n=2), Request("how?", n=1)], Sampling()))
    assert [len(reply.generated) for reply in replies] == [2, 1]
    (row,) = meter.take()
    # two prompts of 5 tokens, three completions of 7
    assert row == {"model": "talker", "completions": 3, "read": 10, "written": 21, "cost": pytest.approx(2.3e-4)}
    assert meter.take() == []


def test_a_token_is_four_characters_where_nobody_counts():
    meter = Meter()
    asked = [Request((Message("user", "x" * 9),)), Request("y" * 8)]
    list(meter.watch(Talker(tells=False), "the policy").generate(asked, Sampling()))
    (row,) = meter.take()
    assert (row["model"], row["read"], row["written"]) == ("the policy", 3 + 2, 3 + 3)


def test_labels_are_counted_where_a_model_scores_them():
    meter = Meter()
    watched = meter.watch(Scorer())
    assert dict(watched.label_logprobs(["1234", "12345"], ["a", "b"])) == {0: (-1.0, -1.0), 1: (-1.0, -1.0)}
    assert meter.take() == [{"model": "talker", "completions": 2, "read": 3, "written": 2, "cost": 0.0}]
    assert not hasattr(meter.watch(Talker()), "label_logprobs")


def test_generators_of_one_model_are_counted_together():
    meter = Meter()
    for _ in range(2):
        list(meter.watch(Talker()).generate([Request("why?")], Sampling()))
    assert [row["completions"] for row in meter.take()] == [2]
