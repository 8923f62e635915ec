"""Preferences, policies and files that are none are refused, with what is wrong and where."""

import numpy as np
import pytest

from maieutic import games
from maieutic.core.errors import InputError

SKEWED = games.find_game("skewed_cycle").preferences


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0.5, 0.6], [0.6, 0.5]], r"P\(1 > 2\) \+ P\(2 > 1\) is 1.2"),
        ([[1.0, 0.6], [0.4, 0.5]], r"P\(1 > 1\) \+ P\(1 > 1\) is 2"),
        ([[0.5, 1.2], [-0.2, 0.5]], r"P\(1 > 2\) is 1.2"),
        ([[0.5, float("nan")], [0.5, 0.5]], r"P\(1 > 2\) is nan"),
        ([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], "2 by 3"),
        ([[0.5, 0.5], [0.5]], "not a table of numbers"),
        ([["a", "b"], ["c", "d"]], "not a table of numbers"),
        ([[0.5]], "1 responses"),
        (0.5, "a single number"),
    ],
)
def test_what_is_no_preference_is_refused(matrix, message):
    with pytest.raises(InputError, match=message):
        games.check_preferences(matrix)


def test_names_that_do_not_fit_are_refused():
    for names in (("a",), ("a", "a")):
        with pytest.raises(InputError, match="1 names for 2 responses"):
            games.Game("x", names, np.full((2, 2), 0.5))


def test_a_few_digits_are_enough():
    third = [[0.5, 0.333333], [0.666667, 0.5]]
    checked = games.check_preferences(third)
    assert (checked + checked.T == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        checked[0, 0] = 1


@pytest.mark.parametrize(("eta", "tau"), [(0, 0), (-1, 0), (1, -0.1), (1, 1.1), (float("nan"), 0)])
def test_a_step_that_is_none_is_refused(eta, tau):
    with pytest.raises(InputError, match="eta"):
        games.dno(SKEWED, eta=eta, tau=tau, rounds=2)


@pytest.mark.parametrize("policy", [[0.5, 0.5], [0.5, 0.5, 0.0], [0.5, 0.5, 0.5], [np.nan, 0.5, 0.5]])
def test_a_start_that_is_no_policy_is_refused(policy):
    with pytest.raises(InputError, match="start"):
        games.dno(SKEWED, eta=1, rounds=2, start=np.array(policy))


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_game_is_read_from_a_table(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("# two answers\nshort, long\n\n0.5, 0.3\n0.7, 0.5\n", encoding="utf-8")
    found = games.find_game(str(path))
    assert (found.name, found.responses) == ("answers", ("short", "long"))
    assert found.preferences.tolist() == [[0.5, 0.3], [0.7, 0.5]]
    path.write_text("0.5 0.3\n0.7 0.5\n", encoding="utf-8")
    assert games.read_game(path).responses == ("y1", "y2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no game in this file"),
        ("a, b\n0.5, 0.3\n0.7, 0.6\n", r"P\(b > b\) \+ P\(b > b\) is 1.2"),
        ("0.5, 0.3\n0.7, x\n", "line 2: not a number: 'x'"),
        ("0.5, 0.3\n0.7\n", "line 2: 1 numbers in a table of 2 rows"),
        ("a, b, c\n0.5, 0.3\n0.7, 0.5\n", "3 names for 2 responses"),
        ("short, long\n", "no game in this file"),
        ("short,\n0.5, 0.3\n0.7, 0.5\n", "not a name: ''"),
        ("short, lo\x00ng\n0.5, 0.3\n0.7, 0.5\n", "not a name"),
    ],
)
def test_a_file_that_is_no_game_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "game.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        games.read_game(path)


def test_an_unknown_game_gives_the_nearest():
    with pytest.raises(InputError, match="did you mean 'skewed_cycle'"):
        games.find_game("skewed_cycel")
    with pytest.raises(InputError, match="No such file"):
        games.find_game("nowhere/game.csv")
