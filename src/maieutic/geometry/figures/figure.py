"""From a problem and its diagram to a figure on a page.

What is drawn is decided in sketch.py, where it lies in page.py, the marks in marks.py, the labels in labels.py; here
they come together, each element with its id. `facts`, the steps of a proof, say, add elements that are not to be seen
until they are highlighted: `elements_of` names the elements that show a fact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from maieutic.core.text import printable
from maieutic.geometry.figures.elements import (
    Arcs,
    Circle,
    Dot,
    Element,
    Figure,
    Label,
    RightAngle,
    Role,
    Run,
    Segment,
    Ticks,
    element_id,
)
from maieutic.geometry.figures.labels import Wanted, angle_label, place, point_label
from maieutic.geometry.figures.marks import Marks, simple
from maieutic.geometry.figures.page import on_page, page_of
from maieutic.geometry.figures.shown import UNMARKED_ANGLES
from maieutic.geometry.figures.sketch import RANK, Ring, Sketch, Stroke, perpendiculars, segments_of, sketch
from maieutic.geometry.language.names import display_names
from maieutic.geometry.trusted.constructions import clause_facts, hypotheses
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.records import Clause, Diagram, Fact, Problem, number_text

__all__ = [
    "Arcs", "Circle", "Dot", "Element", "Figure", "Label", "RightAngle", "Role", "Run", "Segment", "Ticks",
    "elements_of", "figure",
]  # fmt: skip


def figure(
    problem: Problem, diagram: Diagram, *, facts: Iterable[Fact] = (), auxiliary: Iterable[Clause] = ()
) -> Figure:
    """The figure of a problem on a page.

    `facts` may later be highlighted: what shows them is there, as overlays where it is not drawn anyway. What rests
    on the points of the clauses `auxiliary` is dashed.
    """
    auxiliary = tuple(auxiliary)
    flat = sketch(problem, diagram.points, auxiliary)
    page = page_of(problem, flat)
    drawn = on_page(flat, page)
    shapes = _shapes(drawn)
    marks = _marks(problem, drawn)
    dots = _dots(drawn)
    wanted = _wanted(problem, drawn, marks, dots)
    labels = place(wanted, [*shapes, *marks.elements, *dots], page.width, page.height)
    overlays = _overlays(drawn, marks, facts, {element.id for element in (*shapes, *marks.elements)})
    return Figure(
        printable(problem.name) or "figure",
        _description(problem),
        page.width,
        page.height,
        (*shapes, *marks.elements, *overlays, *dots, *labels),
        drawn.at,
        drawn.home,
    )


def _description(problem: Problem) -> str:
    """What the figure shows, in words."""
    names = display_names(problem.points)
    points = ", ".join(names[point] for point in problem.points)
    goals = "; ".join(PREDICATES[goal.predicate].phrase(goal) for goal in problem.goals)
    return f"A figure with the points {points}." + (f" To prove: {goals}." if goals else "")


# --- lines, circles, points ------------------------------------------------------------------------------------------


def _shapes(drawn: Sketch) -> list[Element]:
    """Circles below segments, what is dashed below what is not, the goal on top."""
    rings = sorted(drawn.rings, key=lambda ring: -RANK[ring.role])
    strokes = sorted(drawn.strokes, key=lambda stroke: -RANK[stroke.role])
    found: dict[str, Element] = {}
    shapes: list[Element] = [*(_circle(ring, drawn) for ring in rings), *map(_segment, strokes)]
    for element in shapes:
        found.setdefault(_fresh(element.id, found), element)
    return [_renamed(element, ident) for ident, element in found.items()]


def _fresh(ident: str, taken: Iterable[str]) -> str:
    """The id, or one like it: two parts of one line can have the same ends by name only in a degenerate figure."""
    taken = set(taken)
    turn, tried = 1, ident
    while tried in taken:
        turn, tried = turn + 1, f"{ident}-{turn + 1}"
    return tried


def _renamed(element: Element, ident: str) -> Element:
    return element if element.id == ident else replace(element, id=ident)


def _segment(stroke: Stroke) -> Segment:
    names = tuple(sorted(stroke.names))
    return Segment(element_id("s", *names), names, stroke.role, stroke.a, stroke.b)


def _circle(ring: Ring, drawn: Sketch) -> Circle:
    on = tuple(home for home in dict.fromkeys(drawn.home.values()) if ring.passes(drawn.at[home], 10 * drawn.close))
    first = (ring.centre_name, ring.names[0]) if ring.centre_name else sorted(ring.names)[:3]
    ident = element_id("c", *first)
    return Circle(ident, on, ring.role, ring.centre, ring.radius, ring.centre_name)


def _dots(drawn: Sketch) -> list[Dot]:
    groups: dict[str, list[str]] = {}
    for name, home in drawn.home.items():
        groups.setdefault(home, []).append(name)
    return [
        Dot(
            element_id("p", home),
            tuple(group),
            "auxiliary" if drawn.auxiliary.issuperset(group) else "given",
            drawn.at[home],
        )
        for home, group in groups.items()
    ]


# --- marks and labels ------------------------------------------------------------------------------------------------


def _marks(problem: Problem, drawn: Sketch) -> Marks:
    """What is given and what is asked, marked."""
    marks = Marks(drawn)
    marks.right_angles(perpendiculars(problem))
    goals = simple(problem.goals)
    after = marks.ticks(hypotheses(problem), "given")
    marks.ticks(goals, "goal", after)
    after = marks.arcs(_given_angles(problem), "given")
    marks.arcs(goals, "goal", after)
    return marks


def _given_angles(problem: Problem) -> list[Fact]:
    """The equal angles of the clauses, but for those that other marks show."""
    return [
        part
        for clause in problem.clauses
        if not any(use.name in UNMARKED_ANGLES for use in clause.constructions)
        for part in simple(clause_facts(clause))
    ]


def _wanted(problem: Problem, drawn: Sketch, marks: Marks, dots: Sequence[Dot]) -> list[Wanted]:
    """The labels: of points, and of the angles of which the size is given or asked."""
    names = display_names(problem.points)
    labels = [
        point_label(element_id("l", dot.points[0]), dot.points, [names.get(p, p.upper()) for p in dot.points], dot.at)
        for dot in dots
    ]
    sized: list[tuple[Fact, Role]] = [(fact, "given") for fact in hypotheses(problem)]
    sized += [(goal, "goal") for goal in problem.goals]
    for fact, role in sized:
        angle = marks.angle(fact.points) if fact.predicate in ("aconst", "acompute") else None
        if angle is None or (fact.values and fact.values[0] % 180 in (0, 90)):
            continue
        arc = marks.arc(angle, 1, role)
        if any(element.id == arc.id for element in marks.elements):
            continue
        marks.elements.append(arc)
        labels.append(angle_label(element_id("w", *angle), arc, _size(fact, marks.size(angle))))
    return labels


def _size(fact: Fact, seen: float) -> str:
    """How large an angle is, as a text: of the two that a directed angle may look like, the one that is seen."""
    if not fact.values:
        return "?"
    sizes = (fact.values[0] % 180, -fact.values[0] % 180)
    size = min(sizes, key=lambda value: abs(float(value) - math.degrees(seen)))
    return f"{number_text(size) if size.denominator < 10 else f'{float(size):.1f}'}°"


# --- what shows a fact -----------------------------------------------------------------------------------------------


def _overlays(drawn: Sketch, marks: Marks, facts: Iterable[Fact], taken: set[str]) -> list[Element]:
    """Elements for facts that no drawn element shows."""
    found: dict[str, Element] = {}
    for fact in simple(facts):
        for element in _overlays_of(drawn, marks, fact):
            if element.id not in taken:
                found.setdefault(element.id, element)
    return list(found.values())


def _overlays_of(drawn: Sketch, marks: Marks, fact: Fact) -> list[Element]:
    """What would show a simple fact."""
    shown = Sketch(drawn.at, home=drawn.home, scale=drawn.scale)
    found: list[Element] = []
    if fact.predicate == "coll":
        shown.line(fact.points, "overlay")
    elif fact.predicate == "cyclic" and not _drawn_circle(drawn, fact.points):
        shown.round(fact.points, "overlay")
    for a, b in segments_of(fact):
        at, to = drawn.at[a], drawn.at[b]
        if abs(at - to) > 0.5:
            ends = tuple(sorted((drawn.home[a], drawn.home[b])))
            found.append(Segment(element_id("s", *ends), ends, "overlay", at, to))
    found += [_circle(ring, drawn) for ring in shown.rings]
    found += map(_segment, shown.strokes)
    if fact.predicate in ("eqangle", "aconst", "acompute"):
        for four in (fact.points[:4], fact.points[4:]):
            angle = marks.angle(four, drawn=False) if four else None
            if angle:
                found.append(marks.arc(angle, 1, "overlay"))
    if fact.predicate == "perp":
        square = marks.right_angle(fact, "overlay")
        found += [square] if square else []
    return found


def _drawn_circle(drawn: Sketch, points: Iterable[str]) -> bool:
    return any(all(ring.passes(drawn.at[point], 0.5) for point in points) for ring in drawn.rings)


def elements_of(fact: Fact, figure: Figure) -> tuple[str, ...]:
    """The ids of the elements that show a fact: points, segments, circles, angles; only such as the figure has."""
    known = {element.id: element for element in figure.elements}
    marks = Marks(Sketch(figure.at, home=dict(figure.home)))
    wanted: list[str] = []
    for part in expand(fact):
        home = [figure.home.get(point, point) for point in part.points]
        wanted += [element_id("p", point) for point in home]
        pairs = segments_of(part) if part.predicate != "coll" else []
        wanted += [element_id("s", *sorted(figure.home[p] for p in pair)) for pair in pairs]
        if part.predicate == "coll":
            stroke = Sketch(figure.at, home=dict(figure.home))
            stroke.line(part.points, "overlay")
            wanted += [_segment(each).id for each in stroke.strokes]
        if part.predicate == "cyclic":
            wanted += _circles_through(home, figure)
        if part.predicate in ("eqangle", "aconst", "acompute"):
            angles = [marks.angle(four, drawn=False) for four in (part.points[:4], part.points[4:]) if four]
            wanted += [element_id("v", angle[1], angle[0], angle[2]) for angle in angles if angle]
        if part.predicate == "perp":
            wanted.append(element_id("r", *part.points))
    return tuple(ident for ident in dict.fromkeys(wanted) if ident in known)


def _circles_through(points: Sequence[str], figure: Figure) -> list[str]:
    """The circles of a figure on which all these points are."""
    return [
        each.id
        for each in figure.elements
        if isinstance(each, Circle)
        and all(abs(abs(figure.at[point] - each.centre) - each.radius) < 0.5 for point in points)
    ]
