"""The card of a model that proposes points: what it is, what it learned from, how it was made and can be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from maieutic.geometry.synthesis.split import PLACES, TEST, VALIDATION

Counts = Mapping[str, Any]


def card(
    *,
    config: str,
    parameters: int,
    size: int,
    shown: int,
    start: str | None,
    theorems: Sequence[Counts],
    counts: Mapping[str, Counts],
) -> str:
    """The card as Markdown; the same for the same run.

    Args:
        config: the whole configuration, as TOML.
        parameters: of the model.
        size: of its weights, in bytes.
        shown: places of the figure that it is told with a question.
        start: the model that it goes on from; None: random weights.
        theorems: what each folder of theorems was made with.
        counts: the numbers of each stage.
    """
    split, pretraining, tuning = (counts[name] for name in ("split", "pretraining", "fine-tuning"))
    return f"""# A model that proposes auxiliary points

A small decoder (Llama's architecture, {parameters:,} parameters, {size / 1e6:.1f} MB) with a tokenizer of whole words.
It is asked with a problem of plane geometry, `a b c = triangle ; d = midpoint a b ? cong d a d c |`, and answers with a
point to construct, `e = foot d c a !`. It proposes only: what it says is tried by the engine, and counts if a proof
comes of it. Trained from scratch on theorems that a generator made up, with proofs that the engine found; no person's
solution is among them.{_from(start)}{_told(shown)}

## Data

{_theorems(split, theorems)}

{_pretraining(pretraining)}

{_tuning(tuning)}

Statements are split by their canonical form, hashed, modulo {PLACES}: {TEST} places for the test, {VALIDATION} for
validation, the others for training (`maieutic.geometry.synthesis.split`). A question that states what belongs to
another side than its theorem is left out.

## Figures

{_figures(pretraining, tuning)}

## How to make it again

`maieutic synthesize` makes the theorems, and the same files on any machine; this configuration does the rest, with
`maieutic train-prover CONFIG.toml --out FOLDER`: the same model, bit for bit on CPUs that round alike.

```toml
{config.strip()}
```
"""


def _from(start: str | None) -> str:
    if start is None:
        return ""
    return f"""

It went on from the weights of `{start}`, whose card tells what those had learned before."""


def _told(shown: int) -> str:
    if not shown:
        return ""
    return f"""

Before the `|` it is told what the figure shows: `figure` and {shown} places, each by a construction and its weight,
the rule of thumb's best first (`maieutic.geometry.text.prompting`)."""


def _theorems(split: Counts, made: Sequence[Counts]) -> str:
    rows = [
        f"| {side} | {split.get(side, 0):,} | {split.get(f'{side}_auxiliary', 0):,} |"
        for side in ("training", "validation", "test", "apart")
    ]
    calls = " and ".join(f"`{_call(settings)}`" for settings in made)
    head = f"Theorems ({calls}, generator {made[0].get('generator')}):"
    table = ["", "| for | theorems | with auxiliary points |", "|---|---|---|", *rows]
    return "\n".join(
        [head, *table, "", "Those apart say the same as a problem that was to be kept out; nobody sees them."]
    )


def _call(settings: Counts) -> str:
    only = "" if settings.get("plain", True) else " --auxiliary-only"
    return f"maieutic synthesize --seed {settings.get('seed')}{only}"


def _pretraining(counts: Counts) -> str:
    if not counts["items"]:
        return "No pretraining."
    return f"Pretraining: {_size(counts)} of whole theorems, with their proofs."


def _tuning(counts: Counts) -> str:
    if not counts["items"]:
        return "No fine-tuning."
    return (
        f"Fine-tuning: {_size(counts)} of questions and answers. There are {counts['questions']:,} questions, "
        f"{counts['own_questions']:,} of them a theorem's own and the others about its figure, with "
        f"{counts['answers']:,} answers."
    )


def _size(counts: Counts) -> str:
    return f"{counts['tokens']:,} tokens in {counts['items']:,} items, {counts['steps']:,} steps,"


def _figures(pretraining: Counts, tuning: Counts) -> str:
    rows = [
        f"| {name} | {counts['loss']:.3f} | {_number(counts['validation_loss'])} |"
        for name, counts in (("pretraining", pretraining), ("fine-tuning", tuning))
        if counts["items"]
    ]
    table = ["| | loss, last batch | loss, validation |", "|---|---|---|", *rows] if rows else []
    told = (
        ["Losses are in nats: a token's, or, where the loss is `marginal`, a question's.", "", *table]
        if rows
        else ["Nothing was learned: the weights are random."]
    )
    if (share := tuning.get("answered")) is not None:
        told += [
            "",
            f"Asked once about a theorem kept for validation (of {tuning['asked']:,}), it gives an answer that",
        ]
        told += [f"is known to prove it with a probability of {share:.3f}; there may be others."]
    return "\n".join(told)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
