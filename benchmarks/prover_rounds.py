"""A prover that teaches itself: rounds by several methods from one model, at equal closures and training.

Declared before it was run: the primary result is DNO's, the share of held-out theorems that are solved at 8 closures
after round 3 minus that of the model it began with, over the same theorems, with a bootstrap over theorems and seeds
(examples/prover/dno.toml). Beside it stand the other configurations of examples/prover, with the same theorems, draws
and steps: expert iteration, DPO, Self-Rewarding, and the supervised training gone on with.

Runs are made one after the other, seed by seed, in one process of one thread. A run that was cut off goes on,
and --minutes ends a stage of the benchmark: the same command does the rest. Prints the tables and, unless --no-page,
puts them and a plot into docs/prover.md; where runs are missing, the tables say so.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from maieutic.align.measuring.intervals import LEVEL, RESAMPLES, Estimate
from maieutic.align.selection.select import TEACHER
from maieutic.core.errors import DiagramError
from maieutic.core.files import read_lines
from maieutic.core.records import Sample
from maieutic.core.store import Run, Stage, read_run
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.language.problem import load_problems
from maieutic.geometry.search.budget import figure, first_proof
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.trusted.records import Problem
from maieutic.loops.improve import improve
from maieutic.loops.proposers.model import shipped
from maieutic.loops.rounds.config import RunConfig, method_of
from maieutic.loops.theorems.config import TheoremsConfig
from maieutic.loops.worlds import load_run
from maieutic.pages.plots import colour, plain, plot, svg
from page import ROOT, RUNS, machine, table, write_section
from problem_sets import IMO, find_sets

Record = dict[str, Any]
Array = np.ndarray

EXAMPLES = ROOT / "examples" / "prover"
PAGE = ROOT / "docs" / "prover.md"
PICTURE = ROOT / "docs" / "images" / "prover_rounds.svg"
FINISHED = "output.json"

PRIMARY = "dno"
SUPERVISED = "supervised"
ARMS = {
    PRIMARY: "DNO",
    SUPERVISED: "supervised, gone on with",
    "expert_iteration": "expert iteration",
    "dpo": "DPO",
    "self_rewarding": "Self-Rewarding",
}
"""Configurations of examples/prover, the primary one first, as the table names them."""

LEARNED = ("prompt", "completion", "chosen", "rejected")
"""The texts of an example, or of a pair."""

OLYMPIAD, BEAMS = 32, 64
"""Points tried of an olympiad problem, and the beams that propose them."""


@dataclass(frozen=True)
class Job:
    """One run: a configuration and a seed."""

    arm: str
    seed: int
    folder: Path
    config: RunConfig

    @property
    def finished(self) -> bool:
        return (self.folder / FINISHED).exists()


def all_jobs(options: argparse.Namespace) -> list[Job]:
    """What there is to do, seed by seed, the primary result's run first."""
    shared = [
        f"policy.path={options.model.resolve()}",
        f"prompts.path={options.theorems.resolve()}",
        f"evaluation.path={options.theorems.resolve()}",
        f"prover.verdicts={(options.out / 'verdicts.sqlite').resolve()}",
        *options.set,
    ]
    return [
        Job(
            arm,
            seed,
            options.out / f"{arm}-{seed}",
            load_run(EXAMPLES / f"{arm}.toml", [*shared, f"seed={seed}"]),
        )
        for seed in range(options.seeds)
        for arm in ARMS
        if options.only in (None, arm)
    ]


def run(jobs: Sequence[Job], minutes: float) -> None:
    """Do the runs, or as many as are begun within the time."""
    began = time.monotonic()
    for number, job in enumerate(jobs, 1):
        if not job.finished and time.monotonic() - began < 60 * minutes:
            clock = time.monotonic()
            improve(job.config, EXAMPLES, job.folder)
            spent = time.monotonic() - clock
            print(f"{number}/{len(jobs)} {ARMS[job.arm]}, seed {job.seed}: {spent:.0f} s", flush=True)


# --- what a run says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a finished run found.

    Attributes:
        solved: of each policy, the start and that of each round, which held-out theorems it solves: [rounds + 1, n].
        closures: points that were judged or tried by the teacher, at most, and those of the curriculum.
        tokens: that training read, prompts counted once a pair.
        verdicts: of each round, how its policy's own verdicts agree with the kernel's; empty where it has none.
    """

    job: Job
    solved: Array
    closures: int
    tokens: int
    verdicts: Sequence[Mapping[str, Any]]


def told(job: Job) -> Told:
    """What a run found."""
    run, rounds = read_run(job.folder), range(1, job.config.rounds + 1)
    evaluations = [run.made(number, "evaluation") for number in rounds]
    solved = [_solved(evaluations[0], "start"), *(_solved(stage, "now") for stage in evaluations)]
    return Told(
        job,
        np.array(solved),
        sum(_closures(run, job.config, number) for number in rounds),
        sum(_tokens(run, job.config, number) for number in rounds),
        [stage.counts["verdicts"] for stage in evaluations if "verdicts" in stage.counts],
    )


def _solved(stage: Stage, who: str) -> Array:
    mine = [sample for sample in stage.records(Sample) if sample.model.startswith(f"{who} ")]
    return np.array([sample.finish == "stop" for sample in mine], float)


def _closures(run: Run, config: RunConfig, number: int) -> int:
    """Of a round: the few draws of the curriculum, the points judged, the points that the search may try."""
    assert isinstance(config, TheoremsConfig), "a run on theorems"
    looked = int(run.made(number, "curriculum").counts["theorems"]) * config.prover.probe
    judgements = run.made(number, "judgements").counts
    judged = int(judgements["verdicts"]) if judgements["judge"].startswith("proof") else 0
    taught = TEACHER in method_of(config).candidates
    asked = int(run.made(number, "prompts").counts["prompts"])
    return looked + judged + (config.prover.tries * asked if taught else 0)


def _tokens(run: Run, config: RunConfig, number: int) -> int:
    """Of a round's training: a word is a token; the mean item, as often as it was seen."""
    pairs, steps = run.made(number, "pairs"), run.made(number, "policy").counts.get("steps", 0)
    rows = [row for path in sorted(pairs.folder.glob("records-*.jsonl")) for row in read_lines(path)]
    words = [sum(len(str(row[name]).split()) for name in LEARNED if name in row) for row in rows]
    return round(fmean(words) * steps * int(config.training["batch_size"])) if words else 0


# --- intervals -------------------------------------------------------------------------------------------------------


def estimate(values: Array) -> Estimate:
    """The mean of values [seeds, theorems], with an interval by a bootstrap that draws seeds and theorems anew."""
    seeds, n = values.shape
    rng = np.random.default_rng(0)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    chosen = rng.integers(seeds, size=(RESAMPLES, seeds))
    draws = (values @ weights.T)[chosen, np.arange(RESAMPLES)[:, None]].mean(axis=1)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(values.mean()), float(low), float(high), n)


def percent(value: Estimate, sign: str = "") -> str:
    """As 63.2 [60.1, 66.0]."""
    return f"{100 * value.value:{sign}.1f} [{100 * value.low:{sign}.1f}, {100 * value.high:{sign}.1f}]"


# --- olympiad problems -----------------------------------------------------------------------------------------------


def olympiad(policies: Mapping[str, Path], problems: Sequence[Problem], path: Path) -> dict[str, list[int | None]]:
    """Of each policy: closures until each problem is proved; 0: without a point; None: not within OLYMPIAD."""
    from maieutic.loops.proposers.model import ModelProposer

    known = {(row["policy"], row["problem"]): row["closures"] for row in (read_lines(path) if path.exists() else ())}
    with path.open("a", encoding="utf-8") as file:
        for policy, folder in policies.items():
            propose = ModelProposer(folder, width=BEAMS)
            for problem in problems:
                if (policy, problem.name) not in known:
                    known[policy, problem.name] = closures = attempts(problem, propose)
                    file.write(json.dumps({"policy": policy, "problem": problem.name, "closures": closures}) + "\n")
                    file.flush()
    return {policy: [known[policy, problem.name] for problem in problems] for policy in policies}


def attempts(problem: Problem, propose: Proposer) -> int | None:
    """Closures with a point until a problem is proved; 0 where it needs none, None where OLYMPIAD are not enough."""
    try:
        base = figure(problem)
    except DiagramError:
        return None
    if base.reason is StopReason.PROVED:
        return 0
    solved = first_proof(base, propose(problem, base, OLYMPIAD)[:OLYMPIAD])
    return solved.closures if solved else None


# --- the page --------------------------------------------------------------------------------------------------------


def sections(found: Mapping[str, Sequence[Told]], olympiads: Mapping[str, Sequence[int | None]], about: str) -> str:
    """All that there is to tell."""
    parts = [
        about,
        rounds_table(found),
        "![Share of held-out theorems solved, round by round](images/prover_rounds.svg)",
    ]
    parts.insert(1, primary(found[PRIMARY]))
    if own := found.get("self_rewarding"):
        parts += [
            "How far the policy's own verdicts are to be trusted, as the kernel says afterwards:",
            trust_table(own),
        ]
    if olympiads:
        parts += [olympiad_table(olympiads)]
    return "\n\n".join(parts)


def gained(of: Sequence[Told], number: int) -> Array:
    """Round `number` minus the start, [seeds, theorems]."""
    return np.array([told.solved[number] - told.solved[0] for told in of])


def primary(of: Sequence[Told]) -> str:
    """The result that was declared beforehand."""
    gain = estimate(gained(of, -1))
    held = "above 0" if gain.low > 0 else "not above 0"
    rounds = len(of[0].solved) - 1
    return (
        f"**Primary result.** DNO, round {rounds} minus the start, {len(of)} seeds, {gain.n} theorems: "
        f"{percent(gain, '+')} percentage points; the interval is {held}."
    )


def rounds_table(found: Mapping[str, Sequence[Told]]) -> str:
    """Shares round by round, and what they took."""
    rounds = range(len(next(iter(found.values()))[0].solved))
    names = ["start", *(f"round {number}" for number in rounds[1:])]
    head = ("% solved at 8 closures", *names, "gain", "over supervised", "closures", "tokens")
    rows = []
    for arm, of in found.items():
        shares = [percent(estimate(np.array([told.solved[number] for told in of]))) for number in rounds]
        other = {told.job.seed: told for told in found.get(SUPERVISED, ()) if arm != SUPERVISED}
        over = [told.solved[-1] - other[told.job.seed].solved[-1] for told in of if told.job.seed in other]
        closures, tokens = (fmean(getattr(told, name) for told in of) for name in ("closures", "tokens"))
        few = len(of) < len(found[PRIMARY])
        name = f"{ARMS[arm]} ({len(of)} of {len(found[PRIMARY])} seeds)" if few else ARMS[arm]
        rows.append(
            (
                name,
                *shares,
                percent(estimate(gained(of, -1)), "+"),
                percent(estimate(np.array(over)), "+") if over else "–",
                f"{closures:,.0f}",
                f"{tokens:,.0f}",
            )
        )
    return table(head, rows)


def trust_table(of: Sequence[Told]) -> str:
    """Self-Rewarding's verdicts, means over seeds."""
    head = (
        "round",
        "points that prove, %",
        "accuracy, %",
        "AUC",
        "Spearman",
        "best of a theorem proves, %",
        "by chance, %",
    )
    rows = []
    for number in range(len(of[0].verdicts)):
        told = [run.verdicts[number] for run in of]
        mean = {name: fmean(_value(one[name]) for one in told) for name in told[0]}
        shares = (mean["proved"], mean["accuracy"])
        best, chance = mean["best"], mean["best"] - mean["gain"]
        numbers = (f"{mean['auc']:.3f}", f"{mean['spearman']:.3f}")
        least = min(one["gain"]["low"] for one in told)
        sure = f" (gain at least {100 * least:+.1f} in each seed's interval)"
        rows.append(
            (
                str(number + 1),
                *(f"{100 * s:.1f}" for s in shares),
                *numbers,
                f"{100 * best:.1f}",
                f"{100 * chance:.1f}{sure}",
            )
        )
    return table(head, rows)


def _value(told: Any) -> float:
    """An estimate's value, or a number; NaN for none."""
    value = told["value"] if isinstance(told, Mapping) else told
    return float("nan") if value is None else float(value)


def olympiad_table(found: Mapping[str, Sequence[int | None]]) -> str:
    """IMO-AG-30 by single points: what is proved, and how soon, where both a policy and the start need a point."""
    start = found["start"]
    rows = []
    for policy, told in found.items():
        both = [(a, b) for a, b in zip(told, start, strict=True) if a and b]
        means = [float(np.exp(np.mean(np.log1p(values)))) for values in zip(*both, strict=True)] or [float("nan")] * 2
        proved, needing = sum(value is not None for value in told), sum(bool(value) for value in told)
        rows.append((policy, str(proved), str(needing), f"{means[0]:.2f}", f"{means[1]:.2f}"))
    head = ("IMO-AG-30, one point", "proved", "with a point", "attempts + 1, geometric mean", "the start on these")
    return table(head, rows)


def picture(found: Mapping[str, Sequence[Told]]) -> str:
    """The gain over the start, round by round, as SVG."""
    looks = (("blue", "-"), ("grey", ":"), ("orange", "--"), ("green", "-."), ("purple", (0, (1, 1))))
    with plot(7.2, 3.4) as drawn:
        axes = drawn.subplots()
        plain(axes)
        for (arm, of), (name, dashes) in zip(found.items(), looks, strict=False):
            told = [estimate(gained(of, number)) for number in range(len(of[0].solved))]
            values = [100 * one.value for one in told]
            axes.plot(values, color=colour(name), linestyle=dashes, marker="o", markersize=4, label=ARMS[arm])
            if arm == PRIMARY:
                low, high = ([100 * getattr(one, end) for one in told] for end in ("low", "high"))
                axes.fill_between(range(len(told)), low, high, color=colour(name), alpha=0.12, linewidth=0)
        axes.axhline(0, color=colour("soft"), linewidth=0.8)
        axes.set_xticks(range(len(told)), ["start", *(str(k) for k in range(1, len(told)))])
        axes.set_xlabel("round")
        axes.set_title("Held-out theorems solved at 8 closures, minus the start, percentage points")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        last = "; ".join(f"{ARMS[arm]} {percent(estimate(gained(of, -1)), '+')}" for arm, of in found.items())
        return svg(drawn, "Rounds of the prover", f"Gain over the start after the last round: {last}.")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ...")
    parser.add_argument("--only", choices=tuple(ARMS), help="one configuration; the page stays as it is")
    parser.add_argument("--theorems", type=Path, default=ROOT / "runs" / "auxiliary", help="a folder of theorems")
    parser.add_argument("--model", type=Path, help="the model that all begin with; the package's unless told")
    parser.add_argument("--out", type=Path, default=RUNS / "prover_rounds", help="folder of the runs")
    parser.add_argument("--minutes", type=float, default=60, help="after which no further run is begun")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="over all configurations")
    parser.add_argument("--data", type=Path, help="folder of the published problem sets; MAIEUTIC_DATA unless told")
    parser.add_argument("--olympiad", action=argparse.BooleanOptionalAction, default=True, help="try IMO-AG-30")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.model = options.model or shipped()
    options.out.mkdir(parents=True, exist_ok=True)
    jobs = all_jobs(options)
    run(jobs, options.minutes)
    done = [told(job) for job in jobs if job.finished]
    found = {arm: of for arm in ARMS if (of := [one for one in done if one.job.arm == arm])}
    if PRIMARY not in found:
        raise SystemExit("no run is finished; the same command goes on")
    policies = {"start": options.model}
    for one in found[PRIMARY]:
        policies[f"DNO, seed {one.job.seed}"] = (
            one.job.folder / f"round-{one.job.config.rounds:02d}" / "policy" / "model"
        )
    problems = load_problems(find_sets(options.data, (IMO,))[IMO]) if options.olympiad else []
    olympiads = olympiad(policies, problems, options.out / "olympiad.jsonl") if problems else {}
    load_average = f"load average {os.getloadavg()[1]:.1f}"
    about = f"Measured {machine()}; {options.seeds} seeds, one thread; {load_average}; {len(done)} of {len(jobs)} runs."
    text = sections(found, olympiads, about)
    print(text)
    if options.page and options.only is None:
        PICTURE.write_text(picture(found), encoding="utf-8")
        write_section("rounds", text, PAGE)


if __name__ == "__main__":
    main()
