"""One call of an OpenAI-compatible server, made until it is answered or hopeless; many of them at a time.

What may pass by itself (no connection, a timeout, an overloaded or failing server, an answer that broke off) is tried
again after a pause that doubles each time, less a random part, or as long as the server says. What cannot pass is told
apart by whom it concerns: this call alone (`CallError`), or every call (`InputError`: a wrong key, address or model).

A server's answer is untrusted: it is read up to a limit, and what stands in it is checked before it is used.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import SimpleQueue
from random import Random
from threading import Thread
from typing import Any, TypeVar

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.text import printable

Answer = dict[str, Any]
Read = TypeVar("Read")
Item = TypeVar("Item")

LONGEST_MESSAGE = 300
UNUSABLE_ANSWERS = 3
"""Answers that make no sense are paid for: so many, and the call is given up."""


@dataclass(frozen=True)
class Server:
    """Where the server is, and how patiently it is asked. `key` is sent to it, and shown nowhere."""

    base_url: str
    key: str | None = field(repr=False)
    concurrency: int
    timeout: float
    attempts: int
    first_wait: float
    longest_wait: float


class CallError(MaieuticError):
    """A call that failed for good, on its own account. `status` is the server's, if it gave one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnusableAnswer(Exception):
    """The server answered, but not what it was asked for."""


class _Passing(Exception):
    """A failure that may pass, and the seconds after which the server wants to be asked again."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Calls:
    """An open connection to a server; see `connected`."""

    def __init__(self, server: Server, client: Any) -> None:
        self._server = server
        self._client = client
        self._slots = asyncio.Semaphore(server.concurrency)
        self._given_up = 0  # calls in a row that no attempt brought an answer

    async def post(
        self, path: str, body: Mapping[str, Any], limit: int, seed: int, read: Callable[[Answer], Read]
    ) -> Read:
        """What `read` makes of the answer, of at most `limit` bytes, to one call.

        Args:
            path: "chat/completions" or "completions".
            seed: of the pauses' random parts.
            read: raises UnusableAnswer for an answer that makes no sense.

        Raises CallError where this call is hopeless; InputError where every call is; MaieuticError where the server
        seems to be gone for good: more calls than may be in flight were given up, and none answered in between.
        """
        unusable = 0
        async with self._slots:
            for attempt in range(1, self._server.attempts + 1):
                wait = None
                try:
                    result = read(await self._once(path, body, limit))
                    self._given_up = 0
                    return result
                except _Passing as failure:
                    reason, wait = str(failure), failure.wait
                except UnusableAnswer as failure:
                    reason = str(failure)
                    unusable += 1
                if attempt == self._server.attempts or unusable == UNUSABLE_ANSWERS:
                    self._given_up = self._given_up + 1 if not unusable else 0
                    told = self._shown(f"{reason}, {attempt} times")
                    if self._given_up > self._server.concurrency:
                        raise MaieuticError(f"{told}; the server is given up, and what it has answered is kept")
                    raise CallError(told)
                await asyncio.sleep(self._pause(attempt, wait, seed))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _pause(self, attempt: int, wanted: float | None, seed: int) -> float:
        """Seconds to wait after an attempt, between a half and all of what doubling has come to."""
        if wanted is not None:
            return min(wanted, 5 * self._server.longest_wait)
        longest = min(self._server.first_wait * 2.0 ** (attempt - 1), self._server.longest_wait)
        return longest * (0.5 + 0.5 * Random(f"{seed}/{attempt}").random())

    async def _once(self, path: str, body: Mapping[str, Any], limit: int) -> Answer:
        import openai

        make = self._client.chat.completions if path.startswith("chat") else self._client.completions
        first = "messages" if path.startswith("chat") else "prompt"
        named = {"model": body["model"], first: body[first]}
        others = {name: value for name, value in body.items() if name not in named}
        headers = {} if self._server.key else {"Authorization": openai.Omit()}
        try:
            async with (
                asyncio.timeout(self._server.timeout),
                make.with_streaming_response.create(**named, extra_body=others, extra_headers=headers) as response,
            ):
                return _parsed(await _body(response, limit))
        except (openai.APITimeoutError, TimeoutError):
            raise _Passing(f"no answer in {self._server.timeout:g} s") from None
        except openai.APIConnectionError as error:
            raise _Passing(f"no connection to {self._server.base_url} ({error.__cause__ or error})") from None
        except openai.APIStatusError as error:
            raise self._failure(error.status_code, error.response.headers, _told(error.body)) from None

    def _failure(self, status: int, headers: Mapping[str, str], told: str) -> Exception:
        """What a status other than success means."""
        said = f"the server said {status}" + (f": {told}" if told else "")
        where = self._server.base_url
        if status in (401, 403):
            hint = "the key is not valid there" if self._server.key else "name the environment variable with the key"
            return InputError(self._shown(said), where=where, hint=hint)
        if status == 404:
            return InputError(self._shown(said), where=where, hint="the address often ends in /v1; is the model right?")
        if status == 429 and "insufficient_quota" in told:
            return InputError(self._shown(said), where=where, hint="the account has no credit left")
        if status in (408, 409, 425, 429) or status >= 500:
            return _Passing(said, _retry_after(headers))
        return CallError(self._shown(said), status)

    def _shown(self, text: str) -> str:
        """A message fit to be seen and stored: one line, not long, and without the key."""
        clean = " ".join(text.split())
        if self._server.key:
            clean = clean.replace(self._server.key, "***")
        return printable(clean, LONGEST_MESSAGE)


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Calls]:
    """Calls of a server. Nothing is sent to it but the key that was named: no other that the environment may hold."""
    import openai

    client = openai.AsyncOpenAI(
        base_url=server.base_url, api_key=server.key or "none", timeout=server.timeout, max_retries=0
    )
    client.organization = client.project = client.admin_api_key = None
    async with client:
        yield Calls(server, client)


def in_background(items: Callable[[], AsyncIterator[Item]]) -> Iterator[Item]:
    """What an asynchronous iterator gives, in a thread with a loop of its own, as it comes.

    An error comes after the items before it. When the caller stops early, so does the iterator.
    """
    queue: SimpleQueue[tuple[Item | None, BaseException | None, bool]] = SimpleQueue()
    loop = asyncio.new_event_loop()

    async def pump() -> None:
        async for item in items():
            queue.put((item, None, False))

    task = loop.create_task(pump())

    def run() -> None:
        error: BaseException | None = None
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as raised:
            error = raised
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            queue.put((None, error, True))

    thread = Thread(target=run, name="calls", daemon=True)
    thread.start()
    try:
        while True:
            item, error, last = queue.get()
            if error is not None:
                raise error
            if last:
                return
            yield item  # type: ignore[misc]  # only the last has none
    finally:
        with suppress(RuntimeError):  # the loop is closed: all was done
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


# --- reading ---------------------------------------------------------------------------------------------------------


async def _body(response: Any, limit: int) -> bytes:
    parts, size = [], 0
    try:
        async for part in response.iter_bytes():
            size += len(part)
            if size > limit:
                raise CallError(f"the answer is longer than {limit} bytes: it was not read")
            parts.append(part)
    except (CallError, TimeoutError):
        raise
    except Exception as error:  # whichever library carries the bytes, and raises its own
        raise _Passing(f"the answer broke off ({type(error).__name__})") from None
    return b"".join(parts)


def _parsed(body: bytes) -> Answer:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise UnusableAnswer("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise UnusableAnswer("the answer is no object")
    return answer


def _told(body: object) -> str:
    """What an error's body says, in whichever of the usual shapes."""
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        said = inner.get("message") or inner.get("detail") if isinstance(inner, Mapping) else inner
        code = inner.get("code") if isinstance(inner, Mapping) else None
        return " ".join(str(part) for part in (said, code) if part)
    return str(body or "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or a date; None where there is none that makes sense."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds < float("inf") else None
