"""All facts of a closure, by predicate: what `maieutic deduce` prints.

A closure holds no list of facts, it answers questions. But unknowns that are provably equal, up to a constant, have
the same value at the generic points (linear.py), so facts fall out of sorting: the segments by their value in the
direction table into lines, parallels and known angles; those in the tables of lengths into equal lengths and known
ratios; the triangles by two differences of logarithms into similar ones; the pairs of lines through a point by one
difference of directions into equal angles. What follows trivially from a larger fact (three points of a line of four)
is not repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from operator import itemgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.linear import PRIME
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, direction, equations, expand, holds
from maieutic.geometry.trusted.records import Fact

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Key = tuple[int, int]
"""A value at the two generic points."""

SAME = 1e-7
"""Numbers of a figure that differ by less are equal."""

EXACT, SMALL, LARGE = 1e-9, 60, 1000
"""A number of a figure, no larger, that is so close to a fraction with so small a denominator is that fraction."""

MOST = 1000
"""Facts given for one predicate, unless told otherwise; of similar triangles and equal angles there can be many."""


def closure_facts(closure: Closure, most: int = MOST) -> dict[str, list[Fact]]:
    """What a closure proves, by predicate, in the order of PREDICATES; at most `most` of each.

    `coll` and `cyclic` are maximal, `cong` and `simtri` tie each member of a class to its first, `para` and `perp` are
    between lines, `eqangle` between lines that meet in a point of the figure, `eqratio` within and between lines.
    Every fact is true on the figure.
    """
    figure = _Figure(closure)
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in _candidates(figure):
        if len(found[fact.predicate]) < most and holds(fact, closure.diagram.points) and _proved(closure, fact):
            found[fact.predicate].append(fact)
    return {name: sorted(found[name], key=figure.place) for name in PREDICATES if found.get(name)}


def _proved(closure: Closure, fact: Fact) -> bool:
    """Whether each part of a fact follows by one of its equations, or is trivially true (|ab| = |ba|)."""
    return all(
        any(not equation.terms or closure.holds(equation) for equation in equations(part)) for part in expand(fact)
    )


def _candidates(figure: _Figure) -> Iterator[Fact]:
    yield from _overlaps(figure)
    yield from _lines(figure)
    yield from _constant_angles(figure)
    yield from _circles(figure)
    yield from _lengths(figure)
    yield from _midpoints(figure)
    yield from _triangles(figure)
    yield from _angles(figure)
    yield from _ratios(figure)


# --- the figure, with its generic values ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A maximal line: its points, no two in the same place; the key and the number of its direction."""

    points: tuple[str, ...]
    key: Key
    direction: float

    @property
    def pair(self) -> tuple[str, str]:
        return self.points[0], self.points[1]


class _Figure:
    """Segments between points in different places, their generic values, and the lines that they form."""

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.at = closure.diagram.points
        self.points = closure.points
        self.segments = [
            (a, b) for j, b in enumerate(self.points) for a in self.points[:j] if abs(self.at[a] - self.at[b]) > SAME
        ]
        values = [system[1] for system in closure.systems]
        self.values: dict[str, NDArray[np.int64]] = dict(zip(TABLES, values, strict=True))
        self.lines = list(self._find_lines())

    def key(self, table: str, a: str, b: str) -> Key:
        column = self.closure.column(a, b)
        values = self.values[table]
        return int(values[0, column]), int(values[1, column])

    def length(self, a: str, b: str) -> float:
        return abs(self.at[a] - self.at[b])

    def different(self, points: Iterable[str]) -> tuple[str, ...]:
        """The points without those in the place of an earlier one."""
        kept: list[str] = []
        for point in points:
            if all(self.length(point, other) > SAME for other in kept):
                kept.append(point)
        return tuple(kept)

    def place(self, of: Fact | _Line) -> tuple[int, ...]:
        """Where a fact or a line stands in the order of the problem's points."""
        return tuple(map(self.points.index, of.points))

    def between(self, predicate: str, first: _Line, second: _Line) -> Fact:
        """A symmetric fact on two lines, the earlier one first."""
        if self.place(second) < self.place(first):
            first, second = second, first
        return Fact(predicate, first.pair + second.pair)

    def _find_lines(self) -> Iterator[_Line]:
        by_key = _grouped(self.segments, lambda s: self.key("direction", *s))
        for key, members in by_key.items():
            for number, parallel in _close(members, lambda s: direction(self.at[s[0]], self.at[s[1]]), 1.0):
                for points in _components(parallel):
                    yield _Line(self.different(sorted(points, key=self.points.index)), key, number)


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _close(items: Iterable[T], number: Callable[[T], float], period: float = 0.0) -> list[tuple[float, list[T]]]:
    """Items in groups of equal numbers, ascending, each with its number; modulo `period` if that is not 0."""
    groups: list[tuple[float, list[T]]] = []
    last = -np.inf
    for value, item in sorted(((number(item), item) for item in items), key=lambda pair: pair[0]):
        if value - last > SAME * max(1.0, abs(value)):
            groups.append((value, []))
        groups[-1][1].append(item)
        last = value
    if period and len(groups) > 1 and groups[0][0] + period - last < SAME:
        groups[0][1].extend(groups.pop()[1])
    return groups


def _components(segments: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The connected sets of points."""
    of: dict[str, list[str]] = {}
    for a, b in segments:
        first, second = of.setdefault(a, [a]), of.setdefault(b, [b])
        if first is not second:
            first.extend(second)
            for point in second:
                of[point] = first
    return list({id(group): group for group in of.values()}.values())


def _minus(first: Key, second: Key) -> Key:
    return (first[0] - second[0]) % PRIME, (first[1] - second[1]) % PRIME


# --- lines and circles -----------------------------------------------------------------------------------------------


def _overlaps(figure: _Figure) -> Iterator[Fact]:
    for a, b in combinations(figure.points, 2):
        if figure.length(a, b) <= SAME:
            yield Fact("overlap", (a, b))


def _lines(figure: _Figure) -> Iterator[Fact]:
    for line in figure.lines:
        if len(line.points) > 2:
            yield Fact("coll", line.points)


def _constant_angles(figure: _Figure) -> Iterator[Fact]:
    """Parallels, perpendiculars and known angles: lines whose directions have the same generic value."""
    for lines in _grouped(figure.lines, lambda line: line.key).values():
        classes = _close(lines, lambda line: line.direction, 1.0)
        for _, parallel in classes:
            for first, second in combinations(parallel, 2):
                yield figure.between("para", first, second)
        for (x, xs), (y, ys) in combinations(classes, 2):
            if abs(y - x - 0.5) < SAME:
                for first, second in product(xs, ys):
                    yield figure.between("perp", first, second)
            else:
                value = _rational((y - x) % 1.0 * 180)
                if value is not None:
                    yield Fact("aconst", ys[0].pair + xs[0].pair, (value,))


def _rational(value: float) -> Fraction | None:
    """The small rational that a number is, if it is one: one number in a hundred thousand seems to be, and is not."""
    if abs(value) > LARGE:
        return None
    near = Fraction(value).limit_denominator(SMALL)
    return near if abs(float(near) - value) < EXACT * max(1.0, abs(value)) else None


def _circles(figure: _Figure) -> Iterator[Fact]:
    for points in _circles_seen(figure):
        left = set(combinations(points, 3))
        for base in combinations(points, 3):
            if base not in left:
                continue
            circle = base + tuple(p for p in points if p not in base and _concyclic(figure, (*base, p)))
            left -= set(combinations(sorted(circle, key=points.index), 3))
            if len(circle) > 3:
                yield Fact("cyclic", circle)


def _concyclic(figure: _Figure, points: tuple[str, ...]) -> bool:
    return _proved(figure.closure, Fact("cyclic", points))


def _circles_seen(figure: _Figure) -> Iterator[tuple[str, ...]]:
    """The maximal sets of four points or more, in different places, that the figure shows on a circle.

    The circles through a and b are told apart by their centres' place on the perpendicular bisector of ab. Each is
    given once, for its first two points.
    """
    points = figure.different(figure.points)
    z = np.array([figure.at[p] for p in points])
    for j in range(len(points)):
        for i in range(j):
            with np.errstate(divide="ignore", invalid="ignore"):
                turned = (z - z[i]) * np.conj(z - z[j])
                place = turned.real / turned.imag  # the cotangent of the angle at which ab is seen
            flat = set(np.flatnonzero(~(np.abs(place) < 1e6)).tolist())  # on line ab, or a or b
            others = [(float(place[k]), k) for k in range(len(points)) if k not in flat]
            for _, same in _close(others, itemgetter(0)):
                on = sorted(k for _, k in same)
                if len(on) > 1 and on[0] > j:
                    yield tuple(points[k] for k in (i, j, *on))


# --- lengths ---------------------------------------------------------------------------------------------------------


def _lengths(figure: _Figure) -> Iterator[Fact]:
    """Equal lengths as classes; then the known ratios between classes, or ratios of their squares."""
    classes = _equal_lengths(figure)
    for members in classes:
        for other in members[1:]:
            yield Fact("cong", members[0] + other)
    for similar in _grouped((members[0] for members in classes), lambda s: figure.key("log", *s)).values():
        for first, second in combinations(sorted(similar, key=lambda s: figure.length(*s)), 2):
            ratio = figure.length(*second) / figure.length(*first)
            if (value := _rational(ratio)) is not None:
                yield Fact("rconst", second + first, (value,))
            elif (value := _rational(ratio * ratio)) is not None:
                yield Fact("rsqconst", second + first, (value,))


def _segment_key(figure: _Figure, table: str, segment: tuple[str, str]) -> Key:
    return figure.key(table, *segment)


def _equal_lengths(figure: _Figure) -> list[list[tuple[str, str]]]:
    """All segments, in classes of provably equal ones: equal in any one of the three tables."""
    parent = {segment: segment for segment in figure.segments}

    def root(segment: tuple[str, str]) -> tuple[str, str]:
        while parent[segment] != segment:
            segment = parent[segment]
        return segment

    for table in ("log", "length", "square"):
        for members in _grouped(figure.segments, partial(_segment_key, figure, table)).values():
            for _, equal in _close(members, lambda s: figure.length(*s)):
                for segment in equal[1:]:
                    parent[root(segment)] = root(equal[0])
    return list(_grouped(figure.segments, root).values())


def _midpoints(figure: _Figure) -> Iterator[Fact]:
    for line in figure.lines:
        for m in line.points:
            for a, b in combinations([p for p in line.points if p != m], 2):
                if abs(figure.at[a] + figure.at[b] - 2 * figure.at[m]) < SAME:
                    yield Fact("midp", (m, a, b))


# --- triangles, angles, ratios ---------------------------------------------------------------------------------------


def _triangles(figure: _Figure) -> Iterator[Fact]:
    """Similar triangles, each with the first of its class; congruent ones are said to be so."""
    groups: dict[Hashable, list[tuple[str, str, str]]] = {}
    logs = {frozenset(s): figure.key("log", *s) for s in figure.segments}
    for corners in combinations(figure.points, 3):
        ordered = _ordered(figure, corners)
        if ordered is None:
            continue
        a, b, c = ordered
        first, second, third = (logs[frozenset(side)] for side in ((b, c), (c, a), (a, b)))
        groups.setdefault((_minus(first, third), _minus(second, third)), []).append(ordered)
    for members in groups.values():
        for _, same in _close(members, lambda t: figure.length(t[1], t[2]) / figure.length(t[0], t[1])):
            first_one, *others = same
            for other in others:
                congruent = Fact("contri", first_one + other)
                equal = abs(figure.length(*first_one[:2]) - figure.length(*other[:2])) < SAME
                yield congruent if equal and _proved(figure.closure, congruent) else Fact("simtri", first_one + other)


def _ordered(figure: _Figure, corners: tuple[str, str, str]) -> tuple[str, str, str] | None:
    """The corners a, b, c so that |bc| <= |ca| <= |ab|; None where they are no triangle."""
    z = [figure.at[p] for p in corners]
    sides = (abs(z[2] - z[1]), abs(z[0] - z[2]), abs(z[1] - z[0]))
    if min(sides) <= SAME or abs(((z[1] - z[0]) * (z[2] - z[0]).conjugate()).imag) < SAME * max(sides) ** 2:
        return None
    ranked = sorted(range(3), key=lambda i: (round(sides[i], 7), i))
    return corners[ranked[0]], corners[ranked[1]], corners[ranked[2]]


def _angles(figure: _Figure) -> Iterator[Fact]:
    """Equal angles between lines that meet in a point, each with the first of its class."""
    through: dict[str, list[_Line]] = {point: [] for point in figure.points}
    for line in figure.lines:
        for point in line.points:
            through[point].append(line)
    groups: dict[Hashable, list[tuple[float, tuple[str, ...]]]] = {}
    seen: set[frozenset[tuple[Key, float]]] = set()
    for vertex, lines in through.items():
        for first, second in combinations(lines, 2):
            both = frozenset(((first.key, first.direction), (second.key, second.direction)))
            if first.key == second.key or both in seen:  # a known angle; or one between parallels of such lines
                continue
            seen.add(both)
            turn = (first.direction - second.direction) % 1.0
            if turn > 0.5:
                first, second, turn = second, first, 1.0 - turn
            a, b = (next(p for p in line.points if p != vertex) for line in (first, second))
            angle = (vertex, a, vertex, b)
            groups.setdefault(_minus(first.key, second.key), []).append((turn, angle))
    for members in groups.values():
        for _, same in _close(members, itemgetter(0)):
            for _, other in same[1:]:
                yield Fact("eqangle", same[0][1] + other)


def _ratios(figure: _Figure) -> Iterator[Fact]:
    """Equal ratios in which three points of a line divide it, each with the first of its class."""
    groups: dict[Hashable, list[tuple[float, tuple[str, ...]]]] = {}
    for line in figure.lines:
        for middle in line.points:
            for a, b in combinations([p for p in line.points if p != middle], 2):
                pairs = sorted(((middle, a), (middle, b)), key=lambda s: figure.length(*s))
                keys = [figure.key("log", *pair) for pair in pairs]
                ratio = figure.length(*pairs[0]) / figure.length(*pairs[1])
                if keys[0] != keys[1]:  # otherwise it is known
                    groups.setdefault(_minus(*keys), []).append((ratio, pairs[0] + pairs[1]))
    for members in groups.values():
        for _, same in _close(members, itemgetter(0)):
            for _, other in same[1:]:
                yield Fact("eqratio", same[0][1] + other)
