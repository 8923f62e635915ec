"""Figures for the kernel to look at: candidates for the one that it certifies, and others to sort conditions by.

All know the hypotheses only. Nothing here is trusted: a candidate is certified, or it is not, and how conditions are
told is checked to say enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from maieutic.core.errors import ProofError
from maieutic.geometry.trusted.building import figure_order
from maieutic.geometry.trusted.degenerate import Strict
from maieutic.geometry.trusted.hints.branches import branches
from maieutic.geometry.trusted.hints.order import text_order
from maieutic.geometry.trusted.parts import Order
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Fact, Point, Problem, Proof

FRESH_SEED = 20_011
"""Fresh figures are drawn with the seeds from here on."""

FAILURES = 4
"""Seeds with which nothing can be drawn, after which no further one is tried."""

SORTING, SORTING_BLOCKS = 6, 2
"""Times as many choices are looked at while an order or a side is the same on all; fewer where there are blocks."""

INEQUATIONS = frozenset(("diff", "noverlap", "ncoll", "npara", "nperp", "ncong", "neqangle", "nreflect", "nsecond"))
"""What is false on all figures of a branch, or on special ones only: a few figures are enough to tell."""

WHOLE = -1
"""The step of a refusal that concerns the proof as a whole."""

FURTHER = 40
"""Seeds tried for an own figure, where the conditions hold on none of those that are at hand."""

Places = Mapping[str, Point]


def shows(fact: Fact, at: Places) -> bool:
    """Whether a fact is true on a figure, and all its points are there."""
    try:
        return all(point in at for point in fact.points) and holds(fact, at)
    except (ValueError, ArithmeticError):
        return False


class Figures:
    """Figures of a problem that know nothing of its goals: branches of some choices of what is free.

    Hypotheses can say the same twice on the proof's own figure, and not elsewhere: so they are drawn in two orders, by
    what is independent there, and by what is without any figure; where some say nothing new, also as the text has them.
    """

    def __init__(self, proof: Proof, wanted: int) -> None:
        self.proof = proof
        self.wanted = wanted
        own = dict(proof.figure) or dict(proof.problem.coordinates)
        self.order = figure_order(proof.problem, own)
        self.orders = tuple(dict.fromkeys((self.order, *_other_orders(proof.problem, self.order))))
        self.has_blocks = any(part.is_block for part in self.order.parts)
        self.sampled = False
        self._failures = 0
        self._choices: list[list[dict[str, Point]]] = []

    def choices(self, count: int) -> list[list[dict[str, Point]]]:
        """The branches of each of so many fresh choices, or of as many as can be drawn."""
        while len(self._choices) < count and self._failures < FAILURES:
            several = self.drawn(FRESH_SEED + self._failures + len(self._choices))
            if several:
                self._choices.append(several)
            else:
                self._failures += 1
        return self._choices[:count]

    @property
    def all(self) -> list[dict[str, Point]]:
        """All figures of the choices that are wanted."""
        return [at for several in self.choices(self.wanted) for at in several]

    @property
    def few(self) -> list[dict[str, Point]]:
        """One of each choice. Raises ProofError where none can be drawn."""
        found = self.choices(self.wanted)
        if self.wanted and not found:
            raise ProofError("no fresh figure can be drawn")
        return [several[0] for several in found]

    def always(self, fact: Fact) -> bool:
        """Whether a fact holds on every figure: of an order or a side, on more than for the rest."""
        if not all(shows(fact, at) for at in self.all):
            return False
        if fact.predicate in INEQUATIONS:
            return True
        further = self.choices(self.wanted * (SORTING_BLOCKS if self.has_blocks else SORTING))[self.wanted :]
        return all(shows(fact, at) for several in further for at in several)

    def drawn(self, seed: int) -> list[dict[str, Point]]:
        """The branches of one choice."""
        figures: list[dict[str, Point]] = []
        for order in self.orders:
            found = branches(self.proof.problem, order, seed, len(self.proof.auxiliary))
            self.sampled = self.sampled or found.sampled
            figures += found.figures
        return figures

    def candidates(self) -> Iterator[dict[str, Point]]:
        """Figures that may be certified: those that are given, those drawn by the proof's seed, and fresh ones."""
        for places in (self.proof.figure, self.proof.problem.coordinates):
            if set(self.proof.problem.points) <= {name for name, _ in places}:
                yield dict(places)
        yield from self.drawn(self.proof.seed)
        yield from self.all
        if not self.has_blocks and self._failures < FAILURES:
            for seed in range(self.proof.seed + 1, self.proof.seed + FURTHER):
                yield from self.drawn(seed)


def _other_orders(problem: Problem, own: Order) -> list[Order]:
    try:
        orders = [figure_order(problem)]
    except NoMeetError:
        orders = []
    if own.surplus:
        orders.append(text_order(problem))
    return [order for order in orders if not any(part.is_block for part in order.parts)]  # from many starts: slow


def named(
    listed: Sequence[Fact], together: Sequence[tuple[str, str]], figures: Figures, strict: Strict, problem: Problem
) -> tuple[Fact, ...]:
    """The conditions, where the figure's branch is one on which two points are one, in these words.

    E is a second point of the line ab on a circle through a and b: "E = A" says more to a reader than "E is not B".
    """
    goals = {frozenset(goal.points) for goal in problem.goals if goal.predicate == "overlap"}
    told, said = list(listed), ("diff", "ncoll")
    for names in together:
        same = Fact("overlap", names)
        if frozenset(names) in goals or figures.always(same):
            continue
        others = [fact for fact in told if fact.predicate not in said]
        implied = [
            fact
            for fact in told
            if fact.predicate in said and not figures.always(fact) and strict.implies(fact, [*others, same])
        ]
        if implied:
            told = [fact for fact in told if fact not in implied[1:]]
            told[told.index(implied[0])] = same
    return tuple(told)


def fewest(strict: Strict, wanted: Iterable[Fact]) -> list[Fact]:
    """As few of some facts, in their order, as are enough: with what is given, the others follow from them."""
    needed = [fact for fact in dict.fromkeys(wanted) if not strict.implies(fact)]
    rank = {"diff": 2, "noverlap": 2, "ncoll": 1}
    kept = list(needed)
    for fact in sorted(needed, key=lambda f: -rank.get(f.predicate, 0)):
        others = [other for other in kept if other is not fact]
        dropped = [other for other in needed if other not in kept]
        if strict.implies(fact, others) and strict.gives([fact, *dropped], others):
            kept = others
    return kept


def false_on(at: Places, proof: Proof, grounds: Sequence[Sequence[Fact]]) -> int:
    """The first step that is false on a figure though all that it rests on holds there; WHOLE if there is none."""
    supported: list[bool] = []
    for index, (step, ground) in enumerate(zip(proof.deductions, grounds, strict=True)):
        rests = all(supported[p] for p in step.premises)
        supported.append(rests and all(shows(fact, at) for fact in ground))
        if supported[-1] and not shows(step.conclusion, at):
            if not all(point in at for point in step.conclusion.points):  # an auxiliary point that is not there
                supported[-1] = False
                continue
            if not step.premises and step.rule == "hypothesis":  # drawn, and looked at, before
                supported[-1] = False
                continue
            return index
    return WHOLE
