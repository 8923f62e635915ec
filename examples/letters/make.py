"""Make what the letters world begins with: a model trained from scratch, and the files that configurations name.

    python examples/letters/make.py FOLDER [--instructions N] [--width D] [--epochs E]

The folder gets `start/` (a policy that follows instructions, a third of the time wrongly, and can judge),
`prompts.jsonl`, `fewer_prompts.jsonl` (for a method that takes all of a file), `evaluation.jsonl`, and the examples
the start was trained on. A start that is there is not made again, and a training that was interrupted goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import world

from maieutic.core.config import checked
from maieutic.core.datasets import write_records
from maieutic.core.records import Example, Message
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig

PROMPTS, FEWER, EVALUATION = 4096, 750, 512


def examples(pairs) -> list[Example]:
    return [Example(prompt, completion) for prompt, completion in pairs]


def make(folder: Path, instructions: int = 32_000, width: int = 128, layers: int = 4, epochs: int = 4) -> None:
    """Make what is missing of the folder.

    Args:
        instructions: examples of each of the two kinds: answering, and judging.
        epochs: how often the start sees each of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked = world.prompts(PROMPTS + EVALUATION, seed=1)
    write_records(folder / "prompts.jsonl", examples((p, world.teacher(p, 0)) for p in asked[:PROMPTS]))
    write_records(folder / "fewer_prompts.jsonl", examples((p, "") for p in asked[:FEWER]))
    write_records(folder / "evaluation.jsonl", examples((p, " ".join(world.answer(p))) for p in asked[PROMPTS:]))
    held_out = set(asked[PROMPTS:])
    ift = [pair for pair in world.instructions(instructions, seed=2) if pair[0] not in held_out]
    eft = list(world.judgements(instructions, seed=3))
    write_records(folder / "instructions.jsonl", examples(ift))
    write_records(folder / "judgements.jsonl", examples(eft))
    if (folder / "start").exists():
        return
    tokenizer = word_tokenizer(world.words(), chat=True)
    policy = build(tokenizer, width=width, layers=layers, heads=4, context=128, seed=0)
    data = [Example((Message("user", prompt),), completion) for prompt, completion in [*ift, *eft]]
    settings = {
        "loss": "sft",
        "learning_rate": 3e-3,
        "schedule": "cosine",
        "warmup": 0.05,
        "batch_size": 64,
        "epochs": epochs,
        "bf16": True,
        "weight_decay": 0.01,
        "adam_betas": [0.9, 0.98],
    }
    fit(policy, data, checked(FitConfig, settings), folder / "training")
    save(policy, folder / "start")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--instructions", type=int, default=32_000, help="examples of each of the two kinds")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    given = parser.parse_args()
    make(given.folder, given.instructions, given.width, given.layers, given.epochs)
