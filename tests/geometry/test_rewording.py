"""The same question in other words: which orders mean the same, and that a problem put differently is the same one."""

from random import Random

import pytest

from maieutic.geometry.engine.diagram import draw, extend
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.text.augment import in_other_words, reworded
from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem
from maieutic.geometry.text.encoding import encode_question
from maieutic.geometry.text.symmetric_arguments import beginnings, last_first, orders, readings
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.records import Clause, Construction

QUESTION = "a b c = triangle ; d = midpoint a b ; e = foot c a b ; f = on_line a c , on_circle d a ? perp b f a c |"
ANSWERS = ["g = midpoint b a", "g = circumcenter e c a", "g = on_line d c , on_circle e d"]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("midpoint", 2),
        ("foot", 2),  # of its line
        ("mirror", 1),
        ("circumcenter", 6),
        ("on_circum", 6),
        ("excenter", 2),  # which vertex it lies opposite to counts
        ("incenter", 6),
        ("intersection_ll", 8),  # two lines, either way, in either order
        ("psquare", 1),  # the other way about it is on the other side
        ("parallelogram", 2),
        ("on_circle", 1),
        ("tangent", 1),
    ],
)
def test_the_orders_of_a_construction_are_its_symmetries(name, count):
    assert len(orders(name)) == count
    assert orders(name)[0] == tuple(range(len(CONSTRUCTIONS[name].old)))


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_orders_are_a_group(name):
    found = set(orders(name)) if CONSTRUCTIONS[name].old else set(beginnings(name))
    assert {tuple(first[place] for place in second) for first in found for second in found} == found


@pytest.mark.parametrize(
    ("name", "count"), [("triangle", 6), ("segment", 2), ("iso_triangle", 2), ("quadrangle", 24), ("triangle12", 1)]
)
def test_the_orders_of_a_beginning(name, count):
    assert len(beginnings(name)) == count


@pytest.mark.parametrize(
    ("predicate", "points", "count"),
    [("coll", 3, 6), ("cyclic", 4, 24), ("cong", 4, 8), ("perp", 4, 8), ("eqangle", 8, 128), ("eqratio", 8, 128)],
)
def test_the_readings_of_a_predicate(predicate, points, count):
    assert len(readings(predicate, points)) == count


def test_later_points_come_first():
    number = {"a": 0, "b": 1, "c": 2, "d": 3}
    foot = Clause(("x",), (Construction("foot", ("x", "a", "b", "c")),))
    meet = Clause(("x",), (Construction("on_line", ("x", "a", "d")), Construction("on_circle", ("x", "a", "d"))))
    assert str(last_first(foot, number)) == "x = foot x a c b"
    assert str(last_first(meet, number)) == "x = on_line x d a, on_circle x a d"


def test_a_reworded_problem_states_the_same():
    problem, _ = decode_problem(QUESTION[:-2])
    wanted = canonical_key(problem)
    texts = set()
    for seed in range(30):
        put = in_other_words(problem, Random(seed))
        assert canonical_key(put) == wanted
        assert set(put.points) == set(problem.points)
        texts.add(encode_question(put))
    assert len(texts) > 15


def test_answers_keep_their_points():
    """Where the answers are on the figure does not depend on the words."""
    problem, _ = decode_problem(QUESTION[:-2])
    at = draw(problem, 0)
    places = [extend(at, decode_auxiliary(answer, problem)).points["g"] for answer in ANSWERS]
    for seed in range(20):
        put = in_other_words(problem, Random(seed))
        question, answers = reworded(QUESTION, ANSWERS, Random(seed))
        assert question == encode_question(put)
        same = [extend(at, decode_auxiliary(answer, put)).points["g"] for answer in answers]
        assert same == pytest.approx(places)


def test_points_that_were_added_stay_where_they_are():
    added = QUESTION + " g = midpoint b c ;"
    question, (answer,) = reworded(added, ["h = midpoint a g"], Random(3))
    problem, auxiliary = decode_problem(question.removesuffix(" ;"))
    assert str(auxiliary[0]).startswith("g = midpoint g")
    assert answer.split()[:4] == ["h", "=", "midpoint", "g"]
    assert len(problem.points) == 6


def test_without_a_draw_the_question_stays():
    assert reworded(QUESTION, ["g = midpoint a b"], None) == (QUESTION, ["g = midpoint b a"])


def test_what_cannot_be_read_comes_back():
    assert reworded("nonsense |", ["x"], Random(0)) == ("nonsense |", ["x"])
    assert reworded(QUESTION, ["nonsense"], Random(0)) == (QUESTION, ["nonsense"])
