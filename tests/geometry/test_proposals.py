"""What a model wrote, read as candidates of a figure: each unusable line costs itself and nothing else."""

from itertools import product
from math import log

import numpy as np
import pytest

from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.text.proposals import read_proposals
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Problem


@pytest.fixture(scope="module")
def closure():
    """Names that are not the text's, to see that they are given back: a, b, c, d are p, q, r, m."""
    problem = parse_problem("p q r = triangle; m = midpoint p q ? perp m r p q")
    return close(problem, draw(problem), Options())


def read(closure, *texts, first=0):
    return read_proposals([(text, -float(place)) for place, text in enumerate(texts)], closure, first)


@pytest.mark.parametrize(
    ("text", "pattern", "points"),
    [
        ("e = midpoint a c", "midpoint x a b", ("p", "r")),
        ("e = foot d a c", "foot x a b c", ("m", "p", "r")),
        ("e = parallelogram a b c", "parallelogram a b c x", ("p", "q", "r")),
        ("e = on_line a c , on_circum b c d", "on_line x a b, on_circum x c b d", ("p", "r", "q", "m")),
        ("| e = midpoint a c ! what follows is not read", "midpoint x a b", ("p", "r")),
        ("x = midpoint a c", "midpoint x a b", ("p", "r")),  # any new name will do
    ],
)
def test_a_clause_becomes_a_candidate_at_its_place(closure, text, pattern, points):
    ((candidate,), dropped) = read(closure, text).candidates, read(closure, text).dropped
    assert not dropped
    assert (candidate.pattern, candidate.points, candidate.score) == (pattern, points, 0.0)
    longer = Problem("", (*closure.problem.clauses, candidate.clause()), closure.problem.goals)
    at = {**closure.diagram.points, candidate.name: candidate.at}
    assert all(holds(fact, at) for fact in hypotheses(longer))


UNUSABLE = {
    "": "malformed",
    "the midpoint of a and c": "malformed",
    "e = midpoint a": "malformed",
    "e = midpoint a a": "malformed",
    "e = midpoint a f": "malformed",  # no such point
    "a = midpoint b c": "malformed",  # no new point
    "e = circumference a b c": "malformed",
    "e = midpoint a b ; f = midpoint a c": "malformed",  # two clauses
    "e f = square a b": "malformed",  # two points
    "e = midpoint a c , foot a b c": "malformed",  # what the kernel would not take
    "e = on_line a b , on_line a c , on_line b c": "malformed",
    "e = s_angle a b 30": "not a candidate",
    "e = on_line a b , on_line a d": "impossible",  # one line
    "e = on_line a c , on_pline b a c": "impossible",  # parallels
    "e = midpoint a b": "there already",
    "e = mirror a d": "there already",
    "e = free": "malformed",
    "e = midpoint " * 30_000: "malformed",  # endless
}


@pytest.mark.parametrize("text", UNUSABLE, ids=lambda text: text[:40])
def test_what_cannot_be_used_is_dropped_alone(closure, text):
    found = read(closure, "e = midpoint a c", text, "e = midpoint b c")
    assert [candidate.points for candidate in found.candidates] == [("p", "r"), ("q", "r")]
    assert sum(found.dropped.values()) == 1


def test_dropped_lines_are_counted_by_reason(closure):
    found = read(closure, *UNUSABLE)
    assert found.candidates == []
    assert found.dropped["impossible"] == 2
    assert found.dropped["there already"] == 2
    assert sum(found.dropped.values()) == len(UNUSABLE)


def test_a_place_is_proposed_once_by_its_likeliest_name_and_is_as_likely_as_all_of_them(closure):
    logprobs = {
        "e = mirror a c": 0.35,
        "e = midpoint a c": 0.3,
        "e = midpoint c a": 0.2,
        "e = on_bline a c , on_line a c": 0.1,
    }
    found = read_proposals([(text, log(p)) for text, p in logprobs.items()], closure)
    assert [candidate.pattern for candidate in found.candidates] == ["midpoint x a b", "mirror x a b"]
    assert [candidate.score for candidate in found.candidates] == pytest.approx([log(0.6), log(0.35)])
    assert found.dropped == {"in other words": 2}


def test_only_candidates_that_use_a_late_point_are_kept(closure):
    texts = [f"e = midpoint {one} {other}" for one, other in product("abcd", repeat=2) if one < other]
    found = read(closure, *texts, first=3)  # from m on
    assert [candidate.points for candidate in found.candidates] == [("p", "m"), ("q", "m"), ("r", "m")]


def test_no_two_candidates_are_at_one_place(closure):
    lines = [f"e = on_line {a} {b} , on_circum {c} {d} {e}" for a, b, c, d, e in product("abcd", repeat=5)]
    places = np.array([candidate.at for candidate in read(closure, *lines).candidates])
    places = np.concatenate((places, list(closure.diagram.points.values())))
    apart = np.abs(places[:, None] - places[None, :])
    np.fill_diagonal(apart, 1)
    assert len(places) > 6
    assert apart.min() > 1e-6
