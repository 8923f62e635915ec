"""What a model is told of a figure: the heuristic's places, each once, in order; and the question is found again."""

import pytest

from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.search.budget import figure
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.text.decoding import decode_problem
from maieutic.geometry.text.encoding import encode_question, vocabulary
from maieutic.geometry.text.prompting import pointers, question_of, seen, spelt, with_figure, without_figure
from maieutic.geometry.text.proposals import read_proposals

TRAPEZIUM = parse_problem("a b c d = eq_trapezoid; o = on_line a c, on_line b d ? cong a o b o")
SHOWN = 12


@pytest.fixture(scope="module")
def base():
    return figure(TRAPEZIUM)


def places(texts: list[str]) -> list[str]:
    """The constructions, without their weights."""
    return [text.rpartition(" ")[0] for text in texts]


def test_the_places_are_the_heuristics_first_ones_each_once(base):
    told = places(seen(TRAPEZIUM, base, SHOWN))
    at: list[complex] = []
    for candidate in heuristic(TRAPEZIUM, base, 200):
        if all(abs(candidate.at - other) > 1e-6 for other in at):
            at.append(candidate.at)
    assert len(told) == len(set(told)) == SHOWN
    drawn = 0
    for text, expected in zip(told, at, strict=False):
        for candidate in read_proposals([(f"f = {text}", 0.0)], base).candidates:  # a flat parallelogram is none
            assert candidate.at == pytest.approx(expected, abs=1e-9)
            drawn += 1
    assert drawn >= SHOWN / 2


def test_weights_fall_and_are_words_of_the_vocabulary(base):
    weights = [int(text.split()[-1]) for text in seen(TRAPEZIUM, base, SHOWN)]
    assert weights == sorted(weights, reverse=True)
    known = set(vocabulary())
    assert set(question_of(TRAPEZIUM, base, SHOWN).split()) <= known


def test_a_question_with_its_figure_ends_as_one_without(base):
    plain = encode_question(TRAPEZIUM)
    told = question_of(TRAPEZIUM, base, SHOWN)
    assert question_of(TRAPEZIUM, base, 0) == plain
    assert without_figure(told) == without_figure(plain) == plain
    assert told.split()[-1] == plain.split()[-1] == "|"
    assert told.startswith(plain.removesuffix("|") + "figure ")


def test_points_that_were_added_stay_before_the_figure():
    start = parse_problem("a b c d = eq_trapezoid; o = on_line a c, on_line b d; f = midpoint a b ? cong a o b o")
    added = start.clauses[-1:]
    longer = figure(start)
    told = question_of(TRAPEZIUM, longer, 3)
    assert told.startswith(encode_question(TRAPEZIUM, added).removesuffix(" ;") + " figure ")
    assert told.endswith(" ;")
    assert without_figure(told) == encode_question(TRAPEZIUM, added)
    assert any("f" in place.split() for place in seen(TRAPEZIUM, longer, 40))
    decoded = decode_problem(without_figure(told).removesuffix(" ;"))
    assert decoded[1] == added


def test_a_pointer_is_spelt_out_as_what_it_points_to(base):
    told = question_of(TRAPEZIUM, base, SHOWN)
    constructions = places(seen(TRAPEZIUM, base, SHOWN))
    assert pointers(told) == {text: f"@{number}" for number, text in enumerate(constructions, 1)}
    for number, text in enumerate(constructions, 1):
        assert spelt(told, f" @{number} !", "f") == f"f = {text} !"
        assert spelt(told, f"@{number}", "f") == f"f = {text}"


def test_what_is_no_pointer_or_points_nowhere_stays_as_it_is(base):
    told = question_of(TRAPEZIUM, base, 3)
    for answer in (" f = midpoint a b !", "", " @4 !", " @x !", "!"):
        assert spelt(told, answer, "f") == answer
    assert pointers(encode_question(TRAPEZIUM)) == {}


def test_no_places_change_nothing():
    assert with_figure("a b = segment ? cong a b b a |", []) == "a b = segment ? cong a b b a |"
