"""AlpacaEval as a whole, with any judge: sets of answers to the same prompts, and which of them is better.

Each side is a file of answers as AlpacaEval writes them (a JSON list of instruction, output, generator) or a model that
is asked for them. What comes out is annotations as AlpacaEval writes them, for `maieutic winrate`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.questions import Question, Verdict
from maieutic.align.judges.rubrics import as_text
from maieutic.align.measuring.annotations import read_entries
from maieutic.align.measuring.evaluate import HeadToHead, Standing, head_to_head, leaderboard, result
from maieutic.core.datasets import read_prompts
from maieutic.core.errors import InputError, MaieuticError, nearest
from maieutic.core.files import finite, write_whole
from maieutic.core.generate import Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.progress import progress
from maieutic.core.records import Comparison, Prompt, Sample, content_hash
from maieutic.loops.rounds.config import JudgeConfig, ModelConfig
from maieutic.loops.rounds.participants import Participants

BLOCK = 32
"""Prompts that are judged together."""


@dataclass(frozen=True)
class Side:
    """One side's answers, by instruction, and its name."""

    name: str
    answers: dict[str, str]


def evaluate(
    a: str, b: str, prompts: Path | None, config: JudgeConfig, out: Path, *, sampling: Sampling, seed: int = 0
) -> HeadToHead:
    """A against the baseline B. Writes annotations to `out`, and the answers of models beside it.

    Judgements are kept in OUT.judgements, answers in OUT.a.json and OUT.b.json, so that the same call goes on where it
    stopped.

    Raises:
        InputError: a side is neither a file nor a model, the sides share no prompt, or the judge's settings are wrong.
        MaieuticError: a model fails for good.
    """
    kind = _kind(config)
    asked = read_prompts(prompts) if prompts is not None else None
    ours = _side(a, asked, Path(f"{out}.a.json"), sampling, seed)
    theirs = _side(b, asked, Path(f"{out}.b.json"), sampling, seed)
    questions = _questions([ours, theirs], asked)
    judge, verdicts = _judged(questions, kind, config, Path(f"{out}.judgements"), seed)
    told = zip(questions, verdicts, strict=True)
    rows = [_annotation(question, verdict, ours.name, theirs.name, judge) for question, verdict in told]
    write_whole(out, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return head_to_head(questions, verdicts, seed)


def rank(
    specs: Sequence[str], prompts: Path | None, config: JudgeConfig, out: Path, *, sampling: Sampling, seed: int = 0
) -> list[Standing]:
    """Several sides, each against each: the leaderboard, the best first, written to `out` as JSON.

    What models answer is kept in OUT.1.json, OUT.2.json ... in the order of the sides, and judgements in
    OUT.judgements, so that the same call goes on where it stopped. Raises as `evaluate`.
    """
    kind = _kind(config)
    asked = read_prompts(prompts) if prompts is not None else None
    sides = [_side(spec, asked, Path(f"{out}.{k}.json"), sampling, seed) for k, spec in enumerate(specs, 1)]
    names = [side.name for side in sides]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"two sides are called {twice!r}", hint='the name is "generator" in a file of answers')
    questions = _questions(sides, asked)
    _, verdicts = _judged(questions, kind, config, Path(f"{out}.judgements"), seed)
    found = leaderboard(names, questions, verdicts, seed)
    rows = finite([asdict(standing) for standing in found])
    write_whole(out, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return found


def _kind(config: JudgeConfig) -> str:
    """Which kind of judge, known before anybody is asked anything."""
    kind = config.kind or "pairwise"
    if kind not in JUDGES or kind in ("self", "human"):
        near = nearest(kind, JUDGES)
        hint = f"did you mean {near!r}?" if near and near != kind else "model, listwise, pairwise, reward or function"
        raise InputError(f"no such judge here: {kind!r}", where="--judge", hint=hint)
    return kind


def _judged(
    questions: Sequence[Question], kind: str, config: JudgeConfig, kept: Path, seed: int
) -> tuple[str, list[Verdict]]:
    """The judge's name, and its verdict on each question."""
    verdicts: list[Verdict] = []
    with JudgementCache(kept) as cache, progress("Judging", total=len(questions)) as advance:
        judge = Participants(Path(), cache).judge_of(kind, config)
        for first in range(0, len(questions), BLOCK):
            part = questions[first : first + BLOCK]
            given = dict(judge.judge(part, seed))
            verdicts += [given[k] for k in range(len(part))]
            advance(len(part))
    return judge.name, verdicts


def read_outputs(path: Path) -> Side:
    """A file of answers. Raises InputError, with the number of the entry."""
    hint = '[{"instruction": ..., "output": ...}, ...]'
    rows = read_entries(path, ("instruction", "output"), ("answers", "entry"), hint)
    return Side(str(rows[0].get("generator") or path.stem), {row["instruction"]: row["output"] for row in rows})


def _side(spec: str, asked: Sequence[Prompt] | None, kept: Path, sampling: Sampling, seed: int) -> Side:
    """A side's answers: read from a file, or asked of a model once and kept."""
    if Path(spec).suffix == ".json":
        return read_outputs(Path(spec))
    if asked is None:
        raise InputError("a model needs prompts to answer", where="--prompts")
    made_from = content_hash([spec, [as_text(p) for p in asked], [*vars(sampling).values()], seed])
    if kept.exists() and json.loads(kept.read_text(encoding="utf-8"))[0].get("made_from") == made_from:
        return read_outputs(kept)
    outside = Participants(Path(), JudgementCache())
    writer = outside.model(ModelConfig(path=spec))
    requests = [Request(outside.prompt(p), 1, int(content_hash([seed, as_text(p)])[:12], 16)) for p in asked]
    texts: dict[int, str] = {}
    with progress(f"Asking {spec}", total=len(requests)) as advance:
        for reply in writer.generate(requests, sampling):
            if reply.error is not None:
                raise MaieuticError(f"{spec} did not answer: {reply.error}; the same command tries again")
            texts[reply.index] = reply.generated[0].text
            advance(1)
    rows = [
        {"instruction": as_text(p), "output": texts[k], "generator": spec, "made_from": made_from}
        for k, p in enumerate(asked)
    ]
    write_whole(kept, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return read_outputs(kept)


def _questions(sides: Sequence[Side], asked: Sequence[Prompt] | None) -> list[Question]:
    """The prompts that all sides answered, in the order in which they were given."""
    order = list(sides[0].answers) if asked is None else [as_text(prompt) for prompt in asked]
    shared = [text for text in order if all(text in side.answers for side in sides)]
    if not shared:
        raise InputError("the sides share no prompt", hint="are these answers to the same instructions?")
    return [
        Question(
            text, tuple(Sample(text, side.answers[text], f"{k} {side.name}", 0) for k, side in enumerate(sides, 1))
        )
        for text in shared
    ]


def _annotation(question: Question, verdict: Verdict, model: str, baseline: str, judge: str) -> dict[str, Any]:
    """AlpacaEval's record: 1 the baseline is better, 2 the model is, between them a probability; None: no verdict."""
    ours, theirs = question.samples
    first = verdict[0] if verdict else None
    if ours.completion == theirs.completion:
        share: float | None = 0.5
    elif isinstance(first, Comparison):
        told = first if first.left == ours.id else first.swap()
        share = told.p_left
    else:
        share = result(question, verdict)
    return {
        "instruction": as_text(question.prompt),
        "output_1": theirs.completion,
        "generator_1": baseline,
        "output_2": ours.completion,
        "generator_2": model,
        "annotator": judge,
        "preference": None if share is None else 1.0 + share,
    }
