"""The library: every problem parses, draws and is true; which the prover proves by itself, and which need a point."""

import time

import pytest

from maieutic.core.errors import InputError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Accepted

# Proved without auxiliary points. A name may join this list, and none may leave it.
_PROVED = """
imo_2000_p1 imo_2002_p2 imo_2003_p4 imo_2004_p1 imo_2005_p1 imo_2005_p5 imo_2006_p1 imo_2007_p4 imo_2009_p2
imo_2009_p4_right imo_2009_p4_equilateral imo_2010_p4 imo_2012_p1 imo_2013_p3 imo_2013_p4 imo_2014_p4 imo_2015_p4
imo_2016_p1 imo_2017_p4 imo_2018_p1 imo_2022_p4 imo_2024_p4 orthocentre orthocentre_feet circumcentre incentre
incentre_distances centroid_medians centroid_ratio nine_point_circle nine_point_circle_euler_points nine_point_centre
euler_line euler_line_ratio orthocentre_distance orthocentre_reflected_in_side orthocentre_reflected_in_midpoint
orthic_triangle orthic_triangle_radius taylor_circle trillium incentre_excentre incentre_excentre_circle
gergonne_point nagel_point conway_circle lemoine_circle symmedian carnot_perpendiculars napoleon fermat_segments
fermat_point pons_asinorum angle_sum pythagoras right_triangle_altitude right_triangle_leg apollonius_median
stewart_thirds bisector_theorem outer_bisector_theorem thales_intercept midline medial_triangle menelaus ceva
steiner_line simson_line simson_line_converse droz_farny parallelogram_diagonals parallelogram_converse
rhombus_diagonals rectangle_diagonals meno varignon quadrilateral_midpoints perpendicular_diagonals pitot vecten
vecten_median thebault brahmagupta japanese_rectangle thales_circle inscribed_angles central_angle tangent_chord
equal_tangents power_of_a_point tangent_secant common_chord radical_centre radical_axis_tangents tangent_circles monge
reim butterfly miquel_pivot miquel_point desargues
"""
PROVED = _PROVED.split()

# True, and out of reach without a further point: what it is, and the clauses that bring it. With them the prover proves
# the problem. If one of these is proved without its point one day, move it to PROVED.
NEEDS_A_POINT = {
    "parallelogram_law": (
        "the meet of the diagonals",
        "m = midpoint a c",
    ),
    "british_flag": (
        "the centre of the rectangle",
        "m = midpoint a c",
    ),
    "van_schooten": (
        "BP laid off on line PA",
        "q = on_line a p, on_circle b p",
    ),
    "broken_chord": (
        "AB laid off beyond B",
        "d = mirror c f",
    ),
    "napoleon_tips": (
        "a tip mirrored in a side",
        "x = reflect a b r",
    ),
    "isogonal_conjugate": (
        "second meet with a circle through P",
        "x = on_line a p, on_circum p b c",
    ),
    "bottema": (
        "the centre of a square",
        "x = midpoint a e",
    ),
    "langley": (
        "the axis of the isosceles triangle BCE",
        "x = midpoint c e",
    ),
    "van_aubel": (
        "the midpoint of a diagonal",
        "m = midpoint a c",
    ),
    "blanchet": (
        "the parallel to BC through A",
        "q = on_line d e, on_pline a b c; r = on_line d f, on_pline a b c",
    ),
    "kariya": (
        "a parallel to DF through Z",
        "x1 = on_line a c, on_pline z d f",
    ),
    "viviani": (
        "the parallel to a side through P",
        "q = on_line a b, on_pline p b c; r = on_line a c, on_pline p b c; "
        "s = on_line a h, on_line q r; t = foot q a c; u = foot p q t",
    ),
    "newton_line": (
        "the midpoints of the sides of a triangle",
        "k = midpoint b c; l = midpoint c e; m = midpoint b e",
    ),
    "miquel_centres": (
        "Miquel's point",
        "m = reflect e p r",
    ),
    "four_orthocentres": (
        "a parallel to AB through J",
        "k = on_line f j, on_pline a b j",
    ),
    "pappus": (
        "a triangle for Menelaus",
        "p = on_line a c, on_line y z",
    ),
    "pascal": (
        "a parallel to AX through Z",
        "p = on_line b c, on_pline z a x",
    ),
    "imo_2001_p5": (
        "both sums laid off as segments",
        "f = on_opline b a, on_circle b p; g = on_opline q a, on_circle q b",
    ),
    "imo_2004_p5": (
        "the circumcentre",
        "o = circumcenter a b c",
    ),
    "imo_2007_p2": (
        "the midpoints of CF and CG",
        "x = midpoint f c; y = midpoint g c",
    ),
    "imo_2008_p1": (
        "the circumcentre",
        "o = circumcenter a b c",
    ),
    "imo_2010_p2": (
        "the excentre",
        "j = mirror i d",
    ),
    "imo_2012_p5": (
        "the mirror image of C in AB",
        "e = mirror c d",
    ),
    "imo_2015_p3": (
        "the second meets of QM and of AH with the circumcircle",
        "o = circumcenter a b c; x = on_line q m, on_circum a b c; y = on_line a h, on_circum a b c",
    ),
    "imo_2019_p2": (
        "the second meets of AA1 and BB1 with the circumcircle",
        "x = on_line a a1, on_circum a b c; y = on_line b b1, on_circum a b c",
    ),
    "imo_2000_p6": (
        "the centre of the circle with diameter BI",
        "m = midpoint b i",
    ),
    "imo_2014_p3": (
        "the centres of SHC and THC, and C mirrored in B and D",
        "u = mirror c b; v = mirror c d; x = on_line a b, on_bline h c; y = on_line a d, on_bline h c",
    ),
    "imo_2019_p6": (
        "a point of EF on the parallel to ER through I",
        "u = on_line e f, on_pline i e r",
    ),
    "imo_2021_p4": (
        "the centre of AIC, and where the sides touch",
        "o = circumcenter a i c; p = foot i a b; q = foot i b c; r = foot i c d; s = foot i d a",
    ),
    "imo_2023_p2": (
        "the far end of the diameter at S",
        "u = mirror s o",
    ),
    "imo_2025_p2": (
        "the meet of ME and NF",
        "u = on_line m e, on_line n f",
    ),
}


def with_points(name: str) -> str:
    given, goals = library.entry(name).text.split(" ? ")
    return f"{given}; {NEEDS_A_POINT[name][1]} ? {goals}"


def test_it_is_a_library():
    assert len(library.names()) == len(set(library.names())) >= 70
    assert sum(name.startswith("imo_") for name in library.names()) >= 35
    assert library.names() == tuple(entry.name for entry in library.entries())
    texts = [(entry.problem.clauses, entry.problem.goals) for entry in library.entries()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("entry", library.entries(), ids=library.names())
def test_each_entry_says_what_and_where_from_and_asks_for_something(entry):
    assert entry.statement.endswith((".", ".)"))
    assert entry.source
    assert entry.problem.goals


@pytest.mark.parametrize("name", library.names())
def test_the_text_of_each_problem_prints_and_parses_back(name):
    problem = library.problem(name)
    assert parse_problem(print_problem(problem), name) == problem


def test_an_olympiad_problem_is_named_after_its_source():
    for entry in library.entries():
        if entry.name.startswith("imo_"):
            _, year, number, *_ = entry.name.split("_")
            assert entry.source == f"IMO {year}, problem {number.removeprefix('p')}"


def test_a_problem_is_read_once():
    assert library.problem("meno") is library.problem("meno")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"unknown problem .simson_lime. \(did you mean .simson_line.\?\)"):
        library.problem("simson_lime")


@pytest.mark.parametrize("name", library.names())
def test_each_problem_draws_within_a_second_and_its_goals_hold(name):
    problem = library.problem(name)
    for seed in range(3):
        start = time.process_time()
        at = draw(problem, seed).points
        assert time.process_time() - start < 1
        for goal in problem.goals:
            assert holds(goal, at), (seed, goal)


def test_the_tables_of_this_test_name_problems_of_the_library():
    assert len(PROVED) >= 80
    assert len(NEEDS_A_POINT) >= 20
    assert len({*PROVED, *NEEDS_A_POINT}) == len(PROVED) + len(NEEDS_A_POINT)
    assert {*PROVED, *NEEDS_A_POINT} <= set(library.names())


@pytest.mark.parametrize("name", PROVED)
def test_stays_proved(name):
    result = prove(library.problem(name))
    assert result.status is Status.PROVED, result.message
    assert isinstance(result.verdict, Accepted)


@pytest.mark.parametrize("name", NEEDS_A_POINT)
def test_needs_a_point(name):
    result = prove(library.problem(name))
    assert result.status is not Status.PROVED, f"{name} is now proved without a further point: move it to PROVED"
    # Where the text leaves a choice, it may be false on another figure.
    assert result.status is Status.SATURATED or result.counterexample, result.message


@pytest.mark.parametrize("name", NEEDS_A_POINT)
def test_is_proved_with_its_point(name):
    why, _ = NEEDS_A_POINT[name]
    result = prove(parse_problem(with_points(name), name))
    assert result.status is Status.PROVED, f"{why} should help: {result.message}"


@pytest.mark.parametrize("name", [name for name in library.names() if name not in {*PROVED, *NEEDS_A_POINT}])
def test_the_others_end_without_an_error(name):
    """Nobody has found the points that help; what the text leaves open may make it false on another figure."""
    result = prove(library.problem(name))
    assert result.status in (Status.SATURATED, Status.TIME_LIMIT, Status.PROVED) or result.counterexample
