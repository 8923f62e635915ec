"""A figure as SVG: one file that needs nothing else, light and dark, with an id on every element.

Colours follow the reader's system (`prefers-color-scheme`), or a class `light` or `dark` on the picture or anything
around it. An element of the class `lit` is highlighted; overlays are seen only then. The same figure always gives the
same text.
"""

from __future__ import annotations

import math
from html import escape

from maieutic.geometry.figures.elements import (
    Arcs,
    Circle,
    Dot,
    Element,
    Figure,
    Label,
    RightAngle,
    Segment,
    Ticks,
)
from maieutic.geometry.figures.labels import DOT, SMALL
from maieutic.geometry.trusted.records import Point

LIGHT = {
    "ink": "#1f2937",
    "line": "#475569",
    "mark": "#64748b",
    "goal": "#c2410c",
    "lit": "#1d4ed8",
    "paper": "#ffffff",
}
DARK = {"ink": "#e5e7eb", "line": "#a3b0c2", "mark": "#8b9bb0", "goal": "#fb923c", "lit": "#7dd3fc", "paper": "#15191f"}
"""The colours on light and on dark paper."""

FACE = "'STIX Two Text','STIXGeneral','Latin Modern Roman','CMU Serif','Times New Roman',Times,serif"
BELOW = 0.26
"""How far a subscript stands below its line, to the size of the label."""


def svg(figure: Figure, *, prefix: str = "", paper: bool = True) -> str:
    """The figure as an SVG document. `prefix` goes before every id, where a page shows several figures; without
    `paper`, the background is left to the page."""
    width, height = _number(figure.width), _number(figure.height)
    title, description = escape(figure.title), escape(figure.description)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="geo" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label="{title}">',
            f"<title>{title}</title>",
            f"<desc>{description}</desc>",
            f"<style>{STYLE}</style>",
            *([f'<rect class="paper" width="{width}" height="{height}"/>'] if paper else []),
            *(_element(element, prefix) for element in figure.elements),
            "</svg>",
            "",
        )
    )


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


STYLE = "\n".join(
    (
        "",
        f".geo{{{_variables(LIGHT)}}}",
        f"@media (prefers-color-scheme:dark){{.geo{{{_variables(DARK)}}}}}",
        f".light .geo,.geo.light{{{_variables(LIGHT)}}}",
        f".dark .geo,.geo.dark{{{_variables(DARK)}}}",
        ".geo{max-width:100%;height:auto}",
        ".geo .paper{fill:var(--paper)}",
        ".geo .s,.geo .c,.geo .m{fill:none;stroke:var(--line);stroke-width:1.25;stroke-linecap:round;"
        "stroke-linejoin:round}",
        ".geo .m{stroke:var(--mark);stroke-width:1.05}",
        ".geo .auxiliary{stroke-dasharray:5 4}",
        ".geo .goal{stroke:var(--goal);stroke-width:2.1}",
        ".geo .m.goal{stroke-width:1.4}",
        ".geo .p{fill:var(--ink);stroke:var(--paper);stroke-width:.9}",
        f".geo .l{{fill:var(--ink);font-family:{FACE};font-style:italic;stroke:var(--paper);stroke-width:2;"
        "paint-order:stroke;stroke-linejoin:round}",
        ".geo .overlay{visibility:hidden}",
        ".geo .lit{visibility:visible;stroke:var(--lit);stroke-width:2.6}",
        ".geo .p.lit{fill:var(--lit);stroke:var(--lit);stroke-width:2.6}",
        ".geo .l.lit{fill:var(--lit);stroke:none}",
        "",
    )
)
"""Colours, strokes and faces. Text has a rim of paper, so that it is legible even over a line."""


def _element(element: Element, prefix: str) -> str:
    ident = escape(prefix + element.id)
    match element:
        case Dot():
            return f'<circle id="{ident}" class="p" cx="{_x(element.at)}" cy="{_y(element.at)}" r="{_number(DOT)}"/>'
        case Segment():
            return (
                f'<line id="{ident}" class="s {element.role}" x1="{_x(element.a)}" y1="{_y(element.a)}" '
                f'x2="{_x(element.b)}" y2="{_y(element.b)}"/>'
            )
        case Circle():
            centre = element.centre
            return (
                f'<circle id="{ident}" class="c {element.role}" cx="{_x(centre)}" cy="{_y(centre)}" '
                f'r="{_number(element.radius)}"/>'
            )
        case Ticks():
            return _path(ident, element, "".join(f"M{_xy(a)}L{_xy(b)}" for a, b in element.lines))
        case RightAngle():
            return _path(ident, element, f"M{'L'.join(map(_xy, element.corners))}")
        case Arcs():
            return _path(ident, element, "".join(_arc(element, radius) for radius in element.radii))
    return _text(ident, element)


def _path(ident: str, element: Element, data: str) -> str:
    return f'<path id="{ident}" class="m {element.role}" d="{data}"/>'


def _arc(arcs: Arcs, radius: float) -> str:
    start, end = (arcs.at + radius * complex(math.cos(t), math.sin(t)) for t in (arcs.start, arcs.start + arcs.sweep))
    size = _number(radius)
    return f"M{_xy(start)}A{size} {size} 0 {int(arcs.sweep > math.pi)} 1 {_xy(end)}"


def _text(ident: str, label: Label) -> str:
    """A label, its pieces in a row, subscripts smaller and lower."""
    pieces, lowered = [], False
    for run in label.runs:
        shift = (BELOW if run.low else -BELOW) * label.size if run.low != lowered else 0.0
        lowered = run.low
        style = f' dy="{_number(shift)}"' if shift else ""
        style += f' font-size="{_number(SMALL * label.size)}"' if run.low else ""
        style += "" if any(letter.isalpha() for letter in run.text) else ' font-style="normal"'
        pieces.append(f"<tspan{style}>{escape(run.text)}</tspan>" if style else escape(run.text))
    return (
        f'<text id="{ident}" class="l" x="{_x(label.at)}" y="{_number(baseline(label))}" '
        f'font-size="{_number(label.size)}" text-anchor="middle" xml:space="preserve">{"".join(pieces)}</text>'
    )


def baseline(label: Label) -> float:
    """Where the text of a label stands, for its box to be around it."""
    low = any(run.low for run in label.runs)
    return label.at.imag + (0.27 if low else 0.33) * label.size


def _x(z: Point) -> str:
    return _number(z.real)


def _y(z: Point) -> str:
    return _number(z.imag)


def _xy(z: Point) -> str:
    return f"{_number(z.real)} {_number(z.imag)}"


def _number(value: float) -> str:
    """Two digits after the point at most, and never -0."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
