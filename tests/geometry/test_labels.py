"""Labels: none over another or over a point, hardly any over a line; on all published problems and the library."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.elements import Circle, Dot, Figure, Label, Segment
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.labels import DOT, runs_of
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import load_problems
from maieutic.geometry.trusted.records import Point, Problem

FILES = ("imo_ag_30.txt", "jgex_ag_154.txt", "alphageometry2_26.txt")
MOST_OVER_LINES = 0.02


@dataclass
class Tally:
    """How many labels there are, and what they are over."""

    labels: int = 0
    over_labels: int = 0
    over_points: int = 0
    over_lines: int = 0
    outside: int = 0
    seconds: float = 0.0
    figures: int = 0

    def add(self, problem: Problem) -> None:
        try:
            diagram = draw(problem)
        except DiagramError:
            return
        started = time.process_time()
        shown = figure(problem, diagram)
        self.seconds += time.process_time() - started
        self.figures += 1
        boxes = [label.box for label in shown.of(Label) if isinstance(label, Label)]
        self.labels += len(boxes)
        self.over_labels += sum(overlap(a, b) for a, b in combinations(boxes, 2))
        self.over_points += sum(over_point(box, shown) for box in boxes)
        self.over_lines += sum(over_line(box, shown) for box in boxes)
        self.outside += sum(
            left < 0 or top < 0 or right > shown.width or bottom > shown.height for left, top, right, bottom in boxes
        )


Box = tuple[float, float, float, float]


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def over_point(box: Box, shown: Figure) -> bool:
    return any(distance(box, dot.at) < DOT for dot in shown.of(Dot) if isinstance(dot, Dot))


def distance(box: Box, z: Point) -> float:
    dx = max(box[0] - z.real, 0.0, z.real - box[2])
    dy = max(box[1] - z.imag, 0.0, z.imag - box[3])
    return abs(complex(dx, dy))


def over_line(box: Box, shown: Figure) -> bool:
    """By walking along every line: an oracle that shares nothing with the formulas of the placement."""
    for element in shown.elements:
        if isinstance(element, Segment) and crosses(box, element.a, element.b):
            return True
        if isinstance(element, Circle):
            corners = [complex(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
            far = max(abs(z - element.centre) for z in corners)
            if distance(box, element.centre) < element.radius < far:
                return True
    return False


def crosses(box: Box, a: Point, b: Point) -> bool:
    """Whether a part of segment ab is inside the box (Liang and Barsky)."""
    first, last = 0.0, 1.0
    for start, step, low, high in (
        (a.real, (b - a).real, box[0], box[2]),
        (a.imag, (b - a).imag, box[1], box[3]),
    ):
        if abs(step) < 1e-12:
            if not low < start < high:
                return False
            continue
        ends = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, ends[0]), min(last, ends[1])
    return first < last


def check(problems: Iterable[Problem]) -> Tally:
    tally = Tally()
    for problem in problems:
        tally.add(problem)
    assert tally.over_labels == tally.over_points == tally.outside == 0
    assert tally.seconds / tally.figures < 0.5  # about 0.02 s on an idle machine
    return tally


def test_labels_of_published_figures_are_clear(data_dir: Path):
    problems = [problem for file in FILES for problem in load_problems(data_dir / "geometry" / file)]
    tally = check(problems)
    assert tally.figures > 0.95 * len(problems)
    assert tally.over_lines <= MOST_OVER_LINES * tally.labels


def test_labels_of_the_library_are_clear(scale):
    tally = check([library.problem(name) for name in library.names()[:: scale(3, 1)]])
    assert tally.over_lines <= MOST_OVER_LINES * tally.labels


@pytest.mark.parametrize(
    ("names", "text"), [(["A₁₂"], "A12"), (["X_B′"], "XB′"), (["X", "X′"], "X = X′"), (["AB"], "AB")]
)
def test_the_text_of_a_label(names, text):
    assert "".join(run.text for run in runs_of(names)) == text


def test_a_label_stands_near_its_point():
    problem = library.problem("nine_point_circle")
    shown = figure(problem, draw(problem))
    for label in shown.of(Label):
        assert isinstance(label, Label)
        own = distance(label.box, shown.at[label.points[0]])
        assert DOT < own < 20
