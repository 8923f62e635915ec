"""Problems, proofs and figures on the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from maieutic.cli.app import Out, app, complain, interrupted, output, tell, tell_text
from maieutic.cli.searching import (
    Address,
    EndpointModel,
    KeyVariable,
    ModelFolder,
    Search,
    Searching,
    Served,
    proposer_of,
    tell_dropped,
)
from maieutic.core.errors import InputError

# --- options ---------------------------------------------------------------------------------------------------------


class Format(StrEnum):
    """How a proof is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    LATEX = "latex"
    HTML = "html"
    JSON = "json"
    GGB = "ggb"


class Picture(StrEnum):
    """How a figure is written."""

    SVG = "svg"
    PNG = "png"
    GGB = "ggb"


def _seconds(value: float) -> float:
    if not 0 < value < float("inf"):
        raise typer.BadParameter(f"{value} is not a number of seconds above 0.")
    return value


Problem = Annotated[str, typer.Argument(metavar="NAME|TEXT|FILE[:NAME]", help="The problem.", show_default=False)]
Seed = Annotated[int, typer.Option(min=0, help="Which figure to draw.")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", metavar="S", callback=_seconds, help="CPU seconds a problem may take.")
]
Attempts = Annotated[
    int | None, typer.Option(min=1, help="Constructions to try at most, in a search.", show_default=False)
]
Jobs = Annotated[int, typer.Option(min=1, max=1024, help="Processes that a search runs on.")]
Goals = Annotated[
    list[str] | None,
    typer.Option(
        "--goal",
        metavar="FACT",
        help="To prove instead of the problem's own goals, as 'perp a h b c' or 'AH ⊥ BC'.",
        show_default=False,
    ),
]


Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE.toml", help="Theorems of your own, beside ours.", show_default=False),
]


# --- proving ---------------------------------------------------------------------------------------------------------


@app.command()
def prove(
    problem: Problem,
    goal: Goals = None,
    search: Searching = Search.NONE,
    model: ModelFolder = None,
    endpoint: Address = None,
    endpoint_model: EndpointModel = None,
    api_key_env: KeyVariable = None,
    attempts: Attempts = None,
    jobs: Jobs = 1,
    seed: Seed = 0,
    time_limit: TimeLimit = 60.0,
    rules: Rules = None,
    form: Annotated[Format, typer.Option("--format", help="How to write the proof.")] = Format.TEXT,
    out: Out = None,
) -> None:
    """Prove a problem, and print the proof. Exit code 0: proved; 1: not proved, or false; 2: contradictory hypotheses.

    A search that is interrupted with Ctrl-C tells how far it went, and what it has shown of the figure.
    """
    from maieutic.geometry.lookup import find_problem
    from maieutic.geometry.output import result_text
    from maieutic.pages.formats import OF_FIGURES, PROOF_FORMATS, WITHOUT_PROOF

    found = find_problem(problem, goal or ())
    write = output(out, form.value)
    propose = proposer_of(search, seed, model, Served(endpoint, endpoint_model, api_key_env))
    result = _attempt(found, seed, time_limit, propose, attempts, jobs, _rules(rules))
    tell_dropped(propose)
    refuted = bool(result.counterexample) and form.value in OF_FIGURES
    contradictory = result.status.value == "contradictory"
    if _proved(result) or refuted or (form.value in WITHOUT_PROOF and not (contradictory and form is Format.TEXT)):
        write(PROOF_FORMATS[form.value](result))
    if contradictory:  # a mistake in the input, told as every other
        raise InputError(f"the hypotheses contradict one another: {result.message}")
    if not _proved(result) and form.value not in WITHOUT_PROOF:
        tell_text(result_text(result), err=True, end="")
    if result.status.value == "interrupted":
        raise interrupted(f"{result.attempts} constructions were tried in {result.search_s:.1f} CPU seconds")
    raise typer.Exit(0 if _proved(result) else 1)


@app.command()
def deduce(
    problem: Problem,
    why: Annotated[str, typer.Option(metavar="FACT", help="Prove this fact, as 'perp a h b c'.")] = "",
    seed: Seed = 0,
    time_limit: TimeLimit = 60.0,
    out: Out = None,
) -> None:
    """Print every fact that follows from a problem's hypotheses, by predicate; or, with --why, the proof of one."""
    from maieutic.geometry.deduce import deduce_facts, prove_on_some_figure, with_goal
    from maieutic.geometry.lookup import find_problem
    from maieutic.geometry.output import facts_text, result_text

    found = find_problem(problem)
    write = output(out)
    asked = with_goal(found, why) if why else None
    load_engine()
    if asked is None:
        write(facts_text(found, deduce_facts(found, seed, time_limit=time_limit)))
        return
    result = prove_on_some_figure(asked, seed, time_limit=time_limit)
    write(result_text(result))
    raise typer.Exit(0 if _proved(result) else 1)


@app.command()
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF.json", help="A proof, as 'prove --format json' writes it.")],
    problem: Annotated[
        str | None,
        typer.Option(
            "--problem", metavar="NAME|TEXT|FILE[:NAME]", help="Refuse a proof of another problem.", show_default=False
        ),
    ] = None,
    time_limit: TimeLimit = 60.0,
    rules: Rules = None,
) -> None:
    """Check a proof with the kernel, and say what it proves and assumes. Exit code 0: accepted; 1: refused."""
    from maieutic.geometry.proofs.checking import check_file

    accepted, text = check_file(proof, time_limit, None if problem is None else _wanted(problem), _rules(rules))
    tell_text(text)
    raise typer.Exit(0 if accepted else 1)


@app.command()
def draw(
    problem: Problem,
    goal: Goals = None,
    seed: Seed = 0,
    time_limit: TimeLimit = 60.0,
    form: Annotated[Picture, typer.Option("--format", help="How to write the figure.")] = Picture.SVG,
    out: Out = None,
) -> None:
    """Draw a problem, as SVG or PNG, or as a GeoGebra file."""
    from maieutic.geometry.deduce import figure
    from maieutic.geometry.lookup import find_problem
    from maieutic.pages.formats import FIGURE_FORMATS

    found = find_problem(problem, goal or ())
    write = output(out, form.value)
    write(FIGURE_FORMATS[form.value](found, figure(found, seed, time_limit=time_limit)))


@app.command()
def problems(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Print this one.", show_default=False)] = "",
) -> None:
    """List the shipped problems, or print one."""
    from maieutic.geometry.output import problem_list, problem_sheet

    tell_text(problem_sheet(name) if name else problem_list())


@app.command()
def language(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Tell of this one.", show_default=False)] = "",
) -> None:
    """List the constructions and predicates of the language, or tell what one means, needs and gives."""
    from maieutic.geometry.language.reference import listing, sheet

    tell_text(sheet(name) if name else listing())


@app.command()
def bench(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Problems, two lines each: a name and a text.")],
    search: Searching = Search.NONE,
    model: ModelFolder = None,
    endpoint: Address = None,
    endpoint_model: EndpointModel = None,
    api_key_env: KeyVariable = None,
    attempts: Attempts = None,
    seed: Seed = 0,
    time_limit: TimeLimit = 60.0,
    jobs: Annotated[int, typer.Option(min=1, max=1024, help="Problems at a time, a process each.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="RESULTS.jsonl", show_default=False)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Only the problems that --out lacks.")] = False,
) -> None:
    """Try every problem of a file: a JSON object for each, then how many were proved, and how fast.

    A problem that cannot be read has status 'error' and the reason; then the exit code is 1, with all results there.
    """
    from maieutic.core.progress import progress
    from maieutic.geometry import bench as runs
    from maieutic.geometry.lookup import all_problems

    if resume and out is None:
        raise InputError("there is nothing to resume", where="--resume", hint="it needs --out RESULTS.jsonl")
    wanted = all_problems(file)
    propose = proposer_of(search, seed, model, Served(endpoint, endpoint_model, api_key_env))
    stream, records = runs.start_results(out, resume) if out else (sys.stdout, [])
    try:
        load_engine()
        with progress("Proving", total=len(wanted)) as advance:
            advance(len(records))
            for record in runs.bench(
                wanted,
                seed=seed,
                time_limit=time_limit,
                jobs=jobs,
                done=records,
                propose=propose,
                attempts=attempts,
            ):
                runs.write_record(stream, record)
                records.append(record)
                advance(1)
    except KeyboardInterrupt:
        if out:
            raise interrupted(f"{len(records)} results are in {out}; --resume goes on with the others") from None
        raise
    finally:
        if out:
            stream.close()
    done = runs.summary(wanted, records)
    tell(str(done))
    raise typer.Exit(1 if done.unread else 0)


@app.command()
def synthesize(
    count: Annotated[int, typer.Option(min=1, help="Theorems that there are in the end.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where they are written.", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="Which theorems are made up.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, max=1024, help="Processes; the theorems are the same.")] = 1,
    apart_from: Annotated[
        list[Path] | None,
        typer.Option("--apart-from", metavar="PATH", help="Not those of this folder or file.", show_default=False),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain/--auxiliary-only", help="Whether also those that need no auxiliary point.")
    ] = True,
    gallery: Annotated[
        Path | None, typer.Option(metavar="PAGE.md", help="Write the hardest twenty here.", show_default=False)
    ] = None,
    look_for: Annotated[
        list[Path] | None,
        typer.Option("--look-for", metavar="FILE", help="Report which of its problems occur.", show_default=False),
    ] = None,
) -> None:
    """Make up theorems with their proofs, each once: a folder of compressed JSON lines, for training."""
    from maieutic.geometry.language.problem import load_problems
    from maieutic.geometry.synthesis import gallery as show
    from maieutic.geometry.synthesis import synthesize as theorems

    wanted = [problem for path in look_for or () for problem in load_problems(path)]
    write = output(gallery) if gallery else None
    load_engine()
    try:
        with theorems.shown(count) as on_shard:
            others = apart_from or ()
            found = theorems.synthesize(count, out, seed, jobs, apart_from=others, plain=plain, on_shard=on_shard)
    except KeyboardInterrupt:
        raise interrupted(f"{theorems.count_in(out)} theorems are in {out}; the same command goes on") from None
    tell_text(str(found))
    if write:
        write(show.gallery(out))
    if look_for:
        tell_text(show.occurrence_report(out, wanted))


# --- what the commands share -----------------------------------------------------------------------------------------


def _wanted(words: str) -> Any:
    from maieutic.geometry.lookup import find_problem

    return find_problem(words)


def _proved(result: Any) -> bool:
    return bool(result.status.value == "proved")


def _rules(file: Path | None) -> Any:
    """Our theorems, and those of a file."""
    from maieutic.geometry.trusted.rules import RULES

    if file is None:
        return RULES
    from maieutic.geometry.engine.own_rules import read_rules

    return RULES | read_rules(file)


def _attempt(
    problem: Any, seed: int, time_limit: float, propose: Any, attempts: int | None, jobs: int, rules: Any
) -> Any:
    from maieutic.core.interrupts import interruptible
    from maieutic.geometry.attempt import attempt, check_goals

    check_goals(problem)
    load_engine()
    if propose is None:
        with _status() as on_stage:
            return attempt(problem, seed, time_limit=time_limit, rules=rules, on_stage=on_stage)
    with interruptible() as stopped, _search_bar(time_limit, attempts) as show:
        return attempt(
            problem,
            seed,
            time_limit=time_limit,
            propose=propose,
            attempts=attempts,
            jobs=jobs,
            rules=rules,
            on_progress=show,
            stopped=stopped,
        )


@contextmanager
def _search_bar(time_limit: float, attempts: int | None) -> Iterator[Callable[[Any], None]]:
    """A bar of what a search may use: constructions, where their number is limited, or else CPU seconds."""
    from maieutic.core.progress import progress

    name, total = ("CPU seconds", round(time_limit)) if attempts is None else ("constructions", attempts)
    with progress(f"Searching ({name})", total=total) as advance:
        shown = 0

        def show(state: Any) -> None:
            nonlocal shown
            now = int(state.cpu_s) if attempts is None else state.attempts
            advance(now - shown)
            shown = now

        yield show


def load_engine() -> None:
    """Load the compiled engine; where that takes long, say that the first run compiles it."""
    from threading import Timer

    from maieutic.geometry.attempt import warm_up

    note = Timer(2.0, complain, ["compiling the engine, on the first run only; this takes a minute or two"])
    note.start()
    try:
        warm_up()
    finally:
        note.cancel()


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """A spinner on stderr, where that is a terminal; gives a function that tells what is being done."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage: None
        return
    with console.status("") as status:
        yield lambda stage: status.update(f"{stage.capitalize()} ...")
