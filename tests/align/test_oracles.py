"""Rewards, Python functions and people as judges."""

import math

import pytest
from tests.align.simulated import question, verdicts

from maieutic.align.judges.oracles import FunctionJudge, HumanJudge, RewardJudge, load_function
from maieutic.core.errors import InputError
from maieutic.core.judgements import JudgementCache


def test_a_reward_that_is_not_finite_is_an_abstention():
    judge = RewardJudge(rewards=lambda prompts, completions: [1.5, math.nan, math.inf], model="r")
    (scores,) = verdicts(judge, [question("Why?", "a", "b", "c")])
    assert [score.value for score in scores] == [1.5, None, None]
    with pytest.raises(InputError, match="2 rewards for 3 completions"):
        verdicts(RewardJudge(rewards=lambda prompts, completions: [1, 2], model="r"), [question("?", "a", "b", "c")])


def test_rewards_are_asked_for_in_batches():
    sizes = []

    def rewards(prompts, completions):
        sizes.append(len(prompts))
        return [float(prompt + completion) for prompt, completion in zip(prompts, completions, strict=True)]

    questions = [question(str(k), "1", "2") for k in range(1, 6)]
    judge = RewardJudge(rewards=rewards, model="r", batch=2)
    assert [[s.value for s in v] for v in verdicts(judge, questions)] == [[10 * k + 1, 10 * k + 2] for k in range(1, 6)]
    assert sizes == [4, 4, 2]


def test_a_function_of_three_compares_and_may_be_intransitive():
    beats = {("rock", "scissors"), ("scissors", "paper"), ("paper", "rock")}

    def oracle(prompt, left, right):
        return None if "well" in (left, right) else float((left, right) in beats)

    (verdict,) = verdicts(FunctionJudge(function=oracle), [question("Play.", "rock", "paper", "scissors", "well")])
    assert [c.p_left for c in verdict] == [0.0, 1.0, None, 0.0, None, None]


def test_a_function_of_two_scores_and_true_is_one():
    (verdict,) = verdicts(FunctionJudge(function=lambda prompt, answer: answer == "4"), [question("2+2?", "4", "5")])
    assert [score.value for score in verdict] == [1.0, 0.0]


def raising(prompt, completion):
    return {}[completion]


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (raising, r"raised KeyError: 'a' \(line \d+ of .*test_oracles\.py\)"),
        (lambda prompt, completion: "good", "gave 'good'"),
        (lambda prompt, completion: math.nan, "gave nan"),
        (lambda prompt, left, right: 1.5, r"gave 1\.5 for two completions"),
    ],
)
def test_a_function_that_fails_is_named(function, complaint):
    with pytest.raises(InputError, match=complaint):
        verdicts(FunctionJudge(function=function, model="oracle.py:f"), [question("Why?", "a", "b")])


def test_a_function_of_one_parameter_is_refused_at_once():
    with pytest.raises(InputError, match="a function of 1 parameters"):
        FunctionJudge(function=lambda completion: 1)


def test_a_function_is_found_beside_the_config(tmp_path):
    (tmp_path / "oracles").mkdir()
    (tmp_path / "oracles" / "mine.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n"
        "@dataclass\nclass Rule:\n    factor: float = 2.0\n\n"
        "def longer(prompt, completion):\n    return Rule().factor * len(completion)\n"
    )
    function = load_function("oracles/mine.py:longer", tmp_path)
    (verdict,) = verdicts(FunctionJudge(function=function), [question("Why?", "abc")])
    assert verdict[0].value == 6.0
    assert verdict[0].judge == "function:longer"
    (tmp_path / "broken.py").write_text("x = 1 / 0\n")
    for spec, complaint in [
        ("oracles/mine.py:larger", r"no function 'larger' \(did you mean 'longer'\?\)"),
        ("oracles/yours.py:longer", "no such Python file"),
        ("oracles/mine.py", "names no function"),
        ("broken.py:f", r"raised ZeroDivisionError: division by zero \(line 1 of"),
    ]:
        with pytest.raises(InputError, match=complaint):
            load_function(spec, tmp_path)


def test_a_person_is_asked_once_for_each_pair_and_can_stop_and_go_on(tmp_path):
    shown = []

    def person(prompt, first, second):
        if len(shown) == 3:
            raise KeyboardInterrupt
        shown.append((first, second))
        return None if "skip" in (first, second) else float(first < second)

    questions = [question("Which?", "a", "b", "skip"), question("And now?", "c", "d", "d")]
    with JudgementCache(tmp_path / "cache.sqlite") as cache, pytest.raises(KeyboardInterrupt):
        verdicts(HumanJudge(ask=person, cache=cache), questions)
    answered = list(shown)
    shown.append(("the limit", "is over"))
    with JudgementCache(tmp_path / "cache.sqlite") as cache:
        judge = HumanJudge(ask=person, cache=cache)
        assert judge.open(questions) == 4  # two skipped, c and d, d and d
        one, two = verdicts(judge, questions)
    assert [c.p_left for c in one] == [1.0, None, None]
    assert [c.p_left for c in two] == [1.0, 1.0, 0.5]
    assert ("a", "b") in answered or ("b", "a") in answered
    asked_later = shown[4:]
    assert sorted(sorted(pair) for pair in asked_later) == [["a", "skip"], ["b", "skip"], ["c", "d"]]


def test_a_person_does_not_see_the_student_always_first():
    firsts = []

    def person(prompt, first, second):
        firsts.append(first)
        return 1.0

    questions = [question(f"Question {k}?", f"student {k}", f"teacher {k}") for k in range(40)]
    found = verdicts(HumanJudge(ask=person), questions)
    assert 8 < sum(first.startswith("student") for first in firsts) < 32
    for first, (comparison,) in zip(firsts, found, strict=True):
        assert comparison.p_left == float(first.startswith("student"))
