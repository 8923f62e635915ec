"""Auxiliary points: candidates are where they say, symmetries are seen, and a search ends in a checked proof."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from maieutic.geometry.attempt import warm_up_search
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Closure, Options
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.search.candidate_kinds import KINDS, Candidate
from maieutic.geometry.search.candidates import candidates, doubles
from maieutic.geometry.search.run import PROPOSERS, Progress, search
from maieutic.geometry.search.symmetry import involutions
from maieutic.geometry.trusted.constructions import clause_facts, hypotheses
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import expand, holds
from maieutic.geometry.trusted.records import Accepted, Problem

FEET = "a b c = triangle; d = foot a b c; e = foot b c a; o = circle a b c; m = midpoint b c"


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    warm_up_search()  # on a first run it is compiled, which would use up the time limits here


def pool_of(text: str, first: int = 0, ways: int = 1):  # type: ignore[no-untyped-def]
    problem = parse_problem(text)
    figure = draw(problem, 0)
    z = np.array([figure.points[p] for p in problem.points])
    return problem, figure, candidates(problem.points, z, problem.goals, first, ways=ways)


def test_a_candidate_is_where_its_construction_says() -> None:
    _, figure, pool = pool_of(FEET)
    seen = set()
    for k in range(0, len(pool), 7):
        candidate = pool[k]
        seen.add(candidate.pattern)
        at = {**figure.points, "z": candidate.at}
        for fact in clause_facts(candidate.clause("z")):
            assert all(holds(part, at, 1e-5) for part in expand(fact)), (candidate.pattern, str(fact))
    assert len(seen) > len(KINDS) * 2 // 3


def test_every_kind_occurs() -> None:
    _, _, pool = pool_of(FEET, ways=3)
    assert {KINDS[kind].name for kind in pool.rows[:, 0]} == {kind.name for kind in KINDS}


@pytest.mark.parametrize("ways", [1, 3])
def test_candidates_are_new_places_each_in_few_ways_best_first(ways: int) -> None:
    problem, figure, pool = pool_of(FEET, ways=ways)
    places = np.array([figure.points[p] for p in problem.points])
    assert np.abs(pool.at[:, None] - places[None, :]).min() > 1e-6
    found = Counter((round(z.real, 6), round(z.imag, 6)) for z in pool.at.tolist())
    assert max(found.values()) == ways
    assert (np.diff(pool.score) <= 0).all()


def test_from_a_first_point_on_all_candidates_touch_a_new_one() -> None:
    problem, _, pool = pool_of(FEET, first=5)
    last = problem.points[5:]
    assert len(pool)
    assert all(set(pool[k].points) & set(last) for k in range(0, len(pool), 11))


def test_a_second_definition_lands_on_an_old_point() -> None:
    problem = parse_problem(
        "a b c = triangle; h = orthocenter a b c; o = circle a b c; m = midpoint b c; d = mirror h m"
    )
    figure = draw(problem, 0)
    z = np.array([figure.points[p] for p in problem.points])
    pool = doubles(problem.points, z, ())
    assert len(pool)
    found = {(str(pool[k].clause("z")), problem.points[int(np.abs(z - pool[k].at).argmin())]) for k in range(len(pool))}
    assert ("z = mirror z a o", "d") in found


def test_symmetries_of_a_statement() -> None:
    problem = parse_problem("a b c = triangle; m = midpoint b c; e = foot b c a; f = foot c a b; g = free g")
    (exchange,) = [s for s in involutions(problem.points, hypotheses(problem)) if s["m"] == "m"]
    assert {p: q for p, q in exchange.items() if p != q} == {"b": "c", "c": "b", "e": "f", "f": "e"}
    scalene = parse_problem("a b c = triangle; m = midpoint b c; e = foot b m a")
    assert involutions(scalene.points, hypotheses(scalene)) == []


@pytest.mark.parametrize("name", ["imo_2000_p6", "imo_2012_p5", "british_flag"])
def test_a_search_ends_in_a_checked_proof(name: str) -> None:
    problem = library.problem(name)
    assert prove(problem).status is Status.SATURATED
    result = search(problem, options=Options(time_limit=60.0), attempts=1500)
    assert result.status is Status.PROVED
    assert result.auxiliary
    assert result.proof is not None
    assert isinstance(check(result.proof), Accepted)
    assert result.proof.problem.clauses[-len(result.auxiliary) :] == result.auxiliary
    assert result.proof.problem.goals == problem.goals


def test_the_same_seed_and_attempts_give_the_same_search() -> None:
    problem = library.problem("imo_2012_p5")
    first, second = (search(problem, 1, attempts=50) for _ in range(2))
    assert (first.status, first.attempts, first.auxiliary) == (second.status, second.attempts, second.auxiliary)


def test_processes_change_nothing() -> None:
    problem = library.problem("imo_2012_p5")
    propose = PROPOSERS["random"](2)
    one, two = (search(problem, 2, propose=propose, attempts=120, jobs=jobs) for jobs in (1, 2))
    assert (one.status, one.attempts, one.auxiliary) == (two.status, two.attempts, two.auxiliary)
    assert two.search_s > 0


def test_a_search_that_is_told_to_stop_says_what_it_has_shown() -> None:
    problem = library.problem("morley")
    seen: list[Progress] = []
    result = search(problem, on_progress=seen.append, stopped=lambda: len(seen) >= 3)
    assert result.status is Status.INTERRUPTED
    assert result.attempts == seen[-1].attempts > seen[0].attempts > 0
    assert [p.cpu_s for p in seen] == sorted(p.cpu_s for p in seen)
    assert "interrupted" in result.message


def test_a_proposer_may_bring_constructions_of_its_own() -> None:
    """As a model would: any text of the problem language, and where its point is."""
    problem = library.problem("british_flag")

    def propose(problem: Problem, closure: Closure, n: int, first: int = 0) -> list[Candidate]:
        a, c = closure.diagram.points["a"], closure.diagram.points["c"]
        return [Candidate("midpoint x a b", ("a", "c"), (a + c) / 2, 1.0)][:n]

    result = search(problem, propose=propose, attempts=40)
    assert result.status is Status.PROVED
    assert [str(clause) for clause in result.auxiliary] == ["x1 = midpoint x1 a c"]


@pytest.mark.parametrize("proposer", PROPOSERS)
def test_a_search_ends_at_its_limits(proposer: str) -> None:
    problem = library.problem("morley")
    result = search(problem, propose=PROPOSERS[proposer](0), attempts=5)
    assert result.status is Status.ATTEMPT_LIMIT
    assert result.attempts == 5
    assert search(problem, propose=PROPOSERS[proposer](0), options=Options(time_limit=0.2)).status is Status.TIME_LIMIT


def test_what_needs_no_point_gets_none() -> None:
    result = search(parse_problem("a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c"))
    assert result.status is Status.PROVED
    assert result.auxiliary == ()
    assert result.attempts == 0


def test_points_of_a_closure_are_those_of_its_problem() -> None:
    problem = parse_problem(FEET)
    closure = close(problem, draw(problem, 0), dataclasses.replace(Options(), sines=False))
    assert closure.points == problem.points
