"""Files of problems, read problem by problem: two lines each, a name and a text.

What cannot be read is one problem's mistake, and is told with its name and line; the others are read. A text may go on
over several lines, as long as each but the last ends in a sign that asks for more. Blank lines and lines of comment are
skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.language.dialects import Dialect
from maieutic.geometry.language.translate import TYPED, Figure, parse_problem
from maieutic.geometry.trusted.records import Problem
from maieutic.geometry.trusted.words import MAX_TEXT

MAX_BYTES = 200_000_000
"""The largest file that is read."""
MAX_NAME = 1_000
"""Characters of the name of an unread problem that are told."""
_MARKS = frozenset(";=?|")


@dataclass(frozen=True)
class ReadProblem:
    """A problem of a file, and the line of its text."""

    problem: Problem
    line: int

    @property
    def name(self) -> str:
        """The problem's name."""
        return self.problem.name


@dataclass(frozen=True)
class UnreadProblem:
    """A problem of a file that cannot be read: its name, its line, and why."""

    name: str
    line: int
    error: ProblemError


@dataclass
class _Entry:
    """The lines of one problem: its name ("" where it has none), its text, and where they are."""

    name: str
    line: int
    text: str = ""
    text_line: int = 0


def read_problems(
    text: str, *, dialect: Dialect | None = None, figure: Figure | None = None, goals: Sequence[str] = ()
) -> list[ReadProblem | UnreadProblem]:
    """All problems of a text, each read by itself."""
    return [_read(entry, dialect, figure, goals) for entry in _entries(text.translate(TYPED))]


def parse_problems(text: str) -> list[Problem]:
    """All problems of a text. Raises the ProblemError of the first that cannot be read."""
    found = read_problems(text)
    for each in found:
        if isinstance(each, UnreadProblem):
            raise each.error
    return [each.problem for each in found if isinstance(each, ReadProblem)]


def read_file(
    path: str | Path, *, dialect: Dialect | None = None, figure: Figure | None = None, goals: Sequence[str] = ()
) -> list[ReadProblem | UnreadProblem]:
    """The problems of a file, as in `read_problems`. Raises InputError where there is no such file, or no text."""
    found = read_problems(file_text(path), dialect=dialect, figure=figure, goals=goals)
    for each in found:
        if isinstance(each, UnreadProblem):
            each.error.where = f"{path}, {each.error.where}" if each.error.where else str(path)
    return found


def load_problems(path: str | Path) -> list[Problem]:
    """The problems of a file. Raises InputError where one of them, or the file, cannot be read."""
    found = read_file(path)
    for each in found:
        if isinstance(each, UnreadProblem):
            raise each.error
    return [each.problem for each in found if isinstance(each, ReadProblem)]


def file_text(path: str | Path) -> str:
    """The text of a file. Raises InputError."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InputError("the file is too large", where=str(path), hint=f"at most {MAX_BYTES // 10**6} MB are read")
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"cannot read the problems: {reason}", where=str(path)) from error


def _entries(text: str) -> Iterator[_Entry]:
    """The problems of a text as lines: a name, then its text. Where one of the two is missing, it stays empty."""
    entry: _Entry | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        is_text = bool(_MARKS.intersection(words))
        if entry and entry.text and _goes_on(entry.text, words):
            entry.text += "\n" * (number - entry.text_line - entry.text.count("\n")) + line
        elif is_text and entry and not entry.text:
            entry.text, entry.text_line = line, number
        else:
            if entry:
                yield entry
            entry = _Entry("", number, line, number) if is_text else _Entry(words, number)
    if entry:
        yield entry


def _goes_on(text: str, more: str) -> bool:
    """Whether a line goes on with the text before it."""
    before = text.rsplit("\n", 1)[-1].split("#", 1)[0].rstrip()
    between = before.endswith(";") and "?" not in text and "=" in more
    return between or before.endswith((",", "=", "?", "|")) or more.startswith(("?", "|", ",", ";", "="))


def _read(
    entry: _Entry, dialect: Dialect | None, figure: Figure | None, goals: Sequence[str]
) -> ReadProblem | UnreadProblem:
    try:
        if not entry.name:
            raise ProblemError(
                "expected a problem's name, found its text", line=entry.line, hint="each text has a name"
            )
        if len(entry.name) > MAX_TEXT:
            raise ProblemError(f"a name of {len(entry.name)} characters", hint=f"at most {MAX_TEXT} are read")
        if not entry.text:
            raise ProblemError(f"problem {entry.name!r} has no text", line=entry.line)
        problem = parse_problem(
            entry.text, entry.name, dialect=dialect, figure=figure, goals=goals, first_line=entry.text_line
        )
        return ReadProblem(problem, entry.text_line)
    except ProblemError as error:
        return UnreadProblem(entry.name[:MAX_NAME] or f"line {entry.line}", error.line or entry.line, error)
