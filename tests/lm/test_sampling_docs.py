"""The pages on sampling and PPO: their Python runs from top to bottom, and they name every option and default."""

import re
from pathlib import Path

import pytest
from tests.commands import Outcome

from maieutic.lm.ppo.train import PPOConfig

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["sampling.md", "ppo.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(page, capsys):
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, object] = {"__name__": page}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_defaults_in_the_table_are_those_of_the_settings():
    text = (DOCS / "ppo.md").read_text(encoding="utf-8")
    words = {True: "yes", False: "no", None: "none", "linear": "linear to 0"}
    rows = re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", text, flags=re.MULTILINE)
    assert len(rows) > 8
    for names, defaults in rows:
        expected = [getattr(PPOConfig(), name) for name in re.findall(r"`(\w+)`", names)]
        shown = defaults.split(", ")
        if names == "`kl_target`, `kl_horizon`":
            assert (shown, expected[0]) == (["none"], None)
            continue
        for value, text in zip(expected, shown, strict=True):
            known = isinstance(value, bool | str) or value is None
            assert text == words[value] if known else float(text) == value, names


def test_every_option_of_the_command_is_on_its_page():
    text = (DOCS / "sampling.md").read_text(encoding="utf-8")
    options = set(re.findall(r"--[a-z][a-z-]+", Outcome("sample", "--help").out)) - {"--help"}
    assert {option for option in options if option not in text} == set()
