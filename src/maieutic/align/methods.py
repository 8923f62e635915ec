"""Methods are rows.

Every method here is the same round: draw candidates, judge them, select, train. What distinguishes them is who writes
the candidates, who judges, what is kept, which loss it is kept for, and what the policy is compared with. So a method
is a row of a table, and a row's fields can be overridden in a run's configuration; what is in no row is no method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from maieutic.core.extensions import add_entry

WRITERS = ("policy", "previous", "first", "mixture", "teacher", "data")
"""Who can write candidates: the round's policy, the one before it, the first one, a policy drawn anew for each prompt
from all so far, the teacher, and the data's own completions."""

Start = Literal["sft", "sft+eft", "reward"]
Trainer = Literal["fit", "ppo"]


@dataclass(frozen=True)
class Method:
    """One row.

    Attributes:
        about: what it does, in a line.
        source: the paper, and where in it.
        candidates: how many completions of a prompt each writer gives.
        judge: the kind of judge (JUDGES) that the source uses; None: nobody judges.
        selector: what is made of the verdicts (SELECTORS), with its settings.
        loss: an entry of LOSSES, with its settings; PPO has none.
        start: what round 0 trains before anything is drawn: on instructions, on these and examples of judging, or a
            reward model on preferences (after instructions).
        reference: what the loss holds the policy to: the policy that the round began with, or the first one.
        initialise: what a round trains on from: the round before, or the first policy.
        keep: pairs of earlier rounds: "none", "replay" (a share that decays with age), or "all".
        split: each prompt serves in one round only; otherwise every round draws from all.
        output: the policy at the end: the last, the best by validation, or the uniform mixture of all rounds.
        trainer: who trains.
        opponents: the writer whose samples a win rate is against; None: all other samples of the prompt.
        demote: a sample that repeats itself is worth no more than the worst, whatever the judge says.
    """

    about: str
    source: str
    candidates: Mapping[str, int]
    judge: str | None
    selector: str
    loss: str = ""
    start: Start = "sft"
    selection: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    reference: Literal["round", "first"] = "round"
    initialise: Literal["previous", "first"] = "previous"
    keep: Literal["none", "replay", "all"] = "none"
    split: bool = True
    output: Literal["last", "best", "mixture"] = "last"
    trainer: Trainer = "fit"
    opponents: str | None = None
    demote: bool = False


METHODS: dict[str, Method] = {
    "self_rewarding": Method(
        about="the policy judges its own four answers; best against worst",
        source="arXiv 2401.10020, section 2",
        candidates={"policy": 4},
        judge="self",
        selector="best_worst",
        loss="dpo",
        start="sft+eft",
        training={"beta": 0.1},
    ),
    "dno": Method(
        about="five answers of the policy and one of a teacher, ranked side by side; pairs with a large margin",
        source="arXiv 2404.03715, algorithm 2 (DNO-Prct)",
        candidates={"policy": 5, "teacher": 1},
        judge="listwise",
        selector="win_rate_margin",
        loss="dno_prct",
        demote=True,
        keep="replay",
        output="best",
    ),
    "dno_exact": Method(
        about="all pairs of the policy's and the previous policy's answers, regressed on differences of win rates "
        "against the policy",
        source="arXiv 2404.03715, algorithm 1",
        candidates={"policy": 3, "previous": 3},
        judge="pairwise",
        selector="all_pairs",
        loss="dno",
        output="mixture",
        opponents="policy",
    ),
    "dno_restrictive": Method(
        about="as dno, with the teacher's answer as the only winner",
        source="arXiv 2404.03715, table 1 (DNO-Restrictive)",
        candidates={"policy": 5, "teacher": 1},
        judge="listwise",
        selector="win_rate_margin",
        selection={"origins": ("teacher>student",)},
        loss="dno_prct",
        demote=True,
        keep="replay",
        output="best",
    ),
    "dno_lookahead": Method(
        about="as dno, and each round trains the first policy anew on the pairs of all rounds so far",
        source="arXiv 2404.03715, table 1 (DNO-Lookahead)",
        candidates={"policy": 5, "teacher": 1},
        judge="listwise",
        selector="win_rate_margin",
        loss="dno_prct",
        demote=True,
        reference="first",
        initialise="first",
        keep="all",
    ),
    "spin": Method(
        about="the data's answer against the policy's own; nobody judges",
        source="arXiv 2401.01335, algorithm 1",
        candidates={"policy": 1, "data": 1},
        judge=None,
        selector="data_vs_own",
        loss="spin",
        split=False,
    ),
    "offline_dpo": Method(
        about="all answers are the first policy's and the teacher's, whatever is learned meanwhile",
        source="arXiv 2305.18290, section 4; as the baseline of arXiv 2404.03715",
        candidates={"first": 5, "teacher": 1},
        judge="listwise",
        selector="win_rate_margin",
        loss="dpo",
        reference="first",
    ),
    "online_dpo": Method(
        about="two answers of the policy, compared by an outside judge; the first policy stays the reference",
        source="arXiv 2402.04792, section 3",
        candidates={"policy": 2},
        judge="pairwise",
        selector="best_worst",
        loss="dpo",
        reference="first",
    ),
    "sft_on_positives": Method(
        about="imitate what the judge liked best",
        source="arXiv 2404.03715, table 1 (SFT on positives); as the ablation of arXiv 2401.10020",
        candidates={"policy": 5, "teacher": 1},
        judge="listwise",
        selector="positives",
        loss="sft",
    ),
    "expert_iteration": Method(
        about="imitate every answer that the judge accepts, the policy's and a teacher's",
        source="arXiv 1705.08439, section 3 (ExIt); of proofs: arXiv 2202.01344, section 4",
        candidates={"policy": 8, "teacher": 1},
        judge="function",
        selector="positives",
        selection={"threshold": 1.0},
        loss="sft",
    ),
    "rlhf": Method(
        about="a reward model is fitted on preferences, and PPO maximises it near the first policy",
        source="arXiv 2203.02155, section 3",
        candidates={"policy": 1},
        judge="pairwise",
        selector="",
        start="reward",
        reference="first",
        trainer="ppo",
        split=False,
    ),
}
"""The methods by name."""


def method(name: str, row: Method) -> None:
    """Adds a row to METHODS, as a file that `extensions` names may."""
    add_entry(METHODS, name, row, row)
