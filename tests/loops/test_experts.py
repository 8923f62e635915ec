"""A product of experts: the order is that of the sum of both opinions, each looked up on its own."""

import pytest

from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.text.encoding import encode_auxiliary, encode_question, vocabulary
from maieutic.geometry.text.symmetric_arguments import last_first
from maieutic.lm.model import build
from maieutic.lm.tokens import word_tokenizer
from maieutic.loops.proposers.experts import ProductOfExperts
from maieutic.loops.proposers.model import ModelProposer

PROBLEM = parse_problem("a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d")
CLOSURE = close(PROBLEM, draw(PROBLEM), Options(sines=False))
WIDTH, SHORTLIST, MANY = 6, 20, 200


@pytest.fixture(scope="module")
def model():
    return ModelProposer(build(word_tokenizer(vocabulary()), width=16, layers=1, heads=1, context=128), WIDTH)


def names(candidates):
    return [candidate.name for candidate in candidates]


@pytest.mark.parametrize(("trust", "doubt"), [(1.0, 2.0), (0.0, 0.0), (25.0, 1.0)])
def test_the_order_is_that_of_the_sum(model, trust, doubt):
    experts = ProductOfExperts(model, SHORTLIST, trust, doubt)
    pool = heuristic(PROBLEM, CLOSURE, MANY)
    question = encode_question(PROBLEM)
    expected = {}
    for candidate in pool[:SHORTLIST]:
        clause = last_first(candidate.clause(), CLOSURE.names)  # as models are taught to write
        (likely,) = model.logprobs(question, [encode_auxiliary(PROBLEM, (clause,))])
        expected[candidate.name] = likely + trust * candidate.score
    for candidate in model(PROBLEM, CLOSURE, MANY):
        there = [c.score for c in pool if abs(c.at - candidate.at) < 1e-6]
        worth = there[0] if there else pool[SHORTLIST - 1].score - doubt
        expected.setdefault(candidate.name, candidate.score + trust * worth)
    found = experts(PROBLEM, CLOSURE, MANY)
    first = names(found)[: len(expected)]
    assert set(first) == set(expected)
    values = [expected[name] for name in first]
    assert values == pytest.approx(sorted(values, reverse=True), abs=1e-4)
    rest = [candidate.name for candidate in pool if candidate.name not in expected]
    assert names(found)[len(expected) :] == rest[: MANY - len(expected)]


def test_a_beams_score_is_the_log_probability_of_its_clause(model):
    question = encode_question(PROBLEM)
    ((text, score), *_) = model.write([(question, 5)])[0]
    assert model.logprobs(question, [text]) == pytest.approx([score], abs=1e-4)


def test_scores_keep_the_heuristics_scale(model):
    found = ProductOfExperts(model, SHORTLIST)(PROBLEM, CLOSURE, 20)
    assert [c.score for c in found] == [c.score for c in heuristic(PROBLEM, CLOSURE, 20)]


def test_near_a_point_under_exploration_the_figure_is_asked_alone(model):
    near = ProductOfExperts(model, SHORTLIST)(PROBLEM, CLOSURE, 20, first=3)
    assert near == heuristic(PROBLEM, CLOSURE, 20, 3)
    assert ProductOfExperts(model, SHORTLIST, everywhere=True)(PROBLEM, CLOSURE, 20, first=3) != near


def test_a_problem_that_the_model_cannot_read_is_left_to_the_figure():
    short = ModelProposer(build(word_tokenizer(vocabulary()), width=16, layers=1, heads=1, context=20), WIDTH)
    assert ProductOfExperts(short)(PROBLEM, CLOSURE, 20) == heuristic(PROBLEM, CLOSURE, 20)
