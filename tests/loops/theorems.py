"""A world of theorems, made so small that a whole run on them takes seconds."""

from pathlib import Path

from maieutic.core.config import checked
from maieutic.core.datasets import read_examples, write_records
from maieutic.geometry.text.encoding import vocabulary
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig
from maieutic.loops.worlds import checked_run

THEOREMS = Path(__file__).with_suffix(".jsonl")
"""Made-up theorems that need a point, each with that of its own proof (of the last, two)."""

HELD_OUT = 8


def make(folder):
    """A policy that has learned a little of where points go, and the files that configurations name."""
    known = read_examples(THEOREMS)
    write_records(folder / "theorems.jsonl", known[:-HELD_OUT])
    write_records(folder / "held_out.jsonl", known[-HELD_OUT:])
    policy = build(word_tokenizer(vocabulary()), width=32, layers=1, heads=2, context=128, seed=0)
    settings = {"loss": "sft", "learning_rate": 0.01, "batch_size": 8, "epochs": 12, "schedule": "cosine"}
    fit(policy, known, checked(FitConfig, settings), folder / "training")
    save(policy, folder / "start")
    return folder


def config_of(method, **changes):
    """A run of two small rounds."""
    values = {
        "method": method,
        "rounds": 2,
        "block": 4,
        "policy": {"path": "start"},
        "prompts": {"path": "theorems.jsonl", "per_round": 5},
        "sampling": {"temperature": 1.0, "top_p": 1.0, "max_tokens": 24},
        "training": {"learning_rate": 5e-3, "batch_size": 8, "checkpoint_every": 1},
        "evaluation": {"path": "held_out.jsonl", "count": HELD_OUT},
        "prover": {"beam": 4, "closures": 3, "tries": 8, "probe": 2},
        **METHODS_HERE.get(method, {}),
        **changes,
    }
    return checked_run(values)


IN_KERNEL_UNITS = {"selection": {"positive": 1.0, "margin": 1.0, "student_margin": 0.05}}
METHODS_HERE = {
    "dno": {"row": IN_KERNEL_UNITS},
    "self_rewarding": {"start": {"training": {"learning_rate": 3e-3, "batch_size": 8, "checkpoint_every": 1}}},
    "sft_on_positives": {"row": {"candidates": {"data": 1}}},
}
"""What a method needs beside the rest."""
