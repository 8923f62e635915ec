"""Annotations: which of two answers a judge preferred, instruction by instruction, with the lengths of both.

Two kinds of files are read: CSV with the columns instruction, preference, baseline_length, model_length; and the JSON
that AlpacaEval writes (annotations.json), where output_1 is the baseline's answer and output_2 the model's. Lengths are
in characters.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maieutic.core.errors import InputError

COLUMNS = ("instruction", "preference", "baseline_length", "model_length")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Annotations:
    """One model against one baseline on n instructions.

    Attributes:
        instruction: what each instruction is called, [n].
        preference: float [n]: 1 the baseline is better, 2 the model is, between them a probability; NaN is missing.
        baseline_length: characters of the baseline's answers, int [n].
        model_length: characters of the model's answers, int [n].
        model: the model's name, where it is known.
        baseline: the baseline's name, where it is known.
        answers: the model's answers, where the file has them.
    """

    instruction: tuple[str, ...]
    preference: np.ndarray
    baseline_length: np.ndarray
    model_length: np.ndarray
    model: str = ""
    baseline: str = ""
    answers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.instruction)

    def swap(self) -> Annotations:
        """The same verdicts, told of the baseline against the model."""
        return Annotations(
            self.instruction, 3.0 - self.preference, self.model_length, self.baseline_length, self.baseline, self.model
        )


def read_annotations(path: Path) -> Annotations:
    """The annotations of a file, CSV or JSON by its ending. Raises InputError that names the line and the column."""
    return _from_json(path) if path.suffix == ".json" else _from_csv(path)


def write_annotations(path: Path, rows: Sequence[Row]) -> None:
    """Write rows with the fields of COLUMNS as CSV that `read_annotations` reads; None is a missing preference."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow(["" if row[column] is None else row[column] for column in COLUMNS])


def read_numbers(path: Path, columns: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """A CSV of numbers by the name in its first column, as {name: (the columns asked for)}. Raises InputError."""
    found = {}
    for where, row in _table(path, columns):
        name = next(iter(row.values()))
        if name in found:
            raise InputError(f"{name!r} is there twice", where=where)
        found[name] = tuple(_number(row, column, where) for column in columns)
    return found


def _from_csv(path: Path) -> Annotations:
    rows = list(_table(path, COLUMNS))
    preference = [math.nan if not row["preference"] else _number(row, "preference", where) for where, row in rows]
    return _checked(
        path,
        tuple(row["instruction"] for _, row in rows),
        preference,
        [_length(row, "baseline_length", where) for where, row in rows],
        [_length(row, "model_length", where) for where, row in rows],
        model=path.stem,
    )


def read_entries(path: Path, texts: Sequence[str], called: tuple[str, str], hint: str) -> list[Any]:
    """The entries of a JSON list, as AlpacaEval writes them, each with these texts.

    `called` is what the list and one entry are called in an InputError, as ("annotations", "annotation").
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=str(path)) from error
    if not isinstance(rows, list) or not rows:
        raise InputError(f"no list of {called[0]}", where=str(path), hint=hint)
    for number, row in enumerate(rows, 1):
        for key in texts:
            if not isinstance(row, dict) or not isinstance(row.get(key), str):
                raise InputError(f"no text {key!r}", where=f"{path}, {called[1]} {number}")
    return rows


def _from_json(path: Path) -> Annotations:
    texts, hint = ("instruction", "output_1", "output_2"), "as AlpacaEval writes annotations.json"
    rows = read_entries(path, texts, ("annotations", "annotation"), hint)
    preference = []
    for number, row in enumerate(rows, 1):
        where = f"{path}, annotation {number}"
        value = row.get("preference")
        preference.append(math.nan if value is None else _number(row, "preference", where))
    names = {str(row.get("generator_2", "")) for row in rows}
    if len(names) > 1:
        raise InputError(f"several models: {', '.join(sorted(names)[:3])}", where=str(path), hint="one model a file")
    return _checked(
        path,
        tuple(str(row.get("index", k)) for k, row in enumerate(rows)),
        preference,
        [len(row["output_1"]) for row in rows],
        [len(row["output_2"]) for row in rows],
        model=names.pop() or path.stem,
        baseline=str(rows[0].get("generator_1", "")),
        answers=tuple(row["output_2"] for row in rows),
    )


def _checked(
    path: Path,
    instruction: tuple[str, ...],
    preference: Sequence[float],
    baseline_length: Sequence[int],
    model_length: Sequence[int],
    **named: Any,
) -> Annotations:
    if not instruction:
        raise InputError("no annotations", where=str(path))
    if len(set(instruction)) < len(instruction):
        twice = next(name for name in instruction if instruction.count(name) > 1)
        raise InputError(f"instruction {twice!r} is there twice", where=str(path))
    values = np.array(preference)
    values[values == 0] = 1.5
    wrong = np.flatnonzero((values < 1) | (values > 2))
    if len(wrong):
        place = f"{path}, instruction {instruction[wrong[0]]}"
        raise InputError(f"preference {values[wrong[0]]:g}", where=place, hint="0 (a draw), or from 1 to 2, or empty")
    return Annotations(instruction, values, np.array(baseline_length), np.array(model_length), **named)


def _table(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """(where, row) for each row of a CSV that has these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restval="")
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise InputError(f"no column {missing[0]!r}", where=str(path), hint=f"needed: {', '.join(columns)}")
            for row in table:
                yield f"{path}, line {table.line_num}", row
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"not CSV: {error}", where=str(path)) from error


def _number(row: Row, column: str, where: str) -> float:
    try:
        value = float(row[column])
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{column} is not a number: {row[column]!r:.60}", where=where)
    return value


def _length(row: Row, column: str, where: str) -> int:
    value = _number(row, column, where)
    if value < 0 or value != int(value):
        raise InputError(f"{column} is not a number of characters: {row[column]!r:.60}", where=where)
    return int(value)
