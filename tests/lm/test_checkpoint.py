"""The folder of a run: whole checkpoints or none, the newest and the best kept, and one run to a folder."""

import pytest
import torch

from maieutic.core.errors import InputError, MaieuticError
from maieutic.lm.training import checkpoint
from maieutic.lm.training.checkpoint import Folder, learned, put


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


@pytest.fixture
def optimiser(model):
    return torch.optim.AdamW(model.parameters())


def test_a_checkpoint_brings_everything_back(tmp_path, model, optimiser):
    model(torch.ones(3)).sum().backward()
    optimiser.step()
    folder = Folder(tmp_path)
    folder.save(model, optimiser, {"step": 3, "best": 0.1}, keep=())
    other = torch.nn.Linear(3, 2)
    again = torch.optim.AdamW(other.parameters())
    folder.restore(3, other, again)
    assert folder.state(3) == {"step": 3, "best": 0.1}
    assert torch.equal(other.weight, model.weight)
    for kept, restored in zip(optimiser.state.values(), again.state.values(), strict=True):
        assert all(torch.equal(kept[name], restored[name]) for name in ("step", "exp_avg", "exp_avg_sq"))


def test_only_what_is_to_be_kept_is_kept(tmp_path, model, optimiser):
    folder = Folder(tmp_path)
    for step in (1, 2, 3):
        folder.save(model, optimiser, {"step": step}, keep=(1, step - 1))
    assert folder.steps() == [1, 2, 3]
    folder.save(model, optimiser, {"step": 4}, keep=(1,))
    assert folder.steps() == [1, 4]


def test_half_a_checkpoint_is_none(tmp_path, model, optimiser):
    folder = Folder(tmp_path)
    folder.save(model, optimiser, {"step": 1}, keep=())
    (folder.checkpoints / "step-00000002.part").mkdir()  # what a kill leaves
    assert folder.steps() == [1]
    folder.save(model, optimiser, {"step": 2}, keep=())
    assert [path.name for path in folder.checkpoints.iterdir()] == ["step-00000002"]


@pytest.mark.parametrize("writer", ["save_file", "torch.save"])
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, model, optimiser, monkeypatch, writer):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    folder = Folder(tmp_path)
    folder.save(model, optimiser, {"step": 1}, keep=())
    monkeypatch.setattr(f"{checkpoint.__name__}.{writer}", full)
    with pytest.raises(MaieuticError, match="No space left on device; the same command goes on after step 1"):
        folder.save(model, optimiser, {"step": 2}, keep=())
    assert [path.name for path in folder.checkpoints.iterdir()] == ["step-00000001"]


def test_only_what_is_learned_is_kept(model):
    model.bias.requires_grad_(False)
    assert list(learned(model)) == ["weight"]
    put(model, {"weight": torch.zeros(2, 3)})
    assert not model.weight.any()


def test_metrics_are_cut_back_to_a_step_and_to_whole_lines(tmp_path):
    folder = Folder(tmp_path)
    assert folder.cut_metrics(0) == []
    for step in (1, 2, 3):
        folder.add_metrics({"step": step})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"st')  # what a kill leaves
    assert folder.cut_metrics(2) == [{"step": 1}, {"step": 2}]
    folder.add_metrics({"step": 3})
    assert [line["step"] for line in folder.metrics()] == [1, 2, 3]


def test_a_folder_is_one_runs(tmp_path):
    folder = Folder(tmp_path)
    folder.claim({"config.beta": 0.1, "data": "x", "pair": (1, 2)})
    folder.claim({"config.beta": 0.1, "data": "x", "pair": (1, 2)})
    with pytest.raises(InputError, match=r"begun with another beta \(it was 0.1, it is 0.2\)"):
        folder.claim({"config.beta": 0.2, "data": "x", "pair": (1, 2)})
    with pytest.raises(InputError, match=r"begun with another data \(take another folder\)"):
        folder.claim({"config.beta": 0.1, "data": "y", "pair": (1, 2)})


def test_a_finished_run_gives_back_what_it_learned(tmp_path, model, optimiser):
    folder = Folder(tmp_path)
    assert folder.finished(model) is None
    folder.save(model, optimiser, {"step": 1}, keep=())
    folder.finish(model, {"step": 1})
    other = torch.nn.Linear(3, 2)
    assert folder.finished(other) == {"step": 1}
    assert torch.equal(other.weight, model.weight)
    assert not folder.checkpoints.exists()
