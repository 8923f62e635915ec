"""Soundness: what a closure says on one figure holds on others, or says on which.

For random problems, every fact of the closure is looked at on three fresh figures. One that fails on some must depend
on the configuration, or on a case that is not degenerate: then its proof says so in its guards, and the fact holds on
three figures on which they hold. The proofs are written out and put before the kernel.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

import pytest
from tests.conftest import scale
from tests.geometry.judging import EVERYTHING, Figure, applies, coinciding, drawn, facts_of, joined, solved, true_on
from tests.geometry.random_problems import random_problem
from tests.properties.solved_problems import goal_free, judged

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.proofs.extract import extract
from maieutic.geometry.proofs.trace import Trace
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Diagram, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import RULES

PROBLEMS = scale(25, 1000)
PARTS = scale(1, 20)

FRESH = 3
"""Fresh figures on which every fact is looked at, and on which a conditional one must hold."""

SEEDS = range(1000, 1040)
"""The seeds of fresh figures; the first are for all facts, the others for those whose guards hold on few."""

FIRM = 4
"""Facts of each problem that hold on all fresh figures, whose proofs are put before the kernel all the same."""


ALWAYS_LATE = {"overlap_common"}
"""Rules that tell nothing new, since what they conclude is always known before by others."""


@dataclass
class Case:
    """A random problem, its closure on one figure, and fresh figures."""

    number: int
    problem: Problem = field(init=False)
    diagram: Diagram = field(init=False)
    closure: Closure = field(init=False)
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.number)
        self.problem = random_problem(self.rng, 5 + self.number % 8)
        while not goal_free(self.problem, [self.number]):  # a few are drawn by rounding errors only
            self.problem = random_problem(self.rng, 5 + self.number % 8)
        try:
            self.diagram = draw(self.problem, self.number % 7)
        except DiagramError:  # seed 0 is known to give one
            self.diagram = draw(self.problem, 0)
        self.closure = close(self.problem, self.diagram, EVERYTHING)

    @cached_property
    def fresh(self) -> list[Figure]:
        """Three drawn figures; for every third problem also some that know nothing of how it is drawn."""
        figures = [figure for figure, _ in zip(drawn(self.problem, SEEDS), range(FRESH), strict=False)]
        if self.number % 3 == 0:
            figures += solved(self.problem, self.number, 4, one=coinciding(self.diagram))
        return figures

    @cached_property
    def many(self) -> list[Figure]:
        return [*drawn(self.problem, SEEDS), *self.fresh[FRESH:]]

    def where(self, proof: Proof) -> list[Figure]:
        """The fresh figures on which all that a proof assumes holds."""
        return [figure for figure in self.many if applies(proof.guards, self.diagram.points, figure)]

    def told(self, fact: Fact, proof: Proof | None = None) -> str:
        """What is to be known of a failure."""
        steps = "" if proof is None else "".join(f"\n  {i} {step}" for i, step in enumerate(proof.deductions))
        return f"{fact} of problem {self.number}, seed {self.diagram.seed}: {print_problem(self.problem)}{steps}"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_fact_of_a_closure_holds_on_fresh_figures_or_where_its_guards_do(part: int):
    count: Counter[str] = Counter()
    for number in range(part, PROBLEMS, PARTS):
        case = Case(number)
        facts = facts_of(case.closure, case.rng)
        doubtful = [fact for fact in facts if not all(true_on(fact, figure) for figure in case.fresh)]
        for fact in doubtful:
            proof = extract(case.closure, [fact])
            where = case.where(proof)
            assert all(true_on(fact, figure) for figure in where), case.told(fact, proof)
            count["conditional"] += 1
            count["seen"] += len(where) >= FRESH
        firm = [fact for fact in facts if fact not in set(doubtful)]
        _judged(case, [*doubtful, *case.rng.sample(firm, min(FIRM, len(firm)))], set(doubtful), count)
        count["facts"] += len(facts)
    print(dict(count))
    assert count["facts"] > 10 * PROBLEMS / PARTS
    assert count["seen"] >= 0.7 * count["conditional"], count
    # Figures put points apart before all else, so facts of a degenerate branch are not met again: 0.7 when goals led.
    assert count["accepted"] >= 0.5 * (count["accepted"] + count["elsewhere"]), count


def _followed(problem: Problem, seed: int) -> tuple[Closure | None, tuple[Fact, ...]]:
    """A problem's closure on a figure, if it can be drawn, and the goals that hold there and follow."""
    try:
        diagram = draw(problem, seed)
    except DiagramError:
        return None, ()
    closure = close(problem, diagram, EVERYTHING)
    goals = (goal for goal in problem.goals if true_on(goal, diagram.points) and closure.proves(goal))
    return closure, tuple(goals)


def _judged(case: Case, facts: Sequence[Fact], doubtful: set[Fact], count: Counter[str]) -> None:
    """Put facts before the kernel, as goals of their problem: on a figure on which they hold, with its own closure.

    The goals choose the figure, so where not all follow on it, those that do are taken by themselves, the others alone.
    """
    groups = [tuple(facts)] if facts else []
    while groups:
        group = groups.pop()
        problem = replace(case.problem, goals=group)
        for seed in range(1 if len(group) > 1 else 8):
            closure, proved = _followed(problem, seed)
            if closure is not None and proved == group:
                break
        else:
            if len(group) == 1:
                count["elsewhere"] += 1
            else:
                groups += [(fact,) for fact in group if fact not in proved]
                groups += [proved] if proved else []
            continue
        proofs = {fact: extract(closure, [fact]) for fact in group}
        verdict = check(joined(problem, proofs.values(), seed), diagrams=FRESH)
        assert isinstance(verdict, Accepted), (verdict, print_problem(problem), seed)
        for at in case.many:
            outcome = judged(problem, group, verdict.guards, at)
            assert outcome != "wrong", (verdict, at, print_problem(problem), seed)
            count[outcome] += 1
        for fact, proof in proofs.items():
            count["accepted"] += 1
            labelled = any(step.configuration for step in proof.deductions) or {*proof.guards} & {
                *verdict.configuration
            }
            count["labelled"] += fact in doubtful and bool(labelled)
            count["unlabelled"] += fact in doubtful and not labelled


def fired(closure: Closure) -> set[str]:
    """The rules by which a closure came to know something new."""
    trace = Trace(closure, closure.log.entries[: closure.size])
    rules: set[str] = set()
    for entry in (tuple(map(int, entry)) for entry in trace.entries):
        item = trace.sine_item(entry)
        if item is not None:
            rules.update(name for name, _, _ in item.steps)
        elif entry[1] >= 0:
            rules.add(trace.way(entry)[0].rule)
    return rules & RULES.keys()


def test_the_random_problems_exercise_the_rules():
    rules = [rule for number in range(scale(100, 1000)) for rule in fired(Case(number).closure)]
    unused = RULES.keys() - set(rules)
    assert unused <= ALWAYS_LATE or (PROBLEMS < 1000 and len(unused) < len(RULES) / 3), unused
