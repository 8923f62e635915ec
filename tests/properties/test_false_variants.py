"""A fuzzer for what is false: no proof of it is accepted, however much the figure at hand makes it look true.

Each variant is a problem and a goal that is false on some fresh figure, put before the prover on a figure on which the
goal is true: a special figure, on which more holds than the problem says. Should the kernel accept a proof, its guards
must say that they fail wherever the goal does, points that coincide included.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from tests.conftest import scale
from tests.geometry.judging import (
    EVERYTHING,
    Figure,
    accidents,
    applies,
    bent,
    drawn,
    facts_of,
    on_figure,
    true_on,
)
from tests.geometry.random_problems import random_problem
from tests.properties.solved_problems import judged

from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.library import entries
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.proofs.prover import prove
from maieutic.geometry.trusted.predicates import PREDICATES, equations, expand
from maieutic.geometry.trusted.records import Accepted, Clause, Diagram, Fact, Problem

VARIANTS = scale(20, 1000)
"""Problems from which variants are made, for each of the three kinds."""

PARTS = scale(1, 10)
SEEDS = range(3000, 3012)


@cache
def library() -> tuple[Problem, ...]:
    """The smaller problems of the library."""
    return tuple(entry.problem for entry in entries() if len(entry.problem.points) <= 10)


def random_statement(rng: Random) -> tuple[Problem, Fact] | None:
    """A problem and something that follows from it: from the library, or a random fact of a random problem."""
    if rng.random() < 0.3:
        problem = rng.choice(library())
        goal = rng.choice(problem.goals)
        return (problem, rng.choice(expand(goal))) if PREDICATES[goal.predicate].kind != "question" else None
    problem = random_problem(rng, 4 + rng.randrange(6))
    facts = facts_of(close(problem, draw(problem, 0), EVERYTHING), rng)
    return (problem, rng.choice(expand(rng.choice(facts)))) if facts else None


def mutated(goal: Fact, points: Sequence[str], rng: Random) -> Fact:
    """A goal with another point, other points in two places, another number, or another predicate."""
    names = list(goal.points)
    kind = rng.randrange(4)
    if kind == 0 and goal.values:
        values = list(goal.values)
        values[rng.randrange(len(values))] += rng.choice((1, -1, Fraction(1, 2), 30))
        return replace(goal, values=tuple(values)) if 0 not in values else goal
    if kind == 1:
        alike = [
            p.name for p in PREDICATES.values() if p.kind == "equational" and p.accepts(len(names), len(goal.values))
        ]
        return replace(goal, predicate=rng.choice(alike or [goal.predicate]))
    if kind == 2:
        i, j = rng.randrange(len(names)), rng.randrange(len(names))
        names[i], names[j] = names[j], names[i]
    else:
        names[rng.randrange(len(names))] = rng.choice(points)
    return replace(goal, points=tuple(names))


def without_a_hypothesis(problem: Problem, rng: Random) -> Problem:
    """A problem in which one clause says less: a construction is dropped, or nothing but the points is left."""
    clauses = list(problem.clauses)
    number = rng.choice([i for i, clause in enumerate(clauses) if clause.constructions])
    clause = clauses[number]
    kept = list(clause.constructions)
    kept.pop(rng.randrange(len(kept)))
    clauses[number] = Clause(clause.points, tuple(kept))
    return replace(problem, clauses=tuple(clauses), coordinates=())


def generic(problem: Problem) -> list[Figure]:
    """Fresh figures of a problem, drawn without regard for its goals."""
    return list(drawn(replace(problem, goals=(), coordinates=()), SEEDS))


def is_false(goal: Fact, figures: Sequence[Figure]) -> bool:
    """Whether a goal means something, and is false on most figures."""
    try:
        said = all(equation.terms for equation in equations(goal))
    except ValueError:  # of a segment from a point to itself
        return False
    return said and sum(not true_on(goal, figure) for figure in figures) > len(figures) / 2


def tried(problem: Problem, goal: Fact, special: Figure, figures: Sequence[Figure], count: Counter[str]) -> None:
    """Try to prove a false goal on a special figure on which it is true."""
    variant = on_figure(problem, [goal], special)
    result = prove(variant, 0, Options(time_limit=10.0))
    count["tried"] += 1
    count[result.status.value] += 1
    if isinstance(result.verdict, Accepted) and result.proof is not None:
        for figure in figures:
            outcome = judged(problem, (goal,), result.verdict.guards, figure)
            assert outcome != "wrong", (str(goal), print_problem(variant), result.proof.deductions)
            count[outcome] += 1


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutated_goal_is_proved(part: int):
    count: Counter[str] = Counter()
    for number in range(part, VARIANTS, PARTS):
        rng = Random(number)
        statement = random_statement(rng)
        if statement is None:
            continue
        problem, goal = statement
        figures = generic(problem)
        for _ in range(3):
            variant = mutated(goal, problem.points, rng)
            if variant == goal or not is_false(variant, figures):
                continue
            if not all(map(equations, expand(variant))):  # sums of products, which no table has
                continue
            count["variants"] += 1
            bare = replace(problem, goals=(), coordinates=())
            special = bent(bare, [variant], rng)
            if special is not None:
                tried(bare, variant, special, figures, count)
    print(dict(count))
    assert count["tried"] > VARIANTS / PARTS / 4


@pytest.mark.parametrize("part", range(PARTS))
def test_no_goal_is_proved_when_a_hypothesis_that_it_needs_is_dropped(part: int):
    count: Counter[str] = Counter()
    for number in range(part, VARIANTS, PARTS):
        rng = Random(number)
        statement = random_statement(rng)
        if statement is None:
            continue
        problem, goal = statement
        for _ in range(3):
            variant = without_a_hypothesis(problem, rng)
            figures = generic(variant)
            if not figures or not is_false(goal, figures):
                continue
            special = draw(problem, 0).points
            if true_on(goal, special):
                tried(variant, goal, special, figures, count)
    print(dict(count))
    assert count["tried"] > VARIANTS / PARTS / 4


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_proved_of_a_special_figure_alone(part: int):
    count: Counter[str] = Counter()
    for number in range(part, VARIANTS, PARTS):
        rng = Random(number)
        problem = random_problem(rng, 5 + number % 6)
        figures = generic(problem)
        for special in special_figures(problem, rng):
            diagram = Diagram(special)
            closure = close(problem, diagram, EVERYTHING)
            facts = facts_of(closure, rng)
            count["figures"] += 1
            for fact in facts:
                if all(true_on(fact, figure) for figure in figures):
                    continue
                count["false"] += 1
                proof = extract(closure, [fact])
                for figure in figures:
                    wrong = applies(proof.guards, special, figure) and not true_on(fact, figure)
                    assert not wrong, (str(fact), print_problem(problem), special, proof.deductions)
                if rng.random() < 0.2:
                    tried(problem, fact, special, figures, count)
    print(dict(count))
    assert count["false"] > VARIANTS / PARTS


def special_figures(problem: Problem, rng: Random) -> Iterator[Figure]:
    """Figures of a problem on which a little more is true than it says."""
    for _ in range(3):
        special = bent(problem, accidents(problem.points, rng), rng)
        if special is not None:
            yield special
