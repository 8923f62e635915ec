"""Points that only together are determined: equations of their coordinates, Newton's method, and the Krawczyk test.

Every fact is an equation in one of the four tables, and so, on a figure, a smooth function of the coordinates. Newton's
method finds a solution near a start, in floats; that is a guess. The Krawczyk test makes it certain: where the interval
Newton image of a box lies inside the box, the box holds exactly one solution, and the image encloses it.

Sources: Krawczyk (1969); Moore, Kearfott, Cloud, Introduction to Interval Analysis (2009), section 8.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb, arb_mat, ctx

from maieutic.geometry.predicates import Equation, equations, unknown_value
from maieutic.geometry.quantities import NoMeetError, Real, UndecidedError, exact, log, middle, number, turn
from maieutic.geometry.records import Fact, Point

NO_SOLUTION = "no solution near the start"
DOUBLE = "two figures fall together here"
STEPS = 30
"""Steps of Newton's method from one start."""
CLOSE = 1e-12
"""A residual below this ends Newton's method."""
RANK = 1e-7
"""A row of derivatives that is smaller than this, after the others are taken off it, says nothing new."""

Places = Mapping[str, Point]
Line = tuple[Real, dict[str, Any]]
"""A residual, and for each point the complex number g for which a small move d changes it by Re(conj(g) d)."""


def lines(fact: Fact, at: Places) -> list[Line]:
    """A fact as equations of coordinates: what is left of each, and its derivatives. One, or two for `overlap`."""
    if fact.predicate == "overlap":
        a, b = fact.points
        d = at[b] - at[a]
        return [(d.real, {a: -1.0 + 0j, b: 1.0 + 0j}), (d.imag, {a: -1j, b: 1j})]
    return [_line(max(equations(fact), key=lambda equation: min(1e-3, _shortest(equation, at))), at)]


def _shortest(equation: Equation, at: Places) -> float:
    """The shortest segment of which an equation asks the direction or the logarithm."""
    if equation.table in ("length", "square"):
        return 0.0  # as a last resort
    return min((abs(middle(at[b]) - middle(at[a])) for a, b in (u[:2] for u, _ in equation.terms)), default=0.0)


def _line(equation: Equation, at: Places) -> Line:
    if any(len(unknown) == 3 for unknown, _ in equation.terms):
        raise NoMeetError("sines are not solved for")
    slopes: dict[str, Any] = {}

    def move(unknown: tuple[str, ...], g: Any) -> None:
        a, b = unknown
        slopes[b] = slopes[b] + g if b in slopes else g
        slopes[a] = slopes[a] - g if a in slopes else -g

    if equation.table == "direction":
        # Im of a product of the segments' vectors, and of the conjugates of those with a negative weight.
        vectors = [(u, at[u[1]] - at[u[0]], int(c)) for u, c in equation.terms]
        whole = turn(180 * sum((c for _, c in equation.constants), Fraction(0)), next(iter(at.values())))
        for _, v, c in vectors:
            whole = whole * (v if c > 0 else v.conjugate()) ** abs(c)
        for unknown, v, c in vectors:
            g = 1j * whole.conjugate() * c if c > 0 else 1j * whole * c
            move(unknown, g / v.conjugate())
        return whole.imag, slopes
    total: Real = 0.0
    for unknown, c in equation.terms:
        v = at[unknown[1]] - at[unknown[0]]
        weight = number(c, v)
        total = weight * unknown_value(equation.table, unknown, at) + total
        match equation.table:
            case "log":
                move(unknown, v * (weight / (v.conjugate() * v).real))
            case "length":
                move(unknown, v * (weight / abs(v)))
            case _:
                move(unknown, v * (2 * weight))
    for prime, c in equation.constants:
        like = next(iter(at.values()))
        total = total + number(c, like) * log(number(Fraction(prime), like))
    return total, slopes


# --- floats ----------------------------------------------------------------------------------------------------------


def _rows(facts: Sequence[Fact], points: Sequence[str], at: Places) -> tuple[list[float], list[list[float]]]:
    """Residuals and derivatives by x and y of each point, each row scaled to length 1."""
    residuals, rows = [], []
    for fact in facts:
        for residual, slopes in lines(fact, at):
            row = [part for p in points for part in _parts(slopes.get(p))]
            size = max(sum(c * c for c in row) ** 0.5, 1e-300)
            residuals.append(residual / size)
            rows.append([c / size for c in row])
    return residuals, rows


def _parts(g: Any) -> tuple[float, float]:
    return (0.0, 0.0) if g is None else (g.real, g.imag)


def independent(facts: Sequence[Fact], near: Places) -> list[Fact]:
    """The facts, in their order, without those that say nothing new near a figure: to first order, by the others."""
    points = sorted({p for fact in facts for p in fact.points})
    kept: list[Fact] = []
    basis: list[tuple[int, list[float]]] = []
    for fact in facts:
        try:
            _, rows = _rows([fact], points, near)
        except (NoMeetError, ArithmeticError, ValueError):
            continue
        fresh = []
        for row in rows:
            for pivot, other in basis + fresh:
                if row[pivot]:
                    row = [a - row[pivot] * b for a, b in zip(row, other, strict=True)]
            pivot = max(range(len(row)), key=lambda k: abs(row[k]))
            if abs(row[pivot]) > RANK:
                fresh.append((pivot, [c / row[pivot] for c in row]))
        if len(fresh) == len(rows):
            basis += fresh
            kept.append(fact)
    return kept


def _solve(matrix: list[list[float]], right: list[float]) -> list[float] | None:
    """The solution of a square system, by elimination; None where it is (nearly) singular."""
    n = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(n):
        best = max(range(i, n), key=lambda k: abs(rows[k][i]))
        if abs(rows[best][i]) < 1e-13:
            return None
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            if factor:
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [0.0] * n
    for i in reversed(range(n)):
        found[i] = (rows[i][n] - sum(rows[i][k] * found[k] for k in range(i + 1, n))) / rows[i][i]
    return found


def solve_near(facts: Sequence[Fact], points: Sequence[str], at: Places, near: Places) -> dict[str, Point] | None:
    """A solution near some places, by Newton's steps of least norm; None where they do not lead to one."""
    places = {name: complex(near[name]) for name in points}
    for _ in range(STEPS):
        try:
            residuals, rows = _rows(facts, points, {**at, **places})
        except (ArithmeticError, ValueError):
            return None
        if max(map(abs, residuals), default=0.0) < CLOSE:
            return places
        normal = [[sum(a * b for a, b in zip(r, s, strict=True)) for s in rows] for r in rows]
        weights = _solve(normal, residuals)
        if weights is None:
            return None
        step = [-sum(w * row[k] for w, row in zip(weights, rows, strict=True)) for k in range(2 * len(points))]
        size = max(map(abs, step))
        if size > 1e6:
            return None
        scale = min(1.0, 0.5 / size)
        for k, name in enumerate(points):
            places[name] += scale * complex(step[2 * k], step[2 * k + 1])
    return None


# --- balls -----------------------------------------------------------------------------------------------------------


def enclose(facts: Sequence[Fact], points: Sequence[str], at: Places, near: Places) -> dict[str, Point]:
    """The solution near some places, in balls: the only one in a box about it, the others' coordinates given.

    Where the facts leave coordinates open, some are taken as they are in `near`, exactly. Raises NoMeetError at a
    double solution, or where there is none; UndecidedError where the precision does not suffice.
    """
    start = solve_near(facts, points, {name: complex(place.mid()) for name, place in at.items()}, near)
    if start is None:
        raise NoMeetError(NO_SOLUTION)
    chosen = _square(facts, points, at, start)
    centre = {name: exact(place) for name, place in start.items()}
    everything: dict[str, Point] = {**at, **centre}
    for _ in range(4 + ctx.prec.bit_length()):  # Newton: the number of right digits doubles
        residuals, slopes = _system(facts, chosen, everything)
        step = _middle(_inverse(slopes) * residuals)
        for k, (name, axis) in enumerate(chosen):
            everything[name] = acb(
                *((part - step[k, 0]).mid() if axis == i else part for i, part in enumerate(_pair(everything[name])))
            )
        if all(abs(step[k, 0]) < arb(2) ** (8 - ctx.prec) for k in range(len(chosen))):
            break
    residuals, slopes = _system(facts, chosen, everything)
    inverse = _inverse(slopes)
    image = inverse * residuals
    size = max((float(abs(image[k, 0]).upper()) for k in range(len(chosen))), default=0.0)
    radius = arb(max(4 * size, 2.0 ** -min(ctx.prec * 3 // 4, 1000)))
    box = dict(everything)
    for name, axis in chosen:
        box[name] = acb(*(arb(part, radius) if axis == i else part for i, part in enumerate(_pair(box[name]))))
    _, wide = _system(facts, chosen, box)
    count = len(chosen)
    spread = _identity(count) - inverse * wide
    found = dict(everything)
    for k, (name, axis) in enumerate(chosen):
        move = -image[k, 0]
        for j in range(count):
            move = move + spread[k, j] * arb(0, radius)
        if not abs(move) < radius:
            raise UndecidedError(DOUBLE)
        found[name] = acb(*(part + move if axis == i else part for i, part in enumerate(_pair(found[name]))))
    return {name: found[name] for name in points}


def _pair(z: Any) -> tuple[Any, Any]:
    return z.real, z.imag


def _square(facts: Sequence[Fact], points: Sequence[str], at: Places, start: Places) -> list[tuple[str, int]]:
    """As many coordinates as there are equations, that the equations determine; raises NoMeetError where none are."""
    middles = {name: complex(place.mid()) for name, place in at.items()}
    _, rows = _rows(facts, points, {**middles, **start})
    chosen: list[int] = []
    for i in range(len(rows)):
        pivot = max(range(2 * len(points)), key=lambda k: abs(rows[i][k]))
        if abs(rows[i][pivot]) < RANK:
            raise NoMeetError(DOUBLE)
        chosen.append(pivot)
        for k in range(i + 1, len(rows)):
            factor = rows[k][pivot] / rows[i][pivot]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [(points[k // 2], k % 2) for k in sorted(chosen)]


def _system(facts: Sequence[Fact], chosen: Sequence[tuple[str, int]], at: Places) -> tuple[arb_mat, arb_mat]:
    residuals, entries = [], []
    for fact in facts:
        for residual, slopes in lines(fact, at):
            residuals.append(arb(residual))
            row = (_pair(acb(slopes.get(name, 0)))[axis] for name, axis in chosen)
            entries.append(list(row))
    return arb_mat([[r] for r in residuals]), arb_mat(entries)


def _middle(matrix: arb_mat) -> arb_mat:
    return matrix.mid()


def _inverse(matrix: arb_mat) -> arb_mat:
    """The inverse of the middle, about: any matrix would do for the test, and a good one makes it succeed."""
    try:
        return matrix.mid().inv().mid()
    except ZeroDivisionError:
        raise UndecidedError(DOUBLE) from None


def _identity(count: int) -> arb_mat:
    return arb_mat([[int(i == j) for j in range(count)] for i in range(count)])
