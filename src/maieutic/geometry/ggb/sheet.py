"""The sheet that a GeoGebra file is written on, and what each construction becomes on it.

LOCI has the constructions of one point on a line or a circle, POINTS those that make points. What is in neither has no
commands that build it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from xml.sax.saxutils import quoteattr

from maieutic.geometry.trusted.records import Point

INK, GOAL, FREE, FIXED = (68, 84, 106), (209, 67, 47), (77, 77, 255), (125, 125, 125)


class Sheet:
    """The construction so far, line by line. Methods take the names of points, and labels of other objects."""

    def __init__(self, labels: Mapping[str, str], at: Mapping[str, Point]) -> None:
        self.labels = labels
        self.at = at
        self.xml: list[str] = []
        self.placed: list[str] = []
        self._helpers: dict[tuple[str, ...], str] = {}

    def free(self, name: str, placed: bool = False) -> None:
        """A point that no command makes; `placed`: nor is it free."""
        if placed:
            self.placed.append(self.labels[name])
        self._point(name, FIXED if placed else FREE, placed)

    def make(self, command: str, inputs: Sequence[str], *names: str, spare: int = 0) -> None:
        """Points made by a command, which has `spare` outputs more."""
        self._command(command, inputs, [*(self.labels[name] for name in names), *[""] * spare])
        for name in names:
            self._point(name, INK)

    def helper(self, kind: str, command: str, *inputs: str, colour: tuple[int, int, int] | None = None) -> str:
        """The label of a line, circle or angle, made once; it is seen if it has a colour."""
        key = (kind, command, *inputs, str(bool(colour)))
        if key not in self._helpers:
            number = len(self._helpers) + 1
            label = f"{kind[0]}_{number}" if number < 10 else f"{kind[0]}_{{{number}}}"
            self._helpers[key] = label
            self._command(command, inputs, [label])
            r, g, b = colour or INK
            self.xml.append(
                f'<element type="{kind}" label={quoteattr(label)}>'
                f'<show object="{"true" if colour else "false"}" label="false"/>'
                f'<objColor r="{r}" g="{g}" b="{b}" alpha="0.0"/>'
                f'<lineStyle thickness="{5 if colour == GOAL else 3}" type="0"/></element>'
            )
        return self._helpers[key]

    def _command(self, command: str, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        given = " ".join(f"a{i}={quoteattr(text)}" for i, text in enumerate(inputs))
        made = " ".join(f"a{i}={quoteattr(text)}" for i, text in enumerate(outputs))
        self.xml.append(f'<command name="{command}"><input {given}/><output {made}/></command>')

    def _point(self, name: str, colour: tuple[int, int, int], fixed: bool = False) -> None:
        r, g, b = colour
        z = self.at[name]
        self.xml.append(
            f'<element type="point" label={quoteattr(self.labels[name])}><show object="true" label="true"/>'
            f'<objColor r="{r}" g="{g}" b="{b}" alpha="0.0"/><labelMode val="0"/>'
            f'<fixed val="{"true" if fixed else "false"}"/><pointSize val="4"/>'
            f'<coords x="{z.real!r}" y="{z.imag!r}" z="1.0"/></element>'
        )

    # ... lines and circles, by their labels

    def line(self, a: str, b: str) -> str:
        """The line ab."""
        return self.helper("line", "Line", self.labels[a], self.labels[b])

    def parallel(self, a: str, b: str, c: str) -> str:
        """The line through a that is parallel to bc."""
        return self.helper("line", "Line", self.labels[a], self.line(b, c))

    def perpendicular(self, a: str, b: str, c: str) -> str:
        """The line through a that is perpendicular to bc."""
        return self.helper("line", "OrthogonalLine", self.labels[a], self.line(b, c))

    def bisector(self, a: str, b: str, c: str) -> str:
        """The inner bisector of the angle abc."""
        return self.helper("line", "AngularBisector", self.labels[a], self.labels[b], self.labels[c])

    def outer_bisector(self, a: str, b: str, c: str) -> str:
        """The outer bisector of the angle abc."""
        return self.helper("line", "OrthogonalLine", self.labels[b], self.bisector(a, b, c))

    def middle(self, a: str, b: str) -> str:
        """The perpendicular bisector of ab."""
        return self.helper("line", "LineBisector", self.labels[a], self.labels[b])

    def turned(self, a: str, b: str, angle: str) -> str:
        """Line ab turned about a."""
        return self.helper("line", "Rotate", self.line(a, b), angle, self.labels[a])

    def circle(self, *points: str) -> str:
        """The circle about a point through another, or through three."""
        return self.helper("conic", "Circle", *(self.labels[point] for point in points), colour=INK)

    def hidden_circle(self, centre: str, through: str) -> str:
        """A circle that is not shown, by the labels of its centre and of a point on it."""
        return self.helper("conic", "Circle", centre, through)

    def compass(self, a: str, b: str, c: str) -> str:
        """The circle about a with radius bc."""
        if a in (b, c):
            return self.hidden_circle(self.labels[a], self.labels[c if a == b else b])
        radius = self.helper("segment", "Segment", self.labels[b], self.labels[c])
        return self.hidden_circle(self.labels[a], radius)

    # ... points that several constructions make

    def rotate(self, x: str, p: str, o: str, degrees: int) -> None:
        """x, the image of p turned about o, to the side on which the figure has it."""
        turn = (self.at[x] - self.at[o]) / (self.at[p] - self.at[o])
        self.make("Rotate", [self.labels[p], f"{degrees if turn.imag > 0 else -degrees}°", self.labels[o]], x)

    def translate(self, x: str, p: str, a: str, b: str) -> None:
        """x = p + b - a."""
        self.make("Translate", [self.labels[p], f"Vector[{self.labels[a]}, {self.labels[b]}]"], x)

    def midpoint(self, x: str, a: str, b: str) -> None:
        """Make x the midpoint of ab."""
        self.make("Midpoint", [self.labels[a], self.labels[b]], x)

    def cross(self, x: str, first: str, second: str) -> None:
        """The meet of two lines."""
        self.make("Intersect", [first, second], x)

    def second(self, x: str, first: str, second: str) -> None:
        """One of two intersections: that at the coordinates, which GeoGebra keeps."""
        self.make("Intersect", [first, second], x, spare=1)

    def foot(self, x: str, a: str, b: str, c: str) -> None:
        """Make x the foot of the perpendicular from a to bc."""
        self.cross(x, self.perpendicular(a, b, c), self.line(b, c))

    def on(self, x: str, curve: str) -> None:
        """Make x a point of a curve."""
        self.make("Point", [curve], x)

    def centre(self, x: str, number: int, a: str, b: str, c: str) -> None:
        """Make x a centre of the triangle abc, by its number in Kimberling's list."""
        self.make("TriangleCenter", [self.labels[a], self.labels[b], self.labels[c], str(number)], x)


# --- constructions as commands ---------------------------------------------------------------------------------------


def _degrees(value: Fraction) -> str:
    return f"{value}°" if value.denominator == 1 else f"({value})°"


def _equal_angle(s: Sheet, a: str, b: str, c: str, d: str, e: str) -> str:
    return s.turned(a, b, s.helper("angle", "Angle", s.labels[e], s.labels[d], s.labels[c]))


def _mirrored(s: Sheet, a: str, b: str, c: str) -> str:
    return s.helper("line", "Mirror", s.line(b, a), s.line(b, c))


LOCI: dict[str, tuple[bool, Callable[..., str]]] = {
    "on_line": (True, Sheet.line),
    "on_opline": (True, Sheet.line),
    "on_pline": (True, Sheet.parallel),
    "on_tline": (True, Sheet.perpendicular),
    "on_bline": (True, Sheet.middle),
    "angle_bisector": (True, Sheet.bisector),
    "lc_tangent": (True, lambda s, a, o: s.perpendicular(a, a, o)),
    "angle_mirror": (True, _mirrored),
    "s_angle": (True, lambda s, a, b, y: s.turned(b, a, _degrees(y))),
    "on_aline": (True, _equal_angle),
    "on_circle": (False, Sheet.circle),
    "on_circum": (False, Sheet.circle),
    "on_dia": (False, lambda s, a, b: s.hidden_circle(f"Midpoint[{s.labels[a]}, {s.labels[b]}]", s.labels[a])),
    "eqdistance": (False, Sheet.compass),
}
"""Constructions of one point on a line (true) or circle (false), and how the sheet makes that from the old points."""


def _all_free(s: Sheet, *names: str) -> None:
    for name in names:
        s.free(name)


def _isosceles(s: Sheet, a: str, b: str, c: str) -> None:
    _all_free(s, a, b)
    s.on(c, s.hidden_circle(s.labels[a], s.labels[b]))


def _right_triangle(s: Sheet, a: str, b: str, c: str) -> None:
    _all_free(s, a, b)
    s.on(c, s.perpendicular(a, a, b))


def _turned_triangle(degrees: int) -> Callable[[Sheet, str, str, str], None]:
    def write(s: Sheet, a: str, b: str, c: str) -> None:
        _all_free(s, a, b)
        s.rotate(c, b, a, degrees)

    return write


def _triangle12(s: Sheet, a: str, b: str, c: str) -> None:
    _all_free(s, a, b)
    s.on(c, s.hidden_circle(s.labels[a], f"Mirror[{s.labels[a]}, {s.labels[b]}]"))


def _isquare(s: Sheet, a: str, b: str, c: str, d: str) -> None:
    _all_free(s, a, b)
    s.rotate(c, a, b, 90)
    s.rotate(d, b, a, 90)


def _rectangle(s: Sheet, a: str, b: str, c: str, d: str) -> None:
    _all_free(s, a, b)
    s.on(c, s.perpendicular(b, a, b))
    s.translate(d, a, b, c)


def _last_on(curve: Callable[[Sheet, str, str, str], str]) -> Callable[..., None]:
    """Three free points, and a fourth on a curve that they give."""

    def write(s: Sheet, a: str, b: str, c: str, d: str) -> None:
        _all_free(s, a, b, c)
        s.on(d, curve(s, a, b, c))

    return write


def _right_trapezoid(s: Sheet, a: str, b: str, c: str, d: str) -> None:
    _all_free(s, a, b)
    s.on(d, s.perpendicular(a, a, b))
    s.on(c, s.parallel(d, a, b))


def _eq_trapezoid(s: Sheet, a: str, b: str, c: str, d: str) -> None:
    _all_free(s, a, b, c)
    s.make("Mirror", [s.labels[c], s.middle(a, b)], d)


def _orthocentre(s: Sheet, x: str, a: str, b: str, c: str) -> None:
    s.centre(x, 4, a, b, c)


def _circumcentre(s: Sheet, x: str, a: str, b: str, c: str) -> None:
    s.make("Center", [s.circle(a, b, c)], x)


def _incentre(s: Sheet, x: str, a: str, b: str, c: str) -> None:
    s.centre(x, 1, a, b, c)


def _excentre(s: Sheet, x: str, a: str, b: str, c: str) -> None:
    s.cross(x, s.bisector(b, a, c), s.outer_bisector(a, b, c))


def _touching(centre: Callable[[Sheet, str, str, str, str], None]) -> Callable[..., None]:
    def write(s: Sheet, x: str, y: str, z: str, i: str, a: str, b: str, c: str) -> None:
        centre(s, i, a, b, c)
        for foot, p, q in ((x, b, c), (y, c, a), (z, a, b)):
            s.foot(foot, i, p, q)

    return write


def _middles(s: Sheet, x: str, y: str, z: str, a: str, b: str, c: str) -> None:
    s.midpoint(x, b, c)
    s.midpoint(y, c, a)
    s.midpoint(z, a, b)


def _centroid(s: Sheet, x: str, y: str, z: str, i: str, a: str, b: str, c: str) -> None:
    _middles(s, x, y, z, a, b, c)
    s.cross(i, s.line(a, x), s.line(b, y))


def _ninepoints(s: Sheet, x: str, y: str, z: str, i: str, a: str, b: str, c: str) -> None:
    _middles(s, x, y, z, a, b, c)
    s.make("Center", [s.circle(x, y, z)], i)


def _square(s: Sheet, a: str, b: str, x: str, y: str) -> None:
    s.rotate(x, a, b, 90)
    s.rotate(y, b, a, 90)


def _tangents(s: Sheet, x: str, y: str, a: str, o: str, b: str) -> None:
    thales = s.hidden_circle(f"Midpoint[{s.labels[a]}, {s.labels[o]}]", s.labels[a])
    s.make("Intersect", [s.circle(o, b), thales], x, y)


POINTS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(("free", "segment", "triangle", "quadrangle", "pentagon"), _all_free),
    "iso_triangle": _isosceles,
    "r_triangle": _right_triangle,
    "risos": _turned_triangle(90),
    "ieq_triangle": _turned_triangle(60),
    "triangle12": _triangle12,
    "isquare": _isquare,
    "rectangle": _rectangle,
    "trapezoid": _last_on(lambda s, a, b, c: s.parallel(c, a, b)),
    "r_trapezoid": _right_trapezoid,
    "eq_trapezoid": _eq_trapezoid,
    "eq_quadrangle": _last_on(lambda s, a, b, c: s.compass(a, b, c)),
    "eqdia_quadrangle": _last_on(lambda s, a, b, c: s.compass(b, a, c)),
    "midpoint": Sheet.midpoint,
    "mirror": lambda s, x, a, b: s.make("Mirror", [s.labels[a], s.labels[b]], x),
    "reflect": lambda s, x, a, b, c: s.make("Mirror", [s.labels[a], s.line(b, c)], x),
    "foot": Sheet.foot,
    "circle": _circumcentre,
    "circumcenter": _circumcentre,
    "incenter": _incentre,
    "excenter": _excentre,
    "orthocenter": _orthocentre,
    "parallelogram": lambda s, a, b, c, x: s.translate(x, a, b, c),
    "shift": lambda s, x, b, c, d: s.translate(x, b, d, c),
    "eq_triangle": lambda s, x, b, c: s.rotate(x, c, b, 60),
    "nsquare": lambda s, x, a, b: s.rotate(x, b, a, 90),
    "psquare": lambda s, x, a, b: s.rotate(x, b, a, 90),
    "intersection_ll": lambda s, x, a, b, c, d: s.cross(x, s.line(a, b), s.line(c, d)),
    "intersection_lp": lambda s, x, a, b, c, m, n: s.cross(x, s.line(a, b), s.parallel(c, m, n)),
    "intersection_lt": lambda s, x, a, b, c, d, e: s.cross(x, s.line(a, b), s.perpendicular(c, d, e)),
    "intersection_pp": lambda s, x, a, b, c, d, e, f: s.cross(x, s.parallel(a, b, c), s.parallel(d, e, f)),
    "intersection_tt": lambda s, x, a, b, c, d, e, f: s.cross(x, s.perpendicular(a, b, c), s.perpendicular(d, e, f)),
    "intersection_lc": lambda s, x, a, o, b: s.second(x, s.line(a, b), s.circle(o, b)),
    "intersection_cc": lambda s, x, o, w, a: s.second(x, s.circle(o, a), s.circle(w, a)),
    "incenter2": _touching(_incentre),
    "excenter2": _touching(_excentre),
    "centroid": _centroid,
    "ninepoints": _ninepoints,
    "square": _square,
    "tangent": _tangents,
}
"""Constructions that make points, and how the sheet makes them, from the names in the order of the signature."""
