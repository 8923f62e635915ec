"""Draw a problem: its figure as SVG or PNG, in one call. The parts are in figure.py, svg.py and png.py."""

from __future__ import annotations

from maieutic.geometry.figures.elements import Figure
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.png import png
from maieutic.geometry.figures.shown import SIDES
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.trusted.records import Diagram, Problem, Proof

__all__ = ["SIDES", "figure_of", "png_bytes", "svg_text"]


def figure_of(problem: Problem, diagram: Diagram, proof: Proof | None = None) -> Figure:
    """The figure of a problem; with a proof, its auxiliary points too, and what shows its steps, to be highlighted."""
    if proof is None:
        return figure(problem, diagram)
    facts = [step.conclusion for step in proof.deductions]
    return figure(proof.problem, diagram, facts=facts, auxiliary=proof.auxiliary)


def svg_text(problem: Problem, diagram: Diagram, proof: Proof | None = None) -> str:
    """The figure of a problem as an SVG document."""
    return svg(figure_of(problem, diagram, proof))


def png_bytes(problem: Problem, diagram: Diagram, proof: Proof | None = None, *, dark: bool = False) -> bytes:
    """The figure of a problem as a PNG picture."""
    return png(figure_of(problem, diagram, proof), dark=dark)
