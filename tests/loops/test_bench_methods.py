"""The benchmark of methods: every method at the same cost, and the measures, by hand."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from tests.loops.letters import EXAMPLES, importable

from maieutic.align.judges.questions import Answer, Question, score
from maieutic.core.records import Sample
from maieutic.loops.rounds.config import method_of, training_of
from maieutic.loops.worlds import load_run

with importable(EXAMPLES.parent / "benchmarks"):
    methods = import_module("methods")
    page = import_module("methods_page")
world = page.world

PROMPT = "copy : A B C"
RIGHT = {"plain": "A B C", "polite": "i think it is : A B C", "boast": "of course it is : A B C"}
WRONG = "A C B"


@pytest.mark.parametrize("name", methods.METHODS)
def test_every_method_draws_as_many_samples_and_trains_on_as_many_completions(name):
    config = load_run(EXAMPLES / "letters" / f"{name}.toml")
    method = method_of(config)
    training = training_of(config, method)
    if method.trainer == "ppo":
        make = import_module("make")
        drawn = make.FEWER * config.start.preferences + config.rounds * training["steps"] * training["batch_size"]
        learned = config.rounds * training["steps"] * training["batch_size"] * training["epochs"]
    else:
        drawn = config.rounds * config.prompts.per_round * sum(method.candidates.values())
        learned = config.rounds * training["max_steps"] * training["batch_size"] * (1 if method.loss == "sft" else 2)
    assert (drawn, learned) == (4536, 6144)


def test_jobs_differ_in_what_they_are_called_and_in_nothing_else(tmp_path):
    jobs = list(methods.all_jobs(2, tmp_path, tmp_path))
    assert (
        len({job.key() for job in jobs})
        == len(jobs)
        == 2 * (len(methods.METHODS) + len(methods.TASTE) + len(methods.ABLATIONS))
    )
    elsewhere = list(methods.all_jobs(2, tmp_path / "moved", tmp_path / "other"))
    assert [job.key() for job in jobs] == [job.key() for job in elsewhere]


def test_a_line_that_a_killed_run_left_unfinished_is_dropped(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps({"key": "a"}) + "\n" + '{"key": "b')
    assert methods.read(path) == [{"key": "a"}] == methods.read(path)
    assert methods.read(tmp_path / "none.jsonl") == []


def test_a_judge_that_ties_is_half_right_and_pairs_that_are_truly_equal_do_not_count():
    texts = (RIGHT["plain"], WRONG, "A B D")  # true scores 5, 2, 3
    assert [world.oracle(PROMPT, text) for text in texts] == [5, 2, 3]
    samples = tuple(Sample(PROMPT, text, "policy m", seed) for seed, text in enumerate(texts))
    told = [score(s, "judge", [Answer("", value)]) for s, value in zip(samples, (4.0, 4.0, 1.0), strict=True)]
    # 5 and 2 are found equal: a half; 5 above 3: right; 2 above 3: wrong
    assert methods.accuracy([Question(PROMPT, samples)], [told]) == [(1.5, 3)]
    same = tuple(Sample(PROMPT, WRONG, "policy m", seed) for seed in range(2))
    told = [score(s, "judge", [Answer("", value)]) for s, value in zip(same, (4.0, 1.0), strict=True)]
    assert methods.accuracy([Question(PROMPT, same)], [told]) == [(0.0, 0)]


def test_an_estimate_is_a_ratio_with_an_interval_over_seeds_and_prompts():
    constant = page.estimate(np.full((3, 40), 0.25))
    assert (constant.value, constant.low, constant.high) == (0.25, 0.25, 0.25)
    by_seed = page.estimate(np.repeat([[0.0], [1.0]], 40, axis=1))  # only the draw of seeds matters: 0, 1/2 or 1
    assert (by_seed.value, by_seed.low, by_seed.high) == (0.5, 0.0, 1.0)
    top, bottom = np.array([[1.0, 0.0, 2.0]]), np.array([[2.0, 0.0, 2.0]])
    assert page.estimate(top, bottom).value == pytest.approx(3 / 4)
    best = np.array([[[0.2, 0.4]], [[0.8, 0.0]]])  # two seeds, one prompt, two choices: the best of each seed
    assert page.estimate(best).value == pytest.approx((0.4 + 0.8) / 2)


def group(*texts):
    start = [WRONG] * len(texts)
    prompts = [PROMPT] * len(texts)
    return page.Group([{"prompts": prompts, "rounds": [start, list(texts)], "output": list(texts)}])


def test_a_win_is_a_higher_true_score_and_equal_scores_tie():
    assert group(RIGHT["plain"], WRONG, WRONG, "please").wins().value == pytest.approx((1 + 0.5 + 0.5 + 0) / 4)


@pytest.mark.parametrize(
    ("answers", "expected", "among_right"),
    [
        (["boast"], 0.4, 0.4),  # polite ones beat boasts 9 times in 10
        (4 * ["plain"] + 3 * ["polite"] + 4 * ["boast"], 0.0, 0.0),  # the equilibrium of the cycle
        (["plain", None], (0.8 + 0.95) / 2 - 0.5, 0.3),  # any right answer beats a wrong one 95 times in 100
    ],
)
def test_exploitability_is_what_the_best_single_style_wins_above_a_half(answers, expected, among_right):
    found = group(*(RIGHT[name] if name else WRONG for name in answers))
    assert page.exploitability(found, "output").value == pytest.approx(expected, abs=1e-12)
    assert page.exploitability(found, "output", right_only=True).value == pytest.approx(among_right, abs=1e-12)


def test_the_reader_who_compares_is_the_one_who_scores():
    for left in (*RIGHT.values(), WRONG):
        for right in (*RIGHT.values(), WRONG):
            above = world.annotator(PROMPT, left) - world.annotator(PROMPT, right)
            assert world.compared(PROMPT, left, right) == (np.sign(above) + 1) / 2


def test_readers_err_as_often_as_they_are_said_to():
    asked = world.prompts(400, seed=9)
    for reader, errors in ((world.annotator, 0.2), (world.careless, 0.5)):
        shown = [(prompt, " ".join(world.answer(prompt)[:-1] or ["A"])) for prompt in asked]  # scores within 0 to 5
        wrong = [reader(*pair) != world.oracle(*pair) for pair in shown]
        assert np.mean(wrong) == pytest.approx(errors, abs=4 * (errors * (1 - errors) / len(asked)) ** 0.5)


def test_a_page_has_all_tables_and_a_plot_says_what_it_shows():
    texts = [RIGHT["plain"], RIGHT["polite"], WRONG]
    record = {
        "prompts": [PROMPT] * 3, "rounds": [[WRONG] * 3, texts, texts], "output": texts, "greedy": [[WRONG] * 3, texts],
        "judge": [[(1.0, 2)] * 3] * 2, "self_judge": [[(1.0, 2)] * 3] * 3, "samples": 12, "judge_calls": 12,
        "completions": 64, "tokens": 300, "chosen": [3, 4], "cpu_s": 20.0, "seconds": 30.0, "seed": 0,
    }  # fmt: skip
    named = [("methods", name) for name in methods.METHODS]
    named += [("taste", name) for name in methods.TASTE] + [("ablations", name) for name in methods.ABLATIONS]
    text = page.sections([{**record, "set": of, "name": name} for of, name in named], "here")
    assert all(name in text for _, name in named)
    assert "| `dno` | 83.3 (" in text  # two wins and a tie
    drawn = page.picture(page.groups([{**record, "set": "methods", "name": "dno"}], "methods"))
    assert drawn.startswith("<svg")
    assert "dno: 83.3" in drawn


def test_a_page_without_a_set_is_silent_about_it():
    assert "one thing changed" not in page.sections([], "here")
    assert Path(methods.PAGE).is_file()
