"""The branches of a problem's figures, in floats: every way to place what the hypotheses leave open.

They know nothing of the goals. The kernel sorts conditions by them, and looks for one to certify; what is certified is
certified elsewhere, so that nothing here is trusted with more than the sorting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from random import Random

from maieutic.geometry.trusted.building import Places, made, meets
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Either, hypotheses, placing
from maieutic.geometry.trusted.hints.fact_loci import common_places, fact_loci
from maieutic.geometry.trusted.hints.newton import solve_near
from maieutic.geometry.trusted.hints.sketches import free_point, sample
from maieutic.geometry.trusted.loci import Points, project
from maieutic.geometry.trusted.parts import Order, Part
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Fact, Point, Problem
from maieutic.geometry.trusted.stated import stated

BRANCHES = 64
"""Figures with one choice of what is free that are looked at; where there are more, so many of them by chance."""

STARTS = 64
"""Starts from which a block is solved."""

ATTEMPTS = 60
"""Choices of what is free that are tried for one figure."""

SIDES = frozenset(("between", "sameside", "oppside", "acute", "obtuse_angle", "sameclock", "lessthan"))
"""What statements ask of a figure that half of them, or fewer, show: looked at as soon as its points are placed."""

SIDE_TRIALS = 30
"""Places that are tried for a part with side conditions."""

ROOM = 0.1
"""Points of a figure are tried to be so far from one another."""

SAME, NEARLY = 1e-8, 1e-3
"""Points that are nearer are one, in a figure of size 1, and points that are farther apart are two."""


# --- one part --------------------------------------------------------------------------------------------------------


def ways(part: Part, at: Places, near: Places) -> list[dict[str, Point]]:
    """The ways to place a part's points, given those before, near some places as far as they are free.

    Raises NoMeetError where there is none.
    """
    try:
        if part.clause is not None:
            return made(part, at, near)
        if len(part.points) > 1 or part.is_block:
            found = solve_near(part.facts, part.points, at, near)
            return [] if found is None else [found]
        return _met(part, at, near)
    except (ArithmeticError, ValueError) as error:
        raise NoMeetError(str(error)) from None


def _met(part: Part, at: Places, near: Places) -> list[dict[str, Point]]:
    """One point, on the lines and circles that its facts are to it."""
    (name,) = part.points
    found: list[dict[str, Point]] = []
    reason = NoMeetError("no such line or circle")
    for loci in product(*(fact_loci(fact, name, at) for fact in part.facts)):
        try:
            if not loci:
                places: Sequence[Point] = (near[name],)
            elif len(loci) == 1:
                places = loci[0].points if isinstance(loci[0], Points) else (project(loci[0], near[name]),)
            elif any(isinstance(locus, Points) for locus in loci):
                places = common_places(loci)
            else:
                places = meets(loci[0], loci[1], part, at)
            found += [{name: place} for place in places]
        except NoMeetError as error:
            reason = error
    if not found:
        raise reason
    return found


# --- whole figures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Branches:
    """Figures with one choice of what is free; `sampled`: there may be more."""

    figures: tuple[dict[str, Point], ...]
    sampled: bool


def branches(problem: Problem, order: Order, seed: int, auxiliary: int = 0) -> Branches:
    """The branches of one choice of what is free, drawn by seed: as many as BRANCHES, all of them where they are fewer.

    Of the last `auxiliary` clauses, those are left out of a figure that cannot be drawn there.
    """
    late = {point for clause in problem.clauses[len(problem.clauses) - auxiliary :] for point in clause.points}
    conditions = stated(problem, auxiliary)
    for attempt in range(ATTEMPTS):
        walk = _Walk(order, (seed * ATTEMPTS + attempt) * 2 + 1, frozenset(late), conditions)
        found: list[dict[str, Point] | None] = [*islice(walk.all(0, {}), BRANCHES + 1)]
        sampled = walk.sampled
        if len(found) > BRANCHES:
            found, sampled = [walk.one(number) for number in range(BRANCHES)], True
        kept = [at for at in found if at is not None and _is_figure(problem, conditions, at)]
        if kept:
            return Branches(tuple(kept), sampled)
    return Branches((), False)


def _is_figure(problem: Problem, conditions: Sequence[Fact], at: Places) -> bool:
    """Whether the hypotheses and what is stated hold, and no two points are nearly one: floats could not tell."""
    size = max((abs(place) for place in at.values()), default=1.0)
    if any(SAME < abs(one - other) / size < NEARLY for one, other in combinations(at.values(), 2)):
        return False
    facts = (fact for fact in (*hypotheses(problem), *conditions) if all(point in at for point in fact.points))
    return all(holds(fact, at) for fact in facts)


class _Walk:
    """The tree of all branches of one choice of what is free: a level for each part, which is sketched once."""

    def __init__(self, order: Order, seed: int, late: frozenset[str], conditions: Sequence[Fact]) -> None:
        self.order, self.seed, self.late = order, seed, late
        self.sides = _sides(order, conditions)
        self.sampled = False
        self.starts = 0

    def all(self, level: int, at: dict[str, Point]) -> Iterator[dict[str, Point]]:
        if level == len(self.order.parts):
            yield at
            return
        for way in self._ways(level, at):
            yield from self.all(level + 1, {**at, **way})

    def one(self, number: int) -> dict[str, Point] | None:
        """One branch, by chance."""
        rng = Random(f"{self.seed} {number}")
        at: dict[str, Point] = {}
        for level in range(len(self.order.parts)):
            found = self._ways(level, at)
            if not found:
                return None
            at |= rng.choice(found)
        return at

    def _ways(self, level: int, at: dict[str, Point]) -> list[dict[str, Point]]:
        part = self.order.parts[level]
        rng = Random(f"{self.seed} {level}")
        try:
            if part.is_block:
                self.sampled = True
                return self._solutions(part, at, rng)
            sides = self.sides[level]
            for _ in range(SIDE_TRIALS if sides else 1):
                found = ways(part, at, sketch(part, at, rng))
                kept = [way for way in found if all(holds(fact, {**at, **way}) for fact in sides)]
                if kept:
                    break
            return kept
        except (NoMeetError, KeyError):
            return [{}] if self.late.issuperset(part.points) else []

    def _solutions(self, part: Part, at: dict[str, Point], rng: Random) -> list[dict[str, Point]]:
        """The different solutions of a block, from many starts; from a few, where all blocks together had many."""
        found: list[dict[str, Point]] = []
        for _ in range(STARTS if self.starts < 4 * STARTS else 4):
            self.starts += 1
            way = solve_near(part.facts, part.points, at, sketch(part, at, rng))
            if way is not None and all(_differ(way, other) for other in found):
                found.append(way)
        return found


def _sides(order: Order, conditions: Sequence[Fact]) -> list[list[Fact]]:
    """For each part the side conditions that can be seen once it is placed, and not before."""
    sides = [fact for fact in conditions if fact.predicate in SIDES]
    found: list[list[Fact]] = []
    placed: set[str] = set()
    for part in order.parts:
        placed |= set(part.points)
        found.append([fact for fact in sides if placed.issuperset(fact.points)])
        sides = [fact for fact in sides if fact not in found[-1]]
    return found


def _differ(one: Places, other: Places) -> bool:
    return any(abs(one[name] - other[name]) > 1e-6 * max(1.0, abs(one[name])) for name in one)


def sketch(part: Part, at: Places, rng: Random) -> dict[str, Point]:
    """Places near which a part's points may be, by chance, as far as they are free; apart from the others."""
    uses = placing(part.clause) if part.clause is not None else ()
    if uses:
        use = uses[0]
        row = CONSTRUCTIONS[use.name]
        old = [at[p] for p in row.given(use.args)]
        if row.sketch:
            tries = [dict(zip(row.introduced(use.args), row.sketch(rng, *old), strict=True)) for _ in range(4)]
            return max(tries, key=lambda way: _room(way.values(), at))
        if len(uses) == 1:
            locus = row.draw(None, *old, *use.values)
            if not isinstance(locus, (tuple, Either, Points)):
                return _roomy(lambda: sample(locus, rng), part.points, at)
        return {}
    if len(part.facts) == 1 and len(part.points) == 1:
        loci = fact_loci(part.facts[0], part.points[0], at)
        if len(loci) == 1 and not isinstance(loci[0], Points):
            return _roomy(lambda: sample(loci[0], rng), part.points, at)
    return _roomy(lambda: free_point(rng), part.points, at)


def _roomy(propose: Callable[[], Point], names: Sequence[str], at: Places) -> dict[str, Point]:
    """For each name the first of a few proposals that is well apart from what there is, or the best of them."""
    placed: dict[str, Point] = {}
    for name in names:
        others = {**at, **placed}
        tries = [propose() for _ in range(4)]
        good = (place for place in tries if _room((place,), others) > ROOM)
        placed[name] = next(good, None) or max(tries, key=lambda place: _room((place,), others))
    return placed


def _room(places: Iterable[Point], at: Places) -> float:
    return min((abs(place - other) for place in places for other in at.values()), default=1.0)
