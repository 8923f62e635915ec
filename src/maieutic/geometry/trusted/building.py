"""Exact figures of a problem, built part by part, in balls.

A *made* part is a clause that is drawn by its constructions, in one or several ways: which of two meets. Other parts
are solved for: one point about which there are at most two facts, or a *block* of points that their facts determine
only together; the Krawczyk test encloses them (block.py). Facts that are left over are *surplus*: they must hold by
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from maieutic.geometry.trusted.block import enclose
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Either, clause_facts, hypotheses, placing
from maieutic.geometry.trusted.hints.order import order_of
from maieutic.geometry.trusted.loci import Line, Locus, Points, meet, other_meet, project
from maieutic.geometry.trusted.parts import Order, Part
from maieutic.geometry.trusted.predicates import PREDICATES, apart, expand
from maieutic.geometry.trusted.quantities import NoMeetError, exact, middle
from maieutic.geometry.trusted.records import Fact, Point, Problem
from maieutic.geometry.trusted.stated import Known, common_points, is_made, made_commons

Places = Mapping[str, Point]


# --- the parts -------------------------------------------------------------------------------------------------------


def figure_order(problem: Problem, near: Places | None = None) -> Order:
    """The parts of a problem's figures, first to last. `near`, a figure, tells which facts say nothing new.

    Raises NoMeetError for an order that does not say all that the problem says; none such is known.
    """
    return _order(problem, order_of(problem, near))


@lru_cache(maxsize=256)
def _order(problem: Problem, order: Order) -> Order:
    parts = tuple(_with_commons(problem, order))
    said = {fact for part in parts for fact in said_by(part)} | set(order.surplus)
    wanted = {fact for fact in hypotheses(problem) if PREDICATES[fact.predicate].kind == "equational"}
    clauses = {part.clause for part in parts if part.clause is not None}
    if not (said >= wanted and clauses <= set(problem.clauses) and all(map(is_made, clauses))):
        raise NoMeetError("an order that leaves something out")
    return replace(order, parts=parts)


def said_by(part: Part) -> list[Fact]:
    """The simple facts that hold by the way in which a part is placed."""
    facts = clause_facts(part.clause) if part.clause is not None else part.facts
    return [simple for fact in facts for simple in expand(fact)]


def _with_commons(problem: Problem, order: Order) -> Iterator[Part]:
    """The parts, each that is a meet of two curves with the old points that are known to be on both."""
    numbers = {clause: number for number, clause in enumerate(problem.clauses)}
    facts: list[Fact] = []
    old: list[str] = []
    for part in order.parts:
        if part.clause is not None:
            commons = made_commons(problem).get(numbers[part.clause], ())
            excluded = frozenset(name for name, _ in commons) if len(commons) == 1 else frozenset()
            part = replace(part, commons=commons, excluded=excluded)
        elif len(part.points) == 1 and len(part.facts) == 2 and not part.is_block:
            part = replace(part, commons=tuple(common_points(part.points[0], part.facts, old, Known(facts))))
        yield part
        old += part.points
        facts += said_by(part)


# --- made parts, in floats or balls ----------------------------------------------------------------------------------


def made(part: Part, at: Places, near: Places) -> list[dict[str, Point]]:
    """The ways to place a constructed part's points, given those before, near some places as far as they are free.

    A point that is known to be an old one has that one's very place. Raises NoMeetError where there is none, and
    UndecidedError where balls are too wide to tell.
    """
    assert part.clause is not None
    loci: list[Locus] = []
    for use in placing(part.clause):
        row = CONSTRUCTIONS[use.name]
        new = row.introduced(use.args)
        sketch = tuple(near[name] for name in new) if row.sketch else None
        drawn = row.draw(sketch, *(at[p] for p in row.given(use.args)), *use.values)
        if isinstance(drawn, Either):
            return [dict(zip(new, way, strict=True)) for way in drawn.ways]
        if isinstance(drawn, tuple):
            return [dict(zip(new, drawn, strict=True))]
        loci.append(drawn)
    (name,) = part.points
    if len(loci) == 2:
        return [{name: place} for place in meets(loci[0], loci[1], part, at)]
    if isinstance(loci[0], Points):
        return [{name: place} for place in loci[0].points]
    return [{name: project(loci[0], near[name])}]


def meets(first: Locus, second: Locus, part: Part, at: Places) -> Sequence[Point]:
    """The common points of two loci: where some are known, they and the other one."""
    known: list[tuple[str, bool]] = []
    for name, may_be in () if isinstance(first, Line) and isinstance(second, Line) else part.commons:
        if all(apart(at, name, other) for other, _ in known):
            known.append((name, may_be))
    if not known:
        return meet(first, second)
    allowed = [at[name] for name, may_be in known if may_be and name not in part.excluded]
    if len(known) == 1:
        return (*allowed, other_meet(first, second, at[known[0][0]]))
    if not allowed:
        raise NoMeetError("the loci have no other common point")
    return allowed


# --- figures in balls ------------------------------------------------------------------------------------------------


def build(order: Order, near: Places) -> dict[str, Point]:
    """The exact figure near some places, as balls of the context's precision: of several ways, each time the nearest.

    What is free is there exactly. Raises NoMeetError where there is none, UndecidedError where more bits may help.
    """
    at: dict[str, Point] = {}
    there = {name: exact(complex(place)) for name, place in near.items()}
    for part in order.parts:
        if part.clause is not None:
            at |= nearest_way(made(part, at, there), near)
        else:
            found, box = enclose(part.facts, part.points, at, near)
            for name, may_be in part.commons:
                # An old point satisfies the facts too: in a box with one solution, it is this one.
                if may_be and any(place.contains(at[name]) for place in box.values()):  # type: ignore[attr-defined]
                    found = {part.points[0]: at[name]}
            at |= found
    return at


def nearest_way(found: list[dict[str, Point]], near: Places) -> dict[str, Point]:
    """Of several ways to place some points the one that is nearest to places given."""
    return min(found, key=lambda way: sum(abs(middle(place) - near[name]) for name, place in way.items()))
