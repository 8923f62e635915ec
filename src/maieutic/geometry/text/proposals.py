"""From what a model wrote to candidates on a figure: clauses are read, placed, and sifted.

A model writes text, and text may be malformed, a construction that cannot be drawn on this figure, or a point that is
there already. Each of these costs its own proposal and no other. A point that was proposed before in other words is the
same proposal: it is as likely as all its constructions together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import exp, log1p
from string import ascii_lowercase

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import extend
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.text.decoding import decode_auxiliary
from maieutic.geometry.text.encoding import Invalid, encode_auxiliary
from maieutic.geometry.text.grammar import END, State
from maieutic.geometry.trusted.records import Clause, Point

NEAR = 1e-6
"""Points closer than this are one: figures measure about 1 across."""
MOST_OLD = 8
"""Old points that a candidate is constructed from, at most."""


@dataclass
class Proposals:
    """The candidates in a model's answers, in their order, and how many answers were dropped for each reason."""

    candidates: list[Candidate] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def read_proposals(answers: Iterable[tuple[str, float]], closure: Closure, first: int = 0) -> Proposals:
    """The candidates of a figure among answers, each a text and its log-probability, the likeliest place first.

    A place has its likeliest construction, and as its score the logarithm of the sum of all their probabilities.

    Args:
        answers: each one clause, as encoding.decode_auxiliary reads it, the best first.
        closure: of the figure; its points are the text's letters, in their order.
        first: only candidates that use a point of the figure from this one on are kept.
    """
    found = Proposals()
    old = list(closure.diagram.points.values())
    for text, score in answers:
        candidate = _candidate(text, score, closure, old)
        if isinstance(candidate, str):
            found.dropped[candidate] += 1
        elif all(closure.names[point] < first for point in candidate.points):
            found.dropped["uses no new point"] += 1
        else:
            _add(found, candidate)
    found.candidates.sort(key=lambda candidate: -candidate.score)
    return found


def _add(found: Proposals, candidate: Candidate) -> None:
    """A candidate at a place of its own, or its probability to the one that is there."""
    for number, other in enumerate(found.candidates):
        if abs(other.at - candidate.at) <= NEAR:
            less, more = sorted((candidate.score, other.score))
            found.candidates[number] = replace(other, score=more + log1p(exp(less - more)))
            found.dropped["in other words"] += 1
            return
    found.candidates.append(candidate)


def _candidate(text: str, score: float, closure: Closure, taken: Iterable[Point]) -> Candidate | str:
    """The candidate, or why there is none."""
    clauses = decode_auxiliary(text, closure.problem)
    if isinstance(clauses, Invalid) or len(clauses) != 1 or not _is_allowed(clauses[0], closure):
        return "malformed"
    clause = clauses[0]
    old = tuple(dict.fromkeys(p for use in clause.constructions for p in use.args if p not in clause.points))
    if len(old) > MOST_OLD or any(use.values for use in clause.constructions):
        return "not a candidate"
    try:
        at = extend(closure.diagram, clauses).points[clause.points[0]]
    except DiagramError:
        return "impossible"
    if any(abs(at - other) <= NEAR for other in taken):
        return "there already"
    letters = dict(zip(old, ascii_lowercase, strict=False)) | {clause.points[0]: "x"}
    return Candidate(_pattern(clause, letters), old, at, score)


def _is_allowed(clause: Clause, closure: Closure) -> bool:
    """Whether it is one point as the grammar has it, so that the kernel will take it."""
    state = State(len(closure.names), clauses=1, most_new=1)
    for word in (*encode_auxiliary(closure.problem, [clause]).split(), END):
        if word not in state.allowed:
            return False
        state = state.after(word)
    return True


def _pattern(clause: Clause, letters: Mapping[str, str]) -> str:
    return ", ".join(" ".join((use.name, *(letters[p] for p in use.args))) for use in clause.constructions)
