"""What it means to sample from a model, wherever the model is: in this process, or behind an endpoint.

A Generator is an argument of judges, loops and commands, which never know what stands behind it. `lm.sampling` has the
one that runs a transformers model here; `core.endpoint` has the client of any OpenAI-compatible server.

A completion has a number, 0, 1, 2 ... among those of its request, and its draws depend on the request's seed and that
number alone: not on what else is sampled at the same time, nor on how many were asked for. So what is missing can be
asked for later (`first`), and is what it would have been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from maieutic.core.errors import InputError
from maieutic.core.records import Prompt

Allowed = Callable[[Sequence[int]], Sequence[int]]
"""A grammar: from the ids of the tokens written so far (without the prompt) to the ids that may come next.

An empty answer ends the completion.
"""


@dataclass(frozen=True)
class Sampling:
    """How to draw: temperature 0 is greedy; a completion ends at the model's end token, before a stop string, or cut
    after `max_tokens`.

    With `top_p` below 1 only the most likely tokens whose probabilities sum to at least `top_p` are drawn from.
    Raises InputError for a value out of range.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise InputError(f"temperature {self.temperature} is below 0 or no number", hint="0 is greedy")
        if not 0 < self.top_p <= 1:
            raise InputError(f"top-p {self.top_p} is not in (0, 1]")
        if self.max_tokens < 1:
            raise InputError(f"{self.max_tokens} tokens at most: nothing could be written")
        if not all(self.stop):
            raise InputError("a stop string is empty")


@dataclass(frozen=True)
class Request:
    """`n` completions wanted of one prompt: those with the numbers `first`, `first` + 1, ...

    The same request gives the same completions where the back end can. `allowed` is the grammar of these completions,
    for a model in this process: a server is not told of it, and may write anything. Raises InputError where n or first
    makes no sense.
    """

    prompt: Prompt
    n: int = 1
    seed: int = 0
    first: int = 0
    allowed: Allowed | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.n < 1 or self.first < 0:
            raise InputError(f"{self.n} completions from number {self.first} on", hint="at least 1, from 0 on")

    def completion_seed(self, number: int) -> int:
        """The seed of one completion, by its number: 53 bits, so that every reader of JSON keeps it as it is."""
        digest = hashlib.sha256(f"{self.seed}:{number}".encode()).digest()
        return int.from_bytes(digest[:8]) >> 11


@dataclass(frozen=True)
class Generated:
    """One completion. `finish` is "stop" or "length" (cut off); `tokens` counts the completion's tokens, its end token
    included, and is 0 where a server does not tell. `number` is its place among those of its request."""

    text: str
    finish: str
    tokens: int
    number: int = 0


@dataclass(frozen=True)
class Reply:
    """The answer to one request (by its place in the sequence): `n` completions in the order of their numbers, or,
    with an error, those that there are, and what went wrong for good with the others."""

    index: int
    generated: tuple[Generated, ...]
    error: str | None = None
    prompt_tokens: int = 0


class Generator(Protocol):
    """Anything that writes completions."""

    @property
    def name(self) -> str:
        """Which model this is, as it is noted in records."""
        ...

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Replies as they are ready, each request exactly once.

        Raises InputError where no request can succeed (no such model, no key); a request that fails alone is a Reply
        with an error.
        """
        ...


class LabelScorer(Protocol):
    """Anything that tells how likely each of a few one-token answers is: for pairwise judges."""

    def label_logprobs(
        self, prompts: Sequence[Prompt], labels: Sequence[str]
    ) -> Iterator[tuple[int, tuple[float | None, ...]]]:
        """(index of the prompt, natural log-probability of each label as the first token; None: not told)."""
        ...
