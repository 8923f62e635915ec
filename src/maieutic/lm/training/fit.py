"""Training on examples, pairs or rankings: from records and settings to changed weights and a folder of what happened.

A run that is killed and started again goes on from its last checkpoint to the same weights, bit for bit on a CPU. The
loop is in `training.py`, the loss in `objectives.py`, the folder is described in `checkpoint.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from maieutic.core.config import dump
from maieutic.core.errors import InputError
from maieutic.core.files import locked, write_whole
from maieutic.core.interrupts import interruptible
from maieutic.core.records import Record, content_hash, to_json
from maieutic.lm.anatomy import causal_model
from maieutic.lm.model import Policy, fingerprint, module_of, pad_id
from maieutic.lm.modes import training_mode
from maieutic.lm.training.checkpoint import Folder
from maieutic.lm.training.fit_config import OUTWARD, FitConfig
from maieutic.lm.training.items import Item, items_of
from maieutic.lm.training.loop import Stopped, Training, Validate, check_trainable
from maieutic.lm.training.objectives import objective_of
from maieutic.lm.training.processes import accelerator_of, tracked
from maieutic.lm.training.references import References
from maieutic.lm.training.schedule import batch_at, steps_per_epoch, total_steps

__all__ = ["FitConfig", "FitResult", "Stopped", "fit", "row_limit"]


@dataclass(frozen=True)
class FitResult:
    """How training went.

    Args:
        steps: optimiser steps done.
        losses: the batch's loss at each step, before it.
        metrics: what was noted at the last step.
        dropped: records left out, by reason.
        truncated: rows that were cut to the maximal length.
        best_step, best_value: of the best validation; None without one. The value is the judge's, or minus the loss.
        stopped: why it ended.
    """

    steps: int
    losses: tuple[float, ...]
    metrics: Mapping[str, float]
    dropped: Mapping[str, int]
    truncated: int
    best_step: int | None
    best_value: float | None
    stopped: Stopped


REFERENCE = "reference"
"""The folder, in a run's, of the reference's log-probabilities."""


def fit(
    policy: Any,
    data: Sequence[Record],
    config: FitConfig,
    folder: Path,
    *,
    validation: Sequence[Record] | None = None,
    reference: Policy | None = None,
    anchor: Policy | None = None,
    validate: Validate | None = None,
) -> FitResult:
    """Train a policy, or a reward model, in place.

    Args:
        policy: a Policy; for a loss on rankings, a RewardModel.
        data: what the loss learns from: Examples, PreferencePairs or Rankings.
        folder: where the run is kept. Begun before with the same arguments, it goes on; finished, it only fills in the
            weights.
        validation: records whose loss is measured every `config.validate_every` steps.
        reference: what a loss on pairs compares with; None: the policy as it is now.
        anchor: the fixed policy of the regularised DNO.
        validate: asked instead of the validation's loss, in the main process.

    Raises InputError where data, loss and model do not fit together, and where the folder holds another run;
    MaieuticError where the loss is not a number, or the disk is full; KeyboardInterrupt after Ctrl-C, with the last
    step kept.
    """
    objective = objective_of(config, pad_id(policy.tokenizer))
    if objective.loss.anchor and anchor is None:
        raise InputError(f"the loss {config.loss} needs an anchor", hint="the policy that it is regularised towards")
    accelerator = accelerator_of(config.trackers, Path(folder))
    module = module_of(policy).to(accelerator.device)
    check_trainable(module)
    limit = row_limit(policy, config)
    items, dropped = items_of(data, objective.loss.kind, policy.tokenizer, limit)
    held_out = items_of(validation, objective.loss.kind, policy.tokenizer, limit)[0] if validation else []
    others = {"data": data, "validation": validation, "reference": reference, "anchor": anchor}
    made_from = _made_from(policy, config, others)

    with ExitStack() as stack:
        kept = Folder(Path(folder))
        if accelerator.is_main_process:
            stack.enter_context(locked(kept.path))
            kept.claim(made_from)
            write_whole(kept.path / "config.toml", dump(config).encode())
        accelerator.wait_for_everyone()
        if (done := kept.finished(module)) is not None:
            return _result(kept, done)
        stack.enter_context(torch.random.fork_rng([accelerator.device] if accelerator.device.type == "cuda" else []))
        stack.enter_context(tracked(accelerator, config))
        rows = [row for item in [*_visited(items, config), *held_out] for row in item.rows]
        source = References(policy, rows, config, accelerator, kept.path / REFERENCE)
        objective = replace(
            objective,
            reference=source.of(reference) if objective.loss.reference else None,
            anchor=source.of(anchor) if objective.loss.anchor else None,
        )
        stack.enter_context(training_mode(module, config.dropout, config.gradient_checkpointing))
        asked = stack.enter_context(interruptible())
        training = Training(policy, objective, items, held_out, config, kept, accelerator, validate, asked)
        counts = {"dropped": dict(dropped), "truncated": sum(row.truncated for item in items for row in item.rows)}
        end = {**training.run(), **counts}
        if accelerator.is_main_process:
            kept.finish(module, end)
        accelerator.wait_for_everyone()
        return _result(kept, end)


# --- before and after ------------------------------------------------------------------------------------------------


def row_limit(policy: Any, config: FitConfig) -> int | None:
    """Tokens of a row at most: what was asked for, within what the model can read. None: no limit."""
    reads = getattr(causal_model(policy.model).config.get_text_config(), "max_position_embeddings", None)
    return min([limit for limit in (config.max_length, reads) if limit], default=None)


def _visited(items: Sequence[Item], config: FitConfig) -> list[Item]:
    """The items that training will see: all, unless it ends within the first epoch."""
    steps = total_steps(len(items), config)
    if steps >= steps_per_epoch(len(items), config):
        return list(items)
    return [items[i] for step in range(steps) for i in batch_at(step, len(items), config)]


def _made_from(policy: Any, config: FitConfig, others: Mapping[str, Any]) -> dict[str, Any]:
    """What a run is made from: settings by value, everything else by its hash."""

    def mark(value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, Policy):
            return fingerprint(value)
        return content_hash([to_json(record) for record in value])

    settings = {f"config.{name}": value for name, value in config.model_dump(mode="json").items()}
    for name in OUTWARD:
        del settings[f"config.{name}"]
    return {**settings, "policy": fingerprint(policy), **{name: mark(value) for name, value in others.items()}}


def _result(folder: Folder, content: Mapping[str, Any]) -> FitResult:
    lines = list(folder.metrics())
    return FitResult(
        steps=content["step"],
        losses=tuple(line["loss"] for line in lines),
        metrics=lines[-1],
        dropped=content["dropped"],
        truncated=content["truncated"],
        best_step=content["best_step"],
        best_value=content["best_value"],
        stopped=Stopped(content["stopped"]),
    )
