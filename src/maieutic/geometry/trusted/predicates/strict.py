"""The strict predicates: side conditions without equations, which a figure decides."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from maieutic.geometry.trusted.predicates.equations import four_terms
from maieutic.geometry.trusted.predicates.numbers import (
    TOLERANCE,
    Coordinates,
    apart,
    cross,
    dot,
    left_over,
    not_collinear,
    orientation,
)
from maieutic.geometry.trusted.predicates.row import AG1, AG2, OURS, Predicate
from maieutic.geometry.trusted.quantities import Real, sign, vanishes
from maieutic.geometry.trusted.records import Fact, Point

Test = Callable[[Coordinates, tuple[str, ...]], bool]


def _different(at: Coordinates, p: tuple[str, ...]) -> bool:
    return all(apart(at, x, y) for i, x in enumerate(p) for y in p[:i])


def _not_zero(product: Callable[[Point, Point], Real]) -> Test:
    """Whether a product of the vectors ab and cd is not 0."""

    def test(at: Coordinates, p: tuple[str, ...]) -> bool:
        u, v = at[p[1]] - at[p[0]], at[p[3]] - at[p[2]]
        return sign(product(u, v), abs(u) * abs(v), TOLERANCE) != 0

    return test


def _between(at: Coordinates, p: tuple[str, ...]) -> bool:
    """p[0] lies strictly between p[1] and p[2], on their line."""
    x, a, b = (at[q] for q in p)
    scale = dot(b - a, b - a)
    return vanishes(cross(b - a, x - a), scale, 1e-5) and sign(dot(x - a, x - b), scale, TOLERANCE) < 0


def _same_orientation(at: Coordinates, p: tuple[str, ...]) -> bool:
    first = orientation(at, p[:3])
    return first != 0 and first == orientation(at, p[3:])


def _longer(at: Coordinates, p: tuple[str, ...]) -> int:
    """The sign of |cd| - |ab|."""
    first, second = abs(at[p[1]] - at[p[0]]), abs(at[p[3]] - at[p[2]])
    return sign(second - first, first + second, TOLERANCE)


def _not_concyclic(at: Coordinates, p: tuple[str, ...]) -> bool:
    a, b, c, d = (at[x] for x in p)
    if not _different(at, p):
        return False
    ratio = (a - c) * (b - d) * ((a - d) * (b - c)).conjugate()
    return sign(ratio.imag, abs(ratio), TOLERANCE) != 0


def _inside_count(at: Coordinates, p: tuple[str, ...]) -> int:
    """Of d, e, f (on bc, ca, ab): how many lie inside their sides. p = a b c d e f."""
    a, b, c, d, e, f = p
    return sum(_between(at, side) for side in ((d, b, c), (e, c, a), (f, a, b)))


def _same_order(at: Coordinates, p: tuple[str, ...]) -> bool:
    """b against a, c on one line lies as e against d, f on another. p = a b c d e f."""
    a, b, c, d, e, f = (at[x] for x in p)
    return sign(dot(b - a, c - b), near=TOLERANCE**2) == sign(dot(e - d, f - e), near=TOLERANCE**2)


def _same_side(at: Coordinates, p: tuple[str, ...]) -> bool:
    """a and b on the same side of line cd."""
    sides = {orientation(at, (*p[2:], x)) for x in p[:2]}
    return sides in ({1}, {-1})


def _unequal_angles(at: Coordinates, p: tuple[str, ...]) -> bool:
    return sign(left_over(four_terms("direction")(Fact("eqangle", p))[0], at).imag, 1.0, TOLERANCE) != 0


def _is_not_reflection(at: Coordinates, p: tuple[str, ...]) -> bool:
    """p[0] is not the mirror image of p[1] in the line of p[2] and p[3]."""
    y, x, a, b = (at[q] for q in p)
    u = b - a
    image = 2 * (a + u * (dot(u, x - a) / dot(u, u))) - x
    return sign(abs(y - image), 1.0, TOLERANCE) != 0


def _is_not_second_meet(at: Coordinates, p: tuple[str, ...]) -> bool:
    """p[0] is not the second point of line p[1]p[3] on the circle about p[2] through p[1]."""
    y, x, o, a = (at[q] for q in p)
    u = a - x
    second = x + u * (2 * dot(u, o - x) / dot(u, u))
    return sign(abs(y - second), 1.0, TOLERANCE) != 0


def _numeric(
    name: str,
    points: int,
    meaning: str,
    phrase: str,
    test: Test,
    source: str,
    apart: str = "",
) -> Predicate:
    pairs = tuple(("abcdefgh".index(pair[0]), "abcdefgh".index(pair[1])) for pair in apart.split())
    return Predicate(
        name,
        "numeric",
        points,
        meaning,
        source,
        lambda f: phrase.format(*(p.upper() for p in f.points)),
        test=test,
        apart=pairs,
    )


STRICT: tuple[Predicate, ...] = (
    _numeric("diff", 2, "a and b are different points", "{0} ≠ {1}", _different, AG1, "ab"),
    _numeric("noverlap", 2, "a and b are different points", "{0} ≠ {1}", _different, AG2, "ab"),
    _numeric(
        "ncoll",
        3,
        "a, b, c are not on one line",
        "{0}, {1}, {2} are not collinear",
        not_collinear,
        AG1,
        "ab bc ca",
    ),
    _numeric("npara", 4, "ab and cd are not parallel", "{0}{1} ∦ {2}{3}", _not_zero(cross), AG1, "ab cd"),
    _numeric(
        "nperp",
        4,
        "ab and cd are not perpendicular",
        "{0}{1} is not perpendicular to {2}{3}",
        _not_zero(dot),
        AG1,
        "ab cd",
    ),
    _numeric(
        "ncyclic",
        4,
        "a, b, c, d are different and not on one circle or line",
        "{0}, {1}, {2}, {3} are not concyclic",
        _not_concyclic,
        OURS,
        "ab ac ad bc bd cd",
    ),
    _numeric(
        "sameclock",
        6,
        "triangles abc and def have the same orientation",
        "{0}{1}{2} and {3}{4}{5} have the same orientation",
        _same_orientation,
        AG2,
        "ab bc ca de ef fd",
    ),
    _numeric(
        "sameside",
        4,
        "a and b are on the same side of cd",
        "{0} and {1} are on the same side of {2}{3}",
        _same_side,
        OURS,
        "cd ac ad bc bd",
    ),
    _numeric(
        "oppside",
        4,
        "a and b are on different sides of cd",
        "{0} and {1} are on different sides of {2}{3}",
        lambda at, p: {orientation(at, (*p[2:], x)) for x in p[:2]} == {1, -1},
        OURS,
        "cd ab ac ad bc bd",
    ),
    _numeric(
        "acute",
        3,
        "the triangle abc is acute",
        "{0}{1}{2} is acute",
        lambda at, p: (
            not_collinear(at, p)
            and all(sign(dot(at[q] - at[o], at[r] - at[o]), near=TOLERANCE**2) > 0 for q, o, r in permutations(p))
        ),
        OURS,
        "ab bc ca",
    ),
    _numeric(
        "obtuse_angle",
        3,
        "the angle abc is obtuse, or straight",
        "∠{0}{1}{2} is obtuse",
        lambda at, p: sign(dot(at[p[0]] - at[p[1]], at[p[2]] - at[p[1]]), near=TOLERANCE**2) < 0,
        "Newclid's language (github.com/Newclid/Newclid)",
        "ab bc ca",
    ),
    _numeric("lessthan", 4, "|ab| < |cd|", "{0}{1} < {2}{3}", lambda at, p: _longer(at, p) > 0, AG2, "cd"),
    _numeric(
        "ncong",
        4,
        "|ab| and |cd| differ",
        "{0}{1} ≠ {2}{3}",
        lambda at, p: _longer(at, p) != 0,
        OURS,
    ),
    _numeric("exists", 1, "a can be constructed", "{0} exists", lambda at, p: p[0] in at, OURS),
    _numeric(
        "nreflect",
        4,
        "a is not the mirror image of b in line cd",
        "{0} is not the mirror image of {1} in {2}{3}",
        _is_not_reflection,
        OURS,
        "cd",
    ),
    _numeric(
        "nsecond",
        4,
        "a is not the second point of line bd on the circle about c through b, for a b c d",
        "{0} is not where line {1}{3} meets the circle about {2} through {1} again",
        _is_not_second_meet,
        OURS,
        "bd",
    ),
    _numeric(
        "between",
        3,
        "a lies inside segment bc, for a b c",
        "{0} lies between {1} and {2}",
        _between,
        OURS,
        "ab ac bc",
    ),
    _numeric(
        "nbetween",
        3,
        "a does not lie inside segment bc, for a b c",
        "{0} does not lie between {1} and {2}",
        lambda at, p: not _between(at, p),
        OURS,
    ),
    _numeric(
        "even_inside",
        6,
        "0 or 2 of d, e, f lie inside bc, ca, ab",
        "an even number of {3}, {4}, {5} lie inside the sides of {0}{1}{2}",
        lambda at, p: _inside_count(at, p) % 2 == 0,
        OURS,
    ),
    _numeric(
        "odd_inside",
        6,
        "1 or 3 of d, e, f lie inside bc, ca, ab",
        "an odd number of {3}, {4}, {5} lie inside the sides of {0}{1}{2}",
        lambda at, p: _inside_count(at, p) % 2 == 1,
        OURS,
    ),
    _numeric(
        "sameorder",
        6,
        "b divides ac as e divides df: both inside or both outside on the same side",
        "{1} lies on {0}{2} as {4} on {3}{5}",
        _same_order,
        OURS,
    ),
    _numeric(
        "neqangle",
        8,
        "the directed angles from cd to ab and from gh to ef differ, modulo pi",
        "∠({0}{1}, {2}{3}) ≠ ∠({4}{5}, {6}{7})",
        _unequal_angles,
        OURS,
    ),
)
