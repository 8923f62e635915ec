"""What a model that proposes points is asked: the problem, and what its figure shows.

    a b c = triangle ; d = midpoint a b ? cong d a d c figure foot d c a 14 @1 circumcenter a b c 9 @2 |

A statement does not say where lines and circles meet in points that nobody has drawn yet, and a model that only reads
it would have to compute that. The rule of thumb (candidates.py) sees it at once, and how a proof would go it does not
know. So the model is told the rule's most promising places, the best first, each by its best construction with its
weight as a whole number, and a word by which it may point there: `@1` as an answer is `e = foot d c a`. To point is one
word; to copy a construction is many, and takes a small model long to learn. (AlphaGeometry2 tells its model true facts
of the figure as well: Chervonyi et al., arXiv 2502.03544, section 5.) A model trained without it is asked without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.text.encoding import BASE, FIGURE, PLACES, SAYS, encode_auxiliary, encode_question
from maieutic.geometry.trusted.records import Problem

WAYS = 3
"""Constructions of one place among the heuristic's candidates, at most."""

NEAR = 1e-6
"""Points closer than this are one: figures measure about 1 across."""


def question_of(problem: Problem, closure: Closure, shown: int = 0) -> str:
    """What a model is asked about a closed figure: the problem, the points added since, and so many places.

    Raises InputError for more points than can be written.
    """
    question = encode_question(problem, closure.problem.clauses[len(problem.clauses) :])
    return with_figure(question, seen(problem, closure, shown))


def seen(problem: Problem, closure: Closure, shown: int) -> list[str]:
    """The heuristic's first places on a closed figure as text, each once: the construction and its weight."""
    return [_told(candidate, closure) for candidate in _places(heuristic(problem, closure, WAYS * shown))[:shown]]


def with_figure(question: str, places: Sequence[str]) -> str:
    """A question with what its figure shows, before the mark after which the answer begins."""
    if not places:
        return question
    asked, _, mark = question.rpartition(" ")
    told = (f"{place} {word}" for place, word in zip(places, PLACES, strict=False))
    return " ".join((asked, FIGURE, *told, mark))


def without_figure(question: str) -> str:
    """A question without what its figure shows."""
    asked, told, rest = question.partition(f" {FIGURE} ")
    return f"{asked} {rest.split()[-1]}" if told else question


def pointers(question: str) -> dict[str, str]:
    """The constructions that a question tells, each with the word that points to it."""
    found: dict[str, str] = {}
    words: list[str] = []
    for word in question.partition(f" {FIGURE} ")[2].split():
        if word in PLACES:
            found[" ".join(words[:-1])] = word  # the last word before it is the weight
            words = []
        else:
            words.append(word)
    return found


def spelt(question: str, answer: str, name: str) -> str:
    """An answer in which a pointer is spelt out as the clause of a point with this name; any other as it is."""
    first, *rest = answer.split() or [""]
    for construction, word in pointers(question).items() if first in PLACES else ():
        if word == first:
            return " ".join((name, SAYS, construction, *rest))
    return answer


def _places(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first candidate of each place."""
    found: list[Candidate] = []
    for candidate in candidates:
        if all(abs(candidate.at - other.at) > NEAR for other in found):
            found.append(candidate)
    return found


def _told(candidate: Candidate, closure: Closure) -> str:
    _, _, construction = encode_auxiliary(closure.problem, (candidate.clause(),)).partition(f" {SAYS} ")
    return f"{construction} {min(max(round(candidate.score), 0), BASE - 1)}"
