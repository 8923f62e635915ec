"""What a statement proved of one figure is worth on others of the same problem: figures, guards, joined proofs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
from tests.geometry.sweep import System, figures

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.facts import closure_facts
from maieutic.geometry.engine.state import Closure, Options
from maieutic.geometry.trusted.constructions import clause_requirements, hypotheses
from maieutic.geometry.trusted.predicates import expand, holds
from maieutic.geometry.trusted.records import Deduction, Diagram, Fact, Point, Problem, Proof

Figure = Mapping[str, Point]

EVERYTHING = Options(stop_at_goal=False)

ALWAYS = ("coll", "cyclic", "para", "perp", "cong")
"""The predicates of which all facts are looked at."""

ACCIDENTS = ("coll", "coll", "isosceles", "isosceles", "right", "right", "cong", "para", "perp", "cyclic", "overlap")
"""What may be true of a figure by accident."""

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


def solved(problem: Problem, seed: int, attempts: int, one: Sequence[str] = ()) -> list[Figure]:
    """Figures found by Newton's method from random starts, which knows nothing of how a construction is drawn.

    Points in `one` may be in one place.
    """
    found = figures(_given(problem), problem.points, np.random.default_rng(seed), attempts, one)
    return [figure for figure in found if is_figure(problem, figure) and _clear(figure)]


def bent(problem: Problem, extra: Sequence[Fact], rng: Random, attempts: int = 4) -> Figure | None:
    """A special figure of a problem, on which further facts hold: a drawn one, moved by Newton's method."""
    facts = (*_given(problem), *(simple for fact in extra for simple in expand(fact)))
    system = System(facts, problem.points)
    for figure in drawn(problem, [rng.randrange(10**6) for _ in range(attempts)]):
        start = np.array([figure[p] + complex(rng.gauss(0, 0.02), rng.gauss(0, 0.02)) for p in problem.points])
        with np.errstate(all="ignore"):
            z = system.solve(start, steps=30)
        if z is None:
            continue
        z = (z - z.mean()) / np.abs(z - z.mean()).max()
        moved = dict(zip(problem.points, z.tolist(), strict=True))
        if is_figure(problem, moved) and all(holds(fact, moved, 1e-8) for fact in extra) and _clear(moved):
            return moved
    return None


def is_figure(problem: Problem, figure: Figure) -> bool:
    """Whether all that a problem says, and all that its constructions need, is true on a figure."""
    needs = (fact for clause in problem.clauses for fact in clause_requirements(clause))
    return all(holds(fact, figure, 1e-8) for fact in _given(problem)) and all(holds(fact, figure) for fact in needs)


def _given(problem: Problem) -> tuple[Fact, ...]:
    return tuple(simple for fact in hypotheses(problem) for simple in expand(fact))


def _clear(figure: Figure) -> bool:
    """Whether any two points are in one place or well apart, and any two lines or lengths clearly alike or not."""
    vectors = np.array([figure[b] - figure[a] for a, b in combinations(figure, 2)])
    lengths = np.abs(vectors)
    if ((lengths > 1e-12) & (lengths < 1e-3)).any():
        return False
    vectors, lengths = vectors[lengths > 1e-3], lengths[lengths > 1e-3]
    angles = np.sort(np.angle(vectors) / np.pi % 0.5)
    gaps = np.concatenate((np.diff(angles), [angles[0] + 0.5 - angles[-1]], np.diff(np.sort(np.log(lengths)))))
    return not ((gaps > 1e-9) & (gaps < 2e-6)).any()


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


def on_figure(problem: Problem, goals: Sequence[Fact], figure: Figure) -> Problem:
    """A problem to be proved on a given figure: seed 0 keeps it."""
    return replace(problem, goals=tuple(goals), coordinates=tuple(figure.items()))


def accidents(points: Sequence[str], rng: Random) -> list[Fact]:
    """One or two of ACCIDENTS, on points at random."""
    found: list[Fact] = []
    for _ in range(rng.choice((1, 1, 2))):
        kind = rng.choice(ACCIDENTS)
        if kind == "overlap":
            found.append(Fact("overlap", tuple(rng.sample(points, 2))))
        elif kind in ("isosceles", "right"):
            a, b, c = rng.sample(points, 3)
            found.append(Fact("cong" if kind == "isosceles" else "perp", (a, b, a, c)))
        else:
            count = 3 if kind == "coll" else 4
            if len(points) >= count:
                found.append(Fact(kind, tuple(rng.sample(points, count))))
    return found
