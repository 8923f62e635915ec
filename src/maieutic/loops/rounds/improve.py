"""The story of a run: rounds in which a policy proposes, a judge decides, and the policy learns from it.

    round 0   the start: a policy that can follow instructions (and judge, or be rewarded)
    a round   prompts -> what the policy, and a teacher, answer -> what the judge says of it
              -> what is chosen to learn from -> the next policy -> how it compares with those before

Every arrow is a stage in the run's folder (core/store.py). A stage that is done is read, one that was killed goes on,
and a run that was killed anywhere ends as one that was not. What the rounds of a method look like is its row in
align/methods.py; what a stage does is in stages.py, learning.py and measuring.py. Where the prompts are theorems and
the judge is a proof, a round is that of prover.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from maieutic.core.judgements import JudgementCache
from maieutic.core.store import Run, Stage, open_run
from maieutic.loops.rounds import learning, measuring, outcome, stages
from maieutic.loops.rounds.check import check
from maieutic.loops.rounds.config import ImproveConfig, method_of
from maieutic.loops.rounds.participants import Cast
from maieutic.loops.rounds.stages import Scene

S = TypeVar("S", bound=Scene)


def improve(config: ImproveConfig, base: Path, folder: Path) -> dict[str, Any]:
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
    method, files = method_of(config), check(config, base)
    run = open_run(folder, {"version": version("maieutic"), "files": files, **config.model_dump(mode="json")})
    with run.at_work(), JudgementCache(_judgements(config, base, run)) as cache:
        given = (config, method, 0, (Cast(config, base, cache).place(config.policy.path),))
        if config.prover is not None:
            from maieutic.loops.theorems import prover
            from maieutic.loops.theorems.participants import ProverCast, ProverScene

            theorems = ProverScene(run, ProverCast(config, base, cache), *given)
            return _all_rounds(theorems, prover.begin, prover.one_round)
        return _all_rounds(Scene(run, Cast(config, base, cache), *given), learning.start, one_round)


def _all_rounds(
    scene: S, begin: Callable[[S], Stage], one_round: Callable[[S], tuple[Path, Stage | None]]
) -> dict[str, Any]:
    """The start and all rounds; `scene` is that of the start, with the policy as it is given."""
    run, config = scene.run, scene.config
    with _accounted(scene):
        begun = begin(scene)
    policies: tuple[str | Path, ...] = (begun.folder / learning.MODEL,)
    measured: list[Stage | None] = []
    for number in range(1, config.rounds + 1):
        now = replace(scene, round=number, policies=policies)
        with _accounted(now):
            policy, evaluation = one_round(now)
        policies = (*policies, policy)
        measured.append(evaluation)
        if config.keep_weights == "last":
            outcome.forget(scene.method, policies, measured)
    return outcome.choose(run, scene.method, policies, measured)


@contextmanager
def _accounted(scene: Scene) -> Iterator[None]:
    """Note in the log how long a round took, and what models were used for: also in one that fails."""
    try:
        with scene.run.timed(round=scene.round):
            yield
    finally:
        for used in scene.cast.meter.take():
            scene.run.log(round=scene.round, **used)


def _judgements(config: ImproveConfig, base: Path, run: Run) -> Path:
    """Where judgements are kept: in the run's folder, or where several runs on theorems share the kernel's."""
    shared = config.prover.verdicts if config.prover else None
    return run.folder / "judgements.sqlite" if shared is None else base / Path(shared).expanduser()


def one_round(scene: Scene) -> tuple[Path, Stage | None]:
    """One round: the new policy's folder, and how it was measured."""
    asked = stages.ask(scene)
    if scene.method.trainer == "ppo":  # which samples and judges while it trains
        trained = learning.reinforce(scene, asked)
        policy = trained.folder / learning.MODEL
        return policy, measuring.evaluate(scene, policy, trained, None)
    samples = stages.draw(scene, asked)
    teacher = stages.ask_teacher(scene, asked)
    questions = stages.questions(asked, samples, teacher)
    judgements = stages.judge(scene, questions, samples, teacher)
    pairs = stages.select(scene, questions, judgements, samples, teacher)
    trained = learning.learn(scene, pairs)
    policy = trained.folder / learning.MODEL
    return policy, measuring.evaluate(scene, policy, trained, judgements, samples, teacher)
