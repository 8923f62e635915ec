"""A figure as SVG: the segments, lines and circles that a problem speaks of, its points, and the goal in colour.

What is drawn is read off the facts. A fact on lines or lengths draws its segments, and segments that overlap on one
line become one; points on a circle, or three points at one distance from a fourth, draw the circle (and not its
radii). The same figure always gives the same text.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations

from maieutic.geometry.constructions import clause_facts, hypotheses
from maieutic.geometry.loci import NoMeetError, circumcentre
from maieutic.geometry.predicates import PREDICATES, expand
from maieutic.geometry.prose import display_names
from maieutic.geometry.records import Diagram, Fact, Point, Problem

SIZE = 560.0
MARGIN = 36.0
FONT = 17.0
CLOSE = 1e-5
"""Lines and circles of a figure of size 1 that differ by less are the same."""

INK, GOAL, PAPER = "#44546a", "#d1432f", "#ffffff"

SIDES = {
    "segment": "ab",
    "triangle": "ab bc ca",
    "triangle12": "ab bc ca",
    "iso_triangle": "ab bc ca",
    "r_triangle": "ab bc ca",
    "risos": "ab bc ca",
    "ieq_triangle": "ab bc ca",
    "quadrangle": "ab bc cd da",
    "trapezoid": "ab bc cd da",
    "r_trapezoid": "ab bc cd da",
    "eq_trapezoid": "ab bc cd da",
    "eq_quadrangle": "ab bc cd da",
    "eqdia_quadrangle": "ab bc cd da ac bd",
    "pentagon": "ab bc cd de ea",
}
"""The sides of polygons: constructions whose facts do not name them all."""

ROUND = frozenset(
    (
        "on_circle",
        "circle",
        "circumcenter",
        "tangent",
        "cc_tangent",
        "cc_tangent0",
        "intersection_lc",
        "intersection_cc",
    )
)
"""Constructions that speak of a circle, though they name two of its points only; others name three."""


def svg(problem: Problem, diagram: Diagram) -> str:
    """The figure of a problem as an SVG document."""
    sketch = _Sketch(diagram)
    for goal in problem.goals:
        sketch.fact(goal, goal=True)
    for clause in problem.clauses:
        for use in clause.constructions:
            for side in SIDES.get(use.name, "").split():
                sketch.segment(use.args["abcde".index(side[0])], use.args["abcde".index(side[1])])
            if use.name in ROUND:
                for fact in clause_facts(clause):
                    sketch.radius(fact)
    for fact in hypotheses(problem):
        sketch.fact(fact)
    sketch.distances(hypotheses(problem))
    return _page(sketch, problem)


# --- what is drawn ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Segment:
    a: Point
    b: Point
    goal: bool = False


@dataclass(frozen=True)
class _Circle:
    centre: Point
    radius: float
    goal: bool = False


@dataclass
class _Sketch:
    """The segments and circles of a figure, each once; those of the goals are drawn before those of the hypotheses."""

    diagram: Diagram
    segments: list[_Segment] = field(default_factory=list)
    circles: list[_Circle] = field(default_factory=list)

    def place(self, point: str) -> Point:
        return self.diagram.points[point]

    def fact(self, fact: Fact, goal: bool = False) -> None:
        """Draw what a fact speaks of."""
        for part in expand(fact):
            points = part.points
            if part.predicate == "coll":
                self.line(points, goal)
            elif part.predicate in ("cyclic", "ncyclic"):
                self.circle(points[:3], goal)
            elif part.predicate in ("eqsine", "sinesq", "sinelaw"):
                for o, *arms in (points[:3], points[3:]) if len(points) == 6 else (points,):
                    for arm in arms:
                        self.segment(o, arm, goal)
            elif PREDICATES[part.predicate].kind != "numeric" and (goal or _centre(part) is None):
                for a, b in zip(points[::2], points[1::2], strict=True):
                    self.segment(a, b, goal)

    def line(self, points: Sequence[str], goal: bool = False) -> None:
        """The segment between the outermost of collinear points."""
        a, b = max(combinations(points, 2), key=lambda pair: abs(self.place(pair[0]) - self.place(pair[1])))
        self.segment(a, b, goal)

    def segment(self, a: str, b: str, goal: bool = False) -> None:
        """A segment, joined with those of the same kind that it overlaps on its line."""
        new = _Segment(self.place(a), self.place(b), goal)
        if abs(new.a - new.b) < CLOSE:
            return
        for old in [old for old in self.segments if old.goal == goal]:
            joined = _joined(old, new)
            if joined:
                self.segments.remove(old)
                new = joined
        self.segments.append(new)

    def circle(self, points: Sequence[str], goal: bool = False) -> None:
        """The circle through three points, unless they nearly lie on a line."""
        a, b, c = map(self.place, points)
        try:
            centre = circumcentre(a, b, c)
        except NoMeetError:
            return
        self.ring(centre, abs(a - centre), goal)

    def ring(self, centre: Point, radius: float, goal: bool = False) -> None:
        known = any(abs(c.centre - centre) < CLOSE and abs(c.radius - radius) < CLOSE for c in self.circles)
        if not known and CLOSE < radius < 20:
            self.circles.append(_Circle(centre, radius, goal))

    def radius(self, fact: Fact) -> None:
        """The circle of `cong o a o b`."""
        o = _centre(fact)
        if o is not None:
            a = next(p for p in fact.points[:2] if p != o)
            self.ring(self.place(o), abs(self.place(a) - self.place(o)))

    def distances(self, facts: Iterable[Fact]) -> None:
        """The circles on which facts put three points or more at one distance from a centre."""
        ends: dict[tuple[str, float], set[str]] = {}
        for fact in facts:
            o = _centre(fact)
            if o is not None:
                others = [p for p in fact.points if p != o]
                ends.setdefault((o, round(abs(self.place(others[0]) - self.place(o)), 5)), set()).update(others)
        for (o, radius), points in ends.items():
            if len(points) > 2:
                self.ring(self.place(o), radius)


def _centre(fact: Fact) -> str | None:
    """o, where a fact says |oa| = |ob|."""
    if fact.predicate != "cong":
        return None
    a, b, c, d = fact.points
    shared = [p for p in (a, b) if p in (c, d)]
    return shared[0] if len(shared) == 1 else None


def _joined(old: _Segment, new: _Segment) -> _Segment | None:
    """One segment in place of two that overlap, or touch, on one line."""
    ends = sorted((old.a, old.b, new.a, new.b), key=lambda z: (z * (old.b - old.a).conjugate()).real)
    along = (old.b - old.a) / abs(old.b - old.a)
    if any(abs(((z - old.a) * along.conjugate()).imag) > CLOSE for z in (new.a, new.b)):
        return None
    if abs(ends[-1] - ends[0]) > abs(old.b - old.a) + abs(new.b - new.a) + CLOSE:
        return None
    return _Segment(ends[0], ends[-1], old.goal)


# --- the page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """From the figure's coordinates to the page's, y downwards; `width` and `height` of the page."""

    scale: float
    left: float
    top: float
    width: float
    height: float

    def __call__(self, z: Point) -> Point:
        return complex(MARGIN + (z.real - self.left) * self.scale, MARGIN + (self.top - z.imag) * self.scale)


def _view(sketch: _Sketch) -> _View:
    """All points, and of the circles those that are not much larger than they are."""
    z = list(sketch.diagram.points.values())
    reach = max((abs(p - q) for p in z for q in z), default=0.0)
    for circle in sketch.circles:
        if circle.radius <= reach:
            z += [circle.centre + circle.radius * u for u in (1, 1j, -1, -1j)]
    left, right = min(p.real for p in z), max(p.real for p in z)
    bottom, top = min(p.imag for p in z), max(p.imag for p in z)
    extent = max(right - left, top - bottom) or 1.0
    scale = (SIZE - 2 * MARGIN) / extent
    return _View(scale, left, top, (right - left) * scale + 2 * MARGIN, (top - bottom) * scale + 2 * MARGIN)


def _page(sketch: _Sketch, problem: Problem) -> str:
    view = _view(sketch)
    width, height = _number(view.width), _number(view.height)
    name = escape(problem.name) or "figure"
    shapes: list[_Segment | _Circle] = [*sketch.circles, *sketch.segments]
    shapes.sort(key=lambda shape: shape.goal)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}">',
            f"<title>{name}</title>",
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
            f'<g fill="none" stroke="{INK}" stroke-width="1.2" stroke-linecap="round">',
            *(_shape(shape, view) for shape in shapes),
            "</g>",
            f'<g fill="{INK}" font-family="Georgia, serif" font-style="italic" font-size="{_number(FONT)}" '
            'text-anchor="middle">',
            *_points(sketch, view),
            "</g>",
            "</svg>",
            "",
        )
    )


def _shape(shape: _Segment | _Circle, view: _View) -> str:
    colour = f' stroke="{GOAL}" stroke-width="2.2"' if shape.goal else ""
    if isinstance(shape, _Circle):
        c = view(shape.centre)
        radius = _number(shape.radius * view.scale)
        return f'<circle cx="{_number(c.real)}" cy="{_number(c.imag)}" r="{radius}"{colour}/>'
    a, b = view(shape.a), view(shape.b)
    x1, y1, x2, y2 = map(_number, (a.real, a.imag, b.real, b.imag))
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{colour}/>'


def _number(value: float) -> str:
    """One digit after the point, and never -0."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


# --- points and their labels -----------------------------------------------------------------------------------------


def _points(sketch: _Sketch, view: _View) -> list[str]:
    """A dot and a label each; points in one place share them."""
    places: dict[str, Point] = {name: view(z) for name, z in sketch.diagram.points.items()}
    names = display_names(places)
    groups: list[list[str]] = []
    for point in places:
        home = next((g for g in groups if abs(places[g[0]] - places[point]) < 1), None)
        if home is None:
            groups.append([point])
        else:
            home.append(point)
    lines: list[str] = []
    taken: list[Point] = [places[group[0]] for group in groups]
    for group in groups:
        at = places[group[0]]
        text = " = ".join(names[p] for p in group)
        label = _label_place(at, len(text), sketch, view, taken)
        taken.append(label)
        lines.append(f'<circle cx="{_number(at.real)}" cy="{_number(at.imag)}" r="2.8"/>')
        lines.append(f'<text x="{_number(label.real)}" y="{_number(label.imag + 0.35 * FONT)}">{escape(text)}</text>')
    return lines


def _label_place(at: Point, letters: int, sketch: _Sketch, view: _View, taken: Sequence[Point]) -> Point:
    """Of 24 places around a point, the one farthest from lines, circles, points and other labels."""
    reach = 0.85 * FONT + 0.25 * FONT * (letters - 1)
    best, most = at, -math.inf
    for turn in range(24):
        place = at + reach * cmath.exp(1j * math.pi * (turn / 12 - 0.5))
        gaps = [1.2 * _distance(place, segment, view) for segment in sketch.segments]
        gaps += [1.2 * _distance(place, circle, view) for circle in sketch.circles]
        gaps += [0.8 * abs(place - other) for other in taken if other != at]
        gaps += [2 * min(place.real, view.width - place.real, place.imag, view.height - place.imag)]
        room = min(1.6 * FONT, *gaps)
        if room > most + 1e-6:
            best, most = place, room
    return best


def _distance(place: Point, shape: _Segment | _Circle, view: _View) -> float:
    if isinstance(shape, _Circle):
        return abs(abs(place - view(shape.centre)) - shape.radius * view.scale)
    a, b = view(shape.a), view(shape.b)
    along = ((place - a) / (b - a)).real
    return abs(place - (a + min(1.0, max(0.0, along)) * (b - a)))
