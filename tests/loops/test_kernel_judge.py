"""The kernel as a judge: what a point is worth, and that nothing but a checked proof is worth anything."""

import json

import pytest
from tests.loops.theorems import THEOREMS

from maieutic.core.datasets import read_examples
from maieutic.core.errors import InputError
from maieutic.core.generate import Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.geometry.trusted.records import Refused
from maieutic.loops.theorems import kernel_judge
from maieutic.loops.theorems.kernel_judge import HALF, Kernel, Search, problem_of

KNOWN = read_examples(THEOREMS)
QUESTION = "a b c d = isquare ; e = nsquare d c ; f = midpoint d a ; g = midpoint f d ? cong b g e g |"
PROVES = " h = on_tline e b c !"
PROVES_NOTHING = " h = foot a b c !"


@pytest.fixture
def kernel():
    with JudgementCache() as cache:
        yield Kernel(cache)


def test_the_points_of_made_up_proofs_are_found_to_prove_their_theorems(kernel):
    told = [kernel.proves(theorem.prompt, theorem.completion) for theorem in KNOWN]
    of_one_point = [";" not in theorem.completion for theorem in KNOWN]
    assert told == [float(one) for one in of_one_point]  # of two points, neither alone is an answer


def test_a_point_is_worth_the_more_the_shorter_its_proof(kernel):
    deductions = kernel.deductions(QUESTION, PROVES)
    assert kernel.score(QUESTION, PROVES) == 1 + HALF / (HALF + deductions)
    assert 1 < kernel.score(QUESTION, PROVES) < 2
    assert kernel.score(QUESTION, PROVES_NOTHING) == 0


@pytest.mark.parametrize(
    "completion",
    [
        "",
        "h",
        " h = !",
        " h = midpoint a z !",  # no such point
        " b = midpoint a c !",  # there already
        " h = midpoint a a !",
        " h = on_line a b , on_line c d !",  # parallel: they meet nowhere
        " h = midpoint d a !",  # where f is
        " h = midpoint a b ; i = midpoint b c !",
        " h = on_line a b , on_line a b , on_line a c !",
        " h = on_aline a b c d e , on_line a b !",  # a condition on old points
        " h i = square a b !",
    ],
)
def test_what_is_no_new_point_of_the_figure_is_worth_nothing(kernel, completion):
    assert kernel.score(QUESTION, completion) == 0


def test_a_proof_that_the_kernel_refuses_is_worth_nothing(kernel, monkeypatch):
    monkeypatch.setattr(kernel_judge, "check", lambda proof: Refused(0, "today nothing is accepted"))
    assert kernel.score(QUESTION, PROVES) == 0


def test_comparisons_are_certain_about_proofs_and_agree_when_swapped(kernel):
    assert kernel.compare(QUESTION, PROVES, PROVES_NOTHING) == 1
    assert kernel.compare(QUESTION, PROVES_NOTHING, PROVES) == 0
    assert kernel.compare(QUESTION, PROVES_NOTHING, "") == 0.5
    points = [theorem.completion for theorem in KNOWN[:6]]
    for left in points:
        for right in points:
            forth, back = kernel.compare(QUESTION, left, right), kernel.compare(QUESTION, right, left)
            assert forth + back == pytest.approx(1)


def test_the_shorter_of_two_proofs_is_preferred_by_half_the_difference(kernel, monkeypatch):
    lengths = {"short": 10, "long": 40}
    monkeypatch.setattr(Kernel, "deductions", lambda self, prompt, completion: lengths.get(completion))
    scores = [1 + HALF / (HALF + 10), 1 + HALF / (HALF + 40)]  # 1.5 and 1.2
    assert kernel.compare("x", "short", "long") == pytest.approx((1 + scores[0] - scores[1]) / 2)
    assert kernel.compare("x", "long", "none") == 1


def test_each_point_is_tried_once_however_it_is_spaced(kernel):
    for completion in (PROVES_NOTHING, "h = foot a b c !", "  h  =  foot a  b c !"):
        kernel.score(QUESTION, completion)
    assert kernel.closures == 1
    other = Kernel(kernel.cache)
    assert other.score(QUESTION, PROVES_NOTHING) == 0
    assert other.closures == 0


def test_a_prompt_that_is_no_question_is_the_callers_mistake(kernel):
    for prompt in ("Write a poem.", "a b c = triangle |", "a b c = triangle ? cong a b a c | d = midpoint a b ;"):
        with pytest.raises(InputError, match="not a theorem's question"):
            kernel.score(prompt, PROVES)


# --- the teacher -----------------------------------------------------------------------------------------------------


def test_the_teacher_answers_with_a_point_that_proves_or_not_at_all(kernel):
    teacher = Search(8, kernel.cache)
    requests = [Request(theorem.prompt) for theorem in KNOWN[:10]]
    replies = list(teacher.generate(requests, Sampling()))
    assert [reply.index for reply in replies] == list(range(10))
    answers = [[generated.text for generated in reply.generated] for reply in replies]
    for request, texts in zip(requests, answers, strict=True):
        assert [kernel.proves(request.prompt, text) for text in texts] == [1.0] * len(texts)
        assert all(text.startswith(" ") and text.endswith(" !") for text in texts)
    assert {len(texts) for texts in answers} == {0, 1}  # eight tries are enough for some, and not for all


def test_what_the_teacher_found_is_kept(kernel, monkeypatch):
    request = Request(KNOWN[0].prompt)
    (first,) = Search(8, kernel.cache).generate([request], Sampling())
    monkeypatch.setattr(kernel_judge, "heuristic", lambda *arguments: pytest.fail("asked again"))
    (again,) = Search(8, kernel.cache).generate([request], Sampling())
    assert again == first


def test_the_theorems_of_these_tests_are_theorems():
    assert all(problem_of(row["prompt"]).goals for row in map(json.loads, THEOREMS.read_text().splitlines()))
