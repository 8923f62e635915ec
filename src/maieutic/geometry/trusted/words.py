"""The words of the language: what a word, a number, a fact and a construction are, and what is wrong with others.

A word knows where it stands in the text, so that every error does. The parser of text and the builder of problems from
Python (problem.py) read their words here, so that they accept the same and complain alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from maieutic.core.errors import ProblemError, nearest
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct
from maieutic.geometry.trusted.predicates import PREDICATES, equations, expand
from maieutic.geometry.trusted.records import Construction, Fact, Point

MAX_TEXT = 1_000_000
MAX_DIGITS = 12
MAX_COORDINATE = 1e9

_TOKEN = re.compile(r"[;,=?|]|[^\s;,=?|]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_']*")
_NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d+)?|\.\d+)?(pi)?(?:/(\d+))?(o|°)?", re.ASCII)

# How many points of a fact must differ together: all of them (0), those of each triangle, or else of each segment.
_APART = {
    **dict.fromkeys(("coll", "cyclic", "midp", "circle", "cyclic_with_center", "cyclic_with_centers", "overlap"), 0),
    **dict.fromkeys(("diff", "noverlap", "ncoll", "ncyclic", "between", "nbetween", "sinesq", "sinelaw"), 0),
    **dict.fromkeys(("inside", "convex", "acute", "obtuse_angle"), 0),
    **dict.fromkeys(("simtri", "contri", "eqsine", "sameclock", "sameorder", "even_inside", "odd_inside"), 3),
}


class Word(NamedTuple):
    """A word of the text, and where it stands, counting from 1; nowhere, when it comes from Python."""

    text: str
    line: int | None = None
    column: int | None = None

    def error(self, message: str, hint: str | None = None) -> ProblemError:
        """An error that says where the word stands."""
        return ProblemError(message, line=self.line, column=self.column, hint=hint)


def split_words(text: str, first_line: int = 1) -> list[Word]:
    """The words of a text. Raises ProblemError for one that is too long."""
    if len(text) > MAX_TEXT:
        raise ProblemError(f"a text of {len(text)} characters", hint=f"at most {MAX_TEXT} are read")
    return [
        Word(found.group(), number, found.start() + 1)
        for number, line in enumerate(text.splitlines(), first_line)
        for found in _TOKEN.finditer(line.split("#", 1)[0])
    ]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known word; None where none is near."""
    close = nearest(word, known)
    return f"did you mean {close!r}?" if close else None


# --- words to numbers, points, facts, constructions ------------------------------------------------------------------


def read_number(word: Word) -> Fraction:
    """A rational; angles in degrees, `pi` being 180 of them."""
    found = _NUMBER.fullmatch(word.text)
    if not found or not (found[2] or found[3]):
        raise word.error(f"expected a number, found {word.text!r}", "write it as 15, -3/2, 0.5 or pi/3")
    sign, digits, pi, denominator, _ = found.groups()
    if any(sum(map(str.isdigit, part or "")) > MAX_DIGITS for part in (digits, denominator)):
        raise word.error("a number with too many digits", f"at most {MAX_DIGITS} are read")
    if denominator is not None and int(denominator) == 0:
        raise word.error("a number with the denominator 0")
    value = Fraction(digits or 1) * (180 if pi else 1) / int(denominator or 1)
    return -value if sign == "-" else value


def is_number(word: Word) -> bool:
    """Whether a word can be no name."""
    return not _NAME.fullmatch(word.text)


def _known_point(word: Word, known: Collection[str]) -> str:
    if word.text not in known:
        if is_number(word):
            raise word.error(f"expected a point, found {word.text!r}")
        points = f"the points are {', '.join(known)}" if 0 < len(known) <= 12 else None
        raise word.error(f"unknown point {word.text!r}", did_you_mean(word.text, known) or points)
    return word.text


def _repeated(fact: Fact) -> str | None:
    """A point that stands twice where two different ones are needed."""
    size = _APART.get(fact.predicate, 2) or len(fact.points)
    groups = [fact.points[i : i + size] for i in range(0, len(fact.points), size)]
    if fact.predicate in ("sameside", "oppside"):
        groups = groups[1:]
    return next((p for group in groups for i, p in enumerate(group) if p in group[:i]), None)


def _last(words: Sequence[Word], text: str, default: Word) -> Word:
    return next((word for word in reversed(words) if word.text == text), default)


def _points_text(shape: int | tuple[int, int]) -> str:
    return str(shape) if isinstance(shape, int) else f"{shape[0]} or more"


def read_fact(words: Sequence[Word], known: Collection[str], goal: bool) -> Fact:
    """A predicate and its arguments. Questions are for goals only."""
    head, *rest = words
    predicate = PREDICATES.get(head.text)
    if predicate is None:
        names = PREDICATES if goal else [*CONSTRUCTIONS, *PREDICATES]
        raise head.error(
            f"unknown {'predicate' if goal else 'construction or predicate'} {head.text!r}",
            did_you_mean(head.text, names),
        )
    if (predicate.kind == "question" or predicate.balance) and not goal:
        raise head.error(f"{head.text!r} is a question", "questions stand after '?'")
    shape = predicate.points
    if isinstance(shape, int):
        split = min(shape, len(rest))
    else:
        split = next((i for i, word in enumerate(rest) if is_number(word)), len(rest))
    points = tuple(_known_point(word, known) for word in rest[:split])
    values = tuple(map(read_number, rest[split:]))
    if head.text == "rconst" and len(values) == 2:
        if not values[1]:
            raise rest[-1].error("a ratio to 0")
        values = (values[0] / values[1],)
    if not predicate.accepts(len(points), len(values)):
        wanted = predicate.value_count(len(points))
        numbers = f" and {wanted} number{'s' if wanted != 1 else ''}" if wanted or values else ""
        found = f"{len(points)}" + (f" and {len(values)}" if numbers else "")
        step = "" if isinstance(shape, int) or shape[1] == 1 else f", in steps of {shape[1]}"
        raise head.error(f"{head.text} takes {_points_text(shape)} points{numbers}{step}; found {found}")
    fact = Fact(head.text, points, values)
    twice = _repeated(fact)
    if twice is not None:
        raise _last(rest, twice, head).error(f"{head.text} needs different points, but {twice!r} stands twice")
    _check_values(fact, rest[-1] if rest else head)
    return fact


def _check_values(fact: Fact, word: Word) -> None:
    """Ratios must be positive, and not have huge prime factors; counts must be counts."""
    if fact.predicate == "cyclic_with_centers":
        count = fact.values[0]
        if count.denominator != 1 or not 1 <= count <= len(fact.points) - 2:
            raise word.error(f"{count} centres", "a whole number, leaving two points or more on the circle")
    if fact.predicate in ("rconst", "rsqconst", "distmeq") and fact.values[-1] <= 0:
        raise word.error(f"{fact.predicate} needs a positive number, found {fact.values[-1]}")
    if fact.predicate == "angeq" and any(weight.denominator != 1 for weight in fact.values[:-1]):
        raise word.error("angeq needs whole multiples of directions: half of an angle modulo 180° is two angles")
    if fact.predicate == "sinesq" and not 0 < fact.values[0] <= 1:
        raise word.error(f"the square of a sine is in (0, 1], found {fact.values[0]}")
    try:
        for simple in expand(fact):
            equations(simple)
    except ValueError as error:
        raise word.error(str(error)) from None


def read_construction(words: Sequence[Word], new: Sequence[str], known: Collection[str]) -> Construction:
    """A right-hand side, in the full form. `new` are the clause's points, `known` those before it."""
    head, *rest = words
    construct = CONSTRUCTIONS.get(head.text)
    if construct is None:
        fact = read_fact(words, (*known, *new), goal=False)
        return Construction(fact.predicate, fact.points, fact.values)
    count = len(rest) - len(construct.numbers)
    if count == len(construct.letters):
        fill = rest
    elif count == len(construct.old):
        if len(new) != len(construct.new):
            raise head.error(f"{construct.signature} introduces {len(construct.new)} points, the clause {len(new)}")
        fresh, old = iter(new), iter(rest)
        fill = [
            Word(next(fresh), head.line, head.column) if letter in construct.new else next(old)
            for letter in construct.letters
        ]
        fill += rest[count:]
    else:
        raise head.error(f"{construct.name} takes {_forms(construct)}; found {len(rest)} arguments")
    points, numbers = fill[: len(construct.letters)], fill[len(construct.letters) :]
    introduced = construct.introduced(tuple(word.text for word in points))
    if len(set(introduced)) != len(introduced) or set(introduced) != set(new):
        if head.text in PREDICATES:  # the name of a predicate as well, said of earlier points
            fact = read_fact(words, (*known, *new), goal=False)
            return Construction(fact.predicate, fact.points, fact.values)
        culprit = points[construct.letters.index(construct.new[0])]
        raise culprit.error(
            f"{construct.signature} introduces {' '.join(introduced)}, the clause {' '.join(new)}",
            f"write {construct.name} with {' '.join(new)} in their places, or leave them out",
        )
    for letter, word in zip(construct.letters, points, strict=True):
        if letter not in construct.new:
            if word.text in new:
                raise word.error(f"{word.text!r} stands among the given points, but the clause only introduces it")
            _known_point(word, known)
    use = Construction(construct.name, tuple(w.text for w in points), tuple(map(read_number, numbers)))
    for fact in (*construct.requirements(use), *construct.facts(use)):
        twice = _repeated(fact)
        if twice is not None:
            raise _last(rest, twice, head).error(
                f"{construct.name} needs different points, but {twice!r} stands twice", f"it takes {_forms(construct)}"
            )
    return use


def _forms(construct: Construct) -> str:
    full, short = " ".join((*construct.letters, *construct.numbers)), " ".join((*construct.old, *construct.numbers))
    return f"{full!r} or {short!r}" if short else f"{full!r} or nothing"


def read_new_point(word: Word, known: Collection[str]) -> tuple[str, Point | None]:
    """A point that a clause introduces, and its coordinates, if given: `a` or `a@1.0_2.5`."""
    name, at, place = word.text.partition("@")
    if not _NAME.fullmatch(name):
        raise word.error(f"expected the name of a new point, found {word.text!r}", "letters, digits, _ and '")
    if name in known:
        raise word.error(f"point {name!r} is defined twice")
    if not at:
        return name, None
    x, _, y = place.partition("_")
    try:
        if "_" in y:  # which float() would read as a digit separator
            raise ValueError(y)
        z = complex(float(x), float(y))
    except ValueError:
        raise word.error(f"malformed coordinates {place!r}", "write them as a@0.5_-1.25") from None
    if not (math.isfinite(z.real) and math.isfinite(z.imag) and abs(z) <= MAX_COORDINATE):
        raise word.error(f"coordinates out of range: {place}", f"at most {MAX_COORDINATE:.0e}")
    return name, z


def split_at(words: Sequence[Word], separator: str) -> list[list[Word]]:
    """The words between the separators; an empty part where two of these meet."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.text == separator:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts
