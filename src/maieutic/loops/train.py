"""One-off training: a model, a file of data, and out comes a model.

    OUT/                 the trained model, as transformers loads it
    OUT/training/        the run: settings, metrics, checkpoints (see lm/training/checkpoint.py)

What can be wrong with the settings or the data is found before the model is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from maieutic.core.config import Config
from maieutic.core.config import load as load_config
from maieutic.core.config import settings as settings_in
from maieutic.core.datasets import read_examples, read_pairs, read_prompts, read_rankings
from maieutic.core.errors import InputError
from maieutic.core.extensions import load_extensions
from maieutic.core.files import make_folder, read_lines, write_lines
from maieutic.core.records import Record
from maieutic.lm.adapters import Lora
from maieutic.lm.losses import LOSSES, Kind
from maieutic.lm.model import Policy, load, save
from maieutic.lm.ppo.train import PPOConfig, ppo
from maieutic.lm.reward import RewardModel
from maieutic.lm.tokens import Encoded
from maieutic.lm.training.fit import FitResult, fit, row_limit
from maieutic.lm.training.fit_config import FitConfig
from maieutic.lm.training.items import items_of
from maieutic.lm.training.objectives import objective_of
from maieutic.lm.training.processes import is_main, wait
from maieutic.loops.rewards import reward_of
from maieutic.loops.rounds import defaults

TRAINING = "training"


class Loading(Config):
    """How to load the model, and how to save it."""

    dtype: Literal["float32", "bfloat16"] = Field("float32", description="of the weights")
    lora: Lora | None = Field(None, description="train adapters, not all weights")
    merge: bool = Field(True, description="add trained adapters into the weights that are saved")
    trust_remote_code: bool = Field(False, description="run Python code that comes with the model")
    extensions: tuple[str, ...] = Field((), description="files, or modules, that add losses")


class TrainConfig(Loading, FitConfig):
    """How to train, and how to load and save the model."""


class PPOTrainConfig(Loading, PPOConfig):
    """The same for PPO."""


READERS: dict[Kind, Callable[[Path], Sequence[Record]]] = {
    "examples": read_examples,
    "pairs": read_pairs,
    "rankings": read_rankings,
}

DEFAULTS: dict[str, dict[str, Any]] = {
    **defaults.DEFAULTS,
    "dpo": {"loss": "dpo", "learning_rate": 1e-6, "batch_size": 64},
    "ipo": {"loss": "ipo", "learning_rate": 1e-6, "batch_size": 64},
    "dno": {"loss": "dno", "learning_rate": 1e-6, "batch_size": 64},
}
"""What each command changes of FitConfig: SFT as in arXiv 2401.10020; DPO's batch as in arXiv 2305.18290, its learning
rate as in 2401.10020; the reward model's as in arXiv 2203.02155."""

NORMALISED_ON = 1000
"""Completions on which a reward model is brought to mean 0 and standard deviation 1."""

LORA_RATE = 10.0
"""How much higher the default learning rate is for adapters, which start from nothing."""


@dataclass(frozen=True)
class Trained:
    """What came out: how training went, and where the model is."""

    result: FitResult
    folder: Path


def train(
    command: str,
    model: str,
    data: Path,
    out: Path,
    *,
    validation: Path | None = None,
    config: Path | None = None,
    overrides: Sequence[str] = (),
) -> Trained:
    """Train a model on a file of data, and save it.

    Args:
        command: a key of DEFAULTS.
        model: a folder, or a name on the hub.
        out: a folder for the trained model. Where the same command was at work before, it goes on.
        validation: a file like `data`, whose loss is measured too.

    Raises InputError for a mistake in any of them.
    """
    settings = settings_for(command, config, overrides)
    kind = LOSSES[settings.loss].kind
    records = READERS[kind](data)
    held_out = READERS[kind](validation) if validation else None
    check_out(model, out)
    policy = _loaded(model, settings, settings.seed)
    trained = RewardModel(policy, seed=settings.seed) if kind == "rankings" else policy
    result = fit(trained, records, settings, out / TRAINING, validation=held_out)
    if is_main():
        if isinstance(trained, RewardModel):
            trained.normalise(_samples(trained, records, settings))
            trained.save(out)
        else:
            save(policy, out, merge=settings.merge)
    wait()
    return Trained(result, out)


def train_ppo(
    model: str,
    prompts: Path,
    reward: str,
    out: Path,
    *,
    config: Path | None = None,
    overrides: Sequence[str] = (),
) -> Path:
    """Train a model to earn a reward on prompts, and save it in `out`.

    Args:
        reward: a reward model's folder, or `file.py:function` (see `rewards.reward_of`).

    Raises InputError for a mistake in any of them, and where `out` holds a run with another reward.
    """
    settings = load_config(PPOTrainConfig, config, overrides)
    asked = read_prompts(prompts)
    check_out(model, out)
    function, mark = reward_of(reward)
    policy = _loaded(model, settings, settings.seed)
    note = out / TRAINING / "reward.json"
    if note.is_file() and next(read_lines(note), None) != mark:
        raise InputError("training here was begun with another reward", where=str(out), hint="take another folder")
    make_folder(note.parent)
    write_lines(note, [mark])
    ppo(policy, asked, function, settings, out / TRAINING)
    save(policy, out, merge=settings.merge)
    return out


def _loaded(model: str, settings: Loading, seed: int) -> Policy:
    return load(
        model, dtype=settings.dtype, lora=settings.lora, trust_remote_code=settings.trust_remote_code, seed=seed
    )


def _samples(model: RewardModel, records: Sequence[Record], settings: TrainConfig) -> list[Encoded]:
    """Completions on which a reward has mean 0 and standard deviation 1: those it learned from, a thousand at most."""
    items, _ = items_of(records[:NORMALISED_ON], "rankings", model.tokenizer, row_limit(model, settings))
    return [row for item in items for row in item.rows][:NORMALISED_ON]


def settings_for(command: str, config: Path | None, overrides: Sequence[str]) -> TrainConfig:
    """The command's defaults, under the file, under the overrides. Raises InputError where they do not fit together."""
    named = settings_in(config, overrides).get("extensions", ())
    dict(load_extensions(named if isinstance(named, list) else (), Path() if config is None else config.parent))
    given = load_config(TrainConfig, config, overrides)
    defaults = {**DEFAULTS[command], **_adapted(DEFAULTS[command], given.lora)}
    settings = given.model_copy(update={k: v for k, v in defaults.items() if k not in given.model_fields_set})
    kind = objective_of(settings, pad=0).loss.kind
    if kind != (wanted := LOSSES[DEFAULTS[command]["loss"]].kind):
        fitting = ", ".join(loss.name for loss in LOSSES.values() if loss.kind == wanted)
        raise InputError(
            f"train {command} learns from {wanted}, {settings.loss} from {kind}", where="loss", hint=fitting
        )
    return settings


def _adapted(defaults: Mapping[str, Any], lora: Lora | None) -> dict[str, Any]:
    return {} if lora is None else {"learning_rate": LORA_RATE * defaults["learning_rate"]}


def check_out(model: str, out: Path) -> None:
    """Raises InputError where training would write over a model that is not its own."""
    if out.exists() and not out.is_dir():
        raise InputError("a file, where a folder is wanted", where="--out")
    if out.is_dir() and Path(model).expanduser().is_dir() and out.samefile(Path(model).expanduser()):
        raise InputError("the same folder as --model", where="--out", hint="take a new one")
    if out.is_dir() and any(out.iterdir()) and not (out / TRAINING).is_dir():
        raise InputError(f"{out} is not empty, and no training was begun there", where="--out", hint="take a new one")


def report(trained: Trained) -> str:
    """What to tell of it, in a few lines."""
    result = trained.result
    names = {"rewards/accuracy": "accuracy", "accuracy": "accuracy", "validation/loss": "validation loss"}
    watched = [f"{label} {result.metrics[name]:.4g}" for name, label in names.items() if name in result.metrics]
    lines = [f"{result.steps} steps ({result.stopped}): {', '.join([f'loss {result.losses[-1]:.4g}', *watched])}"]
    if result.best_step not in (None, result.steps):
        lines.append(f"best validation at step {result.best_step}")
    lines += [f"left out {count}: {reason}" for reason, count in result.dropped.items()]
    if result.truncated:
        lines.append(f"cut to the maximal length: {result.truncated} completions or their prompts")
    return "\n".join([*lines, f"The model is in {trained.folder}"])
