"""What trains in a round: the start, and the policy on what was selected, or on rewards.

Training leaves its checkpoints in a folder of the stage that goes when the stage is finished; a run that was killed in
the middle goes on from the last of them to the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maieutic.align.judges.questions import Question, Verdict, decided
from maieutic.align.selection.select import rewards
from maieutic.core.config import checked
from maieutic.core.datasets import read_examples
from maieutic.core.errors import MaieuticError
from maieutic.core.files import write_whole
from maieutic.core.records import Example, Ranking, Record
from maieutic.core.store import Stage, discard
from maieutic.loops.rounds.config import judge_kind, training_of
from maieutic.loops.rounds.defaults import DEFAULTS
from maieutic.loops.rounds.measuring import Checkpoints
from maieutic.loops.rounds.outside import sampling
from maieutic.loops.rounds.stages import Scene, answers_of, known_prompts, learned_from

MODEL, REWARD, WORK = "model", "reward", ".training"
"""Folders of a stage: the policy, the reward model, and what training leaves behind until the stage is finished."""

CHECKED = "checked"
"""A folder of the training's: what its checkpoints answered, where training may stop early."""


# --- round 0 ---------------------------------------------------------------------------------------------------------


def start(scene: Scene, taught: Sequence[Example] = (), *inputs: Stage | None) -> Stage:
    """Round 0: imitate the instructions, the examples of judging too where the row says so, or fit a reward model.

    Args:
        taught: examples beside those of the configuration, and the stages that they were made from.
    """
    stage = scene.run.stage(0, "start", *(i for i in inputs if i is not None))
    if stage.finished:
        return _finished(stage)
    config, method = scene.config.start, scene.method
    data = [*taught, *(_imitated(scene, config.instructions) if config.instructions else [])]
    if config.judging and method.start == "sft+eft":
        data = [*data, *_imitated(scene, config.judging)]
    counts: dict[str, Any] = {"imitated": len(data)}
    learner = scene.cast.learner(scene.cast.place(scene.config.policy.path))
    if data:
        settings = {**DEFAULTS["sft"], **config.training, "seed": scene.seed("start") % 2**31}
        counts |= _fit(learner, data, settings, stage.folder / WORK)
    _save(learner, stage.folder / MODEL)
    if method.start == "reward":
        counts |= _fit_reward(scene, stage)
    stage.finish(**counts)
    return _finished(stage)


def _finished(stage: Stage) -> Stage:
    """A stage whose training has left no traces but its metrics."""
    discard(stage.folder / WORK)
    return stage


def _imitated(scene: Scene, name: str) -> list[Example]:
    examples = read_examples(scene.cast.path(name))
    return [Example(scene.cast.prompt(e.prompt), e.completion, e.weight) for e in examples]


def _fit_reward(scene: Scene, stage: Stage) -> dict[str, Any]:
    """A reward model from comparisons of the first policy's samples; normalised on these (mean 0, deviation 1)."""
    from maieutic.lm.reward import RewardModel
    from maieutic.lm.tokens import Encoded, encode

    place, config = stage.folder / MODEL, scene.config
    prompts = known_prompts(scene.cast.path(config.prompts.path), needs_answers=False)
    writer = scene.cast.writer(place)
    kind = judge_kind(config, scene.method)
    assert kind is not None, "a row with a reward has a judge"
    judge = scene.cast.judge(kind, config.judge, lambda: writer)

    how, count = sampling(config.sampling), config.start.preferences

    def compared(part: Sequence[Example], first: int) -> list[Ranking]:
        samples = answers_of(scene, part, {"reward": (writer, count)}, how)
        found = [Question(e.prompt, tuple(samples[k * count : (k + 1) * count])) for k, e in enumerate(part)]
        verdicts = decided(judge, found, config.seed)
        return [r for q, verdict in zip(found, verdicts, strict=True) if (r := _ranking(q, verdict)) is not None]

    scene.make(stage, prompts, compared)
    rankings = stage.records(Ranking)
    if not rankings:
        raise MaieuticError("no reward model: the judge found nothing better than anything else")
    reward = RewardModel(scene.cast.learner(place), seed=config.seed)
    asked = [Ranking(scene.cast.prompt(r.prompt), r.completions, r.ranks) for r in rankings]
    settings = {**DEFAULTS["reward"], **config.start.reward_training, "seed": scene.seed("reward") % 2**31}
    fitted = _fit(reward, asked, settings, stage.folder / WORK / "reward")
    rows = [encode(reward.tokenizer, r.prompt, text) for r in asked for text in r.completions]
    reward.normalise([row for row in rows if isinstance(row, Encoded)])
    reward.save(stage.folder / REWARD)
    return {"rankings": len(rankings), "reward_steps": fitted["steps"], "reward_metrics": fitted["metrics"]}


def _ranking(question: Question, verdict: Verdict) -> Ranking | None:
    """The samples that have a reward, ranked; None where nothing is better than anything."""
    known = [(r, s) for r, s in zip(rewards(question, verdict), question.samples, strict=True) if r is not None]
    levels = sorted({r for r, _ in known}, reverse=True)
    if len(levels) < 2:
        return None
    return Ranking(question.prompt, tuple(s.completion for _, s in known), tuple(levels.index(r) + 1 for r, _ in known))


# --- the rounds ------------------------------------------------------------------------------------------------------


def learn(scene: Scene, pairs: Stage) -> Stage:
    """The round's policy, trained on what was selected; the same as before where nothing was."""
    stage = scene.run.stage(scene.round, "policy", pairs)
    if stage.finished:
        return _finished(stage)
    method = scene.method
    data = learned_from(scene, pairs)
    begun = scene.now if method.initialise == "previous" else scene.policies[0]
    learner = scene.cast.learner(begun)
    counts: dict[str, Any] = {"learned_from": len(data)}
    if data:
        settings = {**training_of(scene.config, method), "seed": scene.seed("fit") % 2**31}
        held_to = scene.now if method.reference == "round" else scene.policies[0]
        others = {
            "reference": None if str(held_to) == str(begun) else scene.cast.policy(held_to),
            "anchor": scene.cast.policy(scene.policies[0]) if settings["loss"] == "dno_regularised" else None,
        }
        if scene.config.early_stopping is not None:
            others["validate"] = Checkpoints(scene, begun, stage.folder / WORK / CHECKED)
        counts |= _fit(learner, data, settings, stage.folder / WORK, **others)
    _save(learner, stage.folder / MODEL)
    stage.finish(**counts)
    return _finished(stage)


def reinforce(scene: Scene, asked: Stage) -> Stage:
    """The round's policy by PPO, on the rewards of round 0's model."""
    from maieutic.lm.ppo.train import PPOConfig, ppo
    from maieutic.lm.reward import RewardModel
    from maieutic.loops.rewards import scores_of

    stage = scene.run.stage(scene.round, "policy", asked)
    if stage.finished:
        return _finished(stage)
    prompts = [scene.cast.prompt(example.prompt) for example in asked.records(Example)]
    learner = scene.cast.learner(scene.now)
    score = scores_of(RewardModel.load(scene.run.made(0, "start").folder / REWARD))
    settings = {**training_of(scene.config, scene.method), "seed": scene.seed("ppo") % 2**31}
    config = checked(PPOConfig, settings, where="training")
    result = ppo(learner, prompts, score, config, stage.folder / WORK, reference=scene.cast.policy(scene.policies[0]))
    _keep_metrics(stage.folder / WORK)
    _save(learner, stage.folder / MODEL)
    stage.finish(steps=result.steps, metrics=dict(result.metrics[-1]) if result.metrics else {})
    return _finished(stage)


def _fit(
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


def _save(policy: Any, folder: Path) -> None:
    from maieutic.lm.model import save

    discard(folder)
    save(policy, folder)
