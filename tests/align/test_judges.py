"""Judges: what each asks, and how its answers become verdicts; what was received is never asked again."""

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.align.simulated import (
    Letters,
    Scripted,
    choosing,
    question,
    responses,
    scoring,
    side_by_side,
    verdicts,
    worth,
)

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.language import ListwiseJudge, PairwiseJudge, PointwiseJudge
from maieutic.align.judges.parsing import LONGEST
from maieutic.align.judges.questions import read_raw
from maieutic.align.judges.rubrics import BRIEF, PAIRWISE_REASONED, RUBRICS, Rubric, as_text
from maieutic.core.errors import InputError
from maieutic.core.generate import Generated, Reply, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Message

# --- the table --------------------------------------------------------------------------------------------------------


def length(prompts, completions):
    return [float(len(completion)) for completion in completions]


NEEDED = {
    "self": {"generator": Scripted(scoring)},
    "model": {"generator": Scripted(scoring)},
    "listwise": {"generator": Scripted(side_by_side)},
    "pairwise": {"generator": Scripted(choosing)},
    "reward": {"rewards": length, "model": "length"},
    "function": {"function": lambda prompt, completion: len(completion)},
    "proof": {"function": lambda prompt, completion: float(completion == "yes")},
    "human": {"ask": lambda prompt, left, right: 1.0},
}


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_each_kind_of_judge_answers_each_question_once_in_its_kind(name):
    kind = JUDGES[name]
    assert kind.needs in NEEDED[name]
    judge = kind.make(**NEEDED[name])
    questions = [question(f"Question {k}?", "yes", "no", "it depends") for k in range(3)]
    for asked, verdict in zip(questions, verdicts(judge, questions), strict=True):
        ids = [sample.id for sample in asked.samples]
        assert len(verdict) == 3
        assert all(record.judge == judge.name for record in verdict)
        assert judge.name.startswith(f"{name}:")
        if kind.gives == "comparisons":
            assert [(c.left, c.right) for c in verdict] == [(ids[0], ids[1]), (ids[0], ids[2]), (ids[1], ids[2])]
            assert all(0 <= c.p_left <= 1 for c in verdict)
        else:
            assert [s.sample for s in verdict] == ids
            assert all(isinstance(s.value, float) for s in verdict)
    assert verdicts(judge, [question("No samples?")]) == [[]]
    assert verdicts(judge, []) == []


@pytest.mark.parametrize("judge", [PointwiseJudge, ListwiseJudge, PairwiseJudge])
@pytest.mark.parametrize("chat", [True, False])
def test_a_model_is_asked_by_a_message_or_by_a_plain_text(judge, chat):
    scripted = Scripted({PointwiseJudge: scoring, ListwiseJudge: side_by_side, PairwiseJudge: choosing}[judge])
    verdicts(judge(generator=scripted, chat=chat), [question("Why?", "so", "thus")])
    for request in scripted.asked:
        assert isinstance(request.prompt, tuple if chat else str)


# --- one response at a time -------------------------------------------------------------------------------------------


def test_a_score_is_the_mean_of_three_answers():
    scripted = Scripted(lambda text, draw: f"Score: {[2, 3, 4][draw]}")
    ((score,),) = verdicts(PointwiseJudge(generator=scripted), [question("Why?", "so")])
    assert score.value == 3.0
    assert [(answer.text, answer.value) for answer in read_raw(score.raw)] == [
        ("Score: 2", 2.0),
        ("Score: 3", 3.0),
        ("Score: 4", 4.0),
    ]
    assert [request.n for request in scripted.asked] == [3]


def test_an_unreadable_answer_is_left_out_and_made_good():
    scripted = Scripted(lambda text, draw: ["Score: 2", "no idea", "", "Score: 5", "Score: 5"][draw])
    ((score,),) = verdicts(PointwiseJudge(generator=scripted), [question("Why?", "so")])
    assert score.value == (2 + 5 + 5) / 3
    assert [request.n for request in scripted.asked] == [3, 2]
    assert [answer.value for answer in read_raw(score.raw)] == [2.0, None, None, 5.0, 5.0]


@pytest.mark.parametrize(
    "answer",
    ["", "I cannot judge this.", "x" * 10_000_000 + "\nScore: 5", "Score: 5\nScore: 0", "\0\ud800{{}}%s\nScore: 9"],
    ids=["empty", "unreadable", "ten-megabytes", "contradictory", "hostile"],
)
def test_an_answer_that_is_none_never_becomes_a_number(answer):
    scripted = Scripted(lambda text, draw: answer)
    judge = PointwiseJudge(generator=scripted, retries=2)
    ((score,),) = verdicts(judge, [question("Why?", "so")])
    assert score.value is None
    assert scripted.drawn == 3 + 2
    assert [given.value for given in read_raw(score.raw)] == [None] * 5
    assert len(score.raw.encode()) < 6 * LONGEST
    ((again,),) = verdicts(judge, [question("Why?", "so")])
    assert (again, scripted.drawn) == (score, 5)


def test_an_answer_cut_off_at_the_limit_of_tokens_is_unreadable():
    """It might have gone on: the 1 of a 10, or 4 of 4.5."""
    scripted = Scripted(lambda text, draw: "Score: 1", finish="length")
    ((score,),) = verdicts(PointwiseJudge(generator=scripted), [question("Why?", "so")])
    assert score.value is None


def test_what_is_unreadable_for_one_sample_does_not_touch_another():
    scripted = Scripted(lambda text, draw: "?" if "bad" in text else scoring(text))
    ((one, two),) = verdicts(PointwiseJudge(generator=scripted), [question("Why?", "bad", "good")])
    assert (one.value, two.value) == (None, worth("good"))


def test_a_failed_request_is_no_answer_and_is_asked_again_by_the_next_run():
    cache = JudgementCache()
    down = Scripted(lambda text, draw: None if "so" in text.split("<response")[1] else scoring(text))
    ((one, two),) = verdicts(PointwiseJudge(generator=down, cache=cache), [question("Why?", "so", "thus")])
    assert (one.value, two.value) == (None, worth("thus"))
    assert [answer.error for answer in read_raw(one.raw)] == ["the server is gone"]
    up = Scripted(scoring)
    ((one, two),) = verdicts(PointwiseJudge(generator=up, cache=cache), [question("Why?", "so", "thus")])
    assert (one.value, two.value, len(up.asked)) == (worth("so"), worth("thus"), 1)


@pytest.mark.parametrize("number", [None, 7])
def test_a_generator_that_breaks_its_contract_is_not_asked_for_ever(number):
    """It leaves out a reply, or gives it another number than the one asked for."""

    class Broken(Scripted):
        def generate(self, requests, sampling):
            self.asked += requests
            if number is not None:
                yield Reply(0, (Generated("Score: 3", "stop", 3, number),))

    broken = Broken(scoring)
    ((score,),) = verdicts(PointwiseJudge(generator=broken), [question("Why?", "so")])
    assert (score.value, len(broken.asked)) == (None, 1)
    assert [answer.error for answer in read_raw(score.raw)] == ["no reply"]


def test_a_part_of_a_reply_is_kept_and_only_the_rest_is_asked_for():
    """Of three draws the second failed: no verdict yet, and the next run asks for that one alone."""
    cache = JudgementCache()
    down = Scripted(lambda text, draw: None if draw == 1 else f"Score: {draw}")
    ((score,),) = verdicts(PointwiseJudge(generator=down, cache=cache), [question("Why?", "so")])
    assert score.value is None
    assert [answer.value for answer in read_raw(score.raw)] == [0.0, None]
    up = Scripted(lambda text, draw: f"Score: {draw}")
    ((score,),) = verdicts(PointwiseJudge(generator=up, cache=cache), [question("Why?", "so")])
    assert [(request.first, request.n) for request in up.asked] == [(1, 1)]
    assert score.value == 1.0


# --- the cache --------------------------------------------------------------------------------------------------------

JUDGE_AND_SCRIPT = [(PointwiseJudge, scoring), (ListwiseJudge, side_by_side), (PairwiseJudge, choosing)]


def unsteady(script):
    """A judge with an unreadable first answer to some prompts."""
    return lambda text, draw: "hm" if draw == 0 and "3" in text else script(text)


@pytest.mark.parametrize(("make", "script"), JUDGE_AND_SCRIPT)
@pytest.mark.parametrize("killed_after", [0, 1, 3, 7])
def test_a_killed_run_ends_like_one_that_was_not_and_asks_nothing_twice(tmp_path, make, script, killed_after):
    questions = [question(f"Question {k}?", f"yes {k}", f"no {k}", f"perhaps {k}") for k in range(4)]
    whole = Scripted(unsteady(script))
    expected = verdicts(make(generator=whole), questions)
    scripted = Scripted(unsteady(script), stop_after=killed_after)
    with JudgementCache(tmp_path / "cache.sqlite") as cache, pytest.raises(KeyboardInterrupt):
        verdicts(make(generator=scripted, cache=cache), questions)
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        scripted.stop_after = None
        assert verdicts(make(generator=scripted, cache=cache), questions) == expected
        assert scripted.drawn == whole.drawn
        assert verdicts(make(generator=scripted, cache=cache), questions) == expected
        assert scripted.drawn == whole.drawn


@pytest.mark.parametrize(("make", "script"), JUDGE_AND_SCRIPT)
def test_a_verdict_does_not_depend_on_the_other_questions_or_the_order_of_replies(make, script):
    questions = [question(f"Question {k}?", f"yes {k}", f"no {k}", f"perhaps {k}") for k in range(4)]
    together = verdicts(make(generator=Scripted(unsteady(script))), questions)
    backwards = verdicts(make(generator=Scripted(unsteady(script), reverse=True)), questions)
    alone = [verdicts(make(generator=Scripted(unsteady(script))), [q])[0] for q in questions]
    assert together == backwards == alone


def test_whatever_an_answer_depends_on_is_in_the_key():
    cache = JudgementCache()
    asked = [question("Why?", "so")]

    def judge(name="a", **settings):
        return PointwiseJudge(generator=Scripted(scoring, name=name), cache=cache, **settings)

    verdicts(judge(), asked)
    sizes = [len(cache)]
    for changed, questions, seed in [
        (judge(name="b"), asked, 0),
        (judge(rubric=BRIEF), asked, 0),
        (judge(sampling=Sampling(temperature=1.0)), asked, 0),
        (judge(chat=False), asked, 0),
        (judge(), asked, 1),
        (judge(), [question("Why not?", "so")], 0),
        (judge(), [question("Why?", "so!")], 0),
        (judge(), [question((Message("system", "Be brief."), Message("user", "Why?")), "so")], 0),
    ]:
        verdicts(changed, questions, seed)
        sizes.append(len(cache))
    assert [after - before for before, after in pairwise(sizes)] == [3] * 8
    verdicts(judge(), asked)
    verdicts(judge(kind="self"), asked)  # the same model under another title
    assert len(cache) == sizes[-1]


def test_another_seed_asks_anew_even_where_the_text_does_not_show_it():
    cache = JudgementCache()
    rubric = Rubric("tiny", "score", "{question}\n{responses}", "{response}", trusted=True)
    scripted = Scripted(lambda text, draw: "Score: 3")
    judge = PointwiseJudge(generator=scripted, cache=cache, rubric=rubric)
    for seed in (0, 1, 0):
        verdicts(judge, [question("Why?", "so")], seed)
    first, second = scripted.asked
    assert first.prompt == second.prompt
    assert first.seed != second.seed


def test_what_is_asked_has_a_seed_of_its_own():
    scripted = Scripted(scoring)
    verdicts(PointwiseJudge(generator=scripted), [question("Why?", "so", "thus"), question("How?", "so", "thus")])
    assert len({request.seed for request in scripted.asked}) == 4


def test_equal_texts_are_asked_about_once():
    scripted = Scripted(scoring)
    ((one, two),) = verdicts(PointwiseJudge(generator=scripted), [question("Why?", "so", "so")])
    assert (one.value, one.raw, scripted.drawn) == (two.value, two.raw, 3)
    assert one.sample != two.sample


# --- side by side -----------------------------------------------------------------------------------------------------


def test_side_by_side_each_sample_gets_its_own_score_wherever_it_is_shown():
    shown = []

    def script(text, draw):
        shown.append(list(responses(text).values()))
        return side_by_side(text)

    judge = ListwiseJudge(generator=Scripted(script))
    completions = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    for seed in range(12):
        (scores,) = verdicts(judge, [question("Which?", *completions)], seed)
        assert [score.value for score in scores] == [worth(c, 6) for c in completions]
    assert {order[0] for order in shown} > {"alpha"}  # position bias averages out over questions and draws
    assert all(sorted(order) == sorted(completions) for order in shown)


def test_side_by_side_each_draw_has_its_own_order_and_the_mean_counts():
    """A judge that only looks at the place: over many draws all get about the same."""

    def by_place(text, draw):
        return json.dumps({label: {"justification": "", "score": k} for k, label in enumerate(responses(text))})

    judge = ListwiseJudge(generator=Scripted(by_place), draws=60)
    (scores,) = verdicts(judge, [question("Which?", "alpha", "beta", "gamma")])
    assert all(abs(score.value - 1.0) < 0.35 for score in scores)  # sd of a mean of 60: 0.105
    assert sum(score.value for score in scores) == pytest.approx(3.0)


def test_side_by_side_an_answer_that_leaves_one_out_is_asked_again():
    def script(text, draw):
        answer = json.loads(side_by_side(text))
        if draw == 0:
            answer.popitem()
        return json.dumps(answer)

    scripted = Scripted(script)
    (scores,) = verdicts(ListwiseJudge(generator=scripted), [question("Which?", "alpha", "beta")])
    assert [score.value for score in scores] == [worth("alpha", 6), worth("beta", 6)]
    assert [len(read_raw(score.raw)) for score in scores] == [2, 2]
    assert scripted.drawn == 2


def test_side_by_side_has_as_many_places_as_letters():
    with pytest.raises(InputError, match="at most 26 samples, not 27"):
        verdicts(ListwiseJudge(generator=Scripted(side_by_side)), [question("Which?", *map(str, range(27)))])


# --- two at a time ----------------------------------------------------------------------------------------------------


def test_a_pair_is_shown_in_both_orders_and_the_average_counts():
    """This judge always says A: the two orders cancel."""
    scripted = Scripted(lambda text, draw: "A")
    ((verdict,),) = verdicts(PairwiseJudge(generator=scripted), [question("Which?", "alpha", "beta")])
    assert verdict.p_left == 0.5
    assert [(a.value, a.swapped) for a in read_raw(verdict.raw)] == [(1.0, False), (0.0, True)]
    assert [list(responses(as_text(r.prompt)).values()) for r in scripted.asked] == [
        ["alpha", "beta"],
        ["beta", "alpha"],
    ]


@given(st.lists(st.sampled_from(["A", "B", "tie", "?"]), min_size=16, max_size=16), st.booleans())
def test_swapping_the_samples_swaps_the_probability(answers, reasoned):
    prompt, one, two = "Which?", "alpha", "beta"

    def script(text, draw):  # the answer hangs on what is shown, so that both ways of asking meet the same judge
        first = next(iter(responses(text).values()))
        return "Better: " + answers[draw + (8 if first == one else 0)]

    rubric = PAIRWISE_REASONED if reasoned else RUBRICS["pairwise"]

    def judge():
        return PairwiseJudge(generator=Scripted(script), rubric=rubric, draws=2)

    ((verdict,),) = verdicts(judge(), [question(prompt, one, two)])
    ((swapped,),) = verdicts(judge(), [question(prompt, two, one)])
    assert (verdict.p_left is None) == (swapped.p_left is None)
    if verdict.p_left is not None:
        assert swapped.p_left == pytest.approx(1 - verdict.p_left)


def test_the_probability_comes_from_the_letters_where_they_are_told():
    """log p(A) = log 0.6 and log p(B) = log 0.2 whatever is shown first: 0.75 for the first, so 0.5 on average; and
    with a preference for alpha, (0.9 + 0.6) / 2."""
    scripted = Scripted(choosing)

    def letters(text):
        return (math.log(0.6), math.log(0.2))

    judge = PairwiseJudge(generator=scripted, scorer=Letters(letters))
    ((verdict,),) = verdicts(judge, [question("Which?", "alpha", "beta")])
    assert verdict.p_left == pytest.approx(0.5)
    assert [a.value for a in read_raw(verdict.raw)] == pytest.approx([0.75, 0.25])

    def biased(text):
        p = 0.9 if next(iter(responses(text).values())) == "alpha" else 0.4
        return (math.log(p), math.log(1 - p))

    judge = PairwiseJudge(generator=scripted, scorer=Letters(biased))
    ((verdict,),) = verdicts(judge, [question("Which?", "alpha", "beta")])
    assert verdict.p_left == pytest.approx(0.75)
    assert scripted.asked == []


def test_letters_that_are_not_told():
    """One missing letter counts as 0; where both are missing the answer is sampled; nothing is asked twice."""
    cache = JudgementCache()

    def letters(text):
        return (None, None) if "gamma" in text else (-0.1, None)

    scorer, scripted = Letters(letters), Scripted(choosing)
    judge = PairwiseJudge(generator=scripted, scorer=scorer, cache=cache)
    asked = [question("Which?", "alpha", "beta"), question("Which?", "alpha", "gamma")]
    (one,), (two,) = verdicts(judge, asked)
    assert [a.value for a in read_raw(one.raw)] == [1.0, 0.0]
    assert two.p_left == float(worth("alpha") > worth("gamma"))
    assert (scorer.asked, scripted.drawn) == (4, 2)
    assert verdicts(judge, asked) == [[one], [two]]
    assert (scorer.asked, scripted.drawn) == (4, 2)


def test_a_back_end_that_fails_to_tell_once_is_asked_again_unless_an_answer_was_sampled():
    cache = JudgementCache()
    silent, gone = Letters(lambda text: (None, None)), Scripted(lambda text, draw: None)
    asked = [question("Which?", "alpha", "beta")]
    ((verdict,),) = verdicts(PairwiseJudge(generator=gone, scorer=silent, cache=cache), asked)
    assert (verdict.p_left, silent.asked) == (None, 2)
    telling = Letters(lambda text: (math.log(0.7), math.log(0.3)))
    ((verdict,),) = verdicts(PairwiseJudge(generator=gone, scorer=telling, cache=cache), asked)
    assert (verdict.p_left, telling.asked) == (pytest.approx(0.5), 2)


def test_one_readable_order_alone_is_no_verdict():
    scripted = Scripted(lambda text, draw: "A" if next(iter(responses(text).values())) == "alpha" else "well")
    ((verdict,),) = verdicts(PairwiseJudge(generator=scripted), [question("Which?", "alpha", "beta")])
    assert verdict.p_left is None
    assert scripted.drawn == 1 + 4
