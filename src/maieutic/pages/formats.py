"""How proofs and figures are written: a table each, from the name of a format to what makes it."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from maieutic.core.text import printable
from maieutic.geometry.figures.draw import png_bytes, svg_text
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.own import own_figure
from maieutic.geometry.ggb.write import write_ggb
from maieutic.geometry.language import library
from maieutic.geometry.language.names import display_names
from maieutic.geometry.output import accepted_proof, one_line, result_json, result_text
from maieutic.geometry.proofs.prover import Result
from maieutic.geometry.prose.latex import latex
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.notation import Signs, plain
from maieutic.geometry.prose.text import markdown
from maieutic.geometry.prose.verdicts import choices, proved
from maieutic.geometry.trusted.records import Diagram, Problem, Proof
from maieutic.pages.proof_page import facts_shown, proof_page
from maieutic.pages.templating import template

Content = str | bytes


def diagram_of(result: Result, proof: Proof) -> Diagram:
    """A figure with all points of the proof, auxiliary ones included."""
    found = result.diagram
    if found is not None and all(point in found.points for point in proof.problem.points):
        return found
    return own_figure(proof)


def result_markdown(result: Result) -> str:
    """The proof as Markdown."""
    return markdown(narrate(*accepted_proof(result)))


def result_latex(result: Result) -> str:
    """The proof as a LaTeX article with its figure."""
    proof, verdict = accepted_proof(result)
    return latex(narrate(proof, verdict), diagram_of(result, proof))


def result_html(result: Result) -> str:
    """The proof as a page; for a problem of the library, with its statement in words. Of what is false, why."""
    if result.counterexample is not None:
        return counterexample_page(result, result.counterexample)
    proof, verdict = accepted_proof(result)
    narrative = narrate(proof, verdict)
    facts = facts_shown(narrative)
    shown = figure(proof.problem, diagram_of(result, proof), facts=facts, auxiliary=proof.auxiliary)
    return proof_page(proof, narrative, shown, *_words(result.problem))


def _words(problem: Problem) -> tuple[str, str]:
    """The statement of a shipped problem in words, and where it comes from."""
    if problem.name not in library.names() or library.problem(problem.name) != problem:
        return "", ""
    entry = library.entry(problem.name)
    return entry.statement, entry.source


def counterexample_page(result: Result, diagram: Diagram) -> str:
    """A statement that is false: a figure that shows it, and where its points are."""
    names = display_names(result.problem.points)
    return template("counterexample.html").render(
        title=printable(result.problem.name) or "A statement that is false",
        verdict=one_line(result),
        message=result.message,
        drawing=Markup(svg_text(result.problem, diagram)),
        places=[(names[p], f"{z.real:.6g}", f"{z.imag:.6g}") for p, z in diagram.points.items()],
    )


def result_ggb(result: Result) -> bytes:
    """The proof's problem, auxiliary points included, as a GeoGebra file that says for which figures it is proved."""
    if result.counterexample is not None:
        return write_ggb(result.problem, result.counterexample, caption=one_line(result))
    proof, verdict = accepted_proof(result)
    caption = plain(proved(verdict, choices(proof), Signs(display_names(proof.problem.points))))
    return write_ggb(proof.problem, diagram_of(result, proof), caption=caption)


PROOF_FORMATS: dict[str, Callable[[Result], Content]] = {
    "text": result_text,
    "markdown": result_markdown,
    "latex": result_latex,
    "html": result_html,
    "json": result_json,
    "ggb": result_ggb,
}
"""The formats of `maieutic prove`. All but text and json need a proof, and raise ProofError without one."""

WITHOUT_PROOF = frozenset(("text", "json"))
"""The formats that also say what became of an attempt that led to no proof."""

OF_FIGURES = frozenset(("html", "ggb"))
"""The formats that show the figure on which a goal is false."""

FIGURE_FORMATS: dict[str, Callable[[Problem, Diagram], Content]] = {
    "svg": svg_text,
    "png": png_bytes,
    "ggb": write_ggb,
}
"""The formats of `maieutic draw`."""

BINARY = frozenset(("png", "ggb"))
"""The formats that no terminal can show."""
