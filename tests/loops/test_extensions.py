"""Entries of one's own, from a file that a configuration names: a loss, a judge, a selector, a method, a proposer."""

import json
import re
from pathlib import Path

import pytest
from tests.loops import letters

import maieutic as m
from maieutic.align.judges.kinds import JUDGES
from maieutic.align.methods import METHODS
from maieutic.align.selection.select import SELECTORS
from maieutic.core.errors import InputError
from maieutic.core.records import PreferencePair, Score
from maieutic.core.store import read_run
from maieutic.geometry.search.run import PROPOSERS
from maieutic.lm.losses import LOSSES
from maieutic.loops.improve import improve
from maieutic.loops.plan import plan
from maieutic.loops.worlds import checked_run

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """The tables as they are without extensions, before and after."""
    for table in (LOSSES, JUDGES, SELECTORS, METHODS, PROPOSERS):
        for name in set(table):
            monkeypatch.setitem(table, name, table[name])
    monkeypatch.setattr("maieutic.core.extensions._loaded", {})
    before = [dict(table) for table in (LOSSES, JUDGES, SELECTORS, METHODS, PROPOSERS)]
    yield
    for table, was in zip((LOSSES, JUDGES, SELECTORS, METHODS, PROPOSERS), before, strict=True):
        for name in set(table) - set(was):
            del table[name]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = letters.make(tmp_path_factory.mktemp("letters"))
    (example,) = re.findall(
        r"```python\n(from maieutic.align.judges.kinds.*?)```", (DOCS / "improve.md").read_text(), re.S
    )
    (folder / "mine.py").write_text(example)
    return folder


def config_of(**changes):
    values = letters.config_of("online_dpo", rounds=1, evaluation={}).model_dump(mode="json", exclude_none=True)
    training = {**values["training"], "delta": 0.5}
    values |= {"method": "brief", "extensions": ["mine.py"], "judge": {}, "training": training}
    return checked_run({**values, **changes})


def test_the_example_of_the_docs_runs_from_its_file(world, tmp_path):
    improve(config_of(), world, tmp_path / "run")
    run = read_run(tmp_path / "run")
    scores = run.made(1, "judgements").records(Score)
    assert {score.judge for score in scores} == {"brevity:length"}
    pairs = run.made(1, "pairs").records(PreferencePair)
    assert pairs
    for pair in pairs:
        assert len(pair.chosen) < len(pair.rejected)
        assert pair.margin == len(pair.rejected) - len(pair.chosen)
    # h is 0 when training begins, so that the hinge is delta
    assert run.made(1, "policy").counts["first_loss"] == pytest.approx(0.5, abs=1e-6)
    assert "extensions.0" in run.settings["files"]


def test_its_plan_is_counted(world):
    lines = list(plan(config_of(), world))
    assert lines[0] == "brief: the shortest answer against the longest"
    assert any("judgements" in line and "brevity" in line for line in lines)


def test_a_run_whose_extension_has_changed_is_another_run(world, tmp_path):
    file = world / "mine.py"
    was = file.read_text()
    improve(config_of(), world, tmp_path / "run")
    try:
        file.write_text(was.replace("clamp(min=0)", "clamp(min=0) * 2"))
        with pytest.raises(InputError, match=r"begun with other settings: files\.extensions\.0"):
            improve(config_of(), world, tmp_path / "run")
    finally:
        file.write_text(was)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extensions": []}, "unknown method 'brief'"),
        ({"extensions": ["nothing.py"]}, "no such Python file"),
        ({"extensions": ["no.such.module"]}, "cannot load 'no.such.module'"),
        ({"extensions": ["broken.py"]}, "raised ZeroDivisionError: division by zero (line 2 of"),
        ({"extensions": ["taken.py"]}, "there is a 'dpo' already"),
        ({"training": {"delta": 0.0}}, "delta = 0 (above 0)"),
        ({"training": {"gamma": 1.0}}, "unknown key 'gamma'"),
        ({"training": {"beta": 1.0}}, "the loss hinge has no parameter 'beta' (it has delta)"),
    ],
)
def test_what_is_wrong_with_an_extension_is_one_line(world, tmp_path, changes, message):
    (world / "broken.py").write_text("# of a mistake\n1 / 0\n")
    (world / "taken.py").write_text(
        "from maieutic.lm.losses import loss\n@loss('dpo', 'pairs', source='ours')\ndef mine(terms): ...\n"
    )
    with pytest.raises(InputError) as error:
        improve(config_of(**changes), world, tmp_path / "run")
    assert message in str(error.value)


def test_a_loss_of_ones_own_trains_on_a_file(world, tmp_path):
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"prompt": "a", "chosen": "b", "rejected": "c"}) + "\n")
    settings = {"loss": "hinge", "delta": 2.0, "extensions": [str(world / "mine.py")]}
    trained = m.train("dpo", world / "start", tmp_path / "pairs.jsonl", tmp_path / "out", settings=settings)
    assert trained.result.losses == pytest.approx([2.0], abs=1e-6)


def test_a_proposer_of_ones_own_searches(tmp_path):
    """It proposes what the heuristic does, the last first."""
    (tmp_path / "backwards.py").write_text(
        "from maieutic.geometry.search.run import heuristic, proposer\n"
        "@proposer('backwards')\n"
        "def backwards(seed):\n"
        "    return lambda problem, closure, n, first=0: heuristic(problem, closure, n, first)[::-1]\n"
    )
    m.extend("backwards.py", base=tmp_path)
    text = "a b c = triangle a b c; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"
    assert m.prove(text, search="backwards", limits=m.Limits(attempts=400))
    with pytest.raises(m.InputError, match="unknown search 'forwards'"):
        m.prove(text, search="forwards")
