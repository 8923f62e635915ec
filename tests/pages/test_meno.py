"""The story of docs/meno.md: its pictures are there, and what it says of them is so."""

import re
from pathlib import Path

from docs import pictures
from tests.pages.pages import Outline

PAGE = Path(__file__).parents[2] / "docs" / "meno.md"


def test_the_page_shows_every_picture():
    shown = re.findall(r'src="meno/(\w+\.svg)"', PAGE.read_text(encoding="utf-8"))
    assert shown == list(dict.fromkeys(shown))
    assert set(shown) == set(pictures.PICTURES) == {path.name for path in pictures.FOLDER.iterdir()}


def test_pictures_are_whole_and_small():
    for path in pictures.FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        assert Outline(text).wrong == []
        assert len(text) < 20_000
        assert "<title>" in text
        assert "<desc>" in text


def test_every_picture_says_what_it_shows_to_those_who_do_not_see_it():
    images = re.findall(r"<img ([^>]*)>", PAGE.read_text(encoding="utf-8"))
    assert all(re.search(r'alt="[^"]{30,}\."', image) for image in images)


def test_the_numbers_of_the_page_are_those_of_the_engine():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    told = pictures.claims()
    assert f"in {told['diagonals: deductions']} deductions" in text
    assert f"every conclusion, {told['van Schooten: equations without the point']} independent equations" in text
    assert told["van Schooten: deductions with the point"] == 7
    assert "goal follows in seven deductions" in text
    assert told["random figure: points"] == 9
    assert f"{told['random figure: facts']} facts that might be goals" in text
    tried, prove = told["made up: constructions tried"], told["made up: of these prove it"]
    assert f"{tried} constructions, of which {prove} prove the theorem" in text
    assert told["made up: auxiliary"] == "f = midpoint b c"
    for clause, deductions in told["made up: deductions with a point"].items():
        assert f"`{clause}` | {f'a proof in {deductions} deductions' if deductions else 'no proof'} |" in text
