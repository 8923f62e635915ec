"""What would fail later, found before anything is spent: one error, which says the key.

Settings that cannot be together, files that are not there or hold something else, functions that do not load, a
trainer's setting that its loss does not have. Nothing of torch is loaded, and no server is asked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maieutic.align.judges.kinds import JUDGES, PROOF
from maieutic.align.judges.oracles import FunctionJudge, load_function
from maieutic.align.judges.questions import Judge
from maieutic.align.judges.rubrics import RUBRICS
from maieutic.align.methods import WRITERS, Method
from maieutic.align.selection.select import SELECTORS
from maieutic.core.config import checked
from maieutic.core.errors import InputError, nearest
from maieutic.lm.losses import LOSSES, loss_named
from maieutic.lm.ppo.config import PPOConfig
from maieutic.lm.training.fit_config import FitConfig
from maieutic.loops.rounds.config import JudgeConfig, ModelConfig, RunConfig, training_of
from maieutic.loops.rounds.defaults import DEFAULTS
from maieutic.loops.rounds.participants import Participants


def check_run(config: RunConfig, method: Method) -> None:
    """The settings that all worlds share. Raises InputError for the first thing that is wrong."""
    _row(config, method)
    _together(config, method)
    _trainers(config, method)


# --- settings --------------------------------------------------------------------------------------------------------


def _row(config: RunConfig, method: Method) -> None:
    """The row's own fields."""
    for writer, count in method.candidates.items():
        if writer not in WRITERS:
            unknown("writer", writer, WRITERS, "row.candidates")
        if count < 1:
            raise InputError(f"{count} candidates", where=f"row.candidates.{writer}", hint="1 or more")
    if method.trainer == "ppo":
        if method.start != "reward":
            raise InputError("PPO needs a reward model", where="row.start", hint="'reward'")
        return
    if method.selector not in SELECTORS:
        unknown("selector", method.selector, SELECTORS, "row.selector")
    selector = SELECTORS[method.selector]
    for key in method.selection:
        if key not in selector.parameters:
            unknown(f"setting of {method.selector}", key, selector.parameters, "row.selection")
    if selector.judged and method.judge is None:
        raise InputError(f"{method.selector} selects by verdicts, and nobody judges", where="row.judge")
    if selector.gives == "pairs" and sum(method.candidates.values()) < 2:
        raise InputError("a pair needs two candidates", where="row.candidates")
    if method.opponents is not None and method.candidates.get(method.opponents, 0) < 2:
        hint = f"two candidates or more of {method.opponents!r}"
        raise InputError("a win rate needs samples to win against", where="row.opponents", hint=hint)
    loss_named(method.loss, "row.loss")


def _trainers(config: RunConfig, method: Method) -> None:
    """The trainers' settings, those of the loss among them."""
    unseeded("training", {**method.training, **config.training})
    unseeded("start.training", config.start.training)
    if method.trainer == "ppo":
        checked(PPOConfig, training_of(config, method), where="training")
    else:
        fitting(training_of(config, method), SELECTORS[method.selector].gives, "training")
    fitting({**DEFAULTS["sft"], **config.start.training}, "examples", "start.training")


def unseeded(where: str, settings: Mapping[str, Any]) -> None:
    """Raises InputError for settings of a trainer that hold a seed."""
    if "seed" in settings:
        raise InputError("training is seeded by the run", where=f"{where}.seed", hint="set seed at the top")


def fitting(settings: Mapping[str, Any], kind: str, where: str) -> None:
    """Raises InputError for settings that are none, or that are not the loss's, or a loss that learns from others."""
    settled = checked(FitConfig, settings, where=where)
    try:
        row = settled.row
    except InputError as error:
        error.where = f"{where}.{error.where}"
        raise
    if row.kind != kind:
        others = ", ".join(name for name, other in LOSSES.items() if other.kind == kind)
        raise InputError(f"{row.name} learns from {row.kind}, not {kind}", where=f"{where}.loss", hint=others)


def _together(config: RunConfig, method: Method) -> None:
    """Settings that exclude one another."""
    if config.policy.dtype == "bfloat16" and config.policy.lora_rank is None:
        hint = "float32 with training.bf16 = true, or policy.lora_rank"
        raise InputError("weights in bfloat16 would round most steps away", where="policy.dtype", hint=hint)
    if config.prompts.per_round == 0 and not config.prompts.create:
        raise InputError("no prompts at all", where="prompts.per_round", hint="prompts.create, or 1 or more")
    if config.prompts.create and "data" in method.candidates:
        raise InputError("the data has no answers to created prompts", where="prompts.create")
    if config.validation and method.trainer == "ppo":
        raise InputError("PPO is not stopped early", where="early_stopping")
    if config.keep_weights == "last" and (method.output == "mixture" or "mixture" in method.candidates):
        raise InputError("a mixture needs the weights of all rounds", where="keep_weights", hint="'all'")


# --- who judges, and what is named -----------------------------------------------------------------------------------


def check_judge(table: str, kind: str, config: JudgeConfig, who: Participants) -> Iterator[tuple[str, str]]:
    """Who judges: whether there is such a one, and all that it needs. `table` is where its settings stand."""
    key = f"{table}." if table else ""
    if kind not in JUDGES:
        unknown("judge", kind, JUDGES, f"{key}kind")
    needs = JUDGES[kind].needs
    if kind == PROOF:
        raise InputError("the kernel judges theorems only", where=f"{key}kind", hint="a run with [prover]")
    if needs == "ask":
        raise InputError("a person judges with `maieutic compare`", where=f"{key}kind", hint="choose another judge")
    if needs == "function":
        if config.function is None:
            raise InputError("the judge is a function, and none is named", where=f"{key}function", hint="FILE.py:NAME")
        FunctionJudge(function=load_function(config.function, who.base), model=config.function)
        yield from function(f"{key}function", config.function, who)
    elif config.function is not None:
        raise InputError(f"the judge is {kind!r}, which calls no function", where=f"{key}kind", hint="'function'")
    if needs == "rewards" and (config.model is None or config.model.path is None):
        raise InputError("a reward judge needs the folder of a reward model", where=f"{key}model.path")
    if kind == "model" and config.model is None:
        hint = "path or endpoint; or kind = 'self', the policy"
        raise InputError("another model judges, and none is named", where=f"{key}model", hint=hint)
    if kind == "self" and config.model is not None:
        raise InputError("the policy judges itself", where=f"{key}model", hint="kind = 'model'")
    if config.model is not None:
        yield from check_model(f"{key}model", config.model, who)
    if needs == "generator":
        if config.rubric is not None and config.rubric not in RUBRICS:
            who.rubric(config.rubric)
            yield f"{key}rubric", mark(who.path(config.rubric))
        _made(kind, config, who)


def compares(kind: str, config: JudgeConfig, who: Participants) -> bool:
    """Whether a judge gives comparisons, and not scores."""
    if kind == "function" and config.function is not None:
        return FunctionJudge(function=load_function(config.function, who.base))._compares()
    return JUDGES[kind].gives == "comparisons"


def _made(kind: str, config: JudgeConfig, who: Participants) -> Judge:
    """The judge with nobody behind it: whether its settings fit together."""
    return JUDGES[kind].make(**who.judge_settings(kind, config, _Nobody()))


class _Nobody:
    """Stands where a model will."""

    name = "nobody"

    def generate(self, *arguments: Any) -> Iterator[Any]:
        raise AssertionError("a check asks nobody")


def check_model(key: str, config: ModelConfig, who: Participants) -> Iterator[tuple[str, str]]:
    """A model that does not learn: its folder, its server's key and address, or its function."""
    if config.function is not None:
        load_function(config.function, who.base)
        yield from function(f"{key}.function", config.function, who)
    elif config.endpoint is not None:
        who.model(config)
        if config.api_key_env is not None and not os.environ.get(config.api_key_env, "").strip():
            message = f"the environment variable {config.api_key_env} is not set: it holds the key"
            raise InputError(message, where=f"{key}.api_key_env")
    elif config.path is not None:
        yield from check_folder(key, config.path, who)
    else:
        raise InputError("no model is named", where=key, hint="path, endpoint or function")


def check_folder(key: str, name: str, who: Participants) -> Iterator[tuple[str, str]]:
    """A model's folder, or its name on the hub, of which nothing is known before it is there."""
    folder = who.place(name)
    if isinstance(folder, str):
        if name.count("/") != 1 or any(not part for part in name.split("/")):
            hint = "a folder, or a hub name such as 'owner/model'"
            raise InputError(f"no such model folder: {name}", where=f"{key}.path", hint=hint)
        return
    if not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise InputError(f"no model in this folder: {folder}", where=f"{key}.path", hint="it has no config.json")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise InputError(f"no weights as safetensors in {folder}", where=f"{key}.path")
    yield f"{key}.path", _hash(f"{file.name} {file.stat().st_size}" for file in weights)


def function(key: str, spec: str, who: Participants) -> Iterator[tuple[str, str]]:
    """A mark of the file that a function is in."""
    yield key, mark(who.path(spec.rpartition(":")[0]))


def mark(path: Path) -> str:
    """A mark of what is in a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _hash(lines: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def unknown(what: str, name: str, known: Any, where: str) -> None:
    """Raises InputError for a name that is not known, with the nearest that is."""
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
    raise InputError(f"unknown {what} {name!r}", where=where, hint=hint)
