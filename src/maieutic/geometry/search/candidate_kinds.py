"""Ways to construct an auxiliary point: the kinds that the search draws from, and one construction as a candidate.

What a contestant would try. Each is an ordinary construction, so a proof with it is an ordinary proof of a longer
figure. A candidate may also be of no kind that is listed here: whoever proposes one says how it is constructed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from zlib import crc32

from maieutic.geometry.trusted.records import Clause, Construction, Point


class Kind(NamedTuple):
    """One way to construct a point: its constructions over letters (x is new), and what it is worth beforehand."""

    name: str
    constructions: str
    worth: float
    free: float
    """What the lines and circles that pass through it by definition count."""


KINDS: tuple[Kind, ...] = (
    Kind("meet of two lines", "on_line x a b, on_line x c d", 0.3, 2),
    Kind("midpoint", "midpoint x a b", 1.2, 1),
    Kind("foot", "foot x a b c", 1.0, 1),
    Kind("reflection in a point", "mirror x a b", 0.8, 1),
    Kind("reflection in a line", "reflect x a b c", 0.8, 0),
    Kind("circumcentre", "circumcenter x a b c", 0.9, 0),
    Kind("incentre", "incenter x a b c", 0.6, 0),
    Kind("excentre", "excenter x a b c", 0.4, 0),
    Kind("orthocentre", "orthocenter x a b c", 0.8, 0),
    Kind("fourth vertex of a parallelogram", "parallelogram a b c x", 0.6, 0),
    Kind("second meet of a line and a circle by its centre", "on_line x a b, on_circle x c a", 0.8, 1),
    Kind("second meet of a line and a circle by three points", "on_line x a b, on_circum x a c d", 0.5, 1.5),
    Kind("second meet of two circles by three points", "on_circum x a b c, on_circum x a d e", 0.1, 1),
    Kind("second meet of two circles by their centres", "on_circle x b a, on_circle x c a", 0.7, 0),
    Kind("second meet of two circles", "on_circle x b a, on_circum x a c d", 0.4, 0.5),
    Kind("parallel met with a line", "on_pline x a b c, on_line x d e", 0.3, 1),
    Kind("perpendicular met with a line", "on_tline x a b c, on_line x d e", 0.2, 1),
    Kind("parallel met with a circle", "on_pline x a b c, on_circle x d a", 0.5, 1),
    Kind("perpendicular met with a circle", "on_tline x a b c, on_circle x d a", 0.5, 1),
    Kind("bisector met with the opposite side", "angle_bisector x a b c, on_line x a c", 0.5, 1),
    Kind("centre of a circle through two points on a line", "on_bline x a b, on_line x c d", 0.2, 1),
    Kind("parallel met with a circle by three points", "on_pline x a b c, on_circum x a d e", 0.3, 1),
)
(
    MEET, MIDPOINT, FOOT, MIRROR, REFLECT, CIRCUM, IN, EX, ORTHO, PARALLELOGRAM, LINE_CENTRE, LINE_CIRCLE,
    CIRCLES, CENTRES, MIXED, PARALLEL, PERPENDICULAR, PARALLEL_CIRCLE, PERPENDICULAR_CIRCLE, BISECTOR,
    BISECTING, PARALLEL_CYCLIC,
) = range(len(KINDS))  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A construction of one point, where that is on the figure, and how promising it looks.

    `pattern` is its text in the problem language, over x for the new point and a, b, c, ... for `points` in order.
    """

    pattern: str
    points: tuple[str, ...]
    at: Point
    score: float = 0.0

    @property
    def name(self) -> str:
        """A name that depends on the construction alone: who meets it twice, meets one point."""
        return f"x{crc32(' '.join((self.pattern, *self.points)).encode()):08x}"

    def clause(self, name: str | None = None) -> Clause:
        """The clause that introduces the point, under this name or its own."""
        name = name or self.name
        letters = dict(zip("abcdefgh", self.points, strict=False)) | {"x": name}
        return Clause(
            (name,), tuple(Construction(word, tuple(letters[a] for a in args)) for word, args in _parts(self.pattern))
        )


@cache
def _parts(pattern: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The constructions of a pattern: name and letters."""
    parts = (part.split() for part in pattern.split(","))
    return tuple((word, tuple(args)) for word, *args in parts)
