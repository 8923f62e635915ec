"""What a figure shows: each line, circle and mark once, by stable ids; the goal in colour, what is auxiliary dashed."""

import pytest

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.elements import Arcs, Circle, Dot, Element, Figure, Label, RightAngle, Segment, Ticks
from maieutic.geometry.figures.figure import elements_of, figure
from maieutic.geometry.figures.shown import SHOWN
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.records import Diagram


def drawn(text: str, seed: int = 0, facts: tuple[str, ...] = (), auxiliary: tuple[str, ...] = ()) -> Figure:
    problem = parse_problem(text)
    clauses = [clause for clause in problem.clauses if set(clause.points) & set(auxiliary)]
    read = [parse_fact(fact, problem.points) for fact in facts]
    return figure(problem, draw(problem, seed), facts=read, auxiliary=clauses)


def ids(shown: Figure, kind: type[Element], role: str | None = None) -> list[str]:
    return [element.id for element in shown.of(kind) if role is None or element.role == role]


def lit(fact: str, shown: Figure) -> tuple[str, ...]:
    return elements_of(parse_fact(fact, tuple(shown.at)), shown)


def test_the_table_says_of_every_construction_what_is_shown():
    assert SHOWN.keys() == CONSTRUCTIONS.keys()
    for name, words in SHOWN.items():
        assert set(words) <= {*CONSTRUCTIONS[name].letters, "(", ")", " "}, name


@pytest.mark.parametrize("name", library.names()[::5])
def test_ids_are_unique_and_everything_is_on_the_page(name):
    problem = library.problem(name)
    shown = figure(problem, draw(problem), facts=problem.goals)
    names = [element.id for element in shown.elements]
    assert len(set(names)) == len(names)
    for z in shown.at.values():
        assert 0 < z.real < shown.width
        assert 0 < z.imag < shown.height
    assert set(shown.at) == set(problem.points) == {name for dot in shown.of(Dot) for name in dot.points}
    for goal in problem.goals:
        assert set(elements_of(goal, shown)) <= set(names)


def test_a_triangle_has_three_sides_and_the_goal_its_colour():
    shown = drawn("a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c")
    assert ids(shown, Segment, "goal") == ["s-b-c", "s-a-h"]
    assert ids(shown, Segment, "given") == ["s-a-c", "s-a-b", "s-b-h", "s-c-h"]
    assert [label.text for label in shown.of(Label)] == ["A", "B", "C", "H"]


def test_segments_on_one_line_become_one():
    shown = drawn("a b = segment; c = midpoint a b; d = midpoint a c; e = midpoint c b")
    assert ids(shown, Segment) == ["s-a-b"]


def test_circles_are_drawn_once_and_without_radii():
    shown = drawn("a b c = triangle; o = circle a b c; d = on_circle o a; e = on_circum a b c")
    (circle,) = shown.of(Circle)
    assert circle.id == "c-o-a"
    assert set(circle.points) == set("abcde")
    assert len(shown.of(Segment)) == 3


def test_a_circle_to_be_proved_is_in_colour():
    shown = drawn("a b c = triangle; o = circle a b c; d = on_circle o a ? cyclic a b c d")
    assert ids(shown, Circle, "goal") == ["c-o-a"]


def test_points_in_one_place_share_a_point_and_a_label():
    shown = drawn("a b = segment; x = midpoint a b; x' = midpoint a b")
    assert ids(shown, Dot) == ["p-a", "p-b", "p-x"]
    assert [label.text for label in shown.of(Label)] == ["A", "B", "X = X′"]
    assert lit("coll x' a b", shown) == ("p-x", "p-a", "p-b", "s-a-b")


def test_names_have_subscripts_and_primes():
    shown = drawn("a1 b' = segment; o_b = midpoint a1 b'")
    runs = [[(run.text, run.low) for run in label.runs] for label in shown.of(Label)]
    assert runs == [[("A", False), ("1", True)], [("B", False), ("′", False)], [("O", False), ("B", True)]]
    assert ids(shown, Dot) == ["p-a1", "p-b.", "p-o_b"]


def test_what_rests_on_auxiliary_points_is_dashed():
    shown = drawn("a b c = triangle; d = midpoint b c; e = mirror a d", auxiliary=("e",))
    assert ids(shown, Segment, "auxiliary") == ["s-a-e"]
    assert ids(shown, Segment, "given") == ["s-a-b", "s-a-c", "s-b-c"]


# --- marks ---


def test_equal_segments_are_ticked_each_class_in_its_own_way():
    shown = drawn("a b c = triangle; d = midpoint b c; e = midpoint c a; f = midpoint a b")
    count = {ticks.id: len(ticks.lines) for ticks in shown.of(Ticks)}
    assert count == {"t-b-d": 1, "t-c-d": 1, "t-c-e": 2, "t-a-e": 2, "t-a-f": 3, "t-b-f": 3}


def test_radii_of_a_drawn_circle_are_not_ticked():
    assert drawn("a b c = triangle; o = circle a b c; d = foot o a b").of(Ticks) == ()


def test_equal_angles_have_arcs_and_right_angles_squares():
    shown = drawn("a b c = triangle; i = angle_bisector a b c, angle_bisector b c a; d = foot i b c")
    assert {arc.id: len(arc.radii) for arc in shown.of(Arcs)} == {
        "v-b-a-i": 1,
        "v-b-c-i": 1,
        "v-c-b-i": 2,
        "v-c-a-i": 2,
    }
    assert len(shown.of(RightAngle)) == 1


def test_angles_that_are_equal_only_as_directed_angles_are_not_marked():
    # abx = acx as directed angles modulo 180; on this figure the two sum to 180 degrees.
    problem = parse_problem("a b c = triangle; x = on_circum a b c ? eqangle b a b x c a c x")
    shown = figure(problem, Diagram({"a": -1 + 0j, "x": 1 + 0j, "b": 0.6 + 0.8j, "c": 0.28 - 0.96j}))
    assert shown.of(Arcs) == ()  # both are right angles here
    shown = figure(problem, Diagram({"a": -1 + 0j, "x": 0.6 - 0.8j, "b": 0.6 + 0.8j, "c": -0.6 - 0.8j}))
    assert shown.of(Arcs) == ()


def test_a_given_angle_has_its_size_and_an_asked_one_a_question_mark():
    shown = drawn("a b = segment; c = s_angle a b 50 ? acompute b a a c", seed=1)
    assert [label.text for label in shown.of(Label)] == ["A", "B", "C", "50°", "?"]


def test_a_perpendicular_is_drawn_on_to_its_foot():
    problem = parse_problem("a b c = triangle; h = orthocenter a b c")
    shown = figure(problem, Diagram({"a": 0.1 + 0.8j, "b": -0.6 + 0j, "c": 0.6 + 0j, "h": 0.1 + 0.4375j}))
    assert len(shown.of(RightAngle)) == 3
    (altitude,) = [element for element in shown.of(Segment) if element.id == "s-a-h"]
    feet = {round(z.imag, 6) for z in (altitude.a, altitude.b)}
    assert round(shown.at["b"].imag, 6) in feet


# --- facts that are to be highlighted ---


def test_facts_add_what_is_not_drawn_to_be_seen_when_highlighted():
    text = "a b c = triangle; d = midpoint b c; e = foot a b c; f = foot b c a"
    shown = drawn(text, facts=("cong a d b d", "cyclic a b e f", "eqangle d a d b b a b c"))
    assert set(ids(shown, Segment, "overlay")) >= {"s-a-d", "s-b-d"}
    assert ids(shown, Circle, "overlay") == ["c-a-b-e"]
    assert set(ids(shown, Arcs, "overlay")) == {"v-d-a-b", "v-b-a-c"}
    assert lit("cong a d b d", shown) == ("p-a", "p-d", "p-b", "s-a-d", "s-b-d")
    assert lit("cyclic a b e f", shown)[-1] == "c-a-b-e"
    assert lit("coll a b c", shown)[:3] == ("p-a", "p-b", "p-c")
    assert drawn(text).at == shown.at  # and move nothing


@pytest.mark.parametrize("points", [{"a": 0j}, {"a": 0j, "b": 0j}, {"a": 0j, "b": 1e-9 + 0j, "c": 1 + 0j}])
def test_degenerate_figures_are_drawn(points):
    problem = parse_problem("; ".join(f"{name} = free" for name in points))
    shown = figure(problem, Diagram(points))
    assert sum(len(dot.points) for dot in shown.of(Dot)) == len(points)
