"""What a figure consists of: points, segments, circles, marks and labels, with plain coordinates on a page.

A page is `width` by `height`, x to the right and y **downwards**, as in SVG; the writers (svg.py, png.py, and whoever
wants TikZ) draw the elements in order, one on top of the other. Every element has an id that depends on the problem
only, so that a page can find and highlight it:

    p-a         the point a (or all points in its place)        l-a         its label
    s-a-b       a segment, by its ends in alphabetical order     c-a-b-c     a circle, by its centre or by three points
    t-a-b       ticks on a segment, of equal length with others  v-o-a-b     the arcs of angle aob
    r-a-b-c-d   a right angle of the lines ab, cd

Elements of the kind `overlay` are not to be seen until they are highlighted: they show the steps of a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from maieutic.geometry.trusted.records import Point

Role = Literal["given", "auxiliary", "goal", "overlay"]
"""Drawn plainly, dashed, in colour, or only when highlighted."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point; `points` are the names of all points in its place."""

    id: str
    points: tuple[str, ...]
    role: Role
    at: Point


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment; `points` are its ends, as named, though it may go on to where it meets another line."""

    id: str
    points: tuple[str, ...]
    role: Role
    a: Point
    b: Point


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle, of which the page may show a part only; `points` are all that lie on it, as drawn."""

    id: str
    points: tuple[str, ...]
    role: Role
    centre: Point
    radius: float
    centre_name: str | None = None


@dataclass(frozen=True, slots=True)
class Ticks:
    """Strokes across a segment: those with the same number are equally long."""

    id: str
    points: tuple[str, ...]
    role: Role
    lines: tuple[tuple[Point, Point], ...]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs in an angle, from direction `start` on by `sweep` radians, clockwise on the page; `points` are a, o, b."""

    id: str
    points: tuple[str, ...]
    role: Role
    at: Point
    radii: tuple[float, ...]
    start: float
    sweep: float


@dataclass(frozen=True, slots=True)
class RightAngle:
    """The small square in a right angle: its three corners off the vertex."""

    id: str
    points: tuple[str, ...]
    role: Role
    corners: tuple[Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a label's text, and whether it is a subscript."""

    text: str
    low: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A text: its middle, half its width and height, and its pieces. Without points: the size of an angle."""

    id: str
    points: tuple[str, ...]
    role: Role
    at: Point
    half_width: float
    half_height: float
    runs: tuple[Run, ...]
    size: float

    @property
    def text(self) -> str:
        """The label as plain text: `A1 = B`."""
        return "".join(run.text for run in self.runs)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom."""
        x, y = self.at.real, self.at.imag
        return x - self.half_width, y - self.half_height, x + self.half_width, y + self.half_height


Element = Dot | Segment | Circle | Ticks | Arcs | RightAngle | Label


@dataclass(frozen=True)
class Figure:
    """A figure on a page: its elements in drawing order; where its points are; the name that stands for a place."""

    title: str
    description: str
    width: float
    height: float
    elements: tuple[Element, ...]
    at: Mapping[str, Point]
    home: Mapping[str, str]

    def of(self, *kinds: type[Element]) -> tuple[Element, ...]:
        """The elements of some kinds."""
        return tuple(element for element in self.elements if isinstance(element, kinds))


def element_id(kind: str, *points: str) -> str:
    """The id of an element. Primes become dots: `a'` is `a.` (an id may not hold a prime everywhere)."""
    return "-".join((kind, *points)).replace("'", ".")
