"""From a closure to a proof: traceback, minimising, exact certificates.

The equations in a closure's tables are independent, so each fact that follows is one combination of them only
(certificates.py): the traceback solves for it and recurses into the premises of every instance that it meets. That
gives a proof, not a short one. So first every point is left out that can be; then minimising (minimise.py) drops, one
by one, every instance and hypothesis without which a small fixpoint over the rest still reaches the goal. The
certificates of what remains are written out with integer weights and checked here with exact constants, as the kernel
will again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.closure import close, question_value
from maieutic.geometry.engine.fixpoint import HYPOTHESIS
from maieutic.geometry.engine.state import Closure, StopReason
from maieutic.geometry.proofs.certificates import Solver
from maieutic.geometry.proofs.minimise import minimal_entries
from maieutic.geometry.proofs.trace import Trace, homogeneous
from maieutic.geometry.trusted.predicates import PREDICATES, Equation, combine, equations, expand
from maieutic.geometry.trusted.records import Deduction, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import Rule


class Writer:
    """Writes a minimal log as deductions."""

    def __init__(self, closure: Closure, entries: NDArray[np.int32]) -> None:
        self.trace = Trace(closure, entries)
        self.solver = Solver(entries, self.trace.equation)
        self.steps: list[Deduction] = []
        self.by_key: dict[frozenset[Equation], int] = {}
        self.of_entry: dict[int, int] = {}

    def prove(self, fact: Fact, known_by: Equation) -> int:
        """The step that concludes a fact, made if there is none yet, by the combination for one of its equations."""
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        parts = self._parts(known_by)
        if len(parts) == 1 and _key(parts[0][0]) == key:
            return self.state(parts[0][0], parts[0][3])
        premises = [self.state(part, index) for part, _, _, index in parts]
        if key in self.by_key:
            return self.by_key[key]
        return self._add(self._linear(fact, known_by, parts, premises))

    def conclude(self, fact: Fact) -> None:
        """Prove a goal, in its own words: a length's equality may answer what a ratio is."""
        known_by = equations(fact)[0]
        step = self.prove(fact, known_by)
        said = self.steps[step].conclusion
        if said.predicate != fact.predicate:
            number, ratio = _same_equation(equations(said), known_by)
            weighted = [(said, number, 1 / ratio, -1)]
            self._add(self._linear(fact, known_by, weighted, [step]))

    def _parts(self, equation: Equation) -> list[tuple[Fact, int, Fraction, int]]:
        """An equation as a sum over stated facts: (fact, which of its equations, weight, entry that states it)."""
        found: dict[tuple[Fact, int], tuple[Fraction, int]] = {}
        for index, weight in self.solver.combination(equation):
            for fact, which, share in self.trace.parts(index):
                before, entry = found.get((fact, which), (Fraction(0), index))
                found[fact, which] = before + weight * share, entry
        return [(fact, which, weight, index) for (fact, which), (weight, index) in found.items() if weight]

    def _linear(
        self, fact: Fact, known_by: Equation, parts: list[tuple[Fact, int, Fraction, int]], premises: list[int]
    ) -> Deduction:
        target = next(e for e in equations(fact) if homogeneous(e) == homogeneous(known_by))
        scale = target.terms[0][1] / known_by.terms[0][1] if target.terms else Fraction(1)
        used = [equations(self.steps[step].conclusion) for step in premises]
        numbers = [
            _same_equation(e, equations(part)[which]) for e, (part, which, _, _) in zip(used, parts, strict=True)
        ]
        scaled = [weight * scale * ratio for (_, _, weight, _), (_, ratio) in zip(parts, numbers, strict=True)]
        multiple = math.lcm(*(w.denominator for w in scaled)) if scaled else 1
        weights = [int(w * multiple) for w in scaled]
        rest = combine(
            target.table,
            [(Fraction(-multiple), target)]
            + [(Fraction(w), e[number]) for w, e, (number, _) in zip(weights, used, numbers, strict=True)],
        )
        if rest.terms or rest.constants:
            raise ProofError(f"the certificate of {fact} leaves a constant")
        branch = target.table == "direction" and multiple > 1
        return Deduction(
            conclusion=fact,
            rule="linear",
            premises=tuple(premises),
            table=target.table,
            equations=tuple(number for number, _ in numbers),
            weights=tuple(weights),
            multiple=multiple,
            guards=PREDICATES[fact.predicate].guards(fact) + ((fact,) if branch else ()),
            configuration=branch,
        )

    def state(self, fact: Fact, index: int) -> int:
        """The step that states a fact of a logged equation."""
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        entry = tuple(map(int, self.trace.entries[index]))
        if entry[1] == HYPOTHESIS:
            return self._add(Deduction(fact, "hypothesis"))
        item = self.trace.sine_item(entry)
        if item:
            place = [part for part, _, _ in item.parts].index(fact)
            name, points, premises = item.steps[place]
            return self._rule(fact, self.trace.closure.options.by_name[name].instance(points), list(premises))
        premises_of = self.trace.premises(index)
        way, names = self.trace.way(entry)[:2] if entry[1] >= 0 else (None, ())
        if way is None or way.fact:  # an equivalence: the fact itself, by the equation that was known
            return self.prove(*premises_of[0])
        return self._rule(fact, self.trace.rule(way, names), premises_of)

    def _rule(self, fact: Fact, rule: Rule, premises: list[tuple[Fact, Equation]]) -> int:
        steps = tuple(dict.fromkeys(self.prove(*premise) for premise in premises))
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        return self._add(
            Deduction(
                conclusion=fact,
                rule=rule.name,
                premises=steps,
                points=rule.points,
                guards=rule.guards + rule.reads,
                configuration=bool(rule.reads),
            )
        )

    def _add(self, step: Deduction) -> int:
        self.steps.append(step)
        self.by_key.setdefault(_key(step.conclusion), len(self.steps) - 1)
        return len(self.steps) - 1


def _same_equation(alternatives: tuple[Equation, ...], wanted: Equation) -> tuple[int, Fraction]:
    """Which alternative says the same as an equation, and how many times it the equation is."""
    normal = wanted.normal()
    number = next(i for i, e in enumerate(alternatives) if e.normal() == normal)
    return number, wanted.terms[0][1] / alternatives[number].terms[0][1]


@lru_cache(maxsize=65_536)
def _key(fact: Fact) -> frozenset[Equation]:
    """What makes two facts the same statement: the same equations. (coll is more than para, cyclic than eqangle.)"""
    return frozenset(equation.normal() for equation in equations(fact))


def needed_points(closure: Closure, goals: Sequence[Fact]) -> Closure:
    """The closure of as few of the points as prove the goals: each is dropped, the last first, that can be.

    A proof on fewer points is shorter and says less that nobody asked; a closure costs about a millisecond.
    """
    options = replace(
        closure.options, stop_at_goal=True, second_tier=closure.tier > 1, sines=closure.tier > 2, time_limit=1.0
    )
    kept = {p for goal in goals for p in goal.points}
    best = closure
    for groups in (_descendants(closure.problem, kept), reversed(closure.points)):
        for group in groups:
            dropped = {group} if isinstance(group, str) else group
            points = [p for p in best.points if p not in dropped]
            if dropped & kept or len(points) == len(best.points):
                continue
            smaller = close(closure.problem, closure.diagram, options, points=points, goals=goals)
            if smaller.reason is StopReason.PROVED:
                best = smaller
    return best


def _descendants(problem: Problem, wanted: set[str]) -> list[set[str]]:
    """In one group: the points from which no wanted point was constructed."""
    needed = set(wanted)
    for clause in reversed(problem.clauses):
        if needed & set(clause.points):
            needed |= {p for construction in clause.constructions for p in construction.args}
    return [set(problem.points) - needed]


def extract(closure: Closure, goals: Iterable[Fact]) -> Proof:
    """A minimal proof of facts that the closure proves. Raises ProofError if one does not follow."""
    wanted = [
        question_value(part, closure.diagram) if PREDICATES[part.predicate].kind == "question" else part
        for goal in goals
        for part in expand(goal)
    ]
    closure = needed_points(closure, wanted)
    writer = Writer(closure, minimal_entries(closure, [equations(fact)[0] for fact in wanted]))
    for fact in wanted:
        writer.conclude(fact)
    places = tuple((name, complex(closure.diagram.points[name])) for name in closure.problem.points)
    return Proof(closure.problem, tuple(writer.steps), closure.diagram.seed, figure=places)
