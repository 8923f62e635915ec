"""Which points prove a theorem: what a model that proposes points is to learn.

A made-up theorem comes with the one way in which the generator proved it, but many points may do. And the figure of its
statement shows more than the goal: facts that its closure lacks, and that one point more would prove. So the figure is
closed once, and each of the heuristic's first candidates is added to it, alone; after each it is read off which of
these facts have come to follow. One sweep tells which goals are worth asking about; each of these is a question, and
its answers are among the candidates that are first for it. Where a theorem needs several points, the generator's first
is an answer to the question; its second, and whatever else would then do, to the question with the first point added;
and so on.

A question is on its theorem's side of the split (split.py), or dropped: if it states what belongs to the other side, it
is not learned. So whatever a theorem kept for the test says, is in no question of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random

from maieutic.core.errors import DiagramError, InputError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.fixpoint import Equations, all_hold
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import extended
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.goals import lacking_facts
from maieutic.geometry.synthesis.random_figure import UNLIMITED
from maieutic.geometry.synthesis.shards import Folder, Record, digest, in_order, open_folder
from maieutic.geometry.synthesis.split import side_of
from maieutic.geometry.synthesis.synthesize import proof_of
from maieutic.geometry.synthesis.theorem import OPTIONS, stated
from maieutic.geometry.text.encoding import encode_auxiliary, encode_question
from maieutic.geometry.text.prompting import seen
from maieutic.geometry.trusted.predicates import equations, expand, holds
from maieutic.geometry.trusted.records import Clause, Fact, Problem

TRIED, FURTHER, KEPT = 72, 24, 4
"""Candidates that are tried for a goal; further goals that are looked at, and of these how many are asked about, at
most: unless told."""

SHOWN = 32
"""Places of a figure that are written down with a question; a model is told the first of these (prompting.py)."""

THEOREMS = 32
"""Theorems of a shard."""

SWEEP = 2
"""To be raised with every change after which the same theorems give other questions."""


@dataclass(frozen=True)
class Solved:
    """A problem that some points prove, each alone.

    Args:
        problem: with the goal that they prove.
        candidates: the points, in the order of the heuristic for this goal.
        ranks: the place of each in that order, from 0.
        tried: how many were tried.
        own: whether the goal is the one that the figure was made for.
        figure: what a model is told of the figure (prompting.py).
    """

    problem: Problem
    candidates: tuple[Candidate, ...]
    ranks: tuple[int, ...]
    tried: int
    own: bool = True
    figure: tuple[str, ...] = ()


def solutions(
    problem: Problem, seed: int = 0, tried: int = TRIED, further: int = FURTHER, kept: int = KEPT
) -> list[Solved]:
    """What single points prove: the problem itself, if they do, and then other facts of its figure.

    Args:
        problem: with its goals; what the engine proves without a point is no question.
        seed: of the figure, and of which facts are looked at.
        tried: how many of the heuristic's first candidates for a goal.
        further: how many facts, at most, that the figure shows and its closure lacks.
        kept: of those that one of the problem's own candidates proves, how many, at most.

    Raises DiagramError where the problem cannot be drawn.
    """
    closure = figure_of(problem, seed)
    rng = Random(f"{seed} {problem.key}")
    goals = _goals(closure, rng, further)
    if not goals:
        return []
    follows: dict[tuple[Fact, ...], dict[str, bool]] = {goal: {} for goal in goals}
    for candidate in heuristic(problem, closure, tried):
        after = extended(closure, (candidate,))
        for goal, wanted in goals.items():
            follows[goal][candidate.name] = _follows(wanted, after)
    found = [goal for goal in goals if any(follows[goal].values())]
    others = [number for number, goal in enumerate(found) if goal != problem.goals]
    asked = set(rng.sample(others, min(kept, len(others)))).union(set(range(len(found))).difference(others))
    solved = (
        _solved(problem, found[number], goals[found[number]], closure, follows[found[number]], tried)
        for number in sorted(asked)
    )
    return [one for one in solved if one.candidates]


def _solved(
    problem: Problem, goal: tuple[Fact, ...], wanted: Wanted, closure: Closure, known: dict[str, bool], tried: int
) -> Solved:
    """What the first candidates for a goal come to; of some it is known."""
    asked = replace(problem, goals=goal)
    pool = heuristic(asked, closure, tried)
    ranks = [
        rank
        for rank, candidate in enumerate(pool)
        if (known[candidate.name] if candidate.name in known else _follows(wanted, extended(closure, (candidate,))))
    ]
    figure = tuple(seen(asked, closure, SHOWN))
    return Solved(asked, tuple(pool[k] for k in ranks), tuple(ranks), len(pool), goal == problem.goals, figure)


def figure_of(problem: Problem, seed: int = 0) -> Closure:
    """A problem's figure with all that follows. Raises DiagramError where it cannot be drawn."""
    return close(problem, draw(problem, seed, time_limit=UNLIMITED), replace(OPTIONS, stop_at_goal=False))


Wanted = tuple[tuple[Equations, ...], ...]
"""What goals come to: of each group of equations one must follow, which one is all the same."""


def _goals(closure: Closure, rng: Random, further: int) -> dict[tuple[Fact, ...], Wanted]:
    """What is asked of a figure, and what it comes to: the problem's goals together, and then single facts, none that
    its closure proves."""
    own = closure.problem.goals
    lacking = [fact for fact in lacking_facts(closure) if fact not in own]
    drawn = sorted(rng.sample(range(len(lacking)), min(further, len(lacking))))
    asked = {goals: _wanted(closure, goals) for goals in [own, *((lacking[k],) for k in drawn)]}
    return {goals: wanted for goals, wanted in asked.items() if all(wanted) and not _follows(wanted, closure)}


def _wanted(closure: Closure, goals: Sequence[Fact]) -> Wanted:
    """As arrays that serve for every extension of a closure (Closure.proves asks the same of one). An empty group for
    goals that are false on the figure, or no equations between segments."""
    if not all(holds(goal, closure.diagram.points) for goal in goals):
        return ((),)
    between_segments = (
        (e for e in equations(part) if all(len(unknown) == 2 for unknown, _ in e.terms))
        for goal in goals
        for part in expand(goal)
    )
    return tuple(tuple(closure.pack([e]) for e in group) for group in between_segments)


def _follows(wanted: Wanted, closure: Closure) -> bool:
    return all(any(all_hold(equation, closure.systems) for equation in group) for group in wanted)


# --- questions -------------------------------------------------------------------------------------------------------


def questions_of(
    theorem: Record, seed: int = 0, tried: int = TRIED, further: int = FURTHER, kept: int = KEPT
) -> list[Record]:
    """The questions of a theorem as they are written, its own first; none where its statement cannot be drawn.

    question   the problem as model text, and the points added to it so far
    figure     the first places of its figure, as a model may be told of them (prompting.py)
    answers    clauses as model text: each of them proves the goal, or is a step of the generator's towards it
    ranks      the places of the first answers in the heuristic's order; the others come from the generator
    goal       the goal's predicate
    own        whether it is the theorem's own
    key        the theorem's canonical key
    statement  the question's
    """
    proof = proof_of(theorem)
    problem = stated(proof)
    try:
        found = solutions(problem, seed, tried, further, kept)
        own = next((solved for solved in found if solved.own), None)
        steps = list(_steps(problem, own, proof.auxiliary, seed, tried))
        asked = [_question(problem, *step, theorem["key"], seed) for step in steps]
    except DiagramError:
        return []
    return [*asked, *(_question(s.problem, (), s, (), theorem["key"], seed) for s in found if not s.own)]


Step = tuple[tuple[Clause, ...], Solved | None, tuple[Clause, ...]]
"""Points added so far, what then proves the goal, and the generator's next clause, if there is one."""


def _steps(
    problem: Problem, solved: Solved | None, auxiliary: Sequence[Clause], seed: int, tried: int
) -> Iterator[Step]:
    """The generator's way through a problem, as far as each clause places one point, to where one point is enough."""
    added: tuple[Clause, ...] = ()
    for clause in auxiliary:
        placed = len(clause.points) == 1 and all(use.name != "free" for use in clause.constructions)
        last = len(added) == len(auxiliary) - 1
        following = (clause,) if placed and (last or solved is None) else ()
        if solved is not None or following:
            yield added, solved, following
        if solved is not None or not placed or last:
            return
        added += (clause,)
        longer = replace(problem, clauses=problem.clauses + added)
        solved = next(iter(solutions(longer, seed, tried, further=0)), None)


def _question(
    problem: Problem,
    added: tuple[Clause, ...],
    solved: Solved | None,
    following: tuple[Clause, ...],
    key: str,
    seed: int,
) -> Record:
    longer = replace(problem, clauses=problem.clauses + added)
    swept = tuple(candidate.clause() for candidate in solved.candidates) if solved else ()
    answers = [encode_auxiliary(longer, (clause,)) for clause in (*swept, *following)]
    own = solved is None or solved.own
    return {
        "question": encode_question(problem, added),
        "figure": list(solved.figure) if solved else seen(longer, figure_of(longer, seed), SHOWN),
        "answers": list(dict.fromkeys(answers)),
        "ranks": list(solved.ranks) if solved else [],
        "goal": problem.goals[0].predicate,
        "own": own,
        "key": key,
        "statement": key if own and not added else canonical_key(longer),
    }


# --- folders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One shard, for a worker."""

    theorems: tuple[Record, ...]
    seed: int
    tried: int
    further: int
    kept: int


def write_solutions(
    theorems: Sequence[Record],
    out: Path,
    seed: int = 0,
    jobs: int = 1,
    *,
    tried: int = TRIED,
    further: int = FURTHER,
    kept: int = KEPT,
    apart_from: Collection[str] = (),
    on_shard: Callable[[int, int], None] = lambda done, questions: None,
) -> Folder:
    """Write the questions of theorems to a folder, each once; where some are there already, those that are missing.

    Args:
        theorems: records of the generator, in an order that stays.
        out: the folder.
        jobs: processes; any number gives the same.
        apart_from: canonical keys of statements that are not to be asked.
        on_shard: told of each committed shard: theorems that are done, and questions in all.

    Raises InputError where the folder was made from other theorems or settings, MaieuticError where it cannot be
    written. A shard that was committed stays, whatever happens.
    """
    if tried < 1 or further < 0 or kept < 0:
        raise InputError("tried must be at least 1, further and kept at least 0")
    settings = {"sweep": SWEEP, "seed": seed, "tried": tried, "further": further, "kept": kept, "shard": THEOREMS}
    made_from = {"theorems": digest(r["key"] for r in theorems), "apart_from": digest(sorted(apart_from))}
    folder = open_folder(Path(out), settings | made_from)
    seen = {*apart_from, *(record["statement"] for record in folder.read())}
    shards = range(0, len(theorems), THEOREMS)
    tasks = (
        Task(tuple(theorems[first : first + THEOREMS]), seed, tried, further, kept)
        for first in islice(shards, len(folder.shards), None)
    )
    on_shard(min(len(folder.shards) * THEOREMS, len(theorems)), folder.records)
    with in_order(make_shard, tasks, jobs) as results:
        for found in results:
            folder.commit(list(_fresh(found, seen)))
            on_shard(min(len(folder.shards) * THEOREMS, len(theorems)), folder.records)
    return folder


def make_shard(task: Task) -> list[Record]:
    """A worker's work: the questions of a shard's theorems."""
    how = (task.seed, task.tried, task.further, task.kept)
    return [question for theorem in task.theorems for question in questions_of(theorem, *how)]


def _fresh(questions: Sequence[Record], seen: set[str]) -> Iterator[Record]:
    """Those that state what none before does, and what is on their theorem's side of the split."""
    for question in questions:
        if question["statement"] not in seen and side_of(question["statement"]) is side_of(question["key"]):
            seen.add(question["statement"])
            yield question
