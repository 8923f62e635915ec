"""What is matched is true on the figure, and what is true is matched: against naive enumeration."""

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest

from maieutic.geometry.engine.classes import measure
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.matching import ID, NAMES, SHAPES, match_first
from maieutic.geometry.engine.second_tier import match_second
from maieutic.geometry.engine.templates import shapes
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.predicates import Equation, holds, residual
from maieutic.geometry.trusted.records import Diagram, Fact, Problem
from maieutic.geometry.trusted.rules import RULES

FIGURES = {
    "orthic": "a b c = triangle; d = foot a b c; e = foot b c a; f = foot c a b; h = orthocenter a b c; "
    "m = midpoint a h",
    "circle": "a b c = triangle; o = circle a b c; d = on_circle o a; e = on_circle o a; m = midpoint a b",
    "square": "a b c d = isquare a b c d; o = on_line a c, on_line b d; m = midpoint a b; n = midpoint c d",
    "equilateral": "a b c = ieq_triangle; o = circle a b c; m = midpoint a b; n = midpoint b c; d = mirror a o",
    "ceva": "a b c = triangle; d = on_line b c; e = on_line c a; p = on_line a d, on_line b e; "
    "f = on_line c p, on_line a b",
    "menelaus": "a b c = triangle; d = on_line b c; e = on_line c a; f = on_line d e, on_line a b",
    "thales": "a b c = triangle; d = on_line a b; p = on_line a c; e = on_pline d a p, on_line b c; "
    "q = on_pline b a c; r = on_pline d a c, on_line c q",
    "power": "a b c = triangle; o = circle a b c; d = on_circle o a; p = on_line a b, on_line c d",
    "twice": "a b c = triangle; m = midpoint a b; n = midpoint a b; o = circle a b c; p = circle a b c",
    "chord": "a b c = triangle; o = circle a b c; l = midpoint b c; d = on_line a l, on_circle o a; m = foot o a l; "
    "e = mirror a m; w = midpoint a o; f = on_circle o a, on_circle l a; g = reflect a o l",
}


def figure(text: str) -> tuple[Problem, Diagram, list[str], np.ndarray]:
    problem = parse_problem(text)
    diagram = draw(problem, 0)
    names = list(problem.points)
    return problem, diagram, names, np.array([diagram.points[name] for name in names])


def matches(z: np.ndarray) -> list[tuple[str, tuple[int, ...]]]:
    measures = measure(z)
    first = match_first(measures, 0, 10_000)
    second = match_second(measures, first, 0, 10_000)
    return [
        (NAMES[row[0]], tuple(int(p) for p in row[1 : 1 + SHAPES[NAMES[row[0]]]]))
        for row in np.concatenate((first, second))
    ]


def named(equation: Equation, names: list[str], row: tuple[int, ...]) -> Equation:
    """A slot over positions, over names; its constant is whatever makes it true (see linear.py), so left out."""
    terms = tuple((tuple(names[row[int(p)]] for p in unknown), weight) for unknown, weight in equation.terms)
    return Equation(equation.table, tuple((u, w) for u, w in terms if u[0] != u[1]), equation.constants)


@pytest.mark.parametrize("name", FIGURES)
def test_every_rule_of_a_match_is_true_on_the_figure(name: str) -> None:
    _, diagram, names, z = figure(FIGURES[name])
    by_name = {shape.name: shape for shape in shapes()}
    for shape, row in matches(z):
        for way in by_name[shape].ways:
            if way.fact:
                fact = Fact(way.fact.predicate, tuple(names[row[int(p)]] for p in way.fact.points), way.fact.values)
                assert holds(fact, diagram.points), (shape, fact)
                continue
            rule = RULES[way.rule].instance(tuple(names[row[p]] for p in way.positions))
            for fact in (*rule.premises, *rule.conclusions, *rule.guards, *rule.reads):
                assert holds(fact, diagram.points), (shape, rule.name, str(fact))


def enumerated(
    names: list[str], diagram: Diagram, size: int, fact: Callable[[tuple[str, ...]], tuple[Fact, ...]], ordered: bool
) -> set[frozenset[str] | tuple[str, ...]]:
    """All tuples of points for which all facts hold."""
    tuples = permutations(names, size) if ordered else combinations(names, size)
    return {(row if ordered else frozenset(row)) for row in tuples if all(holds(f, diagram.points) for f in fact(row))}


def apart(row: tuple[str, ...]) -> tuple[Fact, ...]:
    return tuple(Fact("diff", pair) for pair in combinations(row, 2))


@pytest.mark.parametrize("name", [n for n in FIGURES if n not in ("twice", "chord")])
def test_lines_and_circles_are_all_found(name: str) -> None:
    _, diagram, names, z = figure(FIGURES[name])
    found = matches(z)

    def of(shape: str) -> set[frozenset[str]]:
        return {frozenset(names[p] for p in row) for kind, row in found if kind == shape}

    assert of("collinear") == enumerated(names, diagram, 3, lambda r: (Fact("coll", r), *apart(r)), False)
    assert of("concyclic") == enumerated(
        names, diagram, 4, lambda r: (Fact("cyclic", r), Fact("ncoll", r[:3]), *apart(r)), False
    )
    isosceles = {tuple(names[p] for p in row) for kind, row in found if kind in ("isosceles", "midpoint")}
    isosceles |= {(o, b, a) for o, a, b in isosceles}
    assert isosceles == enumerated(
        names, diagram, 3, lambda r: (Fact("cong", (r[0], r[1], r[0], r[2])), *apart(r)), True
    )


@pytest.mark.parametrize("name", ["orthic", "square", "equilateral", "circle"])
def test_perpendicular_segments_and_similar_triangles_are_all_found(name: str) -> None:
    _, diagram, names, z = figure(FIGURES[name])
    found = matches(z)
    segments = list(combinations(names, 2))
    perpendicular = {
        frozenset((frozenset(s), frozenset(t)))
        for s, t in combinations(segments, 2)
        if holds(Fact("perp", s + t), diagram.points)
    }
    assert {
        frozenset((frozenset((names[a], names[b])), frozenset((names[c], names[d]))))
        for kind, (a, b, c, d) in ((k, r) for k, r in found if k == "perpendicular")
    } == perpendicular
    triangles = [t for t in combinations(names, 3) if holds(Fact("ncoll", t), diagram.points)]
    similar = {
        frozenset((frozenset(zip(s, t, strict=True)),))
        for s, u in combinations(triangles, 2)
        for t in permutations(u)
        if holds(Fact("simtri", s + t), diagram.points)
    }
    rows = [[names[p] for p in row] for kind, row in found if kind.startswith("similar")]
    both = {frozenset((frozenset(zip(r[:3], r[3:], strict=True)),)) for r in rows}
    both |= {frozenset((frozenset(zip(r[3:], r[:3], strict=True)),)) for r in rows}
    assert similar <= both
    assert len(both) == 2 * len(similar)


def test_only_what_touches_a_new_point_is_matched_from_first_on() -> None:
    _, _, names, z = figure(FIGURES["orthic"])
    measures = measure(z)
    everything = {tuple(row) for row in match_first(measures, 0, 10_000)}
    last = len(names) - 1
    new = {tuple(row) for row in match_first(measures, last, 10_000)}
    assert new == {row for row in everything if last in row[1:]}


def test_points_in_one_place_have_shapes_of_their_own() -> None:
    kinds = {kind for name in ("twice", "chord") for kind, _ in matches(figure(FIGURES[name])[3])}
    expected = {
        "overlap",
        "same_lines",
        "same_chord",
        "same_line_circle",
        "same_centres",
        "same_common",
        "same_circles",
    }
    assert expected <= kinds


def test_every_shape_occurs_in_the_library() -> None:
    """Each shape's number is used by a matcher: some problem shows it."""
    seen: set[str] = set()
    for name in library.names():
        problem = library.problem(name)
        diagram = draw(problem, 0)
        seen |= {kind for kind, _ in matches(np.array([diagram.points[p] for p in problem.points]))}
    seen |= {kind for text in FIGURES.values() for kind, _ in matches(figure(text)[3])}
    assert set(ID) - seen == set()


def test_a_slot_is_an_equation_that_holds_on_a_match() -> None:
    _, diagram, names, z = figure(FIGURES["orthic"])
    by_name = {shape.name: shape for shape in shapes()}
    for shape, row in matches(z):
        for slot in by_name[shape].slots:
            if slot.table == "square":  # the other tables' constants are not in the slot
                assert residual(named(slot, names, row), diagram.points) < 1e-9
