"""Measuring on the command line: win rates, leaderboards, how well a judge agrees, and a run as a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from maieutic.cli.app import app, interrupted, tell, tell_text
from maieutic.cli.extras import need_lm
from maieutic.cli.judges import judge_config
from maieutic.core.errors import InputError

Rates = Mapping[str, Any]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BASELINE = "gpt4_1106_preview"


@app.command()
def winrate(
    annotations: Annotated[
        list[Path],
        typer.Argument(metavar="ANNOTATIONS...", help="CSV, or AlpacaEval's annotations.json; a model each."),
    ],
    difficulty: Annotated[Path | None, typer.Option(metavar="CSV", help="Difficulty of each instruction.")] = None,
    gaming: Annotated[Path | None, typer.Option(metavar="CSV", help="Lengths of the gamed baselines.")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="CSV", help="Published weights of models.")] = None,
    weights_of: Annotated[str, typer.Option(metavar="MODEL", help="Predict with this model's --weights.")] = "",
    baseline: Annotated[str, typer.Option(metavar="MODEL", help="Whose gamed weights --gaming needs.")] = BASELINE,
    as_json: Json = False,
) -> None:
    """The raw and the length-controlled win rate of a model, as AlpacaEval defines them; of several, a leaderboard."""
    from maieutic.align.measuring import published
    from maieutic.align.measuring.annotations import read_annotations
    from maieutic.align.measuring.winrate import win_rate

    if weights_of and weights is None:
        raise InputError("it names a row of --weights, which is not given", where="--weights-of")
    if weights_of and len(annotations) > 1:
        raise InputError("it names one model, and there are several", where="--weights-of")
    known = published.read_difficulty(difficulty) if difficulty else None
    table = published.read_weights(weights) if weights else None
    gamed = published.read_gaming(gaming, known or {}, table, baseline, "--gaming") if gaming else []
    chosen = published.find_weights(table, weights_of, "--weights-of") if table and weights_of else None
    rows = [read_annotations(path) for path in annotations]
    names = [row.model or path.stem for row, path in zip(rows, annotations, strict=True)]
    found = [asdict(win_rate(row, known, gamed, chosen)) for row in rows]
    if as_json:
        named = [{"model": name, **rates} for name, rates in zip(names, found, strict=True)]
        _print_json(found[0] if len(found) == 1 else named)
    elif len(found) == 1:
        _print_win_rate(names[0], found[0])
    else:
        _print_leaderboard(names, found)


def _print_win_rate(name: str, found: Rates) -> None:
    tell(f"{name}: {found['n']} annotations, {found['n_missing']} missing")
    tell(f"  win rate                    {found['win_rate']:6.2f} ± {found['standard_error']:.2f}")
    tell(f"  length-controlled win rate  {found['length_controlled_win_rate']:6.2f} ± {found['lc_standard_error']:.2f}")
    for note in found["notes"]:
        tell(f"  {note}")


def _print_leaderboard(names: Sequence[str], found: Sequence[Rates]) -> None:
    """A line a model, the best by the length-controlled rate first; then what must be known of single ones."""
    ranked = sorted(zip(names, found, strict=True), key=lambda item: -item[1]["length_controlled_win_rate"])
    width = max(map(len, names))
    tell(f"{'':{width}s}  {'length-controlled':>17s}  {'win rate':>14s}  {'n':>5s}")
    for name, rates in ranked:
        controlled = f"{rates['length_controlled_win_rate']:.2f} ± {rates['lc_standard_error']:.2f}"
        raw = f"{rates['win_rate']:.2f} ± {rates['standard_error']:.2f}"
        tell(f"{name:{width}s}  {controlled:>17s}  {raw:>14s}  {rates['n']:5d}")
    every = list(dict.fromkeys(note for _, rates in ranked for note in rates["notes"]))
    shared = [note for note in every if all(note in rates["notes"] for _, rates in ranked)]
    for note in shared:
        tell(note)
    for name, rates in ranked:
        for note in rates["notes"]:
            if note not in shared:
                tell(f"{name}: {note}")


# --- two sides, or several -------------------------------------------------------------------------------------------

Prompts = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Lines with prompt or instruction; models answer these.")
]
Kind = Annotated[str, typer.Option("--judge", help="model, listwise, pairwise, reward or function.")]
JudgeModel = Annotated[
    str | None, typer.Option("--judge-model", metavar="FOLDER|NAME", help="Who judges; its name at an endpoint.")
]
JudgeEndpoint = Annotated[
    str | None, typer.Option("--judge-endpoint", metavar="URL", help="Where the judge is.", show_default=False)
]
JudgeFunction = Annotated[
    str | None, typer.Option("--judge-function", metavar="FILE.py:NAME", help="A function judges.")
]
Temperature = Annotated[float, typer.Option(min=0, help="Of models that answer; 0: greedy.")]
MaxTokens = Annotated[int, typer.Option(min=1, help="Of an answer.")]
Seed = Annotated[int, typer.Option(min=0, help="Of all draws.")]
JudgeSettings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in [judge], such as draws=1.")
]


@app.command()
def evaluate(
    a: Annotated[str, typer.Option("--a", metavar="MODEL|OUTPUTS.json", help="What is measured.")],
    b: Annotated[str, typer.Option("--b", metavar="MODEL|OUTPUTS.json", help="The baseline.")],
    prompts: Prompts = None,
    kind: Kind = "pairwise",
    model: JudgeModel = None,
    endpoint: JudgeEndpoint = None,
    function: JudgeFunction = None,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="Annotations.")] = Path("annotations.json"),
    temperature: Temperature = 0.7,
    max_tokens: MaxTokens = 512,
    seed: Seed = 0,
    settings: JudgeSettings = None,
) -> None:
    """Two models, or files of answers, on the same prompts: annotations for `winrate`, and who wins."""
    from maieutic.core.generate import Sampling
    from maieutic.loops.evaluating import evaluate as compare

    told = judge_config(kind, model, endpoint, function, settings)
    _check([a, b], out)
    with _resumable(out):
        found = compare(a, b, prompts, told, out, sampling=Sampling(temperature, max_tokens=max_tokens), seed=seed)
    tell(f"{a} wins {_percent(found.rate)} against {b}")
    tell(f"  {100 * found.win:.1f}% wins, {100 * found.tie:.1f}% ties, {100 * found.loss:.1f}% losses")
    for part, rate in found.by_length.items():
        tell(f"  answers of {part}: {_percent(rate)}")
    if found.missing:
        tell(f"  {found.missing} prompts without a verdict")
    for side, distinct in ((a, found.distinct[0]), (b, found.distinct[1])):
        if distinct == 1:
            tell(f"  WARNING: all answers of {side} are identical")
    tell(f"{out}: maieutic winrate {out}")


@app.command()
def leaderboard(
    sides: Annotated[list[str], typer.Argument(metavar="MODEL|OUTPUTS.json...", help="Who takes part: two or more.")],
    prompts: Prompts = None,
    kind: Kind = "pairwise",
    model: JudgeModel = None,
    endpoint: JudgeEndpoint = None,
    function: JudgeFunction = None,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="The table.")] = Path("leaderboard.json"),
    temperature: Temperature = 0.7,
    max_tokens: MaxTokens = 512,
    seed: Seed = 0,
    settings: JudgeSettings = None,
) -> None:
    """Several models, or files of answers, each against each on the same prompts."""
    from maieutic.core.generate import Sampling
    from maieutic.loops.evaluating import rank

    if len(sides) < 2:
        raise InputError("one side has nobody to win against", where="SIDES", hint="two or more")
    told = judge_config(kind, model, endpoint, function, settings)
    _check(sides, out)
    with _resumable(out):
        found = rank(sides, prompts, told, out, sampling=Sampling(temperature, max_tokens=max_tokens), seed=seed)
    width = max(len(standing.name) for standing in found)
    for place, standing in enumerate(found, 1):
        missing = f", {standing.missing} comparisons without a verdict" * bool(standing.missing)
        rate = _percent(standing.rate)
        alike = ", WARNING: all answers are identical" * (standing.distinct == 1)
        tell(f"{place:2d}. {standing.name:{width}s}  {rate}, {standing.length:.0f} characters{missing}{alike}")
    tell(f"{out}: each against each")


def _check(sides: Sequence[str], out: Path) -> None:
    """Raises InputError where what the sides need is missing, or their result could not be written."""
    from maieutic.core.files import check_writable

    check_writable(out)
    if any(not side.endswith(".json") for side in sides):
        need_lm()


@contextmanager
def _resumable(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise interrupted(f"what was answered is kept beside {out}; the same command goes on with it") from None


def _percent(rate: Any) -> str:
    """An Estimate of a share."""
    if rate.n == 0:
        return "no verdict"
    return f"{100 * rate.value:.1f}% [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"


# --- judges ----------------------------------------------------------------------------------------------------------

AGREEMENT = {
    "pairwise": "pairs ordered alike",
    "exact": "orders identical",
    "best": "perfect scores at the top",
    "spearman": "Spearman's correlation",
    "kendall": "Kendall's tau-b",
}
BEHAVIOUR = {
    "abstentions": "no verdict",
    "unparsable": "answers unreadable",
    "ties": "ties",
    "consistency": "says the same when asked again",
    "inconsistent": "the two orders disagree",
    "first_place": "prefers what is shown first",
    "score_length": "correlation with length",
}


@app.command()
def agreement(
    scores: Annotated[
        Path, typer.Argument(metavar="VERDICTS.jsonl", help="What `judge` wrote: scores, or comparisons.")
    ],
    rankings: Annotated[
        Path, typer.Argument(metavar="RANKINGS.jsonl", help='Lines with "prompt", "completions", "ranks" (1 is best).')
    ],
    perfect: Annotated[float, typer.Option(help="The score that counts as perfect.")] = 5.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: Json = False,
) -> None:
    """How well a judge agrees with true rankings, and with itself, with 95% intervals."""
    from maieutic.align.measuring.agreement import agreement as agree
    from maieutic.align.measuring.agreement import joined, read_verdicts
    from maieutic.align.measuring.bias import rates
    from maieutic.core.datasets import read_rankings

    judged = read_verdicts(scores)
    both = joined(judged, read_rankings(rankings))
    if not both:
        raise InputError("no prompt of the rankings has scores", where=str(scores), hint="are these the same prompts?")
    found, behaviour = agree(both, perfect, seed), rates(judged, seed)
    if as_json:
        _print_json({**asdict(found), "judge": asdict(behaviour)})
        return
    tell(f"{len(both)} prompts, {100 * found.missing:.1f}% of responses without a score")
    for name, said in AGREEMENT.items():
        estimate = getattr(found, name)
        tell(f"  {said:32s}{estimate if estimate.n else 'not told'}")
    tell(f"the judge by itself, {behaviour.verdicts} verdicts")
    for name, said in BEHAVIOUR.items():
        if (value := getattr(behaviour, name)) is not None:
            low, high = behaviour.intervals[name]
            tell(f"  {said:32s}{value:.3g} [{low:.3g}, {high:.3g}]")


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="A run's folder; several are compared.")],
    out: Annotated[Path, typer.Option(metavar="PAGE.html", help="Where to write the page.")] = Path("report.html"),
) -> None:
    """Write a run, or a comparison of runs, as one HTML page that needs nothing else."""
    from maieutic.core.files import write_whole
    from maieutic.core.store import read_run
    from maieutic.pages.run_facts import facts_of
    from maieutic.pages.run_page import comparison_page, run_page

    found = [facts_of(read_run(folder)) for folder in runs]
    page = run_page(found[0]) if len(found) == 1 else comparison_page(found)
    write_whole(out, page.encode())
    tell(f"{out}: {len(page) / 1e6:.1f} MB")


def _print_json(value: Any) -> None:
    """As JSON, which knows no NaN."""
    from maieutic.core.files import finite

    tell_text(json.dumps(finite(value), indent=1))
