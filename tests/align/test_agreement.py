"""Agreement of a judge with true ranks: by hand, by scipy, and by what must hold."""

import math

import numpy as np
import pytest
from scipy import stats

from maieutic.align.agreement import (
    Judged,
    agreement,
    from_tables,
    length_bias,
    position_bias,
    self_consistency,
)
from maieutic.align.intervals import mean, ratio
from maieutic.core.errors import InputError


def test_by_hand_with_ties():
    # Prompt 1: ranks 1, 2, 3 and scores 5, 3, 4: pairs (1,2) and (1,3) right, (2,3) wrong; the perfect score is first.
    # Prompt 2: ranks 1, 1, 2 and scores 5, 5, 5: two pairs have an order and none is told; two of three perfects first.
    found = agreement([Judged((5, 3, 4), (1, 2, 3)), Judged((5, 5, 5), (1, 1, 2))])
    assert found.pairwise.value == pytest.approx(2 / 5)
    assert found.best.value == pytest.approx(3 / 4)
    assert found.exact.value == 0
    assert found.spearman.value == pytest.approx(1 - 6 * 2 / (3 * 8))  # prompt 2 has no correlation
    assert found.kendall.value == pytest.approx((2 - 1) / 3)
    assert found.spearman.n == 1
    assert found.missing == 0


def test_a_perfect_and_a_reversed_judge():
    prompts = [Judged((5, 3, 1), (1, 2, 3)), Judged((4, 2, 2), (1, 2, 2))]
    best, worst = agreement(prompts), agreement([Judged(tuple(-s for s in p.scores), p.ranks) for p in prompts])
    assert [best.pairwise.value, best.exact.value, best.spearman.value, best.kendall.value] == [1, 1, 1, 1]
    assert [worst.pairwise.value, worst.exact.value, worst.spearman.value, worst.kendall.value] == [0, 0, -1, -1]


def test_correlations_with_ties_are_scipys():
    rng = np.random.default_rng(2)
    prompts = [Judged(tuple(rng.integers(0, 6, 8).tolist()), tuple(rng.integers(1, 5, 8).tolist())) for _ in range(30)]
    found = agreement(prompts)
    theirs = [
        (stats.spearmanr(p.scores, -np.array(p.ranks)), stats.kendalltau(p.scores, -np.array(p.ranks))) for p in prompts
    ]
    assert found.spearman.value == pytest.approx(np.mean([s.statistic for s, _ in theirs]), abs=1e-12)
    assert found.kendall.value == pytest.approx(np.mean([k.statistic for _, k in theirs]), abs=1e-12)


def test_missing_scores_are_left_out_and_counted():
    found = agreement([Judged((5, None, 4), (1, 2, 3)), Judged((None, None), (1, 2))])
    assert found.pairwise.value == 1
    assert found.missing == pytest.approx(3 / 5)


def test_a_judge_at_random_is_right_half_of_the_time():
    rng = np.random.default_rng(11)
    prompts = [Judged(tuple(rng.uniform(size=4).tolist()), (1, 2, 3, 4)) for _ in range(600)]
    found = agreement(prompts)
    assert found.pairwise.low < 0.5 < found.pairwise.high
    assert found.spearman.low < 0 < found.spearman.high
    assert abs(found.exact.value - 1 / 24) < 4 * math.sqrt(1 / 24 * 23 / 24 / 600)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(13)
    covered = 0
    for seed in range(200):
        found = mean((rng.uniform(size=60) < 0.3).astype(float), seed, resamples=400)
        covered += found.low <= 0.3 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_ratios_draw_units_together():
    found = ratio(np.array([1.0, 4.0, 0.0]), np.array([2.0, 8.0, 0.0]))
    assert (found.value, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 2)
    nothing = ratio(np.zeros(3), np.zeros(3))
    assert math.isnan(nothing.value)
    assert nothing.n == 0


def test_biases_by_hand():
    assert position_bias([0.9, 0.6, None], [0.5, 0.6, 0.2]).value == pytest.approx(0.1)
    assert position_bias([1.0, 1.0], [0.0, 0.0]).value == 0.5
    assert length_bias([1, 2, 3, None], [10, 20, 30, 5]) == pytest.approx(1)
    assert math.isnan(length_bias([3, 3], [1, 2]))
    # Three answers: one of three pairs is equal; two answers: equal; a lone one says nothing.
    assert self_consistency([[4, 4, 5], [2, 2, None], [3]]).value == pytest.approx(2 / 4)


def test_tables_are_joined_by_prompt_and_response():
    judged = from_tables({"p": {"a": 4.0, "c": 1.0}, "q": {"a": 1.0}}, {"p": {"a": 1, "b": 2, "c": 3}, "r": {"a": 1}})
    assert judged == [Judged((4.0, None, 1.0), (1, 2, 3))]


def test_mistakes_are_told():
    with pytest.raises(InputError, match="no prompts"):
        agreement([])
    with pytest.raises(InputError, match="2 scores for 1 ranks"):
        Judged((1, 2), (1,))
