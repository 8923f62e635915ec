"""The plots of a run's page, and of a comparison of runs, each an SVG with a description.

Most are one kind: measures by round, with their intervals. For one run a plot has a line a measure; for several runs
there is a plot a measure, with a line a run, so that no plot has more than a few lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from maieutic.pages.plots import colour, plain, plot, svg
from maieutic.pages.run_facts import FLOW, Flow, RunFacts
from maieutic.pages.run_measures import Interval

LOOKS = (("blue", "-", "o"), ("orange", "--", "s"), ("green", "-.", "^"), ("purple", ":", "D"), ("grey", "-", "v"))
"""Colour, dashes and marker of the first, second, ... line: told apart without colour too."""
WIDTH, HEIGHT = 6.2, 2.9
LEGEND, ACROSS = 0.24, 3
"""The height of a row of a legend, and entries in it."""
MARGIN, MANY = 0.25, 12
"""Room beside the first and the last round, and rounds up to which each is marked."""
STEPS = 300
"""Points of a line over steps; of more steps, each is the mean of some."""

Points = Sequence[tuple[int, Interval]]


@dataclass(frozen=True)
class _Line:
    """A line of a plot, and how it looks: colour, dashes and marker. A run looks alike in all plots."""

    name: str
    points: Points
    look: tuple[str, str, str]


@dataclass(frozen=True)
class Drawn:
    """A plot of measures by round.

    Attributes:
        label: of the axis of values.
        lines: the measures, as {"won/start": "what its line is called"}.
        even: where a line is drawn across: the value of what is fair, or no better than chance.
    """

    title: str
    label: str
    lines: Mapping[str, str]
    even: float | None = None


def by_round(runs: Sequence[RunFacts], drawn: Drawn) -> Iterator[str]:
    """The plots of some measures: one for one run, one a measure for several; none where no run has them."""
    if len(runs) == 1:
        lines = [
            _Line(said, _points(runs[0], name), look)
            for (name, said), look in zip(drawn.lines.items(), _looks(len(drawn.lines)), strict=True)
        ]
        yield from _plot([line for line in lines if line.points], drawn.title, drawn)
        return
    for name, said in drawn.lines.items():
        title = drawn.title if len(drawn.lines) == 1 else f"{drawn.title}: {said}"
        lines = [_Line(run.name, _points(run, name), look) for run, look in zip(runs, _looks(len(runs)), strict=True)]
        yield from _plot([line for line in lines if line.points], title, drawn, named=True)


def _points(run: RunFacts, name: str) -> Points:
    return [(r.number, r.measures[name]) for r in run.rounds if name in r.measures]


def _plot(lines: Sequence[_Line], title: str, drawn: Drawn, *, named: bool = False) -> Iterator[str]:
    """One plot, with a legend where there are several lines, or where they are named in any case."""
    if not lines:
        return
    legend = len(lines) if len(lines) > 1 or named else 0
    with plot(WIDTH, _height(legend)) as figure:
        axes = figure.subplots()
        if drawn.even is not None:
            axes.axhline(drawn.even, color=colour("grey"), linewidth=0.8, linestyle=(0, (4, 4)))
        for k, line in enumerate(lines):
            values = np.array([interval.value for _, interval in line.points], dtype=float)
            axes.errorbar(
                [number + 0.06 * (k - (len(lines) - 1) / 2) for number, _ in line.points],
                values,
                yerr=_errors(values, line.points),
                color=colour(line.look[0]),
                linestyle=line.look[1],
                marker=line.look[2],
                markersize=4.5,
                capsize=3,
                label=line.name,
            )
        _finish(axes, title, "round", drawn.label, legend)
        if drawn.label.startswith("share"):
            _from_nothing(axes)
        rounds = sorted({number for line in lines for number, _ in line.points})
        axes.set_xlim(rounds[0] - MARGIN, rounds[-1] + MARGIN)
        axes.xaxis.set_major_locator(FixedLocator(rounds) if len(rounds) <= MANY else MaxNLocator(integer=True))
        bounded = any(interval.low is not None for line in lines for _, interval in line.points)
        ends = "; ".join(f"{line.name or 'value'}: {_said(line.points)}" for line in lines)
        yield svg(figure, title, f"{title} by round{', with 95% intervals' * bounded}. {ends}.")


def _from_nothing(axes: Axes) -> None:
    """Shares are not drawn below 0; where all are 0, it is seen that this is little."""
    low, high = axes.get_ylim()
    if low < 0:
        top = max(high, 0.1)
        axes.set_ylim(-0.04 * top, top)


def _said(points: Points) -> str:
    return ", ".join(f"{interval.value:.3g} in round {number}" for number, interval in points)


def _errors(values: np.ndarray, points: Points) -> np.ndarray:
    """How far the intervals reach below and above, [2, n]; nowhere where there is none."""
    low = np.array([v if i.low is None else i.low for v, (_, i) in zip(values, points, strict=True)])
    high = np.array([v if i.high is None else i.high for v, (_, i) in zip(values, points, strict=True)])
    return np.maximum([values - low, high - values], 0.0)


def training(run: RunFacts, name: str, title: str, label: str) -> Iterator[str]:
    """One metric of training, step by step, a line a round."""
    series = [(f"round {r.number}", [float(s[name]) for s in r.steps if s.get(name) is not None]) for r in run.rounds]
    series = [(said, values) for said, values in series if values]
    if not series:
        return
    with plot(WIDTH, _height(len(series))) as figure:
        axes = figure.subplots()
        for (said, values), (ink, dashes, mark) in zip(series, _looks(len(series)), strict=True):
            marker = mark if len(values) == 1 else ""
            axes.plot(*_thinned(values), color=colour(ink), linestyle=dashes, marker=marker, linewidth=1.4, label=said)
        _finish(axes, title, "step", label, len(series))
        ends = ", ".join(f"{said} from {values[0]:.3g} to {values[-1]:.3g}" for said, values in series)
        yield svg(figure, title, f"{title} by step: {ends}.")


def _thinned(values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Steps, counted from 1, and values: means of neighbours where there are more than STEPS."""
    parts = np.array_split(np.arange(len(values)), min(len(values), STEPS))
    every = np.array(values)
    return np.array([part.mean() + 1 for part in parts]), np.array([every[part].mean() for part in parts])


def flow(run: RunFacts, title: str) -> Iterator[str]:
    """What came out of each stage of each round, and what of it led no further."""
    rounds = [r for r in run.rounds if r.flow]
    names = [name for name in FLOW if any(name == step.name for r in rounds for step in r.flow)]
    if not names:
        return
    bar = 0.8 / len(rounds)
    most = max(step.count for r in rounds for step in r.flow)
    with plot(WIDTH, 0.9 + 0.25 * len(names) * max(len(rounds), 1.4)) as figure:
        axes = figure.subplots()
        for k, (r, (ink, _, _)) in enumerate(zip(rounds, _looks(len(rounds)), strict=True)):
            for number, step in enumerate(r.flow):
                at, shade = names.index(step.name) + k * bar, colour(ink)
                label = f"round {r.number}" if number == 0 else None
                axes.barh(at, step.count - step.lost, height=bar * 0.86, color=shade, label=label)
                axes.barh(at, step.lost, left=step.count - step.lost, height=bar * 0.86, color=shade, alpha=0.3)
                why = f" ({step.lost:,} {step.why})" * bool(step.lost)
                axes.annotate(
                    f"{step.count:,}{why}",
                    (step.count, at),
                    (4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                )
        axes.set_yticks([k + 0.4 - bar / 2 for k in range(len(names))], names)
        axes.invert_yaxis()
        axes.set_xlim(0, most * (1.15 + 0.3 * any(step.lost for r in rounds for step in r.flow)))
        _finish(axes, title, "how many (pale: those in brackets)", "", len(rounds))
        axes.grid(False, axis="y")
        yield svg(figure, title, "; ".join(f"round {r.number}: {', '.join(map(_step, r.flow))}" for r in rounds))


def _step(step: Flow) -> str:
    return f"{step.count} {step.name}" + f", {step.lost} of them {step.why}" * bool(step.lost)


def _looks(count: int) -> Sequence[tuple[str, str, str]]:
    """The looks of so many lines; from the sixth on they come again."""
    return [LOOKS[k % len(LOOKS)] for k in range(count)]


def _height(lines: int) -> float:
    """Of a plot with so many entries in its legend: with room for them."""
    return HEIGHT + LEGEND * math.ceil(lines / ACROSS)


def _finish(axes: Axes, title: str, below: str, left: str, lines: int) -> None:
    axes.set_title(title)
    axes.set_xlabel(below)
    axes.set_ylabel(left)
    plain(axes)
    if lines and isinstance(axes.figure, Figure):
        axes.figure.legend(loc="outside lower center", ncols=min(lines, ACROSS), fontsize=8.5)
