"""The command `demo`: all of this library once, in a few minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from maieutic.cli.app import app, interrupted, tell, tell_text
from maieutic.cli.extras import need_lm
from maieutic.cli.geometry import load_engine
from maieutic.core.errors import InputError

PAGE, STEPS = "index.html", "proof.html"
"""The report, and the proof of the olympiad problem step by step, in the demonstration's folder."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where everything is written.")] = Path("demo"),
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="FOLDER",
            help="Of the model that helps with the olympiad problem; the shipped one unless told.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=1024, help="Processes.")] = 2,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Other sizes, as theorems=5000.", show_default=False),
    ] = None,
    engine_only: Annotated[
        bool, typer.Option("--engine-only", help="Only prove and draw a handful of theorems.")
    ] = False,
) -> None:
    """Make theorems up, train a tiny model on them, let it teach itself, and prove an olympiad problem.

    What comes of it is one page. Stopped anywhere, or given again, the same command goes on. Without the extra 'lm',
    a handful of theorems are proved and drawn.
    """
    from maieutic.core.files import make_folder

    more = "" if engine_only else _more()
    if not engine_only and not more:
        _everything(out, model, jobs, settings or ())
        return
    make_folder(out)
    load_engine()
    _engine_alone(out)
    tell_text(f"\nProofs (.txt, .json) and figures (.svg) are in {out}/. Try: maieutic problems")
    if more:
        tell(more)


def _more() -> str:
    """What there would be with the extra 'lm'; "" where it is installed."""
    try:
        need_lm()
    except InputError as missing:
        return (
            f"With language models it would also train one on made-up theorems, and let it teach itself: {missing.hint}"
        )
    return ""


def _engine_alone(folder: Path) -> list[Any]:
    from maieutic.geometry.demo import demo as proofs
    from maieutic.geometry.output import one_line

    results = []
    for result in proofs(folder):
        results.append(result)
        tell(one_line(result))
    return results


def _everything(out: Path, model: Path | None, jobs: int, settings: Sequence[str]) -> None:
    from maieutic.core.config import load
    from maieutic.core.files import make_folder, write_whole
    from maieutic.geometry.language import library
    from maieutic.loops import demo as story
    from maieutic.loops.proposers.named import proposer_named
    from maieutic.pages.demo_page import Demonstration, demo_page
    from maieutic.pages.formats import result_html

    plan = load(story.Plan, None, settings)
    library.problem(plan.problem)  # an error where there is none
    proposer = proposer_named(plan.search, model)
    make_folder(out)
    try:
        load_engine()
        shown = story.demonstrate(out, plan, proposer, jobs, tell)
    except KeyboardInterrupt:
        raise interrupted(f"what was done is in {out}; the same command goes on with it") from None
    if shown.problem.status.value == "proved":
        write_whole(out / STEPS, result_html(shown.problem).encode())
    page = demo_page(
        Demonstration(
            engine=shown.alone,
            theorems=out / story.THEOREMS,
            further=out / story.FURTHER,
            training=out / story.TRAINING,
            round=out / story.ROUND,
            result=shown.problem,
            proposer=f"the model in {model}" if model else "the model that comes with the package",
            page=STEPS,
            seconds=story.seconds(out),
            jobs=jobs,
        )
    )
    write_whole(out / PAGE, page.encode())
    tell_text(f"\nThe report: {out / PAGE}")
