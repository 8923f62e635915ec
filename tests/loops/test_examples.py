"""Every configuration in examples/ is one: it loads, and its method, judge and trainer fit together."""

from pathlib import Path

import pytest

from maieutic.align.methods import METHODS
from maieutic.loops.rounds.config import method_of
from maieutic.loops.worlds import load_run

EXAMPLES = Path(__file__).parents[2] / "examples"
OTHERS = ("rubric.toml", "train.toml", "longer.toml", "marginal.toml")
"""A rubric; and what `train-prover` is told, which its own test reads."""

CONFIGS = sorted(path for path in EXAMPLES.rglob("*.toml") if path.name not in OTHERS)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_an_example_is_a_configuration(path):
    assert method_of(load_run(path)).about


def test_the_letters_world_has_a_configuration_of_every_method():
    methods = {load_run(path).method for path in CONFIGS if path.parent.name == "letters"}
    assert methods == set(METHODS)
