"""How well a judge agrees with people, or with an oracle, and with itself.

The five measures are those of Self-Rewarding Language Models (arXiv 2401.10020, table 4). A prompt has several
responses; the judge gave each a score (higher is better) and people gave each a rank (1 is best).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import stats

from maieutic.align.intervals import Estimate, mean, ratio
from maieutic.core.errors import InputError
from maieutic.core.files import read_lines
from maieutic.core.records import read_prompt


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


def position_bias(first: Sequence[float | None], second: Sequence[float | None], seed: int = 0) -> Estimate:
    """How much more often the answer shown first wins than by rights: 0 none, 0.5 always.

    Args:
        first: P(answer A is better), asked with A shown first.
        second: P(answer A is better), asked with A shown second; of the same pairs.
    """
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    return mean(np.array([(a - b) / 2 for a, b in both]), seed)


def length_bias(scores: Sequence[float | None], lengths: Sequence[int]) -> float:
    """Spearman's correlation of scores with lengths; NaN where either is constant."""
    pairs = [(s, n) for s, n in zip(scores, lengths, strict=True) if s is not None]
    return _correlation(tuple(s for s, _ in pairs), tuple(-float(n) for _, n in pairs), "spearman")


def self_consistency(repeated: Sequence[Sequence[float | None]], seed: int = 0) -> Estimate:
    """How often two answers of a judge to the same question are equal: [questions][answers]."""
    equal, asked = [], []
    for answers in repeated:
        pairs = list(combinations([a for a in answers if a is not None], 2))
        equal.append(float(sum(a == b for a, b in pairs)))
        asked.append(float(len(pairs)))
    return ratio(np.array(equal), np.array(asked), seed)


def from_tables(
    scores: Mapping[str, Mapping[str, float | None]], ranks: Mapping[str, Mapping[str, float]]
) -> list[Judged]:
    """Prompts that both tables have, as {prompt: {response: number}}; the responses are those of the ranks."""
    return [
        Judged(tuple(scores[prompt].get(response) for response in of), tuple(of.values()))
        for prompt, of in ranks.items()
        if prompt in scores
    ]


def read_scores(path: Path) -> dict[str, dict[str, float | None]]:
    """{prompt: {completion: score}} of JSON lines; a score of null is no verdict. Raises InputError with the line."""
    found: dict[str, dict[str, float | None]] = {}
    for line, row in enumerate(read_lines(path), 1):
        where = f"{path}, line {line}"
        if not isinstance(row, dict) or not {"prompt", "completion", "score"} <= row.keys():
            raise InputError("a line has prompt, completion and score", where=where)
        score = row["score"]
        if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
            raise InputError(f"not a score: {score!r:.60}", where=where, hint="a number, or null for no verdict")
        of = found.setdefault(str(read_prompt(row["prompt"], where)), {})
        of[str(row["completion"])] = None if score is None else float(score)
    return found


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
