"""A limit on processor time stops what would run too long, and leaves no trace behind."""

import signal
import time

import pytest

from maieutic.core.limits import TimeUp, cpu_limit


def spin(seconds: float) -> None:
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


def test_work_that_takes_too_long_is_stopped():
    start = time.process_time()
    with pytest.raises(TimeUp), cpu_limit(0.1):
        spin(20)
    assert 0.05 < time.process_time() - start < 2


def test_nothing_that_handles_errors_swallows_it():
    def careless() -> None:
        try:
            spin(20)
        except Exception:
            return

    with pytest.raises(TimeUp), cpu_limit(0.05):
        careless()


def test_work_in_time_is_left_alone():
    before = signal.getsignal(signal.SIGPROF)
    with cpu_limit(0.2):
        pass
    assert signal.getsignal(signal.SIGPROF) is before
    spin(0.4)  # the timer is off


def test_sleeping_costs_nothing():
    with cpu_limit(0.1):
        time.sleep(0.3)
