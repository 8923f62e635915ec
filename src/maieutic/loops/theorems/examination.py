"""How good a policy is at proving: held-out theorems, and so many closures for each.

A policy's answer to a held-out theorem is the first of its best points that proves it, as the kernel rules; or its
best one, where none of so many does. All policies of a run are examined on the same theorems, so they are compared
theorem by theorem, and intervals are over theorems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from maieutic.align.judges.kinds import PROOF
from maieutic.align.judges.oracles import FunctionJudge
from maieutic.align.judges.questions import Question, Verdict
from maieutic.align.measuring.intervals import mean
from maieutic.align.selection.select import rewards
from maieutic.core.files import write_lines
from maieutic.core.records import Example, Sample
from maieutic.core.store import Stage
from maieutic.geometry.synthesis.split import Side
from maieutic.loops.rounds.measuring import answered, compared, evaluation
from maieutic.loops.rounds.participants import sampling
from maieutic.loops.rounds.stages import verdicts_of
from maieutic.loops.rounds.world import Round
from maieutic.loops.theorems.participants import TheoremPolicies
from maieutic.loops.theorems.read import points_of, theorems, told
from maieutic.loops.theorems.self_verdicts import Trust, trust

PROOFS = "proofs.jsonl"
"""The file of an evaluation with what was proved now, and neither by the policy before nor at the start: lines with
prompt and completion."""


def examine(
    now: Round[TheoremPolicies], policy: Path, trained: Stage, asked: Sequence[Question], judgements: Stage | None
) -> Stage | None:
    """The new policy on held-out theorems, beside the one before and the start.

    Where the round's policy judged itself, its verdicts on what it was asked are held against the kernel's.
    """
    stage = evaluation(now, trained)
    if stage is None or stage.finished:
        return stage
    exam = held_out(now)
    by = answered(now, stage, policy, exam, sampling(now.config.sampling))
    solved = {who: _solved(now, of) for who, of in by.items()}
    others = ("before", "start")
    counts = compared(now, stage, by, FunctionJudge(function=now.world.kernel.proves, model="kernel", kind=PROOF))
    counts["solved"] = {who: asdict(mean(values)) for who, values in solved.items()}
    counts["gain"] = {who: asdict(mean(solved["now"] - solved[who])) for who in others}
    counts["by_points"] = _by_points(exam, solved)
    new = (solved["now"] > 0) & (solved["before"] == 0) & (solved["start"] == 0)
    write_lines(
        stage.folder / PROOFS,
        ({"prompt": s.prompt, "completion": s.completion} for s, is_new in zip(by["now"], new, strict=True) if is_new),
    )
    counts["newly_proved"] = int(new.sum())
    counts["length"] = float(np.mean([len(sample.completion) for sample in by["now"]]))
    counts["truth"] = {who: float(values.mean()) for who, values in solved.items()}
    if judgements is not None and now.method.judge == "self":
        counts["verdicts"] = asdict(_trust(now, asked, verdicts_of(judgements, asked)))
    stage.finish(**counts)
    return stage


def held_out(now: Round[TheoremPolicies]) -> list[Example]:
    """The theorems that measure: the test side of a folder, or all of a file."""
    config = now.config.evaluation
    assert config.path is not None, "asked for by the caller"
    return told(theorems(now.world.path(config.path), Side.TEST)[: config.count], now.world.shown)


def _solved(now: Round[TheoremPolicies], samples: Sequence[Sample]) -> np.ndarray:
    """Of each theorem 1 where it was proved, 0 where it was not."""
    return np.array([now.world.kernel.proves(sample.prompt, sample.completion) for sample in samples])


def _by_points(asked: Sequence[Example], solved: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """The shares by how many points the theorem's own proof adds, with the number of theorems."""
    points = np.array([points_of(theorem) for theorem in asked])
    return {
        str(number): {who: asdict(mean(values[points == number])) for who, values in solved.items()}
        for number in sorted(set(points.tolist()))
    }


def _trust(now: Round[TheoremPolicies], asked: Sequence[Question], verdicts: Sequence[Verdict]) -> Trust:
    """The policy's verdicts on the round's points, held against the kernel's."""
    scores = [[value or 0.0 for value in rewards(*judged)] for judged in zip(asked, verdicts, strict=True)]
    proved = [[now.world.kernel.proves(s.prompt, s.completion) for s in question.samples] for question in asked]
    return trust(scores, proved, now.config.seed)
