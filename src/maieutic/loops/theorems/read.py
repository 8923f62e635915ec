"""Theorems as prompts: a question, and as its completion the points of the theorem's own proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from maieutic.core.datasets import read_examples
from maieutic.core.records import Example
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.split import Side, side_of
from maieutic.geometry.text.encoding import AUXILIARY, END_OF_CLAUSE, STEP
from maieutic.geometry.text.prompting import question_of, without_figure
from maieutic.loops.theorems.kernel_judge import closure_of


def theorems(path: Path, side: Side) -> list[Example]:
    """The theorems that need a point, each as its question and the points of its own proof, as a policy would answer.

    Args:
        path: a folder that `maieutic synthesize` made, of which one side is taken; or a file with such examples, all
            of which are.
    """
    if path.is_file():
        return read_examples(path)
    folder = read_folder(path)
    return list(_of_folder(path, tuple(shard.sha256 for shard in folder.shards), side))


@lru_cache(maxsize=4)
def _of_folder(path: Path, shards: tuple[str, ...], side: Side) -> tuple[Example, ...]:
    """The theorems of one side of a folder with these shards; each is read but once."""
    records = (r for r in read_folder(path).read() if r["auxiliary_points"] and side_of(r["key"]) is side)
    return tuple(_example(record["text"]) for record in records)


def _example(text: str) -> Example:
    """A theorem's question, and its auxiliary clauses."""
    statement, _, rest = text.partition(f" {AUXILIARY} ")
    clauses, _, _ = rest.partition(f" {STEP} ")
    return Example(f"{statement} {AUXILIARY}", f" {clauses} {STEP}")


def told(examples: Iterable[Example], shown: int) -> list[Example]:
    """The same, asked as a policy expects that is told so many places of a theorem's figure."""
    return [replace(e, prompt=_told(without_figure(str(e.prompt)), shown)) for e in examples]


@lru_cache(maxsize=2**14)
def _told(question: str, shown: int) -> str:
    closure = closure_of(question) if shown else None
    return question if closure is None else question_of(closure.problem, closure, shown)


def points_of(theorem: Example) -> int:
    """How many auxiliary clauses the theorem's own proof has."""
    return theorem.completion.split().count(END_OF_CLAUSE) + 1
