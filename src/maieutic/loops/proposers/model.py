"""A language model as the one who has an idea: it is shown a problem, and writes the points to try.

The search asks for candidates of a figure (geometry.trials.Proposer) and knows nothing of how they come about. Here a
trained model writes them, by beam search under the grammar of auxiliary clauses, so that whatever it writes is a
construction; the figure tells where the point is, and whether it is new. This is AlphaGeometry's division of labour
(Trinh et al., Nature 625, 2024): the model proposes, the engine proves. How its proposals go together with the figure's
own rule of thumb: experts.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from numpy import logaddexp

from maieutic.core.errors import InputError
from maieutic.core.generate import Allowed
from maieutic.geometry.engine.state import Closure
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.text.encoding import FIGURE, PLACES, SAYS, letter, vocabulary
from maieutic.geometry.text.grammar import END, LONGEST_CLAUSE, State
from maieutic.geometry.text.prompting import pointers, question_of, spelt
from maieutic.geometry.text.proposals import read_proposals
from maieutic.geometry.trusted.records import Problem

WIDTH = 96
"""Beams: about forty points, each in two or three constructions."""
BATCH_TOKENS = 2**15
QUESTIONS = 4096
"""Answers that a process remembers."""
STATES = 4096
"""Beginnings of answers that a grammar remembers."""

SHOWN = "shown"
"""The entry of a model's configuration that says how many places of a figure it is told."""

Written = tuple[tuple[str, float], ...]
"""What a model wrote to a question: clauses and their log-probabilities, the likeliest first."""


def shipped() -> Path:
    """The folder of the model that comes with the package. Raises InputError where it is missing."""
    folder = Path(str(files("maieutic"))) / "models" / "proposer"
    if not (folder / "config.json").is_file():
        hint = "name a model's folder with --model, or make one with 'maieutic train-prover'"
        raise InputError("this installation comes without a model", where=str(folder), hint=hint)
    return folder


# --- the model -------------------------------------------------------------------------------------------------------


class ModelProposer:
    """A policy as a Proposer: the likeliest points, by beam search over constructions; log-probabilities as scores.

    Its candidates depend on the weights, the problem and the figure alone. To another process it goes as the name of
    its folder, and is loaded there once.

    Args:
        model: the folder of a policy over encoding.vocabulary(), or such a policy, which is not to change afterwards
            (and which cannot be sent to another process).
        width: how many beams: it proposes as many points at most.

    Raises InputError for a folder without such a model.
    """

    def __init__(self, model: Path | str | Any, width: int = WIDTH) -> None:
        if width < 1:
            raise InputError(f"{width} beams: at least 1")
        self.width = width
        self._folder = str(model) if isinstance(model, Path | str) else None
        self._writer = _loaded(self._folder, _stamp(self._folder)) if self._folder else _Writer(model)

    def __call__(self, problem: Problem, closure: Closure, n: int, first: int = 0) -> Sequence[Candidate]:
        """As trials.Proposer. None where the problem has more points, or more words, than the model can read."""
        try:
            question = self.question(problem, closure)
        except InputError:
            return []
        (written,) = self.write([(question, len(closure.names))])
        return read_proposals(written, closure, first).candidates[:n]

    def question(self, problem: Problem, closure: Closure) -> str:
        """What the model is asked about a closed figure. Raises InputError for more points than can be written."""
        return question_of(problem, closure, self._writer.shown)

    def write(self, questions: Sequence[tuple[str, int]]) -> list[Written]:
        """What the model writes to questions, each with the number of points that it speaks of: all in one batch."""
        return self._writer.write(questions, self.width)

    def logprobs(self, question: str, clauses: Sequence[str]) -> list[float]:
        """How likely the model is to write each of some clauses to a question: natural logarithms, as its scores."""
        return self._writer.logprobs(question, clauses)

    def __reduce__(self) -> tuple[Callable[..., ModelProposer], tuple[Any, ...]]:
        if self._folder is None:
            raise InputError("a model in memory cannot be sent to another process", hint="save it, and name its folder")
        return ModelProposer, (self._folder, self.width)


def _stamp(folder: str) -> tuple[int, ...]:
    """When the weights in a folder were written: trained anew, it is another model."""
    return tuple(sorted(file.stat().st_mtime_ns for file in Path(folder).expanduser().glob("*.safetensors")))


@lru_cache(maxsize=4)
def _loaded(folder: str, stamp: tuple[int, ...]) -> _Writer:
    from maieutic.lm.model import load

    return _Writer(load(folder))


class _Writer:
    """A policy, and what it has written to the questions that it was asked: a search asks the same again and again."""

    def __init__(self, policy: Any) -> None:
        self._policy = policy
        self.shown = int(getattr(policy.model.config, SHOWN, 0))
        self._written: dict[tuple[str, int], Written] = {}
        known = policy.tokenizer.get_vocab()
        wanted = vocabulary() if self.shown else set(vocabulary()).difference((FIGURE, *PLACES))
        missing = sorted(word for word in wanted if word not in known)
        if missing:
            hint = "train-prover makes models that know all words"
            raise InputError(f"the model does not know the word {missing[0]!r}", where=policy.name, hint=hint)

    def write(self, questions: Sequence[tuple[str, int]], width: int) -> list[Written]:
        if len(self._written) + len(questions) > QUESTIONS:
            self._written.clear()
        new = [asked for asked in dict.fromkeys(questions) if (asked[0], width) not in self._written]
        for (question, _), written in zip(new, self._beams(new, width), strict=True):
            self._written[question, width] = written
        return [self._written[question, width] for question, _ in questions]

    def _beams(self, questions: Sequence[tuple[str, int]], width: int) -> list[Written]:
        from maieutic.lm.model import pad_id
        from maieutic.lm.sampling.beam import beams
        from maieutic.lm.tokens import encode_prompt
        from maieutic.lm.training.processes import one_thread

        if not questions:
            return []
        tokenizer = self._policy.tokenizer
        with one_thread():  # small steps gain nothing from more, and sums depend on their number
            found = beams(
                self._policy.model,
                [encode_prompt(tokenizer, question) for question, _ in questions],
                width,
                [one_point(tokenizer, points, self.shown) for _, points in questions],
                {tokenizer.convert_tokens_to_ids(END)},
                pad=pad_id(tokenizer),
                max_tokens=LONGEST_CLAUSE + 1,
                batch_tokens=BATCH_TOKENS,
            )
        return [
            tuple((spelt(question, tokenizer.decode(list(b.ids[:-1])), letter(points)), b.logprob) for b in best)
            for (question, points), best in zip(questions, found, strict=True)
        ]

    def logprobs(self, question: str, clauses: Sequence[str]) -> list[float]:
        from maieutic.lm.logprobs import sequence_logprobs
        from maieutic.lm.model import evaluation, pad_id
        from maieutic.lm.tokens import Encoded, encode_prompt
        from maieutic.lm.training.processes import one_thread

        tokenizer = self._policy.tokenizer
        prompt = encode_prompt(tokenizer, question)
        words = pointers(question)
        pointed = [words.get(clause.partition(f" {SAYS} ")[2]) for clause in clauses]
        texts = [*clauses, *filter(None, pointed)]
        rows = [Encoded(prompt, encode_prompt(tokenizer, f"{text} {END}")[1:]) for text in texts]
        with one_thread(), evaluation(self._policy.model):
            found = [float(v) for v in sequence_logprobs(self._policy.model, rows, pad_id(tokenizer))]
        more = iter(found[len(clauses) :])
        return [
            value if word is None else float(logaddexp(value, next(more)))
            for value, word in zip(found, pointed, strict=False)
        ]


def shown_in(place: str | Path) -> int:
    """How many places of a figure the model of a folder is told with a question, as it was in its training."""
    path = Path(place) / "config.json"
    return int(json.loads(path.read_text(encoding="utf-8")).get(SHOWN, 0)) if path.is_file() else 0


def one_point(tokenizer: Any, points: int, shown: int = 0) -> Allowed:
    """The grammar of an answer to a question, in a tokenizer's ids: one clause, one new point, END; or a pointer, END.

    Args:
        points: how many there are: in the text they are the first so many letters.
        shown: how many places of the figure may be pointed to.
    """
    ids = tokenizer.get_vocab()
    words = {number: word for word, number in ids.items()}
    states: dict[tuple[int, ...], State] = {}

    def state(written: tuple[int, ...]) -> State:
        if not written:
            return State(points, clauses=1, most_new=1)
        if written not in states:
            if len(states) >= STATES:
                states.clear()
            states[written] = state(written[:-1]).after(words[written[-1]])
        return states[written]

    places = [ids[word] for word in PLACES[:shown]]

    def allowed(written: Sequence[int]) -> Sequence[int]:
        if written and written[0] in places:
            return [ids[END]] if len(written) == 1 else []
        return sorted([*(ids[word] for word in state(tuple(written)).allowed), *(() if written else places)])

    return allowed
