"""A figure in TikZ, as it is drawn elsewhere: the same marks and places of labels, dashes for what is auxiliary."""

from __future__ import annotations

import math

from maieutic.geometry.figures.elements import Arcs, Circle, Dot, Element, Figure, Label, RightAngle, Segment, Ticks
from maieutic.geometry.trusted.records import Point

WIDEST, HIGHEST = 11.0, 9.5
"""Centimetres that a figure may take."""

POINTS = 72.27 / 2.54
"""Of a printer, to the centimetre."""

STYLES = {
    "given": "",
    "auxiliary": "dashed",
    "goal": "draw=goal, line width=0.9pt",
}
"""How the elements of each role are drawn; what is only seen when it is highlighted is left out."""

COLOURS = r"\definecolor{goal}{HTML}{C2410C}\definecolor{mark}{HTML}{64748B}"


def tikz(figure: Figure) -> str:
    """The picture of a figure; it needs the package tikz."""
    scale = min(WIDEST / figure.width, HIGHEST / figure.height)
    shown = [element for element in figure.elements if element.role != "overlay"]
    return "\n".join(
        (
            COLOURS,
            rf"\begin{{tikzpicture}}[x={scale:.5f}cm, y=-{scale:.5f}cm, line width=0.45pt, line cap=round]",
            rf"  \useasboundingbox (0,0) rectangle ({figure.width:.1f},{figure.height:.1f});",
            rf"  \begin{{scope}}\clip (0,0) rectangle ({figure.width:.1f},{figure.height:.1f});",
            *(f"  {_element(element, scale)}" for element in shown if not isinstance(element, Dot | Label)),
            r"  \end{scope}",
            *(f"  {_element(element, scale)}" for element in shown if isinstance(element, Dot | Label)),
            r"\end{tikzpicture}",
        )
    )


def _element(element: Element, scale: float) -> str:
    style = STYLES[element.role]
    match element:
        case Dot():
            return rf"\fill ({_pair(element.at)}) circle[radius=1.1pt];"
        case Label():
            size = element.size * scale * POINTS
            face = rf"\fontsize{{{size:.1f}}}{{{size:.1f}}}\selectfont"
            return rf"\node[inner sep=0pt] at ({_pair(element.at)}) {{{face}${_text(element)}$}};"
        case Segment():
            return rf"\draw[{style}] ({_pair(element.a)}) -- ({_pair(element.b)});"
        case Circle():
            return rf"\draw[{style}] ({_pair(element.centre)}) circle[radius={element.radius:.2f}];"
        case Ticks():
            return _mark(style, " ".join(f"({_pair(a)}) -- ({_pair(b)})" for a, b in element.lines))
        case RightAngle():
            return _mark(style, " -- ".join(f"({_pair(corner)})" for corner in element.corners))
        case Arcs():
            return _mark(style, " ".join(_arc(element, radius) for radius in element.radii))


def _mark(style: str, path: str) -> str:
    return rf"\draw[{style or 'draw=mark'}] {path};"


def _arc(arcs: Arcs, radius: float) -> str:
    """Angles run the same way in both: the second coordinate is downwards here and there."""
    start = arcs.at + radius * complex(math.cos(arcs.start), math.sin(arcs.start))
    angles = f"start angle={math.degrees(arcs.start):.2f}, delta angle={math.degrees(arcs.sweep):.2f}"
    return f"({_pair(start)}) arc[{angles}, radius={radius:.2f}]"


def _text(label: Label) -> str:
    """A label in TeX: its pieces in a row, subscripts below."""
    text = "".join(f"_{{{run.text}}}" if run.low else run.text for run in label.runs)
    return text.replace("°", r"^{\circ}").replace("′", "'").replace("−", "-")


def _pair(z: Point) -> str:
    return f"{z.real:.2f},{z.imag:.2f}"
