"""Proofs and figures in every format, as the command line writes them."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from tests.commands import ALTITUDES, FALSE, Outcome
from tests.geometry.verdicts import verdict
from tests.pages.pages import Outline
from typer.testing import CliRunner

from maieutic.cli.app import app
from maieutic.cli.geometry import Format, Picture
from maieutic.geometry.attempt import attempt
from maieutic.geometry.ggb.read import read_ggb
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Result
from maieutic.pages.formats import BINARY, FIGURE_FORMATS, OF_FIGURES, PROOF_FORMATS, WITHOUT_PROOF

FIGURE = "a b = segment; m = midpoint a b"


def written(*words: object) -> bytes:
    """What a command writes to a pipe."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0
    return done.stdout_bytes


def test_the_command_line_offers_what_the_tables_have():
    assert [form.value for form in Format] == list(PROOF_FORMATS)
    assert [form.value for form in Picture] == list(FIGURE_FORMATS)
    assert set(PROOF_FORMATS) | set(FIGURE_FORMATS) >= BINARY | WITHOUT_PROOF


def test_a_proof_as_text_markdown_latex_page_and_json():
    assert written("prove", ALTITUDES).startswith(b"the problem: proved")
    assert "*Proof.*" in written("prove", ALTITUDES, "--format", "markdown").decode()
    article = written("prove", ALTITUDES, "--format", "latex").decode()
    assert article.startswith(r"\documentclass")
    assert r"\begin{tikzpicture}" in article
    assert Outline(written("prove", ALTITUDES, "--format", "html").decode()).wrong == []
    assert json.loads(written("prove", ALTITUDES, "--format", "json"))["format"].startswith("maieutic proof")


@pytest.fixture(scope="module")
def conditional() -> Result:
    """A proof, as if it held for some figures only."""
    result = attempt(parse_problem(ALTITUDES, "altitudes"))
    some = verdict(result.problem, "diff a h", "overlap h a, between h b c", ["branches sampled"])
    return replace(result, verdict=some)


CONDITION = "Proved for figures in which H = A and H lies between B and C [branches sampled]."


def test_for_which_figures_it_is_proved_stands_first_in_every_format(conditional):
    shown = {form: write(conditional) for form, write in PROOF_FORMATS.items()}
    assert shown["text"].startswith(f"altitudes: p{CONDITION[1:-20]}, in 1 step [branches sampled] (")
    assert shown["markdown"].startswith("# altitudes\n\n" + CONDITION.replace("[", r"\[").replace("]", r"\]"))
    article = shown["latex"].partition(r"\section*{\raggedright Altitudes}")[2]
    assert article.startswith("\n\\emph{Proved for figures in which $H = A$ and $H$ lies between $B$ and $C$ [branches")
    page = re.sub(r"</?(span|i)\b[^>]*>", "", shown["html"])
    assert f'<h1>Altitudes</h1>\n<p class="condition">{CONDITION}</p>' in page
    said = {"assumed": ["diff a h"], "configuration": ["overlap h a", "between h b c"], "notes": ["branches sampled"]}
    assert json.loads(shown["json"])["verdict"] == said
    xml = zipfile.ZipFile(io.BytesIO(shown["ggb"])).read("geogebra.xml").decode()
    assert f'<worksheetText above="{CONDITION}"' in xml
    assert read_ggb(shown["ggb"]) == conditional.problem


def test_what_is_assumed_of_every_figure_stands_after_the_proof(conditional):
    for form in ("text", "markdown", "latex", "html"):
        page = re.sub(r"</?(span|i)\b[^>]*>|[$]", "", str(PROOF_FORMATS[form](conditional)))
        assert page.count("Assumed: H ≠ A.") + page.count(r"Assumed: H \ne  A.") == 1
        assert "as was to be proved" in page.partition("Assumed")[0]


HOSTILE = "x<title>\n\x1b[2J\u202e$\\input{file}$ <b>&\udc80"


@pytest.mark.parametrize("form", sorted(PROOF_FORMATS.keys() - BINARY))
def test_a_hostile_name_stays_a_name_in_every_format(conditional, form):
    problem = replace(conditional.problem, name=HOSTILE)
    proof = replace(conditional.proof, problem=problem)
    shown = PROOF_FORMATS[form](replace(conditional, problem=problem, proof=proof))
    assert isinstance(shown, str)
    assert all(line.isprintable() for line in shown.split("\n"))
    if form == "latex":
        (title,) = (line for line in shown.splitlines() if line.startswith(r"\section*"))
        assert r"\$\textbackslash{}input\{file\}\$" in title
        assert "$" not in title.replace(r"\$", "")
        assert r"\input" not in title
    if form == "html":
        assert Outline(shown).wrong == []
    if form == "markdown":
        assert "<" not in shown.splitlines()[0].replace(r"\<", "")


def test_a_proof_as_a_geogebra_file_is_the_problem_again(tmp_path):
    data = written("prove", "orthocentre", "--format", "ggb")
    assert zipfile.is_zipfile(io.BytesIO(data))
    path = tmp_path / "orthocentre.ggb"
    assert Outcome("prove", "orthocentre", "--format", "ggb", "--out", path).code == 0
    assert path.read_bytes() == data
    assert Outcome("prove", path).out.startswith("orthocentre: proved")


def test_figures(tmp_path):
    assert written("draw", "orthocentre").startswith(b"<svg ")
    assert written("draw", "orthocentre", "--format", "png").startswith(b"\x89PNG\r\n")
    assert read_ggb(written("draw", FIGURE, "--format", "ggb")).points == ("a", "b", "m")


def test_goals_for_a_geogebra_file(tmp_path):
    path = tmp_path / "figure.ggb"
    Outcome("draw", FIGURE, "--format", "ggb", "--out", path)
    outcome = Outcome("prove", path, "--goal", "cong A M M B", "--goal", "coll A M B")
    assert outcome.code == 0
    assert "AM = BM" in outcome.out or "AM = MB" in outcome.out
    assert "collinear" in outcome.out
    assert Outcome("prove", ALTITUDES, "--goal", "AH ⊥ BC").code == 0


@pytest.mark.parametrize("form", sorted(PROOF_FORMATS.keys() - WITHOUT_PROOF))
def test_without_a_proof_nothing_is_written_but_the_figure_that_refutes(form, tmp_path):
    path = tmp_path / "proof"
    outcome = Outcome("prove", FALSE, "--format", form, "--out", path)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("the problem: false")
    assert path.exists() == (form in OF_FIGURES)
    if form == "html":
        page = path.read_text(encoding="utf-8")
        assert "<svg" in page
        assert "is false" in page


@pytest.mark.parametrize(("command", "form"), [("prove", "ggb"), ("draw", "png"), ("draw", "ggb")])
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals here")
def test_bytes_do_not_go_to_a_terminal(command, form):
    master, terminal = os.openpty()
    words = [sys.executable, "-m", "maieutic", command, ALTITUDES, "--format", form]
    done = subprocess.run(words, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False)
    os.close(terminal)
    os.close(master)
    assert done.returncode == 2
    assert done.stderr == f"maieutic: --format: a terminal cannot show {form} (write it with --out PATH)\n"


def test_pages_are_utf_8_whatever_the_terminal_is():
    words = [sys.executable, "-m", "maieutic", "prove", "orthocentre", "--format", "html"]
    done = subprocess.run(words, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert "⊥" in done.stdout.decode()
