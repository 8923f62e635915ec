"""Texts in other tools' dialects: what is read, as what, and how they are written."""

import re
from pathlib import Path

import pytest

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.conversion import conversions
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.convert import converted, locus_of_fact
from maieutic.geometry.language.dialects import CONSTRUCTIONS_OF, FACTS_OF, NEWCLID_FACTS, NEWCLID_ONLY, Dialect
from maieutic.geometry.language.problem import load_problems, parse_problem, parse_text, print_problem
from maieutic.geometry.language.translate import dialect_of
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Construction, Fact

Q = "a b c d = quadrangle a b c d; "


def ours(text: str, dialect: Dialect | None = None) -> str:
    """A text as the language itself says it, without the quadrangle that it begins with."""
    return print_problem(parse_problem(text, dialect=dialect)).removeprefix(Q)


# --- new points anywhere ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a b c = triangle a b c; d = parallelogram d a b c", "a b c = triangle a b c; d = parallelogram a b c d"),
        # round the corners: a, d, b, c is the parallelogram in which a and b are opposite
        ("a b c = triangle a b c; d = parallelogram a d b c", "a b c = triangle a b c; d = parallelogram b c a d"),
        ("a b = segment a b; c d = square c d a b", "a b = segment a b; c d = square a b c d"),
        ("a b = segment a b; c d = square d a b c", "a b = segment a b; c d = square a b c d"),
        (Q + "m = midpoint a m b", "m = midpoint m a b"),
        (Q + "m = midpoint a b m", "m = midpoint m a b"),
        (Q + "h = foot b c h a", "h = foot h b c a"),
        (Q + "x y = trisegment a x y b", "x y = trisegment x y a b"),
        (Q + "x = s_angle x a b 30", "x = s_angle a b x 30"),
        (Q + "x = on_line a x b, on_line c d x", "x = on_line x a b, on_line x c d"),
        # a predicate has the same name, and says something of earlier points
        (Q + "o = free o, circle a b c d", "o = free o, circle a b c d"),
    ],
)
def test_new_points_stand_anywhere_where_one_reading_is_possible(text, meant):
    assert ours(text) == meant


def test_two_readings_are_refused_with_what_to_write():
    with pytest.raises(ProblemError, match=r"column 26: square a c b d can be read in two ways.*side by side"):
        parse_problem("a b = segment a b; c d = square a c b d")


# --- other tools' words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x = on_pline0 x a b c", "x = para x a b c"),
        ("x = on_aline0 x a b c a b d c", "x = eqangle a b c a b d c x"),
        ("x = eqratio6 x a c a b c d", "x = eqratio a x c x a b c d"),
        ("x = eqratio_prescription x a b c d a c b", "x = eqratio a b c d a c b x"),
        ("x = rconst2 x a b 1/2", "x = rconst x a x b 1/2"),
        ("x = rconst2 a b 1/2", "x = rconst x a x b 1/2"),
        ("x = r2const a b c x 2", "x = rsqconst a b c x 2"),
        ("x = between_bound x a b", "x = on_line x a b, between x a b"),
        ("x = between_bound a b", "x = on_line x a b, between x a b"),
        ("x y z = iso_triangle0 x y z", "x y z = iso_triangle x y z"),
        ("x = iso_triangle_vertex x b c", "x = on_bline x b c"),
        ("x = iso_triangle_vertex_angle b c", "x = on_bline x b c"),
        ("x y z w = iso_trapezoid", "x y z w = eq_trapezoid x y z w"),
        ("x = iso_trapezoid2 x a b c", "x = on_pline x c a b, on_circum x a b c"),
        ("x y z = acute_triangle x y z", "x y z = triangle x y z, acute x y z"),
        ("r = simtrir r a b c c d", "r = on_aline r c d b a c, on_aline r d c a b c"),
        ("q r = contrir q r a b c d", "q r = contri a b c d q r, sameclock a b c d r q"),
        ("x = on_line x a b, obtuse_angle a x b", "x = on_line x a b, obtuse_angle a x b"),
    ],
)
def test_a_foreign_construction_is_read(text, meant):
    assert ours(Q + text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("s_angle a b c 45", "aconst b c a b 45"),
        ("r2const a b c d 2", "rsqconst a b c d 2"),
        ("simtrir a b c b c d", "simtri a b c b c d, eqangle a b a c b d b c"),
        ("simtri2 a b c b c d", "simtri a b c b c d, eqangle a b a c b d b c"),
        ("contrir a b c b c d", "contri a b c b c d, eqangle a b a c b d b c"),
        ("contri2 a b c b c d", "contri a b c b c d, eqangle a b a c b d b c"),
        ("simtri* a b c b c d", "simtri a b c b c d"),
        ("contri* a b c b c d", "contri a b c b c d"),
        ("eqangle6 a b b c c d d a", "eqangle a b b c c d d a"),
        ("eqratio6 a b b c c d d a", "eqratio a b b c c d d a"),
        ("eqratio3 a b c d m n", "eqratio m a m c n b n d"),
        ("sameside a b c b c d", "sameorder b a c c b d"),
    ],
)
def test_a_foreign_goal_is_read(text, meant):
    assert ours(f"{Q}m = on_line a c; n = on_line b d ? {text}").endswith(f"? {meant}")


def test_words_that_mean_something_else_in_newclid_are_read_by_whose_text_it_is():
    words = "x = eqratio x a b c d a c b"
    assert ours(Q + words) == "x = eqratio x a b c d a c b"
    assert ours(Q + words, Dialect.NEWCLID) == "x = eqratio a b c d a c b x"
    told = (
        Q + "y = between_bound y a b; r = simtri r a b c c d; q p = contri q p a b c d; "
        "z = aconst a b c z 30 ? aconst a b c d 20, acompute a b c d"
    )
    assert dialect_of(told) is Dialect.NEWCLID
    found = parse_problem(told)
    uses = [use for clause in found.clauses[2:] for use in clause.constructions]
    assert list(map(str, uses)) == [
        "on_aline r c d c a b", "on_aline r d c c b a",
        "contri a b c d q p", "sameclock a b c d q p",
        "aconst c z a b 30",
    ]  # fmt: skip
    assert list(map(str, found.goals)) == ["aconst c d a b 20", "acompute c d a b"]


def test_every_foreign_word_is_in_a_test_and_has_a_source():
    tested = re.findall(r"[\w*]+", Path(__file__).read_text(encoding="utf-8"))
    rows = [*CONSTRUCTIONS_OF.values(), *NEWCLID_ONLY.values(), *FACTS_OF.values(), *NEWCLID_FACTS.values()]
    for row in rows:
        assert row.source in ("newclid", "alphageometry")
        assert row.name in tested or row.name.rstrip("*") in tested


FIGURES = {
    "on_aline0": ("x = on_aline0 x a b c a b d c", "eqangle a b c a b d c x"),
    "eqratio6": ("x = eqratio6 x a c a b c d", "eqratio a x c x a b c d"),
    "iso_trapezoid2": ("x = iso_trapezoid2 x a b c", "cong x b a c"),
    "simtrir": ("r = simtrir r a b c c d", "simtri a b c c d r"),
    "contrir": ("q r = contrir q r a b c d", "contri a b c d q r"),
    "cc_itangent": ("x y z i = cc_itangent x y z i a b c d", "perp a x x y"),
    "lconst": ("x = lconst x a 2; y = lconst y a 3", "rconst a y a x 3/2"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_what_a_foreign_word_means_is_true_on_its_figures(name):
    """Of circles that lie apart, the inner tangents: their centres are on different sides of them."""
    text, said = FIGURES[name]
    problem = parse_problem(f"{Q}{text} ? {said}")
    for seed in range(3):
        at = draw(problem, seed).points
        assert holds(problem.goals[0], at)
        if name == "cc_itangent":
            assert holds(Fact("oppside", ("a", "c", "x", "y")), at)
        if name.endswith("trir"):
            q, r = ("d", "r") if name == "simtrir" else ("q", "r")
            p = "c" if name == "simtrir" else "d"
            assert holds(Fact("sameclock", ("a", "b", "c", p, r, q)), at)  # the other way round


# --- lengths ---------------------------------------------------------------------------------------------------------


def test_of_lengths_the_ratios_are_read():
    text = Q + "x = lconst x a 3; y = lconst y b 4; z = lconst z c 3; w = l2const w d 18 ? lconst x y 6, l2const a b 18"
    assert ours(text) == (
        "x = free x; y = rconst y b x a 4/3; z = eqdistance z c x a; w = rsqconst w d x a 2 "
        "? rconst x y x a 2, rsqconst a b x a 2"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (Q + "? lconst a b 3", "the problem gives none"),
        (Q + "x = lconst x a 0", "needs a positive number"),
        (Q + "x = lconst x x 2", "'x' stands twice"),
        (Q + "x = lconst x q 2", "unknown point 'q'"),
        (Q + "x = lconst x a 2 ? lcompute a b", r"ask for a ratio, as rcompute a b x a"),
    ],
)
def test_mistakes_with_lengths(text, message):
    with pytest.raises(ProblemError, match=message):
        parse_problem(text)


def test_a_length_is_asked_for_where_the_given_one_is_1():
    assert ours(Q + "x = lconst x a 1 ? lcompute a b").endswith("? rcompute a b x a")


# --- names, signs and marks ------------------------------------------------------------------------------------------


def test_names_in_other_alphabets_are_read():
    problem = parse_problem("α Δ É = triangle; B′ = midpoint α Δ; delta1 = free; Δ₁ = on_line α É ? coll B′ α Δ")
    assert problem.points == ("alpha", "delta", "e", "B'", "delta1", "delta1_2")
    assert str(problem.goals[0]) == "coll B' alpha delta"


def test_signs_of_other_keyboards_and_marks_nobody_sees():
    assert parse_problem("\ufeffa b ＝ segment；m ＝ midpoint a b？coll m a b，cong m a m b") == parse_problem(
        "a b = segment; m = midpoint a b ? coll m a b, cong m a m b"
    )


def test_goals_are_separated_by_either_sign():
    one = parse_problem(Q + "? coll a b c, coll a b d")
    assert parse_problem(Q + "? coll a b c; coll a b d;") == one
    assert parse_problem(Q + "? coll a b c; coll a b d").goals == one.goals
    assert parse_problem(Q + "? coll a b c;").goals == one.goals[:1]


def test_s_angle_as_a_goal_is_aconst():
    problem = parse_problem("o i b = triangle; x = s_angle o i x 45 ? s_angle o i x 45")
    assert prove(problem).status is Status.PROVED


def test_a_goal_that_is_true_of_the_lines_in_the_other_order_says_so():
    result = prove(parse_problem("a b = segment a b; c = s_angle a b c 30o ? aconst c b b a 5pi/6"))
    assert result.status is Status.FALSE
    assert "true of the lines in the other order: aconst b a c b 150" in result.message


# --- given auxiliary points ------------------------------------------------------------------------------------------


def test_clauses_after_a_bar_are_auxiliary():
    problem = parse_problem(
        "a b c = triangle; i = incenter a b c | q = midpoint q b i; r = between_bound q i ? perp a i i b"
    )
    assert problem.points == ("a", "b", "c", "i")
    assert list(map(str, problem.auxiliary)) == ["q = midpoint q b i", "r = on_line r q i"]
    assert parse_problem(print_problem(problem)) == problem


def test_auxiliary_points_that_a_goal_speaks_of_are_the_problem_s():
    problem = parse_problem("a b c = triangle; i = incenter a b c | q = midpoint q b i ? coll q b i")
    assert problem.points[-1] == "q"
    assert problem.auxiliary == ()


def test_a_bar_changes_no_word_of_ours():
    text = Q + "x = eqratio x a b c d a c b | y = midpoint y a b ? aconst a b c d 30"
    assert dialect_of(text) is not Dialect.NEWCLID
    assert ours(text) == text.removeprefix(Q)


def test_a_second_bar_is_a_mistake():
    with pytest.raises(ProblemError, match=r"column 42: a second '\|'"):
        parse_problem(Q + "| x = free | y = free")


# --- written in dialects ---------------------------------------------------------------------------------------------

EXAMPLE = (
    "a b c = triangle a b c, acute a b c; p = on_line p b c, between p b c; e = cong e a e b, cong a e e c; "
    "d = parallelogram a b c d; f = on_line f a b, perp f c a d | q = midpoint q a b ? coll a d p"
)


@pytest.mark.parametrize(
    ("dialect", "meant", "left_out"),
    [
        (Dialect.OURS, EXAMPLE, 0),
        (
            Dialect.JGEX,
            "a b c = triangle; p = on_line b c; e = on_bline a b, on_bline a c; d = parallelogram a b c; "
            "f = on_line a b, on_tline c a d ? coll a d p",
            3,
        ),
        (
            Dialect.ALPHAGEOMETRY,
            "a b c = triangle a b c; p = on_line p b c; e = on_bline e a b, on_bline e a c; "
            "d = parallelogram a b c d; f = on_line f a b, on_tline f c a d ? coll a d p",
            3,
        ),
        (
            Dialect.NEWCLID,
            "a b c = acute_triangle a b c; p = between_bound p b c; e = on_bline e a b, on_bline e a c; "
            "d = parallelogram d a b c; f = on_line f a b, on_tline f c a d | q = midpoint q a b ? coll a d p",
            0,
        ),
    ],
)
def test_a_problem_is_written_in_a_dialect(dialect, meant, left_out):
    done = converted(parse_problem(EXAMPLE), dialect)
    assert done.text == meant
    assert len(done.left_out) == left_out
    assert set(hypotheses(parse_problem(done.text))) >= {Fact("coll", ("p", "b", "c"))}


def test_what_a_dialect_cannot_say_is_refused_by_name():
    problem = parse_problem(Q + "? distseq a b c d 1 -1", "sum")
    with pytest.raises(InputError, match=r"sum: 'distseq a b c d 1 -1' cannot be said in alphageometry"):
        converted(problem, Dialect.ALPHAGEOMETRY)
    with pytest.raises(InputError, match="'eqratio x a b c d a c b' cannot be said in jgex"):
        converted(parse_problem(Q + "x = eqratio x a b c d a c b"), Dialect.JGEX)


def test_numbers_and_ratios_go_to_newclid_and_back():
    text = (
        Q + "x = eqratio a b x c d a c b; y = eqangle a b c d y a c b; z = rconst a b z c 2 "
        "? aconst a b c d 30, rsqconst a b c d 2"
    )
    there = converted(parse_problem(text), Dialect.NEWCLID).text
    assert "x = eqratio x d a c b a b c" in there
    assert "y = on_aline0 y c d a b c b a" in there
    assert "z = rconst a b c z 2" in there
    assert there.endswith("? aconst c d a b 30, r2const a b c d 2")
    back = parse_problem(there, dialect=Dialect.NEWCLID)
    assert back.goals == parse_problem(text).goals


@pytest.mark.parametrize("dialect", [Dialect.JGEX, Dialect.ALPHAGEOMETRY, Dialect.ALPHAGEOMETRY2, Dialect.NEWCLID])
@pytest.mark.parametrize("file", ["imo_ag_30.txt", "jgex_ag_154.txt"])
def test_published_problems_come_back_from_every_dialect(data_dir, dialect, file):
    problems = load_problems(data_dir / "geometry" / file)[:40]
    for problem, (_, done) in zip(problems, conversions(problems, dialect), strict=True):
        assert not isinstance(done, InputError)
        again = parse_problem(done.text, problem.name, dialect=dialect)
        assert set(hypotheses(again)) == set(hypotheses(problem))
        assert again.goals == problem.goals


@pytest.mark.parametrize(
    ("fact", "meant"),
    [
        ("coll a x b", "on_line x a b"),
        ("cyclic a x b c", "on_circum x a b c"),
        ("cong x a b x", "on_bline x a b"),
        ("cong x a a b", "on_circle x a b"),
        ("cong b c a x", "eqdistance x a b c"),
        ("perp x a b x", "on_dia x a b"),
        ("perp b c x a", "on_tline x a b c"),
        ("para a x b c", "on_pline x a b c"),
    ],
)
def test_a_fact_is_a_curve_to_one_of_its_points(fact, meant):
    name, *points = fact.split()
    found = locus_of_fact(Fact(name, tuple(points)), "x")
    assert found == Construction(meant.split()[0], tuple(meant.split()[1:]))


def test_the_language_itself_is_read_in_every_dialect_as_what_it_says():
    text = "a b c = triangle a b c; h = orthocenter h a b c ? perp a h b c"
    for dialect in (None, *Dialect):
        assert parse_problem(text, dialect=dialect) == parse_text(text)
