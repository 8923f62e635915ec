"""The gallery of the documentation: ten pages and pictures, none of them missing, and small enough to keep."""

import re
from pathlib import Path

from tests.pages.pages import Outline

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"


def test_the_list_names_every_page_and_picture():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\w+\.(?:html|svg)", text))
    assert named == {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert sum(name.endswith(".html") for name in named) == 10


def test_pages_are_whole():
    assert [path.name for path in FOLDER.glob("*.html") if Outline(path.read_text(encoding="utf-8")).wrong] == []


def test_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000
