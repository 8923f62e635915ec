"""What trains in a round: the start, and the policy on what was selected, or on rewards.

Training leaves its checkpoints in a folder of the stage that goes when the stage is finished; a run that was killed in
the middle goes on from the last of them to the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from maieutic.core.config import checked
from maieutic.core.files import write_whole
from maieutic.core.records import Example, Record
from maieutic.core.store import Stage, discard
from maieutic.loops.rounds.config import training_of
from maieutic.loops.rounds.defaults import DEFAULTS
from maieutic.loops.rounds.stages import learned_from
from maieutic.loops.rounds.world import Round, World

MODEL, REWARD, WORK = "model", "reward", ".training"
"""Folders of a stage: the policy, the reward model, and what training leaves behind until the stage is finished."""

CHECKED = "checked"
"""A folder of the training's: what its checkpoints answered, where training may stop early."""


# --- round 0 ---------------------------------------------------------------------------------------------------------


def start(
    now: Round[World],
    examples: Callable[[], Sequence[Example]],
    *inputs: Stage | None,
    further: Callable[[Stage], Mapping[str, Any]] | None = None,
) -> Stage:
    """Round 0: the policy as it is given, which may imitate examples first.

    Args:
        examples: reads what is imitated; asked only where the stage is not finished.
        inputs: the stages that the examples were made from.
        further: what a world makes in the stage beside the policy; its counts are the stage's too.
    """
    stage = now.stage("start", *inputs)
    if stage.finished:
        return _finished(stage)
    data = examples()
    counts: dict[str, Any] = {"imitated": len(data)}
    learner = now.world.learner(now.policy)
    if data:
        settings = {**DEFAULTS["sft"], **now.config.start.training, "seed": now.seed("start") % 2**31}
        counts |= fitted(learner, data, settings, stage.folder / WORK)
    save(learner, stage.folder / MODEL)
    if further is not None:
        counts |= further(stage)
    stage.finish(**counts)
    return _finished(stage)


def _finished(stage: Stage) -> Stage:
    """A stage whose training has left no traces but its metrics."""
    discard(stage.folder / WORK)
    return stage


# --- the rounds ------------------------------------------------------------------------------------------------------


def learn(now: Round[World], pairs: Stage) -> Stage:
    """The round's policy, trained on what was selected; the same as before where nothing was."""
    stage = now.stage("policy", pairs)
    if stage.finished:
        return _finished(stage)
    method = now.method
    data = learned_from(now, pairs)
    begun = now.policy if method.initialise == "previous" else now.policies[0]
    learner = now.world.learner(begun)
    counts: dict[str, Any] = {"learned_from": len(data)}
    if data:
        settings = {**training_of(now.config, method), "seed": now.seed("fit") % 2**31}
        held_to = now.policy if method.reference == "round" else now.policies[0]
        others = {
            "reference": None if str(held_to) == str(begun) else now.world.policy(held_to),
            "anchor": now.world.policy(now.policies[0]) if settings["loss"] == "dno_regularised" else None,
        }
        validate = now.world.validation(now, begun, stage.folder / WORK / CHECKED)
        if validate is not None:
            others["validate"] = validate
        counts |= fitted(learner, data, settings, stage.folder / WORK, **others)
    save(learner, stage.folder / MODEL)
    stage.finish(**counts)
    return _finished(stage)


def reinforce(now: Round[World], asked: Stage) -> Stage:
    """The round's policy by PPO, on the rewards of round 0's model."""
    from maieutic.lm.ppo.train import PPOConfig, ppo
    from maieutic.lm.reward import RewardModel
    from maieutic.loops.rewards import scores_of

    stage = now.stage("policy", asked)
    if stage.finished:
        return _finished(stage)
    prompts = [now.world.prompt(example.prompt) for example in asked.records(Example)]
    learner = now.world.learner(now.policy)
    score = scores_of(RewardModel.load(now.run.made(0, "start").folder / REWARD))
    settings = {**training_of(now.config, now.method), "seed": now.seed("ppo") % 2**31}
    config = checked(PPOConfig, settings, where="training")
    result = ppo(learner, prompts, score, config, stage.folder / WORK, reference=now.world.policy(now.policies[0]))
    _keep_metrics(stage.folder / WORK)
    save(learner, stage.folder / MODEL)
    stage.finish(steps=result.steps, metrics=dict(result.metrics[-1]) if result.metrics else {})
    return _finished(stage)


def fitted(
    learner: Any, data: Sequence[Record], settings: Mapping[str, Any], folder: Path, **others: Any
) -> dict[str, Any]:
    """Train, and tell how it went."""
    from maieutic.lm.training.fit import FitConfig, fit

    config = checked(FitConfig, settings, where="training")
    result = fit(learner, data, config, folder, **others)
    _keep_metrics(folder)
    return {
        "steps": result.steps,
        "stopped": str(result.stopped),
        "best_step": result.best_step,
        "dropped": dict(result.dropped),
        "truncated": result.truncated,
        "metrics": dict(result.metrics),
        "first_loss": result.losses[0] if result.losses else None,
    }


def _keep_metrics(work: Path) -> None:
    """Keep the metrics of each step when the rest of the training's folder goes."""
    stage = work.parent if work.name == WORK else work.parent.parent
    name = "metrics.jsonl" if work.name == WORK else f"{work.name}-metrics.jsonl"
    if (work / "metrics.jsonl").exists():
        write_whole(stage / name, (work / "metrics.jsonl").read_bytes())


def save(policy: Any, folder: Path) -> None:
    """Write a model, over what was left of an earlier attempt."""
    from maieutic.lm import model

    discard(folder)
    model.save(policy, folder)
