"""The grammar of the language: from words to clauses, goals and a `Problem`. What it looks like: problem.py.

A verdict is about what was read here, and `maieutic check` prints it.
"""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.core.errors import ProblemError
from maieutic.geometry.trusted.constructions import clause_facts
from maieutic.geometry.trusted.predicates import expand
from maieutic.geometry.trusted.records import Clause, Fact, Point, Problem
from maieutic.geometry.trusted.words import Word, read_construction, read_fact, read_new_point, split_at, split_words

MAX_POINTS = 100
MAX_FACTS = 1_000

# --- text to problems ------------------------------------------------------------------------------------------------


class Assembly:
    """The clauses and goals read so far, and the points that they know; shared by the parser and the builder."""

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.goals: list[Fact] = []
        self.known: dict[str, Point | None] = {}
        self.facts = 0

    def clause(self, points: Sequence[Word], statements: Sequence[Sequence[Word]]) -> tuple[str, ...]:
        """Add a clause: its points, and what it says of them. Raises ProblemError."""
        new: dict[str, Point | None] = {}
        for word in points:
            name, place = read_new_point(word, {*self.known, *new})
            if len(self.known) + len(new) == MAX_POINTS:
                raise word.error("too many points", f"at most {MAX_POINTS} are read")
            new[name] = place
        names = tuple(new)
        clause = Clause(names, tuple(read_construction(words, names, self.known) for words in statements))
        self._count(clause_facts(clause), points[0])
        self.clauses.append(clause)
        self.known |= new
        return names

    def goal(self, words: Sequence[Word]) -> Fact:
        """Add a goal. Raises ProblemError."""
        fact = read_fact(words, self.known, goal=True)
        self._count((fact,), words[0])
        self.goals.append(fact)
        return fact

    def _count(self, facts: Sequence[Fact], word: Word) -> None:
        self.facts += sum(len(expand(fact)) for fact in facts)
        if self.facts > MAX_FACTS:
            raise word.error("too many facts", f"at most {MAX_FACTS} are read")

    def problem(self, name: str) -> Problem:
        """The problem, as it was put together."""
        places = tuple((point, place) for point, place in self.known.items() if place is not None)
        return Problem(name, tuple(self.clauses), tuple(self.goals), places)


def parse(words: Sequence[Word], name: str, first_line: int = 1) -> Problem:
    """A problem from its words. Raises ProblemError with line, column and what was expected."""
    if not words:
        raise ProblemError("an empty problem", line=first_line, hint="write clauses as 'a b c = triangle; ...'")
    given, *asked = split_at(words, "?")
    if len(asked) > 1:
        mark = [word for word in words if word.text == "?"][1]
        raise mark.error("a second '?'", "separate goals by commas")
    assembly = Assembly()
    for clause in split_at(given, ";"):
        if clause:
            _parse_clause(assembly, clause)
    if not assembly.clauses:
        raise words[0].error("a problem without clauses", "write clauses as 'a b c = triangle; ...'")
    for part in asked:
        mark = next(word for word in words if word.text == "?")
        for words_of_goal in split_at(part, ","):
            if not words_of_goal:
                raise mark.error("expected a goal after '?'", "for a bare figure, leave out the '?'")
            stray = next((word for word in words_of_goal if word.text in ";="), None)
            if stray:
                raise stray.error(f"{stray.text!r} in the goals", "clauses stand before the '?'")
            assembly.goal(words_of_goal)
    return assembly.problem(name)


def _parse_clause(assembly: Assembly, words: Sequence[Word]) -> None:
    left, *right = split_at(words, "=")
    if not right:
        raise words[-1].error("expected '=' in the clause", "write it as 'points = constructions'; ';' ends a clause")
    if len(right) > 1:
        mark = [word for word in words if word.text == "="][1]
        raise mark.error("a second '=' in the clause", "';' ends a clause")
    if not left:
        raise words[0].error("expected the clause's points before '='")
    comma = next((word for word in left if word.text == ","), None)
    if comma:
        raise comma.error("',' between points", "separate points by spaces")
    statements = split_at(right[0], ",") if right[0] else []
    if not all(statements):
        mark = next((word for word in reversed(words) if word.text == ","), words[-1])
        raise mark.error("expected a construction next to ','")
    assembly.clause(left, statements)


def parse_text(text: str, name: str = "") -> Problem:
    """A problem from its text in the language itself, as this package writes it, and in no dialect."""
    return parse(split_words(text), name)
