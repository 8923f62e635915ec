"""How good a policy is at instructions: by a judge against those before it, and by the truth where it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.oracles import load_function
from maieutic.align.judges.questions import Judge, Question, Verdict
from maieutic.align.measuring.agreement import Agreement, agreement
from maieutic.align.measuring.agreement import Judged as Ranked
from maieutic.align.measuring.evaluate import HeadToHead
from maieutic.align.selection.select import rewards
from maieutic.core.datasets import read_prompts
from maieutic.core.errors import InputError
from maieutic.core.files import make_folder, read_lines, write_lines
from maieutic.core.generate import Sampling
from maieutic.core.records import Example, Sample, from_json, to_json
from maieutic.core.store import Stage
from maieutic.loops.instructions.config import InstructionsConfig, evaluator
from maieutic.loops.rounds.measuring import answered, answers, compared, duel, evaluation
from maieutic.loops.rounds.policies import Policies
from maieutic.loops.rounds.stages import verdicts_of
from maieutic.loops.rounds.world import Round


def examine(
    now: Round[Policies],
    config: InstructionsConfig,
    policy: Path,
    trained: Stage,
    asked: Sequence[Question],
    judgements: Stage | None,
) -> Stage | None:
    """The new policy against the round's first and against the run's first, and the judge against the truth.

    A method whose output is a mixture has it measured as well.
    """
    stage = evaluation(now, trained)
    if stage is None or stage.finished:
        return stage
    prompts = held_out(now, config)[: config.evaluation.count]
    by = answered(now, stage, policy, prompts, drawing(config))
    counts = compared(now, stage, by, examiner(now, config))
    counts["length"] = sum(len(s.completion) for s in by["now"]) / len(by["now"])
    if config.evaluation.oracle is not None:
        truth = load_function(config.evaluation.oracle, now.world.base)
        counts["truth"] = {n: sum(truth(s.prompt, s.completion) for s in of) / len(of) for n, of in by.items()}
        if judgements is not None:
            counts["judge"] = asdict(judge_agreement(truth, asked, verdicts_of(judgements, asked), config.seed))
    stage.finish(**counts)
    return stage


def held_out(now: Round[Policies], config: InstructionsConfig) -> list[Example]:
    """All prompts that are held out."""
    path = config.evaluation.path
    assert path is not None, "checked with the configuration"
    return [Example(prompt, "") for prompt in read_prompts(now.world.path(path))]


def against(
    now: Round[Policies], config: InstructionsConfig, ours: Sequence[Sample], theirs: Sequence[Sample]
) -> HeadToHead:
    """One policy's answers against another's, by the evaluation's judge."""
    return duel(now, ours, theirs, examiner(now, config))[0]


def drawing(config: InstructionsConfig) -> Sampling:
    """How answers that are compared are drawn."""
    return Sampling(config.evaluation.temperature, config.sampling.top_p, config.sampling.max_tokens)


def examiner(now: Round[Policies], config: InstructionsConfig) -> Judge:
    """The evaluation's judge."""
    kind, settings = evaluator(config, now.method)
    if kind is None:
        raise InputError("an evaluation needs a judge", where="evaluation.judge", hint=", ".join(JUDGES))
    return now.world.judge_of(kind, settings, partial(now.world.writer, now.policies[0]))


def judge_agreement(
    truth: Callable[..., float], asked: Sequence[Question], verdicts: Sequence[Verdict], seed: int
) -> Agreement:
    """How well the round's judge ranked the round's samples, told by the oracle."""
    prompts = []
    for question, verdict in zip(asked, verdicts, strict=True):
        worth = [-float(truth(sample.prompt, sample.completion)) for sample in question.samples]
        prompts.append(Ranked(rewards(question, verdict), tuple(worth)))
    return agreement(prompts, seed=seed)


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

    now: Round[Policies]
    config: InstructionsConfig
    begun: str | Path
    folder: Path

    def __call__(self, policy: Any, step: int) -> float:
        """The sum of win rates minus 1/2, up to this step's."""
        from maieutic.lm.sampling.sample import Sampler

        settings = self.config.early_stopping
        assert settings is not None, "asked for by the caller"
        make_folder(self.folder)
        prompts = held_out(self.now, self.config)[-settings.prompts :]
        before, value = self._last(prompts, step)
        samples = answers(self.now, prompts, "checkpoint", Sampler(policy, name=f"{step}"), drawing(self.config))
        rate = against(self.now, self.config, samples, before).rate.value
        value += 0.0 if rate is None or rate != rate else rate - 0.5
        write_lines(self.folder / f"{step:08d}.jsonl", [value, *map(to_json, samples)])
        return value

    def _last(self, prompts: Sequence[Example], step: int) -> tuple[list[Sample], float]:
        """The answers and the value of the checkpoint before this step's, or of where training began."""
        earlier = [path for path in sorted(self.folder.glob("*.jsonl")) if int(path.stem) < step]
        if not earlier:
            return answers(
                self.now, prompts, "checkpoint", self.now.world.writer(self.begun), drawing(self.config)
            ), 0.0
        value, *rows = read_lines(earlier[-1])
        return [from_json(Sample, row) for row in rows], value
