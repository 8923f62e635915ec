"""What may be asked of a generator, and which number and seed a completion has."""

import math

import pytest

from maieutic.core.errors import InputError
from maieutic.core.generate import Request, Sampling


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"max_tokens": 0},
        {"stop": ("",)},
    ],
)
def test_a_setting_out_of_range_is_refused(wrong):
    with pytest.raises(InputError):
        Sampling(**wrong)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"first": -1}])
def test_a_request_for_nothing_is_refused(wrong):
    with pytest.raises(InputError, match="completions from number"):
        Request("a", **wrong)


def test_a_request_numbers_its_completions():
    seeds = [Request("a", seed=3).completion_seed(number) for number in range(100)]
    assert len(set(seeds)) == 100
    assert all(0 <= seed < 2**53 for seed in seeds)
    assert seeds == [Request("b", n=7, seed=3, first=2).completion_seed(number) for number in range(100)]


def test_a_grammar_is_no_part_of_what_a_request_says():
    assert Request("a", allowed=lambda ids: [1]) == Request("a")
    assert "allowed" not in repr(Request("a", allowed=lambda ids: [1]))
