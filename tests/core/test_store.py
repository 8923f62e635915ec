"""The run store: what is finished stays, what was killed goes on, and both end as the same bytes."""

import json

import pytest

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.records import Example
from maieutic.core.store import MANIFEST, Run, discard, open_run, read_run

SETTINGS = {"method": "dno", "judge": {"kind": "self", "samples": 3}, "seed": 1}
ITEMS = [f"item {k}" for k in range(10)]


def spell(items, first):
    """A block's records: they depend on the block alone."""
    return [Example(prompt=item, completion=str(first + k)) for k, item in enumerate(items)]


class Killed(BaseException):
    """Stands for the end of a process in the middle of a block."""


def killed_at(block):
    def work(items, first):
        if first >= block * 3:
            raise Killed
        return spell(items, first)

    return work


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def whole_run(folder):
    run = open_run(folder, SETTINGS)
    samples = run.stage(1, "samples")
    samples.make(ITEMS, spell, block=3)
    samples.finish(samples=len(ITEMS))
    pairs = run.stage(1, "pairs", samples)
    pairs.make(samples.records(Example), lambda part, first: list(part)[:1], block=4)
    pairs.finish(pairs=3)
    return run


def test_records_come_back_in_the_order_of_the_items(tmp_path):
    stage = open_run(tmp_path / "run", SETTINGS).stage(0, "prompts")
    stage.make(ITEMS, spell, block=3)
    assert [record.completion for record in stage.records(Example)] == [str(k) for k in range(10)]
    assert [record.prompt for record in stage.records(Example)] == ITEMS


@pytest.mark.parametrize("block", range(4))
def test_a_run_killed_in_any_block_ends_as_one_that_was_not(tmp_path, block):
    whole_run(tmp_path / "whole")
    run = open_run(tmp_path / "killed", SETTINGS)
    with pytest.raises(Killed):
        run.stage(1, "samples").make(ITEMS, killed_at(block), block=3)
    whole_run(tmp_path / "killed")
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_blocks_that_are_there_are_not_made_again(tmp_path):
    stage = open_run(tmp_path / "run", SETTINGS).stage(1, "samples")
    with pytest.raises(Killed):
        stage.make(ITEMS, killed_at(2), block=3)
    made, done = [], []
    stage.make(ITEMS, lambda part, first: made.append(first) or spell(part, first), block=3, advance=done.append)
    assert made == [6, 9]
    assert done == [3, 3, 3, 1]


def test_a_run_goes_on_with_its_own_settings_only(tmp_path):
    whole_run(tmp_path / "run")
    changed = {**SETTINGS, "judge": {"kind": "self", "samples": 1}}
    with pytest.raises(InputError, match=r"judge\.samples"):
        open_run(tmp_path / "run", changed)
    assert read_run(tmp_path / "run").settings == SETTINGS


def test_a_stage_made_from_other_inputs_is_refused(tmp_path):
    run = whole_run(tmp_path / "run")
    samples = run.stage(1, "samples")
    discard(samples.folder)
    samples = run.stage(1, "samples")
    samples.make(ITEMS[:3], spell)
    samples.finish(samples=3)
    with pytest.raises(InputError, match="samples"):
        run.stage(1, "pairs", samples)


def test_inputs_must_be_finished(tmp_path):
    run = open_run(tmp_path / "run", SETTINGS)
    with pytest.raises(InputError, match="not finished"):
        run.stage(1, "pairs", run.stage(1, "samples"))


def test_a_changed_file_is_found(tmp_path):
    run = whole_run(tmp_path / "run")
    stage = next(run.stages())
    stage.verify()
    shard = stage.folder / "records-00001.jsonl"
    shard.write_bytes(shard.read_bytes().replace(b"item 4", b"item 5"))
    with pytest.raises(InputError, match="records-00001"):
        stage.verify()


def test_stages_are_told_in_the_order_of_the_story(tmp_path):
    run = open_run(tmp_path / "run", SETTINGS)
    for round_, name in [(1, "pairs"), (1, "samples"), (0, "start"), (1, "prompts")]:
        run.stage(round_, name)
    assert [(stage.round, stage.name) for stage in run.stages()] == [
        (0, "start"),
        (1, "prompts"),
        (1, "samples"),
        (1, "pairs"),
    ]


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path, monkeypatch):
    stage = open_run(tmp_path / "run", SETTINGS).stage(1, "samples")
    stage.make(ITEMS[:3], spell, block=3)
    before = contents(tmp_path / "run")

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(MaieuticError, match="No space left"):
            stage.make(ITEMS, spell, block=3)
    assert contents(tmp_path / "run") == before
    stage.make(ITEMS, spell, block=3)
    assert len(stage.records(Example)) == 10


def test_one_process_at_a_time(tmp_path):
    run = open_run(tmp_path / "run", SETTINGS)
    with run.at_work(), pytest.raises(InputError, match="another process"), run.at_work():
        pass
    with run.at_work():
        pass


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        open_run(tmp_path, SETTINGS)
    with pytest.raises(InputError, match="no run"):
        read_run(tmp_path)


def test_manifests_hold_nothing_that_changes_from_run_to_run(tmp_path):
    run = whole_run(tmp_path / "run")
    run.log(stage="samples", seconds=1.5)
    for stage in run.stages():
        assert set(json.loads((stage.folder / MANIFEST).read_text())) == {"stage", "round", "inputs", "counts", "files"}
    assert Run(tmp_path / "run", SETTINGS).stage(1, "samples").counts == {"samples": 10}


def test_what_begins_with_a_dot_is_no_part_of_a_stage(tmp_path):
    stage = open_run(tmp_path / "run", SETTINGS).stage(1, "policy")
    (stage.folder / ".training" / "deep").mkdir(parents=True)
    (stage.folder / ".training" / "deep" / "checkpoint").write_text("passing")
    (stage.folder / "model").mkdir()
    (stage.folder / "model" / "weights").write_text("lasting")
    stage.finish()
    assert list(stage.manifest["files"]) == ["model/weights"]


def test_a_folder_that_was_removed_on_purpose_is_no_damage_but_a_missing_file_is(tmp_path):
    stage = open_run(tmp_path / "run", SETTINGS).stage(1, "policy")
    for folder in ("model", "reward"):
        (stage.folder / folder).mkdir()
        (stage.folder / folder / "weights").write_text(folder)
        (stage.folder / folder / "config").write_text(folder)
    stage.finish()
    discard(stage.folder / "model")
    stage.verify()
    (stage.folder / "reward" / "weights").unlink()
    with pytest.raises(InputError, match="missing, though the manifest lists it"):
        stage.verify()


def test_a_stage_is_read_once_it_is_made(tmp_path):
    run = whole_run(tmp_path / "run")
    assert len(run.made(1, "samples").records(Example)) == 10
    with pytest.raises(InputError, match="not finished"):
        run.made(2, "samples")


def test_times_are_in_the_log_and_nowhere_else(tmp_path):
    run = whole_run(tmp_path / "run")
    before = contents(tmp_path / "run")
    with run.timed(round=1):
        pass
    after = contents(tmp_path / "run")
    (name,) = set(after) - set(before)
    line = json.loads(after.pop(name))
    assert after == before
    assert (line["round"], line["seconds"] >= 0, line["cpu_seconds"] >= 0) == (1, True, True)
