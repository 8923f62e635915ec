"""Win rates: published numbers come out, and what must hold of any win rate does."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from maieutic.align.measuring.annotations import Annotations, read_annotations, read_numbers, write_annotations
from maieutic.align.measuring.winrate import Weights, rebuilt_gaming_rows, win_rate
from maieutic.core.errors import InputError


def made(preference, model_length=None, baseline_length=None, answers=()):
    n = len(preference)
    lengths = [100 + 7 * (k % 13) for k in range(n)]
    return Annotations(
        tuple(str(k) for k in range(n)),
        np.array(preference, dtype=float),
        np.array(baseline_length or [150] * n),
        np.array(model_length or lengths),
        answers=tuple(answers),
    )


@pytest.fixture
def random_annotations():
    rng = np.random.default_rng(7)
    lengths, base = rng.integers(10, 500, 200), rng.integers(10, 500, 200)
    return made(rng.uniform(1, 2, 200), lengths.tolist(), base.tolist())


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_a_rate_by_hand():
    # Shares 1, 0, 0.5, 0.25: mean 0.4375; deviations .5625, -.4375, .0625, -.1875, squares sum to .546875.
    found = win_rate(made([2, 1, 1.5, 1.25, math.nan]))
    assert found.win_rate == pytest.approx(43.75)
    assert found.standard_error == pytest.approx(100 * math.sqrt(0.546875 / 3) / 2)
    assert (found.n, found.n_missing) == (4, 1)


def test_a_zero_in_a_file_is_a_draw_and_an_empty_field_is_missing(tmp_path):
    rows = [(0, 0, 10, 12), (1, 2, 30, 31), (2, None, 5, 6), (3, 1, 9, 8), (4, 1.25, 3, 2), (5, 2, 3, 4)]
    path = tmp_path / "model.csv"
    columns = ("instruction", "preference", "baseline_length", "model_length")
    write_annotations(path, [dict(zip(columns, row, strict=True)) for row in rows])
    found = win_rate(read_annotations(path))
    assert found.win_rate == pytest.approx(100 * (0.5 + 1 + 0 + 0.25 + 1) / 5)
    assert (found.n, found.n_missing) == (5, 1)


# --- published -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def leaderboard(data_dir):
    folder = data_dir / "alpaca_eval"
    published = read_numbers(
        folder / "PUBLISHED.csv", ["win_rate", "standard_error", "n_total", "length_controlled_winrate"]
    )
    return folder, published


@pytest.fixture(scope="module")
def fixed(data_dir):
    """Difficulties, published weights, and gaming rows rebuilt from them."""
    folder = data_dir / "alpaca_eval"
    difficulty = {
        name: value for name, (value,) in read_numbers(folder / "DIFFICULTY_RECOVERED.csv", ["difficulty"]).items()
    }
    columns = ["w_length", "w_difficulty", "w_model"]
    weights = {name: Weights(*row) for name, row in read_numbers(folder / "GLM_WEIGHTS.csv", columns).items()}
    lengths = read_numbers(folder / "BASELINE_LENGTHS.csv", ["baseline_length", "verbose_length", "concise_length"])
    base, verbose, concise = np.array(list(lengths.values())).T
    gamma = np.array([difficulty[name] for name in lengths])
    gaming = [
        rebuilt_gaming_rows(base, gamed, gamma, weights[f"gpt4_1106_preview_{name}"])
        for name, gamed in (("verbose", verbose), ("concise", concise))
    ]
    return difficulty, weights, gaming


def test_published_raw_win_rates_come_out(leaderboard):
    folder, published = leaderboard
    for model, (rate, error, n, _) in published.items():
        found = win_rate(read_annotations(folder / f"{model}.csv"))
        assert found.win_rate == pytest.approx(rate, abs=1e-6), model
        assert found.standard_error == pytest.approx(error, abs=1e-6), model
        assert found.n == n, model


def test_published_weights_give_the_published_controlled_rates(leaderboard, fixed):
    folder, published = leaderboard
    difficulty, weights, _ = fixed
    for model, (*_, controlled) in published.items():
        found = win_rate(read_annotations(folder / f"{model}.csv"), difficulty, weights=weights[model])
        assert found.length_controlled_win_rate == pytest.approx(controlled, abs=0.3), model


def test_refitted_controlled_rates_are_near_the_published(leaderboard, fixed):
    folder, published = leaderboard
    difficulty, _, gaming = fixed
    found = {
        model: win_rate(read_annotations(folder / f"{model}.csv"), difficulty, gaming).length_controlled_win_rate
        for model in published
    }
    theirs = [row[3] for row in published.values()]
    errors = np.abs(np.array(list(found.values())) - np.array(theirs))
    assert errors.mean() <= 0.8
    assert errors.max() <= 3
    assert spearmanr(list(found.values()), theirs).statistic >= 0.99


def test_a_constant_answer_is_shown_as_what_it_is(leaderboard):
    folder, published = leaderboard
    warned = [
        m
        for m in published
        if any("identical" in note for note in win_rate(read_annotations(folder / f"{m}.csv")).notes)
    ]
    assert warned == ["NullModel"]


def test_identical_answers_are_found_in_texts_too():
    notes = win_rate(made([2.0] * 6, answers=["Do not compare: the first is best."] * 6)).notes
    assert any("all 6 answers of the model are identical" in note for note in notes)
    different = [f"answer {k}" for k in range(6)]
    assert not any("identical" in note for note in win_rate(made([2.0] * 6, [8] * 6, [9] * 6, different)).notes)


# --- what must hold --------------------------------------------------------------------------------------------------


def test_wins_of_one_and_of_the_other_make_a_hundred(random_annotations):
    one, other = win_rate(random_annotations), win_rate(random_annotations.swap())
    assert one.win_rate + other.win_rate == pytest.approx(100, abs=1e-9)
    assert one.length_controlled_win_rate + other.length_controlled_win_rate == pytest.approx(100, abs=0.05)


def test_a_model_against_itself_wins_half():
    found = win_rate(made([1.5] * 40, [77] * 40, [77] * 40, [f"a{k}" for k in range(40)]))
    assert found.win_rate == 50
    assert found.length_controlled_win_rate == 50


def test_the_order_of_rows_changes_nothing(random_annotations):
    order = np.random.default_rng(1).permutation(len(random_annotations))
    shuffled = replace(
        random_annotations,
        instruction=tuple(random_annotations.instruction[k] for k in order),
        preference=random_annotations.preference[order],
        baseline_length=random_annotations.baseline_length[order],
        model_length=random_annotations.model_length[order],
    )
    difficulty = {str(k): math.sin(k) for k in range(200)}
    one, other = win_rate(random_annotations, difficulty), win_rate(shuffled, difficulty)
    assert one.win_rate == pytest.approx(other.win_rate, abs=1e-9)
    assert one.length_controlled_win_rate == pytest.approx(other.length_controlled_win_rate, abs=1e-9)


def test_equal_lengths_without_difficulties_leave_the_raw_rate():
    rng = np.random.default_rng(3)
    found = win_rate(made(rng.uniform(1, 2, 50), [80] * 50, [80] * 50, [str(k) for k in range(50)]))
    assert found.length_controlled_win_rate == pytest.approx(found.win_rate, abs=1e-9)


def test_a_judge_that_loves_length_only_is_seen_through():
    """The model wins exactly where it is longer; with the length term out, it is about as good as the baseline."""
    rng = np.random.default_rng(5)
    base = rng.integers(100, 300, 400)
    model = base + rng.integers(-60, 140, 400)
    share = 1 / (1 + np.exp(-6 * np.tanh((model - base) / 60)))
    found = win_rate(made(1 + share, model.tolist(), base.tolist()))
    assert found.win_rate > 65
    assert abs(found.length_controlled_win_rate - 50) < 5


def test_what_was_left_out_is_said(random_annotations):
    notes = " ".join(win_rate(random_annotations).notes)
    assert "without difficulties" in notes
    assert "without gaming rows" in notes


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("instruction,preference,baseline_length\n0,1,3\n", "no column 'model_length'"),
        ("instruction,preference,baseline_length,model_length\n0,3,1,1\n", "preference 3"),
        ("instruction,preference,baseline_length,model_length\n0,many,1,1\n", "line 2: preference is not a number"),
        ("instruction,preference,baseline_length,model_length\n0,1,1.5,1\n", "baseline_length"),
        ("instruction,preference,baseline_length,model_length\n0,1,1,1\n0,2,1,1\n", "'0' is there twice"),
        ("instruction,preference,baseline_length,model_length\n", "no annotations"),
    ],
)
def test_a_malformed_table_is_refused_with_the_place(tmp_path, text, said):
    path = tmp_path / "model.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_annotations(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "not JSON"), ("[]", "no list"), ('[{"instruction": "a"}]', "annotation 1: no text 'output_1'")],
)
def test_malformed_json_is_refused(tmp_path, content, said):
    path = tmp_path / "annotations.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_annotations(path)
    assert said in str(caught.value)


def test_two_models_in_one_file_are_refused(tmp_path):
    row = {"instruction": "a", "output_1": "x", "output_2": "y", "preference": 1.0}
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps([{**row, "generator_2": "one"}, {**row, "generator_2": "two"}]))
    with pytest.raises(InputError, match="several models"):
        read_annotations(path)


def test_no_preference_at_all_and_no_difficulty_are_mistakes(random_annotations):
    with pytest.raises(InputError, match="no annotation has a preference"):
        win_rate(made([math.nan] * 9))
    with pytest.raises(InputError, match="no difficulty"):
        win_rate(random_annotations, {"0": 1.0})
