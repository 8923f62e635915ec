"""The lines and circles of a GeoGebra file, as its commands are read one by one.

Where two curves are known to share a point, their intersection there is that point and no new one, and a line through
two points of a known line is that line.
"""

from __future__ import annotations

import cmath
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from maieutic.geometry.ggb.objects import (
    NEW,
    Circle,
    Line,
    Number,
    Output,
    Spot,
    UnreadableError,
    locus_of,
    use,
)
from maieutic.geometry.ggb.points import Points, meets_of
from maieutic.geometry.trusted import loci
from maieutic.geometry.trusted.records import Construction, Point

ROUGH = 0.02
"""An intersection may be so far from where its curves meet: coordinates written by hand are rounded."""


class Curves(Points):
    """The same, with lines and circles, and which points lie on which."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names)
        self._lines: list[list[str]] = []
        self._shared: dict[Hashable, list[str]] = {}
        self._circles: list[Circle] = []
        self._radii: dict[Number | None, tuple[str, str, Fraction | None]] = {}

    def midpoint(self, out: Output, a: str, b: str) -> Spot:
        """The middle of two points."""
        if a == b:
            raise UnreadableError("a midpoint of one point")
        spot = self.only(out, use("midpoint", NEW, *sorted((a, b))))
        self._lie(self.through(a, b).on, spot.name)
        return spot

    def foot(self, out: Output, point: str, line: Line) -> Spot:
        """The foot of the perpendicular from a point to a line."""
        if point in line.on:
            return self.found(out, point)
        return self.meet(out, self.directed(point, line, square=True), line)

    def centroid(self, out: Output, a: str, b: str, c: str) -> Spot:
        """The meet of two medians."""
        middles = [self.midpoint(Output(None), *pair).name for pair in ((b, c), (c, a))]
        return self.meet(out, self.through(a, middles[0]), self.through(b, middles[1]))

    def off_segment(self, place: Point, a: str, b: str) -> float:
        """How far a place is from a segment, where that is known."""
        p, q = self.at[a], self.at[b]
        along = min(1.0, max(0.0, ((place - p) / (q - p)).real)) if p != q else 0.0
        return abs(place - (p + along * (q - p)))

    def square(self, corners: Sequence[Output], a: str, b: str) -> tuple[str, str]:
        """The two further vertices of a square, counterclockwise."""
        c, d = (self.new(corner, "square") for corner in corners)
        self.say((c, d), [use("square", b, a, d, c)])
        if a in self.at and b in self.at:
            turned = 1j * (self.at[b] - self.at[a])
            for name, place, corner in ((c, self.at[b] + turned, corners[0]), (d, self.at[a] + turned, corners[-1])):
                self.at[name] = place if corner.place is None else corner.place
        self.choices |= {c, d}
        return c, d

    @staticmethod
    def _lie(on: list[str], name: str) -> None:
        if name not in on:
            on.append(name)

    # ... lines

    def shared(self, key: Hashable, *points: str) -> list[str]:
        """The points known to be on the line with that key."""
        if key not in self._shared:
            self._shared[key] = list(points)
            self._lines.append(self._shared[key])
        return self._shared[key]

    def through(self, a: str, b: str) -> Line:
        """The line through two points."""
        if a == b:
            raise UnreadableError("a line through one point")
        on = next((on for on in self._lines if a in on and b in on), None)
        if on is None:
            on = [a, b]
            self._lines.append(on)
        return Line(use("on_line", NEW, a, b), on, (a, b))

    def segment(self, a: str, b: str) -> Line:
        """The line through two points, which knows them as its ends."""
        return replace(self.through(a, b), ends=(a, b))

    def directed(self, a: str, line: Line, square: bool) -> Line:
        """The parallel to a line through a point, or the perpendicular."""
        if not square and a in line.on:
            return replace(line, ends=None)
        b, c = line.along or self.pair(line)
        square = square != (line.square if line.along else False)
        if not square and any(a in on and b in on and c in on for on in self._lines):
            return self.through(b, c)
        on = self.shared((square, a, frozenset((b, c))), a)
        return Line(use("on_tline" if square else "on_pline", NEW, a, b, c), on, (b, c), square)

    def bisector(self, a: str, b: str, c: str) -> Line:
        """The bisector of the angle abc."""
        if len({a, b, c}) < 3:
            raise UnreadableError("an angle needs three points")
        return Line(use("angle_bisector", NEW, a, b, c), self.shared(("bisector", b, frozenset((a, c))), b))

    def pair(self, line: Line) -> tuple[str, str]:
        """Two points of a line; where it has too few, new ones."""
        first = line.on[0] if line.on else self.point(Output(None), [line.use], line).name
        return first, self.other(line, first)

    def other(self, line: Line, point: str) -> str:
        """A point of a line that is not the given one."""
        apart = (p for p in line.on if p != point and not self._coincide(p, point))
        return next(apart, "") or self.point(Output(None), [line.use], line).name

    def _coincide(self, a: str, b: str) -> bool:
        return a in self.at and b in self.at and self.same(self.at[a], self.at[b])

    # ... circles

    def about(self, centre: str, point: str) -> Circle:
        """The circle about a point through another."""
        if centre == point:
            raise UnreadableError("a circle through its centre")
        known = (each for each in self._circles if each.centre == centre and point in each.on)
        return next(known, None) or self._circle(use("on_circle", NEW, centre, point), [point], centre)

    def circum(self, a: str, b: str, c: str) -> Circle:
        """The circle through three points."""
        if len({a, b, c}) < 3:
            raise UnreadableError("a circle needs three points")
        known = (each for each in self._circles if {a, b, c} <= set(each.on))
        return next(known, None) or self._circle(use("on_circum", NEW, a, b, c), [a, b, c])

    def dia(self, a: str, b: str) -> Circle:
        """The circle with a diameter."""
        if a == b:
            raise UnreadableError("a diameter from a point to itself")
        return self._circle(use("on_dia", NEW, a, b), [a, b])

    def compass(self, centre: str, a: str, b: str) -> Circle:
        """The circle about a point with the distance of two others as its radius."""
        radii = self._equal_lengths(a, b)
        ends = sorted(p for pair in radii if centre in pair for p in pair if p != centre)
        if ends:
            return self.about(centre, ends[0])
        return self._circle(use("eqdistance", NEW, centre, a, b), [], centre)

    def with_radius(self, centre: str, radius: Number) -> Circle:
        """The circle about a point with a number for its radius. The first fixed one is free, others are its multiples;
        the radius of a slider is free, and the same wherever it is used."""
        key = None if radius.value is not None else radius
        if key not in self._radii:
            on = self.point(Output(None), [use("free", NEW)], place=self._beside(centre, radius))
            self._radii[key] = (centre, on.name, radius.value)
            return self.about(centre, on.name)
        first, end, size = self._radii[key]
        if radius.value == size:
            return self.compass(centre, first, end)
        assert radius.value
        assert size
        ratio = use("rconst", NEW, centre, first, end, values=(radius.value / size,))
        on = self.point(Output(None), [ratio], place=self._beside(centre, radius))
        return self.about(centre, on.name)

    def _beside(self, centre: str, radius: Number) -> Point | None:
        """A place at the distance of a fixed radius from a centre."""
        known = centre in self.at and radius.value is not None
        return self.at[centre] + cmath.rect(float(radius.value or 0), 0.4) if known else None

    def _equal_lengths(self, a: str, b: str) -> set[frozenset[str]]:
        """The pairs of points that circles are known to hold as far apart as a and b."""
        equal = {frozenset((a, b))}
        circles = [each for each in self._circles if each.centre]
        while True:
            radii = (_radii(each) for each in circles)
            more = {pair for each in radii if each & equal for pair in each} - equal
            if not more:
                return equal
            equal |= more

    def _circle(self, construction: Construction, on: list[str], centre: str = "") -> Circle:
        same = (each for each in self._circles if each.use == construction)
        circle = next(same, None) or Circle(construction, on, centre)
        if circle not in self._circles:
            self._circles.append(circle)
        return circle

    def centre(self, circle: Circle, out: Output) -> Spot:
        """The centre of a circle."""
        if circle.centre:
            return self.found(out, circle.centre)
        points = circle.use.args[1:]
        spot = self.midpoint(out, *points) if len(points) == 2 else self.only(out, use("circumcenter", NEW, *points))
        circle.centre = spot.name
        return spot

    def tangent_at(self, point: str, circle: Circle) -> Line:
        """The tangent at a point of a circle."""
        centre = self.centre(circle, Output(None)).name
        on = self.shared((True, point, frozenset((point, centre))), point)
        construction = use("lc_tangent", NEW, point, centre)
        return Line(construction, on, (point, centre), True, touches=circle.on, touched=point)

    def tangents_from(self, point: str, circle: Circle, located: bool) -> list[Line]:
        """The two tangents from a point outside, in any order; their points have places where `located`."""
        centre = self.centre(circle, Output(None)).name
        if not circle.on:
            self.point(Output(None), [circle.use], circle)
        through = circle.on[0]
        x, y = self.new(Output(None), "tangent"), self.new(Output(None), "tangent")
        self.say((x, y), [use("tangent", x, y, point, centre, through)])
        circle.on += [x, y]
        if located and all(p in self.at for p in (point, centre, through)):
            p, o, a = (self.at[each] for each in (point, centre, through))
            self.at |= dict(zip((x, y), meets_of([loci.circle((p + o) / 2, p), loci.circle(o, a)]), strict=False))
        return [replace(self.through(point, each), touches=circle.on, touched=each) for each in (x, y)]

    # ... intersections

    def meet(self, out: Output, first: Line | Circle, second: Line | Circle) -> Spot:
        """A point where two curves meet: one that they are known to share, or a new one."""
        if first.on is second.on:
            raise UnreadableError("the two are the same")
        for line, circle in ((first, second), (second, first)):
            if isinstance(line, Line) and line.touches is circle.on:
                return self.found(out, line.touched)
        common = [p for p in first.on if p in second.on]
        straight = isinstance(first, Line) and isinstance(second, Line)
        if common and (straight or self._chosen(out, common, first, second)):
            return self.found(out, common[0] if straight else self._chosen(out, common, first, second))
        spot = self.point(out, [first.use, second.use], first, second, choice=not straight)
        if not straight and out.label is None and spot.name not in self.at:
            raise UnreadableError("of two intersections it is not known which is meant")
        return spot

    def _chosen(self, out: Output, common: Sequence[str], first: Line | Circle, second: Line | Circle) -> str:
        """The point among the known ones that an intersection is, by its coordinates; "" if it is the other one."""
        if out.label is None:
            return ""
        if out.place is None:
            raise UnreadableError("without coordinates it is not known which of two intersections is meant")
        place = out.place
        found = [locus for each in (first, second) if (locus := locus_of(each.use, self.at)) is not None]
        meets = meets_of(found) if len(found) == 2 else []
        if not meets:
            return next((p for p in common if p in self.at and self.same(self.at[p], place)), "")
        nearest = min(meets, key=lambda p: abs(p - place))
        if abs(nearest - place) > ROUGH * self.size():
            raise UnreadableError("its coordinates are not where the two meet")
        return next(
            (p for p in common if p in self.at and min(meets, key=lambda q: abs(q - self.at[p])) == nearest), ""
        )


def _radii(circle: Circle) -> set[frozenset[str]]:
    """The pairs of points at the distance of a circle's radius."""
    radii = {frozenset((circle.centre, point)) for point in circle.on}
    return radii | {frozenset(circle.use.args[2:])} if circle.use.name == "eqdistance" else radii
