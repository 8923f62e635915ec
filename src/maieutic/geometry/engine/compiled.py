"""The engine's compiler: Numba, cached on disk under a name that changes with any of the engine's files.

Numba's own cache notices a change in the file of a function, not in the files whose constants and functions it uses:
after an update, code compiled for the old numbering of shapes would run with the new one. So the cache has a folder
of its own for each state of the sources, next to the package if it can be written there, else where Numba puts it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

FOLDERS = ("engine", "trusted", "proofs", "search")
"""Where compiled functions are, and the tables that they are made from."""


@cache
def cache_folder() -> Path:
    """The folder for this state of the sources; those of earlier states are removed."""
    here = Path(__file__).parent
    sources = (path for name in FOLDERS for path in sorted((here.parent / name).glob("*.py")))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = here / "__pycache__" / f"engine-{state}"
    for old in folder.parent.glob("engine-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def compiled(function: Function) -> Function:
    """Compile a function on first use, and keep the result on disk."""
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder())
    try:
        return _njit(function, cache=True)
    finally:
        settings.CACHE_DIR = before


def inlined(function: Function) -> Function:
    """As `compiled`, and copied into its callers: for a few operations on numbers."""
    return _njit(function, inline="always")


def _njit(function: Function, **options: Any) -> Function:
    """Numba's decorator, which keeps what a caller sees of the function: its name, arguments and result."""
    dispatcher: Any = numba.njit(**options)(function)
    return cast(Function, dispatcher)
