"""Who is better: two policies on the same prompts, or several, by any judge.

All answers to a prompt are judged, by a judge that compares in both orders. A comparison whose two orders disagree is
a tie, as in Self-Rewarding (arXiv 2401.10020, section 3.2). Two policies that answer alike tie without a judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from maieutic.align.judges.questions import Question, Verdict, read_raw
from maieutic.align.measuring.intervals import Estimate, mean
from maieutic.core.errors import InputError
from maieutic.core.records import Comparison, Score

WIN, TIE, LOSS = 1.0, 0.5, 0.0
VERDICTS = "verdicts.jsonl"
"""The file of an evaluation with {prompt, against, result} for each comparison."""
BUCKETS = 3
"""Parts, by the length of the answers, in which a head-to-head is told once more."""


@dataclass(frozen=True)
class HeadToHead:
    """How often A wins against B, in shares of the prompts with a verdict.

    Attributes:
        rate: wins plus half the ties, with its interval over prompts.
        win, tie, loss: shares.
        missing: prompts without a verdict.
        by_length: {"17 to 90 characters": rate}, prompts by the mean length of the two answers.
        lengths: mean characters of A's and of B's answers.
        distinct: how many different answers A gave, and B.
    """

    rate: Estimate
    win: float
    tie: float
    loss: float
    missing: int
    by_length: Mapping[str, Estimate]
    lengths: tuple[float, float]
    distinct: tuple[int, int]


def head_to_head(questions: Sequence[Question], verdicts: Sequence[Verdict], seed: int = 0) -> HeadToHead:
    """A against B, where each question's first sample is A's and its second B's.

    Raises InputError where there is no question, or one has not two samples.
    """
    if not questions:
        raise InputError("no prompts to compare on")
    if any(len(question.samples) != 2 for question in questions):
        raise InputError("a head-to-head has two samples of each prompt")
    results = np.array([_result(q, v) for q, v in zip(questions, verdicts, strict=True)], dtype=float)
    lengths = np.array([[len(sample.completion) for sample in question.samples] for question in questions], dtype=float)
    known = results[~np.isnan(results)]
    return HeadToHead(
        rate=mean(results, seed),
        win=_share(known, WIN),
        tie=_share(known, TIE),
        loss=_share(known, LOSS),
        missing=len(results) - len(known),
        by_length=_by_length(results, lengths.mean(axis=1), seed),
        lengths=(float(lengths[:, 0].mean()), float(lengths[:, 1].mean())),
        distinct=(_distinct(questions, 0), _distinct(questions, 1)),
    )


@dataclass(frozen=True)
class Standing:
    """A policy on a leaderboard.

    Attributes:
        rate: its wins plus half its ties against all others, each other counting the same; the interval over prompts.
        against: the same against each other policy, by its name.
        length: mean characters of its answers.
        distinct: how many different answers it gave.
        missing: comparisons without a verdict.
    """

    name: str
    rate: Estimate
    against: Mapping[str, Estimate]
    length: float
    distinct: int
    missing: int


def leaderboard(
    names: Sequence[str], questions: Sequence[Question], verdicts: Sequence[Verdict], seed: int = 0
) -> list[Standing]:
    """Several policies against one another, the best first.

    Args:
        names: of the policies, in the order of each question's samples.
        verdicts: scores of all samples, or comparisons of each two.

    Raises InputError where there is no question, or one has not a sample of each policy.
    """
    if not questions or len(names) < 2:
        raise InputError("a leaderboard needs prompts, and two policies or more")
    if any(len(question.samples) != len(names) for question in questions):
        raise InputError("a leaderboard has one sample of each policy to each prompt")
    judged = list(zip(questions, verdicts, strict=True))
    places = range(len(names))
    found = []
    for i, name in enumerate(names):
        rates = {names[j]: np.array([_result(q, v, i, j) for q, v in judged]) for j in places if j != i}
        every = np.array(list(rates.values()))
        found.append(
            Standing(
                name=name,
                rate=mean(every.mean(axis=0), seed),  # a prompt counts where it was compared with all others
                against={other: mean(rate, seed) for other, rate in rates.items()},
                length=fmean(len(question.samples[i].completion) for question in questions),
                distinct=_distinct(questions, i),
                missing=int(np.isnan(every).sum()),
            )
        )
    return sorted(found, key=lambda one: (-np.nan_to_num(one.rate.value, nan=-1.0), one.name))


def result(question: Question, verdict: Verdict, place: int = 0, other: int = 1) -> float | None:
    """1 where the sample at one place is better than that at another, 0 where it is worse, 0.5 for a tie.

    None without a verdict.
    """
    first, second = question.samples[place], question.samples[other]
    if first.completion == second.completion:
        return TIE
    for record in verdict:
        if isinstance(record, Comparison) and {record.left, record.right} == {first.id, second.id}:
            won = _compared(record)
            return won if won is None or record.left == first.id else WIN - won
    scores = {record.sample: record.value for record in verdict if isinstance(record, Score)}
    a, b = scores.get(first.id), scores.get(second.id)
    return None if a is None or b is None else (WIN if a > b else LOSS if a < b else TIE)


def _compared(comparison: Comparison) -> float | None:
    """A win where the left one is preferred in both orders. Told from one order only, where there are no two."""
    if comparison.p_left is None:
        return None
    answers = read_raw(comparison.raw)
    orders = [[a.value for a in answers if a.swapped is s and a.value is not None] for s in (False, True)]
    preferred = [fmean(values) for values in orders if values] or [comparison.p_left]
    if all(p > TIE for p in preferred):
        return WIN
    return LOSS if all(p < TIE for p in preferred) else TIE


def _result(question: Question, verdict: Verdict, place: int = 0, other: int = 1) -> float:
    found = result(question, verdict, place, other)
    return float("nan") if found is None else found


def _distinct(questions: Sequence[Question], place: int) -> int:
    return len({question.samples[place].completion for question in questions})


def _share(values: np.ndarray, value: float) -> float:
    return float((values == value).mean()) if len(values) else float("nan")


def _by_length(results: np.ndarray, lengths: np.ndarray, seed: int) -> dict[str, Estimate]:
    """The rate in parts of about equally many prompts, the shortest answers first; equal lengths are in one part."""
    part = np.searchsorted(np.sort(lengths), lengths) * BUCKETS // len(lengths)
    found = {}
    for places in (np.flatnonzero(part == k) for k in range(BUCKETS)):
        if len(places):
            shortest, longest = lengths[places].min(), lengths[places].max()
            found[f"{shortest:.0f} to {longest:.0f} characters"] = mean(results[places], seed)
    return found
