"""What comes out of a run: the last policy, the best, or all of them together; and which weights are kept for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maieutic.align.methods import Method
from maieutic.core.files import write_whole
from maieutic.core.store import Run, Stage, discard

OUTPUT = "output.json"
"""Which policy, or which policies, came out."""

Policies = Sequence[str | Path]
Measured = Sequence[Stage | None]


def choose(run: Run, method: Method, policies: Policies, measured: Measured) -> dict[str, Any]:
    """What comes out, and why, written to `output.json`.

    Args:
        policies: the start and each round's.
        measured: each round's evaluation.
    """
    chosen, why = [policies[-1]], "the last"
    if method.output == "mixture":
        chosen, why = list(policies), "the uniform mixture: draw one of them anew for each prompt"
    elif method.output == "best" and measured and all(measured):
        number, rate = best(measured)
        chosen = [policies[number]]
        why = f"the best against the start: {rate:.3f} in round {number}" if number else "the start: no round is better"
    elif method.output == "best":
        why = "the last: without an evaluation none is known to be the best"
    output = {"policies": [str(Path(p).relative_to(run.folder)) for p in chosen], "why": why}
    write_whole(run.folder / OUTPUT, (json.dumps(output, indent=1) + "\n").encode())
    return output


def best(measured: Measured) -> tuple[int, float]:
    """The round that wins most against the start, and how often; round 0 where none wins more than half."""
    rates = [stage.counts["against_start"]["rate"]["value"] if stage is not None else None for stage in measured]
    known = [(rate, -number) for number, rate in enumerate(rates, 1) if rate is not None]
    rate, number = max([*known, (0.5, 0)])
    return -number, rate


def forget(method: Method, policies: Policies, measured: Measured) -> None:
    """Remove the weights of rounds that no later one reads, and that will not come out.

    Kept are the first, which later rounds may be held to, the last two, and for a method that returns the best, that.
    """
    kept = {0, len(policies) - 2, len(policies) - 1}
    if method.output == "best":
        kept.add(best(measured)[0])
    if method.output != "mixture":
        for number, folder in enumerate(policies):
            if number not in kept:
                discard(Path(folder))
