"""The page of the demonstration: what was made up, learned, judged and proved, read off the demonstration's folder.

One HTML file that needs nothing from outside. Every number in it comes from the files of that run, or from the results
that the page is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from markupsafe import Markup

from maieutic.core.files import read_lines
from maieutic.core.store import Stage, read_run
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.own import own_figure
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.output import accepted_proof
from maieutic.geometry.proofs.checking import verdict_of
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.narrative_records import Step
from maieutic.geometry.prose.text import sentence
from maieutic.geometry.prose.titles import title_of
from maieutic.geometry.synthesis.shards import Record, read_folder
from maieutic.geometry.synthesis.synthesize import proof_of
from maieutic.geometry.trusted.records import Accepted, Proof
from maieutic.pages.new_proofs import proof_of as proof_of_answer
from maieutic.pages.plots import colour, plain, plot
from maieutic.pages.plots import svg as plot_svg
from maieutic.pages.proof_page import formula, html
from maieutic.pages.run_facts import METRICS, RunFacts, facts_of
from maieutic.pages.run_sections import shown
from maieutic.pages.templating import template

NEW = 2
"""Theorems of the round that are shown."""

TRAININGS = {"pretraining": "Whole theorems with their proofs", "fine-tuning": "The points that prove them"}
"""Stages of the training run, and what each learns from."""


@dataclass(frozen=True)
class Demonstration:
    """What the page tells of.

    Attributes:
        engine: problems that the engine alone was given.
        theorems, further: folders of made-up theorems, to train on and for the round.
        training: the folder of the run that trained.
        round: the folder of the run that improved.
        result: the olympiad problem.
        proposer: what the model is called that proposed its points.
        page: the file beside this one with its proof, step by step.
        seconds: how long each part took, by its name.
        jobs: processes.
    """

    engine: Sequence[Result]
    theorems: Path
    further: Path
    training: Path
    round: Path
    result: Result
    proposer: str
    page: str
    seconds: Mapping[str, float]
    jobs: int


@dataclass(frozen=True)
class ToldStep:
    """One step of a proof as HTML."""

    number: int
    text: Markup
    chain: tuple[tuple[Markup, Markup], ...]


@dataclass(frozen=True)
class ToldProof:
    """A proof as HTML: for which figures, if not all, statement, auxiliary points, figure, steps."""

    proved: Markup
    given: tuple[Markup, ...]
    goal: Markup
    added: tuple[Markup, ...]
    drawing: Markup
    steps: tuple[ToldStep, ...]
    end: Markup
    assumed: tuple[Markup, ...]
    deductions: int


def demo_page(demo: Demonstration) -> str:
    """The page, as HTML."""
    told = facts_of(read_run(demo.round))
    start, after = (r for r in told.rounds if r.number < 2)
    found = accepted_proof(demo.result) if demo.result.status is Status.PROVED else None
    entry = library.entry(demo.result.problem.name)
    return template("demo.html").render(
        demo=demo,
        minutes=sum(demo.seconds.values()) / 60,
        titles=title_of,
        theorems=_numbers(demo),
        example=_example(demo.theorems),
        run=told,
        prover=told.settings["prover"],
        network=read_run(demo.training).settings["model"],
        trainings=[(TRAININGS[name], _stage(demo.training, name).counts) for name in TRAININGS],
        losses=Markup(_losses(demo.training)),
        asked={step.name: step.count for step in after.flow},
        solved=[shown("solved", r.measures.get("solved")) for r in (start, after)],
        gain=shown("gain/start", after.measures.get("gain/start")),
        measured=after.measures["solved"].n,
        first=after.measures["newly_proved"].value,
        new=list(_new(told)),
        entry=entry,
        solution=told_proof(*found, "imo-") if found else None,
        problem=print_problem(demo.result.problem),
    )


# --- theorems --------------------------------------------------------------------------------------------------------


def _numbers(demo: Demonstration) -> dict[str, int]:
    """How many theorems there are, and how many need points."""
    records = [*read_folder(demo.theorems).read(), *read_folder(demo.further).read()]
    return {
        "all": len(records),
        "points": sum(record["auxiliary_points"] > 0 for record in records),
        "more": sum(record["auxiliary_points"] > 1 for record in records),
        "longest": max(record["deductions"] for record in records),
    }


def _example(folder: Path) -> ToldProof:
    """Of the theorems that need a point, the one that is said in the fewest words."""
    records = list(read_folder(folder).read())
    needy = [record for record in records if record["auxiliary_points"]] or records
    proof = proof_of(min(needy, key=_length))
    return told_proof(proof, verdict_of(proof), "example-")


def _length(record: Record) -> tuple[int, str]:
    return len(record["text"].split()), record["key"]


def _new(run: RunFacts) -> Iterable[ToldProof]:
    """Some of the held-out theorems that were proved after the round, and not before."""
    answers = [answer for r in run.rounds for answer in r.proofs]
    proofs = filter(None, (proof_of_answer(*answer) for answer in answers))
    for number, found in enumerate(islice(proofs, NEW)):
        yield told_proof(*found, f"new-{number}-")


# --- training --------------------------------------------------------------------------------------------------------


def _stage(run: Path, name: str) -> Stage:
    return Stage(run / name, 0, name)


def _losses(run: Path) -> str:
    """The loss of each training, step by step."""
    told = {name: [float(row["loss"]) for row in read_lines(run / name / METRICS)] for name in TRAININGS}
    with plot(7.4, 2.5) as drawing:
        both = drawing.subplots(1, 2)
        for axes, (name, losses), shade in zip(both, told.items(), ("blue", "orange"), strict=True):
            axes.plot(range(1, len(losses) + 1), losses, color=colour(shade), linewidth=1.3)
            axes.set(title=TRAININGS[name], xlabel="step", ylim=(0, None))
            plain(axes)
        both[0].set_ylabel("loss, nats a token")
        ends = "; ".join(f"{name} from {losses[0]:.2f} to {losses[-1]:.2f}" for name, losses in told.items())
        return plot_svg(drawing, "Loss of the two trainings", f"Loss by step: {ends}.")


# --- proofs ----------------------------------------------------------------------------------------------------------


def told_proof(proof: Proof, verdict: Accepted, prefix: str) -> ToldProof:
    """A proof with its figure, the ids of which begin with the prefix. Raises DiagramError where it cannot be drawn."""
    told = narrate(proof, verdict)
    drawn = figure(proof.problem, own_figure(proof), auxiliary=proof.auxiliary)
    return ToldProof(
        proved=html(told.proved),
        given=tuple(map(html, told.given)),
        goal=html(told.statement),
        added=tuple(map(html, told.auxiliary)),
        drawing=Markup(svg(drawn, prefix=prefix, paper=False)),
        steps=tuple(map(_step, told.steps)),
        end=html(told.conclusion),
        assumed=tuple(map(html, told.assumptions)),
        deductions=sum(step.rule != "hypothesis" for step in proof.deductions),
    )


def _step(step: Step) -> ToldStep:
    """A step; the first line of its chain is joined to the second, which has the reason."""
    lines: list[tuple[Markup, Markup]] = []
    if step.chain:
        left, *others = step.chain
        for number, line in enumerate(others):
            before = formula(left.expression) if number == 0 else Markup("")
            lines.append((before + Markup(" = ") + formula(line.expression), html(line.reason)))
    return ToldStep(step.number, html(sentence(step)), tuple(lines))
