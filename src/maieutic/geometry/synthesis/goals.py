"""Candidate goals, read off a closure's generic points and its matches: facts that it proves, and facts that it lacks.

Unlike facts.py, which lists what is known for a reader, this takes a sample of all pairs: of parallels, equal lengths,
equal angles, equal ratios. Two numbers that are equal on the figure are provably so exactly where their generic values
agree; where they do not, the figure shows what the closure lacks, and an auxiliary point may help.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TypeVar

from maieutic.geometry.engine.linear import PRIME
from maieutic.geometry.engine.matching import ID
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.trusted.records import Fact

T = TypeVar("T")
Segment = tuple[int, int, int]
"""The numbers of two points, and of their segment."""

PAIRS = 10
"""Pairs taken of one class of equals."""

PLACES = 1e7
"""Numbers of a figure are equal if they agree after so much precision; two generic values must agree as well."""


def candidate_goals(closure: Closure, rng: Random) -> list[Fact]:
    """Simple facts that the closure proves, in a fixed order for a given state of the random numbers."""
    groups = (_directions(closure), _lengths(closure), _angles(closure), _ratios(closure))
    return [
        *_matched(closure, "collinear", "coll", 3, proved=True),
        *_matched(closure, "concyclic", "cyclic", 4, proved=True),
        *(fact for group in groups for members in group for fact in _within(members, rng)),
    ]


def lacking_facts(closure: Closure) -> list[Fact]:
    """Simple facts that the figure shows and the closure lacks: of lines, circles and lengths, one of each class."""
    groups = (_directions(closure), _lengths(closure))
    return [
        *_matched(closure, "concyclic", "cyclic", 4, proved=False),
        *(fact for group in groups for members in group for fact in _across(members)),
    ]


@dataclass(frozen=True)
class _Class:
    """Things that are equal on the figure: each with its generic values, and how to say that two are equal."""

    members: Sequence[tuple[Hashable, tuple[int, ...]]]
    say: Callable[[tuple[int, ...], tuple[int, ...]], Fact | None]


def _within(equals: _Class, rng: Random) -> Iterator[Fact]:
    """Some pairs that are provably equal."""
    for members in _grouped(equals.members):
        for first, second in _sample(rng, members):
            fact = equals.say(first, second)
            if fact is not None:
                yield fact


def _across(equals: _Class) -> Iterator[Fact]:
    """The first of those that are provably equal to it, with the first of each other kind."""
    kinds: dict[Hashable, tuple[int, ...]] = {}
    for key, member in equals.members:
        kinds.setdefault(key, member)
    first, *others = kinds.values()
    for other in others:
        fact = equals.say(first, other)
        if fact is not None:
            yield fact


def _matched(closure: Closure, shape: str, predicate: str, size: int, proved: bool) -> Iterator[Fact]:
    """The instances of a shape that stands for one predicate."""
    stage = closure.stages[0]
    start, end = stage.start[ID[shape]], stage.start[ID[shape] + 1]
    for row, truth in zip(stage.rows[start:end].tolist(), stage.truth[start:end].tolist(), strict=True):
        if (truth != 0) is proved:
            yield Fact(predicate, tuple(closure.points[p] for p in row[1 : 1 + size]))


def _segments(closure: Closure) -> list[Segment]:
    """All segments but those of length 0, by their number."""
    numbers = closure.measures.segment
    apart = closure.measures.length_class
    found = [(i, j, int(numbers[i, j])) for j in range(len(closure.points)) for i in range(j)]
    return [segment for segment in found if apart[segment[2]] >= 0]


def _grouped(items: Iterable[tuple[Hashable, T]]) -> list[list[T]]:
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for key, item in items:
        groups[key].append(item)
    return [group for group in groups.values() if len(group) > 1]


def _sample(rng: Random, members: list[T]) -> list[tuple[T, T]]:
    """Some of the pairs, in order."""
    total = len(members) * (len(members) - 1) // 2
    if total <= PAIRS:
        return list(combinations(members, 2))
    chosen = {tuple(sorted(rng.sample(range(len(members)), 2))) for _ in range(PAIRS)}
    return [(members[i], members[j]) for i, j in sorted(chosen)]


def _fact(closure: Closure, predicate: str, *points: int) -> Fact:
    return Fact(predicate, tuple(closure.points[p] for p in points))


def _directions(closure: Closure) -> Iterator[_Class]:
    """Lines of one direction, or at right angles: parallel, perpendicular, or one line."""
    values = closure.systems[0][1].tolist()
    directions = closure.measures.directions.tolist()
    classes = closure.measures.direction_class.tolist()
    numbers = closure.measures.segment.tolist()

    def say(first: tuple[int, ...], second: tuple[int, ...]) -> Fact | None:
        (a, b, s), (c, d, t) = first, second
        if classes[s] != classes[t]:
            return _fact(closure, "perp", a, b, c, d)
        if classes[numbers[a][b]] in (classes[numbers[a][c]], classes[numbers[a][d]]):  # on one line, or sharing a
            rest = [p for p in (c, d) if p not in (a, b)]
            return _fact(closure, "coll", a, b, rest[0]) if values[0][s] != values[0][t] else None
        return _fact(closure, "para", a, b, c, d)

    turned = [
        (round(directions[s] % 0.5 * PLACES) % round(0.5 * PLACES), ((values[0][s], values[1][s]), (i, j, s)))
        for i, j, s in _segments(closure)
    ]
    yield from (_Class(members, say) for members in _grouped(turned))


def _lengths(closure: Closure) -> Iterator[_Class]:
    values = closure.systems[1][1].tolist()
    classes = closure.measures.length_class.tolist()

    def say(first: tuple[int, ...], second: tuple[int, ...]) -> Fact | None:
        return _fact(closure, "cong", *first, *second)

    keyed = [(classes[s], ((values[0][s], values[1][s]), (i, j))) for i, j, s in _segments(closure)]
    yield from (_Class(members, say) for members in _grouped(keyed))


def _angles(closure: Closure) -> Iterator[_Class]:
    """Equal angles, each between two lines through a point; one segment stands for each line."""
    values = closure.systems[0][1].tolist()
    directions, classes = closure.measures.directions.tolist(), closure.measures.direction_class.tolist()
    numbers = closure.measures.segment.tolist()
    angles: list[tuple[int, tuple[Hashable, tuple[int, ...]]]] = []
    seen: set[tuple[int, int]] = set()

    def say(first: tuple[int, ...], second: tuple[int, ...]) -> Fact | None:
        (v, a, b), (w, c, d) = first, second
        return _fact(closure, "eqangle", v, a, v, b, w, c, w, d)

    for vertex in range(len(closure.points)):
        arms: dict[int, int] = {}
        for other in range(len(closure.points)):
            if classes[numbers[vertex][other]] >= 0:
                arms.setdefault(classes[numbers[vertex][other]], other)
        for (first, a), (second, b) in combinations(arms.items(), 2):
            s, t = numbers[vertex][a], numbers[vertex][b]
            turn = (directions[s] - directions[t]) % 1.0
            if turn > 0.5:
                first, second, a, b, s, t, turn = second, first, b, a, t, s, 1.0 - turn
            key = ((values[0][s] - values[0][t]) % PRIME, (values[1][s] - values[1][t]) % PRIME)
            if key == (0, 0) or (first, second) in seen:
                continue  # a known angle; or one between the same lines, or parallels to them
            seen.add((first, second))
            angles.append((round(turn * PLACES), (key, (vertex, a, b))))
    yield from (_Class(members, say) for members in _grouped(angles))


def _ratios(closure: Closure) -> Iterator[_Class]:
    """Equal ratios, each of two segments from a point."""
    values = closure.systems[1][1].tolist()
    lengths, classes = closure.measures.lengths.tolist(), closure.measures.length_class.tolist()
    numbers = closure.measures.segment.tolist()
    ratios: list[tuple[int, tuple[Hashable, tuple[int, ...]]]] = []
    seen: set[tuple[int, int]] = set()

    def say(first: tuple[int, ...], second: tuple[int, ...]) -> Fact | None:
        (v, a, b), (w, c, d) = first, second
        return _fact(closure, "eqratio", v, a, v, b, w, c, w, d)

    for vertex in range(len(closure.points)):
        others = [p for p in range(len(closure.points)) if classes[numbers[vertex][p]] >= 0]
        for a, b in combinations(others, 2):
            s, t = numbers[vertex][a], numbers[vertex][b]
            if lengths[s] > lengths[t]:
                a, b, s, t = b, a, t, s
            key = ((values[0][s] - values[0][t]) % PRIME, (values[1][s] - values[1][t]) % PRIME)
            if key == (0, 0) or (classes[s], classes[t]) in seen:
                continue
            seen.add((classes[s], classes[t]))
            ratios.append((round(lengths[s] / lengths[t] * PLACES), (key, (vertex, a, b))))
    yield from (_Class(members, say) for members in _grouped(ratios))
