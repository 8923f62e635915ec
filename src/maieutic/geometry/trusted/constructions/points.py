"""One point that the old ones determine."""

from __future__ import annotations

from fractions import Fraction

from maieutic.geometry.trusted import shapes
from maieutic.geometry.trusted.constructions.row import Construct, row
from maieutic.geometry.trusted.loci import (
    Line,
    Points,
    circumcentre,
    cross_lines,
    foot,
    line,
    perpendicular,
    reflection,
)
from maieutic.geometry.trusted.quantities import turn

_BISECTORS = "eqangle a b a {0} a {0} a c, eqangle c a c {0} c {0} c b, eqangle b c b {0} b {0} b a"
_CENTRE = "cong x a x b, cong x b x c"
_INSIDE = "ncoll {0} a b, ncoll {0} b c, ncoll {0} c a"


POINTS: tuple[Construct, ...] = (
    # One point.
    row(
        "midpoint x a b",
        "x",
        "diff a b",
        "coll x a b, cong x a x b",
        lambda r, a, b: Points(((a + b) / 2,)),
        "the midpoint of ab",
    ),
    row(
        "mirror x a b",
        "x",
        "diff a b",
        "coll x a b, cong b a b x",
        lambda r, a, b: Points((2 * b - a,)),
        "the mirror image of a in point b",
        says="diff x a, diff x b",
    ),
    row(
        "reflect x a b c",
        "x",
        "diff b c, ncoll a b c",
        "cong b a b x, cong c a c x, perp b c a x",
        lambda r, a, b, c: Points((reflection(a, b, c),)),
        "the mirror image of a in line bc",
        says="diff x a, ncoll x b c",
    ),
    row(
        "foot x a b c",
        "x",
        "ncoll a b c",
        "perp x a b c, coll x b c",
        lambda r, a, b, c: Points((foot(a, b, c),)),
        "the foot of the perpendicular from a to bc",
    ),
    row(
        "circle x a b c",
        "x",
        "ncoll a b c",
        _CENTRE,
        lambda r, a, b, c: Points((circumcentre(a, b, c),)),
        "the centre of the circle through a, b, c",
    ),
    row(
        "circumcenter x a b c",
        "x",
        "ncoll a b c",
        _CENTRE,
        lambda r, a, b, c: Points((circumcentre(a, b, c),)),
        "the centre of the circle through a, b, c",
    ),
    row(
        "incenter x a b c",
        "x",
        "ncoll a b c",
        _BISECTORS.format("x"),
        lambda r, a, b, c: Points((shapes.incentre(a, b, c),)),
        "the incentre of abc",
        says=_INSIDE.format("x"),
    ),
    row(
        "excenter x a b c",
        "x",
        "ncoll a b c",
        _BISECTORS.format("x"),
        lambda r, a, b, c: Points((shapes.excentre(a, b, c),)),
        "the excentre of abc opposite a",
        says=_INSIDE.format("x"),
    ),
    row(
        "orthocenter x a b c",
        "x",
        "ncoll a b c",
        "perp x a b c, perp x b c a, perp x c a b",
        lambda r, a, b, c: Points((shapes.orthocentre(a, b, c),)),
        "the orthocentre of abc",
    ),
    row(
        "parallelogram a b c x",
        "x",
        "ncoll a b c",
        "para a b c x, para a x b c, cong a b c x, cong a x b c",
        lambda r, a, b, c: Points((a + c - b,)),
        "the parallelogram abcx",
        says="ncoll a b x, ncoll b c x, ncoll a c x",
    ),
    row(
        "shift x b c d",
        "x",
        "diff d b",
        "cong x b c d, cong x c b d",
        lambda r, b, c, d: Points((b + c - d,)),
        "the parallelogram bxcd",
        says="diff x c",
    ),
    row(
        "eq_triangle x b c",
        "x",
        "diff b c",
        "cong x b b c, cong b c c x, eqangle b x b c c b c x, eqangle x c x b b x b c",
        lambda r, b, c: Points(tuple(b + (c - b) * turn(Fraction(side * 60), b) for side in (1, -1))),
        "the equilateral triangle xbc",
        says="ncoll x b c",
    ),
    row(
        "nsquare x a b",
        "x",
        "diff a b",
        "cong x a a b, perp x a a b",
        lambda r, a, b: Points((a - 1j * (b - a),)),
        "b turned about a by a right angle, clockwise",
        says="ncoll x a b",
    ),
    row(
        "psquare x a b",
        "x",
        "diff a b",
        "cong x a a b, perp x a a b",
        lambda r, a, b: Points((a + 1j * (b - a),)),
        "b turned about a by a right angle, counterclockwise",
        says="ncoll x a b",
    ),
    row(
        "intersection_ll x a b c d",
        "x",
        "npara a b c d",
        "coll x a b, coll x c d",
        lambda r, a, b, c, d: Points((cross_lines(line(a, b), line(c, d)),)),
        "the meet of ab and cd",
    ),
    row(
        "intersection_lp x a b c m n",
        "x",
        "npara m n a b, ncoll a b c, ncoll c m n",
        "coll x a b, para c x m n",
        lambda r, a, b, c, m, n: Points((cross_lines(line(a, b), Line(c, n - m)),)),
        "the meet of ab and the parallel to mn through c",
    ),
    row(
        "intersection_lt x a b c d e",
        "x",
        "ncoll a b c, nperp a b d e",
        "coll x a b, perp x c d e",
        lambda r, a, b, c, d, e: Points((cross_lines(line(a, b), perpendicular(c, d, e)),)),
        "the meet of ab and the perpendicular to de through c",
    ),
    row(
        "intersection_pp x a b c d e f",
        "x",
        "diff a d, npara b c e f",
        "para x a b c, para x d e f",
        lambda r, a, b, c, d, e, f: Points((cross_lines(Line(a, c - b), Line(d, f - e)),)),
        "the meet of the parallels to bc through a and to ef through d",
    ),
    row(
        "intersection_tt x a b c d e f",
        "x",
        "diff a d, npara b c e f",
        "perp x a b c, perp x d e f",
        lambda r, a, b, c, d, e, f: Points((cross_lines(perpendicular(a, b, c), perpendicular(d, e, f)),)),
        "the meet of the perpendiculars to bc through a and to ef through d",
    ),
    row(
        "intersection_lc x a o b",
        "x",
        "diff a b, diff o b, nperp b o b a",
        "coll x a b, cong o b o x",
        lambda r, a, o, b: Points((shapes.other_on_line(a, o, b),)),
        "the second meet of line ab and circle o(b)",
        says="diff x b",
    ),
    row(
        "intersection_cc x o w a",
        "x",
        "ncoll o w a",
        "cong o a o x, cong w a w x",
        lambda r, o, w, a: Points((reflection(a, o, w),)),
        "the second meet of circles o(a) and w(a)",
        says="diff x a",
    ),
)
