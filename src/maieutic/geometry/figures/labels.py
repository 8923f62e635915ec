"""Labels: what they say, how large they are, and where they stand.

Around each point there are many places for its label. A place costs for every line and circle near or under it, for
marks, for points and for being far from its own point or nearer to another's; two labels that overlap cost most. A
greedy start, the most constrained label first, is improved label by label until nothing helps, and from there by
seeded kicks while labels are still over something.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from maieutic.geometry.figures.elements import Arcs, Circle, Dot, Element, Label, RightAngle, Run, Segment, Ticks
from maieutic.geometry.trusted.records import Point

Array = npt.NDArray[np.float64]

FONT = 17.0
SMALL = 0.72
"""The size of subscripts, and of the sizes of angles, to that of labels."""
DOT = 2.6
"""The radius of a point."""
ANGLES = 32
GAPS = (2.4, 5.0, 8.5, 13.0, 18.0)
"""From the rim of the point to the box of its label, in px."""
CLEAR = 5.0
"""Lines that are farther from a label than this do not disturb it."""
PLACES = 600
"""How many places are weighed against each other, of all labels together."""
KICKS = 40

OVER_POINT, OVER_LABEL, OUTSIDE, OVER_LINE, OVER_MARK = 1000.0, 1000.0, 1000.0, 40.0, 12.0

_WIDTHS = {"M": 0.86, "W": 0.90, "I": 0.40, "J": 0.50, "=": 0.72, " ": 0.26, "′": 0.26, "°": 0.36, "L": 0.60, "_": 0.5}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


# --- what labels say -------------------------------------------------------------------------------------------------


def runs_of(names: Sequence[str]) -> tuple[Run, ...]:
    """The pieces of a label from displayed names: A₁ -> A and a low 1; X_B -> X and a low B; several: X = X′."""
    runs: list[Run] = []
    for i, name in enumerate(names):
        found = re.fullmatch(r"([^_₀-₉′]+)(?:_([^′]+)|([₀-₉]+))?(′*)", name)
        base, word, digits, primes = found.groups() if found else (name, None, None, "")
        runs.append(Run((" = " if i else "") + base))
        low = word or (digits or "").translate(_SUBSCRIPTS)
        if low:
            runs.append(Run(low, low=True))
        if primes:
            runs.append(Run(primes))
    return tuple(runs)


def text_width(runs: Iterable[Run], size: float) -> float:
    """About how wide a text is in an italic serif face: rather more than less."""
    return sum(
        (_WIDTHS.get(letter, 0.55 if letter.isdigit() or letter.islower() else 0.70)) * size * (SMALL if run.low else 1)
        for run in runs
        for letter in run.text
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label to be placed: its place, its text, the direction it prefers, if any, and the radii it may stand at."""

    label: Label
    anchor: Point
    gaps: tuple[float, ...] = GAPS
    towards: float | None = None


def point_label(ident: str, points: tuple[str, ...], names: Sequence[str], at: Point) -> Wanted:
    """The label of a point."""
    runs = runs_of(names)
    low = any(run.low for run in runs)
    half = text_width(runs, FONT) / 2, FONT * (0.40 if low else 0.35)
    return Wanted(Label(ident, points, "given", at, *half, runs, FONT), at)


def angle_label(ident: str, arc: Arcs, text: str) -> Wanted:
    """The size of an angle, to stand within it, behind its arc."""
    size = FONT * SMALL
    runs = (Run(text),)
    label = Label(ident, (), arc.role, arc.at, text_width(runs, size) / 2, 0.36 * size, runs, size)
    radius = arc.radii[-1]
    return Wanted(label, arc.at, (radius + 1.5, radius + 6, radius + 12, radius - 10), arc.start + arc.sweep / 2)


# --- where labels stand ----------------------------------------------------------------------------------------------


def place(wanted: Sequence[Wanted], elements: Iterable[Element], width: float, height: float) -> list[Label]:
    """The labels at their places. The same figure always gives the same places."""
    if not wanted:
        return []
    scene = _Scene(list(elements), width, height)
    count = max(36, min(len(GAPS) * ANGLES, PLACES // len(wanted)))
    boxes, costs = [], []
    for each in wanted:
        box = _candidates(each)
        cost = scene.costs(each, box)
        best = np.resize(np.argsort(cost, kind="stable")[:count], count)
        boxes.append(box[best])
        costs.append(cost[best])
    chosen = _choose(np.array(boxes), np.array(costs))
    return [
        replace(each.label, at=complex(*boxes[i][k, :2].tolist()))
        for i, (each, k) in enumerate(zip(wanted, chosen, strict=True))
    ]


def _candidates(wanted: Wanted) -> Array:
    """The boxes that a label may have: rows of centre x, y and half width, half height."""
    w, h = wanted.label.half_width, wanted.label.half_height
    turns = np.arange(ANGLES) * 2 * math.pi / ANGLES - math.pi / 4
    if wanted.towards is not None:
        turns = wanted.towards + np.linspace(-0.35, 0.35, 7)
    gaps = np.array(wanted.gaps) + (DOT if wanted.towards is None else 0.0)
    x, y = np.tile(np.cos(turns), len(gaps)), np.tile(np.sin(turns), len(gaps))
    far = _tangent(x, y, w, h, np.repeat(gaps, len(turns)))
    ones = np.ones_like(x)
    return np.stack((wanted.anchor.real + far * x, wanted.anchor.imag + far * y, w * ones, h * ones), axis=1)


def _tangent(x: Array, y: Array, w: float, h: float, gap: Array) -> Array:
    """How far a box's centre is from a point, in direction (x, y), if the box is `gap` away from the point.

    The centre is then on the rim of the box widened by `gap`, a rectangle with round corners, about the point.
    """
    x, y = np.maximum(np.abs(x), 1e-9), np.maximum(np.abs(y), 1e-9)
    side, top = (w + gap) / x, (h + gap) / y
    along = x * w + y * h
    corner = along + np.sqrt(np.maximum(along**2 - w * w - h * h + gap**2, 0))
    return np.asarray(np.where(side * y <= h, side, np.where(top * x <= w, top, corner)), dtype=np.float64)


class _Scene:
    """What labels keep clear of, as arrays."""

    def __init__(self, elements: Sequence[Element], width: float, height: float) -> None:
        self.width, self.height = width, height
        seen = [element for element in elements if element.role != "overlay"]
        self.points = _pairs([e.at for e in seen if isinstance(e, Dot)])
        self.lines = _segments([(e.a, e.b) for e in seen if isinstance(e, Segment)])
        self.marks = _segments([line for e in seen for line in outline(e)])
        rings = [e for e in seen if isinstance(e, Circle)]
        self.rings = np.array([(e.centre.real, e.centre.imag, e.radius) for e in rings]).reshape(-1, 3)

    def costs(self, wanted: Wanted, box: Array) -> Array:
        """What each place of one label costs, other labels apart."""
        over_lines = _soft(segment_distances(box, self.lines), OVER_LINE) + _soft(
            ring_distances(box, self.rings), OVER_LINE
        )
        over_marks = _soft(segment_distances(box, self.marks), OVER_MARK)
        gaps = point_distances(box, self.points)
        x, y = wanted.anchor.real, wanted.anchor.imag
        others = np.hypot(self.points[:, 0] - x, self.points[:, 1] - y) > 0.5 if len(self.points) else np.zeros(0, bool)
        over_points = (OVER_POINT * (gaps < DOT + 0.6)).sum(axis=1)
        crowded = np.maximum(0, 9 - gaps[:, others]).sum(axis=1) * 0.35
        own = point_distances(box, np.array([(x, y)]))[:, 0]
        stolen = (gaps[:, others] < own[:, None] + 1.0).sum(axis=1) * 9.0
        outside = OUTSIDE * (
            (box[:, 0] - box[:, 2] < 1)
            | (box[:, 0] + box[:, 2] > self.width - 1)
            | (box[:, 1] - box[:, 3] < 1)
            | (box[:, 1] + box[:, 3] > self.height - 1)
        )
        centre = np.array((self.width / 2, self.height / 2))
        outward = np.hypot(*(box[:, :2] - centre).T) - math.hypot(*(np.array((x, y)) - centre))
        total = over_lines + over_marks + over_points + crowded + stolen + outside + 0.9 * own - 0.06 * outward
        return np.asarray(total, dtype=np.float64)


def outline(element: Element) -> list[tuple[Point, Point]]:
    """A mark as straight pieces."""
    if isinstance(element, Ticks):
        return list(element.lines)
    if isinstance(element, RightAngle):
        a, b, c = element.corners
        return [(a, b), (b, c)]
    if isinstance(element, Arcs):
        pieces = []
        for radius in element.radii:
            turns = [element.start + element.sweep * i / 5 for i in range(6)]
            spots = [element.at + radius * complex(math.cos(t), math.sin(t)) for t in turns]
            pieces += list(pairwise(spots))
        return pieces
    return []


def _soft(gaps: Array, over: float) -> Array:
    """The cost of lines at these distances: the more the nearer, and much where they are under the label."""
    near = np.maximum(0.0, CLEAR - gaps)
    return np.asarray((over * (gaps < 0.8) + 0.12 * near**2 + 0.25 * near).sum(axis=1), dtype=np.float64)


def _pairs(points: Sequence[Point]) -> Array:
    return np.array([(z.real, z.imag) for z in points]).reshape(-1, 2)


def _segments(segments: Sequence[tuple[Point, Point]]) -> Array:
    return np.array([(a.real, a.imag, b.real, b.imag) for a, b in segments]).reshape(-1, 4)


# --- distances between boxes and other things, 0 where they overlap ---


def point_distances(box: Array, points: Array) -> Array:
    """From each box to each point."""
    dx = np.maximum(np.abs(box[:, None, 0] - points[None, :, 0]) - box[:, None, 2], 0)
    dy = np.maximum(np.abs(box[:, None, 1] - points[None, :, 1]) - box[:, None, 3], 0)
    return np.asarray(np.hypot(dx, dy), dtype=np.float64)


def ring_distances(box: Array, rings: Array) -> Array:
    """From each box to each circle (the line, not the disc)."""
    dx, dy = np.abs(box[:, None, 0] - rings[None, :, 0]), np.abs(box[:, None, 1] - rings[None, :, 1])
    near = np.hypot(np.maximum(dx - box[:, None, 2], 0), np.maximum(dy - box[:, None, 3], 0))
    far = np.hypot(dx + box[:, None, 2], dy + box[:, None, 3])
    return np.asarray(np.maximum(0, np.maximum(near - rings[None, :, 2], rings[None, :, 2] - far)), dtype=np.float64)


def segment_distances(box: Array, segments: Array) -> Array:
    """From each box to each segment. Two convex things that do not overlap are nearest at a corner of one."""
    x, y, w, h = (box[:, None, i] for i in range(4))
    ax, ay, bx, by = (segments[None, :, i] for i in range(4))
    ends = np.minimum(
        np.hypot(np.maximum(np.abs(x - ax) - w, 0), np.maximum(np.abs(y - ay) - h, 0)),
        np.hypot(np.maximum(np.abs(x - bx) - w, 0), np.maximum(np.abs(y - by) - h, 0)),
    )
    ux, uy = bx - ax, by - ay
    length2 = np.maximum(ux * ux + uy * uy, 1e-12)
    gaps = ends
    for sx, sy in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        cx, cy = x + sx * w, y + sy * h
        t = np.clip(((cx - ax) * ux + (cy - ay) * uy) / length2, 0, 1)
        gaps = np.minimum(gaps, np.hypot(cx - ax - t * ux, cy - ay - t * uy))
    # They overlap if no axis parts them: x, y and the segment's normal.
    length = np.sqrt(length2)
    across = np.abs((x - ax) * uy - (y - ay) * ux) / length - (w * np.abs(uy) + h * np.abs(ux)) / length
    apart = (
        (np.abs(x - (ax + bx) / 2) > w + np.abs(ux) / 2)
        | (np.abs(y - (ay + by) / 2) > h + np.abs(uy) / 2)
        | (across > 0)
    )
    return np.asarray(np.where(apart, gaps, 0.0), dtype=np.float64)


# --- the search ---


def _choose(boxes: Array, costs: Array) -> list[int]:
    """For each label the row of its box: greedy, then improved, then kicked while something is covered needlessly.

    `boxes` is (labels, places, 4), `costs` (labels, places), the best places first.
    """
    clashes = _clashes(boxes)
    order = sorted(range(len(boxes)), key=lambda i: -float(costs[i].mean()))
    chosen = np.full(len(boxes), -1)
    for i in order:
        chosen[i] = np.argmin(_totals(i, chosen, costs, clashes))
    total = _improve(chosen, costs, clashes)
    rng = random.Random(0)
    for _ in range(KICKS):
        bad = [i for i in order if _totals(i, chosen, costs, clashes)[chosen[i]] > costs[i, 0] + OVER_LINE / 2]
        if not bad:
            break
        tried = chosen.copy()
        for i in {rng.choice(bad), rng.randrange(len(boxes))}:
            tried[i] = rng.randrange(min(24, costs.shape[1]))
        found = _improve(tried, costs, clashes)
        if found < total - 1e-9:
            chosen, total = tried, found
    return [int(k) for k in chosen]


def _clashes(boxes: Array) -> Array:
    """What each pair of places of two labels costs, (labels, places, labels, places): over or close to each other."""
    x, y, w, h = (boxes[:, :, i].reshape(-1) for i in range(4))
    gap = np.maximum(
        np.abs(x[:, None] - x[None]) - w[:, None] - w[None], np.abs(y[:, None] - y[None]) - h[:, None] - h[None]
    )
    cost = OVER_LABEL * (gap < 1.0) + 0.5 * np.maximum(0, 5 - np.maximum(gap, 0))
    labels, places = boxes.shape[:2]
    table = cost.reshape(labels, places, labels, places)
    table[np.arange(labels), :, np.arange(labels), :] = 0.0
    return np.asarray(table, dtype=np.float64)


def _totals(i: int, chosen: npt.NDArray[np.int_], costs: Array, clashes: Array) -> Array:
    """What each place of one label costs, the others where they are (or nowhere yet, at -1)."""
    others = np.flatnonzero(chosen >= 0)
    return np.asarray(costs[i] + clashes[i][:, others, chosen[others]].sum(axis=1), dtype=np.float64)


def _improve(chosen: npt.NDArray[np.int_], costs: Array, clashes: Array) -> float:
    """Move one label at a time to its best place, until none moves; the cost of all."""
    for _ in range(8):
        before = chosen.copy()
        for i in range(len(chosen)):
            chosen[i] = np.argmin(_totals(i, chosen, costs, clashes))
        if np.array_equal(before, chosen):
            break
    rows = np.arange(len(chosen))
    pairs = clashes[rows[:, None], chosen[:, None], rows[None], chosen[None]].sum() / 2
    return float(costs[rows, chosen].sum() + pairs)
