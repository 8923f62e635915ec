"""What a kind of question brings to the rounds of a run, and what its functions are handed.

A round is the same whatever is asked: prompts, answers, verdicts, a choice, training, a measurement. A *world* says
who asks, who answers and who judges, and how a policy is measured. Instructions are one (loops/instructions), theorems
another (loops/theorems); a further one is a class like these and an entry in loops/worlds.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from maieutic.align.judges.questions import Judge, Question
from maieutic.align.methods import Method
from maieutic.core.generate import Generator, Request
from maieutic.core.meter import Meter
from maieutic.core.progress import progress
from maieutic.core.records import Prompt, Record, content_hash
from maieutic.core.store import Run, Stage
from maieutic.loops.rounds.config import RunConfig
from maieutic.loops.rounds.planner import Planner


class World(Protocol):
    """Who takes part in a run. Everything is made when it is first needed: a check and a plan load no model.

    `rounds/policies.py` has a class to begin with, for a policy that is a local model.

    Attributes:
        meter: what models were used for.
        distinct: whether answers that say the same count as one.
    """

    meter: Meter
    distinct: bool

    @property
    def config(self) -> RunConfig:
        """What the run is told."""

    # --- before anything is spent ---

    def check(self, method: Method) -> Mapping[str, str]:
        """A mark of each file that the configuration names, by its key. Raises InputError for what would fail later."""

    def plan(self, method: Method) -> Planner:
        """Counts the work of each round."""

    # --- who takes part ---

    def path(self, name: str) -> Path:
        """A path of the configuration."""

    def place(self, name: str) -> str | Path:
        """A model of the configuration: a folder, or its name on a hub."""

    def prompt(self, text: Prompt) -> Prompt:
        """What a policy is asked, and learns from, for a prompt."""

    def request(self, prompt: Prompt, n: int, seed: int) -> Request:
        """What a writer is asked for n answers to a prompt."""

    def policy(self, place: str | Path) -> Any:
        """The policy of a folder, to be read."""

    def learner(self, place: str | Path) -> Any:
        """The policy of a folder, to be trained."""

    def writer(self, place: str | Path) -> Generator:
        """The policy of a folder as it answers the prompts of a round."""

    def teacher(self) -> Generator:
        """Who writes the teacher's answers."""

    def examinee(self, place: str | Path) -> Generator:
        """The policy of a folder as it answers what is held out."""

    def judge(self, now: Round[Any]) -> Judge:
        """Who decides in a round. Asked only where the method has a judge."""

    # --- what a round does that is the world's own ---

    def begin(self, now: Round[Any]) -> Stage:
        """Round 0: the policy that the first round begins with; see `learning.start`."""

    def ask(self, now: Round[Any]) -> Stage:
        """The round's prompts, as examples whose completion is the data's answer, or empty."""

    def validation(self, now: Round[Any], begun: str | Path, folder: Path) -> Callable[[Any, int], float] | None:
        """How good a checkpoint is, where training may stop early: of the policy and its step.

        Args:
            begun: the policy that training began with.
            folder: what is found is written there.
        """

    def examine(
        self, now: Round[Any], policy: Path, trained: Stage, asked: Sequence[Question], judgements: Stage | None
    ) -> Stage | None:
        """How good the round's policy is; None where nothing is measured.

        A method that returns the best of its policies needs the count `against_start`; see `outcome.best`.
        """


W = TypeVar("W", bound=World, covariant=True)


@dataclass(frozen=True)
class Round(Generic[W]):
    """What every stage of a round is handed.

    Attributes:
        policies: the folders of all policies so far, the first one first and the present one last.
        number: counted from 1; round 0 is the start.
    """

    run: Run
    world: W
    config: RunConfig
    method: Method
    number: int
    policies: tuple[str | Path, ...]

    @property
    def policy(self) -> str | Path:
        """The policy that the round begins with."""
        return self.policies[-1]

    def stage(self, name: str, *inputs: Stage | None) -> Stage:
        """A stage of this round, made from others; those that are None have no part in it."""
        return self.run.stage(self.number, name, *(stage for stage in inputs if stage is not None))

    def seed(self, *about: Any) -> int:
        """A seed for one purpose in this round: the same for the same purpose."""
        return int(content_hash([self.config.seed, self.number, *map(str, about)])[:12], 16)

    def make(self, stage: Stage, items: Sequence[Any], work: Callable[[Sequence[Any], int], Iterable[Record]]) -> None:
        """Make a stage's records, with a progress bar."""
        with progress(f"Round {self.number}: {stage.name}", total=len(items)) as advance:
            stage.make(items, work, block=self.config.block, advance=advance)
