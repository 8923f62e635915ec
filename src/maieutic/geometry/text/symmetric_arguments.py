"""The same thing said in other words: which orders of points mean the same, and which one models write.

Nothing of it is listed. It is tried: of the arguments of a construction, the orders with which it is drawn the same; of
the points that a figure begins with, those with which it gives the same facts; of the points of a goal, those with
which its equations are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from random import Random
from string import ascii_lowercase
from typing import TypeVar

from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Drawn, Either
from maieutic.geometry.trusted.loci import Circle, Hyperbola, Line, Points, unit
from maieutic.geometry.trusted.predicates import PREDICATES, equations, expand
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Clause, Construction, Fact

T = TypeVar("T")

Order = tuple[int, ...]
"""For each place, the place whose point goes there."""

MOST = 6
"""Points whose orders are all tried; of more, those that keep segments together."""

DIGITS = 6
"""Loci that agree to so many decimals are the same."""

HERE = (0.13 + 0.21j, 1.31 - 0.37j, 0.67 + 1.13j, -0.61 + 0.89j, -0.97 - 0.83j, 0.43 - 1.27j, 1.73 + 0.79j)
"""Where the old points are for which constructions are drawn: nowhere special."""


def placed(items: Sequence[T], order: Order) -> tuple[T, ...]:
    """Things in an order."""
    return tuple(items[place] for place in order)


def with_old(use: Construction, old: Sequence[str]) -> Construction:
    """A construction with other old points, in the order of its signature."""
    construct = CONSTRUCTIONS[use.name]
    points = iter(old)
    args = zip(construct.letters, use.args, strict=True)
    return Construction(
        use.name, tuple(arg if letter in construct.new else next(points) for letter, arg in args), use.values
    )


def last_first(clause: Clause, number: Mapping[str, int]) -> Clause:
    """A clause in which, wherever points may change places, later ones come first: the way in which models write it.

    Args:
        number: of each old point, its place among the points of the figure.
    """
    return Clause(clause.points, tuple(_last_first(use, number) for use in clause.constructions))


def _last_first(use: Construction, number: Mapping[str, int]) -> Construction:
    construct = CONSTRUCTIONS.get(use.name)
    if construct is None:
        return use
    old = construct.given(use.args)
    ways = (placed(old, order) for order in orders(use.name))
    return with_old(use, max(ways, key=lambda way: [number[point] for point in way]))


# --- which orders mean the same --------------------------------------------------------------------------------------


@cache
def orders(construction: str) -> tuple[Order, ...]:
    """The orders of a construction's old points with which it is drawn the same; the order as it is comes first."""
    construct = CONSTRUCTIONS[construction]
    numbers = [Fraction(37)] * len(construct.numbers)

    def drawn(order: Order) -> object:
        points = placed(HERE[: len(order)], order)
        try:
            near = construct.sketch(Random(0), *points) if construct.sketch else None
            return _measures(construct.draw(near, *points, *numbers))
        except NoMeetError:
            return order  # as no other

    return _alike(len(construct.old), drawn)


@cache
def beginnings(construction: str) -> tuple[Order, ...]:
    """The orders of the points of a figure to begin with, in which it gives the same facts."""
    construct = CONSTRUCTIONS[construction]

    def given(order: Order) -> object:
        return frozenset(map(_meaning, construct.facts(Construction(construction, placed(construct.letters, order)))))

    return _alike(len(construct.letters), given)


@cache
def readings(predicate: str, count: int) -> tuple[Order, ...]:
    """The orders of so many points in which a predicate says the same."""
    values = (Fraction(37),) * PREDICATES[predicate].value_count(count)
    return _alike(count, lambda order: _meaning(Fact(predicate, placed(ascii_lowercase, order), values)))


def _alike(count: int, meaning: Callable[[Order], object]) -> tuple[Order, ...]:
    """Of the orders of so many things, those that mean the same as the first one."""
    first, *others = _all_orders(count)
    wanted = meaning(first)
    return (first, *(order for order in others if meaning(order) == wanted))


def _all_orders(count: int) -> Iterator[Order]:
    if count <= MOST:
        yield from permutations(range(count))
    elif count % 2 == 0:
        segments = [(place, place + 1) for place in range(0, count, 2)]
        for some in permutations(segments):
            for turns in product((1, -1), repeat=len(some)):
                yield tuple(place for segment, turn in zip(some, turns, strict=True) for place in segment[::turn])
    else:
        yield tuple(range(count))


def _meaning(fact: Fact) -> object:
    """What a fact says, whatever the order of its points: the alternatives of each of its parts."""
    return frozenset(frozenset(e.normal() for e in equations(part)) or part for part in expand(fact))


def _measures(drawn: Drawn) -> tuple[tuple[float, float], ...]:
    """Numbers that two drawings share if they are the same: of the locus, or the points in their order."""
    values: Sequence[complex]
    match drawn:
        case Line():
            along = unit(drawn.along)
            foot = drawn.through - along * (drawn.through / along).real  # of the origin
            values = (foot, drawn.through, along) if drawn.ray else (foot, along**2)
        case Circle():
            values = (drawn.centre, drawn.radius)
        case Hyperbola(a, b, c):
            values = (a + c, (a - c) ** 2, (b - a) * (b - c))
        case Either():
            values = drawn.ways[0]
        case Points():
            values = sorted(drawn.points, key=lambda p: (p.real, p.imag))
        case _:
            values = drawn
    return tuple((round(complex(v).real, DIGITS) + 0.0, round(complex(v).imag, DIGITS) + 0.0) for v in values)
