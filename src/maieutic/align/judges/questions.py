"""What every judge is asked, and what it answers.

A question is a prompt with its samples. A judge that scores gives each sample a number in its own units; one that
compares gives each pair of samples a probability, never assumed transitive. None is an abstention. Whatever a judge
said on the way, unreadable answers and errors included, is kept in the `raw` of the verdict, so that the rates of a
round (`align.bias`) can be told from its records alone, by whoever made them and however often the run was killed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Protocol

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.records import Comparison, Prompt, Sample, Score


@dataclass(frozen=True)
class Question:
    """A prompt and the samples to be judged, all of them completions of it. Comparing needs two or more."""

    prompt: Prompt
    samples: tuple[Sample, ...]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The places (left, right) of each two samples, left before right."""
        return list(combinations(range(len(self.samples)), 2))


Verdict = list[Score] | list[Comparison]
"""A score for each sample in the question's order, or a comparison for each of its pairs in that order."""


class Judge(Protocol):
    """Anything that decides."""

    @property
    def name(self) -> str:
        """Who this is, as it is noted in records: the kind of judge and the model behind it."""
        ...

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """(index of the question, its verdict), as they are ready, each question exactly once.

        A verdict depends on the question, the judge and the seed, and not on which other questions are asked with it.
        """
        ...


@dataclass(frozen=True)
class Answer:
    """One answer on the way to a verdict.

    Attributes:
        text: what was written, or for a listwise judge the part of it about this sample.
        value: what it is worth: a score, or the probability that the left sample is better; None: not readable.
        swapped: the right sample was shown first.
        error: why there is no answer at all.
    """

    text: str
    value: float | None
    swapped: bool = False
    error: str = ""


def write_raw(answers: Iterable[Answer]) -> str:
    """Answers as the `raw` of a score or comparison: JSON, one list [text, value, swapped, error] for each.

    Half characters (lone surrogates), which no file in UTF-8 can hold, become question marks.
    """
    text = json.dumps([[a.text, a.value, a.swapped, a.error] for a in answers], ensure_ascii=False)
    return text.encode("utf-8", errors="replace").decode()


def read_raw(raw: str, where: str = "") -> list[Answer]:
    """The answers that `write_raw` wrote; none of an empty text. Raises InputError where it is something else."""
    try:
        return [Answer(text, value, swapped, error) for text, value, swapped, error in json.loads(raw or "[]")]
    except (ValueError, TypeError) as error:
        raise InputError(f"not a judge's raw answers: {raw!r:.80}", where=where) from error


def mean(answers: Iterable[Answer]) -> float | None:
    """The mean of the readable answers; None where there is none, or a request failed.

    What is left where a request failed hangs on the network, and would differ in another run.
    """
    given = list(answers)
    values = [answer.value for answer in given if answer.value is not None]
    return fmean(values) if values and not any(answer.error for answer in given) else None


def score(sample: Sample, judge: str, answers: Sequence[Answer]) -> Score:
    """A sample's score: the mean of the readable answers."""
    return Score(sample.id, judge, mean(answers), write_raw(answers))


def comparison(left: Sample, right: Sample, judge: str, answers: Sequence[Answer]) -> Comparison:
    """The verdict of a judge that was asked in both orders: the average of the two.

    An order without a readable answer leaves no verdict: the other one alone would carry the judge's preference for a
    position.
    """
    orders = [mean(a for a in answers if a.swapped is swapped) for swapped in (False, True)]
    p = None if None in orders else fmean(p for p in orders if p is not None)
    return Comparison(left.id, right.id, judge, p, write_raw(answers))


def decided(who: Judge, asked: Sequence[Question], seed: int) -> list[Verdict]:
    """A judge's verdicts, in the order of the questions.

    Raises MaieuticError where a request failed for good: what was received is kept in the cache, and a record would
    keep the failure.
    """
    verdicts = dict(who.judge(asked, seed))
    told = [verdicts[k] for k in range(len(asked))]
    errors = [list(_errors(verdict)) for verdict in told]
    if failed := [each[0] for each in errors if each]:
        message = f"{who.name} did not answer {len(failed)} of {len(asked)} questions: {failed[0]}"
        raise MaieuticError(f"{message}; what it answered is kept, and the same command asks for the rest")
    return told


def _errors(verdict: Verdict) -> Iterator[str]:
    return (answer.error for record in verdict for answer in read_raw(record.raw) if answer.error)
