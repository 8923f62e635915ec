"""The records that the rooms of geometry hand to each other: frozen, comparable, hashable by content.

A `Problem` is text made precise, a `Diagram` is one figure of it, a `Fact` is one statement about named points, a
`Deduction` is one step, a `Proof` is a list of steps that ends in the problem's goals, a `Verdict` is what the kernel
says of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

Point = complex
"""A point of a figure: x + iy."""


def number_text(value: Fraction) -> str:
    """A rational as it is written in problem text: `3`, `-1/2`."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: a predicate of PREDICATES, its points in order, its rational parameters (degrees for angles)."""

    predicate: str
    points: tuple[str, ...]
    values: tuple[Fraction, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.predicate, *self.points, *map(number_text, self.values)))


@dataclass(frozen=True, slots=True)
class Construction:
    """One right-hand side: an entry of CONSTRUCTIONS (or, as an assertion, of PREDICATES) and its arguments.

    `args` are in the full form, with the new points at their places as in the table's signature
    (`midpoint m a b` has args `("m", "a", "b")`); numbers stay as text in `values`.
    """

    name: str
    args: tuple[str, ...]
    values: tuple[Fraction, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.name, *self.args, *map(number_text, self.values)))


@dataclass(frozen=True, slots=True)
class Clause:
    """The points that a clause introduces, and what it says of them; one point may be the meet of two loci."""

    points: tuple[str, ...]
    constructions: tuple[Construction, ...] = ()

    def __str__(self) -> str:
        return f"{' '.join(self.points)} = {', '.join(map(str, self.constructions))}".rstrip()


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: clauses in order, the goals (all must hold; none for a bare figure), and given coordinates, if any.

    `auxiliary` are further clauses that whoever wrote the problem gives as help: they are no part of its statement.
    """

    name: str
    clauses: tuple[Clause, ...]
    goals: tuple[Fact, ...] = ()
    coordinates: tuple[tuple[str, Point], ...] = ()
    auxiliary: tuple[Clause, ...] = ()

    @property
    def points(self) -> tuple[str, ...]:
        """The points in the order in which they are introduced."""
        return tuple(point for clause in self.clauses for point in clause.points)

    @property
    def key(self) -> str:
        """The hash of the content, without the name."""
        content = repr((self.clauses, self.goals, self.coordinates, *self.auxiliary))
        return hashlib.sha256(content.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Diagram:
    """One figure of a problem: coordinates by point name, and the seed that drew it."""

    points: Mapping[str, Point]
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Deduction:
    """One step of a proof.

    `rule` is `hypothesis`, `linear` or a name in RULES. `premises` are indices of earlier steps. A rule step names
    the rule's `points` in the rule's order. A linear step carries the certificate:
    `multiple` times an equation of the conclusion is the sum of `weights[i] * (equation equations[i] of premise
    premises[i])`, checked exactly. `configuration` says that the step reads something off the figure: its guards.
    """

    conclusion: Fact
    rule: str
    premises: tuple[int, ...] = ()
    points: tuple[str, ...] = ()
    table: str = ""
    equations: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    multiple: int = 1
    guards: tuple[Fact, ...] = ()
    configuration: bool = False


@dataclass(frozen=True)
class Proof:
    """A problem (auxiliary clauses included), the seed of the figure it was found on, and the steps to the goals.

    `figure` has the coordinates of that figure: a hint, of which nothing is believed.
    """

    problem: Problem
    deductions: tuple[Deduction, ...]
    seed: int = 0
    auxiliary: tuple[Clause, ...] = ()
    figure: tuple[tuple[str, Point], ...] = ()

    @property
    def guards(self) -> tuple[Fact, ...]:
        """What the proof reads off the figure, each once, in order of use."""
        return tuple(dict.fromkeys(guard for step in self.deductions for guard in step.guards))


@dataclass(frozen=True, slots=True, init=False)
class Accepted:
    """The kernel's yes: the goals hold on every figure of the problem on which the guards do. Only it can say so.

    Attributes:
        guards: all that is assumed beyond the statement, in order of use.
        configuration: those of the guards that hold on some branches or figures of the problem only.
        notes: what else must be known, in a few words, such as "branches sampled".
        rules: the theorems that the proof uses and that are not ours, as rules.Rule.
    """

    guards: tuple[Fact, ...]
    configuration: tuple[Fact, ...]
    notes: tuple[str, ...]
    rules: tuple[Any, ...]

    def __init__(
        self,
        seal: object,
        guards: tuple[Fact, ...],
        configuration: tuple[Fact, ...],
        notes: tuple[str, ...],
        rules: tuple[Any, ...] = (),
    ) -> None:
        if seal is not _SEALS.get("kernel"):
            raise TypeError("only the kernel accepts a proof")
        object.__setattr__(self, "guards", guards)
        object.__setattr__(self, "configuration", configuration)
        if rules:
            notes = (*notes, f"by rules that are not ours: {', '.join(rule.name for rule in rules)}")
        object.__setattr__(self, "notes", notes)
        object.__setattr__(self, "rules", rules)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a verdict is not copied or sent: send the proof, and check it again")

    @property
    def assumed(self) -> tuple[Fact, ...]:
        """The guards against degenerate figures: those that are no configuration."""
        return tuple(fact for fact in self.guards if fact not in self.configuration)


_SEALS: dict[str, object] = {}


def seal() -> object:
    """What makes a verdict. It is given out once, and the kernel takes it when it is loaded."""
    if _SEALS:
        raise TypeError("only the kernel accepts a proof")
    return _SEALS.setdefault("kernel", object())


@dataclass(frozen=True, slots=True)
class Refused:
    """The kernel's no: the step (its index, or -1 for the proof as a whole) and the reason."""

    step: int
    reason: str


Verdict = Accepted | Refused
