"""Asking a language model for readable answers, at most once for each.

An ask wants `n` readable answers. Draws are numbered 0, 1, 2, ...; each that is received goes into the cache under its
number at once, whatever it says, and is then read from there. Unreadable ones are left out and made good by further
draws, up to `retries` of them. So a run that was killed finds all that it received, asks for the rest only, and ends
with the same answers as one that was not.

A request that fails for good has no reply to store. Its ask ends with what it has and the error; trying again while
there is hope is the Generator's business, and the next run asks anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from maieutic.align.judges.parsing import LONGEST
from maieutic.core.generate import Generated, Generator, Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Prompt, content_hash

Value = TypeVar("Value")


@dataclass(frozen=True)
class Ask(Generic[Value]):
    """`n` readable answers wanted to one prompt.

    Attributes:
        key: a hash of everything that an answer depends on, apart from the number of the draw.
        prompt: what the model is asked.
        read: what an answer is worth, or None.
        n: how many readable answers are wanted.
        whole: an answer that was cut off at the limit of tokens is unreadable.
    """

    key: str
    prompt: Prompt
    read: Callable[[str], Value | None]
    n: int = 1
    whole: bool = True

    def draw_key(self, number: int) -> str:
        """The cache's key of one draw."""
        return content_hash([self.key, number])


@dataclass(frozen=True)
class Received(Generic[Value]):
    """One answer: its text, what it is worth (None: unreadable), or why there is none."""

    text: str
    value: Value | None = None
    error: str = ""


@dataclass(frozen=True)
class Asker:
    """A model, how to draw from it, where its answers are kept, and how many unreadable ones are made good."""

    generator: Generator
    sampling: Sampling
    cache: JudgementCache
    retries: int = 3

    def answers(self, asks: Sequence[Ask[Value]]) -> Iterator[tuple[int, list[Received[Value]]]]:
        """(index of the ask, all its answers in the order of the draws), as they are ready, each ask exactly once."""
        open_ = {index: _Progress(ask, self.cache, self.retries) for index, ask in enumerate(asks)}
        while open_:
            yield from self._finished(open_, list(open_))
            wanted: dict[str, list[int]] = {}  # two asks with one key are asked once
            for index, progress in open_.items():
                wanted.setdefault(progress.key, []).append(index)
            requests = [open_[indices[0]].request() for indices in wanted.values()]
            waiting = list(wanted.values())
            begun = {index: progress.drawn for index, progress in open_.items()}
            for reply in self.generator.generate(requests, self.sampling) if requests else ():
                indices = waiting[reply.index]
                ask = asks[indices[0]]
                self.cache.put({ask.draw_key(text.number): _write(text) for text in reply.generated})
                for index in indices:
                    open_[index].failed = reply.error or ""
                yield from self._finished(open_, indices)
            for index, progress in open_.items():
                if progress.drawn == begun[index]:  # or it would be asked for ever
                    progress.failed = progress.failed or "no reply"

    def _finished(
        self, open_: dict[int, _Progress[Value]], indices: list[int]
    ) -> Iterator[tuple[int, list[Received[Value]]]]:
        """Read what the cache has for some asks; those that want no more are given back, and closed."""
        for index in indices:
            if open_[index].take():
                yield index, open_.pop(index).received


@dataclass
class _Progress(Generic[Value]):
    """How far one ask has come."""

    ask: Ask[Value]
    cache: JudgementCache
    retries: int
    received: list[Received[Value]] = field(default_factory=list)
    drawn: int = 0
    readable: int = 0
    failed: str = ""

    @property
    def key(self) -> str:
        """The cache's key of the next draw."""
        return self.ask.draw_key(self.drawn)

    @property
    def missing(self) -> int:
        """How many more draws are wanted, and allowed."""
        return min(self.ask.n - self.readable, self.ask.n + self.retries - self.drawn)

    def take(self) -> bool:
        """Take the next draws from the cache, as long as it has them and more are wanted. True: no more are wanted."""
        while self.missing and (stored := self.cache.get(self.key)) is not None:
            text, finish = json.loads(stored)
            value = None if self.ask.whole and finish == "length" else self.ask.read(text)
            self.received.append(Received(text, value))
            self.drawn += 1
            self.readable += value is not None
        if self.failed and self.missing:
            self.received.append(Received("", error=self.failed))
            return True
        return not self.missing

    def request(self) -> Request:
        """The next draws, up to one that the cache has: a part of an earlier reply."""
        numbers = range(self.drawn + 1, self.drawn + self.missing)
        known = (number for number in numbers if self.cache.get(self.ask.draw_key(number)) is not None)
        n = next(known, self.drawn + self.missing) - self.drawn
        return Request(self.ask.prompt, n, int(content_hash(self.ask.key)[:13], 16), self.drawn)


def _write(generated: Generated) -> str:
    """What the cache keeps of an answer: one that is too long to be read keeps as much as shows that it is."""
    return json.dumps([generated.text[: LONGEST + 1], generated.finish])
