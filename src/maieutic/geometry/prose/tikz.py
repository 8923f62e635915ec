"""A figure in TikZ: the points, and the lines and circles that the problem speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from maieutic.geometry.constructions import hypotheses
from maieutic.geometry.loci import circumcentre
from maieutic.geometry.predicates import expand
from maieutic.geometry.prose.notation import display_names
from maieutic.geometry.records import Diagram, Fact, Point, Problem

WIDTH = 10.0
"""Centimetres of the longer side of a figure."""

MOST_RADIUS = 2.0
"""Circles with a radius over so many times the figure's size are left out."""

_DRAWN = ("perp", "para", "cong", "eqangle", "midp", "eqratio")


def tikz(problem: Problem, diagram: Diagram) -> str:
    """The picture of a problem on one of its figures."""
    at = _scaled(diagram)
    names = display_names(problem.points)
    facts = [*hypotheses(problem), *(simple for goal in problem.goals for simple in expand(goal))]
    lines = [rf"  \draw ({_pair(at[a])}) -- ({_pair(at[b])});" for a, b in _segments(facts, at)]
    circles = [rf"  \draw ({_pair(o)}) circle[radius={r:.3f}];" for o, r in _circles(facts, at)]
    middle = sum(at.values()) / max(1, len(at))
    points = [_point(at[p], names[p], at[p] - middle, at) for p in problem.points if p in at]
    frame = _frame(at)
    return "\n".join((r"\begin{tikzpicture}[line width=0.4pt]", frame, *lines, *circles, *points, r"\end{tikzpicture}"))


def _frame(at: dict[str, Point]) -> str:
    """Circles are cut off a little outside the points."""
    xs, ys = [z.real for z in at.values()], [z.imag for z in at.values()]
    low, high = complex(min(xs) - 1.5, min(ys) - 1.5), complex(max(xs) + 1.5, max(ys) + 1.5)
    return rf"  \clip ({_pair(low)}) rectangle ({_pair(high)});"


def _scaled(diagram: Diagram) -> dict[str, Point]:
    zs = list(diagram.points.values())
    if not zs:
        return {}
    low = complex(min(z.real for z in zs), min(z.imag for z in zs))
    high = complex(max(z.real for z in zs), max(z.imag for z in zs))
    size = max((high - low).real, (high - low).imag) or 1.0
    return {name: (z - low) * WIDTH / size for name, z in diagram.points.items()}


def _pair(z: Point) -> str:
    return f"{z.real:.3f},{z.imag:.3f}"


def _point(z: Point, name: str, away: Point, at: dict[str, Point]) -> str:
    side = ("above" if away.imag >= 0 else "below") + (" right" if away.real >= 0 else " left")
    label = name if "_" not in name else name.replace("_", "_{") + "}"
    for i, sign in enumerate("₀₁₂₃₄₅₆₇₈₉"):
        label = label.replace(sign, f"_{{{i}}}")
    label = label.replace("}_{", "").replace("′", "'")
    return rf"  \fill ({_pair(z)}) circle[radius=0.05] node[{side}] {{${label}$}};"


def _segments(facts: Iterable[Fact], at: dict[str, Point]) -> list[tuple[str, str]]:
    """The segments that facts speak of; of several on one line through given points, the longest."""
    lines: list[set[str]] = []
    for fact in facts:
        groups = [set(fact.points)] if fact.predicate == "coll" else []
        if fact.predicate in _DRAWN:
            groups = [set(fact.points[i : i + 2]) for i in range(0, len(fact.points), 2)]
        if fact.predicate == "cong" and len(set(fact.points)) == 3:
            continue
        for group in groups:
            if len(group) < 2:
                continue
            home = next((line for line in lines if len(line & group) >= 2), None)
            if home is None:
                lines.append(set(group))
            else:
                home |= group
    found = (max(combinations(sorted(line), 2), key=lambda s: (abs(at[s[0]] - at[s[1]]), s)) for line in lines)
    return sorted((a, b) for a, b in dict.fromkeys(found))


def _circles(facts: Iterable[Fact], at: dict[str, Point]) -> list[tuple[Point, float]]:
    """The circles that facts speak of: about a centre, or through four points."""
    found: list[tuple[Point, float]] = []
    for fact in facts:
        shared = set(fact.points[:2]) & set(fact.points[2:]) if fact.predicate == "cong" else set()
        if len(shared) == 1 and len(set(fact.points)) == 3:
            (o,) = shared
            rim = next(p for p in fact.points if p != o)
            a, b = (p for p in dict.fromkeys(fact.points) if p != o)
            if abs((at[a] + at[b]) / 2 - at[o]) < 1e-6:
                continue  # a midpoint, not a circle
            circle = at[o], abs(at[rim] - at[o])
        elif fact.predicate == "cyclic":
            centre = circumcentre(*(at[p] for p in fact.points[:3]))
            circle = centre, abs(at[fact.points[0]] - centre)
        else:
            continue
        if circle[1] < MOST_RADIUS * WIDTH and all(abs(circle[0] - o) + abs(circle[1] - r) > 1e-3 for o, r in found):
            found.append(circle)
    return found
