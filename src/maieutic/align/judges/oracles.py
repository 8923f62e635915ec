"""The judges that are no language models: a fitted reward, a Python function, a person."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from maieutic.align.judges.questions import Answer, Question, Verdict, comparison, score, write_raw
from maieutic.core.errors import InputError, MaieuticError, nearest
from maieutic.core.extensions import load_module, told
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Comparison, Prompt, Sample, Score, content_hash

Rewards = Callable[[Sequence[Prompt], Sequence[str]], Sequence[float]]
"""Prompts and completions [n] -> rewards [n], as a fitted reward model gives them."""

AskPerson = Callable[[Prompt, str, str], float | None]
"""Shows a prompt and two completions; gives how much better the first is: 1, 0.5, 0, or None for "not now"."""


@dataclass(frozen=True, kw_only=True)
class RewardJudge:
    """Scores by a reward model, or by anything that gives a number for each completion; NaN is an abstention."""

    rewards: Rewards
    model: str
    batch: int = 64
    kind: str = "reward"

    @property
    def name(self) -> str:
        """How records call the judge."""
        return f"{self.kind}:{self.model}"

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Scores; see `Judge.judge`. `batch` questions go to the model at once; the seed does not matter."""
        for start in range(0, len(questions), self.batch):
            chunk = questions[start : start + self.batch]
            samples = [sample for question in chunk for sample in question.samples]
            prompts = [question.prompt for question in chunk for _ in question.samples]
            values = list(self.rewards(prompts, [sample.completion for sample in samples]))
            if len(values) != len(samples):
                raise InputError(f"{len(values)} rewards for {len(samples)} completions", where=f"judge {self.name!r}")
            told = iter(values)
            for index, question in enumerate(chunk, start):
                yield index, [self._score(sample, next(told)) for sample in question.samples]

    def _score(self, sample: Sample, value: float) -> Score:
        return score(sample, self.name, _given(float(value) if math.isfinite(value) else None))


@dataclass(frozen=True, kw_only=True)
class FunctionJudge:
    """Judges by a Python function: a programmatic oracle, a checker, a proof.

    f(prompt, completion) -> score, or None; f(prompt, left, right) -> probability that left is better, or None. The
    number of its parameters says which. Each pair is asked in both orders, as of any judge that compares. The prompt is
    a text, or a tuple of messages.
    """

    function: Callable[..., Any]
    model: str = ""
    kind: str = "function"

    def __post_init__(self) -> None:
        self._compares()

    @property
    def name(self) -> str:
        """How records call the judge."""
        return f"{self.kind}:{self.model or getattr(self.function, '__qualname__', 'function')}"

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Scores or comparisons; see `Judge.judge`. Raises InputError where the function raises, or gives no number."""
        compares = self._compares()
        for index, question in enumerate(questions):
            yield index, self._comparisons(question) if compares else self._scores(question)

    def _compares(self) -> bool:
        try:
            parameters = inspect.signature(self.function).parameters.values()
        except (TypeError, ValueError) as error:
            raise InputError("its parameters are not known", where=self.name, hint="write a plain def") from error
        needed = [
            p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        if len(needed) not in (2, 3):
            hint = "f(prompt, completion) scores, f(prompt, left, right) compares"
            raise InputError(f"a function of {len(needed)} parameters", where=self.name, hint=hint)
        return len(needed) == 3

    def _scores(self, question: Question) -> Verdict:
        return [
            score(sample, self.name, _given(self._call(question.prompt, sample.completion)))
            for sample in question.samples
        ]

    def _comparisons(self, question: Question) -> Verdict:
        verdict = []
        for i, j in question.pairs:
            left, right = question.samples[i], question.samples[j]
            forth = self._probability(question.prompt, left.completion, right.completion)
            back = self._probability(question.prompt, right.completion, left.completion)
            answers = _given(forth) + _given(None if back is None else 1.0 - back, swapped=True)
            verdict.append(comparison(left, right, self.name, answers))
        return verdict

    def _probability(self, prompt: Prompt, left: str, right: str) -> float | None:
        p = self._call(prompt, left, right)
        if p is not None and not 0 <= p <= 1:
            raise InputError(f"gave {p!r} for two completions", where=self.name, hint="a probability from 0 to 1")
        return p

    def _call(self, *arguments: Any) -> float | None:
        try:
            value = self.function(*arguments)
        except MaieuticError:
            raise
        except Exception as error:
            raise InputError(f"raised {told(error)}", where=self.name) from error
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"gave {value!r:.80}", where=self.name, hint="a number, or None for no verdict")
        return number


@dataclass(frozen=True, kw_only=True)
class HumanJudge:
    """Compares by asking a person, one pair at a time, the two in an order drawn by the seed and without names.

    Each answer is stored at once, so a session that is broken off (KeyboardInterrupt) goes on at the next pair. "Not
    now" (None) is an abstention in this verdict; it is not stored, and is asked again next time. Two equal texts are a
    tie, and nobody is asked.
    """

    ask: AskPerson
    cache: JudgementCache = field(default_factory=JudgementCache)
    person: str = "person"
    kind: str = "human"

    @property
    def name(self) -> str:
        """How records call the judge."""
        return f"{self.kind}:{self.person}"

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Comparisons; see `Judge.judge`."""
        for index, question in enumerate(questions):
            samples = question.samples
            yield index, [self._compare(question.prompt, samples[i], samples[j], seed) for i, j in question.pairs]

    def open(self, questions: Sequence[Question]) -> int:
        """How many pairs have no answer yet."""
        keys = [
            self._key(question.prompt, question.samples[i].completion, question.samples[j].completion)
            for question in questions
            for i, j in question.pairs
        ]
        return sum(self.cache.get(key) is None for key in dict.fromkeys(keys))

    def _compare(self, prompt: Prompt, left: Sample, right: Sample, seed: int) -> Comparison:
        one, two = sorted((left.completion, right.completion))  # one answer serves both ways of telling the pair
        key = self._key(prompt, one, two)
        stored = self.cache.get(key)
        if stored is not None or one == two:
            p: float | None = float(stored or 0.5)
        else:
            p = self._asked(prompt, one, two, seed)
        if p is not None and stored is None:
            self.cache.put({key: repr(p)})
        p_left = p if p is None or left.completion == one else 1.0 - p
        return Comparison(left.id, right.id, self.name, p_left, write_raw(_given(p_left)))

    def _asked(self, prompt: Prompt, one: str, two: str, seed: int) -> float | None:
        swap = Random(content_hash([seed, one, two])).random() < 0.5
        p = self.ask(prompt, two, one) if swap else self.ask(prompt, one, two)
        if p is not None and not 0 <= p <= 1:
            raise InputError(f"gave {p!r} for two completions", where=self.name, hint="a probability from 0 to 1")
        return 1.0 - p if swap and p is not None else p

    def _key(self, prompt: Prompt, one: str, two: str) -> str:
        plain = prompt if isinstance(prompt, str) else [[message.role, message.content] for message in prompt]
        return content_hash([self.name, plain, sorted((one, two))])


def _given(value: float | None, swapped: bool = False) -> list[Answer]:
    """A number as an answer without a text; an abstention leaves none."""
    return [] if value is None else [Answer("", value, swapped)]


def load_function(spec: str, folder: Path) -> Callable[..., Any]:
    """The function that "path/to/file.py:name" names; a relative path is taken from `folder`, the config's.

    The file is run. Raises InputError where there is no such file or function, or where running the file fails.
    """
    file, _, name = spec.rpartition(":")
    if not file or not name:
        raise InputError("names no function", where=spec, hint="path/to/file.py:name")
    path = (folder / file).resolve()
    module = load_module(path)
    function = getattr(module, name, None)
    if not callable(function):
        near = nearest(name, [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")])
        raise InputError(f"no function {name!r}", where=str(path), hint=f"did you mean {near!r}?" if near else None)
    return function  # type: ignore[no-any-return]  # callable() has just said so
