"""The page of a proof: it is whole, needs nothing from outside, escapes everything, and works in a browser."""

import re
from dataclasses import replace
from html import unescape

import pytest
from tests.geometry.verdicts import told
from tests.pages.pages import Outline, look, page, result

from maieutic.geometry.attempt import attempt
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.prose.reasons import similar
from maieutic.pages.formats import result_html
from maieutic.pages.proof_page import formula, html, title_of

TEN = (
    *("orthocentre", "simson_line", "nine_point_circle", "incentre_excentre", "butterfly"),
    *("imo_2000_p1", "imo_2004_p1", "imo_2002_p2", "imo_2010_p4", "imo_2014_p4"),
)
HOSTILE = "</title><script>alert(1)</script><img src=x onerror='alert(2)'>\" & </svg>"
SVG = "http://www.w3.org/2000/svg"

each_of_ten = pytest.mark.parametrize("name", TEN)


@each_of_ten
def test_a_page_is_well_formed(name):
    outline = Outline(page(name))
    assert outline.wrong == []
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    assert [tag for tag, _ in outline.tags].count("main") == 1


@each_of_ten
def test_a_page_needs_nothing_from_outside(name):
    text = page(name)
    assert set(re.findall(r"https?://[^\s\"'<>]*", text)) <= {SVG}
    assert "@import" not in text
    assert "url(" not in text
    outline = Outline(text)
    assert outline.all("src") == []
    assert all(link.startswith(("#", "data:,")) for link in outline.all("href"))


@each_of_ten
def test_every_step_is_there_and_shows_something_of_the_figure(name):
    outline = Outline(page(name))
    ids = set(outline.all("id"))
    lit = outline.all("data-lit")
    assert lit
    assert all(words.split() for words in lit)
    assert {word for words in (*lit, *outline.all("data-used")) for word in words.split()} <= ids
    assert {link[1:] for link in outline.all("href") if link.startswith("#")} <= ids


@each_of_ten
def test_a_page_can_be_read_without_eyes_or_a_mouse(name):
    outline = Outline(page(name))
    buttons = [attributes for tag, attributes in outline.tags if tag == "button"]
    assert all(button["aria-label"] and button["aria-pressed"] == "false" for button in buttons)
    (drawing,) = (attributes for tag, attributes in outline.tags if tag == "svg")
    assert drawing["role"] == "img"
    assert drawing["aria-label"]
    assert set(outline.all("aria-labelledby")) <= set(outline.all("id"))


def test_hostile_names_are_escaped():
    problem = parse_problem("a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c", HOSTILE)
    text = result_html(attempt(problem))
    outline = Outline(text)
    assert outline.wrong == []
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in outline.tags}
    assert HOSTILE not in text
    assert HOSTILE.split(">")[1] in unescape(text)


def test_hostile_texts_are_escaped():
    shown = str(html("Let $a<b>&X'<i>$ be <u>so</u> & (1), (2).", [1]))
    assert Outline(shown).wrong == []
    assert {tag for tag, _ in Outline(shown).tags} == {"span", "i", "a"}
    assert "&lt;u&gt;so&lt;/u&gt; &amp; (" in shown
    assert '(<a href="#step-1">1</a>), (2)' in shown


def test_words_of_the_library_stand_only_with_its_own_problems():
    found = result("simson_line")
    assert "named for Simson" in result_html(found)
    other = replace(found, problem=replace(found.problem, goals=found.problem.goals * 2))
    assert "named for Simson" not in result_html(other)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("simson_line", "Simson line"),
        ("imo_2004_p1", "IMO 2004, problem 1"),
        ("imo_2009_p4_right", "IMO 2009, problem 4 right"),
        ("translated_imo_2004_p1", "IMO 2004, problem 1"),
        ("examples/complete2/complete_E061-65.gex", "Complete E061-65"),
        ("", "A theorem"),
        ("__", "A theorem"),
    ],
)
def test_titles(name, title):
    assert title_of(name) == title


def test_formulas():
    assert str(formula("A₁X_B′ < 2")) == '<span class="formula short"><i>A₁</i><i>X<sub>B</sub>′</i> &lt; 2</span>'
    assert "<sup>5</sup>" in formula("AB^(5)")
    assert 'class="formula"' in formula("∠ABC + ∠BCD + ∠CDE + ∠DEA")


def test_similar_triangles_show_all_their_sides():
    """Though a ratio of two sides each is all that the step of IMO 2014 P4 goes on to use."""
    found = result("imo_2014_p4")
    narrative = told(found.proof)
    outline = Outline(page("imo_2014_p4"))
    lit = {tag["id"]: (tag["data-lit"] or "").split() for _, tag in outline.tags if "data-lit" in tag}
    triangles = {
        f"step-{step.number}": work.points for step in narrative.steps for work in step.work if similar(work.rule)
    }
    assert triangles
    for step, (a, b, c, p, q, r) in triangles.items():
        sides = ["-".join(("s", *sorted(side))) for side in (a + b, b + c, c + a, p + q, q + r, r + p)]
        assert set(sides) <= set(lit[step])


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("name", ["simson_line", "imo_2000_p1", "imo_2014_p4"])
def test_a_page_works_in_a_browser(name, width, tmp_path):
    seen, console = look(page(name), width, tmp_path)
    assert console == ""
    assert seen["errors"] == []
    assert seen["resources"] == []
    assert width - 20 <= seen["width"] <= width
    assert seen["scrolls"] <= seen["width"]
    assert seen["rights"] == []
    first, second, last = seen["claims"][0], seen["claims"][1], seen["claims"][-1]
    wanted = ["", first, second, first, last, "", second, first, ""]
    assert [set(ids.split()) for ids in seen["shown"]] == [set(ids.split()) for ids in wanted]
    assert seen["pressed"] == "true"
