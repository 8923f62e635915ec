"""Figures as SVG: well formed, the same every time, and five of them as they were when somebody last looked at them.

MAIEUTIC_UPDATE_GOLDEN=1 python -m pytest tests/geometry/test_svg.py

writes the golden files anew; look at them before you keep them.
"""

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.draw import svg_text
from maieutic.geometry.figures.elements import Figure
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.trusted.records import Deduction, Diagram, Proof

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).parent.parent / "golden"
FIGURES = json.loads((GOLDEN / "figures.json").read_text(encoding="utf-8"))


def golden_figure(name: str) -> Figure:
    """A figure from coordinates that do not change."""
    entry = FIGURES[name]
    problem = parse_problem(entry["problem"], name)
    auxiliary = [clause for clause in problem.clauses if clause.points[0] in entry["auxiliary"]]
    points = {point: complex(*place) for point, place in entry["points"].items()}
    return figure(problem, Diagram(points), facts=problem.goals, auxiliary=auxiliary)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_look_as_they_did(name):
    text, file = svg(golden_figure(name)), GOLDEN / f"{name}.svg"
    if os.environ.get("MAIEUTIC_UPDATE_GOLDEN") == "1":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", library.names()[::9])
def test_every_figure_is_well_formed_and_always_the_same(name):
    problem = library.problem(name)
    diagram = draw(problem)
    text = svg_text(problem, diagram)
    root = ET.fromstring(text)
    shown = figure(problem, diagram)
    assert [e.get("id") for e in root if e.get("id")] == [element.id for element in shown.elements]
    assert not re.search(r"nan|inf\b|e-\d", text.split("</style>")[1])
    assert svg_text(problem, diagram) == text


def test_a_figure_says_what_it_is():
    problem = parse_problem("a' b = segment; m = midpoint a' b ? cong m a' m b", "<&>")
    root = ET.fromstring(svg_text(problem, draw(problem)))
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == "<&>"
    assert root.get("role") == "img"
    assert "A′, B, M" in (root.findtext(f"{SVG}desc") or "")


def test_light_and_dark():
    text = svg(golden_figure("orthocentre_feet"))
    for selector in (".geo{", "@media (prefers-color-scheme:dark)", ".light .geo", ".dark .geo"):
        assert selector in text
    assert not re.search(r'(fill|stroke)="#', text)  # no colour outside the style


def test_ids_may_have_a_prefix_and_the_paper_may_be_left_out():
    root = ET.fromstring(svg(golden_figure("auxiliary"), prefix="one-", paper=False))
    named = [e.get("id", "") for e in root if e.get("id")]
    assert named
    assert all(ident.startswith("one-") for ident in named)
    assert root.find(f"{SVG}rect") is None


def test_goal_auxiliary_and_overlays_have_classes():
    root = ET.fromstring(svg(golden_figure("auxiliary")))
    classes = {e.get("id"): (e.get("class") or "").split() for e in root}
    assert "goal" in classes["s-b-e"]
    assert "auxiliary" in classes["s-e-m"]
    assert "given" in classes["s-b-c"]


def test_a_proof_brings_what_shows_its_steps():
    problem = parse_problem("a b c = triangle; m = midpoint b c; n = midpoint c a ? para m n a b")
    step = Deduction(problem.goals[0], "hypothesis")
    other = Deduction(parse_problem("a b c m n = pentagon ? cong a m b n").goals[0], "hypothesis")
    text = svg_text(problem, draw(problem), Proof(problem, (other, step)))
    assert 'id="s-a-m" class="s overlay"' in text
    assert 'id="s-a-m"' not in svg_text(problem, draw(problem))
