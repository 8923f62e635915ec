"""The sections of a run's page, and of a comparison of runs: what was measured, how it was judged, what was learned.

A section is made of what there is, and left out where there is nothing: so a run with a teacher, one that judges itself
and one that proves theorems have each the sections that tell of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maieutic.pages import run_plots
from maieutic.pages.new_proofs import NewProof, new_proofs
from maieutic.pages.run_facts import Round, RunFacts, SideBySide
from maieutic.pages.run_measures import CORRELATIONS, MEASURES, NUMBERS, Interval
from maieutic.pages.run_plots import Drawn
from maieutic.pages.tables import Table

SHOWN = 10
"""Samples that improved, and as many that got worse."""

RESULTS = (
    Drawn(
        "Held-out theorems proved",
        "share",
        {"solved": "the round's policy", "solved/mixture": "the mixture of all", "drawn/proved": "draws in training"},
    ),
    Drawn(
        "Win rate against the start",
        "share of prompts, ties half",
        {"won/start": "the round's policy", "won/mixture": "the mixture of all"},
        even=0.5,
    ),
    Drawn("True score", "mean over prompts", {"truth": ""}),
    Drawn("Length of answers", "characters", {"length": ""}),
)
JUDGE = (
    Drawn(
        "Agreement with the truth",
        "share, or correlation",
        {
            "agreement/pairwise": "pairs in order",
            "agreement/best": "perfect scores on top",
            "agreement/exact": "exact order",
            "agreement/spearman": "Spearman",
            "agreement/kendall": "Kendall",
        },
    ),
    Drawn(
        "Verdicts that tell little",
        "share",
        {"judge/ties": "ties", "judge/abstentions": "no verdict", "judge/unparsable": "unreadable"},
    ),
    Drawn(
        "Position bias",
        "share",
        {"judge/first_place": "the first shown wins (fair: 0.5)", "judge/inconsistent": "the orders disagree"},
        even=0.5,
    ),
    Drawn("Length bias", "correlation with length", {"judge/score_length": ""}, even=0.0),
    Drawn("Self-consistency", "share", {"judge/consistency": ""}),
    Drawn(
        "The policy's own verdicts, held against the kernel's",
        "share",
        {
            "own/accuracy": "verdict right",
            "own/pairwise": "two points in order",
            "own/best": "best point proves",
            "own/proved": "all points that prove",
        },
    ),
)
MARGIN = Drawn("Margin of the chosen pairs", "r(chosen) - r(rejected)", {"margin": ""})
METRICS = (
    ("loss", "Loss", "of the batch"),
    ("rewards/margins", "Reward margin in training", "beta times log-ratios"),
    ("rewards/accuracy", "Pairs in order in training", "share"),
    ("score", "Reward of rollouts", "mean"),
    ("objective", "Reward less the KL's price", "mean"),
    ("kl", "KL (mean log-ratio) from the reference", "nats a completion"),
    ("policy_loss", "Policy's loss", "of the step"),
    ("value_loss", "Value function's loss", "of the step"),
)
"""Metrics of training that are drawn, where they were noted."""
HEADLINE = (
    *("solved", "gain/before", "newly_proved", "won/start", "won/before", "won/mixture", "truth", "length"),
    *("agreement/pairwise", "own/accuracy"),
)
"""Measures of the first table, where there are any."""


@dataclass(frozen=True)
class Pairs:
    """Answers side by side. `look` says whether they are better or worse."""

    title: str
    look: str
    samples: Sequence[SideBySide]


@dataclass(frozen=True)
class Section:
    """A part of a page: plots as SVG, tables, answers, proofs; whatever there is."""

    title: str
    note: str = ""
    plots: Sequence[str] = ()
    wide: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pairs: Sequence[Pairs] = ()
    proofs: Sequence[NewProof] = ()

    def __bool__(self) -> bool:
        return any((self.plots, self.wide, self.tables, self.pairs, self.proofs))


def sections(runs: Sequence[RunFacts]) -> list[Section]:
    """All sections that have something to tell."""
    found = [
        Section("Round by round", ROUNDS, tables=list(_each(runs, _headline))),
        Section("Results", "", plots=_drawn(runs, (*RESULTS, _points(runs))), tables=list(_each(runs, _parts))),
        Section("The judge", _about_judge(runs), plots=_drawn(runs, JUDGE), tables=list(_each(runs, _judging))),
        Section(
            "What was learned from",
            plots=_drawn(runs, (MARGIN,)),
            wide=[drawn for run in runs for drawn in run_plots.flow(run, _of(runs, run, "What came of each stage"))],
            tables=list(_each(runs, _origins)),
        ),
        *(_training(runs, run) for run in runs),
        *(_answers(runs, run) for run in runs),
        *(Section(_of(runs, run, "Proved for the first time"), NEW, proofs=new_proofs(run)) for run in runs),
        Section("Cost", COST, tables=list(_each(runs, _cost))),
    ]
    return [section for section in found if section]


ROUNDS = "Win rates count ties half. Intervals hold 95% of bootstrap draws over prompts; round 0 is the start."
JUDGING = {
    "judge/first_place": "Position: how often the answer shown first is preferred (0.5 is fair), and how often the two "
    "orders prefer different ones.",
    "judge/score_length": "Length: the correlation of score and length within a prompt (0 is fair).",
    "judge/consistency": "Self-consistency: how often two answers of the judge to the very same question say the same.",
    "own/accuracy": "The policy judged its own points before they were tried; the kernel tells how often it was right.",
}
"""What a reader is told of the judge, by the measure that is there."""
NEW = "Held-out theorems that neither the start nor the policy before had proved, with the point that was added."
COST = (
    "Completions that models wrote and verdicts that were given, to learn from and to measure; a judge may answer "
    "several times for a verdict. Tokens and money are known where the log has them."
)


def _of(runs: Sequence[RunFacts], run: RunFacts, title: str) -> str:
    """A title, with the run's name where there are several."""
    return title if len(runs) == 1 else f"{title}: {run.name}"


def _drawn(runs: Sequence[RunFacts], wanted: Sequence[Drawn]) -> list[str]:
    return [plot for drawn in wanted for plot in run_plots.by_round(runs, drawn)]


def _about_judge(runs: Sequence[RunFacts]) -> str:
    known = {name for run in runs for r in run.rounds for name in r.measures}
    return " ".join(said for name, said in JUDGING.items() if name in known)


def _points(runs: Sequence[RunFacts]) -> Drawn:
    """Theorems by how many points their own proof adds."""
    names = dict.fromkeys(name for run in runs for r in run.rounds for name in r.measures if name.startswith("points/"))
    lines = {name: f"{name[7:]} point{'s' * (name != 'points/1')}" for name in names}
    return Drawn("Theorems proved, by the points of their own proof", "share", lines)


# --- tables ----------------------------------------------------------------------------------------------------------


def _each(runs: Sequence[RunFacts], make: Callable[[RunFacts], Table]) -> Iterator[Table]:
    """A table of each run that has one, titled with the run's name where there are several."""
    for run in runs:
        table = make(run)
        if table.rows:
            yield Table(": ".join(filter(None, (run.name * (len(runs) > 1), table.title))), table.header, table.rows)


def _headline(run: RunFacts) -> Table:
    """A row a round."""
    rounds = [r for r in run.rounds if r.measures or r.flow]
    names = [name for name in HEADLINE if any(name in r.measures for r in rounds)]
    rows = [(_number(r), *(shown(name, r.measures.get(name)) for name in names)) for r in rounds]
    return Table("", ("round", *(MEASURES[name] for name in names)), tuple(rows))


def _judging(run: RunFacts) -> Table:
    """A row a measure, a column a round."""
    return _transposed(run, [name for name in MEASURES if name.startswith(("agreement/", "judge/", "own/"))], "")


def _parts(run: RunFacts) -> Table:
    """The win rate by the length of the answers, or the theorems by points, in the last round that has them."""
    prefixes = {"by_length/": "Against the start, by the mean length of the two answers", "points/": "Theorems proved"}
    for prefix, title in prefixes.items():
        last = next((r for r in reversed(run.rounds) if any(n.startswith(prefix) for n in r.measures)), None)
        if last is not None:
            found = {n.removeprefix(prefix): i for n, i in last.measures.items() if n.startswith(prefix)}
            rows = [(_part(prefix, n), shown("won/start", i), f"{i.n or 0:,}") for n, i in found.items()]
            unit = "theorems" if prefix == "points/" else "prompts"
            return Table(f"{title}, round {last.number}", ("", "share", unit), tuple(rows))
    return Table("", (), ())


def _part(prefix: str, name: str) -> str:
    return f"{name} point{'s' * (name != '1')} in their own proof" if prefix == "points/" else name


def _transposed(run: RunFacts, names: Sequence[str], title: str) -> Table:
    rounds = [r for r in run.rounds if any(name in r.measures for name in names)]
    known = [name for name in names if any(name in r.measures for r in rounds)]
    rows = [(MEASURES[name], *(shown(name, r.measures.get(name)) for r in rounds)) for name in known]
    return Table(title, ("", *(f"round {r.number}" for r in rounds)), tuple(rows))


def _origins(run: RunFacts) -> Table:
    """Who wrote the better answer, and who the worse one."""
    rounds = [r for r in run.rounds if r.origins]
    names = list(dict.fromkeys(name for r in rounds for name in r.origins))
    rows = [(name.replace(">", " over "), *(f"{r.origins.get(name, 0):,}" for r in rounds)) for name in names]
    return Table("Pairs by who wrote them", ("better over worse", *(f"round {r.number}" for r in rounds)), tuple(rows))


def _cost(run: RunFacts) -> Table:
    """What each round took, and all together."""
    columns: dict[str, Callable[[Round], float | None]] = {
        "completions": lambda r: r.work.completions or None,
        "verdicts": lambda r: r.work.verdicts or None,
        "judge's answers": lambda r: r.work.answers or None,
        "tokens read": lambda r: sum(used.read for used in r.work.used) if r.work.used else None,
        "tokens written": lambda r: sum(used.written for used in r.work.used) if r.work.used else None,
        "money": lambda r: sum(used.cost for used in r.work.used) if r.work.used else None,
        "minutes": lambda r: None if r.work.seconds is None else r.work.seconds / 60,
        "CPU minutes": lambda r: None if r.work.cpu_seconds is None else r.work.cpu_seconds / 60,
    }
    found = {name: [of(r) for r in run.rounds] for name, of in columns.items()}
    known = {name: values for name, values in found.items() if any(value is not None for value in values)}
    rows = [(_number(r), *(_amount(name, known[name][k]) for name in known)) for k, r in enumerate(run.rounds)]
    total = tuple(_amount(name, sum(v for v in values if v is not None)) for name, values in known.items())
    return Table("", ("round", *known), (*rows, ("all", *total)) if known else ())


def _amount(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if name in ("money", "minutes", "CPU minutes") else f"{value:,.0f}"


def _number(r: Round) -> str:
    return str(r.number) if r.number else "0 (start)"


def shown(name: str, interval: Interval | None) -> str:
    """A measure with its interval, as a percentage where it is a share."""
    if interval is None or interval.value is None:
        return "–"
    if name in NUMBERS:
        form = ",.0f" if abs(interval.value) >= 1000 else ".3g"
        return format(interval.value, form)
    scale, form, unit = (1, ".2f", "") if name in CORRELATIONS else (100, ".1f", "%")
    said = f"{scale * interval.value:{form}}{unit}"
    if interval.low is None or interval.high is None:
        return said
    return f"{said} [{scale * interval.low:{form}}, {scale * interval.high:{form}}]"


# --- training, answers -----------------------------------------------------------------------------------------------


def _training(runs: Sequence[RunFacts], run: RunFacts) -> Section:
    plots = [drawn for metric in METRICS for drawn in run_plots.training(run, *metric)]
    return Section(_of(runs, run, "Training"), plots=plots)


def _answers(runs: Sequence[RunFacts], run: RunFacts) -> Section:
    """The answers of the start and of the last policy, where one is better than the other."""
    better = [s for s in run.samples if s.result is not None and s.result > 0.5][:SHOWN]
    worse = [s for s in run.samples if s.result is not None and s.result < 0.5][:SHOWN]
    found = (Pairs("Better than before", "good", better), Pairs("Worse than before", "bad", worse))
    title = _of(runs, run, "Answers of the start, and of the last policy")
    return Section(title, pairs=[pairs for pairs in found if pairs.samples])


def settings(run: RunFacts) -> list[tuple[str, object]]:
    """Settings as (dotted name, value), without those that are not set."""
    return list(_flat(run.settings))


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif value is not None:
            yield f"{above}{name}", value
