"""Closures are counted until a point proves the goal, and the kernel has the last word."""

import pytest

from maieutic.core.errors import DiagramError
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.search.budget import closures_needed, figure, first_proof
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import extended
from maieutic.geometry.trusted.records import Accepted

PROBLEM = parse_problem("a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d")
"""One parallel proves it."""
BASE = figure(PROBLEM)


POOL = heuristic(PROBLEM, BASE, 60)
RIGHT = next(c for c in POOL if extended(BASE, (c,)).reason.value == "proved")
WRONG = [c for c in POOL if extended(BASE, (c,)).reason.value != "proved"][:3]


def scripted(*candidates):
    return lambda problem, closure, n, first=0: candidates[:n]


def test_closures_are_counted_to_the_first_proof():
    for number in range(4):
        solved = closures_needed(PROBLEM, scripted(*WRONG[:number], RIGHT, *WRONG), 8)
        assert (solved.closures, solved.candidate) == (number + 1, RIGHT)
        assert isinstance(solved.result.verdict, Accepted)
        assert len(solved.result.auxiliary) == 1


def test_what_comes_after_the_last_closure_does_not_count():
    assert closures_needed(PROBLEM, scripted(*WRONG, RIGHT), 3) is None
    assert closures_needed(PROBLEM, scripted(*WRONG, RIGHT), 4).closures == 4
    assert first_proof(BASE, []) is None


def test_a_closure_whose_proof_no_figure_confirms_is_no_proof(monkeypatch):
    monkeypatch.setattr("maieutic.geometry.search.budget.prove_with", lambda *anything: None)
    assert first_proof(BASE, [RIGHT]) is None


def test_a_problem_without_a_figure():
    impossible = parse_problem("a b c = triangle; d = on_line d a b, on_line d a b ? cong a d b d")
    with pytest.raises(DiagramError):
        closures_needed(impossible, scripted(Candidate("midpoint x a b", ("a", "b"), 0j)), 1)
