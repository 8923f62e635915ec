"""Problems from one tool's language into another's: `convert`."""

from __future__ import annotations

from typing import Annotated

import typer

from maieutic.cli.app import Out, app, complain, output
from maieutic.core.errors import InputError
from maieutic.geometry.language.dialects import Dialect


@app.command()
def convert(
    problem: Annotated[
        str,
        typer.Argument(metavar="NAME|TEXT|FILE[:NAME]", help="A problem, or a file of several.", show_default=False),
    ],
    to: Annotated[Dialect, typer.Option("--to", help="The language to write.")] = Dialect.OURS,
    source: Annotated[
        Dialect | None, typer.Option("--from", help="The language to read; found out unless told.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which figure gives the coordinates, where there are some.")] = 0,
    out: Out = None,
) -> None:
    """Write problems in the language of JGEX, AlphaGeometry, AlphaGeometry2, Newclid or GeoGebra, or in our own.

    What is left out, and what cannot be said, is told on stderr; where a problem cannot, the exit code is 1.
    """
    from maieutic.geometry.conversion import conversions, ggb_of
    from maieutic.geometry.lookup import read_dialect

    write = output(out, "ggb" if to is Dialect.GEOGEBRA else "text")
    found = read_dialect(problem, source)
    if to is Dialect.GEOGEBRA:
        write(ggb_of(found, seed))
        return
    texts: list[str] = []
    failed = 0
    for name, result in conversions(found, to, seed):
        if isinstance(result, InputError):
            failed += 1
            complain(str(result))
            continue
        for what in result.left_out:
            complain(f"{name + ': ' if name else ''}left out: {what}")
        texts.append(f"{name}\n{result.text}" if name else result.text)
    if texts:
        write("\n".join(texts) + "\n")
    if failed:
        complain(f"{failed} of {len(found)} problems could not be converted")
        raise typer.Exit(1 if texts or len(found) > 1 else InputError.exit_code)
