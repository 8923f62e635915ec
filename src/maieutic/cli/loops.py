"""Runs on the command line: `improve`, `runs`, `show`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from maieutic.cli.app import app, interrupted
from maieutic.cli.extras import need_lm
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
    from maieutic.core.config import load
    from maieutic.loops.improve_config import ImproveConfig

    told = load(ImproveConfig, config, settings or ())
    base, folder = config.parent, out or Path("runs") / config.stem
    if dry_run:
        from maieutic.loops.plan import plan

        for line in plan(told, base):
            typer.echo(line)
        return
    need_lm()
    from maieutic.loops.improve import improve as run

    try:
        output = run(told, base, folder)
    except KeyboardInterrupt:
        raise interrupted(f"what was done is in {folder}; the same command goes on with it") from None
    typer.echo(f"{', '.join(str(folder / name) for name in output['policies'])} ({output['why']})")


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where the runs are.")] = Path("runs"),
) -> None:
    """List the runs of a folder, and how far each has come."""
    from maieutic.core.store import read_run
    from maieutic.loops.show import one_line

    found = sorted(path.parent for path in folder.glob("*/run.json"))
    if not found:
        raise InputError("no runs here", where=str(folder))
    for path in found:
        typer.echo(one_line(read_run(path)))


@app.command()
def show(
    run: RunFolder,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What a run has done: each stage of each round, and its numbers."""
    from maieutic.core.store import read_run
    from maieutic.loops.show import lines, summary

    found = read_run(run)
    if as_json:
        typer.echo(json.dumps(summary(found), indent=1))
    else:
        for line in lines(found):
            typer.echo(line)
