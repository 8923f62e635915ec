"""Every command and every Python block of the README and the docs runs as it is written, or says why not.

Each block has a mark in a comment before it, which readers do not see: `quick` is run here, `long: 4 min` by
`make test-full`, and `elsewhere: why` is only parsed: its options are those that there are, its Python compiles. The
blocks of a page run in order, in one folder, on what ships or was made before them. Of a console block, what is printed
is compared: `...` stands for anything, and times differ.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import typer
from tests.commands import Outcome
from tests.conftest import scale

from maieutic.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<kind>sh|console|python)\n(?P<text>.*?)^```$", re.M | re.S)
MARK = re.compile(r"quick|long: \d+ (s|min|h)|elsewhere: .+")
FULL = bool(scale(0, 1))


@dataclass(frozen=True)
class Block:
    """A block of a page, the line that it begins in, and its mark."""

    page: Path
    line: int
    kind: str
    text: str
    mark: str

    @property
    def runs(self) -> bool:
        """Whether it is run, and not only parsed."""
        return self.mark == "quick" or (FULL and self.mark.startswith("long"))


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text[: found.start("kind")].count("\n") + 1, found["kind"], found["text"], found["mark"] or "")
        for found in BLOCK.finditer(text)
    ]


WITH_BLOCKS = [page for page in PAGES if blocks(page)]
each_page = pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.name)


def commands(block: Block) -> list[tuple[list[str], list[str]]]:
    """The commands of a block as words, each with the lines that it prints."""
    found: list[tuple[list[str], list[str]]] = []
    text = block.text.replace("\\\n", " ")
    for name, value in re.findall(r'^(\w+)="(.*)"$', text, re.M):  # a shell's variables
        text = text.replace(f"${name}", value)
    for line in text.splitlines():
        shown = line.removeprefix("$ ")
        if block.kind == "sh" or line.startswith("$ "):
            if words := shlex.split(shown, comments=True):
                found.append((words, []))
        elif found:
            found[-1][1].append(line)
    return found


@each_page
def test_every_block_is_marked(page):
    wrong = [f"line {block.line}: {block.mark!r}" for block in blocks(page) if not MARK.fullmatch(block.mark)]
    assert wrong == []


@each_page
def test_every_block_can_be_read(page):
    for block in blocks(page):
        if block.kind == "python":
            compile(block.text, f"{page.name}:{block.line}", "exec")
        else:
            for words, _ in commands(block):
                parse(words)


def parse(words):
    """Whether a command is one: its name, options and targets."""
    if words[0] == "maieutic":
        command, context, rest = typer.main.get_command(app), None, words[1:]
        while isinstance(command, click.Group) or hasattr(command, "commands"):
            assert rest, "a group without a command"
            name, *rest = rest
            assert name in command.commands, f"no command {name}"
            command = command.commands[name]
        command.make_context(words[0], rest, parent=context)  # raises for an option that there is not
    elif words[0] == "make":
        rules = re.findall(r"^([\w -]+):", (ROOT / "Makefile").read_text(), re.M)
        assert set(words[1:]) <= {target for rule in rules for target in rule.split()}
    elif "=" not in words[0] and (words[0] == "python" or "/" in words[0]):
        file = words[1] if words[0] == "python" else words[0]
        assert (ROOT / file).exists(), file


@each_page
def test_what_is_quick_runs_as_it_is_written(page, tmp_path, monkeypatch):
    if not any(block.runs for block in blocks(page)):
        pytest.skip("nothing here is quick")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    names: dict[str, object] = {"__name__": "docs"}
    for block in blocks(page):
        if not block.runs:
            continue
        where = f"{page.name}:{block.line}"
        if block.kind == "python":
            exec(compile("\n" * block.line + block.text, where, "exec"), names)
            continue
        for words, printed in commands(block):
            assert words[0] == "maieutic", f"{where}: {words}"
            outcome = Outcome(*words[1:])
            noise = "maieutic: compiling the engine"
            told = [line for line in (outcome.out + outcome.err).splitlines() if not line.startswith(noise)]
            if block.kind == "console":
                assert matches(printed, told), f"{where}: {words}\n" + "\n".join(told)
            else:
                assert outcome.code == 0, f"{where}: {words}: {outcome.err}"


def matches(wanted, told):
    """Whether lines are as they are shown: times differ, and "..." stands for any number of lines."""
    pattern = "\n".join(r"(.|\n)*" if line.strip() == "..." else _line(line) for line in wanted)
    return re.fullmatch(pattern.rstrip(), "\n".join(line.rstrip() for line in told)) is not None


def _line(text):
    return re.sub(r"\\\(\d+\\\.\d+\\ s\\\)", r"\\(\\d+\\.\\d+ s\\)", re.escape(text.rstrip()))


def test_what_is_shown_may_have_other_times_and_left_out_lines():
    assert matches(["a: proved (0.005 s)", "...", "b"], ["a: proved (0.011 s)", "c", "d", "b"])
    assert not matches(["a: proved (0.005 s)"], ["b: proved (0.005 s)"])
