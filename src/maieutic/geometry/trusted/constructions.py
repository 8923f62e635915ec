"""The constructions: what each needs, what it gives, and how it is drawn. One entry, one place.

A construction introduces new points from old ones. Its *needs* are facts about the old points without which it has no
meaning; its *gives* are the facts that it says of the new ones, over the predicates of PREDICATES, with their signs:
`eqangle a b c d e f g h` is d(ab) - d(cd) = d(ef) - d(gh), `aconst a b c d v` is d(ab) - d(cd) = v degrees, and
`rconst a b c d v` is |ab| = v |cd|.

What it *says* beside are strict facts, which its name promises: the corners of a triangle are not on a line.

A construction of one point is drawn as a locus, so that several of them in one clause are drawn as their meet. A
construction of several points is drawn as these points, or as one of several ways to place them. What the given facts
leave open (which of two bisectors) is drawn as the name suggests; no fact says so. Each is one formula, in floats or in
balls (quantities.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from maieutic.geometry.trusted import shapes
from maieutic.geometry.trusted.hints import sketches
from maieutic.geometry.trusted.loci import (
    Circle,
    Hyperbola,
    Line,
    Locus,
    Points,
    bisector,
    circle,
    circumcentre,
    cross_lines,
    foot,
    inscribed,
    line,
    meet,
    perpendicular,
    perpendicular_bisector,
    reflection,
    unit,
)
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.quantities import turn
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Point, Problem


@dataclass(frozen=True, slots=True)
class Either:
    """Several points, in one of several ways."""

    ways: tuple[tuple[Point, ...], ...]


Drawn = Locus | Either | tuple[Point, ...]
DEFINITIONS = "alphageometry_definitions (Trinh et al., Nature 2024)"


@dataclass(frozen=True, slots=True)
class Template:
    """A fact with letters of a signature in place of points and numbers."""

    predicate: str
    points: tuple[str, ...]
    values: tuple[Fraction | str, ...] = ()

    def fill(self, points: Mapping[str, str], values: Mapping[str, Fraction]) -> Fact:
        return Fact(
            self.predicate,
            tuple(points[p] for p in self.points),
            tuple(values[v] if isinstance(v, str) else v for v in self.values),
        )


@dataclass(frozen=True, slots=True)
class Construct:
    """One construction.

    `letters` are its points in the order in which they are written, `new` those that it introduces, `numbers` its
    rational parameters, after the points. `draw(sketch, *old points, *numbers)` gives the locus of its one new point,
    or its several new points in the order of `new`; it raises NoMeetError where it has none. Where the old points
    leave several new ones open, they are placed near those of `sketch`, and `sketch(rng, *old points)` finds such
    places by chance; the others do not look at it. `may_fail`: it may have none though what it needs holds.
    """

    name: str
    letters: tuple[str, ...]
    new: tuple[str, ...]
    numbers: tuple[str, ...]
    needs: tuple[Template, ...]
    gives: tuple[Template, ...]
    says: tuple[Template, ...]
    draw: Callable[..., Drawn]
    sketch: Callable[..., tuple[Point, ...]] | None
    meaning: str
    source: str
    may_fail: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """The letters of the points that must exist before."""
        return tuple(letter for letter in self.letters if letter not in self.new)

    @property
    def signature(self) -> str:
        return " ".join((self.name, *self.letters, *self.numbers))

    def introduced(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """The new points among full arguments."""
        return tuple(arg for letter, arg in zip(self.letters, args, strict=True) if letter in self.new)

    def given(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """The old points among full arguments."""
        return tuple(arg for letter, arg in zip(self.letters, args, strict=True) if letter not in self.new)

    def facts(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it gives."""
        return self._fill(self.gives, construction)

    def requirements(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it needs."""
        return self._fill(self.needs, construction)

    def strict(self, construction: Construction) -> tuple[Fact, ...]:
        """What a use of it says beside: facts that are no equations."""
        return self._fill(self.says, construction)

    def _fill(self, templates: tuple[Template, ...], use: Construction) -> tuple[Fact, ...]:
        points = dict(zip(self.letters, use.args, strict=True))
        values = dict(zip(self.numbers, use.values, strict=True))
        return tuple(template.fill(points, values) for template in templates)


def _template(text: str) -> Template:
    name, *words = text.split()
    shape = PREDICATES[name].points
    count = shape if isinstance(shape, int) else len(words)
    values = (Fraction(w) if w[0].isdigit() else w for w in words[count:])
    return Template(name, tuple(words[:count]), tuple(values))


def _templates(text: str) -> tuple[Template, ...]:
    return tuple(map(_template, filter(None, map(str.strip, text.split(",")))))


def _row(
    signature: str,
    new: str,
    needs: str,
    gives: str,
    draw: Callable[..., Drawn],
    meaning: str,
    numbers: str = "",
    says: str = "",
    sketch: Callable[..., tuple[Point, ...]] | None = None,
) -> Construct:
    name, *letters = signature.split()
    return Construct(
        name,
        tuple(letters),
        tuple(new.split()),
        tuple(numbers.split()),
        _templates(needs),
        _templates(gives),
        _templates(says),
        draw,
        sketch,
        meaning,
        f"{DEFINITIONS}: {name}",
        name in MAY_FAIL,
    )


MAY_FAIL = frozenset(("tangent", "cc_tangent0", "cc_tangent", "trisect", "3peq", "2l1c", "e5128"))
"""Constructions that have no points on some figures, though what they need holds."""


def _in_either_order(pair: tuple[tuple[Point, ...], ...]) -> Either:
    first, second = pair
    return Either((first + second, second + first))


# --- the table -------------------------------------------------------------------------------------------------------

_BISECTORS = "eqangle a b a {0} a {0} a c, eqangle c a c {0} c {0} c b, eqangle b c b {0} b {0} b a"
_FEET = "coll x b c, perp i x b c, coll y c a, perp i y c a, coll z a b, perp i z a b, cong i x i y, cong i y i z"
_MIDDLES = "coll x b c, cong x b x c, coll y c a, cong y c y a, coll z a b, cong z a z b"
_CENTRE = "cong x a x b, cong x b x c"
_CORNERS = "ncoll a b c, ncoll a b d, ncoll a c d, ncoll b c d"
_FIVE = f"{_CORNERS}, ncoll a b e, ncoll a c e, ncoll a d e, ncoll b c e, ncoll b d e, ncoll c d e"
_INSIDE = "ncoll {0} a b, ncoll {0} b c, ncoll {0} c a"
_TOUCHING = "diff x b, diff x c, diff y c, diff y a, diff z a, diff z b, diff x y, diff y z, diff z x"

CONSTRUCTIONS: dict[str, Construct] = {
    row.name: row
    for row in (
        # Points and polygons from nothing.
        _row("free a", "a", "", "", lambda d: d, "any point", sketch=lambda r: (sketches.free_point(r),)),
        _row(
            "segment a b",
            "a b",
            "",
            "",
            lambda d: d,
            "any two points",
            says="diff a b",
            sketch=lambda r: sketches.turned(r, -0.8 + 0j, 0.8 + 0j),
        ),
        _row(
            "triangle a b c",
            "a b c",
            "",
            "",
            lambda d: d,
            "any triangle",
            says="ncoll a b c",
            sketch=sketches.triangle,
        ),
        _row(
            "quadrangle a b c d",
            "a b c d",
            "",
            "",
            lambda d: d,
            "any four points",
            says=_CORNERS,
            sketch=sketches.quadrangle,
        ),
        _row(
            "pentagon a b c d e",
            "a b c d e",
            "",
            "",
            lambda d: d,
            "any five points",
            says=_FIVE,
            sketch=lambda r: sketches.polygon(r, 5),
        ),
        _row(
            "iso_triangle a b c",
            "a b c",
            "",
            "eqangle b a b c c b c a, cong a b a c",
            lambda d: shapes.isosceles_near(*d),
            "an isosceles triangle with apex a",
            says="ncoll a b c",
            sketch=sketches.isosceles,
        ),
        _row(
            "r_triangle a b c",
            "a b c",
            "",
            "perp a b a c",
            lambda d: shapes.right_near(*d),
            "a triangle with a right angle at a",
            says="ncoll a b c",
            sketch=lambda r: sketches.turned(r, 0j, 1 + 0j, 1j * sketches.leg(r)),
        ),
        _row(
            "risos a b c",
            "a b c",
            "",
            "perp a b a c, cong a b a c, eqangle b a b c c b c a",
            lambda d: shapes.turned_near(90, *d),
            "an isosceles triangle with a right angle at a",
            says="ncoll a b c",
            sketch=lambda r: sketches.turned(r, 0j, 1 + 0j, 1j),
        ),
        _row(
            "ieq_triangle a b c",
            "a b c",
            "",
            "cong a b b c, cong b c c a, eqangle a b a c c a c b, eqangle c a c b b c b a",
            lambda d: shapes.turned_near(60, *d),
            "an equilateral triangle",
            says="ncoll a b c",
            sketch=lambda r: sketches.turned(r, 0j, 1 + 0j, 0.5 + 0.75**0.5 * 1j),
        ),
        _row(
            "triangle12 a b c",
            "a b c",
            "",
            "rconst a b a c 1/2",
            lambda d: shapes.apollonius_near(*d),
            "a triangle with |ac| twice |ab|",
            says="ncoll a b c",
            sketch=sketches.apollonius,
        ),
        _row(
            "isquare a b c d",
            "a b c d",
            "",
            "perp a b b c, cong a b b c, para a b c d, para a d b c, perp a d d c, "
            "cong b c c d, cong c d d a, perp a c b d, cong a c b d",
            lambda d: shapes.square_near(*d),
            "a square",
            says=_CORNERS,
            sketch=lambda r: sketches.turned(r, 0j, 1 + 0j, 1 + 1j, 1j),
        ),
        _row(
            "rectangle a b c d",
            "a b c d",
            "",
            "perp a b b c, para a b c d, para a d b c, perp a b a d, cong a b c d, cong a d b c, cong a c b d",
            lambda d: shapes.rectangle_near(*d),
            "a rectangle",
            says=_CORNERS,
            sketch=sketches.rectangle,
        ),
        _row(
            "trapezoid a b c d",
            "a b c d",
            "",
            "para a b c d",
            lambda d: shapes.trapezoid_near(*d),
            "a trapezoid with parallel ab, cd",
            says=_CORNERS,
            sketch=sketches.trapezoid,
        ),
        _row(
            "r_trapezoid a b c d",
            "a b c d",
            "",
            "para a b c d, perp a b a d",
            lambda d: shapes.right_trapezoid_near(*d),
            "a trapezoid with parallel ab, cd and a right angle at a",
            says=_CORNERS,
            sketch=sketches.right_trapezoid,
        ),
        _row(
            "eq_trapezoid a b c d",
            "a b c d",
            "",
            "para d c a b, cong d a b c",
            lambda d: shapes.eq_trapezoid_near(*d),
            "a trapezoid with parallel ab, cd and equal legs",
            says=_CORNERS,
            sketch=sketches.eq_trapezoid,
        ),
        _row(
            "eq_quadrangle a b c d",
            "a b c d",
            "",
            "cong d a b c",
            lambda d: shapes.eq_quadrangle_near(*d),
            "four points with |ad| = |bc|",
            says=_CORNERS,
            sketch=sketches.eq_quadrangle,
        ),
        _row(
            "eqdia_quadrangle a b c d",
            "a b c d",
            "",
            "cong d b a c",
            lambda d: shapes.eqdia_quadrangle_near(*d),
            "a quadrangle with equal diagonals",
            says=_CORNERS,
            sketch=sketches.eqdia_quadrangle,
        ),
        # Lines.
        _row("on_line x a b", "x", "diff a b", "coll x a b", lambda r, a, b: line(a, b), "x on line ab"),
        _row(
            "on_opline x a b",
            "x",
            "diff a b",
            "coll x a b",
            lambda r, a, b: Line(a, a - b, ray=True),
            "x on line ab, beyond a",
        ),
        _row(
            "on_pline x a b c",
            "x",
            "diff b c, ncoll a b c",
            "para x a b c",
            lambda r, a, b, c: Line(a, c - b),
            "x on the parallel to bc through a",
        ),
        _row(
            "on_tline x a b c",
            "x",
            "diff b c",
            "perp x a b c",
            lambda r, a, b, c: perpendicular(a, b, c),
            "x on the perpendicular to bc through a",
        ),
        _row(
            "on_bline x a b",
            "x",
            "diff a b",
            "cong x a x b, eqangle a x a b b a b x",
            lambda r, a, b: perpendicular_bisector(a, b),
            "x on the perpendicular bisector of ab",
        ),
        _row(
            "on_aline x a b c d e",
            "x",
            "ncoll c d e",
            "eqangle a x a b d c d e",
            lambda r, a, b, c, d, e: Line(a, (b - a) * unit(c - d) / unit(e - d), ray=True),
            "x with the angle from ab to ax equal to that from de to dc",
        ),
        _row(
            "angle_bisector x a b c",
            "x",
            "ncoll a b c",
            "eqangle b a b x b x b c",
            lambda r, a, b, c: bisector(a, b, c),
            "x on the bisector of angle abc",
        ),
        _row(
            "angle_mirror x a b c",
            "x",
            "ncoll a b c",
            "eqangle b a b c b c b x",
            lambda r, a, b, c: Line(b, reflection(a, b, c) - b, ray=True),
            "x on the mirror image of ray ba in bc",
        ),
        _row(
            "s_angle a b x",
            "x",
            "diff a b",
            "aconst b x a b y",
            lambda r, a, b, y: Line(b, (a - b) * turn(y, a), ray=True),
            "x on ray ba turned about b by y degrees, counterclockwise",
            numbers="y",
        ),
        _row(
            "lc_tangent x a o",
            "x",
            "diff a o",
            "perp a x a o",
            lambda r, a, o: perpendicular(a, a, o),
            "x on the tangent at a of the circle about o through a",
        ),
        # Circles and other curves.
        _row("on_circle x o a", "x", "diff o a", "cong o x o a", lambda r, o, a: circle(o, a), "x on circle o(a)"),
        _row(
            "on_circum x a b c",
            "x",
            "ncoll a b c",
            "cyclic a b c x",
            lambda r, a, b, c: circle(circumcentre(a, b, c), a),
            "x on the circle through a, b, c",
        ),
        _row(
            "on_dia x a b",
            "x",
            "diff a b",
            "perp x a x b",
            lambda r, a, b: circle((a + b) / 2, a),
            "x on the circle with diameter ab",
        ),
        _row(
            "eqdistance x a b c",
            "x",
            "diff b c",
            "cong x a b c",
            lambda r, a, b, c: Circle(a, a + c - b),
            "x at the distance bc from a",
        ),
        _row(
            "on_aline2 x a b c d e",
            "x",
            "ncoll c d e",
            "eqangle x a x b d c d e",
            lambda r, a, b, c, d, e: inscribed(a, b, (c - d) / (e - d)),
            "x with the angle from xb to xa equal to that from de to dc",
        ),
        _row(
            "eqangle3 x a b d e f",
            "x",
            "ncoll d e f, diff a b, diff d e, diff e f",
            "eqangle x a x b d e d f",
            lambda r, a, b, d, e, f: inscribed(a, b, (e - d) / (f - d)),
            "x with the angle from xb to xa equal to that from df to de",
        ),
        _row(
            "eqangle2 x a b c",
            "x",
            "ncoll a b c",
            "eqangle a b a x c x c b",
            lambda r, a, b, c: Hyperbola(a, b, c),
            "x with the angles bax and xcb equal",
        ),
        # One point.
        _row(
            "midpoint x a b",
            "x",
            "diff a b",
            "coll x a b, cong x a x b",
            lambda r, a, b: Points(((a + b) / 2,)),
            "the midpoint of ab",
        ),
        _row(
            "mirror x a b",
            "x",
            "diff a b",
            "coll x a b, cong b a b x",
            lambda r, a, b: Points((2 * b - a,)),
            "the mirror image of a in point b",
            says="diff x a, diff x b",
        ),
        _row(
            "reflect x a b c",
            "x",
            "diff b c, ncoll a b c",
            "cong b a b x, cong c a c x, perp b c a x",
            lambda r, a, b, c: Points((reflection(a, b, c),)),
            "the mirror image of a in line bc",
            says="diff x a, ncoll x b c",
        ),
        _row(
            "foot x a b c",
            "x",
            "ncoll a b c",
            "perp x a b c, coll x b c",
            lambda r, a, b, c: Points((foot(a, b, c),)),
            "the foot of the perpendicular from a to bc",
        ),
        _row(
            "circle x a b c",
            "x",
            "ncoll a b c",
            _CENTRE,
            lambda r, a, b, c: Points((circumcentre(a, b, c),)),
            "the centre of the circle through a, b, c",
        ),
        _row(
            "circumcenter x a b c",
            "x",
            "ncoll a b c",
            _CENTRE,
            lambda r, a, b, c: Points((circumcentre(a, b, c),)),
            "the centre of the circle through a, b, c",
        ),
        _row(
            "incenter x a b c",
            "x",
            "ncoll a b c",
            _BISECTORS.format("x"),
            lambda r, a, b, c: Points((shapes.incentre(a, b, c),)),
            "the incentre of abc",
            says=_INSIDE.format("x"),
        ),
        _row(
            "excenter x a b c",
            "x",
            "ncoll a b c",
            _BISECTORS.format("x"),
            lambda r, a, b, c: Points((shapes.excentre(a, b, c),)),
            "the excentre of abc opposite a",
            says=_INSIDE.format("x"),
        ),
        _row(
            "orthocenter x a b c",
            "x",
            "ncoll a b c",
            "perp x a b c, perp x b c a, perp x c a b",
            lambda r, a, b, c: Points((shapes.orthocentre(a, b, c),)),
            "the orthocentre of abc",
        ),
        _row(
            "parallelogram a b c x",
            "x",
            "ncoll a b c",
            "para a b c x, para a x b c, cong a b c x, cong a x b c",
            lambda r, a, b, c: Points((a + c - b,)),
            "the parallelogram abcx",
            says="ncoll a b x, ncoll b c x, ncoll a c x",
        ),
        _row(
            "shift x b c d",
            "x",
            "diff d b",
            "cong x b c d, cong x c b d",
            lambda r, b, c, d: Points((b + c - d,)),
            "the parallelogram bxcd",
            says="diff x c",
        ),
        _row(
            "eq_triangle x b c",
            "x",
            "diff b c",
            "cong x b b c, cong b c c x, eqangle b x b c c b c x, eqangle x c x b b x b c",
            lambda r, b, c: Points(tuple(b + (c - b) * turn(Fraction(side * 60), b) for side in (1, -1))),
            "the equilateral triangle xbc",
            says="ncoll x b c",
        ),
        _row(
            "nsquare x a b",
            "x",
            "diff a b",
            "cong x a a b, perp x a a b",
            lambda r, a, b: Points((a - 1j * (b - a),)),
            "b turned about a by a right angle, clockwise",
            says="ncoll x a b",
        ),
        _row(
            "psquare x a b",
            "x",
            "diff a b",
            "cong x a a b, perp x a a b",
            lambda r, a, b: Points((a + 1j * (b - a),)),
            "b turned about a by a right angle, counterclockwise",
            says="ncoll x a b",
        ),
        _row(
            "intersection_ll x a b c d",
            "x",
            "npara a b c d",
            "coll x a b, coll x c d",
            lambda r, a, b, c, d: Points((cross_lines(line(a, b), line(c, d)),)),
            "the meet of ab and cd",
        ),
        _row(
            "intersection_lp x a b c m n",
            "x",
            "npara m n a b, ncoll a b c, ncoll c m n",
            "coll x a b, para c x m n",
            lambda r, a, b, c, m, n: Points((cross_lines(line(a, b), Line(c, n - m)),)),
            "the meet of ab and the parallel to mn through c",
        ),
        _row(
            "intersection_lt x a b c d e",
            "x",
            "ncoll a b c, nperp a b d e",
            "coll x a b, perp x c d e",
            lambda r, a, b, c, d, e: Points((cross_lines(line(a, b), perpendicular(c, d, e)),)),
            "the meet of ab and the perpendicular to de through c",
        ),
        _row(
            "intersection_pp x a b c d e f",
            "x",
            "diff a d, npara b c e f",
            "para x a b c, para x d e f",
            lambda r, a, b, c, d, e, f: Points((cross_lines(Line(a, c - b), Line(d, f - e)),)),
            "the meet of the parallels to bc through a and to ef through d",
        ),
        _row(
            "intersection_tt x a b c d e f",
            "x",
            "diff a d, npara b c e f",
            "perp x a b c, perp x d e f",
            lambda r, a, b, c, d, e, f: Points((cross_lines(perpendicular(a, b, c), perpendicular(d, e, f)),)),
            "the meet of the perpendiculars to bc through a and to ef through d",
        ),
        _row(
            "intersection_lc x a o b",
            "x",
            "diff a b, diff o b, nperp b o b a",
            "coll x a b, cong o b o x",
            lambda r, a, o, b: Points((shapes.other_on_line(a, o, b),)),
            "the second meet of line ab and circle o(b)",
            says="diff x b",
        ),
        _row(
            "intersection_cc x o w a",
            "x",
            "ncoll o w a",
            "cong o a o x, cong w a w x",
            lambda r, o, w, a: Points((reflection(a, o, w),)),
            "the second meet of circles o(a) and w(a)",
            says="diff x a",
        ),
        # Several points.
        _row(
            "incenter2 x y z i a b c",
            "x y z i",
            "ncoll a b c",
            f"{_BISECTORS.format('i')}, {_FEET}",
            lambda r, a, b, c: shapes.touching(shapes.incentre(a, b, c), a, b, c),
            "the incentre i of abc and its feet on bc, ca, ab",
            says=f"{_INSIDE.format('i')}, {_TOUCHING}",
        ),
        _row(
            "excenter2 x y z i a b c",
            "x y z i",
            "ncoll a b c",
            f"{_BISECTORS.format('i')}, {_FEET}",
            lambda r, a, b, c: shapes.touching(shapes.excentre(a, b, c), a, b, c),
            "the excentre i of abc opposite a and its feet on bc, ca, ab",
            says=f"{_INSIDE.format('i')}, {_TOUCHING}",
        ),
        _row(
            "centroid x y z i a b c",
            "x y z i",
            "ncoll a b c",
            f"{_MIDDLES}, coll a x i, coll b y i, coll c z i",
            lambda r, a, b, c: ((b + c) / 2, (c + a) / 2, (a + b) / 2, (a + b + c) / 3),
            "the midpoints of bc, ca, ab and the centroid i",
            says=_INSIDE.format("i"),
        ),
        _row(
            "ninepoints x y z i a b c",
            "x y z i",
            "ncoll a b c",
            f"{_MIDDLES}, cong i x i y, cong i y i z",
            lambda r, a, b, c: (
                (b + c) / 2,
                (c + a) / 2,
                (a + b) / 2,
                circumcentre((b + c) / 2, (c + a) / 2, (a + b) / 2),
            ),
            "the midpoints of bc, ca, ab and the centre i of their circle",
        ),
        _row(
            "square a b x y",
            "x y",
            "diff a b",
            "perp a b b x, cong a b b x, para a b x y, para a y b x, perp a y y x, "
            "cong b x x y, cong x y y a, perp a x b y, cong a x b y",
            lambda r, a, b: (b + 1j * (a - b), a + 1j * (a - b)),
            "the square abxy, clockwise",
            says="ncoll a b x, ncoll a b y, ncoll a x y, ncoll b x y",
        ),
        _row(
            "tangent x y a o b",
            "x y",
            "diff o a, diff o b, diff a b",
            "cong o x o b, perp a x o x, cong o y o b, perp a y o y",
            lambda r, a, o, b: _in_either_order(tuple((p,) for p in meet(circle((a + o) / 2, a), circle(o, b)))),
            "the points where the tangents from a touch circle o(b)",
            says="diff x y, diff x a, diff y a",
        ),
        _row(
            "cc_tangent0 x y o a w b",
            "x y",
            "diff o a, diff w b, diff o w",
            "cong o x o a, cong w y w b, perp x o x y, perp y w y x",
            lambda r, o, a, w, b: Either(shapes.common_tangents(o, a, w, b)),
            "the points where an outer common tangent touches circles o(a) and w(b)",
            says="diff x y",
        ),
        _row(
            "cc_tangent x y z i o a w b",
            "x y z i",
            "diff o a, diff w b, diff o w",
            "cong o x o a, cong w y w b, perp x o x y, perp y w y x, "
            "cong o z o a, cong w i w b, perp z o z i, perp i w i z",
            lambda r, o, a, w, b: _in_either_order(shapes.common_tangents(o, a, w, b)),
            "the points x, y and z, i where the outer common tangents touch circles o(a) and w(b)",
            says="diff x y, diff z i, diff x z, diff y i",
        ),
        _row(
            "trisegment x y a b",
            "x y",
            "diff a b",
            "coll x a b, coll y a b, cong x a x y, cong y x y b",
            lambda r, a, b: ((2 * a + b) / 3, (a + 2 * b) / 3),
            "the points that divide ab in three",
            says="diff x a, diff x y, diff y b, diff x b, diff y a",
        ),
        _row(
            "trisect x y a b c",
            "x y",
            "ncoll a b c",
            "coll x a c, coll y a c, eqangle b a b x b x b y, eqangle b x b y b y b c",
            lambda r, a, b, c: shapes.trisect(a, b, c),
            "the points of ac on the rays that divide angle abc in three",
        ),
        _row(
            "3peq x y z a b c",
            "x y z",
            "ncoll a b c",
            "coll z b c, coll x a b, coll y a c, coll x y z, cong z x z y",
            lambda d, a, b, c: shapes.equal_parts(d[2], a, b, c),
            "z on bc, the midpoint of xy with x on ab and y on ac",
            sketch=sketches.equal_parts_near,
        ),
        _row(
            "2l1c x y z i a b c o",
            "x y z i",
            "cong o a o b, ncoll a b c",
            "coll x a c, coll y b c, cong o a o z, coll i o z, cong i x i y, cong i y i z, perp i x a c, perp i y b c",
            lambda r, a, b, c, o: Either(shapes.two_lines_one_circle(a, b, c, o)),
            "the circle about i that touches ca in x, cb in y and circle o(a) in z",
        ),
        _row(
            "e5128 x y a b c d",
            "x y",
            "cong c b c d, perp b c b a",
            "cong c b c x, coll y a b, coll x y d, eqangle a b a d x a x y",
            lambda r, a, b, c, d: shapes.e5128(a, b, c, d),
            "x on circle c(b) and y on ab and dx, with the angles bad and axy equal",
        ),
    )
}


def introduces(construction: Construction, clause: Clause) -> bool:
    """Whether a right-hand side is a construction of the clause's points; otherwise it asserts a predicate."""
    construct = CONSTRUCTIONS.get(construction.name)
    if construct is None or len(construction.args) != len(construct.letters):
        return False
    return set(construct.introduced(construction.args)) == set(clause.points)


def clause_facts(clause: Clause) -> tuple[Fact, ...]:
    """The facts that a clause gives, as its constructions write them."""
    facts: list[Fact] = []
    for construction in clause.constructions:
        if introduces(construction, clause):
            facts += CONSTRUCTIONS[construction.name].facts(construction)
        else:
            facts.append(Fact(construction.name, construction.args, construction.values))
    return tuple(facts)


def clause_requirements(clause: Clause) -> tuple[Fact, ...]:
    """What must hold of the earlier points for a clause to have a meaning."""
    return tuple(
        fact
        for construction in clause.constructions
        if introduces(construction, clause)
        for fact in CONSTRUCTIONS[construction.name].requirements(construction)
    )


def hypotheses(problem: Problem) -> tuple[Fact, ...]:
    """All facts that a problem's clauses give: simple ones, each once, in order."""
    return tuple(
        dict.fromkeys(simple for clause in problem.clauses for fact in clause_facts(clause) for simple in expand(fact))
    )
