"""`maieutic evaluate`: two sides, a judge, annotations that `winrate` reads; and what it says of mistakes."""

import json

import pytest
from tests.commands import Outcome, mistake

JUDGE = """
def longer(prompt, left, right):
    return 0.5 if len(left) == len(right) else float(len(left) > len(right))

def letters(prompt, completion):
    return float(len(set(completion)))
"""


@pytest.fixture
def sides(tmp_path):
    """Twelve instructions; A's answer is longer on eight of them, as long on two, shorter on two."""
    (tmp_path / "judge.py").write_text(JUDGE)
    lengths = [9] * 8 + [5] * 2 + [2] * 2
    for name, row in (("a", lengths), ("b", [5] * 12)):
        answers = [
            {"instruction": f"question {k}", "output": name * n, "generator": f"model {name}"}
            for k, n in enumerate(row)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps(answers))
    return tmp_path


def evaluated(folder, *more):
    files = ("--a", folder / "a.json", "--b", folder / "b.json", "--out", folder / "annotations.json")
    return Outcome("evaluate", *files, "--judge", "function", "--judge-function", f"{folder}/judge.py:longer", *more)


def test_annotations_are_what_winrate_reads(sides):
    shown = evaluated(sides)
    assert shown.code == 0
    assert "75.0%" in shown.out  # eight wins, two ties, two losses of twelve
    found = json.loads(Outcome("winrate", sides / "annotations.json", "--json").out)
    assert found["win_rate"] == pytest.approx(75)
    assert found["n"] == 12


def test_annotations_say_who_was_who(sides):
    evaluated(sides)
    rows = json.loads((sides / "annotations.json").read_text())
    assert [row["preference"] for row in rows] == [2.0] * 8 + [1.5] * 2 + [1.0] * 2
    assert rows[0]["generator_1"] == "model b"
    assert rows[0]["generator_2"] == "model a"
    assert rows[0]["output_2"] == "a" * 9


def test_both_sides_together_make_a_hundred(sides):
    evaluated(sides)
    first = json.loads(Outcome("winrate", sides / "annotations.json", "--json").out)
    swapped = ("--a", sides / "b.json", "--b", sides / "a.json", "--out", sides / "swapped.json")
    Outcome("evaluate", *swapped, "--judge", "function", "--judge-function", f"{sides}/judge.py:longer")
    second = json.loads(Outcome("winrate", sides / "swapped.json", "--json").out)
    assert first["win_rate"] + second["win_rate"] == pytest.approx(100)


def test_a_judge_that_scores_compares_too(sides):
    shown = Outcome(
        *("evaluate", "--a", sides / "a.json", "--b", sides / "b.json", "--out", sides / "x.json"),
        *("--judge", "function", "--judge-function", f"{sides}/judge.py:letters"),
    )
    assert shown.code == 0
    assert "50.0%" in shown.out  # one letter each: ties everywhere


def test_a_side_that_always_says_the_same_is_shown_as_what_it_is(sides):
    """The null model: one answer to everything, so long that this judge is fooled each time."""
    answers = [{"instruction": f"question {k}", "output": "n" * 99, "generator": "null"} for k in range(12)]
    (sides / "null.json").write_text(json.dumps(answers))
    function = ("--judge", "function", "--judge-function", f"{sides}/judge.py:longer")
    files = ("--a", sides / "null.json", "--b", sides / "a.json", "--out", sides / "fooled.json")
    shown = Outcome("evaluate", *files, *function).out
    assert "wins 100.0%" in shown
    assert f"WARNING: all answers of {sides / 'null.json'} are identical" in shown
    assert f"all answers of {sides / 'a.json'}" not in shown
    assert "WARNING: all 12 answers of the model are identical" in Outcome("winrate", sides / "fooled.json").out
    ranked = Outcome("leaderboard", sides / "null.json", sides / "a.json", *function, "--out", sides / "t.json").out
    assert "null" in ranked.splitlines()[0]
    assert "WARNING: all answers are identical" in ranked.splitlines()[0]


def test_several_sides_make_a_leaderboard(sides):
    """The longer answer wins: c (7 letters each) loses to a on eight, beats it on four, and beats b on all twelve."""
    answers = [{"instruction": f"question {k}", "output": "c" * 7, "generator": "model c"} for k in range(12)]
    (sides / "c.json").write_text(json.dumps(answers))
    files = [sides / f"{name}.json" for name in "abc"]
    function = ("--judge", "function", "--judge-function", f"{sides}/judge.py:longer")
    shown = Outcome("leaderboard", *files, *function, "--out", sides / "table.json")
    assert shown.code == 0
    assert [line[:12] for line in shown.out.splitlines()[:3]] == [" 1. model a ", " 2. model c ", " 3. model b "]
    table = {row["name"]: row for row in json.loads((sides / "table.json").read_text())}
    assert table["model c"]["rate"]["value"] == pytest.approx((4 / 12 + 1) / 2)
    assert table["model a"]["rate"]["value"] == pytest.approx((8 / 12 + 9 / 12) / 2)
    assert table["model b"]["against"]["model c"]["value"] == 0
    assert "two or more" in mistake("leaderboard", files[0], *function)
    assert "two sides are called 'model a'" in mistake("leaderboard", files[0], files[0], *function)


def test_mistakes_are_one_line(sides, tmp_path):
    function = ("--judge", "function", "--judge-function", f"{sides}/judge.py:longer")
    missing = mistake("evaluate", "--a", sides / "nowhere.json", "--b", sides / "b.json", *function)
    assert "nowhere.json: cannot be read" in missing
    assert "no such judge" in mistake(
        "evaluate", "--a", sides / "a.json", "--b", sides / "b.json", "--judge", "pairwize"
    )
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{"instruction": "something else", "output": "x"}]))
    assert "share no prompt" in mistake("evaluate", "--a", sides / "a.json", "--b", other, *function)
    other.write_text('[{"instruction": "a"}]')
    assert "entry 1: no text 'output'" in mistake("evaluate", "--a", sides / "a.json", "--b", other, *function)
    assert "--prompts" in mistake("evaluate", "--a", "some-model", "--b", sides / "b.json", *function)
