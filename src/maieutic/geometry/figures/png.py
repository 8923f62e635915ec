"""A figure as a PNG picture, drawn by matplotlib from the same elements as the SVG."""

from __future__ import annotations

import cmath
import io
import re
from typing import Any

from maieutic.geometry.figures.elements import (
    Arcs,
    Circle,
    Dot,
    Element,
    Figure,
    Label,
    RightAngle,
    Run,
    Segment,
    Ticks,
)
from maieutic.geometry.figures.labels import DOT
from maieutic.geometry.figures.svg import DARK, LIGHT, baseline
from maieutic.geometry.trusted.records import Point

POINTS = 72.0
"""Matplotlib's unit: points to the inch. One px of the page is one point."""


def png(figure: Figure, *, dark: bool = False, zoom: float = 2.0) -> bytes:
    """The figure as PNG, `zoom` pixels to a unit of its page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    colours = DARK if dark else LIGHT
    canvas = Canvas(figsize=(figure.width / POINTS, figure.height / POINTS), dpi=POINTS * zoom)
    FigureCanvasAgg(canvas)
    canvas.set_facecolor(colours["paper"])
    axes = canvas.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, figure.width)
    axes.set_ylim(figure.height, 0)
    for order, element in enumerate(figure.elements):
        if element.role != "overlay":
            _draw(axes, element, colours, order + 1)
    page = io.BytesIO()
    canvas.savefig(page, format="png", dpi=POINTS * zoom, facecolor=colours["paper"], metadata={"Software": None})
    return page.getvalue()


def _draw(axes: Any, element: Element, colours: dict[str, str], order: int) -> None:
    """One element on matplotlib's axes."""
    from matplotlib import patches

    if isinstance(element, Label):
        _write(axes, element, colours, order)
        return
    if isinstance(element, Dot):
        style = {"facecolor": colours["ink"], "edgecolor": colours["paper"], "linewidth": 0.9}
        axes.add_patch(patches.Circle(_xy(element.at), DOT, zorder=order, **style))
        return
    style = _stroke(element, colours) | {"zorder": order}
    if isinstance(element, Circle):
        axes.add_patch(patches.Circle(_xy(element.centre), element.radius, fill=False, **style))
        return
    for path in _paths(element):
        axes.plot([z.real for z in path], [z.imag for z in path], solid_capstyle="round", **style)


def _stroke(element: Element, colours: dict[str, str]) -> dict[str, Any]:
    """Colour, width and dashes."""
    mark = isinstance(element, Ticks | Arcs | RightAngle)
    if element.role == "goal":
        return {"color": colours["goal"], "linewidth": 1.4 if mark else 2.1}
    dashes = {"linestyle": (0, (4, 3.2))} if element.role == "auxiliary" else {}
    return {"color": colours["mark" if mark else "line"], "linewidth": 1.05 if mark else 1.25} | dashes


def _paths(element: Element) -> list[list[Point]]:
    """The polygonal lines of a segment or a mark."""
    if isinstance(element, Segment):
        return [[element.a, element.b]]
    if isinstance(element, Ticks):
        return [[a, b] for a, b in element.lines]
    if isinstance(element, RightAngle):
        return [list(element.corners)]
    if isinstance(element, Arcs):
        turns = [element.start + element.sweep * i / 24 for i in range(25)]
        return [[element.at + radius * cmath.exp(1j * t) for t in turns] for radius in element.radii]
    return []


def _write(axes: Any, label: Label, colours: dict[str, str], order: int) -> None:
    """A label, with a rim of paper."""
    from matplotlib.patheffects import withStroke

    axes.text(
        label.at.real,
        baseline(label),
        f"${''.join(map(_tex, label.runs))}$",
        fontsize=label.size,
        math_fontfamily="stix",
        color=colours["ink"],
        horizontalalignment="center",
        verticalalignment="baseline",
        zorder=order,
        path_effects=[withStroke(linewidth=2, foreground=colours["paper"])],
    )


def _tex(run: Run) -> str:
    """A piece of a label in mathtext."""
    text = run.text.replace("_", r"\_").replace("°", r"\degree").replace(" = ", r"\,=\,")
    text = re.sub("′+", r"\\mathrm{\g<0>}", text)
    return f"_{{{text}}}" if run.low else text


def _xy(z: Point) -> tuple[float, float]:
    return z.real, z.imag
