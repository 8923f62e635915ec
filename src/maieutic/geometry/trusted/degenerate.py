"""Which strict facts follow from others: that two points differ, that three are on no line.

A proof rests on many of these, and most are part of the statement or follow from it: the midpoint of a side is not a
corner. What follows is found by assuming the contrary and looking for a contradiction, with what coincidence alone
says: a length that is equal to 0 is 0, two lines through two different points are one, no line meets a circle in three
points. What is not found so is assumed, and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Fact

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    """Two names in order."""
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
        self.lengths = [f.points for f in facts if f.predicate in ("cong", "rconst", "rsqconst")]
        self.lines = [frozenset(f.points) for f in facts if f.predicate == "coll"]
        self.circles = circles(facts)
        self.given = frozenset(map(normal, strict))
        self._worlds: dict[frozenset[Fact], _World] = {}
        pairs = {pair(*two) for line in self.lines for two in combinations(line, 2)}
        self.given |= {Fact("diff", two) for two in sorted(pairs) if self.implies(Fact("diff", two))}

    def implies(self, wanted: Fact, more: Sequence[Fact] = ()) -> bool:
        """Whether a fact follows from what is given and some more facts."""
        wanted = normal(wanted)
        given = self.given.union(map(normal, more))
        if wanted in given:
            return True
        if wanted.predicate not in ("diff", "ncoll"):
            return False
        if given not in self._worlds:
            self._worlds[given] = _World(self, given)
        return self._worlds[given].excludes(wanted)

    def gives(self, wanted: Iterable[Fact], more: Sequence[Fact]) -> bool:
        """Whether all of some facts follow from what is given and some more, one after the other, in any order."""
        left = [fact for fact in dict.fromkeys(wanted) if fact not in more]
        known = list(more)
        found = True
        while left and found:
            new = [fact for fact in left if self.implies(fact, known)]
            found = bool(new)
            known += new
            left = [fact for fact in left if fact not in new]
        return not left


class _World:
    """What is so where some strict facts hold: which pairs differ, which triples are on no line."""

    def __init__(self, strict: Strict, given: frozenset[Fact]) -> None:
        self.strict = strict
        self.apart = {pair(*two) for f in given for two in PREDICATES[f.predicate].pairs(f.points)}
        self.corners = [f.points for f in given if f.predicate == "ncoll"]
        self.corners += [f.points[k : k + 3] for f in given if f.predicate == "sameclock" for k in (0, 3)]
        self.names: dict[str, str] = {}
        for fact in given:
            if fact.predicate == "overlap":
                _join(self.names, *fact.points)
        self.lines = self._joined([set(each) for each in strict.lines], self.names)

    def excludes(self, wanted: Fact) -> bool:
        """Whether the contrary of a fact is absurd: two points that are one, or three on a line."""
        names, lines = dict(self.names), [set(line) for line in self.lines]
        if wanted.predicate == "ncoll":
            lines.append(set(wanted.points))
        else:
            _join(names, *wanted.points)
            changed = True
            while changed:
                changed = False
                for p, q, r, s in self.strict.lengths:  # a length that is equal to 0 is 0
                    first, second = names.get(p, p) == names.get(q, q), names.get(r, r) == names.get(s, s)
                    if first != second:
                        _join(names, *((r, s) if first else (p, q)))
                        changed = True
            if any(names.get(p, p) == names.get(q, q) for p, q in self.apart):
                return True
        return self._absurd(self._joined(lines, names), names)

    def _joined(self, lines: list[set[str]], names: Mapping[str, str]) -> list[set[str]]:
        """The lines, two that run through the same two different points made one."""
        different = {pair(names.get(a, a), names.get(b, b)) for a, b in self.apart} if names else self.apart
        todo = [{names.get(p, p) for p in line} for line in lines] if names else lines
        done: list[set[str]] = []
        while todo:
            line = todo.pop()
            for other in done:
                common = line & other
                if len(common) > 1 and any(pair(a, b) in different for a, b in combinations(common, 2)):
                    done.remove(other)
                    todo.append(line | other)
                    break
            else:
                done.append(line)
        return done

    def _absurd(self, lines: Sequence[set[str]], names: Mapping[str, str]) -> bool:
        """Whether a triple that is on no line is on one, or a line meets a circle in three points."""
        for three in self.corners:
            corner = {names.get(p, p) for p in three}
            if len(corner) < 3 or any(corner <= line for line in lines):
                return True
        different = {pair(names.get(a, a), names.get(b, b)) for a, b in self.apart}
        threes = (
            three
            for circle in self.strict.circles
            for line in lines
            for three in combinations(sorted({names.get(p, p) for p in circle} & line), 3)
        )
        return any(all(pair(a, b) in different for a, b in combinations(three, 2)) for three in threes)


def _join(names: dict[str, str], a: str, b: str) -> None:
    """Let two names stand for one place."""
    one, other = sorted((names.get(a, a), names.get(b, b)))
    if one != other:
        for name, place in list(names.items()):
            if place == other:
                names[name] = one
        names[other] = one


def circles(facts: Iterable[Fact]) -> list[set[str]]:
    """Sets of points that `cyclic` facts, or equal distances from a centre, put on one circle."""
    found: list[set[str]] = []
    about: dict[str, list[set[str]]] = {}
    for fact in facts:
        shared = set(fact.points[:2]) & set(fact.points[2:])
        if fact.predicate == "cyclic":
            found.append(set(fact.points))
        elif fact.predicate == "cong" and len(shared) == 1:
            about.setdefault(min(shared), []).append(set(fact.points) - shared)
    return found + [circle for sets in about.values() for circle in united(sets, 1) if len(circle) > 2]


def united(sets: Sequence[set[str]], common: int) -> list[set[str]]:
    """The sets, those with so many common elements made one, until there are none."""
    todo = [set(each) for each in sets]
    done: list[set[str]] = []
    while todo:
        one = todo.pop()
        other = next((each for each in done if len(each & one) >= common), None)
        if other is None:
            done.append(one)
        else:
            done.remove(other)
            todo.append(one | other)
    return done
