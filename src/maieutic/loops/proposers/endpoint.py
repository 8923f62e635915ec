"""Any chat model as the one who has an idea: it is told the language and the problem, and asked for points to try.

Nothing constrains what a server writes, so it is read leniently, line by line: what is no construction of one point, or
cannot be drawn, is dropped and counted, and costs nothing else. A model is asked about the problem's figure, and about
each longer figure that the search builds on; not about every first point that is explored, which would be dozens of
questions at a time.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Generator, Request, Sampling
from maieutic.core.records import Message, Prompt
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.text.encoding import encode_problem, letter
from maieutic.geometry.text.grammar import one_point_constructions
from maieutic.geometry.text.proposals import read_proposals
from maieutic.geometry.trusted.records import Problem

ASKED = 24
"""Constructions that one answer is to have."""

TEMPLATE = """\
A program proves theorems of plane geometry. It finds all that follows by chasing angles, lengths and ratios among the \
points of a figure. What it lacks is ideas: which further point to draw, so that the goal comes within reach. You are \
to have them.

The problem is written in clauses: points, "=", how they are constructed. After "?" stands what is to be proved{added}.

{problem}

The points so far are {points}. One further point x can be constructed in these ways, over points that are there:

{constructions}

Those marked * are curves: two of them with "," between them construct the point where both curves meet.

Write at most {asked} ideas for one further point, each on a line of its own, the most promising first. Each stands \
alone, and calls its point {new}. Write nothing else. Two lines might be:

{new} = midpoint a b
{new} = on_line a b , on_circum a b c
"""


@dataclass
class EndpointProposer:
    """A chat model as a Proposer. Later lines of an answer have lower scores: -log of the place.

    What it answered is kept as long as this object: a figure is asked about once.

    Args:
        generator: the model, as core.endpoint.Endpoint.
        replies: answers to each question; they differ where the temperature is above 0.
        sampling: how they are drawn. Models that think before they answer need more tokens.
        seed: of the draws, for servers that honour it.

    Attributes:
        read: lines that became candidates.
        dropped: how many lines did not, by reason.
    """

    generator: Generator
    replies: int = 4
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.8, max_tokens=2048))
    seed: int = 0
    read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    _answers: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __call__(self, problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
        """As trials.Proposer; none near a first point.

        Raises MaieuticError where there is no answer at all, and InputError as the generator does.
        """
        if first:
            return []
        try:
            asked = question(problem, closure)
        except InputError:  # more points than there are letters
            return []
        new = asked not in self._answers
        if new:
            self._answers[asked] = self._ask(asked)
        lines = _merged(self._answers[asked])
        scored = [(line, -math.log(place)) for place, line in enumerate(lines, 1)]
        found = read_proposals(scored, closure)
        if new:
            self.read += len(found.candidates)
            self.dropped += found.dropped
        return found.candidates[:n]

    def _ask(self, text: str) -> tuple[str, ...]:
        prompt: Prompt = (Message("user", text),)
        (reply,) = self.generator.generate([Request(prompt, self.replies, self.seed)], self.sampling)
        if not reply.generated:
            raise MaieuticError(f"no answer from {self.generator.name}: {reply.error}")
        return tuple(generated.text for generated in reply.generated)


def question(problem: Problem, closure: Closure) -> str:
    """What a model is asked about a figure: the language, the problem with the points added so far, what to write.

    Raises InputError for more points than the language has letters.
    """
    added = closure.problem.clauses[len(problem.clauses) :]
    points = len(closure.names)
    return TEMPLATE.format(
        added=', and after "|" the points added already' if added else "",
        problem=encode_problem(problem, added),
        points=" ".join(map(letter, range(points))),
        constructions="\n".join(
            f"{'*' if curve else ' '} {' '.join((row.name, *row.old))}: {row.meaning}"
            for row, curve in one_point_constructions(points)
            if not row.numbers
        ),
        asked=ASKED,
        new=letter(points),
    )


# --- reading answers -------------------------------------------------------------------------------------------------

_LISTED = re.compile(r"^(?:[-*•]|\d+[.)])\s+")


def _merged(answers: Sequence[str]) -> list[str]:
    """The lines of all answers, the first ones first, each once, in the spelling of the language."""
    columns = [list(_lines(answer)) for answer in answers]
    return list(dict.fromkeys(line for row in zip_longest(*columns) for line in row if line is not None))


def _lines(answer: str) -> Iterator[str]:
    """What might be a clause: lists' marks, code's fences and what ends a sentence are taken off."""
    for line in answer.lower().splitlines():
        text = _LISTED.sub("", line.strip().strip("`").strip()).strip("`").rstrip(" ;.!")
        if text:
            yield " ".join(re.sub(r"([=,;])", r" \1 ", text).split())
