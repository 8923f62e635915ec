"""The story of a run: rounds in which a policy proposes, a judge decides, and the policy learns from it.

    round 0   the start: a policy that can follow instructions (and judge, or be rewarded)
    a round   prompts -> what the policy, and a teacher, answer -> what the judge says of it
              -> what is chosen to learn from -> the next policy -> how it compares with those before

Every arrow is a stage in the run's folder (core/store.py). A stage that is done is read, one that was killed goes on,
and a run that was killed anywhere ends as one that was not. What the rounds of a method look like is its row in
align/methods.py; what a stage does is in rounds/stages.py, learning.py and measuring.py; and what the questions are
about, instructions or theorems, is a world (rounds/world.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from maieutic.core.extensions import load_extensions
from maieutic.core.judgements import JudgementCache
from maieutic.core.store import Run, Stage, open_run
from maieutic.loops.rounds import learning, outcome, stages
from maieutic.loops.rounds.check import check_run
from maieutic.loops.rounds.config import RunConfig, method_of
from maieutic.loops.rounds.world import Round, World
from maieutic.loops.worlds import world_of


def improve(config: RunConfig, base: Path, folder: Path) -> dict[str, Any]:
    """Run all rounds, or those that are left, and tell what came out.

    Args:
        config: what to do.
        base: the folder that the configuration's paths are taken from.
        folder: the run's folder.

    Returns:
        What `output.json` holds: the policies' folders (several for a mixture), and why these.

    Raises:
        InputError: the configuration cannot be, or the folder holds another run.
        MaieuticError: a model or a judge fails for good, or the disk is full; the same call goes on later.
    """
    files = check(config, base)
    run = open_run(folder, {"version": version("maieutic"), "files": files, **config.model_dump(mode="json")})
    with run.at_work(), JudgementCache(_judgements(config, base, run)) as cache:
        world = world_of(config, base, cache)
        return _all_rounds(Round(run, world, config, method_of(config), 0, (world.place(config.policy.path),)))


def check(config: RunConfig, base: Path) -> dict[str, str]:
    """Raises InputError for the first thing that is wrong.

    Returns:
        A mark of each file that the configuration names, by its key: a run whose files have changed is another run.
    """
    with JudgementCache() as cache:
        world = world_of(config, base, cache)
        marks = dict(load_extensions(config.extensions, base))
        method = method_of(config)
        check_run(config, method)
        return {**marks, **world.check(method)}


def _all_rounds(start: Round[World]) -> dict[str, Any]:
    """The start and all rounds."""
    run, config = start.run, start.config
    with _accounted(start):
        begun = start.world.begin(start)
    policies: tuple[str | Path, ...] = (begun.folder / learning.MODEL,)
    measured: list[Stage | None] = []
    for number in range(1, config.rounds + 1):
        now = replace(start, number=number, policies=policies)
        with _accounted(now):
            policy, evaluation = one_round(now.world, now)
        policies = (*policies, policy)
        measured.append(evaluation)
        if config.keep_weights == "last":
            outcome.forget(start.method, policies, measured)
    return outcome.choose(run, start.method, policies, measured)


def one_round(world: World, now: Round[World]) -> tuple[Path, Stage | None]:
    """One round: the new policy's folder, and how it was measured."""
    asked = world.ask(now)
    if now.method.trainer == "ppo":  # which samples and judges while it trains
        trained = learning.reinforce(now, asked)
        policy = trained.folder / learning.MODEL
        return policy, world.examine(now, policy, trained, (), None)
    samples = stages.draw(now, asked)
    teacher = stages.ask_teacher(now, asked)
    questions = stages.questions(now, asked, samples, teacher)
    judgements = stages.judge(now, questions, samples, teacher)
    pairs = stages.select(now, questions, judgements, samples, teacher)
    trained = learning.learn(now, pairs)
    policy = trained.folder / learning.MODEL
    return policy, world.examine(now, policy, trained, questions, judgements)


@contextmanager
def _accounted(now: Round[World]) -> Iterator[None]:
    """Note in the log how long a round took, and what models were used for: also in one that fails."""
    try:
        with now.run.timed(round=now.number):
            yield
    finally:
        for used in now.world.meter.take():
            now.run.log(round=now.number, **used)


def _judgements(config: RunConfig, base: Path, run: Run) -> Path:
    """Where judgements are kept: in the run's folder, or where several runs share them."""
    shared = config.shared_judgements
    return run.folder / "judgements.sqlite" if shared is None else base / Path(shared).expanduser()
