"""The order in which a figure is built: which clause, point or block comes after which, and by which facts.

Clauses that are constructed stay as they are. Of what the others assert, each fact is given to a point, as one of the
two equations that a point can take; where the facts say of points only together where they are, these are a block.
The order is found backwards: again and again a point (or clause) is taken away that nothing else is built from and
about which no more than two facts are left. No order is trusted: whoever builds a figure by it looks whether every
fact of the problem is in it, as a part's or as surplus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, clause_facts, placing
from maieutic.geometry.trusted.hints.fact_loci import has_locus
from maieutic.geometry.trusted.hints.newton import determined, independent
from maieutic.geometry.trusted.parts import Order, Part
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Fact, Point, Problem
from maieutic.geometry.trusted.stated import is_made


def order_of(problem: Problem, near: Mapping[str, Point] | None = None) -> Order:
    """An order for a problem's figures.

    Where there are more facts than the points can take, `near`, a figure, tells which of them say nothing new.
    """
    useful = near and not all(map(is_made, problem.clauses)) and all(point in near for point in problem.points)
    return _order(problem, tuple(sorted(near.items())) if near and useful else ())


@lru_cache(maxsize=256)
def text_order(problem: Problem) -> Order:
    """An order for drawing alone: the points as the text has them, each by the first two facts of which it is last."""
    place = {point: number for number, point in enumerate(problem.points)}
    facts = [part for clause in problem.clauses for fact in clause_facts(clause) for part in expand(fact)]
    facts = [fact for fact in dict.fromkeys(facts) if PREDICATES[fact.predicate].kind == "equational"]
    parts = []
    for clause in problem.clauses:
        if is_made(clause):
            parts.append(Part(clause.points, clause))
            continue
        for point in clause.points:
            mine = (f for f in facts if max(f.points, key=place.__getitem__) == point and has_locus(f, point))
            parts.append(Part((point,), None, tuple(mine)[:2]))
    return Order(tuple(parts))


@lru_cache(maxsize=256)
def _order(problem: Problem, places: tuple[tuple[str, Point], ...]) -> Order:
    if all(map(is_made, problem.clauses)):
        return Order(tuple(Part(clause.points, clause) for clause in problem.clauses))
    return _Finder(problem, dict(places)).order()


class _Finder:
    """Takes a problem apart, from its end."""

    def __init__(self, problem: Problem, near: Mapping[str, Point]) -> None:
        self.near = near
        self.place = {point: number for number, point in enumerate(problem.points)}
        self.made: dict[int, Clause] = {}
        self.points: list[str] = []
        self.facts: list[Fact] = []
        self.surplus: list[Fact] = []
        self.backwards: list[Part] = []
        for number, clause in enumerate(problem.clauses):
            if is_made(clause) and clause.constructions:
                self.made[number] = clause
            else:
                self._solve(clause)

    def _solve(self, clause: Clause) -> None:
        """A clause is solved: its points are placed by what it asserts."""
        self.points += clause.points
        parts = (part for fact in clause_facts(clause) for part in expand(fact))
        self.facts += [part for part in parts if PREDICATES[part.predicate].kind == "equational"]
        self.facts = list(dict.fromkeys(self.facts))
        self.points.sort(key=self.place.__getitem__)

    def order(self) -> Order:
        self._spare()
        while self.made or self.points:
            if not (self._take() or self._constrain()):
                self._together()
        return Order(tuple(reversed(self.backwards)), tuple(self.surplus))

    def _used(self, but: int | None = None) -> set[str]:
        """The points from which constructed clauses are built."""
        return {
            point
            for number, clause in self.made.items()
            if number != but
            for use in placing(clause)
            for point in CONSTRUCTIONS[use.name].given(use.args)
        }

    def _about(self, points: Sequence[str]) -> list[Fact]:
        return [fact for fact in self.facts if set(points) & set(fact.points)]

    def _take(self) -> bool:
        """Take away the last clause or point that can be; False where none can."""
        used = self._used()
        nodes: list[tuple[int, int | str]] = [(self.place[c.points[-1]], number) for number, c in self.made.items()]
        nodes += [(self.place[point], point) for point in self.points if point not in used]
        for _, node in sorted(nodes, key=lambda entry: entry[0], reverse=True):
            if isinstance(node, int):
                clause = self.made[node]
                if self._used(but=node) & set(clause.points) or self._about(clause.points):
                    continue
                self.made.pop(node)
                self.backwards.append(Part(clause.points, clause))
                return True
            mine = self._about((node,))
            count = sum(2 if fact.predicate == "overlap" else 1 for fact in mine)
            if count <= 2 and (not mine or not self.near or _is_regular(mine, (node,), self.near)):
                self._remove((node,), mine, is_block=not all(has_locus(fact, node) for fact in mine))
                return True
        return False

    def _remove(self, points: Sequence[str], facts: Sequence[Fact], is_block: bool) -> None:
        self.points = [point for point in self.points if point not in points]
        self.facts = [fact for fact in self.facts if fact not in facts]
        self.backwards.append(Part(tuple(points), None, tuple(facts), is_block=is_block))

    def _constrain(self) -> bool:
        """Solve a constructed clause of which a fact says more, from which nothing else is built."""
        for number in sorted(self.made, reverse=True):
            clause = self.made[number]
            if self._about(clause.points) and not self._used(but=number) & set(clause.points):
                self._solve(self.made.pop(number))
                self._spare()
                return True
        return False

    def _spare(self) -> None:
        """Leave out the facts that say nothing new on the given figure."""
        if self.near and self.facts:
            kept = independent(self.facts, self.near)
            self.surplus += [fact for fact in self.facts if fact not in kept]
            self.facts = kept

    def _together(self) -> None:
        """Take away a smallest set of points that depend on one another, and nothing else on them; or spare a fact."""
        taken = self._assigned()
        depends = {
            point: {p for fact in taken.get(point, ()) for p in fact.points if p in self.points}
            for point in self.points
        }
        reach = {point: _closure(point, depends) for point in self.points}
        blocks = [frozenset(p for p in self.points if p in reach[q] and q in reach[p]) for q in self.points]
        last = next(
            block for block in reversed(blocks) if all(not (reach[p] - {p}) & block or p in block for p in self.points)
        )
        facts = [fact for point in self.points if point in last for fact in taken.get(point, ())]
        if self.near and not _is_regular(facts, sorted(last), self.near):
            last, facts = frozenset(self.points), self._about(self.points)
        rest = [fact for fact in self._about(tuple(last)) if fact not in facts]
        self.surplus += rest
        self.facts = [fact for fact in self.facts if fact not in rest]
        self._remove([p for p in self.points if p in last], facts, is_block=True)

    def _assigned(self) -> dict[str, list[Fact]]:
        """Each fact given to one of its points, the last that has room, by augmenting paths; two to a point at most."""
        taken: dict[str, list[Fact]] = {}

        def give(fact: Fact, seen: set[str]) -> bool:
            candidates = sorted({p for p in fact.points if p in self.points}, key=lambda p: -self.place[p])
            for point in candidates:
                if len(taken.get(point, ())) < 2:
                    taken.setdefault(point, []).append(fact)
                    return True
            for point in candidates:
                if point in seen:
                    continue
                seen.add(point)
                for other in list(taken[point]):
                    if give(other, seen):
                        taken[point].remove(other)
                        taken[point].append(fact)
                        return True
            return False

        for fact in self.facts:
            give(fact, set())
        return taken


def _is_regular(facts: Sequence[Fact], points: Sequence[str], near: Mapping[str, Point]) -> bool:
    """Whether some facts determine as many coordinates of some points as they are, on a figure."""
    try:
        return determined(facts, points, near, {point: near[point] for point in points}) is not None
    except (ArithmeticError, ValueError, NoMeetError):
        return False


def _closure(point: str, depends: Mapping[str, set[str]]) -> set[str]:
    found, todo = {point}, [point]
    while todo:
        for other in depends.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found
