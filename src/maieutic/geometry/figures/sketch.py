"""What is drawn of a problem: segments and circles, each once, in the coordinates of its diagram.

Constructions are drawn by the table in shown.py; of other facts, the lines, the circles and the segments that they
speak of. Segments that overlap or touch on one line become one. A perpendicular that points at a drawn segment
without reaching it is drawn on to the foot. What belongs to the goal is in the goal's colour, what rests on auxiliary
points is dashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from maieutic.geometry.figures.elements import Role
from maieutic.geometry.figures.shown import SHOWN
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, hypotheses, introduces
from maieutic.geometry.trusted.loci import circumcentre
from maieutic.geometry.trusted.predicates import PREDICATES, cross, dot, expand
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Point, Problem

CLOSE = 1e-5
"""Places of a figure of size 1 that differ by less are the same."""
LARGEST = 30.0
"""Circles with a larger radius are not drawn: they look like lines."""
RANK: dict[Role, int] = {"goal": 0, "given": 1, "auxiliary": 2, "overlay": 3}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A segment from a to b; `names` are the outermost named points on it."""

    a: Point
    b: Point
    names: tuple[str, str]
    role: Role

    def covers(self, z: Point, slack: float = CLOSE) -> bool:
        """Whether a place is on it."""
        along = self.b - self.a
        t = min(1.0, max(0.0, dot(along, z - self.a) / abs(along) ** 2))
        return abs(z - self.a - t * along) < slack


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle; `names` are the points known to be on it, `centre_name` its centre, if it has a name."""

    centre: Point
    radius: float
    names: tuple[str, ...]
    role: Role
    centre_name: str | None = None

    def passes(self, z: Point, slack: float = CLOSE) -> bool:
        """Whether a place is on it."""
        return abs(abs(z - self.centre) - self.radius) < slack


@dataclass
class Sketch:
    """The strokes and circles of a figure of size `scale`. Points in one place go by the first's name: `home`."""

    at: Mapping[str, Point]
    auxiliary: frozenset[str] = frozenset()
    strokes: list[Stroke] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    home: dict[str, str] = field(default_factory=dict)
    scale: float = 1.0

    def __post_init__(self) -> None:
        for name, z in self.at.items() if not self.home else ():
            same = next((other for other in self.home.values() if abs(self.at[other] - z) < self.close), name)
            self.home[name] = same

    @property
    def close(self) -> float:
        """Places that differ by less are the same."""
        return CLOSE * self.scale

    def covered(self, *names: str) -> bool:
        """Whether the points lie on one drawn stroke."""
        return any(all(stroke.covers(self.at[name], self.close) for name in names) for stroke in self.strokes)

    # --- segments ---

    def line(self, names: Sequence[str], role: Role) -> None:
        """The segment between the outermost of collinear points."""
        a, b = max(combinations(names, 2), key=lambda pair: abs(self.at[pair[0]] - self.at[pair[1]]))
        if abs(self.at[a] - self.at[b]) > self.close:
            self._add(Stroke(self.at[a], self.at[b], (self.home[a], self.home[b]), self._dashed(role, names)))

    def _add(self, new: Stroke) -> None:
        """A stroke, joined with those of the same kind that it overlaps or touches on its line."""
        solid = [old for old in self.strokes if old.role == "given"]
        if new.role == "auxiliary" and any(
            old.covers(new.a, self.close) and old.covers(new.b, self.close) for old in solid
        ):
            return
        kept = [old for old in self.strokes if old.role == new.role]
        while joined := [(old, both) for old in kept if (both := _joined(old, new, self.at, self.close))]:
            old, new = joined[0]
            kept.remove(old)
        self.strokes = [*(old for old in self.strokes if old.role != new.role), *kept, new]

    def extend(self, names: tuple[str, str], foot: Point, role: Role) -> None:
        """A stroke through two points and on to a foot."""
        role = self._dashed(role, names)
        a, b = sorted(names, key=lambda name: -abs(self.at[name] - foot))
        if abs(self.at[a] - self.at[b]) > self.close and abs(self.at[a] - foot) > self.close:
            self._add(Stroke(self.at[a], foot, (self.home[a], self.home[b]), role))

    # --- circles ---

    def round(self, names: Sequence[str], role: Role) -> None:
        """The circle through three points or more, unless they nearly lie on a line."""
        three = max(combinations(names, 3), key=self._area)
        try:
            centre = circumcentre(*(self.at[name] for name in three))
        except (NoMeetError, ZeroDivisionError):
            return
        self.ring(centre, abs(self.at[three[0]] - centre), names, role)

    def _area(self, three: Sequence[str]) -> float:
        a, b, c = (self.at[name] for name in three)
        return abs(cross(b - a, c - a))

    def about(self, centre: str, names: Sequence[str], role: Role) -> None:
        """The circle about a point through others."""
        z = self.at[centre]
        self.ring(z, abs(self.at[names[0]] - z), names, role, self.home[centre])

    def ring(self, centre: Point, radius: float, names: Sequence[str], role: Role, named: str | None = None) -> None:
        """A circle, joined with the same one if it is there."""
        if not self.close < radius < LARGEST * self.scale:
            return
        named = named or next((self.home[n] for n, z in self.at.items() if abs(z - centre) < self.close), None)
        found = tuple(dict.fromkeys(self.home[name] for name in names))
        new = Ring(centre, radius, found, self._dashed(role, (*names, *([named] if named else []))), named)
        for old in self.rings:
            same = abs(old.centre - centre) < self.close and abs(old.radius - radius) < self.close
            if same or (len(found) > 2 and all(old.passes(self.at[name], 30 * self.close) for name in found)):
                self.rings.remove(old)
                role = min(old.role, new.role, key=RANK.__getitem__)
                joined = tuple(dict.fromkeys((*old.names, *found)))
                new = Ring(old.centre, old.radius, joined, role, old.centre_name or named)
                break
        self.rings.append(new)

    def _dashed(self, role: Role, names: Iterable[str]) -> Role:
        return "auxiliary" if role == "given" and self.auxiliary.intersection(names) else role

    # --- facts and constructions ---

    def construction(self, use: Construction) -> None:
        """What the table shows of a construction."""
        of = dict(zip(CONSTRUCTIONS[use.name].letters, use.args, strict=True))
        for word in SHOWN[use.name].split():
            if word.startswith("("):
                self.round([of[letter] for letter in word[1:-1]], "given")
            elif word.endswith(")"):
                self.about(of[word[0]], [of[word[2]]], "given")
            else:
                self.line([of[letter] for letter in word], "given")

    def fact(self, fact: Fact, role: Role) -> None:
        """What a fact speaks of; of `|oa| = |ob|` nothing here, if it is given: see `distances`."""
        for part in expand(fact):
            if part.predicate == "coll":
                self.line(part.points, role)
            elif part.predicate == "cyclic":
                self.round(part.points, role)
            elif role == "goal" or centre_of(part) is None:
                for a, b in segments_of(part):
                    self.line((a, b), role)

    def distances(self, facts: Iterable[Fact]) -> None:
        """Of points at one distance from a centre: the circle if they are three, else the two equal segments."""
        ends: dict[tuple[str, float], dict[str, None]] = {}
        for fact in facts:
            centre = centre_of(fact)
            if centre is not None:
                others = [point for point in fact.points if point != centre]
                radius = round(abs(self.at[others[0]] - self.at[centre]), 5)
                ends.setdefault((self.home[centre], radius), {}).update(dict.fromkeys(others))
        for (centre, _), points in ends.items():
            if len(points) > 2:
                self.about(centre, list(points), "given")
            elif not self.covered(*points):
                for point in points:
                    self.line((centre, point), "given")


def sketch(problem: Problem, at: Mapping[str, Point], auxiliary: Iterable[Clause] = ()) -> Sketch:
    """The strokes and circles of a problem, the goal's included."""
    drawn = Sketch(at, frozenset(point for clause in auxiliary for point in clause.points))
    asserted: list[Fact] = []
    for clause in problem.clauses:
        for use in clause.constructions:
            if introduces(use, clause):
                drawn.construction(use)
            else:
                asserted += expand(Fact(use.name, use.args, use.values))
    for fact in asserted:
        drawn.fact(fact, "given")
    drawn.distances(asserted)
    for goal in problem.goals:
        drawn.fact(goal, "goal")
    for perpendicular, role in perpendiculars(problem):
        _reach(drawn, perpendicular, role)
    goals = [stroke for stroke in drawn.strokes if stroke.role == "goal"]
    drawn.strokes = [
        stroke
        for stroke in drawn.strokes
        if stroke.role == "goal" or not any(goal.covers(stroke.a) and goal.covers(stroke.b) for goal in goals)
    ]
    return drawn


def perpendiculars(problem: Problem) -> list[tuple[Fact, Role]]:
    """The right angles that a problem gives or asks for, in that order."""
    found: list[tuple[Fact, Role]] = [(fact, "given") for fact in hypotheses(problem) if fact.predicate == "perp"]
    found += [(part, "goal") for goal in problem.goals for part in expand(goal) if part.predicate == "perp"]
    return found


def _reach(drawn: Sketch, fact: Fact, role: Role) -> None:
    """Draw a perpendicular on to its foot, where this is inside a drawn segment of the other line, and not far off."""
    a, b, c, d = fact.points
    for first, second in (((a, b), (c, d)), ((c, d), (a, b))):
        foot = crossing(*(drawn.at[name] for name in (*first, *second)))
        if foot is None or not drawn.covered(*first) or not drawn.covered(*second):
            continue
        p, q = (drawn.at[name] for name in first)
        near = [s for s in drawn.strokes if s.covers(p) and s.covers(q)]
        if any(s.covers(foot) for s in near):
            continue
        base = next((s for s in drawn.strokes if all(s.covers(drawn.at[name]) for name in second)), None)
        beyond = min(abs(foot - s.a) for s in near), min(abs(foot - s.b) for s in near)
        longest = max(abs(s.b - s.a) for s in near)
        if base and base.covers(foot) and min(beyond) < max(1.2 * longest, 0.8 * abs(base.b - base.a)):
            drawn.extend(first, foot, role)
            return


def centre_of(fact: Fact) -> str | None:
    """o, where a fact says |oa| = |ob|."""
    if fact.predicate != "cong":
        return None
    a, b, c, d = fact.points
    shared = [point for point in (a, b) if point in (c, d)]
    return shared[0] if len(shared) == 1 else None


def segments_of(fact: Fact) -> list[tuple[str, str]]:
    """The segments that a simple fact names."""
    points = fact.points
    if fact.predicate in ("eqsine", "sinesq"):
        return [(o, arm) for o, *arms in (points[:3], points[3:]) if arms for arm in arms]
    if fact.predicate == "sinelaw":
        return [*pairwise(points), (points[-1], points[0])]
    if PREDICATES[fact.predicate].kind == "numeric" or fact.predicate in ("coll", "cyclic", "overlap"):
        return []
    return [(a, b) for a, b in zip(points[::2], points[1::2], strict=True) if a != b]


def crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """The meet of lines ab and cd, or None where they are nearly parallel."""
    u, v = b - a, d - c
    area = cross(u, v)
    if abs(area) < 1e-6 * max(abs(u) * abs(v), 1e-12):
        return None
    return a + cross(c - a, v) / area * u


def _joined(old: Stroke, new: Stroke, at: Mapping[str, Point], close: float) -> Stroke | None:
    """One stroke in place of two that overlap, or touch, on one line."""
    along = (old.b - old.a) / abs(old.b - old.a)
    if any(abs(cross(along, z - old.a)) > close for z in (new.a, new.b)):
        return None

    def place(z: Point) -> float:
        return dot(along, z - old.a)

    ends = sorted((old.a, old.b, new.a, new.b), key=place)
    if abs(ends[-1] - ends[0]) > abs(old.b - old.a) + abs(new.b - new.a) + close:
        return None
    names = sorted((*old.names, *new.names), key=lambda name: place(at[name]))
    return Stroke(ends[0], ends[-1], (names[0], names[-1]), old.role)
