"""The predicates: what a statement says of a figure, and which linear equations say the same.

Everything the engine knows is linear in one of four tables of unknowns (one for each pair of points):

    direction   d(ab), the angle of line ab in units of pi, modulo 1    coll para perp eqangle cyclic aconst angeq
    log         log |ab|                                                cong eqratio rconst distmeq
    length      |ab|                                                    cong rconst distseq overlap
    square      |ab|^2                                                  cong perp rconst distsqeq overlap

A predicate's equations are alternatives: **each of them alone says what the predicate says** (under its guards), so
proving one proves the statement, and the statement gives all of them. `cyclic a b c d`, for example, is any one of
the three equalities among d(ab)+d(cd), d(ac)+d(bd), d(ad)+d(bc). A compound predicate is a list of simpler facts;
a numeric one is a side condition with no equations. `log` has further unknowns, log |sin| of the angle between two
lines through a point, written as triples (vertex, arm, arm).
"""

from __future__ import annotations

from functools import lru_cache

from maieutic.geometry.trusted.predicates.compound import COMPOUND
from maieutic.geometry.trusted.predicates.equational import EQUATIONAL
from maieutic.geometry.trusted.predicates.equations import (
    TABLES,
    Equation,
    Table,
    Unknown,
    combine,
    linear,
    make_equation,
    prime_powers,
)
from maieutic.geometry.trusted.predicates.numbers import (
    Coordinates,
    apart,
    cross,
    defined,
    direction,
    dot,
    left_over,
    residual,
    unknown_value,
)
from maieutic.geometry.trusted.predicates.row import Predicate
from maieutic.geometry.trusted.predicates.strict import STRICT
from maieutic.geometry.trusted.quantities import vanishes
from maieutic.geometry.trusted.records import Fact

__all__ = [
    "ANSWERS", "PREDICATES", "TABLES", "Coordinates", "Equation", "Predicate", "Table", "Unknown", "apart", "combine",
    "cross", "defined", "direction", "dot", "equations", "expand", "holds", "left_over", "linear", "make_equation",
    "prime_powers", "residual", "unknown_value",
]  # fmt: skip

PREDICATES: dict[str, Predicate] = {row.name: row for row in (*EQUATIONAL, *COMPOUND, *STRICT)}

ANSWERS = {"acompute": ("aconst",), "rcompute": ("rconst", "rsqconst")}
"""The predicates that answer a question; a ratio may be given by its square."""


def expand(fact: Fact) -> tuple[Fact, ...]:
    """The simple facts that a fact consists of: itself, or its parts."""
    parts = PREDICATES[fact.predicate].parts(fact)
    return tuple(simple for part in parts for simple in expand(part)) if parts else (fact,)


@lru_cache(maxsize=65_536)
def equations(fact: Fact) -> tuple[Equation, ...]:
    """The alternatives of an equational fact, each alone equivalent to it. () for the others."""
    return PREDICATES[fact.predicate].equations(fact)


def holds(fact: Fact, at: Coordinates, tolerance: float = 1e-6) -> bool:
    """Whether a fact is true on a figure, as far as can be seen. Questions count as true.

    An equation is true where all its alternatives are that are defined, and one is. On a figure of balls the strict
    inequalities are certain, or UndecidedError is raised; an equality is one that the balls do not exclude.
    """
    predicate = PREDICATES[fact.predicate]
    if predicate.kind == "question":
        return True
    if not all(apart(at, *two) for two in predicate.pairs(fact.points)):
        return False  # of a line through one point twice, rounding would say anything
    if predicate.test is not None and not predicate.test(at, fact.points):
        return False
    if predicate.kind == "numeric":
        return True
    if predicate.balance is not None:
        terms = predicate.balance(fact, at)
        return vanishes(sum(terms), sum(map(abs, terms)), tolerance)
    simple = expand(fact)
    if simple != (fact,):
        return all(holds(part, at, tolerance) for part in simple)
    said = [equation for equation in equations(fact) if defined(equation, at)]
    return bool(said) and all(vanishes(residual(equation, at), 1.0, tolerance) for equation in said)
