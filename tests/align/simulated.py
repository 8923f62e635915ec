"""Models and judges that only pretend, for tests: a function of the prompt answers, and every request is counted."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from maieutic.align.judges.questions import Question
from maieutic.align.judges.rubrics import as_text
from maieutic.core.generate import Generated, Reply, Request
from maieutic.core.records import Sample

MARKED = re.compile(r"<response(?: (?P<label>[A-Z]))? (?P<token>[0-9a-f]{12})>\n")


@dataclass
class Scripted:
    """A Generator: answer(prompt's text, number of the draw) is the completion; None is one that failed.

    `asked` has the requests and `drawn` counts completions. With `reverse` the replies come in the other order, and
    after `stop_after` requests the run is killed.
    """

    answer: Callable[[str, int], str | None]
    name: str = "scripted"
    finish: str = "stop"
    reverse: bool = False
    stop_after: int | None = None
    asked: list[Request] = field(default_factory=list)

    @property
    def drawn(self):
        return sum(request.n for request in self.asked)

    def generate(self, requests, sampling):
        order = list(enumerate(requests))
        for index, request in reversed(order) if self.reverse else order:
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            self.asked.append(request)
            numbers = range(request.first, request.first + request.n)
            texts = {number: self.answer(as_text(request.prompt), number) for number in numbers}
            generated = [Generated(text, self.finish, 1, number) for number, text in texts.items() if text is not None]
            error = "the server is gone" if len(generated) < request.n else None
            yield Reply(index, tuple(generated), error)


@dataclass
class Letters:
    """A LabelScorer: logprobs(prompt's text) gives those of the two letters."""

    logprobs: Callable[[str], tuple[float | None, float | None]]
    asked: int = 0

    def label_logprobs(self, prompts, labels):
        assert list(labels) == ["A", "B"]
        for index, prompt in enumerate(prompts):
            self.asked += 1
            yield index, self.logprobs(as_text(prompt))


def responses(text):
    """The responses in a judge's prompt, read as an honest judge does: the number is the one that the orders name, and
    a response lasts until its own closing mark."""
    (token,) = re.findall(r"(?:with the number|between the marks) ([0-9a-f]{12})", text.split("<question", 1)[0])
    found = {}
    for match in MARKED.finditer(text):
        if match["token"] == token:
            label = match["label"] or ""
            end = text.index(f"\n</response {label + ' ' if label else ''}{token}>", match.end() - 1)
            found[label] = text[match.end() : max(end, match.end())]
    return found


def worth(response, highest=5):
    """What the honest judge finds a response worth: a number that hangs on every letter of it."""
    return sum(ord(letter) for letter in response if letter.isalpha()) % (highest + 1)


def samples(prompt, *completions, model="student"):
    return tuple(Sample(prompt, completion, model, seed) for seed, completion in enumerate(completions))


def question(prompt, *completions):
    return Question(prompt, samples(prompt, *completions))


def verdicts(judge, questions, seed=0):
    """The verdicts in the order of the questions; each question has exactly one."""
    found = dict(judge.judge(questions, seed))
    assert sorted(found) == list(range(len(questions)))
    return [found[index] for index in range(len(questions))]


def scoring(text, draw=0):
    """An honest pointwise judge."""
    (response,) = responses(text).values()
    return f"It is what it is.\nScore: {worth(response)}"


def side_by_side(text, draw=0):
    """An honest listwise judge."""
    found = responses(text)
    return json.dumps({label: {"justification": label, "score": worth(r, 6)} for label, r in found.items()})


def choosing(text, draw=0):
    """An honest pairwise judge."""
    a, b = (worth(response) for response in responses(text).values())
    return "A" if a > b else "B"
