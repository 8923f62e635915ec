"""`maieutic sample`: from a model here or behind an endpoint, into a file."""

import json
from pathlib import Path

import pytest
from tests.commands import Outcome, mistake
from tests.core.fake_server import chat, plain, serving

from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer

PROMPTS = ["a", "b c", "a", "d"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save(build(word_tokenizer(["a", "b", "c", "d"], chat=True), width=16, layers=1, context=64), folder)
    return folder


@pytest.fixture
def prompts(tmp_path):
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS))
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_samples_of_a_local_model(model, prompts, tmp_path):
    out = tmp_path / "out.jsonl"
    words = ["sample", "--model", model, "--prompts", prompts, "--out", out, "-n", 2, "--max-tokens", 6]
    assert Outcome(*words).out == f"8 samples in {out}\n"
    found = lines(out)
    assert {line["model"] for line in found} == {str(model)}
    assert Outcome(*words).out == f"8 samples in {out}, 8 from before\n"
    kept = "".join(json.dumps(line) + "\n" for line in (found[0], found[3], found[7]))
    out.write_text(kept)
    assert Outcome(*words, "--batch-tokens", 1).out == f"8 samples in {out}, 3 from before\n"
    assert lines(out) == found


def test_samples_of_a_conversation(model, prompts, tmp_path):
    out = tmp_path / "out.jsonl"
    assert (
        Outcome("sample", "--model", model, "--prompts", prompts, "--out", out, "--chat", "--temperature", 0).code == 0
    )
    assert lines(out)[1]["prompt"] == [{"role": "user", "content": "b c"}]


def test_samples_of_an_endpoint(prompts, tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "secret")
    out = tmp_path / "out.jsonl"
    with serving(lambda number, body: plain(f"t{number}")) as server:
        outcome = Outcome(
            *("sample", "--endpoint", server.url, "--model", "m", "--prompts", prompts, "--out", out),
            *("--key-env", "SOME_KEY", "--concurrency", 2, "--stop", "x", "--stop", "y", "--top-p", 0.5),
        )
    assert outcome.code == 0
    assert server.headers[0]["authorization"] == "Bearer secret"
    assert "secret" not in out.read_text()
    assert server.bodies[0]["stop"] == ["x", "y"]
    assert sorted(line["completion"] for line in lines(out)) == ["t0", "t1", "t2", "t3"]


def test_failures_are_told_and_the_same_command_tries_them_again(prompts, tmp_path):
    out = tmp_path / "out.jsonl"
    broken = True

    def answer(number, body):
        if broken and body["messages"][0]["content"] == "d":
            return 400, {"error": {"message": "too short"}}, {}
        return chat("ok")

    with serving(answer) as server:
        words = ["sample", "--chat", "--endpoint", server.url, "--model", "m", "--prompts", prompts, "--out", out]
        outcome = Outcome(*words)
        assert outcome.code == 1
        assert "1 prompts failed, the first: prompt 4: the server said 400: too short" in outcome.err
        broken = False
        assert Outcome(*words).out == f"4 samples in {out}, 3 from before\n"


def test_mistakes(model, prompts, tmp_path):
    out = tmp_path / "out.jsonl"
    base = ["sample", "--model", model, "--prompts", prompts, "--out"]
    assert "top-p 0.0 is not in (0, 1]" in mistake(*base, out, "--top-p", 0)
    assert "no such folder" in mistake(*base, tmp_path / "nowhere" / "out.jsonl")
    assert "only an endpoint takes a key" in mistake(*base, out, "--key-env", "KEY")
    assert "SOME_KEY_NOT_SET is not set" in mistake(
        *base, out, "--endpoint", "http://localhost:1/v1", "--key-env", "SOME_KEY_NOT_SET"
    )
    assert "not an address" in mistake(*base, out, "--endpoint", "localhost")
    assert "no such model folder" in mistake("sample", "--model", tmp_path / "x", "--prompts", prompts, "--out", out)
    out.write_text("my notes\n")
    assert "not a sample of this run" in mistake(*base, out)
    assert Path(out).read_text() == "my notes\n"
