"""Texts in any dialect, translated word by word into the language itself, which reading.py then parses.

What the parser believes is what it reads: nothing here can make a proof of another problem, for a verdict is about the
words that come out, and they are printed. A translated word keeps the place of the word that it comes from, so that
mistakes are told where they are.

    d = parallelogram d a b c              d = parallelogram a b c d           new points anywhere
    x = between_bound x a b                x = on_line x a b, between x a b    other tools' words (dialects.py)
    b = lconst b a 3; c = lconst c a 4     ... rconst c a a b 4/3              of lengths, the ratios
    ... | q = midpoint q b i ? ...         given auxiliary points
    ? AB ⊥ CD; A, B, C, D concyclic        goals as people write them (notation.py)

Where more than one reading is possible, the text is refused, with what would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from maieutic.geometry.language.dialects import NEWCLID_WORDS, Dialect
from maieutic.geometry.language.statements import Translator
from maieutic.geometry.language.words import joined, labels_in, mark, nth, renamed
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import PREDICATES, Coordinates
from maieutic.geometry.trusted.reading import parse
from maieutic.geometry.trusted.records import Fact, Problem
from maieutic.geometry.trusted.words import Word, read_fact, split_at, split_words

Figure = Callable[[Problem], Coordinates]

TYPED = str.maketrans("；，？＝｜", ";,?=|", "\ufeff\u200b\u200c\u200d\u2060")
"""Signs of other keyboards, and marks that nobody sees."""


def parse_problem(
    text: str,
    name: str = "",
    *,
    dialect: Dialect | None = None,
    figure: Figure | None = None,
    goals: Sequence[str] = (),
    first_line: int = 1,
) -> Problem:
    """A problem from its text, in any dialect. Raises ProblemError with line, column and what was expected.

    Without a name, the text may begin with a line that is one. `dialect` is found out unless it is told. `figure`
    draws a problem, where goals in people's notation need one. `goals` stand for those of the text.
    """
    text = text.translate(TYPED)
    if not name:
        name, text, first_line = _split_name(text, first_line)
    words = split_words(text, first_line)
    if not words:
        return parse(words, name)  # which says what is wrong
    labels = labels_in(words)
    given, *asked = split_at(words, "?")
    if len(asked) > 1:
        raise nth(words, "?", 1).error("a second '?'", "separate goals by commas")
    asked = [_nowhere(goals)] if goals else asked
    given, *bars = split_at([renamed(word, labels) for word in given], "|")
    if len(bars) > 1:
        raise nth(words, "|", 1).error("a second '|'", "';' separates auxiliary clauses")
    translator = Translator(dialect or dialect_of_words(words), labels)
    clauses = list(translator.clauses(given))
    auxiliary = list(translator.clauses(bars[0], helping=True)) if bars else []

    def draw() -> Coordinates:
        assert figure is not None
        return figure(parse(list(joined([*clauses, *auxiliary], ";")), ""))

    wanted = list(translator.goals(asked[0], draw if figure else None)) if asked else []
    tail = [mark("?", words[-1] if goals else nth(words, "?", 0)), *joined(wanted, ",")] if asked else []
    if not auxiliary:
        return parse([*joined(clauses, ";"), *tail], name)
    whole = parse([*joined([*clauses, *auxiliary], ";"), *tail], name)
    return _with_help(whole, len([clause for clause in auxiliary if clause]))


def goals_of(
    text: str, problem: Problem, labels: Mapping[str, str], dialect: Dialect, figure: Figure | None
) -> list[Fact]:
    """The facts of goals about a problem's points; `labels` are further names of these. Raises ProblemError."""
    translator = Translator(dialect, labels, list(problem.points))
    words = list(translator.goals(_nowhere([text]), None if figure is None else lambda: figure(problem)))
    return [read_fact(goal, problem.points, goal=True) for goal in words if goal]


def _nowhere(texts: Sequence[str]) -> list[Word]:
    """The words of goals that stand in no text."""
    words = (split_words(text.translate(TYPED).replace("\n", " ")) for text in texts)
    return [Word(word.text) for word in joined(list(words), ";")]


def dialect_of(text: str) -> Dialect:
    """Whose language a text is in, as far as its words tell."""
    return dialect_of_words(split_words(text.translate(TYPED)))


def dialect_of_words(words: Sequence[Word]) -> Dialect:
    """The dialect whose words a text has."""
    texts = {word.text for word in words}
    if texts & NEWCLID_WORDS:
        return Dialect.NEWCLID
    given = split_at(words, "?")[0]
    heads = {part[0].text for clause in split_at(given, ";") for part in _statements(clause) if part}
    if any("@" in text for text in texts) and not any(
        head in CONSTRUCTIONS and head not in PREDICATES for head in heads
    ):
        return Dialect.ALPHAGEOMETRY2
    return Dialect.ALPHAGEOMETRY if texts else Dialect.OURS


def _statements(clause: Sequence[Word]) -> list[list[Word]]:
    _, *right = split_at(clause, "=")
    return split_at(right[0], ",") if len(right) == 1 else []


def _split_name(text: str, first_line: int) -> tuple[str, str, int]:
    """The name that a text begins with, on a line of its own; "" where it has none."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        words = line.split("#", 1)[0].strip()
        if not words:
            continue
        rest = "\n".join(lines[number + 1 :])
        head, mark, _ = rest.partition("=")
        if not any(sign in words for sign in ";,=?|") and mark and head.strip() and not set(head) & set(";,?|"):
            return words, rest, first_line + number + 1
        break
    return "", text, first_line


def _with_help(whole: Problem, count: int) -> Problem:
    """A problem whose last clauses are auxiliary; where a goal speaks of their points, they are part of it."""
    helping = whole.clauses[len(whole.clauses) - count :]
    new = {point for clause in helping for point in clause.points}
    if any(new.intersection(goal.points) for goal in whole.goals):
        return whole
    kept = tuple((point, place) for point, place in whole.coordinates if point not in new)
    return replace(whole, clauses=whole.clauses[: len(whole.clauses) - count], coordinates=kept, auxiliary=helping)
