"""A judge behind a real server, `transformers serve` on loopback, that dies in the middle of a round.

Between the run and the server stands a proxy that counts: what was asked, and which replies were handed on whole.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.commands import Outcome
from tests.core.fake_server import chat
from tests.core.fake_server import serving as annotating
from tests.lm.test_server import RealServer
from tests.loops.letters import EXAMPLES, config_of, make

from maieutic.core.datasets import write_records
from maieutic.core.records import Example, PreferencePair, Score
from maieutic.core.store import read_run
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.loops.improve import improve

pytestmark = pytest.mark.slow

CONCURRENCY = 3
PATIENT = {"attempts": 200, "longest_wait": 0.5, "timeout": 60.0, "concurrency": CONCURRENCY}


class Proxy:
    """Hands calls on to a server, and its answers back; answers 503 where the server is not there.

    Attributes:
        reached: how often the server was sent each body.
        answered: how often a whole answer to it was handed back.
        replied: called with the number of answers so far.
    """

    def __init__(self, port: int, replied=lambda count: None) -> None:
        self.reached: Counter[bytes] = Counter()
        self.answered: Counter[bytes] = Counter()
        self.replied = replied
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, content = proxy.pass_on(port, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                if status == 200:
                    with proxy.lock:
                        proxy.answered[body] += 1
                        count = proxy.answered.total()
                    proxy.replied(count)

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def pass_on(self, port: int, path: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
        except OSError:
            return 503, b"{}"
        with self.lock:
            self.reached[body] += 1
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 503, b"{}"
        finally:
            connection.close()


@contextmanager
def between(port, replied=lambda count: None):
    proxy = Proxy(port, replied)
    thread = threading.Thread(target=lambda: proxy.server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()


@contextmanager
def serving(model, log):
    if not Path(sys.executable).with_name("transformers").is_file():
        pytest.skip("transformers is installed without its command")
    server = RealServer(model, log)
    server.start()
    try:
        if not server.wait():
            pytest.skip(f"transformers serve did not start: {log.read_text(errors='replace')[-300:]}")
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make(tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def long_model(tmp_path_factory):
    """A model that knows nothing, but reads whole rubrics."""
    folder = tmp_path_factory.mktemp("served") / "model"
    policy = build(word_tokenizer(["a", "b", "c", "question", "Score:"], chat=True), width=16, layers=1, context=8192)
    save(policy, folder)
    return folder


def test_what_a_judge_answered_before_its_death_is_not_asked_again(world, tmp_path):
    prompts, samples = 8, 2
    with serving(world / "start", tmp_path / "log") as server:
        restart = threading.Timer(0.5, server.start)

        def die(count):
            if count == 5:
                server.kill()
                restart.start()

        with between(server.port, die) as proxy:
            model = {"endpoint": proxy.url, "name": str(world / "start"), **PATIENT}
            judge = {"kind": "model", "rubric": "rubric.toml", "draws": 1, "retries": 0, "model": model}
            judge["sampling"] = {"max_tokens": 20}
            asked = {"path": "prompts.jsonl", "per_round": prompts}
            config = config_of("online_dpo", rounds=1, judge=judge, prompts=asked, block=prompts, evaluation={})
            improve(config, world, tmp_path / "run")
        assert restart.finished.is_set()
        distinct = len(proxy.reached)
        assert proxy.answered == Counter(dict.fromkeys(proxy.reached, 1)), "an answer was given twice, or not at all"
        assert proxy.reached.total() - distinct <= CONCURRENCY
        assert distinct <= prompts * samples
    stage = read_run(tmp_path / "run").made(1, "judgements")
    assert len(stage.records(Score)) == prompts * samples == stage.counts["answers"]
    assert stage.counts["failed"] == 0


# --- the configurations for real models ------------------------------------------------------------------------------


def settings(**values):
    return [
        word for key, value in values.items() for word in ("--set", f"{key.replace('__', '.')}={json.dumps(value)}")
    ]


def small(folder):
    """The files that the configurations name, with few prompts."""
    asked = [Example(f"question {'a b c'[k % 5 :]} {k}", "a b") for k in range(12)]
    for name in ("prompts", "ift", "eft", "evaluation"):
        write_records(folder / f"{name}.jsonl", asked)


def test_dno_on_a_hugging_face_model_with_a_real_server_as_teacher(long_model, tmp_path, monkeypatch):
    """The annotator, on a server of its own, gives the first response shown 6 points, and the others 1."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    small(tmp_path)
    (tmp_path / "dno.toml").write_bytes((EXAMPLES / "dno_hf.toml").read_bytes())
    scores = {label: {"justification": "", "score": 6 if label == "A" else 1} for label in "ABCDEF"}
    with (
        serving(long_model, tmp_path / "log") as server,
        annotating(lambda number, body: chat(json.dumps(scores))) as annotator,
    ):
        there = {"endpoint": server.url, "name": str(long_model), **PATIENT}
        words = settings(
            policy__path=str(long_model),
            prompts__per_round=2,
            rounds=1,
            sampling__max_tokens=4,
            training__bf16=False,
            evaluation__count=2,
            judge__model__endpoint=annotator.url,
            **{
                f"{who}__{key}": value
                for who in ("teacher", "evaluation__judge__model")
                for key, value in there.items()
            },
        )
        done = Outcome("improve", tmp_path / "dno.toml", "--out", tmp_path / "run", *words)
    assert (done.code, done.err) == (0, "")
    assert len(annotator.bodies) == 2
    run = read_run(tmp_path / "run")
    assert run.made(1, "teacher").counts["samples"] == 2
    assert run.made(1, "judgements").counts["unparsable"] == 0
    pairs = run.made(1, "pairs").records(PreferencePair)
    assert 2 <= len(pairs) <= 10
    assert {pair.margin for pair in pairs} == {5.0}
    assert run.made(1, "policy").counts["learned_from"] == len(pairs)


def test_self_rewarding_on_a_hugging_face_model_compared_by_a_real_server(world, long_model, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    small(tmp_path)
    (tmp_path / "sr.toml").write_bytes((EXAMPLES / "self_rewarding_hf.toml").read_bytes())
    with serving(long_model, tmp_path / "log") as server:
        there = {"endpoint": server.url, "name": str(long_model), **PATIENT}
        words = settings(
            policy__path=str(long_model),
            rounds=1,
            prompts__per_round=3,
            prompts__create=1,
            prompts__creator__path=str(long_model),
            sampling__max_tokens=4,
            judge__sampling__max_tokens=4,
            judge__retries=0,
            start__training__bf16=False,
            training__bf16=False,
            evaluation__count=2,
            early_stopping__prompts=2,
            **{f"evaluation__judge__model__{key}": value for key, value in there.items()},
        )
        done = Outcome("improve", tmp_path / "sr.toml", "--out", tmp_path / "run", *words)
    assert (done.code, done.err) == (0, "")
    run = read_run(tmp_path / "run")
    assert run.made(0, "start").counts["imitated"] == 24
    assert run.made(1, "prompts").counts["created"]["kept"] == 1
    assert run.made(1, "judgements").counts["answers"] == (3 + 1) * 4 * 3
    assert 0 <= run.made(1, "evaluation").counts["against_start"]["rate"]["value"] <= 1
