"""Honest proofs, spoilt at random: one small change each, in any part of a proof, its figure included."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Deduction, Fact, Point, Problem, Proof
from maieutic.geometry.trusted.rules import RULES

Mutation = Callable[[Proof, Random], Proof | None]
"""A change of a proof; None where there is nothing to change."""

MUTATIONS: dict[str, Mutation] = {}


def mutation(change: Mutation) -> Mutation:
    MUTATIONS[change.__name__] = change
    return change


def mutant(proof: Proof, rng: Random) -> tuple[str, Proof]:
    """A mutation that changes the proof, and what it makes of it."""
    while True:
        name = rng.choice(sorted(MUTATIONS))
        changed = MUTATIONS[name](proof, rng)
        if changed is not None and changed != proof:
            return name, changed


def step_where(proof: Proof, rng: Random, wanted: Callable[[Deduction], object]) -> int | None:
    indices = [index for index, step in enumerate(proof.deductions) if wanted(step)]
    return rng.choice(indices) if indices else None


def with_step(proof: Proof, index: int, step: Deduction) -> Proof:
    return replace(proof, deductions=(*proof.deductions[:index], step, *proof.deductions[index + 1 :]))


def on_a_step(
    wanted: Callable[[Deduction], object],
) -> Callable[[Callable[[Deduction, Proof, Random], Deduction]], Mutation]:
    """A mutation of one step, of those that are wanted."""

    def decorate(change: Callable[[Deduction, Proof, Random], Deduction]) -> Mutation:
        def mutate(proof: Proof, rng: Random) -> Proof | None:
            index = step_where(proof, rng, wanted)
            return None if index is None else with_step(proof, index, change(proof.deductions[index], proof, rng))

        mutate.__name__ = change.__name__
        return mutation(mutate)

    return decorate


def put(items: tuple, rng: Random, value: object) -> tuple:
    index = rng.randrange(len(items))
    return (*items[:index], value, *items[index + 1 :])


def drop(items: tuple, rng: Random) -> tuple:
    index = rng.randrange(len(items))
    return (*items[:index], *items[index + 1 :])


def is_rule(step: Deduction) -> bool:
    return step.rule in RULES


def is_linear(step: Deduction) -> bool:
    return step.rule == "linear"


def branch(step: Deduction) -> Deduction:
    """A linear step with the guards that its multiple asks for."""
    reads = (step.conclusion,) if step.table == "direction" and step.multiple > 1 else ()
    guards = PREDICATES[step.conclusion.predicate].guards(step.conclusion)
    return replace(step, guards=guards + reads, configuration=bool(reads))


@on_a_step(lambda s: s.weights)
def weight(step, proof, rng):
    return replace(step, weights=put(step.weights, rng, rng.choice([-3, -2, -1, 0, 1, 2, 3])))


@on_a_step(lambda s: s.weights)
def a_weight_of_one_half(step, proof, rng):
    return replace(step, weights=put(step.weights, rng, rng.choice([Fraction(1, 2), 0.5, 1.0, True])))


@on_a_step(lambda s: s.weights)
def all_weights(step, proof, rng):
    factor = rng.choice([-1, 0, 2, 3])
    return branch(replace(step, weights=tuple(factor * w for w in step.weights), multiple=rng.choice([1, 2, 3])))


@on_a_step(is_linear)
def multiple(step, proof, rng):
    changed = replace(step, multiple=rng.choice([-2, -1, 0, 1, 2, 3, 4, 10**6]))
    return rng.choice([changed, branch(changed)])


@on_a_step(is_linear)
def table(step, proof, rng):
    return replace(step, table=rng.choice(["direction", "log", "length", "square", "", "angle"]))


@on_a_step(lambda s: s.equations)
def equation(step, proof, rng):
    return replace(step, equations=put(step.equations, rng, rng.choice([-1, 0, 1, 2, 3])))


@on_a_step(lambda s: s.premises)
def premise(step, proof, rng):
    return replace(step, premises=put(step.premises, rng, rng.randrange(-1, len(proof.deductions) + 1)))


@on_a_step(lambda s: s.premises)
def a_premise_less(step, proof, rng):
    index = rng.randrange(len(step.premises))
    rest = {name: value for name in ("premises", "equations", "weights") if (value := getattr(step, name))}
    return replace(step, **{name: value[:index] + value[index + 1 :] for name, value in rest.items()})


@on_a_step(lambda s: True)
def a_premise_more(step, proof, rng):
    more = (*step.premises, rng.randrange(len(proof.deductions)))
    if is_linear(step):
        return replace(
            step, premises=more, equations=(*step.equations, 0), weights=(*step.weights, rng.choice([-1, 0, 1]))
        )
    return replace(step, premises=more)


def point(proof: Proof, rng: Random) -> str:
    return rng.choice(proof.problem.points)


def spoilt(fact: Fact, proof: Proof, rng: Random) -> Fact:
    """The fact with a point or a number changed, two points swapped, or another predicate of its shape."""
    kind = rng.choice(["point", "swap", "predicate", "value"])
    if kind == "point" or (kind == "value" and not fact.values):
        return replace(fact, points=put(fact.points, rng, point(proof, rng)))
    if kind == "swap":
        i, j = rng.randrange(len(fact.points)), rng.randrange(len(fact.points))
        points = list(fact.points)
        points[i], points[j] = points[j], points[i]
        return replace(fact, points=tuple(points))
    if kind == "value":
        old = rng.choice(fact.values)
        return replace(fact, values=put(fact.values, rng, rng.choice([old + 1, -old, 180 - old, 1 / (old or 1)])))
    like = [p.name for p in PREDICATES.values() if p.accepts(len(fact.points), len(fact.values))]
    return replace(fact, predicate=rng.choice(sorted(like)))


@on_a_step(lambda s: True)
def conclusion(step, proof, rng):
    return replace(step, conclusion=spoilt(step.conclusion, proof, rng))


@on_a_step(is_linear)
def conclusion_with_its_guards(step, proof, rng):
    changed = spoilt(step.conclusion, proof, rng)
    return branch(replace(step, conclusion=changed))


@mutation
def conclusion_wherever_it_stands(proof, rng):
    """A step's conclusion, and the goals that are the same."""
    index = step_where(proof, rng, lambda s: True)
    assert index is not None
    old = proof.deductions[index].conclusion
    new = spoilt(old, proof, rng)
    goals = tuple(new if goal == old else goal for goal in proof.problem.goals)
    changed = with_step(proof, index, replace(proof.deductions[index], conclusion=new))
    return replace(changed, problem=replace(proof.problem, goals=goals))


@on_a_step(is_rule)
def points(step, proof, rng):
    return replace(step, points=put(step.points, rng, point(proof, rng)))


@on_a_step(is_rule)
def swapped_points(step, proof, rng):
    shuffled = list(step.points)
    rng.shuffle(shuffled)
    return replace(step, points=tuple(shuffled))


@on_a_step(is_rule)
def another_instance(step, proof, rng):
    """The rule on other points, with the guards and one of the conclusions that belong to them."""
    chosen = list(step.points)
    for _ in range(rng.choice([1, 2])):
        chosen[rng.randrange(len(chosen))] = point(proof, rng)
    return instance(step, step.rule, tuple(chosen), rng)


@on_a_step(is_rule)
def another_rule(step, proof, rng):
    """Another rule on the same points, with what belongs to it."""
    like = sorted(name for name, rule in RULES.items() if len(rule.points) == len(step.points))
    return instance(step, rng.choice(like), step.points, rng)


def instance(step: Deduction, rule: str, points: tuple[str, ...], rng: Random) -> Deduction:
    it = RULES[rule].instance(points)
    concluded = step.conclusion if rng.random() < 0.5 else rng.choice(it.conclusions)
    return replace(
        step, rule=rule, points=points, conclusion=concluded, guards=it.guards + it.reads, configuration=bool(it.reads)
    )


@on_a_step(lambda s: True)
def rule(step, proof, rng):
    return replace(step, rule=rng.choice(["hypothesis", "linear", "", "magic", *sorted(RULES)]))


@on_a_step(lambda s: s.rule != "hypothesis")
def hypothesis(step, proof, rng):
    return Deduction(step.conclusion, "hypothesis")


@on_a_step(lambda s: s.guards)
def a_guard_less(step, proof, rng):
    return replace(step, guards=drop(step.guards, rng))


@on_a_step(lambda s: s.guards)
def no_guards(step, proof, rng):
    return replace(step, guards=(), configuration=False)


@on_a_step(lambda s: s.guards)
def another_guard(step, proof, rng):
    return replace(step, guards=put(step.guards, rng, spoilt(rng.choice(step.guards), proof, rng)))


@on_a_step(lambda s: True)
def configuration(step, proof, rng):
    return replace(step, configuration=not step.configuration)


@mutation
def a_step_less(proof, rng):
    """Without one step; where others cite it they go on citing its place, or one earlier place."""
    index = rng.randrange(len(proof.deductions))
    rest = proof.deductions[:index] + proof.deductions[index + 1 :]
    if rng.random() < 0.5:
        rest = tuple(replace(s, premises=tuple(p - (p > index) for p in s.premises)) for s in rest)
    return replace(proof, deductions=rest)


@mutation
def swapped_steps(proof, rng):
    steps = list(proof.deductions)
    i, j = rng.randrange(len(steps)), rng.randrange(len(steps))
    steps[i], steps[j] = steps[j], steps[i]
    return replace(proof, deductions=tuple(steps))


@mutation
def goal(proof, rng):
    changed = spoilt(rng.choice(proof.problem.goals), proof, rng)
    return replace(proof, problem=replace(proof.problem, goals=put(proof.problem.goals, rng, changed)))


@mutation
def a_clause_less(proof, rng):
    """The problem with one construction less: its points are free in that respect."""
    index = rng.choice([index for index, clause in enumerate(proof.problem.clauses) if clause.constructions])
    clause = proof.problem.clauses[index]
    fewer = replace(clause, constructions=drop(clause.constructions, rng))
    clauses = put_at(proof.problem.clauses, index, fewer)
    count = len(clauses) - len(proof.auxiliary)
    return replace(proof, problem=replace(proof.problem, clauses=clauses), auxiliary=clauses[count:])


def put_at(items: tuple, index: int, value: object) -> tuple:
    return (*items[:index], value, *items[index + 1 :])


@mutation
def auxiliary(proof, rng):
    """Some last clauses of the problem pass for auxiliary ones, or the auxiliary ones for some of the problem's."""
    clauses = proof.problem.clauses
    return replace(proof, auxiliary=clauses[rng.randrange(len(clauses) + 1) :])


@mutation
def seed(proof, rng):
    return replace(proof, seed=rng.choice([proof.seed + 1, -1, 2**64 + proof.seed, rng.randrange(10**6)]))


@mutation
def figure(proof, rng):
    """Another figure to begin with, or one with a point moved, far or by nearly nothing, or put in another's place."""
    places = dict(proof.figure or drawn(proof.problem, rng.randrange(3)))
    if places and rng.random() < 0.8:
        one, other = rng.choice(sorted(places)), rng.choice(sorted(places))
        far = rng.choice([1e-3, 1e-6, 1e-9, 1.0])
        moved = places[one] + far * complex(rng.gauss(0, 1), rng.gauss(0, 1))
        places[one] = rng.choice([moved, places[other], places[one] * complex(0.0, 1.0)])
    where = tuple(places.items())
    if rng.random() < 0.3:
        return replace(proof, problem=replace(proof.problem, coordinates=where))
    return replace(proof, figure=where)


@cache
def drawn(problem: Problem, seed: int) -> tuple[tuple[str, Point], ...]:
    try:
        return tuple(draw(problem, seed).points.items())
    except DiagramError:
        return ()
