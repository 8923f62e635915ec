"""The closure: everything that follows from a problem's hypotheses on one figure.

Four tables of linear equations (linear.py) start from the hypotheses; rules, matched on the figure as arrays of
instances (matching.py), add to them until nothing changes (fixpoint.py). Tier 1 of the shapes proves most; when it
has come to rest without the goal, tier 2 is matched, and last come the sines (sines.py). A `Closure` answers whether
a fact follows; extract.py turns an answer into a proof.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from maieutic.core.errors import InputError, ProofError
from maieutic.geometry.engine.classes import measure
from maieutic.geometry.engine.fixpoint import (
    HYPOTHESIS,
    Log,
    assume,
)
from maieutic.geometry.engine.linear import new_system
from maieutic.geometry.engine.saturation import hypothesis_equations, saturate
from maieutic.geometry.engine.state import (
    DEFAULT,
    MOST_POINTS,
    ROOM_FOR_SINES,
    Closure,
    Options,
)
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import direction
from maieutic.geometry.trusted.records import Diagram, Fact, Problem


def close(
    problem: Problem,
    diagram: Diagram,
    options: Options = DEFAULT,
    *,
    points: Sequence[str] | None = None,
    goals: Sequence[Fact] | None = None,
) -> Closure:
    """Close a problem on a figure: until its goals hold (if they are to stop it) or nothing more follows.

    With `points`, only these points and the hypotheses about them count; with `goals`, these replace the problem's.
    A goal that is false on the figure never holds. Raises InputError for more than MOST_POINTS points.
    """
    clock = time.thread_time()
    deadline = clock + options.time_limit
    names = {name: index for index, name in enumerate(problem.points if points is None else points)}
    check_size(len(names))
    measures = measure(np.array([diagram.points[name] for name in names], np.complex128))
    match_s = time.thread_time() - clock
    size = measures.lengths.shape[0]
    systems = (new_system(size, 7), new_system(size, 8), new_system(size, 9), new_system(size, 10))
    log = Log(np.zeros((4 * size + ROOM_FOR_SINES, 5), np.int32), np.zeros(3, np.int64))
    given = hypotheses(problem)
    if points is not None:
        given = tuple(fact for fact in given if all(p in names for p in fact.points))
    closure = Closure(problem, diagram, options, names, measures, systems, log, given)
    assume(hypothesis_equations(closure), systems, log, HYPOTHESIS, 0)
    saturate(closure, problem.goals if goals is None else goals, deadline)
    closure.match_s += match_s
    closure.closure_s = time.thread_time() - clock - closure.match_s
    return closure


def check_size(points: int) -> None:
    """Raises InputError for more than MOST_POINTS points."""
    if points > MOST_POINTS:
        raise InputError(
            f"the problem has {points} points", hint=f"the engine closes figures of up to {MOST_POINTS} points"
        )


def question_value(goal: Fact, diagram: Diagram) -> Fact:
    """The answer to an acompute or rcompute goal, read off the figure: degrees, a ratio, or a ratio of squares.

    Certificates confirm it. Raises ProofError if it is none of these with a small denominator.
    """
    a, b, c, d = (diagram.points[p] for p in goal.points)
    if goal.predicate == "acompute":
        tries = [("aconst", (direction(a, b) - direction(c, d)) % 1.0 * 180)]
    else:
        ratio = abs(b - a) / abs(d - c)
        tries = [("rconst", ratio), ("rsqconst", ratio * ratio)]
    for predicate, value in tries:
        small = Fraction(value).limit_denominator(1000)
        if abs(float(small) - value) < 1e-9 * max(1.0, value):
            return Fact(predicate, goal.points, (small % 180 if predicate == "aconst" else small,))
    raise ProofError(f"the answer, {tries[0][1]:.9g}, is no rational with a small denominator, nor is its square")
