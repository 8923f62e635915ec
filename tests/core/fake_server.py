"""A server that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any

Answer = tuple[int, bytes | dict[str, Any], dict[str, str]]
"""Status, body (or what is written as JSON), headers."""


class FakeServer:
    """Answers each call with `answer(number of the call, body)`."""

    def __init__(self, answer: Callable[[int, dict[str, Any]], Answer], port: int = 0) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.at_once = self.most_at_once = 0
        self._answer = answer
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, content, headers = fake._asked(self.path, body, dict(self.headers))
                content = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(content)
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)

    def _asked(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self.headers.append({name.lower(): value for name, value in headers.items()})
            self.paths.append(path)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._answer(number, body)
        finally:
            with self._lock:
                self.at_once -= 1

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def serving(answer: Callable[[int, dict[str, Any]], Answer], port: int = 0) -> Iterator[FakeServer]:
    """The server, for as long as the block lasts."""
    server = FakeServer(answer, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def chat(*texts: str | None, finish: str = "stop", **more: Any) -> Answer:
    """A good answer to a conversation."""
    choices = [{"index": i, "message": {"content": text}, "finish_reason": finish} for i, text in enumerate(texts)]
    return 200, {"choices": choices, "usage": {"prompt_tokens": 5, "completion_tokens": 7}} | more, {}


def plain(*texts: str, finish: str = "stop") -> Answer:
    """A good answer to a plain text."""
    choices = [{"index": i, "text": text, "finish_reason": finish} for i, text in enumerate(texts)]
    return 200, {"choices": choices, "usage": {"prompt_tokens": 5, "completion_tokens": 7}}, {}


def slowly(seconds: float, answer: Answer) -> Answer:
    """The answer, after a while."""
    sleep(seconds)
    return answer
