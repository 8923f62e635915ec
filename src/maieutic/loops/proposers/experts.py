"""A model and the figure, each an expert: what both find likely comes first.

The rule of thumb sees the figure (which lines and circles meet where), the model has read the statement and thousands
of theorems. They err differently. So their opinions are multiplied: a product of experts (Hinton, Neural Computation
14, 2002), in which a candidate's score is log p(clause | problem) of the model plus a multiple of the heuristic's. The
model is asked about its own likeliest clauses and the heuristic's first ones; what neither names comes after these.

A model behind an endpoint tells no probabilities, only an order: then ranks vote (RankFusion).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.text.encoding import encode_auxiliary
from maieutic.geometry.text.symmetric_arguments import last_first
from maieutic.geometry.trusted.records import Problem
from maieutic.loops.proposers.model import ModelProposer
from maieutic.loops.proposers.places import Places


@dataclass(frozen=True)
class ProductOfExperts:
    """A model's proposals and the heuristic's first candidates, in the order of both experts' product.

    The scores are the heuristic's, handed out in the new order, so that they mean to a search what they meant.

    Args:
        shortlist: how many of the heuristic's candidates the model is asked about.
        trust: what the heuristic's score counts beside a log-probability.
        doubt: by how much a place that the heuristic does not have is worth less than the worst of its shortlist.
        everywhere: whether the model is asked near each first point that is explored as well, and not only about the
            problem's figure and those that are kept: an answer takes longer than exploring one.
    """

    model: ModelProposer
    shortlist: int = 64
    trust: float = 1.0
    doubt: float = 2.0
    everywhere: bool = False

    def __call__(self, problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
        """As trials.Proposer."""
        others = heuristic(problem, closure, max(n, self.shortlist), first)
        if first and not self.everywhere:
            return others[:n]
        proposed = self.model(problem, closure, n, first)
        if not proposed or not others:  # the model cannot read so long a problem; or the figure shows nothing
            return others[:n] or proposed
        asked = others[: self.shortlist]
        likely = self._logprobs(problem, closure, asked)
        places, least = Places(others), asked[-1].score - self.doubt
        of_model = Places(proposed)
        totals = {}
        for candidate, logprob in zip(asked, likely, strict=True):
            rank = of_model.rank(candidate)  # a place that the model names is as likely as all its constructions
            known = proposed[rank - 1].score if rank else logprob
            totals[candidate.name] = (known + self.trust * candidate.score, candidate)
        for candidate in proposed:
            rank = places.rank(candidate)
            worth = others[rank - 1].score if rank else least
            totals.setdefault(candidate.name, (candidate.score + self.trust * worth, candidate))
        first_ones = [candidate for _, candidate in sorted(totals.values(), key=lambda pair: -pair[0])]
        rest = [candidate for candidate in others if candidate.name not in totals]
        scores = [candidate.score for candidate in others]
        return [
            replace(candidate, score=scores[min(place, len(scores) - 1)])
            for place, candidate in enumerate([*first_ones, *rest][:n])
        ]

    def _logprobs(self, problem: Problem, closure: Closure, candidates: Sequence[Candidate]) -> list[float]:
        question = self.model.question(problem, closure)
        clauses = [
            encode_auxiliary(closure.problem, (last_first(candidate.clause(), closure.names),))
            for candidate in candidates
        ]
        return self.model.logprobs(question, clauses)


@dataclass(frozen=True)
class RankFusion:
    """A model and a rule of thumb vote: reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009, eq. 1).

    A candidate of rank r, from 1 on, has 1 / (k + r) of its proposer, and one of the model's also what the other
    gives to its place. So with both lists disjoint they take turns, and what both name comes first, as the model
    constructs it. The other's own constructions of such a place come later by as many ranks as the model has
    candidates.

    The scores are the rule of thumb's, handed out in the new order, so that they mean to a search what they meant.

    Args:
        k: how much the first ranks are preferred to those after: the smaller, the more.
        trust: weight of the model's votes, where the other's is 1.
        everywhere: whether the model is asked near each first point that is explored as well, and not only about the
            problem's figure and those that are kept. There are forty to a figure, and each is explored in less time
            than a model needs to answer.
    """

    model: Proposer
    other: Proposer = heuristic
    k: float = 8.0
    trust: float = 1.0
    everywhere: bool = False

    def __call__(self, problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
        """As trials.Proposer."""
        proposed = self.model(problem, closure, n, first) if first == 0 or self.everywhere else ()
        others = self.other(problem, closure, n, first)
        if not proposed or not others:
            return proposed or others
        named = {candidate.name for candidate in proposed}
        places = Places(others)
        agreed = Places(proposed)
        votes = []
        for rank, candidate in enumerate(proposed, 1):
            same = places.rank(candidate)
            vote = self.trust / (self.k + rank) + (1 / (self.k + same) if same else 0.0)
            votes.append((vote, candidate))
        for rank, candidate in enumerate(others, 1):
            if candidate.name not in named:
                later = len(proposed) if agreed.rank(candidate) else 0
                votes.append((1 / (self.k + rank + later), candidate))
        votes.sort(key=lambda vote: -vote[0])
        scores = sorted((candidate.score for candidate in others), reverse=True)
        return [
            replace(candidate, score=scores[min(place, len(scores) - 1)])
            for place, (_, candidate) in enumerate(votes[:n])
        ]
