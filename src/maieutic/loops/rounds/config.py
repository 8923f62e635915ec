"""What `maieutic improve` is told, whatever the questions are about: one TOML file.

The method's row says what a round does; the file says on what, and may override fields of the row (in [row]) and the
settings of the trainer (in [training]). Relative paths are taken from the file's folder. It loads without torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from maieutic.align.methods import METHODS, Method
from maieutic.core.config import Config
from maieutic.core.errors import InputError, nearest

ROW: TypeAdapter[Method] = TypeAdapter(Method)
"""What the fields of a row may hold."""


class ModelConfig(Config):
    """A model that writes: a local one, or one behind an OpenAI-compatible endpoint."""

    path: str | None = Field(None, description="a local folder, or a name on the hub")
    endpoint: str | None = Field(None, description="the address of a server, as http://localhost:8000/v1")
    name: str | None = Field(None, description="what the server calls the model")
    api_key_env: str | None = Field(None, description="the environment variable that holds the server's key")
    concurrency: int = Field(8, ge=1, description="calls to the server in flight")
    timeout: float = Field(600.0, gt=0, description="seconds that a call may take")
    attempts: int = Field(10, ge=1, description="how often a call is made before it is given up")
    longest_wait: float = Field(60.0, gt=0, description="seconds between attempts, at most")
    parameters: Mapping[str, Any] = Field(default_factory=dict, description="put into every call, over our own")
    function: str | None = Field(
        None, description="path/to/file.py:name of f(prompt, seed) -> text, instead of a model"
    )
    dtype: Literal["float32", "bfloat16"] = Field("float32", description="of a local model's weights")
    input_price: float = Field(0.0, ge=0, description="of a million tokens read, for the estimate of cost")
    output_price: float = Field(0.0, ge=0, description="of a million tokens written")

    @model_validator(mode="after")
    def _one_kind(self) -> ModelConfig:
        given = [name for name in ("path", "endpoint", "function") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are given: a model is one of these")
        if self.endpoint is not None and self.name is None:
            raise ValueError("an endpoint needs the model's name")
        return self


class PolicyConfig(Config):
    """The model that learns."""

    path: str = Field(description="a local folder, or a name on the hub")
    dtype: Literal["float32", "bfloat16"] = Field("float32", description="of its weights")
    lora_rank: int | None = Field(None, ge=1, description="train adapters of this rank, not the weights themselves")


class SamplingConfig(Config):
    """How completions are drawn."""

    temperature: float = Field(0.7, ge=0, description="0: the most likely token, always")
    top_p: float = Field(0.9, gt=0, le=1, description="share of the distribution that is drawn from")
    max_tokens: int = Field(512, ge=1, description="tokens of a completion")


class PromptsConfig(Config):
    """What is asked."""

    path: str = Field(description="JSON lines with prompt, and completion where the data answers (SPIN)")
    per_round: int | None = Field(
        None, ge=0, description="prompts a round; unset: all, or an equal part of all; 0: only created ones"
    )
    create: int = Field(0, ge=0, description="new prompts a round")


class JudgeChoice(Config):
    """Who decides."""

    kind: str | None = Field(None, description="an entry of JUDGES; unset: the method's own")


class JudgeConfig(JudgeChoice):
    """Who decides: any judge of the table."""

    model: ModelConfig | None = Field(None, description="the judging model; unset: the policy")
    function: str | None = Field(None, description="path/to/file.py:name, for the kind function")
    rubric: str | None = Field(None, description="an entry of RUBRICS, or a TOML file with a rubric of one's own")
    draws: int | None = Field(None, ge=1, description="answers to average; unset: the judge's own default")
    retries: int = Field(3, ge=0, description="further answers to make good for unreadable ones")
    sampling: SamplingConfig | None = Field(None, description="how its answers are drawn")
    labels: bool = Field(True, description="read a pairwise judge's log-probabilities where they are told")


class EvaluationConfig(Config):
    """How a round is measured."""

    path: str | None = Field(None, description="prompts held out; unset: no evaluation")
    count: int = Field(200, ge=1, description="how many of them")


class StartConfig(Config):
    """Round 0."""

    instructions: str | None = Field(None, description="JSON lines of prompt and completion, to imitate first (IFT)")
    training: Mapping[str, Any] = Field(default_factory=dict, description="settings of the trainer, over its own")


class RunConfig(Config):
    """A whole run, as far as all worlds are alike. Each has a class of its own, with the name of the world as `world`.

    A key that has no place in a world is not a field of its class: so it is refused as any unknown key is.
    """

    world: str = Field(description="what the questions are about: an entry of WORLDS")
    method: str = Field(description="an entry of METHODS")
    rounds: int = Field(3, ge=1, description="how often")
    seed: int = Field(0, ge=0, description="of everything that is drawn")
    policy: PolicyConfig
    prompts: PromptsConfig
    judge: JudgeChoice = Field(default_factory=JudgeChoice)
    sampling: SamplingConfig = Field(default_factory=SamplingConfig)
    start: StartConfig = Field(default_factory=StartConfig)
    training: Mapping[str, Any] = Field(default_factory=dict, description="settings of the trainer, over the row's")
    evaluation: EvaluationConfig = Field(default_factory=EvaluationConfig)
    row: Mapping[str, Any] = Field(default_factory=dict, description="fields of the method's row, overridden")
    keep_weights: Literal["all", "last"] = Field("all", description="whether old rounds' weights stay on the disk")
    extensions: tuple[str, ...] = Field(
        (), description="files, or modules, that add losses, judges, selectors and methods"
    )
    block: int = Field(64, ge=1, description="prompts that are worked on, and written down, together")

    def own_judge(self, method: Method) -> str | None:
        """Which kind of judge decides where the configuration does not say."""
        return method.judge

    @property
    def validation(self) -> Mapping[str, Any]:
        """Settings of the trainer that let it stop early."""
        return {}

    @property
    def shared_judgements(self) -> str | None:
        """A file of judgements that several runs share; None: the run has its own."""
        return None


def method_of(config: RunConfig) -> Method:
    """The method's row with the overrides: a field of [row] replaces the row's, a setting of its selector is added.

    Raises InputError for an unknown method, field, or value.
    """
    if config.method not in METHODS:
        near = nearest(config.method, METHODS)
        known = f"did you mean {near!r}?" if near else f"there are {', '.join(METHODS)}"
        raise InputError(f"unknown method {config.method!r}", where="method", hint=known)
    row = METHODS[config.method]
    names = [field.name for field in fields(Method)]
    for key in config.row:
        if key not in names:
            near = nearest(key, names)
            hint = f"did you mean {near!r}?" if near else f"the fields are {', '.join(names)}"
            raise InputError(f"unknown key {key!r}", where="row", hint=hint)
    values = {name: config.row.get(name, getattr(row, name)) for name in names}
    for name in ("selection", "training"):
        if isinstance(given := config.row.get(name, {}), Mapping):
            values[name] = {**getattr(row, name), **given}
    try:
        return ROW.validate_json(json.dumps(values), strict=True)  # as JSON, where a table may become a Method
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(["row", *map(str, first["loc"])])
        raise InputError(f"{first['input']!r:.80}: {first['msg'].removeprefix('Input ')}", where=where) from None


def judge_kind(config: RunConfig, method: Method) -> str | None:
    """Which kind of judge decides: the configuration's, else the world's; None where nobody judges."""
    return None if method.judge is None else config.judge.kind or config.own_judge(method)


def training_of(config: RunConfig, method: Method) -> dict[str, Any]:
    """The trainer's settings in a round: the configuration's over the row's; what lets it stop early over both."""
    loss = {} if method.trainer == "ppo" else {"loss": method.loss}
    return {**loss, **method.training, **config.training, **config.validation}
