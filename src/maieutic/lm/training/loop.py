"""The training loop.

    for each step:  the batch's items, dealt to the processes, cut into micro-batches
                    each micro-batch's share of the batch's loss, and its gradient
                    clip, step, note
                    now and then: validate, keep a checkpoint

A step depends on the weights, the optimiser's averages and the step's number, and on nothing else: the order of the
data, the learning rate and the random numbers of dropout are functions of the number (`schedule.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import Any

import torch
from torch import nn

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.progress import progress
from maieutic.lm.model import evaluation, module_of
from maieutic.lm.training.checkpoint import Folder
from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.items import Item
from maieutic.lm.training.objectives import Objective, Rows, Sums
from maieutic.lm.training.schedule import batch_at, deal, learning_rate, micro_batches, steps_per_epoch, total_steps


class Stopped(StrEnum):
    """Why training ended."""

    STEPS = "all steps done"
    PATIENCE = "validation did not improve"


Validate = Callable[[Any, int], float]
"""(policy, step) -> how good it is; higher is better."""


@dataclass
class State:
    """What, besides weights and optimiser, a step leaves behind."""

    step: int = 0
    best_step: int | None = None
    best_value: float | None = None
    waited: int = 0
    stopped: str | None = None


@dataclass
class Training:
    """A run in progress."""

    policy: Any
    objective: Objective
    items: Sequence[Item]
    held_out: Sequence[Item]
    config: FitConfig
    folder: Folder
    accelerator: Any
    validate: Validate | None
    stop_asked: Callable[[], bool]

    def __post_init__(self) -> None:
        self.module = module_of(self.policy)
        self.lengths = [item.length for item in self.items]
        self.sizes = [len(item.rows) for item in self.items]
        self.total = total_steps(len(self.items), self.config)
        self.state = State()
        optimiser = optimiser_of(self.module, self.config)
        self.rows, self.optimiser = self.accelerator.prepare(Rows(self.module, self.objective.loss.kind), optimiser)

    def run(self) -> dict[str, Any]:
        """All steps that are left. Returns the state at the end."""
        self._resume()
        state = self.state
        with progress("Training", total=self.total) as advance:
            advance(state.step)
            while state.step < self.total and state.stopped is None:
                noted = self._step(state.step)
                stop = noted.pop("interrupted") > 0
                state.step += 1
                validated = self._validation_due()
                if validated:
                    noted |= self._validated()
                self._note(noted)
                if stop or validated or state.step % self.config.checkpoint_every == 0 or state.step == self.total:
                    self._keep()
                advance(1)
                if stop and state.step < self.total:
                    raise KeyboardInterrupt
        if self.config.patience is not None and state.best_step not in (None, state.step):
            self.folder.restore(state.best_step, self.module)
        state.stopped = state.stopped or Stopped.STEPS.value
        return asdict(state)

    def _step(self, step: int) -> dict[str, float]:
        """One step of the optimiser. Returns what there is to note, means over the batch."""
        batch = batch_at(step, len(self.items), self.config)
        weight = self.objective.weight_of([self.items[i] for i in batch]) or 1.0
        processes = self.accelerator.num_processes
        mine = deal(batch, self.lengths, self.accelerator.process_index, processes)
        # A process that gets no item of a small batch takes part with one that counts nothing. Processes' gradients
        # are averaged, where they should be added: hence the factor.
        share = processes / weight if mine else 0.0
        sums = Sums()
        pieces = micro_batches(mine or batch[:1], self.lengths, self.sizes, self.config.micro_batch_tokens)
        for number, piece in enumerate(pieces):
            self._draw_anew(step, number)
            last = number == len(pieces) - 1
            with nullcontext() if last else self.accelerator.no_sync(self.rows):
                with self._autocast():
                    total, watched = self.objective.loss_of(
                        self.rows, [self.items[i] for i in piece], self.accelerator.device
                    )
                self.accelerator.backward(total * share)
            sums.add(watched if mine else dict.fromkeys(watched, 0.0))
        sums.add({"interrupted": float(self.stop_asked())})
        norm = self._update(step)
        noted = means(sums.over(self.accelerator), weight)
        if not (math.isfinite(noted["loss"]) and math.isfinite(norm)):
            hint = "a lower learning rate, or a look at the data of this step, may help"
            raise MaieuticError(f"step {step + 1}: loss {noted['loss']}, gradient norm {norm}: no numbers; {hint}")
        return {**noted, "gradient_norm": norm, "learning_rate": self._rate(step), "epoch": self._epoch(step)}

    def _update(self, step: int) -> float:
        """Clip the gradient, and step. Returns its norm before."""
        limit = self.config.clip or math.inf
        norm = self.accelerator.clip_grad_norm_(self.rows.parameters(), limit).item()
        if math.isfinite(norm):
            for group in self.optimiser.param_groups:
                group["lr"] = self._rate(step)
            self.optimiser.step()
        self.optimiser.zero_grad()
        return float(norm)

    # --- validation --------------------------------------------------------------------------------------------------

    def _validation_due(self) -> bool:
        if not self.held_out and self.validate is None:
            return False
        every = self.config.validate_every or steps_per_epoch(len(self.items), self.config)
        return self.state.step % every == 0 or self.state.step == self.total

    def _validated(self) -> dict[str, float]:
        """Measure, and remember the best. Returns what there is to note."""
        noted = {f"validation/{name}": value for name, value in self._held_out_means().items()}
        if self.validate is not None:
            noted["validation/score"] = self._asked(self.validate)
        value = noted["validation/score"] if self.validate is not None else -noted["validation/loss"]
        state = self.state
        if state.best_value is None or value > state.best_value:
            state.best_step, state.best_value, state.waited = state.step, value, 0
        else:
            state.waited += 1
        if self.config.patience is not None and state.waited >= self.config.patience:
            state.stopped = Stopped.PATIENCE.value
        return noted

    @torch.no_grad()
    def _held_out_means(self) -> dict[str, float]:
        if not self.held_out:
            return {}
        items = self.held_out
        lengths, sizes = [item.length for item in items], [len(item.rows) for item in items]
        rows = Rows(self.module, self.objective.loss.kind)
        index, processes = self.accelerator.process_index, self.accelerator.num_processes
        mine = deal(range(len(items)), lengths, index, processes)
        sums = Sums()
        with evaluation(self.module), self._autocast():
            for piece in micro_batches(mine or [0], lengths, sizes, self.config.micro_batch_tokens):
                _, watched = self.objective.loss_of(rows, [items[i] for i in piece], self.accelerator.device)
                sums.add(watched if mine else dict.fromkeys(watched, 0.0))
        return means(sums.over(self.accelerator), self.objective.weight_of(items) or 1.0)

    @torch.no_grad()
    def _asked(self, validate: Validate) -> float:
        """What the judge says, asked once for all processes."""
        sums = Sums({"score": 0.0})
        if self.accelerator.is_main_process:
            with evaluation(self.module):
                sums.add({"score": float(validate(self.policy, self.state.step))})
        return sums.over(self.accelerator)["score"]

    # --- the folder --------------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        steps = self.folder.steps()
        if steps:
            self.state = State(**self.folder.state(steps[-1]))
            self.folder.restore(steps[-1], self.module, self.optimiser)
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            self.folder.cut_metrics(self.state.step)

    def _note(self, noted: Mapping[str, float]) -> None:
        if self.accelerator.is_main_process:
            self.folder.add_metrics({"step": self.state.step, **noted})
        if self.config.trackers:
            self.accelerator.log(dict(noted), step=self.state.step)

    def _keep(self) -> None:
        """Keep a checkpoint of this step, the newest others, and the best."""
        if self.accelerator.is_main_process:
            older = self.folder.steps()[::-1][: self.config.keep_checkpoints - 1]
            best = [] if self.state.best_step is None else [self.state.best_step]
            self.folder.save(self.module, self.optimiser, asdict(self.state), keep=[*older, *best])
        self.accelerator.wait_for_everyone()

    # --- functions of the step ---------------------------------------------------------------------------------------

    def _rate(self, step: int) -> float:
        return learning_rate(step, self.total, self.config)

    def _epoch(self, step: int) -> float:
        return (step + 1) / steps_per_epoch(len(self.items), self.config)

    def _draw_anew(self, step: int, piece: int) -> None:
        """Dropout's random numbers, a function of the place, so that they need not be kept."""
        place = f"{self.config.seed}/{step}/{self.accelerator.process_index}/{piece}"
        torch.manual_seed(Random(place).getrandbits(63))

    def _autocast(self) -> Any:
        return torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=self.config.bf16)


def check_trainable(module: nn.Module) -> None:
    """Raises InputError where nothing is to be trained, or in a precision in which small steps are lost."""
    precisions = {value.dtype for value in module.parameters() if value.requires_grad}
    if not precisions:
        raise InputError("nothing to train: every weight is frozen")
    if coarse := precisions & {torch.bfloat16, torch.float16}:
        hint = "load float32 and compute in bfloat16 (bf16 = true), or train adapters (lora)"
        raise InputError(f"weights in {coarse.pop()} would round most steps away", where="dtype", hint=hint)


def optimiser_of(module: nn.Module, config: FitConfig) -> torch.optim.Optimizer:
    """AdamW (arXiv 1711.05101); biases and norms do not decay."""
    trained = [value for value in module.parameters() if value.requires_grad]
    groups = [
        {"params": [value for value in trained if value.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [value for value in trained if value.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    # Fused: one pass over the weights, several times as fast on a CPU as torch's default there.
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.adam_betas, eps=config.adam_eps, fused=True)


def means(sums: Mapping[str, float], weight: float) -> dict[str, float]:
    """Of what is summed over items their mean; the loss by its own weight; counts as they are."""
    counts = ("interrupted", "tokens")
    means = {name: value / (sums["items"] or 1.0) for name, value in sums.items() if name not in counts}
    means |= {name: value for name, value in sums.items() if name in counts}
    means["loss"] = sums["loss"] / weight
    del means["items"]
    return means
