"""GeoGebra files: what is written is read back, what GeoGebra's format holds is read as it is meant, and what is not
known is named.

The examples are in shorthand, a line for an item: `A 0 0` is a free point with its coordinates, `Line A B -> f:line`
a command with its outputs, each with its type in the file and, after `@`, its coordinates.
"""

import json
import math
import re
import zipfile
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.attempt import attempt
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.ggb.commands import READ
from maieutic.geometry.ggb.file import ENTRY, MAX_XML, XML, labels_of, names_of
from maieutic.geometry.ggb.read import read_ggb
from maieutic.geometry.ggb.sheet import LOCI, POINTS
from maieutic.geometry.ggb.write import write_ggb
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, hypotheses
from maieutic.geometry.trusted.predicates import holds

# --- files made here -------------------------------------------------------------------------------------------------


def archive(**members: str | bytes) -> bytes:
    """A zip archive; `xml` is the construction, `json` our own entry."""
    names = {"xml": XML, "json": ENTRY}
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(names.get(name, name), text)
    return stream.getvalue()


def element(kind: str, label: str, coords: str = "") -> str:
    numbers = [*coords.split(","), "1"] if coords.count(",") == 1 else coords.split(",")
    place = '<coords x="{}" y="{}" z="{}"/>'.format(*numbers) if coords else ""
    return f'<element type="{kind}" label={quoteattr(label)}><show object="true" label="true"/>{place}</element>'


def command(text: str) -> str:
    """`Intersect f c -> D:point@1,2 -:point`, where `-` is an output without a label."""
    given, _, made = text.partition(" -> ")
    name, *inputs = given.split()
    outputs = [output.partition(":") for output in made.split()]
    labels = ["" if label == "-" else label for label, _, _ in outputs]
    lines = [
        f'<command name="{name}">',
        "<input " + " ".join(f"a{i}={quoteattr(each.replace('~', ' '))}" for i, each in enumerate(inputs)) + "/>",
        "<output " + " ".join(f"a{i}={quoteattr(each)}" for i, each in enumerate(labels)) + "/>",
        "</command>",
    ]
    for label, (_, _, rest) in zip(labels, outputs, strict=True):
        if label and rest:
            kind, _, coords = rest.partition("@")
            lines.append(element(kind, label, coords))
    return "\n".join(lines)


def sheet(text: str) -> str:
    items = []
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split()
        if line.startswith("<"):
            items.append(line)
        elif " -> " in line:
            items.append(command(line))
        else:
            items.append(element("point", words[0], ",".join(words[1:])))
    body = "\n".join(items)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<geogebra format="5.0">\n<euclidianView/>\n'
        f'<construction title="example" author="" date="">\n{body}\n</construction>\n</geogebra>\n'
    )


def ggb(text: str) -> bytes:
    return archive(xml=sheet(text))


def read(text: str, *goals: str):
    return read_ggb(ggb(text), goals)


def clauses(text: str) -> str:
    """The problem of a sheet, without coordinates."""
    words = print_problem(read(text)).split()
    return " ".join(word.partition("@")[0] for word in words)


def without_entries(data: bytes) -> bytes:
    """The same file with its construction only."""
    with zipfile.ZipFile(BytesIO(data)) as file:
        xml = file.read(XML).decode()
    return archive(xml="\n".join(line for line in xml.splitlines() if not line.startswith("<worksheetText")))


# --- round trip ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", library.names())
def test_every_problem_of_the_library_reads_back(name):
    problem = library.problem(name)
    data = write_ggb(problem, draw(problem))
    again = read_ggb(data)
    assert (again, print_problem(again)) == (problem, print_problem(problem))


def example(name: str):
    """A problem of one construction, on free points."""
    special = {
        "2l1c": "o = free; a = free; b = on_circle o a; c = free",
        "e5128": "c = free; b = free; d = on_circle c b; a = on_tline b b c",
    }
    construct = CONSTRUCTIONS[name]
    before = special.get(name, "; ".join(f"{point} = free" for point in construct.old))
    numbers = " 50" if construct.numbers else ""
    use = f"{' '.join(construct.new)} = {name} {' '.join(construct.old)}{numbers}"
    return parse_problem(f"{before}; {use}" if before else use, name)


PLACED = {"cc_tangent0", "cc_tangent", "on_aline2", "eqangle2", "eqangle3", "trisegment", "trisect", "3peq", "2l1c"} | {
    "e5128"
}


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_construction_is_written_by_commands_or_else_placed(name):
    problem = example(name)
    figure = draw(problem)
    data = write_ggb(problem, figure)
    assert read_ggb(data) == problem
    assert (name in PLACED) != (name in POINTS or name in LOCI)
    if name in PLACED:
        return
    # Read from its commands alone, it says the same of the same figure.
    again = read_ggb(without_entries(data))
    at = dict(again.coordinates)
    assert all(at[point] == place for point, place in figure.points.items())
    assert all(holds(fact, at) for fact in hypotheses(again))
    goals = tuple(fact for fact in hypotheses(problem) if fact not in hypotheses(again))
    if goals and name != "tangent":
        assert prove(read_ggb(without_entries(data), [", ".join(map(str, goals))])).status is Status.PROVED


def test_a_problem_of_the_library_is_proved_from_its_commands_alone():
    for name in ("orthocentre_feet", "incentre", "imo_2000_p1"):
        problem = library.problem(name)
        data = without_entries(write_ggb(problem, draw(problem)))
        assert prove(read_ggb(data, list(map(str, problem.goals)))).status is Status.PROVED


def test_files_are_always_the_same_and_are_written(tmp_path):
    problem = library.problem("orthocentre")
    path = tmp_path / "figure.ggb"
    data = write_ggb(problem, draw(problem), path)
    assert path.read_bytes() == data == write_ggb(problem, draw(problem))
    assert read_ggb(path) == read_ggb(str(path)) == problem


def test_names_coordinates_and_capitals_survive():
    problem = parse_problem("A@0.0_0.0 a@4.0_1.0 b_1@1.0_3.0 = triangle; _x' = midpoint A a ? coll A a _x'", "né <&\"'")
    again = read_ggb(write_ggb(problem, draw(problem)))
    assert again == problem
    assert again.coordinates == problem.coordinates


def test_given_goals_take_the_place_of_stored_ones():
    problem = library.problem("orthocentre")
    data = write_ggb(problem, draw(problem))
    assert list(map(str, read_ggb(data, ["perp A H B C, diff a b"], "mine").goals)) == ["perp a h b c", "diff a b"]
    assert read_ggb(data, name="mine").name == "mine"


def test_a_figure_without_all_points_is_refused():
    problem = parse_problem("a b c = triangle")
    figure = draw(parse_problem("a b = segment"))
    with pytest.raises(InputError, match="has no point c"):
        write_ggb(problem, figure)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    problem = parse_problem("a b c = triangle")
    with pytest.raises(InputError, match="cannot be written"):
        write_ggb(problem, draw(problem), tmp_path / "no" / "figure.ggb")


# --- files that were written here and changed ------------------------------------------------------------------------


def changed(data: bytes, *edits: tuple[str, str], entry: bool = True) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as file:
        xml, note = file.read(XML).decode(), file.read(ENTRY)
    for old, new in edits:
        assert old in xml
        xml = xml.replace(old, new)
    return archive(xml=xml, json=note) if entry else archive(xml=xml)


MEDIAN = parse_problem("a b c = triangle; m = midpoint a b ? cong a m m b", "median")


def test_the_problem_is_kept_where_geogebra_drops_the_entry():
    data = write_ggb(MEDIAN, draw(MEDIAN))
    assert read_ggb(changed(data, entry=False)) == MEDIAN


def test_what_says_nothing_of_the_points_may_change():
    data = write_ggb(MEDIAN, draw(MEDIAN))
    text = '<element type="text" label="t1"/></construction>'
    moved = changed(data, ("</construction>", text), ('r="68"', 'r="0"'), ('thickness="3"', 'thickness="4"'))
    assert read_ggb(moved) == MEDIAN


def test_a_changed_construction_is_read_anew():
    data = write_ggb(MEDIAN, draw(MEDIAN))
    made = '<command name="Midpoint"><input a0="A" a1="B"/>'
    other = read_ggb(changed(data, (made, made.replace('"B"', '"C"'))))
    assert [str(clause) for clause in other.clauses][-1] == "m = midpoint m a c"
    more = read_ggb(changed(data, ("</construction>", element("point", "D", "1,1") + "</construction>")))
    assert more.points == ("a", "b", "c", "m", "d")


def test_a_changed_construction_with_points_that_no_command_makes_is_refused():
    problem = parse_problem("a b c = triangle; x y = trisegment a b ? cong a x x y")
    data = write_ggb(problem, draw(problem))
    with pytest.raises(InputError, match="nothing of how X, Y came about"):
        read_ggb(changed(data, ("</construction>", element("point", "D", "1,1") + "</construction>")))


@pytest.mark.parametrize(
    "note",
    ["", "[]", "{}", '{"maieutic":1}', "[" * 100_000, '{"maieutic":1,"name":1,"problem":2,"labels":{},"placed":[]}'],
)
def test_an_entry_that_is_not_ours_is_passed_over(note):
    assert read_ggb(archive(xml=sheet("A 0 0"), json=note)).points == ("a",)


def test_an_entry_of_another_figure_is_passed_over():
    with zipfile.ZipFile(BytesIO(write_ggb(MEDIAN, draw(MEDIAN)))) as file:
        note = file.read(ENTRY)
    assert read_ggb(archive(xml=sheet("A 0 0\nB 1 0\nC 0 1\nM 5 5"), json=note)).clauses != MEDIAN.clauses
    broken = {**json.loads(note), "problem": "a = nonsense"}
    assert read_ggb(archive(xml=sheet("A 0 0"), json=json.dumps(broken))).points == ("a",)


# --- files of GeoGebra -----------------------------------------------------------------------------------------------

EXAMPLES = {
    # The midline of a triangle; midpoints of a side by its label and by its ends.
    "midline": (
        """
        A 0 0
        B 4 0
        C 1 3
        Polygon A B C -> t1:triangle c:segment a:segment b:segment
        Midpoint a -> M:point@2.5,1.5
        Midpoint A C -> N:point@0.5,1.5
        """,
        "a = free a; b = free b; c = free c; m = midpoint m b c; n = midpoint n a c",
        "para M N A B",
    ),
    # The altitudes meet in one point.
    "altitudes": (
        """
        A 0 0
        B 4 0
        C 1 3
        Segment A B -> c:segment
        Segment B C -> a:segment
        Segment C A -> b:segment
        OrthogonalLine A a -> h_1:line
        OrthogonalLine B b -> h_2:line
        Intersect h_1 h_2 -> H:point@1,1
        """,
        "a = free a; b = free b; c = free c; h = on_tline h a b c, on_tline h b c a",
        "perp C H A B",
    ),
    # The perpendicular bisectors meet in the circle's centre.
    "circumcentre": (
        """
        A 0 0
        B 4 0
        C 1 3
        LineBisector A B -> f:line
        Segment B C -> a:segment
        LineBisector a -> g:line
        Intersect f g -> O:point@2,1
        Circle O A -> d:conic
        """,
        "a = free a; b = free b; c = free c; o = on_bline o a b, on_bline o b c",
        "cong O A O C",
    ),
    # The centre of a circle through three points, and a point on it.
    "circle_through_three": (
        """
        A 0 0
        B 4 0
        C 1 3
        Circle A B C -> d:conic
        Center d -> O:point@2,1
        Point d -> D:point@3,-1
        """,
        "a = free a; b = free b; c = free c; o = circumcenter o a b c; d = on_circum d a b c",
        "cyclic a b c d, cong o d o a",
    ),
    # The bisectors meet in a point with one distance from the sides, whose feet are intersections of perpendiculars.
    "incentre": (
        """
        A 0 0
        B 4 0
        C 0 3
        AngularBisector A B C -> f:line
        AngularBisector B C A -> g:line
        Intersect f g -> I:point@1,1
        Line A B -> c:line
        Line B C -> a:line
        OrthogonalLine I c -> h:line
        OrthogonalLine I a -> i:line
        Intersect h c -> D:point@1,0
        Intersect i a -> E:point@1.6,1.8
        """,
        "a = free a; b = free b; c = free c; i = angle_bisector i a b c, angle_bisector i b c a; "
        "d = on_tline d i a b, on_line d a b; e = on_tline e i b c, on_line e b c",
        "cong I D I E",
    ),
    # The angle in a semicircle is right: a circle about a midpoint, a point on it.
    "thales": (
        """
        A -5 0
        B 5 0
        Segment A B -> f:segment
        Midpoint f -> M:point@0,0
        Circle M A -> c:conic
        Point c -> C:point@3,4
        """,
        "a = free a; b = free b; m = midpoint m a b; c = on_circle c m a",
        "perp A C B C",
    ),
    # Two circles meet in points that mirror each other.
    "two_circles": (
        """
        O 0 0
        W 4 0
        A 2 3
        Circle O A -> c:conic
        Circle W A -> d:conic
        Intersect c d -> A':point@2,-3 B:point@2,3
        """,
        "o = free o; w = free w; a = free a; a' = on_circle a' o a, on_circle a' w a",
        "perp O W A A', cong O B O A'",
    ),
    # Both meets of a line and a circle.
    "secant": (
        """
        O 0 0
        A 5 0
        P 3 4.5
        Q -3 3.5
        Circle O A -> c:conic
        Line P Q -> f:line
        Intersect f c -> X:point@2.381,4.397 Y:point@-3.678,3.387
        Midpoint X Y -> M:point@-0.649,3.892
        """,
        "o = free o; a = free a; p = free p; q = free q; x = on_line x p q, on_circle x o a; "
        "y = on_line y p q, on_circle y o a; m = midpoint m x y",
        "perp O M P Q",
    ),
    # A line through a point of a circle meets it again.
    "second_meet": (
        """
        A 0 5
        B 3 -4
        C -5 0
        P -3 6
        Circle A B C -> c:conic
        Line P A -> f:line
        Intersect f c 2 -> D:point@3,4
        """,
        "a = free a; b = free b; c = free c; p = free p; d = on_line d p a, on_circum d a b c",
        "cyclic a b c d, coll p a d",
    ),
    # The tangents from a point have one length.
    "tangents": (
        """
        O 0 0
        A 3 4
        P 10 0
        Circle O A -> c:conic
        Tangent P c -> g:line@-0.5,0.8660254037844386,5 h:line@-0.5,-0.8660254037844386,5
        Intersect g c -> T:point@2.5,-4.330127018922193
        Intersect c h -> S:point@2.5,4.330127018922193
        """,
        "o = free o; a = free a; p = free p; t s = tangent t s p o a",
        None,
    ),
    # The tangent at a point of a circle.
    "tangent_at": (
        """
        O 0 0
        A 5 0
        Circle O A -> c:conic
        Point c -> B:point@3,4
        Tangent A c -> f:line@1,0,-5
        Tangent B c -> g:line@3,4,-25
        Intersect f g -> P:point@5,2.5
        """,
        "o = free o; a = free a; b = on_circle b o a; p = lc_tangent p a o, lc_tangent p b o",
        "cong P A P B",
    ),
    # Images in a point and in a line.
    "mirrors": (
        """
        A 0 0
        B 4 0
        C 1 3
        Midpoint B C -> M:point@2.5,1.5
        Mirror A M -> D:point@5,3
        Line B C -> f:line
        Mirror A f -> E:point@4,4
        Ray D E -> r:ray
        """,
        "a = free a; b = free b; c = free c; m = midpoint m b c; d = mirror d a m; e = reflect e a b c",
        "para A B C D, para D E B C",
    ),
    # The parallel through a midpoint halves the other side.
    "parallel": (
        """
        A 0 0
        B 4 0
        C 1 3
        Segment A B -> c:segment
        Segment B C -> a:segment
        Midpoint A C -> M:point@0.5,1.5
        Line M c -> f:line
        Intersect f a -> N:point@2.5,1.5
        """,
        "a = free a; b = free b; c = free c; m = midpoint m a c; n = on_pline n m a b, on_line n b c",
        "cong B N N C",
    ),
    # A rhombus, by circles with a segment as radius.
    "compass": (
        """
        A 0 0
        B 4 0
        Segment A B -> r:segment
        Circle B r -> c:conic
        Point c -> C:point@6.4,3.2
        Circle A r -> d:conic
        Circle C r -> e:conic
        Intersect d e -> D:point@2.4,3.2 E:point@4,0
        """,
        "a = free a; b = free b; c = on_circle c b a; d = on_circle d a b, on_circle d c b",
        "para A D B C",
    ),
    # Squares and equilateral triangles on the sides of a triangle.
    "regular_polygons": (
        """
        A 0 0
        B 4 0
        C 1 3
        Polygon C B 4 -> p:quadrilateral f:segment g:segment D:point@7,3 E:point@4,6 h:segment i:segment
        Polygon A C 4 -> q:quadrilateral j:segment k:segment F:point@-2,4 G:point@-3,1 l:segment m:segment
        Segment A E -> n:segment
        Segment B F -> s:segment
        """,
        "a = free a; b = free b; c = free c; d e = square b c e d; f g = square c a g f",
        "cong A E B F, perp A E B F",
    ),
    # The two bisectors of two lines are perpendicular.
    "two_bisectors": (
        """
        A 4 0
        B 0 0
        C 0 3
        Line B A -> f:line
        Line B C -> g:line
        AngularBisector f g -> h:line@1,-1,0 k:line@1,1,0
        Point h -> D:point@2,2
        Point k -> E:point@-1,1
        """,
        "a = free a; b = free b; c = free c; p1 = angle_bisector p1 a b c; d = angle_bisector d a b c; "
        "e = on_tline e b b p1",
        "eqangle B A B E B E B C, perp B D B E",
    ),
    # A point turned, a point shifted; an equilateral triangle and a parallelogram.
    "turned_and_shifted": (
        """
        A 0 0
        B 4 0
        C 1 3
        Rotate B 60° A -> D:point@2,3.4641016151377544
        Rotate B 90° A -> E:point@0,4
        Rotate B 30° A -> F:point@3.4641016151377544,2
        Vector A B -> u:vector
        Translate C u -> G:point@5,3
        """,
        None,
        "cong A D B D, perp A E A B, aconst A F A B 30, para C G A B",
    ),
    # Commands inside commands, typed midpoints, text, measures and sliders.
    "nested": (
        """
        A 0 0
        B 4 0
        C 1 3
        <element type="numeric" label="k"><value val="2"/><slider min="0" max="5"/></element>
        <element type="text" label="Text1"/>
        Angle A B C -> α:angle
        Distance A B -> d:numeric
        AreCollinear A B C -> b_1:boolean
        <expression label="M" exp="(A + B) / 2" type="point"/>
        <element type="point" label="M"><coords x="2" y="0" z="1"/></element>
        Intersect Line[A,~Midpoint(B,C)] Line(C,~M) -> G:point@1.6666666666666667,1
        ClosestPoint Line(A,B) C -> H:point@1,0
        """,
        "a = free a; b = free b; c = free c; m = midpoint m a b; m1 = midpoint m1 b c; "
        "g = on_line g a m1, on_line g c m; h = on_tline h c a b, on_line h a b ? coll a b c",
        "perp C H A M, rconst C G G M 2",
    ),
    # The incircle, a centre by its number, half a circle.
    "circles_of_a_triangle": (
        """
        A 0 0
        B 4 0
        C 0 3
        Incircle A B C -> c:conic
        TriangleCenter A B C 1 -> I:point@1,1
        Semicircle B C -> d:conicpart
        Point d -> D:point@4,3
        """,
        "a = free a; b = free b; c = free c; i = incenter i a b c; d = on_dia d b c",
        "perp D B D C",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_it_is_meant(name):
    text, meant, goals = EXAMPLES[name]
    problem = read(text, *([goals] if goals else []))
    if meant:
        assert clauses(text) == meant
    at = dict(problem.coordinates)
    assert set(at) == set(problem.points)
    assert all(holds(fact, at, 1e-2) for fact in hypotheses(problem))
    if goals:
        assert prove(problem).status is Status.PROVED


def test_the_examples_hold_every_command():
    names = {line.split()[0] for text, _, _ in EXAMPLES.values() for line in text.splitlines() if " -> " in line}
    rest = {"CircleArc", "CircumcircleArc", "Arc", "Centroid", "Dilate", "Length", "PointIn", "Vertex"}  # further below
    assert {command for command, _ in READ} - names == rest


def test_tangent_points_take_the_names_of_the_intersections():
    problem = read(EXAMPLES["tangents"][0], "cong P T P S")
    at = dict(problem.coordinates)
    assert at["t"].imag < 0 < at["s"].imag
    assert str(problem.clauses[-1]) == "t s = tangent t s p o a"
    assert prove(problem).status is Status.PROVED


def test_a_known_meet_is_not_met_again():
    text = EXAMPLES["second_meet"][0]
    same = read(text.replace("3,4", "0,5"), "perp P D B C")  # A again, under a second label
    assert (same.points, str(same.goals[0])) == (("a", "b", "c", "p"), "perp p a b c")
    with pytest.raises(InputError, match="coordinates are not where the two meet"):
        read(text.replace("3,4", "1.5,4"))


def test_arcs_are_read_as_their_circles():
    text = "A 0 0\nB 4 0\nC 0 4\nCircleArc A B C -> c:conicpart\nCircumcircleArc A B C -> d:conicpart\n"
    points = "Point c -> P:point@2.4,3.2\nPoint d -> Q:point@4,4"
    assert clauses(text + points).endswith("p = on_circle p a b; q = on_circum q a b c")


def test_lines_and_circles_have_images():
    text = """
        A 0 0
        B 4 0
        C 1 3
        Segment A B -> f:segment
        Circle A B -> c:conic
        Mirror f C -> f':segment
        Mirror c C -> c':conic
        Midpoint f' -> M:point@0,6
        Point c' -> D:point@2,10
        Mirror A C -> A':point@2,6
        Rotate f 60° A -> g:segment
        Point g -> E:point@2,3.4641016151377544
        Rotate f Angle(A,B,C) B -> h:line
        Point h -> F:point@1,3
    """
    assert clauses(text) == (
        "a = free a; b = free b; c = free c; a' = mirror a' a c; p2 = mirror p2 b c; "
        "m = midpoint m a' p2; d = on_circle d a' p2; e = s_angle b a e 60; f = on_aline f b a c b a"
    )


def test_an_auxiliary_point_of_the_file_goes_by_its_label():
    text = "A 0 0\nB 4 0\nC 1 3\nCircle A B C -> c:conic\nTangent A c -> f:line\nCenter c -> O_1:point@2,1"
    assert clauses(text) == "a = free a; b = free b; c = free c; o1 = circumcenter o1 a b c"


def test_coordinates_that_geogebra_computes_anew_are_left_out():
    problem = read("A 0 0\nB 4 0\nMidpoint A B -> M:point@0,0")
    assert [point for point, _ in problem.coordinates] == ["a", "b"]
    assert [point for point, _ in read("A 0 0\nB 4 0\nMidpoint A B -> M").coordinates] == ["a", "b"]


def test_homogeneous_coordinates_are_read():
    assert dict(read("A 2 4 2\nB 0 0 -1").coordinates) == {"a": 1 + 2j, "b": 0}


def test_goals_go_by_labels_or_names():
    text = "A 0 0\na 4 0\nB_{12} 1 3\nα' 2 2"
    problem = read(text, "diff A a", "diff a_2 b12, diff alpha' B_{12}")
    assert list(map(str, problem.goals)) == ["diff a a_2", "diff a_2 b12", "diff alpha' b12"]
    with pytest.raises(ProblemError, match=r"goal 'cong A Q a A': unknown point 'Q'"):
        read(text, "cong A Q a A")
    with pytest.raises(ProblemError, match="goal ''"):
        read(text, "")


def test_names_and_labels():
    labels = ["A", "B'", "C_1", "C_{12}", "α", "Δ_3", "a", "É", "C1", "1", "点"]
    names = ["a", "b'", "c1", "c12", "alpha", "delta3", "a_2", "e", "c1_2", "p1", "u70b9"]
    assert list(names_of(labels).values()) == names
    plain = ["a", "b'", "c1", "c12", "alpha", "x''", "a1'"]
    assert list(names_of(labels_of(plain).values()).values()) == plain
    odd = ["a", "A", "_", "__", "_1", "a_b", "x9y", "o'_2", "A_'"]
    assert len(set(labels_of(odd).values())) == len(odd)
    assert all(label[0].isupper() for label in labels_of(odd).values())


# --- files that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        (
            "A 0 0\nB 1 0\nEllipse A B 3 -> c:conic\nPoint c -> C:point@1,2\nDilate A -> D:point@2,0\n"
            '<element type="function" label="f"/>',
            [
                r"line 7: command Ellipse \(c\): this command is not known",
                r"line 17: command Dilate \(D\): of \(point\) it is not known",
                r"line 22: element f \(function\)",
            ],
        ),
        ("A 0 0\nCircle A -1 -> c:conic", [r"command Circle \(c\): its number is not positive"]),
        ("A 0 0\nPoint xAxis -> B:point@1,0", [r"command Point \(B\): 'xAxis' is not known"]),
        ("A 0 0\nMidpoint A Z -> M:point@1,1", [r"command Midpoint \(M\): 'Z' is not known"]),
        ("A 0 0\nB 1 0\nLine A B -> f:line\nMidpoint f -> M:point@1,1", ["a segment, not of a line"]),
        ("A 0 0\nB 1 0\nC 0 1\nTriangleCenter A B C 9 -> M:point@1,1", ["1, 2, 3, 4, 5, 6, 7, 8 are known"]),
        ("A 0 0\nB 1 0\nPolygon A B 5 -> p:polygon", ["regular polygons"]),
        ("A 0 0\nMidpoint A A -> M:point@0,0", ["a midpoint of one point"]),
        ("A 0 0\nB 1 0\nMidpoint A B -> A:point@0,0", [r"command Midpoint \(A\): A is made twice"]),
        ("A 0 0\nB 1 0\nLine A B -> f:line\nSegment A B -> g:segment\nIntersect f g -> C", ["the two are the same"]),
        ('<element type="line" label="g"><coords x="1" y="2" z="3"/></element>', [r"element g \(line\)"]),
        ('A 0 0\n<expression label="B" exp="A + (1, 2)" type="point"/>', [r"expression B = A \+ \(1, 2\)"]),
        ('A 0 0\n<expression label="B" exp="Foo(A)"/>', ["expression B = Foo"]),
        ("A 0 0\n<element/>", [r"element \(no label\) \(no type\)"]),
        ("A 0 0\nB nan nan\nMidpoint A B -> M:point@0,0", [r"\(point, undefined point\)"]),
        ("A 0 0\nB 1 0\nRotate B Angle(A,B,B) A -> D:point@1,1", ["needs different points"]),
        ("A 0 0\nB 1 0\nC 1 1\nRotate C B A -> D:point", ["point, point, point"]),
        ("A 0 0\nB 1 0\nMidpoint " + "Midpoint(A," * 30 + "B" + ")" * 30 + " A -> M:point", ["not known"]),
    ],
)
def test_all_that_cannot_be_read_is_named(text, complaints):
    for complaint in complaints:
        with pytest.raises(InputError, match=complaint):
            read(text)


def test_what_depends_on_something_unread_is_not_named_again():
    with pytest.raises(InputError) as caught:
        read("A 0 0\nB 1 0\nEllipse A B 3 -> c:conic\nPoint c -> C:point@1,2\nMidpoint C A -> D:point@1,2")
    assert str(caught.value).count("command") == 2  # one of them says why


def test_many_complaints_are_cut_short():
    text = "\n".join(f"Spline A -> c_{{{i}}}:function" for i in range(30))
    with pytest.raises(InputError, match="and 10 more"):
        read(f"A 0 0\n{text}")


def test_contradictory_or_missing_coordinates_of_two_intersections():
    text = "O 0 0\nW 4 0\nA 2 3\nCircle O A -> c:conic\nCircle W A -> d:conic\nIntersect c d -> "
    with pytest.raises(InputError, match="not where the two meet"):
        read(text + "P:point@7,7 Q:point@2,3")
    with pytest.raises(InputError, match="without coordinates"):
        read(text + "P:point Q:point")
    with pytest.raises(InputError, match="two of its points are one"):
        read(text + "P:point@2,3 Q:point@2,3")
    far = "O 0 0\nA 5 0\nP 3 4.5\nQ -3 3.5\nCircle O A -> c:conic\nLine P Q -> f:line\nIntersect f c -> X:point@9,9"
    with pytest.raises(InputError, match="coordinates of x are not where"):
        read(far)
    assert read(text + "P:point@nan,nan -").points == ("o", "w", "a")


def test_a_bisector_of_two_lines_needs_coordinates():
    text = "A 4 0\nB 0 0\nC 0 3\nLine B A -> f:line\nLine B C -> g:line\nAngularBisector f g -> h:line k:line"
    with pytest.raises(InputError, match="which of two bisectors"):
        read(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no zip archive"),
        (b"PK\x03\x04 not really", "no zip archive"),
        (archive(xml=sheet("A 0 0"))[:-30], "no zip archive"),
        (archive(xml=sheet("A 0 0")).replace(b"geogebra.xml", b"geogebra.XML"), "has no geogebra.xml"),
        (archive(other="x"), "has no geogebra.xml"),
        (archive(xml=b""), "malformed"),
        (archive(xml="<geogebra><construction>"), "malformed"),
        (archive(xml=b'<?xml version="1.0" encoding="nonsense"?><geogebra/>'), "malformed"),
        (archive(xml="<html></html>"), "not with <geogebra>"),
        (archive(xml="<geogebra></geogebra>"), "no construction"),
        (archive(xml="<geogebra><construction/></geogebra>"), "no points"),
        (archive(xml='<!DOCTYPE geogebra [<!ENTITY a "aa">]><geogebra>&a;</geogebra>'), "document type or entities"),
        (archive(xml='<!DOCTYPE g SYSTEM "file:///etc/passwd"><geogebra/>'), "document type or entities"),
        (archive(xml="<geogebra>" + "<a>" * 100_000), "too deeply"),
        (archive(xml=" " * (MAX_XML + 1)), "too large"),
        (archive(xml=sheet("A 0 0"), json=" " * (MAX_XML + 1)), "too large"),
        (archive(xml=sheet("\n".join(f"A_{i} 0 {i}" for i in range(2_001)))), "too many objects"),
        (archive(xml=sheet("\n".join(f"A_{i} 0 {i}" for i in range(101)))), "too many points"),
        (bytes(20_000_001), "too large"),
        (archive(xml=sheet("A 0 0\nPolygon" + " A" * 101 + " -> p:polygon")), "command Polygon has too many inputs"),
        (archive(xml=sheet("A 0 0\nMidpoint A " + "(" * 1_001 + " -> M:point")), "or too long ones"),
        (archive(xml=sheet(f'<expression label="M" exp="({"+" * 1_001}" type="point"/>')), "expression M is too long"),
    ],
)
def test_a_file_that_is_none_is_refused(data, message):
    with pytest.raises(InputError, match=message):
        read_ggb(data)


def test_an_entity_hidden_by_another_encoding_is_refused():
    xml = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE g [<!ENTITY a "aa">]><geogebra>&a;</geogebra>'
    with pytest.raises(InputError, match="document type or entities"):
        read_ggb(archive(xml=xml.encode("utf-16")))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.ggb: cannot be read"):
        read_ggb(tmp_path / "none.ggb")
    with pytest.raises(InputError, match="cannot be read"):
        read_ggb(tmp_path)


# --- what classroom files have ---------------------------------------------------------------------------------------

TRIANGLE = "A 0 0\nB 4 0\nC 1 3\n"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # points of a path at a parameter
        (
            "A 0 0\nB 4 0\nSegment A B -> f:segment\nPoint f 0.69 -> C:point@2.76,0\n"
            "Circle A B -> c:conic\nPoint c 0.2 -> D:point@0,4",
            "a = free a; b = free b; c = on_line c a b; d = on_circle d a b",
        ),
        (
            TRIANGLE + "Polygon A B C -> t:polygon c:segment a:segment b:segment\nPoint t 0.1 -> Q:point@2,0\n"
            "PointIn t -> P:point@1,1\nLine P Q -> l:line\nIntersect l t -> R:point@0.75,1.25 -:point",
            "a = free a; b = free b; c = free c; q = on_line q a b; p = free p; r = on_line r p q, on_line r c a",
        ),
        ("A 0 0\nB 4 0\nVector A B -> u:vector\nC 1 3\nPoint C u -> D:point@5,3", "shift"),
        ('A 0 0\nB 4 0\nVector A B -> u:vector\nC 1 3\n<expression label="D" exp="C + u" type="point"/>', "shift"),
        # dilations: by rational numbers
        (
            "A 0 0\nB 4 0\nDilate A 3/2 B -> C:point@-2,0\nDilate A -1/3 B -> D:point@5.333333333,0\n"
            "Dilate A 0.5 B -> E:point@2,0\nDilate A 2 B -> F:point@-4,0\nDilate A -1 B -> G:point@8,0",
            "a = free a; b = free b; c = on_line c a b, rconst b c b a 3/2; d = on_line d a b, rconst b d b a 1/3; "
            "e = midpoint e a b; f = mirror f b a; g = mirror g a b",
        ),
        # radii that are numbers: their ratios; and one that is a slider, which is free
        (
            "A 0 0\nB 4 0\nCircle A 3 -> c:conic\nCircle B 3 -> d:conic\nCircle B 1.5 -> e:conic\n"
            "Intersect c d -> P:point@2,2.23606797749979 -:point\nPoint e -> X:point@4,1.5",
            "a = free a; b = free b; p1 = free p1; p2 = rconst p2 b a p1 1/2; "
            "p = on_circle p a p1, eqdistance p b a p1; x = on_circle x b p2",
        ),
        (
            'A 0 0\nB 4 0\n<element type="numeric" label="r"/>\nCircle A r -> c:conic\nCircle B r -> d:conic\n'
            "Point c -> X:point@3,0\nPoint d -> Y:point@4,3",
            "a = free a; b = free b; p1 = free p1; x = on_circle x a p1; y = eqdistance y b a p1",
        ),
        ("A 0 0\nSegment A 3 -> s:segment B:point@0,3", "on_circle b a p1"),
        # centres by their numbers and names, and lengths of other segments
        (
            TRIANGLE + "Polygon A B C -> t:polygon\nCentroid t -> G:point@1.666666666666,1\n"
            "TriangleCenter A B C 2 -> H:point@1.666666666666,1",
            "a = free a; b = free b; c = free c; m1 = midpoint m1 b c; m2 = midpoint m2 a c; "
            "g = on_line g a m1, on_line g b m2",
        ),
        (TRIANGLE + "TriangleCenter A B C 5 -> N:point", "circumcenter n"),
        (TRIANGLE + "TriangleCenter A B C 6 -> K:point", "on_aline k"),
        (TRIANGLE + "TriangleCenter A B C 7 -> K:point", "incenter"),
        (TRIANGLE + "TriangleCenter A B C 8 -> K:point", "excenter"),
        (TRIANGLE + "Distance A B -> d:numeric\nCircle C d -> k:conic\nPoint k -> X:point@5,3", "eqdistance x c a b"),
        (
            TRIANGLE + "Segment A B -> f:segment\nLength f -> l:numeric\nCircle C l -> k:conic\nPoint k -> X:point@5,3",
            "eqdistance x c a b",
        ),
        (TRIANGLE + "Vector A B -> u:vector\nLine C u -> f:line\nPoint f 2 -> D:point@3,3", "on_pline d c a b"),
        (TRIANGLE + "Vector A B -> u:vector\nOrthogonalLine C u -> f:line\nPoint f -> D:point@1,5", "on_tline d c a b"),
        (
            TRIANGLE + "Polygon A B C -> t:polygon\nVertex t 2 -> V:point@4,0\nMidpoint V C -> M:point@2.5,1.5\n"
            "Circle A B C -> c:conic\nArc c A B -> d:conicpart\nPoint d 1 -> D:point@2,-1.2360679775",
            "a = free a; b = free b; c = free c; m = midpoint m b c; d = on_circum d a b c",
        ),
        # angles between lines, and a turn by one
        (
            TRIANGLE + "Line A B -> f:line\nLine A C -> g:line\nAngle f g -> α:angle\n"
            "Rotate C α A -> D:point@-2.529822128134704,1.8973665961010273",
            "on_aline",
        ),
    ],
)
def test_what_classroom_files_have_is_read(text, meant):
    found = clauses(text)
    assert found == meant if meant.startswith("a =") else meant in found
    draw(read(text))


@pytest.mark.parametrize(
    ("asked", "goals"),
    [
        ("AreCollinear A M B -> t:boolean", ["coll a m b"]),
        ("AreConcyclic A B M N -> t:boolean", ["cyclic a b m n"]),
        ("AreParallel f g -> t:boolean", ["para a b m n"]),
        ("ArePerpendicular f g -> t:boolean", ["perp a b m n"]),
        ("AreEqual f g -> t:boolean", ["cong a b m n"]),
        ("AreCongruent f g -> t:boolean", ["cong a b m n"]),
        ("AreConcurrent Line(A,N) Line(B,M) Line(C,Midpoint(A,B)) -> t:boolean", ["coll p1 c m1"]),
        ("IsTangent f c -> t:boolean", ["perp o1 b b a"]),
        ("Prove AreParallel(f,g) -> t:boolean", ["para a b m n"]),
        ("Prove AreParallel[f,g] -> t:boolean", ["para a b m n"]),
        ("ProveDetails f~∥~g -> t:list", ["para a b m n"]),
        ("Prove f~⟂~g -> t:boolean", ["perp a b m n"]),
        ("Prove f~≟~2~g -> t:boolean", ["rconst a b m n 2"]),
        ("Prove Distance(A,B)~==~2~Distance(M,N) -> t:boolean", ["rconst a b m n 2"]),
        ("Prove A~∈~g -> t:boolean", ["coll a m n"]),
        ("Prove A~∈~c -> t:boolean", ["cong o1 a o1 b"]),
        ("Relation f g -> t:text", ["para a b m n"]),
        ("AreCollinear A M B -> t:boolean\nProve AreCollinear(A,M,B) -> s:boolean", ["coll a m b"]),
        ("AreEqual A A -> t:boolean", []),  # which says nothing
        ("Prove x^2~+~1 -> t:boolean", []),
    ],
)
def test_what_a_file_asks_itself_are_its_goals(asked, goals):
    text = (
        "A 0 0\nB 4 0\nC 1 3\nSegment A B -> f:segment\nMidpoint A C -> M:point@0.5,1.5\n"
        "Midpoint B C -> N:point@2.5,1.5\n"
        f"Segment M N -> g:segment\nO_1 4 2\nCircle O_1 B -> c:conic\n{asked}"
    )
    assert list(map(str, read(text).goals)) == goals
    assert list(map(str, read(text, "AB ∥ MN").goals)) == ["para a b m n"]  # those that are told stand for them


def test_a_question_of_a_file_is_proved():
    problem = read(TRIANGLE + "Midpoint A C -> M:point@0.5,1.5\nMidpoint B C -> N:point@2.5,1.5\n"
                   "Prove AreParallel(Line(A,B),Line(M,N)) -> t:boolean")  # fmt: skip
    assert prove(problem).status is Status.PROVED


def test_labels_of_one_point_in_a_goal_are_explained():
    text = TRIANGLE + (
        "Circle A B C -> c:conic\nCenter c -> O:point@2,1\nTriangleCenter A B C 3 -> O_c:point@2,1\n"
        "Center c -> O_b:point@2,1"
    )
    with pytest.raises(ProblemError, match="O and O_c and O_b are one point, by the commands of the file"):
        read(text, "coll O O_c O_b")
    assert list(map(str, read(text, "AO = BO_c").goals)) == ["cong a o b o"]


def test_helpers_are_left_out():
    """Points that the sheet hides, or that only the language needed, where nothing is built on them."""
    hidden = '<element type="point" label="H"><show object="false"/><coords x="9" y="9" z="1"/></element>'
    text = TRIANGLE + f"{hidden}\nIncircle A B C -> c:conic"
    assert clauses(text) == "a = free a; b = free b; c = free c"
    assert clauses(f"{text}\nMidpoint A H -> M:point@4.5,4.5") == (
        "a = free a; b = free b; c = free c; h = free h; m = midpoint m a h"
    )
    assert "h" in read(text, "coll A B H").points  # a goal speaks of it


def test_points_that_nearly_coincide_hide_nothing():
    """The figure of a file is one among others: a point of a circle so near the end of its diameter."""
    for angle in (2e-4, 1e-6, 1e-8):
        place = f"{math.cos(angle)!r},{math.sin(angle)!r}"
        problem = read(
            f"A 1 0\nB -1 0\nMidpoint A B -> O:point@0,0\nCircle O A -> c:conic\nPoint c 0.1 -> F:point@{place}\n"
            "Point c -> D:point@0.6,0.8",
            "FA ⊥ FB", "A, B, D, F concyclic",
        )  # fmt: skip
        assert attempt(problem).status is Status.PROVED


@pytest.mark.parametrize(
    "text",
    [
        "A 0 0\nB 1 0\nSegment A B -> f:segment\nPoint f " + "9" * 500 + " -> C:point@1,0",
        "A 0 0\nB 1 0\nDilate A 1/0 B -> C:point@1,0",
        "A 0 0\nB 1 0\nDilate A " + "(" * 400 + " B -> C:point@1,0",
        "A 0 0\nB 1 0\nProve " + "AreCollinear(" * 60 + "A" + ")" * 60 + " -> t:boolean",
        "A 0 0\nB 1 0\nProve " + "A+" * 400 + "≟B -> t:boolean",
        "A 0 0\nB 1 0\nAreConcyclic -> t:boolean",
        "A 0 0\nB 1 0\nVertex A 99 -> V:point@0,0",
        "A 0 0\nCircle A 0 -> c:conic\nPoint c -> B:point@1,0",
    ],
)
def test_hostile_inputs_end_in_a_problem_or_in_one_line(text):
    reasons = []
    try:
        read(text)
    except InputError as error:
        reasons.append(str(error))
    assert not any("\n" in reason for reason in reasons)


def test_the_documentation_s_example_runs(tmp_path, monkeypatch):
    text = (Path(__file__).parents[2] / "docs" / "geogebra.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    assert prove(read_ggb(tmp_path / "again.ggb")).status is Status.PROVED
