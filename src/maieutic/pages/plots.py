"""Plots as SVG: one file that needs nothing else, light, dark and in print, with its text as text and a description.

matplotlib draws with the light colours of COLOURS; afterwards each becomes a variable that follows the reader's system
(`prefers-color-scheme`). Lines differ in dashes as well as in colour. The same plot always gives the same text.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

COLOURS: dict[str, tuple[str, str]] = {
    "ink": ("#1f2937", "#e5e7eb"),
    "soft": ("#5b6472", "#a3b0c2"),
    "rule": ("#d9dde3", "#363d48"),
    "paper": ("#ffffff", "#15191f"),
    "blue": ("#1d4ed8", "#7db2ff"),
    "orange": ("#c2410c", "#fb923c"),
    "green": ("#15803d", "#4ade80"),
    "purple": ("#86198f", "#e29bf0"),
    "grey": ("#6b7280", "#9ca3af"),
}
"""Name -> the colour on light and on dark paper. No two names share a light colour."""

FACE = "system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
"""The reader's own sans-serif; all of these are narrower than the one that the layout is made with."""


_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")


def colour(name: str) -> str:
    """The colour to draw with."""
    return COLOURS[name][0]


@contextmanager
def plot(width: float, height: float) -> Iterator[Figure]:
    """An empty figure in the style of the house, of this size in inches; it is drawn inside the block."""
    with matplotlib.rc_context(_style()):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure


def plain(axes: Axes) -> None:
    """Only the axes at the left and below, and a faint grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color=colour("rule"), linewidth=0.6)
    axes.set_axisbelow(True)


def plain_number(value: float, _: object = None) -> str:
    """10000 as 10,000, 0.01 as 0.01, 0.000001 as 10⁻⁶: the labels of a logarithmic axis."""
    if 1e-3 <= value < 1:
        return f"{value:g}"
    if 1 <= value < 1e5:
        return f"{value:,.0f}"
    return "10" + raised(round(math.log10(value)))


def raised(exponent: float) -> str:
    """-3 as ⁻³: an exponent as text."""
    return f"{exponent:g}".translate(_RAISED)


def svg(figure: Figure, title: str, description: str) -> str:
    """The figure as an SVG document that says what it shows to those who do not see it."""
    buffer = StringIO()
    with warnings.catch_warnings():
        # The layout's font lacks the signs of many scripts; the reader's own will have them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = buffer.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>\s*", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"'DejaVu Sans'(?:, ?sans-serif)?", FACE, drawn)
    for name, (light, _) in COLOURS.items():
        drawn = drawn.replace(light, f"var(--{name})")
    opening, body = drawn.split(">", 1)
    opening = f'{opening} class="plot" role="img" aria-label="{escape(title)}"'
    texts = f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n<style>{_variables()}</style>"
    return f"{opening}>\n{texts}{body}"


def _variables() -> str:
    light = "".join(f"--{name}:{pair[0]};" for name, pair in COLOURS.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in COLOURS.items())
    rules = (
        f".plot{{{light}max-width:100%;height:auto}}",
        f"@media screen and (prefers-color-scheme:dark){{.plot{{{dark}}}}}",
        f".light .plot,.plot.light{{{light}}}",
        f".dark .plot,.plot.dark{{{dark}}}",
    )
    return "\n".join(("", *rules, ""))


def _style() -> Any:  # a literal type of 300 names, if anything
    ink, soft = colour("ink"), colour("soft")
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": "maieutic",
        "text.parse_math": False,  # a name may contain dollars
        "font.family": ["DejaVu Sans"],
        "font.size": 9.5,
        "axes.titlesize": 10.5,
        "axes.titlelocation": "left",
        "axes.titlepad": 9,
        "axes.labelcolor": soft,
        "axes.edgecolor": soft,
        "axes.facecolor": "none",
        "axes.linewidth": 0.8,
        "figure.facecolor": colour("paper"),
        "text.color": ink,
        "xtick.color": soft,
        "ytick.color": soft,
        "xtick.major.size": 3,
        "ytick.major.size": 3,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
        "legend.labelcolor": ink,
        "legend.handlelength": 2.6,
    }
