"""docs/improve.md and docs/methods.md say what there is."""

import re
import tomllib
from pathlib import Path

import pytest

from maieutic.align.methods import METHODS
from maieutic.core.config import Config
from maieutic.loops.instructions import config as instructions_config
from maieutic.loops.rounds import config as run_config
from maieutic.loops.theorems import config as theorems_config
from maieutic.loops.worlds import checked_run

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = Path(__file__).parents[2] / "examples"


def row_of(name):
    method = METHODS[name]
    candidates = ", ".join(f"{count} {writer}" for writer, count in method.candidates.items())
    loss = method.loss or "PPO"
    reference = "none" if loss == "sft" else method.reference
    cells = (f"`{name}`", candidates, method.judge or "none", method.selector or "none", loss, reference, method.output)
    return f"| {' | '.join(cells)} |"


def test_the_table_of_methods_is_the_one_in_the_code():
    told = [line for line in (DOCS / "methods.md").read_text().splitlines() if line.startswith("| `")]
    assert told[: len(METHODS)] == [row_of(name) for name in METHODS]


def test_every_setting_is_explained():
    text = set(re.findall(r"`(?:[\w.]+\.)?(\w+)", (DOCS / "improve.md").read_text()))
    modules = (run_config, instructions_config, theorems_config)
    classes = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    kinds = [kind for kind in classes if issubclass(kind, Config)]
    tables = ("policy", "prompts", "sampling", "teacher", "judge", "start", "early_stopping", "evaluation", "prover")
    settings = {name for kind in kinds for name in kind.model_fields} - set(tables)
    assert sorted(settings - text) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.toml")), ids=lambda path: path.name)
def test_an_example_is_a_configuration(path):
    values = tomllib.loads(path.read_text())
    if "method" in values:
        checked_run(values)


def test_the_example_in_the_text_is_a_configuration():
    (block,) = re.findall(r"```toml\n(.*?)```", (DOCS / "improve.md").read_text(), flags=re.DOTALL)
    assert checked_run(tomllib.loads(block)).method == "dno"
