"""The images of points, lines and circles of a GeoGebra file: in points and lines, by turns, shifts and dilations."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from maieutic.geometry.ggb.curves import Curves
from maieutic.geometry.ggb.objects import NEW, Circle, Line, Object, Output, Spot, UnreadableError, use
from maieutic.geometry.trusted import loci
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Point


class Images(Curves):
    """The same, with images, each made once."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names)
        self._images: dict[tuple[str, tuple[str, ...]], str] = {}

    def image(self, out: Output, original: Object, how: tuple[str, ...]) -> Object:
        """The image of a point, line or circle: `mirror b`, `reflect b c`, `shift a b`, `turn o degrees|a b c`."""
        if isinstance(original, Spot):
            return self._image(out, original.name, how)
        inner = Output(None)
        if isinstance(original, Circle):
            centre = self._image(inner, self.centre(original, inner).name, how).name
            if not original.on:
                return self.compass(centre, *original.use.args[2:])
            return self.about(centre, self._image(inner, original.on[0], how).name)
        assert isinstance(original, Line)
        if how[0] == "turn" and how[1] in original.on:
            return self._turned(original, how)
        a, b = original.ends or self.pair(original)
        c, d = self._image(inner, a, how).name, self._image(inner, b, how).name
        return self.segment(c, d) if original.ends else self.through(c, d)

    def _turned(self, line: Line, how: tuple[str, ...]) -> Line:
        """A line turned about one of its points."""
        kind, centre, *angle = how
        other = self.other(line, centre)
        on_key = (kind, centre, other, *angle)
        if len(angle) == 3:
            a, b, c = angle
            return Line(use("on_aline", NEW, centre, other, c, b, a), self.shared(on_key, centre))
        degrees = Fraction(angle[0])
        if degrees % 180 == 0:
            return replace(line, ends=None)
        if degrees % 180 == 90:
            return self.directed(centre, line, square=True)
        return Line(use("s_angle", other, centre, NEW, values=(degrees,)), self.shared(on_key, centre))

    def _image(self, out: Output, point: str, how: tuple[str, ...]) -> Spot:
        if (point, how) in self._images:
            return self.found(out, self._images[point, how])
        spot = self._make_image(out, point, how)
        self._images[point, how] = spot.name
        return spot

    def _make_image(self, out: Output, point: str, how: tuple[str, ...]) -> Spot:
        kind, *rest = how
        place = self._moved(point, how)
        if kind == "reflect":
            if any(point in on and rest[0] in on and rest[1] in on for on in self._lines):
                return self.found(out, point)
            return self.only(out, use("reflect", NEW, point, *rest), place=place)
        if kind == "shift":
            start, end = rest
            if start == end:
                raise UnreadableError("a vector from a point to itself")
            return (
                self.found(out, end)
                if point == start
                else self.only(out, use("shift", NEW, point, end, start), place=place)
            )
        centre, *angle = rest
        if kind == "dilate":
            return self._dilated(out, point, centre, Fraction(angle[0]), place)
        if point == centre or angle == ["0"]:
            return self.found(out, point)
        if kind == "mirror" or angle == ["180"]:
            spot = self.only(out, use("mirror", NEW, point, centre), place=place)
            self._lie(self.through(point, centre).on, spot.name)
            return spot
        quarter = {"90": "psquare", "270": "nsquare"}.get(angle[0])
        if quarter:
            return self.only(out, use(quarter, NEW, centre, point), place=place)
        if angle[0] in ("60", "300"):
            return self.point(out, [use("eq_triangle", NEW, centre, point)], choice=True, place=place)
        if len(angle) == 3:
            a, b, c = angle
            turn = use("on_aline", NEW, centre, point, c, b, a)
        else:
            turn = use("s_angle", point, centre, NEW, values=(Fraction(angle[0]),))
        return self.point(out, [turn, use("on_circle", NEW, centre, point)], choice=True, place=place)

    def _dilated(self, out: Output, point: str, centre: str, factor: Fraction, place: Point | None) -> Spot:
        """The image of a point in a dilation: on the line to the centre, at a multiple of the distance."""
        if point == centre or factor == 1:
            return self.found(out, point)
        if factor == Fraction(1, 2):
            return self.midpoint(out, point, centre)
        if factor in (-1, 2):
            ends = (point, centre) if factor == -1 else (centre, point)
            spot = self.only(out, use("mirror", NEW, *ends), place=place)
        else:
            ratio = use("rconst", centre, NEW, centre, point, values=(abs(factor),))
            line = self.through(point, centre)
            spot = self.point(out, [use("on_line", NEW, point, centre), ratio], choice=True, place=place)
            line.on.append(spot.name)
            return spot
        self._lie(self.through(point, centre).on, spot.name)
        return spot

    def _moved(self, point: str, how: tuple[str, ...]) -> Point | None:
        """Where the image of a point is."""
        kind, *rest = how
        points = [point, *rest] if len(rest) == 4 or kind not in ("turn", "dilate") else [point, rest[0]]
        if any(p not in self.at for p in points):
            return None
        p, first, *others = (self.at[each] for each in points)
        try:
            if kind == "mirror":
                return 2 * first - p
            if kind == "reflect":
                return loci.reflection(p, first, others[0])
            if kind == "shift":
                return p + others[0] - first
            if kind == "dilate":
                return first + float(Fraction(rest[1])) * (p - first)
            if others:
                a, b, c = others
                return first + (p - first) * loci.unit(c - b) / loci.unit(a - b)
        except NoMeetError:
            return None
        return first + (p - first) * cmath.exp(1j * math.radians(float(Fraction(rest[1]))))
