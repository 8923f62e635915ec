"""Exact linear algebra on a handful of facts: the weights with which some of them add up to another.

A narrative regroups a proof's steps: it needs new certificates for its own intermediate statements. Systems are tiny
(a few premises), so plain elimination with fractions, or with integers where directions are modulo 1, is enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

from maieutic.geometry.trusted.predicates import PREDICATES, Equation, Table, combine, equations
from maieutic.geometry.trusted.records import Deduction, Fact

Row = dict[object, Fraction]


@dataclass(frozen=True, slots=True)
class Inference:
    """A deduction whose premises are facts, not numbers: it can be moved. Otherwise as records.Deduction."""

    conclusion: Fact
    rule: str
    premises: tuple[Fact, ...] = ()
    points: tuple[str, ...] = ()
    table: str = ""
    equations: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    multiple: int = 1
    guards: tuple[Fact, ...] = ()
    configuration: bool = False


def movable(step: Deduction, steps: Sequence[Deduction]) -> Inference:
    """A deduction with facts in place of the numbers of its premises."""
    content = {f.name: getattr(step, f.name) for f in fields(step)}
    return Inference(**{**content, "premises": tuple(steps[p].conclusion for p in step.premises)})


def deductions(works: Iterable[Inference]) -> tuple[Deduction, ...]:
    """Inferences as the numbered steps of a proof, each conclusion once."""
    steps: list[Deduction] = []
    place: dict[Fact, int] = {}
    for work in works:
        if work.conclusion not in place:
            content = {f.name: getattr(work, f.name) for f in fields(work)}
            content["premises"] = tuple(place[fact] for fact in work.premises)
            place[work.conclusion] = len(steps)
            steps.append(Deduction(**content))
    return tuple(steps)


def certify(conclusion: Fact, premises: Sequence[Fact], table: Table, integral: bool = True) -> Inference | None:
    """A linear inference of a fact from as few of some facts as possible, in one table; None if there is none.

    In directions, weights must be integers for an equation of the conclusion itself (`integral`), so that nothing is
    read off the figure.
    """
    targets = [e for e in equations(conclusion) if e.table == table]
    found = _fewest(targets, premises, table, integral)
    if found is None:
        return None
    multiple = math.lcm(*(w.denominator for _, _, w in found)) if found else 1
    used = [(fact, number, int(w * multiple)) for fact, number, w in found if w]
    return linear_inference(conclusion, table, used, multiple)


def support(equation: Equation, premises: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """As few as possible of some facts that give an equation; None if they do not."""
    found = _fewest([equation], premises, equation.table, True)
    return None if found is None else tuple(fact for fact, _, weight in found if weight)


_Weighted = list[tuple[Fact, int, Fraction]]
"""Facts, which of their equations, and with which weight."""


def _fewest(targets: Sequence[Equation], premises: Sequence[Fact], table: Table, integral: bool) -> _Weighted | None:
    whole = integral and table == "direction"
    chosen = list(dict.fromkeys(premises))
    if _solve(targets, chosen, table, whole) is None:
        return None
    for premise in reversed(list(chosen)):
        fewer = [p for p in chosen if p != premise]
        if _solve(targets, fewer, table, whole) is not None:
            chosen = fewer
    return _solve(targets, chosen, table, whole)


def _solve(targets: Sequence[Equation], premises: Sequence[Fact], table: Table, whole: bool) -> _Weighted | None:
    sources = [
        (fact, number, equation)
        for fact in premises
        for number, equation in enumerate(equations(fact))
        if equation.table == table
    ]
    for target in targets:
        weights = combination(target, [equation for _, _, equation in sources], whole)
        if weights is not None:
            return [(fact, number, w) for (fact, number, _), w in zip(sources, weights, strict=True)]
    return None


def linear_inference(
    conclusion: Fact, table: str, used: Iterable[tuple[Fact, int, int]], multiple: int = 1
) -> Inference:
    """The inference with premises (fact, which of its equations, weight)."""
    used = tuple(used)
    branch = table == "direction" and multiple > 1
    return Inference(
        conclusion,
        "linear",
        tuple(fact for fact, _, _ in used),
        (),
        table,
        tuple(number for _, number, _ in used),
        tuple(weight for _, _, weight in used),
        multiple,
        PREDICATES[conclusion.predicate].guards(conclusion) + ((conclusion,) if branch else ()),
        branch,
    )


def combination(target: Equation, rows: Sequence[Equation], whole: bool) -> list[Fraction] | None:
    """Weights with which equations of one table add up to another; integers if `whole`. None if there are none."""
    system = [(_row(row), {i: Fraction(1)}) for i, row in enumerate(rows)]
    if target.table == "direction":
        system.append(({1: Fraction(1)}, {}))  # constants are modulo 1
    rest, weights = _row(target), dict[int, Fraction]()
    columns = sorted({key for row, _ in system for key in row} | set(rest), key=repr)
    for column in columns:
        pivot = _pivot(system, column, whole)
        if rest.get(column):
            if pivot is None:
                return None
            factor = rest[column] / pivot[0][column]
            if whole and factor.denominator != 1:
                return None
            _subtract(rest, pivot[0], factor)
            _subtract(weights, pivot[1], -factor)
    found = [weights.get(i, Fraction(0)) for i in range(len(rows))]
    if target.table == "direction":
        check = combine("direction", [(Fraction(-1), target), *zip(found, rows, strict=True)])
        if check.terms or (check.constants and whole):
            return None
        if check.constants and math.lcm(*(w.denominator for w in found)) > 1:
            m = math.lcm(*(w.denominator for w in found))
            again = [(w * m, row) for w, row in zip(found, rows, strict=True)]
            check = combine("direction", [(Fraction(-m), target), *again])
        return None if check.constants else found
    return found


def _row(equation: Equation) -> Row:
    return {**dict(equation.terms), **dict(equation.constants)}


def _subtract(row: dict[object, Fraction] | dict[int, Fraction], other: object, factor: Fraction) -> None:
    target: dict[object, Fraction] = row  # type: ignore[assignment]
    for key, value in dict(other).items():  # type: ignore[call-overload]
        rest = target.get(key, Fraction(0)) - factor * value
        if rest:
            target[key] = rest
        else:
            target.pop(key, None)


def _pivot(
    system: list[tuple[Row, dict[int, Fraction]]], column: object, whole: bool
) -> tuple[Row, dict[int, Fraction]] | None:
    """Clear a column from all rows but one, which leaves the system; None if no row has it."""
    having = [row for row in system if row[0].get(column)]
    while len(having) > 1:
        having.sort(key=lambda row: (abs(row[0][column]), len(row[0])))
        first = having[0]
        for row in having[1:]:
            factor = row[0][column] / first[0][column]
            factor = Fraction(math.floor(factor)) if whole else factor
            _subtract(row[0], first[0], factor)
            _subtract(row[1], first[1], factor)
        having = [row for row in having if row[0].get(column)]
    if not having:
        return None
    system[:] = [row for row in system if row is not having[0]]
    return having[0]
