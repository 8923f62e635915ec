"""Drawings that take more than a line: shapes from nothing, and the points of the less simple constructions.

A shape from nothing comes in two parts. A sketch says, by chance, where its points may be and look well; it is trusted
with nothing. The shape then is what the construction says, near the sketch: exactly, in whatever numbers.
"""

from __future__ import annotations

from fractions import Fraction

from maieutic.geometry.trusted.loci import (
    Circle,
    Line,
    bisector,
    circumcentre,
    cross_lines,
    foot,
    inscribed,
    line,
    perpendicular,
    project,
    reflection,
    unit,
)
from maieutic.geometry.trusted.predicates import cross, dot
from maieutic.geometry.trusted.quantities import NoMeetError, Real, UndecidedError, middle, root, roots, sign, turn
from maieutic.geometry.trusted.records import Point

# --- the shapes, near a sketch ---------------------------------------------------------------------------------------


def nearest(ways: tuple[Point, ...], place: Point) -> Point:
    """The way whose middle is nearest to a place."""
    return min(ways, key=lambda way: abs(middle(way) - middle(place)))


def isosceles_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The isosceles triangle with apex a whose third corner is nearest to c."""
    return a, b, project(Circle(a, b), c)


def right_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The triangle with a right angle at a whose third corner is nearest to c."""
    return a, b, project(perpendicular(a, a, b), c)


def turned_near(degrees: int, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """b turned about a by an angle, in the sense that is nearer to c."""
    ways = tuple(a + (b - a) * turn(Fraction(side * degrees), a) for side in (1, -1))
    return a, b, nearest(ways, c)


def apollonius_near(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The triangle with |ac| = 2|ab| whose third corner is nearest to c."""
    return a, b, project(Circle(a, a + 2 * (b - a)), c)


def square_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    """The square on ab on the side of c."""
    c = nearest((b + 1j * (b - a), b - 1j * (b - a)), c)
    return a, b, c, a + c - b


def rectangle_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    """The rectangle on ab whose third corner is nearest to c."""
    c = project(perpendicular(b, a, b), c)
    return a, b, c, a + c - b


def trapezoid_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """The trapezoid abcd with cd parallel to ab whose last corner is nearest to d."""
    return a, b, c, project(Line(c, b - a), d)


def right_trapezoid_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """The same with a right angle at a."""
    d = project(perpendicular(a, a, b), d)
    return a, b, project(Line(d, b - a), c), d


def eq_trapezoid_near(a: Point, b: Point, c: Point, _: Point) -> tuple[Point, ...]:
    """The trapezoid with equal legs on ab, with corner c."""
    middle_of = (a + b) / 2
    return a, b, c, reflection(c, middle_of, middle_of + 1j * (b - a))


def eq_quadrangle_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """The quadrilateral with |ad| = |bc| whose last corner is nearest to d."""
    return a, b, c, project(Circle(a, a + c - b), d)


def eqdia_quadrangle_near(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """The quadrilateral with |bd| = |ac| whose last corner is nearest to d."""
    return a, b, c, project(Circle(b, b + c - a), d)


# --- points that take more than a line -------------------------------------------------------------------------------


def incentre(a: Point, b: Point, c: Point) -> Point:
    """The centre of the inscribed circle. Raises NoMeetError where corners coincide."""
    sides = abs(b - c), abs(c - a), abs(a - b)
    if not all(map(sign, sides)):
        raise NoMeetError("a triangle with coincident corners")
    return (a * sides[0] + b * sides[1] + c * sides[2]) / (sides[0] + sides[1] + sides[2])


def excentre(a: Point, b: Point, c: Point) -> Point:
    """The centre of the excircle opposite a."""
    sides = -abs(b - c), abs(c - a), abs(a - b)
    total = sides[0] + sides[1] + sides[2]
    if sign(total) <= 0:
        raise NoMeetError("a flat triangle has no excircle")
    return (a * sides[0] + b * sides[1] + c * sides[2]) / total


def touching(centre: Point, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """The feet from a centre to bc, ca, ab, and the centre."""
    return foot(centre, b, c), foot(centre, c, a), foot(centre, a, b), centre


def orthocentre(a: Point, b: Point, c: Point) -> Point:
    """Where the altitudes of a triangle meet."""
    return a + b + c - 2 * circumcentre(a, b, c)


def other_on_line(a: Point, o: Point, b: Point) -> Point:
    """The second point in which line ab meets the circle about o through b."""
    return 2 * foot(o, a, b) - b


def common_tangents(o: Point, a: Point, w: Point, b: Point) -> tuple[tuple[Point, Point], ...]:
    """Of each of the two outer common tangents the points where it touches the circles o(a), w(b)."""
    first, second, between = abs(a - o), abs(b - w), w - o
    square = dot(between, between)
    # Both radii of a tangent point along its normal n, and the centres' distances from it differ by (w - o).n.
    rest = square - (first - second) * (first - second)
    if sign(rest, square) <= 0:
        raise NoMeetError("one circle inside the other: no common tangents")
    normals = [(between * (first - second) + 1j * between * (side * root(rest))) / square for side in (1, -1)]
    return tuple((o + n * first, w + n * second) for n in normals)


def two_lines_one_circle(a: Point, b: Point, c: Point, o: Point) -> tuple[tuple[Point, ...], ...]:
    """The circles that touch ca in x, cb in y and, from inside, the circle o(a) in z; i their centre.

    i = c + t u on the bisector has the radius t s, s the sine of half the angle, and |i - o| = R - t s: a quadratic.
    """
    u, radius = unit(bisector(a, c, b).along), abs(a - o)
    s = abs(cross(u, unit(a - c)))
    w = c - o
    p, q, r = 1 - s * s, dot(w, u) + radius * s, dot(w, w) - radius * radius
    square = q * q - p * r
    if sign(square) < 0:
        raise NoMeetError("no circle touches both lines and the circle")
    ways = [(side * root(square) - q) / p for side in (1, -1)]
    good = [t for t in ways if _is_positive(t, 1.0) and _is_positive(radius - t * s, radius)]
    if not good:
        raise NoMeetError("no circle touches both lines and, from inside, the circle")
    centres = [c + u * t for t in good]
    return tuple((foot(i, a, c), foot(i, b, c), o + radius * unit(i - o), i) for i in centres)


def _is_positive(x: Real, scale: Real) -> bool:
    """Whether a number is above 0; of a ball, whether that is certain."""
    try:
        return sign(x, scale, 1e-6) > 0
    except UndecidedError:
        return False


def e5128(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
    """x: the second point of the circle c(b) and the circle through a, d that touches ab in a; y on ab and dx."""
    other = inscribed(a, d, (b - a) / (d - a))
    x = reflection(d, c, other.centre)
    return x, cross_lines(line(a, b), line(d, x))


def equal_parts(z: Point, a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """z on bc, and the segment xy with middle z and its ends on ab and ac."""
    z = project(line(b, c), z)
    x = cross_lines(line(a, b), line(2 * z - a, 2 * z - c))
    return x, 2 * z - x, z


def trisect(a: Point, b: Point, c: Point) -> tuple[Point, ...]:
    """Where the trisectors of the angle abc meet ac."""
    third = roots(unit(c - b) / unit(a - b), 3)[0]
    side = line(a, c)
    return cross_lines(Line(b, (a - b) * third), side), cross_lines(Line(b, (a - b) * third * third), side)
