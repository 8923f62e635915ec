"""How a judge behaved: how often it gave no verdict, contradicted itself, or was swayed by place or length.

Everything is read from the records alone, so a run that was killed and went on reports the same rates as one that was
not. Each rate is a ratio of sums over questions, and its interval is a bootstrap over questions: what a judge says of
the samples of one prompt hangs together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean

import numpy as np

from maieutic.align.judges.questions import Answer, Question, Verdict, mean, read_raw
from maieutic.align.measuring.intervals import interval, resampled_sums
from maieutic.core.records import Comparison, Sample, Score

Record = Score | Comparison


@dataclass(frozen=True)
class Rates:
    """A judge's rates; all but the counts are shares or correlations, and None where nothing tells them.

    Attributes:
        verdicts: how many scores or comparisons were wanted.
        answers: how many answers were received for them.
        abstentions: verdicts that are None.
        unparsable: answers that were received and could not be read.
        failed: verdicts for which a request failed for good. A stage with any is unfinished, and asks again.
        ties: pairs of samples that came out equal, of those with a verdict.
        inconsistent: pairs that were shown in both orders, and of which each order preferred another sample (position
            bias).
        first_place: answers that preferred the sample shown first, of those that preferred one; 0.5 is unbiased.
        consistency: two answers to the very same question (a sample, or a pair in one order) that say the same, of all
            such twos: equal scores, or the same preference (self-consistency).
        score_length: Pearson's correlation, within prompts, of a sample's score and its length in characters; of
            comparisons, that of p - 1/2 and the difference of the lengths (length bias).
        intervals: {name of a rate: [low, high]}, which hold it in 95 of 100 draws of questions.
    """

    verdicts: int
    answers: int
    abstentions: float | None
    unparsable: float | None
    failed: float | None
    ties: float | None
    inconsistent: float | None
    first_place: float | None
    consistency: float | None
    score_length: float | None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)


SHARES = ("abstentions", "unparsable", "failed", "ties", "inconsistent", "first_place", "consistency")


def rates(judged: Iterable[tuple[Question, Verdict]], seed: int = 0) -> Rates:
    """The rates over some questions and their verdicts, of one kind. `seed` is the bootstrap's."""
    counted = [_counted(question, verdict) for question, verdict in judged]
    found: dict[str, float | None] = dict.fromkeys((*SHARES, "score_length"))
    intervals: dict[str, tuple[float, float]] = {}
    if counted:
        columns = np.array([row.columns for row in counted])
        whole, sums = columns.sum(axis=0), resampled_sums(columns, seed)
        for k, name in enumerate(SHARES):
            if whole[2 * k + 1]:
                found[name] = float(whole[2 * k] / whole[2 * k + 1])
                intervals[name] = _rounded(sums[:, 2 * k], sums[:, 2 * k + 1])
        xx, yy, xy = whole[-3:]
        if min(xx, yy) > 1e-12:
            found["score_length"] = float(xy / math.sqrt(xx * yy))
            intervals["score_length"] = _rounded(sums[:, -1], np.sqrt(sums[:, -3] * sums[:, -2]))
    verdicts, answers = sum(row.verdicts for row in counted), sum(row.answers for row in counted)
    return Rates(verdicts=verdicts, answers=answers, **found, intervals=intervals)


def _rounded(top: np.ndarray, bottom: np.ndarray) -> tuple[float, float]:
    """An interval, to six places: sums in another order must not make another manifest."""
    low, high = interval(top, bottom)
    return round(low, 6), round(high, 6)


# --- one question ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    """One question's part in the sums: for each of SHARES how often and of how many, then three sums of products."""

    verdicts: int
    answers: int
    columns: Sequence[float]


def _counted(question: Question, verdict: Verdict) -> _Counted:
    records: list[Record] = list(verdict)
    answers = [read_raw(record.raw, where=f"a verdict of {record.judge}") for record in records]
    received = [answer for each in answers for answer in each if not answer.error]
    values = [record.p_left if isinstance(record, Comparison) else record.value for record in records]
    compares = bool(records) and isinstance(records[0], Comparison)
    flags: dict[str, list[bool]] = {
        "abstentions": [value is None for value in values],
        "unparsable": [answer.value is None for answer in received],
        "failed": [any(answer.error for answer in each) for each in answers],
        "ties": list(_ties(question, verdict)),
        "inconsistent": [told for each in answers if (told := _inconsistent(each)) is not None],
        "first_place": list(_first_places(received)) if compares else [],
        "consistency": [same for each in answers for same in _repeated(each, compares)],
    }
    points = list(_lengths(question, verdict))
    products = ((x * x for x, _ in points), (y * y for _, y in points), (x * y for x, y in points))
    columns = [float(number) for name in SHARES for number in (sum(flags[name]), len(flags[name]))]
    return _Counted(len(records), len(received), [*columns, *map(math.fsum, products)])


def _ties(question: Question, verdict: Verdict) -> Iterator[bool]:
    """Whether the two are equal, of each pair of samples with a verdict."""
    scores = [record.value for record in verdict if isinstance(record, Score)]
    for i, j in question.pairs if scores else ():
        if scores[i] is not None and scores[j] is not None:
            yield scores[i] == scores[j]
    for record in verdict:
        if isinstance(record, Comparison) and record.p_left is not None:
            yield record.p_left == 0.5


def _inconsistent(answers: Sequence[Answer]) -> bool | None:
    """Do the two orders prefer different samples? None where there is only one order, or none."""
    forth, back = (mean(answer for answer in answers if answer.swapped is swapped) for swapped in (False, True))
    return None if forth is None or back is None else (forth - 0.5) * (back - 0.5) < 0


def _first_places(received: Sequence[Answer]) -> Iterator[bool]:
    """Whether the sample shown first was preferred, of each answer to a comparison that preferred one."""
    for answer in received:
        if answer.value is not None and answer.value != 0.5:
            yield (answer.value > 0.5) is not answer.swapped


def _repeated(answers: Sequence[Answer], compares: bool) -> Iterator[bool]:
    """Whether two readable answers to the same question agree, of each two: equal scores, or the same preference."""
    for swapped in (False, True):
        values = [a.value for a in answers if a.swapped is swapped and a.value is not None]
        said = [float(np.sign(value - 0.5)) for value in values] if compares else values
        yield from (one == other for one, other in combinations(said, 2))


def _lengths(question: Question, verdict: Verdict) -> Iterator[tuple[float, float]]:
    """(length, worth) of samples or of pairs, each with mean 0 over the prompt."""
    samples: dict[str, Sample] = {sample.id: sample for sample in question.samples}
    scores = [(len(samples[r.sample].completion), r.value) for r in verdict if isinstance(r, Score)]
    known = [(length, value) for length, value in scores if value is not None]
    if known:
        length, worth = (fmean(column) for column in zip(*known, strict=True))
        yield from ((x - length, y - worth) for x, y in known)
    for record in verdict:
        if isinstance(record, Comparison) and record.p_left is not None:
            left, right = samples[record.left], samples[record.right]
            yield len(left.completion) - len(right.completion), record.p_left - 0.5
