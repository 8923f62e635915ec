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
from maieutic.loops.rounds.outside import sampling
from maieutic.loops.rounds.stages import answers_of
from maieutic.loops.theorems.kernel_judge import closes
from maieutic.loops.theorems.participants import ProverScene
from maieutic.loops.theorems.read import theorems, told

LOOK = "curriculum"
"""The stage with what share of a few draws proves each theorem that was looked at."""

UNKNOWN = 0.5
"""What is taken for the share where nothing is drawn."""

FIGURES = 16
"""Figures of a shard of made-up theorems."""

MADE_UP = "theorems"
"""The folder of a stage with the theorems that were made up for it."""


def choose(scene: ProverScene) -> Stage:
    """The round's theorems. Raises InputError where there are too few."""
    looked = _look(scene)
    stage = scene.run.stage(scene.round, "prompts", looked)
    if not stage.finished:
        known, wanted = looked.records(Example), _wanted(scene)
        count = len(known) if wanted is None else wanted
        ordered = sorted(known, key=lambda theorem: _lateness(theorem.weight))
        chosen = [replace(theorem, weight=1.0) for theorem in ordered[:count]]
        scene.make(stage, chosen, lambda part, first: part)
        stage.finish(prompts=len(chosen), sometimes=sum(_lateness(e.weight) == 0 for e in ordered[:count]))
    return stage


def _wanted(scene: ProverScene) -> int | None:
    """How many theorems the round works on; None: all of its part."""
    judged = scene.cast.prover.judged if scene.round == 0 else None
    return judged or scene.config.prompts.per_round


def _lateness(share: float) -> int:
    """Which theorems are chosen first: those that are sometimes proved, then those that never are."""
    return 0 if 0 < share < 1 else 1 if share == 0 else 2


def _look(scene: ProverScene) -> Stage:
    """The theorems within reach; the weight of each is the share of a few draws that prove it."""
    stage = scene.run.stage(scene.round, LOOK)
    if stage.finished:
        return stage
    settings = scene.cast.prover
    made_up = _made_up(scene, stage)
    within_reach = told([*made_up, *_given(scene)], scene.cast.shown)
    writer, how = scene.cast.writer(scene.now), sampling(scene.config.sampling)

    def work(part: Sequence[Example], first: int) -> Iterator[Example]:
        samples = answers_of(scene, part, {"policy": (writer, settings.probe)}, how) if settings.probe else []
        proved = [closes(str(sample.prompt), sample.completion) is not None for sample in samples]
        for number, theorem in enumerate(part):
            draws = proved[number * settings.probe : (number + 1) * settings.probe]
            yield replace(theorem, weight=fmean(draws) if draws else UNKNOWN)

    scene.make(stage, within_reach, work)
    shares = [theorem.weight for theorem in stage.records(Example)]
    stage.finish(theorems=len(shares), made_up=len(made_up), proved=fmean(shares), always=sum(s == 1 for s in shares))
    return stage


def _given(scene: ProverScene) -> list[Example]:
    """The round's own part of the given theorems, as many as are looked at. Part 0 is for what happens before."""
    config, path = scene.config, scene.cast.path(scene.config.prompts.path)
    mine = portions(theorems(path, Side.TRAINING), config.rounds + 1, config.seed)[scene.round]
    wanted = _wanted(scene)
    if wanted is None:
        return mine
    if len(mine) < wanted:
        message = f"{len(mine)} theorems for round {scene.round}, and {wanted} are wanted"
        raise InputError(message, where=str(path), hint="make more theorems, or set prompts.per_round lower")
    return mine[: wanted * scene.cast.prover.reach]


def _made_up(scene: ProverScene, stage: Stage) -> list[Example]:
    """New theorems, where the round before found that the policy has outgrown those it was given."""
    config, path = scene.config, scene.cast.path(scene.config.prompts.path)
    if not config.prompts.create or scene.round < 2:
        return []
    if scene.run.made(scene.round - 1, LOOK).counts["proved"] <= scene.cast.prover.outgrown:
        return []
    earlier = [scene.run.made(number, LOOK).folder / MADE_UP for number in range(1, scene.round)]
    apart_from = [folder for folder in (path, *earlier) if folder.is_dir()]
    folder = stage.folder / MADE_UP
    synthesize(config.prompts.create, folder, scene.seed(MADE_UP) % 2**31, apart_from=apart_from, figures=FIGURES)
    return theorems(folder, Side.TRAINING)
