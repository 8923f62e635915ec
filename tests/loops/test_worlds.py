"""A world is a class and an entry in WORLDS: a third one runs by the same rounds, with keys of its own only."""

import json
from pathlib import Path

import pytest
from tests.loops import arithmetic as toy
from tests.loops.arithmetic import Arithmetic, truth

from maieutic.core.errors import InputError
from maieutic.core.records import Example, PreferencePair, Score
from maieutic.core.store import read_run
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.loops.improve import improve
from maieutic.loops.plan import plan
from maieutic.loops.rounds.policies import Policies
from maieutic.loops.worlds import WORLDS, WorldKind, checked_run

PLACE = "tests.loops.arithmetic"


@pytest.fixture
def arithmetic(monkeypatch, tmp_path):
    """The world in the table, and a policy from random weights."""
    kind = WorldKind("sums", f"{PLACE}:ArithmeticConfig", f"{PLACE}:Arithmetic")
    monkeypatch.setitem(WORLDS, "arithmetic", kind)
    words = [*map(str, range(10)), "+", "="]
    save(build(word_tokenizer(words), width=16, layers=1, heads=2, context=16, seed=0), tmp_path / "start")
    return tmp_path


def config_of(**changes):
    values = {
        "world": "arithmetic",
        "method": "online_dpo",
        "rounds": 2,
        "policy": {"path": "start"},
        "prompts": {"path": "made up", "per_round": 12},
        "judge": {"kind": "function"},
        "sampling": {"temperature": 1.0, "top_p": 1.0, "max_tokens": 1},
        "training": {"learning_rate": 5e-3, "batch_size": 8},
        "row": {"candidates": {"policy": 8}},
        "evaluation": {"path": "held out", "count": 6},
        **changes,
    }
    return checked_run(values)


def test_a_third_world_runs_by_the_same_rounds(arithmetic):
    improve(config_of(), arithmetic, arithmetic / "run")
    run = read_run(arithmetic / "run")
    assert {(stage.round, stage.name) for stage in run.stages()} == {(0, "start")} | {
        (number, name)
        for number in (1, 2)
        for name in ("prompts", "samples", "judgements", "pairs", "policy", "evaluation")
    }
    assert len(run.made(2, "prompts").records(Example)) == 12
    assert {score.value for score in run.made(1, "judgements").records(Score)} == {0.0, 1.0}
    pairs = run.made(1, "pairs").records(PreferencePair)
    assert pairs
    for pair in pairs:
        assert (truth(pair.prompt, pair.chosen), truth(pair.prompt, pair.rejected)) == (1, 0)
    assert set(run.made(2, "evaluation").counts) == {"against_before", "against_start"}
    assert json.loads((arithmetic / "run" / "output.json").read_text())["policies"] == ["round-02/policy/model"]


def test_its_plan_is_printed_as_any_other(arithmetic):
    lines = list(plan(config_of(rounds=1), arithmetic))
    assert [line.split()[:2] for line in lines if "samples" in line] == [["1", "samples"]]


@pytest.mark.parametrize("key", ["teacher", "prover", "early_stopping"])
def test_what_is_another_worlds_is_no_key_of_it(arithmetic, key):
    with pytest.raises(InputError, match=f"unknown key '{key}'"):
        config_of(**{key: {}})


def test_a_world_that_nobody_knows_is_named(arithmetic):
    with pytest.raises(InputError, match="unknown world 'arithmetik'") as error:
        config_of(world="arithmetik")
    assert "did you mean 'arithmetic'" in str(error.value)


def test_a_world_is_written_in_sixty_lines():
    assert len(Path(toy.__file__).read_text().splitlines()) <= 60


def test_a_world_without_its_own_functions_is_none():
    assert Policies.__abstractmethods__ == {"check", "plan", "ask", "judge"}
    assert not Arithmetic.__abstractmethods__
