"""The records of a narrative: a proof as it is told. Texts are Unicode with formulas between dollars (notation.py)."""

from __future__ import annotations

from dataclasses import dataclass

from maieutic.geometry.prose.certify import Inference
from maieutic.geometry.trusted.records import Clause, Fact, Point, Problem


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chain of equalities: what stands after the sign, why, and the numbers of the steps it rests on.

    The first line of a chain is its left side: it has no reason.
    """

    expression: str
    reason: str = ""
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered step: `text` says what holds, `reason` why, `hence` what follows at once, `chain` shows the
    equalities, `reads` what the step reads off the figure.

    `work` is the exact reasoning: every premise of it is given, or claimed by a cited step, or worked out before in
    the same step. `deductions` are the indices of the proof's deductions that the step covers.
    """

    number: int
    claims: tuple[Fact, ...]
    text: str
    reason: str
    cites: tuple[int, ...]
    given: bool = False
    hence: str = ""
    chain: tuple[Line, ...] = ()
    reads: str = ""
    work: tuple[Inference, ...] = ()
    deductions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Narrative:
    """A proof as it is told: what is given and to be proved, auxiliary points, steps, the end, and what is assumed.

    `proved` says for which figures, where these are not all, and what else must be known: it goes before all else.
    `figure` has the coordinates of the proof's own figure, where it has some.
    """

    problem: Problem
    seed: int
    auxiliary_clauses: tuple[Clause, ...]
    statement: str
    given: tuple[str, ...]
    auxiliary: tuple[str, ...]
    conventions: tuple[str, ...]
    steps: tuple[Step, ...]
    conclusion: str
    assumptions: tuple[str, ...] = ()
    proved: str = ""
    figure: tuple[tuple[str, Point], ...] = ()

    @property
    def name(self) -> str:
        """The problem's name."""
        return self.problem.name
