"""Points at one distance from another: the isosceles triangles that they make with it, and their circle about it."""

from __future__ import annotations

from collections.abc import Iterable

from maieutic.geometry.prose.certify import Inference, certify
from maieutic.geometry.trusted.predicates import Coordinates, holds
from maieutic.geometry.trusted.records import Fact


class Places:
    """Which names stand for one place of a figure: nothing is to be concluded from these."""

    def __init__(self, at: Coordinates) -> None:
        self._home: dict[str, str] = {}
        for name in at:
            same = (other for other in self._home.values() if not holds(Fact("diff", (name, other)), at))
            self._home[name] = next(same, name)

    def apart(self, points: Iterable[str]) -> bool:
        """Whether no two of some names stand for one place."""
        names = list(points)
        return len({self._home[name] for name in names}) == len(names)

    def distinct(self, points: Iterable[str]) -> list[str]:
        """The names in order, one for each place."""
        return list({self._home[name]: name for name in sorted(points, reverse=True)}.values())[::-1]


class EqualRadii:
    """For each point, the groups of points that are known to be equally far from it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._groups: dict[str, list[tuple[set[str], list[Fact]]]] = {}

    def learned(self, fact: Fact) -> dict[Fact, Inference]:
        """What a fact oa = ob says of angles, and the equal lengths behind it; {} for other facts."""
        radii = common_end(fact)
        if radii is None or not self._places.apart(radii):
            return {}
        o, a, b = radii
        groups = self._groups.setdefault(o, [])
        first, second = (next((g for g in groups if p in g[0]), ({p}, [])) for p in (a, b))
        if first is second:
            return {}
        self._groups[o] = [g for g in groups if g not in (first, second)]
        facts = [*first[1], *second[1], fact]
        self._groups[o].append((first[0] | second[0], facts))
        found: dict[Fact, Inference] = {}
        for p in sorted(first[0]):
            for q in sorted(second[0]):
                if self._places.apart((o, p, q)):
                    found |= _isosceles(o, p, q, fact if {p, q} == {a, b} else None, facts)
        if len(first[0]) + len(second[0]) > 3:
            found |= _circle(o, self._places.distinct(first[0] | second[0]), facts)
        return found


def common_end(fact: Fact) -> tuple[str, str, str] | None:
    """(o, a, b) of a fact oa = ob; None for any other."""
    if fact.predicate != "cong":
        return None
    first, second = set(fact.points[:2]), set(fact.points[2:])
    shared = first & second
    if len(shared) != 1 or not len(first) == len(second) == 2:
        return None
    (o,) = shared
    (a,), (b,) = first - shared, second - shared
    return o, a, b


def _isosceles(o: str, a: str, b: str, fact: Fact | None, facts: list[Fact]) -> dict[Fact, Inference]:
    """The base angles of triangle oab, after oa = ob where that is not the fact itself."""
    found: dict[Fact, Inference] = {}
    if fact is None:
        fact = Fact("cong", (o, a, o, b))
        work = certify(fact, facts, "length")
        if work is None:
            return {}
        found[fact] = work
    angles = Fact("eqangle", (a, o, a, b, b, a, b, o))
    found[angles] = Inference(angles, "isosceles", (fact,), (o, a, b))
    return found


def _circle(o: str, rim: list[str], facts: list[Fact]) -> dict[Fact, Inference]:
    """That points lie on a circle about o: each after the third with the first three."""
    found: dict[Fact, Inference] = {}
    for p in rim[1:]:
        radius = Fact("cong", (o, rim[0], o, p))
        work = certify(radius, facts, "length")
        if work is None:
            return {}
        found[radius] = work
    for p in rim[3:]:
        four = (*rim[:3], p)
        radii = tuple(Fact("cong", (o, rim[0], o, x)) for x in four[1:])
        found[Fact("cyclic", four)] = Inference(Fact("cyclic", four), "circle", radii, (o, *four))
    return found
