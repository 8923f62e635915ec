"""The search for auxiliary points on the published problem sets, and what one trial of it costs.

Every problem of IMO-AG-30 with each kind of search and each seed, the shipped model's among them, and of jgex_ag_154
with the heuristic one, each in a process that does one problem at a time. Results are lines of JSON, written as they
come: an interrupted run goes on where it stopped (--fresh begins anew). Prints tables and, unless --no-page, puts them
into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from engine_process import start_engine
from maieutic.core.executor import map_unordered
from maieutic.geometry.attempt import warm_up_search
from maieutic.geometry.bench import Task, failure, run_task
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language.problem import load_problems
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import extended
from maieutic.geometry.trusted.records import Diagram, Problem
from maieutic.loops.proposers.named import proposer_named
from page import RUNS, Row, acceptance, machine, table, verdict, write_section
from problem_sets import IMO, JGEX, find_sets

Record = dict[str, Any]
NO_SEARCH = "none"
SEARCHES = (NO_SEARCH, "random", "heuristic", "model", "mixed")
BEST, WITH_MODEL = "heuristic", "mixed"
MOST_IMO, MOST_JGEX = 27, 152  # acceptance: problems proved
MOST_EXTEND_S = 0.003  # acceptance: a median trial at about 12 points
LEAST_GAIN, CHEAP_S = 5, 0.001  # acceptance: so many times cheaper than from scratch, or no more than this
POINTS = range(11, 14)  # "about 12 points"
TRIALS = 60


@dataclass(frozen=True)
class Job:
    """One problem of a set, with one kind of search and one seed."""

    set: str
    search: str
    seed: int
    problem: Problem
    time_limit: float

    @property
    def key(self) -> tuple[str, str, int, str]:
        return self.set, self.search, self.seed, self.problem.name


def run_job(job: Job) -> Record:
    """The record of a job, with what it was."""
    propose = None if job.search == NO_SEARCH else proposer_named(job.search, None, job.seed)
    return labelled(job, run_task(Task(job.problem, job.seed, job.time_limit, propose)))


def labelled(job: Job, record: Record) -> Record:
    return {"set": job.set, "search": job.search, "seed": job.seed, "limit": job.time_limit, **record}


def all_jobs(files: dict[str, Path], seeds: int, time_limit: float) -> Iterator[Job]:
    """What there is to do, the quickest first."""
    imo, jgex = (load_problems(files[name]) for name in (IMO, JGEX))
    for search in (NO_SEARCH, BEST, "random", WITH_MODEL, "model"):
        for seed in range(seeds):
            yield from (Job(IMO, search, seed, problem, time_limit) for problem in imo)
        if search == BEST:
            yield from (Job(JGEX, search, 0, problem, time_limit) for problem in jgex)


def run(jobs: list[Job], path: Path, processes: int) -> list[Record]:
    """The records of all jobs: those in the file, and the others as they come."""
    records = read(path)
    done = {(r["set"], r["search"], r["seed"], r["name"]) for r in records if r["limit"] == jobs[0].time_limit}
    missing = [job for job in jobs if job.key not in done]
    with path.open("a", encoding="utf-8") as file:
        for index, outcome in map_unordered(run_job, missing, processes, errors="return"):
            job = missing[index]
            found = labelled(job, failure(job.problem, outcome)) if isinstance(outcome, Exception) else outcome
            file.write(json.dumps(found) + "\n")
            file.flush()
            records.append(found)
            print(f"{len(records)}/{len(jobs)} {job.search} seed {job.seed} {job.problem.name}: {found['status']}")
    wanted = {job.key for job in jobs}
    latest = {(r["set"], r["search"], r["seed"], r["name"]): r for r in records if r["limit"] == jobs[0].time_limit}
    return [record for key, record in latest.items() if key in wanted]


def read(path: Path) -> list[Record]:
    """The records of a file, without a last line that a killed run left unfinished."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return [json.loads(line) for line in whole.decode().splitlines()]


# --- what a trial costs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Median CPU seconds of a trial at about 12 points: by extending a closure, and from scratch."""

    trials: int
    extend_s: float
    scratch_s: float


def trial_cost(problems: Iterable[Problem], seed: int) -> Cost:
    """Candidates spread over the pools of all problems of the right size, each closed in both ways."""
    options = Options(sines=False)
    spent: list[tuple[float, float]] = []
    for problem in problems:
        if len(problem.points) not in POINTS:
            continue
        figure = draw(problem, seed)
        base = close(problem, figure, options)
        pool = heuristic(problem, base, 20 * TRIALS)
        for candidate in pool[:: max(1, len(pool) // TRIALS)]:
            longer = replace(problem, clauses=(*problem.clauses, candidate.clause()))
            diagram = Diagram({**figure.points, candidate.name: candidate.at}, figure.seed)
            clock = time.thread_time()
            extended(base, (candidate,))
            middle = time.thread_time()
            close(longer, diagram, options)
            spent.append((middle - clock, time.thread_time() - middle))
    return Cost(len(spent), median(s for s, _ in spent), median(s for _, s in spent))


# --- the tables ------------------------------------------------------------------------------------------------------


def proved(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record["status"] == "proved" and record["kernel"] == "accepted"]


def seconds(values: list[float]) -> str:
    return f"{median(values):.2f}, {max(values):.1f}" if values else "-"


def chosen(records: list[Record], set_name: str, search: str, seed: int) -> list[Record]:
    return [r for r in records if (r["set"], r["search"], r["seed"]) == (set_name, search, seed)]


def summary_row(records: list[Record], set_name: str, search: str, seed: int) -> tuple[str, ...]:
    part = chosen(records, set_name, search, seed)
    found = proved(part)
    helped = [record for record in found if record["auxiliary"]]
    return (
        set_name,
        search,
        str(seed),
        f"{len(found)} of {len(part)}",
        str(len(helped)),
        f"{median(r['attempts'] for r in helped):g}, {max(r['attempts'] for r in helped)}" if helped else "-",
        seconds([record["search_s"] for record in helped]),
        f"{sum(record['cpu_s'] for record in part):.0f}",
    )


def problem_rows(records: list[Record], seeds: int) -> list[tuple[str, ...]]:
    """Of each problem of IMO-AG-30 that needs a point: attempts and CPU seconds, by search and seed."""
    without = {record["name"] for record in proved(chosen(records, IMO, NO_SEARCH, 0))}
    names = [record["name"] for record in chosen(records, IMO, NO_SEARCH, 0) if record["name"] not in without]
    rows = []
    for name in names:
        row = [name.removeprefix("translated_")]
        for search in (BEST, WITH_MODEL):
            for seed in range(seeds):
                one = [record for record in chosen(records, IMO, search, seed) if record["name"] == name]
                row.append(f"{one[0]['attempts']}: {one[0]['search_s']:.1f}" if proved(one) else "-")
        rows.append(tuple(row))
    return rows


def attempts_compared(records: list[Record], seeds: int) -> tuple[str, list[Row]]:
    """Attempts of the heuristic and the mixed search: geometric means of attempts + 1 over problems that both solve
    with a point, as a table; and what is asked of them."""
    rows, checks = [], []
    for seed in range(seeds):
        by = {s: {r["name"]: r for r in proved(chosen(records, IMO, s, seed))} for s in (BEST, WITH_MODEL)}
        both = [
            n for n in by[BEST] if n in by[WITH_MODEL] and (by[BEST][n]["auxiliary"] or by[WITH_MODEL][n]["auxiliary"])
        ]
        means = [geometric_mean([by[s][n]["attempts"] + 1 for n in both]) for s in (BEST, WITH_MODEL)]
        rows.append((f"seed {seed}", str(len(both)), *(f"{m:.1f}" for m in means)))
        more, fewer = len(by[WITH_MODEL]) >= len(by[BEST]), means[1] < means[0]
        checks.append(
            verdict(
                f"seed {seed}: mixed proves as many, with the lower mean",
                f"{len(by[WITH_MODEL])}, {means[1]:.1f}",
                more and fewer,
            )
        )
    head = ("attempts + 1, geometric mean", "problems", BEST, WITH_MODEL)
    return table(head, rows), checks


def tables(records: list[Record], cost: Cost, seeds: int, time_limit: float) -> str:
    """Everything for the page."""
    wanted = [(IMO, search, seed) for search in SEARCHES for seed in range(seeds)] + [(JGEX, BEST, 0)]
    head = (
        "set",
        "search",
        "seed",
        "proved",
        "with points",
        "attempts: median, most",
        "CPU-s: median, most",
        "all CPU-s",
    )
    runs = table(head, [summary_row(records, *one) for one in wanted])
    each = table(
        ("attempts: CPU-s", *(f"{search} {seed}" for search in (BEST, WITH_MODEL) for seed in range(seeds))),
        problem_rows(records, seeds),
    )
    counts = [len(proved(chosen(records, IMO, BEST, seed))) for seed in range(seeds)]
    jgex = len(proved(chosen(records, JGEX, BEST, 0)))
    gain = cost.scratch_s / cost.extend_s
    cheap = gain >= LEAST_GAIN or cost.extend_s <= CHEAP_S
    means, asked = attempts_compared(records, seeds)
    goals = acceptance([
        verdict(f"{IMO}: {MOST_IMO} within {time_limit:g} CPU-s, on each seed", str(counts), min(counts) >= MOST_IMO),
        verdict(f"{JGEX}: {MOST_JGEX}", str(jgex), jgex >= MOST_JGEX),
        verdict("a trial at about 12 points: 3 ms", f"{1000 * cost.extend_s:.2f} ms", cost.extend_s <= MOST_EXTEND_S),
        verdict("5 times cheaper than from scratch, or 1 ms", f"{1000 * cost.scratch_s:.2f} ms from scratch", cheap),
        *asked,
    ])  # fmt: skip
    return "\n\n".join((runs, each, means, f"A trial: median of {cost.trials}, over candidates of {IMO}.", goals))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the published sets (default: MAIEUTIC_DATA)")
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ...")
    parser.add_argument("--time-limit", type=float, default=120.0, help="CPU seconds a problem")
    parser.add_argument("--jobs", type=int, default=2, help="problems at a time")
    parser.add_argument("--out", type=Path, default=RUNS / "search.jsonl", help="file of the results")
    parser.add_argument("--fresh", action="store_true", help="forget the results that are there")
    parser.add_argument("--page", action=argparse.BooleanOptionalAction, default=True, help="update the page")
    options = parser.parse_args()
    files = find_sets(options.data, (IMO, JGEX))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        options.out.unlink(missing_ok=True)
    start_engine()  # compiles the engine, if need be
    warm_up_search()
    cost = trial_cost(load_problems(files[IMO]), 0)
    load = os.getloadavg()[0]
    jobs = list(all_jobs(files, options.seeds, options.time_limit))
    records = run(jobs, options.out, options.jobs)
    conditions = (
        f"{machine()}; {options.time_limit:g} CPU-s a problem, {options.jobs} at a time; load average {load:.1f}"
    )
    text = f"Measured {conditions}.\n\n{tables(records, cost, options.seeds, options.time_limit)}"
    print(text)
    if options.page:
        write_section("search", text)


if __name__ == "__main__":
    main()
