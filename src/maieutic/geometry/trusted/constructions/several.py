"""Several points from old ones."""

from __future__ import annotations

from maieutic.geometry.trusted import shapes
from maieutic.geometry.trusted.constructions.row import Construct, Either, row
from maieutic.geometry.trusted.hints import sketches
from maieutic.geometry.trusted.loci import (
    circle,
    circumcentre,
    meet,
)
from maieutic.geometry.trusted.records import Point

_BISECTORS = "eqangle a b a {0} a {0} a c, eqangle c a c {0} c {0} c b, eqangle b c b {0} b {0} b a"
_FEET = "coll x b c, perp i x b c, coll y c a, perp i y c a, coll z a b, perp i z a b, cong i x i y, cong i y i z"
_MIDDLES = "coll x b c, cong x b x c, coll y c a, cong y c y a, coll z a b, cong z a z b"
_INSIDE = "ncoll {0} a b, ncoll {0} b c, ncoll {0} c a"
_TOUCHING = "diff x b, diff x c, diff y c, diff y a, diff z a, diff z b, diff x y, diff y z, diff z x"


def _in_either_order(pair: tuple[tuple[Point, ...], ...]) -> Either:
    first, second = pair
    return Either((first + second, second + first))


SEVERAL: tuple[Construct, ...] = (
    # Several points.
    row(
        "incenter2 x y z i a b c",
        "x y z i",
        "ncoll a b c",
        f"{_BISECTORS.format('i')}, {_FEET}",
        lambda r, a, b, c: shapes.touching(shapes.incentre(a, b, c), a, b, c),
        "the incentre i of abc and its feet on bc, ca, ab",
        says=f"{_INSIDE.format('i')}, {_TOUCHING}",
    ),
    row(
        "excenter2 x y z i a b c",
        "x y z i",
        "ncoll a b c",
        f"{_BISECTORS.format('i')}, {_FEET}",
        lambda r, a, b, c: shapes.touching(shapes.excentre(a, b, c), a, b, c),
        "the excentre i of abc opposite a and its feet on bc, ca, ab",
        says=f"{_INSIDE.format('i')}, {_TOUCHING}",
    ),
    row(
        "centroid x y z i a b c",
        "x y z i",
        "ncoll a b c",
        f"{_MIDDLES}, coll a x i, coll b y i, coll c z i",
        lambda r, a, b, c: ((b + c) / 2, (c + a) / 2, (a + b) / 2, (a + b + c) / 3),
        "the midpoints of bc, ca, ab and the centroid i",
        says=_INSIDE.format("i"),
    ),
    row(
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
    row(
        "square a b x y",
        "x y",
        "diff a b",
        "perp a b b x, cong a b b x, para a b x y, para a y b x, perp a y y x, "
        "cong b x x y, cong x y y a, perp a x b y, cong a x b y",
        lambda r, a, b: (b + 1j * (a - b), a + 1j * (a - b)),
        "the square abxy, clockwise",
        says="ncoll a b x, ncoll a b y, ncoll a x y, ncoll b x y",
    ),
    row(
        "tangent x y a o b",
        "x y",
        "diff o a, diff o b, diff a b",
        "cong o x o b, perp a x o x, cong o y o b, perp a y o y",
        lambda r, a, o, b: _in_either_order(tuple((p,) for p in meet(circle((a + o) / 2, a), circle(o, b)))),
        "the points where the tangents from a touch circle o(b)",
        says="diff x y, diff x a, diff y a",
    ),
    row(
        "cc_tangent0 x y o a w b",
        "x y",
        "diff o a, diff w b, diff o w",
        "cong o x o a, cong w y w b, perp x o x y, perp y w y x",
        lambda r, o, a, w, b: Either(shapes.common_tangents(o, a, w, b)),
        "the points where an outer common tangent touches circles o(a) and w(b)",
        says="diff x y",
    ),
    row(
        "cc_tangent x y z i o a w b",
        "x y z i",
        "diff o a, diff w b, diff o w",
        "cong o x o a, cong w y w b, perp x o x y, perp y w y x, "
        "cong o z o a, cong w i w b, perp z o z i, perp i w i z",
        lambda r, o, a, w, b: _in_either_order(shapes.common_tangents(o, a, w, b)),
        "the points x, y and z, i where the outer common tangents touch circles o(a) and w(b)",
        says="diff x y, diff z i, diff x z, diff y i",
    ),
    row(
        "trisegment x y a b",
        "x y",
        "diff a b",
        "coll x a b, coll y a b, cong x a x y, cong y x y b",
        lambda r, a, b: ((2 * a + b) / 3, (a + 2 * b) / 3),
        "the points that divide ab in three",
        says="diff x a, diff x y, diff y b, diff x b, diff y a",
    ),
    row(
        "trisect x y a b c",
        "x y",
        "ncoll a b c",
        "coll x a c, coll y a c, eqangle b a b x b x b y, eqangle b x b y b y b c",
        lambda r, a, b, c: shapes.trisect(a, b, c),
        "the points of ac on the rays that divide angle abc in three",
    ),
    row(
        "3peq x y z a b c",
        "x y z",
        "ncoll a b c",
        "coll z b c, coll x a b, coll y a c, coll x y z, cong z x z y",
        lambda d, a, b, c: shapes.equal_parts(d[2], a, b, c),
        "z on bc, the midpoint of xy with x on ab and y on ac",
        sketch=sketches.equal_parts_near,
    ),
    row(
        "2l1c x y z i a b c o",
        "x y z i",
        "cong o a o b, ncoll a b c",
        "coll x a c, coll y b c, cong o a o z, coll i o z, cong i x i y, cong i y i z, perp i x a c, perp i y b c",
        lambda r, a, b, c, o: Either(shapes.two_lines_one_circle(a, b, c, o)),
        "the circle about i that touches ca in x, cb in y and circle o(a) in z",
    ),
    row(
        "e5128 x y a b c d",
        "x y",
        "cong c b c d, perp b c b a",
        "cong c b c x, coll y a b, coll x y d, eqangle a b a d x a x y",
        lambda r, a, b, c, d: shapes.e5128(a, b, c, d),
        "x on circle c(b) and y on ab and dx, with the angles bad and axy equal",
    ),
)
