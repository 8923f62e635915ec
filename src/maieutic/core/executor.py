"""Parallel work, behind one small interface: ``map_unordered``.

Items go out to worker processes, results come back as they are ready. One thread minds one worker: it sends an item,
waits for the answer, and starts a new worker when the old one has died. A worker holds one item at a time, so it is
always known which item a death belongs to (with `concurrent.futures`, one death breaks the whole pool and the culprit
stays unknown). The caller's own thread draws the items, never more than ``in_flight`` ahead of the results it has
taken, so an endless iterable is welcome and workers stay busy while the caller handles a result.

Workers are spawned, not forked: they inherit no locks, threads or device handles. So the function must be importable
(defined at the top of a module), and items and results must pickle.
"""

import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any, Literal, TypeVar, overload

from maieutic.core.errors import InputError, MaieuticError, WorkerLostError

Item = TypeVar("Item")
Result = TypeVar("Result")

_SPAWN = get_context("spawn")


@dataclass(frozen=True)
class _Failed:
    """Stands in for the result of an item whose function raised."""

    error: Exception


@overload
def map_unordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    *,
    in_flight: int | None = None,
    attempts: int = 3,
    errors: Literal["raise"] = "raise",
) -> Iterator[tuple[int, Result]]: ...


@overload
def map_unordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    *,
    in_flight: int | None = None,
    attempts: int = 3,
    errors: Literal["return"],
) -> Iterator[tuple[int, Result | Exception]]: ...


def map_unordered(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    *,
    in_flight: int | None = None,
    attempts: int = 3,
    errors: Literal["raise", "return"] = "raise",
) -> Iterator[tuple[int, Any]]:
    """Runs ``function`` on every item, on ``jobs`` processes, and gives ``(index, result)`` as each one is done.

    With ``jobs=1`` everything runs in this process, in order.

    Args:
        function: importable by name, as are its items and results picklable.
        items: drawn lazily, in the caller's thread.
        jobs: how many processes, at least 1.
        in_flight: how many items may be drawn and not yet given back; twice ``jobs`` unless told.
        attempts: how often an item runs whose worker dies, before that counts as its error.
        errors: "raise" stops at the first item that fails; "return" gives the exception in the result's place.

    Raises:
        InputError: ``jobs``, ``in_flight`` or ``attempts`` is below 1.
        WorkerLostError: an item's worker died ``attempts`` times (with ``errors="raise"``).
        Exception: whatever the function raised, with the worker's traceback as a note (with ``errors="raise"``).
    """
    in_flight = 2 * jobs if in_flight is None else in_flight
    for name, number in (("jobs", jobs), ("in_flight", in_flight), ("attempts", attempts)):
        if number < 1:
            raise InputError(f"{name} must be at least 1, not {number}")
    done = _here(function, items) if jobs == 1 else _on_workers(function, items, jobs, in_flight, attempts)
    return _settle(done, errors)


def _settle(done: Generator[tuple[int, Any], None, None], errors: str) -> Iterator[tuple[int, Any]]:
    """Raises or hands over the errors, as the caller chose."""
    with closing(done):  # at once, also where the caller keeps the exception and so this frame
        for index, result in done:
            if not isinstance(result, _Failed):
                yield index, result
            elif errors == "return":
                yield index, result.error
            else:
                raise result.error


def _here(function: Callable[[Any], Any], items: Iterable[Any]) -> Generator[tuple[int, Any], None, None]:
    for index, item in enumerate(items):
        try:
            result = function(item)
        except Exception as error:
            result = _Failed(error)
        yield index, result


def _on_workers(
    function: Callable[[Any], Any], items: Iterable[Any], jobs: int, in_flight: int, attempts: int
) -> Generator[tuple[int, Any], None, None]:
    todo: SimpleQueue[tuple[int, Any] | None] = SimpleQueue()
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    workers = [_Worker(function) for _ in range(jobs)]
    # Started here and not by the first worker, because starting it would undo the blocking of SIGINT in `_mind`.
    resource_tracker.ensure_running()
    minders = [threading.Thread(target=_mind, args=(worker, todo, done, attempts), daemon=True) for worker in workers]
    for minder in minders:
        minder.start()
    try:
        source = enumerate(items)
        pending = 0
        exhausted = False
        while True:
            while not exhausted and pending < in_flight:
                task = next(source, None)
                if task is None:
                    exhausted = True
                else:
                    todo.put(task)
                    pending += 1
            if pending == 0:
                return
            result = done.get()
            pending -= 1
            yield result
    finally:  # all done, an error, Ctrl-C, or a caller that has seen enough
        for worker in workers:
            worker.stop()
        for _ in minders:
            todo.put(None)
        for minder in minders:
            minder.join()


def _mind(worker: "_Worker", todo: SimpleQueue[Any], done: SimpleQueue[Any], attempts: int) -> None:
    """A thread's work: keeps one worker busy until told to stop."""
    if hasattr(signal, "pthread_sigmask"):  # Workers inherit this, so Ctrl-C reaches only the caller, who stops them.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    while (task := todo.get()) is not None and not worker.stopped:
        index, item = task
        try:
            result = _persist(worker, index, item, attempts)
        except Exception as error:  # also what could not be sent, or not be read back
            result = _Failed(error)
        done.put((index, result))
    worker.discard()


def _persist(worker: "_Worker", index: int, item: Any, attempts: int) -> Any:
    """The result for one item, on as many processes as it takes, up to ``attempts``."""
    for attempt in range(1, attempts + 1):
        try:
            return worker.run(item)
        except (EOFError, OSError) as error:
            worker.discard()
            if attempt == attempts:
                raise WorkerLostError(f"item {index} lost its worker {attempts} times: {item!r:.200}") from error


class _Worker:
    """One worker process, started when first needed, and again after it was lost."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()  # between the minder's thread and the caller's, who stops
        self.stopped = False

    def run(self, item: Any) -> Any:
        """Raises EOFError or OSError where the process is gone."""
        connection = self._connection or self._start()
        connection.send(item)
        return connection.recv()

    def _start(self) -> Connection:
        with self._lock:
            if self.stopped:
                raise EOFError
            ours, theirs = _SPAWN.Pipe()
            with theirs:  # closed here, so that only the worker holds it, and its death ends our recv()
                process = _SPAWN.Process(target=_serve, args=(self._function, theirs), daemon=True)
                try:
                    process.start()
                except BaseException:
                    ours.close()
                    raise
            self._process, self._connection = process, ours
            return ours

    def discard(self) -> None:
        """Cleans up after a process that is gone, or is to go."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
            if self._connection is not None:
                self._connection.close()
            self._process = self._connection = None

    def stop(self) -> None:
        """From any thread: kills the process, and lets no other start."""
        with self._lock:
            self.stopped = True
            if self._process is not None:
                self._process.kill()


def _serve(function: Callable[[Any], Any], connection: Connection) -> None:
    """A worker's life: an item in, its result out, until the other side hangs up."""
    with suppress(EOFError, OSError), connection:
        while True:
            message = connection.recv_bytes()
            try:
                answer = pickle.dumps(function(pickle.loads(message)))
            except Exception as error:
                answer = pickle.dumps(_Failed(_portable(error)))
            connection.send_bytes(answer)


def _portable(error: Exception) -> Exception:
    """The error with its traceback as a note; or, where it does not survive pickling, one that says the same."""
    trace = "in a worker process:\n" + "".join(traceback.format_exception(error))
    try:
        portable: Exception = pickle.loads(pickle.dumps(error))
    except Exception:
        portable = MaieuticError(f"{type(error).__name__}: {error}")
    portable.add_note(trace)
    return portable
