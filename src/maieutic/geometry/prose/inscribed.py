"""The equations of a certificate that speak of one circle, as few angles of it.

A certificate may go a long way round a circle. What it says of one is added up first, and then cut again, greedily,
into angles that a reader knows: equal inscribed angles, isosceles triangles of radii, angles between radius and chord.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from maieutic.geometry.prose.certify import certify
from maieutic.geometry.trusted.predicates import Equation, combine, equations
from maieutic.geometry.trusted.records import Fact


@dataclass(frozen=True, slots=True)
class Item:
    """One equation to be added, the facts that give it, and the fact that a reader sees in it."""

    equation: Equation
    facts: tuple[Fact, ...]
    said: Fact


Rims = Mapping[Fact, tuple[str, ...]]
"""For facts about a circle with its centre: the centre, and points of the circle."""


@dataclass
class Circle:
    """Equations on one circle, with weights, and its centres (one place may have several names)."""

    points: set[str]
    centres: set[str]
    parts: dict[tuple[Fact, int], int]


def join(circles: list[Circle], new: Circle) -> None:
    """Put equations with those on the same circle, merging circles that they show to be one."""
    while True:
        same = next((c for c in circles if len(c.points & new.points) >= 3), None)
        if same is None:
            break
        circles.remove(same)
        parts = dict(same.parts)
        for key, weight in new.parts.items():
            parts[key] = parts.get(key, 0) + weight
        new = Circle(same.points | new.points, same.centres | new.centres, parts)
    circles.append(new)


def inscribed(circle: Circle) -> list[Item]:
    """A sum of equations on one circle as few equal angles in it; as it stands where that is not found."""
    parts = {key: weight for key, weight in circle.parts.items() if weight}
    given = tuple(dict.fromkeys(fact for fact, _ in circle.parts))
    chords = {u for fact in given for e in equations(fact) if e.table == "direction" for u, _ in e.terms}
    rest = combine("direction", [(Fraction(w), equations(fact)[n]) for (fact, n), w in parts.items()])
    candidates = [
        (fact, combine("direction", [(sign, e)]))
        for fact in _angles_in(circle, {p for u, _ in rest.terms for p in u})
        for e in equations(fact)
        if chords.issuperset(u for u, _ in e.terms)
        for sign in (Fraction(1), Fraction(-1))
    ]
    sources: dict[Fact, tuple[Fact, ...]] = {
        fact_of(e): (fact,) for fact in given for e in equations(fact) if e.table == "direction"
    }
    found: list[Item] = []
    while (rest.terms or rest.constants) and len(found) < 12 and candidates:
        sizes = [_size(minus(rest, e)) for _, e in candidates]
        best = min(range(len(sizes)), key=sizes.__getitem__)
        if sizes[best] > _size(rest) or (sizes[best] == _size(rest) and len(found) >= 3):
            break
        fact, equation = candidates.pop(best)
        stated = fact_of(equation)
        if stated not in sources:
            sources[stated] = _needed(stated, given)
        if sources[stated]:
            found.append(Item(equation, sources[stated], fact))
            rest = minus(rest, equation)
    if not rest.terms and not rest.constants:
        return found
    return [
        Item(combine("direction", [(Fraction(1 if w > 0 else -1), equations(fact)[n])]), (fact,), fact)
        for (fact, n), w in parts.items()
        for _ in range(abs(w))
    ]


def _angles_in(circle: Circle, mentioned: set[str]) -> Iterator[Fact]:
    """What holds of some points of a circle: quadruples, isosceles triangles, tangents and chords."""
    points = sorted(mentioned & circle.points)
    for four in combinations(points, 4):
        yield Fact("cyclic", four)
    for o in sorted(circle.centres & mentioned):
        for a, b in combinations(points, 2):
            yield Fact("eqangle", (o, a, a, b, b, a, b, o))
        for three in combinations(points, 3):
            for i in range(3):
                a, b, c = three[i:] + three[:i]
                values = tuple(map(Fraction, (1, -1, 1, -1, -90)))
                yield Fact("angeq", (a, b, o, a, c, a, c, b), values)
                yield Fact("angeq", (a, c, o, a, b, a, b, c), values)


def _needed(fact: Fact, given: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The fewest of some concyclic quadruples that give an equation of another one; () if they do not."""
    found = certify(fact, given, "direction")
    return found.premises if found else ()


def minus(a: Equation, b: Equation) -> Equation:
    """The difference of two equations of one table."""
    return combine(a.table, [(Fraction(1), a), (Fraction(-1), b)])


def _size(equation: Equation) -> int:
    return int(sum(abs(w) for _, w in equation.terms))


def fact_of(equation: Equation) -> Fact:
    """An equation as a fact that says it."""
    names = {"direction": "angeq", "log": "distmeq", "length": "distseq", "square": "distsqeq"}
    if any(len(u) == 3 for u, _ in equation.terms):
        raise ValueError("sines have no fact of their own")
    scale = Fraction(1)
    points = tuple(p for u, _ in equation.terms for p in u)
    weights = tuple(w * scale for _, w in equation.terms)
    if equation.table == "direction":
        return Fact(names[equation.table], points, (*weights, dict(equation.constants).get(1, Fraction(0)) * 180))
    if equation.table == "log":
        constant = Fraction(1)
        for prime, power in equation.constants:
            constant *= Fraction(prime) ** int(power)
        return Fact(names[equation.table], points, (*weights, constant))
    return Fact(names[equation.table], points, weights)
