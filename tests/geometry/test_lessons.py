"""Lessons: what a point says of the old ones holds without it, adds up, and is traced back to few points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.core.errors import ProofError
from maieutic.geometry.attempt import warm_up_search
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.extension import knows
from maieutic.geometry.engine.state import Options, StopReason
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.search.minimal_points import Knowledge, needed_points, prove_with, smallest
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import Block, Known, Outcome, closure_of, extended, run_block
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import expand, holds
from maieutic.geometry.trusted.records import Accepted, Problem

FAST = Options(sines=False)
SPLIT = "a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    warm_up_search()  # on a first run it is compiled, which would use up the time limits here


def tried(problem: Problem, most: int) -> tuple[Known, Outcome]:
    """The best candidates of a problem, tried one by one."""
    known = Known(problem, draw(problem, 0), FAST)
    pool = heuristic(problem, closure_of(known), most)
    return known, run_block(Block(known, tuple((candidate,) for candidate in pool)))


@pytest.mark.parametrize("name", ["imo_2008_p6", "imo_2019_p2", "morley"])
def test_lessons_hold_without_the_points_that_taught_them(name: str) -> None:
    known, outcome = tried(library.problem(name), 120)
    assert outcome.trials <= 120
    base = closure_of(known)
    knowledge = Knowledge(known)
    for teaching in outcome.teachings:
        assert not knows(base, teaching.lessons)
        assert knows(extended(base, teaching.points), teaching.lessons)
        assert knows(extended(base, (), teaching.lessons), teaching.lessons)
    assert 0 <= knowledge.learn(outcome.teachings) <= len(outcome.teachings)
    assert knows(knowledge.closure, [lesson for teaching in outcome.teachings for lesson in teaching.lessons])
    assert knowledge.learn(outcome.teachings) == 0
    for fact in knowledge.news():
        assert not base.proves(fact)
        assert all(holds(part, known.diagram.points, 1e-6) for part in expand(fact))


def test_a_goal_that_lessons_prove_is_proved_with_the_points_of_their_teachers() -> None:
    problem = library.problem("imo_2008_p6")
    known, outcome = tried(problem, 1000)
    knowledge = Knowledge(known)
    knowledge.learn(outcome.teachings)
    assert not outcome.proofs  # no single point does it
    assert knowledge.closure.reason is StopReason.PROVED
    few = needed_points(closure_of(known), (), knowledge.teachers)
    assert len(few) >= 2
    for left_out in few:
        rest = tuple(point for point in few if point is not left_out)
        assert extended(closure_of(known), rest).reason is not StopReason.PROVED
    result = prove_with(problem, few, 0, Options())
    assert result is not None
    assert result.proof is not None
    assert isinstance(check(result.proof), Accepted)


def test_a_start_is_explored_with_points_near_it() -> None:
    problem = parse_problem(SPLIT)
    known = Known(problem, draw(problem, 0), FAST)
    start = (heuristic(problem, closure_of(known), 40)[-1],)
    outcome = run_block(Block(known, (), start, near=10, propose=heuristic))
    assert outcome.trials >= 11
    assert all(teaching.points[0] == start[0] for teaching in outcome.teachings)
    assert all(points[0] == start[0] for _, points in outcome.proofs)


def test_the_same_point_met_twice_is_one() -> None:
    problem = parse_problem("a b c = triangle")
    known = Known(problem, draw(problem, 0), FAST)
    first, second = heuristic(problem, closure_of(known), 2)
    assert first.name != second.name
    assert len(extended(closure_of(known), (first, second, first)).names) == 5


@given(st.sets(st.integers(0, 30), max_size=6), st.integers(0, 30))
def test_the_smallest_part_that_works_is_found(wanted: set[int], more: int) -> None:
    items = sorted(wanted | set(range(more)))
    assert smallest(items, lambda some: wanted <= set(some)) == sorted(wanted)


def test_what_does_not_work_at_all_has_no_part_that_works() -> None:
    with pytest.raises(ProofError):
        smallest([1, 2], lambda some: False)
