"""The demonstration: all parts run, go on where they were stopped, and the page tells what they came to."""

import json
import re

import pytest
from tests.commands import Outcome, mistake
from tests.pages.pages import Outline

from maieutic.core.store import read_run
from maieutic.geometry.language import library
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.synthesize import synthesize
from maieutic.geometry.text.encoding import vocabulary
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.loops import demo
from maieutic.loops.proposers.named import proposer_named

TINY = {
    "search": "mixed",
    **{"theorems": 14, "further": 20, "held_out": 4, "width": 16, "layers": 1, "tried": 8},
    **{"pretraining": 3000, "fine_tuning": 3000, "problem": "imo_2012_p5"},
}
STAGES = ("pretraining", "fine-tuning")
SETTINGS = [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]


def few(count, out, seed, jobs, *, figures, **options):
    """The theorems of a few figures, among the first of which some need points on either side of the split."""
    return synthesize(count, out, 2, 1, figures=4, **options)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that knows the words, and nothing else."""
    folder = tmp_path_factory.mktemp("model") / "model"
    save(build(word_tokenizer(vocabulary()), width=16, layers=1, heads=2, context=128, seed=0), folder)
    return folder


@pytest.fixture(scope="module")
def shown(model, tmp_path_factory):
    """The folder of a demonstration, and what the command said."""
    folder = tmp_path_factory.mktemp("demonstration") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "synthesize", few)
        outcome = Outcome("demo", "--out", folder, "--model", model, "--jobs", 1, *SETTINGS)
    assert outcome.code == 0, outcome.err
    return folder, outcome


def test_the_command_says_where_the_page_is(shown):
    folder, outcome = shown
    assert outcome.out.splitlines()[-1] == f"The report: {folder / 'index.html'}"
    assert (folder / "index.html").is_file()


def test_the_page_is_whole_and_asks_for_nothing(shown):
    text = (shown[0] / "index.html").read_text(encoding="utf-8")
    outline = Outline(text)
    assert text.startswith("<!DOCTYPE html>")
    assert outline.wrong == []
    assert set(outline.all("href")) <= {"data:,", "proof.html"}
    assert not any(address.startswith(("http:", "https:")) for address in outline.all("src"))
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    assert Outline((shown[0] / "proof.html").read_text(encoding="utf-8")).wrong == []


def test_its_numbers_are_those_of_the_files(shown):
    folder, _ = shown
    text = " ".join(re.sub(r"<[^>]*>", " ", (folder / "index.html").read_text(encoding="utf-8")).split())
    records = [r for name in (demo.THEOREMS, demo.FURTHER) for r in read_folder(folder / name).read()]
    needy = sum(record["auxiliary_points"] > 0 for record in records)
    assert f"34 theorems made up, {needy} of them with points" in text
    trained = [json.loads((folder / demo.TRAINING / name / "manifest.json").read_text()) for name in STAGES]
    assert f"{sum(stage['counts']['tokens'] for stage in trained):,} tokens that a new model" in text
    run = read_run(folder / demo.ROUND)
    counts = {stage.name: stage.counts for stage in run.stages()}
    assert f"asked about {counts['prompts']['prompts']} theorems" in text
    assert f"proposed {counts['samples']['samples']} points" in text
    assert f"{counts['policy']['learned_from']} pairs, each of a point that proves its theorem" in text
    solved = counts["evaluation"]["solved"]
    assert f"Of {solved['now']['n']} theorems kept for the test" in text
    assert f"before the round {100 * solved['start']['value']:.1f}%" in text
    assert f"after the round {100 * solved['now']['value']:.1f}%" in text
    for name, seconds in demo.seconds(folder).items():
        assert f"{name} {seconds:.0f}" in text


def test_no_theorem_is_in_both_folders(shown):
    keys = [record["key"] for name in (demo.THEOREMS, demo.FURTHER) for record in read_folder(shown[0] / name).read()]
    assert len(keys) == len(set(keys)) == 34


def test_the_olympiad_problem_is_proved_with_a_point_more(shown):
    text = (shown[0] / "index.html").read_text(encoding="utf-8")
    assert library.entry("imo_2012_p5").statement in text
    assert "Without a new point the engine is stuck." in text
    assert "<em>Construction.</em>" in text


def test_given_again_it_does_nothing_anew(shown, model):
    folder, _ = shown
    files = (f"{demo.TRAINING}/fine-tuning/manifest.json", f"{demo.ROUND}/round-01/policy/manifest.json")
    before = [(folder / name).stat().st_mtime_ns for name in files]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "synthesize", few)
        assert Outcome("demo", "--out", folder, "--model", model, "--jobs", 1, *SETTINGS).code == 0
    assert [(folder / name).stat().st_mtime_ns for name in files] == before


def test_other_sizes_want_another_folder(shown, model):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "synthesize", few)
        outcome = Outcome("demo", "--out", shown[0], "--model", model, *SETTINGS, "--set", "width=32")
    assert outcome.code == 2
    assert "begun with other settings: model.width" in outcome.err


def test_stopped_it_says_so_in_a_line(model, tmp_path, monkeypatch):
    def stopped(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "synthesize", stopped)
    outcome = Outcome("demo", "--out", tmp_path / "demo", "--model", model, *SETTINGS)
    assert outcome.code == 130
    assert outcome.err.splitlines()[-1] == (
        f"maieutic: interrupted: what was done is in {tmp_path / 'demo'}; the same command goes on with it"
    )
    assert set(demo.seconds(tmp_path / "demo")) == {"the engine alone", "theorems"}


def test_a_search_that_is_stopped_is_no_result(model, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "interruptible", Pressed)
    with pytest.raises(KeyboardInterrupt):
        demo.prove_problem(tmp_path, demo.Plan(**TINY), proposer_named("random"), 1)


class Pressed:
    """Ctrl-C, pressed already."""

    def __enter__(self):
        return lambda: True

    def __exit__(self, *error):
        return None


def test_a_missing_model_is_said_before_anything_is_spent(tmp_path):
    said = mistake("demo", "--out", tmp_path / "demo", "--model", tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in said
    assert not (tmp_path / "demo").exists()


def test_sizes_are_checked(tmp_path):
    assert "theorems" in mistake("demo", "--out", tmp_path / "demo", "--set", "theorem=5")
    assert "unknown problem" in mistake("demo", "--out", tmp_path / "demo", "--set", "problem=imo_2012_p9")


def test_without_language_models_it_proves_and_says_what_there_would_be(tmp_path, monkeypatch):
    monkeypatch.setattr("maieutic.cli.extras.find_spec", lambda name: None)
    outcome = Outcome("demo", "--out", tmp_path / "demo")
    assert outcome.code == 0
    assert "not proved" not in outcome.out
    assert "pip install 'maieutic[lm]'" in outcome.out.splitlines()[-1]
    assert {path.suffix for path in (tmp_path / "demo").iterdir()} == {".svg", ".txt", ".json"}
