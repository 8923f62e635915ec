"""Exact figures: points of a small grid, thousands at a time, on which facts are decided in whole numbers.

A place (x, y) stands for x + y sqrt(-k): k = 1 is the square grid, k = 3 holds the triangular one. Directions are
products in Z[sqrt(-k)], lengths are square roots told apart by their square-free parts, products of lengths and sines
are products of squares. Nothing is rounded, and no point is kept away from another: a batch of figures is, for each
point, an array of indices of places, and points coincide as often as they must on a small grid.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np

from maieutic.geometry.trusted.predicates import Equation, equations
from maieutic.geometry.trusted.records import Fact

Figures = Mapping[str, np.ndarray]
"""For each point the index of its place, in each figure of a batch."""


class Grid:
    """Places, with tables of the vectors, squared distances and square roots between them."""

    def __init__(self, places: Sequence[tuple[int, int]], k: int = 1) -> None:
        self.places = tuple(dict.fromkeys(places))
        self.k = k
        x, y = np.array(self.places, np.int64).T
        self.x, self.y = x[None] - x[:, None], y[None] - y[:, None]
        self.square = self.x**2 + k * self.y**2
        self.most = int(self.square.max())
        self.outside, self.inside = np.array([_root(n) for n in range(self.most + 1)], np.int64).T

    # --- equations ---------------------------------------------------------------------------------------------------

    def apart(self, at: Figures, p: str, q: str) -> np.ndarray:
        return at[p] != at[q]

    def _vector(self, at: Figures, p: str, q: str) -> tuple[np.ndarray, np.ndarray]:
        return self.x[at[p], at[q]], self.y[at[p], at[q]]

    def _cross(self, at: Figures, p: Sequence[str]) -> np.ndarray:
        """The cross product of p0p1 and p2p3, over sqrt(k)."""
        (a, b), (c, d) = self._vector(at, *p[:2]), self._vector(at, *p[2:])
        return a * d - b * c

    def _dot(self, at: Figures, p: Sequence[str]) -> np.ndarray:
        (a, b), (c, d) = self._vector(at, *p[:2]), self._vector(at, *p[2:])
        return a * c + self.k * b * d

    def _squares(self, at: Figures, p: str, q: str) -> np.ndarray:
        return self.square[at[p], at[q]]

    def defined(self, equation: Equation, at: Figures) -> np.ndarray:
        """Where each segment with a direction or a logarithm has two ends, and each sine an angle."""
        result = _all(at)
        if equation.table in ("direction", "log"):
            for unknown, _ in equation.terms:
                o, *arms = unknown
                if len(arms) == 2:
                    result &= self._cross(at, (o, arms[0], o, arms[1])) != 0
                else:
                    result &= self.apart(at, o, arms[0])
        return result

    def true(self, equation: Equation, at: Figures) -> np.ndarray:
        """Where an equation is true, if it is defined there."""
        weights = [c for _, c in (*equation.terms, *equation.constants)] or [Fraction(1)]
        whole = 1 if equation.table == "direction" else math.lcm(*(w.denominator for w in weights))
        terms = [(unknown, int(c * whole)) for unknown, c in equation.terms]
        match equation.table:
            case "direction":
                return self._turned(terms, dict(equation.constants).get(1, Fraction(0)), at)
            case "log":
                return self._product(terms, [(prime, int(2 * c * whole)) for prime, c in equation.constants], at)
            case "length":
                return self._roots(terms, at)
        return _sum(at, (weight * self._squares(at, *unknown) for unknown, weight in terms)) == 0

    def _turned(self, terms: list[tuple[tuple[str, ...], int]], constant: Fraction, at: Figures) -> np.ndarray:
        """Whether a product of numbers of Z[sqrt(-k)], one for each direction, is real."""
        order, turn = (4, (1, 1)) if self.k == 1 else (6, (3, 1))
        steps = constant * order
        if steps.denominator != 1:
            return ~_all(at)  # no line of the grid turns into another by such an angle
        whole = self._whole(sum(abs(weight) for _, weight in terms) / 2)
        u, v = _all(at).astype(np.int64).astype(whole), np.zeros(len(_all(at)), np.int64).astype(whole)
        for _ in range(int(steps % order)):
            u, v = u * turn[0] - self.k * v * turn[1], u * turn[1] + v * turn[0]
        for unknown, weight in terms:
            x, y = (part.astype(whole) for part in self._vector(at, *unknown))
            for _ in range(abs(weight)):
                u, v = (
                    (u * x - self.k * v * y, u * y + v * x) if weight > 0 else (u * x + self.k * v * y, v * x - u * y)
                )
        return v == 0

    def _product(
        self, terms: list[tuple[tuple[str, ...], int]], primes: list[tuple[int, int]], at: Figures
    ) -> np.ndarray:
        """Whether a product of squared lengths and sines is 1, as a fraction."""
        whole = self._whole(sum(abs(weight) * (len(unknown) - 1) for unknown, weight in terms))
        over = under = _all(at).astype(np.int64).astype(whole)
        for unknown, weight in terms:
            up, down = self._fraction(unknown, at)
            if weight < 0:
                up, down = down, up
            over, under = over * up.astype(whole) ** abs(weight), under * down.astype(whole) ** abs(weight)
        for prime, power in primes:
            over, under = over * prime ** max(power, 0), under * prime ** max(-power, 0)
        return over == under

    def _fraction(self, unknown: tuple[str, ...], at: Figures) -> tuple[np.ndarray, np.ndarray]:
        """The square of a length or of a sine, over and under."""
        o, a, *b = unknown
        if not b:
            return self._squares(at, o, a), _all(at).astype(np.int64)
        return self.k * self._cross(at, (o, a, o, *b)) ** 2, self._squares(at, o, a) * self._squares(at, o, *b)

    def _whole(self, squares: float) -> type:
        """The type of whole numbers for products of so many squared lengths, with 12 bits to spare."""
        return np.int64 if squares * math.log2(max(2, self.most)) <= 50 else object

    def _roots(self, terms: list[tuple[tuple[str, ...], int]], at: Figures) -> np.ndarray:
        """Square roots of different square-free numbers are independent: each sum by square-free part must vanish."""
        squares = [self._squares(at, *unknown) for unknown, _ in terms]
        result = _all(at)
        for one in squares:
            parts = (
                np.where(self.inside[two] == self.inside[one], weight * self.outside[two], 0)
                for two, (_, weight) in zip(squares, terms, strict=True)
            )
            result &= _sum(at, parts) == 0
        return result

    # --- facts -------------------------------------------------------------------------------------------------------

    def holds(self, fact: Fact, at: Figures, may_say_nothing: bool = False) -> np.ndarray:
        """Where all of a fact's equations that are defined are true, and one is; or there may be none."""
        if fact.predicate in NUMERIC:
            return NUMERIC[fact.predicate](self, at, fact.points)
        alternatives = equations(fact)
        right, meant = _all(at), ~_all(at)
        for equation in alternatives:
            defined = self.defined(equation, at)
            right &= ~defined | self.true(equation, at)
            meant |= defined
        meant |= may_say_nothing
        if fact.predicate == "cyclic":  # on one circle: not on one line, and so at three places at least
            a, b, c, d = fact.points
            line = [self._cross(at, (a, b, a, c)), self._cross(at, (a, b, a, d)), self._cross(at, (a, c, a, d))]
            line.append(self._cross(at, (b, c, b, d)))
            right &= np.any([cross != 0 for cross in line], axis=0)
        return right & meant


def _root(n: int) -> tuple[int, int]:
    """n = s^2 m with m free of squares, as (s, m)."""
    s, m, d = 1, n, 2
    while d * d <= m:
        while m % (d * d) == 0:
            s, m = s * d, m // (d * d)
        d += 1
    return (s, m) if n else (0, 0)


def _all(at: Figures) -> np.ndarray:
    return np.ones(len(next(iter(at.values()))), bool)


def _sum(at: Figures, terms: Iterable[np.ndarray]) -> np.ndarray:
    total = np.zeros(len(next(iter(at.values()))), np.int64)
    for term in terms:
        total = total + term
    return total


# --- side conditions, as predicates.py tests them --------------------------------------------------------------------


def _ncoll(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    return grid._cross(at, (p[0], p[1], p[0], p[2])) != 0


def _between(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    x, a, b = p
    return ~_ncoll(grid, at, p) & (grid._dot(at, (x, a, x, b)) < 0)


def _ncyclic(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    apart = np.all([grid.apart(at, a, b) for a, b in combinations(p, 2)], axis=0)
    return apart & ~grid.true(equations(Fact("cyclic", tuple(p)))[0], at) if len(set(p)) == 4 else apart


def _turn(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    return np.sign(grid._cross(at, (p[0], p[1], p[0], p[2])))


def _inside(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    a, b, c, d, e, f = p
    inside = [_between(grid, at, side) for side in ((d, b, c), (e, c, a), (f, a, b))]
    return np.sum(inside, axis=0)


def _order(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    a, b, c, d, e, f = p
    return np.sign(grid._dot(at, (a, b, b, c))) == np.sign(grid._dot(at, (d, e, e, f)))


def _neqangle(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    (equation,) = equations(Fact("eqangle", tuple(p)))
    return grid.defined(equation, at) & ~grid.true(equation, at)


def _less(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    return grid._squares(at, *p[:2]) < grid._squares(at, *p[2:])


def _nsecond(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    """xy is not xa * 2 (xa . xo) / (xa . xa)."""
    y, x, o, a = p
    once, twice = grid._dot(at, (x, a, x, a)), 2 * grid._dot(at, (x, a, x, o))
    (u, v), (s, t) = grid._vector(at, x, y), grid._vector(at, x, a)
    return (once != 0) & ((u * once != s * twice) | (v * once != t * twice))


def _nreflect(grid: Grid, at: Figures, p: Sequence[str]) -> np.ndarray:
    """ay + ax is not ab * 2 (ab . ax) / (ab . ab)."""
    y, x, a, b = p
    once, twice = grid._dot(at, (a, b, a, b)), 2 * grid._dot(at, (a, b, a, x))
    (u, v), (m, n), (s, t) = grid._vector(at, a, y), grid._vector(at, a, x), grid._vector(at, a, b)
    return (once != 0) & (((u + m) * once != s * twice) | ((v + n) * once != t * twice))


NUMERIC: dict[str, Callable[[Grid, Figures, Sequence[str]], np.ndarray]] = {
    "diff": lambda grid, at, p: np.all([grid.apart(at, a, b) for a, b in combinations(p, 2)], axis=0),
    "ncoll": _ncoll,
    "npara": lambda grid, at, p: grid._cross(at, p) != 0,
    "nperp": lambda grid, at, p: grid._dot(at, p) != 0,
    "ncyclic": _ncyclic,
    "sameclock": lambda grid, at, p: (_turn(grid, at, p[:3]) * _turn(grid, at, p[3:])) > 0,
    "lessthan": _less,
    "ncong": lambda grid, at, p: grid._squares(at, *p[:2]) != grid._squares(at, *p[2:]),
    "between": _between,
    "nbetween": lambda grid, at, p: ~_between(grid, at, p),
    "even_inside": lambda grid, at, p: _inside(grid, at, p) % 2 == 0,
    "odd_inside": lambda grid, at, p: _inside(grid, at, p) % 2 == 1,
    "sameorder": _order,
    "neqangle": _neqangle,
    "nsecond": _nsecond,
    "nreflect": _nreflect,
}


# --- figures ---------------------------------------------------------------------------------------------------------


def figures(
    grid: Grid, conditions: Sequence[tuple[Fact, bool]], points: Sequence[str], rng: np.random.Generator, width: int
) -> Figures:
    """Figures on which all conditions hold, each of which may say nothing, or not: one point after another at every
    place, of each kind of figure some.

    Two figures are of one kind if the same points coincide and the same triples lie on a line. About `width` are kept
    after each point, as many of each kind as there are, up to an equal share.
    """
    order = _order_of(points, [fact for fact, _ in conditions], busiest=bool(rng.integers(2)))
    at: dict[str, np.ndarray] = {}
    kind = np.zeros(1, np.int64)
    for index, point in enumerate(order):
        count, places = len(kind), len(grid.places)
        at = {name: np.repeat(column, places) for name, column in at.items()}
        at[point] = np.tile(np.arange(places), count)
        kind = np.repeat(kind, places)
        known = set(order[: index + 1])
        for fact, may_say_nothing in conditions:
            if point in fact.points and known.issuperset(fact.points):
                keep = grid.holds(fact, at, may_say_nothing)
                at, kind = {name: column[keep] for name, column in at.items()}, kind[keep]
        for a, b in combinations(order[:index], 2):
            kind = kind * 1_000_003 + _ncoll(grid, at, (a, b, point))
        for a in order[:index]:
            kind = kind * 1_000_003 + grid.apart(at, a, point)
        if len(kind) > width:
            keep = _share(kind, rng, width)
            at, kind = {name: column[keep] for name, column in at.items()}, kind[keep]
    return at


def _order_of(points: Sequence[str], facts: Sequence[Fact], busiest: bool) -> list[str]:
    """The points, so ordered that facts are complete early; or that those come first that most facts are about."""
    order: list[str] = []
    while len(order) < len(points):
        missing = [set(fact.points) - set(order) for fact in facts]
        size = min((len(rest) for rest in missing if rest), default=0)
        nearest = [rest for rest in missing if len(rest) == size or busiest]
        rest = [point for point in points if point not in order]
        order.append(max(rest, key=lambda point: sum(point in names for names in nearest)))
    return order


def _share(kind: np.ndarray, rng: np.random.Generator, width: int) -> np.ndarray:
    """The indices of about `width` figures, an equal share of each kind."""
    shuffled = rng.permutation(len(kind))
    order = shuffled[np.argsort(kind[shuffled], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(kind[order]) != 0])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    return order[rank < width // len(starts) + 1]
