"""The figure on which a proof was found."""

from __future__ import annotations

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.trusted.records import Diagram, Proof


def own_figure(proof: Proof) -> Diagram:
    """A proof's own figure: by its coordinates, where it has those of all points, else drawn with its seed.

    Raises DiagramError where it cannot be drawn.
    """
    places = dict(proof.figure)
    if all(point in places for point in proof.problem.points):
        return Diagram(places, proof.seed)
    return draw(proof.problem, proof.seed)
