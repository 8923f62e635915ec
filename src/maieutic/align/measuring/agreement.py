"""How well a judge agrees with people, or with an oracle. How it agrees with itself is in bias.py.

The five measures are those of Self-Rewarding Language Models (arXiv 2401.10020, table 4). A prompt has several
responses; the judge gave each a score (higher is better) and people gave each a rank (1 is best).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from maieutic.align.judges.questions import Question, Verdict
from maieutic.align.measuring.intervals import Estimate, mean, ratio
from maieutic.align.selection.select import rewards
from maieutic.core.errors import InputError
from maieutic.core.files import read_lines
from maieutic.core.records import Comparison, Ranking, Sample, Score, read_prompt

SCORED = {"prompt", "completion", "score"}
COMPARED = {"prompt", "left", "right", "p_left"}
"""What a line of verdicts has, by kind."""


@dataclass(frozen=True)
class Judged:
    """The responses of one prompt: the judge's score of each (None: none), and its true rank (1 is best)."""

    scores: tuple[float | None, ...]
    ranks: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.ranks):
            raise InputError(f"{len(self.scores)} scores for {len(self.ranks)} ranks")

    def known(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The scores that are there, and their ranks."""
        pairs = [(s, r) for s, r in zip(self.scores, self.ranks, strict=True) if s is not None]
        return tuple(s for s, _ in pairs), tuple(r for _, r in pairs)


@dataclass(frozen=True)
class Agreement:
    """Shares and correlations, each with its interval over prompts; `missing` is the share of responses unscored.

    Attributes:
        pairwise: pairs of responses with different ranks that the scores order the same way; equal scores do not.
        exact: prompts whose scores order all responses as the ranks do, ties included.
        best: responses with a perfect score that are ranked first ("5-best").
        spearman: rank correlation in a prompt, averaged over prompts where it is defined.
        kendall: tau-b, averaged likewise.
    """

    pairwise: Estimate
    exact: Estimate
    best: Estimate
    spearman: Estimate
    kendall: Estimate
    missing: float


def agreement(prompts: Sequence[Judged], perfect: float = 5.0, seed: int = 0) -> Agreement:
    """The agreement of a judge's scores with true ranks. Raises InputError where there is nothing to compare."""
    if not prompts:
        raise InputError("no prompts to compare")
    known = [prompt.known() for prompt in prompts]
    right, pairs = np.array([_ordered(*p) for p in known], dtype=float).T
    top, perfects = np.array([_best(*p, perfect) for p in known], dtype=float).T
    asked = sum(len(prompt.scores) for prompt in prompts)
    return Agreement(
        pairwise=ratio(right, pairs, seed),
        exact=mean(np.array([_exact(*p) for p in known]), seed),
        best=ratio(top, perfects, seed),
        spearman=mean(np.array([_correlation(*p, "spearman") for p in known]), seed),
        kendall=mean(np.array([_correlation(*p, "kendall") for p in known]), seed),
        missing=1 - sum(len(scores) for scores, _ in known) / asked if asked else math.nan,
    )


def joined(verdicts: Iterable[tuple[Question, Verdict]], rankings: Iterable[Ranking]) -> list[Judged]:
    """The prompts that have both, with the responses of the rankings; a judge that compares ranks by win rates."""
    scores = {
        str(question.prompt): dict(zip((s.completion for s in question.samples), rewards(question, of), strict=True))
        for question, of in verdicts
    }
    return [
        Judged(tuple(of.get(completion) for completion in ranking.completions), tuple(map(float, ranking.ranks)))
        for ranking in rankings
        if (of := scores.get(str(ranking.prompt))) is not None
    ]


def read_verdicts(path: Path) -> list[tuple[Question, Verdict]]:
    """The prompts of a file of verdicts, as `maieutic judge` writes them, in the order in which they first come.

    Lines have prompt, completion and score, or prompt, left, right and p_left; null is no verdict. What the judge wrote
    (raw) is kept where the line says which judge it was. Raises InputError with the line.
    """
    samples: dict[str, dict[str, Sample]] = {}
    verdicts: dict[str, dict[tuple[str, ...], Score | Comparison]] = {}
    for line, row in enumerate(read_lines(path), 1):
        where = f"{path}, line {line}"
        if not isinstance(row, dict) or not (row.keys() >= SCORED or row.keys() >= COMPARED):
            raise InputError("a line has prompt, completion and score, or prompt, left, right and p_left", where=where)
        prompt = read_prompt(row["prompt"], where)
        texts = ("completion",) if row.keys() >= SCORED else ("left", "right")
        known = samples.setdefault(str(prompt), {})
        for text in (str(row[name]) for name in texts):
            known.setdefault(text, Sample(prompt, text, path.name, len(known)))
        ids = tuple(known[str(row[name])].id for name in texts)
        judge, raw = (str(row["judge"]), str(row["raw"])) if {"judge", "raw"} <= row.keys() else ("", "")
        told = verdicts.setdefault(str(prompt), {})
        if len(ids) == 1:
            told[ids] = Score(ids[0], judge, _number(row, "score", where), raw)
        else:
            told[ids] = Comparison(ids[0], ids[1], judge, _number(row, "p_left", where), raw)
    return [_asked(tuple(samples[key].values()), list(of.values()), path) for key, of in verdicts.items()]


def _asked(samples: tuple[Sample, ...], records: Sequence[Score | Comparison], path: Path) -> tuple[Question, Verdict]:
    scores = [record for record in records if isinstance(record, Score)]
    comparisons = [record for record in records if isinstance(record, Comparison)]
    if scores and comparisons:
        raise InputError(f"scores and comparisons of one prompt: {samples[0].prompt!r:.60}", where=str(path))
    return Question(samples[0].prompt, samples), scores or comparisons


def _number(row: Mapping[str, Any], name: str, where: str) -> float | None:
    value = row[name]
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError(f"not a {name}: {value!r:.60}", where=where, hint="a number, or null for no verdict")
    return None if value is None else float(value)


def _ordered(scores: Sequence[float], ranks: Sequence[float]) -> tuple[int, int]:
    """(pairs ordered alike, pairs that have an order)."""
    pairs = [(i, j) for i, j in combinations(range(len(ranks)), 2) if ranks[i] != ranks[j]]
    alike = sum((scores[i] - scores[j]) * (ranks[j] - ranks[i]) > 0 for i, j in pairs)
    return alike, len(pairs)


def _exact(scores: Sequence[float], ranks: Sequence[float]) -> float:
    if len(ranks) < 2:
        return math.nan
    signs = [
        (np.sign(scores[i] - scores[j]), np.sign(ranks[j] - ranks[i])) for i, j in combinations(range(len(ranks)), 2)
    ]
    return float(all(a == b for a, b in signs))


def _best(scores: Sequence[float], ranks: Sequence[float], perfect: float) -> tuple[int, int]:
    """(perfect scores at the top, perfect scores)."""
    perfects = [rank for score, rank in zip(scores, ranks, strict=True) if score >= perfect]
    return sum(rank == min(ranks) for rank in perfects), len(perfects)


def _correlation(scores: Sequence[float], ranks: Sequence[float], kind: str) -> float:
    """Positive where high scores go with low ranks; NaN where one of them is constant."""
    if len(set(scores)) < 2 or len(set(ranks)) < 2:
        return math.nan
    better = [-rank for rank in ranks]
    found = stats.spearmanr(scores, better) if kind == "spearman" else stats.kendalltau(scores, better)
    return float(found.statistic)
