"""LaTeX: signs in TeX, and articles that compile where there is a TeX to try."""

import shutil
import subprocess

import pytest
from tests.geometry.verdicts import told

from maieutic.geometry.attempt import attempt
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.elements import Arcs, Circle, Dot, Label, RightAngle, Segment, Ticks
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.tikz import tikz
from maieutic.geometry.language import library
from maieutic.geometry.prose.latex import formula, latex, words

NAMES = ("orthocentre", "simson_line", "imo_2000_p1", "imo_2004_p1", "imo_2014_p4")
ENGINES = {
    "pdflatex": ["-interaction=nonstopmode", "-halt-on-error"],
    "lualatex": ["-interaction=nonstopmode", "-halt-on-error"],
    "tectonic": [],
}


@pytest.mark.parametrize(
    ("unicode", "tex"),
    [
        ("∠ABC = 90°", r"\angle ABC = 90^{\circ}"),
        ("A₁B₁₂ ∥ X_B C", r"A_{1}B_{12} \parallel  X_{B} C"),
        ("AB/CD = EF/GH", r"\frac{AB}{CD} = \frac{EF}{GH}"),
        ("AB/sin ∠ACB", r"\frac{AB}{\sin  \angle ACB}"),
        ("(AB · sin² ∠ABC)/sin ∠ACB", r"\frac{AB \cdot  \sin ^{2} \angle ABC}{\sin  \angle ACB}"),
        ("(AB · CD)/(EF · GH)", r"\frac{AB \cdot  CD}{EF \cdot  GH}"),
        ("△ABC ∼ △PQR", r"\triangle ABC \sim  \triangle PQR"),
        ("AB² + CD²", "AB^{2} + CD^{2}"),
        ("AB^(5)", "AB^{5}"),
    ],
)
def test_signs(unicode, tex):
    assert formula(unicode) == tex


def test_words_are_escaped_and_formulas_are_not():
    assert words("50% of $A_B$ & more") == r"50\% of $A_{B}$ \& more"


@pytest.mark.parametrize("name", NAMES)
def test_an_article_compiles(name, tmp_path):
    engine = next((engine for engine in ENGINES if shutil.which(engine)), None)
    if engine is None:
        pytest.skip("no pdflatex, lualatex or tectonic on this machine: LaTeX is written, but not compiled")
    problem = library.problem(name)
    proof = attempt(problem).proof
    assert proof is not None
    (tmp_path / "proof.tex").write_text(latex(told(proof), draw(proof.problem, proof.seed)), encoding="utf-8")
    done = subprocess.run(
        [engine, *ENGINES[engine], "proof.tex"], cwd=tmp_path, capture_output=True, text=True, errors="replace"
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "proof.pdf").stat().st_size > 1000
    assert "Overfull" not in done.stdout


def test_a_figure_from_a_file():
    proof = attempt(library.problem("orthocentre")).proof
    assert proof is not None
    article = latex(told(proof), figure="figure.pdf")
    assert r"\includegraphics[width=0.6\textwidth]{figure.pdf}" in article
    assert "tikz" not in article


def test_the_figure_is_the_one_that_is_drawn_elsewhere():
    """Right angles and the goal are there; what only highlighting shows is not; every point has its label."""
    proof = attempt(library.problem("orthocentre_feet")).proof
    assert proof is not None
    picture = figure(proof.problem, draw(proof.problem, proof.seed), facts=[s.conclusion for s in proof.deductions])
    drawn = tikz(picture)
    assert drawn.count(r"\node") == len(picture.of(Label))
    assert drawn.count(r"\fill") == len(picture.of(Dot))
    lines = [e for e in picture.of(Segment, Circle, Ticks, Arcs, RightAngle) if e.role != "overlay"]
    assert drawn.count(r"\draw") == len(lines)
    assert "draw=goal" in drawn


def test_a_title_is_not_the_name_of_a_file():
    proof = attempt(library.problem("imo_2004_p1")).proof
    assert proof is not None
    assert "IMO 2004, problem 1" in latex(told(proof))
