"""Figures for the kernel to look at: candidates for the one that it certifies, and others to sort conditions by.

All know the hypotheses only. Nothing here is trusted: a candidate is certified, or it is not, and how conditions are
told is checked to say enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from maieutic.core.errors import ProofError
from maieutic.geometry.branches import branches
from maieutic.geometry.building import figure_order
from maieutic.geometry.degenerate import Strict
from maieutic.geometry.predicates import holds
from maieutic.geometry.records import Fact, Point, Problem, Proof

FRESH_SEED = 20_011
"""Fresh figures are drawn with the seeds from here on."""

ATTEMPTS = 4
"""Seeds tried for each fresh figure."""

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
    """Figures of a problem that know nothing of its goals: branches of a few choices of what is free."""

    def __init__(self, proof: Proof, wanted: int) -> None:
        self.proof = proof
        self.wanted = wanted
        self.order = figure_order(proof.problem, dict(proof.figure) or dict(proof.problem.coordinates))
        self.sampled = False

    @cached_property
    def _fresh(self) -> list[list[dict[str, Point]]]:
        """The branches of each fresh choice."""
        found: list[list[dict[str, Point]]] = []
        for seed in range(FRESH_SEED, FRESH_SEED + ATTEMPTS * self.wanted):
            if len(found) < self.wanted and (several := self.drawn(seed)):
                found.append(several)
        return found

    @property
    def all(self) -> list[dict[str, Point]]:
        return [at for several in self._fresh for at in several]

    @property
    def few(self) -> list[dict[str, Point]]:
        """One of each choice. Raises ProofError where none can be drawn."""
        if self.wanted and not self._fresh:
            raise ProofError("no fresh figure can be drawn")
        return [several[0] for several in self._fresh]

    def drawn(self, seed: int) -> list[dict[str, Point]]:
        """The branches of one choice."""
        found = branches(self.proof.problem, self.order, seed, len(self.proof.auxiliary))
        self.sampled = self.sampled or found.sampled
        return list(found.figures)

    def candidates(self) -> Iterator[dict[str, Point]]:
        """Figures that may be certified: those that are given, those drawn by the proof's seed, and fresh ones."""
        for places in (self.proof.figure, self.proof.problem.coordinates):
            if set(self.proof.problem.points) <= {name for name, _ in places}:
                yield dict(places)
        yield from self.drawn(self.proof.seed)
        yield from self.all
        if not any(part.is_block for part in self.order.parts):
            for seed in range(self.proof.seed + 1, self.proof.seed + FURTHER):
                yield from self.drawn(seed)


def named(
    listed: Sequence[Fact], together: Sequence[tuple[str, str]], figures: Figures, strict: Strict, problem: Problem
) -> tuple[Fact, ...]:
    """The conditions, where the figure's branch is one on which two points are one, in these words.

    E is a second point of the line ab on a circle through a and b: "E = A" says more to a reader than "E is not B".
    """
    goals = {frozenset(goal.points) for goal in problem.goals if goal.predicate == "overlap"}
    told = list(listed)
    for names in together:
        same = Fact("overlap", names)
        if frozenset(names) in goals or all(shows(same, at) for at in figures.all):
            continue
        others = [fact for fact in told if fact.predicate != "diff"]
        implied = [
            fact
            for fact in told
            if fact.predicate == "diff"
            and not all(shows(fact, at) for at in figures.all)
            and strict.implies(fact, [*others, same])
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
