"""Judges: who decides which answer is better.

A preference is what a judge says, a number or a probability, never the truth; each entry of JUDGES is one way to get
it. To add one: write a class with a `name` and `judge` (see `questions.Judge`), and a row here with its source; the
tests fail until it has one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from maieutic.align.judges.language import ListwiseJudge, PairwiseJudge, PointwiseJudge
from maieutic.align.judges.oracles import FunctionJudge, HumanJudge, RewardJudge
from maieutic.align.judges.questions import Judge
from maieutic.core.extensions import add_entry


@dataclass(frozen=True)
class JudgeKind:
    """One way to judge.

    Attributes:
        make: makes the judge, from keyword arguments: what it `needs`, and its settings.
        gives: "scores", "comparisons", or "either" (the function says which).
        needs: the argument that has no default: "generator", "rewards", "function" or "ask"; "nothing" where all have.
        about: what it does, in a line.
        source: where it comes from.
    """

    make: Callable[..., Judge]
    gives: str
    needs: str
    about: str
    source: str


PROOF = "proof"
"""The kind that judges auxiliary points by what they prove."""

JUDGES: dict[str, JudgeKind] = {
    "self": JudgeKind(
        partial(PointwiseJudge, kind="self"),
        "scores",
        "generator",
        "the policy itself scores one response at a time: additive 5 points, mean of 3",
        "Self-Rewarding (arXiv 2401.10020), section 2.2",
    ),
    "model": JudgeKind(
        PointwiseJudge,
        "scores",
        "generator",
        "another model, local or behind an endpoint, scores in the same way",
        "Self-Rewarding (arXiv 2401.10020), section 2.2, with an outside judge",
    ),
    "listwise": JudgeKind(
        ListwiseJudge,
        "scores",
        "generator",
        "a model scores all responses to a prompt side by side: additive 6 points, JSON",
        "DNO (arXiv 2404.03715), section 5.1",
    ),
    "pairwise": JudgeKind(
        PairwiseJudge,
        "comparisons",
        "generator",
        "a model compares each two responses in both orders, by log-probabilities where they are told",
        "AlpacaEval 2 (arXiv 2404.04475); both orders: arXiv 2306.05685",
    ),
    "reward": JudgeKind(
        RewardJudge,
        "scores",
        "rewards",
        "a fitted reward model, or any function from completions to numbers",
        "InstructGPT (arXiv 2203.02155), section 3.5",
    ),
    "function": JudgeKind(
        FunctionJudge,
        "either",
        "function",
        "a Python function scores or compares: programmatic oracles, proofs",
        "ours; the preference oracle of DNO (arXiv 2404.03715), section 2",
    ),
    PROOF: JudgeKind(
        partial(FunctionJudge, kind=PROOF),
        "either",
        "function",
        "the kernel, in runs on theorems: 0 for a point that proves nothing, above 1 the more the shorter the proof",
        "ours; proofs as the judge: expert iteration (arXiv 2202.01344), section 4",
    ),
    "human": JudgeKind(
        HumanJudge,
        "comparisons",
        "ask",
        "a person compares two responses at a time, blind, and can stop and go on",
        "Christiano et al. (arXiv 1706.03741), section 2.2",
    ),
}
"""The judges by name."""


def judge(
    name: str, gives: str, *, about: str, source: str, needs: str = "nothing"
) -> Callable[[Callable[..., Judge]], Callable[..., Judge]]:
    """Adds a class, or what else makes a judge, to JUDGES, as a file that `extensions` names may; see `JudgeKind`."""

    def add(make: Callable[..., Judge]) -> Callable[..., Judge]:
        add_entry(JUDGES, name, JudgeKind(make, gives, needs, about, source), make)
        return make

    return add
