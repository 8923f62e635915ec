"""`maieutic synthesize`: a folder of theorems, what is printed of it, and mistakes."""

import re

import pytest
from tests.commands import Outcome, mistake

from maieutic.geometry import attempt as attempts
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.synthesis import synthesize as generator
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.theorem import stated


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    attempts.warm_up()
    monkeypatch.setattr(generator.synthesize, "__kwdefaults__", generator.synthesize.__kwdefaults__ | {"figures": 2})


def test_theorems_are_made_and_counted(tmp_path):
    out, page = tmp_path / "theorems", tmp_path / "hardest.md"
    made = Outcome("synthesize", "--count", 12, "--out", out, "--seed", 4, "--gallery", page)
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("12 theorems, ")
    for row in ("goals", "deductions", "auxiliary points"):
        counts = re.search(rf"^  {row}  +(.+)$", made.out, re.MULTILINE)
        assert counts
        assert sum(int(part.rsplit(":", 1)[1]) for part in counts[1].split(",")) == 12
    assert read_folder(out).records == 12
    assert page.read_text(encoding="utf-8").count("\n## ") == 12


def test_more_can_be_asked_for_and_problems_are_looked_for(tmp_path):
    out, known = tmp_path / "theorems", tmp_path / "known.txt"
    assert Outcome("synthesize", "--count", 5, "--out", out).code == 0
    record = next(read_folder(out).read())
    new = "a b c = triangle ? coll a b c"
    known.write_text(f"old\n{print_problem(stated(generator.proof_of(record)))}\nnew\n{new}\n", encoding="utf-8")
    again = Outcome("synthesize", "--count", 8, "--out", out, "--look-for", known)
    assert "1 of 2 problems occur among the theorems\n  old  " in again.out
    others = Outcome("synthesize", "--count", 8, "--out", tmp_path / "others", "--apart-from", known)
    assert others.code == 0
    assert record["key"] not in {r["key"] for r in read_folder(tmp_path / "others").read()}


def test_ctrl_c_says_what_is_there_and_how_to_go_on(tmp_path, monkeypatch):
    out = tmp_path / "theorems"

    def interrupt(state):
        raise KeyboardInterrupt

    monkeypatch.setattr(generator.State, "rate", property(interrupt))
    stopped = Outcome("synthesize", "--count", 1000, "--out", out)
    assert stopped.code == 130
    held = read_folder(out).records
    assert stopped.err == f"maieutic: interrupted: {held} theorems are in {out}; the same command goes on\n"
    assert 0 < held < 1000


def test_mistakes_are_one_line(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    assert "other files" in mistake("synthesize", "--count", 3, "--out", tmp_path)
    assert "--count" in mistake("synthesize", "--count", 0, "--out", tmp_path / "new")
    assert "--out" in mistake("synthesize", "--count", 3)
    assert "cannot read" in mistake("synthesize", "--count", 3, "--out", tmp_path / "new", "--apart-from", "missing")
    assert "cannot read" in mistake("synthesize", "--count", 3, "--out", tmp_path / "new", "--look-for", "missing")
    assert not (tmp_path / "new").exists()
