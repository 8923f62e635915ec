"""The demonstration: a handful of theorems, proved and drawn into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from maieutic.geometry.attempt import attempt
from maieutic.geometry.figures.draw import svg_text
from maieutic.geometry.language import library
from maieutic.geometry.output import accepted_proof, write_file
from maieutic.geometry.proofs.proof_json import to_json
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.text import proof_text

NAMES = ("meno", "orthocentre", "simson_line", "nine_point_circle", "imo_2000_p1", "imo_2004_p1", "imo_2014_p4")
"""The problems of the demonstration, from the library; from a classic to olympiads."""


def demo(folder: Path) -> Iterator[Result]:
    """Prove the problems, one by one, and write each proof as text and JSON, and its figure as SVG, into a folder."""
    for name in NAMES:
        result = attempt(library.problem(name))
        _write(folder, name, result)
        yield result


def _write(folder: Path, name: str, result: Result) -> None:
    contents = {}
    if result.diagram:
        contents["svg"] = svg_text(result.problem, result.diagram)
    if result.status is Status.PROVED:
        proof, verdict = accepted_proof(result)
        contents["txt"] = proof_text(proof, verdict)
        contents["json"] = to_json(proof, verdict)
    for suffix, content in contents.items():
        write_file(folder / f"{name}.{suffix}", content)
