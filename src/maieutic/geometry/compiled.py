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
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES = ("linear", "measures", "matching", "second_tier", "templates", "rules", "predicates", "fixpoint", "sines",
           "certificates", "compiled")  # fmt: skip


@cache
def cache_folder() -> Path:
    """The folder for this state of the sources; those of earlier states are removed."""
    here = Path(__file__).parent
    state = hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in SOURCES)).hexdigest()[:12]
    folder = here / "__pycache__" / f"engine-{state}"
    for old in folder.parent.glob("engine-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def compiled(function: Function) -> Function:
    """Compile a function on first use, and keep the result on disk."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())
    try:
        result: Function = numba.njit(cache=True)(function)
    finally:
        numba.config.CACHE_DIR = before
    return result


def inlined(function: Function) -> Function:
    """As `compiled`, and copied into its callers: for a few operations on numbers."""
    result: Function = numba.njit(inline="always")(function)
    return result
