"""The figure as SVG: well formed, always the same, everything on the page, and the goal in colour."""

import xml.etree.ElementTree as ET

import pytest

from maieutic.geometry import library
from maieutic.geometry.diagram import draw
from maieutic.geometry.draw import GOAL, svg
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.records import Diagram

SVG = "{http://www.w3.org/2000/svg}"


def page(text: str, seed: int = 0) -> ET.Element:
    problem = parse_problem(text)
    return ET.fromstring(svg(problem, draw(problem, seed)))


def shapes(root: ET.Element, tag: str, coloured: bool | None = None) -> list[ET.Element]:
    found = [e for group in root.iter(f"{SVG}g") if group.get("fill") == "none" for e in group.iter(SVG + tag)]
    return [e for e in found if coloured is None or (e.get("stroke") == GOAL) == coloured]


def labels(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", library.names()[::7])
def test_every_problem_has_a_figure(name):
    problem = library.problem(name)
    diagram = draw(problem)
    root = ET.fromstring(svg(problem, diagram))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert sorted(name for label in labels(root) for name in label.split(" = ")) == sorted(
        point.upper() for point in problem.points
    )
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", "-1")) <= width
        assert 0 <= float(text.get("y", "-1")) <= height + 1
    assert 0 < max(width, height) <= 600
    assert svg(problem, diagram) == svg(problem, diagram)


def test_a_triangle_has_three_sides_and_the_goal_two_colours():
    root = page("a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c")
    assert len(shapes(root, "line", coloured=True)) == 2
    assert len(shapes(root, "line", coloured=False)) == 3 + 2
    assert labels(root) == ["A", "B", "C", "H"]


def test_segments_on_one_line_become_one():
    root = page("a b = segment; c = midpoint a b; d = midpoint a c; e = midpoint c b")
    assert len(shapes(root, "line")) == 1


def test_circles_that_are_named_are_drawn_once():
    root = page("a b c = triangle; o = circle a b c; d = on_circle o a; e = on_circum a b c")
    assert len(shapes(root, "circle")) == 1
    assert len(shapes(root, "line")) == 3  # and no radii


def test_a_circle_to_be_proved_is_in_colour():
    root = page("a b c = triangle; o = circle a b c; d = on_circle o a ? cyclic a b c d")
    assert len(shapes(root, "circle", coloured=True)) == 1


def test_points_in_one_place_share_a_label():
    root = page("a b = segment; c = midpoint a b; d = midpoint a b")
    assert labels(root) == ["A", "B", "C = D"]


def test_names_are_written_as_text():
    problem = parse_problem("a' b = segment", "<&>")
    root = ET.fromstring(svg(problem, draw(problem)))
    assert root.findtext(f"{SVG}title") == "<&>"
    assert labels(root) == ["A'", "B"]


def test_labels_keep_off_the_lines_where_it_is_simple():
    root = page("a b c = triangle; d = midpoint a b; e = midpoint b c; f = midpoint c a; g = on_line a e, on_line b f")
    lines = [tuple(float(e.get(key, "0")) for key in ("x1", "y1", "x2", "y2")) for e in shapes(root, "line")]
    for text in root.iter(f"{SVG}text"):
        z = complex(float(text.get("x", "0")), float(text.get("y", "0")) - 6)
        for x1, y1, x2, y2 in lines:
            a, b = complex(x1, y1), complex(x2, y2)
            along = min(1.0, max(0.0, ((z - a) / (b - a)).real))
            assert abs(z - a - along * (b - a)) > 3


@pytest.mark.parametrize("points", [{"a": 0j}, {"a": 0j, "b": 0j}, {"a": 0j, "b": 1e-9 + 0j, "c": 1 + 0j}])
def test_degenerate_figures_are_drawn(points):
    problem = parse_problem("; ".join(f"{name} = free" for name in points))
    ET.fromstring(svg(problem, Diagram(points)))
