"""Python of a user's own: files that are run because a configuration names them, and never by themselves.

An extension adds entries to our tables when it is loaded, by their decorators: a loss, a judge, a selector, a method, a
proposer of points.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from maieutic.core.errors import InputError
from maieutic.core.records import content_hash

_loaded: dict[str, str] = {}
"""Files that were loaded as extensions, with what was in them."""

_entries: dict[int, dict[str, tuple[str, str]]] = {}
"""Of each table the entries that extensions added, and by what."""

T = TypeVar("T")


def load_module(path: Path) -> ModuleType:
    """A Python file, run. Raises InputError where there is none, or where running it fails."""
    path = path.resolve()
    if not path.is_file() or path.suffix != ".py":
        raise InputError("no such Python file", where=str(path))
    name = f"maieutic_function_{content_hash(str(path))}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # where dataclasses and pickle look for it
    try:
        SourceFileLoader(name, str(path)).exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"raised {told(error)}", where=str(path)) from error
    return module


def load_extensions(names: Sequence[str], folder: Path) -> Iterator[tuple[str, str]]:
    """Load what is named, once: a file, taken from `folder`, or a module that can be imported.

    Returns:
        The key of each, and a mark of what is in it: with other extensions a run is another run.

    Raises InputError where there is no such file or module, or where loading it fails.
    """
    for number, name in enumerate(names):
        key = f"extensions.{number}"
        if name.endswith(".py"):
            path = (folder / Path(name).expanduser()).resolve()
            mark = _mark(path)
            if _loaded.get(str(path)) != mark:
                load_module(path)
                _loaded[str(path)] = mark
            yield key, mark
            continue
        try:
            found = find_spec(name)
            if found is None:
                raise InputError(f"no module {name!r}", where=key, hint="a file.py, or a module that is installed")
            import_module(name)
        except (ImportError, ValueError) as error:
            raise InputError(f"cannot load {name!r}: {error}", where=key) from None
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{name} raised {told(error)}", where=key) from error
        yield key, name if found.origin is None else _mark(Path(found.origin))


def add_entry(table: MutableMapping[str, T], name: str, entry: T, made_by: object) -> None:
    """Add an entry to a table. Raises InputError for a name that another one has.

    Args:
        made_by: the class, function or record that the entry is of: one that was loaded again takes its own place.
    """
    marks = _entries.setdefault(id(table), {})
    mark = (getattr(made_by, "__qualname__", repr(made_by)), getattr(made_by, "__module__", ""))
    if name in table and marks.get(name) != mark:
        raise InputError(f"there is a {name!r} already", where=name, hint="take another name")
    table[name] = entry
    marks[name] = mark


def _mark(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    except OSError as error:
        raise InputError("no such Python file", where=str(path)) from error


def told(error: Exception) -> str:
    """An error of a user's code: its kind, what it says, and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f" (line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename})" if trace is not None else ""
    return f"{type(error).__name__}: {error}{line}"
