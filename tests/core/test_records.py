"""Records: the id is the content, and what is written is read back."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.core.errors import InputError
from maieutic.core.records import (
    Comparison,
    Example,
    Message,
    PreferencePair,
    Ranking,
    Record,
    Sample,
    Score,
    content_hash,
    from_json,
    read_prompt,
    to_json,
)

texts = st.text(max_size=10)
prompts = texts | st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant", "tool"]), texts), min_size=1, max_size=3
).map(tuple)
numbers = st.floats(allow_nan=False, allow_infinity=False)
records = st.one_of(
    st.builds(Example, prompts, texts, numbers),
    st.builds(Sample, prompts, texts, texts, st.integers()),
    st.builds(Score, texts, texts, st.none() | numbers, texts),
    st.builds(Comparison, texts, texts, texts, st.none() | st.floats(0, 1), texts),
    st.builds(PreferencePair, prompts, texts, texts, numbers, numbers, texts, texts),
    st.builds(
        Ranking, prompts, st.lists(texts, max_size=4).map(tuple), st.lists(st.integers(1, 9), max_size=4).map(tuple)
    ),
)


@given(records)
def test_what_is_written_is_read_back(record):
    assert from_json(type(record), json.loads(json.dumps(to_json(record)))) == record


@given(records, records)
def test_ids_are_equal_exactly_where_the_records_are(first, second):
    same = type(first) is type(second) and to_json(first) == to_json(second)
    assert (first.id == second.id) == same


def test_an_id_is_of_kind_and_content():
    assert Example("a", "b").id == Example("a", "b").id
    assert len(Example("a", "b").id) == 32
    changed = [Example("a", "c"), Example("a", "b", 2.0), Sample("a", "b", "m", 0)]
    assert len({record.id for record in [Example("a", "b"), *changed]}) == 4


def test_a_hash_does_not_depend_on_the_order_of_keys_and_takes_no_nan():
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_hash(float("nan"))


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Example("a", "b").weight = 2.0


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_a_comparison_told_from_the_other_side(p):
    comparison = Comparison("x", "y", "judge", p, "raw")
    assert comparison.swap() == Comparison("y", "x", "judge", 1 - p, "raw")
    assert comparison.swap().swap().p_left == pytest.approx(p)


def test_an_abstention_stays_one():
    assert Comparison("x", "y", "judge", None).swap().p_left is None


def test_what_is_no_record_is_told():
    with pytest.raises(InputError, match=r"f, line 3: Example has no 'answer' \(it has prompt"):
        from_json(Example, {"prompt": "a", "answer": "b"}, "f, line 3")
    with pytest.raises(InputError, match="Example lacks completion"):
        from_json(Example, {"prompt": "a"})


def test_prompts():
    assert read_prompt("text") == "text"
    assert read_prompt([{"role": "user", "content": "x", "name": "ignored"}]) == (Message("user", "x"),)
    assert read_prompt((Message("user", "x"),)) == (Message("user", "x"),)
    for wrong in (3, [], {}, [3], [{"role": "user"}], [{"role": "nobody", "content": "x"}]):
        with pytest.raises(InputError):
            read_prompt(wrong, "here")


def test_every_kind_of_record_is_one():
    kinds = (Example, Sample, Score, Comparison, PreferencePair, Ranking)
    assert all(issubclass(kind, Record) for kind in kinds)
