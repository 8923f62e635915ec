"""How a judge behaved in a round: how often it gave no verdict, contradicted itself, or was swayed by place or length.

Everything is read from the records alone, so a run that was killed and went on reports the same rates as one that was
not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from maieutic.align.questions import Answer, Question, Verdict, mean, read_raw
from maieutic.core.records import Comparison, Sample, Score


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
        inconsistent: pairs that were shown in both orders, and of which each order preferred another sample.
        first_place: answers that preferred the sample shown first, of those that preferred one; 0.5 is unbiased.
        score_length: Pearson's correlation, within prompts, of a sample's score and its length in characters; of
            comparisons, that of p - 1/2 and the difference of the lengths.
    """

    verdicts: int
    answers: int
    abstentions: float | None
    unparsable: float | None
    failed: float | None
    ties: float | None
    inconsistent: float | None
    first_place: float | None
    score_length: float | None


def rates(judged: Iterable[tuple[Question, Verdict]]) -> Rates:
    """The rates over some questions and their verdicts, of one kind."""
    items = list(judged)
    records = [record for _, verdict in items for record in verdict]
    answers = [read_raw(record.raw, where=f"a verdict of {record.judge}") for record in records]
    received = [answer for each in answers for answer in each if not answer.error]
    values = [record.p_left if isinstance(record, Comparison) else record.value for record in records]
    ties = [tie for question, verdict in items for tie in _ties(question, verdict)]
    return Rates(
        verdicts=len(records),
        answers=len(received),
        abstentions=_share([value is None for value in values]),
        unparsable=_share([answer.value is None for answer in received]),
        failed=_share([any(answer.error for answer in each) for each in answers]),
        ties=_share(ties),
        inconsistent=_share([told for each in answers if (told := _inconsistent(each)) is not None]),
        first_place=_share(list(_first_places(records, received))),
        score_length=_correlation([point for question, verdict in items for point in _lengths(question, verdict)]),
    )


def _share(flags: Sequence[bool]) -> float | None:
    return fmean(flags) if flags else None


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


def _first_places(records: Sequence[Score | Comparison], received: Sequence[Answer]) -> Iterator[bool]:
    """Whether the sample shown first was preferred, of each answer to a comparison that preferred one."""
    if records and isinstance(records[0], Comparison):
        for answer in received:
            if answer.value is not None and answer.value != 0.5:
                yield (answer.value > 0.5) is not answer.swapped


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


def _correlation(points: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's correlation of points whose means are known to be 0; None where one coordinate does not vary."""
    xx = math.fsum(x * x for x, _ in points)
    yy = math.fsum(y * y for _, y in points)
    xy = math.fsum(x * y for x, y in points)
    return xy / math.sqrt(xx * yy) if min(xx, yy) > 1e-12 else None
