"""Progress never reaches stdout, and is silent where there is no terminal."""

from maieutic.core.progress import progress


def test_no_terminal_no_output(capsys):
    with progress("Proving", total=2) as advance:
        advance(1)
        advance(1)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
