"""A model that proposes auxiliary points, from theorems that nobody asked for: pretraining, then fine-tuning.

    split          theorems -> for training, for validation, for the test (geometry/synthesis/split.py)
    pretraining    whole theorems with their proofs, as text: what the language is, and what follows from what
    solutions      which single points prove a theorem, and what else is true of its figure (synthesis/solutions.py)
    fine-tuning    a question, and the points that answer it
    model          what came out, with its card

Each is a folder of the run's. What is finished is read, what was stopped goes on, and a run that was stopped anywhere
ends with the same files as one that was not (on a CPU). The order, first all proofs and then auxiliary points, is
AlphaGeometry's (Nature 625, 2024); there an example has one answer, here all that are known, up to a few at a time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import count
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from maieutic.core.config import dump
from maieutic.core.errors import InputError
from maieutic.core.files import make_folder, read_lines, write_lines, write_whole
from maieutic.core.progress import progress
from maieutic.core.records import Completions, Example, Record
from maieutic.core.store import Run, Stage, discard, open_run
from maieutic.geometry.synthesis import shards
from maieutic.geometry.synthesis.solutions import write_solutions
from maieutic.geometry.synthesis.split import Side, side_of, within
from maieutic.geometry.synthesis.synthesize import keys_of
from maieutic.geometry.text.augment import reworded
from maieutic.geometry.text.encoding import SAYS, vocabulary
from maieutic.geometry.text.grammar import END
from maieutic.geometry.text.prompting import pointers, with_figure
from maieutic.lm.logprobs import sequence_logprobs
from maieutic.lm.model import Policy, build, load, pad_id, save
from maieutic.lm.tokens import Encoded, encode_all, word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.loops.proposers.model import SHOWN
from maieutic.loops.theorems.card import card
from maieutic.loops.theorems.train_config import TrainProverConfig, fit_config

MODEL, WORK = "model", ".training"
"""Folders of a stage: the policy, and what training leaves behind until the stage is finished."""

VALIDATED = 250
"""Theorems, and questions, at most, on which a training is validated."""

TURN = (5**0.5 - 1) / 2
"""From one pass to the next, the answers to a question are drawn from places so much further on (golden ratio)."""


def train_prover(config: TrainProverConfig, base: Path, out: Path, jobs: int = 1) -> Path:
    """Train, or go on with a training that was stopped.

    Args:
        config: what to do.
        base: the folder that the configuration's paths are taken from.
        out: the run's folder.
        jobs: processes that look for solutions; the outcome is the same.

    Returns: the model's folder.

    Raises InputError where the configuration cannot be, or the folder holds another run; MaieuticError where the disk
    is full: the same call goes on later.
    """
    for name in ("pretraining", "fine_tuning"):
        fit_config(getattr(config, name).training, where=f"{name}.training")
    inputs = [*config.folders, *config.apart_from, *config.solutions.folders]
    files = {name: _digest(base / name) for name in inputs}
    run = open_run(out, {"version": version("maieutic"), "files": files, **config.model_dump(mode="json")})
    with run.at_work():
        training = _Training(run, config, base, jobs)
        training.pretrain()
        training.fine_tune()
        return training.finish()


def _digest(path: Path) -> str:
    """The hash of a file, or of a folder's manifest, which has those of all in it."""
    try:
        return hashlib.sha256((path / shards.MANIFEST if path.is_dir() else path).read_bytes()).hexdigest()[:32]
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


@dataclass(frozen=True)
class _Training:
    """One run under way."""

    run: Run
    config: TrainProverConfig
    base: Path
    jobs: int

    # --- the data ----------------------------------------------------------------------------------------------------

    @cached_property
    def split(self) -> Stage:
        """How many theorems there are on each side, and the keys that are on none."""
        stage = Stage(self.run.folder / "split", 0, "split")
        if stage.finished:
            return stage
        make_folder(stage.folder)
        apart = {key for name in self.config.apart_from for key in keys_of(self.base / name)}
        write_lines(stage.folder / "apart.jsonl", sorted(apart))
        numbers = Counter[str]()
        for theorem in self._made():
            side = "apart" if theorem["key"] in apart else side_of(theorem["key"]).value
            numbers.update({side: 1, f"{side}_auxiliary": int(theorem["auxiliary_points"] > 0)})
        stage.finish(**numbers)
        return stage

    @cached_property
    def apart(self) -> frozenset[str]:
        """Canonical keys of what is not to be learned."""
        return frozenset(read_lines(self.split.folder / "apart.jsonl"))

    @cached_property
    def theorems(self) -> dict[Side, list[shards.Record]]:
        """The theorems that may be seen, those for training as far as the share goes."""
        found: dict[Side, list[shards.Record]] = {side: [] for side in Side}
        for theorem in self._made():
            if self._is_seen(theorem["key"]):
                found[side_of(theorem["key"])].append(theorem)
        if not found[Side.TRAINING]:
            raise InputError("no theorems to learn from", where=", ".join(self.config.folders))
        return found

    def _made(self) -> Iterator[shards.Record]:
        """The theorems of all folders, each once."""
        keys = set[str]()
        for theorem in (
            record for name in self.config.folders for record in shards.read_folder(self.base / name).read()
        ):
            if theorem["key"] not in keys:
                keys.add(theorem["key"])
                yield theorem

    def _is_seen(self, *keys: str) -> bool:
        sides = {side_of(key) for key in keys}
        return self.apart.isdisjoint(keys) and (
            sides == {Side.VALIDATION} or (sides == {Side.TRAINING} and within(keys[0], self.config.share))
        )

    @cached_property
    def questions(self) -> dict[Side, list[shards.Record]]:
        """The questions, with their answers, of the theorems that may be seen."""
        folders = [shards.read_folder(self.base / name) for name in self.config.solutions.folders] or [self._solved()]
        found: dict[Side, list[shards.Record]] = {side: [] for side in Side}
        for question in (question for folder in folders for question in folder.read()):
            if self._is_seen(question["key"], question["statement"]):
                found[side_of(question["key"])].append(question)
        if not found[Side.TRAINING]:
            raise InputError(
                "no theorem that one point proves: nothing to learn from", where=", ".join(self.config.folders)
            )
        return found

    def _solved(self) -> shards.Folder:
        """The sweep. Theorems without auxiliary points are left out: their figures show nothing that is not proved."""
        settings = self.config.solutions
        known = [*self.theorems[Side.VALIDATION], *self.theorems[Side.TRAINING]]
        theorems = [theorem for theorem in known if theorem["auxiliary_points"]]
        done = 0
        with progress("Solving", total=len(theorems)) as advance:

            def on_shard(now: int, questions: int) -> None:
                nonlocal done
                advance(now - done)
                done = now

            return write_solutions(
                theorems,
                self.run.folder / "solutions",
                self.config.seed,
                self.jobs,
                tried=settings.tried,
                further=settings.further,
                kept=settings.kept,
                apart_from=self.apart,
                on_shard=on_shard,
            )

    # --- the trainings -----------------------------------------------------------------------------------------------

    def pretrain(self) -> Stage:
        """On whole theorems."""
        stage = Stage(self.run.folder / "pretraining", 0, "pretraining", {"split": self.split.hash})
        if stage.finished:
            return _cleared(stage)
        budget, model = self.config.pretraining.tokens, self.config.model
        if model.start is not None:
            policy = load(self.base / model.start)
        else:
            policy = build(
                word_tokenizer(vocabulary()),
                width=model.width,
                layers=model.layers,
                heads=model.heads,
                context=model.context,
                seed=self.config.seed,
            )
        setattr(policy.model.config, SHOWN, model.shown)
        texts = passes(self.theorems[Side.TRAINING], f"pretraining {self.config.seed}") if budget else iter(())
        data = within_budget(map(text_of, (theorem for _, theorem in texts)), budget, model.context)
        held_out = [text_of(theorem) for theorem in self.theorems[Side.VALIDATION][:VALIDATED]]
        return self._trained(stage, policy, data, held_out, self.config.pretraining.training)

    def fine_tune(self) -> Stage:
        """On questions."""
        before = self.pretrain()
        stage = Stage(self.run.folder / "fine-tuning", 0, "fine-tuning", {"pretraining": before.hash})
        if stage.finished:
            return _cleared(stage)
        settings = self.config.fine_tuning
        policy = load(before.folder / MODEL)
        if not settings.tokens:
            return self._trained(stage, policy, [], [], {})
        questions = self.questions[Side.TRAINING]
        shown = self.config.model.shown
        asked = (
            (number, self._put(question, number))
            for number, question in passes(questions, f"fine-tuning {self.config.seed}")
        )
        items = (lesson_of(q, settings.answers, number, settings.own_weight, shown) for number, q in asked)
        data = within_budget(items, settings.tokens, self.config.model.context)
        counts = {
            "questions": len(questions),
            "own_questions": sum(question["own"] for question in questions),
            "answers": sum(len(question["answers"]) for question in questions),
        }
        own = [self._put(question) for question in self.questions[Side.VALIDATION] if question["own"]][:VALIDATED]
        held_out = [lesson_of(question, settings.answers, shown=shown) for question in own]
        return self._trained(stage, policy, data, held_out, settings.training, own, counts)

    def _put(self, question: shards.Record, number: int = 0) -> shards.Record:
        """A question as it is learned in a pass."""
        if not self.config.fine_tuning.reworded or self.config.model.shown:  # a figure is told in the first words
            return question
        return as_put(question, number)

    def _trained(
        self,
        stage: Stage,
        policy: Policy,
        data: Sequence[Record],
        held_out: Sequence[Record],
        training: Mapping[str, Any],
        asked: Sequence[shards.Record] = (),
        counts: Mapping[str, Any] = MappingProxyType({}),
    ) -> Stage:
        """Train, ask the questions, and finish the stage with the model and its numbers."""
        work = stage.folder / WORK
        make_folder(work)
        spent = sum(tokens_of(record, self.config.model.context) for record in data)
        counts = {**counts, "items": len(data), "tokens": spent}
        if data:
            with self.run.timed(stage=stage.name):
                settings = fit_config(training, self.config.seed)
                result = fit(policy, data, settings, work, validation=held_out or None)
            counts |= {"steps": result.steps, "loss": result.losses[-1], "dropped": dict(result.dropped)}
            counts |= {"validation_loss": result.metrics.get("validation/loss"), "truncated": result.truncated}
            write_whole(stage.folder / "metrics.jsonl", (work / "metrics.jsonl").read_bytes())
        if asked:
            counts |= {"asked": len(asked), "answered": answered(policy, asked, self.config.model.shown)}
        discard(stage.folder / MODEL)
        save(policy, stage.folder / MODEL)
        stage.finish(**counts)
        return _cleared(stage)

    # --- the model ---------------------------------------------------------------------------------------------------

    def finish(self) -> Path:
        """The model as it is given away, and its card."""
        stages = {"split": self.split, "pretraining": self.pretrain(), "fine-tuning": self.fine_tune()}
        folder = self.run.folder / MODEL
        policy = load(stages["fine-tuning"].folder / MODEL, dtype=self.config.model.dtype)
        save(policy, folder)
        text = card(
            config=dump(self.config),
            parameters=policy.model.num_parameters(),
            size=(folder / "model.safetensors").stat().st_size,
            shown=self.config.model.shown,
            start=self.config.model.start,
            theorems=[shards.read_folder(self.base / name).settings for name in self.config.folders],
            counts={name: stage.counts for name, stage in stages.items()},
        )
        write_whole(folder / "README.md", text.encode())
        return folder


def _cleared(stage: Stage) -> Stage:
    """A finished stage, without what its training worked with."""
    discard(stage.folder / WORK)
    return stage


# --- what is learned -------------------------------------------------------------------------------------------------


def text_of(theorem: shards.Record) -> Example:
    """A whole theorem: statement, goal, auxiliary clauses, proof."""
    return Example("", theorem["text"])


def asked_as(question: shards.Record, shown: int) -> str:
    """A question as a model is asked it that is told so many places of the figure."""
    return with_figure(question["question"], question["figure"][:shown])


def as_put(question: shards.Record, number: int) -> shards.Record:
    """A question and its answers as they are put in a pass: the first time as they are, then in other words."""
    rng = Random(f"{question['key']} {question['question']} {number}") if number else None
    text, answers = reworded(question["question"], question["answers"], rng)
    return {**question, "question": text, "answers": answers}


def lesson_of(
    question: shards.Record, answers: int, number: int = 0, own_weight: float = 1.0, shown: int = 0
) -> Completions:
    """A question and so many of its answers, evenly over their order; in each pass others."""
    found = question["answers"]
    if len(found) > answers:
        shift = int(number * TURN % 1 * len(found))
        found = [found[(k * len(found) + shift) // answers] for k in range(answers)]
    weight = own_weight if question["own"] else 1.0
    prompt = asked_as(question, shown)
    words = pointers(prompt)
    found = [words.get(answer.partition(f" {SAYS} ")[2], answer) for answer in found]
    return Completions(prompt, tuple(f" {answer} {END}" for answer in found), weight)


def passes(records: Sequence[shards.Record], seed: str) -> Iterator[tuple[int, shards.Record]]:
    """The records again and again, each time in another order, with the number of the pass."""
    for number in count():
        shuffled = list(records)
        Random(f"{seed} {number}").shuffle(shuffled)
        yield from ((number, record) for record in shuffled)


def within_budget(records: Iterator[Record], budget: int, context: int) -> list[Record]:
    """The first records, as many as a budget of tokens allows."""
    taken: list[Record] = []
    spent = 0
    while spent < budget:
        taken.append(next(records))
        spent += tokens_of(taken[-1], context)
    return taken


def tokens_of(record: Record, context: int) -> int:
    """Tokens that go through the model, a prompt once: a token a word, one at the beginning, one at each end."""
    assert isinstance(record, Example | Completions)
    completions = (record.completion,) if isinstance(record, Example) else record.completions
    prompt = 1 + len(str(record.prompt).split())
    return min(context, prompt + sum(len(text.split()) + 1 for text in completions))


def answered(policy: Policy, questions: Sequence[shards.Record], shown: int = 0) -> float:
    """The probability that the model, asked once, gives an answer that is known, mean over the questions."""
    rows: list[Encoded] = []
    for question in questions:
        texts = [f" {answer} {END}" for answer in question["answers"]]
        encoded = encode_all(policy.tokenizer, asked_as(question, shown), texts)
        rows += [row for row in encoded if isinstance(row, Encoded)]
    likely = sequence_logprobs(policy.model, rows, pad_id(policy.tokenizer)).exp()
    return float(likely.sum()) / len(questions)
