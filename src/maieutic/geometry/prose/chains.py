"""A certificate as a chain: ∠ABX = ∠ACB₁ = ..., each equality by one fact.

A certificate says that weights times equations sum to the conclusion; a reader wants an order in which to add them, so
that every partial sum is an angle, a ratio or a difference that can be named. Bonds (collinear points and parallels in
directions, equal lengths elsewhere) only rename lines and lengths: they are divided out. Equations on points of one
circle are first added up, then cut again into as few inscribed angles as will do. A beam search then orders what is
left by how short the partial sums are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from maieutic.geometry.prose.certify import Inference, certify, linear_inference, support
from maieutic.geometry.prose.classes import BONDS, Classes
from maieutic.geometry.prose.inscribed import Circle, Item, Rims, fact_of, inscribed, join, minus
from maieutic.geometry.prose.vectors import Vectors
from maieutic.geometry.trusted.predicates import Equation, Table, Unknown, combine, equations, make_equation
from maieutic.geometry.trusted.records import Fact

BEAM = 60
MOST_ITEMS = 40
BARE = 1.5
"""What a chain that ends in a constant, "... = 90°", must be better by than one between two angles."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One equality: the expression `after` it, the fact that it states, its premises and its inference.

    Of sines there are no such facts: then there is only the list of premises. `reasons` are the facts as a reader sees
    them, each with those of the premises that it stands for.
    """

    after: Equation
    fact: Fact | None
    facts: tuple[Fact, ...]
    work: tuple[Inference, ...] = ()
    reasons: tuple[tuple[Fact, tuple[Fact, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """The first expression and the equalities; `multiple` times the conclusion is first minus last."""

    first: Equation
    links: tuple[ChainLink, ...]
    multiple: int


# --- from a certificate to items -------------------------------------------------------------------------------------


def items_of(inference: Inference, classes: Classes, rims: Rims) -> list[Item]:
    """What is to be added up, in units; equations on one circle as inscribed angles and isosceles triangles."""
    circles: list[Circle] = []
    items: list[Item] = []
    for fact, number, weight in zip(inference.premises, inference.equations, inference.weights, strict=True):
        if fact in classes.bonds:
            continue
        if fact.predicate == "cyclic" or fact in rims:
            centre, points = (rims[fact][:1], rims[fact][1:]) if fact in rims else ((), fact.points)
            join(circles, Circle(set(points), set(centre), {(fact, number): weight}))
            continue
        equation = combine(classes.table, [(Fraction(1 if weight > 0 else -1), equations(fact)[number])])
        items += [Item(equation, (fact,), fact)] * abs(weight)
    for circle in circles:
        items += inscribed(circle)
    return [item for item in items if classes.reduce(item.equation).terms or classes.reduce(item.equation).constants]


# --- what a conclusion says, as two sides ----------------------------------------------------------------------------


def sides(conclusion: Fact, table: Table, classes: Classes) -> Iterator[tuple[Equation, Equation]]:
    """The ways to write a conclusion as left side = right side."""
    for equation in (e for e in equations(conclusion) if e.table == table):
        constant = make_equation(table, {}, {k: -v for k, v in equation.constants})
        terms = equation.terms
        ups = [u for u, w in terms for _ in range(int(w))]
        downs = [u for u, w in terms for _ in range(int(-w))]
        simple = len(ups) == len(downs) and all(w.denominator == 1 for _, w in terms)
        if simple and len(ups) == 2:
            pairs = [((ups[0], d), (ups[1], e)) for d, e in (downs, downs[::-1])]
            if conclusion.predicate in ("eqangle", "eqratio"):
                pairs = [p for p in pairs if _as_written(conclusion, p)] or pairs
                pairs = [p if p[0][0] == _segment(conclusion, 0) else p[::-1] for p in pairs]
            for (a, b), (c, d) in pairs:
                left = make_equation(table, {a: Fraction(1), b: Fraction(-1)}, {})
                right = make_equation(table, {d: Fraction(1), c: Fraction(-1)}, {})
                yield left, combine(table, [(Fraction(1), right), (Fraction(1), constant)])
        elif simple and len(ups) == 1 and table == "direction":
            for other in sorted({classes.find(u) for u in classes.parent}):
                if classes.find(ups[0]) == other or classes.find(downs[0]) == other:
                    continue
                left = make_equation(table, {ups[0]: Fraction(1), other: Fraction(-1)}, {})
                right = make_equation(table, {downs[0]: Fraction(1), other: Fraction(-1)}, {})
                yield left, combine(table, [(Fraction(1), right), (Fraction(1), constant)])
        if equation.constants or not (simple and len(ups) == 2):
            if table == "direction":
                yield make_equation(table, dict(terms), {}), constant
            else:
                left = make_equation(table, {u: w for u, w in terms if w > 0}, {})
                right = make_equation(table, {u: -w for u, w in terms if w < 0}, {})
                yield left, combine(table, [(Fraction(1), right), (Fraction(1), constant)])


def _segment(fact: Fact, i: int) -> Unknown:
    return tuple(sorted(fact.points[2 * i : 2 * i + 2]))


def _as_written(fact: Fact, pairs: tuple[tuple[Unknown, Unknown], tuple[Unknown, Unknown]]) -> bool:
    segments = [_segment(fact, i) for i in range(4)]
    return {frozenset(pairs[0]), frozenset(pairs[1])} == {frozenset(segments[:2]), frozenset(segments[2:])}


# --- the order -------------------------------------------------------------------------------------------------------


def ordered(first: Equation, items: Sequence[Item], classes: Classes) -> tuple[float, list[int]]:
    """The order of adding the items that keeps the partial sums short, and its cost; by beam search."""
    start = classes.reduce(first)
    reduced = [classes.reduce(item.equation) for item in items]
    vectors = Vectors([start, *reduced], classes)
    units = [vectors.vector(unit) for unit in reduced]
    beam: dict[int, tuple[float, tuple[int, ...], tuple[int, ...]]] = {0: (0.0, (), vectors.vector(start))}
    for _ in units:
        following: dict[int, tuple[float, tuple[int, ...], tuple[int, ...]]] = {}
        for mask, (spent, order, state) in beam.items():
            seen: set[tuple[int, ...]] = set()
            for i, unit in enumerate(units):
                if mask >> i & 1 or unit in seen:
                    continue
                seen.add(unit)
                after = vectors.minus(state, unit)
                total = spent + vectors.cost(after)
                if mask | 1 << i not in following or total < following[mask | 1 << i][0]:
                    following[mask | 1 << i] = (total, (*order, i), after)
        beam = dict(sorted(following.items(), key=lambda entry: entry[1][0])[: BEAM if len(units) <= 16 else BEAM // 4])
    spent, order, _ = min(beam.values(), key=lambda entry: entry[0])
    return spent + vectors.cost(vectors.vector(start)), list(order)


def make_chain(inference: Inference, rims: Rims) -> Chain | None:
    """A linear inference as a chain; None where no readable one is found."""
    table: Table = inference.table  # type: ignore[assignment]
    bonds = [f for f in inference.premises if f.predicate in BONDS[table]]
    used = [equations(f)[n] for f, n in zip(inference.premises, inference.equations, strict=True)]
    classes = Classes(table, bonds, [*used, *(e for e in equations(inference.conclusion) if e.table == table)])
    items = items_of(inference, classes, rims)
    if not items or len(items) > MOST_ITEMS:
        return None
    best: tuple[float, list[int], Equation, Equation] | None = None
    for left, right in sides(inference.conclusion, table, classes):
        for sign in (1, -1):
            m = Fraction(inference.multiple)
            a, b = (combine(table, [(m, side)]) for side in ((left, right) if sign == 1 else (right, left)))
            if not _reaches(a, b, items, classes):
                continue
            spent, order = ordered(a, items, classes)
            if not a.terms or not b.terms:
                spent *= BARE
            if best is None or spent < best[0]:
                best = (spent, order, a, b)
        if best and len(items) > 10:
            break
    if best is None:
        return None
    return _written(inference, classes, [items[i] for i in best[1]], best[2], best[3])


def _reaches(first: Equation, last: Equation, items: Sequence[Item], classes: Classes) -> bool:
    total = [(Fraction(1), classes.reduce(first)), (Fraction(-1), classes.reduce(last))]
    rest = combine(first.table, [*total, *((Fraction(-1), classes.reduce(i.equation)) for i in items)])
    return not rest.terms and not rest.constants


# --- writing it out --------------------------------------------------------------------------------------------------


def _written(
    inference: Inference, classes: Classes, items: list[Item], first: Equation, last: Equation
) -> Chain | None:
    partial = [classes.reduce(first)]
    for item in items:
        partial.append(minus(partial[-1], classes.reduce(item.equation)))
    items, partial = _without_returns(items, partial)
    states = [first]
    for k in range(1, len(items)):
        nearby = [u for j in (k - 1, k) for u, _ in items[j].equation.terms]
        states.append(named(partial[k], nearby, classes))
    states, groups = _without_detours([*states, last], [[item] for item in items])
    links: list[ChainLink] = []
    for (before, after), group in zip(pairwise(states), groups, strict=True):
        equation = minus(before, after)
        if not equation.terms and not equation.constants:
            continue
        link = _link(equation, after, group, classes)
        if link is None:
            return None
        links.append(link)
    return Chain(first, tuple(links), inference.multiple) if links else None


def _link(equation: Equation, after: Equation, group: list[Item], classes: Classes) -> ChainLink | None:
    """The equality of two neighbours in a chain, exactly certified."""
    named = list(dict.fromkeys(f for item in group for f in item.facts))
    known = [*named, *classes.bonds_of(equation, group)]
    if any(len(u) == 3 for u, _ in equation.terms):
        fact, work, premises = None, None, support(equation, known)
    else:
        fact = fact_of(equation)
        work = certify(fact, known, classes.table)
        premises = work.premises if work else None
    if premises is None:
        return None
    reasons = {item.said: tuple(f for f in item.facts if f in premises) for item in group}
    reasons |= {f: (f,) for f in premises if f not in named}
    shown = tuple((f, by) for f, by in reasons.items() if by)
    return ChainLink(after, fact, premises, (work,) if work else (), shown)


def _without_returns(items: list[Item], partial: list[Equation]) -> tuple[list[Item], list[Equation]]:
    """Cut out what leads from a partial sum back to the same one."""
    k = 0
    while k < len(partial):
        again = max(j for j in range(k, len(partial)) if partial[j] == partial[k])
        if again > k and again - k < len(items):
            items, partial = items[:k] + items[again:], partial[:k] + partial[again:]
        k += 1
    return items, partial


def _without_detours(states: list[Equation], groups: list[list[Item]]) -> tuple[list[Equation], list[list[Item]]]:
    """Leave out a partial sum with a constant, or two angles, between two without: two right angles in one go."""
    k = 1
    while k < len(states) - 1:
        before, here, after = states[k - 1 : k + 2]
        detour = bool(here.constants) and not before.constants and not after.constants
        again = before.terms == here.terms and before.constants == here.constants
        if (detour and len(groups[k - 1]) + len(groups[k]) <= 2) or again:
            states = states[:k] + states[k + 1 :]
            groups = [*groups[: k - 1], groups[k - 1] + groups[k], *groups[k + 1 :]]
        else:
            k += 1
    return states, groups


def named(state: Equation, nearby: Sequence[Unknown], classes: Classes) -> Equation:
    """A partial sum over classes with a segment for each: angles with a vertex, and segments that stand nearby."""
    if classes.table != "direction":
        terms: dict[Unknown, Fraction] = {}
        for root, weight in state.terms:
            name = next((u for u in nearby if classes.find(u) == root), classes.members.get(root, [root])[0])
            terms[name] = terms.get(name, Fraction(0)) + weight
        return make_equation(classes.table, terms, dict(state.constants))
    ups = [u for u, w in state.terms for _ in range(int(w)) if w > 0]
    downs = [u for u, w in state.terms for _ in range(-int(w)) if w < 0]
    terms = {}
    for up, down in _paired(ups, downs, classes):
        pairs = sorted(classes.meeting(up, down)) if down else []
        if pairs:
            named: list[Unknown] = list(max(pairs, key=lambda pair: sum(u in nearby for u in pair)))
        else:
            named = [_one(root, nearby, classes) for root in (up, down) if root]
        for segment, sign in zip(named, (1, -1), strict=False):
            terms[segment] = terms.get(segment, Fraction(0)) + sign
    return make_equation(classes.table, terms, dict(state.constants))


def _one(root: Unknown, nearby: Sequence[Unknown], classes: Classes) -> Unknown:
    return next((u for u in nearby if classes.find(u) == root), classes.members.get(root, [root])[0])


def _paired(ups: list[Unknown], downs: list[Unknown], classes: Classes) -> Iterator[tuple[Unknown, Unknown | None]]:
    rest = list(downs)
    for up in sorted(ups, key=lambda u: sum(bool(classes.meeting(u, d)) for d in downs)):
        down = next((d for d in rest if classes.meeting(up, d)), rest[0] if rest else None)
        if down:
            rest.remove(down)
        yield up, down


def total_inference(conclusion: Fact, chain: Chain, table: Table) -> Inference:
    """The conclusion from the facts of a chain's links. Raises ValueError for one about sines."""
    used = [(link.fact, 0, 1) for link in chain.links if link.fact]
    if len(used) < len(chain.links):
        raise ValueError("sines have no fact of their own")
    return linear_inference(conclusion, table, used, chain.multiple)
