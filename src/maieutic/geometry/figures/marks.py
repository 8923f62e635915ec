"""Marks: ticks on equal segments, arcs in equal angles, squares in right angles. In the page's coordinates.

A mark stands only where its lines are drawn, and says only what can be seen: angles that are equal as directed angles
but look supplementary get none. Each class of equal things has its own number of strokes; when there are more classes
than can be told apart, the further ones go without.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from maieutic.geometry.figures.elements import Arcs, Element, RightAngle, Role, Ticks, element_id
from maieutic.geometry.figures.sketch import Sketch, crossing
from maieutic.geometry.trusted.predicates import dot, expand
from maieutic.geometry.trusted.records import Fact, Point

TICK, TICK_GAP = 4.5, 4.0
ARC, ARC_GAP = 21.0, 3.6
SQUARE = 9.5
SLACK = 0.05
"""Two places on the page this close (in px) are the same."""
MOST_TICKS, MOST_ARCS = 4, 3
T = TypeVar("T")

Angle = tuple[str, str, str]
"""An angle by an arm's point, the vertex and the other arm's point."""


@dataclass
class Marks:
    """The marks of a sketch on its page, as they are collected."""

    drawn: Sketch
    elements: list[Element] = field(default_factory=list)

    def place(self, name: str) -> Point:
        """Where a point is drawn."""
        return self.drawn.at[name]

    def _has(self, kind: str, *points: str) -> bool:
        return any(element.id == element_id(kind, *points) for element in self.elements)

    # --- equal segments ---

    def ticks(self, facts: Iterable[Fact], role: Role, first: int = 1) -> int:
        """Ticks for the equal segments of facts; the number of the next class."""
        classes = _classes(pair for fact in facts if (pair := self._segments(fact)))
        for members in classes:
            if first > MOST_TICKS:
                break
            small = any(self._length(segment) < 6 * TICK for segment in members)
            if not small and not any(self._has("t", *segment) for segment in members):
                self.elements += [self._tick(segment, first, role) for segment in members]
                first += 1
        return first

    def _segments(self, fact: Fact) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """The two segments of an equality that is to be marked: both drawn, and not two radii of a drawn circle."""
        if fact.predicate != "cong":
            return None
        a, b, c, d = (self.drawn.home[name] for name in fact.points)
        first, second = (min(a, b), max(a, b)), (min(c, d), max(c, d))
        if first == second or not self.drawn.covered(a, b) or not self.drawn.covered(c, d):
            return None
        for o in set(first) & set(second):
            end = self.place(b if a == o else a)
            if any(abs(ring.centre - self.place(o)) < SLACK and ring.passes(end, 0.5) for ring in self.drawn.rings):
                return None
        return (first, second)

    def _length(self, segment: tuple[str, str]) -> float:
        return abs(self.place(segment[1]) - self.place(segment[0]))

    def _tick(self, segment: tuple[str, str], count: int, role: Role) -> Ticks:
        """The ticks of one segment, near its middle, off other points and lines."""
        a, b = (self.place(name) for name in segment)
        along = (b - a) / abs(b - a)
        middle = max((0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74), key=lambda t: self._room(a + t * (b - a), along, t))
        centre = a + middle * (b - a)
        lines = []
        for i in range(count):
            at = centre + (i - (count - 1) / 2) * TICK_GAP * along
            lines.append((at + TICK * 1j * along, at - TICK * 1j * along))
        return Ticks(element_id("t", *segment), segment, role, tuple(lines))

    def _room(self, z: Point, along: Point, t: float) -> float:
        """How good a place on a segment is: far from points and from strokes that cross there, and near the middle."""
        gaps = [abs(self.place(name) - z) for name in self.drawn.home.values()]
        for stroke in self.drawn.strokes:
            other = (stroke.b - stroke.a) / abs(stroke.b - stroke.a)
            if abs((other.conjugate() * along).imag) > 0.05 and stroke.covers(z, 14):
                gaps.append(abs(((z - stroke.a) * other.conjugate()).imag))
        gaps += [abs(abs(z - ring.centre) - ring.radius) for ring in self.drawn.rings]
        return min(14.0, *gaps) - 10 * abs(t - 0.5)

    # --- equal angles ---

    def arcs(self, facts: Iterable[Fact], role: Role, first: int = 1) -> int:
        """Arcs for the equal angles of facts; the number of the next class."""
        classes = _classes(pair for fact in facts if (pair := self._angles(fact)))
        for members in classes:
            if first > MOST_ARCS:
                break
            small = any(self._arm(angle) < 1.3 * ARC for angle in members)
            if not small and not any(self._has("v", o, a, b) for a, o, b in members):
                for angle in members:
                    self.elements.append(self.arc(angle, first, role))
                first += 1
        return first

    def _angles(self, fact: Fact) -> tuple[Angle, Angle] | None:
        """The two angles of an equality that is to be marked: of drawn lines, and equal as they look."""
        if fact.predicate != "eqangle":
            return None
        first, second = self.angle(fact.points[:4]), self.angle(fact.points[4:])
        if first is None or second is None or first == second:
            return None
        sizes = self.size(first), self.size(second)
        seen = abs(sizes[0] - sizes[1]) < 1e-4 and 0.1 < sizes[0] < math.pi - 0.1
        return (first, second) if seen and abs(sizes[0] - math.pi / 2) > 1e-4 else None

    def angle(self, lines: Sequence[str], drawn: bool = True) -> Angle | None:
        """The angle of two lines with a common point, each arm by the first point on its ray; None if not drawn."""
        a, b, c, d = (self.drawn.home[name] for name in lines)
        shared = {a, b} & {c, d}
        if len(shared) != 1:
            return None
        (o,) = shared
        arms = (a if b == o else b, c if d == o else d)
        if drawn and not all(self.drawn.covered(o, arm) for arm in arms):
            return None
        p, q = sorted(self._ray(o, arm) for arm in arms)
        return (p, o, q) if p != q else None

    def _ray(self, o: str, arm: str) -> str:
        """The first of all points on the ray from o through arm, so that one angle has one name."""
        z, along = self.place(o), self.place(arm) - self.place(o)
        for name in self.drawn.home.values():
            turned = (self.place(name) - z) * along.conjugate()
            if turned.real > 0 and abs(turned.imag) < 1e-4 * abs(turned) and abs(self.place(name) - z) > SLACK:
                return name
        return arm

    def size(self, angle: Angle) -> float:
        """The size of an angle in radians, at most pi."""
        a, o, b = (self.place(name) for name in angle)
        return abs(cmath.phase((b - o) / (a - o)))

    def _arm(self, angle: Angle) -> float:
        """How long the shorter arm of an angle is, as it is drawn."""
        a, o, b = (self.place(name) for name in angle)
        return min(self._reach(o, (end - o) / abs(end - o)) for end in (a, b))

    def arc(self, angle: Angle, count: int, role: Role) -> Arcs:
        """The arcs in one angle; farther out where it is small, or where others are there already."""
        a, o, b = (self.place(name) for name in angle)
        sweep = cmath.phase((b - o) / (a - o))
        start = cmath.phase(a - o) if sweep > 0 else cmath.phase(b - o)
        arm = min(max(abs(a - o), abs(b - o)), 4 * ARC)
        radius = min(ARC + max(0.0, 9 * (0.7 - abs(sweep))), 0.6 * arm)
        inner = [e for e in self.elements if isinstance(e, Arcs) and e.role == role and abs(e.at - o) < SLACK]
        for other in inner:
            if _overlap(start, abs(sweep), other.start, other.sweep):
                radius = max(radius, other.radii[-1] + 1.6 * ARC_GAP)
        radii = tuple(radius + i * ARC_GAP for i in range(count))
        return Arcs(element_id("v", angle[1], angle[0], angle[2]), angle, role, o, radii, start, abs(sweep))

    # --- right angles ---

    def right_angles(self, facts: Iterable[tuple[Fact, Role]]) -> None:
        """Squares where perpendicular lines meet on the page; one for each place and pair of lines."""
        for fact, role in facts:
            found = self.right_angle(fact, role)
            if found and not any(
                isinstance(e, RightAngle) and abs(sum(e.corners) - sum(found.corners)) < 1 for e in self.elements
            ):
                self.elements.append(found)

    def right_angle(self, fact: Fact, role: Role) -> RightAngle | None:
        """The square of a perpendicular, in the quadrant that has most of both lines, and fewest other lines."""
        a, b, c, d = (self.place(name) for name in fact.points)
        foot = crossing(a, b, c, d)
        if foot is None:
            return None
        arms = []
        for p, q in ((a, b), (c, d)):
            u = (q - p) / abs(q - p)
            reach = [(self._reach(foot, sign * u), sign * u) for sign in (1, -1)]
            arms.append([(length, u) for length, u in reach if length > 1.3 * SQUARE])
        quadrants = [(min(m, n), u, v) for m, u in arms[0] for n, v in arms[1]]
        if not quadrants:
            return None
        _, u, v = max(quadrants, key=lambda each: (-self._crowd(foot, each[1], each[2]), round(each[0], 3)))
        corners = (foot + SQUARE * u, foot + SQUARE * (u + v), foot + SQUARE * v)
        return RightAngle(element_id("r", *fact.points), fact.points, role, corners)

    def _reach(self, z: Point, u: Point) -> float:
        """How far drawn strokes go from a place in a direction."""
        return max(
            (
                max(dot(u, stroke.a - z), dot(u, stroke.b - z))
                for stroke in self.drawn.strokes
                if stroke.covers(z, SLACK)
                and abs((u.conjugate() * (stroke.b - stroke.a)).imag) < 1e-4 * abs(stroke.b - stroke.a)
            ),
            default=0.0,
        )

    def _crowd(self, foot: Point, u: Point, v: Point) -> int:
        """How many strokes pass through the square."""
        middle = foot + 0.6 * SQUARE * (u + v)
        return sum(stroke.covers(middle, 0.55 * SQUARE) for stroke in self.drawn.strokes)


def _overlap(start: float, sweep: float, other: float, other_sweep: float) -> bool:
    """Whether two angles at one vertex share more than an arm."""
    ahead, behind = (other - start) % (2 * math.pi), (start - other) % (2 * math.pi)
    return ahead < sweep - 1e-3 or behind < other_sweep - 1e-3


def simple(facts: Iterable[Fact]) -> list[Fact]:
    """The simple facts that facts consist of, each once."""
    return list(dict.fromkeys(part for fact in facts for part in expand(fact)))


def _classes(pairs: Iterable[tuple[T, T]]) -> list[list[T]]:
    """The classes of things that pairs make equal, in order."""
    classes: list[dict[T, None]] = []
    for a, b in pairs:
        touching = [members for members in classes if a in members or b in members]
        merged: dict[T, None] = {}
        for members in touching:
            merged |= members
        merged |= {a: None, b: None}
        if touching:
            classes[classes.index(touching[0])] = merged
            for members in touching[1:]:
                classes.remove(members)
        else:
            classes.append(merged)
    return [list(members) for members in classes]
