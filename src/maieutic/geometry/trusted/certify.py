"""Exact figures: that what a verdict rests on does occur.

A figure is given by places, found by anybody. Its free choices are taken as they are written, exactly, and every other
point is computed from them in balls (building.py), with as many bits as it takes to decide each strict condition: that
two points differ, that three are on no line, which order, which side. A ball never shows that two things are equal:
equalities hold by construction, or they are *surplus* hypotheses, which must follow from the others.
"""

from __future__ import annotations

from cmath import rect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flint import ctx

from maieutic.geometry.trusted.building import build, figure_order
from maieutic.geometry.trusted.parts import Order
from maieutic.geometry.trusted.predicates import equations, holds, residual
from maieutic.geometry.trusted.quantities import NoMeetError, UndecidedError
from maieutic.geometry.trusted.records import Fact, Point, Problem

FIRST_BITS = 128
MOST_BITS = 4096
SURPLUS_BITS = 512
"""Bits at which surplus hypotheses are looked at: enough to see 100 decimals."""
SEEN = 1e-100
BESIDE = 1e-4
"""How far what is free is moved, in a figure of size 1."""


@dataclass(frozen=True)
class Certified:
    """An exact figure, enclosed: its places in balls, and the order by which it was built."""

    at: Mapping[str, Point]
    order: Order

    @property
    def together(self) -> list[tuple[str, str]]:
        """The pairs of names that are known to stand for one place."""
        names = sorted(self.at)
        return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if self.at[a] is self.at[b]]


class NoFigureError(Exception):
    """Why some places are not those of a figure on which all conditions hold."""


def certified(problem: Problem, near: Mapping[str, Point], conditions: Iterable[Fact]) -> Certified:
    """The exact figure near some places, on which all conditions hold. Raises NoFigureError with what does not."""
    wanted = tuple(conditions)
    order = figure_order(problem, near)
    bits = ctx.prec
    reason = ""
    try:
        ctx.prec = FIRST_BITS
        while ctx.prec <= MOST_BITS:
            try:
                at = build(order, near)
                for fact in wanted:
                    reason = str(fact)
                    if not holds(fact, at):
                        raise NoFigureError(f"{fact} fails on the figure")
                reason = ""
                for fact in order.surplus:
                    if not holds(fact, at):
                        raise NoFigureError(f"the hypothesis {fact} is false on the only figure near")
                return Certified(at, order)
            except UndecidedError as error:
                reason = reason or str(error)
                ctx.prec *= 2
            except (NoMeetError, KeyError, ArithmeticError, ValueError) as error:
                raise NoFigureError(f"no exact figure is near: {error}") from None
        raise NoFigureError(f"{reason}: not decided on the figure with {MOST_BITS} bits")
    finally:
        ctx.prec = bits


def seen(problem: Problem, figure: Certified, facts: Sequence[Fact]) -> bool:
    """Whether some equations are true to a hundred decimals on a figure, and on one beside it.

    A double root is no solution any more where what is free moves: what seemed to say nothing new does say something.
    """
    near = {name: complex(place.mid()) for name, place in figure.at.items()}  # type: ignore[attr-defined]
    moved = {name: place + rect(BESIDE, number) for number, (name, place) in enumerate(sorted(near.items()))}
    bits = ctx.prec
    try:
        ctx.prec = SURPLUS_BITS
        return all(
            residual(equation, at).contains(0) and residual(equation, at).rad() < SEEN
            for at in (build(figure.order, near), build(figure.order, moved))
            for fact in facts
            for equation in equations(fact)[:1]
        )
    except (NoMeetError, ArithmeticError, ValueError):
        return False
    finally:
        ctx.prec = bits
