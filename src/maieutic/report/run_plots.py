"""The plots of a run's page, and of a comparison of runs: one function a picture, each an SVG with a description."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from maieutic.report.plots import colour, plain, plot, svg
from maieutic.report.run_facts import Interval, RunFacts

LINES = (("blue", "-", "o"), ("orange", "--", "s"), ("green", "-.", "^"), ("purple", ":", "D"), ("grey", "-", "v"))
"""Colour, dashes and marker of the first, second, ... line: told apart without colour too."""
WIDTH, HEIGHT = 6.2, 3.0


def win_rates(runs: Sequence[RunFacts]) -> str:
    """Win rate against the start by round, with intervals, a line a run."""
    series = [(run.name, [(r.number, r.won["start"]) for r in run.rounds if "start" in r.won]) for run in runs]
    return _intervals(series, "Win rate against the start", "share of prompts won, ties half", 0.5)


def agreements(run: RunFacts) -> str:
    """Agreement of the judge with the truth by round."""
    names = {
        "pairwise": "pairs in order",
        "best": "perfect scores on top",
        "spearman": "Spearman",
        "exact": "exact order",
    }
    series = [
        (said, [(r.number, r.agreement[name]) for r in run.rounds if name in r.agreement])
        for name, said in names.items()
    ]
    return _intervals(series, "Agreement of the judge with the truth", "share, or correlation", None)


def lengths(runs: Sequence[RunFacts]) -> str:
    """Mean length of answers by round."""
    return _numbers(runs, "length", "Length of answers", "characters")


def true_scores(runs: Sequence[RunFacts]) -> str:
    """Mean true score by round."""
    return _numbers(runs, "true score", "True score", "mean over prompts")


def margins(runs: Sequence[RunFacts]) -> str:
    """Mean margin of the chosen pairs by round."""
    return _numbers(runs, "margin", "Margin of the chosen pairs", "r(chosen) - r(rejected)")


def training(run: RunFacts, name: str, title: str, label: str) -> str:
    """One metric of training, step by step, a line a round."""
    series = [
        (f"round {r.number}", [(k, float(s[name])) for k, s in enumerate(r.steps, 1) if name in s]) for r in run.rounds
    ]
    series = [(said, points) for said, points in series if points]
    if not series:
        return ""
    with plot(WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        for (said, points), (ink, dashes, _) in zip(series, LINES * len(series), strict=False):
            axes.plot(*zip(*points, strict=True), color=colour(ink), linestyle=dashes, label=said)
        _finish(axes, title, "step", label, len(series))
        ends = ", ".join(f"{said} from {points[0][1]:.3g} to {points[-1][1]:.3g}" for said, points in series)
        return svg(figure, title, f"{title} by step: {ends}.")


def flow(run: RunFacts) -> str:
    """What came out of each stage of each round: what fell out where."""
    names = list(dict.fromkeys(name for r in run.rounds for name, _ in r.flow))
    if not names:
        return ""
    with plot(WIDTH, 0.8 + 0.28 * len(names) * max(len(run.rounds), 1)) as figure:
        axes = figure.subplots()
        bar = 0.8 / max(len(run.rounds), 1)
        for k, (r, (ink, _, _)) in enumerate(zip(run.rounds, LINES * len(run.rounds), strict=False)):
            of = dict(r.flow)
            at = [names.index(name) + k * bar for name in of]
            axes.barh(at, list(of.values()), height=bar * 0.9, color=colour(ink), label=f"round {r.number}")
            for place, value in zip(at, of.values(), strict=True):
                axes.annotate(f"{value:,}", (value, place), (4, 0), textcoords="offset points", va="center", fontsize=8)
        axes.set_yticks([k + 0.4 - bar / 2 for k in range(len(names))], names)
        axes.invert_yaxis()
        axes.margins(x=0.14)
        _finish(axes, "What came out of each stage", "how many", "", len(run.rounds), whole=False)
        axes.grid(False, axis="y")
        told = "; ".join(f"round {r.number}: " + ", ".join(f"{n} {name}" for name, n in r.flow) for r in run.rounds)
        return svg(figure, "What came out of each stage", told)


def _intervals(
    series: Sequence[tuple[str, Sequence[tuple[int, Interval]]]], title: str, label: str, even: float | None
) -> str:
    told = [(said, [(n, i) for n, i in points if i.value is not None]) for said, points in series]
    told = [(said, points) for said, points in told if points]
    if not told:
        return ""
    with plot(WIDTH, HEIGHT) as figure:
        axes = figure.subplots()
        if even is not None:
            axes.axhline(even, color=colour("grey"), linewidth=0.8, linestyle=(0, (4, 4)))
        for k, ((said, points), (ink, dashes, marker)) in enumerate(zip(told, LINES * len(told), strict=False)):
            shift = 0.06 * (k - (len(told) - 1) / 2)
            at = [n + shift for n, _ in points]
            values = [i.value or 0.0 for _, i in points]
            below = [v - (i.low if i.low is not None else v) for v, (_, i) in zip(values, points, strict=True)]
            above = [(i.high if i.high is not None else v) - v for v, (_, i) in zip(values, points, strict=True)]
            axes.errorbar(
                at,
                values,
                yerr=[below, above],
                color=colour(ink),
                linestyle=dashes,
                marker=marker,
                capsize=3,
                label=said,
            )
        _finish(axes, title, "round", label, len(told))
        ends = "; ".join(
            f"{said}: " + ", ".join(f"{i.value:.3f} in round {n}" for n, i in points) for said, points in told
        )
        return svg(figure, title, f"{title}, with 95% intervals. {ends}.")


def _numbers(runs: Sequence[RunFacts], name: str, title: str, label: str) -> str:
    series = [
        (run.name, [(r.number, Interval(r.numbers[name])) for r in run.rounds if name in r.numbers]) for run in runs
    ]
    return _intervals(series, title, label, None)


def _finish(axes: Axes, title: str, below: str, left: str, lines: int, *, whole: bool = True) -> None:
    axes.set_title(title)
    axes.set_xlabel(below)
    axes.set_ylabel(left)
    plain(axes)
    if whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if lines > 1 and isinstance(axes.figure, Figure):
        axes.figure.legend(loc="outside lower center", ncols=min(lines, 4), fontsize=8.5)
