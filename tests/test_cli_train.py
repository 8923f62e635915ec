"""`maieutic train`: one line, sane defaults, and one clear line for whatever is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib import util

import pytest
from tests.commands import Outcome, mistake
from tests.lm.small import small_policy

from maieutic.lm.model import load, save

ROWS = [{"prompt": "w1 w2 ", "chosen": "w3", "rejected": "w4"}, {"prompt": "w5 ", "chosen": "w6 w7", "rejected": "w8"}]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(small_policy(), tmp_path / "model")
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return tmp_path


def dpo(*more):
    return ("train", "dpo", "--model", "model", "--data", "pairs.jsonl", "--out", "out", *more)


def test_dpo_is_one_line(place):
    outcome = Outcome(*dpo())
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].startswith("1 steps (all steps done): loss 0.6931")
    assert outcome.out.splitlines()[-1] == "The model is in out"
    assert outcome.err == ""
    load(place / "out")
    assert (place / "out" / "training" / "config.toml").read_text().startswith('loss = "dpo"')


def test_settings_from_a_file_and_the_line(place):
    (place / "c.toml").write_text("epochs = 3\nbatch_size = 1\n")
    assert Outcome(*dpo("--config", "c.toml", "--set", "epochs=2", "--set", "lora.rank=2")).out.startswith("4 steps")


def test_the_other_commands(place):
    (place / "sft.jsonl").write_text(json.dumps({"prompt": "w1 ", "completion": "w2"}) + "\n")
    common = ("--model", "model", "--set", "max_steps=1")
    assert Outcome("train", "sft", *common, "--data", "sft.jsonl", "--out", "sft").code == 0
    assert Outcome("train", "ipo", *common, "--data", "pairs.jsonl", "--out", "ipo").code == 0
    assert Outcome("train", "dno", *common, "--data", "pairs.jsonl", "--out", "dno").code == 0
    assert Outcome("train", "reward", *common, "--data", "pairs.jsonl", "--out", "reward").code == 0
    (place / "r.py").write_text("def f(prompts, completions):\n    return [0.0] * len(prompts)\n")
    ppo = ("--set", "steps=1", "--set", "max_tokens=2", "--set", "batch_size=2")
    told = Outcome(
        "train", "ppo", "--model", "model", "--data", "sft.jsonl", "--reward", "r.py:f", "--out", "ppo", *ppo
    )
    assert told.out == "The model is in ppo\n"


def test_help_names_every_command():
    text = Outcome("train", "--help").out
    assert all(name in text for name in ("sft", "dpo", "ipo", "dno", "reward", "ppo"))


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"--data": "none.jsonl"}, "none.jsonl: cannot read: No such file or directory"),
        ({"--data": "empty.jsonl"}, "empty.jsonl: no data in it"),
        ({"--data": "sft.jsonl"}, "sft.jsonl, line 1: no column 'chosen'"),
        ({"--data": "broken.jsonl"}, "broken.jsonl, line 2: not JSON"),
        ({"--data": "merging.jsonl"}, "row 1: the prompt's end 'w1' merges with the completion's beginning 'w2'"),
        ({"--model": "none"}, "none: no such model folder"),
        ({"--model": "empty"}, "empty: no model in this folder"),
        ({"--model": "unsafe"}, "unsafe: no weights as safetensors"),
        ({"--out": "model"}, "--out: the same folder as --model"),
        ({"--out": "pairs.jsonl"}, "--out: a file, where a folder is wanted"),
        ({"--set": "bta=0.1"}, "--set bta=0.1: unknown key 'bta' (did you mean 'beta'?)"),
        ({"--set": "beta=x"}, "--set beta=x: beta = 'x': should be a valid number"),
        ({"--set": "loss=dop"}, "loss: unknown loss 'dop'"),
        ({"--set": "tau=0.1"}, "tau: the loss dpo has no parameter 'tau' (it has beta)"),
        ({"--set": "trackers=['wandbb']"}, "trackers: unknown tracker 'wandbb' (did you mean 'wandb'?)"),
        ({"--config": "none.toml"}, "none.toml: cannot read"),
        ({"--validation": "empty.jsonl"}, "empty.jsonl: no data in it"),
    ],
)
def test_a_mistake_is_one_line(place, change, told):
    (place / "empty.jsonl").write_text("")
    (place / "sft.jsonl").write_text(json.dumps({"prompt": "w1 ", "completion": "w2"}) + "\n")
    (place / "broken.jsonl").write_text(json.dumps(ROWS[0]) + '\n{"prompt": \n')
    (place / "merging.jsonl").write_text(json.dumps({"prompt": "w1", "chosen": "w2", "rejected": "w3"}) + "\n")
    (place / "empty").mkdir()
    (place / "unsafe").mkdir()
    (place / "unsafe" / "config.json").write_text("{}")
    options = {"--model": "model", "--data": "pairs.jsonl", "--out": "out", **change}
    assert mistake("train", "dpo", *(word for option in options.items() for word in option)).startswith(told)


def test_a_missing_option_is_told(place):
    assert mistake("train", "dpo", "--model", "model") == "Missing option '--data'."


def test_without_the_extra_it_is_said_how_to_install_it(place, monkeypatch):
    found = util.find_spec
    monkeypatch.setattr("maieutic.cli.extras.find_spec", lambda name: None if name == "peft" else found(name))
    assert mistake(*dpo()) == "language models need peft, not installed here (pip install 'maieutic[lm]')"


def test_torch_is_loaded_only_when_it_is_needed():
    code = "import sys, maieutic.cli; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_done(place):
    settings = ("--set", "epochs=4000", "--set", "batch_size=1", "--set", "checkpoint_every=100000")
    child = subprocess.Popen(
        [sys.executable, "-m", "maieutic", *dpo(*settings)], stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    metrics = place / "out" / "training" / "metrics.jsonl"
    deadline = time.monotonic() + 120
    while not (metrics.is_file() and metrics.read_bytes().count(b"\n") > 3) and time.monotonic() < deadline:
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    told = child.communicate(timeout=120)[1]
    assert child.returncode == 130
    assert told == "maieutic: interrupted: what was done is in out; the same command goes on with it\n"
    (kept,) = (place / "out" / "training" / "checkpoints").iterdir()
    assert json.loads((kept / "state.json").read_text())["step"] == metrics.read_bytes().count(b"\n")
