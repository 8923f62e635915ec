"""From a problem to a verdict: draw, close, extract, check. What the command line and the benchmarks call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from maieutic.core.errors import DiagramError, MaieuticError, ProofError
from maieutic.geometry.closure import DEFAULT, Closure, Options, StopReason, close, question_value
from maieutic.geometry.diagram import draw
from maieutic.geometry.kernel import check
from maieutic.geometry.measure import false_goals
from maieutic.geometry.predicates import PREDICATES, phrase
from maieutic.geometry.proof import extract
from maieutic.geometry.records import Accepted, Clause, Diagram, Fact, Problem, Proof, Verdict


class Status(Enum):
    """How an attempt at a problem ended."""

    PROVED = "proved"
    SATURATED = "saturated"
    TIME_LIMIT = "time_limit"
    ATTEMPT_LIMIT = "attempt_limit"
    INTERRUPTED = "interrupted"
    FALSE = "false"
    NO_DIAGRAM = "no_diagram"
    ERROR = "error"


@dataclass
class Result:
    """What became of a problem.

    Times are CPU seconds of this thread: those of the process come in steps of 4 ms where a CPU limit is set.
    """

    problem: Problem
    status: Status
    message: str = ""
    answers: tuple[Fact, ...] = ()  # aconst and rconst facts that answer acompute and rcompute goals
    diagram: Diagram | None = None
    closure: Closure | None = None
    proof: Proof | None = None
    verdict: Verdict | None = None
    build_s: float = 0.0
    match_s: float = 0.0
    closure_s: float = 0.0
    proof_s: float = 0.0
    check_s: float = 0.0
    cpu_s: float = 0.0
    search_s: float = 0.0
    attempts: int = 0  # closures of figures with further points
    auxiliary: tuple[Clause, ...] = field(default=())
    learned: tuple[Fact, ...] = field(default=())  # what a search without success has shown of the figure

    @property
    def proof_steps(self) -> int:
        """Deductions of the minimised proof: steps that are not hypotheses."""
        return sum(step.rule != "hypothesis" for step in self.proof.deductions) if self.proof else 0


class _Clock:
    """CPU seconds since the last lap."""

    def __init__(self) -> None:
        self.started = self.last = time.thread_time()

    def lap(self) -> float:
        now = time.thread_time()
        spent, self.last = now - self.last, now
        return spent


def prove(
    problem: Problem,
    seed: int = 0,
    options: Options = DEFAULT,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> Result:
    """Try to prove a problem's goals without auxiliary points.

    Never raises for anything a problem can contain: an outcome that is not a proof is a status with a message.
    `on_stage` is told what begins: diagram, closure, proof, check.
    """
    clock = _Clock()
    result = Result(problem, Status.ERROR)
    try:
        _stages(result, seed, options, clock, on_stage)
    except DiagramError as error:
        result.status, result.message = Status.NO_DIAGRAM, str(error)
    except MaieuticError as error:
        result.status, result.message = Status.ERROR, str(error)
    result.cpu_s = time.thread_time() - clock.started
    return result


def _stages(result: Result, seed: int, options: Options, clock: _Clock, on_stage: Callable[[str], None]) -> None:
    problem = result.problem
    on_stage("diagram")
    result.diagram = draw(problem, seed, time_limit=options.time_limit)
    wrong = false_goals(problem, result.diagram)
    result.build_s = clock.lap()
    if wrong:
        result.status = Status.FALSE
        result.message = "; ".join(f"{phrase(goal)} is false: {numbers}" for goal, numbers in wrong)
        return
    on_stage("closure")
    closure = result.closure = close(problem, result.diagram, options)
    result.match_s, result.closure_s = closure.match_s, closure.closure_s
    clock.lap()
    if closure.reason is not StopReason.PROVED:
        result.status = Status.TIME_LIMIT if closure.reason is StopReason.TIME_LIMIT else Status.SATURATED
        result.message = f"closed {len(problem.points)} points with {closure.size} equations: {closure.reason.value}"
        return
    on_stage("proof")
    try:
        result.proof = extract(closure, problem.goals)
    except ProofError as error:
        result.status, result.message = Status.ERROR, f"no proof could be written: {error}"
        return
    finally:
        result.proof_s = clock.lap()
    result.answers = tuple(
        question_value(goal, result.diagram) for goal in problem.goals if PREDICATES[goal.predicate].kind == "question"
    )
    on_stage("check")
    result.verdict = check(result.proof)
    result.check_s = clock.lap()
    if isinstance(result.verdict, Accepted):
        result.status = Status.PROVED
    else:
        result.status = Status.ERROR
        result.message = f"the kernel refused step {result.verdict.step}: {result.verdict.reason}"
