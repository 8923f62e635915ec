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

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from maieutic.core.errors import ProblemError
from maieutic.geometry.language.dialects import (
    CONSTRUCTIONS_OF,
    FACTS_OF,
    LENGTHS,
    NEWCLID_FACTS,
    NEWCLID_ONLY,
    NEWCLID_WORDS,
    Dialect,
    Foreign,
)
from maieutic.geometry.language.names import in_ascii
from maieutic.geometry.language.notation import Speech, Unit, is_spoken, spoken_goals
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import PREDICATES, Coordinates, expand
from maieutic.geometry.trusted.reading import parse
from maieutic.geometry.trusted.records import Fact, Problem, number_text
from maieutic.geometry.trusted.words import Word, is_number, read_fact, read_number, split_at, split_words

Figure = Callable[[Problem], Coordinates]
Statement = list[Word]

TYPED = str.maketrans("；，？＝｜", ";,?=|", "\ufeff\u200b\u200c\u200d\u2060")
"""Signs of other keyboards, and marks that nobody sees."""

CYCLES = ("parallelogram", "square")
"""Constructions whose letters go round a polygon: any corner may come first, in either direction."""


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
    labels = _labels(words)
    given, *asked = split_at(words, "?")
    if len(asked) > 1:
        raise _nth(words, "?", 1).error("a second '?'", "separate goals by commas")
    asked = [_nowhere(goals)] if goals else asked
    given, *bars = split_at([_renamed(word, labels) for word in given], "|")
    if len(bars) > 1:
        raise _nth(words, "|", 1).error("a second '|'", "';' separates auxiliary clauses")
    translator = _Translator(dialect or dialect_of_words(words), labels)
    clauses = list(translator.clauses(given))
    auxiliary = list(translator.clauses(bars[0], helping=True)) if bars else []

    def draw() -> Coordinates:
        assert figure is not None
        return figure(parse(list(_joined([*clauses, *auxiliary], ";")), ""))

    wanted = list(translator.goals(asked[0], draw if figure else None)) if asked else []
    tail = [_mark("?", words[-1] if goals else _nth(words, "?", 0)), *_joined(wanted, ",")] if asked else []
    if not auxiliary:
        return parse([*_joined(clauses, ";"), *tail], name)
    whole = parse([*_joined([*clauses, *auxiliary], ";"), *tail], name)
    return _with_help(whole, len([clause for clause in auxiliary if clause]))


def goals_of(
    text: str, problem: Problem, labels: Mapping[str, str], dialect: Dialect, figure: Figure | None
) -> list[Fact]:
    """The facts of goals about a problem's points; `labels` are further names of these. Raises ProblemError."""
    translator = _Translator(dialect, labels, list(problem.points))
    words = list(translator.goals(_nowhere([text]), None if figure is None else lambda: figure(problem)))
    return [read_fact(goal, problem.points, goal=True) for goal in words if goal]


def _nowhere(texts: Sequence[str]) -> list[Word]:
    """The words of goals that stand in no text."""
    words = (split_words(text.translate(TYPED).replace("\n", " ")) for text in texts)
    return [Word(word.text) for word in _joined(list(words), ";")]


def dialect_of(text: str) -> Dialect:
    """Whose language a text is in, as far as its words tell."""
    return dialect_of_words(split_words(text.translate(TYPED)))


def dialect_of_words(words: Sequence[Word]) -> Dialect:
    texts = {word.text for word in words}
    if "|" in texts or texts & NEWCLID_WORDS:
        return Dialect.NEWCLID
    given = split_at(words, "?")[0]
    heads = {part[0].text for clause in split_at(given, ";") for part in _statements(clause) if part}
    if any("@" in text for text in texts) and not any(head in CONSTRUCTIONS and head not in PREDICATES for head in heads):
        return Dialect.ALPHAGEOMETRY2
    return Dialect.ALPHAGEOMETRY if texts else Dialect.OURS


def _statements(clause: Sequence[Word]) -> list[list[Word]]:
    left, *right = split_at(clause, "=")
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


# --- words -----------------------------------------------------------------------------------------------------------


def _nth(words: Iterable[Word], text: str, number: int) -> Word:
    return [word for word in words if word.text == text][number]


def _mark(text: str, at: Word) -> Word:
    return Word(text, at.line, at.column)


def _joined(parts: Sequence[Sequence[Word]], sign: str) -> Iterator[Word]:
    last: Word | None = None
    for part in parts:
        if last is not None:
            yield _mark(sign, last)
        yield from part
        last = part[-1] if part else last or Word(sign)


def _labels(words: Iterable[Word]) -> dict[str, str]:
    """Names in ASCII, all different, of the points whose names are not: α, Δ₁ and B′ are alpha, delta1 and B'."""
    bare = [word.text.partition("@")[0] for word in words]
    taken = {text for text in bare if text.isascii()}
    labels: dict[str, str] = {}
    for label in bare:
        wanted = "".join(sign if sign.isascii() else in_ascii(sign).lower() for sign in label)
        if label in labels or label.isascii() or not (label[0].isalpha() and wanted.replace("'", "").replace("_", "").isalnum()):
            continue
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        labels[label] = name
        taken.add(name)
    return labels


def _renamed(word: Word, labels: Mapping[str, str]) -> Word:
    name, at, place = word.text.partition("@")
    return word._replace(text=f"{labels[name]}{at}{place}") if name in labels else word


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass
class _Translator:
    """Translates the clauses and goals of one text, in order."""

    dialect: Dialect
    labels: Mapping[str, str]
    known: list[str] = field(default_factory=list)
    lines: list[frozenset[str]] = field(default_factory=list)
    unit: Unit | None = None

    def clauses(self, words: Sequence[Word], helping: bool = False) -> Iterator[list[Word]]:
        """The clauses of a text. What is no clause is left as it is, for the parser to complain of."""
        for clause in split_at(words, ";"):
            left, *right = split_at(clause, "=")
            if len(right) != 1 or not left or any(word.text == "," for word in left):
                yield clause
                continue
            parts = split_at(right[0], ",") if right[0] else []
            if not all(parts):
                yield clause
                continue
            yield from self._clause(left, parts, clause[len(left)], helping)

    def _clause(self, left: list[Word], parts: list[Statement], equals: Word, helping: bool) -> Iterator[list[Word]]:
        new = [word.text.partition("@")[0] for word in left]
        said = [each for part in parts for each in self._statement(part, new)]
        if len(said) == 1 and said[0][0].text == "between" and len(new) == 3 == len({*new, *_texts(said[0][1:])}):
            middle, a, b = said[0][1:]  # all three are new: first the ends
            where = {word.text.partition("@")[0]: word for word in left}
            yield [where[a.text], where[b.text], equals, _mark("segment", equals), a, b]
            self.known += [a.text, b.text]
            left, new = [where[middle.text]], [middle.text]
        said = self._on_their_lines(said, new)
        if helping:
            said = [each for each in said if not _is_side(each)]
        if parts and not said and len(new) == 1:
            said = [[_mark("free", equals), _mark(new[0], equals)]]
        self.known += new
        yield [*left, equals, *_joined(said, ",")]

    def _statement(self, words: Statement, new: Sequence[str]) -> list[Statement]:
        """A right-hand side as statements of our own."""
        head, *rest = words
        row = self._row(head.text, len(rest), len(new))
        if row is not None:
            letters = _bound(head, row.letters, row.new, rest, new)
            return [each for part in row.means for each in self._own([_filled(w, letters, head) for w in part], new)]
        if head.text in LENGTHS and len(rest) in (2, 3):
            rest = rest if len(rest) == 3 else [_mark(new[0], head), *rest]
            return self._length(head, rest, new)
        return self._own(words, new) if head.text in CONSTRUCTIONS else self._facts(words)

    def _own(self, words: Statement, new: Sequence[str]) -> list[Statement]:
        """A statement in words of our own, with all arguments in their places."""
        head, *rest = words
        construct = CONSTRUCTIONS.get(head.text)
        if construct is None:
            return self._said(words)
        letters = (*construct.letters, *construct.numbers)
        rest = _round(head, rest, construct.new, letters, new) if head.text in CYCLES else rest
        if set(new) == {w.text for w, at in zip(rest, letters, strict=False) if at in construct.new}:
            full = rest
        elif head.text in PREDICATES and len(rest) == len(letters):
            return self._said(words)
        else:
            bound = _bound(head, letters, construct.new, rest, new, strict=False)
            full = [bound[letter] for letter in letters] if bound else rest
        if len(full) == len(letters):
            places = dict(zip(letters, _texts(full), strict=True))
            self.lines += [frozenset(places[p] for p in f.points) for f in construct.gives if f.predicate == "coll"]
        return [[head, *full]]

    def _row(self, name: str, count: int, new: int) -> Foreign | None:
        """The foreign construction of that name, with all of its arguments, or without its new points."""
        tables = (NEWCLID_ONLY, CONSTRUCTIONS_OF) if self.dialect is Dialect.NEWCLID else (CONSTRUCTIONS_OF,)
        for table in tables:
            for row in (table.get((name, count)), table.get((name, count + new))):
                if row is not None and len(row.new) == new:
                    return row
        return None

    def _facts(self, words: Statement) -> list[Statement]:
        """A statement about points, as statements of our own."""
        head, *rest = words
        if self.dialect is Dialect.NEWCLID and (head.text, len(rest)) in NEWCLID_FACTS:
            row = NEWCLID_FACTS[head.text, len(rest)]
        elif (head.text, len(rest)) in FACTS_OF:
            row = FACTS_OF[head.text, len(rest)]
        else:
            return self._said(words)
        letters = dict(zip(row.letters, rest, strict=True))
        return [[_filled(word, letters, head) for word in part] for part in row.means]

    def _said(self, words: Statement) -> list[Statement]:
        if words[0].text == "coll":
            self.lines.append(frozenset(_texts(words[1:])))
        return [words]

    def _length(self, head: Word, rest: Sequence[Word], new: Sequence[str]) -> list[Statement]:
        """A length as a multiple of the first one that is given, which says nothing itself."""
        a, b, number = rest
        value = read_number(number)
        if value <= 0:
            raise number.error(f"{head.text} needs a positive number, found {value}")
        square = value * value if LENGTHS[head.text] == 1 else value
        if self.unit is None:
            if a.text == b.text:
                raise b.error(f"{head.text} needs different points, but {b.text!r} stands twice")
            for word in (a, b):
                if word.text not in (*self.known, *new):
                    raise word.error(f"unknown point {word.text!r}")
            self.unit = Unit((a.text, b.text), square)
            return []
        ends = [_mark(point, head) for point in self.unit.ends]
        ratio = square / self.unit.square
        if ratio == 1:
            fresh = [word for word in (a, b) if word.text in new]
            if len(new) == len(fresh) == 1 and not set(self.unit.ends) & set(new):
                other = b if fresh[0] is a else a
                return [[_mark("eqdistance", head), fresh[0], other, *ends]]
            return [[_mark("cong", head), a, b, *ends]]
        root = Fraction(math.isqrt(ratio.numerator), math.isqrt(ratio.denominator))
        name, value = ("rconst", root) if root * root == ratio else ("rsqconst", ratio)
        return [[_mark(name, head), a, b, *ends, _mark(number_text(value), number)]]

    def _on_their_lines(self, said: list[Statement], new: Sequence[str]) -> list[Statement]:
        """`between` is said of points of a line: that they are on one is added where nothing has said it."""
        found: list[Statement] = []
        for each in said:
            head, *points = each
            line = frozenset(_texts(points))
            if head.text == "between" and len(line) == 3 and not any(line <= other for other in self.lines):
                self.lines.append(line)
                made = len(new) == 1 and points[0].text == new[0] and line - {*new} <= {*self.known}
                found.append([_mark("on_line" if made else "coll", head), *points])
            found.append(each)
        return found

    # ... goals

    def goals(self, words: Sequence[Word], draw: Callable[[], Coordinates] | None) -> Iterator[list[Word]]:
        """The goals of a text, each as words of the language."""
        groups = split_at(words, ";")
        groups = [group for group in groups if group] or groups[:1]
        for group in groups:
            rest = split_at(group, ",")
            while rest:
                part = rest.pop(0)
                if not part or _is_fact(part) or not (is_spoken(" ".join(_texts(part))) or _is_listed(part, rest)):
                    yield from self._goal([_renamed(word, self.labels) for word in part])
                    continue
                facts, taken = self._spoken(part, rest, draw)
                rest = rest[taken:]
                yield from ([_mark(text, part[0]) for text in str(fact).split()] for fact in facts)

    def _goal(self, words: Statement) -> list[Statement]:
        if not words:
            return [words]
        head, *rest = words
        if head.text in LENGTHS and len(rest) == 3 and head.text not in PREDICATES:
            if self.unit is None:
                raise head.error("a length, but the problem gives none to compare it with", "give one by lconst")
            return self._length(head, rest, ())
        if head.text == "lcompute" and len(rest) == 2:
            if self.unit is None or self.unit.square != 1:
                ends = " ".join(self.unit.ends) if self.unit else "of two given points"
                raise head.error("a length is asked for", f"ask for a ratio, as rcompute {' '.join(_texts(rest))} {ends}")
            return [[_mark("rcompute", head), *rest, *(_mark(point, head) for point in self.unit.ends)]]
        return self._facts(words)

    def _spoken(
        self, part: Statement, rest: list[Statement], draw: Callable[[], Coordinates] | None
    ) -> tuple[list[Fact], int]:
        """The facts of a goal in people's notation, which may go on after commas, and how many parts it took."""
        speech = Speech(self.known, self.labels, self.unit, draw)
        error: ProblemError | None = None
        for taken in range(min(len(rest), 40) + 1):
            text = ", ".join(" ".join(_texts(each)) for each in (part, *rest[:taken]))
            try:
                return spoken_goals(text, speech), taken
            except ProblemError as reason:
                error = error or reason
        assert error is not None
        equals = next((word for word in part if word.text == "="), None)
        if equals and any(word.text in CONSTRUCTIONS for word in part[part.index(equals) :]):
            raise equals.error("'=' in the goals", "clauses stand before the '?'")
        raise part[0].error(error.message, error.hint)


def _is_fact(part: Statement) -> bool:
    """Whether a goal begins with a predicate, of whichever tool, and not with a point."""
    head, *rest = part
    known = head.text in PREDICATES or head.text in LENGTHS or head.text == "lcompute"
    return (known or any(head.text == name for name, _ in FACTS_OF)) and not (rest and rest[0].text == "=")


def _is_listed(part: Statement, rest: Sequence[Statement]) -> bool:
    """Whether a part between commas is a bare point that a list begins with: `A, B, C, D concyclic`."""
    return len(part) == 1 and part[0].text not in PREDICATES and any(is_spoken(" ".join(_texts(each))) for each in rest)


def _texts(words: Iterable[Word]) -> list[str]:
    return [word.text for word in words]


def _filled(text: str, letters: Mapping[str, Word], head: Word) -> Word:
    return letters.get(text) or _mark(text, head)


def _is_side(words: Statement) -> bool:
    """Whether a statement is a side condition: about the figure only."""
    head, *rest = words
    predicate = PREDICATES.get(head.text)
    if predicate is None or head.text in CONSTRUCTIONS:
        return False
    points = tuple(word.text for word in rest if not is_number(word))
    try:
        return all(PREDICATES[part.predicate].kind == "numeric" for part in expand(Fact(head.text, points)))
    except (ValueError, IndexError):
        return False  # malformed, which the parser says


def _bound(
    head: Word,
    letters: Sequence[str],
    fresh: Sequence[str],
    rest: Sequence[Word],
    new: Sequence[str],
    *,
    strict: bool = True,
) -> dict[str, Word]:
    """The words of a statement by the letters of its signature: new points in their places, left out, or anywhere.

    Where they stand elsewhere, what is left is the old points in order. {} where that cannot be read, unless `strict`.
    """
    if len(rest) == len(letters):
        bound = dict(zip(letters, rest, strict=True))
        if {bound[letter].text for letter in fresh} == {*new}:
            return bound
        standing = [word for word in rest if word.text in new]
    elif len(rest) == len(letters) - len(fresh) and len(new) == len(fresh):
        standing = [_mark(name, head) for name in new]
    else:
        standing = []
    others = [word for word in rest if word not in standing]
    if sorted(_texts(standing)) == sorted(new) and len(new) == len(fresh):
        first, second = iter(standing), iter(others)
        return {letter: next(first) if letter in fresh else next(second) for letter in letters}
    if strict:
        shown = " ".join((head.text, *letters))
        raise head.error(f"{shown} introduces {' '.join(fresh)}, the clause {' '.join(new)}")
    return {}


def _round(
    head: Word, rest: list[Word], fresh: Sequence[str], letters: Sequence[str], new: Sequence[str]
) -> list[Word]:
    """The corners of a polygon from another one of them on, so that the new ones stand in their places."""
    if len(rest) != len(letters) or sorted(w.text for w in rest if w.text in new) != sorted(new) or len(new) != len(fresh):
        return rest
    for corners in (rest, rest[::-1]):
        for start in range(len(rest)):
            turned = corners[start:] + corners[:start]
            if {w.text for w, letter in zip(turned, letters, strict=True) if letter in fresh} == {*new}:
                return turned
    raise head.error(
        f"{head.text} {' '.join(_texts(rest))} can be read in two ways: round its corners, or as '{' '.join((head.text, *letters))}'",
        f"write {head.text} with its given corners side by side, and {' '.join(new)} after them",
    )
