"""The grammar of auxiliary clauses: it accepts what is written, word by word, and whatever it allows can be read."""

from random import Random

import pytest

from maieutic.core.errors import InputError
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.search.candidates import KINDS, Candidate
from maieutic.geometry.synthesis.random_figure import random_figure
from maieutic.geometry.synthesis.theorem import stated, theorems
from maieutic.geometry.text.decoding import decode_auxiliary
from maieutic.geometry.text.encoding import MOST_POINTS, Invalid, encode_answer, encode_auxiliary, letter, vocabulary
from maieutic.geometry.text.grammar import (
    END,
    LONGEST_CLAUSE,
    MOST_CLAUSES,
    State,
    allowed_next,
    one_point_constructions,
)
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.kernel import _places_points
from maieutic.geometry.trusted.records import Clause, Construction, Problem

WORDS = frozenset(vocabulary())


def points_only(count: int) -> Problem:
    return Problem("", tuple(Clause((letter(i),), (Construction("free", (letter(i),)),)) for i in range(count)))


def accepts(text: str, points: int, most_clauses: int = MOST_CLAUSES) -> bool:
    """Whether every word is allowed after those before it, and END after the last."""
    words = [*text.split(), END]
    return all(word in allowed_next(words[:place], points, most_clauses) for place, word in enumerate(words))


def walk(rng: Random, points: int, most_clauses: int = MOST_CLAUSES, most_new: int | None = None) -> list[str]:
    """Allowed words at random, until no more are."""
    state, words = State(points, most_clauses, most_new=most_new), []
    while state.allowed:
        assert state.allowed <= WORDS
        words.append(rng.choice(sorted(state.allowed)))
        state = state.after(words[-1])
    return words


def test_a_walk_ends_in_clauses_that_can_be_read(scale):
    for seed in range(scale(200, 20_000)):
        rng = Random(seed)
        problem = points_only(rng.randint(0, 12))
        words = walk(rng, len(problem.points))
        assert words[-1] == END
        assert len(words) <= MOST_CLAUSES * LONGEST_CLAUSE
        clauses = decode_auxiliary(" ".join(words), problem)
        assert not isinstance(clauses, Invalid), (clauses, words)
        assert 1 <= len(clauses) <= MOST_CLAUSES
        known = set(problem.points)
        for clause in clauses:  # as the kernel wants auxiliary points to be placed
            assert _places_points(clause, known)
            known.update(clause.points)


def test_numbers_aside_what_is_read_is_written_as_it_was():
    for seed in range(100):
        problem = points_only(9)
        words = walk(Random(seed), 9)
        if not {"/", "-"} & set(words):
            clauses = decode_auxiliary(" ".join(words), problem)
            assert encode_auxiliary(problem, clauses) == " ".join(words[:-1])


def test_what_random_figures_are_made_of_is_accepted(scale):
    for seed in range(scale(40, 1000)):
        clauses = random_figure(Random(seed)).problem.clauses
        points = 0
        for number, clause in enumerate(clauses):
            over = points_only(points)
            if _places_points(clause, {p for c in clauses[:number] for p in c.points}) and any(
                use.name == "free" or CONSTRUCTIONS[use.name].old for use in clause.constructions
            ):
                before = dict(zip((p for c in clauses[:number] for p in c.points), over.points, strict=True))
                text = encode_auxiliary(Problem("", clauses[:number]), [clause])
                assert len(text.split()) <= LONGEST_CLAUSE
                assert accepts(text, len(before)), text
            points += len(clause.points)


def test_what_a_search_adds_is_accepted():
    problem = points_only(6)
    for kind in KINDS:
        text = encode_auxiliary(problem, [Candidate(kind.constructions, tuple("abcde"), 0j, 0.0).clause("x")])
        assert accepts(text, 6), text


def test_answers_of_made_up_theorems_are_accepted():
    found, seed = 0, 0
    while not found:
        seed += 1
        rng = Random(f"grammar {seed}")
        for theorem in theorems(random_figure(rng), rng):
            if theorem.proof.auxiliary:
                found += 1
                answer = encode_answer(theorem.proof, steps=False)
                assert answer.startswith("| ")
                assert answer.endswith(f" {END}")
                points = len(stated(theorem.proof).points)
                assert accepts(answer.removeprefix("| ").removesuffix(f" {END}"), points, len(theorem.proof.auxiliary))


@pytest.mark.parametrize(
    "text",
    [
        "e = midpoint a b",  # the next letter is d
        "d = midpoint a a",
        "d = midpoint a d",
        "d = midpoint a b , foot a b c",  # only curves meet
        "d = on_line a b , on_line b c , on_line a c",
        "d = para a b a c",  # an assertion
        "d = triangle",
        "d e = on_line a b",
        "d = on_line a b , square a b",
        "d = s_angle a b 30 30",
        "d = s_angle a b 1 / 0",
        "d = midpoint a b ; e = midpoint a d ; f = midpoint a e",  # one clause too many
    ],
)
def test_other_words_are_not_accepted(text):
    assert not accepts(text, 3, most_clauses=2)


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ("", {"d"}),
        ("d = midpoint", {"a", "b", "c"}),
        ("d = midpoint b", {"a", "c"}),
        ("d = midpoint b c", {END, ";"}),
        ("d = on_line b c", {END, ";", ","}),
        ("d = midpoint b c ; e = mirror d", {"a", "b", "c"}),
        ("d = midpoint b c !", set()),
        ("d = nonsense", set()),
    ],
)
def test_what_may_come_next(words, allowed):
    assert allowed_next(words.split(), 3) == allowed


@pytest.mark.parametrize("most_new", [1, 2])
def test_new_points_can_be_limited(most_new):
    sizes = set()
    for seed in range(100):
        words = walk(Random(seed), 5, 3, most_new)
        clauses = decode_auxiliary(" ".join(words), points_only(5))
        assert not isinstance(clauses, Invalid)
        sizes |= {len(clause.points) for clause in clauses}
    assert sizes == set(range(1, most_new + 1))


def test_constructions_of_one_point_are_those_that_a_clause_of_one_point_begins_with():
    state = State(4, clauses=1, most_new=1).after(letter(4)).after("=")
    rows = one_point_constructions(4)
    assert {row.name for row, _ in rows} == state.allowed - {"free"}
    for row, curve in rows:
        after = state.after(row.name)
        while after.allowed <= set("abcd"):
            after = after.after(min(after.allowed))
        if not row.numbers:
            assert after.allowed == ({END, ","} if curve else {END})


def test_where_few_points_are_left_none_is_wasted():
    """intersection_lp x a b c m n: three points do (m n may be a b); mirror and midpoint need two."""
    assert {"midpoint", "mirror"} <= allowed_next(["c", "="], 2)
    assert "foot" not in allowed_next(["c", "="], 2)
    assert allowed_next(["b", "="], 1) == {"free"}


def test_points_do_not_run_out():
    assert allowed_next([], MOST_POINTS) == set()
    assert ";" not in allowed_next([letter(MOST_POINTS - 1), "=", "midpoint", "a", "b"], MOST_POINTS - 1)


def test_a_word_that_is_not_allowed_is_the_callers_mistake():
    with pytest.raises(InputError, match="cannot follow"):
        State(3).after("e")


def test_constructions_have_at_most_one_number_and_fit_the_bound():
    """New points, `=`, two constructions of old points and a number of four words, a comma."""
    assert max(len(row.numbers) for row in CONSTRUCTIONS.values()) <= 1
    sizes = [len(row.new) + 1 + 2 * (1 + len(row.old)) + 1 + 4 * 2 for row in CONSTRUCTIONS.values()]
    assert max(sizes) <= LONGEST_CLAUSE


def test_assertions_are_no_auxiliary_points():
    clause = Clause(("d",), parse_problem("a b c = triangle; d = coll a b d").clauses[1].constructions)
    assert not _places_points(clause, set("abc"))
    assert not accepts("d = coll a b d", 3)
