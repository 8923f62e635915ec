"""What a statement proved of one figure is worth on others of the same problem: figures, guards, proofs put together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
from tests.geometry.sweep import figures

from maieutic.core.errors import DiagramError
from maieutic.geometry.closure import Closure, Options
from maieutic.geometry.constructions import clause_requirements, hypotheses
from maieutic.geometry.diagram import draw
from maieutic.geometry.facts import closure_facts
from maieutic.geometry.predicates import holds
from maieutic.geometry.records import Deduction, Diagram, Fact, Point, Problem, Proof

Figure = Mapping[str, Point]

EVERYTHING = Options(stop_at_goal=False)

ALWAYS = ("coll", "cyclic", "para", "perp", "cong")
"""The predicates of which all facts are looked at."""

APART = 1e-6
"""Two points of a figure of size 1 that are nearer are in one place."""


def facts_of(closure: Closure, rng: Random, most: int = 300) -> list[Fact]:
    """The facts of a closure; where there are very many, a sample, but all of the simple predicates."""
    found = closure_facts(closure)
    simple = [fact for name in ALWAYS for fact in found.pop(name, [])]
    others = [fact for facts in found.values() for fact in facts]
    return simple + (others if len(others) <= most else rng.sample(others, most))


def drawn(problem: Problem, seeds: Iterable[int]) -> Iterator[Figure]:
    """Figures of a problem; the seeds for which there is none are passed over."""
    for seed in seeds:
        try:
            yield draw(problem, seed, prefer_goals=False).points
        except DiagramError:
            continue


def solved(problem: Problem, seed: int, attempts: int, extra: Sequence[Fact] = (), one: Sequence[str] = ()) -> list[Figure]:
    """Figures found by Newton's method from random starts, which knows nothing of how a construction is drawn.

    `extra` facts hold besides, so that the figure is special. Points in `one` may be in one place.
    """
    given = hypotheses(problem)
    needs = [fact for clause in problem.clauses for fact in clause_requirements(clause)]
    found = figures((*given, *extra), problem.points, np.random.default_rng(seed), attempts, one)
    return [
        figure
        for figure in found
        if all(holds(fact, figure, 1e-8) for fact in given) and all(holds(fact, figure) for fact in needs)
    ]


def true_on(fact: Fact, figure: Figure) -> bool:
    return holds(fact, figure)


def keeps_apart(figure: Figure, own: Figure) -> bool:
    """Whether points that are different on a proof's own figure are different here: every proof rests on that."""
    return all(
        abs(figure[a] - figure[b]) > APART or abs(own[a] - own[b]) <= APART for a, b in combinations(sorted(own), 2)
    )


def applies(guards: Iterable[Fact], own: Figure, figure: Figure) -> bool:
    """Whether all that a proof assumes holds on a figure."""
    return keeps_apart(figure, own) and all(holds(guard, figure) for guard in guards)


def coinciding(diagram: Diagram) -> tuple[str, ...]:
    """The points of a figure that have another in their place."""
    at = diagram.points
    return tuple({p for pair in combinations(sorted(at), 2) if abs(at[pair[0]] - at[pair[1]]) <= APART for p in pair})


def joined(problem: Problem, proofs: Iterable[Proof], seed: int) -> Proof:
    """Proofs on one figure, one after the other, as one proof of a problem whose goals they prove."""
    steps: list[Deduction] = []
    for proof in proofs:
        start = len(steps)
        steps += [replace(step, premises=tuple(p + start for p in step.premises)) for step in proof.deductions]
    return Proof(problem, tuple(steps), seed)
