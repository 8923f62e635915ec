"""What the commands of a GeoGebra file mean: READ has a row for each command and each kind of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from maieutic.geometry.ggb.centres import CENTRES
from maieutic.geometry.ggb.images import Images
from maieutic.geometry.ggb.objects import (
    NEW,
    Angle,
    Circle,
    Idle,
    Line,
    Number,
    Object,
    Output,
    Outputs,
    Spot,
    Unread,
    UnreadableError,
    Vector,
    drawn_line,
    line_distance,
    name_of,
    use,
)
from maieutic.geometry.ggb.polygons import (
    boundary_meet,
    centroid,
    in_region,
    on_boundary,
    polygon,
    regular_polygon,
    vertex,
)

IDLE = frozenset(
    (
        *("Angle", "Distance", "Length", "Area", "Perimeter", "Circumference", "Radius", "Slope", "AffineRatio"),
        *(
            "Text",
            "FormulaText",
            "LaTeX",
            "TableText",
            "Name",
            "CrossRatio",
            "Slider",
            "Checkbox",
            "InputBox",
            "Button",
        ),
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

Make = Callable[[Images, "list[Object]", Outputs], Iterable[Object]]


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


def _segment(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.segment(name_of(args[0]), name_of(args[1]))]


def _through(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.through(name_of(args[0]), name_of(args[1]))]


def _parallel(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.directed(name_of(args[0]), _line(args[1]), square=False)]


def _perpendicular(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.directed(name_of(args[0]), _line(args[1]), square=True)]


def _line_bisector(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b = _ends(args[0]) if len(args) == 1 else (name_of(args[0]), name_of(args[1]))
    return [Line(use("on_bline", NEW, a, b), c.shared(("bline", *sorted((a, b)))), (a, b), True)]


def _angle_bisector(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(name_of, args)
    return [c.bisector(a, b, d)]


def _line_bisectors(c: Images, args: list[Object], out: Outputs) -> list[Object]:
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


def _circle_about(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.about(name_of(args[0]), name_of(args[1]))]


def _circle_through(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.circum(*map(name_of, args))]


def _circle_radius(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.compass(name_of(args[0]), *_ends(args[1]))]


def _semicircle(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b = map(name_of, args)
    return [c.dia(a, b)]


def _incircle(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(name_of, args)
    centre = c.only(Output(None), use("incenter", NEW, a, b, d)).name
    return [c.about(centre, c.foot(Output(None), centre, c.through(b, d)).name)]


def _midpoint(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b = _ends(args[0]) if len(args) == 1 else (name_of(args[0]), name_of(args[1]))
    return [c.midpoint(out[0], a, b)]


def _centre(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [c.centre(_circle(args[0]), out[0])]


def _circle_number(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """A circle with a number for its radius: of several, only the ratios of the numbers say something."""
    return [c.with_radius(name_of(args[0]), _radius(args[1]))]


def _segment_number(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """A segment of a given length from a point, and its other end."""
    circle = c.with_radius(name_of(args[0]), _radius(args[1]))
    places = [each for each in out if each.kind == "point"]
    end = c.point(places[0] if places else Output(None), [circle.use], circle)
    return [c.segment(name_of(args[0]), end.name), end]


def _radius(arg: Object) -> Number:
    if not isinstance(arg, Number) or (arg.value is not None and arg.value <= 0):
        raise UnreadableError("its number is not positive")
    return arg


def _dilate(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    number, centre = args[1], name_of(args[2])
    if not isinstance(number, Number) or not number.value:
        raise UnreadableError("its factor is measured or dragged, or 0")
    return [c.image(out[0], args[0], ("dilate", centre, str(number.value)))]


def _along(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """The line through a point along a vector, or perpendicular to it."""
    vector = args[1]
    assert isinstance(vector, Vector)
    return [c.directed(name_of(args[0]), c.through(vector.start, vector.end), square=False)]


def _across(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    vector = args[1]
    assert isinstance(vector, Vector)
    return [c.directed(name_of(args[0]), c.through(vector.start, vector.end), square=True)]


_CENTRES = {1: "incenter", 3: "circumcenter", 4: "orthocenter"}


def _triangle_centre(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    *corners, number = args
    names = tuple(map(name_of, corners))
    kind = number.value if isinstance(number, Number) else None
    if kind in _CENTRES:
        return [c.only(out[0], use(_CENTRES[int(kind)], NEW, *names))]
    if kind in CENTRES:
        return [CENTRES[int(kind)](c, out[0], *names)]
    raise UnreadableError(f"of the triangle's centres, {', '.join(map(str, sorted({*_CENTRES, *CENTRES})))} are known")


def _intersection(c: Images, args: list[Object], out: Outputs) -> list[Object]:
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


def _on(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    curve = args[0]
    assert isinstance(curve, Line | Circle)
    return [c.point(out[0], [curve.use], curve)]


def _nearest(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    line, point = args if isinstance(args[0], Line) else args[::-1]
    return [c.foot(out[0], name_of(point), _line(line))]


def _tangents(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """The tangent at a point of a circle, or the two from a point outside; which is which, the coefficients say."""
    spot, round_ = args if isinstance(args[0], Spot) else args[::-1]
    point, circle = name_of(spot), _circle(round_)
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


def _vector(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    return [Vector(name_of(args[0]), name_of(args[1]))]


def _angle(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    a, b, d = map(name_of, args)
    return [Angle(points=(a, b, d))]


def _angle_of_lines(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """The angle between two lines that meet in a point of both."""
    first, second = map(_line, args)
    vertex = next((point for point in first.on if point in second.on), None)
    if vertex is None:
        return [Number()]
    return [Angle(points=(c.other(first, vertex), vertex, c.other(second, vertex)))]


def _mirror(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    mirror = args[1]
    if isinstance(mirror, Spot):
        return [c.image(out[0], args[0], ("mirror", mirror.name))]
    return [c.image(out[0], args[0], ("reflect", *c.pair(_line(mirror))))]


def _rotate(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    _, angle, centre = args
    assert isinstance(angle, Angle)
    how: tuple[str, ...]
    if angle.points:
        how = ("turn", name_of(centre), *angle.points)
    else:
        assert angle.degrees is not None
        how = ("turn", name_of(centre), str(angle.degrees % 360))
    return [c.image(out[0], args[0], how)]


def _translate(c: Images, args: list[Object], out: Outputs) -> list[Object]:
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
    ("CircleArc", "PPP"): lambda c, args, out: [c.about(name_of(args[0]), name_of(args[1]))],
    ("CircumcircleArc", "PPP"): _circle_through,
    ("Semicircle", "PP"): _semicircle,
    ("Incircle", "PPP"): _incircle,
    ("Point", "[LC]N?"): _on,
    ("Point", "GN?"): on_boundary,
    ("Point", "PV"): lambda c, args, out: _translate(c, args, out),
    ("PointIn", "[GC]"): in_region,
    ("Arc", "C.."): lambda c, args, out: [args[0]],
    ("ClosestPoint", "LP|PL"): _nearest,
    ("Intersect", "[LC][LC]N?"): _intersection,
    ("Intersect", "[LC][LC]P"): lambda c, args, out: _intersection(c, args[:2], out),
    ("Intersect", "[LC]G|G[LC]"): boundary_meet,
    ("Midpoint", "PP|L"): _midpoint,
    ("Midpoint", "C"): _centre,
    ("Center", "PP|L"): _midpoint,
    ("Center", "C"): _centre,
    ("TriangleCenter", "PPPN"): _triangle_centre,
    ("Centroid", "G"): centroid,
    ("Vertex", "GN?"): vertex,
    ("Polygon", "PPP+"): polygon,
    ("Polygon", "PPN"): regular_polygon,
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
