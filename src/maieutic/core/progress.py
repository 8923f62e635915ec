"""How far long work is: a bar on stderr, or what a caller of the library watches with. Results go to stdout only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True)
class Step:
    """How far a piece of work is: `done` of `total` steps (None: not known)."""

    work: str
    done: int
    total: int | None


class Cancelled(KeyboardInterrupt):
    """The caller wants no more of it. What was done is kept, as after Ctrl-C."""


@dataclass(frozen=True)
class _Watch:
    progress: Callable[[Step], None] | None
    cancel: Callable[[], bool] | None

    def tell(self, step: Step) -> None:
        if self.progress is not None:
            self.progress(step)
        if self.cancel is not None and self.cancel():
            raise Cancelled


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(progress: Callable[[Step], None] | None = None, cancel: Callable[[], bool] | None = None) -> Iterator[None]:
    """All work inside is told to `progress`, instead of shown as a bar; and it is asked of `cancel` whether to end.

    Raises Cancelled, from the work, as soon as `cancel` says so.
    """
    token = _watch.set(_Watch(progress, cancel))
    try:
        yield
    finally:
        _watch.reset(token)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar for ``total`` steps (None: not known). Gives ``advance(steps)``.

    with progress("Proving", total=len(problems)) as advance:
        for problem in problems:
            ...
            advance(1)
    """
    watch = _watch.get()
    if watch is not None:
        yield _told(watch, description, total)
        return
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=total)
        yield lambda steps: bar.advance(task, steps)


def _told(watch: _Watch, work: str, total: int | None) -> Callable[[int], None]:
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        watch.tell(Step(work, done, total))

    advance(0)
    return advance
