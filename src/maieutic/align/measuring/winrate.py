"""Win rates: the raw one, and the one that answers "what if both answers had been as long as each other?".

The length-controlled win rate (arXiv 2404.04475) fits one small logistic model to a model's annotations,

    P(model preferred) = logistic(theta + phi tanh(d / std d) + psi gamma),   d = baseline's length - model's length,

where gamma is how hard the instruction is, known beforehand, and predicts with the length term left out. Two more
sets of rows, of the baseline asked to be verbose and to be concise, keep phi near the baseline's own liking for length;
they count little, and theta is out of them. Everything that makes two implementations differ is as in AlpacaEval:
soft labels as two weighted rows, an L1 penalty chosen by five-fold cross-validation on the log-loss with both rows of a
label in one fold, no intercept, and a fixed seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold

from maieutic.align.measuring.annotations import Annotations
from maieutic.core.errors import InputError

FOLDS = 5
SEED = 123
FEWEST = 2 * FOLDS
"""Annotations below which nothing is fitted."""
GAMING_WEIGHT = 0.2
"""Weight of the gaming rows, all variants together, beside 1 for a row of the model."""


@dataclass(frozen=True)
class Weights:
    """The fitted numbers of one model. `length` goes with tanh of the baseline's length less the model's."""

    length: float
    difficulty: float
    model: float


@dataclass(frozen=True)
class GamingRows:
    """Annotations of a gamed baseline against the baseline itself.

    Attributes:
        preference: P(gamed preferred), float [n].
        scaled_delta: (baseline's length - gamed length) / its standard deviation, float [n].
        difficulty: of the instructions, float [n].
    """

    preference: np.ndarray
    scaled_delta: np.ndarray
    difficulty: np.ndarray


@dataclass(frozen=True)
class WinRate:
    """Percentages of wins of a model against a baseline, and their standard errors.

    `n` counts the annotations with a preference and `n_missing` those without; `notes` say what a reader must know.
    """

    win_rate: float
    standard_error: float
    n: int
    n_missing: int
    length_controlled_win_rate: float | None = None
    lc_standard_error: float | None = None
    weights: Weights | None = None
    notes: tuple[str, ...] = field(default=())


def win_rate(
    annotations: Annotations,
    difficulty: Mapping[str, float] | None = None,
    gaming: Sequence[GamingRows] = (),
    weights: Weights | None = None,
) -> WinRate:
    """The raw and the length-controlled win rate of a model.

    Args:
        annotations: of the model against the baseline.
        difficulty: of each instruction; None leaves the term out.
        gaming: rows of gamed baselines; without them phi is the model's alone.
        weights: published weights of the model, to predict with instead of fitting.

    Raises:
        InputError: no preference at all, or an instruction without difficulty.
    """
    shares = annotations.preference - 1.0
    known = shares[~np.isnan(shares)]
    if not len(known):
        raise InputError("no annotation has a preference")
    raw, error = 100 * known.mean(), _standard_error(known)
    gamma = _difficulties(annotations, difficulty)
    notes = _notes(annotations, difficulty, gaming, weights)
    # In the order of the instructions' names, so that shuffled rows fall into the same folds.
    order = np.argsort(np.array([_sort_key(name) for name in annotations.instruction]), kind="stable")
    scaled = _scaled_delta(annotations)
    nothing_to_fit = _nothing_to_fit(known, scaled, gamma) if weights is None else None
    if nothing_to_fit:
        controlled, fitted = known, None
        notes = (*notes, f"{nothing_to_fit}: the controlled win rate is the raw one")
    else:
        fitted = weights or _fit(shares[order], scaled[order], None if gamma is None else gamma[order], gaming)
        # An instruction without a preference still has a difficulty, so it counts here.
        controlled = _logistic(fitted.model + fitted.difficulty * (np.zeros(len(shares)) if gamma is None else gamma))
    lc = 100 * float(controlled.mean())
    if _extreme(raw, lc):
        notes = (*notes, f"the length-controlled win rate, {lc:.1f}, is far from the raw one, {raw:.1f}: look at both")
    return WinRate(
        float(raw), error, len(known), len(shares) - len(known), lc, _standard_error(controlled), fitted, notes
    )


def rebuilt_gaming_rows(
    baseline_length: np.ndarray, gamed_length: np.ndarray, difficulty: np.ndarray, weights: Weights
) -> GamingRows:
    """The rows of a gamed baseline as its published weights predict them, where its annotations are not public.

    All arrays are [n], over the same instructions.
    """
    delta = baseline_length - gamed_length
    scaled = delta / delta.std(ddof=1)
    preference = _logistic(weights.model + weights.difficulty * difficulty + weights.length * np.tanh(scaled))
    return GamingRows(preference, scaled, difficulty)


def _fit(share: np.ndarray, scaled: np.ndarray, gamma: np.ndarray | None, gaming: Sequence[GamingRows]) -> Weights:
    """The three numbers of a model. `share` [n] is P(model preferred), NaN where it is missing."""
    known = ~np.isnan(share)
    of_gamed = {
        "preference": np.concatenate([rows.preference for rows in gaming]) if gaming else np.zeros(0),
        "scaled": np.concatenate([rows.scaled_delta for rows in gaming]) if gaming else np.zeros(0),
        "gamma": np.concatenate([rows.difficulty for rows in gaming]) if gaming else np.zeros(0),
    }
    gamed = len(of_gamed["preference"])
    target = np.concatenate([of_gamed["preference"], share[known]])
    columns = [np.tanh(np.concatenate([of_gamed["scaled"], scaled[known]]))]
    if gamma is not None:
        columns.append(np.concatenate([of_gamed["gamma"], gamma[known]]))
    columns.append(np.concatenate([np.zeros(gamed), np.ones(int(known.sum()))]))
    weight = np.concatenate([np.full(gamed, GAMING_WEIGHT / max(len(gaming), 1)), np.ones(int(known.sum()))])
    fitted = _soft_logistic_regression(np.column_stack(columns), target, weight)
    return Weights(fitted[0], fitted[1] if gamma is not None else 0.0, fitted[-1])


def _soft_logistic_regression(x: np.ndarray, target: np.ndarray, weight: np.ndarray) -> list[float]:
    """Coefficients [d] for probabilities as targets: each row [d] stands twice, as a yes and as a no."""
    n = len(target)
    rows = np.concatenate([x, x])
    label = np.concatenate([np.ones(n), np.zeros(n)])
    share = np.concatenate([target, 1.0 - target])
    group = np.concatenate([np.arange(n), np.arange(n)])
    twice = np.concatenate([weight, weight])
    scorer = make_scorer(_log_loss, response_method="predict_proba", greater_is_better=False)
    with config_context(enable_metadata_routing=True):  # so that the scorer gets targets and weights
        model = LogisticRegressionCV(
            l1_ratios=(1.0,),
            solver="liblinear",
            fit_intercept=False,
            cv=list(GroupKFold(n_splits=FOLDS).split(rows, label, group)),
            scoring=scorer.set_score_request(target=True, weight=True),
            random_state=SEED,
            use_legacy_attributes=False,
        ).set_fit_request(sample_weight=True)
        target_twice = np.concatenate([target, target])
        model.fit(rows, label, sample_weight=share * twice, target=target_twice, weight=twice)
    return [float(value) for value in model.coef_[0]]


def _log_loss(label: np.ndarray, predicted: np.ndarray, target: np.ndarray, weight: np.ndarray) -> float:
    """Cross-entropy with the probabilities `target`, whatever the label of a row is; a mean over rows, all [n]."""
    p = np.clip(predicted, 1e-15, 1 - 1e-15)
    return float(-np.mean(weight * (target * np.log(p) + (1 - target) * np.log(1 - p))))


def _difficulties(annotations: Annotations, difficulty: Mapping[str, float] | None) -> np.ndarray | None:
    if difficulty is None:
        return None
    missing = [name for name in annotations.instruction if name not in difficulty]
    if missing:
        raise InputError(f"no difficulty for instruction {missing[0]!r}, and {len(missing) - 1} others")
    return np.array([float(difficulty[name]) for name in annotations.instruction])


def _scaled_delta(annotations: Annotations) -> np.ndarray:
    delta = (annotations.baseline_length - annotations.model_length).astype(float)
    spread = float(delta.std(ddof=1)) if len(delta) > 1 else 0.0
    return np.asarray(delta / spread if spread > 0 else np.sign(delta))


def _nothing_to_fit(known: np.ndarray, scaled: np.ndarray, gamma: np.ndarray | None) -> str | None:
    """Why a fit would say no more than the raw rate, where that is so."""
    if len(known) < FEWEST:
        return f"{len(known)} annotations are too few to fit"
    if gamma is None and not scaled.any():
        return "all answers are as long as the baseline's"
    if known.min() == known.max() and known[0] in (0.0, 1.0):
        return "one side wins every time"
    return None


def _notes(
    annotations: Annotations,
    difficulty: Mapping[str, float] | None,
    gaming: Sequence[GamingRows],
    weights: Weights | None,
) -> tuple[str, ...]:
    """What is special about these annotations or this fit."""
    notes = []
    if difficulty is None:
        notes.append("without difficulties of the instructions: that term is left out")
    if not gaming and weights is None:
        notes.append("without gaming rows: the effect of length is fitted on this model alone")
    if weights is not None:
        notes.append("predicted with published weights, not fitted")
    if len(annotations) > 1:
        if annotations.answers and len(set(annotations.answers)) == 1:
            notes.append(f"WARNING: all {len(annotations)} answers of the model are identical")
        elif not annotations.answers and len(set(annotations.model_length.tolist())) == 1:
            length = annotations.model_length[0]
            notes.append(
                f"WARNING: all {len(annotations)} answers of the model have {length} characters: they may be identical"
            )
    return tuple(notes)


def _extreme(raw: float, controlled: float) -> bool:
    """Whether two rates differ by more than 10 points and by more than a quarter of the way to 0 or 100."""
    return controlled < min(0.75 * raw, raw - 10) or controlled > max(raw + (100 - raw) / 4, raw + 10)


def _standard_error(values: np.ndarray) -> float:
    """In percent, of the mean of values [n] in [0, 1]; NaN for a single one."""
    return 100 * float(values.std(ddof=1)) / float(np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _logistic(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-np.logaddexp(0, -x)))


def _sort_key(name: str) -> str:
    """Numbers in the order of numbers, whatever their number of digits."""
    return name.zfill(12) if name.isdigit() else name
