"""A run as a page, or several beside one another: one HTML file that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from maieutic.align.methods import METHODS
from maieutic.pages.run_facts import RunFacts
from maieutic.pages.run_sections import sections, settings
from maieutic.pages.templating import template

LONGEST = 1200
"""Characters of a text that are shown."""


def run_page(run: RunFacts) -> str:
    """The page of one run."""
    return _render([run], f"Run {run.name}")


def comparison_page(runs: Sequence[RunFacts]) -> str:
    """Several runs beside one another. Runs of the same name are told apart by their folders."""
    names = [run.name for run in runs]
    told = [replace(run, name=run.folder) if names.count(run.name) > 1 else run for run in runs]
    return _render(told, " against ".join(run.name for run in told))


def _render(runs: Sequence[RunFacts], title: str) -> str:
    return template("run.html").render(
        title=title,
        cut=_cut,
        drawn=Markup,
        runs=runs,
        methods={run.name: METHODS.get(run.method) for run in runs},
        sections=sections(runs),
        settings={run.name: settings(run) for run in runs},
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
