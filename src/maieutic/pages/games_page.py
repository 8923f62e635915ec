"""Exact games as tables and as a page: what each method ends with on a game, and the error of a finite sample.

The tables are Markdown, for a terminal and for the documentation. The page is one HTML file with the same tables and
the pictures, which needs nothing from outside.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from maieutic.games import METHODS, Array, Comparison, Measured, exploitability
from maieutic.pages.games_plots import (
    Picture,
    coverage_picture,
    exploitability_picture,
    preference_picture,
    tilt_name,
    title_of,
    triangle_picture,
)
from maieutic.pages.tables import Table
from maieutic.pages.templating import template

MANY = 4
"""Responses up to which a policy is written out."""
LARGEST = 30
"""Responses up to which the preferences are drawn."""


@dataclass(frozen=True)
class Section:
    """A game, or the study of samples: its tables and pictures."""

    title: str
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]


def game_section(found: Comparison, *, pictures: bool = True) -> Section:
    """Everything about one game; without pictures, in a tenth of the time."""
    draw = [exploitability_picture]
    if found.game.size <= LARGEST:
        draw.insert(0, preference_picture)
    if found.game.size == 3:
        draw.append(triangle_picture)
    tables = (_responses(found), _methods(found))
    return Section(title_of(found.game.name), tables, tuple(one(found) for one in draw) if pictures else ())


def sample_section(found: Sequence[Measured], *, pictures: bool = True) -> Section:
    """Everything about rounds from finite samples."""
    drawn = (coverage_picture(found),) if pictures else ()
    return Section("A round from a finite sample", (_errors(found), _constants(found)), drawn)


def text(sections: Iterable[Section]) -> str:
    """The tables, as Markdown."""
    parts = (f"## {section.title}\n\n{_tables(section)}" for section in sections)
    return "\n\n".join(parts) + "\n"


def _tables(section: Section) -> str:
    return "\n\n".join(f"{table.title}\n\n{table.markdown()}" for table in section.tables)


def page(sections: Sequence[Section]) -> str:
    """All of it as one HTML file."""
    return template("games.html").render(sections=sections, picture=_embedded)


def _embedded(picture: Picture) -> str:
    return "data:image/svg+xml;base64," + b64encode(picture.svg.encode()).decode()


# --- the tables ------------------------------------------------------------------------------------------------------


def _responses(found: Comparison) -> Table:
    game = found.game
    average = (game.preferences.sum(axis=1) - 0.5) / (game.size - 1)
    columns = zip(game.responses, average, found.rewards, found.nash, strict=True)
    rows = tuple((name, f"{rate:.3f}", _signed(reward), f"{share:.4f}") for name, rate, reward, share in columns)
    header = ("response", "beats the others", "Bradley–Terry reward", "equilibrium")
    return Table(
        "The responses: how often each beats the others on average, its fitted reward, its share.", header, rows
    )


def _methods(found: Comparison) -> Table:
    setting, size = found.setting, found.game.size
    uneven = _policy(found.start) if size <= MANY else f"weights {size}, ..., 1"
    start = "uniform" if np.allclose(found.start, 1 / size) else uneven
    title = (
        f"The policies after {setting.rounds:,} rounds from {start} (eta {setting.eta:g}, tau {setting.tau:g}; "
        f"beta {setting.beta:g} for DPO, {setting.spin_beta:g} for SPIN)."
    )
    rows = (
        _row("Equilibrium (linear programme)", found.nash, found),
        *(_row(method.title, found.answers[name][-1], found) for name, method in METHODS.items()),
        _row("Regularised equilibrium", found.regularised, found),
    )
    return Table(title, ("method", "policy" if size <= MANY else "largest share", "exploitability"), rows)


def _row(title: str, policy: Array, found: Comparison) -> tuple[str, str, str]:
    game = found.game
    best = int(np.argmax(policy))
    shown = _policy(policy) if game.size <= MANY else f"{game.responses[best]} {policy[best]:.3f}"
    return title, shown, f"{abs(exploitability(game.preferences, policy)):.4f}"


def _errors(found: Sequence[Measured]) -> Table:
    title = (
        "Total variation between the round learned from N pairs and the exact one: root mean square of 20 repetitions."
    )
    return Table(title, *_by_count(found, [f"{one.error:.4f}" for one in found]))


def _constants(found: Sequence[Measured]) -> Table:
    title = "The coverage constant C of theorem 1: median of the repetitions."
    return Table(title, *_by_count(found, [f"{one.coverage:.2f}" for one in found]))


def _by_count(found: Sequence[Measured], cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A header and rows: a row for each sampling distribution, a column for each number of pairs."""
    counts = list(dict.fromkeys(one.count for one in found))
    rows: dict[float, list[str]] = {}
    for one, cell in zip(found, cells, strict=True):
        rows.setdefault(one.exponent, [tilt_name(one.exponent)]).append(cell)
    return ("pairs from", *(f"N = {count:,}" for count in counts)), tuple(tuple(row) for row in rows.values())


def _policy(policy: Array) -> str:
    return " ".join(f"{p:.3f}" for p in policy)


def _signed(value: float) -> str:
    return f"{value + 0.0:+.3f}" if abs(value) >= 5e-4 else "0.000"
