"""Random figures: a shape or a known configuration, grown by random constructions.

Half of the new points are the meet of two loci, a few are anywhere on one, the others are what a geometer would add
(midpoints, feet, centres, second meets with circles). Every clause is one that the kernel would accept as auxiliary:
it places points, and says nothing about those that were there before. A point that falls onto another, or far outside,
is not taken. Independent points of one construction are clauses of their own, so that a theorem can do without those
that it does not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw, extend
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.text.encoding import renamed_clause
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct, introduces
from maieutic.geometry.trusted.records import Clause, Construction, Diagram, Problem

NEAR, FAR = 0.02, 4.0
"""A new point is at least so far from the others, and not farther from the middle."""

LEAST, MOST = 7, 14
"""Points of a figure."""

KNOWN = 0.6
"""The share of figures that start from a configuration of the library."""

UNLIMITED = 1e9
"""No time limit: what is drawn must not depend on the machine."""


def _names(text: str) -> list[str]:
    return text.split()


SHAPES = _names(
    "triangle triangle triangle triangle triangle triangle quadrangle quadrangle segment iso_triangle r_triangle risos "
    "ieq_triangle isquare rectangle trapezoid r_trapezoid eq_trapezoid eq_quadrangle eqdia_quadrangle"
)

LOCI = _names(
    "on_line on_line on_line on_line on_line on_pline on_pline on_tline on_tline on_tline on_bline "
    "on_aline angle_bisector angle_bisector lc_tangent on_circle on_circle on_circle "
    "on_circum on_circum on_circum on_circum on_dia on_dia eqdistance"
)
"""Two of these meet in a point; one alone is a point on it. The repeated ones come more often."""

POINTS = _names(
    "midpoint midpoint midpoint midpoint mirror mirror reflect reflect foot foot foot foot circumcenter circumcenter "
    "circumcenter incenter excenter orthocenter orthocenter parallelogram parallelogram shift nsquare psquare "
    "eq_triangle intersection_ll intersection_ll intersection_ll intersection_lc intersection_lc intersection_lc "
    "intersection_cc intersection_cc intersection_lp intersection_lt intersection_tt tangent square incenter2 centroid"
)
"""Each of these is a clause of its own."""

PARTS = {
    "centroid": "x = midpoint b c; y = midpoint c a; z = midpoint a b; i = on_line a x, on_line b y",
    "ninepoints": "x = midpoint b c; y = midpoint c a; z = midpoint a b; i = circumcenter x y z",
    "incenter2": "i = incenter a b c; x = foot i b c; y = foot i c a; z = foot i a b",
    "excenter2": "i = excenter a b c; x = foot i b c; y = foot i c a; z = foot i a b",
}
"""Constructions of several points, and the same point by point, in the letters of CONSTRUCTIONS."""

ANGLES = (30, 45, 60, 120, 135, 150)


@dataclass(frozen=True)
class Figure:
    """A problem without goals, and its diagram. Its first `start` clauses are a shape or a known configuration."""

    problem: Problem
    diagram: Diagram
    start: int = 0


def random_figure(rng: Random) -> Figure:
    """A figure of LEAST to MOST points (a few more where the last clause has several)."""
    size = rng.randint(LEAST, MOST)
    while True:
        clauses = _start(rng, size)
        try:
            diagram = draw(Problem("", clauses), rng.randrange(2**32), time_limit=UNLIMITED, well_shaped=False)
        except DiagramError:
            continue
        if all(_well_placed(diagram, point) for point in diagram.points):
            return _grown(rng, list(clauses), diagram, size)


def _start(rng: Random, size: int) -> tuple[Clause, ...]:
    """The clauses to start from, leaving room for a few points: a shape, or the first of a known problem's."""
    if rng.random() < KNOWN:
        clauses = rng.choice(_configurations())
        most = rng.randint(4, size - 2)
        points = 0
        for count, clause in enumerate(clauses):
            points += len(clause.points)
            if points > most:
                return clauses[:count] or clauses[:1]
        return clauses
    row = CONSTRUCTIONS[rng.choice(SHAPES)]
    return (Clause(row.letters, (Construction(row.name, row.letters),)),)


@cache
def _configurations() -> tuple[tuple[Clause, ...], ...]:
    """The library's figures, as far as they are constructions that only place points; points are named p0, p1, ..."""
    found = []
    for entry in library.entries():
        problem = entry.problem
        clauses: list[Clause] = []
        for clause in problem.clauses:
            if not _only_places(clause):
                break
            clauses += _parts(clause)
        names = {p: f"p{i}" for i, p in enumerate(p for clause in clauses for p in clause.points)}
        if len(names) > 3:
            found.append(tuple(renamed_clause(clause, names) for clause in clauses))
    return tuple(found)


def _parts(clause: Clause) -> tuple[Clause, ...]:
    """A clause, or the same point by point."""
    use = clause.constructions[0]
    if use.name not in PARTS:
        return (clause,)
    names = dict(zip(CONSTRUCTIONS[use.name].letters, use.args, strict=True))
    return tuple(renamed_clause(part, names) for part in _parts_in_letters(use.name))


@cache
def _parts_in_letters(name: str) -> tuple[Clause, ...]:
    return parse_problem(f"a b c = triangle; {PARTS[name]}").clauses[1:]


def _only_places(clause: Clause) -> bool:
    """Whether a clause is one construction, or the meet of two curves."""
    rows = [CONSTRUCTIONS[use.name] for use in clause.constructions if introduces(use, clause)]
    if len(rows) != len(clause.constructions):
        return False
    return len(rows) < 2 or (len(rows) == 2 and all(_is_curve(row) for row in rows))


def _is_curve(row: Construct) -> bool:
    return len(row.new) == 1 and (len(row.gives) == 1 or row.name == "on_bline")


def _grown(rng: Random, clauses: list[Clause], diagram: Diagram, size: int) -> Figure:
    tries, start = 0, len(clauses)
    while len(diagram.points) < size and tries < 20 * size:
        tries += 1
        clause = _clause(rng, tuple(diagram.points))
        try:
            larger = extend(diagram, _parts(clause), rng.randrange(2**32))
        except DiagramError:
            continue
        if all(_well_placed(larger, point) for point in clause.points):
            clauses += _parts(clause)
            diagram = larger
    return Figure(Problem("", tuple(clauses)), diagram, start)


def _well_placed(diagram: Diagram, point: str) -> bool:
    place = diagram.points[point]
    return abs(place) < FAR and all(abs(place - q) > NEAR for other, q in diagram.points.items() if other != point)


def _clause(rng: Random, known: Sequence[str]) -> Clause:
    chance = rng.random()
    if chance < 0.55:
        new = _fresh(known, 1)
        first, second = rng.choice(LOCI), rng.choice(LOCI)
        loci = (first,) if chance < 0.08 else (first, second)
        return Clause(new, tuple(_use(rng, CONSTRUCTIONS[name], new, known) for name in loci))
    row = CONSTRUCTIONS[rng.choice(POINTS)]
    new = _fresh(known, len(row.new))
    return Clause(new, (_use(rng, row, new, known),))


def _fresh(known: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(f"p{len(known) + i}" for i in range(count))


def _use(rng: Random, row: Construct, new: Sequence[str], known: Sequence[str]) -> Construction:
    """A construction on random old points, all different where there are enough, the later ones more often."""
    chosen: list[str] = []
    weights = [1 + 2 * i / len(known) for i in range(len(known))]
    while len(chosen) < len(row.old):
        point = rng.choices(known, weights)[0]
        if point not in chosen or len(chosen) >= len(known):
            chosen.append(point)
    names = dict(zip(row.new, new, strict=True)) | dict(zip(row.old, chosen, strict=True))
    return Construction(
        row.name, tuple(names[p] for p in row.letters), tuple(Fraction(rng.choice(ANGLES)) for _ in row.numbers)
    )
