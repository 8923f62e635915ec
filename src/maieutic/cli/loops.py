"""Rounds of improvement on the command line: `improve`, `runs`, `show`; and judges on their own: `judge`, `compare`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from maieutic.cli.app import app, interrupted, tell, tell_text
from maieutic.cli.extras import need_lm
from maieutic.cli.judges import judge_config
from maieutic.core.errors import InputError

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")]


@app.command()
def improve(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to do.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="The run's folder; runs/NAME unless told.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Over the file, as training.beta=0.05.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and what it would cost.")] = False,
) -> None:
    """Rounds of improvement: propose, judge, select, learn. The same command goes on with a run that was stopped."""
    from maieutic.loops.worlds import load_run

    told = load_run(config, settings or ())
    base, folder = config.parent, out or Path("runs") / config.stem
    if dry_run:
        from maieutic.loops.plan import plan

        for line in plan(told, base):
            tell(line)
        return
    need_lm()
    from maieutic.loops.improve import improve as run

    try:
        output = run(told, base, folder)
    except KeyboardInterrupt:
        raise interrupted(f"what was done is in {folder}; the same command goes on with it") from None
    tell(f"{', '.join(str(folder / name) for name in output['policies'])} ({output['why']})")


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where the runs are.")] = Path("runs"),
) -> None:
    """List the runs of a folder, and how far each has come."""
    from maieutic.core.store import read_run
    from maieutic.loops.rounds.show import one_line

    found = sorted(path.parent for path in folder.glob("*/run.json"))
    if not found:
        raise InputError("no runs here", where=str(folder))
    for path in found:
        tell(one_line(read_run(path)))


@app.command()
def show(
    run: RunFolder,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the run is finished.")] = False,
) -> None:
    """What a run has done: each stage of each round, and its numbers. It may be at work in another terminal."""
    from maieutic.core.store import read_run
    from maieutic.loops.rounds import show as told

    if as_json and follow:
        raise InputError("--json and --follow exclude each other", where="--follow")
    found = read_run(run)
    if as_json:
        tell_text(json.dumps(told.summary(found), indent=1))
        return
    for line in told.follow(found, lambda: time.sleep(1.0)) if follow else told.lines(found):
        tell(line)


# --- judging ---------------------------------------------------------------------------------------------------------


@app.command()
def judge(
    data: Annotated[Path, typer.Argument(metavar="ANSWERS.jsonl", help="Lines with prompt and completion.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.jsonl", help="Where the verdicts go, a line each.")],
    kind: Annotated[str, typer.Option(help="model, listwise, pairwise, reward or function.")] = "model",
    model: Annotated[
        str | None, typer.Option(metavar="FOLDER|NAME", help="Who judges; with --endpoint, its name there.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="As http://localhost:8000/v1.")] = None,
    function: Annotated[str | None, typer.Option(metavar="FILE.py:NAME", help="A function judges.")] = None,
    rubric: Annotated[str | None, typer.Option(metavar="NAME|FILE.toml", help="What the judge is asked.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Other draws.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="As in [judge], such as draws=1."),
    ] = None,
) -> None:
    """Judge answers: a score for each, or a comparison of each two to the same prompt."""
    from maieutic.core.files import check_writable
    from maieutic.loops.judging import judge_file

    check_writable(out)
    told = judge_config(kind, model, endpoint, function, settings, rubric)
    try:
        found = judge_file(told, data, out, seed=seed)
    except KeyboardInterrupt:
        raise interrupted(f"what was answered is in {out}.judgements; the same command goes on with it") from None
    tell(f"{found.verdicts} verdicts in {out}, {100 * (found.abstentions or 0):.1f}% of them without a value")


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(metavar="A.jsonl", help="Lines with prompt and completion.")],
    other: Annotated[Path, typer.Argument(metavar="B.jsonl", help="Answers to the same prompts.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Where the comparisons go, a line each.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where your answers are kept; beside A unless told.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Other orders in which the two are shown.")] = 0,
) -> None:
    """Compare answers in the terminal, blind. What you have answered is kept, and the same command goes on after it."""
    from maieutic.loops.judging import compare_files

    kept = answers or one.with_name(f"{one.stem}-{other.stem}.answers")
    try:
        found = compare_files(one, other, _ask, kept, out=out, seed=seed)
    except (KeyboardInterrupt, EOFError):
        raise interrupted(f"what you answered is in {kept}; the same command goes on with it") from None
    shares = ", ".join(f"{name} {100 * value:.1f}%" for name, value in _shares(found))
    tell(f"{one.stem} against {other.stem}: {found.rate} ({shares})")
    if found.missing:
        tell(f"{found.missing} prompts were left open; the same command asks for them")


CHOICES = {"1": 1.0, "2": 0.0, "=": 0.5, "s": None}


def _ask(prompt: Any, first: str, second: str) -> float | None:
    """Show two answers, and read which is better. Raises KeyboardInterrupt where nothing more is to be asked."""
    from maieutic.align.judges.rubrics import as_text

    rule = "-" * 80
    tell_text(f"\n{rule}\n{as_text(prompt)}\n{rule}\n1.\n{first}\n{rule}\n2.\n{second}\n{rule}", err=True)
    while True:
        tell_text("Better: 1, 2, = (equal), s (skip), q (go on later): ", err=True, end="")
        said = input().strip().lower()
        if said == "q":
            raise KeyboardInterrupt
        if said in CHOICES:
            return CHOICES[said]


def _shares(found: Any) -> list[tuple[str, float]]:
    return [(name, value) for name in ("win", "tie", "loss") if (value := getattr(found, name)) == value]
