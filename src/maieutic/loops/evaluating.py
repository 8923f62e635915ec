"""AlpacaEval as a whole, with any judge: two sets of answers to the same prompts, and which of them is better.

Each side is a file of answers as AlpacaEval writes them (a JSON list of instruction, output, generator) or a model that
is asked for them. What comes out is annotations as AlpacaEval writes them, for `maieutic winrate`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maieutic.align.annotations import read_entries
from maieutic.align.evaluate import HeadToHead, head_to_head, result
from maieutic.align.judges import JUDGES
from maieutic.align.questions import Question, Verdict
from maieutic.align.rubrics import as_text
from maieutic.core.datasets import read_prompts
from maieutic.core.errors import InputError, MaieuticError, nearest
from maieutic.core.files import write_whole
from maieutic.core.generate import Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.progress import progress
from maieutic.core.records import Comparison, Prompt, Sample, content_hash
from maieutic.loops.improve_config import JudgeConfig, ModelConfig
from maieutic.loops.outside import Outside

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
    kind = config.kind or "pairwise"
    if kind not in JUDGES or kind in ("self", "human"):
        near = nearest(kind, JUDGES)
        hint = f"did you mean {near!r}?" if near and near != kind else "model, listwise, pairwise, reward or function"
        raise InputError(f"no such judge here: {kind!r}", where="--judge", hint=hint)
    asked = read_prompts(prompts) if prompts is not None else None
    ours = _side(a, asked, Path(f"{out}.a.json"), sampling, seed)
    theirs = _side(b, asked, Path(f"{out}.b.json"), sampling, seed)
    questions = _questions(ours, theirs, asked)
    with JudgementCache(Path(f"{out}.judgements")) as cache:
        judge = Outside(Path(), cache).judge(kind, config)
        verdicts: list[Verdict] = []
        with progress("Judging", total=len(questions)) as advance:
            for first in range(0, len(questions), BLOCK):
                part = questions[first : first + BLOCK]
                given = dict(judge.judge(part, seed))
                verdicts += [given[k] for k in range(len(part))]
                advance(len(part))
    told = zip(questions, verdicts, strict=True)
    rows = [_annotation(question, verdict, ours.name, theirs.name, judge.name) for question, verdict in told]
    write_whole(out, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return head_to_head(questions, verdicts, seed)


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
    outside = Outside(Path(), JudgementCache())
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


def _questions(a: Side, b: Side, asked: Sequence[Prompt] | None) -> list[Question]:
    """The prompts that both sides answered, in the order in which they were given."""
    order = list(a.answers) if asked is None else [as_text(prompt) for prompt in asked]
    shared = [text for text in order if text in a.answers and text in b.answers]
    if not shared:
        raise InputError("the two sides share no prompt", hint="are these answers to the same instructions?")
    return [
        Question(
            text, (Sample(text, a.answers[text], f"a {a.name}", 0), Sample(text, b.answers[text], f"b {b.name}", 0))
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
