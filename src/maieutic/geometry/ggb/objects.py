"""What the objects of a GeoGebra file are to this package: points, and curves that points lie on.

The language of problems has no names for lines and circles. A line or a circle of a file is kept as what it says of a
point on it (`on_tline x c a b`), the points known to be on it, and, for lines, a pair of points with its direction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from maieutic.geometry.trusted import loci
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Either
from maieutic.geometry.trusted.loci import Locus
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Construction, Point

NEW = ""
"""Stands, among the arguments of a construction, for the point that it will introduce."""


class UnreadableError(Exception):
    """A command that is known, but not with these inputs."""


def use(name: str, *args: str, values: tuple[Fraction, ...] = ()) -> Construction:
    """A construction; its arguments may hold NEW."""
    return Construction(name, args, values)


def named(construction: Construction, point: str) -> Construction:
    """A construction with its new point in place."""
    return replace(construction, args=tuple(point if arg == NEW else arg for arg in construction.args))


def locus_of(construction: Construction, at: Mapping[str, Point]) -> Locus | None:
    """Where the new point of a construction can be; None where old ones have no coordinates, or coincide."""
    construct = CONSTRUCTIONS[construction.name]
    old = construct.given(construction.args)
    if any(point not in at for point in old):
        return None
    try:
        drawn = construct.draw(None, *(at[point] for point in old), *construction.values)
    except (NoMeetError, ArithmeticError, ValueError):
        return None
    return None if isinstance(drawn, (tuple, Either)) else drawn


@dataclass(eq=False)
class Spot:
    """A point of the problem, by its name."""

    letter: ClassVar[str] = "P"
    word: ClassVar[str] = "point"
    name: str


@dataclass(eq=False)
class Line:
    """A line: what it says of a point on it, and the points known to be on it (one list for one line).

    Its direction is that of the pair `along`, or, where `square`, perpendicular to it. `ends` are those of a segment,
    `touched` the point where it touches the circle with the points `touches`.
    """

    letter: ClassVar[str] = "L"
    word: ClassVar[str] = "line"
    use: Construction
    on: list[str]
    along: tuple[str, str] | None = None
    square: bool = False
    ends: tuple[str, str] | None = None
    touches: list[str] | None = None
    touched: str = ""


@dataclass(eq=False)
class Circle:
    """A circle: what it says of a point on it, the points known to be on it, and its centre, once there is one."""

    letter: ClassVar[str] = "C"
    word: ClassVar[str] = "circle"
    use: Construction
    on: list[str]
    centre: str = ""


@dataclass(eq=False)
class Polygon:
    """A polygon, by its vertices."""

    letter: ClassVar[str] = "G"
    word: ClassVar[str] = "polygon"
    vertices: tuple[str, ...]


@dataclass(eq=False)
class Vector:
    """A vector, by the points that it leads from and to."""

    letter: ClassVar[str] = "V"
    word: ClassVar[str] = "vector"
    start: str
    end: str


@dataclass(eq=False)
class Angle:
    """A number of degrees, or the angle between two rays (from `points[0]` to `points[2]` about `points[1]`)."""

    letter: ClassVar[str] = "A"
    word: ClassVar[str] = "angle"
    degrees: Fraction | None = None
    points: tuple[str, str, str] | None = None


@dataclass(eq=False)
class Number:
    """A number; None, where it is measured or a slider's, and so says nothing."""

    letter: ClassVar[str] = "N"
    word: ClassVar[str] = "number"
    value: Fraction | None = None


@dataclass(eq=False)
class Idle:
    """Something that says nothing of the figure, and that nothing may depend on: a text, a measure, a picture."""

    letter: ClassVar[str] = "-"
    word: str


@dataclass(eq=False)
class Unread:
    """What could not be read, and has been complained of."""

    letter: ClassVar[str] = "?"
    word: ClassVar[str] = "unread object"


Object = Spot | Line | Circle | Polygon | Vector | Angle | Number | Idle | Unread


@dataclass(frozen=True, slots=True)
class Output:
    """A place for what a command makes: its label (None inside another command, "" where it is not kept), its type in
    the file, where it is (a point), its coefficients (a line), and whether the file says that it is nowhere."""

    label: str | None
    kind: str = ""
    place: Point | None = None
    line: tuple[float, float, float] | None = None
    undefined: bool = False


Outputs = Sequence[Output]


def name_of(arg: Object) -> str:
    """The name of a point."""
    assert isinstance(arg, Spot)
    return arg.name


def line_distance(line: tuple[float, float, float], point: Point) -> float:
    """How far a point is from a line given by its coefficients."""
    x, y, z = line
    return abs(x * point.real + y * point.imag + z) / (abs(complex(x, y)) or 1.0)


def drawn_line(line: Line, at: Mapping[str, Point]) -> loci.Line | None:
    """Where a line is; None where that is not known."""
    found = locus_of(line.use, at)
    return found if isinstance(found, loci.Line) else None


_CALL = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*[(\[](.*)[)\]]\s*", re.DOTALL)


def call(text: str) -> tuple[str, list[str]] | None:
    """A command in words as its name and its arguments; None where a text is none."""
    found = _CALL.fullmatch(text)
    return (found[1], _arguments(found[2])) if found else None


def _arguments(text: str) -> list[str]:
    """The arguments of a command in words, split at the commas that no brackets hold."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
