"""A run that is killed goes on to the weights it would have had, bit for bit; a full disk is told, and costs nothing.

The runs are processes of their own, forked from this one, and killed with SIGKILL at random moments.
"""

import os
import resource
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch
from tests.lm.small import small_policy, some_examples, some_pairs, some_rankings

from maieutic.core.errors import MaieuticError
from maieutic.lm.model import Lora, adapt
from maieutic.lm.reward import RewardModel
from maieutic.lm.training.fit import FitConfig, fit

PATIENCE = 120.0
"""Seconds that a child may take."""


def pairs_with_everything(folder):
    """Dropout, validation by a judge, early stopping, clipping, decay, uneven micro-batches."""

    def judge(policy, step):
        return -abs(step - 14) + float(next(policy.model.parameters()).sum()) * 1e-3

    settings = FitConfig(
        loss="dpo", batch_size=6, epochs=6, learning_rate=1e-2, dropout=0.2, weight_decay=0.1, clip=0.5,
        micro_batch_tokens=40, checkpoint_every=3, validate_every=7, patience=2,
    )  # fmt: skip
    policy = small_policy(architecture="gpt2")
    return fit(policy, some_pairs(20), settings, folder, validation=some_pairs(5, seed=1), validate=judge)


def examples(folder):
    settings = FitConfig(loss="sft", batch_size=6, epochs=6, learning_rate=1e-2, checkpoint_every=2)
    return fit(small_policy(), some_examples(20), settings, folder)


def adapters_with_a_live_reference(folder):
    settings = FitConfig(
        loss="ipo", batch_size=6, epochs=6, learning_rate=1e-2, checkpoint_every=1, cache_reference=False
    )
    return fit(adapt(small_policy(), Lora(rank=2, dropout=0.1)), some_pairs(20), settings, folder)


def rewards(folder):
    settings = FitConfig(loss="bradley_terry", batch_size=6, epochs=6, learning_rate=1e-2, checkpoint_every=4)
    return fit(RewardModel(small_policy()), some_rankings(20), settings, folder, validation=some_rankings(5, seed=1))


RUNS = [pairs_with_everything, examples, adapters_with_a_live_reference, rewards]


def start(work: Callable[[], object]) -> int:
    """A child process that does it; its exit code says how it went."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        torch.set_num_threads(1)  # a pool of threads does not survive a fork
        work()
        code = 0
    except MaieuticError as error:
        os.write(2, str(error).encode())
        code = 3
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int | None:
    """The child's exit code; None while it runs; minus the signal that killed it."""
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def wait(child: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while (code := ended(child)) is None:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child did not end")
        time.sleep(0.002)
    return code


def lines(folder: Path) -> int:
    path = folder / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def kill_after(child: int, folder: Path, more: int, pause: float) -> bool:
    """Kill the child once it has done so many more steps, and a moment. Whether it was still there to be killed."""
    goal = lines(folder) + more
    deadline = time.monotonic() + PATIENCE
    while lines(folder) < goal and ended_quietly(child) and time.monotonic() < deadline:
        time.sleep(0.0005)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    return wait(child) == -signal.SIGKILL


def ended_quietly(child: int) -> bool:
    """Whether it still runs, without collecting it."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def content(folder: Path) -> dict[str, bytes]:
    """What a finished run leaves, but for the cache, whose files may differ in number."""
    names = ("weights.safetensors", "metrics.jsonl", "result.json", "run.json", "config.toml")
    return {name: (folder / name).read_bytes() for name in names}


@pytest.mark.parametrize("run", RUNS)
def test_a_killed_run_ends_as_if_nothing_had_happened(tmp_path, scale, run):
    expected, killed = tmp_path / "expected", tmp_path / "killed"
    assert wait(start(lambda: run(expected))) == 0
    random = Random(run.__name__)
    kills = 0
    for _ in range(scale(3, 20)):
        child = start(lambda: run(killed))
        kills += kill_after(child, killed, more=random.randint(0, 3), pause=random.uniform(0, 0.03))
    assert wait(start(lambda: run(killed))) == 0
    assert kills >= 1
    assert content(killed) == content(expected)
    assert not list(killed.rglob("*.part"))


def test_the_trap_of_a_resume_that_restarts_the_data(tmp_path):
    """The trap: weights come back, but not the place in the data or the optimiser's averages. It would be seen."""
    whole = examples(tmp_path / "whole")
    cut = tmp_path / "cut"
    child = start(lambda: examples(cut))
    kill_after(child, cut, more=5, pause=0.0)
    for state in cut.glob("checkpoints/*/state.json"):
        state.write_text(state.read_text().replace('"step": ', '"step": 1'))  # somewhere else
    assert examples(cut).losses != whole.losses


def test_a_full_disk_is_told_and_costs_nothing(tmp_path):
    """The limit on the size of a file stands in for the disk: a checkpoint does not fit, the metrics still do."""
    expected, folder = tmp_path / "expected", tmp_path / "full"
    examples(expected)

    def on_a_small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
        examples(folder)

    assert wait(start(on_a_small_disk)) == 3
    assert not list(folder.rglob("*.part"))
    assert wait(start(lambda: examples(folder))) == 0
    assert content(folder) == content(expected)


def test_metrics_that_do_not_fit_are_told(tmp_path):
    (tmp_path / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(MaieuticError, match=r"cannot write .*metrics.jsonl: No space left on device"):
        examples(tmp_path)


def test_two_runs_in_one_folder_are_refused(tmp_path):
    from maieutic.core.errors import InputError
    from maieutic.core.files import locked

    with locked(tmp_path):
        child = start(lambda: examples(tmp_path))
        assert wait(child) == 3
    with locked(tmp_path), pytest.raises(InputError, match="another process is at work here"):
        examples(tmp_path)
