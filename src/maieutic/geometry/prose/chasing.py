"""Angle chases found anew, so that they are short: from a proof to one of the same theorem that is easier to tell.

The engine notes *a* reason for each equation, whichever came first, and it often goes a long way round. Where a step of
a proof is an angle chase of some length, the shortest one by all that is known before it is looked for (walks.py), and
put in its place. Steps that nobody needs any more are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from maieutic.geometry.figures.own import own_figure
from maieutic.geometry.prose.branches import Branch, branches
from maieutic.geometry.prose.certify import Inference, certify, deductions, movable
from maieutic.geometry.prose.chains import items_of, named, sides
from maieutic.geometry.prose.classes import BONDS, Classes
from maieutic.geometry.prose.equals import EqualRadii, Places
from maieutic.geometry.prose.framing import concluding
from maieutic.geometry.prose.inscribed import fact_of
from maieutic.geometry.prose.knowledge import Knowledge, Known
from maieutic.geometry.prose.lattice import Lattice
from maieutic.geometry.prose.vectors import Vectors
from maieutic.geometry.prose.walks import Walks
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import Equation, combine, equations, expand, make_equation, residual
from maieutic.geometry.trusted.records import Fact, Proof

SHORT = 3
"""A chase of so few equalities stays as it is."""

MOST = 60.0
"""What a chase may cost to read."""

CITED = 0.2
"""What it costs to cite a step, and not something given."""

MOST_BRANCHES = 12
"""Equations read off the figure that are tried."""

MOST_LEMMAS = 3
"""Steps of that kind before another one."""

MOST_ROUNDS = 16
"""How often such equations are looked for in one proof: it takes longer than anything else here."""

TRUE = 1e-6
"""An equation with a smaller residual is true on a figure."""


def rechased(proof: Proof) -> Proof:
    """A proof of the same goals by shorter angle chases."""
    return _Chaser(proof).proof()


class _Chaser:
    """Goes through a proof once: looks for shorter chases, and keeps what the goals need."""

    def __init__(self, source: Proof) -> None:
        self.source = source
        self.given: dict[Fact, Inference] = {}
        self.known: dict[Fact, Inference] = {}
        self.at = own_figure(source).points
        self.places = Places(self.at)
        self.rounds = 0
        self.equal = EqualRadii(self.places)
        for fact in hypotheses(source.problem):
            self._learn(Inference(fact, "hypothesis"), self.given)

    def proof(self) -> Proof:
        works = [movable(step, self.source.deductions) for step in self.source.deductions]
        for work in works:
            if work.conclusion in self.given or work.conclusion in self.known:
                continue
            again = self._again(work) if work.rule == "linear" and work.table == "direction" else []
            for each in again or [work]:
                self._learn(each, self.known)
        ends = [
            self.source.deductions[concluding(part, self.source)].conclusion
            for goal in self.source.problem.goals
            for part in expand(goal)
        ]
        steps = deductions(self._needed(ends))
        return replace(self.source, deductions=steps)

    def _learn(self, work: Inference, home: dict[Fact, Inference]) -> None:
        """Remember a conclusion, and what equal lengths say of angles."""
        home.setdefault(work.conclusion, work)
        for fact, inference in self.equal.learned(work.conclusion).items():
            if fact not in self.given:
                home.setdefault(fact, inference)

    def _needed(self, ends: Sequence[Fact]) -> list[Inference]:
        needed = set(ends)
        everything = {**self.given, **self.known}
        for fact in reversed(everything):
            if fact in needed:
                needed.update(everything[fact].premises)
        return [work for fact, work in everything.items() if fact in needed]

    def _again(self, work: Inference) -> list[Inference]:
        """A shorter chase for the same conclusion, after what it needs; [] if none is found."""
        length = self._length(work)
        if length <= SHORT and work.multiple == 1:
            return []
        search = self._search(work.conclusion, 1)
        found = search.chase(MOST)
        if found and (len(found.used) < length or work.multiple > 1):
            return [found.work]
        return self._branching(work, length) if length > SHORT and work.multiple > 1 else []

    def _search(self, conclusion: Fact, finer: int) -> _Search:
        return _Search([*self.given, *self.known], self.places, frozenset(self.given), conclusion, finer)

    def _branching(self, work: Inference, length: int) -> list[Inference]:
        """By equations that are read off the figure early: the one that helps most, or first another."""
        before: list[Inference] = []
        primes = [p for p in (2, 3, 5) if work.multiple % p == 0]
        for prime in primes * MOST_LEMMAS:
            if self.rounds == MOST_ROUNDS:
                break
            self.rounds += 1
            search = self._search(work.conclusion, prime)
            best: tuple[float, Inference, Chase] | None = None
            first: Inference | None = None
            for branch in islice(search.branches(prime, work.premises, self._true), MOST_BRANCHES):
                lemma = search.concluded(branch)
                if lemma is None or len(branch.numbers) >= length:
                    continue
                first = first or lemma
                chase = search.chase(best[0] - branch.cost if best else MOST, branch.equation, lemma.conclusion)
                if chase and len(chase.used) < length:
                    best = branch.cost + chase.cost, lemma, chase
            if best:
                return [*before, best[1], best[2].work]
            if first is None:
                continue
            before.append(first)
            self.known[first.conclusion] = first
        for lemma in before:
            del self.known[lemma.conclusion]
        return []

    def _true(self, equation: Equation) -> bool:
        """Whether an equation is true on the figure of the proof."""
        try:
            return bool(residual(equation, self.at) < TRUE)
        except ZeroDivisionError:
            return False

    def _length(self, work: Inference) -> int:
        used = [equations(f)[n] for f, n in zip(work.premises, work.equations, strict=True)]
        bonds = [f for f in work.premises if f.predicate in BONDS["direction"]]
        classes = Classes(
            "direction", bonds, [*used, *(e for e in equations(work.conclusion) if e.table == "direction")]
        )
        return len(items_of(work, classes, {}))


@dataclass(frozen=True, slots=True)
class Chase:
    """A chase that was found: its cost, the equations that it uses, and the inference."""

    cost: float
    used: tuple[Known, ...]
    work: Inference


class _Search:
    """The chases for one conclusion by all that is known."""

    def __init__(
        self, facts: Sequence[Fact], places: Places, given: frozenset[Fact], conclusion: Fact, finer: int
    ) -> None:
        self.conclusion = conclusion
        self.given = given
        self.targets = [e for e in equations(conclusion) if e.table == "direction"]
        self.knowledge = Knowledge(facts, self.targets, places)
        self.pairs = list(dict.fromkeys(_ends(conclusion, self.knowledge.classes)))
        everything = [k.equation for k in self.knowledge.known]
        shapes = [*everything, *(e for pair in self.pairs for e in pair)]
        self.vectors = Vectors(shapes, self.knowledge.classes, finer)
        self.walks = self._walks(())
        rows = [self.vectors.vector(k.equation) for k in self.knowledge.known]
        self.lattice = Lattice([*rows, (*self.vectors.zero[:-1], self.vectors.turn)])

    def _walks(self, more: tuple[Known, ...]) -> Walks:
        known = [*self.knowledge.known, *more]
        prices = [0.0 if self.given.issuperset(k.facts) else CITED for k in known]
        return Walks(self.vectors, [k.equation for k in known], prices)

    def chase(self, limit: float, more: Equation | None = None, by: Fact | None = None) -> Chase | None:
        """The easiest chase that costs less than a limit, with one equation more if there is one."""
        extra = (Known(self.knowledge.classes.reduce(more), (by,)),) if more and by else ()
        walks = self._walks(extra) if extra else self.walks
        best: tuple[float, list[int]] | None = None
        branch = self.vectors.vector(extra[0].equation) if extra else self.vectors.zero
        for start, end in self.pairs:
            ends = self.vectors.vector(start), self.vectors.vector(end)
            gap = self.vectors.minus(*ends)
            if gap not in self.lattice and self.vectors.minus(gap, branch) not in self.lattice:
                continue  # no way leads there
            best = walks.shortest(*ends, best[0] if best else limit) or best
        if best is None:
            return None
        known = [*self.knowledge.known, *extra]
        used = tuple(known[number] for number in best[1])
        work = self._certified(self.conclusion, used, integral=True)
        return Chase(best[0], used, work) if work else None

    def _certified(self, conclusion: Fact, used: Sequence[Known], integral: bool) -> Inference | None:
        named = dict.fromkeys(fact for each in used for fact in each.facts)
        lines = [*(k.equation for k in used), *(e for e in equations(conclusion) if e.table == "direction")]
        return certify(conclusion, [*named, *self.knowledge.bonds(lines)], "direction", integral)

    def branches(self, multiple: int, near: Iterable[Fact], true: Callable[[Equation], bool]) -> Iterator[Branch]:
        """What is read off the figure, about lines of some facts and of the conclusion."""
        spoken = [*self.targets, *(e for f in near for e in equations(f) if e.table == "direction")]
        lines = list(dict.fromkeys(self.knowledge.classes.find(u) for e in spoken for u, _ in e.terms))
        return branches(self.walks, self.vectors, self.lattice, multiple, lines, true)

    def concluded(self, branch: Branch) -> Inference | None:
        """The inference of a branch, as a fact that can be read."""
        fact = _angle_fact(branch.equation, self.knowledge.classes)
        used = [self.knowledge.known[number] for number in branch.numbers]
        work = self._certified(fact, used, integral=False)
        return work if work and work.multiple == branch.multiple else None


def _angle_fact(equation: Equation, classes: Classes) -> Fact:
    """An equation among classes of lines as a fact about segments, with vertices where there are some."""
    shown = named(equation, [], classes)
    ups = [u for u, w in shown.terms if w > 0]
    downs = [u for u, w in shown.terms if w < 0]
    if shown.constants or len(shown.terms) != 4 or len(ups) != 2:
        return fact_of(shown)
    (up, low), (down, high) = ups, downs
    if not set(up) & set(down):
        down, high = high, down
    return Fact("eqangle", (*up, *down, *high, *low))


def _ends(conclusion: Fact, classes: Classes) -> Iterator[tuple[Equation, Equation]]:
    """The two ends of a chase; of two lines, the lines themselves."""
    for equation in equations(conclusion):
        if equation.table == "direction" and len(equation.terms) == 2:
            (a, v), (b, w) = equation.terms
            if abs(v) == 1:
                constant = make_equation("direction", {}, {k: -x * v for k, x in equation.constants})
                line, other = (make_equation("direction", {u: Fraction(1)}, {}) for u in (a, b))
                yield (
                    classes.reduce(line),
                    classes.reduce(combine("direction", [(-w * v, other), (Fraction(1), constant)])),
                )
                if equation.constants:
                    yield classes.reduce(combine("direction", [(Fraction(1), line), (w * v, other)])), constant
                return
    for left, right in sides(conclusion, "direction", classes):
        yield classes.reduce(left), classes.reduce(right)
