"""Sampling from any OpenAI-compatible server: OpenAI's, or vLLM, SGLang, llama.cpp, Ollama, `transformers serve` ...

A conversation goes to `chat/completions`, a plain text to `completions`. Servers differ in what they honour, and this
is found out on the way: whoever answers a call for n completions with fewer, or refuses it, is asked for one at a time.
Each completion has a seed of its own, which servers may honour.

A run survives its server: calls are made again while it restarts (`calls.py`), and what has been received is handed on
at once, never asked for again. Keys come from the environment, by the name of the variable, and stay out of records,
errors and representations.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from maieutic.core.calls import Answer, CallError, Calls, Server, UnusableAnswer, connected, in_background
from maieutic.core.errors import InputError
from maieutic.core.generate import Generated, Reply, Request, Sampling
from maieutic.core.records import Prompt

BYTES_PER_ANSWER = 2**20
BYTES_PER_TOKEN = 2**10
"""What an answer may take: ample room for any honest one, and a limit for a hostile one."""

TOP_LABELS = 20
"""Log-probabilities of so many first tokens are asked for: as many as OpenAI gives."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Endpoint:
    """A model behind an OpenAI-compatible server, as a Generator and a LabelScorer.

    Args:
        base_url: as "http://localhost:8000/v1".
        model: what the server calls the model.
        api_key_env: the environment variable with the key; None: none is sent. The variable must be set when the
            endpoint is used.
        concurrency: calls in flight at a time, at most.
        timeout: seconds that one call may take.
        attempts: how often a call is made before it is given up; with the default pauses, 10 attempts span two to
            three minutes, in which most servers have restarted.
        first_wait, longest_wait: seconds between the first attempts, and at most.
        parameters: put into the body of every call over our own; None takes one out (as `{"seed": None}` for a server
            that refuses seeds).

    Raises InputError for an address that is none, or that holds a password.
    """

    base_url: str
    model: str
    api_key_env: str | None = None
    concurrency: int = 8
    timeout: float = 600.0
    attempts: int = 10
    first_wait: float = 0.5
    longest_wait: float = 60.0
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.username or parts.password:
            where = parts.hostname or "the address"
            raise InputError("an address with a password in it", where=where, hint="name an environment variable")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"not an address: {self.base_url!r}", hint="as http://localhost:8000/v1")
        if self.concurrency < 1 or self.attempts < 1:
            raise InputError("concurrency and attempts are at least 1", where=self.base_url)

    @property
    def name(self) -> str:
        """What the server calls the model."""
        return self.model

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Replies in the order in which they are complete. What a request allows is not sent: servers know no grammar.

        Raises InputError where no request can succeed, after the replies before it: a wrong key, address or model.
        """
        singly = _Singly()

        async def answer(calls: Calls, index: int, request: Request) -> Reply:
            return await _Answering(self, calls, singly, index, request, sampling).reply()

        return self._each(requests, answer)

    def label_logprobs(
        self, prompts: Sequence[Prompt], labels: Sequence[str]
    ) -> Iterator[tuple[int, tuple[float | None, ...]]]:
        """(index, log-probability of each label as the first token, white space around it ignored).

        None for a label that is not among the most likely tokens, and for all where the server gives no
        log-probabilities or the call failed for good.
        """

        async def answer(calls: Calls, index: int, prompt: Prompt) -> tuple[int, tuple[float | None, ...]]:
            chat = not isinstance(prompt, str)
            asked = {"logprobs": True, "top_logprobs": TOP_LABELS} if chat else {"logprobs": 5}
            body = self._body(prompt, {"max_tokens": 1, "temperature": 1.0, **asked})
            limit = 2 * BYTES_PER_ANSWER
            try:
                found = await calls.post(_path(prompt), body, limit, index, lambda answer: _first_tokens(answer, chat))
            except CallError:
                found = []
            return index, tuple(_label_logprob(label, found) for label in labels)

        return self._each(prompts, answer)

    def _body(self, prompt: Prompt, settings: Mapping[str, Any]) -> dict[str, Any]:
        said = {"prompt": prompt} if isinstance(prompt, str) else {"messages": [vars(message) for message in prompt]}
        merged = {"model": self.model, **said, **settings, **self.parameters}
        return {name: value for name, value in merged.items() if value is not None}

    def _server(self) -> Server:
        key = None
        if self.api_key_env is not None:
            key = os.environ.get(self.api_key_env, "").strip()
            if not key:
                raise InputError(f"the environment variable {self.api_key_env} is not set: it holds the key")
        waits = (self.first_wait, self.longest_wait)
        return Server(self.base_url, key, self.concurrency, self.timeout, self.attempts, *waits)

    def _each(self, items: Sequence[Item], work: Callable[[Calls, int, Item], Awaitable[Result]]) -> Iterator[Result]:
        """The result of each item as it comes, with as many in work as calls may be in flight."""
        server = self._server()

        async def results() -> AsyncIterator[Result]:
            waiting = iter(enumerate(items))
            running: set[asyncio.Future[Result]] = set()
            async with connected(server) as calls:
                try:
                    while True:
                        for index, item in waiting:
                            running.add(asyncio.ensure_future(work(calls, index, item)))
                            if len(running) >= server.concurrency:
                                break
                        if not running:
                            return
                        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                        failed = [task for task in done if task.exception() is not None]
                        for task in done.difference(failed):
                            yield task.result()
                        for task in failed:
                            task.result()  # raises: no call can succeed
                finally:
                    for task in running:
                        task.cancel()
                    await asyncio.gather(*running, return_exceptions=True)

        return in_background(results)


# --- one request -----------------------------------------------------------------------------------------------------


@dataclass
class _Singly:
    """Whether the server gives one completion a call only, as found out so far."""

    known: bool = False


@dataclass(frozen=True)
class _Answering:
    """One request on its way: in one call for all its completions, or in one for each."""

    endpoint: Endpoint
    calls: Calls
    singly: _Singly
    index: int
    request: Request
    sampling: Sampling

    async def reply(self) -> Reply:
        numbers = list(range(self.request.first, self.request.first + self.request.n))
        found: dict[int, Generated] = {}
        errors: list[str] = []
        prompt_tokens = 0

        async def ask(some: Sequence[int]) -> None:
            nonlocal prompt_tokens
            try:
                answer = await self._call(some)
            except CallError as error:
                refused = len(some) > 1 and error.status in (400, 422)
                self.singly.known |= refused
                if not refused:
                    errors.append(str(error))
            else:
                prompt_tokens = answer.prompt_tokens
                self.singly.known |= answer.choices < len(some)
                found.update((generated.number, generated) for generated in answer.generated)

        if len(numbers) > 1 and not self.singly.known:
            await ask(numbers)
        if not errors:
            await asyncio.gather(*(ask([number]) for number in numbers if number not in found))
        generated = tuple(found[number] for number in sorted(found))
        return Reply(self.index, generated, errors[0] if errors else None, prompt_tokens)

    async def _call(self, numbers: Sequence[int]) -> _Answered:
        n, sampling, prompt = len(numbers), self.sampling, self.request.prompt
        seed = self.request.completion_seed(numbers[0])
        settings = {
            "n": n if n > 1 else None,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "stop": list(sampling.stop) or None,
            "seed": seed % 2**31,
        }
        limit = n * (BYTES_PER_ANSWER + BYTES_PER_TOKEN * sampling.max_tokens)
        body = self.endpoint._body(prompt, settings)
        chat = not isinstance(prompt, str)
        return await self.calls.post(
            _path(prompt), body, limit, seed, lambda answer: _completions(answer, numbers, sampling, chat)
        )


def _path(prompt: Prompt) -> str:
    return "completions" if isinstance(prompt, str) else "chat/completions"


# --- reading answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Answered:
    """What one call gave: completions, from how many choices, and the tokens of the prompt."""

    generated: tuple[Generated, ...]
    choices: int
    prompt_tokens: int


def _completions(answer: Answer, numbers: Sequence[int], sampling: Sampling, chat: bool) -> _Answered:
    """The completions. Tokens of several are known in sum only, and shared out."""
    choices = _choices(answer)[: len(numbers)]
    written, read = (_count(answer.get("usage"), name) for name in ("completion_tokens", "prompt_tokens"))
    found = []
    for place, (number, choice) in enumerate(zip(numbers, choices, strict=False)):
        finish = "length" if choice.get("finish_reason") == "length" else "stop"
        text = _text(choice, chat, finish)
        if choice.get("finish_reason") == "content_filter":
            if len(numbers) == 1:
                raise CallError("the server's filter cut the answer off")
            continue  # to be asked for again, alone
        cut = min((at for stop in sampling.stop if (at := text.find(stop)) >= 0), default=None)
        tokens = (written + place) // len(choices)
        found.append(Generated(text[:cut], finish if cut is None else "stop", tokens, number))
    return _Answered(tuple(found), len(choices), read)


def _choices(answer: Answer) -> list[dict[str, Any]]:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise UnusableAnswer("the answer has no choices")
    return choices


def _text(choice: Mapping[str, Any], chat: bool, finish: str) -> str:
    message = choice.get("message") if chat else choice
    text = message.get("content" if chat else "text") if isinstance(message, dict) else None
    if text is None and finish == "length" and isinstance(message, dict):
        return ""  # a reasoning model that did not come to its answer
    if not isinstance(text, str):
        raise UnusableAnswer("the answer has no text")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a character cannot be written


def _count(usage: object, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else 0
    return value if isinstance(value, int) and value > 0 else 0


def _first_tokens(answer: Answer, chat: bool) -> list[tuple[str, float]]:
    """The likely first tokens and their log-probabilities; none where the server does not tell."""
    logprobs = _choices(answer)[0].get("logprobs")
    if not isinstance(logprobs, dict):
        return []
    if chat:
        content = logprobs.get("content")
        first = content[0] if isinstance(content, list) and content else None
        entries = first.get("top_logprobs") if isinstance(first, dict) else None
        found = [(e.get("token"), e.get("logprob")) for e in entries or () if isinstance(e, dict)]
    else:
        tops = logprobs.get("top_logprobs")
        found = list(tops[0].items()) if isinstance(tops, list) and tops and isinstance(tops[0], dict) else []
    return [(t, float(p)) for t, p in found if isinstance(t, str) and isinstance(p, int | float) and math.isfinite(p)]


def _label_logprob(label: str, found: Sequence[tuple[str, float]]) -> float | None:
    """Summed over the tokens that are the label, with or without a space; None where none is."""
    mine = [logprob for token, logprob in found if token.strip() == label.strip()]
    return math.log(sum(map(math.exp, mine))) if mine else None
