"""Selection: from what was judged to what is learned. Pure functions over records.

Each entry of SELECTORS turns judged prompts into preference pairs or examples. They share three rules. A sample without
a reward (an abstention) is in no pair. Two samples with the same text are no pair. And `margin` is always
r(chosen) - r(rejected) in the judge's units, so that a loss with soft labels can use any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from random import Random
from statistics import fmean
from typing import Any

from maieutic.align.judges.questions import Question, Verdict
from maieutic.core.errors import InputError
from maieutic.core.extensions import add_entry
from maieutic.core.records import Comparison, Example, PreferencePair, Prompt, Sample

STUDENT, TEACHER, DATA = "student", "teacher", "data"
"""Who wrote a sample: the policy that learns, the model that it learns from, or the authors of a data set."""


@dataclass(frozen=True)
class Judged:
    """A prompt with its n samples, who wrote each, and what a judge found each worth (None: no verdict)."""

    prompt: Prompt
    samples: tuple[Sample, ...]
    origins: tuple[str, ...]
    rewards: tuple[float | None, ...]
    judge: str = ""


def judged(question: Question, verdict: Verdict | None = None, origins: Mapping[str, str] | None = None) -> Judged:
    """A question and its verdict as selectors take them.

    Args:
        verdict: scores, which are the rewards; or comparisons, whose win rates are; or none, where none was asked for.
        origins: who stands behind the name of a model; a name that is not here is the student's.
    """
    names, said = origins or {}, verdict or []
    who = tuple(names.get(sample.model, STUDENT) for sample in question.samples)
    return Judged(question.prompt, question.samples, who, rewards(question, said), said[0].judge if said else "")


def rewards(question: Question, verdict: Verdict) -> tuple[float | None, ...]:
    """What each sample is worth: its score, or its win rate against the other samples.

    DNO (arXiv 2404.03715, algorithm 2, step 5): r(x, y) is the mean over the K other candidates y' of P(y > y' | x).
    Where one of these comparisons has no verdict, neither has the sample: a rate against some of the others cannot be
    compared with a rate against all.
    """
    known: dict[str, float | None] = {}
    wins: dict[tuple[str, str], float | None] = {}
    for record in verdict:
        if isinstance(record, Comparison):
            wins[record.left, record.right] = record.p_left
            wins[record.right, record.left] = record.swap().p_left
        else:
            known[record.sample] = record.value
    ids = [sample.id for sample in question.samples]
    if not wins:
        return tuple(known.get(i) for i in ids)
    against = [[wins.get((i, j)) for place, j in enumerate(ids) if place != k] for k, i in enumerate(ids)]
    return tuple(None if None in rates else fmean(p for p in rates if p is not None) for rates in against)


# --- the selectors ----------------------------------------------------------------------------------------------------


def best_worst(items: Sequence[Judged]) -> list[PreferencePair]:
    """The best sample of each prompt against its worst; nothing where all are equal."""
    pairs: list[PreferencePair] = []
    for item in items:
        known = _known(item)
        if known:
            best = max(known, key=lambda k: _reward(item, k))  # of equals, the first
            worst = min(known, key=lambda k: _reward(item, k))
            if _reward(item, best) > _reward(item, worst):
                pairs += _pair(item, best, worst)
    return pairs


def win_rate_margin(
    items: Sequence[Judged],
    positive: float = 5.0,
    margin: float = 2.0,
    student_margin: float = 1.0,
    origins: Collection[str] = (),
) -> list[PreferencePair]:
    """All pairs whose better sample is good enough and far enough above the other.

    The defaults are DNO's, for scores from 0 to 6; for win rates they have to be chosen from 0 to 1.

    Args:
        positive: the least reward of the chosen one.
        margin: the least difference to the rejected one.
        student_margin: the same where the chosen one is the student's.
        origins: the kinds of pairs to keep, as "teacher>student" (DNO-Restrictive); all where none is named.
    """
    pairs: list[PreferencePair] = []
    for item in items:
        for k, other in permutations(_known(item), 2):
            least = student_margin if item.origins[k] == STUDENT else margin
            above = _reward(item, k) - _reward(item, other)
            if _reward(item, k) >= positive and above > 0 and above >= least:
                pairs += _pair(item, k, other)
    return [pair for pair in pairs if not origins or pair.origin in origins]


def all_pairs(items: Sequence[Judged]) -> list[PreferencePair]:
    """Each two samples of a prompt, the better one first; ties too, with margin 0. Soft labels are sigma(margin)."""
    pairs: list[PreferencePair] = []
    for item in items:
        for k, other in combinations(_known(item), 2):
            pairs += _pair(item, k, other) if _reward(item, k) >= _reward(item, other) else _pair(item, other, k)
    return pairs


def data_vs_own(items: Sequence[Judged]) -> list[PreferencePair]:
    """What the data or the teacher says against each of the student's own samples, without a judge; margin 1."""
    pairs: list[PreferencePair] = []
    for item in items:
        own = [k for k, origin in enumerate(item.origins) if origin == STUDENT]
        for k in [k for k, origin in enumerate(item.origins) if origin != STUDENT]:
            pairs += [pair for other in own for pair in _pair(item, k, other, 1.0)]
    return pairs


def positives(items: Sequence[Judged], threshold: float | None = None, origins: Collection[str] = ()) -> list[Example]:
    """The samples to imitate: all with a reward of `threshold` or more; without a threshold, the best of each prompt.

    Only those by `origins`, as "teacher", where some are named. Each text of a prompt once.
    """
    examples: dict[Example, None] = {}
    for item in items:
        known = [k for k in _known(item) if not origins or item.origins[k] in origins]
        best = max((_reward(item, k) for k in known), default=0.0)
        if threshold is None:
            chosen = [k for k in known if _reward(item, k) == best][:1]
        else:
            chosen = [k for k in known if _reward(item, k) >= threshold]
        examples |= {Example(item.prompt, item.samples[k].completion): None for k in chosen}
    return list(examples)


@dataclass(frozen=True)
class Selector:
    """One way to choose.

    Attributes:
        function: from judged prompts, and the parameters, to what is learned.
        gives: "pairs" or "examples".
        judged: needs a judge's verdicts.
        parameters: what can be set, with the defaults.
        source: where it comes from.
    """

    function: Callable[..., list[PreferencePair] | list[Example]]
    gives: str
    judged: bool
    parameters: Mapping[str, Any]
    source: str


SELECTORS: dict[str, Selector] = {
    "best_worst": Selector(
        best_worst, "pairs", True, {}, "Self-Rewarding (arXiv 2401.10020), section 2.3, preference pairs"
    ),
    "win_rate_margin": Selector(
        win_rate_margin,
        "pairs",
        True,
        {"positive": 5.0, "margin": 2.0, "student_margin": 1.0, "origins": ()},
        "DNO (arXiv 2404.03715), algorithm 2, steps 5 and 6; thresholds: section 5.1",
    ),
    "all_pairs": Selector(all_pairs, "pairs", True, {}, "DNO (arXiv 2404.03715), algorithm 1, equation 8"),
    "data_vs_own": Selector(data_vs_own, "pairs", False, {}, "SPIN (arXiv 2401.01335), algorithm 1"),
    "positives": Selector(
        positives,
        "examples",
        True,
        {"threshold": None, "origins": ()},
        "SFT on positives: DNO (arXiv 2404.03715), section 5, and Self-Rewarding (arXiv 2401.10020), section 2.3",
    ),
}
"""The selectors by name."""


def selector(
    name: str, gives: str, *, source: str, judged: bool = True, **parameters: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds a function to SELECTORS, as a file that `extensions` names may; see `Selector`.

    Args:
        parameters: what can be set, with the defaults.
    """

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        add_entry(SELECTORS, name, Selector(function, gives, judged, parameters, source), function)
        return function

    return add


# --- before and after -------------------------------------------------------------------------------------------------


def degenerate(text: str, n: int = 4, share: float = 0.5, least: int = 20) -> bool:
    """Does a text go round in circles? True where more than `share` of its n-grams of words are repetitions.

    A word of more than 20 characters counts as its characters. Texts with fewer than `least` n-grams are never
    degenerate.
    """
    units = [unit for word in text.split() for unit in (word if len(word) > 20 else [word])]
    grams = [tuple(units[k : k + n]) for k in range(len(units) - n + 1)]
    return len(grams) >= least and 1 - len(set(grams)) / len(grams) > share


def demote(items: Sequence[Judged], lowest: float = 0.0, n: int = 4, share: float = 0.5) -> list[Judged]:
    """The same, with each degenerate sample worth no more than `lowest`, the bottom of the judge's scale, and no more
    than any other sample: a negative that no judge need be asked about (DNO, arXiv 2404.03715, section 5.1)."""
    demoted = []
    for item in items:
        bad = [degenerate(sample.completion, n, share) for sample in item.samples]
        bottom = min([lowest, *(reward for reward in item.rewards if reward is not None)])
        worth = tuple(bottom if is_bad else reward for is_bad, reward in zip(bad, item.rewards, strict=True))
        demoted.append(replace(item, rewards=worth))
    return demoted


def provenance(pairs: Sequence[PreferencePair]) -> dict[str, int]:
    """How many pairs there are of each origin, as {"student>student": 3, "teacher>student": 5}."""
    return dict(sorted(Counter(pair.origin for pair in pairs).items()))


def replay(
    rounds: Sequence[Sequence[PreferencePair]], share: float = 0.3, decay: float = 0.5, seed: int = 0
) -> list[PreferencePair]:
    """Pairs of earlier rounds to learn from again: at most `share` of the last round's, and `decay` times that share of
    each round before it (DNO, arXiv 2404.03715, section 5.1: 30%, 15%, ...).

    Args:
        rounds: the pairs that each earlier round chose itself, the oldest round first.
        seed: the same seed and rounds give the same pairs.

    Returns:
        The pairs in the order of their rounds, the oldest first.
    """
    if not (0 <= share <= 1 and 0 <= decay <= 1):
        raise InputError(f"share {share} and decay {decay} are to be from 0 to 1", where="replay")
    chosen: list[PreferencePair] = []
    for number, pairs in enumerate(rounds):
        count = int(len(pairs) * share * decay ** (len(rounds) - 1 - number) + 1e-9)  # 0.3 * 10 is 3
        places = Random(f"{seed} {number} {len(rounds)}").sample(range(len(pairs)), count)
        chosen += [pairs[place] for place in sorted(places)]
    return chosen


def _known(item: Judged) -> list[int]:
    """The places of the samples that have a reward."""
    return [k for k, reward in enumerate(item.rewards) if reward is not None]


def _reward(item: Judged, k: int) -> float:
    reward = item.rewards[k]
    assert reward is not None, "an abstention is never a number"
    return reward


def _pair(item: Judged, k: int, other: int, margin: float | None = None) -> Iterator[PreferencePair]:
    """The pair of two samples, the better one first; none where they say the same."""
    chosen, rejected = item.samples[k].completion, item.samples[other].completion
    if chosen != rejected:
        above = _reward(item, k) - _reward(item, other) if margin is None else margin
        origin = f"{item.origins[k]}>{item.origins[other]}"
        yield PreferencePair(item.prompt, chosen, rejected, above, judge=item.judge, origin=origin)
