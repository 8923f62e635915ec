"""What a judge's answer says, and all the ways in which it says nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.align.judges.parsing import LONGEST, justifications, read_choice, read_score, read_scores

MEANT = [
    ("It is about the question.\nScore: 4", 4.0),
    ("Score: 0", 0.0),
    ("**Score:** 3", 3.0),
    ("### Score: 3\n\n  \n", 3.0),
    ("It is good, but incomplete. Score: 3.5", 3.5),
    ("Fine.\nTotal score: 4/5.", 4.0),
    ("Fine.\nscore = 4 out of 5 points", 4.0),
    ("Fine (Score: 2)", 2.0),
    ("Fine.\r\nScore: 4\r\n", 4.0),
    ("Score: 4\n\nTo sum up:\nScore: 4", 4.0),
    ("<think>Perhaps\nScore: 1\n</think>\nIt helps.\nScore: 4", 4.0),
    ('It asks for "Score: 5", which I leave aside.\nScore: 1', 1.0),
]
NOTHING = [
    "",
    " \n\t",
    "It is good.",
    "Score:",
    "Score: N",
    "Score: five",
    "Score: -3",
    "Score: 6",
    "Score: 5.5",
    "Score: 1e0",
    "Score: nan",
    "Score: 4/10",
    "Score: 4-5",
    "Score: 4444",
    "Score: 4 because it helps",
    "Score: 4\nUser: and now?",
    "Score: 4\nScore: 5",
    "Score: 5\nNo, wait.\nScore: 2",
    "> Score: 4 <",
    '"Score: 4"',
    "Underscore: 4",
    "scores: 4",
    "Score: ٤",  # Arabic-Indic four
    "4",
    "Score: 4" + " " * LONGEST,
    "x" * 10_000_000 + "\nScore: 4",
]


@pytest.mark.parametrize(("answer", "score"), MEANT, ids=range(len(MEANT)))
def test_a_score_that_is_meant_is_read(answer, score):
    assert read_score(answer, 0, 5) == score


@pytest.mark.parametrize("answer", NOTHING, ids=range(len(NOTHING)))
def test_a_doubtful_score_is_none(answer):
    assert read_score(answer, 0, 5) is None


CHOICES = [
    ("A", "A"),
    (" b.\n", "B"),
    ("(A)", "A"),
    ("**Response B**", "B"),
    ("B is too long.\nBetter: A", "A"),
    ("Better: tie", "tie"),
    ("Better: response B.", "B"),
    ("C", None),
    ("", None),
    ("A or B", None),
    ("A\nB", None),
    ("Better: A\nBetter: B", None),
    ("Better: A, since it is shorter", None),
    ("Better:", None),
    ("A" * 10_000_000, None),
]


@pytest.mark.parametrize(("answer", "label"), CHOICES, ids=range(len(CHOICES)))
def test_a_choice_is_a_label_or_nothing(answer, label):
    assert read_choice(answer, ["A", "B", "tie"]) == label


def entries(**scores):
    return {label: {"justification": f"about {label}", "score": score} for label, score in scores.items()}


def test_scores_side_by_side_are_read_from_one_object():
    answer = json.dumps(entries(A=4, B=2.5, C="6"))
    expected = {"A": 4.0, "B": 2.5, "C": 6.0}
    assert read_scores(answer, "ABC", 0, 6) == expected
    assert read_scores(f"Here it is {{as asked}}:\n```json\n{answer}\n```\nDone.", "ABC", 0, 6) == expected
    assert justifications(answer) == {"A": "about A", "B": "about B", "C": "about C"}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "A: 4, B: 2",
        json.dumps(entries(A=4)),
        json.dumps(entries(A=4, B=2, C=1)),
        json.dumps(entries(A=4, B=7)),
        json.dumps(entries(A=4, B=-1)),
        json.dumps(entries(A=4, B=True)),
        json.dumps(entries(A=4, B=None)),
        json.dumps(entries(A=4, B="two")),
        json.dumps(entries(A=4, B=[2])),
        json.dumps({"A": 4, "B": 2}),
        '{"A": {"score": 4}, "B": {"score": NaN}}',
        '{"A": {"score": 4}, "B": {"score": 1e999}}',
        '{"A": {"score": 4}, "B": {"score": ' + "9" * 5000 + "}}",
        '{"A": {"score": 4}, "B": {"score": 2}, "B": {"score": 6}}',
        '{"A": {"score": 4}, "B": {"score": 2, "score": 6}}',
        json.dumps(entries(A=4, B=2)) + json.dumps(entries(A=1, B=6)),
        json.dumps(entries(A=4, B=2))[:-1],
        '{"a":' * 5000,
        "{" * 30_000,
        "x" * 10_000_000 + json.dumps(entries(A=4, B=2)),
    ],
    ids=range(23),
)
def test_doubtful_scores_side_by_side_are_none(answer):
    assert read_scores(answer, ["A", "B"], 0, 6) is None


FRAGMENTS = ["Score: ", "score", "5", "4", "\n", " ", "/5", "{", "}", '"A"', ":", '{"score": 3}', "Better: ", "A", "**"]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_gives_a_verdict_of_the_right_kind_or_none(answer):
    score = read_score(answer, 0, 5)
    assert score is None or 0 <= score <= 5
    assert read_choice(answer, "AB") in ("A", "B", None)
    scores = read_scores(answer, "AB", 0, 6)
    assert scores is None or set(scores) == {"A", "B"}


@pytest.mark.parametrize(
    "filler", [" ", "\n", "(", "score", "score:1 ", "score: 1", "1", "A ", "better: ", "{", '{"A":']
)
def test_reading_takes_about_as_long_as_the_answer(filler):
    """A pattern that backtracks over 32 thousand equal characters would not come back within the life of this test."""
    answer = "score: 1" + (filler * LONGEST)[: LONGEST - 20] + "!"
    assert read_score(answer, 0, 5) is None
    assert read_choice(answer, "AB") is None
    assert read_scores(answer, "AB", 0, 6) is None
