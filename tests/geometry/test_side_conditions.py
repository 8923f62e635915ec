"""Side conditions as statements: figures keep them, proofs use them, and what they mean on a figure."""

import pytest

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.constructions import placing
from maieutic.geometry.trusted.predicates import expand, holds
from maieutic.geometry.trusted.records import Accepted, Fact
from maieutic.geometry.trusted.stated import conventions, is_made

AT = {"a": 0j, "b": 4 + 0j, "c": 1 + 3j, "d": 5 + 3j, "p": 1.5 + 1j, "q": 6 + 1j, "m": 2 + 0j}


@pytest.mark.parametrize(
    ("fact", "true"),
    [
        ("inside p a b c", True),
        ("inside q a b c", False),
        ("inside p a b d c", True),
        ("inside m a b c", False),  # on a side
        ("acute a b c", True),
        ("acute a b p", False),
        ("acute a m b", False),  # on a line
        ("obtuse_angle a p b", True),
        ("obtuse_angle a m b", True),  # straight
        ("obtuse_angle a c b", False),
        ("convex a b d c", True),
        ("convex a b c d", False),  # it crosses itself
        ("convex a b c p", False),  # it has a dent
        ("convex b a c d", True),  # the other way round
        ("sameside p c a b", True),
        ("oppside p d b c", True),
        ("oppside p a b c", False),
        ("oppside p m a b", False),  # on the line
        ("between m a b", True),
    ],
)
def test_what_a_side_condition_means(fact, true):
    name, *points = fact.split()
    assert holds(Fact(name, tuple(points)), AT) is true


def test_convex_and_inside_are_said_by_sides():
    assert set(map(str, expand(Fact("inside", ("p", "a", "b", "c"))))) == {
        "sameside p c a b", "sameside p a b c", "sameside p b c a",
    }  # fmt: skip
    assert set(map(str, expand(Fact("convex", ("a", "b", "c", "d"))))) == {
        "sameside d c a b", "sameside a d b c", "sameside b a c d", "sameside c b d a",
    }  # fmt: skip


STATEMENTS = [
    "p q = segment; e = between e p q ? coll e p q",
    "a b c = triangle, acute a b c; p = inside p a b c; d = on_line a p, on_line b c, between d b c ? coll a p d",
    "a b c d = quadrangle, convex a b c d; e = on_line a c, on_line b d ? coll a e c",
    "a b c = triangle; d = on_circum a b c, oppside a d b c; e = on_circum a b c, sameside a e b c ? cyclic a b c d e",
    "a b c = triangle, obtuse_angle b a c; o = circumcenter a b c, oppside a o b c ? cong o a o b",
    "c a b = between c a b ? coll a b c",
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_figures_keep_what_is_stated_and_the_kernel_agrees(text):
    problem = parse_problem(text)
    sides = [
        part
        for clause in problem.clauses
        for use in clause.constructions
        if use not in placing(clause)
        for part in expand(Fact(use.name, use.args, use.values))
    ]
    assert sides
    for seed in range(5):
        at = draw(problem, seed).points
        assert all(holds(side, at) for side in sides)
    result = prove(problem)
    assert result.status is Status.PROVED
    assert parse_problem(print_problem(problem)) == problem


def test_what_is_stated_is_no_condition_of_a_proof():
    text = "a b c = triangle; p = rconst p b p c 2, on_line p b c{} ? rconst p b b c 2/3"
    bare = prove(parse_problem(text.format(""))).verdict
    kept = prove(parse_problem(text.format(", between p b c"))).verdict
    assert isinstance(bare, Accepted)
    assert isinstance(kept, Accepted)
    assert list(map(str, bare.configuration)) == ["between p c b"] or len(bare.configuration) == 1
    assert kept.configuration == ()


def test_a_clause_with_a_side_condition_is_still_made():
    problem = parse_problem("o a b = triangle; x = on_circle o a, on_line a b, between a x b ? cong o x o a")
    assert is_made(problem.clauses[1])
    assert conventions(problem) == (Fact("diff", ("x", "a")),)


def test_that_it_is_on_the_line_is_said_once():
    text = "a b c = triangle a b c; m = midpoint m a b; e = free e, between m a b; f = on_line f b c, between f b c"
    assert print_problem(parse_problem(text)) == text


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("imo_2005_p5", ["convex a b c d", "between e b c", "between f d a"]),
        ("imo_2019_p2", ["between a1 b c", "between b1 c a", "between p a a1", "between q b b1", "between b1 p p1"]),
    ],
)
def test_shipped_problems_are_drawn_as_the_contest_has_them(name, sides):
    problem = library.problem(name)
    facts = [Fact(words[0], tuple(words[1:])) for words in map(str.split, sides)]
    for seed in range(10):
        at = draw(problem, seed).points
        assert all(holds(fact, at) for fact in facts)
