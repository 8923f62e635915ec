"""Search: add points until the goal is proved.

strategy.py says what is tried, trials.py tries it, minimal_points.py makes a proof of what succeeds; here it is run,
within its limits, on one process or many. The proposer is an argument: it orders the candidates of a figure, and the
search knows nothing of how. Blocks are numbered in order and judged in that order, and their outcomes depend on
nothing else: so a seed and a number of attempts determine the result, whatever the number of processes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from maieutic.core.errors import ProofError
from maieutic.core.executor import map_unordered
from maieutic.core.extensions import add_entry
from maieutic.geometry.engine.state import Closure, Options
from maieutic.geometry.proofs.prover import Result, Status, prove, refute
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.candidates import Pool, candidates
from maieutic.geometry.search.minimal_points import Knowledge, Teacher, needed_points, prove_with
from maieutic.geometry.search.strategy import Plan, plan
from maieutic.geometry.search.trials import Block, Known, Outcome, Points, Proposer, closure_of, run_block
from maieutic.geometry.trusted.records import Problem

WAYS = 3
"""Definitions of one place that are tried: the engine may know what to do with one, and not with another."""


def heuristic(problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
    """What the figure shows, closeness to the goal, and kind: candidates.py."""
    return _pool(problem, closure, first).best(n)


def shuffled(problem: Problem, closure: Closure, n: int, first: int = 0, *, seed: int = 0) -> Sequence[Candidate]:
    """Chance: n of the same candidates, in any order."""
    pool = _pool(problem, closure, first)
    rng = np.random.default_rng([seed, *",".join(closure.points).encode()])
    return [replace(pool[k], score=0.0) for k in rng.permutation(len(pool))[:n].tolist()]


def _pool(problem: Problem, closure: Closure, first: int) -> Pool:
    return candidates(closure.points, closure.measures.z, problem.goals, first, ways=WAYS)


PROPOSERS: dict[str, Callable[[int], Proposer]] = {
    "random": lambda seed: partial(shuffled, seed=seed),
    "heuristic": lambda seed: heuristic,
}
"""The proposers by name, each for a seed."""


def proposer(name: str) -> Callable[[Callable[[int], Proposer]], Callable[[int], Proposer]]:
    """Adds what makes a proposer of a seed to PROPOSERS, as a file that `--extend` names may."""

    def add(make: Callable[[int], Proposer]) -> Callable[[int], Proposer]:
        add_entry(PROPOSERS, name, make, make)
        return make

    return add


@dataclass(frozen=True)
class Progress:
    """How far a search is: constructions tried, lessons learned, CPU seconds of all processes."""

    attempts: int
    lessons: int
    cpu_s: float


def search(
    problem: Problem,
    seed: int = 0,
    options: Options | None = None,
    propose: Proposer = heuristic,
    attempts: int | None = None,
    jobs: int = 1,
    on_stage: Callable[[str], None] = lambda stage: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """Prove a problem with auxiliary points.

    `options.time_limit` is in CPU seconds, of all processes together, drawing and checking included. The same seed and
    number of attempts give the same result, if the time suffices. `stopped` is asked now and then whether to end: then,
    as at every limit, the result says how far the search went and what it has learned of the figure.
    """
    options = options or Options()
    started = time.thread_time()
    result = prove(problem, seed, options, on_stage, refuting=False)
    if result.status is Status.SATURATED:
        refute(result, seed, everywhere=True)
    if result.status is not Status.SATURATED or result.diagram is None:
        return result
    on_stage("search")
    known = Known(problem, result.diagram, replace(options, sines=False))
    run = _Run(known, seed, options, attempts, jobs, started, on_progress, stopped)
    knowledge = Knowledge(known)
    proved = run.follow(plan(knowledge, propose, seed), knowledge)
    if proved is None:
        result.status = run.ended
        reason = run.ended.value.replace("_", " ") if run.ended is not Status.SATURATED else "no others are proposed"
        result.message = f"{run.count} constructions tried: {reason}"
        result.learned = knowledge.news()
        refute(result, seed, branches=True)
    else:
        result = proved
    result.attempts = run.count
    result.cpu_s = result.search_s = run.spent
    return result


@dataclass
class _Run:
    """One search under way: judges outcomes in order, and watches the limits."""

    known: Known
    seed: int
    options: Options
    attempts: int | None
    jobs: int
    started: float
    on_progress: Callable[[Progress], None]
    stopped: Callable[[], bool]
    count: int = 0
    elsewhere: float = 0.0
    ended: Status = Status.SATURATED
    refuted: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def spent(self) -> float:
        """CPU seconds of this thread and of all workers."""
        return time.thread_time() - self.started + self.elsewhere

    def follow(self, plan: Plan, knowledge: Knowledge) -> Result | None:
        """Carry out a plan to the first trial that gives a proof, or to a limit: then None, and `ended` says which."""
        for block, teachers, outcome in _outcomes(plan, self.jobs):
            if self.jobs > 1:
                self.elsewhere += outcome.cpu_s
            for number, points in outcome.proofs:
                if self.attempts is not None and self.count + number >= self.attempts:
                    break
                proved = self._prove(block.known.kept + points, teachers)
                if proved is not None:
                    self.count += number + 1
                    return proved
            self.count += outcome.trials
            if outcome.trials:
                self.on_progress(Progress(self.count, len(knowledge.teachers), self.spent))
            if self._over():
                break
        return None

    def _over(self) -> bool:
        if self.attempts is not None and self.count >= self.attempts:
            self.count, self.ended = self.attempts, Status.ATTEMPT_LIMIT
        elif self.spent > self.options.time_limit:
            self.ended = Status.TIME_LIMIT
        elif self.stopped():
            self.ended = Status.INTERRUPTED
        return self.ended is not Status.SATURATED

    def _prove(self, points: Points, teachers: Sequence[Teacher]) -> Result | None:
        """The proof for a trial that closed with the goal; None where no other figure confirms it."""
        try:
            few = needed_points(closure_of(self.known), points, teachers)
        except ProofError:
            return None
        names = tuple(point.name for point in few)
        if names in self.refuted:
            return None
        self.refuted.add(names)
        return prove_with(self.known.problem, few, self.seed, self.options)


def _outcomes(plan: Plan, jobs: int) -> Iterator[tuple[Block, tuple[Teacher, ...], Outcome]]:
    """Run a plan: its blocks with their outcomes, in order. A batch waits for all outcomes of the one before."""
    batch = next(plan, None)
    todo = deque(enumerate(batch.blocks if batch else ()))
    drawn: list[int | None] = []

    def items() -> Iterator[Block | None]:
        while batch is not None:
            number, block = todo.popleft() if todo else (None, None)  # None: a process rests until the others are done
            drawn.append(number)
            yield block

    waiting: dict[int, Outcome] = {}
    ready: list[Outcome] = []
    for index, outcome in map_unordered(run_block, items(), jobs):
        number = drawn[index]
        if number is not None:
            waiting[number] = outcome
        while batch is not None and len(ready) in waiting:
            ready.append(waiting[len(ready)])
            yield batch.blocks[len(ready) - 1], batch.teachers, ready[-1]
        while batch is not None and len(ready) == len(batch.blocks):
            try:
                batch = plan.send(ready)
            except StopIteration:
                batch = None
            else:
                todo.extend(enumerate(batch.blocks))
            waiting, ready = {}, []
