"""The stages of a round: each makes the records of one folder from those before it, and is skipped where it is done.

All randomness comes from the run's seed and from what is worked on, never from when: so a stage that was killed in the
middle goes on to the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from maieutic.align.judges.questions import Judge, Question, Verdict, decided
from maieutic.align.measuring.bias import rates
from maieutic.align.selection.select import DATA, SELECTORS, TEACHER, Judged, demote, judged, provenance, replay
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import read_lines
from maieutic.core.generate import Generator, Sampling
from maieutic.core.records import (
    Comparison,
    Example,
    PreferencePair,
    Record,
    Sample,
    Score,
    from_json,
)
from maieutic.core.store import Stage
from maieutic.loops.rounds.participants import Mixture, sampling
from maieutic.loops.rounds.world import Round, World

NOBODY = "data"
"""The model's name on a sample that the data answered."""


# --- candidates ------------------------------------------------------------------------------------------------------


def draw(now: Round[World], asked: Stage) -> Stage:
    """What the policies answer: for each prompt, the candidates of each writer in the row's order."""
    stage = now.stage("samples", asked)
    if not stage.finished:
        writers = {w: (_writer(now, w), n) for w, n in now.method.candidates.items() if w not in (TEACHER, DATA)}
        how = sampling(now.config.sampling)
        now.make(stage, asked.records(Example), lambda part, first: answers_of(now, part, writers, how))
        samples = stage.records(Sample)
        stage.finish(samples=len(samples), cut=sum(s.finish == "length" for s in samples), words=_words(samples))
    return stage


def ask_teacher(now: Round[World], asked: Stage) -> Stage | None:
    """What the teacher, or the data, answers; None where the method has neither."""
    candidates = {w: n for w, n in now.method.candidates.items() if w in (TEACHER, DATA)}
    if not candidates:
        return None
    stage = now.stage("teacher", asked)
    if not stage.finished:
        how = sampling(now.config.sampling)
        writers = {TEACHER: (now.world.teacher(), candidates[TEACHER])} if TEACHER in candidates else {}

        def work(part: Sequence[Example], first: int) -> Iterable[Sample]:
            own = [Sample(e.prompt, e.completion, NOBODY, 0) for e in part] if DATA in candidates else []
            return [*answers_of(now, part, writers, how), *own]

        now.make(stage, asked.records(Example), work)
        samples = stage.records(Sample)
        stage.finish(samples=len(samples), words=_words(samples))
    return stage


def _writer(now: Round[World], name: str) -> Generator:
    """The writer of a row's candidates."""
    if name == "mixture":
        return mixture(now, now.policies, now.world.writer)
    previous = now.policies[max(len(now.policies) - 2, 0)]
    writer: Generator = now.world.writer({"policy": now.policy, "previous": previous, "first": now.policies[0]}[name])
    return writer


def mixture(now: Round[World], policies: Sequence[str | Path], writer: Callable[[str | Path], Generator]) -> Mixture:
    """One of these policies, drawn anew for each prompt; `writer` makes what answers of a policy's folder."""
    return Mixture([partial(writer, folder) for folder in policies], now.config.seed)


def answers_of(
    now: Round[World],
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
        seeds = [now.seed("draw", about or role, e.id) for e in part]
        requests = [now.world.request(e.prompt, count, seed) for e, seed in zip(part, seeds, strict=True)]
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


def questions(now: Round[World], asked: Stage, *stages: Stage | None) -> list[Question]:
    """Each prompt with its samples, those of the first stage first.

    Where answers that say the same are one in this world, each is there once, the first of its samples; but for a
    method that takes win rates, which are against samples as often as they are drawn.
    """
    found = every_sample(asked, *stages)
    return list(map(distinct, found)) if now.world.distinct and now.method.opponents is None else found


def every_sample(asked: Stage, *stages: Stage | None) -> list[Question]:
    """Each prompt with all its samples."""
    found: dict[str, list[Sample]] = {}
    for stage in stages:
        for sample in stage.records(Sample) if stage is not None else ():
            found.setdefault(Example(sample.prompt, "").id, []).append(sample)
    prompts = [example.prompt for example in asked.records(Example)]
    return [Question(prompt, tuple(found.get(Example(prompt, "").id, ()))) for prompt in prompts]


def distinct(question: Question) -> Question:
    """The same with the first sample of those that say the same."""
    first = {sample.completion: sample for sample in reversed(question.samples)}
    return Question(question.prompt, tuple(first.values())[::-1])


def judge(
    now: Round[World], asked: Sequence[Question], *inputs: Stage | None, by: Callable[[], Judge] | None = None
) -> Stage | None:
    """The verdicts on all questions, in their order; None where nobody judges.

    Args:
        by: makes another judge than the world's.
    """
    if by is None and now.method.judge is None:
        return None
    stage = now.stage("judgements", *inputs)
    if not stage.finished:
        who = now.world.judge(now) if by is None else by()

        def work(part: Sequence[Question], first: int) -> Iterable[Record]:
            return [record for verdict in decided(who, part, now.config.seed) for record in verdict]

        now.make(stage, asked, work)
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


def select(now: Round[World], asked: list[Question], judgements: Stage | None, *inputs: Stage | None) -> Stage:
    """What is learned from: pairs, or examples."""
    stage = now.stage("pairs", judgements, *inputs)
    if not stage.finished:
        items = judged_questions(now, asked, judgements)
        known = demote(items) if now.method.demote else items
        selector = SELECTORS[now.method.selector]
        chosen = selector.function(known, **{**selector.parameters, **now.method.selection})
        now.make(stage, chosen, lambda part, first: part)
        counts: dict[str, Any] = {"questions": len(asked), "chosen": len(chosen)}
        if judgements is not None:
            counts["unjudged"] = sum(None in item.rewards for item in items)
        if pairs := [record for record in chosen if isinstance(record, PreferencePair)]:
            counts |= {"origins": provenance(pairs), "margin": fmean(pair.margin for pair in pairs)}
        stage.finish(**counts)
    return stage


def judged_questions(now: Round[World], asked: Sequence[Question], judgements: Stage | None) -> list[Judged]:
    """Questions with what their samples were found worth, and who wrote them."""
    names = {sample.model for question in asked for sample in question.samples}
    origins = {name: TEACHER for name in names if name.startswith(f"{TEACHER} ")} | {NOBODY: DATA}
    if judgements is None:
        return [judged(question, None, origins) for question in asked]
    verdicts = list(zip(asked, verdicts_of(judgements, asked), strict=True))
    items = [judged(question, verdict, origins) for question, verdict in verdicts]
    if now.method.opponents is None:
        return items
    against = [win_rates(question, verdict, now.method.opponents) for question, verdict in verdicts]
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


def learned_from(now: Round[World], pairs: Stage) -> list[Any]:
    """The round's choice, with pairs of earlier rounds as the method keeps them, asked as the policy is asked."""
    kind: type[Record] = PreferencePair if SELECTORS[now.method.selector].gives == "pairs" else Example
    fresh = pairs.records(kind)
    past = [stage.records(kind) for stage in now.run.stages() if stage.name == "pairs" and stage.round < now.number]
    kept: Sequence[Any] = ()
    if now.method.keep == "all":
        kept = [record for records in past for record in records]
    elif now.method.keep == "replay":
        kept = replay(past, seed=now.seed("replay"))  # type: ignore[arg-type]
    return [replace(record, prompt=now.world.prompt(record.prompt)) for record in [*kept, *fresh]]


def _words(samples: Sequence[Sample]) -> float:
    """Mean number of words of a sample."""
    return sum(len(s.completion.split()) for s in samples) / len(samples) if samples else 0.0
