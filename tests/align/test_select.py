"""Selection: each selector by hand on a few prompts, and the laws that all of them keep."""

from dataclasses import replace
from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.align.simulated import question

from maieutic.align.judges.questions import Question
from maieutic.align.selection.select import (
    SELECTORS,
    Judged,
    all_pairs,
    best_worst,
    data_vs_own,
    degenerate,
    demote,
    judged,
    positives,
    provenance,
    replay,
    rewards,
    win_rate_margin,
)
from maieutic.core.errors import InputError
from maieutic.core.records import Comparison, Example, PreferencePair, Sample, Score

ORIGIN = {"s": "student", "t": "teacher", "d": "data"}


def item(worth, origins=None, prompt="Why?", texts=None):
    """A judged prompt: its rewards, and who wrote each sample, as "sst"."""
    texts = texts or [f"answer {k}" for k in range(len(worth))]
    origins = origins or "s" * len(worth)
    samples = tuple(Sample(prompt, text, ORIGIN[o], k) for k, (text, o) in enumerate(zip(texts, origins, strict=True)))
    return Judged(prompt, samples, tuple(ORIGIN[o] for o in origins), tuple(worth), "judge")


def told(pairs):
    """Pairs as (number of the chosen, number of the rejected, margin)."""
    return [(int(pair.chosen.split()[1]), int(pair.rejected.split()[1]), pair.margin) for pair in pairs]


# --- rewards ----------------------------------------------------------------------------------------------------------


def test_scores_are_the_rewards():
    asked = question("Why?", "a", "b", "c")
    ids = [sample.id for sample in asked.samples]
    verdict = [Score(ids[1], "j", None), Score(ids[2], "j", 2.5), Score(ids[0], "j", 4.0)]
    assert rewards(asked, verdict) == (4.0, None, 2.5)


def test_win_rates_are_means_over_the_other_samples():
    """Algorithm 2, step 5: r(a) = (0.8 + 0.6) / 2, r(b) = (0.2 + 0.5) / 2, r(c) = (0.4 + 0.5) / 2."""
    asked = question("Why?", "a", "b", "c")
    a, b, c = (sample.id for sample in asked.samples)
    verdict = [Comparison(a, b, "j", 0.8), Comparison(c, a, "j", 0.4), Comparison(b, c, "j", 0.5)]
    assert rewards(asked, verdict) == pytest.approx((0.7, 0.35, 0.45))


def test_a_win_rate_against_some_of_the_others_is_none():
    asked = question("Why?", "a", "b", "c")
    a, b, c = (sample.id for sample in asked.samples)
    verdict = [Comparison(a, b, "j", 0.8), Comparison(a, c, "j", 0.4), Comparison(b, c, "j", None)]
    assert rewards(asked, verdict) == (pytest.approx(0.6), None, None)
    assert rewards(asked, verdict[:2]) == (pytest.approx(0.6), None, None)


def test_who_stands_behind_a_sample_is_told_by_its_model():
    samples = (Sample("Why?", "a", "policy 3", 0), Sample("Why?", "b", "gpt", 0), Sample("Why?", "c", "book", 0))
    verdict = [Score(sample.id, "j", 1.0) for sample in samples]
    found = judged(Question("Why?", samples), verdict, {"gpt": "teacher", "book": "data"})
    assert (found.origins, found.rewards, found.judge) == (("student", "teacher", "data"), (1.0, 1.0, 1.0), "j")
    assert judged(Question("Why?", samples)).rewards == (None, None, None)


# --- the selectors ----------------------------------------------------------------------------------------------------


def test_best_worst():
    assert told(best_worst([item([2, 5, 1, 4])])) == [(1, 2, 4)]
    assert told(best_worst([item([3, 3, 3])])) == []  # a tie
    assert told(best_worst([item([5, 1, 5, 1])])) == [(0, 1, 4)]  # of equals, the first
    assert told(best_worst([item([None, 2, None, 1])])) == [(1, 3, 1)]
    assert told(best_worst([item([None, 2]), item([None, None]), item([])])) == []


def test_win_rate_margin_with_the_margins_of_dno():
    """A teacher's 5 needs a 3 or less, a student's 5 a 4 or less; a 4 is no positive."""
    assert told(win_rate_margin([item([5, 4, 3], "tss")])) == [(0, 2, 2)]
    assert told(win_rate_margin([item([5, 4, 3], "sss")])) == [(0, 1, 1), (0, 2, 2)]
    assert told(win_rate_margin([item([4, 1, 0], "sst")])) == []
    assert told(win_rate_margin([item([6, 5, 4.5], "sts")])) == [(0, 1, 1), (0, 2, 1.5)]
    assert told(win_rate_margin([item([None, 5, 3], "sss")])) == [(1, 2, 2)]


def test_win_rate_margin_never_pairs_equals_even_without_a_margin():
    assert told(win_rate_margin([item([5, 5, 4])], margin=0, student_margin=0)) == [(0, 2, 1), (1, 2, 1)]


def test_win_rate_margin_with_win_rates_and_one_origin():
    items = [item([0.9, 0.5, 0.1], "tss"), item([0.2, 0.7, 0.6], "tss")]
    assert told(win_rate_margin(items, 0.6, 0.5, 0.3)) == [(0, 2, pytest.approx(0.8)), (1, 0, pytest.approx(0.5)),
                                                          (2, 0, pytest.approx(0.4))]  # fmt: skip
    restrictive = win_rate_margin(items, 0.6, 0.5, 0.3, origins=("teacher>student",))
    assert [pair.origin for pair in restrictive] == ["teacher>student"]


def test_all_pairs_with_soft_labels():
    pairs = all_pairs([item([0.25, 0.75, 0.25, None])])
    assert told(pairs) == [(1, 0, 0.5), (0, 2, 0.0), (1, 2, 0.5)]


def test_data_vs_own_asks_no_judge():
    pairs = data_vs_own([item([None, None, None], "sds"), item([None, None], "ss"), item([None], "d")])
    assert told(pairs) == [(1, 0, 1.0), (1, 2, 1.0)]
    assert {pair.origin for pair in pairs} == {"data>student"}
    assert provenance(data_vs_own([item([1, 5], "ts")])) == {"teacher>student": 1}  # whatever a judge says


def test_positives():
    items = [item([5, 3, 5, None], "stss"), item([2, 1], "ts", prompt="How?")]
    assert positives(items) == [Example("Why?", "answer 0"), Example("How?", "answer 0")]
    assert positives(items, threshold=5) == [Example("Why?", "answer 0"), Example("Why?", "answer 2")]
    assert positives(items, origins=("teacher",)) == [Example("Why?", "answer 1"), Example("How?", "answer 0")]
    same = item([5, 5], texts=["so", "so"])
    assert positives([same], threshold=1) == [Example("Why?", "so")]
    assert positives([item([-3, -1])]) == [Example("Why?", "answer 1")]


CHOSEN = {"best_worst": 2, "win_rate_margin": 2, "all_pairs": 6, "data_vs_own": 4, "positives": 2}
"""How many records each makes of two prompts with a teacher's, a student's and another student's sample."""


@pytest.mark.parametrize("name", sorted(SELECTORS))
def test_a_row_is_true_of_its_function(name):
    selector = SELECTORS[name]
    defaults = {key: p.default for key, p in list(signature(selector.function).parameters.items())[1:]}
    assert dict(selector.parameters) == defaults
    found = selector.function([item([6.0, 1.0, 5.0], "tss"), item([4.0, 5.0, 4.5], "sts")])
    assert len(found) == CHOSEN[name]
    assert all(isinstance(record, PreferencePair if selector.gives == "pairs" else Example) for record in found)
    silent = selector.function([item([None, None, None], "tss")])
    assert bool(silent) is not selector.judged


worth = st.lists(st.none() | st.integers(0, 6).map(float), max_size=6)
judged_items = st.lists(
    worth.flatmap(
        lambda values: st.tuples(
            st.just(values),
            st.text("std", min_size=len(values), max_size=len(values)),
            st.lists(st.sampled_from(["answer 0", "answer 1", "answer 2"]), min_size=len(values), max_size=len(values)),
        )
    ).map(lambda drawn: item(drawn[0], drawn[1] or "", texts=drawn[2])),
    max_size=3,
)  # fmt: skip


@given(judged_items)
def test_the_laws_of_pairs(items):
    """No abstention, no equal texts, the better one first, the margin the difference; input order does not decide."""
    for name in ("best_worst", "win_rate_margin", "all_pairs"):
        function = SELECTORS[name].function
        for one in items:
            pairs = function([one])
            known = {(s.completion, r) for s, r in zip(one.samples, one.rewards, strict=True) if r is not None}
            for pair in pairs:
                assert pair.chosen != pair.rejected
                differences = [a - b for text, a in known if text == pair.chosen for other, b in known
                               if other == pair.rejected]  # fmt: skip
                assert pair.margin in differences
                assert pair.margin > 0 or (name == "all_pairs" and pair.margin == 0)
            if name == "win_rate_margin":
                backwards = replace(
                    one, samples=one.samples[::-1], origins=one.origins[::-1], rewards=one.rewards[::-1]
                )
                assert sorted(map(repr, function([backwards]))) == sorted(map(repr, pairs))
        assert function(items) == [pair for one in items for pair in function([one])]


# --- degenerate samples -----------------------------------------------------------------------------------------------


def test_a_text_that_goes_round_in_circles_is_degenerate():
    assert degenerate("so it goes " * 30)
    assert degenerate("a" * 100)
    assert degenerate("A beginning that makes sense. " + "and on " * 60)
    assert not degenerate(" ".join(map(str, range(200))))
    assert not degenerate("no no no")  # short
    assert not degenerate("")


def test_repetition_is_a_share_of_ngrams():
    """24 words, 8 of them different, thrice: of 21 4-grams 8 are different, so 13/21 = 0.619 are repetitions."""
    text = "a b c d e f g h " * 3
    assert degenerate(text, n=4, share=0.61)
    assert not degenerate(text, n=4, share=0.62)


def test_a_degenerate_sample_is_a_negative_whatever_the_judge_says():
    bad = "and on " * 60
    one = item([6, 5, None], texts=["answer 0", bad, bad + "!"])
    (demoted,) = demote([one])
    assert demoted.rewards == (6, 0, 0)
    assert [pair.chosen for pair in win_rate_margin([demoted])] == ["answer 0", "answer 0"]
    assert demote([item([-2.0, 3.0], texts=["answer 0", bad])])[0].rewards == (-2.0, -2.0)
    assert demote([item([1, None])]) == [item([1, None])]


# --- provenance and replay --------------------------------------------------------------------------------------------


def rounds(*sizes):
    return [
        [PreferencePair(f"round {r}", f"chosen {k}", "rejected") for k in range(size)] for r, size in enumerate(sizes)
    ]


def test_provenance_counts_origins():
    pairs = win_rate_margin([item([6, 5, 1], "stt"), item([6, 1, 1], "tss"), item([6, 1], "ss")])
    assert provenance(pairs) == {"student>student": 1, "student>teacher": 2, "teacher>student": 2, "teacher>teacher": 1}
    assert provenance([]) == {}


def test_replay_takes_less_of_older_rounds():
    """30% of the last round, 15% of the one before, 7.5% of the first: 30, 15 and 7 of 100."""
    chosen = replay(rounds(100, 100, 100))
    counts = [sum(pair.prompt == f"round {r}" for pair in chosen) for r in range(3)]
    assert counts == [7, 15, 30]
    assert len(set(chosen)) == len(chosen)
    assert [pair.prompt for pair in chosen] == sorted(pair.prompt for pair in chosen)
    assert replay([]) == replay(rounds(0, 0)) == replay(rounds(3, 3)) == []
    assert len(replay(rounds(100), share=0.29)) == 29  # not 28, as 100 * 0.29 is in binary
    assert len(replay(rounds(10, 10), share=1, decay=1)) == 20


def test_replay_is_decided_by_the_seed():
    history = rounds(50, 50)
    assert replay(history, seed=3) == replay(history, seed=3) != replay(history, seed=4)
    with pytest.raises(InputError, match=r"share 1\.5"):
        replay(history, share=1.5)
