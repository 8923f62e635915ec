"""Every method of `maieutic improve` in the letters world (examples/letters), from one start and at equal cost.

Three sets of runs, each with several seeds: the configurations as they stand; DNO with one thing changed; a preference
that no score explains. Each run is a process of one thread. What its policies answer to prompts held out is written
down as a line of JSON as soon as it is finished, and the run itself goes on where it was cut off: an interrupted
benchmark loses nothing (--fresh begins anew). Prints tables and, unless --no-page, puts them and a plot into
docs/methods.md. The start is trained first where it is not there: half an hour of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb
from pathlib import Path
from random import Random
from typing import Any

import torch

from maieutic.align.judges.questions import Question, Verdict, read_raw
from maieutic.align.selection.select import TEACHER, rewards
from maieutic.core.datasets import read_prompts
from maieutic.core.executor import map_unordered
from maieutic.core.files import read_lines
from maieutic.core.generate import Request, Sampling
from maieutic.core.judgements import JudgementCache
from maieutic.core.records import Message, Sample, content_hash
from maieutic.core.store import Run, Stage, read_run
from maieutic.lm.model import load as load_policy
from maieutic.lm.ppo.config import PPOConfig
from maieutic.lm.sampling.sample import Sampler
from maieutic.loops.improve import improve
from maieutic.loops.instructions.config import InstructionEvaluation, InstructionsConfig
from maieutic.loops.instructions.world import Instructions
from maieutic.loops.rounds import stages
from maieutic.loops.rounds.config import RunConfig, judge_kind, method_of, training_of
from maieutic.loops.rounds.participants import Mixture
from maieutic.loops.worlds import load_run
from page import ROOT, RUNS, machine, write_section

LETTERS = ROOT / "examples" / "letters"
sys.path.insert(0, str(LETTERS))
import make  # noqa: E402
import world  # noqa: E402

import methods_page  # noqa: E402

PAGE = ROOT / "docs" / "methods.md"
PICTURE = ROOT / "docs" / "images" / "methods.svg"

Record = dict[str, Any]

METHODS = (
    "self_rewarding",
    "dno",
    "dno_exact",
    "dno_restrictive",
    "dno_lookahead",
    "spin",
    "offline_dpo",
    "online_dpo",
    "sft_on_positives",
    "expert_iteration",
    "rlhf",
)
"""Configurations of examples/letters, in the order of the table."""

ABLATIONS: dict[str, tuple[str, ...]] = {
    "samples of the first policy": ("row.candidates={first = 5, teacher = 1}",),
    "no margin": ("row.selection={positive = 0.0, margin = 0.0, student_margin = 0.0}",),
    "pairs of the policy's own": ('row.selection.origins=["student>student"]',),
    "an annotator without errors": ("judge.function=world.py:oracle",),
    "an annotator wrong half of the time": ("judge.function=world.py:careless",),
}
"""What is changed of dno.toml, one thing at a time. Imitation instead of contrast is sft_on_positives, and pairs that
only the teacher wins are dno_restrictive."""

TASTE: dict[str, tuple[str, ...]] = {
    "dno_exact": ("rounds=6", "prompts.per_round=126", "training.max_steps=16", "training.learning_rate=5e-4"),
    "rlhf": ("training.learning_rate=5e-4", "training.kl_coefficient=0.01"),
}
"""Methods under world.taste, at the same cost, and what is set so that styles move: more rounds, larger steps,
and less of a price on leaving the start."""

TASTED = ("judge.function=world.py:taste", "evaluation.judge.function=world.py:taste")
VALIDATION = 128
"""Of the held-out prompts, the first so many choose a run's best round; on the others the tables are made."""

UNMEASURED = {"evaluation": InstructionEvaluation()}
JUDGED = 96
"""Prompts whose answers each round's policy judges, where it is its own judge."""


@dataclass(frozen=True)
class Job:
    """One run: a configuration, what is set over it, and a seed."""

    set: str
    name: str
    method: str
    settings: tuple[str, ...]
    seed: int
    data: Path
    runs: Path

    def config(self) -> RunConfig:
        """The run's configuration. Its paths are absolute, but for those of functions and rubrics."""
        file = LETTERS / f"{self.method}.toml"
        named = load_run(file)
        moved = {"policy": named.policy.path, "prompts": named.prompts.path, "evaluation": named.evaluation.path or ""}
        places = [f"{table}.path={self.data.resolve() / Path(path).name}" for table, path in moved.items()]
        return load_run(file, [*places, *self.settings, f"seed={self.seed}"])

    def key(self) -> str:
        """What the results hang on: with another configuration, a run is to be made anew."""
        settings = self.config().model_dump(mode="json", exclude_none=True)
        for table in ("policy", "prompts", "evaluation"):
            settings[table]["path"] = Path(settings[table]["path"]).name
        return content_hash([self.set, self.name, settings])[:16]


def all_jobs(seeds: int, data: Path, runs: Path) -> Iterator[Job]:
    """What there is to do, seed by seed."""
    for seed in range(seeds):
        yield from (Job("methods", name, name, (), seed, data, runs) for name in METHODS)
        yield from (Job("taste", name, name, (*TASTED, *more), seed, data, runs) for name, more in TASTE.items())
        yield from (Job("ablations", name, "dno", changed, seed, data, runs) for name, changed in ABLATIONS.items())


def run_job(job: Job) -> Record:
    """Do a run, or what is left of it, and ask its policies."""
    torch.set_num_threads(1)
    config, folder = job.config(), job.runs / job.key()
    measured = method_of(config).output == "best"  # others are measured below, and need not be in between
    clock = time.perf_counter()
    output = improve(config if measured else config.model_copy(update=UNMEASURED), LETTERS, folder)
    seconds = time.perf_counter() - clock
    run = read_run(folder)
    found = {
        "set": job.set,
        "name": job.name,
        "seed": job.seed,
        "key": job.key(),
        "seconds": round(seconds, 1),
        "cpu_s": round(sum(row["cpu_seconds"] for row in read_lines(folder / "log.jsonl")), 1),
        "why": output["why"],
        **spent(run, config),
        **asked(run, config, [folder / place for place in output["policies"]]),
        "self_judge": list(self_accuracy(run, config)) if judge_kind(config, method_of(config)) == "self" else [],
    }
    for place in folder.glob("round-*/*/model"):  # megabytes each; what was asked and answered stays
        shutil.rmtree(place)
    return found


# --- what a run cost -------------------------------------------------------------------------------------------------


def spent(run: Run, config: RunConfig) -> Record:
    """Samples, answers of judges, completions learned from and their tokens; how often each round's judge was right."""
    if method_of(config).trainer == "ppo":
        return _spent_by_ppo(run, config)
    samples = sum(s.counts["samples"] for s in run.stages() if s.name in ("samples", TEACHER))
    judged = [stage for stage in run.stages() if stage.name == "judgements"]
    lessons = [_lessons(run, config, number) for number in range(1, config.rounds + 1)]
    return {
        "samples": samples,
        "judge_calls": sum(len(read_raw(row["raw"])) for stage in judged for row in _rows(stage)),
        "completions": sum(count for count, _ in lessons),
        "tokens": round(sum(tokens for _, tokens in lessons)),
        "chosen": [run.made(number, "pairs").counts["chosen"] for number in range(1, config.rounds + 1)],
        "judge": [judge_accuracy(run, stage) for stage in judged],
    }


def _spent_by_ppo(run: Run, config: RunConfig) -> Record:
    """The same for PPO, whose judge was asked for the reward model only."""
    ppo, prompts = PPOConfig(**training_of(config, method_of(config))), len(read_prompts(Path(config.prompts.path)))
    asked, steps = config.start.preferences, config.rounds * ppo.steps
    compares = config.judge.function == "world.py:taste"
    metrics = [row for k in range(config.rounds) for row in read_lines(_metrics(run, k + 1))]
    return {
        "samples": prompts * asked + steps * ppo.batch_size,
        "judge_calls": prompts * (2 * comb(asked, 2) if compares else asked),  # each pair in both orders
        "completions": steps * ppo.batch_size * ppo.epochs,
        "tokens": round(sum(row["length"] for row in metrics) * ppo.batch_size * ppo.epochs),
        "chosen": [run.made(0, "start").counts["rankings"]],
        "judge": [],
    }


def _lessons(run: Run, config: RunConfig, number: int) -> tuple[int, float]:
    """Completions with a gradient in a round, and their tokens: a word is a token here, and each ends with one."""
    training = training_of(config, method_of(config))
    steps = run.made(number, "policy").counts.get("steps", 0)
    texts = [text for r in _learned(run.made(number, "pairs")) for text in r]
    each = sum(len(text.split()) + 1 for text in texts) / max(len(texts), 1)
    count = steps * training["batch_size"] * (2 if training["loss"] != "sft" else 1)
    return count, count * each


def _learned(stage: Stage) -> list[tuple[str, ...]]:
    """The completions of each pair, or of each example."""
    rows = _rows(stage)
    return [(row["chosen"], row["rejected"]) if "chosen" in row else (row["completion"],) for row in rows]


def judge_accuracy(run: Run, judgements: Stage) -> list[tuple[float, int]]:
    """How the judge of a round ordered the round's answers; see `accuracy`."""
    made = {s.name: s for s in run.stages() if s.round == judgements.round}
    questions = stages.every_sample(made["prompts"], *(made[name] for name in ("samples", TEACHER) if name in made))
    return accuracy(questions, stages.verdicts_of(judgements, questions))


def self_accuracy(run: Run, config: RunConfig) -> Iterator[list[tuple[float, int]]]:
    """The same for each round's policy as the judge of answers that are always the same, as people give them."""
    prompts = _held_out(config)[:JUDGED]
    texts = [[world.response(p, Random(f"judged {p} {k}")) for k in range(4)] for p in prompts]
    questions = [
        Question(p, tuple(Sample(p, text, "people", k) for k, text in enumerate(given)))
        for p, given in zip(prompts, texts, strict=True)
    ]
    assert isinstance(config, InstructionsConfig), "letters are no theorems"
    who = Instructions(config, LETTERS, JudgementCache())
    for policy in _policies(run, config):
        judge = who.judge_of("self", config.judge, partial(who.writer, policy))
        verdicts = dict(judge.judge(questions, config.seed))
        yield accuracy(questions, [verdicts[k] for k in range(len(questions))])


def accuracy(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[tuple[float, int]]:
    """Of each prompt: pairs of answers that the verdicts order as the oracle does, and pairs that the oracle orders.

    A pair that the judge finds equal is half right: so a judge that sees no difference is told from one that sees the
    wrong one.
    """
    found = []
    for question, verdict in zip(questions, verdicts, strict=True):
        told = rewards(question, verdict)
        truth = [world.oracle(str(s.prompt), s.completion) for s in question.samples]
        right, pairs = 0.0, 0
        for i, j in combinations(range(len(truth)), 2):
            mine, other = told[i], told[j]
            if truth[i] != truth[j] and mine is not None and other is not None:
                pairs += 1
                right += 0.5 if mine == other else float((mine > other) == (truth[i] > truth[j]))
        found.append((right, pairs))
    return found


def _rows(stage: Stage) -> list[Any]:
    return [row for path in sorted(stage.folder.glob("records-*.jsonl")) for row in read_lines(path)]


def _metrics(run: Run, number: int) -> Path:
    return run.made(number, "policy").folder / "metrics.jsonl"


# --- what its policies answer ----------------------------------------------------------------------------------------


def asked(run: Run, config: RunConfig, output: Sequence[Path]) -> Record:
    """What each round's policy answers to the prompts held out, and what comes out; the same greedily."""
    prompts, policies = _held_out(config), _policies(run, config)
    return {
        "prompts": prompts,
        "rounds": [answers([policy], prompts, 1.0, config.seed) for policy in policies],
        "output": answers(output, prompts, 1.0, config.seed),
        "greedy": [answers(of, prompts, 0.0, config.seed) for of in (policies[:1], output)],
    }


def _held_out(config: RunConfig) -> list[str]:
    assert config.evaluation.path is not None, "every configuration here has one"
    return [str(prompt) for prompt in read_prompts(Path(config.evaluation.path))][VALIDATION:]


def _policies(run: Run, config: RunConfig) -> list[Path]:
    """The start and the policy of each round."""
    rounds = [run.made(0, "start"), *(run.made(number, "policy") for number in range(1, config.rounds + 1))]
    return [stage.folder / "model" for stage in rounds]


def answers(policies: Sequence[Path], prompts: Sequence[str], temperature: float, seed: int) -> list[str]:
    """One answer to each prompt; of several policies, one is drawn anew for each prompt. Equal seeds whoever writes."""
    members = [partial(_writer, folder) for folder in policies]
    writer = Mixture(members, seed) if len(members) > 1 else members[0]()
    requests = [Request((Message("user", text),), 1, seed * len(prompts) + k) for k, text in enumerate(prompts)]
    found = {r.index: r.generated[0].text for r in writer.generate(requests, Sampling(temperature, 1.0, 24))}
    return [found[k] for k in range(len(prompts))]


def _writer(folder: Path) -> Sampler:
    return Sampler(load_policy(folder))


# --- the benchmark ---------------------------------------------------------------------------------------------------


def run(jobs: Sequence[Job], path: Path, processes: int) -> list[Record]:
    """The records of all jobs: those in the file, and the others as they come."""
    keys = {job.key(): job for job in jobs}
    found = {record["key"]: record for record in read(path) if record["key"] in keys}
    missing = [job for key, job in keys.items() if key not in found]
    with path.open("a", encoding="utf-8") as file:
        for _, record in map_unordered(run_job, missing, processes):
            file.write(json.dumps(record) + "\n")
            file.flush()
            found[record["key"]] = record
            about = f"{record['set']}: {record['name']}, seed {record['seed']}"
            print(f"{len(found)}/{len(jobs)} {about}: {record['seconds']:.0f} s", flush=True)
    return [found[key] for key in keys]


def read(path: Path) -> list[Record]:
    """The records of a file, without a last line that a killed run left unfinished."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return [json.loads(line) for line in whole.decode().splitlines()]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ...")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time, one thread each")
    parser.add_argument("--data", type=Path, default=RUNS / "letters", help="the world's start and prompts")
    parser.add_argument("--out", type=Path, default=RUNS / "methods", help="folder of the runs and their results")
    parser.add_argument("--only", choices=("methods", "taste", "ablations"), help="one of the three sets")
    parser.add_argument("--fresh", action="store_true", help="forget the runs that are there")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    if options.fresh:
        shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    make.make(options.data)
    jobs = list(all_jobs(options.seeds, options.data, options.out))
    jobs = [job for job in jobs if options.only in (None, job.set)]
    records = run(jobs, options.out / "results.jsonl", options.jobs)
    load = os.getloadavg()[1]
    conditions = f"{machine()}; {options.seeds} seeds, {options.jobs} at a time, one thread each"
    text = methods_page.sections(records, f"{conditions}; load average {load:.1f}")
    print(text)
    if options.page and options.only is None:
        PICTURE.write_text(methods_page.picture(methods_page.groups(records, "methods")), encoding="utf-8")
        write_section("methods", text, PAGE)


if __name__ == "__main__":
    main()
