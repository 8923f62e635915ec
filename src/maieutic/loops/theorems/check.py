"""What would fail later in a run on theorems, found before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator

from maieutic.align.methods import Method
from maieutic.core.datasets import read_examples
from maieutic.core.errors import InputError
from maieutic.geometry.synthesis.shards import MANIFEST
from maieutic.geometry.synthesis.split import Side
from maieutic.loops.rounds.check import check_folder, mark
from maieutic.loops.rounds.participants import Participants
from maieutic.loops.theorems.config import TheoremsConfig
from maieutic.loops.theorems.read import theorems


def check(config: TheoremsConfig, method: Method, who: Participants) -> Iterator[tuple[str, str]]:
    """A mark of each file: the policy, the theorems of the rounds, and those held out.

    Raises InputError where they are too few, or the method rewards by a model.
    """
    if method.start == "reward":
        raise InputError("the kernel judges, and no reward model", where="row.start", hint="'sft'")
    yield from check_folder("policy", config.policy.path, who)
    if config.start.instructions is not None:
        read_examples(who.path(config.start.instructions))
        yield "start.instructions", mark(who.path(config.start.instructions))
    path, wanted = who.path(config.prompts.path), max(config.prompts.per_round or 1, config.prover.judged or 1)
    known = len(theorems(path, Side.TRAINING))
    if known // (config.rounds + 1) < wanted:
        hint = "more theorems, or a lower prompts.per_round, or prover.judged"
        message = f"{known} theorems, and {config.rounds + 1} times {wanted} are wanted, for the rounds and the start"
        raise InputError(message, where=str(path), hint=hint)
    yield "prompts.path", mark(path / MANIFEST if path.is_dir() else path)
    if config.evaluation.path is not None:
        path = who.path(config.evaluation.path)
        if not theorems(path, Side.TEST):
            raise InputError("no theorem to measure on", where=str(path))
        yield "evaluation.path", mark(path / MANIFEST if path.is_dir() else path)
