"""What the commands of a GeoGebra file mean that are about polygons and their boundaries."""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.geometry.ggb.images import Images
from maieutic.geometry.ggb.objects import (
    NEW,
    Circle,
    Idle,
    Line,
    Number,
    Object,
    Output,
    Outputs,
    Polygon,
    Spot,
    Unread,
    UnreadableError,
    name_of,
    use,
)


def centroid(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """The centroid of a triangle. Raises UnreadableError for any other polygon."""
    polygon = args[0]
    assert isinstance(polygon, Polygon)
    if len(polygon.vertices) != 3:
        raise UnreadableError("the centroid is known of triangles")
    return [c.centroid(out[0], *polygon.vertices)]


def in_region(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """A point that can be dragged within a polygon or a circle: a free one."""
    return [c.point(out[0], [use("free", NEW)])]


def on_boundary(c: Images, args: list[Object], out: Outputs) -> list[Object]:
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


def boundary_meet(c: Images, args: list[Object], out: Outputs) -> list[Object]:
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


def vertex(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """The vertices of a polygon, or one of them by its number."""
    polygon = args[0]
    assert isinstance(polygon, Polygon)
    if len(args) == 1:
        return [c.found(each, vertex) for each, vertex in zip(out, polygon.vertices, strict=False)]
    number = args[1].value if isinstance(args[1], Number) else None
    if number is None or number.denominator != 1 or not 1 <= number <= len(polygon.vertices):
        raise UnreadableError("there is no such vertex")
    return [c.found(out[0], polygon.vertices[int(number) - 1])]


def polygon(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """A polygon of given vertices, with its sides."""
    vertices = [name_of(arg) for arg in args]
    return [Polygon(tuple(vertices)), *_sides(c, vertices)][: len(out)]


def _sides(c: Images, vertices: Sequence[str]) -> list[Object]:
    return [c.segment(a, b) for a, b in zip(vertices, [*vertices[1:], vertices[0]], strict=True)]


def regular_polygon(c: Images, args: list[Object], out: Outputs) -> list[Object]:
    """A triangle or a square, counterclockwise from its first side; which outputs are its points, their types say."""
    a, b, number = args
    count = int((isinstance(number, Number) and number.value) or 0)
    if count not in (3, 4):
        raise UnreadableError("regular polygons are known with 3 and 4 vertices")
    corners = [each for each in out if each.kind == "point"] or [Output(None)] * (count - 2)
    if len(corners) != count - 2:
        raise UnreadableError(f"{len(corners)} new vertices, for {count} in all")
    if count == 3:
        vertices = [
            name_of(a),
            name_of(b),
            c.only(corners[0], use("eq_triangle", NEW, name_of(a), name_of(b)), True).name,
        ]
    else:
        vertices = [name_of(a), name_of(b), *c.square(corners, name_of(a), name_of(b))]
    sides, points = iter(_sides(c, vertices)), iter(vertices[2:])
    made: list[Object] = []
    for place, each in enumerate(out):
        if place == 0:
            made.append(Polygon(tuple(vertices)))
        else:
            made.append(Spot(next(points)) if each.kind == "point" else next(sides, Unread()))
    return made
