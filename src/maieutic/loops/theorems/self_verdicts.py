"""A policy that judges its own points, before any of them is tried: Self-Rewarding for theorems.

Asked `encode_verdict(question, clause)`, a policy answers `yes` or `no`. It learns to in round 0, from points that it
proposed itself and the kernel labelled, and along with that to propose those that were proved: the examples of judging
(EFT) and of answering (IFT) of Self-Rewarding (arXiv 2401.10020, section 2.1). From then on its score of a point is the
probability of `yes` against `no`, and training asks no kernel. How far these scores are to be trusted, the kernel tells
afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import expit

from maieutic.align.judges.oracles import RewardJudge
from maieutic.align.judges.questions import Question, Verdict
from maieutic.align.measuring.agreement import Judged, agreement
from maieutic.align.measuring.intervals import Estimate, mean, ratio
from maieutic.align.selection.select import rewards
from maieutic.core.records import Example, Prompt
from maieutic.geometry.text.encoding import NO, YES, encode_verdict

LABELS = (f" {YES}", f" {NO}")


def own_judge(policy: Any) -> RewardJudge:
    """A policy as the judge of points. Args: policy: a LabelScorer with a name."""

    def scores(prompts: Sequence[Prompt], completions: Sequence[str]) -> list[float]:
        asked = [encode_verdict(str(p), c) for p, c in zip(prompts, completions, strict=True)]
        found = dict(policy.label_logprobs(asked, LABELS))
        return [float(expit(found[k][0] - found[k][1])) for k in range(len(asked))]

    return RewardJudge(rewards=scores, model=policy.name, kind="self")


def lessons(questions: Sequence[Question], verdicts: Sequence[Verdict], seed: int = 0) -> list[Example]:
    """Examples of judging and of answering, from points that the kernel scored (0: proves nothing).

    Each point of a theorem is one example of judging; of the more common verdict as many are left out, by chance, as
    make both equally frequent. Those that prove their theorem are examples of answering as well.
    """
    judged: dict[str, dict[Example, None]] = {YES: {}, NO: {}}
    answered: dict[Example, None] = {}
    for question, verdict in zip(questions, verdicts, strict=True):
        for sample, worth in zip(question.samples, rewards(question, verdict), strict=True):
            word = YES if worth else NO
            asked = encode_verdict(str(question.prompt), sample.completion)
            judged[word][Example(asked, f" {word}")] = None
            if worth:
                answered[Example(question.prompt, sample.completion)] = None
    few = min(len(examples) for examples in judged.values())
    rng = Random(f"verdicts {seed}")
    balanced = [example for examples in judged.values() for example in rng.sample(list(examples), few)]
    return [*balanced, *answered]


@dataclass(frozen=True)
class Trust:
    """How well a policy's own scores tell which of its points prove their theorems.

    Attributes:
        proved: share of the points that do: the accuracy of always saying yes.
        accuracy: share of the points whose score is on the right side of 1/2.
        auc: how likely a point that proves its theorem has a higher score than one of any theorem that does not.
        pairwise: the same for two points of one theorem.
        spearman: rank correlation of score and outcome, over all points.
        best: share of the theorems that the point with the highest score proves.
        gain: that, minus the share of a point taken by chance, theorem by theorem.
    """

    proved: Estimate
    accuracy: Estimate
    auc: float
    pairwise: Estimate
    spearman: float
    best: Estimate
    gain: Estimate


def trust(scores: Sequence[Sequence[float]], proved: Sequence[Sequence[float]], seed: int = 0) -> Trust:
    """Own scores against outcomes (1: proved, 0: not), both [theorems][points]; intervals are over theorems."""
    one = [np.asarray(s, float) for s in scores]
    other = [np.asarray(p, float) for p in proved]
    right = [(s > 0.5) == (p > 0) for s, p in zip(one, other, strict=True)]
    counts = np.array([len(s) for s in one], float)
    best = np.array([p[int(s.argmax())] for s, p in zip(one, other, strict=True)])
    chance = np.array([p.mean() for p in other])
    ranked = [Judged(tuple(s), tuple(-p)) for s, p in zip(one, other, strict=True)]
    flat, outcome = np.concatenate(one), np.concatenate(other)
    return Trust(
        proved=ratio(np.array([p.sum() for p in other]), counts, seed),
        accuracy=ratio(np.array([r.sum() for r in right], float), counts, seed),
        auc=auc(flat, outcome),
        pairwise=agreement(ranked, seed=seed).pairwise,
        spearman=_spearman(flat, outcome),
        best=mean(best, seed),
        gain=mean(best - chance, seed),
    )


def auc(scores: np.ndarray, outcomes: np.ndarray) -> float:
    """The area under the ROC curve, by the ranks of the scores [n] (ties count half); NaN for outcomes all alike."""
    positive = outcomes > 0
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    ranks = stats.rankdata(scores)
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def _spearman(scores: np.ndarray, outcomes: np.ndarray) -> float:
    """NaN where one of them is constant."""
    if len(np.unique(scores)) < 2 or len(np.unique(outcomes)) < 2:
        return float("nan")
    return float(stats.spearmanr(scores, outcomes).statistic)
