"""From what a user types to a problem: the name of a shipped one, the text of one, or a file and a name in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maieutic.core.errors import InputError, nearest
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import load_problems, parse_problem
from maieutic.geometry.trusted.records import Problem

SHOWN = 5
"""How many names an error lists."""


def find_problem(words: str, goals: Sequence[str] = ()) -> Problem:
    """The problem that NAME, TEXT, FILE[:NAME] or FILE.ggb stands for; such a file may be given goals.

    Raises InputError with what would be right.
    """
    if figure := _figure(words, goals):
        return figure
    if goals:
        raise InputError("only a GeoGebra file takes goals", where="--goal", hint="in a text they stand after '?'")
    if words in library.names():
        return library.problem(words)
    if _is_file(words):
        return _only(load_problems(words), words)
    file, _, name = words.rpartition(":")
    if file and _is_file(file):
        return _named(load_problems(file), name, file)
    if any(mark in words for mark in "=;?\n") or not words.strip():
        return parse_problem(words)
    if "/" in words or "." in words:
        raise InputError("no such file", where=_short(file if name and "/" not in name and file else words))
    close = nearest(words, library.names())
    hint = f"did you mean {close!r}?" if close else "'maieutic problems' lists the names; a text has clauses 'a = ...'"
    raise InputError(f"unknown problem {_short(words)!r}", hint=hint)


def _figure(words: str, goals: Sequence[str]) -> Problem | None:
    """The problem of a GeoGebra file, to which goals may be added: `FILE.ggb ? GOALS`."""
    file, _, more = words.partition("?")
    if not file.strip().lower().endswith(".ggb") or not _is_file(file.strip()):
        return None
    from maieutic.geometry.ggb.read import read_ggb  # many rules on what GeoGebra means, for such files only

    return read_ggb(file.strip(), [*goals, *([more] if more.strip() else [])])


def _is_file(words: str) -> bool:
    """Whether there is something to read or to complain about at a path, be it a directory."""
    try:
        return Path(words).exists() if words else False
    except (OSError, ValueError):  # too long for a path, or a null character
        return False


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:57]}..."


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _only(problems: Sequence[Problem], file: str) -> Problem:
    if not problems:
        raise InputError("no problem in this file", where=file, hint="two lines each: a name, then the text")
    if len(problems) > 1:
        names = [problem.name for problem in problems]
        raise InputError(f"{len(problems)} problems", where=file, hint=f"choose one, as {file}:{names[0]}")
    return problems[0]


def _named(problems: Sequence[Problem], name: str, file: str) -> Problem:
    found = [problem for problem in problems if problem.name == name]
    if found:
        return found[0]
    names = [problem.name for problem in problems]
    close = nearest(name, names)
    hint = f"did you mean {close!r}?" if close else f"it has {_list(names) or 'none'}"
    raise InputError(f"no problem {_short(name)!r}", where=file, hint=hint)
