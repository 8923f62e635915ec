"""The statements of a text, translated: one clause after the other, then the goals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from maieutic.core.errors import ProblemError
from maieutic.geometry.language.dialects import (
    CONSTRUCTIONS_OF,
    FACTS_OF,
    LENGTHS,
    NEWCLID_FACTS,
    NEWCLID_ONLY,
    Dialect,
    Foreign,
)
from maieutic.geometry.language.notation import Speech, Unit, is_spoken, spoken_goals
from maieutic.geometry.language.words import joined, mark, renamed
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import PREDICATES, Coordinates, expand
from maieutic.geometry.trusted.records import Fact, number_text
from maieutic.geometry.trusted.words import Word, read_number, split_at

Statement = list[Word]

CYCLES = ("parallelogram", "square")
"""Constructions whose letters go round a polygon: any corner may come first, in either direction."""


@dataclass
class Translator:
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
            yield [where[a.text], where[b.text], equals, mark("segment", equals), a, b]
            self.known += [a.text, b.text]
            left, new = [where[middle.text]], [middle.text]
        said = self._on_their_lines(said, new)
        if helping:
            said = [each for each in said if not _is_side(each)]
        if parts and not said and len(new) == 1:
            said = [[mark("free", equals), mark(new[0], equals)]]
        self.known += new
        yield [*left, equals, *joined(said, ",")]

    def _statement(self, words: Statement, new: Sequence[str]) -> list[Statement]:
        """A right-hand side as statements of our own."""
        head, *rest = words
        row = self._row(head.text, len(rest), len(new))
        if row is not None:
            letters = _bound(head, row.letters, row.new, rest, new)
            return [each for part in row.means for each in self._own([_filled(w, letters, head) for w in part], new)]
        if head.text in LENGTHS and len(rest) in (2, 3):
            rest = rest if len(rest) == 3 else [mark(new[0], head), *rest]
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
        ends = [mark(point, head) for point in self.unit.ends]
        ratio = square / self.unit.square
        if ratio == 1:
            fresh = [word for word in (a, b) if word.text in new]
            if len(new) == len(fresh) == 1 and not set(self.unit.ends) & set(new):
                other = b if fresh[0] is a else a
                return [[mark("eqdistance", head), fresh[0], other, *ends]]
            return [[mark("cong", head), a, b, *ends]]
        root = Fraction(math.isqrt(ratio.numerator), math.isqrt(ratio.denominator))
        name, value = ("rconst", root) if root * root == ratio else ("rsqconst", ratio)
        return [[mark(name, head), a, b, *ends, mark(number_text(value), number)]]

    def _on_their_lines(self, said: list[Statement], new: Sequence[str]) -> list[Statement]:
        """`between` is said of points of a line: that they are on one is added where nothing has said it."""
        found: list[Statement] = []
        for each in said:
            head, *points = each
            line = frozenset(_texts(points))
            if head.text == "between" and len(line) == 3 and not any(line <= other for other in self.lines):
                self.lines.append(line)
                made = len(new) == 1 and points[0].text == new[0] and line - {*new} <= {*self.known}
                found.append([mark("on_line" if made else "coll", head), *points])
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
                    yield from self._goal([renamed(word, self.labels) for word in part])
                    continue
                facts, taken = self._spoken(part, rest, draw)
                rest = rest[taken:]
                yield from ([mark(text, part[0]) for text in str(fact).split()] for fact in facts)

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
                raise head.error(
                    "a length is asked for", f"ask for a ratio, as rcompute {' '.join(_texts(rest))} {ends}"
                )
            return [[mark("rcompute", head), *rest, *(mark(point, head) for point in self.unit.ends)]]
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
    return letters.get(text) or mark(text, head)


def _is_side(words: Statement) -> bool:
    """Whether a statement is a side condition: about the figure only, and so without numbers."""
    head, *rest = words
    predicate = PREDICATES.get(head.text)
    if predicate is None or head.text in CONSTRUCTIONS or not predicate.accepts(len(rest), 0):
        return False
    fact = Fact(head.text, tuple(_texts(rest)))
    return all(PREDICATES[part.predicate].kind == "numeric" for part in expand(fact))


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
        standing = [mark(name, head) for name in new]
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
    if (
        len(rest) != len(letters)
        or sorted(w.text for w in rest if w.text in new) != sorted(new)
        or len(new) != len(fresh)
    ):
        return rest
    for corners in (rest, rest[::-1]):
        for start in range(len(rest)):
            turned = corners[start:] + corners[:start]
            if {w.text for w, letter in zip(turned, letters, strict=True) if letter in fresh} == {*new}:
                return turned
    raise head.error(
        f"{head.text} {' '.join(_texts(rest))} can be read in two ways: round its corners, or as "
        f"'{' '.join((head.text, *letters))}'",
        f"write {head.text} with its given corners side by side, and {' '.join(new)} after them",
    )
