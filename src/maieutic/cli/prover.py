"""The commands that make the prover's model: `train-prover`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from maieutic.cli.app import app, interrupted, tell
from maieutic.cli.extras import need_lm


@app.command("train-prover")
def train_prover(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to do.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="The run's folder; runs/NAME unless told.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Over the file, as model.width=128.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=1024, help="Processes that look for solutions.")] = 1,
) -> None:
    """Train a model that proposes auxiliary points, on a folder of made-up theorems."""
    from maieutic.core.config import load
    from maieutic.loops.theorems.train_config import TrainProverConfig

    told = load(TrainProverConfig, config, settings or ())
    folder = out or Path("runs") / config.stem
    need_lm()
    from maieutic.loops.theorems.train import train_prover as train

    try:
        model = train(told, config.parent, folder, jobs)
    except KeyboardInterrupt:
        raise interrupted(f"what was done is in {folder}; the same command goes on with it") from None
    tell(f"The model is in {model}, with its card, README.md")
