"""The commands that train a model on a file: `maieutic train sft|dpo|ipo|dno|reward|ppo`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from maieutic.cli.app import app, interrupted, tell, tell_text
from maieutic.cli.extras import need_lm

train_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(train_app, name="train", help="Train a language model on a file of data.")

Model = Annotated[str, typer.Option("--model", metavar="FOLDER|NAME", help="What to train: a folder, or a hub name.")]
Data = Annotated[Path, typer.Option("--data", metavar="FILE", help="What to learn from: .jsonl, in TRL's formats.")]
OutFolder = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the trained model goes.")]
Validation = Annotated[
    Path | None, typer.Option("--validation", metavar="FILE", help="Data to measure on.", show_default=False)
]
Settings = Annotated[Path | None, typer.Option("--config", metavar="FILE.toml", help="Settings.", show_default=False)]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One setting, as beta=0.05 or lora.rank=8.", show_default=False),
]


@train_app.command()
def sft(
    model: Model, data: Data, out: OutFolder, validation: Validation = None, config: Settings = None, set_: Set = None
) -> None:
    """Imitate completions (supervised fine-tuning). Columns: prompt, completion; or messages; or text."""
    _train("sft", model, data, out, validation, config, set_)


@train_app.command()
def dpo(
    model: Model, data: Data, out: OutFolder, validation: Validation = None, config: Settings = None, set_: Set = None
) -> None:
    """Prefer the chosen completions (direct preference optimisation). Columns: prompt, chosen, rejected."""
    _train("dpo", model, data, out, validation, config, set_)


@train_app.command()
def ipo(
    model: Model, data: Data, out: OutFolder, validation: Validation = None, config: Settings = None, set_: Set = None
) -> None:
    """Prefer the chosen completions by a fixed margin (identity preference optimisation). Columns as for dpo."""
    _train("ipo", model, data, out, validation, config, set_)


@train_app.command()
def dno(
    model: Model, data: Data, out: OutFolder, validation: Validation = None, config: Settings = None, set_: Set = None
) -> None:
    """Prefer the chosen completions by their margin (direct Nash optimisation). Columns as for dpo, and margin."""
    _train("dno", model, data, out, validation, config, set_)


@train_app.command()
def reward(
    model: Model, data: Data, out: OutFolder, validation: Validation = None, config: Settings = None, set_: Set = None
) -> None:
    """Fit a reward model (Bradley-Terry). Columns: prompt, completions, ranks; or those of dpo."""
    _train("reward", model, data, out, validation, config, set_)


@train_app.command()
def ppo(
    model: Model,
    prompts: Annotated[Path, typer.Option("--data", metavar="FILE", help="Prompts: lines with prompt.")],
    reward: Annotated[
        str, typer.Option("--reward", metavar="FOLDER|FILE.py:NAME", help="A reward model, or a Python function.")
    ],
    out: OutFolder,
    config: Settings = None,
    set_: Set = None,
) -> None:
    """Earn a reward without leaving the start (proximal policy optimisation, with a KL penalty)."""
    need_lm()
    from maieutic.loops.train import train_ppo

    with _resumable(out):
        train_ppo(model, prompts, reward, out, config=config, overrides=set_ or ())
    tell(f"The model is in {out}")


def _train(
    command: str,
    model: str,
    data: Path,
    out: Path,
    validation: Path | None,
    config: Path | None,
    overrides: list[str] | None,
) -> None:
    need_lm()
    from maieutic.loops.train import report, train

    with _resumable(out):
        trained = train(command, model, data, out, validation=validation, config=config, overrides=overrides or ())
    tell_text(report(trained))


@contextmanager
def _resumable(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise interrupted(f"what was done is in {out}; the same command goes on with it") from None
