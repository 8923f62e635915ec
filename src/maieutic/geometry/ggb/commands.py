"""What the commands of a GeoGebra file mean: READ has a row for each command and each kind of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from maieutic.geometry.ggb.curves import Curves
from maieutic.geometry.ggb.objects import (
    NEW,
    Angle,
    Circle,
    Idle,
    Line,
    Number,
    Object,
    Output,
    Polygon,
    Spot,
    Unread,
    UnreadableError,
    Vector,
    drawn_line,
    line_distance,
    use,
)

IDLE = frozenset(
    (
        *("Angle", "Distance", "Length", "Area", "Perimeter", "Circumference", "Radius", "Slope", "AffineRatio"),
        *("Text", "FormulaText", "LaTeX", "TableText", "Name", "Relation", "Prove", "ProveDetails", "IsTangent"),
        *("AreCollinear", "AreConcyclic", "AreConcurrent", "AreCongruent", "AreEqual", "AreParallel"),
        *("ArePerpendicular", "CrossRatio"),
    )
)
"""Commands that measure, test or write: they say nothing of the figure."""

SAME = {
    "PerpendicularLine": "OrthogonalLine",
    "PerpendicularBisector": "LineBisector",
    "AngleBisector": "AngularBisector",
    "Reflect": "Mirror",
    "Centre": "Center",
    "CircumcircularArc": "CircumcircleArc",
    "CircularArc": "CircleArc",
}
"""Commands by the names that users see, and by those that files have."""

Outputs = Sequence[Output]
Make = Callable[[Curves, "list[Object]", Outputs], Iterable[Object]]


def _name(arg: Object) -> str:
    assert isinstance(arg, Spot)
    return arg.name


def _line(arg: Object) -> Line:
    assert isinstance(arg, Line)
    return arg


def _circle(arg: Object) -> Circle:
    assert isinstance(arg, Circle)
    return arg


def _ends(arg: Object) -> tuple[str, str]:
    ends = _line(arg).ends
    if ends is None:
        raise UnreadableError("it is known of a segment, not of a line")
    return ends


def _segment(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.segment(_name(args[0]), _name(args[1]))]


def _through(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.through(_name(args[0]), _name(args[1]))]


def _parallel(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.directed(_name(args[0]), _line(args[1]), square=False)]


def _perpendicular(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.directed(_name(args[0]), _line(args[1]), square=True)]


def _line_bisector(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b = _ends(args[0]) if len(args) == 1 else (_name(args[0]), _name(args[1]))
    return [Line(use("on_bline", NEW, a, b), c.shared(("bline", *sorted((a, b)))), (a, b), True)]


def _angle_bisector(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(_name, args)
    return [c.bisector(a, b, d)]


def _line_bisectors(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """Both bisectors of two lines; which is which, the file's coefficients say."""
    first, second = map(_line, args)
    vertex = c.meet(Output(None), first, second)
    inner = c.bisector(c.other(first, vertex.name), vertex.name, c.other(second, vertex.name))
    drawn = drawn_line(inner, c.at)
    made: list[Object] = []
    for each in out:
        if each.line is None or drawn is None:
            raise UnreadableError("without coordinates it is not known which of two bisectors is meant")
        x, y, _ = each.line
        slant = abs((complex(x, y) * drawn.along.conjugate()).real) / (abs(complex(x, y)) * abs(drawn.along) or 1.0)
        made.append(inner if slant < 0.5 else c.directed(vertex.name, inner, square=True))
    return made


def _circle_about(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.about(_name(args[0]), _name(args[1]))]


def _circle_through(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.circum(*map(_name, args))]


def _circle_radius(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.compass(_name(args[0]), *_ends(args[1]))]


def _semicircle(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b = map(_name, args)
    return [c.dia(a, b)]


def _incircle(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(_name, args)
    centre = c.only(Output(None), use("incenter", NEW, a, b, d)).name
    return [c.about(centre, c.foot(Output(None), centre, c.through(b, d)).name)]


def _midpoint(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b = _ends(args[0]) if len(args) == 1 else (_name(args[0]), _name(args[1]))
    return [c.midpoint(out[0], a, b)]


def _centre(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [c.centre(_circle(args[0]), out[0])]


_CENTRES = {1: "incenter", 3: "circumcenter", 4: "orthocenter"}


def _triangle_centre(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    *corners, number = args
    kind = _CENTRES.get(int((isinstance(number, Number) and number.value) or 0))
    if not kind:
        raise UnreadableError("of the triangle's centres, 1, 3 and 4 are known")
    return [c.only(out[0], use(kind, NEW, *map(_name, corners)))]


def _intersection(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    first, second = args[:2]
    assert isinstance(first, Line | Circle)
    assert isinstance(second, Line | Circle)
    made: list[Object] = []
    for each in out:
        if each.label == "":
            made.append(Unread())
        elif each.undefined:
            made.append(Idle("undefined point"))
        else:
            made.append(c.meet(each, first, second))
    names = [spot.name for spot in made if isinstance(spot, Spot)]
    if len(set(names)) < len(names):
        raise UnreadableError("by their coordinates, two of its points are one")
    return made


def _on(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    curve = args[0]
    assert isinstance(curve, Line | Circle)
    return [c.point(out[0], [curve.use], curve)]


def _nearest(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    line, point = args if isinstance(args[0], Line) else args[::-1]
    return [c.foot(out[0], _name(point), _line(line))]


def _tangents(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """The tangent at a point of a circle, or the two from a point outside; which is which, the coefficients say."""
    spot, round_ = args if isinstance(args[0], Spot) else args[::-1]
    point, circle = _name(spot), _circle(round_)
    if point in circle.on:
        return [c.tangent_at(point, circle) if each.label != "" else Unread() for each in out]
    lines = c.tangents_from(point, circle, located=all(each.line for each in out))
    made: list[Object] = []
    for place, each in enumerate(out):
        if place > 1 or each.label == "":
            made.append(Unread())
        elif each.line is None or lines[0].touched not in c.at:
            made.append(lines[place])
        else:
            coefficients = each.line
            made.append(min(lines, key=lambda line: line_distance(coefficients, c.at[line.touched])))
    return made


def _polygon(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    vertices = [_name(arg) for arg in args]
    return [Polygon(tuple(vertices)), *_sides(c, vertices)][: len(out)]


def _sides(c: Curves, vertices: Sequence[str]) -> list[Object]:
    return [c.segment(a, b) for a, b in zip(vertices, [*vertices[1:], vertices[0]], strict=True)]


def _regular_polygon(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """A triangle or a square, counterclockwise from its first side; which outputs are its points, their types say."""
    a, b, number = args
    count = int((isinstance(number, Number) and number.value) or 0)
    if count not in (3, 4):
        raise UnreadableError("regular polygons are known with 3 and 4 vertices")
    corners = [each for each in out if each.kind == "point"] or [Output(None)] * (count - 2)
    if len(corners) != count - 2:
        raise UnreadableError(f"{len(corners)} new vertices, for {count} in all")
    if count == 3:
        vertices = [_name(a), _name(b), c.only(corners[0], use("eq_triangle", NEW, _name(a), _name(b)), True).name]
    else:
        vertices = [_name(a), _name(b), *c.square(corners, _name(a), _name(b))]
    sides, points = iter(_sides(c, vertices)), iter(vertices[2:])
    made: list[Object] = []
    for place, each in enumerate(out):
        if place == 0:
            made.append(Polygon(tuple(vertices)))
        else:
            made.append(Spot(next(points)) if each.kind == "point" else next(sides, Unread()))
    return made


def _vector(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    return [Vector(_name(args[0]), _name(args[1]))]


def _angle(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(_name, args)
    return [Angle(points=(a, b, d))]


def _mirror(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    mirror = args[1]
    if isinstance(mirror, Spot):
        return [c.image(out[0], args[0], ("mirror", mirror.name))]
    return [c.image(out[0], args[0], ("reflect", *c.pair(_line(mirror))))]


def _rotate(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    _, angle, centre = args
    assert isinstance(angle, Angle)
    how: tuple[str, ...]
    if angle.points:
        how = ("turn", _name(centre), *angle.points)
    else:
        assert angle.degrees is not None
        how = ("turn", _name(centre), str(angle.degrees % 360))
    return [c.image(out[0], args[0], how)]


def _translate(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    vector = args[1]
    assert isinstance(vector, Vector)
    return [c.image(out[0], args[0], ("shift", vector.start, vector.end))]


READ: dict[tuple[str, str], Make] = {
    ("Segment", "PP"): _segment,
    ("Line", "PP"): _through,
    ("Line", "PL"): _parallel,
    ("Ray", "PP"): _through,
    ("OrthogonalLine", "PL"): _perpendicular,
    ("LineBisector", "PP|L"): _line_bisector,
    ("AngularBisector", "PPP"): _angle_bisector,
    ("AngularBisector", "LL"): _line_bisectors,
    ("Tangent", "PC|CP"): _tangents,
    ("Circle", "PP"): _circle_about,
    ("Circle", "PPP"): _circle_through,
    ("Circle", "PL"): _circle_radius,
    ("CircleArc", "PPP"): lambda c, args, out: [c.about(_name(args[0]), _name(args[1]))],
    ("CircumcircleArc", "PPP"): _circle_through,
    ("Semicircle", "PP"): _semicircle,
    ("Incircle", "PPP"): _incircle,
    ("Point", "[LC]"): _on,
    ("ClosestPoint", "LP|PL"): _nearest,
    ("Intersect", "[LC][LC]N?"): _intersection,
    ("Midpoint", "PP|L"): _midpoint,
    ("Midpoint", "C"): _centre,
    ("Center", "PP|L"): _midpoint,
    ("Center", "C"): _centre,
    ("TriangleCenter", "PPPN"): _triangle_centre,
    ("Polygon", "PPP+"): _polygon,
    ("Polygon", "PPN"): _regular_polygon,
    ("Mirror", "[PLC][PL]"): _mirror,
    ("Rotate", "[PLC]AP"): _rotate,
    ("Translate", "[PLC]V"): _translate,
    ("Vector", "PP"): _vector,
    ("Angle", "PPP"): _angle,
}
"""What is read: a command, the kinds of its inputs as a pattern (P point, L line, C circle, N number, A angle, V
vector), and what it makes."""
