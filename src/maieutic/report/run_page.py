"""A run as a page, or several beside one another: one HTML file that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from maieutic.align.methods import METHODS
from maieutic.report import run_plots
from maieutic.report.run_facts import Interval, Round, RunFacts, SideBySide

SHOWN = 10
"""Samples that improved, and as many that got worse."""
LONGEST = 1200
"""Characters of a text that are shown."""

TOLD = ("true score", "length", "ties", "abstentions", "inconsistent", "score and length")
"""Numbers of a round that are in the table, where they were noted."""

METRICS = (
    ("loss", "Loss", "the batch's loss"),
    ("rewards/margins", "Reward margin in training", "nats times beta"),
    ("rewards/accuracy", "Pairs in order in training", "share"),
    ("kl", "KL from the reference", "nats a completion"),
    ("reward", "Reward", "mean of a rollout"),
)
"""Metrics of training that are drawn, where they were noted."""


def run_page(run: RunFacts) -> str:
    """The page of one run."""
    plots = [
        run_plots.win_rates([run]),
        run_plots.true_scores([run]),
        run_plots.lengths([run]),
        run_plots.agreements(run),
        run_plots.margins([run]),
        *(run_plots.training(run, *metric) for metric in METRICS),
    ]
    return _render([run], f"Run {run.name}", plots, run_plots.flow(run))


def comparison_page(runs: Sequence[RunFacts]) -> str:
    """Several runs beside one another."""
    plots = [
        run_plots.win_rates(runs),
        run_plots.true_scores(runs),
        run_plots.lengths(runs),
        run_plots.margins(runs),
    ]
    return _render(runs, " against ".join(run.name for run in runs), plots, "")


def _render(runs: Sequence[RunFacts], title: str, plots: Sequence[str], flow: str) -> str:
    environment = Environment(
        loader=PackageLoader("maieutic.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(percent=_percent, number=_number, interval=_interval, cut=_cut)
    return environment.get_template("run.html").render(
        title=title,
        runs=runs,
        methods={run.name: METHODS.get(run.method) for run in runs},
        plots=[Markup(drawn) for drawn in plots if drawn],
        flow=Markup(flow),
        better={run.name: _best(run.samples, better=True) for run in runs},
        worse={run.name: _best(run.samples, better=False) for run in runs},
        columns={run.name: _columns(run.rounds) for run in runs},
        settings={run.name: list(_flat(run.settings)) for run in runs},
    )


def _best(samples: Sequence[SideBySide], *, better: bool) -> list[SideBySide]:
    return [s for s in samples if (s.result > 0.5 if better else s.result < 0.5)][:SHOWN]


def _columns(rounds: Sequence[Round]) -> list[str]:
    """Numbers that some round has."""
    return [name for name in TOLD if any(name in r.numbers for r in rounds)]


def _flat(settings: Mapping[str, Any], above: str = "") -> Any:
    """Settings as (dotted name, value), without those that are not set."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif value is not None:
            yield f"{above}{name}", value


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _interval(value: Interval | None) -> str:
    if value is None or value.value is None:
        return "–"
    low, high = value.low, value.high
    return _percent(value.value) + ("" if low is None or high is None else f" [{100 * low:.1f}, {100 * high:.1f}]")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
