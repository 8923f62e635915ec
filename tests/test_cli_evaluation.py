"""`maieutic winrate` and `maieutic agreement`: what they print, and what they say of mistakes."""

import json
import math

import pytest
from tests.commands import Outcome, mistake

HEADER = "instruction,preference,baseline_length,model_length\n"
ROWS = HEADER + "".join(f"{k},{1 + (k % 5) / 4},{100 + k},{90 + 3 * k}\n" for k in range(20))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "ours.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def judged(tmp_path):
    scores, rankings = tmp_path / "scores.jsonl", tmp_path / "rankings.jsonl"
    lines = [("p", "a", 5), ("p", "b", 2), ("p", "c", 3), ("q", "a", None), ("q", "b", 1)]
    scores.write_text(
        "".join(json.dumps(dict(zip(("prompt", "completion", "score"), line, strict=True))) + "\n" for line in lines)
    )
    ranks = [
        {"prompt": "p", "completions": ["a", "b", "c"], "ranks": [1, 2, 3]},
        {"prompt": "q", "completions": ["a", "b"], "ranks": [1, 2]},
    ]
    rankings.write_text("".join(json.dumps(row) + "\n" for row in ranks))
    return scores, rankings


def test_a_win_rate_is_printed_and_said_in_json(table):
    shown = Outcome("winrate", table)
    assert shown.code == 0
    assert "ours: 20 annotations, 0 missing" in shown.out
    assert "50.00" in shown.out  # shares 0, 1/4, 1/2, 3/4, 1, four times over
    found = json.loads(Outcome("winrate", table, "--json").out)
    assert found["win_rate"] == 50
    variance = (0.5**2 + 0.25**2) * 2 * 4 / 19
    assert found["standard_error"] == pytest.approx(100 * math.sqrt(variance / 20))
    assert {"n", "n_missing", "length_controlled_win_rate", "lc_standard_error", "notes"} <= found.keys()


def test_difficulties_from_a_file_are_used(table, tmp_path):
    difficulty = tmp_path / "difficulty.csv"
    difficulty.write_text("instruction,difficulty\n" + "".join(f"{k},{math.sin(k)}\n" for k in range(20)))
    found = json.loads(Outcome("winrate", table, "--difficulty", difficulty, "--json").out)
    assert found["weights"]["difficulty"] != 0 or found["lc_standard_error"] == 0
    assert not any("difficult" in note for note in found["notes"])


def test_mistakes_in_options_are_one_line(table, tmp_path):
    assert mistake("winrate", table, "--weights-of", "model").startswith("--weights-of: ")
    lengths = tmp_path / "lengths.csv"
    lengths.write_text("instruction,baseline_length,verbose_length,concise_length\n0,3,4,2\n")
    assert "--weights" in mistake("winrate", table, "--gaming", lengths)
    weights = tmp_path / "weights.csv"
    weights.write_text(",w_length,w_difficulty,w_model\nours,1,1,1\n")
    assert "did you mean 'ours'?" in mistake("winrate", table, "--weights", weights, "--weights-of", "ourz")
    assert "No such file" in mistake("winrate", tmp_path / "nowhere.csv")


def test_agreement_is_printed_and_said_in_json(judged):
    shown = Outcome("agreement", *judged)
    assert shown.code == 0
    assert "2 prompts, 20.0% of responses without a score" in shown.out
    found = json.loads(Outcome("agreement", *judged, "--json").out)
    assert found["pairwise"]["value"] == pytest.approx(2 / 3)  # of a-b, a-c, b-c, the last is wrong
    assert found["spearman"]["value"] == pytest.approx(0.5)


def test_a_judge_is_also_told_of_by_itself(tmp_path, judged):
    """What `judge` writes holds each answer: here one pair in both orders, which disagree, so that it is a tie."""
    _, rankings = judged
    asked, verdicts = tmp_path / "answers.jsonl", tmp_path / "verdicts.jsonl"
    (tmp_path / "judge.py").write_text("def first(prompt, left, right):\n    return 0.9\n")
    rows = [{"prompt": "q", "completion": text} for text in "ab"]
    asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
    Outcome("judge", asked, "--out", verdicts, "--kind", "function", "--function", f"{tmp_path}/judge.py:first")
    found = json.loads(Outcome("agreement", verdicts, rankings, "--json").out)
    assert found["pairwise"]["value"] == 0  # 0.9 for whichever comes first: a tie, which orders nothing
    assert found["best"]["value"] is None  # a win rate is no perfect score
    assert [found["judge"][name] for name in ("verdicts", "ties", "inconsistent", "first_place")] == [1, 1, 1, 1]
    told = Outcome("agreement", verdicts, rankings).out
    assert "perfect scores at the top       not told" in told
    assert "the judge by itself, 1 verdicts" in told


def test_several_models_make_a_leaderboard(table, tmp_path):
    better = tmp_path / "better.csv"
    better.write_text(HEADER + "".join(f"{k},{1.5 + (k % 5) / 8},{100 + k},{90 + 3 * k}\n" for k in range(20)))
    shown = Outcome("winrate", table, better).out.splitlines()
    assert [line.split()[0] for line in shown[1:3]] == ["better", "ours"]
    assert sum("without difficulties" in line for line in shown) == 1  # a note that all share is told once
    found = json.loads(Outcome("winrate", table, better, "--json").out)
    assert [(row["model"], row["win_rate"]) for row in found] == [("ours", 50), ("better", 75)]


def test_mistakes_in_files_of_scores_name_the_line(judged, tmp_path):
    _, rankings = judged
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"prompt": "p", "completion": "a", "score": 1}\n{"prompt": "p"}\n')
    assert f"{broken}, line 2: " in mistake("agreement", broken, rankings)
    broken.write_text('{"prompt": "p", "completion": "a", "score": "high"}\n')
    assert "not a score" in mistake("agreement", broken, rankings)
    broken.write_text('{"prompt": "z", "completion": "a", "score": 1}\n')
    assert "no prompt of the rankings has scores" in mistake("agreement", broken, rankings)
