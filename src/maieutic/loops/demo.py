"""The demonstration: the whole story once, small enough for a few minutes on two cores.

    theorems   made up, with their proofs; some to learn from, others for the round (geometry/synthesis)
    model      a tiny one, from random weights, trained on them                     (train_prover.py)
    round      it proposes points, the kernel judges them, it learns from that      (improve.py, theorems/world.py)
    problem    an olympiad problem, proved with the model that comes with the package

Everything is kept in one folder: what is finished is read again, so the same call goes on where it was stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from maieutic.core.config import Config
from maieutic.core.files import make_folder, write_whole
from maieutic.core.interrupts import interruptible
from maieutic.core.progress import progress
from maieutic.geometry.attempt import attempt
from maieutic.geometry.demo import demo as proofs
from maieutic.geometry.language import library
from maieutic.geometry.output import one_line
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.titles import title_of
from maieutic.geometry.search.run import Progress
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.synthesis.synthesize import shown, synthesize
from maieutic.loops.improve import improve
from maieutic.loops.rounds.config import PolicyConfig, SamplingConfig
from maieutic.loops.theorems.config import ProverConfig, TheoremEvaluation, TheoremPrompts, TheoremsConfig
from maieutic.loops.theorems.train import train_prover
from maieutic.loops.theorems.train_config import (
    FineTuningConfig,
    NetworkConfig,
    PretrainingConfig,
    SolutionsConfig,
    TrainProverConfig,
)

PROOFS, THEOREMS, FURTHER, TRAINING, ROUND = "proofs", "theorems", "further_theorems", "training", "round"
"""Folders: the engine's proofs; theorems to train on, and for the round; the run that trains, the one that improves."""

SECONDS = "seconds.json"
"""The file with how long each part took, over all the times that it was worked on."""

FIGURES = 16
"""Figures of a shard of theorems: few, for a bar that moves."""

IN_KERNEL_UNITS = {"positive": 1.0, "margin": 1.0, "student_margin": 0.2}
"""What makes a pair: the better point proves, and the worse one does not, or its proof is longer by some deductions."""

LIMIT = 120.0
"""CPU seconds that the olympiad problem may take."""


class Plan(Config):
    """How much of everything."""

    theorems: int = Field(1600, ge=1, description="to train on; those that the split keeps for the test measure")
    further: int = Field(800, ge=1, description="made up for the round, which takes half of those that need a point")
    width: int = Field(64, ge=4, description="of the model's hidden states")
    layers: int = Field(3, ge=1, description="of the model")
    shown: int = Field(0, ge=0, le=32, description="places of a figure that it is told")
    pretraining: int = Field(150_000, ge=1, description="tokens of whole theorems")
    fine_tuning: int = Field(300_000, ge=1, description="tokens of questions and answers")
    tried: int = Field(48, ge=1, description="candidates of a figure that are tried, to know the answers")
    held_out: int = Field(100, ge=1, description="theorems that measure the round, at most")
    problem: str = Field("imo_2019_p2", description="the olympiad problem, of the library")
    search: Literal["model", "mixed"] = Field(
        "model", description="who proposes its points: a model, or it and the figure"
    )


@dataclass(frozen=True)
class Shown:
    """What came of it beside the files: problems that the engine proves alone, and the olympiad problem."""

    alone: Sequence[Result]
    problem: Result


def demonstrate(folder: Path, plan: Plan, propose: Proposer, jobs: int, tell: Callable[[str], None]) -> Shown:
    """All parts, or those that are left.

    Args:
        folder: where everything is kept.
        plan: how much of everything.
        propose: who helps with the olympiad problem.
        jobs: processes.
        tell: is told what begins, and what came of it.

    Raises InputError where the folder holds another demonstration, KeyboardInterrupt where it is stopped: the same call
    goes on.
    """
    tell("The engine alone")
    alone = prove_alone(folder, tell)
    tell(f"{plan.theorems + plan.further:,} made-up theorems")
    make_theorems(folder, plan, jobs)
    tell("A model, from random weights")
    model = train_model(folder, plan, jobs)
    tell("A round: it proposes, the kernel judges, it learns")
    one_round(folder, plan, model)
    tell(f"{title_of(plan.problem)}, with a model's help")
    problem = prove_problem(folder, plan, propose, jobs)
    tell(one_line(problem))
    return Shown(alone, problem)


def prove_alone(folder: Path, tell: Callable[[str], None]) -> list[Result]:
    """What needs no new point, with its proofs and figures in a folder."""
    results = []
    make_folder(folder / PROOFS)
    with timed(folder, "the engine alone"):
        for result in proofs(folder / PROOFS):
            results.append(result)
            tell(one_line(result))
    return results


def make_theorems(folder: Path, plan: Plan, jobs: int) -> None:
    """Two folders of theorems, none of them in both."""
    with timed(folder, "theorems"):
        with shown(plan.theorems) as on_shard:
            synthesize(plan.theorems, folder / THEOREMS, 1, jobs, figures=FIGURES, on_shard=on_shard)
        with shown(plan.further) as on_shard:
            apart, further = [folder / THEOREMS], folder / FURTHER
            synthesize(plan.further, further, 2, jobs, apart_from=apart, figures=FIGURES, on_shard=on_shard)


def train_model(folder: Path, plan: Plan, jobs: int) -> Path:
    """The folder of a tiny model, trained on the first of these."""
    trainer = {"batch_size": 16, "warmup": 20.0, "bf16": False}
    config = TrainProverConfig(
        theorems=THEOREMS,
        model=NetworkConfig(
            width=plan.width, layers=plan.layers, heads=4, context=512, shown=plan.shown, dtype="float32"
        ),
        pretraining=PretrainingConfig(tokens=plan.pretraining, training=trainer),
        solutions=SolutionsConfig(tried=plan.tried, further=12),
        fine_tuning=FineTuningConfig(tokens=plan.fine_tuning, training=trainer),
    )
    with timed(folder, "training"):
        return train_prover(config, folder, folder / TRAINING, jobs)


def one_round(folder: Path, plan: Plan, model: Path) -> None:
    """A round of DNO on the others, judged by the kernel, measured on theorems that were kept for the test.

    DNO, and not expert iteration: at this budget it gains more (LOG.md).
    """
    config = TheoremsConfig(
        method="dno",
        rounds=1,
        policy=PolicyConfig(path=str(model.relative_to(folder))),
        prompts=TheoremPrompts(path=FURTHER),
        sampling=SamplingConfig(temperature=1.0, top_p=1.0, max_tokens=24),
        row={"candidates": {"policy": 8, "teacher": 1}, "selection": IN_KERNEL_UNITS},
        training={"learning_rate": 1e-4, "batch_size": 16},
        evaluation=TheoremEvaluation(path=THEOREMS, count=plan.held_out),
        prover=ProverConfig(probe=0),
    )
    with timed(folder, "a round"):
        improve(config, folder, folder / ROUND)


def prove_problem(folder: Path, plan: Plan, propose: Proposer, jobs: int) -> Result:
    """The olympiad problem. Raises KeyboardInterrupt where the search for its points is stopped."""
    problem = library.problem(plan.problem)
    with (
        timed(folder, "the olympiad problem"),
        progress("Searching (constructions)") as advance,
        interruptible() as stop,
    ):
        tried = 0

        def on_progress(state: Progress) -> None:
            nonlocal tried
            advance(state.attempts - tried)
            tried = state.attempts

        result = attempt(problem, time_limit=LIMIT, propose=propose, jobs=jobs, on_progress=on_progress, stopped=stop)
    if result.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    return result


# --- how long it took ------------------------------------------------------------------------------------------------


@contextmanager
def timed(folder: Path, name: str) -> Iterator[None]:
    """Note how long a part of the work took, also where it was stopped."""
    make_folder(folder)
    before = time.monotonic()
    try:
        yield
    finally:
        spent = seconds(folder)
        spent[name] = round(spent.get(name, 0.0) + time.monotonic() - before, 1)
        write_whole(folder / SECONDS, (json.dumps(spent, indent=1) + "\n").encode())


def seconds(folder: Path) -> dict[str, float]:
    """How long each part took so far."""
    path = folder / SECONDS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
