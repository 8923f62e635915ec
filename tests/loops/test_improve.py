"""The loop: every method runs from end to end, to the records that it should, and what it does with them is its row."""

import gc
import json
import math
import os
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.core.fake_server import chat, serving
from tests.loops.letters import EASY, TEACHER, config_of, make

from maieutic.align.judges.prompts import Creation
from maieutic.align.judges.questions import Answer, Question, comparison, write_raw
from maieutic.align.methods import METHODS
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import read_lines
from maieutic.core.generate import Reply
from maieutic.core.records import Comparison, Example, PreferencePair, Sample, Score, from_json
from maieutic.core.store import read_run
from maieutic.lm.losses import LOSSES
from maieutic.lm.model import fingerprint, load
from maieutic.loops.improve import improve
from maieutic.loops.instructions import examination
from maieutic.loops.instructions import prompts as asking
from maieutic.loops.rounds import outcome, stages
from maieutic.loops.rounds.config import method_of
from maieutic.loops.rounds.participants import FunctionWriter

GOLDEN = Path(__file__).parents[1] / "golden" / "improve"
UPDATE = "MAIEUTIC_UPDATE_GOLDEN" in os.environ


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make(tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def finished(world, tmp_path_factory):
    """A method's finished run, made once."""
    runs = {}

    def run(method):
        if method not in runs:
            runs[method] = tmp_path_factory.mktemp(method) / "run"
            improve(config_of(method), world, runs[method])
        return read_run(runs[method])

    return run


def stage_of(run, round_, name):
    return run.made(round_, name)


every_method = pytest.mark.parametrize("method", METHODS)


# --- each method -----------------------------------------------------------------------------------------------------


@every_method
def test_a_method_runs_through_the_stages_of_its_row(finished, method):
    row, run = METHODS[method], finished(method)
    made = [stage.name for stage in run.stages() if stage.round == 2]
    drawn = {"teacher", "data"} & set(row.candidates)
    expected = {
        *("prompts", "policy", "evaluation"),
        *(("samples", "pairs") if row.trainer == "fit" else ()),
        *(("teacher",) if drawn else ()),
        *(("judgements",) if row.judge and row.trainer == "fit" else ()),
    }
    assert set(made) == expected
    for stage in run.stages():
        stage.verify()
    for number in (1, 2):
        assert (run.folder / f"round-0{number}" / "policy" / "model" / "config.json").is_file()


@every_method
def test_a_prompt_gets_the_candidates_of_the_row(finished, method):
    row, run = METHODS[method], finished(method)
    if row.trainer == "ppo":
        return
    for question in stages.every_sample(
        stage_of(run, 2, "prompts"),
        stage_of(run, 2, "samples"),
        *([stage_of(run, 2, "teacher")] if {"teacher", "data"} & set(row.candidates) else []),
    ):
        who = [sample.model.partition(" ")[0] for sample in question.samples]
        assert {name: who.count(name) for name in row.candidates} == dict(row.candidates)
        assert len({sample.id for sample in question.samples}) == sum(row.candidates.values())


@every_method
def test_the_first_loss_of_a_round_on_pairs_is_ln_2(finished, method):
    """The policy is its own reference when it begins; DNO's soft labels make the first loss ln 2 too."""
    row, run = METHODS[method], finished(method)
    if row.trainer == "fit" and LOSSES[row.loss].kind == "pairs":
        assert stage_of(run, 1, "policy").counts["first_loss"] == pytest.approx(math.log(2), abs=1e-5)
        if row.reference == "round" or row.initialise == "first":
            assert stage_of(run, 2, "policy").counts["first_loss"] == pytest.approx(math.log(2), abs=1e-5)


def test_a_reference_that_stays_is_not_the_second_rounds_start(finished):
    assert METHODS["online_dpo"].reference == "first"
    assert abs(stage_of(finished("online_dpo"), 2, "policy").counts["first_loss"] - math.log(2)) > 1e-4


@every_method
def test_rounds_share_no_prompts_where_the_row_splits_them(finished, method):
    run = finished(method)
    one, two = ({e.prompt for e in stage_of(run, n, "prompts").records(Example)} for n in (1, 2))
    assert (one & two == set()) if METHODS[method].split else (one == two)


def test_what_comes_out(finished):
    def output(method):
        return json.loads((finished(method).folder / "output.json").read_text())["policies"]

    assert output("spin") == ["round-02/policy/model"]
    assert output("dno_exact") == ["round-00/start/model", "round-01/policy/model", "round-02/policy/model"]
    rates = [stage_of(finished("dno"), n, "evaluation").counts["against_start"]["rate"]["value"] for n in (1, 2)]
    best = max([(0.5, 0), *((rate, -number) for number, rate in enumerate(rates, 1))])[1]
    assert output("dno") == ["round-00/start/model" if best == 0 else f"round-0{-best}/policy/model"]


@dataclass(frozen=True)
class Measured:
    """An evaluation, as far as the outcome looks at it."""

    rate: float | None

    @property
    def counts(self):
        return {"against_start": {"rate": {"value": self.rate}}}


@pytest.mark.parametrize(
    ("rates", "best"),
    [([0.6, 0.7, 0.65], 2), ([0.7, 0.7], 1), ([0.4, 0.5], 0), ([None, 0.6], 2), ([None], 0)],
)
def test_the_best_round_wins_most_against_the_start_the_first_of_equals(rates, best):
    assert outcome.best([Measured(rate) for rate in rates])[0] == best


def test_the_weights_of_the_best_round_are_kept_too(tmp_path):
    policies = [tmp_path / str(number) for number in range(6)]
    for folder in policies:
        folder.mkdir()
    measured = [Measured(rate) for rate in (0.6, 0.8, 0.7, 0.55, 0.5)]
    outcome.forget(METHODS["dno"], policies, measured)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["0", "2", "4", "5"]
    outcome.forget(METHODS["dno_exact"], policies[:1], measured[:0])
    assert policies[0].exists()


# --- golden runs -----------------------------------------------------------------------------------------------------


NAMES = {"model", "sample", "left", "right", "judge"}
"""Columns with names of models, which tell their weights to the last digit: those are another machine's own."""


def told(run):
    """A run in few lines: of each stage its whole numbers and a hash of its records; the first pair, or ranking."""
    found = {}
    for stage in run.stages():
        lines = [line for path in sorted(stage.folder.glob("records-*.jsonl")) for line in read_lines(path)]
        rows = [{name: value for name, value in line.items() if name not in NAMES} for line in lines]
        digest = {"records": sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]} if rows else {}
        found[f"{stage.round} {stage.name}"] = digest | {k: v for k, v in stage.counts.items() if isinstance(v, int)}
        if stage.name in ("pairs", "start") and rows and "example" not in found:
            found["example"] = rows[0]
    return found


SAMPLED = {"records", "example", "cut", "answers", "chosen", "unjudged", "learned_from", "steps", "rankings"}
"""What depends on which words were drawn, and so on how a processor rounds."""


def without_draws(content):
    """Of a run what is the same however a processor rounds: its stages, and how much was asked in each."""
    counts = {name: values for name, values in content.items() if name not in SAMPLED}
    return {n: {k: v for k, v in values.items() if k not in SAMPLED} for n, values in counts.items()}


@every_method
def test_a_small_run_is_as_it_was(world, finished, method):
    """Runs are on file by the arithmetic of the machine, which the weights of the first policy tell: elsewhere words
    may be drawn otherwise, and only what does not depend on them is compared.

    `MAIEUTIC_UPDATE_GOLDEN=1` adds this machine's, or where they have changed writes them anew, alone; the difference
    is to be read like any other change.
    """
    content, arithmetic = told(finished(method)), fingerprint(load(world / "start"))[:12]
    path = GOLDEN / f"{method}.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if UPDATE:
        known = {**(known if known.get(arithmetic, content) == content else {}), arithmetic: content}
        path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    if content not in known.values():
        assert known.get(arithmetic, content) == content
        assert without_draws(content) in map(without_draws, known.values())


# --- algorithm 1 of DNO ----------------------------------------------------------------------------------------------


def test_a_win_rate_is_against_the_policys_samples_only():
    """r(y) = mean of P(y > y') over the policy's samples y', by hand; y itself is left out."""
    samples = tuple(
        Sample("x", text, f"{who} m", seed) for seed, (text, who) in enumerate(zip("abc", "ppo", strict=True))
    )
    question = Question("x", samples)
    p = {(0, 1): 0.9, (0, 2): 0.6, (1, 2): 0.3}
    verdict = [comparison(samples[i], samples[j], "j", [Answer("", q), Answer("", q, True)]) for (i, j), q in p.items()]
    assert stages.win_rates(question, verdict, "p") == pytest.approx((0.9, 1 - 0.9, ((1 - 0.6) + (1 - 0.3)) / 2))


def test_a_win_rate_without_a_verdict_is_none_and_a_score_is_none():
    samples = tuple(Sample("x", text, "p m", seed) for seed, text in enumerate("ab"))
    question = Question("x", samples)
    assert stages.win_rates(question, [Comparison(samples[0].id, samples[1].id, "j", None)], "p") == (None, None)
    with pytest.raises(InputError, match="a judge that compares"):
        stages.win_rates(question, [Score(sample.id, "j", 1.0) for sample in samples], "p")


def test_algorithm_1_regresses_on_the_differences_of_these_rates(finished):
    run = finished("dno_exact")
    asked = stages.every_sample(stage_of(run, 2, "prompts"), stage_of(run, 2, "samples"))
    verdicts = stages.verdicts_of(stage_of(run, 2, "judgements"), asked)
    rate = {
        (q.prompt, s.completion, r)
        for q, v in zip(asked, verdicts, strict=True)
        for s, r in zip(q.samples, stages.win_rates(q, v, "policy"), strict=True)
    }
    by_text = {}
    for prompt, text, value in rate:
        by_text.setdefault((prompt, text), []).append(value)
    pairs = stage_of(run, 2, "pairs").records(PreferencePair)
    assert len(pairs) > 50
    for pair in pairs:
        assert 0 <= pair.margin <= 1
        differences = [a - b for a in by_text[pair.prompt, pair.chosen] for b in by_text[pair.prompt, pair.rejected]]
        assert min(abs(pair.margin - d) for d in differences) < 1e-12


def test_a_mixture_is_measured_and_drawn_anew_for_each_prompt(finished):
    stage = stage_of(finished("dno_exact"), 2, "evaluation")
    assert 0 <= stage.counts["mixture_against_start"]["rate"]["value"] <= 1
    assert set(stage.counts["truth"]) == {"now", "before", "start", "mixture"}


# --- options ---------------------------------------------------------------------------------------------------------


def test_what_was_answered_in_one_round_is_read_in_the_next(finished):
    run = finished("dno")
    one, two = (stage_of(run, n, "evaluation").records(Sample) for n in (1, 2))
    texts = [
        [s.completion for s in found if s.model.startswith(role)] for found, role in ((one, "now "), (two, "before "))
    ]
    assert texts[0] == texts[1] != []


CREATOR = """
from random import Random

def create(prompt, seed):
    rng = Random(seed)
    words = ["".join(rng.choice("abcdefghij") for _ in range(4)) for _ in range(6)]
    return " " + " ".join(words[: rng.choice((2, 6))])

def length(prompt, completion):
    return len(completion)
"""


def creating(world, folder):
    """A round on forty prompts that a function creates: it writes two words, too few, half of the time."""
    (world / "creator.py").write_text(CREATOR)
    prompts = {"path": "prompts.jsonl", "per_round": 0, "create": 40, "creator": {"function": "creator.py:create"}}
    judge = {"kind": "function", "function": "creator.py:length"}
    improve(config_of("online_dpo", rounds=1, prompts=prompts, judge=judge, evaluation={}), world, folder)
    return stage_of(read_run(folder), 1, "prompts")


def test_created_prompts_are_filtered_and_their_attempts_kept(world, tmp_path):
    stage = creating(world, tmp_path / "run")
    log = [from_json(Creation, row) for row in read_lines(stage.folder / asking.CREATIONS)]
    kept = [creation.prompt for creation in log if creation.refusal is None]
    assert [example.prompt for example in stage.records(Example)] == kept
    assert all(len(prompt.split()) == 6 for prompt in kept)
    assert stage.counts == {"prompts": 40, "created": {"kept": 40, "too short": len(log) - 40}}
    assert 50 < len(log) < 120


def test_creation_goes_on_with_the_batch_in_which_it_was_killed(world, tmp_path, monkeypatch):
    whole = creating(world, tmp_path / "whole")
    batches, real = [], asking.write_lines

    def write_lines(path, rows):
        batches.append(path)
        if len(batches) == 2:
            raise KeyboardInterrupt
        real(path, rows)

    monkeypatch.setattr(asking, "write_lines", write_lines)
    with pytest.raises(KeyboardInterrupt):
        creating(world, tmp_path / "killed")
    asked, call = [], FunctionWriter._call
    monkeypatch.setattr(FunctionWriter, "_call", lambda self, *words: asked.append(words) or call(self, *words))
    killed = creating(world, tmp_path / "killed")
    assert killed.hash == whole.hash
    assert len(asked) == 32 * -(-len(list(read_lines(killed.folder / asking.CREATIONS))) // 32) - 32


def test_a_creator_that_fails_ends_the_run_for_now(world, tmp_path, monkeypatch):
    failed = [Reply(0, (), "the server said 500")]
    monkeypatch.setattr(FunctionWriter, "generate", lambda self, requests, how: failed * len(requests))
    with pytest.raises(MaieuticError, match="made no prompt"):
        creating(world, tmp_path / "run")


@pytest.mark.parametrize("method", ["spin", "online_dpo", "rlhf"])
def test_adapters_are_trained_and_merged(world, tmp_path, method):
    """Each round's folder is a whole model's, whose weights differ from those of the round before."""
    policy = {"path": "start", "lora_rank": 2, "dtype": "bfloat16"}
    training = {**config_of(method).training, "learning_rate": 0.1}
    improve(config_of(method, policy=policy, training=training, evaluation={}), world, tmp_path / "run")
    names = ("round-00/start", "round-01/policy", "round-02/policy")
    folders = [tmp_path / "run" / name / "model" for name in names]
    assert not any((folder / "adapter_config.json").exists() for folder in folders)
    assert len({(folder / "model.safetensors").read_bytes() for folder in folders}) == 3


def test_old_weights_go_when_only_the_last_are_kept(world, tmp_path):
    improve(config_of("spin", rounds=4, keep_weights="last", evaluation={}), world, tmp_path / "run")
    left = [n for n in range(1, 5) if (tmp_path / "run" / f"round-0{n}" / "policy" / "model").exists()]
    assert left == [3, 4]
    for stage in read_run(tmp_path / "run").stages():
        stage.verify()
    before = (tmp_path / "run" / "output.json").read_bytes()
    improve(config_of("spin", rounds=4, keep_weights="last", evaluation={}), world, tmp_path / "run")
    assert (tmp_path / "run" / "output.json").read_bytes() == before


def test_training_stops_where_a_checkpoint_is_worse_and_returns_to_the_best(world, tmp_path, monkeypatch):
    """The judge likes the first checkpoint better than the start, the second less than the first, and so on."""
    gains = iter([0.75, 0.4, 0.3, 0.2])
    compared = []

    def against(now, config, ours, theirs):
        compared.append((ours[0].model, theirs[0].model.split("@")[0]))
        rate = next(gains)
        told = real(now, config, ours, theirs)
        return replace(told, rate=replace(told.rate, value=rate))

    real = examination.against
    monkeypatch.setattr(examination, "against", against)
    stopping = {"every": 1, "prompts": 4, "patience": 2}
    monkeypatch.setattr("maieutic.loops.instructions.world.examine", lambda *arguments: None)
    config = config_of("dno", rounds=1, teacher=TEACHER, row=EASY, early_stopping=stopping)
    improve(config, world, tmp_path / "run")
    counts = stage_of(read_run(tmp_path / "run"), 1, "policy").counts
    assert compared == [
        ("checkpoint 1", "checkpoint round-00"),
        ("checkpoint 2", "checkpoint 1"),
        ("checkpoint 3", "checkpoint 2"),
    ]
    assert (counts["best_step"], counts["steps"]) == (1, 3)
    assert counts["stopped"] == "validation did not improve"
    assert counts["metrics"]["validation/score"] == pytest.approx(0.25 - 0.1 - 0.2)


def test_a_judge_that_fails_commits_nothing_and_is_asked_for_the_rest(world, tmp_path, monkeypatch):
    broken = {"until": 3}

    class Judge:
        name = "broken"

        def judge(self, questions, seed=0):
            for index, question in enumerate(questions):
                broken["until"] -= 1
                error = "the server said 500" if broken["until"] < 0 else ""
                raw = write_raw([Answer("", None if error else 1.0, error=error)])
                yield (
                    index,
                    [Score(s.id, "broken", None if error else float(len(s.completion)), raw) for s in question.samples],
                )

    monkeypatch.setattr("maieutic.loops.instructions.world.Instructions.judge", lambda self, now: Judge())
    config = config_of("online_dpo", rounds=1, evaluation={})
    with pytest.raises(MaieuticError, match="did not answer 3 of 3 questions: the server said 500") as error:
        improve(config, world, tmp_path / "run")
    assert not isinstance(error.value, InputError)
    folder = tmp_path / "run" / "round-01" / "judgements"
    assert sorted(p.name for p in folder.iterdir()) == ["records-00000.jsonl"]
    broken["until"] = 100
    improve(config, world, tmp_path / "run")
    assert stage_of(read_run(tmp_path / "run"), 1, "judgements").counts["failed"] == 0


def test_what_a_teacher_was_paid_for_is_not_asked_again(world, tmp_path):
    """The last of six answers fails for good; the next time only this is asked for."""

    def refusing(number, body):
        return chat("A B C") if number < 5 else (400, {"error": {"message": "no"}}, {})

    def config(url):
        teacher = {"endpoint": url, "name": "m", "concurrency": 1}
        return config_of("dno", rounds=1, teacher=teacher, block=6, evaluation={})

    with serving(refusing) as server, pytest.raises(MaieuticError, match="m did not answer"):
        improve(config(server.url), world, tmp_path / "run")
    assert not (tmp_path / "run" / "round-01" / "judgements").exists()
    gc.collect()  # what the error holds, an SQLite connection among it, goes in the thread that it belongs to
    with serving(lambda number, body: chat("C B A"), server.port) as again:
        improve(config(again.url), world, tmp_path / "run")
    assert len(again.bodies) == 1
    texts = [sample.completion for sample in stage_of(read_run(tmp_path / "run"), 1, "teacher").records(Sample)]
    assert sorted(texts) == ["A B C"] * 5 + ["C B A"]


def test_a_rows_settings_are_added_to_and_its_fields_replaced():
    config = config_of("dno_restrictive", row={"selection": {"margin": 1.0}, "candidates": {"policy": 2}})
    row = method_of(config)
    assert row.selection == {"origins": ["teacher>student"], "margin": 1.0}
    assert row.candidates == {"policy": 2}
