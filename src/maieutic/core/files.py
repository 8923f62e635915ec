"""Files that are there as a whole or not at all, also after a crash; and one writer to a folder at a time."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from maieutic.core.errors import InputError, MaieuticError

PART = ".part"
"""The suffix of a file that is being written. What a crash leaves under it is nothing anybody reads."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, flush it to the disk, and rename it. Raises MaieuticError where it cannot be."""
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        message = f"cannot write {path}: {error.strerror}; the same command goes on after what is there"
        raise MaieuticError(message) from error


def sync_folder(path: Path) -> None:
    """Make renames in a folder last; where folders cannot be opened, the system does so on its own."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def json_line(value: Any) -> str:
    """A value as one line of JSON, the same for the same value, with the characters of all scripts as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"


def finite(value: Any) -> Any:
    """The same with None for numbers that are none: JSON knows no NaN."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_lines(path: Path, values: Iterable[Any]) -> None:
    """Write JSON lines, as a whole or not at all."""
    write_whole(path, "".join(map(json_line, values)).encode("utf-8", errors="surrogatepass"))


def read_lines(path: Path) -> Iterator[Any]:
    """The values of a file of JSON lines. Raises InputError, with the line, where it is none."""
    try:
        with path.open(encoding="utf-8", errors="surrogatepass") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise InputError(f"not JSON: {error}", where=f"{path}, line {number}") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def make_folder(path: Path) -> None:
    """Make a folder, and those above it. Raises InputError where it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=str(path)) from error


def check_writable(path: Path) -> None:
    """Raises InputError where a file cannot be written, before the work of an hour is lost on it."""
    folder = path.parent
    if path.is_dir():
        raise InputError("is a folder", where=str(path), hint="--out takes a file")
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder))
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InputError("cannot write here", where=str(path))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process. Raises InputError where another process holds it.

    The lock ends with the process, however that ends.
    """
    import fcntl

    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise InputError("another process is at work here", where=str(folder), hint="wait, or stop it") from error
    try:
        yield
    finally:
        os.close(handle)
