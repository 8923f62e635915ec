"""Exact games on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from maieutic.cli.app import app, tell_text


@app.command()
def games(
    game: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Only this one: rock_paper_scissors, skewed_cycle, random, or a file with a table of preferences.",
            show_default=False,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rounds of the iterated methods.")] = 10_000,
    eta: Annotated[float, typer.Option(help="How slowly a round of DNO moves.")] = 5.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the random game, and of the samples.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write a page and its pictures (SVG) here.", show_default=False),
    ] = None,
) -> None:
    """Compare what DNO, DPO, SPIN and reward maximisation converge to, where everything is computed exactly."""
    from maieutic import games as exact
    from maieutic.core.errors import InputError
    from maieutic.core.files import make_folder, write_whole
    from maieutic.core.progress import progress

    setting = exact.Setting(rounds=rounds, eta=eta)
    if not eta >= setting.tau:
        raise InputError(f"eta is {eta:g}", where="--eta", hint=f"at least {setting.tau:g}, the regularised DNO's tau")
    asked = [exact.find_game(name, seed) for name in ([game] if game is not None else exact.GAMES)]
    if out is not None:
        make_folder(out)

    from maieutic.pages.games_page import game_section, page, sample_section, text

    with progress("Playing", total=len(asked) + (game is None)) as advance:
        sections = []
        for one in asked:
            sections.append(game_section(exact.compare(one, setting), pictures=out is not None))
            advance(1)
        if game is None:
            sections.append(sample_section(exact.standard_study(seed), pictures=out is not None))
            advance(1)
    tell_text(text(sections), end="")
    if out is not None:
        files = {f"{picture.name}.svg": picture.svg for section in sections for picture in section.pictures}
        for name, content in {**files, "games.html": page(sections)}.items():
            write_whole(out / name, content.encode())
        tell_text(f"The page is {out / 'games.html'}, with its pictures beside it.", err=True)
