"""Parallel work: every item is done once, whatever happens to the workers."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from maieutic.core.errors import InputError, MaieuticError, WorkerLostError
from maieutic.core.executor import map_unordered

BOTH = pytest.mark.parametrize("jobs", [1, 2])


def square(number: int) -> int:
    return number * number


def reciprocal(number: int) -> float:
    return 1 / number


def die_once(folder: str) -> str:
    """Kills its own process the first time it sees a folder."""
    mark = Path(folder) / "been here"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


class OddError(Exception):
    """Cannot be unpickled: its constructor wants two arguments, and pickling remembers one."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def odd(_: int) -> None:
    raise OddError("left", "right")


def unpicklable(_: int) -> object:
    return threading.Lock()


@BOTH
def test_every_result_comes_back_once_with_its_index(jobs):
    results = dict(map_unordered(square, range(20), jobs))
    assert results == {index: index**2 for index in range(20)}


@BOTH
def test_no_items_no_results(jobs):
    assert list(map_unordered(square, [], jobs)) == []


@BOTH
def test_an_exception_stops_the_work(jobs):
    with pytest.raises(ZeroDivisionError):
        list(map_unordered(reciprocal, [1, 0, 2], jobs))


@BOTH
def test_or_is_returned_in_the_place_of_the_result(jobs):
    results = dict(map_unordered(reciprocal, [1, 0, 2], jobs, errors="return"))
    assert isinstance(results.pop(1), ZeroDivisionError)
    assert results == {0: 1.0, 2: 0.5}


def test_an_exception_from_a_worker_carries_its_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        list(map_unordered(reciprocal, [0], jobs=2))
    assert "return 1 / number" in caught.value.__notes__[0]


def test_an_exception_that_cannot_travel_is_told_in_words():
    with pytest.raises(MaieuticError, match="OddError: left right"):
        list(map_unordered(odd, [0], jobs=2))


def test_what_cannot_be_pickled_is_the_error_of_its_item():
    results = dict(map_unordered(unpicklable, [0], jobs=2, errors="return"))
    assert "pickle" in str(results[0])
    results = dict(map_unordered(square, [3, threading.Lock()], jobs=2, errors="return"))
    assert results[0] == 9
    assert "pickle" in str(results[1])


def test_an_item_whose_worker_was_killed_runs_again(tmp_path):
    folders = [tmp_path / name for name in "abcd"]
    for folder in folders:
        folder.mkdir()
    results = dict(map_unordered(die_once, [str(folder) for folder in folders], jobs=2))
    assert results == dict.fromkeys(range(4), "survived")


def test_an_item_that_always_kills_its_worker_is_named_and_the_others_are_done():
    results = dict(map_unordered(die_at_three, range(6), jobs=2, attempts=2, errors="return"))
    lost = results.pop(3)
    assert isinstance(lost, WorkerLostError)
    assert str(lost) == "item 3 lost its worker 2 times: 3"
    assert results == {number: number for number in (0, 1, 2, 4, 5)}


def test_items_are_drawn_only_as_far_ahead_as_in_flight_allows():
    drawn = []

    def items():
        for number in itertools.count():
            drawn.append(number)
            yield number

    results = map_unordered(square, items(), jobs=2, in_flight=3)
    for taken in range(1, 11):
        next(results)
        assert len(drawn) - taken < 3
    results.close()


def test_stopping_early_leaves_no_thread_and_no_process_behind():
    before = threading.active_count()
    results = map_unordered(square, itertools.count(), jobs=2)
    next(results)
    results.close()
    assert (threading.active_count(), multiprocessing.active_children()) == (before, [])


def test_nor_does_an_error_that_the_caller_keeps():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError) as kept:
        list(map_unordered(reciprocal, itertools.repeat(0), jobs=2))
    assert kept.tb is not None
    assert (threading.active_count(), multiprocessing.active_children()) == (before, [])


@pytest.mark.parametrize("wrong", [{"jobs": 0}, {"jobs": 2, "in_flight": 0}, {"jobs": 2, "attempts": 0}])
def test_counts_below_one_are_refused_at_once(wrong):
    with pytest.raises(InputError, match="must be at least 1, not 0"):
        map_unordered(square, [1], **wrong)


def test_ctrl_c_stops_the_workers_and_says_so_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import os, pathlib, time
        from maieutic.core.executor import map_unordered

        def sleep(name):
            pathlib.Path(name).write_text(str(os.getpid()))
            time.sleep(600)

        if __name__ == "__main__":
            list(map_unordered(sleep, ["a", "b"], jobs=2))
        """)
    )
    process = subprocess.Popen(
        [sys.executable, script], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    pid_files = [tmp_path / "a", tmp_path / "b"]
    wait_until(lambda: all(file.exists() and file.read_text() for file in pid_files))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, stderr = process.communicate(timeout=30)
    assert stderr.count("Traceback") == 1
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    for file in pid_files:
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
