"""Help: every command is in one group, and has an example that can be read."""

import os
import shlex
import subprocess
import sys
from collections import Counter

import pytest
import typer
from tests.commands import Outcome
from tests.test_docs import parse

from maieutic.cli import app
from maieutic.cli.help import EXAMPLES, GROUPS

COMMANDS = sorted(typer.main.get_command(app).commands)


def test_every_command_is_in_one_group():
    assert Counter(name for names in GROUPS.values() for name in names) == Counter(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_is_a_command(command):
    words = shlex.split(EXAMPLES[command])
    assert words[:2] == ["maieutic", command]
    parse(words)
    assert f"Example: {EXAMPLES[command].split(' --')[0]}" in " ".join(Outcome(command, "--help").out.split())


def test_help_lists_the_groups_in_their_order():
    told = Outcome("--help").out
    places = [told.index(f"\n{title}:\n") for title in GROUPS]
    assert places == sorted(places)


def test_a_shell_completes_commands():
    code = "import sys; sys.argv = ['maieutic']; from maieutic.cli import main; main()"
    asked = {"_MAIEUTIC_COMPLETE": "complete_bash", "COMP_WORDS": "maieutic pro", "COMP_CWORD": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **asked})
    assert done.stdout.split() == ["prove", "problems"]
