"""The order of the data, the learning rate, and how a batch is cut: functions of the step."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.schedule import (
    batch_at,
    deal,
    learning_rate,
    micro_batches,
    order,
    steps_per_epoch,
    total_steps,
)


@given(st.integers(1, 50), st.integers(1, 12), st.integers(1, 3))
def test_every_epoch_has_every_item_once(size, batch, epochs):
    config = FitConfig(batch_size=batch, epochs=epochs)
    steps = total_steps(size, config)
    assert steps == epochs * steps_per_epoch(size, config)
    seen = [batch_at(step, size, config) for step in range(steps)]
    assert Counter(i for indices in seen for i in indices) == Counter(dict.fromkeys(range(size), epochs))
    assert all(len(indices) == batch for indices in seen[: size // batch])


def test_the_order_depends_on_seed_and_epoch_only():
    assert order(100, 0, 0) == order(100, 0, 0)
    assert len({order(100, seed, epoch) for seed in range(3) for epoch in range(3)}) == 9


def test_max_steps_counts_instead_of_epochs():
    config = FitConfig(batch_size=4, max_steps=7)
    assert total_steps(8, config) == 7
    assert batch_at(6, 8, config) == list(order(8, 0, 3)[:4])


def test_the_learning_rate_by_hand():
    config = FitConfig(learning_rate=1.0, warmup=2, minimum_lr_ratio=0.1, schedule="cosine")
    rates = [learning_rate(step, 6, config) for step in range(6)]
    cosine = [0.1 + 0.9 * (1 + math.cos(math.pi * gone)) / 2 for gone in (0, 0.25, 0.5, 0.75)]
    assert rates == pytest.approx([0.5, 1.0, *cosine])
    linear = FitConfig(learning_rate=1.0, warmup=0, minimum_lr_ratio=0.0, schedule="linear")
    assert [learning_rate(step, 4, linear) for step in range(4)] == pytest.approx([1, 0.75, 0.5, 0.25])
    constant = FitConfig(learning_rate=1.0, warmup=0.5, schedule="constant")
    assert [learning_rate(step, 4, constant) for step in range(4)] == pytest.approx([0.5, 1, 1, 1])


@given(
    st.integers(1, 200),
    st.sampled_from(["cosine", "linear", "constant"]),
    st.floats(0, 0.99) | st.integers(0, 300).map(float),
    st.floats(0, 1),
)
def test_the_learning_rate_rises_then_falls_and_never_is_zero_before_its_end(steps, schedule, warmup, least):
    config = FitConfig(learning_rate=2.0, warmup=warmup, minimum_lr_ratio=least, schedule=schedule)
    rates = [learning_rate(step, steps, config) for step in range(steps)]
    assert all(0 < rate <= 2.0 + 1e-12 for rate in rates)
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert all(a >= b - 1e-12 for a, b in zip(rates[top:], rates[top + 1 :], strict=False))


lengths = st.lists(st.integers(1, 30), min_size=1, max_size=30)


@given(lengths, st.integers(1, 5))
def test_dealing_gives_each_item_to_one_process(lengths, processes):
    shares = [deal(range(len(lengths)), lengths, n, processes) for n in range(processes)]
    assert sorted(i for share in shares for i in share) == list(range(len(lengths)))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(lengths, st.integers(1, 100), st.integers(1, 3))
def test_micro_batches_hold_each_item_once_and_keep_to_their_size(lengths, tokens, rows):
    groups = micro_batches(range(len(lengths)), lengths, [rows] * len(lengths), tokens)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    for group in groups:
        padded = max(lengths[i] for i in group) * rows * len(group)
        assert padded <= tokens or len(group) == 1


def test_the_order_given_does_not_matter():
    lengths = [3, 1, 3, 2]
    assert micro_batches([0, 1, 2, 3], lengths, [1] * 4, 6) == micro_batches([3, 2, 1, 0], lengths, [1] * 4, 6)
    assert micro_batches([0, 1, 2, 3], lengths, [1] * 4, 6) == [(0, 2), (3, 1)]
