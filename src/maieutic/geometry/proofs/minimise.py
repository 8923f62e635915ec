"""Minimising: the elements of a proof without which it fails, found by running small fixpoints again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.fixpoint import (
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
from maieutic.geometry.engine.linear import new_system
from maieutic.geometry.engine.matching import WIDTH
from maieutic.geometry.engine.state import TIER_1, TIER_2, Closure, order_of, pack, residue
from maieutic.geometry.engine.templates import templates
from maieutic.geometry.proofs.certificates import Solver
from maieutic.geometry.proofs.trace import Trace, total
from maieutic.geometry.trusted.predicates import TABLES, Equation, equations

ORDER = order_of(TIER_1 + TIER_2)

Element = tuple[int, int, int]
"""A part of a proof that can be dropped: (stage or HYPOTHESIS or EQUAL or one of the sines', number, way)."""


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
        self.templates = templates(self.square_table, closure.options.rules)
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
        self.conclusions = {key: total(item.parts) for key, item in self.items.items()}
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
        return pack([(TABLES.index(e.table), [(self._column(u), residue(w)) for u, w in e.terms]) for e in wanted])

    def prepare(self) -> None:
        """Arrays of all elements; a run then only masks them."""
        closure = self.closure
        self.hypotheses = [i for stage, i, _ in self.elements if stage == HYPOTHESIS]
        given = [closure.assumed[i] for i in self.hypotheses]
        self.packed = self._pack([equations(fact)[which] for fact, which in given])
        self.wanted = self._pack(self.goals)
        self.needs = {
            key: self._pack([e for _, _, premises in item.steps for _, e in premises])
            for key, item in self.items.items()
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
        given = self.packed
        packed = Equations(given.table[keep], given.columns[keep], given.weights[keep], given.terms[keep])
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
            left=base.start[1:] - base.start[:-1],
        )
        used = sorted({i for stage, i, _ in chosen if stage == EQUAL})
        source = closure.equals
        assert source is not None
        pick = np.array(used, np.int64)
        ends = closure.ends
        equals = Equals(
            np.array([self._column(ends[int(u)]) for u in source.first[pick]], np.int32),
            np.array([self._column(ends[int(u)]) for u in source.second[pick]], np.int32),
            source.which[pick],
            source.ratio[pick],
            source.square[pick],
            np.zeros(len(used), np.int64),
            np.full(len(used), -1, np.int32),
        )
        size = self.size
        systems = new_system(size, 7), new_system(size + len(self.sines), 8), new_system(size, 9), new_system(size, 10)
        log = Log(np.zeros((4 * self.size + 64, 5), np.int32), np.zeros(3, np.int64))
        assume(packed, systems, log, HYPOTHESIS, 0)
        waiting = [(stage, i) for stage, i, _ in chosen if stage < EQUAL]
        while True:
            state = run(
                inst, equals, self.wanted, systems, log, self.templates, ORDER, self.square_table, 4 * self.size + 8
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


def elements_of(entries: NDArray[np.int32]) -> list[Element]:
    """The parts of a proof behind entries of a log, each once, in order."""
    parts = ((stage, number, way if stage >= 0 else 0) for _, stage, number, way, _ in entries.tolist())
    return list(dict.fromkeys(parts))


def _traced(closure: Closure, goals: list[Equation]) -> list[Element]:
    """The elements of the first proof of some goals. Raises ProofError if they do not follow."""
    entries = closure.log.entries[: closure.log.state[0]]
    trace = Trace(closure, entries)
    return elements_of(entries[_needed(trace, Solver(entries, trace.equation), goals)])


def minimal_entries(
    closure: Closure, goals: list[Equation], elements: Sequence[Element] | None = None
) -> NDArray[np.int32]:
    """The log of a run over elements each of which is needed. Raises ProofError if the goals do not follow.

    `elements` are those to choose from, where they are known already; otherwise they are traced back from the goals.
    """
    kept = _traced(closure, goals) if elements is None else list(elements)
    replay = Replay(closure, kept, goals)
    replay.prepare()
    reached, log, _ = replay.run(kept)
    if not reached:
        raise ProofError("the traced elements do not reach the goal")
    for element in reversed(kept.copy()):
        if element in kept:
            reached, shorter, _ = replay.run([e for e in kept if e != element])
            if reached:  # what gave nothing to this run is not needed either
                kept, log = elements_of(shorter.entries[: shorter.state[0]]), shorter
    return log.entries[: log.state[0]]
