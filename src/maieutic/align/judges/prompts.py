"""New prompts from old ones, as in Self-Rewarding (arXiv 2401.10020, section 2.2, step 1).

A model reads a few tasks (6 of the seeds and 2 that were created before) and writes one more; temperature 0.6, top-p
0.9. What it writes is kept where it passes the filters of Self-Instruct (arXiv 2212.10560, section 2.2): not too
short or long, nothing that a text cannot do, and no ROUGE-L above 0.7 with any seed or earlier creation. The model may
be a fixed one, as in the paper, or the policy itself.

What was written, kept or not, is a log of Creations in order. The log is also the state: given back as `done`, the
creation goes on after it, and with a model that repeats itself ends like one that was never broken off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from random import Random
from typing import TypeVar

from maieutic.align.judges.rouge import Pool, words
from maieutic.align.judges.rubrics import as_text
from maieutic.core.errors import InputError
from maieutic.core.generate import Generator, Reply, Request, Sampling
from maieutic.core.records import Message, Prompt, Record, content_hash

Item = TypeVar("Item")

KEYWORDS = (
    *("image", "images", "picture", "pictures", "photo", "photos", "drawing", "diagram", "graph", "graphs", "chart"),
    *("plot", "map", "video", "videos", "audio", "recording", "file", "files", "attachment", "link", "url"),
)
"""Words of tasks that cannot be done by writing a text."""


class Refusal(StrEnum):
    """Why a creation was not kept."""

    FAILED = "failed"
    CUT_OFF = "cut off"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    KEYWORD = "keyword"
    SIMILAR = "similar"


@dataclass(frozen=True)
class Creation(Record):
    """One attempt at a new prompt: its text, the number of the attempt, and why it was not kept (None: it was)."""

    prompt: str
    attempt: int
    refusal: str | None = None


@dataclass(frozen=True)
class Filters:
    """What a new prompt has to pass. Lengths are in words, both ends included; a keyword is a whole word."""

    least_words: int = 3
    most_words: int = 150
    keywords: tuple[str, ...] = KEYWORDS
    similarity: float = 0.7

    def refuse(self, text: str, pool: Pool) -> Refusal | None:
        """Why not, or None."""
        found = words(text)
        if len(found) < self.least_words:
            return Refusal.TOO_SHORT
        if len(found) > self.most_words:
            return Refusal.TOO_LONG
        if not {keyword.lower() for keyword in self.keywords}.isdisjoint(found):
            return Refusal.KEYWORD
        return Refusal.SIMILAR if pool.has_similar(text, self.similarity) else None


@dataclass(frozen=True)
class Form:
    """How a model is asked for one more task: {tasks} are the shots, {n} is a task's number, {task} its text.

    The completion ends where it begins another task, that is before `another` and a number.
    """

    text: str = (
        "Below is a list of tasks that people have given to an assistant. They differ in topic, form and difficulty, "
        "and each can be done by writing a text. Continue the list with one more task, unlike those above it; write "
        "the task only, not its solution.\n\n{tasks}\n\nTask {n}:"
    )
    shot: str = "Task {n}: {task}"
    another: str = "Task "

    def ask(self, tasks: Sequence[str]) -> str:
        """What a model is asked to go on from some tasks with the next one."""
        shots = [self.shot.format(n=n, task=task) for n, task in enumerate(tasks, 1)]
        return self.text.format(tasks="\n\n".join(shots), n=len(tasks) + 1)

    def read(self, completion: str) -> tuple[str, bool]:
        """The task that a completion begins with, and whether another one follows; a repeated heading is left out."""
        heading = rf"{re.escape(self.another)}\d+:"
        first, *others = re.split(rf"^{heading}", re.sub(rf"^\s*{heading}", "", completion), flags=re.MULTILINE)
        return first.strip(), bool(others)


CREATION = Sampling(temperature=0.6, top_p=0.9, max_tokens=256, stop=("\nTask ",))


@dataclass(frozen=True, kw_only=True)
class Creator:
    """Makes new prompts.

    Attributes:
        generator: the model that writes them.
        seeds: the prompts to begin with.
        shots: how many seeds are shown.
        own: how many earlier creations are shown; as long as there are fewer, seeds stand in.
        batch: attempts that are asked for at once; they see the creations before their batch.
        chat: ask by a message of a user; otherwise by a plain text to go on from.

    Raises InputError where there are no seeds.
    """

    generator: Generator
    seeds: Sequence[Prompt]
    shots: int = 6
    own: int = 2
    batch: int = 32
    sampling: Sampling = CREATION
    filters: Filters = Filters()
    form: Form = Form()
    chat: bool = True

    def __post_init__(self) -> None:
        if not self.seeds:
            raise InputError("no seeds to create prompts from", where="prompts")
        if self.shots < 1 or self.own < 0 or self.batch < 1:
            raise InputError("shots and batch are 1 or more, own is 0 or more", where="prompts")

    def create(
        self, count: int, seed: int = 0, done: Sequence[Creation] = (), attempts: int | None = None
    ) -> Iterator[Creation]:
        """The attempts after those that are done, in order, until `count` creations are kept.

        Ends with fewer after `attempts` attempts in all (default: 10 for each wanted).
        """
        log = list(done)
        if [creation.attempt for creation in log] != list(range(len(log))):
            raise InputError("the log of creations has a gap", where="prompts")
        tasks = [as_text(prompt) for prompt in self.seeds]
        pool = Pool([*tasks, *(creation.prompt for creation in log if creation.refusal is None)])
        kept = len(pool) - len(tasks)
        most = 10 * count if attempts is None else attempts
        while kept < count and len(log) < most:
            for creation in self._batch(log, tasks, pool, seed, most):
                log.append(creation)
                yield creation
                if creation.refusal is None:
                    pool.add(creation.prompt)
                    kept += 1
                if kept == count:
                    return

    def _batch(self, log: list[Creation], tasks: list[str], pool: Pool, seed: int, most: int) -> Iterator[Creation]:
        """The attempts up to the end of the batch that the log is in; each is filtered when those before it are in the
        pool."""
        first = len(log)
        start = first - first % self.batch
        created = [creation.prompt for creation in log[:start] if creation.refusal is None]
        numbers = range(first, min(start + self.batch, most))
        requests = [self._request(tasks, created, seed, number) for number in numbers]
        replies = sorted(self.generator.generate(requests, self.sampling), key=lambda reply: reply.index)
        for number, reply in zip(numbers, replies, strict=True):
            yield self._read(reply, number, pool)

    def _request(self, tasks: list[str], created: list[str], seed: int, number: int) -> Request:
        key = content_hash([seed, number])
        chance = Random(key)
        own = chance.sample(created, min(self.own, len(created)))
        shown = chance.sample(tasks, min(self.shots + self.own - len(own), len(tasks))) + own
        chance.shuffle(shown)
        text = self.form.ask(shown)
        return Request((Message("user", text),) if self.chat else text, 1, int(key[:15], 16))

    def _read(self, reply: Reply, number: int, pool: Pool) -> Creation:
        if not reply.generated:
            return Creation("", number, Refusal.FAILED)
        (generated,) = reply.generated
        text, ended = self.form.read(generated.text)
        cut_off = generated.finish == "length" and not ended
        return Creation(text, number, Refusal.CUT_OFF if cut_off else self.filters.refuse(text, pool))


def refusals(log: Iterable[Creation]) -> dict[str, int]:
    """How many creations were kept, and how many not for each reason, as {"kept": 40, "similar": 7}."""
    return dict(sorted(Counter(str(creation.refusal or "kept") for creation in log).items()))


def portions(items: Sequence[Item], parts: int, seed: int = 0) -> list[list[Item]]:
    """The items in random order, cut into disjoint parts of equal size (the first ones may have one more).

    DNO takes other prompts in each round (arXiv 2404.03715, section 5.1).
    """
    if parts < 1:
        raise InputError(f"{parts} parts", where="prompts", hint="1 or more")
    order = Random(f"portions {seed}").sample(list(items), len(items))
    size, rest = divmod(len(order), parts)
    ends = [k * size + min(k, rest) for k in range(parts + 1)]
    return [order[start:end] for start, end in pairwise(ends)]
