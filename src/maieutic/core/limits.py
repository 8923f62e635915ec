"""A limit on processor time that holds wherever the work happens to be: inside a loop, a library, a drawing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TimeUp(BaseException):
    """The limit has passed. Not an Exception, so that nobody on the way takes it for an error and carries on."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raises TimeUp inside the block once this process has used so many CPU seconds since its start.

    Compiled code is interrupted when it next returns to Python. Does nothing outside the main thread, and where the
    system has no such timer; limits do not nest.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGPROF, stop)
    try:
        # Again and again, should the first one be lost in a place that swallows exceptions, such as a finaliser.
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-3), 0.2)
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
        finally:
            signal.signal(signal.SIGPROF, before)
