"""Points that only together are determined: the Krawczyk test.

Where the interval Newton image of a box lies inside the box, the box holds exactly one solution of the facts'
equations, and the image encloses it.

Sources: Krawczyk (1969); Moore, Kearfott, Cloud, Introduction to Interval Analysis (2009), section 8.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import acb, arb, arb_mat, ctx

from maieutic.geometry.trusted.hints.newton import determined, solve_near
from maieutic.geometry.trusted.quantities import NoMeetError, UndecidedError, exact, middle
from maieutic.geometry.trusted.records import Fact, Point
from maieutic.geometry.trusted.slopes import Places, lines

NO_SOLUTION = "no solution near the start"
DOUBLE = "two figures fall together here"


def enclose(
    facts: Sequence[Fact], points: Sequence[str], at: Places, near: Places
) -> tuple[dict[str, Point], dict[str, Point]]:
    """The solution near some places, in balls, and a box about it in which it is the only one, the others given.

    Where the facts leave coordinates open, some are taken as they are in `near`, exactly. Raises NoMeetError at a
    double solution, or where there is none; UndecidedError where the precision does not suffice.
    """
    middles = {name: middle(place) for name, place in at.items()}
    start = solve_near(facts, points, middles, near)
    if start is None:
        raise NoMeetError(NO_SOLUTION)
    chosen = determined(facts, points, middles, start)
    if chosen is None:
        raise NoMeetError(DOUBLE)
    centre = {name: exact(place) for name, place in start.items()}
    everything: dict[str, Any] = {**at, **centre}
    for _ in range(4 + ctx.prec.bit_length()):  # Newton: the number of right digits doubles
        residuals, slopes = _system(facts, chosen, everything)
        step = (_inverse(slopes) * residuals).mid()
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
    box: dict[str, Any] = dict(everything)
    for name, axis in chosen:
        box[name] = acb(*(arb(part, radius) if axis == i else part for i, part in enumerate(_pair(box[name]))))
    _, wide = _system(facts, chosen, box)
    count = len(chosen)
    spread = _identity(count) - inverse * wide
    found: dict[str, Any] = dict(everything)
    for k, (name, axis) in enumerate(chosen):
        move = -image[k, 0]
        for j in range(count):
            move = move + spread[k, j] * arb(0, radius)
        if not abs(move) < radius:
            raise UndecidedError(DOUBLE)
        found[name] = acb(*(part + move if axis == i else part for i, part in enumerate(_pair(found[name]))))
    return {name: found[name] for name in points}, {name: box[name] for name in points}


def _pair(z: Any) -> tuple[Any, Any]:
    return z.real, z.imag


def _system(facts: Sequence[Fact], chosen: Sequence[tuple[str, int]], at: Places) -> tuple[arb_mat, arb_mat]:
    residuals, entries = [], []
    for fact in facts:
        for residual, slopes in lines(fact, at):
            residuals.append(arb(residual))
            row = (_pair(acb(slopes.get(name, 0)))[axis] for name, axis in chosen)
            entries.append(list(row))
    return arb_mat([[r] for r in residuals]), arb_mat(entries)


def _inverse(matrix: arb_mat) -> arb_mat:
    """The inverse of the middle, about: any matrix would do for the test, and a good one makes it succeed."""
    try:
        return matrix.mid().inv().mid()
    except ZeroDivisionError:
        raise UndecidedError(DOUBLE) from None


def _identity(count: int) -> arb_mat:
    return arb_mat([[int(i == j) for j in range(count)] for i in range(count)])
