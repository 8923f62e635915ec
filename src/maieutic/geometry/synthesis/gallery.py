"""What a folder of theorems shows: its hardest ones as a page, and which problems of other files are among them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.proofs.checking import verdict_of
from maieutic.geometry.prose.text import proof_text
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.shards import Record, read_folder
from maieutic.geometry.synthesis.synthesize import keys_of, proof_of
from maieutic.geometry.synthesis.theorem import general_key, stated
from maieutic.geometry.trusted.records import Problem

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
            f"```\n{proof_text(proof, verdict_of(proof)).strip()}\n```",
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
        for as_stated, key in ((True, canonical_key(problem)), (False, general_key(problem))):
            if key in keys:
                found.append(Occurrence(problem.name, key, as_stated))
                break
    return found


def occurrence_report(path: Path, problems: Sequence[Problem]) -> str:
    """The occurrences as lines of text, after one that says how many there are."""
    found = occurrences(path, problems)
    lines = [f"{len(found)} of {len(problems)} problems occur among the theorems"]
    lines += [f"  {o.name}{'' if o.as_stated else ' (without what its proof does not need)'}  {o.key}" for o in found]
    return "\n".join(lines)
