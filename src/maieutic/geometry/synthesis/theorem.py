"""From a figure to theorems: close it, pick goals, and keep of each only what its proof needs.

The lineage of a goal (lineage.py) names the constructions that its proof uses. Of these, one after the other is left
out without which a closure still proves the goal; what remains is needed, each construction of it. The points from
which the goal's own points are constructed are the statement; any others are **auxiliary**: the proof needs them, the
statement does not. The theorem is then drawn anew, on its own points only, and proved there: with the auxiliary
points, and not without any one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from random import Random

import numpy as np

from maieutic.core.errors import DiagramError, ProofError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Closure, Options, StopReason
from maieutic.geometry.proofs.extract import Writer
from maieutic.geometry.proofs.minimise import elements_of, minimal_entries
from maieutic.geometry.search.candidates import Pool, candidates
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.goals import candidate_goals, lacking_facts
from maieutic.geometry.synthesis.lineage import lineage
from maieutic.geometry.synthesis.random_figure import UNLIMITED, Figure
from maieutic.geometry.text.encoding import letter, renamed_clause
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import equations, expand
from maieutic.geometry.trusted.records import Clause, Construction, Diagram, Fact, Problem, Proof

OPTIONS = Options(sines=False, time_limit=UNLIMITED)
"""Tiers 1 and 2; no time limit, for the same theorems must be found on every machine."""

EVERYTHING = replace(OPTIONS, sines=True)
"""What an auxiliary point is tried against: it is needed only if all of the engine fails without it."""

LEAST_DEDUCTIONS = 3
MOST_HIDDEN, MOST_PLAIN = 8, 2
"""Theorems of one figure: those whose statement does not mention points that the proof needs (so many found in the
figure itself, and so many with points added to it), and the others."""

BATCH, BATCHES = 8, 6
"""Points added at a time, and how often, to prove what a figure shows and its closure lacks."""

LACKING = 2
"""Facts that a figure shows and its closure lacks: how many are tried."""

TRIES = 2
"""Goals looked at for each theorem that may still be taken from a figure."""


@dataclass(frozen=True)
class Theorem:
    """A statement with its minimal proof. `key` is the same for two theorems that say the same (canonical.py)."""

    proof: Proof
    key: str

    @property
    def problem(self) -> Problem:
        """The statement and the goal, without auxiliary points."""
        return stated(self.proof)

    @property
    def auxiliary_points(self) -> int:
        """The number of points that only the proof has."""
        return sum(len(clause.points) for clause in self.proof.auxiliary)

    @property
    def deductions(self) -> int:
        """Steps of the proof that are not hypotheses."""
        return sum(step.rule != "hypothesis" for step in self.proof.deductions)


def stated(proof: Proof) -> Problem:
    """The problem of a proof without its auxiliary clauses."""
    return _without(proof.problem, len(proof.auxiliary))


def theorems(figure: Figure, rng: Random, seen: set[str] | None = None, plain: bool = True) -> Iterator[Theorem]:
    """Theorems of a figure, at most 2 MOST_HIDDEN + MOST_PLAIN; none whose key is among those seen, which grow.

    First those whose proofs need more than their statements say. Where the figure shows what its closure lacks, points
    are added that may prove it, for more of this kind. Then, unless not wanted, a few `plain` ones.
    """
    workshop = Workshop(figure)
    goals = workshop.goals(rng)
    seen = set() if seen is None else seen
    yield from _taken(workshop, workshop.hidden(goals, rng), MOST_HIDDEN, seen)
    larger = workshop.with_helpers(rng)
    if larger is not None:
        yield from _taken(larger, larger.hidden(larger.goals(rng), rng), MOST_HIDDEN, seen)
    if plain:
        yield from _taken(workshop, goals, MOST_PLAIN, seen)


def _taken(workshop: Workshop, goals: Iterable[Goal], most: int, seen: set[str]) -> Iterator[Theorem]:
    """At most so many theorems with some goals, none whose key is among those seen."""
    found = 0
    for goal, uses in islice(goals, TRIES * most):
        draft = workshop.minimal(goal, uses)
        if draft is None or draft.key in seen:
            continue
        seen.add(draft.key)
        theorem = confirmed(draft)
        if theorem is not None:
            yield theorem
            found += 1
            if found == most:
                return


Goal = tuple[Fact, list[int]]
"""A fact, and the constructions (by number) that its lineage uses."""


@dataclass(frozen=True)
class Draft:
    """A theorem that is yet to be confirmed: its problem, how many of the last clauses are auxiliary, its key."""

    problem: Problem
    auxiliary: int
    key: str


class Workshop:
    """A closed figure, and its constructions one by one: each may be kept or left out."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.closure = close(figure.problem, figure.diagram, replace(OPTIONS, stop_at_goal=False))
        self.known = frozenset(figure.problem.clauses[: figure.start])
        self.uses = [(clause, use) for clause in figure.problem.clauses for use in clause.constructions]
        self.place = {point: i for i, point in enumerate(figure.problem.points)}
        self.closed: dict[frozenset[str], Closure] = {}

    def goals(self, rng: Random) -> list[Goal]:
        """What may become a theorem, in an order in which long chains over many points tend to come first.

        Of goals that rest on the same equations one is taken: the others say the same, or nearly. Those that rest on
        what the figure was started from alone are left out: the same few would come again and again.
        """
        facts = candidate_goals(self.closure, rng)
        if not facts:
            return []
        found = lineage(self.closure, facts)
        of_use = np.zeros((len(self.closure.assumed), len(self.uses)), np.bool_)
        number = self._use_of_fact()
        for i, (fact, _) in enumerate(self.closure.assumed):
            of_use[i, number[fact]] = True
        used = found.hypotheses @ of_use
        ranked: dict[bytes, tuple[float, int]] = {}
        sizes = found.points.sum(axis=1)
        added = np.array([clause not in self.known for clause, _ in self.uses])
        for i in np.flatnonzero((found.steps >= LEAST_DEDUCTIONS) & (used @ added)).tolist():
            rank = -rng.random() * math.log(found.steps[i]) * float(sizes[i])
            ranked.setdefault(found.entries[i].tobytes(), (rank, i))
        goals = [(facts[i], np.flatnonzero(used[i]).tolist()) for _, i in sorted(ranked.values())]
        return _by_turns(goals, lambda goal: goal[0].predicate, rng)

    def with_helpers(self, rng: Random) -> Workshop | None:
        """The figure with points added that prove a fact which it shows and its closure lacks; None if none do."""
        lacking = lacking_facts(self.closure)
        for goal in rng.sample(lacking, min(LACKING, len(lacking))):
            stated = self._ancestors(goal.points, range(len(self.uses)))
            inside = [u for u, (_, use) in enumerate(self.uses) if stated.issuperset(use.args)]
            if self._close(inside, stated, EVERYTHING, goal).reason is not StopReason.PROVED:
                larger = self._helped(goal, stated, rng)
                if larger is not None:
                    return larger
        return None

    def _helped(self, goal: Fact, stated: set[str], rng: Random) -> Workshop | None:
        """Some of the points, with others added that prove a goal; None if no batch of them does."""
        clauses = tuple(c for c in self.figure.problem.clauses if not stated.isdisjoint(c.points))
        at = {p: self.figure.diagram.points[p] for c in clauses for p in c.points}
        pool = candidates(tuple(at), np.array(list(at.values())), (goal,))
        for batch in range(BATCHES if len(pool) else 0):
            chosen = list(range(min(BATCH, len(pool)))) if not batch else _weighted(rng, pool, BATCH)
            # A place may have several definitions: the most promising one.
            places = {np.round(pool.at[number], 6): number for number in reversed(chosen)}
            helpers = [(f"h{number}", pool[number]) for number in sorted(places.values())]
            problem = Problem("", (*clauses, *(helper.clause(name) for name, helper in helpers)))
            diagram = Diagram(at | {name: helper.at for name, helper in helpers})
            larger = Workshop(Figure(problem, diagram))
            if larger.closure.holds(equations(goal)[0]):
                return larger
        return None

    def hidden(self, goals: Iterable[Goal], rng: Random) -> list[Goal]:
        """Those that need more than the points from which theirs are made; of different auxiliary points in turn."""
        return _by_turns((goal for goal in goals if self._needs_more(*goal)), self._outside, rng)

    def _outside(self, goal: Goal) -> frozenset[int]:
        """What a goal's lineage uses that is not about the points from which its own are made."""
        fact, uses = goal
        stated = self._ancestors(fact.points, range(len(self.uses)))
        return frozenset(use for use in uses if not stated.issuperset(self.uses[use][1].args))

    def _needs_more(self, goal: Fact, uses: list[int]) -> bool:
        """Whether the points from which a goal's are made, with all that is said of them, do not prove it."""
        if not self._outside((goal, uses)):
            return False
        stated = frozenset(self._ancestors(goal.points, range(len(self.uses))))
        if stated not in self.closed:
            inside = [u for u, (_, use) in enumerate(self.uses) if stated.issuperset(use.args)]
            self.closed[stated] = self._close(inside, stated, replace(EVERYTHING, stop_at_goal=False))
        return not self.closed[stated].holds(equations(goal)[0])

    def _use_of_fact(self) -> dict[Fact, int]:
        number: dict[Fact, int] = {}
        for i, (_, use) in enumerate(self.uses):
            for fact in CONSTRUCTIONS[use.name].facts(use):
                for simple in expand(fact):
                    number.setdefault(simple, i)
        return number

    def _ancestors(self, points: Iterable[str], uses: Sequence[int]) -> set[str]:
        """The points, and those from which some constructions make them."""
        needed = set(points)
        for use in reversed(uses):
            clause, construction = self.uses[use]
            if not needed.isdisjoint(clause.points):
                needed.update(construction.args)
        return needed

    def minimal(self, goal: Fact, uses: list[int]) -> Draft | None:
        """The goal with only the constructions that a proof of it needs; None if they do not prove it."""
        if not self._proves(goal, uses):
            return None
        for use in reversed(uses):
            rest = [u for u in uses if u != use]
            if self._proves(goal, rest):
                uses = rest
        return self._draft(goal, uses)

    def _proves(self, goal: Fact, uses: Sequence[int]) -> bool:
        points = {*goal.points, *(p for u in uses for p in self.uses[u][1].args)}
        return self._close(uses, points, OPTIONS, goal).reason is StopReason.PROVED

    def _close(self, uses: Sequence[int], points: Iterable[str], options: Options, *goals: Fact) -> Closure:
        """The figure with some of its constructions and points only."""
        problem = Problem("", tuple(Clause(clause.points, (use,)) for clause, use in (self.uses[u] for u in uses)))
        ordered = sorted(points, key=self.place.__getitem__)
        return close(problem, self.figure.diagram, options, points=ordered, goals=goals)

    def _draft(self, goal: Fact, uses: list[int]) -> Draft:
        """The statement, free points first, then the auxiliary clauses; the points are named a, b, c, ... in order."""
        stated = self._ancestors(goal.points, uses)
        kept: dict[Clause, list[Construction]] = {}
        for u in uses:
            clause, use = self.uses[u]
            kept.setdefault(clause, []).append(use)
        made = {p for clause in kept for p in clause.points}
        touched = stated | {p for u in uses for p in self.uses[u][1].args}
        free = [p for p in self.figure.problem.points if p in touched - made]
        clauses = [Clause(clause.points, tuple(constructions)) for clause, constructions in kept.items()]
        statement = [*_free([p for p in free if p in stated]), *(c for c in clauses if c.points[0] in stated)]
        auxiliary = [_free_point(p) for p in free if p not in stated]
        auxiliary += [c for c in clauses if c.points[0] not in stated]
        ordered = [*statement, *auxiliary]
        names = {p: letter(i) for i, p in enumerate(p for clause in ordered for p in clause.points)}
        problem = Problem(
            "",
            tuple(renamed_clause(clause, names) for clause in ordered),
            (Fact(goal.predicate, tuple(names[p] for p in goal.points), goal.values),),
        )
        return Draft(problem, len(auxiliary), canonical_key(_without(problem, len(auxiliary))))


def general_key(problem: Problem) -> str:
    """The key of what a problem's one goal says without the constructions that its proof does not need.

    "" where there is no figure, or where the engine does not prove it as it is, without sines.
    """
    try:
        workshop = Workshop(Figure(problem, draw(problem)))
    except DiagramError:
        return ""
    draft = workshop.minimal(problem.goals[0], list(range(len(workshop.uses))))
    return draft.key if draft else ""


def _by_turns(goals: Iterable[Goal], kind: Callable[[Goal], Hashable], rng: Random) -> list[Goal]:
    """Goals of one kind after another, each kind in its order, so that the common ones do not crowd out the others."""
    groups: dict[Hashable, list[Goal]] = {}
    for goal in goals:
        groups.setdefault(kind(goal), []).append(goal)
    kinds = rng.sample(list(groups.values()), len(groups))
    return [goal for turn in zip_longest(*kinds) for goal in turn if goal is not None]


def _weighted(rng: Random, pool: Pool, count: int) -> list[int]:
    """Some of the candidates, the most promising more often."""
    weights = np.exp(0.5 * (pool.score - pool.score.max())).tolist()
    return sorted(set(rng.choices(range(len(pool)), weights, k=count)))


def _without(problem: Problem, last: int) -> Problem:
    return replace(problem, clauses=problem.clauses[: len(problem.clauses) - last])


def _free_point(point: str) -> Clause:
    return Clause((point,), (Construction("free", (point,)),))


def _free(points: list[str]) -> list[Clause]:
    """Clauses of points anywhere: a triangle, or a segment, and single ones."""
    first = tuple(points[: 3 if len(points) > 2 else 2])
    shape = {2: "segment", 3: "triangle"}.get(len(first))
    if shape is None:
        return [_free_point(p) for p in points]
    return [Clause(first, (Construction(shape, first),)), *(_free_point(p) for p in points[len(first) :])]


def confirmed(draft: Draft) -> Theorem | None:
    """The theorem, proved on a figure of its own; None if it is not, or is shallow, or an auxiliary point is idle."""
    problem = draft.problem
    try:
        diagram = draw(problem, 0, time_limit=UNLIMITED)
    except DiagramError:
        return None
    closure = close(problem, diagram, OPTIONS)
    together = bool((closure.measures.length_class[1:] < 0).any())  # two points in one place: another theorem
    if together or closure.reason is not StopReason.PROVED or _idle(problem, draft.auxiliary, diagram):
        return None
    try:
        proof = _proof(closure, problem, draft.auxiliary)
    except ProofError:
        return None
    theorem = Theorem(proof, draft.key)
    return None if theorem.deductions < LEAST_DEDUCTIONS or _only_lines(proof) else theorem


def _only_lines(proof: Proof) -> bool:
    """Whether a proof only says which lines are the same, parallel or at right angles: a restatement."""
    return all(
        step.rule in ("hypothesis", "linear") and step.conclusion.predicate in ("coll", "para", "perp")
        for step in proof.deductions
    )


def _idle(problem: Problem, auxiliary: int, diagram: Diagram) -> bool:
    """Whether the goal follows without one of the auxiliary clauses (and those that are built on it)."""
    last = problem.clauses[len(problem.clauses) - auxiliary :] if auxiliary else ()
    for number, clause in enumerate(last):
        gone = set(clause.points)
        for later in last[number + 1 :]:
            if any(not gone.isdisjoint(use.args) for use in later.constructions):
                gone.update(later.points)
        points = [p for p in problem.points if p not in gone]
        if close(problem, diagram, EVERYTHING, points=points, goals=problem.goals).reason is StopReason.PROVED:
            return True
    return False


def _proof(closure: Closure, problem: Problem, auxiliary: int) -> Proof:
    """The minimal proof on all points of the problem: each is needed, so none is tried to be left out."""
    (goal,) = problem.goals
    known_by = equations(goal)[0]
    (traced,) = lineage(closure, [goal]).entries  # by compiled code; closures are without sines here
    elements = elements_of(closure.log.entries[: closure.size][traced])
    writer = Writer(closure, minimal_entries(closure, [known_by], elements))
    writer.prove(goal, known_by)
    last = problem.clauses[len(problem.clauses) - auxiliary :] if auxiliary else ()
    return Proof(problem, tuple(writer.steps), closure.diagram.seed, last)
