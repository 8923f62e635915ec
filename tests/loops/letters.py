"""The letters world, made so small that a whole run takes a second or two."""

import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from maieutic.core.config import checked
from maieutic.core.datasets import write_records
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Example, Message
from maieutic.core.store import MANIFEST, read_run
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig
from maieutic.loops.worlds import checked_run

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PROMPTS, HELD_OUT = 48, 8

JUDGED_BY_FUNCTION = {"kind": "function", "function": "world.py:annotator"}


@contextmanager
def importable(folder):
    """Modules of a folder, as a script in it imports them."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def make(folder):
    """A policy that has learned a little of answering and judging, and the files that configurations name."""
    with importable(EXAMPLES / "letters"):
        world = import_module("world")
    for name in ("world.py", "rubric.toml"):
        (folder / name).write_bytes((EXAMPLES / "letters" / name).read_bytes())
    asked = world.prompts(PROMPTS + HELD_OUT, seed=1)
    write_records(folder / "prompts.jsonl", [Example(p, world.teacher(p, 0)) for p in asked[:PROMPTS]])
    write_records(folder / "evaluation.jsonl", [Example(p, "") for p in asked[PROMPTS:]])
    answered = [Example(*pair) for pair in world.instructions(160, seed=2)]
    judging = [Example(*pair) for pair in world.judgements(320, seed=3)]
    write_records(folder / "instructions.jsonl", answered[:16])
    write_records(folder / "judging.jsonl", judging[:16])
    policy = build(word_tokenizer(world.words(), chat=True), width=32, layers=1, heads=2, context=96, seed=0)
    data = [Example((Message("user", e.prompt),), e.completion) for e in [*answered, *judging]]
    settings = {"loss": "sft", "learning_rate": 0.01, "batch_size": 32, "epochs": 6, "schedule": "cosine"}
    fit(policy, data, checked(FitConfig, settings), folder / "training")
    save(policy, folder / "start")
    return folder


def config_of(method, **changes):
    """A run of two small rounds."""
    values = {
        "method": method,
        "rounds": 2,
        "block": 3,
        "policy": {"path": "start"},
        "prompts": {"path": "prompts.jsonl", "per_round": 6},
        "sampling": {"temperature": 1.0, "top_p": 1.0, "max_tokens": 8},
        "training": {"learning_rate": 5e-3, "batch_size": 8, "checkpoint_every": 1},
        "judge": JUDGED_BY_FUNCTION,
        "evaluation": {
            "path": "evaluation.jsonl",
            "count": 4,
            "temperature": 1.0,
            "oracle": "world.py:oracle",
            "judge": {"kind": "function", "function": "world.py:oracle"},
        },
        **METHODS_HERE[method],
        **changes,
    }
    return checked_run(values)


EASY = {"selection": {"positive": 1.0, "margin": 1.0, "student_margin": 1.0}}
TEACHER = {"function": "world.py:teacher"}
PAIRWISE = {"kind": "function", "function": "world.py:taste"}
METHODS_HERE = {
    "self_rewarding": {
        "judge": {"rubric": "rubric.toml", "sampling": {"max_tokens": 30}, "draws": 2},
        "start": {
            "instructions": "instructions.jsonl",
            "judging": "judging.jsonl",
            "training": {"learning_rate": 1e-4, "batch_size": 8, "checkpoint_every": 1},
        },
    },
    "spin": {},
    "online_dpo": {},
    "dno": {"teacher": TEACHER, "row": EASY},
    "dno_exact": {"judge": PAIRWISE},
    "dno_restrictive": {"teacher": TEACHER, "row": EASY},
    "dno_lookahead": {"teacher": TEACHER, "row": EASY},
    "offline_dpo": {"teacher": TEACHER, "row": EASY},
    "sft_on_positives": {"teacher": TEACHER},
    "expert_iteration": {"teacher": TEACHER},
    "rlhf": {
        "judge": PAIRWISE,
        "start": {"preferences": 3, "reward_training": {"learning_rate": 1e-3, "batch_size": 8, "max_steps": 2}},
        "training": {"steps": 2, "batch_size": 4, "max_tokens": 6, "epochs": 1, "checkpoint_every": 1},
    },
}
"""What a method needs beside the rest."""


def contents(folder):
    """Every file of a run that two equal runs share, and what the cache of judgements holds."""
    run = read_run(folder)
    files = {"run.json": (folder / "run.json").read_bytes(), "output.json": (folder / "output.json").read_bytes()}
    for stage in run.stages():
        files |= {str(p.relative_to(folder)): p.read_bytes() for p in sorted(stage.folder.rglob("*")) if p.is_file()}
    return files


def manifests(folder):
    return {name: content for name, content in contents(folder).items() if name.endswith(MANIFEST)}


def judgements(folder):
    with JudgementCache(folder / "judgements.sqlite") as cache:
        return len(cache)
