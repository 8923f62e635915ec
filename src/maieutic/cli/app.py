"""The application that every command joins: its entry point, its errors and exit codes, and where output goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from maieutic.cli.help import EXAMPLES, GROUPS
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.text import printable, printable_lines

INTERRUPTED = 130
LONGEST = 1000
"""Characters of an error that are printed."""


class _Commands(TyperGroup):
    """The commands, with the errors of the house: one line on stderr, and an exit code that says whose fault it was."""

    def main(self, *args: Any, **options: Any) -> Any:
        options["standalone_mode"] = False
        try:
            code = super().main(*args, **options)
        except Exception as error:
            if not hasattr(error, "format_message"):  # a wrong option or command, of whichever click typer brings
                raise
            complain(error.format_message())
            code = getattr(error, "exit_code", InputError.exit_code)
        sys.exit(code if isinstance(code, int) else 0)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        if command is not None and command.epilog is None and cmd_name in EXAMPLES:
            command.epilog = f"Example: {EXAMPLES[cmd_name]}"
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands in their groups."""
        for title, names in GROUPS.items():
            found = [(name, command) for name in names if (command := self.get_command(ctx, name)) is not None]
            limit = formatter.width - 6 - max((len(name) for name, _ in found), default=0)
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str(limit)) for name, command in found])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except MaieuticError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from None


app = typer.Typer(cls=_Commands, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """The entry point. What the terminal's encoding lacks, such as ∥ in ASCII, is printed as its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()


def complain(message: str) -> None:
    """Print an error, in one line. What it repeats of a hostile input may be long; its beginning says enough."""
    typer.echo(f"maieutic: {printable(message, LONGEST)}", err=True)


def tell(line: str) -> None:
    """Print a line. Names in it may be anybody's: they end no line, and move no cursor."""
    typer.echo(printable(line, None))


def tell_text(text: str, *, err: bool = False, end: str = "\n") -> None:
    """Print a text of several lines, each of them as `tell` does."""
    typer.echo(printable_lines(text) + end, nl=False, err=err)


# --- options that many commands have ----------------------------------------------------------------------------------


Out = Annotated[
    Path | None, typer.Option("--out", metavar="PATH", help="Write here, not to stdout.", show_default=False)
]


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Models that propose, judges that decide: proofs in plane geometry, and post-training of language models.

    A problem is the name of a shipped one, its text, or a file of problems and a name in it.
    """
    if version:
        from importlib.metadata import version as installed

        tell(f"maieutic {installed('maieutic')}")
    elif ctx.invoked_subcommand is None:
        tell_text(ctx.get_help())


# --- what the commands share -----------------------------------------------------------------------------------------


def interrupted(message: str) -> typer.Exit:
    """What to raise after Ctrl-C, once the message has said how to go on."""
    complain(f"interrupted: {message}")
    return typer.Exit(INTERRUPTED)


def output(path: Path | None, form: str = "text") -> Callable[[str | bytes], None]:
    """A function that writes a text, or bytes, to a file, or to stdout.

    Raises InputError at once where the file cannot be, and where the format is none for a terminal.
    """
    if path is None:
        if form in ("png", "ggb") and sys.stdout.isatty():
            raise InputError(f"a terminal cannot show {form}", where="--format", hint="write it with --out PATH")
        return lambda content: _print(content, form == "text")
    from maieutic.core.files import check_writable
    from maieutic.geometry.output import write_file

    check_writable(path)
    return lambda content: write_file(path, content)


def _print(content: str | bytes, readable: bool) -> None:
    """To stdout: what is to be read in the encoding of the terminal, other texts in UTF-8, bytes as they are."""
    if isinstance(content, bytes):
        typer.echo(content, nl=False)
        return
    content = content.removesuffix("\n")
    if readable:
        tell_text(content)
    else:
        typer.echo(f"{content}\n".encode(), nl=False)
