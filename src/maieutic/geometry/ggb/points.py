"""The points of a problem that is read from a GeoGebra file: their names, clauses and places.

A point that the language needs and the file does not have (the centre of a circle through three points) gets a name of
its own, and gives it up when the file makes the same point later.
"""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence

from maieutic.core.errors import ProblemError
from maieutic.geometry.ggb.file import fresh_name
from maieutic.geometry.ggb.objects import (
    Circle,
    Line,
    Output,
    Spot,
    UnreadableError,
    locus_of,
    named,
)
from maieutic.geometry.trusted import loci
from maieutic.geometry.trusted.hints.fact_loci import common_places
from maieutic.geometry.trusted.loci import Locus
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Construction, Point, number_text
from maieutic.geometry.trusted.words import Word, read_construction

NEAR = 1e-7
"""Two points closer than this, in a figure of size 1, are the same."""
_LETTERS = {"circumcenter": "o", "incenter": "i", "midpoint": "m", "tangent": "t"}


class Points:
    """The clauses so far, and where their points are."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self.clauses: list[Clause] = []
        self.at: dict[str, Point] = {}
        self.choices: set[str] = set()
        self.renames: dict[str, str] = {}
        self._taken = set(self.names.values())
        self._known: set[str] = set()
        self._auxiliary: set[str] = set()
        self._only: dict[Construction, str] = {}

    def point(
        self,
        out: Output,
        uses: Sequence[Construction],
        *curves: Line | Circle,
        choice: bool = False,
        place: Point | None = None,
    ) -> Spot:
        """A new point, on the given curves; `choice` where its clause leaves open which of two it is."""
        name = self.new(out, uses[0].name)
        self.say((name,), [named(each, name) for each in uses])
        place = out.place if out.place is not None else place
        if place is None and out.label is None:
            place = self._computed(uses, {p for curve in curves for p in curve.on})
        if place is not None:
            self.at[name] = place
        if choice:
            self.choices.add(name)
        for curve in curves:
            curve.on.append(name)
        return Spot(name)

    def only(self, out: Output, construction: Construction, choice: bool = False, place: Point | None = None) -> Spot:
        """The point of a construction that gives just one; the same again, if it has been made before."""
        known = self._only.get(construction)
        if known is not None:
            return self.found(out, known)
        spot = self.point(out, [construction], choice=choice, place=place)
        self._only[construction] = spot.name
        return spot

    def say(self, points: tuple[str, ...], uses: Sequence[Construction]) -> None:
        """A new clause, if the language has it: most constructions need different points."""
        for each in uses:
            words = (each.name, *each.args, *map(number_text, each.values))
            try:
                read_construction([Word(word) for word in words], points, self._known)
            except ProblemError as error:
                raise UnreadableError(error.message) from None
        self.clauses.append(Clause(points, tuple(uses)))
        self._known |= set(points)

    def new(self, out: Output, construction: str) -> str:
        """The name of a new point: that of its label, or one of our own."""
        if out.label:
            if out.label not in self.names:  # an output without an element
                self.names[out.label] = fresh_name(out.label, self._taken)
            name = self.names[out.label]
        else:
            letter = _LETTERS.get(construction, "p")
            number = 1
            while f"{letter}{number}" in self._taken:
                number += 1
            name = f"{letter}{number}"
            self._auxiliary.add(name)
        self._taken.add(name)
        return name

    def found(self, out: Output, name: str) -> Spot:
        """A point that there is already; if its name is our own, it gets that of the label."""
        if out.label and name in self._auxiliary and name not in self.renames:
            self.renames[name] = self.new(out, "")
        return Spot(name)

    def _computed(self, uses: Sequence[Construction], known: set[str]) -> Point | None:
        """Where a point of our own can be: at a good place of its curve, or where its curves meet."""
        found = [locus_of(each, self.at) for each in uses]
        places = [locus for locus in found if locus is not None]
        if len(places) < len(found):
            return None
        if len(places) == 1 and not isinstance(places[0], loci.Points):
            return next((p for p in (_sample(places[0], number) for number in range(12)) if self._free(p)), None)
        meets = meets_of(places)
        if len(meets) > 1:
            meets = [p for p in meets if not any(self.same(p, self.at[q]) for q in known if q in self.at)]
        return meets[0] if len(meets) == 1 else None

    def size(self) -> float:
        """How far the figure reaches from its first point."""
        places = list(self.at.values())
        return max((abs(p - places[0]) for p in places), default=0.0) or 1.0

    def same(self, p: Point, q: Point) -> bool:
        """Whether two places are one, for a figure of this size."""
        return abs(p - q) < NEAR * self.size()

    def _free(self, p: Point) -> bool:
        return not any(self.same(p, q) for q in self.at.values())


def meets_of(places: Sequence[Locus]) -> list[Point]:
    """The common points of loci; none where there are infinitely many."""
    try:
        if len(places) == 1:
            return list(places[0].points) if isinstance(places[0], loci.Points) else []
        return list(common_places(places))
    except (NoMeetError, ArithmeticError):
        return []


def _sample(locus: Locus, number: int) -> Point:
    """A place on a line or a circle, not a special one, for each number."""
    match locus:
        case loci.Line(through, along):
            return through + (0.73 + 0.31 * number) * along
        case loci.Circle(centre):
            return centre + cmath.rect(locus.radius, 0.4 + 1.7 * number)
        case loci.Hyperbola(_, b, _):
            return loci.project(locus, b * (1.3 + 0.2 * number))
        case loci.Points(points):
            return points[0]
