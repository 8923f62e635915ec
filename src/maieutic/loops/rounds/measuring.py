"""What measures: a round's policy against those before it, the judge against the truth, checkpoints while one trains.

All policies answer the same prompts with the same seeds. What a policy answered in one round is read again in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.oracles import load_function
from maieutic.align.judges.questions import Judge, Question, decided
from maieutic.align.judges.rubrics import as_text
from maieutic.align.measuring.agreement import Judged as Ranked
from maieutic.align.measuring.agreement import agreement
from maieutic.align.measuring.evaluate import VERDICTS, HeadToHead, head_to_head, result
from maieutic.align.selection.select import rewards
from maieutic.core.datasets import read_prompts
from maieutic.core.errors import InputError
from maieutic.core.files import make_folder, read_lines, write_lines
from maieutic.core.generate import Generator, Sampling
from maieutic.core.records import Example, Sample, from_json, to_json
from maieutic.core.store import Stage
from maieutic.loops.rounds.config import evaluator
from maieutic.loops.rounds.stages import Scene, answers_of, mixture, questions, verdicts_of


def evaluate(scene: Scene, now: Path, trained: Stage, judgements: Stage | None, *samples: Stage | None) -> Stage | None:
    """The new policy against the round's first and against the run's first, and the judge against the truth.

    A method whose output is a mixture has it measured as well.
    """
    stage = evaluation(scene, trained)
    if stage is None or stage.finished:
        return stage
    config = scene.config.evaluation
    by = answered(scene, stage, now, evaluated_prompts(scene)[: config.count])
    counts = compared(scene, stage, by)
    counts["length"] = sum(len(s.completion) for s in by["now"]) / len(by["now"])
    if config.oracle is not None:
        truth = load_function(config.oracle, scene.cast.base)
        counts["truth"] = {n: sum(truth(s.prompt, s.completion) for s in of) / len(of) for n, of in by.items()}
        if judgements is not None:
            counts["judge"] = asdict(judge_agreement(scene, truth, judgements, *samples))
    stage.finish(**counts)
    return stage


def evaluation(scene: Scene, trained: Stage) -> Stage | None:
    """The stage that measures the round's policy, begun or finished; None where nothing is measured."""
    if scene.config.evaluation.path is None:
        return None
    before = scene.run.made(scene.round - 1, "evaluation") if scene.round > 1 else None
    return scene.run.stage(scene.round, "evaluation", *(s for s in (trained, before) if s is not None))


def answered(scene: Scene, stage: Stage, now: Path, prompts: Sequence[Example]) -> dict[str, list[Sample]]:
    """What each answers to held-out prompts, in their order: `now`, `before`, `start`, and the `mixture` where it is
    what comes out. These are the stage's records; what was answered in the round before is read there."""
    before = scene.run.made(scene.round - 1, "evaluation") if scene.round > 1 else None
    known = _answered_before(before)
    writers: dict[str, Generator] = {"now": scene.cast.examinee(now)}
    if scene.method.output == "mixture":
        writers["mixture"] = mixture(scene, (*scene.policies, now), scene.cast.examinee)
    if before is None:
        writers["start"] = scene.cast.examinee(scene.policies[0])

    def work(part: Sequence[Example], first: int) -> list[Sample]:
        drawn = [sample for writer in writers.items() for sample in answers(scene, part, *writer)]
        return [*drawn, *(sample for read in known.values() for sample in read[first : first + len(part)])]

    scene.make(stage, prompts, work)
    by: dict[str, list[Sample]] = {}
    for sample in stage.records(Sample):
        by.setdefault(sample.model.partition(" ")[0], []).append(sample)
    by.setdefault("before", by["start"])
    return by


def evaluated_prompts(scene: Scene) -> list[Example]:
    """All prompts that are held out."""
    path = scene.config.evaluation.path
    assert path is not None, "checked with the configuration"
    return [Example(prompt, "") for prompt in read_prompts(scene.cast.path(path))]


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


def answers(scene: Scene, part: Sequence[Example], role: str, writer: Generator) -> list[Sample]:
    """One answer of a writer to each prompt, as evaluations draw them: with the same seed whoever writes."""
    config = scene.config
    how = Sampling(config.evaluation.temperature, config.sampling.top_p, config.sampling.max_tokens)
    return answers_of(replace(scene, round=0), part, {role: (writer, 1)}, how, about="evaluation")


def compared(
    scene: Scene, stage: Stage, by: Mapping[str, Sequence[Sample]], judge: Judge | None = None
) -> dict[str, Any]:
    """The policy of the round, and the mixture where there is one, against others: `against_start` and the like.

    The result of each prompt is written to the stage's file of verdicts. The judge is the evaluation's, if none is
    given.
    """
    counts, rows = {}, []
    for who, other in (("now", "before"), ("now", "start"), ("mixture", "start")):
        if who in by:
            told, results = _duel(scene, by[who], by[other], judge or _examiner(scene))
            counts[f"against_{other}" if who == "now" else f"{who}_against_{other}"] = asdict(told)
            if who == "now":
                prompts = [as_text(sample.prompt) for sample in by[who]]
                rows += [{"prompt": p, "against": other, "result": r} for p, r in zip(prompts, results, strict=True)]
    write_lines(stage.folder / VERDICTS, rows)
    return counts


def against(scene: Scene, ours: Sequence[Sample], theirs: Sequence[Sample]) -> HeadToHead:
    """One policy's answers against another's, by the evaluation's judge."""
    return _duel(scene, ours, theirs, _examiner(scene))[0]


def _duel(
    scene: Scene, ours: Sequence[Sample], theirs: Sequence[Sample], judge: Judge
) -> tuple[HeadToHead, list[float | None]]:
    """One policy's answers against another's, on the whole and prompt by prompt."""
    asked = [Question(a.prompt, (a, b)) for a, b in zip(ours, theirs, strict=True)]
    verdicts = decided(judge, asked, scene.config.seed)
    results = [result(*told) for told in zip(asked, verdicts, strict=True)]
    return head_to_head(asked, verdicts, scene.config.seed), results


def _examiner(scene: Scene) -> Judge:
    """The evaluation's judge."""
    kind, config = evaluator(scene.config, scene.method)
    if kind is None:
        raise InputError("an evaluation needs a judge", where="evaluation.judge", hint=", ".join(JUDGES))
    return scene.cast.judge(kind, config, partial(scene.cast.writer, scene.policies[0]))


def judge_agreement(scene: Scene, truth: Callable[..., float], judgements: Stage, *samples: Stage | None) -> Any:
    """How well the round's judge ranked the round's samples, told by the oracle."""
    asked = questions(scene.run.made(scene.round, "prompts"), *samples)
    prompts = []
    for question, verdict in zip(asked, verdicts_of(judgements, asked), strict=True):
        worth = [-float(truth(sample.prompt, sample.completion)) for sample in question.samples]
        prompts.append(Ranked(rewards(question, verdict), tuple(worth)))
    return agreement(prompts, seed=scene.config.seed)


@dataclass(frozen=True)
class Checkpoints:
    """How good a checkpoint is: by how much each is preferred to the one before, summed from where training began.

    Self-Rewarding (arXiv 2401.10020, section 3.1) stops early by such comparisons, on 253 prompts that serve nothing
    else. What a checkpoint answered, and what it came to, is written down: a run that was killed compares the next one
    with the same answers.

    Attributes:
        begun: the policy that training began with.
        folder: a file for each checkpoint.
    """

    scene: Scene
    begun: str | Path
    folder: Path

    def __call__(self, policy: Any, step: int) -> float:
        """The sum of win rates minus 1/2, up to this step's."""
        from maieutic.lm.sampling.sample import Sampler

        settings = self.scene.config.early_stopping
        assert settings is not None, "asked for by the caller"
        make_folder(self.folder)
        prompts = evaluated_prompts(self.scene)[-settings.prompts :]
        before, value = self._last(prompts, step)
        samples = answers(self.scene, prompts, "checkpoint", Sampler(policy, name=f"{step}"))
        rate = against(self.scene, samples, before).rate.value
        value += 0.0 if rate is None or rate != rate else rate - 0.5
        write_lines(self.folder / f"{step:08d}.jsonl", [value, *map(to_json, samples)])
        return value

    def _last(self, prompts: Sequence[Example], step: int) -> tuple[list[Sample], float]:
        """The answers and the value of the checkpoint before this step's, or of where training began."""
        earlier = [path for path in sorted(self.folder.glob("*.jsonl")) if int(path.stem) < step]
        if not earlier:
            return answers(self.scene, prompts, "checkpoint", self.scene.cast.writer(self.begun)), 0.0
        value, *rows = read_lines(earlier[-1])
        return [from_json(Sample, row) for row in rows], value
