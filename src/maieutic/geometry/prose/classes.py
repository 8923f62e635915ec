"""Lines and lengths that are equal, as one: what a chain of equalities need not say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from maieutic.geometry.prose.inscribed import Item
from maieutic.geometry.trusted.predicates import Equation, Table, Unknown, equations, make_equation
from maieutic.geometry.trusted.records import Fact

BONDS = {"direction": ("coll", "para"), "log": ("cong", "eqsine"), "length": ("cong",), "square": ("cong",)}
"""The predicates that make two unknowns equal, for each table."""


class Classes:
    """Unknowns that bonds make equal, and the segments by which each class may be named."""

    def __init__(self, table: Table, bonds: Iterable[Fact], others: Iterable[Equation]) -> None:
        self.table = table
        self.bonds = tuple(dict.fromkeys(bonds))
        self.parent: dict[Unknown, Unknown] = {}
        for fact in self.bonds:
            for equation in equations(fact):
                if equation.table == table and equation.terms:
                    (a, _), (b, _) = equation.terms if len(equation.terms) == 2 else (equation.terms[0],) * 2
                    self.parent[self.find(a)] = self.find(b)
        for equation in others:
            for unknown, _ in equation.terms:
                self.find(unknown)
        self.members: dict[Unknown, list[Unknown]] = {}
        for unknown in sorted(self.parent):
            self.members.setdefault(self.find(unknown), []).append(unknown)
        self.near: dict[tuple[Unknown, Unknown], list[tuple[Unknown, Unknown]]] = {}

    def find(self, unknown: Unknown) -> Unknown:
        """What stands for all that an unknown is known to be equal to."""
        root = unknown
        while self.parent.setdefault(root, root) != root:
            root = self.parent[root]
        return root

    def reduce(self, equation: Equation) -> Equation:
        """An equation among classes."""
        terms: dict[Unknown, Fraction] = {}
        for unknown, weight in equation.terms:
            terms[self.find(unknown)] = terms.get(self.find(unknown), Fraction(0)) + weight
        return make_equation(self.table, terms, dict(equation.constants))

    def meeting(self, x: Unknown, y: Unknown) -> list[tuple[Unknown, Unknown]]:
        """The pairs of segments of two lines that share an end: the ways to write their angle with a vertex."""
        if (x, y) not in self.near:
            self.near[x, y] = [
                (s, t)
                for s in self.members.get(x, [x])
                for t in self.members.get(y, [y])
                if len(set(s) & set(t)) == 1 and len(s) == len(t) == 2
            ]
        return self.near[x, y]

    def bonds_of(self, equation: Equation, items: Sequence[Item]) -> list[Fact]:
        """The bonds on classes that an equation or some items mention."""
        roots = {self.find(u) for e in (equation, *(item.equation for item in items)) for u, _ in e.terms}
        return [
            fact
            for fact in self.bonds
            if any(self.find(e.terms[0][0]) in roots for e in equations(fact) if e.table == self.table and e.terms)
        ]
