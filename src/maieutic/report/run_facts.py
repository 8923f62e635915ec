"""What a run's folder says, gathered for a page: round by round, and sample by sample."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from maieutic.align.evaluate import VERDICTS
from maieutic.align.rubrics import as_text
from maieutic.core.files import read_lines
from maieutic.core.records import Sample
from maieutic.core.store import LOG, Run, Stage

METRICS = "metrics.jsonl"
"""The file of a policy's stage with the numbers of each training step."""


@dataclass(frozen=True)
class Interval:
    """A share with its 95% interval; None where there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Round:
    """One round.

    Attributes:
        number: counted from 1; 0 is the start.
        flow: what came out of each stage, as [("prompts", 256), ("samples", 1024), ...].
        won: rates of the round's policy against others, as {"start": Interval}.
        agreement: of the judge with the truth, as {"pairwise": Interval}.
        numbers: other numbers by name: "length", "margin", "true score", "ties", ...
        steps: the metrics of each training step.
        seconds: how long it took, where the log says so.
    """

    number: int
    flow: Sequence[tuple[str, int]] = ()
    won: Mapping[str, Interval] = field(default_factory=dict)
    agreement: Mapping[str, Interval] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)
    steps: Sequence[Mapping[str, float]] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class SideBySide:
    """One prompt, the answer of the start and of the last policy, and which is better: 1 the last, 0 the start."""

    prompt: str
    before: str
    after: str
    result: float


@dataclass(frozen=True)
class RunFacts:
    """All that the page of a run tells."""

    name: str
    settings: Mapping[str, Any]
    rounds: Sequence[Round]
    samples: Sequence[SideBySide]
    finished: bool
    outcome: str
    warnings: Sequence[str]

    @property
    def method(self) -> str:
        return str(self.settings.get("method", ""))


def facts_of(run: Run) -> RunFacts:
    """The facts of a run, whether it is finished or not."""
    stages: dict[int, dict[str, Stage]] = {}
    for stage in run.stages():
        if stage.finished:
            stages.setdefault(stage.round, {})[stage.name] = stage
    seconds = _seconds(run)
    rounds = [_round(number, of, seconds.get(number)) for number, of in sorted(stages.items()) if number > 0]
    evaluations = [of["evaluation"] for _, of in sorted(stages.items()) if "evaluation" in of]
    samples = _side_by_side(evaluations[-1]) if evaluations else []
    output = run.folder / "output.json"
    outcome = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    return RunFacts(
        name=run.folder.name,
        settings=run.settings,
        rounds=rounds,
        samples=samples,
        finished=output.exists(),
        outcome=str(outcome.get("why", "")),
        warnings=_warnings(samples, rounds),
    )


def _round(number: int, stages: Mapping[str, Stage], seconds: float | None) -> Round:
    counts = {name: stage.counts for name, stage in stages.items()}
    evaluation, judged = counts.get("evaluation", {}), counts.get("judgements", {})
    numbers = {
        "length": evaluation.get("length"),
        "words": counts.get("samples", {}).get("words"),
        "margin": counts.get("pairs", {}).get("margin"),
        "true score": evaluation.get("truth", {}).get("now"),
        "abstentions": judged.get("abstentions"),
        "ties": judged.get("ties"),
        "inconsistent": judged.get("inconsistent"),
        "first place": judged.get("first_place"),
        "score and length": judged.get("score_length"),
    }
    policy = stages.get("policy")
    metrics = policy.folder / METRICS if policy is not None else None
    return Round(
        number,
        flow=_flow(counts),
        won={
            who: _interval(evaluation[key]["rate"])
            for key, who in (("against_start", "start"), ("against_before", "before"))
            if key in evaluation
        },
        agreement={
            name: _interval(value) for name, value in evaluation.get("judge", {}).items() if isinstance(value, Mapping)
        },
        numbers={name: float(value) for name, value in numbers.items() if value is not None},
        origins=counts.get("pairs", {}).get("origins") or {},
        steps=list(read_lines(metrics)) if metrics is not None and metrics.exists() else (),
        seconds=seconds,
    )


def _flow(counts: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How many things came out of each stage."""
    told = [
        ("prompts", counts.get("prompts", {}).get("prompts")),
        ("samples", counts.get("samples", {}).get("samples")),
        ("teacher's", counts.get("teacher", {}).get("samples")),
        ("verdicts", counts.get("judgements", {}).get("verdicts")),
        ("chosen", counts.get("pairs", {}).get("chosen")),
        ("learned from", counts.get("policy", {}).get("learned_from")),
    ]
    return [(name, int(count)) for name, count in told if count is not None]


def _interval(value: Mapping[str, Any]) -> Interval:
    return Interval(value.get("value"), value.get("low"), value.get("high"))


def _seconds(run: Run) -> dict[int, float]:
    """Seconds of each round, summed over all the times that it was worked on."""
    spent: dict[int, float] = {}
    log = run.folder / LOG
    for row in read_lines(log) if log.exists() else ():
        if "seconds" in row:
            spent[row["round"]] = spent.get(row["round"], 0.0) + row["seconds"]
    return spent


def _side_by_side(stage: Stage) -> list[SideBySide]:
    """The answers of the start and of the newest policy to each prompt, with the verdicts on them."""
    answers: dict[str, dict[str, str]] = {}
    for sample in stage.records(Sample):
        answers.setdefault(as_text(sample.prompt), {})[sample.model.partition(" ")[0]] = sample.completion
    path = stage.folder / VERDICTS
    results = (
        {row["prompt"]: row["result"] for row in read_lines(path) if row["against"] == "start"} if path.exists() else {}
    )
    return [
        SideBySide(prompt, of["start"], of["now"], results[prompt])
        for prompt, of in answers.items()
        if results.get(prompt) is not None and {"start", "now"} <= of.keys()
    ]


def _warnings(samples: Sequence[SideBySide], rounds: Sequence[Round]) -> list[str]:
    """What a reader should not overlook."""
    found = []
    if len(samples) > 1 and len({sample.after for sample in samples}) == 1:
        found.append(f"All {len(samples)} answers of the last policy are identical.")
    for one in rounds:
        if one.numbers.get("abstentions", 0) > 0.2:
            share = 100 * one.numbers["abstentions"]
            found.append(f"In round {one.number} the judge gave no verdict on {share:.0f}% of what it was asked.")
        if dict(one.flow).get("learned from") == 0:
            found.append(f"In round {one.number} nothing was learned from.")
    return found
