"""Models and judges that do not learn, from how a configuration names them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any

from maieutic.align.judges.kinds import JUDGES
from maieutic.align.judges.oracles import load_function
from maieutic.align.judges.questions import Judge
from maieutic.align.judges.rubrics import PAIRWISE, RUBRICS, Rubric, as_text
from maieutic.core.endpoint import Endpoint
from maieutic.core.errors import InputError, nearest
from maieutic.core.generate import Generated, Generator, Reply, Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.meter import Meter
from maieutic.core.records import Example, Message, Prompt, content_hash, to_json
from maieutic.loops.rounds.config import JudgeConfig, ModelConfig, SamplingConfig


@dataclass
class Participants:
    """Makes them, and keeps local models in memory.

    Attributes:
        base: the folder that relative paths are taken from.
        cache: where judgements are kept.
        chat: a text is a user's message, to be answered in a chat template.
        meter: what models were used for.
    """

    base: Path
    cache: JudgementCache
    chat: bool = True
    meter: Meter = field(default_factory=Meter)
    _models: dict[str, Any] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """A path of the configuration."""
        return self.base / Path(name).expanduser()

    def place(self, name: str) -> str | Path:
        """A model of the configuration: a folder, or its name on a hub."""
        folder = self.path(name)
        return folder if folder.exists() or name.startswith((".", "/", "~")) else name

    def prompt(self, text: Prompt) -> Prompt:
        """What a model is asked: a text becomes a user's message, unless plain texts are wanted."""
        return (Message("user", text),) if isinstance(text, str) and self.chat else text

    def model(self, config: ModelConfig) -> Any:
        """An outside model as a Generator; what it is used for is counted."""
        return self.meter.watch(self._model(config), "", config.input_price, config.output_price)

    def _model(self, config: ModelConfig) -> Any:
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
        from maieutic.lm.sampling.sample import Sampler

        if config.path not in self._models:
            self._models[config.path] = on_accelerator(load(self.place(config.path), dtype=config.dtype))
        return Sampler(self._models[config.path], name=config.path)

    def writer_of(self, config: ModelConfig) -> Generator:
        """An outside model that writes: what a server answers is kept, and not asked for again."""
        model: Generator = self.model(config)
        return model if config.endpoint is None else Kept(model, self.cache)

    def judge_of(self, kind: str, config: JudgeConfig, policy: Callable[[], Generator] | None = None) -> Judge:
        """The judge of a kind. Where no model is named, the policy judges: `policy` makes it."""
        needs = JUDGES[kind].needs
        if needs == "function":
            return JUDGES[kind].make(function=load_function(config.function or "", self.base), model=config.function)
        if needs == "nothing":
            return JUDGES[kind].make()
        if needs == "rewards":
            return self._reward_judge(kind, config)
        if config.model is not None:
            return JUDGES[kind].make(**self.judge_settings(kind, config, self.model(config.model)))
        if policy is None:
            raise InputError("no model judges", where="model", hint="path or endpoint")
        return JUDGES[kind].make(**self.judge_settings(kind, config, policy()))

    def judge_settings(self, kind: str, config: JudgeConfig, generator: Any) -> dict[str, Any]:
        """What a judge of a kind that asks a model is made with."""
        settings: dict[str, Any] = {"generator": generator, "cache": self.cache, "retries": config.retries}
        settings["chat"] = self.chat or config.model is not None
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
        from maieutic.lm.reward import RewardModel
        from maieutic.loops.rewards import scores_of

        if config.model is None or config.model.path is None:
            raise InputError("a reward judge needs the folder of a reward model", where="judge.model.path")
        model = RewardModel.load(self.place(config.model.path), dtype=config.model.dtype)
        return JUDGES[kind].make(rewards=scores_of(model, self.prompt), model=config.model.path)


def on_accelerator(policy: Any) -> Any:
    """The same policy, on the accelerator where there is one."""
    from maieutic.lm.training.processes import accelerator_of

    policy.model.to(accelerator_of((), Path()).device)
    return policy


@dataclass(frozen=True)
class FunctionWriter:
    """A Python function f(text of the prompt, seed) -> text as a Generator: programmatic teachers."""

    function: Callable[[str, int], str]
    name: str

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """One reply a request; temperature and length do not matter."""
        for index, request in enumerate(requests):
            numbers = _numbers(request)
            texts = [self._call(as_text(request.prompt), request.completion_seed(k)) for k in numbers]
            words = [len(text.split()) for text in texts]
            yield Reply(index, tuple(Generated(*told) for told in zip(texts, repeat("stop"), words, numbers)))

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

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Each member answers the prompts that fall to it."""
        turn = [int(content_hash([self.seed, str(r.prompt), r.seed])[:12], 16) % len(self.members) for r in requests]
        for number, member in enumerate(self.members):
            places = [k for k, who in enumerate(turn) if who == number]
            for reply in member().generate([requests[k] for k in places], sampling) if places else ():
                yield Reply(places[reply.index], reply.generated, reply.error, reply.prompt_tokens)


@dataclass(frozen=True)
class Kept:
    """A Generator whose completions are stored the moment they are received: they cost money."""

    generator: Generator
    cache: JudgementCache

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self.generator.name

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Those that are stored first, then the others as they come."""
        wanted: list[tuple[int, Request]] = []
        for index, request in enumerate(requests):
            missing = [k for k in _numbers(request) if self.cache.get(self._key(request, k, sampling)) is None]
            if missing:
                wanted.append((index, replace(request, first=missing[0], n=missing[-1] - missing[0] + 1)))
            else:
                yield Reply(index, self._stored(request, sampling))
        for reply in self.generator.generate([part for _, part in wanted], sampling) if wanted else ():
            index, part = wanted[reply.index]
            told = {self._key(part, g.number, sampling): json.dumps(asdict(g)) for g in reply.generated}
            self.cache.put(told)
            yield Reply(index, self._stored(requests[index], sampling), reply.error, reply.prompt_tokens)

    def _stored(self, request: Request, sampling: Sampling) -> tuple[Generated, ...]:
        found = (self.cache.get(self._key(request, number, sampling)) for number in _numbers(request))
        return tuple(Generated(**json.loads(text)) for text in found if text is not None)

    def _key(self, request: Request, number: int, sampling: Sampling) -> str:
        asked = to_json(Example(request.prompt, ""))["prompt"]
        return content_hash(["completion", self.name, asdict(sampling), asked, request.seed, number])


def _numbers(request: Request) -> range:
    return range(request.first, request.first + request.n)


def sampling(config: SamplingConfig) -> Sampling:
    """How a configuration draws."""
    return Sampling(config.temperature, config.top_p, config.max_tokens)
