"""A world whose policy is a local model: what its rounds have in common, to be filled in by each world.

This is where configurations become objects; stages are handed these and know nothing of files and servers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from maieutic.align.judges.prompts import portions
from maieutic.align.judges.questions import Judge, Question
from maieutic.align.methods import Method
from maieutic.core.datasets import read_examples, read_prompts
from maieutic.core.errors import InputError
from maieutic.core.generate import Generator, Request
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Example, Prompt
from maieutic.core.store import Stage
from maieutic.loops.rounds import learning
from maieutic.loops.rounds.config import RunConfig
from maieutic.loops.rounds.participants import Participants, on_accelerator
from maieutic.loops.rounds.planner import Planner
from maieutic.loops.rounds.world import Round

MOST = 2
"""Policies that are kept in memory while nothing trains."""


class Policies(Participants, ABC):
    """The policies of a run's rounds, beside those that do not learn: most of a `World`.

    A world is a class of these with what is missing here: `check`, `plan`, `ask` and `judge`; and `examine`, where a
    policy is measured.
    """

    config: RunConfig
    distinct = False

    def __init__(self, config: RunConfig, base: Path, cache: JudgementCache, *, chat: bool = False) -> None:
        super().__init__(base, cache, chat)
        self.config = config
        self._policies: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    @abstractmethod
    def check(self, method: Method) -> Mapping[str, str]:
        """A mark of each file that the configuration names, by its key. Raises InputError for what would fail later."""

    @abstractmethod
    def plan(self, method: Method) -> Planner:
        """Counts the work of each round."""

    @abstractmethod
    def ask(self, now: Round[Any]) -> Stage:
        """The round's prompts, as examples whose completion is the data's answer, or empty."""

    @abstractmethod
    def judge(self, now: Round[Any]) -> Judge:
        """Who decides in a round."""

    # --- who takes part ---

    def request(self, prompt: Prompt, n: int, seed: int) -> Request:
        """What a writer is asked for n completions of a prompt."""
        return Request(self.prompt(prompt), n, seed)

    def teacher(self) -> Generator:
        """Nobody. Raises InputError."""
        raise InputError("no teacher is named", where="teacher", hint="path, endpoint or function")

    def examinee(self, place: str | Path) -> Generator:
        """The policy of a folder as it answers what is held out."""
        writer: Generator = self.writer(place)
        return writer

    def policy(self, place: str | Path) -> Any:
        """The policy of a folder, for reading; it may be the same object as given before."""
        from maieutic.lm.model import load

        key = str(place)
        if key not in self._policies:
            while len(self._policies) >= MOST:
                self._policies.pop(next(iter(self._policies)))
            self._policies[key] = on_accelerator(load(place, dtype=self.config.policy.dtype))
        return self._policies[key]

    def learner(self, place: str | Path) -> Any:
        """The policy of a folder, to be trained: an object of its own. All others leave the memory, to make room."""
        from maieutic.lm.adapters import Lora
        from maieutic.lm.model import load

        self._policies.clear()
        rank = self.config.policy.lora_rank
        lora = Lora(rank=rank) if rank is not None else None
        return load(place, dtype=self.config.policy.dtype, lora=lora, seed=self.config.seed)

    def writer(self, place: str | Path) -> Any:
        """The policy of a folder as a Generator. Its name tells its weights, so that its verdicts are its own."""
        from maieutic.lm.model import fingerprint
        from maieutic.lm.sampling.sample import Sampler

        policy, key = self.policy(place), str(place)
        if key not in self._names:
            self._names[key] = f"{Path(place).parent.parent.name}@{fingerprint(policy)[:12]}"
        return self.meter.watch(Sampler(policy, name=self._names[key]), "the policy")

    # --- what a round does: a plain way, where a world has none of its own ---

    def begin(self, now: Round[Any]) -> Stage:
        """The policy as it is given, which may imitate instructions first."""
        return learning.start(now, lambda: self.imitated(self.config.start.instructions))

    def imitated(self, name: str | None) -> list[Example]:
        """The examples of a file, as the policy is asked; none without a file."""
        examples = read_examples(self.path(name)) if name is not None else []
        return [Example(self.prompt(e.prompt), e.completion, e.weight) for e in examples]

    def validation(self, now: Round[Any], begun: str | Path, folder: Path) -> Callable[[Any, int], float] | None:
        """Training does not stop early."""
        return None

    def examine(
        self, now: Round[Any], policy: Path, trained: Stage, asked: Sequence[Question], judgements: Stage | None
    ) -> Stage | None:
        """Nothing is measured."""
        return None


def known_prompts(path: Path, *, needs_answers: bool) -> list[Example]:
    """The prompts of a file, each once, with the data's answers where a method learns from them."""
    rows = read_examples(path) if needs_answers else [Example(prompt, "") for prompt in read_prompts(path)]
    return list({example.prompt: example for example in reversed(rows)}.values())[::-1]  # of equals, the first


def own_prompts(now: Round[Any], known: Sequence[Example], path: Path) -> list[Example]:
    """The prompts of a file that a round asks: its part of them, where the method splits them, and no more than wanted.

    Raises InputError where they are too few.
    """
    wanted = now.config.prompts.per_round
    mine = portions(known, now.config.rounds, now.config.seed)[now.number - 1] if now.method.split else list(known)
    if wanted is None:
        return mine
    if len(mine) < wanted:
        message = f"{len(mine)} prompts for round {now.number}, and {wanted} are wanted"
        raise InputError(message, where=str(path), hint="give more prompts, or set prompts.per_round lower")
    return mine[:wanted]
