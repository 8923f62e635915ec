"""From a closure to a proof: traceback, minimising, exact certificates.

The equations in a closure's tables are independent, so each fact that follows is one combination of them only: the
traceback solves for it (modulo the prime, then as fractions) and recurses into the premises of every instance that
it meets. That gives a proof, not a short one. Minimising drops, one by one, every instance and hypothesis without
which a small fixpoint over the rest still reaches the goal; what remains is needed. The certificates of the minimal
proof are then written out with integer weights and checked here with exact constants, as the kernel will again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numba import njit
from numpy.typing import NDArray

from maieutic.core.errors import ProofError
from maieutic.geometry.closure import ORDER_ALL, Closure, question_value, ratio_of
from maieutic.geometry.fixpoint import (
    EQUAL,
    HYPOTHESIS,
    Equals,
    Equations,
    Log,
    Systems,
    all_hold,
    assume,
    instances_of,
    run,
)
from maieutic.geometry.matching import WIDTH
from maieutic.geometry.linear import PRIME, fold, inverse, new_system
from maieutic.geometry.predicates import PREDICATES, TABLES, Equation, Table, combine, equations, expand
from maieutic.geometry.records import Deduction, Fact, Proof
from maieutic.geometry.rules import RULES, Rule
from maieutic.geometry.sines import SineItem
from maieutic.geometry.templates import Way, shapes, templates

Element = tuple[int, int, int]
"""A part of a proof that can be dropped: (stage or HYPOTHESIS or EQUAL, instance, way)."""


# --- solving for certificates ----------------------------------------------------------------------------------------


@njit(cache=True)
def _invert(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For independent rows E [m, n] over the prime field: pivot columns and K [m, m] with (K E)[:, pivots] = 1."""
    m, n = rows.shape
    k = np.zeros((m, m), np.int64)
    pivots = np.full(m, -1, np.int64)
    for i in range(m):
        k[i, i] = 1
    used = np.zeros(n, np.bool_)
    for i in range(m):
        p = -1
        for j in range(n):
            if rows[i, j] != 0 and not used[j]:
                p = j
                break
        if p < 0:
            continue
        used[p] = True
        pivots[i] = p
        scale = inverse(rows[i, p])
        for j in range(n):
            if rows[i, j] != 0:
                rows[i, j] = fold(rows[i, j] * scale)
        for j in range(i + 1):
            if k[i, j] != 0:
                k[i, j] = fold(k[i, j] * scale)
        for r in range(m):
            factor = rows[r, p]
            if r == i or factor == 0:
                continue
            minus = PRIME - factor
            for j in range(n):
                if rows[i, j] != 0:
                    rows[r, j] = fold(rows[r, j] + fold(minus * rows[i, j]))
            for j in range(i + 1):
                if k[i, j] != 0:
                    k[r, j] = fold(k[r, j] + fold(minus * k[i, j]))
    return pivots, k


def _fraction(residue: int) -> Fraction:
    """The fraction with small numerator and denominator that a residue stands for."""
    a, b, u, v = PRIME, residue % PRIME, 0, 1
    while b > 32767:
        q = a // b
        a, b, u, v = b, a - q * b, v, u - q * v
    if v == 0 or abs(v) > 32767:
        raise ProofError("a certificate has no small weights")
    return Fraction(b, v)


class Solver:
    """Writes equations as combinations of the logged ones, table by table."""

    def __init__(self, entries: NDArray[np.int32], equation_of: Callable[[int], Equation]) -> None:
        self.of_table: list[list[int]] = [[] for _ in TABLES]
        for index, entry in enumerate(entries):
            self.of_table[int(entry[0])].append(index)
        self.equation_of = equation_of
        self.solved: dict[int, tuple[dict[tuple[str, ...], int], NDArray[np.int64], NDArray[np.int64]]] = {}

    def _table(self, table: int) -> tuple[dict[tuple[str, ...], int], NDArray[np.int64], NDArray[np.int64]]:
        if table not in self.solved:
            members = [self.equation_of(i) for i in self.of_table[table]]
            columns: dict[tuple[str, ...], int] = {}
            for equation in members:
                for unknown, _ in equation.terms:
                    columns.setdefault(unknown, len(columns))
            rows = np.zeros((len(members), max(1, len(columns))), np.int64)
            for i, equation in enumerate(members):
                for unknown, weight in equation.terms:
                    rows[i, columns[unknown]] = weight.numerator * pow(weight.denominator, -1, PRIME) % PRIME
            pivots, k = _invert(rows)
            self.solved[table] = columns, pivots, k
        return self.solved[table]

    def combination(self, equation: Equation) -> list[tuple[int, Fraction]]:
        """The logged equations and weights that sum to an equation (its constants aside).

        Raises ProofError if there are none: the equation does not follow.
        """
        if not equation.terms:
            return []
        table = TABLES.index(equation.table)
        columns, pivots, k = self._table(table)
        target = {columns.get(u, -1): w.numerator * pow(w.denominator, -1, PRIME) % PRIME for u, w in equation.terms}
        total: NDArray[np.int64] = np.zeros(len(pivots), np.int64)
        for i, pivot in enumerate(pivots):
            weight = target.get(int(pivot), 0)
            if weight:
                total = (total + weight * k[i]) % PRIME
        chosen = [(self.of_table[table][int(i)], _fraction(int(total[i]))) for i in np.flatnonzero(total)]
        rest = combine(equation.table, [(Fraction(-1), equation), *((w, self.equation_of(i)) for i, w in chosen)])
        if rest.terms:
            raise ProofError(f"an equation in {equation.table} does not follow from the closure")
        return chosen


# --- what the log says -----------------------------------------------------------------------------------------------


@dataclass
class Trace:
    """The log of a run, read back as facts and equations over names."""

    closure: Closure
    entries: NDArray[np.int32]
    _memo: dict[int, tuple[tuple[Fact, int, int], ...]] = field(default_factory=dict)

    def way(self, entry: Iterable[int]) -> tuple[Way, tuple[str, ...], tuple[Equation, ...]]:
        """The way of an instance's entry, the names in the shape's order, the shape's slots."""
        _, stage, instance, way, _ = entry
        row = self.closure.stages[stage].rows[instance]
        shape = shapes(self.closure.options.square_table)[row[0]]
        points = self.closure.points
        return shape.ways[way], tuple(points[p] for p in row[1:] if p >= 0), shape.slots

    def parts(self, index: int) -> tuple[tuple[Fact, int, int], ...]:
        """The facts that an entry states, which of their equations, and weights: their sum is the added equation."""
        if index not in self._memo:
            entry = tuple(map(int, self.entries[index]))
            item = self.sine_item(entry)
            self._memo[index] = item.parts if item else ((*self._fact(entry), 1),)
        return self._memo[index]

    def sine_item(self, entry: tuple[int, ...]) -> SineItem | None:
        """What the sines added, if it was they."""
        if entry[1] > EQUAL - 1:
            return None
        done = next(p for p in self.closure.sine_passes if entry[2] < p.end)
        return done.item(entry[2], self.closure.points)

    def _fact(self, entry: tuple[int, ...]) -> tuple[Fact, int]:
        table, stage, instance, _, slot = entry
        if stage == HYPOTHESIS:
            return self.closure.assumed[instance]
        if stage == EQUAL:
            fact = self.equal_fact(instance)
            return fact, [e.table for e in equations(fact)].index(TABLES[table])
        way, names, slots = self.way(entry)
        target = _named(slots[slot], names)
        facts = (_renamed(way.fact, names),) if way.fact else _instance(way, names).conclusions
        for fact in facts:
            for i, equation in enumerate(equations(fact)):
                if _homogeneous(equation) == target:
                    return fact, i
        raise ProofError(f"no conclusion of {way.rule} is the added equation")

    def equation(self, index: int) -> Equation:
        return _total(self.parts(index))

    def equal_fact(self, instance: int) -> Fact:
        """The statement on two lengths behind an agreement of tables."""
        closure = self.closure
        assert closure.equals is not None
        a, b = closure.ends[int(closure.equals.first[instance])]
        c, d = closure.ends[int(closure.equals.second[instance])]
        ratio, squared = ratio_of(int(closure.which[instance]), closure.extra)
        if ratio == 1:
            return Fact("cong", (a, b, c, d))
        return Fact("rsqconst" if squared else "rconst", (a, b, c, d), (ratio,))

    def premises(self, index: int) -> list[tuple[Fact, Equation]]:
        """What an entry needed: facts, each with the equation by which it was known."""
        entry = tuple(map(int, self.entries[index]))
        _, stage, instance, _, _ = entry
        if stage == HYPOTHESIS:
            return []
        item = self.sine_item(entry)
        if item:
            return [premise for _, _, premises in item.steps for premise in premises]
        if stage == EQUAL:
            fact = self.equal_fact(instance)
            return [(fact, equation) for equation in equations(fact) if equation.table == TABLES[entry[3]]]
        way, names, slots = self.way(entry)
        if way.fact:
            needed = _named(slots[way.needs.bit_length() - 1], names)
            fact = _renamed(way.fact, names)
            return [(fact, next(e for e in equations(fact) if _homogeneous(e) == needed))]
        over_positions = RULES[way.rule].instance(tuple(map(str, way.positions))).premises
        return [(_renamed(fact, names), _named(equations(fact)[0], names)) for fact in over_positions]


def _total(parts: tuple[tuple[Fact, int, int], ...]) -> Equation:
    weighted = [(Fraction(weight), equations(fact)[which]) for fact, which, weight in parts]
    return combine(weighted[0][1].table, weighted)


def _homogeneous(equation: Equation) -> Equation:
    return Equation(equation.table, equation.terms).normal()


def _named(equation: Equation, names: tuple[str, ...]) -> Equation:
    """A slot over positions as an equation over names."""
    terms: dict[tuple[str, ...], Fraction] = {}
    for (a, b), weight in equation.terms:
        x, y = names[int(a)], names[int(b)]
        if x != y:
            key = (min(x, y), max(x, y))
            terms[key] = terms.get(key, Fraction(0)) + weight
    return Equation(equation.table, tuple(sorted((u, w) for u, w in terms.items() if w))).normal()


def _renamed(fact: Fact, names: tuple[str, ...]) -> Fact:
    return Fact(fact.predicate, tuple(names[int(p)] for p in fact.points), fact.values)


def _instance(way: Way, names: tuple[str, ...]) -> Rule:
    return RULES[way.rule].instance(tuple(names[p] for p in way.positions))


# --- minimising ------------------------------------------------------------------------------------------------------


def _needed(trace: Trace, solver: Solver, goals: list[Equation]) -> list[int]:
    """The entries that a proof of the goals uses, in the order of the log."""
    needed: set[int] = set()
    waiting = list(goals)
    while waiting:
        for index, _ in solver.combination(waiting.pop()):
            if index not in needed:
                needed.add(index)
                waiting += [equation for _, equation in trace.premises(index)]
    return sorted(needed)


class Replay:
    """The fixpoint over a few chosen hypotheses, instances and agreements, on few columns: microseconds a run."""

    def __init__(self, closure: Closure, elements: list[Element], goals: list[Equation]) -> None:
        self.closure = closure
        self.square_table = closure.options.square_table
        self.templates = templates(self.square_table)
        self.goals = goals
        self.elements = elements
        used = {unknown for goal in goals for unknown, _ in goal.terms}
        hypotheses = [i for stage, i, _ in elements if stage == HYPOTHESIS]
        for i in hypotheses:
            fact, which = closure.assumed[i]
            used |= {unknown for unknown, _ in equations(fact)[which].terms}
        self.items = {
            (stage, i): done.item(i, closure.points)
            for stage, i, _ in elements
            if stage < EQUAL
            for done in [next(p for p in closure.sine_passes if i < p.end)]
        }
        self.conclusions = {key: _total(item.parts) for key, item in self.items.items()}
        for key, item in self.items.items():
            needed = [e for _, _, premises in item.steps for _, e in premises]
            used |= {unknown for e in (*needed, self.conclusions[key]) for unknown, _ in e.terms}
        points = sorted({closure.names[p] for unknown in used for p in unknown} | self._row_points())
        self.sines = sorted(unknown for unknown in used if len(unknown) == 3)
        self.number = {p: i for i, p in enumerate(points)}
        n = len(points)
        self.segment = np.zeros((n, n), np.int32)
        for j in range(n):
            for i in range(j):
                self.segment[i, j] = self.segment[j, i] = j * (j - 1) // 2 + i + 1
        self.size = n * (n - 1) // 2 + 1

    def _row_points(self) -> set[int]:
        found: set[int] = set()
        for stage, instance, _ in self.elements:
            if stage >= 0:
                found.update(int(p) for p in self.closure.stages[stage].rows[instance][1:] if p >= 0)
            elif stage == EQUAL:
                assert self.closure.equals is not None
                for side in (self.closure.equals.first, self.closure.equals.second):
                    found.update(self.closure.names[p] for p in self.closure.ends[int(side[instance])])
        return found

    def _column(self, unknown: tuple[str, ...]) -> int:
        if len(unknown) == 3:
            return self.size + self.sines.index(unknown)
        a, b = (self.number[self.closure.names[p]] for p in unknown)
        return int(self.segment[a, b])

    def _pack(self, wanted: list[Equation]) -> Equations:
        width = max([len(e.terms) for e in wanted], default=1) or 1
        packed = Equations(
            np.array([TABLES.index(e.table) for e in wanted], np.int16),
            np.zeros((len(wanted), width), np.int32),
            np.zeros((len(wanted), width), np.int64),
            np.array([len(e.terms) for e in wanted], np.int32),
        )
        for i, equation in enumerate(wanted):
            for j, (unknown, weight) in enumerate(equation.terms):
                packed.columns[i, j] = self._column(unknown)
                packed.weights[i, j] = weight.numerator * pow(weight.denominator, -1, PRIME) % PRIME
        return packed

    def prepare(self) -> None:
        """Arrays of all elements; a run then only masks them."""
        closure = self.closure
        self.hypotheses = [i for stage, i, _ in self.elements if stage == HYPOTHESIS]
        given = [closure.assumed[i] for i in self.hypotheses]
        self.packed = self._pack([equations(fact)[which] for fact, which in given])
        self.wanted = self._pack(self.goals)
        self.needs = {
            key: self._pack([e for _, _, premises in item.steps for _, e in premises]) for key, item in self.items.items()
        }
        self.gives = {key: self._pack([equation]) for key, equation in self.conclusions.items()}
        instances = sorted({(stage, i) for stage, i, _ in self.elements if stage >= 0})
        rows = np.full((len(instances), WIDTH), -1, np.int16)
        for k, (stage, i) in enumerate(instances):
            row = closure.stages[stage].rows[i]
            rows[k, 0] = row[0]
            for j in range(1, WIDTH):
                if row[j] >= 0:
                    rows[k, j] = self.number[int(row[j])]
        order = np.argsort(rows[:, 0], kind="stable")  # as instances_of will sort them
        self.instances = [instances[k] for k in order]
        self.place = {key: k for k, key in enumerate(self.instances)}
        self.base = instances_of(rows[order], self.segment, self.templates)

    def run(self, elements: Iterable[Element]) -> tuple[bool, Log, Systems]:
        """Whether the goals follow from these elements, and the log."""
        chosen = list(elements)
        closure = self.closure
        keep = [k for k, i in enumerate(self.hypotheses) if (HYPOTHESIS, i, 0) in set(chosen)]
        packed = Equations(*(array[keep] for array in self.packed))
        allowed = np.zeros(len(self.instances), np.int64)
        for stage, instance, way in chosen:
            if stage >= 0:
                allowed[self.place[stage, instance]] |= 1 << way
        base = self.base
        inst = base._replace(
            truth=np.zeros(len(self.instances), np.int64),
            seen=np.full(len(self.instances), -1, np.int32),
            allowed=allowed,
            alive=np.arange(len(self.instances)).astype(np.int32),
            count=base.start[1:] - base.start[:-1],
        )
        used = sorted({i for stage, i, _ in chosen if stage == EQUAL})
        source = closure.equals
        assert source is not None
        pick = np.array(used, np.int64)
        ends = closure.ends
        equals = Equals(
            np.array([self._column(ends[int(u)]) for u in source.first[pick]], np.int32),
            np.array([self._column(ends[int(u)]) for u in source.second[pick]], np.int32),
            source.ratio[pick],
            source.square[pick],
            np.zeros(len(used), np.int64),
            np.full(len(used), -1, np.int32),
        )
        sizes = (self.size, self.size + len(self.sines), self.size, self.size)
        systems: Systems = tuple(new_system(size, 11 + t) for t, size in enumerate(sizes))  # type: ignore[assignment]
        log = Log(np.zeros((4 * self.size + 64, 5), np.int32), np.zeros(3, np.int64))
        assume(packed, systems, log)
        waiting = [(stage, i) for stage, i, _ in chosen if stage < EQUAL]
        while True:
            state = run(
                inst, equals, self.wanted, systems, log, self.templates, ORDER_ALL, self.square_table, 4 * self.size + 8
            )
            ready = [key for key in waiting if all_hold(self.needs[key], systems)]
            if state or not ready:
                break
            for key in ready:
                waiting.remove(key)
                assume(self.gives[key], systems, log, *key)
        entries = log.entries[: log.state[0]]
        for entry in entries:  # back to the closure's numbers
            if entry[1] == HYPOTHESIS:
                entry[2] = self.hypotheses[keep[entry[2]]]
            elif entry[1] == EQUAL:
                entry[2] = used[entry[2]]
            elif entry[1] >= 0:
                entry[1], entry[2] = self.instances[entry[2]]
        return state == 1, log, systems


def _element(entry: Iterable[int]) -> Element:
    _, stage, instance, way, _ = map(int, entry)
    return (stage, instance, way if stage >= 0 else 0)


def minimal_entries(closure: Closure, goals: list[Equation]) -> NDArray[np.int32]:
    """The log of a run over elements each of which is needed. Raises ProofError if the goals do not follow."""
    entries = closure.log.entries[: closure.log.state[0]]
    trace = Trace(closure, entries)
    needed = _needed(trace, Solver(entries, trace.equation), goals)
    elements = list(dict.fromkeys(_element(entries[i]) for i in needed))
    replay = Replay(closure, elements, goals)
    replay.prepare()
    reached, log, _ = replay.run(elements)
    if not reached:
        raise ProofError("the traced elements do not reach the goal")
    for element in reversed(elements):
        rest = [e for e in elements if e != element]
        reached, shorter, _ = replay.run(rest)
        if reached:
            elements, log = rest, shorter
    return log.entries[: log.state[0]]


# --- writing it out --------------------------------------------------------------------------------------------------


class Writer:
    """Writes a minimal log as deductions."""

    def __init__(self, closure: Closure, entries: NDArray[np.int32]) -> None:
        self.trace = Trace(closure, entries)
        self.solver = Solver(entries, self.trace.equation)
        self.steps: list[Deduction] = []
        self.by_key: dict[frozenset[Equation], int] = {}
        self.of_entry: dict[int, int] = {}

    def prove(self, fact: Fact, known_by: Equation) -> int:
        """The step that concludes a fact, made if there is none yet, by the combination for one of its equations."""
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        parts = self._parts(known_by)
        if len(parts) == 1 and _key(parts[0][0]) == key:
            return self.state(parts[0][0], parts[0][3])
        premises = [self.state(part, index) for part, _, _, index in parts]
        if key in self.by_key:
            return self.by_key[key]
        return self._add(self._linear(fact, known_by, parts, premises))

    def _parts(self, equation: Equation) -> list[tuple[Fact, int, Fraction, int]]:
        """An equation as a sum over stated facts: (fact, which of its equations, weight, entry that states it)."""
        found: dict[tuple[Fact, int], tuple[Fraction, int]] = {}
        for index, weight in self.solver.combination(equation):
            for fact, which, share in self.trace.parts(index):
                before, entry = found.get((fact, which), (Fraction(0), index))
                found[fact, which] = before + weight * share, entry
        return [(fact, which, weight, index) for (fact, which), (weight, index) in found.items() if weight]

    def _linear(
        self, fact: Fact, known_by: Equation, parts: list[tuple[Fact, int, Fraction, int]], premises: list[int]
    ) -> Deduction:
        target = next(e for e in equations(fact) if _homogeneous(e) == _homogeneous(known_by))
        scale = target.terms[0][1] / known_by.terms[0][1] if target.terms else Fraction(1)
        scaled = [weight * scale for _, _, weight, _ in parts]
        multiple = math.lcm(*(w.denominator for w in scaled)) if scaled else 1
        weights = [int(w * multiple) for w in scaled]
        used = [equations(self.steps[step].conclusion) for step in premises]
        numbers = [_same_equation(e, equations(part)[which]) for e, (part, which, _, _) in zip(used, parts, strict=True)]
        rest = combine(
            target.table,
            [(Fraction(-multiple), target)]
            + [(Fraction(sign * w), e[number]) for w, e, (number, sign) in zip(weights, used, numbers, strict=True)],
        )
        if rest.terms or rest.constants:
            raise ProofError(f"the certificate of {fact} leaves a constant")
        branch = target.table == "direction" and multiple > 1
        return Deduction(
            conclusion=fact,
            rule="linear",
            premises=tuple(premises),
            table=target.table,
            equations=tuple(number for number, _ in numbers),
            weights=tuple(sign * w for w, (_, sign) in zip(weights, numbers, strict=True)),
            multiple=multiple,
            guards=PREDICATES[fact.predicate].guards(fact) + ((fact,) if branch else ()),
            configuration=branch,
        )

    def state(self, fact: Fact, index: int) -> int:
        """The step that states a fact of a logged equation."""
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        entry = tuple(map(int, self.trace.entries[index]))
        if entry[1] == HYPOTHESIS:
            return self._add(Deduction(fact, "hypothesis"))
        item = self.trace.sine_item(entry)
        if item:
            place = [part for part, _, _ in item.parts].index(fact)
            name, points, premises = item.steps[place]
            return self._rule(fact, RULES[name].instance(points), list(premises))
        premises_of = self.trace.premises(index)
        way, names = self.trace.way(entry)[:2] if entry[1] >= 0 else (None, ())
        if way is None or way.fact:  # an equivalence: the fact itself, by the equation that was known
            return self.prove(*premises_of[0])
        return self._rule(fact, _instance(way, names), premises_of)

    def _rule(self, fact: Fact, rule: Rule, premises: list[tuple[Fact, Equation]]) -> int:
        steps = tuple(dict.fromkeys(self.prove(*premise) for premise in premises))
        key = _key(fact)
        if key in self.by_key:
            return self.by_key[key]
        return self._add(
            Deduction(
                conclusion=fact,
                rule=rule.name,
                premises=steps,
                points=rule.points,
                guards=rule.guards + rule.reads,
                configuration=bool(rule.reads),
            )
        )

    def _add(self, step: Deduction) -> int:
        self.steps.append(step)
        self.by_key.setdefault(_key(step.conclusion), len(self.steps) - 1)
        return len(self.steps) - 1


def _same_equation(alternatives: tuple[Equation, ...], wanted: Equation) -> tuple[int, int]:
    """Which alternative an equation is, and whether with the same sign (1) or the opposite (-1)."""
    normal = wanted.normal()
    number = next(i for i, e in enumerate(alternatives) if e.normal() == normal)
    return number, 1 if alternatives[number].terms[0][1] == wanted.terms[0][1] else -1


def _key(fact: Fact) -> frozenset[Equation]:
    """What makes two facts the same statement: the same equations. (coll is more than para, cyclic than eqangle.)"""
    return frozenset(equation.normal() for equation in equations(fact))


def extract(closure: Closure, goals: Iterable[Fact]) -> Proof:
    """A minimal proof of facts that the closure proves. Raises ProofError if one does not follow."""
    wanted = [
        question_value(part, closure.diagram) if PREDICATES[part.predicate].kind == "question" else part
        for goal in goals
        for part in expand(goal)
    ]
    writer = Writer(closure, minimal_entries(closure, [equations(fact)[0] for fact in wanted]))
    for fact in wanted:
        writer.prove(fact, equations(fact)[0])
    return Proof(closure.problem, tuple(writer.steps), closure.diagram.seed)
