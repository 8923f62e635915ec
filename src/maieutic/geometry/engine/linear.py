"""A table of linear equations, kept solved, with a generic point of its solutions: the engine's arithmetic.

"Does this equation follow from those known?" is asked millions of times. The table keeps every unknown as a
combination of free ones (modulo the prime 2^31 - 1) and, with it, two random points of the solution space. An equation
follows, up to a chance of about 2^-62, exactly when it holds at both points: one gather and one compare. Adding an
equation that does not follow eliminates one free unknown: a rank-1 update of the solved form and of the points.

There are no constants. All equations are true on one figure x0, so in the deviations x - x0 they are homogeneous, and
an equation a.x = b that is true on the figure follows from A.x = c exactly when a is in the row space of A. The exact
constants come back with the certificate (extract.py) and are checked there.

Unknown 0 is the constant zero (the squared length of a segment from a point to itself).

Everything here is compiled. A table is the tuple (solved, points, live, dependents, stamps):

    solved      int32 [unknowns, unknowns]   unknown u = sum of solved[u, g] * (free unknown g)
    points      int64 [2, unknowns]          two generic points
    live        int32 [unknowns + 1]         the free unknowns; their number stands at the end
    dependents  int32 [unknowns]             how many unknowns use a free one: the pivot with fewest is cheapest
    stamps      int32 [unknowns]             the tick at which the unknown last changed
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled, inlined

PRIME = 2147483647  # 2^31 - 1

System = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


@inlined
def fold(x: int) -> int:
    """x modulo the prime, for 0 <= x < 2^62."""
    x = (x & PRIME) + (x >> 31)
    x = (x & PRIME) + (x >> 31)
    return x - PRIME if x >= PRIME else x


@compiled
def inverse(x: int) -> int:
    """1 / x modulo the prime, by the extended Euclidean algorithm."""
    if x == 1:
        return 1
    if x == PRIME - 1:
        return x
    a, b, u, v = x, PRIME, 1, 0
    while a > 1:
        q = b // a
        a, b = b - q * a, a
        u, v = v - q * u, u
    return u % PRIME


@compiled
def new_system(unknowns: int, seed: int) -> System:
    """A table without equations: every unknown is free and its value random (xorshift, so the same everywhere)."""
    solved = np.zeros((unknowns, unknowns), np.int32)
    points = np.empty((2, unknowns), np.int64)
    live = np.empty(unknowns + 1, np.int32)
    state = np.uint64(seed * 2654435761 + 88172645463325252)
    points[:, 0] = 0
    for u in range(1, unknowns):
        solved[u, u] = 1
        live[u - 1] = u
        for k in range(2):
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            points[k, u] = np.int64(state >> np.uint64(33)) % PRIME
    live[unknowns] = unknowns - 1
    return solved, points, live, np.ones(unknowns, np.int32), np.zeros(unknowns, np.int32)


@compiled
def follows(system: System, columns: NDArray[np.int32], weights: NDArray[np.int64], count: int) -> bool:
    """Whether sum(weights * unknowns[columns]) = 0 holds at both generic points; weights are residues."""
    points = system[1]
    for k in range(2):
        total = 0
        for i in range(count):
            total += fold(weights[i] * points[k, columns[i]])
        if total % PRIME != 0:
            return False
    return True


@compiled
def add(
    system: System,
    columns: NDArray[np.int32],
    weights: NDArray[np.int64],
    count: int,
    tick: int,
    work: NDArray[np.int64],
    support: NDArray[np.int32],
) -> bool:
    """Add an equation; False if it followed already. `work` and `support` are scratch of at least `unknowns`."""
    solved, points, live, dependents, stamps = system
    unknowns = solved.shape[0]
    free = live[unknowns]
    pivot, where, filled = -1, -1, 0
    for i in range(free):
        g = live[i]
        total = 0
        for k in range(count):
            entry = solved[columns[k], g]
            if entry != 0:
                total += fold(weights[k] * entry)
        total %= PRIME
        work[g] = total
        if total != 0:
            support[filled] = g
            filled += 1
            if pivot < 0 or dependents[g] < dependents[pivot]:
                pivot, where = g, i
    if pivot < 0:
        return False
    live[where] = live[free - 1]
    live[unknowns] = free - 1
    scale = inverse(work[pivot])
    for i in range(filled):  # work[g] becomes -1/pivot of its value: free `pivot` = sum work[g] * g
        work[support[i]] = fold((PRIME - work[support[i]]) * scale)
    steps = np.empty(2, np.int64)
    for k in range(2):
        total = 0
        for i in range(count):
            total += fold(weights[i] * points[k, columns[i]])
        steps[k] = fold((PRIME - total % PRIME) * scale)
    for u in range(unknowns):
        entry = solved[u, pivot]
        if entry == 0:
            continue
        solved[u, pivot] = 0
        stamps[u] = tick
        for k in range(2):
            points[k, u] = fold(points[k, u] + fold(entry * steps[k]))
        for i in range(filled):
            g = support[i]
            if g == pivot:
                continue
            old = solved[u, g]
            new = fold(old + fold(entry * work[g]))
            solved[u, g] = new
            if old == 0:
                dependents[g] += 1
            elif new == 0:
                dependents[g] -= 1
    return True


EARLY = 1 << 20
"""Taken off the dependents of an unknown that comes later: as a pivot, it goes before every older one."""


@compiled
def extended(system: System, kept: int, unknowns: int, seed: int) -> System:
    """A copy of the first `kept` unknowns, with all that is known of them alone, and of further ones, which are free.

    The later an unknown came, the earlier it is eliminated. So no old one is ever expressed by a newer one, and the
    rows of the old ones are all that is known of them: `kept` may be the size that the table has, or ever had.
    """
    solved, points, live, dependents, stamps = system
    larger = new_system(unknowns, seed)
    larger[0][:kept, :kept] = solved[:kept, :kept]
    larger[1][:, :kept] = points[:, :kept]
    count = 0
    for k in range(live[solved.shape[0]]):
        if live[k] < kept:
            larger[2][count] = live[k]
            count += 1
    for u in range(kept, unknowns):
        larger[2][count] = u
        count += 1
    larger[2][unknowns] = count
    larger[3][:kept] = dependents[:kept]
    larger[3][kept:] -= EARLY * (1 + (EARLY - 1 - larger[3][:kept].min()) // EARLY)
    larger[4][:kept] = stamps[:kept]
    return larger
