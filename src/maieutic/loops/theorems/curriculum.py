"""Which theorems a round works on: those that the present policy sometimes proves.

A theorem that each draw proves teaches nothing, and neither does one that none does. So more theorems are looked at
than a round needs, a few points are drawn for each, and closures tell how many prove it (nothing is learned from
these, and no kernel is asked). Chosen are the theorems with both outcomes; where these are too few, those that no draw
proved, and only then the others. The few draws are the first of the round's own. Where a round found that most draws
prove their theorems, the next one makes up new theorems, beside those that it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from maieutic.align.judges.prompts import portions
from maieutic.core.errors import InputError
from maieutic.core.records import Example
from maieutic.core.store import Stage
from maieutic.geometry.synthesis.split import Side
from maieutic.geometry.synthesis.synthesize import synthesize
from maieutic.loops.rounds.participants import sampling
from maieutic.loops.rounds.stages import answers_of
from maieutic.loops.rounds.world import Round
from maieutic.loops.theorems.kernel_judge import closes
from maieutic.loops.theorems.participants import TheoremPolicies
from maieutic.loops.theorems.read import theorems, told

LOOK = "curriculum"
"""The stage with what share of a few draws proves each theorem that was looked at."""

UNKNOWN = 0.5
"""What is taken for the share where nothing is drawn."""

FIGURES = 16
"""Figures of a shard of made-up theorems."""

MADE_UP = "theorems"
"""The folder of a stage with the theorems that were made up for it."""


def choose(now: Round[TheoremPolicies]) -> Stage:
    """The round's theorems. Raises InputError where there are too few."""
    looked = _look(now)
    stage = now.stage("prompts", looked)
    if not stage.finished:
        known, wanted = looked.records(Example), _wanted(now)
        count = len(known) if wanted is None else wanted
        ordered = sorted(known, key=lambda theorem: _lateness(theorem.weight))
        chosen = [replace(theorem, weight=1.0) for theorem in ordered[:count]]
        now.make(stage, chosen, lambda part, first: part)
        stage.finish(prompts=len(chosen), sometimes=sum(_lateness(e.weight) == 0 for e in ordered[:count]))
    return stage


def _wanted(now: Round[TheoremPolicies]) -> int | None:
    """How many theorems the round works on; None: all of its part."""
    judged = now.world.config.prover.judged if now.number == 0 else None
    return judged or now.config.prompts.per_round


def _lateness(share: float) -> int:
    """Which theorems are chosen first: those that are sometimes proved, then those that never are."""
    return 0 if 0 < share < 1 else 1 if share == 0 else 2


def _look(now: Round[TheoremPolicies]) -> Stage:
    """The theorems within reach; the weight of each is the share of a few draws that prove it."""
    stage = now.stage(LOOK)
    if stage.finished:
        return stage
    settings = now.world.config.prover
    made_up = _made_up(now, stage)
    within_reach = told([*made_up, *_given(now)], now.world.shown)
    writer, how = now.world.writer(now.policy), sampling(now.config.sampling)

    def work(part: Sequence[Example], first: int) -> Iterator[Example]:
        samples = answers_of(now, part, {"policy": (writer, settings.probe)}, how) if settings.probe else []
        proved = [closes(str(sample.prompt), sample.completion) is not None for sample in samples]
        for number, theorem in enumerate(part):
            draws = proved[number * settings.probe : (number + 1) * settings.probe]
            yield replace(theorem, weight=fmean(draws) if draws else UNKNOWN)

    now.make(stage, within_reach, work)
    shares = [theorem.weight for theorem in stage.records(Example)]
    stage.finish(theorems=len(shares), made_up=len(made_up), proved=fmean(shares), always=sum(s == 1 for s in shares))
    return stage


def _given(now: Round[TheoremPolicies]) -> list[Example]:
    """The round's own part of the given theorems, as many as are looked at. Part 0 is for what happens before."""
    config, path = now.config, now.world.path(now.config.prompts.path)
    mine = portions(theorems(path, Side.TRAINING), config.rounds + 1, config.seed)[now.number]
    wanted = _wanted(now)
    if wanted is None:
        return mine
    if len(mine) < wanted:
        message = f"{len(mine)} theorems for round {now.number}, and {wanted} are wanted"
        raise InputError(message, where=str(path), hint="make more theorems, or set prompts.per_round lower")
    return mine[: wanted * now.world.config.prover.reach]


def _made_up(now: Round[TheoremPolicies], stage: Stage) -> list[Example]:
    """New theorems, where the round before found that the policy has outgrown those it was given."""
    config, path = now.config, now.world.path(now.config.prompts.path)
    if not config.prompts.create or now.number < 2:
        return []
    if now.run.made(now.number - 1, LOOK).counts["proved"] <= now.world.config.prover.outgrown:
        return []
    earlier = [now.run.made(number, LOOK).folder / MADE_UP for number in range(1, now.number)]
    apart_from = [folder for folder in (path, *earlier) if folder.is_dir()]
    folder = stage.folder / MADE_UP
    synthesize(config.prompts.create, folder, now.seed(MADE_UP) % 2**31, apart_from=apart_from, figures=FIGURES)
    return theorems(folder, Side.TRAINING)
