"""What a folder of theorems shows: its hardest ones as a page, and which problems of other files are among them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maieutic.core.errors import DiagramError
from maieutic.geometry.diagram import draw
from maieutic.geometry.problem import print_problem
from maieutic.geometry.prose.text import proof_text
from maieutic.geometry.records import Problem
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.random_figure import Figure
from maieutic.geometry.synthesis.shards import Record, read_folder
from maieutic.geometry.synthesis.synthesize import keys_of, proof_of
from maieutic.geometry.synthesis.theorem import Workshop, stated

HARDEST = 20


def hardest(path: Path, most: int = HARDEST) -> list[Record]:
    """The theorems with the longest proofs; of equally long ones, those with more auxiliary points come first."""
    return heapq.nlargest(
        most,
        read_folder(path).read(),
        key=lambda record: (record["deductions"], record["auxiliary_points"], record["key"]),
    )


def gallery(path: Path, most: int = HARDEST) -> str:
    """A Markdown page of the hardest theorems of a folder: the problem, its auxiliary points, the proof in words."""
    sections = [f"# The {most} hardest theorems"]
    for number, record in enumerate(hardest(path, most), 1):
        proof = proof_of(record)
        points = record["auxiliary_points"]
        sections += [
            f"## {number}. {record['deductions']} deductions, {points or 'no'} auxiliary point{'s' * (points != 1)}",
            f"    {print_problem(stated(proof))}",
            *([f"Auxiliary: `{'; '.join(map(str, proof.auxiliary))}`"] if proof.auxiliary else []),
            f"```\n{proof_text(proof).strip()}\n```",
        ]
    return "\n\n".join(sections) + "\n"


@dataclass(frozen=True)
class Occurrence:
    """A problem that is among the theorems: as it is stated, or without the hypotheses that its proof does not need."""

    name: str
    key: str
    as_stated: bool


def occurrences(path: Path, problems: Sequence[Problem]) -> list[Occurrence]:
    """Which problems of one goal occur in a folder, by canonical form."""
    keys = keys_of(path)
    found = []
    for problem in problems:
        if len(problem.goals) != 1:
            continue
        key = canonical_key(problem)
        if key in keys:
            found.append(Occurrence(problem.name, key, True))
            continue
        general = general_key(problem)
        if general in keys:
            found.append(Occurrence(problem.name, general, False))
    return found


def general_key(problem: Problem) -> str:
    """The key of what a problem says without the constructions that its proof does not need; "" if there is none.

    Only for problems that the engine proves, as they are, without sines.
    """
    try:
        workshop = Workshop(Figure(problem, draw(problem)))
    except DiagramError:
        return ""
    draft = workshop.minimal(problem.goals[0], list(range(len(workshop.uses))))
    return draft.key if draft else ""
