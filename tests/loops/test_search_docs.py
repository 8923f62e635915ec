"""The page on searching: its Python runs, and it and the command line's page name every search and its options."""

import re
from pathlib import Path

from maieutic.cli.searching import SERVED, Search
from maieutic.geometry.text.encoding import vocabulary
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "search.md").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(tmp_path):
    save(build(word_tokenizer(vocabulary()), width=16, layers=1, heads=1), tmp_path)
    names: dict[str, object] = {"__name__": "search.md"}
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    exec(compile(block, "search.md", "exec"), names)
    assert names["prove"]("orthocentre", tmp_path).status.value == "proved"


def test_every_search_and_option_is_on_both_pages():
    options = (DOCS / "command-line.md").read_text(encoding="utf-8")
    for option in (*SERVED, "--model"):
        assert f"`{option}" in options
    for search in Search:
        assert re.search(rf"`--search [^`]*\b{search.value}\b[^`]*`", options)
        assert search is Search.NONE or f"`{search.value}`" in PAGE
