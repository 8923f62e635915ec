"""Incremental closure: a closed figure with further points, and what they say of the old ones.

Thousands of figures are tried that are one figure and a point or two. So what was closed is copied, only what touches
a new point is matched, and the fixpoint goes on from where it stood. The tables never express an old unknown by a
newer one (linear.py), so what an extension has learned of the old points alone can be read off their rows: a lesson.
A lesson is an equation that follows from the old hypotheses, if only by way of a point that they do not mention. It
can be told to the old figure without that point, and lessons of many points add up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from maieutic.geometry.engine.classes import measure
from maieutic.geometry.engine.closure import check_size
from maieutic.geometry.engine.fixpoint import HYPOTHESIS, Instances, Log, all_hold, assume
from maieutic.geometry.engine.linear import PRIME, extended
from maieutic.geometry.engine.saturation import hypothesis_equations, saturate
from maieutic.geometry.engine.state import ROOM_FOR_SINES, Closure, Options, pack
from maieutic.geometry.trusted.constructions import clause_facts
from maieutic.geometry.trusted.predicates import expand
from maieutic.geometry.trusted.records import Clause, Diagram, Problem

Lesson = tuple[int, tuple[tuple[int, int], ...]]
"""An equation between segments: its table, and (number of the segment, residue) terms whose sum is 0."""


def extend(
    base: Closure,
    clauses: Sequence[Clause],
    diagram: Diagram,
    options: Options | None = None,
    lessons: Sequence[Lesson] = (),
) -> Closure:
    """A closed problem with further points, and with lessons about its old ones.

    `diagram` is the base's figure with the new points. Without lessons, the result says of every fact what a closure
    from scratch on that figure would say. It has no history (`size` counts the new equations only): no source of
    proofs. Raises InputError for more than MOST_POINTS points.
    """
    options = options or base.options
    clock = time.thread_time()
    old = base.problem
    problem = Problem(old.name, (*old.clauses, *clauses), old.goals, old.coordinates)
    names = dict(base.names)
    for clause in clauses:
        for point in clause.points:
            names[point] = len(names)
    check_size(len(names))
    measures = measure(np.array([diagram.points[name] for name in names], np.complex128))
    before, size = len(base.measures.lengths), len(measures.lengths)
    directions, logs, lengths, squares = (
        extended(system, before, size, 7 + size + number) for number, system in enumerate(base.systems)
    )
    systems = directions, logs, lengths, squares
    log = Log(np.empty((4 * size + ROOM_FOR_SINES, 5), np.int32), np.array([0, base.log.state[1], 0]))
    new = tuple(dict.fromkeys(part for clause in clauses for fact in clause_facts(clause) for part in expand(fact)))
    closure = Closure(problem, diagram, options, names, measures, systems, log, new, first=len(base.names))
    assume(hypothesis_equations(closure), systems, log, HYPOTHESIS, 0)
    if lessons:
        assume(pack(lessons), systems, log, HYPOTHESIS, 0)
    closure.stages = [_copied(stage) for stage in base.stages]
    closure.tiers = list(base.tiers)
    closure.rows, closure.equals = base.rows, base.equals
    closure.ratios, closure.ratio_arrays = list(base.ratios), base.ratio_arrays
    saturate(closure, problem.goals, clock + options.time_limit)
    closure.closure_s = time.thread_time() - clock - closure.match_s
    return closure


def _copied(stage: Instances) -> Instances:
    """A stage whose progress is its own: rows and segments are shared."""
    return stage._replace(
        truth=stage.truth.copy(), seen=stage.seen.copy(), alive=stage.alive.copy(), left=stage.left.copy()
    )


def learned(base: Closure, after: Closure) -> tuple[Lesson, ...]:
    """What an extension says of the base's points that the base did not know: independent equations."""
    size = len(base.measures.lengths)
    lessons = []
    for table, (before, now) in enumerate(zip(base.systems, after.systems, strict=True)):
        free, still = (system[2][: system[2][-1]] for system in (before, now))
        free, still = free[free < size], still[still < size]
        if len(still) == len(free):
            continue
        for unknown in np.setdiff1d(free, still):
            row = now[0][unknown]
            terms = ((int(other), PRIME - int(row[other])) for other in np.flatnonzero(row))
            lessons.append((table, ((int(unknown), 1), *terms)))
    return tuple(lessons)


def knows(closure: Closure, lessons: Sequence[Lesson]) -> bool:
    """Whether every lesson follows."""
    return not lessons or bool(all_hold(pack(lessons), closure.systems))
