"""The predicates: what a statement says of a figure, and which linear equations say the same.

Everything the engine knows is linear in one of four tables of unknowns (one for each pair of points):

    direction   d(ab), the angle of line ab in units of pi, modulo 1    coll para perp eqangle cyclic aconst angeq
    log         log |ab|                                                cong eqratio rconst distmeq
    length      |ab|                                                    cong rconst distseq overlap
    square      |ab|^2                                                  cong perp rconst distsqeq overlap

A predicate's equations are alternatives: **each of them alone says what the predicate says** (under its guards), so
proving one proves the statement, and the statement gives all of them. `cyclic a b c d`, for example, is any one of
the three equalities among d(ab)+d(cd), d(ac)+d(bd), d(ad)+d(bc). A compound predicate is a list of simpler facts;
a numeric one is a side condition with no equations. `log` has further unknowns, log |sin| of the angle between two
lines through a point, written as triples (vertex, arm, arm).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Literal

from maieutic.geometry.trusted.hints.phrases import angle, segments, upper, weighted_sum, worded
from maieutic.geometry.trusted.quantities import (
    Real,
    UndecidedError,
    is_ball,
    log,
    middle,
    number,
    sign,
    turn,
    vanishes,
)
from maieutic.geometry.trusted.records import Fact, Point

Table = Literal["direction", "log", "length", "square"]
TABLES: tuple[Table, ...] = ("direction", "log", "length", "square")
Unknown = tuple[str, ...]
"""A segment (a, b) with a < b, or in `log` a sine (vertex, a, b) with a < b."""
Coordinates = Mapping[str, Point]

TOLERANCE = 1e-7
"""Two numbers of a figure of size about 1 that differ by less are taken as equal."""


@dataclass(frozen=True, slots=True)
class Equation:
    """sum(coefficient * unknown) + sum(coefficient * constant) = 0 in one table; modulo 1 in `direction`.

    Constants: in `direction` the key 1 (units of pi); in `log` a prime p, for log p. Terms and constants are sorted,
    without zeros. Direction constants lie in [0, 1).
    """

    table: Table
    terms: tuple[tuple[Unknown, Fraction], ...]
    constants: tuple[tuple[int, Fraction], ...] = ()

    def normal(self) -> Equation:
        """The same equation with a positive first coefficient; outside `direction`, with coprime integers."""
        if not self.terms:
            return self
        if self.terms[0][1] == 1 and all(c.denominator == 1 for _, c in (*self.terms, *self.constants)):
            return self
        scale = Fraction(-1 if self.terms[0][1] < 0 else 1)
        if self.table != "direction":
            coefficients = [c for _, c in (*self.terms, *self.constants)]
            scale *= Fraction(
                math.lcm(*(c.denominator for c in coefficients)), math.gcd(*(c.numerator for c in coefficients))
            )
        return self if scale == 1 else combine(self.table, [(scale, self)])


def combine(table: Table, weighted: Iterable[tuple[Fraction, Equation]]) -> Equation:
    """The weighted sum of equations of one table. Direction constants are reduced modulo 1 after the sum."""
    terms: dict[Unknown, Fraction] = {}
    constants: dict[int, Fraction] = {}
    for weight, equation in weighted:
        for unknown, coefficient in equation.terms:
            terms[unknown] = terms.get(unknown, Fraction(0)) + weight * coefficient
        for key, coefficient in equation.constants:
            constants[key] = constants.get(key, Fraction(0)) + weight * coefficient
    return make_equation(table, terms, constants)


def make_equation(table: Table, terms: Mapping[Unknown, Fraction], constants: Mapping[int, Fraction]) -> Equation:
    """An equation in canonical form from maps of coefficients."""
    if table == "direction":
        constants = {1: constants.get(1, Fraction(0)) % 1}
    return Equation(
        table,
        tuple(sorted((u, c) for u, c in terms.items() if c)),
        tuple(sorted((k, c) for k, c in constants.items() if c)),
    )


def linear(table: Table, *terms: tuple[int | Fraction, str, str], constant: Fraction = Fraction(0)) -> Equation:
    """sum(c * unknown(ab)) + constant = 0; the constant is in units of pi (direction) or a positive rational (log)."""
    collected: dict[Unknown, Fraction] = {}
    for coefficient, a, b in terms:
        unknown = (a, b) if a < b else (b, a)
        if a == b:
            if table == "square":
                continue  # |aa|^2 = 0
            raise ValueError(f"{table} of a segment from {a} to itself")
        collected[unknown] = collected.get(unknown, Fraction(0)) + coefficient
    if table == "log":
        return make_equation(table, collected, prime_powers(constant) if constant else {})
    return make_equation(table, collected, {1: constant} if constant else {})


def prime_powers(value: Fraction) -> dict[int, Fraction]:
    """The exponents of a positive rational's primes: 12/5 -> {2: 2, 3: 1, 5: -1}. Trial division, bounded."""
    if value <= 0:
        raise ValueError(f"the logarithm of {value}")
    powers: dict[int, Fraction] = {}
    for whole, side in ((value.numerator, 1), (value.denominator, -1)):
        prime = 2
        while whole > 1:
            if prime * prime > whole:
                prime = whole
            elif prime > 100_000:
                raise ValueError(f"a ratio with the large prime factor {whole}")
            while whole % prime == 0:
                powers[prime] = powers.get(prime, Fraction(0)) + side
                whole //= prime
            prime += 1
    return powers


# --- numbers on a figure ---------------------------------------------------------------------------------------------
# Written once for floats and for balls: quantities.py.


def direction(a: Point, b: Point) -> float:
    """The direction of line ab in units of pi, in [0, 1)."""
    return (cmath.phase(b - a) / math.pi) % 1.0


def residual(equation: Equation, at: Coordinates) -> Real:
    """How far the equation is from true on a figure.

    In `direction` the sine of the angle that is left, in `log` a difference of logarithms, of the equation in whole
    numbers; in `length` and `square` what is left, as a part of the sum of all terms. Raises ZeroDivisionError where
    the equation is not defined: at a segment without length, or a sine of 0.
    """
    if equation.table == "direction":
        return abs(left_over(equation, at).imag)
    if any(c.denominator != 1 for _, c in (*equation.terms, *equation.constants)):
        equation = equation.normal()
    total: Real = 0.0
    size: Real = 0.0
    for unknown, coefficient in equation.terms:
        term = coefficient.numerator * unknown_value(equation.table, unknown, at)
        total, size = total + term, size + abs(term)
    for key, coefficient in equation.constants:
        total = total + coefficient.numerator * log(number(Fraction(key), total))
    if equation.table == "log":
        return abs(total)
    nothing = TOLERANCE if equation.table == "length" else TOLERANCE**2  # no segment has a length, as `apart` sees it
    if size.contains(0) if is_ball(size) else size <= nothing:
        return abs(total)
    return abs(total) / size


def left_over(equation: Equation, at: Coordinates) -> Point:
    """Of an equation of directions, the complex number of absolute value 1 that is real where the equation holds."""
    turned: Point = 1.0 + 0j
    for (a, b), coefficient in equation.terms:
        v = at[b] - at[a]
        length = abs(v)
        if not is_ball(length) and length < 1e-12:
            raise ZeroDivisionError(f"{a} and {b} coincide")
        times = coefficient.numerator
        v = v / length if times > 0 else v.conjugate() / length
        turned = (v if times in (1, -1) else v ** abs(times)) * turned
    constant = sum((c for _, c in equation.constants), Fraction(0))
    return turned * turn(180 * constant, turned) if constant else turned


def unknown_value(table: Table, unknown: Unknown, at: Coordinates) -> Real:
    """The value of an unknown of `log`, `length` or `square` on a figure.

    Raises ZeroDivisionError where it has none (coincident points).
    """
    if len(unknown) == 3:
        o, a, b = (at[p] for p in unknown)
        sine = abs(cross(a - o, b - o)) / (abs(a - o) * abs(b - o))
        if not is_ball(sine) and sine < 1e-12:
            raise ZeroDivisionError(f"{', '.join(unknown)} lie on a line")
        return log(sine)
    a, b = at[unknown[0]], at[unknown[1]]
    length = abs(b - a)
    if table != "log":
        return length if table == "length" else length * length
    if not is_ball(length) and length < 1e-12:
        raise ZeroDivisionError(f"{unknown[0]} and {unknown[1]} coincide")
    return log(length)


def cross(u: Point, v: Point) -> float:
    """The signed area of the parallelogram of two vectors."""
    return (u.conjugate() * v).imag


def dot(u: Point, v: Point) -> float:
    return (u.conjugate() * v).real


def _not_collinear(at: Coordinates, p: tuple[str, ...]) -> bool:
    return _orientation(at, p) != 0


def _orientation(at: Coordinates, p: tuple[str, ...]) -> int:
    u, v = at[p[1]] - at[p[0]], at[p[2]] - at[p[0]]
    return sign(cross(u, v), dot(u, u) + dot(v, v), TOLERANCE)


def _different(at: Coordinates, p: tuple[str, ...]) -> bool:
    return all(apart(at, x, y) for i, x in enumerate(p) for y in p[:i])


def apart(at: Coordinates, x: str, y: str) -> bool:
    """Whether two names stand for different places. Two names of one ball are one place."""
    if at[x] is at[y]:
        return False
    between = at[x] - at[y]
    return sign(dot(between, between), max(1.0, abs(middle(at[x]))) ** 2, TOLERANCE**2) != 0


def _not_parallel(at: Coordinates, p: tuple[str, ...]) -> bool:
    u, v = at[p[1]] - at[p[0]], at[p[3]] - at[p[2]]
    return sign(cross(u, v), abs(u) * abs(v), TOLERANCE) != 0


def _not_perpendicular(at: Coordinates, p: tuple[str, ...]) -> bool:
    u, v = at[p[1]] - at[p[0]], at[p[3]] - at[p[2]]
    return sign(dot(u, v), abs(u) * abs(v), TOLERANCE) != 0


def _between(at: Coordinates, p: tuple[str, ...]) -> bool:
    """p[0] lies strictly between p[1] and p[2], on their line."""
    x, a, b = (at[q] for q in p)
    scale = dot(b - a, b - a)
    return vanishes(cross(b - a, x - a), scale, 1e-5) and sign(dot(x - a, x - b), scale, TOLERANCE) < 0


def _same_orientation(at: Coordinates, p: tuple[str, ...]) -> bool:
    first = _orientation(at, p[:3])
    return first != 0 and first == _orientation(at, p[3:])


def _less(at: Coordinates, p: tuple[str, ...]) -> bool:
    first, second = abs(at[p[1]] - at[p[0]]), abs(at[p[3]] - at[p[2]])
    return sign(second - first, first + second, TOLERANCE) > 0


def _unequal(at: Coordinates, p: tuple[str, ...]) -> bool:
    first, second = abs(at[p[1]] - at[p[0]]), abs(at[p[3]] - at[p[2]])
    return sign(second - first, first + second, TOLERANCE) != 0


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
    sides = {_orientation(at, (*p[2:], x)) for x in p[:2]}
    return sides in ({1}, {-1})


def _unequal_angles(at: Coordinates, p: tuple[str, ...]) -> bool:
    return sign(left_over(_four("direction")(Fact("eqangle", p))[0], at).imag, 1.0, TOLERANCE) != 0


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


def _on_no_line(at: Coordinates, p: tuple[str, ...]) -> bool:
    """Whether some three of the points are not on a line."""
    for triple in combinations(p, 3):
        try:
            if _not_collinear(at, triple):
                return True
        except UndecidedError:
            continue  # two of them may be one point; another triple may be certain
    return False


# --- the table -------------------------------------------------------------------------------------------------------

Kind = Literal["equational", "compound", "numeric", "question"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate.

    `points` is the number of points, or (least, step) where it varies; `values` the number of rational parameters, a
    function of the number of points where it varies. `equations(fact)` gives the alternatives of an equational
    predicate, `parts(fact)` the simpler facts of a compound one, `test(coordinates, points)` the truth of a numeric
    one, or what an equational one says beside its equations. `guards(fact)` are numeric facts under which the equations
    mean what the predicate says. `apart` are the pairs of places whose points differ where it is true, beyond what its
    equations need.
    """

    name: str
    kind: Kind
    points: int | tuple[int, int]
    meaning: str
    source: str
    phrase: Callable[[Fact], str]
    values: int | Callable[[int], int] = 0
    equations: Callable[[Fact], tuple[Equation, ...]] = lambda fact: ()
    parts: Callable[[Fact], tuple[Fact, ...]] = lambda fact: ()
    test: Callable[[Coordinates, tuple[str, ...]], bool] | None = None
    guards: Callable[[Fact], tuple[Fact, ...]] = lambda fact: ()
    apart: tuple[tuple[int, int], ...] = ()

    def pairs(self, points: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The pairs of points that are different where a fact is true, beyond what its equations need."""
        if self.name == "neqangle":  # of the directions that are left where others cancel
            (equation,) = _four("direction")(Fact("eqangle", points))
            return tuple((unknown[0], unknown[1]) for unknown, _ in equation.terms)
        return tuple((points[i], points[j]) for i, j in self.apart)

    def value_count(self, points: int) -> int:
        return self.values if isinstance(self.values, int) else self.values(points)

    def accepts(self, points: int, values: int) -> bool:
        """Whether a fact with so many points and values is well formed."""
        if isinstance(self.points, int):
            fits = points == self.points
        else:
            least, step = self.points
            fits = points >= least and (points - least) % step == 0
        return fits and values == self.value_count(points)


AG1 = "AlphaGeometry's language (Trinh et al., Nature 2024)"
AG2 = "AlphaGeometry2's language (arXiv 2502.03544, section 2)"
OURS = "ours: names an equation or a side condition that a proof cites"

HALF = Fraction(1, 2)


def _coll(fact: Fact) -> tuple[Equation, ...]:
    a, b, c = sorted(fact.points)
    return (
        linear("direction", (1, a, b), (-1, a, c)),
        linear("direction", (1, a, b), (-1, b, c)),
        linear("direction", (1, a, c), (-1, b, c)),
    )


def _cyclic(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = sorted(fact.points)
    return (
        linear("direction", (1, a, b), (1, c, d), (-1, a, c), (-1, b, d)),
        linear("direction", (1, a, b), (1, c, d), (-1, a, d), (-1, b, c)),
        linear("direction", (1, a, c), (1, b, d), (-1, a, d), (-1, b, c)),
    )


def _cong(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = fact.points
    return tuple(linear(table, (1, a, b), (-1, c, d)) for table in ("log", "length", "square"))


def _perp(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = fact.points
    return (
        linear("direction", (1, a, b), (-1, c, d), constant=HALF),
        linear("square", (1, a, c), (-1, a, d), (-1, b, c), (1, b, d)),
    )


def _rconst(fact: Fact) -> tuple[Equation, ...]:
    (a, b, c, d), (r,) = fact.points, fact.values
    return (
        linear("log", (1, a, b), (-1, c, d), constant=1 / r),
        linear("length", (1, a, b), (-r, c, d)),
        linear("square", (1, a, b), (-r * r, c, d)),
    )


def _rsqconst(fact: Fact) -> tuple[Equation, ...]:
    (a, b, c, d), (r,) = fact.points, fact.values
    return (
        linear("log", (2, a, b), (-2, c, d), constant=1 / r),
        linear("square", (1, a, b), (-r, c, d)),
    )


def _weighted(table: Table) -> Callable[[Fact], tuple[Equation, ...]]:
    def equations(fact: Fact) -> tuple[Equation, ...]:
        pairs = segments(fact)
        terms = [(weight, a, b) for (a, b), weight in zip(pairs, fact.values, strict=False)]
        constant = fact.values[-1] if len(fact.values) > len(pairs) else Fraction(0)
        if table == "log" and constant <= 0:
            raise ValueError(f"{fact}: the factor must be positive, not {constant}")
        return (linear(table, *terms, constant=constant / 180 if table == "direction" else constant),)

    return equations


def _four(table: Table) -> Callable[[Fact], tuple[Equation, ...]]:
    def equations(fact: Fact) -> tuple[Equation, ...]:
        a, b, c, d, e, f, g, h = fact.points
        return (linear(table, (1, a, b), (-1, c, d), (-1, e, f), (1, g, h)),)

    return equations


def sine(o: str, a: str, b: str) -> Unknown:
    """The unknown log |sin| of the angle between lines oa and ob."""
    return (o, min(a, b), max(a, b))


def _eqsine(fact: Fact) -> tuple[Equation, ...]:
    o, a, b, p, c, d = fact.points
    terms = {sine(o, a, b): Fraction(1)}
    terms[sine(p, c, d)] = terms.get(sine(p, c, d), Fraction(0)) - 1
    return (make_equation("log", terms, {}),)


def _sinelaw(fact: Fact) -> tuple[Equation, ...]:
    a, b, c = fact.points
    base = linear("log", (1, b, c), (-1, c, a))
    return (make_equation("log", {**dict(base.terms), sine(a, b, c): Fraction(-1), sine(b, a, c): Fraction(1)}, {}),)


def _sinesq(fact: Fact) -> tuple[Equation, ...]:
    o, a, b = fact.points
    return (make_equation("log", {sine(o, a, b): Fraction(2)}, prime_powers(1 / fact.values[0])),)


def _split(predicate: str, keep: int) -> Callable[[Fact], tuple[Fact, ...]]:
    """A statement on many points as statements on the first `keep` and one more."""

    def parts(fact: Fact) -> tuple[Fact, ...]:
        return tuple(Fact(predicate, (*fact.points[:keep], p)) for p in fact.points[keep:])

    return parts


def _centred(count: int | None) -> Callable[[Fact], tuple[Fact, ...]]:
    def parts(fact: Fact) -> tuple[Fact, ...]:
        centres = count if count is not None else int(fact.values[0])
        first, *rest = fact.points[centres:]
        return tuple(Fact("cong", (o, first, o, p)) for o in fact.points[:centres] for p in rest)

    return parts


def _ratios(fact: Fact) -> tuple[Fact, ...]:
    a, b, c, p, q, r = fact.points
    return (Fact("eqratio", (a, b, a, c, p, q, p, r)), Fact("eqratio", (a, b, b, c, p, q, q, r)))


def _sides(fact: Fact) -> tuple[Fact, ...]:
    a, b, c, p, q, r = fact.points
    return (
        Fact("cong", (a, b, p, q)),
        Fact("cong", (b, c, q, r)),
        Fact("cong", (c, a, r, p)),
    )


def _numeric(
    name: str,
    points: int,
    meaning: str,
    phrase: str,
    test: Callable[[Coordinates, tuple[str, ...]], bool],
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


PREDICATES: dict[str, Predicate] = {
    p.name: p
    for p in (
        Predicate(
            "coll",
            "equational",
            (3, 1),
            "a, b, c lie on one line",
            AG1,
            lambda f: f"{', '.join(p.upper() for p in f.points)} are collinear",
            equations=_coll,
        ),
        Predicate("cong", "equational", 4, "|ab| = |cd|", AG1, worded("{0}{1} = {2}{3}"), equations=_cong),
        Predicate(
            "para",
            "equational",
            4,
            "ab is parallel to cd, or the same line",
            AG1,
            worded("{0}{1} ∥ {2}{3}"),
            equations=lambda f: (linear("direction", (1, *f.points[:2]), (-1, *f.points[2:])),),  # type: ignore[arg-type]
        ),
        Predicate(
            "perp", "equational", 4, "ab is perpendicular to cd", AG1, worded("{0}{1} ⊥ {2}{3}"), equations=_perp
        ),
        Predicate(
            "eqangle",
            "equational",
            8,
            "the directed angle from cd to ab equals that from gh to ef, modulo pi",
            AG1,
            lambda f: f"{angle(*f.points[:4])} = {angle(*f.points[4:])}",
            equations=_four("direction"),
        ),
        Predicate(
            "cyclic",
            "equational",
            (4, 1),
            "a, b, c, d lie on one circle",
            AG1,
            lambda f: f"{', '.join(p.upper() for p in f.points)} are concyclic",
            equations=_cyclic,
            test=_on_no_line,
            guards=lambda f: (Fact("ncoll", f.points[:3]),),
        ),
        Predicate(
            "eqratio",
            "equational",
            8,
            "|ab| / |cd| = |ef| / |gh|",
            AG1,
            worded("{0}{1}/{2}{3} = {4}{5}/{6}{7}"),
            equations=_four("log"),
        ),
        Predicate(
            "aconst",
            "equational",
            4,
            "the directed angle from cd to ab is v degrees, modulo 180",
            AG2,
            lambda f: f"{angle(*f.points)} = {f.values[0]}°",
            values=1,
            equations=lambda f: (
                linear(
                    "direction",
                    (1, f.points[0], f.points[1]),
                    (-1, f.points[2], f.points[3]),
                    constant=-f.values[0] / 180,
                ),
            ),
        ),
        Predicate(
            "rconst",
            "equational",
            4,
            "|ab| / |cd| = v",
            AG2,
            worded("{0}{1} = {v[0]}·{2}{3}"),
            values=1,
            equations=_rconst,
        ),
        Predicate(
            "rsqconst",
            "equational",
            4,
            "|ab|^2 / |cd|^2 = v",
            OURS,
            worded("{0}{1}² = {v[0]}·{2}{3}²"),
            values=1,
            equations=_rsqconst,
        ),
        Predicate(
            "angeq",
            "equational",
            (2, 2),
            "the sum of v_i d(a_i b_i), plus y degrees, is 0 modulo 180 degrees",
            AG2,
            lambda f: f"{weighted_sum(f, 'd({})')} = {-f.values[-1]}° (mod 180°)",
            values=lambda n: n // 2 + 1,
            equations=_weighted("direction"),
        ),
        Predicate(
            "distmeq",
            "equational",
            (2, 2),
            "the product of |a_i b_i| ^ v_i, times y, is 1",
            AG2,
            lambda f: (
                " · ".join(
                    f"{upper(s)}^{v}" if v != 1 else upper(s) for s, v in zip(segments(f), f.values, strict=False)
                )
                + (f" · {f.values[-1]}" if f.values[-1] != 1 else "")
                + " = 1"
            ),
            values=lambda n: n // 2 + 1,
            equations=_weighted("log"),
        ),
        Predicate(
            "distseq",
            "equational",
            (2, 2),
            "the sum of v_i |a_i b_i| is 0",
            AG2,
            lambda f: f"{weighted_sum(f, '{}')} = 0",
            values=lambda n: n // 2,
            equations=_weighted("length"),
        ),
        Predicate(
            "distsqeq",
            "equational",
            (2, 2),
            "the sum of v_i |a_i b_i|^2 is 0",
            OURS,
            lambda f: f"{weighted_sum(f, '{}²')} = 0",
            values=lambda n: n // 2,
            equations=_weighted("square"),
        ),
        Predicate(
            "eqsine",
            "equational",
            6,
            "|sin aob| = |sin cpd| for o a b p c d",
            OURS,
            worded("|sin ∠{1}{0}{2}| = |sin ∠{4}{3}{5}|"),
            equations=_eqsine,
        ),
        Predicate(
            "sinesq",
            "equational",
            3,
            "the square of sin aob is v, for o a b",
            OURS,
            worded("sin² ∠{1}{0}{2} = {v[0]}"),
            values=1,
            equations=_sinesq,
        ),
        Predicate(
            "sinelaw",
            "equational",
            3,
            "|bc| / sin bac = |ca| / sin abc",
            OURS,
            worded("{1}{2}/sin ∠{1}{0}{2} = {2}{0}/sin ∠{0}{1}{2}"),
            equations=_sinelaw,
        ),
        Predicate(
            "overlap",
            "equational",
            2,
            "a and b are the same point",
            AG2,
            worded("{0} = {1}"),
            equations=lambda f: tuple(
                make_equation(table, {(min(f.points), max(f.points)): Fraction(1)}, {})
                for table in ("length", "square")
            ),
        ),
        Predicate(
            "midp",
            "compound",
            3,
            "m is the midpoint of ab, for m a b",
            AG1,
            worded("{0} is the midpoint of {1}{2}"),
            parts=lambda f: (
                Fact("coll", f.points),
                Fact("cong", (f.points[0], f.points[1], f.points[0], f.points[2])),
            ),
            apart=((1, 2),),
        ),
        Predicate(
            "circle",
            "compound",
            4,
            "o is the centre of the circle through a, b, c, for o a b c",
            AG1,
            worded("{0} is the centre of the circle {1}{2}{3}"),
            parts=_centred(1),
        ),
        Predicate(
            "simtri",
            "compound",
            6,
            "triangles abc and pqr are similar, in either orientation",
            AG1,
            worded("△{0}{1}{2} ∼ △{3}{4}{5}"),
            parts=_ratios,
        ),
        Predicate(
            "contri",
            "compound",
            6,
            "triangles abc and pqr are congruent, in either orientation",
            AG1,
            worded("△{0}{1}{2} ≅ △{3}{4}{5}"),
            parts=_sides,
        ),
        Predicate(
            "cyclic_with_center",
            "compound",
            (3, 1),
            "the points after the first lie on a circle about the first",
            AG2,
            lambda f: f"{', '.join(p.upper() for p in f.points[1:])} lie on a circle about {f.points[0].upper()}",
            parts=_centred(1),
        ),
        Predicate(
            "cyclic_with_centers",
            "compound",
            (3, 1),
            "the points after the first v lie on a circle about each of the first v",
            AG2,
            lambda f: (
                f"{', '.join(p.upper() for p in f.points[int(f.values[0]) :])} lie on a circle about "
                f"{', '.join(p.upper() for p in f.points[: int(f.values[0])])}"
            ),
            values=1,
            parts=_centred(None),
        ),
        Predicate(
            "acompute",
            "question",
            4,
            "which directed angle is it from cd to ab, in degrees?",
            AG2,
            lambda f: f"{angle(*f.points)} = ?",
        ),
        Predicate("rcompute", "question", 4, "what is |ab| / |cd|?", AG2, worded("{0}{1}/{2}{3} = ?")),
        _numeric("diff", 2, "a and b are different points", "{0} ≠ {1}", _different, AG1, "ab"),
        _numeric("noverlap", 2, "a and b are different points", "{0} ≠ {1}", _different, AG2, "ab"),
        _numeric(
            "ncoll",
            3,
            "a, b, c are not on one line",
            "{0}, {1}, {2} are not collinear",
            _not_collinear,
            AG1,
            "ab bc ca",
        ),
        _numeric("npara", 4, "ab and cd are not parallel", "{0}{1} ∦ {2}{3}", _not_parallel, AG1, "ab cd"),
        _numeric(
            "nperp",
            4,
            "ab and cd are not perpendicular",
            "{0}{1} is not perpendicular to {2}{3}",
            _not_perpendicular,
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
        _numeric("lessthan", 4, "|ab| < |cd|", "{0}{1} < {2}{3}", _less, AG2, "cd"),
        _numeric(
            "ncong",
            4,
            "|ab| and |cd| differ",
            "{0}{1} ≠ {2}{3}",
            _unequal,
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
}


ANSWERS = {"acompute": ("aconst",), "rcompute": ("rconst", "rsqconst")}
"""The predicates that answer a question; a ratio may be given by its square."""


def expand(fact: Fact) -> tuple[Fact, ...]:
    """The simple facts that a fact consists of: itself, or the parts of a compound one; coll and cyclic may be long."""
    if fact.predicate == "coll" and len(fact.points) > 3:
        return _split("coll", 2)(fact)
    if fact.predicate == "cyclic" and len(fact.points) > 4:
        return _split("cyclic", 3)(fact)
    parts = PREDICATES[fact.predicate].parts(fact)
    return tuple(simple for part in parts for simple in expand(part)) if parts else (fact,)


@lru_cache(maxsize=65_536)
def equations(fact: Fact) -> tuple[Equation, ...]:
    """The alternatives of an equational fact, each alone equivalent to it. () for the others."""
    return PREDICATES[fact.predicate].equations(fact)


def defined(equation: Equation, at: Coordinates) -> bool:
    """Whether an equation says something on a figure: a segment of length 0 has no direction and no logarithm.

    Of balls that may be one point it is not said that they differ.
    """
    if equation.table in ("length", "square"):
        return True
    try:
        for unknown, _ in equation.terms:
            if not apart(at, unknown[0], unknown[1]) or (len(unknown) == 3 and not _not_collinear(at, unknown)):
                return False
    except UndecidedError:
        return False
    return True


def holds(fact: Fact, at: Coordinates, tolerance: float = 1e-6) -> bool:
    """Whether a fact is true on a figure, as far as can be seen. Questions count as true.

    An equation is true where all its alternatives are that are defined, and one is. On a figure of balls the strict
    inequalities are certain, or UndecidedError is raised; an equality is one that the balls do not exclude.
    """
    predicate = PREDICATES[fact.predicate]
    if predicate.kind == "question":
        return True
    if not all(apart(at, *two) for two in predicate.pairs(fact.points)):
        return False  # of a line through one point twice, rounding would say anything
    if predicate.test is not None and not predicate.test(at, fact.points):
        return False
    if predicate.kind == "numeric":
        return True
    simple = expand(fact)
    if simple != (fact,):
        return all(holds(part, at, tolerance) for part in simple)
    said = [equation for equation in equations(fact) if defined(equation, at)]
    return bool(said) and all(vanishes(residual(equation, at), 1.0, tolerance) for equation in said)


def phrase(fact: Fact) -> str:
    """A fact in a few words and signs."""
    return PREDICATES[fact.predicate].phrase(fact)
