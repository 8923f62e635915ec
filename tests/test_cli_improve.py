"""`maieutic improve`, `runs`, `show`, `judge`, `compare`: what they print, and one line for whatever is wrong."""

import gc
import json
import subprocess
import sys

import pytest
from tests.commands import Outcome, mistake
from tests.core.fake_server import chat, serving
from tests.loops.letters import METHODS_HERE, config_of, make

from maieutic.core.judgements import JudgementCache
from maieutic.core.store import read_run
from maieutic.lm.model import load
from maieutic.loops.improve import improve
from maieutic.loops.instructions.world import Instructions
from maieutic.loops.rounds.config import method_of
from maieutic.loops.rounds.planner import parameters
from maieutic.loops.rounds.show import follow

SPIN = """
method = "spin"
rounds = 1
policy = { path = "start" }
prompts = { path = "prompts.jsonl", per_round = 3 }
sampling = { max_tokens = 4 }
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make(tmp_path_factory.mktemp("letters"))


@pytest.fixture
def place(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("start", "prompts.jsonl", "evaluation.jsonl", "instructions.jsonl", "world.py", "rubric.toml"):
        (tmp_path / name).symlink_to(world / name)
    (tmp_path / "spin.toml").write_text(SPIN)
    return tmp_path


# --- improve, runs, show ---------------------------------------------------------------------------------------------


def test_a_run_and_what_is_told_of_it(place):
    done = Outcome("improve", "spin.toml")
    assert (done.code, done.out, done.err) == (0, "runs/spin/round-01/policy/model (the last)\n", "")
    assert Outcome("runs").out.split() == ["spin", "spin", "finished"]
    shown = Outcome("show", "runs/spin").out.splitlines()
    assert [line.split()[2] for line in shown[1:]] == ["start", "prompts", "samples", "teacher", "pairs", "policy"]
    assert Outcome("show", "runs/spin", "--follow").out.splitlines() == shown
    told = json.loads(Outcome("show", "runs/spin", "--json").out)
    assert told["rounds"]["1"]["samples"]["samples"] == 3
    assert told["output"]["policies"] == ["round-01/policy/model"]
    assert Outcome("improve", "spin.toml").out == done.out


def test_a_run_at_work_is_followed_until_it_is_finished(place):
    Outcome("improve", "spin.toml", "--out", "run")
    output = (place / "run" / "output.json").read_bytes()
    (place / "run" / "output.json").unlink()
    manifest = place / "run" / "round-01" / "policy" / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    training = place / "run" / "round-01" / "policy" / ".training"
    training.mkdir()
    looks = []

    def pause():
        looks.append(len(looks))
        if len(looks) == 1:
            (training / "metrics.jsonl").write_text("{}\n{}\n")
        if len(looks) == 2:
            manifest.write_bytes(content)
            (place / "run" / "output.json").write_bytes(output)

    lines = list(follow(read_run(place / "run"), pause))
    assert looks == [0, 1]
    assert [line.split("policy")[1].split("learned")[0].strip() for line in lines if "  policy " in line] == [
        "in progress",
        "in progress, 2 steps",
        "first_loss 0.693,",
    ]


def test_the_same_command_with_other_settings_is_refused(place):
    Outcome("improve", "spin.toml", "--out", "run")
    told = mistake("improve", "spin.toml", "--out", "run", "--set", "training.learning_rate=1e-5")
    assert told == "run: begun with other settings: training.learning_rate (choose another folder)"


def test_a_folder_without_runs(place):
    assert mistake("runs").startswith("runs: no runs here")
    assert mistake("show", "start").startswith("start: no run")


# --- a dry run -------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_be_asked_and_what_it_costs(place):
    """By hand: 3 prompts of an answer of 4 tokens; a judge with 2 draws of 10 tokens, 2 money a million written."""
    words = [
        *("method=online_dpo", "judge.kind=model", "judge.draws=2", "judge.sampling.max_tokens=10"),
        *("judge.model.endpoint=http://localhost:1/v1", "judge.model.name=big", "judge.model.output_price=1e6"),
    ]
    sets = [word for setting in words for word in ("--set", setting)]
    lines = Outcome("improve", "spin.toml", "--dry-run", *sets).out.splitlines()
    rows = {line.split()[1]: line for line in lines if line.startswith("1 ")}
    assert rows["samples"].split()[4:] == ["6", *rows["samples"].split()[5:6], "24", "-"]
    assert rows["judgements"].split()[2:5] == ["model:", "big", "12"]
    assert rows["judgements"].split()[-2:] == ["120", "120.00"]
    assert not (place / "runs").exists()


def test_a_dry_run_loads_no_torch(place):
    code = (
        "import sys; from maieutic.cli import app; sys.argv = ['maieutic', 'improve', 'spin.toml', '--dry-run']\n"
        "try:\n    app()\nexcept SystemExit as end:\n    sys.exit(end.code or ('torch' in sys.modules) * 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_weights_are_counted_from_the_files_headers(world):
    assert parameters(world / "start") == sum(value.numel() for value in load(world / "start").model.parameters())
    assert parameters("owner/model") is None


@pytest.mark.parametrize(
    ("method", "copies", "told"),
    [
        ("dno", 4, "AdamW's averages)"),
        ("online_dpo", 5, "AdamW's averages, the reference)"),
        ("rlhf", 6, "AdamW's averages, the reference and the reward model)"),
    ],
)
def test_memory_is_four_copies_of_the_weights_and_one_for_each_model_beside(world, method, copies, told):
    config = config_of(method)
    with JudgementCache() as cache:
        lines = list(Instructions(config, world, cache).plan(method_of(config)).memory())
    mebibytes = copies * 4 * parameters(world / "start") / 2**20
    assert f"training   {mebibytes:.1f} MiB (weights, gradients, {told}" in lines[1]


@pytest.mark.parametrize("method", METHODS_HERE)
def test_the_plan_counts_what_a_run_then_does(world, tmp_path, method):
    config = config_of(method, rounds=2)
    improve(config, world, tmp_path / "run")
    run = read_run(tmp_path / "run")
    with JudgementCache() as cache:
        planner = Instructions(config, world, cache).plan(method_of(config))
        for number in (1, 2):
            works = list(planner.round(number))
            planned = {work.stage: work.calls for work in works[::-1]}
            done = {stage.name: stage.counts for stage in run.stages() if stage.round == number}
            for stage, counted in (("samples", "samples"), ("teacher", "samples")):
                if stage in done and method != "spin":
                    assert planned[stage] == done[stage][counted]
            if "judgements" in done:
                counts = done["judgements"]  # what cannot be read is asked once more
                assert planned["judgements"] == counts["answers"] or counts["unparsable"] > 0
            if "pairs" in done:
                assert planned["policy"] >= done["pairs"]["chosen"]
            answered = run.made(number, "evaluation").folder.glob("records-*.jsonl")
            drawn = sum(path.read_text().count("\n") for path in answered)
            assert planned["evaluation"] == drawn - (0 if number == 1 else 2 * config.evaluation.count)


# --- mistakes --------------------------------------------------------------------------------------------------------

ENDPOINT = "http://localhost:1/v1"
KEYED = [f"judge.model.endpoint={ENDPOINT}", "judge.model.name=m", "judge.model.api_key_env=NO_SUCH_KEY"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["mehtod=spin"], "--set mehtod=spin: unknown key 'mehtod' (did you mean 'method'?)"),
        (["method=spinn"], "method: unknown method 'spinn' (did you mean 'spin'?)"),
        (["rounds=two"], "--set rounds=two: rounds = 'two': should be a valid integer"),
        (["policy.path=none"], "policy.path: no such model folder: none"),
        (["policy.path=runs"], "policy.path: no such model folder: runs"),
        (["policy.path=."], "policy.path: no model in this folder"),
        (["prompts.path=none.jsonl"], "none.jsonl: cannot read"),
        (["prompts.path=world.py"], "world.py, line 1: not JSON"),
        (["prompts.per_round=100"], "prompts.jsonl: 48 prompts, and 1 rounds of 100 are wanted"),
        (["prompts.per_round=0"], "prompts.per_round: no prompts at all"),
        (["prompts.create=2"], "prompts.create: the data has no answers to created prompts"),
        (["training.learning_rat=1"], "training: unknown key 'learning_rat' (did you mean 'learning_rate'?)"),
        (["training.eta=1.0"], "training.eta: the loss spin has no parameter 'eta' (it has beta)"),
        (["training.seed=1"], "training.seed: training is seeded by the run"),
        (["start.training.loss=dpo"], "start.training.loss: dpo learns from pairs, not examples"),
        (["training.loss=sft"], "training.loss: sft learns from examples, not pairs"),
        (["policy.dtype=bfloat16"], "policy.dtype: weights in bfloat16 would round most steps away"),
        (["row.selectr=x"], "row: unknown key 'selectr' (did you mean 'selector'?)"),
        (["row.selector=best_wurst"], "row.selector: unknown selector 'best_wurst' (did you mean 'best_worst'?)"),
        (["row.selector=best_worst"], "row.judge: best_worst selects by verdicts, and nobody judges"),
        (["row.selection.margin=1"], "row.selection: unknown setting of data_vs_own 'margin'"),
        (["row.split=1"], "row.split: 1: should be a valid boolean"),
        (["row.candidates={polcy=1}"], "row.candidates: unknown writer 'polcy' (did you mean 'policy'?)"),
        (["row.candidates={policy=0}"], "row.candidates.policy: 0 candidates"),
        (["row.candidates={data=1}"], "row.candidates: a pair needs two candidates"),
        (["row.trainer=ppo"], "row.start: PPO needs a reward model"),
        (["evaluation.path=evaluation.jsonl"], "evaluation.judge.kind: nobody is there to compare policies"),
        (["early_stopping.every=1"], "evaluation.path: early stopping needs prompts to compare on"),
        (["keep_weights=last", "row.output=mixture"], "keep_weights: a mixture needs the weights of all rounds"),
        (["start.judging=instructions.jsonl"], "start.judging: spin does not learn to judge"),
        (["method=dno"], "teacher: dno needs a teacher"),
        (
            ["method=dno", "teacher.path=start", "teacher.function=f.py:g"],
            "path and function are given: a model is one",
        ),
        (["method=dno", "teacher.function=world.py:techer"], "no function 'techer' (did you mean 'teacher'?)"),
        (["method=dno", f"teacher.endpoint={ENDPOINT}"], "teacher"),
        (["method=online_dpo", "judge.kind=modle"], "judge.kind: unknown judge 'modle' (did you mean 'model'?)"),
        (["method=online_dpo", "judge.kind=model"], "judge.model: another model judges, and none is named"),
        (["method=online_dpo", "judge.kind=human"], "judge.kind: a person judges with `maieutic compare`"),
        (["method=online_dpo", "judge.kind=function"], "judge.function: the judge is a function, and none is named"),
        (["method=online_dpo", "judge.kind=reward"], "judge.model.path: a reward judge needs the folder"),
        (["method=online_dpo", "judge.kind=function", "judge.function=world.py:words"], "world.py:words"),
        (["method=online_dpo", "judge.kind=self", "judge.rubric=pairwise"], "judge 'self': the rubric 'pairwise'"),
        (["method=online_dpo", "judge.kind=self", "judge.rubric=non.toml"], "judge.rubric: no rubric 'non.toml'"),
        (["method=dno_exact", "judge.kind=self"], "judge.kind: win rates need a judge that compares, and self scores"),
        (
            ["method=online_dpo", "judge.kind=model", *KEYED],
            "judge.model.api_key_env: the environment variable NO_SUCH_KEY is not set",
        ),
        (
            ["method=self_rewarding", "start.instructions=instructions.jsonl"],
            "start.judging: self_rewarding trains the judge too",
        ),
        (["method=rlhf", "judge.kind=self", "training.beta=0.1"], "training: unknown key 'beta'"),
        (["method=rlhf", "judge.kind=self", "early_stopping.every=1"], "early_stopping: PPO is not stopped early"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_begun(place, settings, told):
    words = [word for setting in settings for word in ("--set", setting)]
    assert told in mistake("improve", "spin.toml", *words, "--dry-run")
    assert told in mistake("improve", "spin.toml", *words)
    assert not (place / "runs").exists()


# --- judge -----------------------------------------------------------------------------------------------------------

ANSWERS = [("x", "short"), ("x", "a longer one"), ("y", "yes"), ("y", "no")]


@pytest.fixture
def answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"prompt": prompt, "completion": text}) + "\n" for prompt, text in ANSWERS]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    (tmp_path / "f.py").write_text(
        "def length(prompt, completion):\n    return len(completion)\n\n"
        "def longer(prompt, left, right):\n    return float(len(left) > len(right))\n"
    )
    return tmp_path


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_answers_are_scored(answers):
    done = Outcome("judge", "a.jsonl", "--out", "s.jsonl", "--kind", "function", "--function", "f.py:length")
    assert done.out == "4 verdicts in s.jsonl, 0.0% of them without a value\n"
    found = [(row["prompt"], row["completion"], row["score"]) for row in rows(answers / "s.jsonl")]
    assert found == [(prompt, text, float(len(text))) for prompt, text in ANSWERS]


def test_answers_are_compared(answers):
    Outcome("judge", "a.jsonl", "--out", "c.jsonl", "--kind", "function", "--function", "f.py:longer")
    assert [(row["left"], row["right"], row["p_left"]) for row in rows(answers / "c.jsonl")] == [
        ("short", "a longer one", 0.0),
        ("yes", "no", 1.0),
    ]


def test_a_judge_that_fails_is_asked_for_the_rest_by_the_same_command(answers):
    """Of four answers two are refused for good; the next time only these are asked for."""

    def refusing(number, body):
        return chat(f"Good.\nScore: {number}") if number < 2 else (400, {"error": {"message": "too long"}}, {})

    command = (
        "judge",
        "a.jsonl",
        "--out",
        "s.jsonl",
        "--model",
        "m",
        "--set",
        "draws=1",
        "--set",
        "model.concurrency=1",
    )
    with serving(refusing) as server:
        failed = Outcome(*command, "--endpoint", server.url)
        assert failed.code == 1
        assert "did not answer 1 of 2 questions" in failed.err
        assert not (answers / "s.jsonl").exists()
    gc.collect()  # what the error holds, an SQLite connection among it, goes in the thread that it belongs to
    with serving(lambda number, body: chat("Fine.\nScore: 5")) as server:
        assert Outcome(*command, "--endpoint", server.url).code == 0
        assert len(server.bodies) == 2
    assert [row["score"] for row in rows(answers / "s.jsonl")] == [0.0, 1.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--kind", "modle"], "kind: unknown judge 'modle' (did you mean 'model'?)"),
        (["--kind", "function"], "function: the judge is a function, and none is named"),
        (["--kind", "listwise"], "model: no model judges"),
        ([], "model: another model judges, and none is named"),
        (["--kind", "function", "--function", "g.py:f"], "no such Python file"),
        (["--set", "drws=1"], "--set drws=1: unknown key 'drws' (did you mean 'draws'?)"),
    ],
)
def test_a_mistake_of_who_judges_is_one_line(answers, words, told):
    assert told in mistake("judge", "a.jsonl", "--out", "s.jsonl", *words)


# --- compare ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        lines = [json.dumps({"prompt": f"question {k}", "completion": f"{name} {k}"}) + "\n" for k in range(3)]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    return tmp_path


def compared(monkeypatch, *said):
    """The command, with a person who says these things."""
    keys = iter(said)

    def read(prompt=""):
        try:
            return next(keys)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    return Outcome("compare", "one.jsonl", "two.jsonl", "--out", "c.jsonl")


def test_a_person_stops_and_goes_on_after_what_was_answered(two, monkeypatch):
    stopped = compared(monkeypatch, "what?", "1", "q")
    assert stopped.code == 130
    assert stopped.err.endswith(
        "interrupted: what you answered is in one-two.answers; the same command goes on with it\n"
    )
    assert "question 0" in stopped.err
    assert "one.jsonl" not in stopped.err.partition("interrupted")[0]
    done = compared(monkeypatch, "=", "s")
    assert done.code == 0
    assert "question 0" not in done.err
    assert "1 prompts were left open" in done.out
    values = [row["p_left"] for row in rows(two / "c.jsonl")]
    assert values[0] in (0.0, 1.0)
    assert values[1:] == [0.5, None]


def test_without_an_end_of_the_input_it_goes_on_later(two, monkeypatch):
    assert compared(monkeypatch, "1").code == 130


def test_files_without_a_common_prompt(two):
    (two / "two.jsonl").write_text('{"prompt": "other", "completion": "z"}\n')
    assert mistake("compare", "one.jsonl", "two.jsonl").startswith("two.jsonl: no prompt in common with one.jsonl")
