"""One of the processes of test_fit_processes.py: trains as it is told, and writes down the losses.

python two_processes.py RUNS.json FOLDER, with RANK, WORLD_SIZE and the like in the environment where there are two.
"""

import json
import sys
from pathlib import Path

import torch
from tests.lm.small import small_policy, some_examples, some_pairs, some_rankings

from maieutic.lm.model import Lora, adapt
from maieutic.lm.reward import RewardModel
from maieutic.lm.training.fit import FitConfig, fit
from maieutic.lm.training.processes import is_main

DATA = {"sft": some_examples, "dpo": some_pairs, "bradley_terry": some_rankings}


def trainee(loss: str, lora: bool):
    if loss == "bradley_terry":
        return RewardModel(small_policy())
    return adapt(small_policy(), Lora(rank=2)) if lora else small_policy()


def main(runs: Path, folder: Path) -> None:
    torch.set_num_threads(1)
    results = {}
    for run in json.loads(runs.read_text()):
        name, count, lora = run.pop("name"), run.pop("count"), run.pop("lora", False)
        settings = FitConfig(**run)
        data = DATA[settings.loss](count)
        held_out = DATA[settings.loss](5, seed=1)
        policy = trainee(settings.loss, lora)
        result = fit(policy, data, settings, folder / name, validation=held_out)
        results[name] = {"losses": result.losses, "metrics": result.metrics}
    if is_main():
        (folder / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
