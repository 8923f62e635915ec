"""Random problems without goals: chains of constructions, for tests that hold over many figures.

A problem starts from a shape or from one of PATTERNS, figures on which a rule has something to say that chance would
seldom bring about, and grows by constructions from the table, each drawn as it is added, until it has its points.
The points' names are in no order.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from string import ascii_lowercase

from maieutic.core.errors import DiagramError, ProblemError
from maieutic.geometry.engine.diagram import draw, extend
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct
from maieutic.geometry.trusted.records import Clause, Construction, Diagram, Problem

NEAR, FAR = 0.03, 6.0
"""A new point is at least so far from the others, unless it is in one's place, and not farther from the middle."""

FROM_NOTHING = {
    "triangle": 4, "quadrangle": 2, "pentagon": 1, "iso_triangle": 2, "r_triangle": 1, "risos": 1, "ieq_triangle": 1,
    "triangle12": 1, "isquare": 1, "rectangle": 1, "trapezoid": 1, "r_trapezoid": 1, "eq_trapezoid": 1,
    "eq_quadrangle": 1, "eqdia_quadrangle": 1,
}  # fmt: skip

LOCI = {
    "on_line": 4, "on_opline": 1, "on_pline": 2, "on_tline": 3, "on_bline": 2, "on_aline": 1, "angle_bisector": 2,
    "angle_mirror": 1, "s_angle": 2, "lc_tangent": 1, "on_circle": 3, "on_circum": 3, "on_dia": 2, "eqdistance": 2,
    "on_aline2": 1, "eqangle3": 1,
}  # fmt: skip
"""Curves, and how often each is taken: two of them meet in a point, one alone is a point on it."""

POINTS = {
    "midpoint": 3, "mirror": 1, "reflect": 1, "foot": 3, "circumcenter": 1, "incenter": 1, "excenter": 1,
    "orthocenter": 1, "parallelogram": 1, "shift": 1, "eq_triangle": 1, "nsquare": 1, "psquare": 1,
    "intersection_ll": 3, "intersection_lp": 1, "intersection_lt": 1, "intersection_pp": 1, "intersection_tt": 1,
    "intersection_lc": 2, "intersection_cc": 2, "eqangle2": 1, "incenter2": 1, "excenter2": 1, "centroid": 1,
    "ninepoints": 1, "square": 1, "tangent": 2, "cc_tangent0": 1, "cc_tangent": 1, "trisegment": 1, "trisect": 1,
    "3peq": 1,
}  # fmt: skip
"""Constructions that are a clause of their own, and how often each is taken."""

ANGLES = (15, 20, 30, 30, 36, 45, 45, 60, 60, 72, 90, 105, 120, 135, 150)

PATTERNS = {
    "menelaus": "a b c = triangle; d = on_line b c; e = on_line c a; f = intersection_ll a b d e",
    "ceva": "a b c = triangle; d = on_line b c; e = on_line c a; p = intersection_ll a d b e; "
    "f = intersection_ll c p a b",
    "medians": "a b c = triangle; d = midpoint b c; e = midpoint c a; f = midpoint a b; p = intersection_ll a d b e",
    "touching": "a b c = triangle; x y z i = incenter2 x y z i a b c; p = intersection_ll a x b y",
    "thales": "a b d = triangle; c = on_line a b; f = on_pline c a d; e = on_line d f, on_pline b a d",
    "thales_converse": "a d e b = trapezoid; c = mirror a b; f = mirror d e",
    "thirds": "a b c = triangle; x y = trisegment x y a b; z w = trisegment z w a c",
    "division": "a b c = triangle; d = angle_bisector b a c, on_line b c; p = free; q = eqdistance p a b; "
    "r = eqdistance p a c; t = angle_bisector q p r, on_line q r",
    "divided_legs": "a b c d = trapezoid; k = free; l = eqdistance b k a, eqdistance c k d; "
    "x = angle_bisector a k d, on_line a d; y = angle_bisector b l c, on_line b c",
    "arc_midpoint": "a b c = triangle; m = angle_bisector b a c, on_bline b c",
    "radical_axis": "a b = segment; o = on_bline a b; w = on_bline a b; p = on_line a b; c = on_circle o a; "
    "d = intersection_lc p o c; e = on_circle w a; f = intersection_lc p w e",
    "power": "o x = segment; p = free; r = free; z = eqdistance r o x; q = eqdistance r o p; "
    "y = intersection_lc p o x; w = intersection_lc q r z",
    "power_converse": "p = free; x = free; y = on_line p x; o = on_bline x y; q = free; z = eqdistance q p x; "
    "w = on_line q z, eqdistance q p y; r = on_bline z w",
    "tangent": "o b = segment; p = free; x y = tangent p o b; c = on_circle o b; d = intersection_lc p o c",
    "power_outside": "o x = segment; p = free; y = intersection_lc p o x; u = free; v = eqdistance u o x; "
    "t = on_tline v v u, eqdistance u p o",
    "power_inside": "o x = segment; p = free; y = intersection_lc p o x; u = free; v = eqdistance u p o; "
    "t = on_tline v v u, eqdistance u o x",
    "geometric_mean": "a b = segment; c = on_dia a b; h = foot c a b; p = free; x = eqdistance p a h; "
    "y = on_line p x, eqdistance p h b; o = on_bline x y",
    "circle_centre": "a b c = triangle; d = on_circum a b c; o = on_bline a b, on_bline c d",
    "sss": "a b c = triangle; q = free; r = eqdistance q b c; p = eqdistance q a b, eqdistance r a c",
    "ssa": "a b c = triangle; q = free; r = eqdistance q b c; p = on_aline q r a b c, eqdistance r a c",
    "ssa_opposite": "a b c = triangle; q = free; r = eqdistance q b c; p = on_aline q r c b a, eqdistance r a c",
    "sine_30": "p q r s = isquare; b = free; a = eqdistance b p q; c = s_angle b a 45, eqdistance b p r",
    "sine_45": "p q r s = isquare; b = free; a = eqdistance b p r; c = s_angle b a 30, eqdistance b p q",
    "sine_60": "p q r = ieq_triangle; s = reflect p q r; b = free; a = eqdistance b p s; "
    "c = s_angle b a 30, eqdistance b p q",
    "sine_90": "a b = segment; m = midpoint a b; c = s_angle b a 30, eqdistance b b m",
    "two_lines_twice": "a b c d = quadrangle; x = on_line a b, on_line c d; y = on_line a b, on_line c d",
    "two_circles_twice": "a b c = triangle; d e = segment; x = on_circum a b c, on_circum a d e; "
    "y = on_circum a b c, on_circum a d e",
    "two_centres_twice": "o p a = triangle; x = on_circle o a, on_circle p a; y = intersection_cc o p a",
    "diameter_twice": "o a = segment; c = on_line o a; x = mirror a o; y = intersection_lc c o a",
    "tangents_twice": "o b = segment; a = free; x y = tangent a o b; z w = tangent a o b",
    "square_twice": "a b = segment; c = on_tline b a b; x y = square a b; z = psquare b a",
    "thirds_twice": "a b = segment; x y = trisegment a b; z w = trisegment a b",
    "midpoint_twice": "a b = segment; x = midpoint a b; y = midpoint a b",
    "shift_twice": "b c d = triangle; x = shift b c d; y = shift b c d",
}


def random_problem(rng: Random, points: int) -> Problem:
    """A problem of at most so many points, that can be drawn with any seed."""
    while True:
        problem = _renamed(_grown(rng, points), rng)
        try:
            for seed in range(4):
                draw(problem, seed, time_limit=1.0)
        except DiagramError:
            continue
        return problem


def _grown(rng: Random, points: int) -> Problem:
    small = [text for text in PATTERNS.values() if len(parse_problem(text).points) <= points]
    if small and rng.random() < 0.4:
        problem = parse_problem(rng.choice(small))
    else:
        name = _weighted(FROM_NOTHING, rng)
        problem = parse_problem(f"{' '.join(CONSTRUCTIONS[name].letters)} = {name}")
    figure = draw(problem, rng.randrange(1000), time_limit=1.0)
    tries = 0
    while len(problem.points) < points and tries < 200:
        tries += 1
        clause = _clause(rng, problem.points, points - len(problem.points))
        try:
            longer = parse_problem(f"{print_problem(problem)}; {clause}")
            larger = extend(figure, [clause], rng.randrange(1000))
        except (ProblemError, DiagramError):
            continue
        if all(_well_placed(larger, name, rng) for name in clause.points):
            problem, figure = longer, larger
    return problem


def _well_placed(figure: Diagram, name: str, rng: Random) -> bool:
    place = figure.points[name]
    distances = [abs(place - other) for known, other in figure.points.items() if known != name]
    same = min(distances) < 1e-9
    return abs(place) < FAR and (min(distances) > NEAR or (same and rng.random() < 0.3))


def _clause(rng: Random, known: Sequence[str], room: int) -> Clause:
    if rng.random() < 0.5:
        new = _fresh(known, 1)
        loci = [_weighted(LOCI, rng) for _ in range(1 if rng.random() < 0.3 else 2)]
        return Clause(new, tuple(_use(rng, CONSTRUCTIONS[name], new, known) for name in loci))
    row = CONSTRUCTIONS[_weighted({name: w for name, w in POINTS.items() if len(CONSTRUCTIONS[name].new) <= room}, rng)]
    new = _fresh(known, len(row.new))
    return Clause(new, (_use(rng, row, new, known),))


def _weighted(names: Mapping[str, int], rng: Random) -> str:
    return rng.choices(list(names), list(names.values()))[0]


def _fresh(known: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple([name for name in ascii_lowercase if name not in known][:count])


def _use(rng: Random, row: Construct, new: Sequence[str], known: Sequence[str]) -> Construction:
    """A construction with random old points, the later ones more often; now and then one stands twice."""
    count = len(row.old)
    weights = [1 + i / len(known) for i in range(len(known))]
    chosen: list[str] = []
    while len(chosen) < count:
        point = rng.choices(known, weights)[0]
        if point not in chosen or len(known) < count or rng.random() < 0.15:
            chosen.append(point)
    names = dict(zip(row.new, new, strict=True)) | dict(zip(row.old, chosen, strict=True))
    return Construction(
        row.name,
        tuple(names[letter] for letter in row.letters),
        tuple(Fraction(rng.choice(ANGLES)) for _ in row.numbers),
    )


def _renamed(problem: Problem, rng: Random) -> Problem:
    names = dict(zip(problem.points, rng.sample(ascii_lowercase, len(problem.points)), strict=True))
    return Problem(
        "",
        tuple(
            Clause(
                tuple(names[p] for p in clause.points),
                tuple(Construction(c.name, tuple(names[p] for p in c.args), c.values) for c in clause.constructions),
            )
            for clause in problem.clauses
        ),
    )
