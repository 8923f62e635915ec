"""The measures of a round: their names, what they are called, and where a run's records have them.

Names are paths: `won/start` is the win rate against the start, `judge/ties` how often the judge found two samples
equal. A run has those that its method and its world have; a page shows those that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Counts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Interval:
    """A number with its 95% interval; None where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None


MEASURES = {
    "won/start": "wins against the start",
    "won/before": "wins against the one before",
    "won/mixture": "the mixture against the start",
    "solved": "held-out theorems proved",
    "solved/mixture": "proved by the mixture",
    "drawn/proved": "draws that prove, of theorems looked at",
    "gain/start": "more than the start",
    "gain/before": "more than the one before",
    "newly_proved": "proved for the first time",
    "truth": "true score",
    "length": "characters of an answer",
    "margin": "margin of what was chosen",
    "agreement/pairwise": "pairs in the true order",
    "agreement/exact": "true order found exactly",
    "agreement/best": "perfect scores on top",
    "agreement/spearman": "Spearman's correlation",
    "agreement/kendall": "Kendall's tau-b",
    "judge/abstentions": "no verdict",
    "judge/unparsable": "answers unreadable",
    "judge/ties": "ties",
    "judge/consistency": "says the same when asked again",
    "judge/inconsistent": "the two orders disagree",
    "judge/first_place": "prefers what is shown first",
    "judge/score_length": "correlation with length",
    "own/proved": "points that prove",
    "own/accuracy": "own verdict right",
    "own/pairwise": "two points in the right order",
    "own/best": "best point proves",
    "own/gain": "best point, more than chance",
    "own/auc": "area under the ROC curve",
    "own/spearman": "rank correlation",
}
"""What each measure is called, in the order of tables. Those by length (`by_length/`) and points (`points/`) beside."""

NUMBERS = frozenset(("newly_proved", "truth", "length", "margin"))
"""Measures in units of their own."""
CORRELATIONS = frozenset(("agreement/spearman", "agreement/kendall", "judge/score_length", "own/auc", "own/spearman"))
"""Measures between -1 and 1. All others are shares."""


def measures_of(counts: Counts) -> dict[str, Interval]:
    """The measures of a round, from the numbers of its stages."""
    evaluation, judged = counts.get("evaluation", {}), counts.get("judgements", {})
    found = {
        **_evaluated(evaluation, "now"),
        **{f"agreement/{name}": value for name, value in evaluation.get("judge", {}).items()},
        **{f"own/{name}": value for name, value in evaluation.get("verdicts", {}).items()},
        "drawn/proved": counts.get("curriculum", {}).get("proved"),
        "margin": counts.get("pairs", {}).get("margin"),
    }
    for name in MEASURES:
        kind, _, of = name.partition("/")
        if kind == "judge" and judged.get(of) is not None:
            found[name] = {"value": judged[of], **_ends(judged.get("intervals", {}).get(of))}
    return {name: interval for name, value in found.items() if (interval := _interval(value)) is not None}


def start_of(evaluation: Mapping[str, Any]) -> dict[str, Interval]:
    """What the first evaluation says of the policy that the run began with."""
    found = {name: value for name, value in _evaluated(evaluation, "start").items() if not name.startswith("won/")}
    if found["length"] is not None:  # the newest policy's
        found["length"] = evaluation.get("against_start", {}).get("lengths", (None, None))[1]
    shown = ("truth", "length", "points/")
    return {
        name: interval
        for name, value in found.items()
        if (name == "solved" or name.startswith(shown)) and (interval := _interval(value)) is not None
    }


def _evaluated(evaluation: Mapping[str, Any], who: str) -> dict[str, Any]:
    """The measures of one policy in an evaluation: of the newest (`now`), or of the start."""
    solved = evaluation.get("solved", {})
    found: dict[str, Any] = {
        "won/start": evaluation.get("against_start", {}).get("rate"),
        "won/before": evaluation.get("against_before", {}).get("rate"),
        "won/mixture": evaluation.get("mixture_against_start", {}).get("rate"),
        "solved": solved.get(who),
        "solved/mixture": solved.get("mixture"),
        "newly_proved": evaluation.get("newly_proved"),
        "truth": None if solved else evaluation.get("truth", {}).get(who),  # of theorems, that they are proved
        "length": None if solved else evaluation.get("length"),
    }
    found |= {f"gain/{name}": value for name, value in evaluation.get("gain", {}).items()}
    parts = evaluation.get("by_points", {})
    found |= {f"points/{number}": parts[number].get(who) for number in sorted(parts, key=int)}
    buckets = {} if solved else evaluation.get("against_start", {}).get("by_length", {})
    return found | {f"by_length/{name}": buckets[name] for name in sorted(buckets, key=_first_number)}


def _first_number(bucket: str) -> tuple[int, str]:
    """The order of "9 to 13 characters" among the others."""
    return int(bucket.split()[0]), bucket


def _ends(interval: Any) -> dict[str, Any]:
    return {} if interval is None else {"low": interval[0], "high": interval[1]}


def _interval(value: Any) -> Interval | None:
    """A number, or a mapping with value, low and high; None where there is no value."""
    if isinstance(value, Mapping):
        if value.get("value") is None:
            return None
        return Interval(value["value"], value.get("low"), value.get("high"), value.get("n"))
    return None if value is None or isinstance(value, bool) else Interval(float(value))
