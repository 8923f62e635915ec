"""The prover teaches itself: the same rounds with a proof as the judge, by every method that has it."""

import math
import shutil

import pytest
from tests.loops.letters import contents
from tests.loops.theorems import HELD_OUT, THEOREMS, config_of, make

from maieutic.align.methods import METHODS
from maieutic.core.datasets import read_examples
from maieutic.core.errors import InputError
from maieutic.core.files import read_lines
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Example, PreferencePair, Sample, Score
from maieutic.core.store import read_run
from maieutic.geometry.synthesis.shards import open_folder
from maieutic.geometry.synthesis.split import Side, side_of
from maieutic.loops.improve import check, improve
from maieutic.loops.rounds import stages
from maieutic.loops.rounds.stages import distinct
from maieutic.loops.theorems import curriculum
from maieutic.loops.theorems.kernel_judge import Kernel
from maieutic.loops.theorems.read import points_of, theorems
from maieutic.loops.worlds import checked_run

KNOWN = read_examples(THEOREMS)
ON_THEOREMS = ("expert_iteration", "online_dpo", "dno", "dno_exact", "self_rewarding", "sft_on_positives")
every_method = pytest.mark.parametrize("method", ON_THEOREMS)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make(tmp_path_factory.mktemp("theorems"))


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


@pytest.fixture(scope="module")
def kernel():
    with JudgementCache() as cache:
        yield Kernel(cache)


def asked_in(run, number):
    teacher = [run.made(number, "teacher")] if (run.folder / f"round-0{number}" / "teacher").exists() else []
    return stages.every_sample(run.made(number, "prompts"), run.made(number, "samples"), *teacher)


# --- each method -----------------------------------------------------------------------------------------------------


@every_method
def test_a_method_runs_on_theorems_through_the_stages_of_its_row(finished, method):
    row, run = METHODS[method], finished(method)
    made = {stage.name for stage in run.stages() if stage.round == 2}
    drawn = {"teacher"} if {"teacher", "data"} & set(config_of(method).row.get("candidates", row.candidates)) else set()
    assert made == {"curriculum", "prompts", "samples", "judgements", "pairs", "policy", "evaluation", *drawn}
    for stage in run.stages():
        stage.verify()


@every_method
def test_whatever_a_policy_draws_is_a_clause_that_ends(finished, method):
    for sample in finished(method).made(1, "samples").records(Sample):
        assert sample.completion.endswith(" !")
        assert sample.finish == "stop"


@every_method
def test_verdicts_are_the_kernels_unless_the_policy_judges_itself(finished, kernel, method):
    run = finished(method)
    for row in read_lines(run.made(1, "judgements").folder / "records-00000.jsonl"):
        assert row["judge"].startswith("self:round-00@" if method == "self_rewarding" else "proof:kernel")
    if method in ("expert_iteration", "dno", "online_dpo"):
        told = {score.sample: score.value for score in run.made(1, "judgements").records(Score)}
        for question in map(distinct, asked_in(run, 1)):
            for sample in question.samples:
                assert told[sample.id] == kernel.score(sample.prompt, sample.completion)


def test_what_is_imitated_proves_its_theorem(finished, kernel):
    examples = finished("expert_iteration").made(1, "pairs").records(Example)
    assert examples
    assert all(kernel.proves(example.prompt, example.completion) for example in examples)


def test_what_is_preferred_proves_its_theorem_and_what_is_not_proves_it_worse_or_not_at_all(finished, kernel):
    pairs = finished("dno").made(1, "pairs").records(PreferencePair)
    assert pairs
    for pair in pairs:
        chosen, rejected = (kernel.score(pair.prompt, text) for text in (pair.chosen, pair.rejected))
        assert chosen >= 1
        assert pair.margin == pytest.approx(chosen - rejected)
        assert pair.margin >= (1.0 if pair.origin.startswith("teacher") else 0.05)


def test_a_point_that_was_drawn_twice_is_judged_once_but_where_win_rates_count_how_often(finished):
    run = finished("dno")
    assert len(run.made(1, "judgements").records(Score)) == sum(
        len({sample.completion for sample in question.samples}) for question in asked_in(run, 1)
    )
    exact = finished("dno_exact")
    rows = list(read_lines(exact.made(1, "judgements").folder / "records-00000.jsonl"))
    assert len(rows) == 4 * math.comb(6, 2)  # of a block of four theorems


# --- how it is measured ----------------------------------------------------------------------------------------------


@every_method
def test_a_policy_is_examined_on_held_out_theorems(finished, kernel, method):
    run = finished(method)
    stage, held_out = run.made(2, "evaluation"), KNOWN[-HELD_OUT:]
    by = {}
    for sample in stage.records(Sample):
        by.setdefault(sample.model.partition(" ")[0], {})[sample.prompt] = sample
    assert all(set(of) == {theorem.prompt for theorem in held_out} for of in by.values())
    for who, of in by.items():
        solved = [kernel.proves(sample.prompt, sample.completion) for sample in of.values()]
        assert [sample.finish == "stop" for sample in of.values()] == [bool(s) for s in solved]
        assert stage.counts["solved"][who]["value"] == pytest.approx(sum(solved) / HELD_OUT)
    shares = {who: stage.counts["solved"][who]["value"] for who in ("now", "before", "start")}
    for other in ("before", "start"):
        gain = shares["now"] - shares[other]
        assert stage.counts["gain"][other]["value"] == pytest.approx(gain)
        assert stage.counts[f"against_{other}"]["rate"]["value"] == pytest.approx(0.5 + gain / 2)
    assert shares["before"] == run.made(1, "evaluation").counts["solved"]["now"]["value"]
    told = stage.counts["by_points"]
    assert sum(of["now"]["n"] for of in told.values()) == HELD_OUT


def test_what_is_newly_proved_was_not_proved_before(finished, kernel):
    for method in ON_THEOREMS:
        for number in (1, 2):
            stage = finished(method).made(number, "evaluation")
            by = {(s.model.partition(" ")[0], s.prompt): s for s in stage.records(Sample)}
            rows = list(read_lines(stage.folder / "proofs.jsonl"))
            assert len(rows) == stage.counts["newly_proved"]
            for row in rows:
                assert kernel.proves(row["prompt"], row["completion"])
                assert by["start", row["prompt"]].finish == "length"


def test_a_policy_that_judges_itself_is_taught_to_and_held_against_the_kernel(finished):
    run = finished("self_rewarding")
    assert run.made(0, "judgements").counts["judge"] == "proof:kernel"
    assert run.made(0, "start").counts["imitated"] > 0
    for number in (1, 2):
        told = run.made(number, "evaluation").counts["verdicts"]
        assert 0 <= told["accuracy"]["value"] <= 1
        assert set(told) == {"proved", "accuracy", "auc", "pairwise", "spearman", "best", "gain"}
    assert "verdicts" not in finished("dno").made(1, "evaluation").counts


# --- a run goes on ---------------------------------------------------------------------------------------------------


def test_a_run_that_lost_its_later_stages_makes_the_same_again(finished, world):
    folder = finished("dno").folder
    whole = contents(folder)
    for name in ("round-01/pairs", "round-01/policy", "round-01/evaluation", "round-02"):
        shutil.rmtree(folder / name)
    (folder / "output.json").unlink()
    improve(config_of("dno"), world, folder)
    assert contents(folder) == whole


def test_runs_may_share_what_the_kernel_found(world, tmp_path, monkeypatch):
    shared = {**config_of("dno").model_dump(mode="json", exclude_none=True)["prover"], "verdicts": str(tmp_path / "v")}
    config = config_of("dno", rounds=1, prover=shared)
    improve(config, world, tmp_path / "one")
    monkeypatch.setattr(
        "maieutic.loops.theorems.kernel_judge._deductions", lambda *arguments: pytest.fail("tried again")
    )
    improve(config, world, tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


# --- the curriculum --------------------------------------------------------------------------------------------------


def test_theorems_are_chosen_that_are_sometimes_proved(finished):
    run = finished("dno")
    for number in (1, 2):
        looked, chosen = (run.made(number, name).records(Example) for name in ("curriculum", "prompts"))
        assert len(looked) == 2 * len(chosen)
        lateness = {theorem.prompt: curriculum._lateness(theorem.weight) for theorem in looked}
        taken = [lateness[theorem.prompt] for theorem in chosen]
        left = [late for prompt, late in lateness.items() if prompt not in {theorem.prompt for theorem in chosen}]
        assert taken == sorted(taken)
        assert max(taken) <= min(left)


def test_the_few_draws_are_the_first_of_the_rounds_own(finished, kernel):
    run = finished("dno")
    looked = {theorem.prompt: theorem.weight for theorem in run.made(1, "curriculum").records(Example)}
    drawn = {}
    for sample in run.made(1, "samples").records(Sample):
        drawn.setdefault(sample.prompt, []).append(kernel.proves(sample.prompt, sample.completion))
    assert drawn
    for prompt, proved in drawn.items():
        assert looked[prompt] == sum(proved[:2]) / 2


def test_rounds_share_no_theorems(finished):
    one, two = ({e.prompt for e in finished("dno").made(n, "curriculum").records(Example)} for n in (1, 2))
    assert not one & two


@pytest.mark.parametrize(("outgrown", "made"), [(0.7, True), (1.0, False)])
def test_where_the_policy_has_outgrown_its_theorems_new_ones_are_made_up(world, tmp_path, monkeypatch, outgrown, made):
    asked = []

    def made_up(count, out, seed, **options):
        asked.append((count, options["apart_from"]))
        folder = open_folder(out, {"seed": seed})
        folder.commit([record(theorem, f"{n}", n) for theorem in KNOWN[:2] for n in range(2)])

    monkeypatch.setattr(curriculum, "synthesize", made_up)
    monkeypatch.setattr(curriculum, "closes", lambda question, answer: "always")
    monkeypatch.setattr("maieutic.loops.theorems.read.side_of", lambda key: Side.TRAINING)
    config = config_of(
        "expert_iteration",
        prompts={"path": "theorems.jsonl", "per_round": 3, "create": 40},
        prover={**config_of("dno").prover.model_dump(exclude_none=True), "outgrown": outgrown},
        evaluation={},
    )
    improve(config, world, tmp_path / "run")
    run = read_run(tmp_path / "run")
    assert [run.made(n, "curriculum").counts["made_up"] for n in (1, 2)] == [0, 2 if made else 0]
    assert asked == ([(40, [])] if made else [])
    assert [e.prompt for e in run.made(2, "curriculum").records(Example)][:2] == [
        e.prompt for e in KNOWN[:2]
    ] or not made


def record(theorem, key, points):
    """A theorem as the generator writes it, with its proof: one that needs points, or one that does not."""
    statement = theorem.prompt.removesuffix(" |")
    text = f"{theorem.prompt}{theorem.completion} coll a b c given" if points else f"{statement} ! coll a b c given"
    return {"key": key, "auxiliary_points": points, "text": text}


def test_a_folder_of_theorems_is_cut_by_side_and_those_that_need_no_point_are_left_out(tmp_path):
    folder = open_folder(tmp_path / "made", {})
    folder.commit(
        [record(theorem, f"key {n} {points}", points) for n, theorem in enumerate(KNOWN) for points in (0, 1)]
    )
    sides = {side: theorems(tmp_path / "made", side) for side in Side}
    for side, found in sides.items():
        assert found == [theorem for n, theorem in enumerate(KNOWN) if side_of(f"key {n} 1") is side]
    assert all(sides[side] for side in (Side.TRAINING, Side.TEST))


def test_points_are_counted_by_clause():
    assert points_of(Example("q |", " d = foot a b c !")) == 1
    assert points_of(Example("q |", " d = foot a b c ; e = midpoint a d !")) == 2


# --- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"judge": {"kind": "pairwise"}}, "judge.kind"),
        ({"judge": {"function": "x.py:f"}}, "judge.function"),
        ({"teacher": {"function": "x.py:f"}}, "teacher"),
        ({"early_stopping": {}}, "early_stopping"),
        ({"row": {"start": "reward"}}, "row.start"),
        ({"prompts": {"path": "theorems.jsonl", "per_round": 14}}, "theorems.jsonl"),
    ],
)
def test_settings_of_other_worlds_are_refused_before_anything_is_done(world, changes, where):
    with pytest.raises(InputError) as error:
        check(config_of("expert_iteration", **changes), world)
    assert where in str(error.value)


def test_the_kernel_judges_no_instructions(world):
    config = replace_prover(config_of("online_dpo"), judge={"kind": "proof"})
    with pytest.raises(InputError, match="the kernel judges theorems only"):
        check(config, world)


def replace_prover(config, **changes):
    """The configuration without its table [prover]."""
    values = config.model_dump(mode="json", exclude_none=True)
    del values["prover"], values["world"]
    return checked_run({**values, "evaluation": {}, **changes})
