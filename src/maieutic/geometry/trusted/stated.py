"""What a problem's statement says beside its equations: strict facts, and which of two meets is meant.

A construction's needs, and what its name promises (a triangle's corners are not on a line), are part of the statement.
So is that a direction or a ratio that it speaks of exists: its two points differ. And so is the convention of
AlphaGeometry's language that a constructed second meet differs from the common point that is known: `x = on_circle o a,
on_line a b` is not a. What is known, is decided by adding up the hypotheses (span.py), not by a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, clause_facts, introduces, placing
from maieutic.geometry.trusted.degenerate import circles, united
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Unknown, equations, expand
from maieutic.geometry.trusted.records import Clause, Fact, Problem
from maieutic.geometry.trusted.span import Span


def is_made(clause: Clause) -> bool:
    """Whether a clause's points are constructed: by one construction of them all, or as the meet of two curves."""
    uses = placing(clause)
    if not uses or not all(introduces(use, clause) for use in uses):
        return False
    return len(uses) == 1 or (len(clause.points) == 1 and len(uses) == 2 and all(is_curve(use.name) for use in uses))


def presupposed(fact: Fact) -> tuple[Unknown, ...]:
    """The pairs of points without whose difference a fact is false, or says nothing."""
    pairs: set[Unknown] = {(min(pair), max(pair)) for pair in PREDICATES[fact.predicate].pairs(fact.points)}
    for part in expand(fact):
        alternatives = [
            {unknown[:2] for unknown, _ in equation.terms} if equation.table in ("direction", "log") else set()
            for equation in equations(part)
        ]
        pairs |= set.intersection(*alternatives) if alternatives else set()
    return tuple(sorted(pairs))


@lru_cache(maxsize=256)
def stated(problem: Problem, auxiliary: int = 0) -> tuple[Fact, ...]:
    """The strict facts that a problem states, conventions among them, of which the last clauses are auxiliary.

    Of an auxiliary clause nothing is stated but what its construction promises wherever it can be drawn.
    """
    facts: dict[Fact, None] = {}
    count = len(problem.clauses) - auxiliary
    for number, clause in enumerate(problem.clauses):
        for use in clause.constructions:
            if introduces(use, clause):
                row = CONSTRUCTIONS[use.name]
                needs = [need for need in row.requirements(use) if number < count]
                facts |= dict.fromkeys((*needs, *row.strict(use)))
            else:
                facts |= dict.fromkeys(expand(Fact(use.name, use.args, use.values)) if use.name in PREDICATES else ())
        if number < count:
            for fact in clause_facts(clause):
                if PREDICATES[fact.predicate].kind != "numeric":
                    facts |= dict.fromkeys(Fact("diff", pair) for pair in presupposed(fact))
    facts |= dict.fromkeys(conventions(problem, auxiliary))
    return tuple(fact for fact in facts if PREDICATES[fact.predicate].kind == "numeric")


# --- known common points ---------------------------------------------------------------------------------------------


class Known:
    """Which points the hypotheses put on a locus, by adding them up, or as points of one circle."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = [fact for fact in facts if PREDICATES[fact.predicate].kind == "equational"]
        self._spans: dict[str, Span] = {}
        self._circles: list[set[str]] | None = None

    def follows(self, fact: Fact) -> bool:
        """Whether a fact is trivial, or a sum of the hypotheses in one of its tables."""
        if fact.predicate == "cyclic":
            return any(circle.issuperset(fact.points) for circle in self.circles()) or len(set(fact.points)) < 4
        if fact.predicate == "coll" and len(set(fact.points)) < 3:
            return True
        if fact.predicate == "perp" and (fact.points[0] == fact.points[1] or fact.points[2] == fact.points[3]):
            return True
        if fact.predicate == "cong" and self._on_circle_about(fact):
            return True
        try:
            alternatives = equations(fact)
        except (ValueError, ZeroDivisionError):
            return False
        return any(self.span(equation.table).contains(equation) for equation in alternatives)

    def span(self, table: str) -> Span:
        """What the facts' equations span in a table."""
        if table not in self._spans:
            given = (equation for fact in self.facts for equation in equations(fact))
            self._spans[table] = Span(next(t for t in TABLES if t == table), given)
        return self._spans[table]

    def circles(self) -> list[set[str]]:
        """Sets of points on one circle; one where three are common."""
        if self._circles is None:
            self._circles = united(circles(self.facts), 3)
        return self._circles

    def _on_circle_about(self, fact: Fact) -> bool:
        """Whether the ends of two radii are known to be on a circle of which three points have one distance from it."""
        shared = set(fact.points[:2]) & set(fact.points[2:])
        ends = set(fact.points) - shared
        if len(shared) != 1 or len(ends) != 2:
            return False
        about = circles(
            f for f in self.facts if f.predicate == "cong" and shared <= set(f.points[:2]) & set(f.points[2:])
        )
        return any(ends <= circle and len(points & circle) > 2 for circle in self.circles() for points in about)


def common_points(point: str, facts: Sequence[Fact], old: Iterable[str], known: Known) -> Iterator[tuple[str, bool]]:
    """The old points on each of the loci that some facts are to a new point; and whether it may be that point.

    A line of given direction runs through the point where its direction would be undefined: the new point is not there.
    """
    for name in old:
        whole = True
        for fact in facts:
            moved = Fact(fact.predicate, tuple(name if p == point else p for p in fact.points), fact.values)
            if known.follows(moved):
                continue
            whole = False
            ends = {p for pair in presupposed(fact) if point in pair for p in pair}
            if name not in ends or equations(fact)[0].table != "direction":
                break
        else:
            yield name, whole


def locus_facts(clause: Clause) -> list[Fact]:
    """Of each construction of a clause of one point the fact that is its curve (a second one would say the same)."""
    return [CONSTRUCTIONS[use.name].facts(use)[0] for use in placing(clause)]


def is_curve(name: str) -> bool:
    """Whether a construction is a line or a circle: one equation, but for `on_bline`, which has it twice."""
    return (len(CONSTRUCTIONS[name].gives) == 1 and name != "eqangle2") or name == "on_bline"


@lru_cache(maxsize=256)
def made_commons(problem: Problem) -> dict[int, tuple[tuple[str, bool], ...]]:
    """For each clause, by number, that is a meet of two curves: the known points on both (common_points)."""
    commons: dict[int, tuple[tuple[str, bool], ...]] = {}
    facts: list[Fact] = []
    old: list[str] = []
    known: Known | None = None
    for number, clause in enumerate(problem.clauses):
        if is_made(clause) and len(placing(clause)) == 2:
            known = known or Known(facts)
            commons[number] = tuple(common_points(clause.points[0], locus_facts(clause), old, known))
        new = [part for fact in clause_facts(clause) for part in expand(fact)]
        if new:
            facts += new
            known = None
        old += clause.points
    return commons


@lru_cache(maxsize=256)
def conventions(problem: Problem, auxiliary: int = 0) -> tuple[Fact, ...]:
    """`diff x a` for each constructed second meet x of two curves of which one common point a is known.

    Where two are known, there is no third, and nothing is said. The last `auxiliary` clauses are left out.
    """
    count = len(problem.clauses) - auxiliary
    return tuple(
        Fact("diff", (problem.clauses[number].points[0], names[0][0]))
        for number, names in made_commons(problem).items()
        if number < count and len(names) == 1 and not _both_lines(problem.clauses[number])
    )


def _both_lines(clause: Clause) -> bool:
    return all(use.name in LINES for use in placing(clause))


LINES = frozenset(
    (
        "on_line", "on_opline", "on_pline", "on_tline", "on_bline", "on_aline", "angle_bisector", "angle_mirror",
        "s_angle", "lc_tangent",
    )
)  # fmt: skip
"""The curves that are lines."""


def without_auxiliary(problem: Problem, auxiliary: int) -> Problem:
    """A problem without its last clauses."""
    return replace(problem, clauses=problem.clauses[: len(problem.clauses) - auxiliary]) if auxiliary else problem
