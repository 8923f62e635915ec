"""Agreement of a judge with true ranks: by hand, by scipy, and by what must hold."""

import math

import numpy as np
import pytest
from scipy import stats

from maieutic.align.measuring.agreement import Judged, agreement, joined, read_verdicts
from maieutic.align.measuring.intervals import mean, ratio, resampled_sums
from maieutic.core.errors import InputError
from maieutic.core.files import write_lines
from maieutic.core.records import Ranking


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


def test_draws_are_the_same_however_many_are_made_at_once(monkeypatch):
    columns = np.arange(12.0).reshape(6, 2)
    whole = resampled_sums(columns, seed=5, resamples=50)
    monkeypatch.setattr("maieutic.align.measuring.intervals.AT_ONCE", 30)
    assert np.array_equal(whole, resampled_sums(columns, seed=5, resamples=50))
    assert whole[:, 1] - whole[:, 0] == pytest.approx(6)  # six units a draw, each one more in the second column


def test_ratios_draw_units_together():
    found = ratio(np.array([1.0, 4.0, 0.0]), np.array([2.0, 8.0, 0.0]))
    assert (found.value, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 2)
    nothing = ratio(np.zeros(3), np.zeros(3))
    assert math.isnan(nothing.value)
    assert nothing.n == 0


def test_verdicts_are_joined_with_rankings_by_prompt_and_response(tmp_path):
    path = tmp_path / "scores.jsonl"
    write_lines(path, [{"prompt": p, "completion": c, "score": s} for p, c, s in (("p", "a", 4), ("p", "c", None))])
    rankings = [Ranking("p", ("a", "b", "c"), (1, 2, 3)), Ranking("r", ("a", "b"), (1, 2))]
    assert joined(read_verdicts(path), rankings) == [Judged((4.0, None, None), (1, 2, 3))]


def test_a_judge_that_compares_ranks_by_its_win_rates(tmp_path):
    """a beats b and c, b beats c: rates 0.85, 0.5 and 0.15, told in whichever order the two were written."""
    path = tmp_path / "comparisons.jsonl"
    rows = [("a", "b", 0.8), ("c", "a", 0.1), ("b", "c", 0.8)]
    write_lines(path, [{"prompt": "p", "left": one, "right": other, "p_left": p} for one, other, p in rows])
    (found,) = joined(read_verdicts(path), [Ranking("p", ("c", "b", "a"), (3, 2, 1))])
    assert found.scores == pytest.approx((0.15, 0.5, 0.85))
    assert agreement([found]).exact.value == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "p", "completion": "a"}, "line 1: a line has"),
        ({"prompt": "p", "left": "a", "right": "b", "p_left": "high"}, "not a p_left: 'high'"),
        ({"prompt": "p", "completion": "a", "score": True}, "not a score: True"),
    ],
)
def test_lines_that_are_no_verdicts_are_told(tmp_path, row, said):
    path = tmp_path / "verdicts.jsonl"
    write_lines(path, [row])
    with pytest.raises(InputError, match=said):
        read_verdicts(path)


def test_a_prompt_has_verdicts_of_one_kind(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    compared = {"prompt": "p", "left": "a", "right": "b", "p_left": 1}
    write_lines(path, [{"prompt": "p", "completion": "a", "score": 1}, compared])
    with pytest.raises(InputError, match="scores and comparisons of one prompt"):
        read_verdicts(path)


def test_mistakes_are_told():
    with pytest.raises(InputError, match="no prompts"):
        agreement([])
    with pytest.raises(InputError, match="2 scores for 1 ranks"):
        Judged((1, 2), (1,))
