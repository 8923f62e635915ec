"""The folder of a training run, and how it goes on after whatever stopped it.

    config.toml          what it ran with
    run.json             what it was made from: settings, data, policy, each by its hash
    metrics.jsonl        a line a step
    reference/           log-probabilities under the reference; may be deleted
    checkpoints/         step-00000200/: weights, optimiser, state; the newest, and the best
    weights.safetensors  what was learned, when it is finished
    result.json          written last

A checkpoint is written under another name and renamed, so that there is no half of one. Everything else that a step
depends on is a function of the step, so that these three files are all there is to resume.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import PART, json_line, make_folder, read_lines, sync_folder, write_lines, write_whole

WEIGHTS = "weights.safetensors"
OPTIMISER = "optimiser.pt"
STATE = "state.json"
METRICS = "metrics.jsonl"
RESULT = "result.json"
RUN = "run.json"

DISK_ERRORS = (OSError, RuntimeError, SafetensorError)
"""What a full disk raises: Python, torch and safetensors each have their own."""


class Folder:
    """The folder of one training run."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"
        make_folder(self.path)

    def claim(self, made_from: Mapping[str, Any]) -> None:
        """Note what the run is made from. Raises InputError where it was begun from something else."""
        note = self.path / RUN
        if not note.is_file():
            write_whole(note, json_line(made_from).encode())
            return
        before = json.loads(note.read_text(encoding="utf-8"))
        now = json.loads(json_line(made_from))
        for name in sorted(before.keys() | now.keys()):
            if (was := before.get(name)) != (is_ := now.get(name)):
                hint = f"it was {was!r}, it is {is_!r}" if name.startswith("config.") else "take another folder"
                message = f"training here was begun with another {name.removeprefix('config.')}"
                raise InputError(message, where=str(self.path), hint=hint)

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def steps(self) -> list[int]:
        """The steps that have a checkpoint, the newest last."""
        return sorted(int(folder.name[5:]) for folder in self.checkpoints.glob("step-*") if folder.suffix != PART)

    def save(self, model: nn.Module, optimiser: Any, state: Mapping[str, Any], *, keep: Sequence[int]) -> None:
        """Write a checkpoint of a step, `state["step"]`, and remove those not in `keep`."""
        step = int(state["step"])
        final = self._checkpoint(step)
        part = final.with_name(final.name + PART)
        with _writing(part, f"step {self.steps()[-1]}" if self.steps() else "the start"):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            save_file(learned(model), part / WEIGHTS)
            torch.save(optimiser.state_dict(), part / OPTIMISER)
            (part / STATE).write_text(json_line(state), encoding="utf-8")
            for file in part.iterdir():
                _sync(file)
            shutil.rmtree(final, ignore_errors=True)
            part.replace(final)
            sync_folder(self.checkpoints)
        for old in set(self.steps()) - {step, *keep}:
            shutil.rmtree(self._checkpoint(old), ignore_errors=True)

    def state(self, step: int) -> dict[str, Any]:
        """The state that a checkpoint holds."""
        content: dict[str, Any] = json.loads((self._checkpoint(step) / STATE).read_text(encoding="utf-8"))
        return content

    def restore(self, step: int, model: nn.Module, optimiser: Any = None) -> None:
        """Put a checkpoint's weights into the model, and its state into the optimiser."""
        folder = self._checkpoint(step)
        put(model, load_file(folder / WEIGHTS))
        if optimiser is not None:
            optimiser.load_state_dict(torch.load(folder / OPTIMISER, map_location="cpu", weights_only=True))

    def _checkpoint(self, step: int) -> Path:
        return self.checkpoints / f"step-{step:08d}"

    # --- metrics -----------------------------------------------------------------------------------------------------

    def cut_metrics(self, step: int) -> list[dict[str, Any]]:
        """The lines up to a step; those after it, which will be written again, are removed."""
        path = self.path / METRICS
        if not path.is_file():
            return []
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]  # a line that was being written when the run was killed
        lines = [line for line in map(json.loads, whole.splitlines()) if line["step"] <= step]
        write_lines(path, lines)
        return lines

    def add_metrics(self, values: Mapping[str, Any]) -> None:
        """Add a line."""
        try:
            with (self.path / METRICS).open("a", encoding="utf-8") as file:
                file.write(json_line(values))
        except OSError as error:
            raise _cannot_write(self.path / METRICS, error, "the last checkpoint") from error

    def metrics(self) -> Iterator[dict[str, Any]]:
        """All lines."""
        return iter(read_lines(self.path / METRICS))

    # --- the end -----------------------------------------------------------------------------------------------------

    def finish(self, model: nn.Module, result: Mapping[str, Any]) -> None:
        """Write what was learned, then the result; the checkpoints have served."""
        part = self.path / (WEIGHTS + PART)
        with _writing(part, "the last checkpoint"):
            save_file(learned(model), part)
            _sync(part)
            part.replace(self.path / WEIGHTS)
        write_whole(self.path / RESULT, json_line(result).encode())
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def finished(self, model: nn.Module) -> dict[str, Any] | None:
        """The result of a finished run, with what it learned put into the model; None: not finished."""
        path = self.path / RESULT
        if not path.is_file():
            return None
        put(model, load_file(self.path / WEIGHTS))
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return result


def learned(model: nn.Module) -> dict[str, torch.Tensor]:
    """The parameters that training changes, by name, on the CPU."""
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    return {name: value.detach().cpu().contiguous() for name, value in trained.items()}


@torch.no_grad()
def put(model: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Set parameters by name."""
    parameters = dict(model.named_parameters())
    for name, value in weights.items():
        parameters[name].copy_(value)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _writing(part: Path, kept: str) -> Iterator[None]:
    """Where the disk is full, one error of ours, and nothing half written stays."""
    try:
        yield
    except DISK_ERRORS as error:
        with suppress(OSError):
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        raise _cannot_write(part, error, kept) from error


def _cannot_write(path: Path, error: Exception, kept: str) -> MaieuticError:
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())
    return MaieuticError(f"cannot write {path}: {reason}; the same command goes on after {kept}")
