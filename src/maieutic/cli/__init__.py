"""The command `maieutic`: parse, call one function, print. Exit codes: 0 yes, 1 no, 2 a mistake, 130 interrupted.

A file here holds the commands of one half of the project. Only the file of the command that is asked for is loaded, and
what a command needs is imported inside it, so that `maieutic --help` and `maieutic check` answer at once. Results go to
stdout, progress and errors to stderr.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

HOMES = {
    "converting": ("convert",),
    "demo": ("demo",),
    "evaluation": ("winrate", "evaluate", "leaderboard", "agreement", "report"),
    "games": ("games",),
    "geometry": ("prove", "deduce", "check", "draw", "problems", "language", "bench", "synthesize"),
    "learning": ("train",),
    "loops": ("improve", "runs", "show", "judge", "compare"),
    "prover": ("train-prover",),
    "sampling": ("sample",),
}
"""The files with the commands that are in them."""


def main() -> None:
    """The entry point."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    wanted = [home for home, commands in HOMES.items() if command in commands]
    _load(wanted or list(HOMES))
    from maieutic.cli.app import main as run

    run()


def _load(homes: list[str]) -> None:
    for home in homes:
        import_module(f"maieutic.cli.{home}")
    globals()["app"] = import_module("maieutic.cli.app").app  # the application, where the import left its file


def __getattr__(name: str) -> Any:
    """`app`, with all of its commands."""
    if name != "app":
        raise AttributeError(name)
    _load(list(HOMES))
    return globals()["app"]
