"""What each of the four tables is worth, on one theorem: the altitudes of a triangle meet in a point."""

import pytest

from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status, prove

ALTITUDES = "a b c = triangle a b c; h = on_tline h b a c, on_tline h c a b"
FOOT = "; e = on_line e b h, on_line e a c"
OTHER_FOOT = "; f = on_line f c h, on_line f a b"
GOAL = " ? perp a h b c"

SQUARES = Options()
NO_SQUARES = Options(square_table=False)


@pytest.mark.parametrize(
    ("feet", "options", "status"),
    [
        ("", SQUARES, Status.PROVED),
        (FOOT + OTHER_FOOT, SQUARES, Status.PROVED),
        ("", NO_SQUARES, Status.SATURATED),
        (FOOT + OTHER_FOOT, NO_SQUARES, Status.PROVED),
    ],
)
def test_the_orthocentre_needs_squared_lengths_or_the_feet_of_altitudes(feet: str, options: Options, status: Status):
    for seed in range(5):
        assert prove(parse_problem(ALTITUDES + feet + GOAL), seed, options).status is status


def test_with_squared_lengths_it_takes_one_step_and_no_rule():
    result = prove(parse_problem(ALTITUDES + GOAL))
    assert result.proof is not None
    assert [(step.rule, step.table) for step in result.proof.deductions[2:]] == [("linear", "square")]


def test_without_them_angles_lead_from_the_feet_to_the_third_altitude():
    result = prove(parse_problem(ALTITUDES + FOOT + OTHER_FOOT + GOAL), options=NO_SQUARES)
    assert result.proof is not None
    assert "square" not in {step.table for step in result.proof.deductions}
