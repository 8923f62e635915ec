"""A chat model as a proposer: it is told the language, and whatever it answers, the search goes on."""

import pickle

import pytest
from tests.core.fake_server import chat, serving

from maieutic.core.endpoint import Endpoint
from maieutic.core.errors import MaieuticError
from maieutic.core.generate import Generated, Reply
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status
from maieutic.geometry.search.run import heuristic, search
from maieutic.geometry.search.trials import extended
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.loops.proposers.endpoint import EndpointProposer, question

EASY = "a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"


@pytest.fixture(scope="module")
def problem():
    return parse_problem(EASY, "easy")


@pytest.fixture(scope="module")
def closure(problem):
    return close(problem, draw(problem), Options(sines=False))


class Answering:
    """A generator that gives these answers to every question, and remembers the questions."""

    name = "answering"

    def __init__(self, *answers, error=None):
        self.answers, self.error, self.asked = answers, error, []

    def generate(self, requests, sampling):
        for index, request in enumerate(requests):
            self.asked.append(request)
            yield Reply(index, tuple(Generated(text, "stop", 1, k) for k, text in enumerate(self.answers)), self.error)


# --- the question ----------------------------------------------------------------------------------------------------


def test_the_question_tells_the_problem_and_the_language(problem, closure):
    text = question(problem, closure)
    assert "a b c = triangle ; d = parallelogram a b c ; e = eqangle2 d a b ? eqangle d a a e e c c d\n" in text
    assert "The points so far are a b c d e." in text
    assert "  midpoint a b: the midpoint of ab\n" in text
    assert "* on_circum a b c: x on the circle through a, b, c\n" in text
    assert "\nf = midpoint a b\n" in text
    assert "points added already" not in text


def test_constructions_of_several_points_or_with_numbers_are_not_offered(problem, closure):
    offered = {line[2:].split()[0] for line in question(problem, closure).splitlines() if line[:2] in ("* ", "  ")}
    assert {"foot", "on_line", "incenter", "intersection_ll"} <= offered
    assert offered <= {row.name for row in CONSTRUCTIONS.values() if len(row.new) == 1 and row.old and not row.numbers}


def test_on_a_longer_figure_it_tells_the_points_added(problem, closure):
    start, *_ = heuristic(problem, closure, 1)
    text = question(problem, extended(closure, (start,)))
    assert ' and after "|" the points added already' in text
    assert " | f = " in text
    assert "\ng = midpoint a b\n" in text


def test_the_example_in_the_question_can_be_read(problem, closure):
    """Whoever copies it has proposed points."""
    *_, one, other = question(problem, closure).splitlines()
    found = EndpointProposer(Answering(f"{one}\n{other}"))(problem, closure, 10)
    assert len(found) == 1  # the other lies on a corner, as it happens: b
    assert found[0].pattern == "midpoint x a b"


# --- the answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "f = on_line a c , on_pline b d e",
        "f=on_line a c, on_pline b d e",
        "- f = on_line a c, on_pline b d e;",
        "3. `f = on_line a c , on_pline b d e`",
        "  * F = on_line A C, on_pline B D E.",
        "x = on_line x a c, on_pline x b d e",
        "| f = on_line a c , on_pline b d e !",
    ],
)
def test_lines_are_read_leniently(problem, closure, line):
    proposer = EndpointProposer(Answering(f"Here is an idea:\n```text\n{line}\n```\nGood luck!"))
    (found,) = proposer(problem, closure, 10)
    assert found.points == ("a", "c", "b", "d", "e")
    assert proposer.read == 1
    assert proposer.dropped == {"malformed": 3}  # the first line, "text", and the last


def test_first_lines_of_all_answers_come_first_and_each_point_once(problem, closure):
    answers = "f = midpoint a c\nf = midpoint b d", "f = midpoint c a\nf = midpoint a e\nf = midpoint b e"
    proposer = EndpointProposer(Answering(*answers))
    found = proposer(problem, closure, 10)
    assert [candidate.points for candidate in found] == [("a", "c"), ("a", "e"), ("b", "e")]
    assert proposer.dropped == {"in other words": 2}  # in a parallelogram the diagonals have one midpoint
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert len(proposer(problem, closure, 2)) == 2


def test_a_figure_is_asked_about_once_and_first_points_not_at_all(problem, closure):
    generator = Answering("f = midpoint a c")
    proposer = EndpointProposer(generator, replies=3, seed=7)
    assert proposer(problem, closure, 10) == proposer(problem, closure, 10)
    assert proposer(problem, closure, 10, first=3) == []
    assert [(request.n, request.seed) for request in generator.asked] == [(3, 7)]


@pytest.mark.parametrize("answer", ["", "I cannot.", "f = " * 50_000, "\x00\ud83d", "f = midpoint a b\n" * 10_000])
def test_nonsense_gives_few_points_or_none_and_the_search_ends_in_good_order(problem, answer):
    result = search(problem, propose=EndpointProposer(Answering(answer)), attempts=20)
    assert result.status in (Status.SATURATED, Status.ATTEMPT_LIMIT)


def test_no_answer_at_all_is_an_error(problem, closure):
    with pytest.raises(MaieuticError, match="no answer from answering: the server is gone"):
        EndpointProposer(Answering(error="the server is gone"))(problem, closure, 10)


def test_an_answer_that_failed_in_part_counts(problem, closure):
    assert len(EndpointProposer(Answering("f = midpoint a c", error="one failed"))(problem, closure, 10)) == 1


def test_a_server_proposes_the_point_that_proves_the_theorem(problem):
    answer = "f = midpoint a c\nf = on_pline d a c\nf = on_pline a c d , on_line d e"
    with serving(lambda number, body: chat(*[answer] * body.get("n", 1))) as server:
        proposer = EndpointProposer(Endpoint(server.url, "some-model"), replies=2)
        result = search(problem, propose=proposer, attempts=100)
    assert result.status is Status.PROVED
    assert "on_pline" in str(result.auxiliary[0])
    assert len(server.bodies) == 1
    assert server.bodies[0]["model"] == "some-model"
    assert "eqangle d a a e e c c d" in server.bodies[0]["messages"][0]["content"]


def test_it_goes_to_another_process_with_what_it_knows(problem, closure):
    proposer = EndpointProposer(Endpoint("http://localhost:1/v1", "m"))
    proposer._answers[question(problem, closure)] = ("f = midpoint a c",)
    assert pickle.loads(pickle.dumps(proposer))(problem, closure, 5) == proposer(problem, closure, 5)
