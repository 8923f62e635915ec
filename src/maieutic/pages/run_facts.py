"""What a run's folder says, gathered for a page: what was measured, round by round, and what was answered.

Everything that is measured of a round is a number with an interval, where it has one, under a name (`MEASURES` in
run_measures.py): so that runs of instructions and runs of theorems are told by the same plots and tables.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from maieutic.align.judges.rubrics import as_text
from maieutic.align.measuring.evaluate import VERDICTS
from maieutic.core.files import read_lines
from maieutic.core.records import Sample
from maieutic.core.store import LOG, Run, Stage
from maieutic.core.text import printable
from maieutic.pages.run_measures import Interval, measures_of, start_of

FLOW = {
    "prompts made": "refused",
    "theorems made up": "",
    "theorems looked at": "always proved",
    "prompts": "",
    "answers": "cut off",
    "teacher's answers": "",
    "verdicts": "without a value",
    "prompts judged": "not in full",
    "chosen": "",
    "kept of earlier rounds": "",
    "learned from": "too long, or empty",
}
"""What comes out of the stages of a round, in their order, and why some of it leads no further."""
METRICS = "metrics.jsonl"
"""The file of a policy's stage with the numbers of each training step."""
PROOFS = "proofs.jsonl"
"""The file of an evaluation with what was proved for the first time: lines with prompt and completion."""
SPOKEN_OF = 0.2
"""Share of verdicts that are missing, above which a reader is warned."""
FEW = 20
"""Answers below which many equal ones are no sign of anything."""


@dataclass(frozen=True)
class Flow:
    """What came out of a stage, and how much of it is worth nothing further on, and why."""

    name: str
    count: int
    lost: int = 0
    why: str = ""


@dataclass(frozen=True)
class Usage:
    """What one model was used for in a round: tokens read and written, and their cost at the configured prices."""

    model: str
    read: int
    written: int
    cost: float


@dataclass(frozen=True)
class Work:
    """What a round took; None is not known.

    Attributes:
        completions: that models wrote, to be learned from or measured.
        verdicts: that judges gave, on candidates and in the evaluation.
        answers: that the judge of the candidates gave for its verdicts, unreadable ones included.
    """

    completions: int = 0
    verdicts: int = 0
    answers: int = 0
    seconds: float | None = None
    cpu_seconds: float | None = None
    used: Sequence[Usage] = ()


@dataclass(frozen=True)
class Round:
    """One round.

    Attributes:
        number: counted from 1; 0 is the start.
        measures: by name, as {"won/start": Interval}.
        flow: what came out of each stage, and what fell out.
        origins: pairs learned from, by who wrote them.
        steps: the metrics of each training step.
        work: what it took.
        proofs: questions and answers of the theorems that were proved for the first time.
    """

    number: int
    measures: Mapping[str, Interval] = field(default_factory=dict)
    flow: Sequence[Flow] = ()
    origins: Mapping[str, int] = field(default_factory=dict)
    steps: Sequence[Mapping[str, float]] = ()
    work: Work = Work()
    proofs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class SideBySide:
    """One prompt, the answer of the start and of the last policy, and which is better: 1 the last, 0 the start."""

    prompt: str
    before: str
    after: str
    result: float | None


@dataclass(frozen=True)
class RunFacts:
    """All that the page of a run tells."""

    name: str
    folder: str
    settings: Mapping[str, Any]
    rounds: Sequence[Round]
    samples: Sequence[SideBySide]
    finished: bool
    outcome: str
    judge: str
    warnings: Sequence[str]

    @property
    def method(self) -> str:
        """The name of the method."""
        return str(self.settings.get("method", ""))


def facts_of(run: Run) -> RunFacts:
    """The facts of a run, whether it is finished or not."""
    stages: dict[int, dict[str, Stage]] = {}
    for stage in run.stages():
        if stage.finished:
            stages.setdefault(stage.round, {})[stage.name] = stage
    log = _log(run)
    rounds = [_round(number, of, log.get(number, Work())) for number, of in sorted(stages.items()) if number > 0]
    evaluations = [of["evaluation"] for _, of in sorted(stages.items()) if "evaluation" in of]
    begun = Round(0, measures=start_of(evaluations[0].counts) if evaluations else {}, work=log.get(0, Work()))
    samples = _side_by_side(evaluations[-1]) if evaluations else []
    output = run.folder / "output.json"
    outcome = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    return RunFacts(
        name=printable(run.folder.resolve().name),
        folder=printable(str(run.folder), None),
        settings=run.settings,
        rounds=[begun, *rounds],
        samples=samples,
        finished=output.exists(),
        outcome=str(outcome.get("why", "")),
        judge=_judge(stages),
        warnings=_warnings(samples, rounds),
    )


def _judge(stages: Mapping[int, Mapping[str, Stage]]) -> str:
    """Who judged the candidates, if anybody did."""
    judged = [of["judgements"] for number, of in sorted(stages.items()) if number > 0 and "judgements" in of]
    name = str(judged[0].counts.get("judge", "")) if judged else ""
    return {"self": "the policy itself", "proof": "the kernel, by proofs"}.get(name.partition(":")[0], name)


def _round(number: int, stages: Mapping[str, Stage], logged: Work) -> Round:
    counts = {name: stage.counts for name, stage in stages.items()}
    policy, evaluation = stages.get("policy"), stages.get("evaluation")
    metrics = policy.folder / METRICS if policy is not None else None
    proofs = evaluation.folder / PROOFS if evaluation is not None else None
    return Round(
        number,
        measures=measures_of(counts),
        flow=list(_flow(counts)),
        origins=counts.get("pairs", {}).get("origins") or {},
        steps=list(read_lines(metrics)) if metrics is not None and metrics.exists() else (),
        work=_work(number, counts, logged),
        proofs=[(str(row["prompt"]), str(row["completion"])) for row in read_lines(proofs)]
        if proofs is not None and proofs.exists()
        else (),
    )


# --- what came out of each stage, and what it took -------------------------------------------------------------------

Counts = Mapping[str, Mapping[str, Any]]


def _flow(counts: Counts) -> list[Flow]:
    """How many things came out of each stage that there is, and how many of them lead no further."""
    asked, looked, drawn, taught, judged, pairs, policy = (
        counts.get(name, {})
        for name in ("prompts", "curriculum", "samples", "teacher", "judgements", "pairs", "policy")
    )
    made = asked.get("created") or {}
    refused = sum(count for reason, count in made.items() if reason != "kept") if isinstance(made, Mapping) else 0
    silent = round((judged.get("abstentions") or 0) * judged.get("verdicts", 0))
    dropped = sum((policy.get("dropped") or {}).values())
    kept = policy.get("learned_from", 0) - pairs.get("chosen", 0)
    found: dict[str, tuple[int | None, int]] = {
        "prompts made": (sum(made.values()) if made else None, refused),
        "theorems made up": (looked.get("made_up") or None, 0),
        "theorems looked at": (looked.get("theorems"), looked.get("always", 0)),
        "prompts": (asked.get("prompts"), 0),
        "answers": (drawn.get("samples"), drawn.get("cut", 0)),
        "teacher's answers": (taught.get("samples"), 0),
        "verdicts": (judged.get("verdicts"), silent),
        "prompts judged": (pairs.get("questions") if judged else None, pairs.get("unjudged", 0)),
        "chosen": (pairs.get("chosen"), 0),
        "kept of earlier rounds": (kept if kept > 0 and pairs else None, 0),
        "learned from": (policy.get("learned_from"), dropped),
    }
    return [
        Flow(name, count, found[name][1], why) for name, why in FLOW.items() if (count := found[name][0]) is not None
    ]


def _work(number: int, counts: Counts, logged: Work) -> Work:
    """What was asked of models and judges, told by what came out of the stages, and what the log has of it."""
    evaluation, judged = counts.get("evaluation", {}), counts.get("judgements", {})
    against = evaluation.get("against_start", {})
    prompts = against["rate"]["n"] + against["missing"] if against else 0
    mixed = "mixture_against_start" in evaluation
    drawn = sum(counts.get(name, {}).get("samples", 0) for name in ("samples", "teacher"))
    return Work(
        completions=drawn + prompts * (1 + mixed + (number == 1)),  # the start answers in the first round only
        verdicts=judged.get("verdicts", 0) + prompts * (2 + mixed),
        answers=judged.get("answers", 0),
        seconds=logged.seconds,
        cpu_seconds=logged.cpu_seconds,
        used=logged.used,
    )


def _log(run: Run) -> dict[int, Work]:
    """What the log has of each round, summed over all the times that it was worked on."""
    path = run.folder / LOG
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for row in read_lines(path) if path.exists() else ():
        if "round" in row:
            rows.setdefault(row["round"], []).append(row)
    return {number: _logged(of) for number, of in rows.items()}


def _logged(rows: Sequence[Mapping[str, Any]]) -> Work:
    timed = [row for row in rows if "seconds" in row]
    used: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if "model" in row:
            used.setdefault(row["model"], []).append(row)
    return Work(
        seconds=sum(row["seconds"] for row in timed) if timed else None,
        cpu_seconds=sum(row.get("cpu_seconds", 0.0) for row in timed) if timed else None,
        used=[
            Usage(model, *(sum(row.get(name, 0) for row in of) for name in ("read", "written", "cost")))
            for model, of in used.items()
        ],
    )


# --- what was answered -----------------------------------------------------------------------------------------------


def _side_by_side(stage: Stage) -> list[SideBySide]:
    """The answers of the start and of the newest policy to each prompt, with the verdicts on them."""
    answers: dict[str, dict[str, str]] = {}
    for sample in stage.records(Sample):
        answers.setdefault(as_text(sample.prompt), {})[sample.model.partition(" ")[0]] = sample.completion
    path = stage.folder / VERDICTS
    rows = list(read_lines(path)) if path.exists() else []
    results = {row["prompt"]: row["result"] for row in rows if row["against"] == "start"}
    return [
        SideBySide(prompt, of["start"].strip(), of["now"].strip(), results.get(prompt))
        for prompt, of in answers.items()
        if {"start", "now"} <= of.keys()
    ]


def _warnings(samples: Sequence[SideBySide], rounds: Sequence[Round]) -> list[str]:
    """What a reader should not overlook. One point may well be the answer to many theorems."""
    found = []
    proves = any("solved" in one.measures for one in rounds)
    if len(samples) > 1:
        text, times = Counter(sample.after for sample in samples).most_common(1)[0]
        if times == len(samples):
            found.append(
                f"All {times} answers of the last policy are identical: whatever it wins, it wins by fooling the judge."
            )
        elif len(samples) >= FEW and times > len(samples) / 2 and not proves:
            found.append(f"{times} of {len(samples)} answers of the last policy are the same text: {text[:80]!r}.")
    for one in rounds:
        silent = one.measures.get("judge/abstentions", Interval(0.0)).value or 0.0
        if silent > SPOKEN_OF:
            found.append(
                f"In round {one.number} the judge gave no verdict on {100 * silent:.0f}% of what it was asked."
            )
        if any(flow.name == "learned from" and flow.count == 0 for flow in one.flow):
            found.append(f"In round {one.number} nothing was learned from.")
    return found
