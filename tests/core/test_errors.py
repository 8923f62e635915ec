"""Errors say what was wrong, where, and what would be right, and survive the trip between processes."""

import pickle

from maieutic.core.errors import DiagramError, InputError, MaieuticError, ProblemError, ProofError, nearest


def test_an_input_error_prints_where_what_and_what_would_be_right():
    error = InputError("unknown format 'pdg'", where="--to", hint="did you mean 'pdf'?")
    assert str(error) == "--to: unknown format 'pdg' (did you mean 'pdf'?)"
    assert str(InputError("no problem given")) == "no problem given"


def test_a_problem_error_knows_its_line_and_column():
    error = ProblemError("unknown predicate 'cog'", line=3, column=14)
    assert (error.line, error.column) == (3, 14)
    assert str(error) == "line 3, column 14: unknown predicate 'cog'"
    assert str(ProblemError("no goal", line=2)) == "line 2: no goal"


def test_the_users_mistakes_end_with_code_2_and_the_others_with_1():
    assert ProblemError.exit_code == InputError.exit_code == 2
    assert DiagramError.exit_code == ProofError.exit_code == MaieuticError.exit_code == 1


def test_errors_survive_pickling():
    error = ProblemError("no goal", line=2, hint="end the problem with '? goal'")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is ProblemError
    assert str(copy) == str(error)


def test_nearest_finds_a_misspelt_word_and_nothing_for_a_strange_one():
    known = ["orthocenter", "incenter", "circumcenter"]
    assert nearest("orthocentre", known) == "orthocenter"
    assert nearest("zzz", known) is None
