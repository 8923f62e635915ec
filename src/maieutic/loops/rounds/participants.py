"""Who takes part in a run: the policies of its rounds, beside those that do not learn. Each is made when first needed.

This is where configurations become objects; stages are handed these and know nothing of files and servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maieutic.core.errors import InputError
from maieutic.core.generate import Generator, Reply, Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Prompt, content_hash
from maieutic.loops.rounds.config import ImproveConfig
from maieutic.loops.rounds.outside import Outside, on_accelerator

POLICIES = 2
"""Policies that are kept in memory while nothing trains."""


class Cast(Outside):
    """The objects of a run: `config` is what it was told."""

    def __init__(self, config: ImproveConfig, base: Path, cache: JudgementCache) -> None:
        super().__init__(base, cache, config.prompts.chat)
        self.config = config
        self._policies: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def request(self, prompt: Prompt, n: int, seed: int) -> Request:
        """What a writer is asked for n completions of a prompt."""
        return Request(self.prompt(prompt), n, seed)

    def teacher(self) -> Generator:
        """Who writes the teacher's candidates. Raises InputError where the run has none."""
        if self.config.teacher is None:
            raise InputError("no teacher is named", where="teacher", hint="path, endpoint or function")
        return self.writer_of(self.config.teacher)

    def examinee(self, place: str | Path) -> Generator:
        """The policy of a folder as it answers what is held out."""
        writer: Generator = self.writer(place)
        return writer

    def policy(self, place: str | Path) -> Any:
        """The policy of a folder, for reading; it may be the same object as given before."""
        from maieutic.lm.model import load

        key = str(place)
        if key not in self._policies:
            while len(self._policies) >= POLICIES:
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


@dataclass(frozen=True)
class Mixture:
    """A policy drawn anew for each prompt, from several: the average that algorithm 1 of DNO returns.

    Members are made when it is their turn, so that there is one in memory at a time.
    """

    members: Sequence[Callable[[], Generator]]
    seed: int
    name: str = "mixture"

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Each member answers the prompts that fall to it."""
        turn = [int(content_hash([self.seed, str(r.prompt), r.seed])[:12], 16) % len(self.members) for r in requests]
        for number, member in enumerate(self.members):
            places = [k for k, who in enumerate(turn) if who == number]
            for reply in member().generate([requests[k] for k in places], sampling) if places else ():
                yield Reply(places[reply.index], reply.generated, reply.error, reply.prompt_tokens)
