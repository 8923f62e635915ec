"""Figures as PNG: pictures of the size of the page, with the goal's colour in them, light and dark."""

import io

import matplotlib.image
import numpy as np
import pytest
from tests.conftest import scale

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.draw import figure_of, png_bytes
from maieutic.geometry.figures.png import png
from maieutic.geometry.figures.svg import DARK, LIGHT
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import load_problems, parse_problem


def pixels(data: bytes) -> np.ndarray:
    return (matplotlib.image.imread(io.BytesIO(data))[:, :, :3] * 255).round().astype(int)


def has(picture: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((abs(picture - wanted).max(axis=2) <= 2).any())


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_has_the_size_of_its_page_and_its_colours(dark):
    problem = library.problem("orthocentre_feet")
    shown = figure_of(problem, draw(problem, 3))
    picture = pixels(png(shown, dark=dark, zoom=1.5))
    assert abs(picture.shape[1] - 1.5 * shown.width) <= 1
    assert abs(picture.shape[0] - 1.5 * shown.height) <= 1
    colours = DARK if dark else LIGHT
    assert all(has(picture, colours[name]) for name in ("paper", "goal", "line"))


def test_all_kinds_of_elements_are_drawn_without_a_warning():
    text = "a1 b' = segment; c_x = s_angle a1 b' 50; m = midpoint a1 b'; m' = midpoint a1 b'; o = circle a1 b' c_x"
    problem = parse_problem(f"{text}; d = foot c_x a1 b'; e = angle_bisector a1 b' c_x ? acompute b' a1 a1 c_x")
    data = png_bytes(problem, draw(problem))
    assert data.startswith(b"\x89PNG")
    assert data == png_bytes(problem, draw(problem))


@pytest.mark.parametrize("file", ["imo_ag_30", "jgex_ag_154", "alphageometry2_26", "the library"])
def test_every_figure_of_the_problem_files_is_a_picture(file, request):
    """All of them under MAIEUTIC_FULL, else a sample."""
    if file == "the library":
        problems = [library.problem(name) for name in library.names()]
    else:
        problems = load_problems(request.getfixturevalue("data_dir") / "geometry" / f"{file}.txt")
    for problem in problems[:: scale(max(1, len(problems) // 4), 1)]:
        picture = pixels(png_bytes(problem, draw(problem)))
        assert min(picture.shape[:2]) > 100, problem.name
        assert not has(picture[:1, :1], LIGHT["ink"]), problem.name
        assert has(picture, LIGHT["line"]) or has(picture, LIGHT["goal"]), problem.name
