"""What is drawn of a construction: the segments and circles that a teacher would draw, a line of the table for each.

Letters are those of the construction's signature. `ab` is a segment, `xab` the segment between the outermost of three
collinear points, `o(a)` the circle about o through a, `(abc)` the circle through a, b, c.
"""

from __future__ import annotations

SHOWN: dict[str, str] = {
    "free": "",
    "segment": "ab",
    "triangle": "ab bc ca",
    "quadrangle": "ab bc cd da",
    "pentagon": "ab bc cd de ea",
    "iso_triangle": "ab bc ca",
    "r_triangle": "ab bc ca",
    "risos": "ab bc ca",
    "ieq_triangle": "ab bc ca",
    "triangle12": "ab bc ca",
    "isquare": "ab bc cd da",
    "rectangle": "ab bc cd da",
    "trapezoid": "ab bc cd da",
    "r_trapezoid": "ab bc cd da",
    "eq_trapezoid": "ab bc cd da",
    "eq_quadrangle": "ab bc cd da",
    "eqdia_quadrangle": "ab bc cd da ac bd",
    "on_line": "xab",
    "on_opline": "xab",
    "on_pline": "xa bc",
    "on_tline": "xa bc",
    "on_bline": "xa xb",
    "on_aline": "xa ab cd de",
    "angle_bisector": "bx ba bc",
    "angle_mirror": "ba bc bx",
    "s_angle": "ab bx",
    "lc_tangent": "xa oa o(a)",
    "on_circle": "o(a)",
    "on_circum": "(abc)",
    "on_dia": "xa xb ab",
    "eqdistance": "xa bc",
    "on_aline2": "xa xb dc de",
    "eqangle3": "xa xb de df",
    "eqangle2": "ab ax cx cb",
    "midpoint": "xab",
    "mirror": "xab",
    "reflect": "ax bc",
    "foot": "ax xbc",
    "circle": "x(a)",
    "circumcenter": "x(a)",
    "incenter": "ax bx cx",
    "excenter": "ax bx cx",
    "orthocenter": "ax bx cx",
    "parallelogram": "ab bc cx xa",
    "shift": "xb cd xc bd",
    "eq_triangle": "xb bc cx",
    "nsquare": "xa ab",
    "psquare": "xa ab",
    "intersection_ll": "xab xcd",
    "intersection_lp": "xab xc mn",
    "intersection_lt": "xab xc de",
    "intersection_pp": "xa bc xd ef",
    "intersection_tt": "xa bc xd ef",
    "intersection_lc": "xab o(b)",
    "intersection_cc": "o(a) w(a)",
    "incenter2": "xbc yca zab i(x)",
    "excenter2": "xbc yca zab i(x)",
    "centroid": "xbc yca zab axi byi czi",
    "ninepoints": "xbc yca zab i(x)",
    "square": "ab bx xy ya",
    "tangent": "ax ay ox oy o(b)",
    "cc_tangent0": "xy o(a) w(b)",
    "cc_tangent": "xy zi o(a) w(b)",
    "trisegment": "axyb",
    "trisect": "axyc bx by ba bc",
    "3peq": "zbc xab yac xyz",
    "2l1c": "xac ybc o(a) i(x)",
    "e5128": "c(b) ba yab xyd ad",
}

UNMARKED_ANGLES = frozenset(
    ("iso_triangle", "risos", "ieq_triangle", "eq_triangle", "on_bline", "isquare", "square", "rectangle")
)
"""Constructions whose equal angles go without arcs: their equal sides or right angles say it already."""

SIDES = {
    name: SHOWN[name]
    for name in (
        *("segment", "triangle", "triangle12", "iso_triangle", "r_triangle", "risos", "ieq_triangle", "quadrangle"),
        *("trapezoid", "r_trapezoid", "eq_trapezoid", "eq_quadrangle", "eqdia_quadrangle", "pentagon"),
    )
}
"""The sides of polygons: constructions whose facts do not name them all."""
