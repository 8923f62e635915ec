"""A figure in numbers: segments, and which of them are parallel or equal as far as numbers can tell."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled

EPSILON = 1e-8
"""Numbers of a figure of size 1 that differ by less are equal: drawn figures are exact to about 1e-12."""


@compiled
def _classes(values: NDArray[np.float64], valid: NDArray[np.bool_], period: float, scaled: bool) -> NDArray[np.int32]:
    """Numbers that are equal up to EPSILON get the same class; -1 where not valid. Values wrap at `period` if > 0."""
    order = np.argsort(values)
    classes = np.full(values.shape[0], -1, np.int32)
    current, previous, start = -1, -1.0e9, 0.0
    for u in order:
        if not valid[u]:
            continue
        value = values[u]
        if value - previous > EPSILON * (value if scaled else 1.0):
            if current < 0:
                start = value
            current += 1
        classes[u] = current
        previous = value
    if period > 0 and current > 0 and start + period - previous < EPSILON:
        for u in range(values.shape[0]):
            if classes[u] == current:
                classes[u] = 0
    return classes


class Measures(NamedTuple):
    """A figure in numbers.

    The segment of points i < j has the number j (j - 1) / 2 + i + 1, so that new points do not renumber old segments;
    number 0 is the segment from a point to itself. Segments of one direction (or one length) share a class; -1 is for
    those of length 0.
    """

    z: NDArray[np.complex128]  # [points]
    segment: NDArray[np.int32]  # [points, points] numbers of segments
    direction_class: NDArray[np.int32]  # [segments]
    length_class: NDArray[np.int32]  # [segments]
    directions: NDArray[np.float64]  # [segments] in units of pi, in [0, 1)
    lengths: NDArray[np.float64]  # [segments]


@compiled
def measure(z: NDArray[np.complex128]) -> Measures:
    """Measure a figure of size about 1."""
    n = z.shape[0]
    total = n * (n - 1) // 2
    segment = np.zeros((n, n), np.int32)
    directions = np.zeros(total + 1)
    lengths = np.zeros(total + 1)
    valid = np.zeros(total + 1, np.bool_)
    for j in range(n):
        for i in range(j):
            u = j * (j - 1) // 2 + i + 1
            segment[i, j] = segment[j, i] = u
            delta = z[j] - z[i]
            lengths[u] = abs(delta)
            valid[u] = lengths[u] > 1e-7
            directions[u] = (math.atan2(delta.imag, delta.real) / math.pi) % 1.0
    return Measures(
        z,
        segment,
        _classes(directions, valid, 1.0, False),
        _classes(lengths, valid, 0.0, True),
        directions,
        lengths,
    )


@compiled
def equal_pairs(
    lengths: NDArray[np.float64], ratios: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of segments with |first| = ratio |second|, and the ratio's number: a sweep over the sorted lengths each."""
    order = np.argsort(lengths)
    total = lengths.shape[0]
    found = np.empty((1024, 3), np.int32)
    count = 0
    for k in range(ratios.shape[0]):
        low = 0
        for i in range(total):
            value = lengths[order[i]]
            if value < 1e-7:
                continue
            target = value * ratios[k]
            while low < total and lengths[order[low]] < target * (1.0 - EPSILON):
                low += 1
            j = max(low, i + 1)
            while j < total and lengths[order[j]] <= target * (1.0 + EPSILON):
                if count == found.shape[0]:
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1], found[count, 2] = order[j], order[i], k
                count += 1
                j += 1
    return found[:count, 0].copy(), found[:count, 1].copy(), found[:count, 2].copy()
