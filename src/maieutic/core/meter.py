"""What models are used for, counted as they answer: completions, tokens, and their cost at given prices.

Only what is really asked is counted: an answer that is read from a cache costs nothing again. Tokens are those that the
model tells; where a server does not tell them, a token is taken to be four characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from maieutic.core.generate import Generator, LabelScorer, Reply, Request, Sampling
from maieutic.core.records import Prompt

CHARACTERS = 4
"""Characters of a token, where nobody counts them."""


@dataclass
class Used:
    """What one model was used for: completions written, tokens read and written, and the cost of these."""

    model: str
    completions: int = 0
    read: int = 0
    written: int = 0
    cost: float = 0.0


class Meter:
    """Counts by model. `watch` gives a generator that is counted; `take` tells what was counted since the last time."""

    def __init__(self) -> None:
        self._used: dict[str, Used] = {}

    def watch(self, generator: Any, model: str = "", input_price: float = 0.0, output_price: float = 0.0) -> Any:
        """The same generator, counted under a name (its own unless told); prices are of a million tokens."""
        kind = MeteredScorer if hasattr(generator, "label_logprobs") else Metered
        return kind(generator, self, model or generator.name, input_price, output_price)

    def take(self) -> list[dict[str, Any]]:
        """What each model was used for since the last call, as rows of a run's log."""
        used, self._used = self._used, {}
        return [asdict(one) for one in used.values()]

    def add(self, model: str, completions: int, read: int, written: int, cost: float) -> None:
        """Count a use."""
        used = self._used.setdefault(model, Used(model))
        used.completions += completions
        used.read += read
        used.written += written
        used.cost += cost


@dataclass(frozen=True)
class Metered:
    """A Generator that is counted."""

    generator: Any
    meter: Meter
    model: str
    input_price: float
    output_price: float

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return str(self.generator.name)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Its replies, as they come. A prompt is read once for all its completions."""
        generator: Generator = self.generator
        for reply in generator.generate(requests, sampling):
            texts = sum(generated.tokens or _tokens(generated.text) for generated in reply.generated)
            read = reply.prompt_tokens or _tokens(_text(requests[reply.index].prompt))
            self._count(len(reply.generated), read if reply.generated else 0, texts)
            yield reply

    def _count(self, completions: int, read: int, written: int) -> None:
        cost = (read * self.input_price + written * self.output_price) / 1e6
        self.meter.add(self.model, completions, read, written, cost)


@dataclass(frozen=True)
class MeteredScorer(Metered):
    """A Generator and LabelScorer that is counted: a label is one token written."""

    def label_logprobs(
        self, prompts: Sequence[Prompt], labels: Sequence[str]
    ) -> Iterator[tuple[int, tuple[float | None, ...]]]:
        """What it tells of each prompt's labels; see `LabelScorer`."""
        scorer: LabelScorer = self.generator
        for index, found in scorer.label_logprobs(prompts, labels):
            self._count(1, _tokens(_text(prompts[index])), 1)
            yield index, found


def _text(prompt: Prompt) -> str:
    return prompt if isinstance(prompt, str) else "\n".join(message.content for message in prompt)


def _tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // CHARACTERS)
