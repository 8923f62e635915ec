"""Hypotheses that contradict one another: a sum of them is 0 = c.

A problem of which no figure exists has no theorem either, and the kernel would find none; here it is said why.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import prod

from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.degenerate import Strict
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Equation, Table, equations
from maieutic.geometry.trusted.records import Fact, Problem
from maieutic.geometry.trusted.span import Span
from maieutic.geometry.trusted.stated import stated


def contradiction(problem: Problem) -> str:
    """Why a problem's hypotheses contradict one another, by adding them up: '' where no sum of them is 0 = c.

    An equation counts where its directions exist by what is stated: elsewhere it may say nothing.
    """
    facts = [fact for fact in hypotheses(problem) if PREDICATES[fact.predicate].kind == "equational"]
    strict = Strict(facts, stated(problem))

    @cache
    def apart(pair: tuple[str, str]) -> bool:
        return strict.implies(Fact("diff", pair))

    for table in TABLES:
        given = [(str(fact), equation) for fact in facts for equation in equations(fact) if equation.table == table]
        if any(equation.constants for _, equation in given):
            given = [(label, equation) for label, equation in given if all(apart(u[:2]) for u, _ in equation.terms)]
            found = _contradicting(table, given)
            if found is not None:
                number, labels = found
                said = f"1 = {number}" if table == "log" else f"0 = {number}"
                return f"{'; '.join(dict.fromkeys(labels))} give {said}"
    return ""


def _absurd(span: Span) -> Fraction | None:
    """The c of an equation 0 = c that follows, c not 0 (of logarithms, 1 = c); None where none does."""
    for first, row in span.rows:
        if first >= span.unknowns and (span.table != "direction" or row[first] != span.whole):
            if span.table == "log":
                primes = {place: key for key, place in span.columns.items() if isinstance(key, int)}
                return prod((Fraction(primes[k]) ** c for k, c in row.items()), start=Fraction(1))
            return Fraction(row[first], span.whole)
    return None


def _contradicting(table: Table, given: Sequence[tuple[str, Equation]]) -> tuple[Fraction, list[str]] | None:
    """The c of 0 = c that follows from labelled equations, and the labels of a smallest part from which it does."""
    found = _absurd(Span(table, (equation for _, equation in given)))
    if found is None:
        return None
    kept = list(given)
    for entry in given:
        fewer = [other for other in kept if other is not entry]
        left = _absurd(Span(table, (equation for _, equation in fewer)))
        if left is not None:
            kept, found = fewer, left
    return found, [label for label, _ in kept]
