"""The language: problem text to `Problem` and back.

    a b c = triangle; h = on_tline h b a c, on_tline h c a b ? perp a h b c

Clauses are separated by `;`. Each names the points that it introduces (with coordinates, if given, as `a@0.5_1.0`),
then `=`, then what it says of them, separated by `,`: constructions, with or without their new points among the
arguments, or, as in AlphaGeometry2's language, predicates. After `?` come the goals. Numbers are exact: `15`, `-3/2`,
`0.5`, and for angles also `60o` (degrees) and `2pi/3`. `#` starts a comment.

Sources: AlphaGeometry's language (Trinh et al., Nature 2024); AlphaGeometry2's (arXiv 2502.03544).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.trusted.reading import MAX_FACTS, MAX_POINTS, parse, parse_problem
from maieutic.geometry.trusted.records import Fact, Problem
from maieutic.geometry.trusted.words import MAX_TEXT, read_fact, split_words

__all__ = [
    "MAX_FACTS", "MAX_POINTS", "load_problems", "parse_fact", "parse_problem", "parse_problems", "print_problem",
]  # fmt: skip


def parse_problems(text: str) -> list[Problem]:
    """Problems of two lines each, a name and a text; blank lines and lines of comment are skipped."""
    if len(text) > MAX_TEXT:
        raise ProblemError(f"a text of {len(text)} characters", hint=f"at most {MAX_TEXT} are read")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip() and not line.strip().startswith("#")]
    problems = []
    for index in range(0, len(lines), 2):
        number, name = lines[index][0], lines[index][1].strip()
        if re.search(r"[=;?]", name):
            raise ProblemError("expected a problem's name, found its text", line=number, hint="each text has a name")
        if index + 1 == len(lines):
            raise ProblemError(f"problem {name!r} has no text", line=number)
        problems.append(parse(lines[index + 1][1], name, lines[index + 1][0]))
    return problems


def load_problems(path: str | Path) -> list[Problem]:
    """The problems of a file, as in `parse_problems`. Raises InputError where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(MAX_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(f"cannot read the problems: {reason}", where=str(path)) from error
    try:
        return parse_problems(text)
    except ProblemError as error:
        error.where = f"{path}, {error.where}" if error.where else str(path)
        raise


def parse_fact(text: str, points: Iterable[str]) -> Fact:
    """A fact about known points, as in a goal. Raises ProblemError."""
    words = split_words(text)
    if not words:
        raise ProblemError("expected a predicate and its points")
    stray = next((word for word in words if word.text in ";,=?"), None)
    if stray:
        raise stray.error(f"unexpected {stray.text!r} in a fact")
    return read_fact(words, tuple(points), goal=True)


# --- problems to text ------------------------------------------------------------------------------------------------


def print_problem(problem: Problem) -> str:
    """The text of a problem, in the full form: `parse_problem(print_problem(p), p.name) == p`."""
    places = dict(problem.coordinates)

    def point(name: str) -> str:
        return f"{name}@{places[name].real!r}_{places[name].imag!r}" if name in places else name

    clauses = (
        f"{' '.join(map(point, clause.points))} = {', '.join(map(str, clause.constructions))}".rstrip()
        for clause in problem.clauses
    )
    goals = f" ? {', '.join(map(str, problem.goals))}" if problem.goals else ""
    return "; ".join(clauses) + goals
