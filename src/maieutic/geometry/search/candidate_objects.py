"""The lines and circles of a figure, each once, and what each counts for a point that lies on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled


class Objects(NamedTuple):
    """The lines through two points and the circles through three, or about a point, of a figure; each once."""

    lines: NDArray[np.int16]  # [lines, 2] two of its points
    line_normal: NDArray[np.complex128]  # [lines] unit normal
    line_offset: NDArray[np.float64]  # [lines]
    line_value: NDArray[np.float64]  # [lines] what an incidence counts
    centres: NDArray[np.complex128]  # [circles]
    radii: NDArray[np.float64]  # [circles]
    circle_value: NDArray[np.float64]  # [circles]
    triples: NDArray[np.int16]  # [circles, 3] three points, or the centre, a point and -1
    about: NDArray[np.int16]  # [circles] the point that is its centre, or -1


@compiled
def circle(a: complex, b: complex, c: complex) -> tuple[complex, float]:
    """The circle through three points: centre and radius; radius 0 if they are nearly collinear."""
    u, v = b - a, c - a
    twice = 2.0 * (u.real * v.imag - u.imag * v.real)
    if abs(twice) <= 1e-4 * abs(u) * abs(v):
        return a, 0.0
    uu, vv = abs(u) ** 2, abs(v) ** 2
    centre = a + complex(v.imag * uu - u.imag * vv, u.real * vv - v.real * uu) / twice
    return centre, abs(a - centre)


@compiled
def figure_objects(z: NDArray[np.complex128], goal: NDArray[np.bool_]) -> Objects:
    """All lines and circles of a figure; those with a point of the goal count more."""
    n = z.shape[0]
    lines = np.empty((n * n, 2), np.int16)
    normal = np.empty(n * n, np.complex128)
    offset = np.empty(n * n)
    line_value = np.empty(n * n)
    count = 0
    for a in range(n):
        for b in range(a):
            if abs(z[a] - z[b]) < 1e-7:
                continue
            unit = (z[a] - z[b]) / abs(z[a] - z[b]) * 1j
            distance = unit.real * z[a].real + unit.imag * z[a].imag
            held, oldest, value = 0, True, 1.0
            for c in range(n):
                if abs(unit.real * z[c].real + unit.imag * z[c].imag - distance) < 1e-8:
                    held += 1
                    if c < a and c != b and (c < b or c < a):
                        oldest = False
                    if goal[c]:
                        value = 1.5
            if not oldest:
                continue
            lines[count, 0], lines[count, 1] = a, b
            normal[count], offset[count], line_value[count] = unit, distance, value
            count += 1
    most = n * n * n // 6 + n * n
    centres = np.empty(most, np.complex128)
    radii = np.empty(most)
    circle_value = np.empty(most)
    triples = np.full((most, 3), -1, np.int16)
    about = np.full(most, -1, np.int16)
    circles = 0
    for a in range(n):
        for b in range(a):
            for c in range(b):
                centre, radius = circle(z[a], z[b], z[c])
                if radius == 0.0 or radius > 5.0:
                    continue
                first, value, middle = True, 0.5, -1
                held = 0
                for d in range(n):
                    if abs(z[d] - centre) < 1e-8:
                        middle = d
                    if abs(abs(z[d] - centre) - radius) < 1e-8:
                        held += 1
                        if d < a and d != b and d != c:
                            first = False
                        if goal[d]:
                            value = 0.75
                if not first:
                    continue
                if held > 3 or middle >= 0 or a < 3:  # a circle that the figure has, or of its first triangle
                    value *= 2.0
                centres[circles], radii[circles], circle_value[circles] = centre, radius, value
                triples[circles, 0], triples[circles, 1], triples[circles, 2] = a, b, c
                about[circles] = middle
                circles += 1
    return Objects(
        lines[:count], normal[:count], offset[:count], line_value[:count],
        centres[:circles], radii[:circles], circle_value[:circles], triples[:circles], about[:circles],
    )  # fmt: skip
