"""Commands, run in this process as the command line would run them."""

from typer.testing import CliRunner

from maieutic.cli import app

ALTITUDES = "a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c"
FALSE = "a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h a c"
TWO_PROBLEMS = f"# two problems\naltitudes\n{ALTITUDES}\n\nwrong\n{FALSE}\n"


class Outcome:
    """What a command did."""

    def __init__(self, *words: object) -> None:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


def mistake(*words: object) -> str:
    """The one line that a user's mistake gives."""
    outcome = Outcome(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("maieutic: ")
    assert outcome.err.count("\n") == 1
    return outcome.err.removeprefix("maieutic: ").strip()
