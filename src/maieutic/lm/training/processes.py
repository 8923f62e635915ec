"""The processes that train together, through accelerate: one, or as many as `accelerate launch` started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState  # type: ignore[import-untyped]
from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers  # type: ignore[import-untyped]

from maieutic.core.config import Config
from maieutic.core.errors import InputError, nearest


def accelerator_of(trackers: tuple[str, ...], folder: Path) -> Accelerator:
    """Accelerate's view of the processes, with trackers that write under the folder.

    Raises InputError for a tracker that accelerate does not know, or that is not installed.
    """
    known = sorted(map(str, LOGGER_TYPE_TO_CLASS))
    installed = {str(name) for name in get_available_trackers()}
    for name in trackers:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean {close!r}?" if close else f"accelerate knows {', '.join(known)}"
            raise InputError(f"unknown tracker {name!r}", where="trackers", hint=hint)
        if name not in installed:
            raise InputError(f"the tracker {name!r} is not installed", where="trackers", hint=f"pip install {name}")
    # Precision is ours to choose (`FitConfig.bf16`): what the environment says must not change a run.
    return Accelerator(mixed_precision="no", log_with=list(trackers) or None, project_dir=str(folder))


def is_main() -> bool:
    """Whether this is the process that writes files and speaks for the others."""
    return bool(PartialState().is_main_process)


def wait() -> None:
    """Until all processes have come here."""
    PartialState().wait_for_everyone()


@contextmanager
def tracked(accelerator: Any, config: Config) -> Iterator[None]:
    """Trackers are open inside."""
    if not accelerator.log_with:
        yield
        return
    settings = {k: v for k, v in config.model_dump(mode="json").items() if isinstance(v, int | float | str | bool)}
    accelerator.init_trackers("maieutic", config=settings)
    try:
        yield
    finally:
        accelerator.end_training()


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes on one thread inside, and on as many as before after: the same sums wherever that is."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
