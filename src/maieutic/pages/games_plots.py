"""The pictures of exact games: what is preferred and what rewards make of it, the way to the equilibrium, the error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator
from scipy.optimize import isotonic_regression
from scipy.special import expit

from maieutic.games import METHODS, Array, Comparison, Measured, kl_regularised
from maieutic.pages.plots import colour, plain, plain_number, plot, raised, svg

SMALLEST = 3e-4
"""The lowest exploitability that is drawn."""
SHOWN = 600
"""Points of a curve over rounds, equally far apart on its logarithmic axis."""
PATH = 2000
"""Rounds whose policies are drawn in the triangle."""


@dataclass(frozen=True)
class Picture:
    """A drawing, and what it shows, for those who do not see it."""

    name: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class _Look:
    """How a method is drawn, and its name at the end of its line; the two options share one, and nearly their line."""

    colour: str
    dashes: str
    label: str
    width: float = 1.8


LOOKS = {
    "dno_mixture": _Look("blue", "-", "DNO, mixture", 2.4),
    "dno_last": _Look("orange", "-", "DNO, last policy", 1.0),
    "dno_option_1": _Look("green", "-", "DNO, regularised (I, II)"),
    "dno_option_2": _Look("green", ":", ""),
    "spin": _Look("grey", "--", "SPIN"),
    "dpo": _Look("purple", "--", "DPO, or RLHF with KL"),
    "reward": _Look("purple", "-.", "Reward maximisation"),
}


def title_of(name: str) -> str:
    """`skewed_cycle` as Skewed cycle."""
    words = {"random": "random game"}.get(name, name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _file(found: Comparison, kind: str) -> str:
    safe = re.sub(r"[^\w.-]+", "_", found.game.name)
    return f"games_{safe}_{kind}"


# --- preferences -----------------------------------------------------------------------------------------------------


def preference_picture(found: Comparison) -> Picture:
    """The preferences, and beside them those that the fitted Bradley-Terry rewards can express."""
    game = found.game
    fitted = expit(found.rewards[:, None] - found.rewards)
    with plot(7.0, 3.3) as figure:
        left, right = figure.subplots(1, 2)
        _table(left, game.preferences, game.responses, "What the judge prefers")
        _table(right, fitted, game.responses, "What Bradley–Terry rewards can say")
        off = np.abs(fitted - game.preferences).max()
        name, title = _file(found, "preferences"), f"{title_of(game.name)}: preferences and rewards"
        description = (
            f"Two tables of how often the response of the row is preferred to that of the column. Left: the judge. "
            f"Right: the nearest that one reward for each response can express; it is off by up to {off:.2f}."
        )
        return Picture(name, title, description, svg(figure, title, description))


def _table(axes: Axes, values: Array, names: Sequence[str], title: str) -> None:
    size = len(names)
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            shade = colour("blue" if value > 0.5 else "orange")
            axes.add_patch(_cell(j, i, shade, 0.75 * abs(value - 0.5) * 2))
            if size <= 8:
                axes.text(j + 0.5, i + 0.5, f"{value:.2f}", ha="center", va="center", fontsize=9.5 if size < 6 else 7)
    axes.set(xlim=(0, size), ylim=(size, 0), aspect="equal", title=title)
    if size <= 8:
        axes.set_xticks(np.arange(size) + 0.5, names)
        axes.set_yticks(np.arange(size) + 0.5, names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _cell(x: float, y: float, shade: str, alpha: float) -> Rectangle:
    return Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, facecolor=shade, alpha=alpha, linewidth=0)


# --- exploitability --------------------------------------------------------------------------------------------------


def exploitability_picture(found: Comparison) -> Picture:
    """How exploitable each method's answer is, over the rounds."""
    rounds = found.setting.rounds
    with plot(7.4, 4.1) as figure:
        axes = figure.subplots()
        ends = []
        for name, look in LOOKS.items():
            values = found.exploitability[name]
            at = np.unique(np.geomspace(1, rounds, SHOWN).astype(int))
            shown = values[at - 1] if len(values) == rounds else np.full(len(at), values[0])
            shade = colour(look.colour)
            heights = np.clip(shown, SMALLEST, None)
            axes.plot(at, heights, color=shade, linestyle=look.dashes, linewidth=look.width)
            if look.label:
                end = heights[-len(heights) // 8 :].max() if name == "dno_last" else heights[-1]  # it goes up and down
                ends.append((float(end), look.label, shade))
        axes.set(xscale="log", yscale="log", xlim=(1, max(rounds, 2)), ylim=(SMALLEST, 0.6))
        axes.set(xlabel="round", ylabel="exploitability", title=title_of(found.game.name))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(10))
            axis.set_major_formatter(FuncFormatter(plain_number))
        plain(axes)
        _label_ends(axes, ends)
        name, title = _file(found, "exploitability"), f"{title_of(found.game.name)}: exploitability by round"
        last = ", ".join(f"{METHODS[m].title} {found.exploitability[m][-1]:.4f}" for m in METHODS)
        description = f"Exploitability against the number of rounds, both on logarithmic axes. At the end: {last}."
        return Picture(name, title, description, svg(figure, title, description))


def _label_ends(axes: Axes, ends: list[tuple[float, str, str]]) -> None:
    """A name at the right end of each line, moved apart where they would touch. Heights are shares of the axis."""
    low, high = np.log(axes.get_ylim())
    ordered = sorted(ends)
    wanted = np.array([(np.log(value) - low) / (high - low) for value, _, _ in ordered])
    apart = 0.055 * np.arange(len(ordered))
    heights = isotonic_regression(wanted - apart).x + apart  # the nearest heights that are so far apart
    for (_, title, shade), end, height in zip(ordered, wanted, heights, strict=True):
        line = {"arrowstyle": "-", "color": shade, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)}
        axes.annotate(
            title,
            xy=(1, end),
            xytext=(1.035, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=shade,
            va="center",
            arrowprops=line,
        )


# --- three responses: the triangle of policies -----------------------------------------------------------------------

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
OUTWARDS = np.array([[-0.03, -0.03], [0.03, -0.03], [0.0, 0.045]])
ALIGN: tuple[Literal["right", "left", "center"], ...] = ("right", "left", "center")
"""Where the name of a corner stands, from the corner."""


def triangle_picture(found: Comparison) -> Picture:
    """Where the policies go, in the triangle of all policies over three responses."""
    with plot(7.0, 3.9) as figure:
        axes = figure.subplots()
        axes.set(xlim=(-0.14, 1.14), ylim=(-0.08, 0.95), aspect="equal", title=title_of(found.game.name))
        axes.axis("off")
        _draw_triangle(axes, found.game.responses)
        _draw_paths(axes, found)
        _draw_ends(axes, found)
        figure.legend(loc="outside right center", fontsize=8.8)
        name, title = _file(found, "policies"), f"{title_of(found.game.name)}: the policies of the rounds"
        best = found.game.responses[int(found.rewards.argmax())]
        ends = {"the equilibrium": found.nash} | {
            METHODS[name].title: found.answers[name][-1] for name in ("dno_mixture", "dno_last", "dno_option_1", "spin")
        }
        description = (
            "The triangle of all policies over three responses; a corner is a policy that gives one response only. "
            "Lines are the policies of successive rounds. The ends, as probabilities of "
            f"{', '.join(found.game.responses)}: "
            + "; ".join(f"{end} {' '.join(f'{p:.3f}' for p in policy)}" for end, policy in ends.items())
            + f". The smaller its beta, the nearer DPO comes to {best}, whose reward is the highest."
        )
        return Picture(name, title, description, svg(figure, title, description))


def _draw_triangle(axes: Axes, responses: Sequence[str]) -> None:
    axes.fill(*CORNERS.T, facecolor="none", edgecolor=colour("soft"), linewidth=0.9)
    for centre in np.eye(3):
        for share in (0.25, 0.5, 0.75):  # lines of equal probability
            ends = [share * centre + (1 - share) * other for other in np.eye(3) if other @ centre == 0]
            axes.plot(*_at(np.array(ends)).T, color=colour("rule"), linewidth=0.6, zorder=0)
    for (x, y), response, align in zip(CORNERS + OUTWARDS, responses, ALIGN, strict=True):
        axes.text(x, y, response, ha=align, va="center", fontweight="bold")


def _draw_paths(axes: Axes, found: Comparison) -> None:
    """The rounds of DNO, and DPO from the start to the highest reward as its beta falls."""
    for name in ("dno_last", "dno_option_1", "dno_mixture"):
        look = LOOKS[name]
        path = _at(found.answers[name][:PATH])
        axes.plot(*path.T, color=colour(look.colour), linewidth=0.7 * look.width, label=METHODS[name].title)
    betas = np.geomspace(100, 1e-3, 200)
    curve = _at(np.array([kl_regularised(found.rewards, found.start, beta) for beta in betas]))
    look = LOOKS["dpo"]
    axes.plot(*curve.T, color=colour(look.colour), linestyle=look.dashes, label="DPO, from large to small beta")


def _draw_ends(axes: Axes, found: Comparison) -> None:
    marks = (
        ("D", "purple", METHODS["reward"].title, found.answers["reward"][-1]),
        ("s", "grey", "SPIN: the data", found.data),
        ("o", "ink", "start", found.start),
        ("*", "ink", "equilibrium", found.nash),
    )
    for mark, shade, label, policy in marks:
        x, y = _at(policy)
        size, rim = 17 if mark == "*" else 9, colour("paper")
        axes.plot(x, y, mark, color=colour(shade), markersize=size, markeredgecolor=rim, label=label, clip_on=False)


def _at(policies: Array) -> Array:
    return np.asarray(policies @ CORNERS)


# --- a finite sample -------------------------------------------------------------------------------------------------

TILTS = (("blue", "o"), ("green", "s"), ("orange", "^"), ("purple", "D"), ("grey", "v"))


def coverage_picture(found: Sequence[Measured]) -> Picture:
    """The error of one round against the number of pairs, and theorem 1's scaling of it."""
    exponents = list(dict.fromkeys(one.exponent for one in found))
    with plot(7.4, 3.7) as figure:
        left, right = figure.subplots(1, 2)
        for exponent, (shade, mark) in zip(exponents, TILTS, strict=False):
            rows = [one for one in found if one.exponent == exponent]
            ratio = [one.coverage / one.count for one in rows]
            errors, label = [one.error for one in rows], tilt_name(exponent)
            left.plot([one.count for one in rows], errors, f"{mark}-", color=colour(shade), markersize=4.5, label=label)
            right.plot(ratio, errors, mark, color=colour(shade), markersize=4.5)
        bounds = np.array([min(one.coverage / one.count for one in found), 0.01])
        typical = np.median([one.error / np.sqrt(one.coverage / one.count) for one in found if one.error < 0.1])
        right.plot(bounds, typical * np.sqrt(bounds), color=colour("soft"), linewidth=1, zorder=0)
        left.set(xlabel="pairs N", ylabel="total variation to the exact update", title="Error and sample size")
        right.set(xlabel="coverage constant / pairs, C / N", title="The same, over C / N")
        for axes in (left, right):
            axes.set(xscale="log", yscale="log")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(LogLocator(10))
                axis.set_major_formatter(FuncFormatter(plain_number))
            plain(axes)
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8.5, columnspacing=1.2)
        name, title = "games_coverage", "Error of one round, by sample size and coverage"
        description = (
            "Left: the error falls with the root of the number of pairs, and the less the pairs look like the policy's "
            "own answers, the higher it is. Right: plotted over the coverage constant divided by the number of pairs, "
            "all sampling distributions fall on one line of slope one half, where samples are large enough."
        )
        return Picture(name, title, description, svg(figure, title, description))


def tilt_name(exponent: float) -> str:
    """Which responses are drawn, in words."""
    if exponent == 1:
        return "on-policy"
    return "uniform" if exponent == 0 else "policy" + raised(exponent)
