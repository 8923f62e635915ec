"""From a problem to a verdict: draw, close, extract, check. What the command line and the benchmarks call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from maieutic.core.errors import DiagramError, MaieuticError, ProofError
from maieutic.geometry.engine.closure import close, question_value
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import DEFAULT, Closure, Options, StopReason
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.proofs.refute import counterexample, false_goals, only_where, told, true_figure
from maieutic.geometry.trusted.hints.contradictions import contradiction
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Accepted, Clause, Diagram, Fact, Problem, Proof, Verdict


class Status(Enum):
    """How an attempt at a problem ended."""

    PROVED = "proved"
    SATURATED = "saturated"
    TIME_LIMIT = "time_limit"
    ATTEMPT_LIMIT = "attempt_limit"
    INTERRUPTED = "interrupted"
    FALSE = "false"
    CONTRADICTORY = "contradictory"
    REFUSED = "refused"
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
    counterexample: Diagram | None = None  # a figure of the problem on which a goal is false

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
    auxiliary: tuple[Clause, ...] = (),
    refuting: bool = True,
) -> Result:
    """Try to prove a problem's goals without further points.

    Never raises for anything a problem can contain: an outcome that is not a proof is a status with a message.
    `on_stage` is told what begins: diagram, closure, proof, check. `auxiliary` are the last clauses of the problem, if
    they only place points that help. Where nothing follows, or the kernel refuses, other figures are looked at, if
    `refuting`: a goal that is false on one is false, and the figure is the counterexample.
    """
    clock = _Clock()
    result = Result(problem, Status.ERROR)
    try:
        wrong = contradiction(problem)
        if wrong:
            result.status, result.message = Status.CONTRADICTORY, wrong
        else:
            _stages(result, seed, options, clock, on_stage, auxiliary)
            if refuting and result.status in (Status.SATURATED, Status.REFUSED, Status.ERROR) and not auxiliary:
                refute(result, seed)
    except DiagramError as error:
        result.status, result.message = Status.NO_DIAGRAM, str(error)
    except MaieuticError as error:
        result.status, result.message = Status.ERROR, str(error)
    result.cpu_s = time.thread_time() - clock.started
    return result


def prove_with_help(
    problem: Problem, seed: int, options: Options, on_stage: Callable[[str], None] = lambda stage: None
) -> Result | None:
    """The proof with the auxiliary clauses that a problem gives; None where it gives none, or they do not help."""
    if not problem.auxiliary:
        return None
    longer = replace(problem, clauses=(*problem.clauses, *problem.auxiliary), auxiliary=())
    result = prove(longer, seed, options, on_stage, problem.auxiliary)
    result.auxiliary = problem.auxiliary
    return result if result.status is Status.PROVED else None


def refute(result: Result, seed: int, *, branches: bool = False, everywhere: bool = False) -> None:
    """Call a result false where a goal is false on another figure, and tell the figure and the numbers.

    With `everywhere`, only where it is false on all others that are looked at.

    Figures are drawn so that the goals are true on them, where which of two meets is meant is open. With `branches`,
    the goals are asked of every branch of a figure that knows no goal.
    """
    if everywhere and true_figure(result.problem, seed) is not None:
        return
    found = counterexample(result.problem, seed, branches=branches)
    if found is not None:
        result.counterexample, wrong = found
        result.status, result.message = Status.FALSE, f"false on another figure: {told(wrong)}"


def _stages(
    result: Result,
    seed: int,
    options: Options,
    clock: _Clock,
    on_stage: Callable[[str], None],
    auxiliary: tuple[Clause, ...],
) -> None:
    problem = result.problem
    on_stage("diagram")
    result.diagram = draw(problem, seed, time_limit=options.time_limit)
    wrong = false_goals(problem, result.diagram)
    if wrong:
        other = true_figure(problem, seed)
        if other is None:
            same = only_where(problem, result.diagram)
            where = f", where {', '.join(f'{a.upper()} ≠ {b.upper()}' for a, b in same)}" if same else ""
            result.status, result.message, result.counterexample = Status.FALSE, told(wrong) + where, result.diagram
            result.build_s = clock.lap()
            return
        result.diagram = other
    result.build_s = clock.lap()
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
        result.proof = replace(extract(closure, problem.goals), auxiliary=auxiliary)
    except ProofError as error:
        result.status, result.message = Status.ERROR, f"no proof could be written: {error}"
        return
    finally:
        result.proof_s = clock.lap()
    result.answers = tuple(
        question_value(goal, result.diagram) for goal in problem.goals if PREDICATES[goal.predicate].kind == "question"
    )
    on_stage("check")
    result.verdict = check(result.proof, rules=options.by_name)
    result.check_s = clock.lap()
    if isinstance(result.verdict, Accepted):
        result.status = Status.PROVED
    else:
        at = f"step {result.verdict.step + 1}: " if result.verdict.step >= 0 else ""
        result.status, result.message = Status.REFUSED, at + result.verdict.reason
