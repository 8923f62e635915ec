"""The library: problems that ship with the package, olympiad problems and classical theorems, each under a name.

The files in `problems/` have two lines for a problem, its name and its text. Lines of comment before the name say it in
words; the last of them, `# Source: ...`, says where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from maieutic.core.errors import InputError, nearest
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.records import Problem

FILES = ("imo.txt", "classics.txt")
_SOURCE = "Source: "


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem: its name, the statement in words, where it comes from, and its text."""

    name: str
    statement: str
    source: str
    text: str

    @property
    def problem(self) -> Problem:
        """The problem that the text states."""
        return parse_problem(self.text, self.name)


def entries() -> tuple[Entry, ...]:
    """All problems of the library, in the order of its files."""
    return tuple(_entries().values())


def names() -> tuple[str, ...]:
    """The names of all problems."""
    return tuple(_entries())


def entry(name: str) -> Entry:
    """The problem of that name, with its words. Raises InputError where there is none."""
    found = _entries().get(name)
    if found is None:
        close = nearest(name, names())
        raise InputError(f"unknown problem {name!r}", hint=f"did you mean {close!r}?" if close else None)
    return found


@cache
def problem(name: str) -> Problem:
    """The problem of that name. Raises InputError where there is none."""
    return entry(name).problem


@cache
def _entries() -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    folder = files("maieutic.geometry.language") / "problems"
    for file in FILES:
        for each in _read((folder / file).read_text(encoding="utf-8")):
            if each.name in found:
                raise ValueError(f"{file}: two problems with the name {each.name!r}")
            found[each.name] = each
    return found


def _read(text: str) -> list[Entry]:
    """The problems of a file. A blank line ends a comment that belongs to none."""
    found: list[Entry] = []
    comments: list[str] = []
    name = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            comments.append(line.removeprefix("#").strip())
        elif not line:
            comments = []
        elif not name:
            name = line
        else:
            *words, source = comments
            if not words or not source.startswith(_SOURCE):
                raise ValueError(f"problem {name!r} has no statement, or no source")
            found.append(Entry(name, " ".join(words), source.removeprefix(_SOURCE), line))
            comments, name = [], ""
    return found
