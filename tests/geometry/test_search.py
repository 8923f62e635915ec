"""Auxiliary points: candidates are where they say, symmetries are seen, and a search ends in a checked proof."""

import dataclasses

import numpy as np
import pytest

from maieutic.geometry import library
from maieutic.geometry.auxiliary import KINDS, candidates, doubles
from maieutic.geometry.closure import Options, close
from maieutic.geometry.constructions import clause_facts, hypotheses
from maieutic.geometry.diagram import draw
from maieutic.geometry.kernel import check
from maieutic.geometry.predicates import expand, holds
from maieutic.geometry.problem import parse_problem
from maieutic.geometry.prover import Status, prove
from maieutic.geometry.records import Accepted
from maieutic.geometry.search import PROPOSERS, search
from maieutic.geometry.symmetry import involutions

FEET = "a b c = triangle; d = foot a b c; e = foot b c a; o = circle a b c; m = midpoint b c"


def pool_of(text: str, first: int = 0):  # type: ignore[no-untyped-def]
    problem = parse_problem(text)
    figure = draw(problem, 0)
    names = problem.points
    return problem, figure, candidates(names, np.array([figure.points[p] for p in names]), problem.goals, first)


def test_a_candidate_is_where_its_construction_says() -> None:
    _, figure, pool = pool_of(FEET)
    seen = set()
    for k in range(0, len(pool), 7):
        candidate = pool[k]
        seen.add(candidate.kind)
        at = {**figure.points, "z": candidate.at}
        for fact in clause_facts(candidate.clause("z")):
            assert all(holds(part, at, 1e-5) for part in expand(fact)), (KINDS[candidate.kind].name, str(fact))
    assert len(seen) > len(KINDS) * 2 // 3


def test_every_kind_occurs() -> None:
    _, _, pool = pool_of(FEET)
    rare = {"second meet of two circles by their centres"}  # a reflection in the line of centres, which is worth more
    assert {KINDS[kind].name for kind in pool.rows[:, 0]} == {kind.name for kind in KINDS} - rare


def test_candidates_are_new_places_each_once_best_first() -> None:
    problem, figure, pool = pool_of(FEET)
    places = np.array([figure.points[p] for p in problem.points])
    assert np.abs(pool.at[:, None] - places[None, :]).min() > 1e-6
    assert len({(round(z.real, 6), round(z.imag, 6)) for z in pool.at.tolist()}) == len(pool)
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


@pytest.mark.parametrize("proposer", PROPOSERS)
def test_a_search_ends_at_its_limits(proposer: str) -> None:
    problem = library.problem("morley")
    result = search(problem, proposer=PROPOSERS[proposer], attempts=5)
    assert result.status is Status.ATTEMPT_LIMIT
    assert result.attempts == 5
    assert search(problem, proposer=PROPOSERS[proposer], options=Options(time_limit=0.2)).status is Status.TIME_LIMIT


def test_what_needs_no_point_gets_none() -> None:
    result = search(parse_problem("a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c"))
    assert result.status is Status.PROVED
    assert result.auxiliary == ()
    assert result.attempts == 0


def test_points_of_a_closure_are_those_of_its_problem() -> None:
    problem = parse_problem(FEET)
    closure = close(problem, draw(problem, 0), dataclasses.replace(Options(), sines=False))
    assert closure.points == problem.points
