"""Golden files: five proofs as they are told, in text and LaTeX, from proofs kept as JSON.

After a change of the prose that is meant, `MAIEUTIC_UPDATE_GOLDEN=1 pytest tests/geometry/test_golden.py` writes them
anew, and those of the proofs that were taken away; the difference is to be read like any other change.
"""

import os
from pathlib import Path

import pytest
from tests.geometry.verdicts import accepted, told

from maieutic.geometry.attempt import attempt
from maieutic.geometry.language import library
from maieutic.geometry.proofs.proof_json import from_json, to_json
from maieutic.geometry.prose.latex import latex
from maieutic.geometry.prose.text import text
from maieutic.geometry.trusted.records import Proof

FOLDER = Path(__file__).parents[1] / "golden"
NAMES = ("orthocentre", "simson_line", "imo_2000_p1", "imo_2004_p1", "imo_2014_p4")
UPDATE = "MAIEUTIC_UPDATE_GOLDEN" in os.environ


def proof_of(name: str) -> Proof:
    file = FOLDER / f"{name}.json"
    if UPDATE and not file.exists():
        proof = attempt(library.problem(name)).proof
        assert proof is not None
        file.write_text(to_json(proof, accepted(proof)), encoding="utf-8")
    return from_json(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_the_prose_is_as_it_was(name):
    narrative = told(proof_of(name))
    for suffix, content in (("txt", text(narrative)), ("tex", latex(narrative))):
        file = FOLDER / f"{name}.{suffix}"
        if UPDATE:
            file.write_text(content, encoding="utf-8")
        assert content == file.read_text(encoding="utf-8"), f"{file.name}: see how to update it in {__name__}"
