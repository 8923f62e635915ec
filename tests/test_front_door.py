"""The front door: the public names are listed, typed, told of and cheap; and a session with them works."""

import ast
import inspect
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.loops import letters

import maieutic as m
from maieutic.core.store import read_run

ROOT = Path(__file__).parents[1]
PROVING = ("parse", "problem", "prove", "deduce", "check", "draw")
FUNCTIONS = (*PROVING, "load", "train", "sample", "judge", "improve", "report")
TABLES = ("LOSSES", "JUDGES", "METHODS")


# --- the names -------------------------------------------------------------------------------------------------------


def test_the_namespace_is_the_list():
    assert dir(m) == sorted(m.__all__)
    for name in m.__all__:
        assert getattr(m, name) is not None
    assert {*FUNCTIONS, *TABLES} <= set(m.__all__)


def test_type_checkers_are_told_the_same_names():
    stub = ast.parse((ROOT / "src" / "maieutic" / "__init__.pyi").read_text())
    told = {alias.asname for node in ast.walk(stub) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told | {"__version__"} == set(m.__all__)


def test_the_page_of_docs_tells_of_each():
    page = (ROOT / "docs" / "python.md").read_text()
    missing = [name for name in m.__all__ if name != "__version__" and not re.search(rf"\b{name}\b", page)]
    assert missing == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_typed_and_says_what_it_does(name):
    function = getattr(m, name)
    assert inspect.getdoc(function)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


def test_the_door_costs_nothing_until_it_is_used():
    code = "import maieutic, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name.startswith("maieutic")} == {"maieutic"}
    assert {"numpy", "torch", "numba", "pydantic", "rich"}.isdisjoint(loaded)


# --- geometry --------------------------------------------------------------------------------------------------------

MIDLINE = "a b c = triangle a b c; d = midpoint d a b; e = midpoint e a c ? para d e b c"


def test_a_problem_is_proved_and_the_proof_is_shown_in_every_form():
    attempt = m.prove(MIDLINE)
    assert attempt
    assert attempt.status is m.Status.PROVED
    assert isinstance(attempt.verdict, m.Accepted)
    for form in (attempt.text(), attempt.markdown(), attempt.latex(), attempt.html(), attempt._repr_html_()):
        assert "DE" in form
    assert attempt.svg().startswith("<svg")
    assert attempt.ggb()[:2] == b"PK"
    assert json.loads(attempt.json())["format"] == "maieutic proof 2"
    assert repr(attempt).startswith("<the problem: proved in")


def test_what_is_proved_is_checked_from_the_attempt_and_from_a_file(tmp_path):
    attempt = m.prove(MIDLINE)
    (tmp_path / "proof.json").write_text(attempt.json())
    for proof in (attempt, attempt.proof, tmp_path / "proof.json"):
        checked = m.check(proof, MIDLINE)
        assert checked
        assert checked.text().startswith("accepted: ")
    other = m.check(attempt, "orthocentre")
    assert not other
    assert "another problem" in other.text()


def test_what_is_false_comes_with_a_figure_that_shows_it():
    attempt = m.prove("a b c = triangle a b c ? cong a b a c")
    assert not attempt
    assert attempt.status is m.Status.FALSE
    assert attempt.svg().startswith("<svg")
    assert "false" in attempt.html()
    with pytest.raises(m.ProofError):
        attempt.markdown()
    with pytest.raises(m.InputError, match="no proof to check"):
        m.check(attempt)


def test_conditions_are_told_in_words():
    attempt = m.prove("a b c = triangle; o = circle o a b c; e = cong o e o a, coll e a b ? cong e c b c")
    assert attempt.conditions == ("B = E",)


def test_facts_and_figures_of_a_problem():
    facts = m.deduce(m.parse(MIDLINE, "midline"))
    assert "midline" in repr(facts)
    assert [str(fact) for fact in facts["midp"]] == ["midp d a b", "midp e a c"]
    assert "E is the midpoint of AC" in facts.text()
    drawing = m.draw("orthocentre", seed=3)
    assert set(drawing.points) == set("abch")
    assert drawing._repr_html_() == drawing.svg()
    assert drawing.png()[:4] == b"\x89PNG"


def test_a_search_tells_how_far_it_is_and_ends_when_it_is_asked_to():
    """A parallelogram's fourth vertex with a point of equal angles: the goal needs an auxiliary point."""
    text = "a b c = triangle a b c; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"
    assert m.prove(text, search="heuristic", limits=m.Limits(attempts=200))
    ended = threading.Event()
    ended.set()
    steps = []
    attempt = m.prove(text, search="random", progress=steps.append, cancel=ended.is_set)
    assert attempt.status is m.Status.INTERRUPTED
    with pytest.raises(m.InputError, match="did you mean 'heuristic'"):
        m.prove(text, search="heuristik")


def test_a_mistake_is_an_error_with_its_place():
    with pytest.raises(m.ProblemError, match="line 1, column 5"):
        m.parse("a = triangel a b c")
    with pytest.raises(m.InputError, match="unknown problem 'orthocenter'"):
        m.problem("orthocenter")


# --- post-training ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return letters.make(tmp_path_factory.mktemp("letters"))


def test_a_session_of_training_sampling_and_judging(world, tmp_path):
    prompts = [example["prompt"] for example in map(json.loads, (world / "prompts.jsonl").read_text().splitlines())]
    steps = []
    drawn = m.sample(world / "start", prompts[:2], n=2, max_tokens=4, chat=True, progress=steps.append)
    assert [sample.prompt[0].content for sample in drawn] == [p for p in prompts[:2] for _ in range(2)]
    policy, file = m.load(world / "start"), tmp_path / "samples.jsonl"
    assert drawn == m.sample(policy, prompts[:2], n=2, max_tokens=4, chat=True, out=file)
    assert (steps[0].done, steps[-1].done, steps[-1].total) == (0, 4, 4)

    (tmp_path / "answers.jsonl").write_text(
        "".join(json.dumps({"prompt": "a", "completion": text}) + "\n" for text in ("x", "y z"))
    )
    (tmp_path / "length.py").write_text("def score(prompt, completion):\n    return float(len(completion))\n")
    settings = {"kind": "function", "function": f"{tmp_path / 'length.py'}:score"}
    assert m.judge(tmp_path / "answers.jsonl", tmp_path / "scores.jsonl", settings=settings).verdicts == 2
    assert [json.loads(line)["score"] for line in (tmp_path / "scores.jsonl").read_text().splitlines()] == [1.0, 3.0]

    rows = [{"prompt": "a", "chosen": "b", "rejected": "c"}]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"lora": {"rank": 2}}
    trained = m.train("dpo", world / "start", tmp_path / "pairs.jsonl", tmp_path / "out", settings=settings)
    assert trained.result.steps == 1
    with pytest.raises(m.InputError, match="unknown method 'dop'"):
        m.train("dop", world / "start", tmp_path / "pairs.jsonl", tmp_path / "other")


def test_a_run_is_cancelled_goes_on_and_is_told_as_a_page(world, tmp_path):
    config = letters.config_of("spin", rounds=1, evaluation={})
    left = iter(range(3))

    def tired() -> bool:
        return next(left, None) is None

    with pytest.raises(m.Cancelled):
        m.improve(config, tmp_path / "run", base=world, cancel=tired)
    steps = []
    output = m.improve(config, tmp_path / "run", base=world, progress=steps.append)
    assert output["policies"] == ["round-01/policy/model"]
    assert all(stage.finished for stage in read_run(tmp_path / "run").stages())
    assert {step.work for step in steps} >= {"Round 1: pairs", "Training"}
    assert "<html" in m.report(tmp_path / "run")
