"""Where a figure lies on its page: turned so that its base is level, cropped, and scaled so that points keep apart.

Points are all on the page. A circle is shown whole if that costs little room; of a larger one, the page shows a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from maieutic.geometry.figures.sketch import CLOSE, Ring, Sketch, Stroke
from maieutic.geometry.trusted.predicates import cross
from maieutic.geometry.trusted.records import Point, Problem

SIZE = 480.0
"""The longer side of what is drawn, in px, where points are not crowded."""
LARGEST, EACH = 900.0, 50.0
"""The longer side at most, or this much for each point, if that is more."""
MARGIN = 34.0
APART, ROOM = 13.0, 30.0
"""The distances, in px, that a page tries to keep between any two points, and between most points and the next."""
FLAT = 1.9
"""A figure this many times as wide as high is turned only if that makes it less so."""
WHOLE = 1.4
"""A circle that makes the longer side of the page longer than by this factor is cut off."""


@dataclass(frozen=True, slots=True)
class Page:
    """From a diagram's coordinates to the page's: turn, scale and shift; y downwards on the page."""

    turn: Point
    scale: float
    left: float
    top: float
    width: float
    height: float

    def __call__(self, z: Point) -> Point:
        w = z * self.turn
        return complex((w.real - self.left) * self.scale, (self.top - w.imag) * self.scale)


def page_of(problem: Problem, drawn: Sketch) -> Page:
    """The page for a sketch."""
    turn = 1 + 0j if problem.coordinates else _turn(problem, drawn)
    points = [z * turn for z in drawn.at.values()]
    rings = [Ring(ring.centre * turn, ring.radius, (), ring.role) for ring in drawn.rings]
    left, bottom, right, top = _crop(points, rings)
    extent = max(right - left, top - bottom) or 1.0
    scale = _scale(drawn, extent)
    margin = MARGIN / scale
    return Page(
        turn,
        scale,
        left - margin,
        top + margin,
        (right - left + 2 * margin) * scale,
        (top - bottom + 2 * margin) * scale,
    )


def on_page(drawn: Sketch, page: Page) -> Sketch:
    """The sketch in the page's coordinates."""
    at = {name: page(z) for name, z in drawn.at.items()}
    moved = Sketch(at, drawn.auxiliary, home=dict(drawn.home), scale=page.scale)
    moved.strokes = [Stroke(page(s.a), page(s.b), s.names, s.role) for s in drawn.strokes]
    moved.rings = [replace(r, centre=page(r.centre), radius=r.radius * page.scale) for r in drawn.rings]
    return moved


def _scale(drawn: Sketch, extent: float) -> float:
    """Of the plain size, or larger where points are crowded."""
    places = [drawn.at[name] for name in dict.fromkeys(drawn.home.values())]
    nearest = sorted(min((abs(a - b) for b in places if b != a), default=extent) for a in places)
    wanted = max(APART / max(nearest[0], CLOSE), ROOM / max(nearest[len(nearest) // 4], CLOSE))
    return min(max(SIZE / extent, wanted), max(LARGEST, EACH * len(places)) / extent)


def _crop(points: Sequence[Point], rings: Iterable[Ring]) -> tuple[float, float, float, float]:
    """left, bottom, right, top: all points, and the circles that cost little room."""
    box = _box(points)
    for ring in sorted(rings, key=lambda ring: ring.radius):
        larger = _box([*_corners(box), *(ring.centre + ring.radius * u for u in (1, 1j, -1, -1j))])
        if _longer(larger) < WHOLE * max(_longer(box), 0.1):
            box = larger
    return box


def _longer(box: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = box
    return max(right - left, top - bottom)


def _corners(box: tuple[float, float, float, float]) -> tuple[Point, Point]:
    left, bottom, right, top = box
    return complex(left, bottom), complex(right, top)


def _box(points: Sequence[Point]) -> tuple[float, float, float, float]:
    x, y = [z.real for z in points], [z.imag for z in points]
    return min(x), min(y), max(x), max(y)


# --- which way is up -------------------------------------------------------------------------------------------------


def _turn(problem: Problem, drawn: Sketch) -> Point:
    """The turn that makes the base level, the first clause's other points above it; another side if that's too tall."""
    first = [name for clause in problem.clauses[:3] for name in clause.points][:4]
    corners = list(dict.fromkeys(drawn.home[name] for name in first))
    if len(corners) < 2:
        return 1 + 0j
    start = problem.clauses[0]
    if len(start.points) == 3 and len(corners) > 2:
        sides = [(corners[1], corners[2]), (corners[0], corners[1]), (corners[2], corners[0])]
    else:
        sides = list(pairwise(corners[:3]))
    turns = [_level(drawn, side, corners) for side in sides]
    return min(turns, key=lambda turn: (_tallness([z * turn for z in drawn.at.values()]), turns.index(turn)))


def _level(drawn: Sketch, side: tuple[str, str], corners: Sequence[str]) -> Point:
    """The turn that makes a side level, with the other corners above it, or else most points."""
    a, b = (drawn.at[name] for name in side)
    turn = abs(b - a) / (b - a) if abs(b - a) > CLOSE else 1 + 0j
    above = [cross(b - a, drawn.at[name] - a) for name in corners if name not in side]
    if above and abs(above[0]) > CLOSE:
        return turn if above[0] > 0 else -turn
    return turn if sum(cross(b - a, z - a) for z in drawn.at.values()) >= 0 else -turn


def _tallness(points: Sequence[Point]) -> int:
    """0 for a figure of a good shape; more for tall and for very flat ones, in coarse steps."""
    left, bottom, right, top = _box(points)
    width, height = max(right - left, CLOSE), max(top - bottom, CLOSE)
    return int(2 * max(0.0, height / width - 1.15)) + int(max(0.0, width / height - FLAT))
