"""Round 0 of a method with rewards: a reward model, fitted on a judge's verdicts on the first policy's samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maieutic.align.judges.questions import Question, Verdict, decided
from maieutic.align.selection.select import rewards
from maieutic.core.errors import MaieuticError
from maieutic.core.records import Example, Ranking
from maieutic.core.store import Stage
from maieutic.loops.instructions.config import InstructionsConfig
from maieutic.loops.rounds.config import judge_kind
from maieutic.loops.rounds.defaults import DEFAULTS
from maieutic.loops.rounds.learning import MODEL, REWARD, WORK, fitted
from maieutic.loops.rounds.participants import sampling
from maieutic.loops.rounds.policies import Policies, known_prompts
from maieutic.loops.rounds.stages import answers_of
from maieutic.loops.rounds.world import Round


def fit_reward(now: Round[Policies], config: InstructionsConfig, stage: Stage) -> dict[str, Any]:
    """A reward model from comparisons of the first policy's samples; normalised on these (mean 0, deviation 1)."""
    from maieutic.lm.reward import RewardModel
    from maieutic.lm.tokens import Encoded, encode

    place = stage.folder / MODEL
    prompts = known_prompts(now.world.path(config.prompts.path), needs_answers=False)
    writer = now.world.writer(place)
    kind = judge_kind(config, now.method)
    assert kind is not None, "a row with a reward has a judge"
    judge = now.world.judge_of(kind, config.judge, lambda: writer)
    how, count = sampling(config.sampling), config.start.preferences

    def compared(part: Sequence[Example], first: int) -> list[Ranking]:
        samples = answers_of(now, part, {"reward": (writer, count)}, how)
        found = [Question(e.prompt, tuple(samples[k * count : (k + 1) * count])) for k, e in enumerate(part)]
        verdicts = decided(judge, found, config.seed)
        return [r for q, verdict in zip(found, verdicts, strict=True) if (r := _ranking(q, verdict)) is not None]

    now.make(stage, prompts, compared)
    rankings = stage.records(Ranking)
    if not rankings:
        raise MaieuticError("no reward model: the judge found nothing better than anything else")
    reward = RewardModel(now.world.learner(place), seed=config.seed)
    asked = [Ranking(now.world.prompt(r.prompt), r.completions, r.ranks) for r in rankings]
    settings = {**DEFAULTS["reward"], **config.start.reward_training, "seed": now.seed("reward") % 2**31}
    told = fitted(reward, asked, settings, stage.folder / WORK / "reward")
    rows = [encode(reward.tokenizer, r.prompt, text) for r in asked for text in r.completions]
    reward.normalise([row for row in rows if isinstance(row, Encoded)])
    reward.save(stage.folder / REWARD)
    return {"rankings": len(rankings), "reward_steps": told["steps"], "reward_metrics": told["metrics"]}


def _ranking(question: Question, verdict: Verdict) -> Ranking | None:
    """The samples that have a reward, ranked; None where nothing is better than anything."""
    known = [(r, s) for r, s in zip(rewards(question, verdict), question.samples, strict=True) if r is not None]
    levels = sorted({r for r, _ in known}, reverse=True)
    if len(levels) < 2:
        return None
    return Ranking(question.prompt, tuple(s.completion for _, s in known), tuple(levels.index(r) + 1 for r, _ in known))
