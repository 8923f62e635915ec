"""The language: problem text to `Problem` and back.

    a b c = triangle; h = on_tline h b a c, on_tline h c a b ? perp a h b c

Clauses are separated by `;`. Each names the points that it introduces (with coordinates, if given, as `a@0.5_1.0`),
then `=`, then what it says of them, separated by `,`: constructions, with or without their new points among the
arguments, or, as in AlphaGeometry2's language, predicates. After a bar `|` come auxiliary clauses, which help, and say
nothing; after `?` the goals, separated by `,` or `;`. Numbers are exact: `15`, `-3/2`, `0.5`, and for angles also `60o`
(degrees) and `2pi/3`. `#` starts a comment.

Other tools' words are read as well (dialects.py, translate.py), and goals as people write them, `AB ⊥ CD`
(notation.py). What is printed is the language itself, without any of that.

Sources: AlphaGeometry's language (Trinh et al., Nature 2024); AlphaGeometry2's (arXiv 2502.03544).
"""

from __future__ import annotations

from collections.abc import Iterable

from maieutic.core.errors import ProblemError
from maieutic.geometry.language.files import ReadProblem, UnreadProblem, load_problems, parse_problems, read_problems
from maieutic.geometry.language.translate import parse_problem
from maieutic.geometry.trusted.reading import MAX_FACTS, MAX_POINTS, parse_text
from maieutic.geometry.trusted.records import Clause, Fact, Problem
from maieutic.geometry.trusted.words import read_fact, split_words

__all__ = [
    "MAX_FACTS", "MAX_POINTS", "ReadProblem", "UnreadProblem", "load_problems", "parse_fact", "parse_problem",
    "parse_problems", "parse_text", "print_problem", "read_problems",
]  # fmt: skip


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

    def clause_text(clause: Clause) -> str:
        return f"{' '.join(map(point, clause.points))} = {', '.join(map(str, clause.constructions))}".rstrip()

    auxiliary = f" | {'; '.join(map(clause_text, problem.auxiliary))}" if problem.auxiliary else ""
    goals = f" ? {', '.join(map(str, problem.goals))}" if problem.goals else ""
    return "; ".join(map(clause_text, problem.clauses)) + auxiliary + goals
