"""What is said of each construction, and how a row of the table is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from maieutic.geometry.trusted.loci import (
    Locus,
)
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Construction, Fact, Point


@dataclass(frozen=True, slots=True)
class Either:
    """Several points, in one of several ways."""

    ways: tuple[tuple[Point, ...], ...]


Drawn = Locus | Either | tuple[Point, ...]
DEFINITIONS = "alphageometry_definitions (Trinh et al., Nature 2024)"


@dataclass(frozen=True, slots=True)
class Template:
    """A fact with letters of a signature in place of points and numbers."""

    predicate: str
    points: tuple[str, ...]
    values: tuple[Fraction | str, ...] = ()

    def fill(self, points: Mapping[str, str], values: Mapping[str, Fraction]) -> Fact:
        """The fact with points and numbers in place of letters."""
        return Fact(
            self.predicate,
            tuple(points[p] for p in self.points),
            tuple(values[v] if isinstance(v, str) else v for v in self.values),
        )


@dataclass(frozen=True, slots=True)
class Construct:
    """One construction.

    `letters` are its points in the order in which they are written, `new` those that it introduces, `numbers` its
    rational parameters, after the points. `draw(sketch, *old points, *numbers)` gives the locus of its one new point,
    or its several new points in the order of `new`; it raises NoMeetError where it has none. Where the old points
    leave several new ones open, they are placed near those of `sketch`, and `sketch(rng, *old points)` finds such
    places by chance; the others do not look at it. `may_fail`: it may have none though what it needs holds.
    """

    name: str
    letters: tuple[str, ...]
    new: tuple[str, ...]
    numbers: tuple[str, ...]
    needs: tuple[Template, ...]
    gives: tuple[Template, ...]
    says: tuple[Template, ...]
    draw: Callable[..., Drawn]
    sketch: Callable[..., tuple[Point, ...]] | None
    meaning: str
    source: str
    may_fail: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """The letters of the points that must exist before."""
        return tuple(letter for letter in self.letters if letter not in self.new)

    @property
    def signature(self) -> str:
        """How it is written: its name, its points, its numbers."""
        return " ".join((self.name, *self.letters, *self.numbers))

    def introduced(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """The new points among full arguments."""
        return tuple(arg for letter, arg in zip(self.letters, args, strict=True) if letter in self.new)

    def given(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """The old points among full arguments."""
        return tuple(arg for letter, arg in zip(self.letters, args, strict=True) if letter not in self.new)

    def facts(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it gives."""
        return self._fill(self.gives, construction)

    def requirements(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it needs."""
        return self._fill(self.needs, construction)

    def strict(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it says beside: facts that are no equations."""
        return self._fill(self.says, construction)

    def _fill(self, templates: tuple[Template, ...], use: Construction) -> tuple[Fact, ...]:
        points = dict(zip(self.letters, use.args, strict=True))
        values = dict(zip(self.numbers, use.values, strict=True))
        return tuple(template.fill(points, values) for template in templates)


def _template(text: str) -> Template:
    name, *words = text.split()
    shape = PREDICATES[name].points
    count = shape if isinstance(shape, int) else len(words)
    values = (Fraction(w) if w[0].isdigit() else w for w in words[count:])
    return Template(name, tuple(words[:count]), tuple(values))


def _templates(text: str) -> tuple[Template, ...]:
    return tuple(map(_template, filter(None, map(str.strip, text.split(",")))))


def row(
    signature: str,
    new: str,
    needs: str,
    gives: str,
    draw: Callable[..., Drawn],
    meaning: str,
    numbers: str = "",
    says: str = "",
    sketch: Callable[..., tuple[Point, ...]] | None = None,
) -> Construct:
    """A row of the table, from texts."""
    name, *letters = signature.split()
    return Construct(
        name,
        tuple(letters),
        tuple(new.split()),
        tuple(numbers.split()),
        _templates(needs),
        _templates(gives),
        _templates(says),
        draw,
        sketch,
        meaning,
        f"{DEFINITIONS}: {name}",
        name in MAY_FAIL,
    )


MAY_FAIL = frozenset(("tangent", "cc_tangent0", "cc_tangent", "trisect", "3peq", "2l1c", "e5128"))
"""Constructions that have no points on some figures, though what they need holds."""
