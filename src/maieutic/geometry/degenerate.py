"""Which strict facts follow from others: that two points differ, that three are on no line.

A proof rests on many of these, and most are part of the statement or follow from it: the midpoint of a side is not a
corner. What follows is found by assuming the contrary and looking for a contradiction, with what coincidence alone
says: a length that is equal to 0 is 0, two lines through two different points are one, no line meets a circle in three
points. What is not found so is assumed, and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from maieutic.geometry.predicates import PREDICATES
from maieutic.geometry.records import Fact

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def normal(fact: Fact) -> Fact:
    """A strict fact in one of the ways to write it: `noverlap` is `diff`, and what may change places is sorted."""
    points = fact.points
    match fact.predicate:
        case "diff" | "noverlap":
            return Fact("diff", pair(*points))
        case "ncoll":
            return Fact("ncoll", tuple(sorted(points)))
        case "npara" | "nperp" | "ncong":
            return Fact(fact.predicate, sum(sorted((pair(*points[:2]), pair(*points[2:]))), ()))
        case "between" | "nbetween":
            return Fact(fact.predicate, (points[0], *pair(*points[1:])))
        case "overlap":
            return Fact("overlap", pair(*points))
    return fact


class Strict:
    """Strict facts and hypotheses, and what follows from them."""

    def __init__(self, hypotheses: Iterable[Fact], strict: Iterable[Fact]) -> None:
        facts = list(hypotheses)
        self.lengths = [f for f in facts if f.predicate in ("cong", "rconst", "rsqconst")]
        self.lines = [frozenset(f.points) for f in facts if f.predicate == "coll"]
        self.circles = _circles(facts)
        self.given = frozenset(map(normal, strict))

    def implies(self, wanted: Fact, more: Sequence[Fact] = ()) -> bool:
        """Whether a fact follows from what is given and some more facts."""
        wanted = normal(wanted)
        given = self.given.union(map(normal, more))
        if wanted in given:
            return True
        if wanted.predicate == "diff":
            return self._absurd(given, together=[wanted.points])
        if wanted.predicate == "ncoll":
            return self._absurd(given, line=frozenset(wanted.points))
        return False

    def _absurd(
        self,
        given: frozenset[Fact],
        together: Sequence[tuple[str, ...]] = (),
        line: frozenset[str] = frozenset(),
    ) -> bool:
        """Whether the given facts exclude that some pairs are one point each, or that three points are on a line."""
        place = _Places()
        for fact in given:
            if fact.predicate == "overlap":
                place.join(*fact.points)
        for a, b in together:
            place.join(a, b)
        apart = {
            pair(*two)
            for f in given
            if PREDICATES[f.predicate].apart
            for two in PREDICATES[f.predicate].pairs(f.points)
        }
        corners = [f.points for f in given if f.predicate == "ncoll"]
        corners += [f.points[k : k + 3] for f in given if f.predicate == "sameclock" for k in (0, 3)]
        lines = [set(each) for each in self.lines] + ([set(line)] if line else [])
        changed = True
        while changed:
            changed = False
            for fact in self.lengths:
                a, b, c, d = map(place, fact.points)
                if (a == b) != (c == d):
                    place.join(*((c, d) if a == b else (a, b)))
                    changed = True
            different = {pair(place(a), place(b)) for a, b in apart}
            if any(a == b for a, b in different):
                return True
            lines = [{place(p) for p in each} for each in lines]
            for one, other in combinations(lines, 2):
                if one is not other and any(pair(a, b) in different for a, b in combinations(one & other, 2)):
                    one |= other
                    lines.remove(other)
                    changed = True
                    break
        for three in corners:
            names = {place(p) for p in three}
            if len(names) < 3 or any(names <= each for each in lines):
                return True
        circles = [{place(p) for p in circle} for circle in self.circles]
        return any(
            all(pair(a, b) in different for a, b in combinations(three, 2))
            for each in lines
            for circle in circles
            for three in combinations(sorted(each & circle), 3)
        )


def _circles(facts: Sequence[Fact]) -> list[frozenset[str]]:
    """Sets of points that hypotheses put on one circle: any three different ones are on no line."""
    circles = [frozenset(f.points) for f in facts if f.predicate == "cyclic"]
    about: dict[str, _Places] = {}
    names: dict[str, set[str]] = {}
    for fact in facts:
        shared = set(fact.points[:2]) & set(fact.points[2:])
        if fact.predicate == "cong" and len(shared) == 1:
            (centre,) = shared
            ends = set(fact.points) - shared
            if len(ends) == 2:
                about.setdefault(centre, _Places()).join(*sorted(ends))
                names.setdefault(centre, set()).update(ends)
    for centre, place in about.items():
        classes: dict[str, set[str]] = {}
        for name in names[centre]:
            classes.setdefault(place(name), set()).add(name)
        circles += [frozenset(each) for each in classes.values() if len(each) > 2]
    return circles


class _Places:
    """Names, some of which stand for one place."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        while name in self._of:
            name = self._of[name]
        return name

    def join(self, a: str, b: str) -> None:
        one, other = sorted((self(a), self(b)))
        if one != other:
            self._of[other] = one


def fewest(strict: Strict, wanted: Iterable[Fact]) -> list[Fact]:
    """As few of some facts, in their order, as are enough: with what is given, the others follow from them."""
    kept = [fact for fact in dict.fromkeys(wanted) if not strict.implies(fact)]
    rank = {"diff": 2, "noverlap": 2, "ncoll": 1}
    for fact in sorted(kept, key=lambda f: -rank.get(f.predicate, 0)):
        others = [other for other in kept if other is not fact]
        if strict.implies(fact, others):
            kept = others
    return kept
