"""What the commands of a GeoGebra file mean: READ has a row for each command and each kind of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from maieutic.geometry.ggb.centres import CENTRES
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
        *("Text", "FormulaText", "LaTeX", "TableText", "Name", "CrossRatio", "Slider", "Checkbox", "InputBox", "Button"),
        *("ToolImage", "SetValue", "If", "Sum", "Product", "Mean", "IsDefined", "IsInRegion", "Locus", "LocusEquation"),
        *("Envelope", "Direction", "Locus", "Sequence", "DynamicCoordinates", "x", "y"),
    )
)
"""Commands that measure, write, or trace what is dragged: they say nothing of the figure. Tests are in goals.py."""

SAME = {
    "PerpendicularLine": "OrthogonalLine",
    "PerpendicularBisector": "LineBisector",
    "AngleBisector": "AngularBisector",
    "Reflect": "Mirror",
    "Centre": "Center",
    "CircumcircularArc": "CircumcircleArc",
    "CircularArc": "CircleArc",
    "CircularSector": "CircleArc",
    "CircleSector": "CircleArc",
    "CircumcircularSector": "CircumcircleArc",
    "CircumcircleSector": "CircumcircleArc",
    "Perpendicular": "OrthogonalLine",
    "Parallel": "Line",
    "Barycenter": "Centroid",
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


def _circle_number(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """A circle with a number for its radius: of several, only the ratios of the numbers say something."""
    return [c.with_radius(_name(args[0]), _radius(args[1]))]


def _segment_number(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """A segment of a given length from a point, and its other end."""
    circle = c.with_radius(_name(args[0]), _radius(args[1]))
    places = [each for each in out if each.kind == "point"]
    end = c.point(places[0] if places else Output(None), [circle.use], circle)
    return [c.segment(_name(args[0]), end.name), end]


def _radius(arg: Object) -> Number:
    if not isinstance(arg, Number) or (arg.value is not None and arg.value <= 0):
        raise UnreadableError("its number is not positive")
    return arg


def _centroid(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    polygon = args[0]
    assert isinstance(polygon, Polygon)
    if len(polygon.vertices) != 3:
        raise UnreadableError("the centroid is known of triangles")
    return [c.centroid(out[0], *polygon.vertices)]


def _in_region(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """A point that can be dragged within a polygon or a circle: a free one."""
    return [c.point(out[0], [use("free", NEW)])]


def _on_polygon(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """A point on the boundary of a polygon: on the side that its coordinates are on."""
    polygon = args[0]
    assert isinstance(polygon, Polygon)
    sides = [c.through(a, b) for a, b in _edges(polygon.vertices)]
    place = out[0].place
    if place is None or any(vertex not in c.at for vertex in polygon.vertices):
        raise UnreadableError("without coordinates it is not known on which side it is")
    side = min(zip(sides, _edges(polygon.vertices), strict=True), key=lambda each: c.off_segment(place, *each[1]))[0]
    return [c.point(out[0], [side.use], side)]


def _edges(vertices: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(vertices, [*vertices[1:], vertices[0]], strict=True))


def _polygon_meet(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """Where a line or circle meets the sides of a polygon: each point on the side that its coordinates are on."""
    polygon, curve = args if isinstance(args[0], Polygon) else args[::-1]
    assert isinstance(polygon, Polygon)
    made: list[Object] = []
    for each in out:
        if each.place is None or each.label == "":
            made.append(Unread() if each.label == "" else Idle("undefined point"))
            continue
        place = each.place
        a, b = min(_edges(polygon.vertices), key=lambda edge: c.off_segment(place, *edge))
        assert isinstance(curve, Line | Circle)
        made.append(c.meet(each, curve, c.through(a, b)))
    return made


def _dilate(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    number, centre = args[1], _name(args[2])
    if not isinstance(number, Number) or not number.value:
        raise UnreadableError("its factor is measured or dragged, or 0")
    return [c.image(out[0], args[0], ("dilate", centre, str(number.value)))]


def _along(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """The line through a point along a vector, or perpendicular to it."""
    vector = args[1]
    assert isinstance(vector, Vector)
    return [c.directed(_name(args[0]), c.through(vector.start, vector.end), square=False)]


def _across(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    vector = args[1]
    assert isinstance(vector, Vector)
    return [c.directed(_name(args[0]), c.through(vector.start, vector.end), square=True)]


def _vertex(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    polygon = args[0]
    assert isinstance(polygon, Polygon)
    if len(args) == 1:
        return [c.found(each, vertex) for each, vertex in zip(out, polygon.vertices, strict=False)]
    number = args[1].value if isinstance(args[1], Number) else None
    if number is None or number.denominator != 1 or not 1 <= number <= len(polygon.vertices):
        raise UnreadableError("there is no such vertex")
    return [c.found(out[0], polygon.vertices[int(number) - 1])]


_CENTRES = {1: "incenter", 3: "circumcenter", 4: "orthocenter"}


def _triangle_centre(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    *corners, number = args
    names = tuple(map(_name, corners))
    kind = number.value if isinstance(number, Number) else None
    if kind in _CENTRES:
        return [c.only(out[0], use(_CENTRES[int(kind)], NEW, *names))]
    if kind in CENTRES:
        return [CENTRES[int(kind)](c, out[0], *names)]
    raise UnreadableError(f"of the triangle's centres, {', '.join(map(str, sorted({*_CENTRES, *CENTRES})))} are known")


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


def _angle_of_lines(c: Curves, args: list[Object], out: Outputs) -> list[Object]:
    """The angle between two lines that meet in a point of both."""
    first, second = map(_line, args)
    vertex = next((point for point in first.on if point in second.on), None)
    if vertex is None:
        return [Number()]
    return [Angle(points=(c.other(first, vertex), vertex, c.other(second, vertex)))]


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
    ("Line", "PV"): _along,
    ("Ray", "PV"): _along,
    ("OrthogonalLine", "PV"): _across,
    ("LineBisector", "PP|L"): _line_bisector,
    ("AngularBisector", "PPP"): _angle_bisector,
    ("AngularBisector", "LL"): _line_bisectors,
    ("Tangent", "PC|CP"): _tangents,
    ("Circle", "PP"): _circle_about,
    ("Circle", "PPP"): _circle_through,
    ("Circle", "PL"): _circle_radius,
    ("Circle", "PN"): _circle_number,
    ("Segment", "PN"): _segment_number,
    ("CircleArc", "PPP"): lambda c, args, out: [c.about(_name(args[0]), _name(args[1]))],
    ("CircumcircleArc", "PPP"): _circle_through,
    ("Semicircle", "PP"): _semicircle,
    ("Incircle", "PPP"): _incircle,
    ("Point", "[LC]N?"): _on,
    ("Point", "GN?"): _on_polygon,
    ("Point", "PV"): lambda c, args, out: _translate(c, args, out),
    ("PointIn", "[GC]"): _in_region,
    ("Arc", "C.."): lambda c, args, out: [args[0]],
    ("ClosestPoint", "LP|PL"): _nearest,
    ("Intersect", "[LC][LC]N?"): _intersection,
    ("Intersect", "[LC][LC]P"): lambda c, args, out: _intersection(c, args[:2], out),
    ("Intersect", "[LC]G|G[LC]"): _polygon_meet,
    ("Midpoint", "PP|L"): _midpoint,
    ("Midpoint", "C"): _centre,
    ("Center", "PP|L"): _midpoint,
    ("Center", "C"): _centre,
    ("TriangleCenter", "PPPN"): _triangle_centre,
    ("Centroid", "G"): _centroid,
    ("Vertex", "GN?"): _vertex,
    ("Polygon", "PPP+"): _polygon,
    ("Polygon", "PPN"): _regular_polygon,
    ("Mirror", "[PLC][PL]"): _mirror,
    ("Rotate", "[PLC]AP"): _rotate,
    ("Dilate", "[PLC]NP"): _dilate,
    ("Translate", "[PLC]V"): _translate,
    ("Vector", "PP"): _vector,
    ("Vector", "L"): lambda c, args, out: [Vector(*_ends(args[0]))],
    ("Distance", "PP"): _segment,
    ("Length", "L"): lambda c, args, out: [c.segment(*_ends(args[0]))],
    ("Angle", "PPP"): _angle,
    ("Angle", "LL"): _angle_of_lines,
}
"""What is read: a command, the kinds of its inputs as a pattern (P point, L line, C circle, N number, A angle, V
vector), and what it makes."""
