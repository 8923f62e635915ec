"""The rates of a judge, by hand and through the judges themselves."""

import json
import math
from dataclasses import asdict

import pytest
from tests.align.simulated import Scripted, question, responses, verdicts

from maieutic.align.judges.language import PairwiseJudge, PointwiseJudge
from maieutic.align.judges.oracles import FunctionJudge, RewardJudge
from maieutic.align.judges.questions import Answer, Question, comparison, read_raw, score, write_raw
from maieutic.align.measuring.bias import rates
from maieutic.core.errors import InputError
from maieutic.core.records import Score


def compared(asked, *p_left):
    """One comparison for each pair, from the probabilities of the two orders."""
    records = []
    for (i, j), (forth, back) in zip(asked.pairs, p_left, strict=True):
        answers = [Answer("", forth), Answer("", back, swapped=True)]
        records.append(comparison(asked.samples[i], asked.samples[j], "judge", answers))
    return asked, records


def test_inconsistency_ties_and_place():
    """Three pairs: one that always goes to the first shown (1 of left, 0 of left once swapped), one consistent, one
    consistent the other way. The first shown wins 2 + 1 + 1 of 6 answers; the first pair comes out a tie."""
    found = rates([compared(question("Why?", "a", "b", "c"), (1.0, 0.0), (0.9, 0.8), (0.1, 0.3))])
    assert found.verdicts == 3
    assert found.answers == 6
    assert found.inconsistent == pytest.approx(1 / 3)
    assert found.ties == pytest.approx(1 / 3)
    assert found.first_place == pytest.approx(4 / 6)
    assert (found.abstentions, found.unparsable, found.failed) == (0, 0, 0)


def test_abstentions_and_unparsable_answers_are_counted_and_move_nothing_else():
    asked = question("Why?", "a", "b", "c")
    found = rates([compared(asked, (1.0, None), (None, None), (0.8, 0.9))])
    assert found.abstentions == pytest.approx(2 / 3)
    assert found.unparsable == pytest.approx(3 / 6)
    assert (found.inconsistent, found.ties) == (0, 0)


def test_ties_of_scores_are_pairs_of_equal_samples():
    asked = question("Why?", "a", "b", "c", "d")
    values = [2.0, 2.0, 3.0, None]
    verdict = [score(sample, "judge", [Answer("", v)]) for sample, v in zip(asked.samples, values, strict=True)]
    found = rates([(asked, verdict)])
    assert found.ties == pytest.approx(1 / 3)  # of (2, 2), (2, 3), (2, 3)
    assert (found.inconsistent, found.first_place) == (None, None)
    assert found.abstentions == 0.25


def test_scores_and_lengths_are_correlated_within_prompts():
    """Lengths 1, 2, 3 with scores 1, 3, 2: centred (-1, 0, 1) and (-1, 1, 0), so r = 1 / sqrt(2 * 2) = 0.5; a second
    prompt with the same, but all longer and worse, must not change it."""
    judge = FunctionJudge(function=lambda prompt, text: {1: 1, 2: 3, 3: 2, 11: -9, 12: -7, 13: -8}[len(text)])
    questions = [question("Why?", "a", "bb", "ccc"), question("How?", *("x" * n for n in (11, 12, 13)))]
    found = rates(zip(questions, verdicts(judge, questions), strict=True))
    assert found.score_length == pytest.approx(0.5)


def test_comparisons_and_lengths_are_correlated():
    longer = FunctionJudge(function=lambda prompt, left, right: float(len(left) > len(right)))
    fair = FunctionJudge(function=lambda prompt, left, right: 0.5)
    questions = [question("Why?", "a", "bb", "cccc")]
    found = rates(zip(questions, verdicts(longer, questions), strict=True))
    # differences -1, -3, -2 and p - 1/2 = -1/2 each: 3 / sqrt(14 * 3/4)
    assert found.score_length == pytest.approx(3 / math.sqrt(14 * 0.75))
    found = rates(zip(questions, verdicts(fair, questions), strict=True))
    assert (found.score_length, found.ties, found.first_place) == (None, 1.0, None)


def test_answers_to_the_same_question_are_compared_two_by_two():
    """Scores 4, 4, 5: one of three twos is equal; 2, 2 and an unreadable one: one of one; a lone one says nothing."""
    asked = question("Why?", "a", "b", "c")
    drawn = [[4.0, 4.0, 5.0], [2.0, None, 2.0], [3.0]]
    verdict = [
        score(s, "judge", [Answer("", v) for v in values]) for s, values in zip(asked.samples, drawn, strict=True)
    ]
    assert rates([(asked, verdict)]).consistency == pytest.approx(2 / 4)


def test_comparisons_are_consistent_where_an_order_is_answered_alike():
    """Left first: 0.9 and 0.6 prefer the same. Right first: 0.2 and 0.8 do not. Across orders nothing is compared."""
    asked = question("Why?", "a", "b")
    answers = [Answer("", 0.9), Answer("", 0.6), Answer("", 0.2, swapped=True), Answer("", 0.8, swapped=True)]
    found = rates([(asked, [comparison(*asked.samples, "judge", answers)])])
    assert found.consistency == pytest.approx(1 / 2)
    assert rates([compared(asked, (0.9, 0.9))]).consistency is None  # one answer in each order


def test_rates_have_intervals_over_questions():
    """A judge of place on one half of the questions, and a fair one on the other: between 0.5 and 1, about 0.75."""
    asked = [compared(question(f"Why {k}?", "a", "b"), (1.0, 0.0) if k % 2 else (1.0, 1.0)) for k in range(40)]
    found = rates(asked)
    low, high = found.intervals["first_place"]
    assert found.first_place == pytest.approx(0.75)
    assert 0.6 < low < 0.75 < high < 0.9
    assert found.intervals["failed"] == (0, 0)
    assert "score_length" not in found.intervals  # all answers are as long as each other
    assert json.loads(json.dumps(asdict(found)))["intervals"]["first_place"] == [low, high]


def test_rates_of_a_model_that_is_often_unreadable():
    """One sample is never readable (3 + 3 draws), one at the second try (2 of 4 draws are not)."""

    def script(text, draw):
        (response,) = responses(text).values()
        return "Score: 3" if response == "good" or (response == "fair" and draw % 2) else "hm"

    questions = [question("Why?", "good", "fair", "poor")]
    found = rates(zip(questions, verdicts(PointwiseJudge(generator=Scripted(script)), questions), strict=True))
    assert found.verdicts == 3
    assert found.answers == 3 + 6 + 6
    assert found.abstentions == pytest.approx(1 / 3)
    assert found.unparsable == pytest.approx((3 + 6) / 15)


def test_failed_requests_are_no_answers():
    questions = [question("Why?", "a", "b")]
    down = PairwiseJudge(generator=Scripted(lambda text, draw: None))
    found = rates(zip(questions, verdicts(down, questions), strict=True))
    assert (found.failed, found.answers, found.abstentions, found.unparsable) == (1.0, 0, 1.0, None)


def test_a_reward_has_no_unparsable_answers():
    questions = [question("Why?", "a", "b")]
    judge = RewardJudge(rewards=lambda prompts, texts: [math.nan, 2.0], model="r")
    found = rates(zip(questions, verdicts(judge, questions), strict=True))
    assert (found.answers, found.unparsable, found.abstentions) == (1, 0.0, 0.5)


def test_no_verdicts_have_no_rates():
    found = rates([])
    assert (found.verdicts, found.answers, found.abstentions, found.score_length) == (0, 0, None, None)


def test_raw_answers_are_read_back_and_others_are_refused():
    answers = [Answer('Score: 3\n"ü"', 3.0), Answer("", None, True, "gone")]
    assert read_raw(write_raw(answers)) == answers
    assert read_raw("") == []
    asked = question("Why?", "a")
    with pytest.raises(InputError, match="a verdict of j: not a judge's raw answers"):
        rates([(Question("Why?", asked.samples), [Score(asked.samples[0].id, "j", 1.0, "Score: 1")])])
