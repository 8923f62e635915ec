"""Who takes part in a run: the policies of its rounds, the teacher, the judges. Each is made when first needed.

This is where configurations become objects; stages are handed these and know nothing of files and servers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maieutic.align.judges import JUDGES
from maieutic.align.oracles import load_function
from maieutic.align.questions import Judge
from maieutic.align.rubrics import PAIRWISE, RUBRICS, Rubric, as_text
from maieutic.core.endpoint import Endpoint
from maieutic.core.errors import InputError, nearest
from maieutic.core.generate import Allowed, Generated, Generator, Reply, Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Message, Prompt, content_hash
from maieutic.loops.improve_config import ImproveConfig, JudgeConfig, ModelConfig, SamplingConfig

POLICIES = 2
"""Policies that are kept in memory while nothing trains."""


@dataclass
class Cast:
    """The objects of a run.

    Attributes:
        config: what the run was told.
        base: the folder that relative paths are taken from.
        cache: where judgements are kept.
    """

    config: ImproveConfig
    base: Path
    cache: JudgementCache
    _policies: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _others: dict[str, Any] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """A path of the configuration."""
        return self.base / Path(name).expanduser()

    def place(self, name: str) -> str | Path:
        """A model of the configuration: a folder, or its name on a hub."""
        folder = self.path(name)
        return folder if folder.exists() or name.startswith((".", "/", "~")) else name

    def prompt(self, text: Prompt) -> Prompt:
        """What the policy is asked: a text becomes a user's message, unless the run works on plain texts."""
        return (Message("user", text),) if isinstance(text, str) and self.config.prompts.chat else text

    def policy(self, place: str | Path) -> Any:
        """The policy of a folder, for reading; it may be the same object as given before."""
        from maieutic.lm.model import load

        key = str(place)
        if key not in self._policies:
            while len(self._policies) >= POLICIES:
                self._policies.pop(next(iter(self._policies)))
            self._policies[key] = load(place, dtype=self.config.policy.dtype)
        return self._policies[key]

    def learner(self, place: str | Path) -> Any:
        """The policy of a folder, to be trained: an object of its own. All others leave the memory, to make room."""
        from maieutic.lm.fit_config import Lora
        from maieutic.lm.model import load

        self._policies.clear()
        rank = self.config.policy.lora_rank
        lora = Lora(rank=rank) if rank is not None else None
        return load(place, dtype=self.config.policy.dtype, lora=lora, seed=self.config.seed)

    def writer(self, place: str | Path) -> Any:
        """The policy of a folder as a Generator. Its name tells its weights, so that its verdicts are its own."""
        from maieutic.lm.model import fingerprint
        from maieutic.lm.sampling import Sampler

        policy, key = self.policy(place), str(place)
        if key not in self._names:
            self._names[key] = f"{Path(place).parent.parent.name}@{fingerprint(policy)[:12]}"
        return Sampler(policy, name=self._names[key])

    def model(self, config: ModelConfig) -> Any:
        """An outside model as a Generator."""
        if config.function is not None:
            return FunctionWriter(load_function(config.function, self.base), config.function)
        if config.endpoint is not None and config.name is not None:
            return Endpoint(
                config.endpoint,
                config.name,
                api_key_env=config.api_key_env,
                concurrency=config.concurrency,
                timeout=config.timeout,
                attempts=config.attempts,
                longest_wait=config.longest_wait,
                parameters=config.parameters,
            )
        if config.path is None:
            raise InputError("no model is named", hint="path, endpoint or function")
        from maieutic.lm.model import load
        from maieutic.lm.sampling import Sampler

        if config.path not in self._others:
            self._others[config.path] = load(self.place(config.path), dtype=config.dtype)
        return Sampler(self._others[config.path], name=config.path)

    def judge(self, kind: str, config: JudgeConfig, policy: str | Path) -> Judge:
        """The judge of a kind; where no model is named, the policy judges."""
        needs = JUDGES[kind].needs
        if needs == "function":
            return JUDGES[kind].make(function=load_function(config.function or "", self.base), model=config.function)
        if needs == "rewards":
            return self._reward_judge(kind, config)
        generator = self.writer(policy) if config.model is None else self.model(config.model)
        return JUDGES[kind].make(**self.judge_settings(kind, config, generator))

    def judge_settings(self, kind: str, config: JudgeConfig, generator: Any) -> dict[str, Any]:
        """What a judge of a kind that asks a model is made with."""
        settings: dict[str, Any] = {"generator": generator, "cache": self.cache, "retries": config.retries}
        settings["chat"] = self.config.prompts.chat or config.model is not None
        if kind in ("self", "model"):
            settings["kind"] = kind
        if config.rubric is not None:
            settings["rubric"] = self.rubric(config.rubric)
        if config.draws is not None:
            settings["draws"] = config.draws
        if config.sampling is not None:
            settings["sampling"] = sampling(config.sampling)
        by_letter = settings.get("rubric", PAIRWISE).answer == "letter"
        if kind == "pairwise" and config.labels and by_letter and hasattr(generator, "label_logprobs"):
            settings["scorer"] = generator
        return settings

    def rubric(self, name: str) -> Rubric:
        """A rubric by its name, or from a TOML file."""
        if name in RUBRICS:
            return RUBRICS[name]
        path = self.path(name)
        if not path.is_file():
            near = nearest(name, RUBRICS)
            raise InputError(
                f"no rubric {name!r}", where="judge.rubric", hint=f"did you mean {near!r}?" if near else "or a file"
            )
        try:
            return Rubric(**tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise InputError(f"no rubric: {error}", where=str(path)) from error

    def _reward_judge(self, kind: str, config: JudgeConfig) -> Judge:
        from maieutic.loops.rewarding import rewards_of

        if config.model is None or config.model.path is None:
            raise InputError("a reward judge needs the folder of a reward model", where="judge.model.path")
        return JUDGES[kind].make(
            rewards=rewards_of(self.place(config.model.path), self.prompt), model=config.model.path
        )


@dataclass(frozen=True)
class FunctionWriter:
    """A Python function f(text of the prompt, seed) -> text as a Generator: programmatic teachers."""

    function: Callable[[str, int], str]
    name: str

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, allowed: Allowed | None = None
    ) -> Iterator[Reply]:
        """One reply a request; temperature and length do not matter."""
        for index, request in enumerate(requests):
            texts = [self._call(as_text(request.prompt), request.seed + k) for k in range(request.n)]
            yield Reply(index, tuple(Generated(text, "stop", len(text.split())) for text in texts))

    def _call(self, prompt: str, seed: int) -> str:
        try:
            return str(self.function(prompt, seed))
        except Exception as error:
            raise InputError(f"raised {type(error).__name__}: {error}", where=self.name) from error


@dataclass(frozen=True)
class Mixture:
    """A policy drawn anew for each prompt, from several: the average that algorithm 1 of DNO returns.

    Members are made when it is their turn, so that there is one in memory at a time.
    """

    members: Sequence[Callable[[], Generator]]
    seed: int
    name: str = "mixture"

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, allowed: Allowed | None = None
    ) -> Iterator[Reply]:
        """Each member answers the prompts that fall to it."""
        turn = [int(content_hash([self.seed, str(r.prompt), r.seed])[:12], 16) % len(self.members) for r in requests]
        for number, member in enumerate(self.members):
            places = [k for k, who in enumerate(turn) if who == number]
            for reply in member().generate([requests[k] for k in places], sampling, allowed) if places else ():
                yield Reply(places[reply.index], reply.generated, reply.error, reply.prompt_tokens)


def sampling(config: SamplingConfig) -> Sampling:
    """How a configuration draws."""
    return Sampling(config.temperature, config.top_p, config.max_tokens)
