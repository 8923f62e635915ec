"""Model text: there and back again, and whatever a model may write is read or refused, never raised."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.geometry.random_problems import random_problem

from maieutic.core.errors import InputError
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import prove
from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem, decode_proof
from maieutic.geometry.text.encoding import (
    MOST_POINTS,
    Invalid,
    encode_answer,
    encode_auxiliary,
    encode_problem,
    encode_proof,
    letter,
    letters,
    vocabulary,
)
from maieutic.geometry.trusted.records import Clause, Construction, Problem

WORDS = frozenset(vocabulary())
MEDIANS = parse_problem(
    "a b c = triangle; d = midpoint b c; e = midpoint c a; g = on_line a d, on_line b e ? coll g a d"
)


def in_letters(problem: Problem) -> Problem:
    """A problem with its points named as in its text."""
    names = letters(problem.clauses)
    return Problem(
        "",
        tuple(
            Clause(
                tuple(names[p] for p in clause.points),
                tuple(Construction(u.name, tuple(names[p] for p in u.args), u.values) for u in clause.constructions),
            )
            for clause in problem.clauses
        ),
        tuple(type(g)(g.predicate, tuple(names[p] for p in g.points), g.values) for g in problem.goals),
    )


def test_a_problem_comes_back(scale):
    problems = [library.problem(name) for name in library.names()]
    problems += [random_problem(Random(seed), 4 + seed % 8) for seed in range(scale(60, 2000))]
    for problem in problems:
        text = encode_problem(problem)
        assert set(text.split()) <= WORDS
        assert decode_problem(text) == (in_letters(problem), ())


def test_auxiliary_clauses_come_back(scale):
    for seed in range(scale(60, 2000)):
        rng = Random(seed)
        problem = random_problem(rng, 6 + seed % 6)
        cut = rng.randrange(1, len(problem.clauses)) if len(problem.clauses) > 1 else 1
        stated, auxiliary = Problem("", problem.clauses[:cut]), problem.clauses[cut:]
        renamed = in_letters(problem).clauses
        assert decode_problem(encode_problem(stated, auxiliary)) == (Problem("", renamed[:cut]), renamed[cut:])
        if auxiliary:
            text = encode_auxiliary(stated, auxiliary)
            assert decode_auxiliary(text, Problem("", renamed[:cut])) == renamed[cut:]
            answer = decode_auxiliary(text, stated)
            assert not isinstance(answer, Invalid)
            assert encode_auxiliary(stated, answer) == text


def test_a_proof_comes_back(scale):
    found = 0
    for name in library.names()[: scale(40, 1000)]:
        result = prove(in_letters(library.problem(name)))
        if result.proof is None:
            continue
        found += 1
        text = encode_proof(result.proof)
        assert set(text.split()) <= WORDS
        assert decode_proof(text) == replace(result.proof, figure=())  # of which the model is not told
    assert found > 10


def test_a_prompt_and_its_answer_are_the_proofs_text():
    problem = parse_problem("a b c = triangle; d = orthocenter a b c; e = midpoint b c; f = foot d b c ? perp a d b c")
    proof = prove(problem).proof
    assert proof is not None
    assert f"{encode_problem(problem)} {encode_answer(proof)}" == encode_proof(proof)
    assert encode_answer(proof, steps=False) == "!"
    stated, last = replace(problem, clauses=problem.clauses[:2]), problem.clauses[2:]
    longer = replace(proof, auxiliary=last)
    answer = encode_answer(longer)
    assert answer.startswith("| e = midpoint b c ; f = foot d b c ! ")
    assert f"{encode_problem(stated)} {answer}" == encode_proof(longer)
    assert encode_answer(longer, steps=False) == "| e = midpoint b c ; f = foot d b c !"
    for text in (answer, encode_answer(longer, steps=False), encode_auxiliary(stated, last)):
        assert decode_auxiliary(text, stated) == last


def test_an_answer_without_points_is_invalid():
    for text in ("!", "| !", "|"):
        assert isinstance(decode_auxiliary(text, MEDIANS), Invalid)


def test_large_and_negative_numbers_come_back():
    for value in (0, 359, 360, 123456789, -7, Fraction(-22, 7), Fraction(1, 360)):
        text = f"a b = segment ; c = s_angle a b {' '.join(_number(Fraction(value)))}"
        decoded = decode_problem(text)
        assert not isinstance(decoded, Invalid)
        assert decoded[0].clauses[1].constructions[0].values == (value,)


def _number(value: Fraction) -> list[str]:
    clause = Clause(("c",), (Construction("s_angle", ("a", "b", "c"), (value,)),))
    words = encode_auxiliary(parse_problem("a b = segment"), [clause]).split()
    return words[5:]


def test_new_points_do_not_take_names_that_are_taken():
    problem = parse_problem("c b a = triangle; x = midpoint a b")  # in the text a b c d
    answer = decode_auxiliary("e = midpoint a d ; f = midpoint e b", problem)
    assert [str(clause) for clause in answer] == ["e = midpoint e c x", "f = midpoint f e b"]
    answer = decode_auxiliary("e = midpoint a d", parse_problem("c e a = triangle; x = midpoint a e"))
    assert [str(clause) for clause in answer] == ["b = midpoint b c x"]


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("", 0, "a clause is"),
        ("h", 0, "a clause is"),
        ("h =", 0, None),
        ("h = nonsense a b", 2, "unknown construction"),
        ("h = midpoint a", 2, "takes"),
        ("h = midpoint a z", 4, "unknown point"),
        ("h = midpoint a a", 4, "different points"),
        ("a = midpoint b c", 0, "defined twice"),
        ("h h = midpoint b c", 1, "defined twice"),
        ("midpoint = midpoint b c", 0, "expected a new point"),
        ("h = midpoint a b ; ; i = midpoint a c", 0, "a clause is"),
        ("h = midpoint a b , ", 2, "expected a construction"),
        ("h = s_angle a b 1 /", 6, "expected a number"),
        ("h = s_angle a b 1 / 0", 5, "denominator"),
        ("h = = midpoint a b", 0, "a clause is"),
        ("h = midpoint a b ? coll h a b", 5, None),
    ],
)
def test_what_a_model_writes_wrongly_has_a_reason_and_a_place(text, position, reason):
    answer = decode_auxiliary(text, MEDIANS)
    if reason is None:
        assert answer == (Clause(("h",)),) if text == "h =" else isinstance(answer, Invalid)
    else:
        assert isinstance(answer, Invalid)
        assert (answer.position, reason in answer.reason) == (position, True), answer


@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=40), st.integers(0, 10**6))
def test_no_text_raises(words, seed):
    rng = Random(seed)
    proof = prove(MEDIANS).proof
    assert proof is not None
    good = encode_proof(proof).split()
    place = rng.randrange(len(good))
    for text in (
        " ".join(words),
        " ".join(good[:place] + words + good[place:]),
        " ".join(good[:place] + words),
        " ".join(good[:place] + good[place + 1 :]),
    ):
        for answer in (decode_proof(text), decode_problem(text), decode_auxiliary(text, MEDIANS)):
            if isinstance(answer, Invalid):
                assert answer.reason
                assert 0 <= answer.position <= len(text.split())


@given(st.text(max_size=60))
def test_no_characters_raise(text):
    decode_proof(text)
    decode_auxiliary(text, MEDIANS)


def test_letters_are_in_the_vocabulary_and_differ():
    names = [letter(number) for number in range(MOST_POINTS)]
    assert len(set(names)) == MOST_POINTS
    assert set(names) <= WORDS
    assert len(vocabulary()) == len(WORDS)


def test_too_many_points_are_the_writers_mistake():
    clauses = tuple(Clause((f"p{i}",), (Construction("free", (f"p{i}",)),)) for i in range(MOST_POINTS + 1))
    with pytest.raises(InputError, match="points"):
        encode_problem(Problem("", clauses))
