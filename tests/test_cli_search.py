"""Searches with models on the command line: who is asked, and what is said of mistakes."""

import json
import socket

import pytest
from tests.commands import ALTITUDES, Outcome, mistake
from tests.core.fake_server import chat, serving

from maieutic.geometry.text.encoding import vocabulary
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer

NEEDS_A_POINT = "a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"
PROVES_IT = "f = on_pline a c d , on_line d e"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save(build(word_tokenizer(vocabulary()), width=16, layers=1, heads=1, context=128), folder)
    return folder


@pytest.mark.parametrize("search", ["model", "mixed"])
def test_a_search_with_a_model_ends_at_its_number_of_attempts(search, model):
    outcome = Outcome("prove", "morley", "--search", search, "--model", model, "--attempts", 40)
    assert outcome.code == 1
    assert "40 auxiliary constructions" in outcome.out


def test_mixed_finds_the_point_that_is_missing(model):
    outcome = Outcome("prove", NEEDS_A_POINT, "--search", "mixed", "--model", model, "--format", "json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["auxiliary"]


def test_bench_asks_a_model(model, tmp_path):
    path = tmp_path / "one.txt"
    path.write_text(f"one\n{NEEDS_A_POINT}\n", encoding="utf-8")
    records = [
        json.loads(Outcome("bench", path, "--search", search, "--model", model, "--attempts", 300).out.splitlines()[0])
        for search in ("mixed", "mixed")
    ]
    assert records[0]["status"] == "proved"
    assert records[0]["attempts"] == records[1]["attempts"] > 0
    assert records[0]["auxiliary"] == records[1]["auxiliary"]


def test_a_server_is_asked_and_its_unusable_lines_are_counted(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "secret")
    with serving(lambda number, body: chat("Try this:\n" + PROVES_IT)) as server:
        outcome = Outcome(
            *("prove", NEEDS_A_POINT, "--search", "endpoint"),
            *("--endpoint", server.url, "--endpoint-model", "some-model", "--api-key-env", "SOME_KEY"),
        )
    assert outcome.code == 0
    assert "X₁" in outcome.out
    assert outcome.err == "maieutic: of the lines that the model wrote, 1 were points to try, and not 1 malformed\n"
    assert server.bodies[0]["model"] == "some-model"
    assert server.headers[0]["authorization"] == "Bearer secret"


def test_a_server_that_refuses_is_one_line():
    def refused(number, body):
        return 404, {"error": {"message": "no such model"}}, {}

    with serving(refused) as server:
        words = ("--search", "endpoint", "--endpoint", server.url, "--endpoint-model", "m")
        assert "no such model" in mistake("prove", NEEDS_A_POINT, *words)


def test_mistakes_are_one_line(model, tmp_path, monkeypatch):
    def said(*words):
        return mistake("prove", ALTITUDES, *words)

    server = "http://localhost:1/v1"
    assert said("--search", "endpoint") == "--endpoint: not given, but --search endpoint asks a server"
    assert said("--search", "endpoint", "--endpoint", server).startswith("--endpoint-model: not given")
    assert said("--endpoint", server) == "--endpoint: only --search endpoint asks a server"
    assert said("--search", "mixed", "--api-key-env", "KEY").startswith("--api-key-env: only --search endpoint")
    assert said("--search", "heuristic", "--model", model).startswith("--model: only --search model and")
    assert "no such model folder" in said("--search", "model", "--model", tmp_path / "nowhere")
    assert "no model in this folder" in said("--search", "mixed", "--model", tmp_path)
    assert "not an address" in said("--search", "endpoint", "--endpoint", "nowhere", "--endpoint-model", "m")
    monkeypatch.setattr("maieutic.loops.proposers.model.files", lambda package: tmp_path)
    assert "this installation comes without a model" in said("--search", "model")


def test_without_the_lm_extra_a_model_is_one_line_and_the_others_search(monkeypatch):
    monkeypatch.setattr("maieutic.cli.extras.find_spec", lambda name: None)
    for search in ("model", "mixed"):
        said = mistake("prove", NEEDS_A_POINT, "--search", search)
        assert said.startswith("language models need torch")
        assert said.endswith("(pip install 'maieutic[lm]')")
    assert Outcome("prove", NEEDS_A_POINT, "--search", "heuristic").code == 0


def test_bench_without_a_server_records_what_went_wrong(tmp_path, monkeypatch):
    path = tmp_path / "one.txt"
    path.write_text(f"one\n{NEEDS_A_POINT}\n", encoding="utf-8")
    monkeypatch.setattr("maieutic.cli.searching.CALLS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        outcome = Outcome("bench", path, "--search", "endpoint", "--endpoint", url, "--endpoint-model", "m")
    record = json.loads(outcome.out.splitlines()[0])
    assert record["status"] == "error"
    assert "no answer" in record["message"]
