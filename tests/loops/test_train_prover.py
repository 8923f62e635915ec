"""From a folder of theorems to a model that proposes points: the stages, what is learned, and what is not."""

import os
import tomllib
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from tests.commands import Outcome, mistake

from maieutic.core.config import checked, dump
from maieutic.core.config import load as load_config
from maieutic.core.errors import InputError
from maieutic.core.files import read_lines
from maieutic.core.records import Completions, Example
from maieutic.core.store import Stage
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.split import Side, side_of, within
from maieutic.geometry.synthesis.synthesize import proof_of, synthesize
from maieutic.geometry.synthesis.theorem import stated
from maieutic.geometry.text.decoding import decode_auxiliary, decode_problem
from maieutic.geometry.text.encoding import encode_auxiliary, vocabulary
from maieutic.geometry.text.prompting import without_figure
from maieutic.lm.model import build, fingerprint, load
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.items import items_of
from maieutic.loops.theorems import train as training
from maieutic.loops.theorems.train import as_put, lesson_of, passes, text_of, tokens_of, train_prover, within_budget
from maieutic.loops.theorems.train_config import TrainProverConfig, fit_config

SMALL = {"width": 16, "layers": 1, "heads": 2, "context": 256}
QUICK = {"batch_size": 8, "warmup": 2, "bf16": False}


def config_of(**changes):
    """A run of a few steps."""
    values = {
        "theorems": "theorems",
        "model": {**SMALL, "shown": 2},
        "pretraining": {"tokens": 6000, "training": QUICK},
        "solutions": {"tried": 8, "further": 2},
        "fine_tuning": {"tokens": 3000, "training": QUICK},
    }
    return checked(TrainProverConfig, values | changes)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """A folder with theorems of 64 figures or so, on every side of the split."""
    folder = tmp_path_factory.mktemp("base")
    synthesize(150, folder / "theorems", seed=1, figures=4)
    with_points = [record for record in records(folder) if record["auxiliary_points"]]
    assert {side_of(record["key"]) for record in with_points} == set(Side)
    return folder


@pytest.fixture(scope="module")
def whole(base, tmp_path_factory) -> Path:
    """A run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    train_prover(config_of(), base, folder)
    return folder


def records(base):
    return list(read_folder(base / "theorems").read())


def contents(folder):
    """Every file of a run that two equal runs share."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in ("log.jsonl", ".lock"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def counts(folder, stage):
    return Stage(folder / stage, 0, stage).counts


# --- a run -----------------------------------------------------------------------------------------------------------


def test_a_run_ends_in_a_model_with_its_card(base, whole):
    policy = load(whole / "model")
    assert policy.tokenizer.get_vocab().keys() >= set(vocabulary())
    text = (whole / "model" / "README.md").read_text()
    assert f"{policy.model.num_parameters():,} parameters" in text
    assert dump(config_of()).strip() in text
    assert checked(TrainProverConfig, tomllib.loads(text.split("```toml")[1].split("```")[0])) == config_of()
    split = counts(whole, "split")
    assert sum(split[side.value] for side in Side) == len(records(base))
    assert f"| training | {split['training']:,} | {split['training_auxiliary']:,} |" in text
    assert not list(whole.rglob("*.part"))
    assert not (whole / "fine-tuning" / ".training").exists()


def test_both_trainings_lower_the_loss_and_keep_to_their_budget(whole):
    for name, tokens in (("pretraining", 6000), ("fine-tuning", 3000)):
        losses = [line["loss"] for line in read_lines(whole / name / "metrics.jsonl")]
        assert losses[-1] < losses[0]
        assert tokens <= counts(whole, name)["tokens"] < tokens + SMALL["context"]
        assert counts(whole, name)["steps"] == len(losses)


def test_the_known_answers_become_likelier(base, whole):
    own = [q for q in read_folder(whole / "solutions").read() if q["own"]]
    before, after = (training.answered(load(whole / name / "model"), own) for name in ("pretraining", "fine-tuning"))
    assert 0 < before < after <= 1


def test_the_same_command_again_changes_nothing(base, whole):
    before = contents(whole)
    train_prover(config_of(), base, whole)
    assert contents(whole) == before


def test_another_configuration_in_the_same_folder_is_refused(base, whole):
    with pytest.raises(InputError, match="other settings: seed"):
        train_prover(config_of(seed=1), base, whole)


class Killed(BaseException):
    """Stands for the end of the process."""


def train_until(base, folder, write, raised, monkeypatch):
    """The run, in which from this write on each one raises instead. Gives the count of writes."""
    done, real = [], os.fsync

    def fsync(handle):
        done.append(handle)
        if len(done) >= write:
            raise raised
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fsync)
        train_prover(config_of(), base, folder)
    return len(done)


def test_a_run_that_dies_in_a_write_ends_as_one_that_did_not(base, whole, tmp_path, monkeypatch, scale):
    total = train_until(base, tmp_path / "counted", 10**9, Killed(), monkeypatch)
    expected = contents(whole)
    assert contents(tmp_path / "counted") == expected
    for number in sorted(Random("writes").sample(range(1, total + 1), scale(3, total))):
        folder = tmp_path / f"run {number}"
        with pytest.raises(Killed):
            train_until(base, folder, number, Killed(), monkeypatch)
        train_prover(config_of(), base, folder)
        assert contents(folder) == expected, f"killed in write {number} of {total}"


def test_ctrl_c_between_two_steps_of_a_training_loses_nothing(base, whole, tmp_path, monkeypatch):
    fitted = []

    def stopped(*arguments, **options):
        fitted.append(arguments)
        if len(fitted) == 2:
            raise KeyboardInterrupt
        return training_fit(*arguments, **options)

    training_fit = training.fit
    with monkeypatch.context() as patch:
        patch.setattr(training, "fit", stopped)
        with pytest.raises(KeyboardInterrupt):
            train_prover(config_of(), base, tmp_path / "run")
    train_prover(config_of(), base, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(whole)


# --- what is learned, and what is not --------------------------------------------------------------------------------


@pytest.fixture
def learned(monkeypatch):
    """What each training is given: data, and data to validate on."""
    given = []
    real = training.fit

    def fit(policy, data, config, folder, *, validation=None):
        given.append((data, validation))
        return real(policy, data, config, folder, validation=validation)

    monkeypatch.setattr(training, "fit", fit)
    return given


def statement_key(record):
    """The canonical key of what an item states."""
    if isinstance(record, Example):
        return canonical_key(stated(proof_of({"text": record.completion})))
    text, _, added = without_figure(str(record.prompt)).partition(" |")
    problem, _ = decode_problem(text)
    clauses = decode_auxiliary(added.removesuffix(" ;"), problem) if added else ()
    return canonical_key(replace(problem, clauses=(*problem.clauses, *clauses)))


def test_nothing_is_learned_that_is_kept_for_the_test_or_validation(base, learned, tmp_path):
    train_prover(config_of(), base, tmp_path / "run")
    (texts, checked_texts), (questions, checked_questions) = learned
    for data in (texts, questions):
        assert {side_of(statement_key(record)) for record in data} == {Side.TRAINING}
    for data in (checked_texts, checked_questions):
        assert {side_of(statement_key(record)) for record in data} == {Side.VALIDATION}


def test_problems_that_are_named_are_not_learned(base, learned, tmp_path):
    seen = [r for r in records(base) if r["auxiliary_points"] and side_of(r["key"]) is Side.TRAINING][:2]
    (base / "known.txt").write_text(
        "".join(f"known {n}\n{print_problem(stated(proof_of(r)))}\n" for n, r in enumerate(seen)), encoding="utf-8"
    )
    train_prover(config_of(apart_from=["known.txt"]), base, tmp_path / "run")
    (texts, _), (questions, _) = learned
    assert not {record["key"] for record in seen} & {statement_key(record) for record in [*texts, *questions]}
    assert counts(tmp_path / "run", "split")["apart"] == 2


def test_a_share_of_the_data_is_that_share_in_both_trainings(base, learned, tmp_path):
    train_prover(config_of(share=0.5), base, tmp_path / "run")
    half = {record["key"] for record in records(base) if within(record["key"], 0.5)}
    (texts, _), _ = learned
    assert {statement_key(record) for record in texts} <= half
    solved = {question["key"] for question in read_folder(tmp_path / "run" / "solutions").read()}
    assert {key for key in solved if side_of(key) is Side.TRAINING} <= half


def test_trainings_can_be_left_out(base, tmp_path):
    tuned_only = config_of(pretraining={"tokens": 0})
    train_prover(tuned_only, base, tmp_path / "tuned")
    start = build(word_tokenizer(vocabulary()), **SMALL, seed=0)
    assert fingerprint(load(tmp_path / "tuned" / "pretraining" / "model")) == fingerprint(start)
    assert "No pretraining." in (tmp_path / "tuned" / "model" / "README.md").read_text()
    train_prover(config_of(fine_tuning={"tokens": 0}), base, tmp_path / "pretrained")
    first, last = (load(tmp_path / "pretrained" / name / "model") for name in ("pretraining", "fine-tuning"))
    assert fingerprint(first) == fingerprint(last)
    assert not (tmp_path / "pretrained" / "solutions").exists()


def test_solutions_and_a_start_can_be_those_of_another_run(base, whole, tmp_path):
    given = config_of(
        solutions={"folder": str(whole / "solutions")},
        model={**SMALL, "shown": 2, "start": str(whole / "pretraining" / "model")},
        pretraining={"tokens": 0},
    )
    model = train_prover(given, base, tmp_path / "run")
    assert fingerprint(load(model)) == fingerprint(load(whole / "model"))


def test_without_theorems_there_is_nothing_to_learn(base, tmp_path):
    synthesize(4, tmp_path / "theorems", seed=2, figures=1)
    for changes in ({"share": 0.001}, {"share": 0.001, "pretraining": {"tokens": 0}}):
        with pytest.raises(InputError, match="theorems to learn from"):
            train_prover(config_of(**changes), tmp_path, tmp_path / str(len(changes)))


# --- items -----------------------------------------------------------------------------------------------------------


def question(answers, own=True):
    figure = ["midpoint b c 9", "foot a b c 7"]
    return {"question": "a b c = triangle ? cong a b a c |", "figure": figure, "answers": answers, "own": own}


def test_a_lesson_reads_back_as_the_points_that_prove_the_goal(base, whole):
    for found in read_folder(whole / "solutions").read():
        lesson = lesson_of(found, answers=100)
        text, _, added = lesson.prompt.partition(" |")
        problem, _ = decode_problem(text)
        before = decode_auxiliary(added.removesuffix(" ;"), problem) if added else ()
        longer = replace(problem, clauses=(*problem.clauses, *before))
        read = [encode_auxiliary(longer, decode_auxiliary(completion, longer)) for completion in lesson.completions]
        assert read == found["answers"]


def test_answers_are_drawn_evenly_and_in_time_all_of_them():
    answers = [f"d = midpoint a {n}" for n in range(20)]
    assert lesson_of(question(answers[:8]), 8).completions == tuple(f" {answer} !" for answer in answers[:8])
    drawn = [lesson_of(question(answers), 8, number).completions for number in range(20)]
    # 20 k / 8 for k = 0, ..., 7
    assert drawn[0] == tuple(f" {answers[n]} !" for n in (0, 2, 5, 7, 10, 12, 15, 17))
    assert all(len(set(some)) == 8 for some in drawn)
    assert {answer for some in drawn for answer in some} == {f" {answer} !" for answer in answers}


def test_a_lesson_tells_as_many_places_as_the_model_is_to_be_told():
    prompts = [lesson_of(question(["x"]), 8, shown=shown).prompt for shown in (0, 1, 2)]
    assert prompts == [
        "a b c = triangle ? cong a b a c |",
        "a b c = triangle ? cong a b a c figure midpoint b c 9 @1 |",
        "a b c = triangle ? cong a b a c figure midpoint b c 9 @1 foot a b c 7 @2 |",
    ]


def test_what_the_figure_shows_is_answered_by_pointing():
    asked = question(["d = foot a b c", "d = midpoint a b"])
    assert lesson_of(asked, 8, shown=2).completions == (" @2 !", " d = midpoint a b !")
    assert lesson_of(asked, 8, shown=1).completions == (" d = foot a b c !", " d = midpoint a b !")


def test_a_question_that_comes_up_again_is_the_same_in_other_words(whole):
    for found in islice(read_folder(whole / "solutions").read(), 20):
        assert as_put(found, 0)["question"] == found["question"]
        put = [as_put(found, number) for number in range(6)]
        assert len({record["question"] for record in put}) > 1
        assert put[3] == as_put(found, 3)
        assert {record["own"] for record in put} == {found["own"]}
        statements = [decode_problem(record["question"].rpartition(" |")[0])[0] for record in put]
        assert len({canonical_key(problem) for problem in statements}) == 1


def test_what_is_reworded_is_trained_on(base, whole, tmp_path):
    solved = {"folder": [str(whole / "solutions")]}
    prints = {}
    for reworded in (True, False):
        several = {"tokens": 12_000, "training": QUICK, "reworded": reworded}
        config = config_of(model=SMALL, solutions=solved, pretraining={"tokens": 0}, fine_tuning=several)
        prints[reworded] = fingerprint(load(train_prover(config, base, tmp_path / str(reworded))))
    assert prints[True] != prints[False]


def test_own_questions_may_weigh_more():
    assert lesson_of(question(["x"]), 8, own_weight=3.0).weight == 3.0
    assert lesson_of(question(["x"], own=False), 8, own_weight=3.0).weight == 1.0


def test_passes_are_orders_of_all_records():
    data = [{"key": n} for n in range(50)]
    found = list(islice(passes(data, "seed"), 120))
    assert [number for number, _ in found] == [0] * 50 + [1] * 50 + [2] * 20
    first, second = found[:50], found[50:100]
    assert sorted(record["key"] for _, record in first) == list(range(50))
    assert [r for _, r in first] != [r for _, r in second]
    assert found == list(islice(passes(data, "seed"), 120))


def test_tokens_are_those_that_the_trainer_sees(base, whole):
    tokenizer = word_tokenizer(vocabulary())
    lessons = [lesson_of(found, 4) for found in islice(read_folder(whole / "solutions").read(), 10)]
    for record in [*map(text_of, records(base)[:5]), *lessons]:
        (item,), _ = items_of([record], "examples", tokenizer, None)
        expected = len(item.rows[0].prompt) + sum(len(row.completion) for row in item.rows)
        assert tokens_of(record, 10**6) == expected
        assert tokens_of(record, 20) == 20


def test_a_budget_ends_with_the_record_that_spends_it():
    lesson = Completions("a b", (" c !", " d !"))  # 1 + 2 tokens of the prompt, 2 + 1 of each completion
    assert tokens_of(lesson, 100) == 9
    assert len(within_budget(iter([lesson] * 9), 18, 100)) == 2
    assert len(within_budget(iter([lesson] * 9), 19, 100)) == 3
    assert within_budget(iter([]), 0, 100) == []


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_says_where_the_model_is(base, tmp_path):
    file = base / "train.toml"
    file.write_text(dump(config_of()), encoding="utf-8")
    done = Outcome("train-prover", file, "--out", tmp_path / "run", "--set", "fine_tuning.tokens=200")
    assert (done.code, done.out) == (0, f"The model is in {tmp_path / 'run' / 'model'}, with its card, README.md\n")


@pytest.mark.parametrize("name", ["train.toml", "longer.toml", "marginal.toml"])
def test_the_shipped_models_configuration_is_one(name):
    folder = Path(__file__).parents[2] / "examples" / "prover"
    config = load_config(TrainProverConfig, folder / name)
    assert all((folder / name).is_file() for name in config.apart_from)
    for part in (config.pretraining, config.fine_tuning):
        fit_config(part.training)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("theorems = 'theorems'\nsead = 1", "unknown key 'sead' (did you mean 'seed'?)"),
        ("seed = 1", "'theorems' is missing"),
        ("theorems = 'nowhere'", "nowhere: cannot be read: No such file or directory"),
        ("theorems = 'theorems'\nshare = 0", "share = 0: should be greater than 0"),
        ("theorems = 'theorems'\nsolutions = { trie = 1 }", "unknown key 'solutions.trie' (did you mean 'tried'?)"),
        (
            "theorems = 'theorems'\npretraining = { training = { learning_rat = 1 } }",
            "pretraining.training: unknown key 'learning_rat' (did you mean 'learning_rate'?)",
        ),
        (
            "theorems = 'theorems'\nfine_tuning = { training = { loss = 'dpo' } }",
            "fine_tuning.training.loss: no loss for this training: 'dpo' (one of sft, marginal)",
        ),
        ("theorems = 'theorems'\napart_from = ['imo.txt']", "imo.txt: cannot be read: No such file or directory"),
    ],
)
def test_a_mistake_in_the_configuration_is_one_line(base, tmp_path, line, said):
    file = base / "wrong.toml"
    file.write_text(line, encoding="utf-8")
    assert mistake("train-prover", file, "--out", tmp_path / "run").endswith(said)
    assert not (tmp_path / "run").exists()


def test_ctrl_c_says_how_to_go_on(base, tmp_path, monkeypatch):
    file = base / "train.toml"
    file.write_text(dump(config_of()), encoding="utf-8")

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", stop)
    stopped = Outcome("train-prover", file, "--out", tmp_path / "run")
    assert stopped.code == 130
    assert stopped.err == (
        f"maieutic: interrupted: what was done is in {tmp_path / 'run'}; the same command goes on with it\n"
    )
