"""The generator: theorems that nobody asked for, in shards, each once.

The work is cut into shards of so many random figures. A shard's theorems depend on the seed and its number only, so
any number of processes makes the same; they are committed in the order of their numbers, without what an earlier shard
has already, until there are enough. So a run that was killed goes on where it stopped and ends as if it had not been.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count as numbers_from
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from maieutic.core.errors import InputError
from maieutic.geometry.language.problem import load_problems
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.random_figure import random_figure
from maieutic.geometry.synthesis.shards import Folder, Record, digest, in_order, open_folder, read_folder
from maieutic.geometry.synthesis.theorem import Theorem, general_key, theorems
from maieutic.geometry.text.decoding import decode_proof
from maieutic.geometry.text.encoding import Invalid, encode_proof
from maieutic.geometry.trusted.records import Proof

FIGURES = 128
"""Figures of a shard."""

GENERATOR = 2
"""To be raised with every change after which a seed gives other theorems."""


@dataclass(frozen=True)
class Task:
    """One shard, for a worker."""

    seed: int
    shard: int
    figures: int
    plain: bool = True


LENGTHS = (1, 5, 10, 25, 50, 100)
"""Proofs are counted by length: 1 to 4 deductions, 5 to 9, and so on."""


@dataclass
class Statistics:
    """What theorems there are: how many, and how many of each kind."""

    theorems: int = 0
    auxiliary: int = 0
    goals: Counter[str] = field(default_factory=Counter)
    deductions: Counter[int] = field(default_factory=Counter)
    auxiliary_points: Counter[int] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count a theorem."""
        self.theorems += 1
        self.auxiliary += record["auxiliary_points"] > 0
        self.goals[record["goal"]] += 1
        self.deductions[record["deductions"]] += 1
        self.auxiliary_points[record["auxiliary_points"]] += 1

    def lengths(self) -> list[tuple[str, int]]:
        """How many proofs are of each class of LENGTHS."""
        number = Counter(max(least for least in LENGTHS if least <= length) for length in self.deductions.elements())
        ends = [*(f"-{following - 1}" for following in LENGTHS[1:]), " or more"]
        return [(f"{least}{end}", number[least]) for least, end in zip(LENGTHS, ends, strict=True)]

    def __str__(self) -> str:
        rows = (
            ("goals", self.goals.most_common()),
            ("deductions", self.lengths()),
            ("auxiliary points", sorted(self.auxiliary_points.items())),
        )
        head = f"{self.theorems} theorems, {self.auxiliary} with auxiliary points"
        return "\n".join([head, *(f"  {name:18}{', '.join(f'{k}: {n}' for k, n in row)}" for name, row in rows)])


@dataclass
class State:
    """How far a run is. `done` counts the theorems of this run only, `seconds` its time."""

    statistics: Statistics
    wanted: int
    done: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Theorems a second, since this run began."""
        return self.done / self.seconds if self.seconds else 0.0


def synthesize(
    count: int,
    out: Path,
    seed: int = 0,
    jobs: int = 1,
    *,
    apart_from: Sequence[Path] = (),
    figures: int = FIGURES,
    plain: bool = True,
    on_shard: Callable[[State], None] = lambda state: None,
) -> Statistics:
    """Write so many unique theorems to a folder; if it holds some of the same seed already, those that are missing.

    Args:
        count: how many there are in the end; a folder may be gone on with for more.
        out: the folder.
        seed: any integer; the same seed gives the same theorems, for any number of jobs.
        jobs: processes.
        apart_from: folders whose theorems, and files whose problems, are not to be made.
        figures: of a shard; other figures a shard, other shards, and at their ends other theorems.
        plain: whether theorems that need no auxiliary point are wanted: three in four are such, and take half the time.
        on_shard: told of each committed shard.

    Raises InputError where the folder has other contents, MaieuticError where it cannot be written. A shard that was
    committed stays, whatever happens.
    """
    if count < 1 or figures < 1:
        raise InputError(f"{'count' if count < 1 else 'figures'} must be at least 1")
    others = sorted({key for path in apart_from for key in keys_of(Path(path))})
    settings = {"generator": GENERATOR, "seed": seed, "figures": figures, "apart_from": digest(others)}
    settings |= {} if plain else {"plain": False}
    folder = open_folder(Path(out), settings)
    if folder.records > count:
        raise InputError(f"holds {folder.records} theorems already", where=str(out), hint="ask for as many or more")
    if folder.records < count and folder.shards and folder.shards[-1].cut:
        folder.shards.pop()
    state = State(Statistics(), count)
    seen = set(others)
    for record in folder.read():
        seen.add(record["key"])
        state.statistics.add(record)
    _fill(folder, seen, state, Task(seed, len(folder.shards), figures, plain), jobs, on_shard)
    return state.statistics


def _fill(
    folder: Folder, seen: set[str], state: State, first: Task, jobs: int, on_shard: Callable[[State], None]
) -> None:
    """Commit shards, in order, until there are enough theorems."""
    started = time.monotonic()
    tasks = (replace(first, shard=number) for number in numbers_from(first.shard))
    missing = state.wanted - state.statistics.theorems
    if not missing:
        return
    with in_order(make_shard, tasks, jobs) as shards:
        for found in shards:
            fresh = [record for record in found if record["key"] not in seen]
            folder.commit(fresh[:missing], cut=len(fresh) > missing)
            for record in fresh[:missing]:
                seen.add(record["key"])
                state.statistics.add(record)
            state.done += len(fresh[:missing])
            missing = state.wanted - state.statistics.theorems
            state.seconds = time.monotonic() - started
            on_shard(state)
            if not missing:
                return


def make_shard(task: Task) -> list[Record]:
    """A worker's work: the theorems of a shard, each once."""
    records: list[Record] = []
    seen: set[str] = set()
    for number in range(task.figures):
        rng = Random(f"{task.seed} {task.shard} {number}")
        records += map(record_of, theorems(random_figure(rng), rng, seen, task.plain))
    return records


def record_of(theorem: Theorem) -> Record:
    """A theorem as it is written: its key, the model text of the whole proof (encoding.py), and what it is."""
    return {
        "key": theorem.key,
        "goal": theorem.problem.goals[0].predicate,
        "deductions": theorem.deductions,
        "auxiliary_points": theorem.auxiliary_points,
        "text": encode_proof(theorem.proof),
    }


def proof_of(record: Record) -> Proof:
    """The proof in a record. Raises InputError where it cannot be read."""
    proof = decode_proof(record["text"])
    if isinstance(proof, Invalid):
        raise InputError(f"an unreadable theorem: {proof.reason}", where=f"word {proof.position}")
    return proof


def keys_of(path: Path) -> set[str]:
    """The keys of a folder's theorems; of a file's problems, goal by goal, as stated and as far as they are needed."""
    if path.is_dir():
        return {record["key"] for record in read_folder(path).read()}
    single = [replace(problem, goals=(goal,)) for problem in load_problems(path) for goal in problem.goals]
    return {key(problem) for problem in single for key in (canonical_key, general_key)} - {""}


def count_in(path: Path) -> int:
    """How many theorems a folder holds; 0 where there is none."""
    return read_folder(path).records if path.is_dir() else 0


@contextmanager
def shown(count: int) -> Iterator[Callable[[State], None]]:
    """A bar on stderr with the rate, for `on_shard`; silent where stderr is not a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=count, told="")

        def on_shard(state: State) -> None:
            told = f"{state.rate:.1f} theorems a second, {state.statistics.auxiliary} with auxiliary points"
            bar.update(task, completed=state.statistics.theorems, told=told)

        yield on_shard
