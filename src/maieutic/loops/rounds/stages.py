"""The stages of a round: each makes the records of one folder from those before it, and is skipped where it is done.

All randomness comes from the run's seed and from what is worked on, never from when: so a stage that was killed in the
middle goes on to the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from maieutic.align.judges.prompts import Creation, Creator, Refusal, portions, refusals
from maieutic.align.judges.questions import Question, Verdict, decided
from maieutic.align.measuring.bias import rates
from maieutic.align.methods import Method
from maieutic.align.selection.select import DATA, SELECTORS, TEACHER, Judged, demote, judged, provenance, replay
from maieutic.core.datasets import read_examples, read_prompts
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import read_lines, write_lines
from maieutic.core.generate import Generator, Sampling
from maieutic.core.progress import progress
from maieutic.core.records import (
    Comparison,
    Example,
    PreferencePair,
    Prompt,
    Record,
    Sample,
    Score,
    content_hash,
    from_json,
    to_json,
)
from maieutic.core.store import Run, Stage
from maieutic.loops.rounds.config import ImproveConfig, judge_kind
from maieutic.loops.rounds.outside import sampling
from maieutic.loops.rounds.participants import Cast, Mixture

NOBODY = "data"
"""The model's name on a sample that the data answered."""

CREATIONS = "creations.jsonl"
"""All attempts at new prompts, and why each was refused, beside the prompts that came of them."""


@dataclass(frozen=True)
class Scene:
    """What every stage of a round is handed.

    Attributes:
        policies: the folders of all policies so far, the first one first and the present one last.
        round: counted from 1; round 0 is the start.
    """

    run: Run
    cast: Cast
    config: ImproveConfig
    method: Method
    round: int
    policies: tuple[str | Path, ...]

    @property
    def now(self) -> str | Path:
        """The policy that the round begins with."""
        return self.policies[-1]

    def seed(self, *about: Any) -> int:
        """A seed for one purpose in this round: the same for the same purpose."""
        return int(content_hash([self.config.seed, self.round, *map(str, about)])[:12], 16)

    def make(self, stage: Stage, items: Sequence[Any], work: Callable[[Sequence[Any], int], Iterable[Record]]) -> None:
        """Make a stage's records, with a progress bar."""
        with progress(f"Round {self.round}: {stage.name}", total=len(items)) as advance:
            stage.make(items, work, block=self.config.block, advance=advance)


# --- prompts ---------------------------------------------------------------------------------------------------------


def ask(scene: Scene) -> Stage:
    """The round's prompts, as examples whose completion is the data's answer, or empty."""
    stage = scene.run.stage(scene.round, "prompts")
    if stage.finished:
        return stage
    config, path = scene.config.prompts, scene.cast.path(scene.config.prompts.path)
    known = known_prompts(path, needs_answers=DATA in scene.method.candidates)
    mine = portions(known, scene.config.rounds, scene.config.seed)[scene.round - 1] if scene.method.split else known
    if config.per_round is not None:
        if len(mine) < config.per_round:
            message = f"{len(mine)} prompts for round {scene.round}, and {config.per_round} are wanted"
            raise InputError(message, where=str(path), hint="give more prompts, or set prompts.per_round lower")
        mine = mine[: config.per_round]
    created = _created(scene, stage, [e.prompt for e in known]) if config.create else []
    examples = [*mine, *(Example(creation.prompt, "") for creation in created if creation.refusal is None)]
    scene.make(stage, examples, lambda part, first: part)
    counts = {"created": refusals(created)} if config.create else {}
    stage.finish(prompts=len(examples), **counts)
    return stage


def known_prompts(path: Path, *, needs_answers: bool) -> list[Example]:
    """The prompts of a file, each once, with the data's answers where a method learns from them."""
    rows = read_examples(path) if needs_answers else [Example(prompt, "") for prompt in read_prompts(path)]
    return list({example.prompt: example for example in reversed(rows)}.values())[::-1]  # of equals, the first


def _created(scene: Scene, stage: Stage, seeds: Sequence[Prompt]) -> list[Creation]:
    """Attempts at new prompts, as Self-Rewarding makes them (arXiv 2401.10020, section 2.2, step 1).

    They are written down a batch at a time: a run that was killed goes on with the next batch.
    """
    config, path = scene.config.prompts, stage.folder / CREATIONS
    writer = scene.cast.writer(scene.now) if config.creator is None else scene.cast.writer_of(config.creator)
    creator = Creator(generator=writer, seeds=seeds, chat=config.chat or config.creator is not None)
    log = [from_json(Creation, row, str(path)) for row in read_lines(path)] if path.exists() else []
    with progress(f"Round {scene.round}: creating prompts", total=config.create) as advance:
        advance(sum(creation.refusal is None for creation in log))
        for creation in creator.create(config.create, scene.seed("create"), done=log):
            if creation.refusal == Refusal.FAILED:
                raise MaieuticError(f"{writer.name} made no prompt; the same command goes on from here")
            log.append(creation)
            advance(creation.refusal is None)
            if len(log) % creator.batch == 0:
                write_lines(path, map(to_json, log))
    write_lines(path, map(to_json, log))
    return log


# --- candidates ------------------------------------------------------------------------------------------------------


def draw(scene: Scene, asked: Stage) -> Stage:
    """What the policies answer: for each prompt, the candidates of each writer in the row's order."""
    stage = scene.run.stage(scene.round, "samples", asked)
    if not stage.finished:
        writers = {w: (_writer(scene, w), n) for w, n in scene.method.candidates.items() if w not in (TEACHER, DATA)}
        how = sampling(scene.config.sampling)
        scene.make(stage, asked.records(Example), lambda part, first: answers_of(scene, part, writers, how))
        samples = stage.records(Sample)
        stage.finish(samples=len(samples), cut=sum(s.finish == "length" for s in samples), words=_words(samples))
    return stage


def ask_teacher(scene: Scene, asked: Stage) -> Stage | None:
    """What the teacher, or the data, answers; None where the method has neither."""
    candidates = {w: n for w, n in scene.method.candidates.items() if w in (TEACHER, DATA)}
    if not candidates:
        return None
    stage = scene.run.stage(scene.round, "teacher", asked)
    if not stage.finished:
        how = sampling(scene.config.sampling)
        writers = {TEACHER: (scene.cast.teacher(), candidates[TEACHER])} if TEACHER in candidates else {}

        def work(part: Sequence[Example], first: int) -> Iterable[Sample]:
            own = [Sample(e.prompt, e.completion, NOBODY, 0) for e in part] if DATA in candidates else []
            return [*answers_of(scene, part, writers, how), *own]

        scene.make(stage, asked.records(Example), work)
        samples = stage.records(Sample)
        stage.finish(samples=len(samples), words=_words(samples))
    return stage


def _writer(scene: Scene, name: str) -> Generator:
    """The writer of a row's candidates."""
    if name == "mixture":
        return mixture(scene, scene.policies, scene.cast.writer)
    previous = scene.policies[max(len(scene.policies) - 2, 0)]
    writer: Generator = scene.cast.writer({"policy": scene.now, "previous": previous, "first": scene.policies[0]}[name])
    return writer


def mixture(scene: Scene, policies: Sequence[str | Path], writer: Callable[[str | Path], Generator]) -> Mixture:
    """One of these policies, drawn anew for each prompt; `writer` makes what answers of a policy's folder."""
    return Mixture([partial(writer, folder) for folder in policies], scene.config.seed)


def answers_of(
    scene: Scene,
    part: Sequence[Example],
    writers: Mapping[str, tuple[Generator, int]],
    how: Sampling,
    about: str | None = None,
) -> list[Sample]:
    """Samples of all writers, prompt by prompt. Raises MaieuticError where a writer fails for good.

    Args:
        writers: by their part in the method: who, and how many samples of a prompt.
        about: what the seeds are for; None: each writer has its own.
    """
    drawn: list[list[Sample]] = [[] for _ in part]
    for role, (writer, count) in writers.items():
        seeds = [scene.seed("draw", about or role, e.id) for e in part]
        requests = [scene.cast.request(e.prompt, count, seed) for e, seed in zip(part, seeds, strict=True)]
        for reply in writer.generate(requests, how):
            if reply.error is not None:
                message = f"{writer.name} did not answer: {reply.error}"
                raise MaieuticError(f"{message}; the same command goes on from here")
            request, prompt = requests[reply.index], part[reply.index].prompt
            drawn[reply.index] += [
                Sample(prompt, g.text, f"{role} {writer.name}", request.completion_seed(g.number), g.finish)
                for g in reply.generated
            ]
    return [sample for samples in drawn for sample in samples]


# --- judgements ------------------------------------------------------------------------------------------------------


def questions(asked: Stage, *stages: Stage | None) -> list[Question]:
    """Each prompt with all its samples, those of the first stage first."""
    found: dict[str, list[Sample]] = {}
    for stage in stages:
        for sample in stage.records(Sample) if stage is not None else ():
            found.setdefault(Example(sample.prompt, "").id, []).append(sample)
    prompts = [example.prompt for example in asked.records(Example)]
    return [Question(prompt, tuple(found.get(Example(prompt, "").id, ()))) for prompt in prompts]


def judge(scene: Scene, asked: list[Question], *inputs: Stage | None, kind: str | None = None) -> Stage | None:
    """The verdicts on all questions, in their order, by another kind of judge than the run's where one is named.

    None where nobody judges.
    """
    kind = kind or judge_kind(scene.config, scene.method)
    if kind is None:
        return None
    stage = scene.run.stage(scene.round, "judgements", *(i for i in inputs if i is not None))
    if not stage.finished:
        who = scene.cast.judge(kind, scene.config.judge, partial(scene.cast.writer, scene.now))

        def work(part: Sequence[Question], first: int) -> Iterable[Record]:
            return [record for verdict in decided(who, part, scene.config.seed) for record in verdict]

        scene.make(stage, asked, work)
        verdicts = verdicts_of(stage, asked)
        stage.finish(judge=who.name, **rates(zip(asked, verdicts, strict=True)).__dict__)
    return stage


def verdicts_of(stage: Stage, asked: Sequence[Question]) -> list[Verdict]:
    """The verdicts that a stage holds, one for each question."""
    rows = [row for path in sorted(stage.folder.glob("records-*.jsonl")) for row in read_lines(path)]
    compares = bool(rows) and "p_left" in rows[0]
    left = iter(rows)
    found: list[Verdict] = []
    for question in asked:
        if compares:
            found.append([from_json(Comparison, row) for row in islice(left, len(question.pairs))])
        else:
            found.append([from_json(Score, row) for row in islice(left, len(question.samples))])
    return found


# --- selection -------------------------------------------------------------------------------------------------------


def select(scene: Scene, asked: list[Question], judgements: Stage | None, *inputs: Stage | None) -> Stage:
    """What is learned from: pairs, or examples."""
    given = [stage for stage in (judgements, *inputs) if stage is not None]
    stage = scene.run.stage(scene.round, "pairs", *given)
    if not stage.finished:
        items = judged_questions(scene, asked, judgements)
        known = demote(items) if scene.method.demote else items
        chosen = SELECTORS[scene.method.selector].function(known, **dict(scene.method.selection))
        scene.make(stage, chosen, lambda part, first: part)
        counts: dict[str, Any] = {"questions": len(asked), "chosen": len(chosen)}
        if judgements is not None:
            counts["unjudged"] = sum(None in item.rewards for item in items)
        if pairs := [record for record in chosen if isinstance(record, PreferencePair)]:
            counts |= {"origins": provenance(pairs), "margin": fmean(pair.margin for pair in pairs)}
        stage.finish(**counts)
    return stage


def judged_questions(scene: Scene, asked: Sequence[Question], judgements: Stage | None) -> list[Judged]:
    """Questions with what their samples were found worth, and who wrote them."""
    names = {sample.model for question in asked for sample in question.samples}
    origins = {name: TEACHER for name in names if name.startswith(f"{TEACHER} ")} | {NOBODY: DATA}
    if judgements is None:
        return [judged(question, None, origins) for question in asked]
    verdicts = list(zip(asked, verdicts_of(judgements, asked), strict=True))
    items = [judged(question, verdict, origins) for question, verdict in verdicts]
    if scene.method.opponents is None:
        return items
    against = [win_rates(question, verdict, scene.method.opponents) for question, verdict in verdicts]
    return [replace(item, rewards=rates) for item, rates in zip(items, against, strict=True)]


def win_rates(question: Question, verdict: Verdict, writer: str) -> tuple[float | None, ...]:
    """r(x, y) = E[P(y > y' | x)], y' drawn by one writer: the mean over its samples, y itself left out.

    DNO (arXiv 2404.03715, algorithm 1): the rate against pi_t, whoever wrote y. Raises InputError for a judge that
    scores: a score is no probability.
    """
    p: dict[tuple[str, str], float | None] = {}
    for record in verdict:
        if not isinstance(record, Comparison):
            hint = "pairwise, or a function of prompt, left and right"
            raise InputError("win rates need a judge that compares", where="judge.kind", hint=hint)
        p[record.left, record.right], p[record.right, record.left] = record.p_left, record.swap().p_left
    samples = list(enumerate(question.samples))
    theirs = [(k, sample.id) for k, sample in samples if sample.model.startswith(f"{writer} ")]
    against = [[p.get((mine.id, other)) for k, other in theirs if k != place] for place, mine in samples]
    return tuple(fmean(r for r in rates if r is not None) if rates and None not in rates else None for rates in against)


def learned_from(scene: Scene, pairs: Stage) -> list[Any]:
    """The round's choice, with pairs of earlier rounds as the method keeps them, asked as the policy is asked."""
    kind: type[Record] = PreferencePair if SELECTORS[scene.method.selector].gives == "pairs" else Example
    fresh = pairs.records(kind)
    past = [stage.records(kind) for stage in scene.run.stages() if stage.name == "pairs" and stage.round < scene.round]
    kept: Sequence[Any] = ()
    if scene.method.keep == "all":
        kept = [record for records in past for record in records]
    elif scene.method.keep == "replay":
        kept = replay(past, seed=scene.seed("replay"))  # type: ignore[arg-type]
    return [replace(record, prompt=scene.cast.prompt(record.prompt)) for record in [*kept, *fresh]]


def _words(samples: Sequence[Sample]) -> float:
    """Mean number of words of a sample."""
    return sum(len(s.completion.split()) for s in samples) / len(samples) if samples else 0.0
