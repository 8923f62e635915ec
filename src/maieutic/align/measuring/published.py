"""The numbers that a length-controlled win rate holds fixed, read from files: difficulties, gaming rows, weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maieutic.align.measuring.annotations import read_numbers
from maieutic.align.measuring.winrate import GamingRows, Weights, rebuilt_gaming_rows
from maieutic.core.errors import InputError, nearest

GAMED = {"verbose": "verbose_length", "concise": "concise_length"}
"""How the baseline was gamed, and the column with the lengths that came of it."""


def read_difficulty(path: Path) -> dict[str, float]:
    """{instruction: difficulty}, from a CSV with the columns instruction (the first) and difficulty."""
    return {name: value for name, (value,) in read_numbers(path, ["difficulty"]).items()}


def read_weights(path: Path) -> dict[str, Weights]:
    """{model: weights}, from a CSV with the model's name first, and w_length, w_difficulty, w_model."""
    return {name: Weights(*row) for name, row in read_numbers(path, ["w_length", "w_difficulty", "w_model"]).items()}


def find_weights(weights: dict[str, Weights], model: str, where: str = "") -> Weights:
    """The weights of a model. Raises InputError that names the nearest."""
    if model not in weights:
        near = nearest(model, weights)
        raise InputError(f"no weights of {model!r}", where=where, hint=f"did you mean {near!r}?" if near else None)
    return weights[model]


def read_gaming(
    path: Path, difficulty: dict[str, float], weights: dict[str, Weights] | None, baseline: str, where: str = ""
) -> list[GamingRows]:
    """The gaming rows, rebuilt from the lengths of the gamed baselines and their published weights.

    Args:
        path: a CSV with instruction, baseline_length, verbose_length, concise_length.
        difficulty: of every instruction in it.
        weights: those of BASELINE_verbose and BASELINE_concise among them.
        baseline: the baseline's name.
        where: what to name in an error.

    Raises:
        InputError: a file is malformed, or something that is needed is missing.
    """
    if weights is None:
        raise InputError("gaming rows are rebuilt from published weights", where=where, hint="give --weights too")
    lengths = read_numbers(path, ["baseline_length", *GAMED.values()])
    missing = [name for name in lengths if name not in difficulty]
    if missing:
        raise InputError(f"no difficulty for instruction {missing[0]!r}", where=str(path), hint="give --difficulty")
    gamma = np.array([difficulty[name] for name in lengths])
    table = np.array(list(lengths.values()))
    return [
        rebuilt_gaming_rows(table[:, 0], table[:, column], gamma, find_weights(weights, f"{baseline}_{way}", where))
        for column, way in enumerate(GAMED, 1)
    ]
