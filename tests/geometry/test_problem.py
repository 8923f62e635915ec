"""The language: what is read, what is printed, and what is said of mistakes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.language.problem import (
    MAX_FACTS,
    MAX_POINTS,
    load_problems,
    parse_fact,
    parse_problem,
    parse_problems,
    print_problem,
)
from maieutic.geometry.proofs.builder import Builder
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, introduces
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem
from maieutic.geometry.trusted.words import MAX_TEXT

TRIANGLE = Clause(("a", "b", "c"), (Construction("triangle", ("a", "b", "c")),))


def test_a_problem_is_clauses_and_goals():
    problem = parse_problem(
        "a b c = triangle a b c; h = on_tline h b a c, on_tline h c a b ? perp a h b c", "altitudes"
    )
    assert problem == Problem(
        "altitudes",
        (
            TRIANGLE,
            Clause(
                ("h",),
                (Construction("on_tline", ("h", "b", "a", "c")), Construction("on_tline", ("h", "c", "a", "b"))),
            ),
        ),
        (Fact("perp", ("a", "h", "b", "c")),),
    )
    assert problem.points == ("a", "b", "c", "h")


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("a b c = triangle", "a b c = triangle a b c"),
        ("a b c = triangle; d = parallelogram a b c", "a b c = triangle; d = parallelogram a b c d"),
        ("a b = segment; x = s_angle a b 30", "a b = segment; x = s_angle a b x 30"),
        ("a b = segment; c d = square a b", "a b = segment; c d = square a b c d"),
        ("a b c = triangle; x y z i = incenter2 a b c", "a b c = triangle; x y z i = incenter2 x y z i a b c"),
    ],
)
def test_new_points_may_be_left_out_of_the_arguments(short, full):
    assert parse_problem(short) == parse_problem(full)


def test_white_space_comments_and_line_breaks_do_not_matter():
    text = """
        a b c=triangle;   # any triangle
        m = midpoint m a b;
        ? coll a m b,
          cong a m m b
    """
    assert parse_problem(text) == parse_problem("a b c = triangle a b c; m = midpoint m a b ? coll a m b, cong a m m b")


def test_a_figure_needs_no_goal():
    assert parse_problem("a b c = triangle").goals == ()


def test_names_keep_their_case_and_may_have_digits_underscores_and_primes():
    assert parse_problem("A x_1 x' = triangle").points == ("A", "x_1", "x'")


def test_coordinates_are_read_exactly_and_predicates_may_be_asserted():
    problem = parse_problem("a@0.0_-1.5 = ; b@1e-05_2 = ; x = cong a x b x, aconst a b b x 60 ? acompute a x b x")
    assert problem.coordinates == (("a", 0 - 1.5j), ("b", 1e-05 + 2j))
    assert problem.clauses[2].constructions == (
        Construction("cong", ("a", "x", "b", "x")),
        Construction("aconst", ("a", "b", "b", "x"), (Fraction(60),)),
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("aconst a b c d 60", [60]),
        ("aconst a b c d 60o", [60]),
        ("aconst a b c d -15", [-15]),
        ("aconst a b c d 22.5", [Fraction(45, 2)]),
        ("aconst a b c d pi/3", [60]),
        ("aconst a b c d 2pi/3", [120]),
        ("aconst a b c d -pi", [-180]),
        ("rconst a b c d 1/2", [Fraction(1, 2)]),
        ("rconst a b c d 1 2", [Fraction(1, 2)]),
        ("rconst a b c d 0.75", [Fraction(3, 4)]),
        ("distseq a b c d 1 -3/2", [1, Fraction(-3, 2)]),
        ("angeq a b c d 1 -2 90", [1, -2, 90]),
    ],
)
def test_numbers_are_exact(text, values):
    assert list(parse_fact(text, "abcd").values) == values


# --- mistakes --------------------------------------------------------------------------------------------------------

MISTAKES = [
    # text, line, column, message, hint
    ("", 1, None, "an empty problem", "a b c = triangle"),
    ("a b c = triangl", 1, 9, "unknown construction or predicate 'triangl'", "'triangle'"),
    ("a b c = triangle ? pepr a b c a", 1, 20, "unknown predicate 'pepr'", "'perp'"),
    ("pa1 b c = triangle; m = midpoint m pa2 c", 1, 36, "unknown point 'pa2'", "'pa1'"),
    ("a b c = triangle; m = midpoint m x c", 1, 34, "unknown point 'x'", "the points are a, b, c"),
    ("a b c = triangle\n; m = midpoint\n m a 3", 3, 6, "expected a point, found '3'", None),
    ("a b c = triangle; a = midpoint a b c", 1, 19, "point 'a' is defined twice", None),
    ("a a b = triangle", 1, 3, "point 'a' is defined twice", None),
    ("a b c = triangle; m = foot a b", 1, 23, "foot takes 'x a b c' or 'a b c'; found 2 arguments", None),
    ("a b c = triangle; m = midpoint a", 1, 23, "midpoint takes 'x a b' or 'a b'; found 1", None),
    ("a b c = triangle; m = midpoint m a b c", 1, 23, "midpoint takes", None),
    ("a b = triangle", 1, 7, "triangle a b c introduces 3 points, the clause 2", None),
    ("a b c = triangle; m = midpoint n a b", 1, 32, "midpoint x a b introduces n, the clause m", "leave them out"),
    ("a b c = triangle; m = foot a b m", 1, 32, "'m' stands among the given points", None),
    ("a b c = triangle; m = midpoint a a", 1, 34, "midpoint needs different points, but 'a' stands twice", None),
    ("a b c = triangle ? cong a b c c", 1, 31, "cong needs different points, but 'c' stands twice", None),
    ("a b c = triangle ? coll a b a", 1, 29, "coll needs different points", None),
    ("a b c = triangle ? simtri a b c a b a", 1, 37, "simtri needs different points", None),
    ("a b c = triangle ? perp a b c", 1, 20, "perp takes 4 points; found 3", None),
    ("a b c = triangle ? coll a b", 1, 20, "coll takes 3 or more points; found 2", None),
    ("a b c = triangle ? aconst a b a c", 1, 20, "aconst takes 4 points and 1 number; found 4 and 0", None),
    ("a b c = triangle ? aconst a b a c x", 1, 35, "expected a number, found 'x'", "15, -3/2, 0.5 or pi/3"),
    ("a b c = triangle ? aconst a b a c 1/0", 1, 35, "denominator 0", None),
    ("a b c = triangle ? rconst a b a c -1", 1, 35, "rconst needs a positive number, found -1", None),
    ("a b c = triangle ? rconst a b a c 1 0", 1, 37, "a ratio to 0", None),
    ("a b c = triangle ? rconst a b a c 100000000003", 1, 35, "large prime factor", None),
    ("a b c = triangle ? aconst a b a c 1234567890123", 1, 35, "too many digits", "at most 12"),
    ("a b c = triangle ? sinesq a b c 2", 1, 33, "the square of a sine", None),
    ("a b c = triangle ?", 1, 18, "expected a goal after '?'", "leave out the '?'"),
    ("a b c = triangle ? coll a b c,", 1, 18, "expected a goal", None),
    ("a b c = triangle ? coll a b c ? coll a b c", 1, 31, "a second '?'", "commas"),
    ("a b c = triangle ? coll a b c; d = free", 1, 34, "'=' in the goals", "before the '?'"),
    ("? coll a b c", 1, 1, "a problem without clauses", None),
    ("a b c triangle", 1, 7, "expected '=' in the clause", None),
    ("a b c = triangle d = free", 1, 20, "a second '='", "';' ends a clause"),
    ("= triangle", 1, 1, "expected the clause's points before '='", None),
    ("a, b, c = triangle", 1, 2, "',' between points", "spaces"),
    ("a b c = triangle; x = on_line x a b,", 1, 36, "expected a construction next to ','", None),
    ("1a = free", 1, 1, "expected the name of a new point, found '1a'", "letters"),
    ("a@1 = ", 1, 1, "malformed coordinates '1'", "a@0.5_-1.25"),
    ("a@1_2_3 = ", 1, 1, "malformed coordinates", None),
    ("a@1_nan = ", 1, 1, "coordinates out of range", None),
    ("a b c d = quadrangle; x = acompute a b c x", 1, 27, "'acompute' is a question", "after '?'"),
    ("a = ; b = ; x = cyclic_with_centers a b x 2", 1, 43, "2 centres", "a whole number"),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(text, line, column, message, hint):
    with pytest.raises(ProblemError) as caught:
        parse_problem(text)
    error = caught.value
    assert message in error.message
    assert (error.line, error.column) == (line, column)
    assert hint is None or hint in (error.hint or "")


def test_what_is_read_is_bounded():
    points = " ".join(f"p{i}" for i in range(MAX_POINTS + 1))
    with pytest.raises(ProblemError, match="too many points"):
        parse_problem(f"{points} =")
    with pytest.raises(ProblemError, match="characters"):
        parse_problem("a" * (MAX_TEXT + 1))
    points = points.rsplit(" ", 1)[0]
    assert len(parse_problem(f"{points} =").points) == MAX_POINTS
    many = ", ".join([f"coll {points}"] * (MAX_FACTS // (MAX_POINTS - 2) + 1))  # each is MAX_POINTS - 2 facts
    with pytest.raises(ProblemError, match="too many facts"):
        parse_problem(f"{points} = {many}")


letters = st.text(alphabet="abx'_@=;,?# \n0123456789./-po½", max_size=40)
tokens = st.lists(
    st.sampled_from(["a", "b", "c", "x", "=", ";", ",", "?", "on_line", "circle", "coll", "angeq", "1/2", "pi", "\n"])
).map(" ".join)


@given(letters | tokens | tokens.map(lambda text: f"a b c = triangle; x = {text}"))
def test_any_text_is_a_problem_or_a_problem_error(text):
    try:
        problem = parse_problem(text)
    except ProblemError:
        return
    assert parse_problem(print_problem(problem)) == problem


# --- files -----------------------------------------------------------------------------------------------------------

FILE = """
# two problems
first
a b c = triangle

second
a b = segment; m = midpoint a b ? cong m a m b
"""


def test_a_file_has_two_lines_a_problem():
    first, second = parse_problems(FILE)
    assert (first.name, second.name) == ("first", "second")
    assert len(second.goals) == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (FILE.replace("midpoint a b", "midpoint a d"), 7, "unknown point 'd'"),
        (FILE + "third", 8, "problem 'third' has no text"),
        (FILE.replace("second\n", ""), 6, "expected a problem's name"),
    ],
)
def test_mistakes_in_a_file_have_its_lines(text, line, message):
    with pytest.raises(ProblemError, match=message) as caught:
        parse_problems(text)
    assert caught.value.line == line


def test_mistakes_in_a_file_have_its_name(tmp_path):
    path = tmp_path / "problems.txt"
    path.write_text("name\na b c = triangl", encoding="utf-8")
    with pytest.raises(ProblemError, match=r"problems\.txt, line 2, column 9: unknown"):
        load_problems(path)
    with pytest.raises(InputError, match="cannot read the problems: No such file"):
        load_problems(tmp_path / "none.txt")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        load_problems(path)


@pytest.mark.parametrize(
    ("file", "count"), [("imo_ag_30.txt", 30), ("jgex_ag_154.txt", 154), ("alphageometry2_26.txt", 26)]
)
def test_the_published_problems_are_read_and_print_as_they_are_read(data_dir, file, count):
    problems = load_problems(data_dir / "geometry" / file)
    assert len(problems) == count
    for problem in problems:
        assert parse_problem(print_problem(problem), problem.name) == problem


# --- printing --------------------------------------------------------------------------------------------------------

PRINTED = [
    "a b c = triangle a b c; h = orthocenter h a b c ? perp a h b c, perp b h c a",
    "a b = segment a b; x = s_angle a b x -45/2",
    "a@0.1_0.30000000000000004 =; b@-0.0_1e-17 =; c = cong a b b c, distseq a b b c 1 -3/2 ? rconst a b b c 3/2",
]


@pytest.mark.parametrize("text", PRINTED)
def test_printing_is_the_inverse_of_parsing(text):
    assert print_problem(parse_problem(text)) == text


coordinate = st.floats(-1e6, 1e6)


@st.composite
def problems(draw):
    """Random problems over the whole tables."""
    clauses, points, places = [], [], []

    def name():
        points.append(f"p{len(points)}'" if len(points) % 3 == 2 else f"P_{len(points)}")
        return points[-1]

    for _ in range(draw(st.integers(7, 8))):  # constructions take at most seven old points
        point = name()
        clauses.append(Clause((point,)))
        if draw(st.booleans()):
            places.append((point, complex(draw(coordinate), draw(coordinate))))
    for key in draw(st.lists(st.sampled_from(sorted(CONSTRUCTIONS)), max_size=5)):
        construct = CONSTRUCTIONS[key]
        old = draw(st.permutations(points))[: len(construct.old)]
        new = tuple(name() for _ in construct.new)
        taken = {False: iter(old), True: iter(new)}
        args = tuple(next(taken[letter in construct.new]) for letter in construct.letters)
        values = tuple(draw(st.fractions(-90, 90, max_denominator=60)) for _ in construct.numbers)
        clauses.append(Clause(new, (Construction(key, args, values),)))
    goals = []
    for key in draw(st.lists(st.sampled_from(["cong", "simtri", "midp", "aconst", "rconst", "ncoll"]), max_size=3)):
        count, values = PREDICATES[key].points, ()
        if PREDICATES[key].values:
            values = (draw(st.fractions(1, 90, max_denominator=60)),)
        goals.append(Fact(key, tuple(draw(st.permutations(points))[:count]), values))
    return Problem("random", tuple(clauses), tuple(goals), tuple(places))


@given(problems())
def test_every_problem_comes_back_from_its_text(problem):
    assert parse_problem(print_problem(problem), "random") == problem


@given(problems())
def test_the_new_points_of_a_construction_can_be_left_out(problem):
    """The short form of each clause means the full one."""

    def short(clause):
        if not clause.constructions:
            return str(clause)
        (use,) = clause.constructions
        assert introduces(use, clause)
        old = CONSTRUCTIONS[use.name].given(use.args)
        return f"{' '.join(clause.points)} = {Construction(use.name, old, use.values)}"

    text = "; ".join(map(short, problem.clauses))
    assert parse_problem(text).clauses == problem.clauses


# --- problems from Python --------------------------------------------------------------------------------------------


def test_a_problem_can_be_built_by_calls():
    p = Builder()
    a, b, c = p.triangle("a", "b", "c")
    h = p.orthocenter("h", a, b, c)
    e = p.point("e", ("on_line", "e", a, c), ("on_line", b, h))
    f = p.s_angle(a, b, "f", Fraction(45, 2))
    g = p.point("g", at=0.5 + 1j)
    x, *_ = p.construct("3peq", "x", "y", "z", a, b, c)
    p.goal("perp", b, e, a, c)
    p.goal("aconst", a, b, b, f, 22.5)
    assert (e, f, g, x) == ("e", "f", "g", "x")
    assert p.problem("built") == parse_problem(
        "a b c = triangle; h = orthocenter a b c; e = on_line a c, on_line b h; f = s_angle a b 45/2; g@0.5_1 = ; "
        "x y z = 3peq a b c ? perp b e a c, aconst a b b f 22.5",
        "built",
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda p: p.orthocentre("h", "a", "b", "c"),
            r"unknown construction 'orthocentre' \(did you mean 'orthocenter'",
        ),
        (lambda p: p.midpoint("m", "a"), "midpoint takes 'x a b'; found 2 arguments"),
        (lambda p: p.midpoint("m", "a", "d"), "unknown point 'd'"),
        (lambda p: p.midpoint("a", "a", "b"), "point 'a' is defined twice"),
        (lambda p: p.point("x", ("on_lin", "a", "b")), "unknown construction or predicate 'on_lin'"),
        (lambda p: p.goal("cong", "a", "b", "c"), "cong takes 4 points; found 3"),
        (lambda p: p.s_angle("a", "b", "x", "much"), "expected a number, found 'much'"),
    ],
)
def test_calls_make_the_same_mistakes_as_text(call, message):
    p = Builder()
    p.triangle("a", "b", "c")
    with pytest.raises(ProblemError, match=message):
        call(p)


def test_a_problem_without_clauses_is_none():
    with pytest.raises(ProblemError, match="without clauses"):
        Builder().problem()


def test_a_fact_is_read_like_a_goal():
    assert parse_fact("cong a b c d", "abcd") == Fact("cong", ("a", "b", "c", "d"))
    with pytest.raises(ProblemError, match="unexpected ','"):
        parse_fact("cong a b c d, para a b c d", "abcd")
    with pytest.raises(ProblemError, match="expected a predicate"):
        parse_fact(" ", "abcd")
