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
from maieutic.core.datasets import read_examples, read_prompts
from maieutic.core.errors import InputError, nearest
from maieutic.core.judgements import JudgementCache
from maieutic.lm.ppo.config import PPOConfig
from maieutic.lm.training.fit_config import FitConfig
from maieutic.loops.rounds.config import (
    ImproveConfig,
    JudgeConfig,
    ModelConfig,
    evaluator,
    judge_kind,
    method_of,
    training_of,
)
from maieutic.loops.rounds.defaults import DEFAULTS, LOSS_FORMS
from maieutic.loops.rounds.outside import Outside
from maieutic.loops.rounds.participants import Cast


def check(config: ImproveConfig, base: Path) -> dict[str, str]:
    """Raises InputError for the first thing that is wrong.

    Returns:
        A mark of each file that the configuration names, by its key: a run whose files have changed is another run.
    """
    method = method_of(config)
    _row(config, method)
    _together(config, method)
    _trainers(config, method)
    with JudgementCache() as cache:
        cast = Cast(config, base, cache)
        return dict(_files(config, method, cast))


# --- settings --------------------------------------------------------------------------------------------------------


def _row(config: ImproveConfig, method: Method) -> None:
    """The row's own fields."""
    for writer, count in method.candidates.items():
        if writer not in WRITERS:
            _unknown("writer", writer, WRITERS, "row.candidates")
        if count < 1:
            raise InputError(f"{count} candidates", where=f"row.candidates.{writer}", hint="1 or more")
    if "teacher" in method.candidates and config.teacher is None and config.prover is None:
        raise InputError(f"{config.method} needs a teacher", where="teacher", hint="path, endpoint or function")
    if method.trainer == "ppo":
        if method.start != "reward":
            raise InputError("PPO needs a reward model", where="row.start", hint="'reward'")
        return
    if method.selector not in SELECTORS:
        _unknown("selector", method.selector, SELECTORS, "row.selector")
    selector = SELECTORS[method.selector]
    for key in method.selection:
        if key not in selector.parameters:
            _unknown(f"setting of {method.selector}", key, selector.parameters, "row.selection")
    if selector.judged and method.judge is None:
        raise InputError(f"{method.selector} selects by verdicts, and nobody judges", where="row.judge")
    if selector.gives == "pairs" and sum(method.candidates.values()) < 2:
        raise InputError("a pair needs two candidates", where="row.candidates")
    if method.opponents is not None and method.candidates.get(method.opponents, 0) < 2:
        hint = f"two candidates or more of {method.opponents!r}"
        raise InputError("a win rate needs samples to win against", where="row.opponents", hint=hint)
    if method.loss not in LOSS_FORMS:
        _unknown("loss", method.loss, LOSS_FORMS, "row.loss")


def _trainers(config: ImproveConfig, method: Method) -> None:
    """The trainers' settings, those of the loss among them."""
    for where, given in (
        ("training", {**method.training, **config.training}),
        ("start.training", config.start.training),
        ("start.reward_training", config.start.reward_training),
    ):
        if "seed" in given:
            raise InputError("training is seeded by the run", where=f"{where}.seed", hint="set seed at the top")
    if method.trainer == "ppo":
        checked(PPOConfig, training_of(config, method), where="training")
        _fitting({**DEFAULTS["reward"], **config.start.reward_training}, "rankings", "start.reward_training")
    else:
        _fitting(training_of(config, method), SELECTORS[method.selector].gives, "training")
    _fitting({**DEFAULTS["sft"], **config.start.training}, "examples", "start.training")


def _fitting(settings: Mapping[str, Any], kind: str, where: str) -> None:
    """Raises InputError for settings that are none, or that are not the loss's, or a loss that learns from others."""
    settled = checked(FitConfig, settings, where=where)
    if settled.loss not in LOSS_FORMS:
        _unknown("loss", settled.loss, LOSS_FORMS, f"{where}.loss")
    form, parameters = LOSS_FORMS[settled.loss]
    if form != kind:
        fitting = ", ".join(name for name, (learns_from, _) in LOSS_FORMS.items() if learns_from == kind)
        raise InputError(f"{settled.loss} learns from {form}, not {kind}", where=f"{where}.loss", hint=fitting)
    for name in ("beta", "label_smoothing", "eta", "tau"):
        if getattr(settled, name) is not None and name not in parameters:
            known = f"it has {', '.join(parameters)}" if parameters else "it has none"
            raise InputError(f"the loss {settled.loss} has no parameter {name!r}", where=f"{where}.{name}", hint=known)
    if settled.sft_weight and form != "pairs":
        raise InputError(f"{settled.loss} takes no SFT term", where=f"{where}.sft_weight")


def _together(config: ImproveConfig, method: Method) -> None:
    """Settings that exclude one another."""
    if config.policy.dtype == "bfloat16" and config.policy.lora_rank is None:
        hint = "float32 with training.bf16 = true, or policy.lora_rank"
        raise InputError("weights in bfloat16 would round most steps away", where="policy.dtype", hint=hint)
    if method.start == "sft+eft" and config.start.instructions is not None and config.start.judging is None:
        hint = "examples of judging, as the method has them; or row.start = 'sft'"
        raise InputError(f"{config.method} trains the judge too", where="start.judging", hint=hint)
    if method.start != "sft+eft" and config.start.judging is not None:
        hint = "row.start = 'sft+eft'"
        raise InputError(f"{config.method} does not learn to judge", where="start.judging", hint=hint)
    if config.prompts.per_round == 0 and not config.prompts.create:
        raise InputError("no prompts at all", where="prompts.per_round", hint="prompts.create, or 1 or more")
    if config.prompts.create and "data" in method.candidates:
        raise InputError("the data has no answers to created prompts", where="prompts.create")
    if config.early_stopping is not None and method.trainer == "ppo":
        raise InputError("PPO is not stopped early", where="early_stopping")
    if config.early_stopping is not None and config.evaluation.path is None:
        raise InputError("early stopping needs prompts to compare on", where="evaluation.path")
    if config.prover is not None:
        _theorems_together(config, method)
    if config.keep_weights == "last" and (method.output == "mixture" or "mixture" in method.candidates):
        raise InputError("a mixture needs the weights of all rounds", where="keep_weights", hint="'all'")


def _theorems_together(config: ImproveConfig, method: Method) -> None:
    """Settings that a run on theorems has no place for."""
    kind = judge_kind(config, method)
    if kind not in (None, PROOF, "self"):
        raise InputError(f"{kind!r} does not judge theorems", where="judge.kind", hint=f"{PROOF!r} or 'self'")
    if method.start == "reward":
        raise InputError("the kernel judges, and no reward model", where="row.start", hint="'sft'")
    for key, given in (
        ("teacher", config.teacher),
        ("prompts.creator", config.prompts.creator),
        ("early_stopping", config.early_stopping),
        ("evaluation.judge", config.evaluation.judge),
        ("evaluation.oracle", config.evaluation.oracle),
        ("judge.model", config.judge.model),
        ("judge.function", config.judge.function),
    ):
        if given is not None:
            raise InputError("has no place in a run on theorems", where=key, hint="leave it out, or [prover]")


# --- who judges, and what is named -----------------------------------------------------------------------------------


def _files(config: ImproveConfig, method: Method, cast: Cast) -> Iterator[tuple[str, str]]:
    """A mark of each file, once what it holds was read."""
    yield from _model("policy", config.policy.path, cast)
    if config.prover is not None:
        yield from _theorems(config, cast)
        return
    yield from _data(config, method, cast)
    for key, outside in (("teacher", config.teacher), ("prompts.creator", config.prompts.creator)):
        if outside is not None:
            yield from _outside(key, outside, cast)
    if (kind := judge_kind(config, method)) is not None:
        yield from check_judge("judge", kind, config.judge, cast)
        if method.opponents is not None and not compares(kind, config.judge, cast):
            hint = "pairwise, or a function of prompt, left and right; or row.opponents unset"
            raise InputError(f"win rates need a judge that compares, and {kind} scores", where="judge.kind", hint=hint)
    if config.evaluation.path is not None:
        kind, settings = evaluator(config, method)
        if kind is None:
            hint = f"one of {', '.join(JUDGES)}"
            raise InputError("nobody is there to compare policies", where="evaluation.judge.kind", hint=hint)
        yield from check_judge("evaluation.judge" if config.evaluation.judge else "judge", kind, settings, cast)
    if config.evaluation.oracle is not None:
        load_function(config.evaluation.oracle, cast.base)
        yield from _function("evaluation.oracle", config.evaluation.oracle, cast)


def _data(config: ImproveConfig, method: Method, cast: Cast) -> Iterator[tuple[str, str]]:
    path = cast.path(config.prompts.path)
    given = [e.prompt for e in read_examples(path)] if "data" in method.candidates else read_prompts(path)
    prompts = set(given)
    rounds = config.rounds if method.split else 1
    if len(prompts) // rounds < max(config.prompts.per_round or 0, 1):
        wanted = f"{rounds} rounds of {config.prompts.per_round or 'any'}"
        hint = "more prompts, a lower prompts.per_round, or row.split = false"
        raise InputError(f"{len(prompts)} prompts, and {wanted} are wanted", where=str(path), hint=hint)
    yield "prompts.path", _mark(path)
    for key in ("instructions", "judging"):
        if (name := getattr(config.start, key)) is not None:
            read_examples(cast.path(name))
            yield f"start.{key}", _mark(cast.path(name))
    if config.evaluation.path is not None:
        read_prompts(cast.path(config.evaluation.path))
        yield "evaluation.path", _mark(cast.path(config.evaluation.path))


def _theorems(config: ImproveConfig, cast: Cast) -> Iterator[tuple[str, str]]:
    """The theorems of the rounds, and those held out. Raises InputError where there are too few."""
    from maieutic.geometry.synthesis.shards import MANIFEST
    from maieutic.geometry.synthesis.split import Side
    from maieutic.loops.theorems.read import theorems

    judged = config.prover.judged if config.prover is not None else None
    path, wanted = cast.path(config.prompts.path), max(config.prompts.per_round or 1, judged or 1)
    known = len(theorems(path, Side.TRAINING))
    if known // (config.rounds + 1) < wanted:
        hint = "more theorems, or a lower prompts.per_round, or prover.judged"
        message = f"{known} theorems, and {config.rounds + 1} times {wanted} are wanted, for the rounds and the start"
        raise InputError(message, where=str(path), hint=hint)
    yield "prompts.path", _mark(path / MANIFEST if path.is_dir() else path)
    if config.evaluation.path is not None:
        path = cast.path(config.evaluation.path)
        if not theorems(path, Side.TEST):
            raise InputError("no theorem to measure on", where=str(path))
        yield "evaluation.path", _mark(path / MANIFEST if path.is_dir() else path)


def check_judge(table: str, kind: str, config: JudgeConfig, cast: Outside) -> Iterator[tuple[str, str]]:
    """Who judges: whether there is such a one, and all that it needs. `table` is where its settings stand."""
    key = f"{table}." if table else ""
    if kind not in JUDGES:
        _unknown("judge", kind, JUDGES, f"{key}kind")
    needs = JUDGES[kind].needs
    if kind == PROOF:
        raise InputError("the kernel judges theorems only", where=f"{key}kind", hint="a run with [prover]")
    if needs == "ask":
        raise InputError("a person judges with `maieutic compare`", where=f"{key}kind", hint="choose another judge")
    if needs == "function":
        if config.function is None:
            raise InputError("the judge is a function, and none is named", where=f"{key}function", hint="FILE.py:NAME")
        FunctionJudge(function=load_function(config.function, cast.base), model=config.function)
        yield from _function(f"{key}function", config.function, cast)
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
        yield from _outside(f"{key}model", config.model, cast)
    if needs == "generator":
        if config.rubric is not None and config.rubric not in RUBRICS:
            cast.rubric(config.rubric)
            yield f"{key}rubric", _mark(cast.path(config.rubric))
        _made(kind, config, cast)


def compares(kind: str, config: JudgeConfig, cast: Outside) -> bool:
    """Whether a judge gives comparisons, and not scores."""
    if kind == "function" and config.function is not None:
        return FunctionJudge(function=load_function(config.function, cast.base))._compares()
    return JUDGES[kind].gives == "comparisons"


def _made(kind: str, config: JudgeConfig, cast: Outside) -> Judge:
    """The judge with nobody behind it: whether its settings fit together."""
    return JUDGES[kind].make(**cast.judge_settings(kind, config, _Nobody()))


class _Nobody:
    """Stands where a model will."""

    name = "nobody"

    def generate(self, *arguments: Any) -> Iterator[Any]:
        raise AssertionError("a check asks nobody")


def _outside(key: str, config: ModelConfig, cast: Outside) -> Iterator[tuple[str, str]]:
    """A model that does not learn: its folder, its server's key and address, or its function."""
    if config.function is not None:
        load_function(config.function, cast.base)
        yield from _function(f"{key}.function", config.function, cast)
    elif config.endpoint is not None:
        cast.model(config)
        if config.api_key_env is not None and not os.environ.get(config.api_key_env, "").strip():
            message = f"the environment variable {config.api_key_env} is not set: it holds the key"
            raise InputError(message, where=f"{key}.api_key_env")
    elif config.path is not None:
        yield from _model(key, config.path, cast)
    else:
        raise InputError("no model is named", where=key, hint="path, endpoint or function")


def _model(key: str, name: str, cast: Outside) -> Iterator[tuple[str, str]]:
    """A model's folder, or its name on the hub, of which nothing is known before it is there."""
    folder = cast.place(name)
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


def _function(key: str, spec: str, cast: Outside) -> Iterator[tuple[str, str]]:
    yield key, _mark(cast.path(spec.rpartition(":")[0]))


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _hash(lines: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _unknown(what: str, name: str, known: Any, where: str) -> None:
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
    raise InputError(f"unknown {what} {name!r}", where=where, hint=hint)
