"""What verdicts mean, counted: random problems, half of them solved, on figures that know no goal.

Of every accepted proof: its goal holds on every figure on which what it assumes does, branches included; each condition
that it lists is needed, as the kernel says when it is taken away; and one that fails on half of the figures is said in
the first line. Of goals that contradict one another, no two are accepted under the same conditions, or both without a
condition. Where a figure seems to show that a verdict is wrong, balls decide.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random

import pytest
from tests.conftest import scale
from tests.geometry.judging import Figure, true_on
from tests.properties.double_roots import Trap, forged, trap
from tests.properties.solved_problems import (
    GROWING,
    Sample,
    chosen_goals,
    contradictions,
    fits,
    goal_free,
    judged,
    known_of_no_goal,
    sample,
    shown,
)

from maieutic.core.errors import DiagramError
from maieutic.core.limits import TimeUp, cpu_limit
from maieutic.geometry.attempt import warm_up
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.proofs.proof_json import to_json
from maieutic.geometry.proofs.prover import prove
from maieutic.geometry.trusted.degenerate import normal
from maieutic.geometry.trusted.hints.branches import branches
from maieutic.geometry.trusted.hints.order import text_order
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Accepted, Diagram, Fact, Problem, Proof, Refused

PROBLEMS = scale(24, 5000)
PARTS = scale(1, 20)
PROVED, SOLVED = 1500, 500
"""So many of 5,000 problems are proved at least, and so many of these are solved ones."""

GOALS = 2
"""Goals that are tried of each problem."""
VARIANTS = scale(1, 4)
"""Goals that contradict one that is proved, and are tried."""
FIGURES = scale(8, 20)
"""Figures that know no goal on which each accepted proof is looked at."""

LIMIT = scale(1, 4)
"""CPU seconds for a goal's figure and closure; five times as much for all that is done with a problem."""


@dataclass
class Count:
    """What was counted, what was wrong (each a text with all that is to be known), and why the kernel refused.

    `misplaced` are verdicts that call a condition harmless which fails on half of the figures: some figures by chance
    are all of one kind, so a few may be.
    """

    of: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    misplaced: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Claim:
    """An accepted proof of one goal, with the figure that it was found on."""

    goal: Fact
    proof: Proof
    verdict: Accepted
    own: Figure


def counted(numbers: Iterable[int], progress: Callable[[str], None] = print) -> Count:
    """Try the problems of these numbers; now and then a line says how far it is."""
    count = Count()
    last = time.monotonic()
    for number in numbers:
        count.of["tried"] += 1
        try:
            with cpu_limit(5 * LIMIT):
                _tried(sample(number), count)
        except TimeUp:
            count.of["too long"] += 1
            print(f"problem {number} takes too long")
        if time.monotonic() - last > 60:
            last = time.monotonic()
            progress(told(count))
    return count


def told(count: Count) -> str:
    refused = dict(count.refused.most_common(6))
    return f"{dict(count.of)}; {len(count.wrong)} wrong; {len(count.misplaced)} misplaced; refused: {refused}"


def _tried(of: Sample, count: Count) -> None:
    problem, rng = of.problem, Random(of.number)
    count.of["tried, solved"] += of.solved
    figures = goal_free(problem, range(GROWING, GROWING + scale(2, 3)), 8)
    try:
        diagram = draw(problem, of.number % 7, time_limit=LIMIT)
    except DiagramError:
        count.of["not drawn"] += 1
        return
    if not fits(problem, diagram.points):
        count.of["drawn wrongly"] += 1
        diagram = Diagram(rng.choice(figures))
    own = diagram.points
    claims: list[Claim] = []
    for goal in chosen_goals(problem, diagram, figures, rng, GOALS):
        found = _claim(*((problem, goal, of.number % 7) if rng.random() < 0.5 else (_at(problem, own), goal, 0)), count)
        if found is not None:
            claims.append(found)
            break
    if not claims:
        return
    count.of["proved"] += 1
    count.of["proved, solved"] += of.solved
    count.of["with a condition"] += bool(claims[0].verdict.configuration)
    for goal in contradictions(claims[0].goal, problem, figures, rng, VARIANTS):
        count.of["contradictory goals"] += 1
        there = next((at for at in figures if true_on(goal, at)), None)
        found = _claim(problem if there is None or rng.random() < 0.3 else _at(problem, there), goal, 0, count)
        claims += [found] if found else []
    count.of["contradictory goals, accepted"] += len(claims) - 1
    figures = known_of_no_goal(problem, FIGURES) + [claim.own for claim in claims]
    for claim in claims:
        _judge(claim, figures, of, count)
    for one, other in combinations(claims, 2):
        _compare(one, other, figures, of, count)


def _at(problem: Problem, at: Figure) -> Problem:
    """The problem with a figure given, which seed 0 keeps: no other need be found on which a goal is true."""
    return replace(problem, coordinates=tuple(at.items()))


def _claim(problem: Problem, goal: Fact, seed: int, count: Count) -> Claim | None:
    result = prove(replace(problem, goals=(goal,)), seed, Options(time_limit=LIMIT))
    count.of[f"({result.status.value})"] += 1
    if isinstance(result.verdict, Accepted) and result.proof is not None and result.diagram is not None:
        return Claim(goal, result.proof, result.verdict, result.diagram.points)
    if result.proof is not None:
        reason = result.verdict.reason if result.verdict is not None else result.message
        count.refused[_kind(reason)] += 1
        if "malformed" in reason:
            count.wrong.append(f"malformed: {reason}\n{print_problem(result.problem)}")
    return None


def _kind(reason: str) -> str:
    return reason if len(reason) < 40 else " ".join(reason.split()[:6])


def _judge(claim: Claim, figures: Sequence[Figure], of: Sample, count: Count) -> None:
    """Whether a claim is true wherever it applies, and needs each of its conditions."""
    verdict = claim.verdict
    for at in figures:
        outcome = judged(claim.proof.problem, (claim.goal,), verdict.guards, at)
        count.of[f"figures: {outcome}"] += 1
        if outcome == "wrong":
            count.wrong.append(_about("false on a figure", claim, of, at))
            break
        if outcome == "borderline":
            print(f"problem {of.number}: {claim.goal} is on the border")
    often = [g for g in verdict.assumed if sum(not shown(g, at) for at in figures) * 2 >= len(figures)]
    if often:
        count.misplaced.append(_about(f"in no first line: {'; '.join(map(str, often))}", claim, of))
    count.of["accepted"] += 1
    if not isinstance(check(claim.proof, diagrams=0, under=verdict.guards), Accepted):
        count.wrong.append(_about("refused under its own conditions", claim, of))
    for guard in verdict.guards:
        count.of["conditions"] += 1
        rest = [other for other in verdict.guards if other != guard]
        if isinstance(check(claim.proof, diagrams=0, under=rest), Accepted):
            count.wrong.append(_about(f"does not need {guard}", claim, of))


def _compare(one: Claim, other: Claim, figures: Sequence[Figure], of: Sample, count: Count) -> None:
    """Whether two goals that contradict one another are accepted under the same conditions."""
    if any(true_on(one.goal, at) and true_on(other.goal, at) for at in figures):
        count.of["pairs, not contradictory"] += 1
        return
    count.of["pairs"] += 1
    if set(map(normal, one.verdict.guards)) == set(map(normal, other.verdict.guards)):
        count.wrong.append(_about(f"contradicts {other.goal} under the same conditions", one, of))
    if not (one.verdict.configuration or other.verdict.configuration):
        count.wrong.append(_about(f"contradicts {other.goal}, and both are proved without a condition", one, of))
    for first, second in ((one, other), (other, one)):
        if isinstance(check(first.proof, diagrams=0, under=second.verdict.guards), Accepted):
            count.wrong.append(_about(f"follows from the conditions of {second.goal}, which it contradicts", first, of))


def _about(what: str, claim: Claim, of: Sample, at: Figure | None = None) -> str:
    """All that is to be known of a failure."""
    guards = "; ".join(map(str, claim.verdict.guards))
    figure = "" if at is None else f"\nfigure: {dict(at)}"
    steps = "".join(f"\n  {i} {step.conclusion} {step.rule}" for i, step in enumerate(claim.proof.deductions))
    return (
        f"problem {of.number}: {what}\n{print_problem(claim.proof.problem)}\nassumed: {guards}{figure}{steps}"
        f"\n{to_json(claim.proof)}"
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_verdicts_of_random_problems(part: int, capfd: pytest.CaptureFixture[str]):
    def progress(line: str) -> None:
        with capfd.disabled():
            print(f"\n[{part + 1}/{PARTS}] {line}", file=sys.stderr, flush=True)

    warm_up()
    numbers = range(part * PROBLEMS // PARTS, (part + 1) * PROBLEMS // PARTS)  # every other one has solved clauses
    count = counted(numbers, progress)
    progress(told(count))
    assert not count.wrong, "\n\n".join(count.wrong[:5])
    assert count.of["tried"] == len(numbers)
    assert count.of["proved"] >= PROVED * count.of["tried"] / 5000
    assert count.of["proved, solved"] >= SOLVED * count.of["tried"] / 5000
    assert len(count.misplaced) <= 1 + count.of["accepted"] / 200, "\n\n".join(count.misplaced[:5])
    assert count.of["figures: borderline"] <= count.of["figures: holds"] / 1000


# --- what no exact figure shows --------------------------------------------------------------------------------------

TRAPS = scale(6, 500)


@pytest.mark.parametrize("part", range(scale(1, 4)))
def test_no_double_root_and_no_near_contradiction_proves_anything(part: int, capfd: pytest.CaptureFixture[str]):
    """Every proof of such a problem is refused; but a goal may be proved that is true of the double point itself.

    Or of figures in which what was free took a special place, so that nothing is double.
    """
    warm_up()
    count, kinds, wrong = Counter[str](), Counter[str](), list[str]()
    parts = scale(1, 4)
    for number in range(part, TRAPS, parts):
        of = trap(number)
        try:
            with cpu_limit(30):
                result = prove(of.problem, number % 5, Options(time_limit=0.5))
        except TimeUp:
            count["too long"] += 1
            continue
        count[result.status.value] += 1
        count["a proof refused"] += isinstance(result.verdict, Refused)
        if isinstance(result.verdict, Accepted) and result.diagram is not None:
            kinds[of.kind] += 1
            at = result.diagram.points
            if not (true_of_the_double_point(of, at) or true_elsewhere(of, result.verdict, at)):
                wrong.append(f"{of.kind} {number}: {print_problem(of.problem)}: {result.verdict}")
    with capfd.disabled():
        print(f"\ndouble roots and near contradictions: {dict(count)}; proved: {dict(kinds)}", file=sys.stderr)
    assert not wrong, "\n".join(wrong)
    assert count["too long"] <= TRAPS / parts / 50


def true_of_the_double_point(of: Trap, at: Figure) -> bool:
    """Whether goals hold on a figure in which two points that are nearly one are made one; and it is a figure."""
    places = dict(at)
    for one, other in of.same:
        if abs(places[one] - places[other]) > 1e-4:
            return False
        places[one] = places[other]
    return bool(of.same) and fits(of.problem, places) and all(holds(goal, places, 1e-9) for goal in of.problem.goals)


def true_elsewhere(of: Trap, verdict: Accepted, at: Figure) -> bool:
    """Whether goals hold on a figure on which nothing is double, since what was free took a special place.

    At a double point then they hold too, or what is assumed does not hold there, and the first line says so.
    """
    if not of.same or any(abs(at[one] - at[other]) < 1e-2 for one, other in of.same):
        return False
    order = text_order(of.problem)
    usual = [place for seed in range(8) for place in branches(of.problem, order, seed).figures]
    said = [all(shown(fact, place) for fact in verdict.configuration) for place in usual]
    here = [all(shown(fact, place) for fact in verdict.guards) for place in usual]
    return (
        bool(usual)
        and all(holds(goal, at, 1e-9) for goal in of.problem.goals)
        and said == here
        and all(
            true_on(goal, place) for place, told in zip(usual, said, strict=True) if told for goal in of.problem.goals
        )
    )


def test_proofs_by_hand_that_take_a_double_point_for_two_are_refused():
    for number in range(scale(4, 200)):
        proof = forged(number)
        verdict = check(proof)
        assert isinstance(verdict, Refused), (number, print_problem(proof.problem), verdict)
