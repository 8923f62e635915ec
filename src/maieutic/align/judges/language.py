"""The judges that are language models: one response at a time, all side by side, or two at a time in both orders.

Each works with any Generator. Its `name` stands in the key of every cached answer, so it has to tell the model's
weights apart: a policy that judges itself is another judge after each round.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import ClassVar

from maieutic.align.judges.asking import Ask, Asker, Received
from maieutic.align.judges.parsing import justifications, read_choice, read_score, read_scores
from maieutic.align.judges.questions import Answer, Question, Verdict, comparison, score
from maieutic.align.judges.rubrics import ADDITIVE_5, ADDITIVE_6, LABELS, PAIRWISE, Rubric
from maieutic.core.errors import InputError
from maieutic.core.generate import Generator, LabelScorer, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Message, Prompt, content_hash

POINTWISE = Sampling(temperature=0.7, top_p=0.9, max_tokens=512)
LISTWISE = Sampling(temperature=0.7, top_p=0.9, max_tokens=4096)
ONE_CHOICE = Sampling(temperature=1.0, max_tokens=512)


@dataclass(frozen=True, kw_only=True)
class _LanguageJudge:
    """What the three have in common.

    Attributes:
        generator: the model that judges.
        rubric: what it is asked.
        sampling: how its answers are drawn.
        draws: readable answers wanted for each thing asked.
        retries: further draws to make good for unreadable ones.
        cache: where its answers are kept.
        chat: ask by a message of a user; otherwise by a plain text to go on from.
        kind: its name in JUDGES.
    """

    generator: Generator
    rubric: Rubric
    sampling: Sampling
    draws: int = 1
    retries: int = 3
    cache: JudgementCache = field(default_factory=JudgementCache)
    chat: bool = True
    kind: str = "model"
    forms: ClassVar[tuple[str, ...]] = ("score",)

    def __post_init__(self) -> None:
        if self.rubric.answer not in self.forms:
            message = f"the rubric {self.rubric.name!r} asks for a {self.rubric.answer}"
            raise InputError(message, where=f"judge {self.kind!r}", hint=f"it needs {' or '.join(self.forms)}")
        if self.draws < 1 or self.retries < 0:
            raise InputError("draws are 1 or more, retries 0 or more", where=f"judge {self.kind!r}")

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.generator.name}"

    def ask(self, prompt: Prompt, responses: Sequence[str], seed: int = 0) -> Prompt:
        """What the model is asked about some responses to a prompt."""
        text = self.rubric.render(prompt, responses, seed)
        return (Message("user", text),) if self.chat else text

    def _asker(self) -> Asker:
        return Asker(self.generator, self.sampling, self.cache, self.retries)

    def _key(self, asked: Prompt, seed: int, draw: int | str = 0) -> str:
        """A hash of all that an answer depends on; the rubric, the prompt and the responses are in what is asked."""
        plain = asked if isinstance(asked, str) else [[message.role, message.content] for message in asked]
        return content_hash([self.generator.name, asdict(self.sampling), plain, seed, draw])


@dataclass(frozen=True, kw_only=True)
class PointwiseJudge(_LanguageJudge):
    """Scores one response at a time: the mean of `draws` answers, each a justification and then points.

    Self-Rewarding (arXiv 2401.10020, section 2.2): additive 5 points, 3 draws at temperature 0.7 and top-p 0.9.
    """

    rubric: Rubric = ADDITIVE_5
    sampling: Sampling = POINTWISE
    draws: int = 3

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Scores; see `Judge.judge`."""
        places = [(q, k) for q, question in enumerate(questions) for k in range(len(question.samples))]
        asks = [self._ask(questions[q].prompt, questions[q].samples[k].completion, seed) for q, k in places]
        found: dict[int, dict[int, list[Answer]]] = defaultdict(dict)
        yield from ((q, []) for q, question in enumerate(questions) if not question.samples)
        for index, received in self._asker().answers(asks):
            q, k = places[index]
            found[q][k] = [Answer(r.text, r.value, error=r.error) for r in received]
            samples = questions[q].samples
            if len(found[q]) == len(samples):
                answers = found.pop(q)
                yield q, [score(sample, self.name, answers[k]) for k, sample in enumerate(samples)]

    def _ask(self, prompt: Prompt, completion: str, seed: int) -> Ask[float]:
        low, high = self.rubric.lowest, self.rubric.highest
        asked = self.ask(prompt, [completion], seed)
        return Ask(self._key(asked, seed), asked, lambda text: read_score(text, low, high), self.draws)


@dataclass(frozen=True, kw_only=True)
class ListwiseJudge(_LanguageJudge):
    """Scores all responses to a prompt in one answer, side by side; the mean of `draws` answers.

    DNO (arXiv 2404.03715, section 5.1): additive 6 points, a justification for each before its score. Each draw shows
    the responses in another order, so that no place in the list is favoured.
    """

    rubric: Rubric = ADDITIVE_6
    sampling: Sampling = LISTWISE
    kind: str = "listwise"
    forms: ClassVar[tuple[str, ...]] = ("json",)

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Scores; see `Judge.judge`. Raises InputError where a question has more samples than there are letters."""
        places, asks = [], []
        for q, question in enumerate(questions):
            if not question.samples:
                yield q, []
                continue
            for draw in range(self.draws):
                order = self._order(question, seed, draw)
                places.append((q, draw, order))
                asks.append(self._ask(question, order, seed, draw))
        found: dict[int, dict[int, list[list[Answer]]]] = defaultdict(dict)
        for index, received in self._asker().answers(asks):
            q, draw, order = places[index]
            found[q][draw] = [_part(received, LABELS[order.index(k)]) for k in range(len(order))]
            if len(found[q]) == self.draws:
                draws = found.pop(q)
                samples = enumerate(questions[q].samples)
                yield q, [score(s, self.name, [a for d in sorted(draws) for a in draws[d][k]]) for k, s in samples]

    def _order(self, question: Question, seed: int, draw: int) -> list[int]:
        """Which sample is shown at which place."""
        if len(question.samples) > len(LABELS):
            raise InputError(f"a listwise judge takes at most {len(LABELS)} samples, not {len(question.samples)}")
        order = list(range(len(question.samples)))
        asked = self.ask(question.prompt, [sample.completion for sample in question.samples], seed)
        Random(self._key(asked, seed, f"order of draw {draw}")).shuffle(order)
        return order

    def _ask(self, question: Question, order: list[int], seed: int, draw: int) -> Ask[dict[str, float]]:
        shown = [question.samples[k].completion for k in order]
        labels, low, high = LABELS[: len(order)], self.rubric.lowest, self.rubric.highest
        asked = self.ask(question.prompt, shown, seed)
        return Ask(self._key(asked, seed, draw), asked, lambda text: read_scores(text, labels, low, high), whole=False)


def _part(received: list[Received[dict[str, float]]], label: str) -> list[Answer]:
    """What some answers about all samples say about one of them."""
    return [
        Answer(r.text, None, error=r.error)
        if r.value is None
        else Answer(justifications(r.text).get(label, ""), r.value[label])
        for r in received
    ]


@dataclass(frozen=True, kw_only=True)
class PairwiseJudge(_LanguageJudge):
    """Compares each two responses in both orders: how likely the left one is better, averaged over the orders.

    Where `scorer` is given and tells the log-probabilities of the two letters, one call without sampling gives
    p(A) / (p(A) + p(B)) (AlpacaEval 2; a letter that is not told counts as 0). Else it is the share of `draws` answers
    that choose the left one; "tie" counts half.
    """

    rubric: Rubric = PAIRWISE
    sampling: Sampling = ONE_CHOICE
    scorer: LabelScorer | None = None
    kind: str = "pairwise"
    forms: ClassVar[tuple[str, ...]] = ("letter", "choice")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scorer is not None and self.rubric.answer != "letter":
            hint = "leave out the scorer, or take a rubric that asks for a letter"
            raise InputError("log-probabilities need an answer of one letter", where=f"judge {self.kind!r}", hint=hint)

    def judge(self, questions: Sequence[Question], seed: int = 0) -> Iterator[tuple[int, Verdict]]:
        """Comparisons; see `Judge.judge`."""
        yield from ((q, []) for q, question in enumerate(questions) if not question.pairs)
        places = [
            (q, pair, swapped) for q, question in enumerate(questions) for pair in question.pairs for swapped in (0, 1)
        ]
        shown = [self._shown(questions[q], pair, swapped) for q, pair, swapped in places]
        found: dict[int, dict[tuple[int, int], list[Answer]]] = defaultdict(lambda: defaultdict(list))
        counts = [2 * len(question.pairs) for question in questions]
        for index, answers in self._answers([questions[q].prompt for q, _, _ in places], shown, seed):
            q, pair, swapped = places[index]
            found[q][pair] += [_told_from_the_left(answer, bool(swapped)) for answer in answers]
            counts[q] -= 1
            if not counts[q]:
                yield q, self._verdict(questions[q], found.pop(q))

    def _verdict(self, question: Question, found: Mapping[tuple[int, int], list[Answer]]) -> Verdict:
        ordered = {pair: sorted(found[pair], key=lambda answer: answer.swapped) for pair in question.pairs}
        samples = question.samples
        return [comparison(samples[i], samples[j], self.name, answers) for (i, j), answers in ordered.items()]

    @staticmethod
    def _shown(question: Question, pair: tuple[int, int], swapped: int) -> list[str]:
        shown = [question.samples[k].completion for k in pair]
        return shown[::-1] if swapped else shown

    def _answers(
        self, prompts: Sequence[Prompt], shown: Sequence[list[str]], seed: int
    ) -> Iterator[tuple[int, list[Answer]]]:
        """(index, answers about the response shown first), from log-probabilities where they are told."""
        asks = [self._ask(prompt, two, seed) for prompt, two in zip(prompts, shown, strict=True)]
        told = {} if self.scorer is None else self._told(self.scorer, asks)
        yield from ((i, [answer]) for i, answer in told.items())
        sampled = [i for i in range(len(asks)) if i not in told]
        for index, received in self._asker().answers([asks[i] for i in sampled]):
            yield sampled[index], [Answer(r.text, r.value, error=r.error) for r in received]

    def _ask(self, prompt: Prompt, shown: list[str], seed: int) -> Ask[float]:
        asked = self.ask(prompt, shown, seed)
        whole = self.rubric.answer == "choice"
        return Ask(self._key(asked, seed), asked, _first_is_better, self.draws, whole)

    def _told(self, scorer: LabelScorer, asks: Sequence[Ask[float]]) -> dict[int, Answer]:
        """The answers by the letters' log-probabilities, of the asks to which the back end tells them.

        What is told is stored; so is an answer that was sampled because it was not told. Neither is asked for again.
        """
        keys = [content_hash([ask.key, "letters"]) for ask in asks]
        known = self.cache.get
        new = {k: ask for k, ask in zip(keys, asks, strict=True) if known(k) is None and known(ask.draw_key(0)) is None}
        names = list(new)
        told = scorer.label_logprobs([ask.prompt for ask in new.values()], ["A", "B"]) if new else ()
        for index, logprobs in told:
            if _share(*logprobs) is not None:
                self.cache.put({names[index]: json.dumps(logprobs)})
        stored = {i: text for i, key in enumerate(keys) if (text := self.cache.get(key)) is not None}
        return {i: Answer(text, _share(*json.loads(text))) for i, text in stored.items()}


def _share(first: float | None, second: float | None) -> float | None:
    """p(first) / (p(first) + p(second)) from log-probabilities; None where neither is told."""
    told = [-math.inf if logprob is None or math.isnan(logprob) else logprob for logprob in (first, second)]
    top = max(told)
    if not math.isfinite(top):
        return None
    a, b = (math.exp(logprob - top) for logprob in told)
    return a / (a + b)


def _first_is_better(text: str) -> float | None:
    choice = read_choice(text, ("A", "B", "tie"))
    return None if choice is None else {"A": 1.0, "B": 0.0, "tie": 0.5}[choice]


def _told_from_the_left(answer: Answer, swapped: bool) -> Answer:
    """An answer about the response shown first, told of the left one."""
    value = 1.0 - answer.value if swapped and answer.value is not None else answer.value
    return Answer(answer.text, value, swapped, answer.error)
