"""The pages on judges and selection: their Python runs, and they show the rubrics and tables as they are."""

import re
from pathlib import Path

import pytest

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.rubrics import ADDITIVE_5, ADDITIVE_6, PAIRWISE, RUBRICS
from maieutic.align.selection.select import SELECTORS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["judges.md", "selection.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, object] = {"__name__": page}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_rubrics_are_shown_as_they_are():
    text = (DOCS / "judges.md").read_text(encoding="utf-8")
    assert [rubric.name for rubric in (ADDITIVE_5, ADDITIVE_6, PAIRWISE) if rubric.template not in text] == []
    assert [name for name in RUBRICS if f"`{name}`" not in text] == []


@pytest.mark.parametrize(("page", "table"), [("judges.md", JUDGES), ("selection.md", SELECTORS)])
def test_each_row_of_the_table_is_on_its_page(page, table):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [name for name in table if f"| `{name}` |" not in text] == []
