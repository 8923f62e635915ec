"""Killed, interrupted, out of disk, or begun by two: a run goes on to the same bytes, or says why not."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from random import Random

import pytest
import torch
from tests.loops.letters import config_of, contents, make

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.store import MANIFEST, read_run
from maieutic.loops.improve import improve

PATIENCE = 240.0
"""Seconds after which a child that has not ended is a failure."""


def config():
    """A run with every stage: it learns to judge, draws, asks a teacher, judges itself, trains, stops, compares."""
    return config_of(
        "self_rewarding",
        teacher={"function": "world.py:teacher"},
        row={"candidates": {"policy": 2, "teacher": 1}},
        early_stopping={"every": 1, "prompts": 4},
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make(tmp_path_factory.mktemp("letters"))


def with_ppo():
    """One that fits a reward model and runs PPO against it."""
    return config_of("rlhf", rounds=1, prompts={"path": "evaluation.jsonl"})


@pytest.fixture(scope="module")
def whole(world, tmp_path_factory):
    """What a run leaves that nothing happened to, and how long it took."""
    folder, begun = tmp_path_factory.mktemp("whole") / "run", time.monotonic()
    improve(config(), world, folder)
    return contents(folder), time.monotonic() - begun


def test_the_run_has_every_stage(world, whole):
    stages = {name.rpartition("/")[0] for name in whole[0]}
    for name in ("start", "prompts", "samples", "teacher", "judgements", "pairs", "policy", "evaluation"):
        assert any(stage.endswith(f"/{name}") for stage in stages)
    assert not any(".training" in name for name in whole[0])


# --- killed ----------------------------------------------------------------------------------------------------------


def child_of(work):
    """A process that does it and exits with 0."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        torch.set_num_threads(1)  # a pool of threads does not survive a fork
        work()
        code = 0
    finally:
        os._exit(code)


def ended(child, within):
    """The exit code of a child, minus the signal that killed it; None where it still runs after so many seconds."""
    deadline = time.monotonic() + within
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(0.002)


@pytest.mark.slow
def test_killed_at_random_moments_a_run_ends_as_one_that_was_not(world, whole, tmp_path, scale):
    """kill -9, each time at another share of the whole run's time, and again and again until it gets through."""
    expected, seconds = whole
    count, random = scale(4, 30), Random("moments")
    reached = set()
    for number in range(count):
        folder = tmp_path / f"run {number}"
        moment = seconds * (number + random.random()) / count
        for attempt in range(20):
            child = child_of(lambda folder=folder: improve(config(), world, folder))
            code = ended(child, moment / 2**attempt if attempt < 3 else PATIENCE)
            if code is None:
                os.kill(child, signal.SIGKILL)
                code = ended(child, PATIENCE)  # 0 where it came to its end before the signal did
            if code == 0:
                break
            assert code == -signal.SIGKILL
            reached |= {path.name for path in folder.glob("round-*/*") if not (path / MANIFEST).exists()}
        assert contents(folder) == expected
        shutil.rmtree(folder)
    assert reached, "nothing was killed in the middle of a stage"
    print(f"killed in {', '.join(sorted(reached))}")


class Killed(BaseException):
    """Stands for the end of the process."""


def improve_until(world, folder, write, raised, monkeypatch, config=config):
    """The run, in which from this write on each one raises instead. Gives the count of writes."""
    done, real = [], os.fsync

    def fsync(handle):
        done.append(handle)
        if len(done) >= write:
            raise raised
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fsync)
        improve(config(), world, folder)
    return len(done)


@pytest.mark.parametrize("config", [config, with_ppo])
def test_a_run_that_dies_in_a_write_ends_as_one_that_did_not(world, config, tmp_path, monkeypatch, scale):
    """Every write is a moment at which half of something is there: a sample of them, or each."""
    total = improve_until(world, tmp_path / "whole", 10**9, Killed(), monkeypatch, config)
    expected = contents(tmp_path / "whole")
    assert total > 40
    for number in sorted(Random("writes").sample(range(1, total + 1), scale(4, total))):
        folder = tmp_path / f"run {number}"
        with pytest.raises(Killed):
            improve_until(world, folder, number, Killed(), monkeypatch, config)
        improve(config(), world, folder)
        assert contents(folder) == expected, f"died in write {number} of {total}"
        shutil.rmtree(folder)


def test_a_full_disk_is_one_error_and_the_run_goes_on_later(world, whole, tmp_path, monkeypatch, scale):
    full = OSError(errno.ENOSPC, "No space left on device")
    for number in Random("full").sample(range(1, 60), scale(3, 30)):
        folder = tmp_path / f"run {number}"
        with pytest.raises(MaieuticError, match="No space left") as error:
            improve_until(world, folder, number, full, monkeypatch)
        assert "\n" not in str(error.value)
        improve(config(), world, folder)
        assert contents(folder) == whole[0]
        shutil.rmtree(folder)


# --- refused ---------------------------------------------------------------------------------------------------------


def test_two_processes_do_not_work_on_one_run(world, tmp_path):
    settings = config_of("spin", rounds=1)
    improve(settings, world, tmp_path / "run")
    with read_run(tmp_path / "run").at_work(), pytest.raises(InputError, match="another process is at work"):
        improve(settings, world, tmp_path / "run")


def test_a_run_with_other_settings_is_refused(world, tmp_path):
    improve(config_of("spin", rounds=1), world, tmp_path / "run")
    with pytest.raises(InputError, match="begun with other settings: seed"):
        improve(config_of("spin", rounds=1, seed=1), world, tmp_path / "run")


def test_a_run_whose_files_have_changed_is_refused(tmp_path):
    folder = make(tmp_path)
    improve(config_of("spin", rounds=1), folder, tmp_path / "run")
    path = folder / "prompts.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(InputError, match=r"begun with other settings: files\.prompts\.path"):
        improve(config_of("spin", rounds=1), folder, tmp_path / "run")


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------

TOML = """
method = "spin"
rounds = 40
policy = { path = "start" }
prompts = { path = "prompts.jsonl", per_round = 40 }
sampling = { max_tokens = 40 }
"""


@pytest.mark.slow
def test_ctrl_c_says_that_the_same_command_goes_on(world, tmp_path):
    (world / "spin.toml").write_text(TOML)
    command = [sys.executable, "-m", "maieutic", "improve", str(world / "spin.toml"), "--out", "run"]
    child = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "run" / "round-02").exists() and time.monotonic() < deadline:
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    told = child.communicate(timeout=PATIENCE)[1]
    assert child.returncode == 130
    assert told == "maieutic: interrupted: what was done is in run; the same command goes on with it\n"
