"""Judging outside a run: files of answers to scores or comparisons, by any judge; and two files against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maieutic.align.judges.oracles import AskPerson, HumanJudge
from maieutic.align.judges.questions import Question, Verdict, decided
from maieutic.align.measuring.bias import Rates, rates
from maieutic.align.measuring.evaluate import HeadToHead, head_to_head
from maieutic.core.datasets import read_examples
from maieutic.core.errors import InputError
from maieutic.core.files import write_lines
from maieutic.core.judgements import JudgementCache
from maieutic.core.progress import progress
from maieutic.core.records import Message, Prompt, Sample, Score
from maieutic.loops.rounds.check import check_judge
from maieutic.loops.rounds.config import JudgeConfig
from maieutic.loops.rounds.participants import Participants

BLOCK = 256
"""Questions that are asked together: their texts are in memory at once."""


def judge_file(config: JudgeConfig, data: Path, out: Path, *, seed: int = 0, chat: bool = True) -> Rates:
    """Judge the answers in a file, and write a line a score, or a comparison.

    Args:
        config: who judges; paths in it are taken from the working folder.
        data: lines with prompt and completion; those with one prompt are judged together.
        out: lines with prompt, completion and score, or with prompt, left, right and p_left; null is no verdict. What
            a model answers is kept in a file beside it, `.judgements`, from which the same command goes on.
    """
    kind = config.kind or "model"
    asked = read_questions(data)
    with JudgementCache() as nothing:
        dict(check_judge("", kind, config, Participants(Path(), nothing, chat)))
    with JudgementCache(out.with_name(f"{out.name}.judgements")) as cache:
        judge = Participants(Path(), cache, chat).judge_of(kind, config)
        verdicts: list[Verdict] = []
        with progress("Judging", total=len(asked)) as advance:
            for first in range(0, len(asked), BLOCK):
                part = asked[first : first + BLOCK]
                verdicts += decided(judge, part, seed)
                advance(len(part))
    judged = list(zip(asked, verdicts, strict=True))
    write_lines(out, (row for question, verdict in judged for row in _rows(question, verdict)))
    return rates(judged)


def read_questions(path: Path) -> list[Question]:
    """The prompts of a file with all their completions, in the order in which they first come."""
    found: dict[Prompt, list[Sample]] = {}
    for example in read_examples(path):
        samples = found.setdefault(example.prompt, [])
        samples.append(Sample(example.prompt, example.completion, path.name, len(samples)))
    return [Question(prompt, tuple(samples)) for prompt, samples in found.items()]


def _rows(question: Question, verdict: Verdict) -> Iterator[dict[str, Any]]:
    texts = {sample.id: sample.completion for sample in question.samples}
    asked = {"prompt": _plain(question.prompt)}
    for record in verdict:
        told = {"judge": record.judge, "raw": record.raw}
        if isinstance(record, Score):
            yield {**asked, "completion": texts[record.sample], "score": record.value, **told}
        else:
            left, right = texts[record.left], texts[record.right]
            yield {**asked, "left": left, "right": right, "p_left": record.p_left, **told}


def _plain(prompt: Prompt) -> str | list[Mapping[str, str]]:
    return prompt if isinstance(prompt, str) else [vars(message) for message in prompt if isinstance(message, Message)]


def compare_files(
    one: Path, other: Path, ask: AskPerson, answers: Path, *, out: Path | None = None, seed: int = 0
) -> HeadToHead:
    """A person's verdict on two files of answers, prompt by prompt: how often the first one's is better.

    Args:
        one, other: lines with prompt and completion; the first completion of each prompt that both have is compared.
        ask: shows a prompt and two completions; see `oracles.HumanJudge`.
        answers: where each answer is kept at once; the same call goes on after them.
        out: gets a line for each comparison.

    Raises InputError where the files share no prompt.
    """
    theirs = {question.prompt: question.samples[0] for question in read_questions(other)}
    asked = [
        Question(question.prompt, (question.samples[0], theirs[question.prompt]))
        for question in read_questions(one)
        if question.prompt in theirs
    ]
    if not asked:
        raise InputError(f"no prompt in common with {one}", where=str(other), hint="are these answers to the same?")
    with JudgementCache(answers) as cache:
        verdicts = dict(HumanJudge(ask=ask, cache=cache).judge(asked, seed))
    told = [verdicts[k] for k in range(len(asked))]
    if out is not None:
        write_lines(
            out, (row for question, verdict in zip(asked, told, strict=True) for row in _rows(question, verdict))
        )
    return head_to_head(asked, told, seed)
