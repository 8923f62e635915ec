"""What measures: a round's policy against those before it.

All policies answer the same prompts with the same seeds. What a policy answered in one round is read again in the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from maieutic.align.judges.questions import Judge, Question, decided
from maieutic.align.judges.rubrics import as_text
from maieutic.align.measuring.evaluate import VERDICTS, HeadToHead, head_to_head, result
from maieutic.core.files import write_lines
from maieutic.core.generate import Generator, Sampling
from maieutic.core.records import Example, Sample
from maieutic.core.store import Stage
from maieutic.loops.rounds.stages import answers_of, mixture
from maieutic.loops.rounds.world import Round, World


def evaluation(now: Round[World], trained: Stage) -> Stage | None:
    """The stage that measures the round's policy, begun or finished; None where nothing is measured."""
    if now.config.evaluation.path is None:
        return None
    before = now.run.made(now.number - 1, "evaluation") if now.number > 1 else None
    return now.stage("evaluation", trained, before)


def answered(
    now: Round[World], stage: Stage, policy: Path, prompts: Sequence[Example], how: Sampling
) -> dict[str, list[Sample]]:
    """What each answers to held-out prompts, in their order: `now`, `before`, `start`, and the `mixture` where it is
    what comes out. These are the stage's records; what was answered in the round before is read there.

    Args:
        policy: the round's new one, `now`.
        how: how the answers are drawn.
    """
    before = now.run.made(now.number - 1, "evaluation") if now.number > 1 else None
    known = _answered_before(before)
    writers: dict[str, Generator] = {"now": now.world.examinee(policy)}
    if now.method.output == "mixture":
        writers["mixture"] = mixture(now, (*now.policies, policy), now.world.examinee)
    if before is None:
        writers["start"] = now.world.examinee(now.policies[0])

    def work(part: Sequence[Example], first: int) -> list[Sample]:
        drawn = [sample for writer in writers.items() for sample in answers(now, part, *writer, how)]
        return [*drawn, *(sample for read in known.values() for sample in read[first : first + len(part)])]

    now.make(stage, prompts, work)
    by: dict[str, list[Sample]] = {}
    for sample in stage.records(Sample):
        by.setdefault(sample.model.partition(" ")[0], []).append(sample)
    by.setdefault("before", by["start"])
    return by


def _answered_before(stage: Stage | None) -> dict[str, list[Sample]]:
    """What the round before had its own policy and the start answer: this round's `before` and `start`."""
    if stage is None:
        return {}
    found = stage.records(Sample)
    roles = {"now": "before", "start": "start"}
    return {
        role: [replace(s, model=f"{role} {s.model.partition(' ')[2]}") for s in found if s.model.startswith(f"{was} ")]
        for was, role in roles.items()
    }


def answers(now: Round[World], part: Sequence[Example], role: str, writer: Generator, how: Sampling) -> list[Sample]:
    """One answer of a writer to each prompt, as evaluations draw them: with the same seed whoever writes."""
    return answers_of(replace(now, number=0), part, {role: (writer, 1)}, how, about="evaluation")


def compared(now: Round[World], stage: Stage, by: Mapping[str, Sequence[Sample]], judge: Judge) -> dict[str, Any]:
    """The policy of the round, and the mixture where there is one, against others: `against_start` and the like.

    The result of each prompt is written to the stage's file of verdicts.
    """
    counts, rows = {}, []
    for who, other in (("now", "before"), ("now", "start"), ("mixture", "start")):
        if who in by:
            told, results = duel(now, by[who], by[other], judge)
            counts[f"against_{other}" if who == "now" else f"{who}_against_{other}"] = asdict(told)
            if who == "now":
                prompts = [as_text(sample.prompt) for sample in by[who]]
                rows += [{"prompt": p, "against": other, "result": r} for p, r in zip(prompts, results, strict=True)]
    write_lines(stage.folder / VERDICTS, rows)
    return counts


def duel(
    now: Round[World], ours: Sequence[Sample], theirs: Sequence[Sample], judge: Judge
) -> tuple[HeadToHead, list[float | None]]:
    """One policy's answers against another's, on the whole and prompt by prompt."""
    asked = [Question(a.prompt, (a, b)) for a, b in zip(ours, theirs, strict=True)]
    verdicts = decided(judge, asked, now.config.seed)
    results = [result(*told) for told in zip(asked, verdicts, strict=True)]
    return head_to_head(asked, verdicts, now.config.seed), results
