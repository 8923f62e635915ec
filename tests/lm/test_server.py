"""Sampling through a real server, `transformers serve` on loopback, which is killed and started again on the way."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.commands import Outcome

from maieutic.core.endpoint import Endpoint
from maieutic.core.generate import Request, Sampling
from maieutic.core.records import Message
from maieutic.lm.model import Policy, build, save
from maieutic.lm.sampling.sample import Sampler
from maieutic.lm.tokens import word_tokenizer

pytestmark = pytest.mark.slow

PATIENCE = 30.0
"""Seconds that a server may take to start; on a machine at rest it needs five."""

WORDS = ["a", "b", "c", "d", "e", "f", "g", "h"]
CONCURRENCY = 3


class RealServer:
    """`transformers serve` with one model, in a process of its own."""

    def __init__(self, folder: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.log = folder, log
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = Path(sys.executable).with_name("transformers")
        command = [program, "serve", self.folder, "--host", "127.0.0.1", "--port", str(self.port), "--device", "cpu"]
        quiet = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdout=log, stderr=log, env=os.environ | quiet, start_new_session=True
            )

    def wait(self) -> bool:
        """Whether it answers within its patience."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2):
                    return True
            except (URLError, OSError):
                time.sleep(0.1)
        return False

    def kill(self) -> None:
        """At once, as a machine that fails does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def answered(self) -> int:
        """Calls that it has answered, in all its lives."""
        return len(re.findall(r"POST /v1/\S+ HTTP/1.1\" 200", self.log.read_text(errors="replace")))


@pytest.fixture(scope="module")
def policy() -> Policy:
    policy = build(word_tokenizer(WORDS, chat=True), width=16, layers=1, seed=1, context=64)
    policy.model.generation_config.do_sample = True  # a server samples only from a model that says so
    policy.model.generation_config.top_k = 0  # and not from its 50 likeliest tokens
    return policy


@pytest.fixture(scope="module")
def server(policy, tmp_path_factory):
    if not Path(sys.executable).with_name("transformers").is_file():
        pytest.skip("transformers is installed without its command")
    folder = tmp_path_factory.mktemp("served")
    save(policy, folder / "model")
    server = RealServer(folder / "model", folder / "log")
    server.start()
    try:
        if not server.wait():
            pytest.skip(f"transformers serve did not start: {server.log.read_text(errors='replace')[-300:]}")
        yield server
    finally:
        server.kill()


def endpoint(server, **options):
    patience = {"first_wait": 0.1, "longest_wait": 0.5, "attempts": 100, "timeout": 20.0}
    return Endpoint(server.url, str(server.folder), concurrency=CONCURRENCY, **patience | options)


def ask(number):
    words = WORDS[: 1 + number % 5]
    return (Message("user", " ".join(words)),) if number % 2 else " ".join(words)


def test_a_greedy_completion_of_the_server_is_that_of_the_sampler(server, policy):
    requests = [Request(ask(number)) for number in range(10)]
    sampling = Sampling(temperature=0, max_tokens=6)
    here = {reply.index: reply.generated[0] for reply in Sampler(policy).generate(requests, sampling)}
    for reply in endpoint(server).generate(requests, sampling):
        there = reply.generated[0]
        assert there.text.split() == here[reply.index].text.split()
        assert there.tokens == here[reply.index].tokens


def test_sampling_survives_the_death_of_its_server_and_loses_nothing(server):
    requests = [Request(ask(number), n=2, seed=number) for number in range(24)]
    before = server.answered()
    found = []
    restart = threading.Timer(0.5, server.start)
    try:
        for reply in endpoint(server).generate(requests, Sampling(max_tokens=6)):
            found.append(reply)
            if len(found) == 8:
                server.kill()
                restart.start()
    finally:
        if restart.is_alive():
            restart.join()
    assert sorted(reply.index for reply in found) == list(range(24))
    assert all(reply.error is None for reply in found)
    assert [[g.number for g in reply.generated] for reply in found] == [[0, 1]] * 24
    assert len({generated.text for reply in found for generated in reply.generated}) > 20
    # Every completion was answered once; only what was in flight at the death may have been answered twice.
    assert 48 <= server.answered() - before <= 48 + CONCURRENCY


def test_the_command_samples_from_it_into_a_file(server, tmp_path):
    prompts, out = tmp_path / "prompts.jsonl", tmp_path / "samples.jsonl"
    prompts.write_text("".join(json.dumps({"prompt": f"a {word}"}) + "\n" for word in WORDS))
    words = ["sample", "--endpoint", server.url, "--model", server.folder, "--prompts", prompts, "--out", out]
    assert Outcome(*words, "--chat", "-n", 2, "--max-tokens", 5).out == f"16 samples in {out}\n"
    content = out.read_bytes()
    answered = server.answered()
    assert Outcome(*words, "--chat", "-n", 2, "--max-tokens", 5).out == f"16 samples in {out}, 16 from before\n"
    assert out.read_bytes() == content
    assert server.answered() == answered


def test_a_model_that_the_server_does_not_have_is_an_error_with_its_words(server):
    (reply,) = Endpoint(server.url, "another", attempts=2).generate([Request("a")], Sampling())
    assert "pinned to" in reply.error
