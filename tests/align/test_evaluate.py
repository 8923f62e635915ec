"""Head-to-head: both orders, disagreement is a tie, and what must hold of any comparison of two policies."""

import math

import pytest

from maieutic.align.judges.questions import Answer, Question, comparison, score
from maieutic.align.measuring.evaluate import head_to_head, leaderboard, result
from maieutic.core.errors import InputError
from maieutic.core.records import Sample


def question(k, left="left", right="right"):
    samples = (Sample(f"prompt {k}", f"{left} {k}", "a", 0), Sample(f"prompt {k}", f"{right} {k}", "b", 0))
    return Question(f"prompt {k}", samples)


def compared(asked, forth, back):
    """The verdict of a judge that gave P(left) in both orders."""
    left, right = asked.samples
    return [comparison(left, right, "judge", [Answer("", forth), Answer("", back, swapped=True)])]


def scored(asked, a, b):
    values = zip(asked.samples, (a, b), strict=True)
    return [score(sample, "judge", [Answer("", value)]) for sample, value in values]


@pytest.mark.parametrize(
    ("forth", "back", "expected"),
    [(0.9, 0.7, 1.0), (0.9, 0.4, 0.5), (0.5, 0.5, 0.5), (0.2, 0.1, 0.0), (0.8, None, None)],
)
def test_a_win_needs_both_orders(forth, back, expected):
    asked = question(0)
    assert result(asked, compared(asked, forth, back)) == expected


def test_scores_are_compared_and_equal_ones_tie():
    asked = question(0)
    assert [result(asked, scored(asked, *s)) for s in ((4, 3), (3, 3), (1, 2), (None, 2))] == [1.0, 0.5, 0.0, None]


def test_shares_by_hand():
    asked = [question(k) for k in range(5)]
    verdicts = [
        compared(q, *p) for q, p in zip(asked, [(0.9, 0.9), (0.9, 0.2), (0.1, 0.2), (0.8, 0.6), (None, 1)], strict=True)
    ]
    found = head_to_head(asked, verdicts)
    assert (found.win, found.tie, found.loss, found.missing) == (0.5, 0.25, 0.25, 1)
    assert found.rate.value == pytest.approx(0.625)
    assert found.lengths == (len("left 0"), len("right 0"))


def test_the_two_sides_make_one():
    asked = [question(k) for k in range(30)]
    verdicts = [scored(q, (7 * k) % 5, (3 * k) % 4) for k, q in enumerate(asked)]
    other = [Question(q.prompt, q.samples[::-1]) for q in asked]
    ours, theirs = head_to_head(asked, verdicts), head_to_head(other, verdicts)
    assert ours.rate.value + theirs.rate.value == pytest.approx(1)
    assert (ours.win, ours.tie, ours.loss) == (theirs.loss, theirs.tie, theirs.win)


def test_the_same_answers_tie_whatever_the_judge_says():
    asked = [question(k, "same", "same") for k in range(4)]
    found = head_to_head(asked, [compared(q, 1.0, 1.0) for q in asked])
    assert (found.rate.value, found.tie) == (0.5, 1)


def three(k, *texts):
    return Question(
        f"prompt {k}", tuple(Sample(f"prompt {k}", text, name, 0) for name, text in zip("abc", texts, strict=True))
    )


def test_a_leaderboard_by_hand():
    """Scores 3, 2, 1, then 1, 1, 3: a wins and ties against b, wins and loses against c; b likewise without the win."""
    asked = [three(0, "a", "bb", "ccc"), three(1, "a", "bb", "ccc")]
    verdicts = [
        [score(s, "judge", [Answer("", v)]) for s, v in zip(q.samples, values, strict=True)]
        for q, values in zip(asked, [(3, 2, 1), (1, 1, 3)], strict=True)
    ]
    found = leaderboard(["a", "b", "c"], asked, verdicts)
    assert [(one.name, one.rate.value, one.length) for one in found] == [
        ("a", 0.625, 1),
        ("c", 0.5, 3),
        ("b", 0.375, 2),
    ]
    assert {name: rate.value for name, rate in found[0].against.items()} == {"b": 0.75, "c": 0.5}
    assert sum(one.rate.value for one in found) == pytest.approx(3 / 2)


def test_a_leaderboard_of_two_is_a_head_to_head():
    asked = [question(k) for k in range(20)]
    verdicts = [compared(q, ((3 * k) % 7) / 6, ((5 * k) % 8) / 7) for k, q in enumerate(asked)]
    one, other = sorted(leaderboard(["a", "b"], asked, verdicts), key=lambda standing: standing.name)
    assert one.rate == head_to_head(asked, verdicts).rate
    assert one.rate.value + other.rate.value == pytest.approx(1)


def test_a_comparison_without_a_verdict_leaves_its_prompt_out_of_the_mean():
    asked = three(0, "a", "b", "c")
    pairs = [(asked.samples[i], asked.samples[j]) for i, j in asked.pairs]
    answers = [(0.9, 0.9), (0.9, None), (0.9, 0.9)]
    told = [
        comparison(*two, "judge", [Answer("", p), Answer("", q, swapped=True)])
        for two, (p, q) in zip(pairs, answers, strict=True)
    ]
    found = {one.name: one for one in leaderboard(["a", "b", "c"], [asked], [told])}
    assert found["b"].rate.value == 0.5  # loses to a, wins against c
    assert (found["a"].missing, found["b"].missing, found["a"].rate.n) == (1, 0, 0)
    assert found["a"].against["b"].value == 1


def test_parts_by_length_hold_all_prompts():
    asked = [question(k, "x" * (k + 1), "y") for k in range(20)]
    found = head_to_head(asked, [compared(q, 0.9, 0.9) for q in asked])
    assert sum(part.n for part in found.by_length.values()) == 20
    assert next(iter(found.by_length)).startswith("3 to")  # "x 0" and "y 0"


def test_answers_of_one_length_are_in_one_part():
    asked = [question(k, "x" * 5 if k < 15 else "x" * 20, "y" * 5) for k in range(18)]
    found = head_to_head(asked, [compared(q, 0.9, 0.9) for q in asked]).by_length
    assert sum(part.n for part in found.values()) == 18


def test_different_answers_are_counted():
    asked = [
        Question(f"p {k}", (Sample(f"p {k}", "yes", "a", 0), Sample(f"p {k}", f"{k % 3}", "b", 0))) for k in range(6)
    ]
    assert head_to_head(asked, [compared(q, 0.9, 0.9) for q in asked]).distinct == (1, 3)


def test_mistakes_are_told():
    with pytest.raises(InputError, match="no prompts"):
        head_to_head([], [])
    lonely = Question("p", (Sample("p", "a", "m", 0),))
    with pytest.raises(InputError, match="two samples"):
        head_to_head([lonely], [[]])
    with pytest.raises(InputError, match="one sample of each policy"):
        leaderboard(["a", "b", "c"], [question(0)], [[]])
    with pytest.raises(InputError, match="two policies or more"):
        leaderboard(["a"], [question(0)], [[]])
    nothing = head_to_head([question(0)], [[]])
    assert nothing.missing == 1
    assert math.isnan(nothing.rate.value)
