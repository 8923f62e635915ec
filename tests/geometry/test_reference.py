"""The reference of the language is what the tables say, and its examples are problems of the language."""

from pathlib import Path

import pytest
from docs import reference as docs
from tests.commands import Outcome, mistake

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.language.reference import EXAMPLES, OF_PROOFS, example, listing, sheet
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import PREDICATES

NAMES = list(dict.fromkeys((*CONSTRUCTIONS, *PREDICATES)))
PICTURES = Path(docs.__file__).parent / docs.PICTURES


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_PROOFS])
def test_an_example_is_a_problem_that_uses_the_word_and_has_a_picture(name):
    text = example(name)
    assert name in text.replace(";", " ").replace(",", " ").split()
    assert draw(parse_problem(text)).points
    assert (PICTURES / f"{name}.svg").read_text().startswith("<svg")


def test_the_page_is_as_the_tables_are():
    assert (PICTURES.parents[1] / "language-reference.md").read_text(encoding="utf-8") == docs.page()


def test_examples_are_of_words_that_there_are():
    assert set(EXAMPLES) | OF_PROOFS <= set(NAMES)


def test_every_word_is_listed_and_has_a_sheet():
    listed = listing()
    for name in NAMES:
        row = CONSTRUCTIONS.get(name) or PREDICATES[name]
        assert f"  {name} " in listed
        assert row.meaning in sheet(name)


def test_on_the_command_line():
    assert Outcome("language").out.rstrip("\n") == listing()
    told = Outcome("language", "midpoint").out
    assert "needs: diff a b" in told
    assert "gives: coll x a b, cong x a x b" in told
    assert mistake("language", "midpoit") == "no construction or predicate 'midpoit' (did you mean 'midpoint'?)"
