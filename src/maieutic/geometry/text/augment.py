"""The same question in other words: clauses in another order, other names, arguments that have changed places.

A statement can be written in thousands of ways, and a model that has seen one of them learns the words along with the
geometry. So each time that a question comes up again in training it is put differently: clauses come in any order in
which points exist before they are used; the points of a clause, the arguments of a construction and those of a goal in
any order that means the same (symmetric_arguments.py). Names follow from the order (encoding.py). What the answers say
stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem
from maieutic.geometry.text.encoding import Invalid, encode_auxiliary, encode_question
from maieutic.geometry.text.symmetric_arguments import beginnings, last_first, orders, placed, readings, with_old
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem


def reworded(question: str, answers: Sequence[str], rng: Random | None) -> tuple[str, list[str]]:
    """A question and its answers in other words.

    Args:
        question: as encoding.encode_question writes it.
        answers: clauses that may follow, each of one point.
        rng: draws the words; without it the question stays as it is, and only the answers are written last_first.

    Returns: the same, the answers in their order. What cannot be read comes back as it is.
    """
    read = decode_problem(question.rpartition(" ")[0])
    if isinstance(read, Invalid):
        return question, list(answers)
    problem, added = read
    asked = in_other_words(problem, rng) if rng else problem
    before, after = (Problem("", (*p.clauses, *added)) for p in (problem, asked))
    number = {point: place for place, point in enumerate(after.points)}
    found = []
    for answer in answers:
        clauses = decode_auxiliary(answer, before)
        if isinstance(clauses, Invalid):
            return question, list(answers)
        found.append(encode_auxiliary(after, [last_first(clause, number) for clause in clauses]))
    return encode_question(asked, added), found


def in_other_words(problem: Problem, rng: Random) -> Problem:
    """A problem with its clauses, and what may change places in them and in its goals, in an order drawn at random.

    Points keep their names.
    """
    clauses = tuple(_clause(clause, rng) for clause in _ordered(problem.clauses, rng))
    return Problem("", clauses, tuple(_goal(goal, rng) for goal in problem.goals))


def _ordered(clauses: Sequence[Clause], rng: Random) -> Iterator[Clause]:
    """The clauses in an order in which each comes after those whose points it uses."""
    waiting = list(clauses)
    while waiting:
        missing = {point for clause in waiting for point in clause.points}
        ready = [clause for clause in waiting if missing.isdisjoint(_old(clause))]
        clause = rng.choice(ready)
        waiting.remove(clause)
        yield clause


def _old(clause: Clause) -> set[str]:
    return {point for use in clause.constructions for point in use.args}.difference(clause.points)


def _clause(clause: Clause, rng: Random) -> Clause:
    """A clause with its constructions, and their arguments, in another order; so its points, if a figure begins with
    it."""
    uses = [_use(use, rng) for use in clause.constructions]
    rng.shuffle(uses)
    begins = len(uses) == 1 and uses[0].name in CONSTRUCTIONS and uses[0].args == clause.points
    if not begins:
        return Clause(clause.points, tuple(uses))
    points = placed(clause.points, rng.choice(beginnings(uses[0].name)))
    return Clause(points, (Construction(uses[0].name, points, uses[0].values),))


def _use(use: Construction, rng: Random) -> Construction:
    construct = CONSTRUCTIONS.get(use.name)
    if construct is None:
        return use
    return with_old(use, placed(construct.given(use.args), rng.choice(orders(use.name))))


def _goal(goal: Fact, rng: Random) -> Fact:
    order = rng.choice(readings(goal.predicate, len(goal.points)))
    return Fact(goal.predicate, placed(goal.points, order), goal.values)
