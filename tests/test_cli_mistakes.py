"""Whatever is wrong in what was typed, or in a file: one line that says what, where, and what would be right."""

import json
from pathlib import Path

import pytest
from tests.commands import ALTITUDES, TWO_PROBLEMS, Outcome, mistake


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "two.txt"
    path.write_text(TWO_PROBLEMS, encoding="utf-8")
    return path


def test_an_unknown_name_gives_the_nearest():
    assert mistake("prove", "orthocenter") == "unknown problem 'orthocenter' (did you mean 'orthocentre'?)"
    assert "did you mean" in mistake("problems", "orthocenter")


def test_a_missing_file_is_named():
    assert mistake("prove", "nowhere/problems.txt") == "nowhere/problems.txt: no such file"
    assert mistake("prove", "nowhere/problems.txt:one") == "nowhere/problems.txt: no such file"
    assert "No such file" in mistake("bench", "nowhere.txt")
    assert "No such file" in mistake("check", "nowhere.json")


def test_what_an_error_repeats_ends_no_line_and_controls_no_terminal():
    """`mistake` looks for one line; that no character of it does anything is looked at here."""
    hostile = "x\nmaieutic: done\r\x1b[2J\x9b\u202e\u2028"
    shown = "x\\nmaieutic: done\\r\\u001b[2J\\u009b\\u202e\\u2028"
    for words in (("check", hostile), ("bench", hostile), ("show", hostile)):
        said = mistake(*words)
        assert said.isprintable()
        assert shown in said
    assert len(mistake("check", "x/" * 5_000)) <= 1000


def test_a_folder_is_no_file(tmp_path):
    for command in ("prove", "bench", "check"):
        assert f"{tmp_path}: " in mistake(command, tmp_path)


def test_files_that_hold_no_problems(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)))
    assert "not UTF-8 text" in mistake("prove", path)
    path.write_text("", encoding="utf-8")
    assert "no problem in this file" in mistake("prove", path)
    path.write_text("x" * 1_000_001, encoding="utf-8")
    assert "at most 1000000" in mistake("prove", path)


def test_a_file_of_several_problems_needs_a_name(problem_file):
    assert "2 problems" in mistake("prove", problem_file)
    assert "did you mean 'altitudes'?" in mistake("prove", f"{problem_file}:altitude")
    assert "it has altitudes, wrong" in mistake("prove", f"{problem_file}:xyz")


def test_hypotheses_that_contradict_one_another_are_a_mistake_in_what_was_typed():
    text = "a b c = triangle; d = aconst a d b c 90, aconst a d b c 91 ? perp a d b c"
    said = "the hypotheses contradict one another: aconst a d b c 90; aconst a d b c 91 give 0 = 1/180"
    for form in ("text", "html"):
        assert mistake("prove", "--format", form, text) == said
    outcome = Outcome("prove", "--format", "json", text)
    assert (outcome.code, outcome.err.strip()) == (2, f"maieutic: {said}")
    assert json.loads(outcome.out)["status"] == "contradictory"


def test_a_mistake_in_a_text_has_its_place():
    assert mistake("prove", "a b c = triangle; d = midpint a b").startswith("line 1, column 23: unknown construction")


def test_nothing_to_prove():
    assert "nothing to prove" in mistake("prove", "a b c = triangle")
    assert "a condition" in mistake("prove", "a b c = triangle ? diff a b")
    assert "sines" in mistake("prove", "a b c = triangle ? sinelaw a b c")


def test_more_points_than_the_engine_takes():
    many = "; ".join(f"x{i} = free" for i in range(61))
    assert mistake("prove", f"{many} ? cong x0 x1 x2 x3") == "too many points: 61 (the engine takes at most 60)"
    assert "too many points" in mistake("deduce", many)


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "x"),
        ("--seed", "-1"),
        ("--time-limit", "0"),
        ("--time-limit", "-3"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--format", "yaml"),
        ("--colour", "red"),
    ],
)
def test_a_wrong_option_is_named(options):
    assert options[0] in mistake("prove", ALTITUDES, *options)


def test_wrong_options_of_bench(problem_file):
    assert "--jobs" in mistake("bench", problem_file, "--jobs", 0)
    assert "--search" in mistake("bench", problem_file, "--search", "magic")
    assert "--out" in mistake("bench", problem_file, "--resume")


def test_results_that_are_none_cannot_be_resumed(problem_file, tmp_path):
    out = tmp_path / "results.jsonl"
    out.write_text("{}\n", encoding="utf-8")
    assert f"{out}, line 1: " in mistake("bench", problem_file, "--out", out, "--resume")


def test_a_place_that_cannot_be_written(tmp_path):
    assert "no such folder" in mistake("prove", ALTITUDES, "--out", tmp_path / "none" / "proof.txt")
    assert "is a folder" in mistake("draw", ALTITUDES, "--out", tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert "cannot be made" in mistake("demo", "--engine-only", "--out", blocked)


def test_an_unknown_command_gives_the_nearest():
    assert "'prove'" in mistake("prov", ALTITUDES)
