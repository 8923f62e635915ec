"""What it means to sample from a model, wherever the model is: in this process, or behind an endpoint.

A Generator is an argument of judges, loops and commands, which never know what stands behind it. `lm.sampling` has the
one that runs a transformers model here; `core.endpoint` has the client of any OpenAI-compatible server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from maieutic.core.records import Prompt

Allowed = Callable[[Sequence[int]], Sequence[int]]
"""A grammar: from the ids of the tokens written so far (without the prompt) to the ids that may come next.

An empty answer ends the completion.
"""


@dataclass(frozen=True)
class Sampling:
    """How to draw: temperature 0 is greedy; a completion ends at the model's end token, before a stop string, or cut
    after `max_tokens`."""

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """`n` completions wanted of one prompt. The same request gives the same completions where the back end can."""

    prompt: Prompt
    n: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Generated:
    """One completion. `finish` is "stop" or "length" (cut off); `tokens` counts the completion's tokens, its end token
    included."""

    text: str
    finish: str
    tokens: int


@dataclass(frozen=True)
class Reply:
    """The answer to one request (by its place in the sequence): `n` completions, or what went wrong for good."""

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

    def generate(
        self, requests: Sequence[Request], sampling: Sampling, allowed: Allowed | None = None
    ) -> Iterator[Reply]:
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
