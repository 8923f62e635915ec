"""Centres of a triangle that the language has no one construction for, by their numbers in Kimberling's list."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from maieutic.geometry.ggb.curves import Curves
from maieutic.geometry.ggb.objects import NEW, Output, Spot, use

HERE = Output(None)


def _centroid(c: Curves, out: Output, *corners: str) -> Spot:
    return c.centroid(out, *corners)


def _nine_points(c: Curves, out: Output, *corners: str) -> Spot:
    return c.only(out, use("circumcenter", NEW, *(c.midpoint(HERE, a, b).name for a, b in combinations(corners, 2))))


def _symmedian(c: Curves, out: Output, *corners: str) -> Spot:
    """The medians of two corners, reflected in the bisectors there."""
    a, b, d = corners
    uses = []
    for corner, p, q in ((a, b, d), (b, d, a)):
        middle = c.midpoint(HERE, p, q).name
        uses.append(use("on_aline", NEW, corner, p, q, corner, middle))
    return c.point(out, uses)


def _gergonne(c: Curves, out: Output, *corners: str) -> Spot:
    """Where lines from two corners to the points of the incircle on the opposite sides meet."""
    centre = c.only(HERE, use("incenter", NEW, *corners)).name
    return _joined(c, out, corners, [centre, centre])


def _nagel(c: Curves, out: Output, *corners: str) -> Spot:
    """The same with the excircles opposite these corners."""
    a, b, d = corners
    return _joined(c, out, corners, [c.only(HERE, use("excenter", NEW, *each)).name for each in ((a, b, d), (b, d, a))])


def _joined(c: Curves, out: Output, corners: tuple[str, ...], centres: list[str]) -> Spot:
    a, b, d = corners
    feet = [c.foot(HERE, centres[0], c.through(b, d)).name, c.foot(HERE, centres[1], c.through(d, a)).name]
    return c.meet(out, c.through(a, feet[0]), c.through(b, feet[1]))


CENTRES: dict[int, Callable[..., Spot]] = {2: _centroid, 5: _nine_points, 6: _symmedian, 7: _gergonne, 8: _nagel}
