"""Which points prove a theorem: each that is listed does, the others do not, and what is written of it can be read."""

from dataclasses import replace
from random import Random

import pytest

from maieutic.core.errors import InputError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.synthesis import solutions as sweep
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.random_figure import random_figure
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.solutions import questions_of, solutions, write_solutions
from maieutic.geometry.synthesis.split import PLACES, TEST, VALIDATION, Side, side_of, within
from maieutic.geometry.synthesis.synthesize import proof_of, record_of
from maieutic.geometry.synthesis.theorem import OPTIONS, stated, theorems
from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem
from maieutic.geometry.text.encoding import encode_auxiliary, renamed_clause
from maieutic.geometry.text.grammar import END, allowed_next
from maieutic.geometry.trusted.records import Diagram, Problem

STEINER = parse_problem(
    "a b c = triangle; d = on_line b c; e = on_line c a; f = on_line a b, on_line d e; o = circumcenter a b c; "
    "p = circumcenter a e f; q = circumcenter b d f; r = circumcenter c d e ? cyclic o p q r"
)
"""Four lines make four triangles; their circumcentres lie on a circle, which also passes through the Miquel point."""

TRIED = 24


@pytest.fixture(scope="module")
def made(scale) -> list[dict]:
    """Theorems that need a point, as the generator writes them, some of them more than one; and one that needs none."""
    found: list[dict] = []
    plain: list[dict] = []
    number = 0
    while len(found) < scale(8, 60) or not any(record["auxiliary_points"] > 1 for record in found):
        rng = Random(f"solutions {number}")
        for theorem in theorems(random_figure(rng), rng):
            (found if theorem.proof.auxiliary else plain).append(record_of(theorem))
        number += 1
    return [*found, *plain[:1]]


def one_point(made: list[dict]) -> list[Problem]:
    return [stated(proof_of(record)) for record in made if record["auxiliary_points"] == 1]


def test_four_circumcentres_are_concyclic_by_the_miquel_point():
    own = solutions(STEINER)[0]
    assert own.own
    assert own.problem == STEINER
    # Two circles with centres o and p meet in a, and again in the mirror image of a in the line of the centres.
    at = draw(STEINER).points
    along = (at["p"] - at["o"]) / abs(at["p"] - at["o"])
    miquel = at["o"] + along * ((at["a"] - at["o"]) / along).conjugate()
    assert [candidate.at for candidate in own.candidates] == pytest.approx([miquel] * len(own.candidates), abs=1e-9)


def test_every_listed_point_proves_its_goal(made, scale):
    checked = 0
    for problem in one_point(made)[: scale(4, 60)]:
        for solved in solutions(problem, tried=TRIED, further=3):
            assert prove(replace(problem, goals=solved.problem.goals)).status is not Status.PROVED or not solved.own
            for candidate in solved.candidates[:2]:
                longer = replace(
                    problem, clauses=(*problem.clauses, candidate.clause("new")), goals=solved.problem.goals
                )
                assert prove(longer).status is Status.PROVED, longer
                checked += 1
    assert checked


def test_the_listed_points_are_those_with_which_a_closure_from_scratch_proves_the_goal(made):
    problem = one_point(made)[0]
    figure = draw(problem, 0)
    base = close(problem, figure, replace(OPTIONS, stop_at_goal=False))
    for solved in solutions(problem, tried=TRIED, further=2):
        listed = []
        pool = heuristic(solved.problem, base, TRIED)
        for rank, candidate in enumerate(pool):
            longer = replace(problem, clauses=(*problem.clauses, candidate.clause("new")), goals=solved.problem.goals)
            closure = close(longer, Diagram({**figure.points, "new": candidate.at}), OPTIONS)
            listed += [rank] if closure.reason is StopReason.PROVED else []
        assert list(solved.ranks) == listed
        assert list(solved.candidates) == [pool[rank] for rank in listed]
        assert solved.tried == len(pool)


def test_the_own_goal_comes_first_and_nothing_known_is_asked(made):
    problem = one_point(made)[0]
    found = solutions(problem)
    assert [solved.own for solved in found] == [True] + [False] * (len(found) - 1)
    closure = close(problem, draw(problem), replace(OPTIONS, stop_at_goal=False))
    assert not any(closure.proves(goal) for solved in found for goal in solved.problem.goals)
    assert solutions(problem) == found
    assert all(solved.own for solved in solutions(problem, further=0))


def test_a_theorem_without_auxiliary_points_has_only_further_questions(made):
    plain = made[-1]
    assert plain["auxiliary_points"] == 0
    assert not any(question["own"] for question in questions_of(plain, tried=TRIED))


# --- questions -------------------------------------------------------------------------------------------------------


def test_questions_and_answers_can_be_read_and_obey_the_grammar(made):
    for question in (q for record in made for q in questions_of(record, tried=TRIED, further=3)):
        text, mark, added = question["question"].partition(" |")
        assert mark
        problem, none = decode_problem(text)
        assert none == ()
        before = decode_auxiliary(added.removesuffix(" ;"), problem) if added else ()
        longer = replace(problem, clauses=(*problem.clauses, *before))
        assert question["statement"] == canonical_key(longer)
        assert question["goal"] == problem.goals[0].predicate
        assert question["answers"]
        for answer in question["answers"]:
            clauses = decode_auxiliary(f" {answer} {END}", longer)
            assert encode_auxiliary(longer, clauses) == answer
            words = answer.split()
            points = len(longer.points)
            assert all(w in allowed_next(words[:n], points, most_clauses=1) for n, w in enumerate([*words, END]))


def test_the_generators_own_point_is_an_answer(made):
    for record in (record for record in made if record["auxiliary_points"] == 1):
        proof = proof_of(record)
        own = next(question for question in questions_of(record, tried=TRIED, further=0) if question["own"])
        assert encode_auxiliary(stated(proof), proof.auxiliary) in own["answers"]
        assert own["statement"] == own["key"] == record["key"]


def test_where_one_point_is_not_enough_they_are_asked_for_one_by_one(made):
    several = [record for record in made if record["auxiliary_points"] > 1]
    chains = [[q for q in questions_of(record, tried=1, further=0) if q["own"]] for record in several]
    assert any(len(chain) > 1 for chain in chains)
    for record, chain in zip(several, chains, strict=True):
        proof = proof_of(record)
        for number, question in enumerate(chain):
            before, clause = proof.auxiliary[:number], proof.auxiliary[number]
            longer = replace(stated(proof), clauses=(*stated(proof).clauses, *before))
            text = encode_auxiliary(longer, (clause,))
            assert text in question["answers"]
            assert question["question"].count(";") == len(longer.clauses) - 1


# --- folders ---------------------------------------------------------------------------------------------------------


def write(made, out, jobs=1, **changes):
    return write_solutions(made, out, 0, jobs, **({"tried": 8, "further": 2} | changes))


@pytest.fixture
def small(monkeypatch):
    """Shards of two theorems."""
    monkeypatch.setattr(sweep, "THEOREMS", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_folder_is_the_same_for_any_number_of_jobs_and_after_an_interruption(made, tmp_path):
    def stop(done, questions):
        if done == 2:
            raise KeyboardInterrupt

    made = [*made[:3], *made[-2:]]
    whole = write(made, tmp_path / "whole")
    write(made, tmp_path / "two", jobs=2)
    with pytest.raises(KeyboardInterrupt):
        write(made, tmp_path / "stopped", on_shard=stop)
    assert 0 < read_folder(tmp_path / "stopped").records < whole.records
    told = []
    write(made, tmp_path / "stopped", on_shard=lambda done, questions: told.append((done, questions)))
    assert told[-1] == (len(made), whole.records)
    for name in sorted(path.name for path in (tmp_path / "whole").iterdir()):
        expected = (tmp_path / "whole" / name).read_bytes()
        assert (tmp_path / "two" / name).read_bytes() == expected
        assert (tmp_path / "stopped" / name).read_bytes() == expected


def test_each_statement_is_asked_once_and_on_its_theorems_side(made, tmp_path):
    made = made[:4]
    found = list(write([*made, *made], tmp_path / "out").read())
    assert len({question["statement"] for question in found}) == len(found)
    assert all(side_of(question["statement"]) is side_of(question["key"]) for question in found)
    apart = {question["statement"] for question in found[::2]}
    others = list(write(made, tmp_path / "others", apart_from=apart).read())
    assert not apart & {question["statement"] for question in others}


@pytest.mark.parametrize("change", [{"tried": 9}, {"further": 1}, {"apart_from": {"x"}}])
def test_a_folder_of_something_else_is_refused(made, tmp_path, change):
    write(made[:1], tmp_path / "out")
    with pytest.raises(InputError, match="other settings"):
        write(made[:1], tmp_path / "out", **change)
    with pytest.raises(InputError, match="other settings"):
        write(made[1:2], tmp_path / "out")


def test_a_statement_that_cannot_be_drawn_has_no_questions(made, monkeypatch):
    def impossible(*arguments, **options):
        raise sweep.DiagramError("no figure")

    monkeypatch.setattr(sweep, "draw", impossible)
    assert questions_of(made[0]) == []


# --- the split -------------------------------------------------------------------------------------------------------

KEYS = [f"{number:032x}" for number in range(20_000)]


def test_sides_have_their_shares():
    sides = [side_of(key) for key in KEYS]
    for side, places in ((Side.TEST, TEST), (Side.VALIDATION, VALIDATION)):
        # a binomial's standard deviation is below 0.0036 here
        assert sides.count(side) / len(KEYS) == pytest.approx(places / PLACES, abs=0.013)


def test_smaller_parts_are_in_larger_ones():
    quarter, half = ({key for key in KEYS if within(key, share)} for share in (0.25, 0.5))
    assert quarter < half
    assert len(half) / len(KEYS) == pytest.approx(0.5, abs=0.015)
    assert all(within(key, 1.0) for key in KEYS)
    assert not any(within(key, 0.0) for key in KEYS)


def test_statements_that_say_the_same_are_on_one_side(made):
    for record in made:
        problem = stated(proof_of(record))
        names = {point: f"p{number}" for number, point in enumerate(reversed(problem.points))}
        clauses = tuple(renamed_clause(clause, names) for clause in problem.clauses)
        goals = tuple(replace(goal, points=tuple(names[p] for p in goal.points)) for goal in problem.goals)
        assert side_of(canonical_key(Problem("", clauses, goals))) is side_of(record["key"])
