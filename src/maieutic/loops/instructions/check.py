"""What would fail later in a run on instructions, found before anything is spent: one error, which says the key."""

from __future__ import annotations

from collections.abc import Iterator

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.oracles import load_function
from maieutic.align.methods import Method
from maieutic.core.datasets import read_examples, read_prompts
from maieutic.core.errors import InputError
from maieutic.loops.instructions.config import InstructionsConfig, evaluator
from maieutic.loops.rounds.check import (
    check_folder,
    check_judge,
    check_model,
    compares,
    fitting,
    function,
    mark,
    unseeded,
)
from maieutic.loops.rounds.config import judge_kind
from maieutic.loops.rounds.defaults import DEFAULTS
from maieutic.loops.rounds.participants import Participants


def check(config: InstructionsConfig, method: Method, who: Participants) -> Iterator[tuple[str, str]]:
    """A mark of each file, once what it holds was read. Raises InputError for the first thing that is wrong."""
    _together(config, method)
    yield from check_folder("policy", config.policy.path, who)
    yield from _data(config, method, who)
    for key, model in (("teacher", config.teacher), ("prompts.creator", config.prompts.creator)):
        if model is not None:
            yield from check_model(key, model, who)
    if (kind := judge_kind(config, method)) is not None:
        yield from check_judge("judge", kind, config.judge, who)
        if method.opponents is not None and not compares(kind, config.judge, who):
            hint = "pairwise, or a function of prompt, left and right; or row.opponents unset"
            raise InputError(f"win rates need a judge that compares, and {kind} scores", where="judge.kind", hint=hint)
    if config.evaluation.path is not None:
        kind, settings = evaluator(config, method)
        if kind is None:
            hint = f"one of {', '.join(JUDGES)}"
            raise InputError("nobody is there to compare policies", where="evaluation.judge.kind", hint=hint)
        yield from check_judge("evaluation.judge" if config.evaluation.judge else "judge", kind, settings, who)
    if config.evaluation.oracle is not None:
        load_function(config.evaluation.oracle, who.base)
        yield from function("evaluation.oracle", config.evaluation.oracle, who)


def _together(config: InstructionsConfig, method: Method) -> None:
    """Settings that exclude or need one another."""
    if "teacher" in method.candidates and config.teacher is None:
        raise InputError(f"{config.method} needs a teacher", where="teacher", hint="path, endpoint or function")
    if method.start == "sft+eft" and config.start.instructions is not None and config.start.judging is None:
        hint = "examples of judging, as the method has them; or row.start = 'sft'"
        raise InputError(f"{config.method} trains the judge too", where="start.judging", hint=hint)
    if method.start != "sft+eft" and config.start.judging is not None:
        hint = "row.start = 'sft+eft'"
        raise InputError(f"{config.method} does not learn to judge", where="start.judging", hint=hint)
    if config.early_stopping is not None and config.evaluation.path is None:
        raise InputError("early stopping needs prompts to compare on", where="evaluation.path")
    unseeded("start.reward_training", config.start.reward_training)
    if method.trainer == "ppo":
        fitting({**DEFAULTS["reward"], **config.start.reward_training}, "rankings", "start.reward_training")


def _data(config: InstructionsConfig, method: Method, who: Participants) -> Iterator[tuple[str, str]]:
    path = who.path(config.prompts.path)
    given = [e.prompt for e in read_examples(path)] if "data" in method.candidates else read_prompts(path)
    prompts = set(given)
    rounds = config.rounds if method.split else 1
    if len(prompts) // rounds < max(config.prompts.per_round or 0, 1):
        wanted = f"{rounds} rounds of {config.prompts.per_round or 'any'}"
        hint = "more prompts, a lower prompts.per_round, or row.split = false"
        raise InputError(f"{len(prompts)} prompts, and {wanted} are wanted", where=str(path), hint=hint)
    yield "prompts.path", mark(path)
    for key in ("instructions", "judging"):
        if (name := getattr(config.start, key)) is not None:
            read_examples(who.path(name))
            yield f"start.{key}", mark(who.path(name))
    if config.evaluation.path is not None:
        read_prompts(who.path(config.evaluation.path))
        yield "evaluation.path", mark(who.path(config.evaluation.path))
