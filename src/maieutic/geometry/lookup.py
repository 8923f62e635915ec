"""From what a user types to a problem: the name of a shipped one, the text of one, or a file and a name in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from maieutic.core.errors import DiagramError, InputError, ProblemError, nearest
from maieutic.geometry.language import library
from maieutic.geometry.language.dialects import Dialect
from maieutic.geometry.language.files import ReadProblem, UnreadProblem, read_file
from maieutic.geometry.language.goals import read_goals
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.predicates import Coordinates
from maieutic.geometry.trusted.records import Problem

Read = ReadProblem | UnreadProblem

DRAWING = 5.0
"""CPU seconds for a figure that a goal needs to be read."""
SHOWN = 5
"""How many names an error lists."""


def find_problem(words: str, goals: Sequence[str] = (), dialect: Dialect | None = None) -> Problem:
    """The problem that NAME, TEXT, FILE[:NAME] or FILE.ggb stands for. `goals`, if there are some, are its goals.

    Raises InputError with what would be right.
    """
    if figure := _figure(words, goals):
        return figure
    try:
        if words in library.names():
            shipped = library.problem(words)
            facts = [fact for goal in goals for fact in read_goals(goal, shipped, figure=drawn_places)]
            return replace(shipped, goals=tuple(facts)) if facts else shipped
        return _find(words, goals, dialect)
    except ProblemError as error:
        if goals and error.line is None:
            error.where = "--goal"
        raise


def drawn_places(problem: Problem) -> Coordinates:
    """A figure of a problem, for goals that ask which way an angle turns."""
    from maieutic.geometry.engine.diagram import draw  # which loads the engine, for such goals only

    try:
        return draw(problem, time_limit=DRAWING).points
    except DiagramError as error:
        raise ProblemError(f"a goal whose angles turn as a figure shows, and no figure: {error}") from None


def all_problems(file: str | Path) -> list[Problem | UnreadProblem]:
    """The problems of a file, in order; those that cannot be read with the reason. Raises InputError for no file."""
    found = read_file(file, figure=drawn_places)
    return [each if isinstance(each, UnreadProblem) else each.problem for each in found]


def read_dialect(words: str, dialect: Dialect | None) -> list[Problem | UnreadProblem]:
    """The problems that NAME, TEXT, FILE[:NAME] or FILE.ggb stands for: all of a file; in a dialect, if it is told."""
    if _is_file(words) and not words.lower().endswith(".ggb") and dialect is not Dialect.GEOGEBRA:
        found = read_file(words, figure=drawn_places, dialect=dialect)
        return [each if isinstance(each, UnreadProblem) else each.problem for each in found]
    return [find_problem(words, dialect=dialect)]


def _find(words: str, goals: Sequence[str], dialect: Dialect | None) -> Problem:
    if _is_file(words):
        return _only(read_file(words, figure=drawn_places, goals=goals, dialect=dialect), words)
    file, _, name = words.rpartition(":")
    if file and _is_file(file):
        return _named(read_file(file, figure=drawn_places, goals=goals, dialect=dialect), name, file)
    if any(mark in words for mark in "=;?\n") or not words.strip():
        return parse_problem(words, figure=drawn_places, goals=goals, dialect=dialect)
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


def _only(problems: Sequence[Read], file: str) -> Problem:
    if not problems:
        raise InputError("no problem in this file", where=file, hint="two lines each: a name, then the text")
    if len(problems) > 1:
        names = [problem.name for problem in problems]
        raise InputError(f"{len(problems)} problems", where=file, hint=f"choose one, as {file}:{names[0]}")
    return _problem(problems[0])


def _problem(found: Read) -> Problem:
    if isinstance(found, UnreadProblem):
        raise found.error
    return found.problem


def _named(problems: Sequence[Read], name: str, file: str) -> Problem:
    found = [problem for problem in problems if problem.name == name]
    if found:
        return _problem(found[0])
    names = [problem.name for problem in problems]
    close = nearest(name, names)
    hint = f"did you mean {close!r}?" if close else f"it has {_list(names) or 'none'}"
    raise InputError(f"no problem {_short(name)!r}", where=file, hint=hint)
