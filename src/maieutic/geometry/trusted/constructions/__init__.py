"""The constructions: what each needs, what it gives, and how it is drawn. One entry, one place.

A construction introduces new points from old ones. Its *needs* are facts about the old points without which it has no
meaning; its *gives* are the facts that it says of the new ones, over the predicates of PREDICATES, with their signs:
`eqangle a b c d e f g h` is d(ab) - d(cd) = d(ef) - d(gh), `aconst a b c d v` is d(ab) - d(cd) = v degrees, and
`rconst a b c d v` is |ab| = v |cd|.

What it *says* beside are strict facts, which its name promises: the corners of a triangle are not on a line.

A construction of one point is drawn as a locus, so that several of them in one clause are drawn as their meet. A
construction of several points is drawn as these points, or as one of several ways to place them. What the given facts
leave open (which of two bisectors) is drawn as the name suggests; no fact says so. Each is one formula, in floats or in
balls (quantities.py).
"""

from __future__ import annotations

from maieutic.geometry.trusted.constructions.on_loci import LOCI
from maieutic.geometry.trusted.constructions.points import POINTS
from maieutic.geometry.trusted.constructions.polygons import POLYGONS
from maieutic.geometry.trusted.constructions.row import Construct, Drawn, Either
from maieutic.geometry.trusted.constructions.several import SEVERAL
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem

__all__ = [
    "CONSTRUCTIONS", "Construct", "Drawn", "Either", "clause_facts", "clause_requirements", "hypotheses", "introduces",
    "placing",
]  # fmt: skip

CONSTRUCTIONS: dict[str, Construct] = {row.name: row for row in (*POLYGONS, *LOCI, *POINTS, *SEVERAL)}


def introduces(construction: Construction, clause: Clause) -> bool:
    """Whether a right-hand side is a construction of the clause's points; otherwise it asserts a predicate."""
    construct = CONSTRUCTIONS.get(construction.name)
    if construct is None or len(construction.args) != len(construct.letters):
        return False
    return set(construct.introduced(construction.args)) == set(clause.points)


def placing(clause: Clause) -> tuple[Construction, ...]:
    """The right-hand sides that say where a clause's points are: all but its side conditions, which a figure keeps."""
    return tuple(
        use
        for use in clause.constructions
        if introduces(use, clause)
        or use.name not in PREDICATES
        or any(PREDICATES[fact.predicate].kind != "numeric" for fact in expand(Fact(use.name, use.args, use.values)))
    )


def clause_facts(clause: Clause) -> tuple[Fact, ...]:
    """The facts that a clause gives, as its constructions write them."""
    facts: list[Fact] = []
    for construction in clause.constructions:
        if introduces(construction, clause):
            facts += CONSTRUCTIONS[construction.name].facts(construction)
        else:
            facts.append(Fact(construction.name, construction.args, construction.values))
    return tuple(facts)


def clause_requirements(clause: Clause) -> tuple[Fact, ...]:
    """What must hold of the earlier points for a clause to have a meaning."""
    return tuple(
        fact
        for construction in clause.constructions
        if introduces(construction, clause)
        for fact in CONSTRUCTIONS[construction.name].requirements(construction)
    )


def hypotheses(problem: Problem) -> tuple[Fact, ...]:
    """All facts that a problem's clauses give: simple ones, each once, in order."""
    return tuple(
        dict.fromkeys(simple for clause in problem.clauses for fact in clause_facts(clause) for simple in expand(fact))
    )
