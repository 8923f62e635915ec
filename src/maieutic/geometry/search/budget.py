"""How good a proposer is, in the one currency that all have in common: closures until a point proves the goal.

A proposer names single points for a problem's figure, the most promising first. Each costs one closure, and the first
whose closure has the goal, and whose proof the kernel accepts, ends it. Nothing is learned from those that fail, so the
number says how well the points are ranked, and nothing else (a search does more: strategy.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Closure, Options, StopReason
from maieutic.geometry.proofs.prover import Result
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.minimal_points import prove_with
from maieutic.geometry.search.trials import Proposer, extended
from maieutic.geometry.trusted.records import Problem

OPTIONS = Options(sines=False)
"""What a closure of a trial does, as in a search."""


@dataclass(frozen=True)
class Solved:
    """How many closures it took, the point, and the proof."""

    closures: int
    candidate: Candidate
    result: Result


def figure(problem: Problem, seed: int = 0) -> Closure:
    """The closure of the problem alone. Raises DiagramError where there is no figure."""
    return close(problem, draw(problem, seed), OPTIONS)


def first_proof(base: Closure, candidates: Iterable[Candidate], seed: int = 0) -> Solved | None:
    """Try points in order on a closed figure; None if none of them proves the goal."""
    for number, candidate in enumerate(candidates, 1):
        if extended(base, (candidate,)).reason is StopReason.PROVED:
            result = prove_with(base.problem, (candidate,), seed, Options())
            if result is not None:
                return Solved(number, candidate, result)
    return None


def closures_needed(problem: Problem, propose: Proposer, most: int, seed: int = 0) -> Solved | None:
    """The first proof among a proposer's `most` first points. Raises DiagramError where there is no figure."""
    base = figure(problem, seed)
    return first_proof(base, propose(problem, base, most)[:most], seed)
