"""Measuring on the command line: win rates, and how well a judge agrees."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from maieutic.cli.app import app, interrupted
from maieutic.cli.extras import need_lm
from maieutic.core.errors import InputError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BASELINE = "gpt4_1106_preview"


@app.command()
def winrate(
    annotations: Annotated[
        Path, typer.Argument(metavar="ANNOTATIONS", help="A CSV, or AlpacaEval's annotations.json.")
    ],
    difficulty: Annotated[Path | None, typer.Option(metavar="CSV", help="Difficulty of each instruction.")] = None,
    gaming: Annotated[Path | None, typer.Option(metavar="CSV", help="Lengths of the gamed baselines.")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="CSV", help="Published weights of models.")] = None,
    weights_of: Annotated[str, typer.Option(metavar="MODEL", help="Predict with this model's --weights.")] = "",
    baseline: Annotated[str, typer.Option(metavar="MODEL", help="Whose gamed weights --gaming needs.")] = BASELINE,
    as_json: Json = False,
) -> None:
    """The raw and the length-controlled win rate of a model, as AlpacaEval defines them."""
    from maieutic.align import published
    from maieutic.align.annotations import read_annotations
    from maieutic.align.winrate import win_rate

    if weights_of and weights is None:
        raise InputError("it names a row of --weights, which is not given", where="--weights-of")
    rows = read_annotations(annotations)
    known = published.read_difficulty(difficulty) if difficulty else None
    table = published.read_weights(weights) if weights else None
    gamed = published.read_gaming(gaming, known or {}, table, baseline, "--gaming") if gaming else []
    chosen = published.find_weights(table, weights_of, "--weights-of") if table and weights_of else None
    found = asdict(win_rate(rows, known, gamed, chosen))
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    typer.echo(f"{rows.model or annotations.stem}: {found['n']} annotations, {found['n_missing']} missing")
    typer.echo(f"  win rate                    {found['win_rate']:6.2f} ± {found['standard_error']:.2f}")
    typer.echo(
        f"  length-controlled win rate  {found['length_controlled_win_rate']:6.2f} ± {found['lc_standard_error']:.2f}"
    )
    for note in found["notes"]:
        typer.echo(f"  {note}")


@app.command()
def evaluate(
    a: Annotated[str, typer.Option("--a", metavar="MODEL|OUTPUTS.json", help="What is measured.")],
    b: Annotated[str, typer.Option("--b", metavar="MODEL|OUTPUTS.json", help="The baseline.")],
    prompts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Lines with prompt or instruction; models answer these.")
    ] = None,
    kind: Annotated[str, typer.Option("--judge", help="model, listwise, pairwise, reward or function.")] = "pairwise",
    model: Annotated[
        str | None, typer.Option("--judge-model", metavar="FOLDER|NAME", help="Who judges; its name at an endpoint.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option("--judge-endpoint", metavar="URL", help="Where the judge is.")] = None,
    function: Annotated[str | None, typer.Option("--judge-function", metavar="FILE.py:NAME")] = None,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="Annotations.")] = Path("annotations.json"),
    temperature: Annotated[float, typer.Option(min=0, help="Of models that answer; 0: greedy.")] = 0.7,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of an answer.")] = 512,
    seed: Annotated[int, typer.Option(min=0, help="Of all draws.")] = 0,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in [judge], such as draws=1.")
    ] = None,
) -> None:
    """Two models, or files of answers, on the same prompts: annotations for `winrate`, and who wins."""
    from maieutic.align.evaluate import HeadToHead
    from maieutic.core.config import load
    from maieutic.core.generate import Sampling
    from maieutic.geometry.output import check_writable
    from maieutic.loops.evaluating import evaluate as compare
    from maieutic.loops.improve_config import JudgeConfig

    check_writable(out)
    named = {"kind": kind, "function": function, "model.endpoint": endpoint}
    named["model.name" if endpoint else "model.path"] = model
    given = [f"{key}={json.dumps(value)}" for key, value in named.items() if value is not None]
    told = load(JudgeConfig, None, [*given, *(settings or ())])
    if any(not spec.endswith(".json") for spec in (a, b)) or (told.model is not None and told.model.path is not None):
        need_lm()
    how = Sampling(temperature=temperature, max_tokens=max_tokens)
    try:
        found: HeadToHead = compare(a, b, prompts, told, out, sampling=how, seed=seed)
    except KeyboardInterrupt:
        raise interrupted(f"what was answered is kept beside {out}; the same command goes on with it") from None
    typer.echo(
        f"{a} wins {100 * found.rate.value:.1f}% against {b} [{100 * found.rate.low:.1f}, {100 * found.rate.high:.1f}]"
    )
    typer.echo(f"  {100 * found.win:.1f}% wins, {100 * found.tie:.1f}% ties, {100 * found.loss:.1f}% losses")
    for part, rate in found.by_length.items():
        typer.echo(f"  answers of {part}: {rate}")
    if found.missing:
        typer.echo(f"  {found.missing} prompts without a verdict")
    typer.echo(f"{out}: maieutic winrate {out}")


@app.command()
def agreement(
    scores: Annotated[Path, typer.Argument(metavar="SCORES.jsonl", help='Lines with "prompt", "completion", "score".')],
    rankings: Annotated[
        Path, typer.Argument(metavar="RANKINGS.jsonl", help='Lines with "prompt", "completions", "ranks" (1 is best).')
    ],
    perfect: Annotated[float, typer.Option(help="The score that counts as perfect.")] = 5.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: Json = False,
) -> None:
    """How well a judge's scores agree with true rankings, with 95% intervals."""
    from maieutic.align.agreement import agreement as agree
    from maieutic.align.agreement import from_tables, read_scores
    from maieutic.core.datasets import read_rankings

    ranks = {str(r.prompt): dict(zip(r.completions, map(float, r.ranks), strict=True)) for r in read_rankings(rankings)}
    joined = from_tables(read_scores(scores), ranks)
    if not joined:
        raise InputError("no prompt of the rankings has scores", where=str(scores), hint="are these the same prompts?")
    found = agree(joined, perfect, seed)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    typer.echo(f"{len(joined)} prompts, {100 * found.missing:.1f}% of responses without a score")
    for name, said in (
        ("pairwise", "pairs ordered alike"),
        ("exact", "orders identical"),
        ("best", "perfect scores at the top"),
        ("spearman", "Spearman's correlation"),
        ("kendall", "Kendall's tau-b"),
    ):
        typer.echo(f"  {said:26s} {getattr(found, name)}")


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="A run's folder; several are compared.")],
    out: Annotated[Path, typer.Option(metavar="PAGE.html", help="Where to write the page.")] = Path("report.html"),
) -> None:
    """Write a run, or a comparison of runs, as one HTML page that needs nothing else."""
    from maieutic.core.files import write_whole
    from maieutic.core.store import read_run
    from maieutic.report.run_facts import facts_of
    from maieutic.report.run_page import comparison_page, run_page

    found = [facts_of(read_run(folder)) for folder in runs]
    page = run_page(found[0]) if len(found) == 1 else comparison_page(found)
    write_whole(out, page.encode())
    typer.echo(f"{out}: {len(page) / 1e6:.1f} MB")
