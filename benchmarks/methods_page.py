"""What the runs of methods.py come to: tables, expectations and a plot, for docs/methods.md.

The true win rate of a policy is over the start, on prompts held out, by the oracle: the higher true score wins, equal
ones tie. Intervals hold 95% of 2,000 bootstrap draws of seeds and of prompts, crossed: the same prompts for all seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import fmean
from typing import Any

import numpy as np
import world
from numpy.typing import NDArray

from maieutic.pages.plots import colour, plain, plot, svg
from page import Row, table

Record = dict[str, Any]
Array = NDArray[np.float64]
Groups = Mapping[str, "Group"]

RESAMPLES = 2000
LIMIT_S = 150.0  # acceptance: seconds of a run, which has one thread; a busy machine counts none of them
ORDER = (("dno", "offline_dpo"), ("offline_dpo", "sft_on_positives"), ("dno", "spin"), ("spin", "sft_on_positives"))
"""The better and the worse, as the papers have it."""
STYLES = tuple(world.STYLES)


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and prompts, with its interval."""

    value: float
    low: float
    high: float

    def percent(self) -> str:
        return f"{100 * self.value:.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"

    def number(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def estimate(top: Array, bottom: Array | None = None) -> Estimate:
    """Sum over sum of [seeds, prompts]; without the second, the mean. With a third axis, the largest of its ratios of
    each seed, averaged over seeds."""
    values = top if top.ndim == 3 else top[:, :, None]
    counts = np.ones(values.shape[:2]) if bottom is None else bottom

    def told(seeds: Array, prompts: Array) -> Array:
        sums = np.einsum("bp,spk->bsk", prompts, values)
        with np.errstate(invalid="ignore"):  # draws in which nothing counts
            each = (sums / np.einsum("bp,sp->bs", prompts, counts)[:, :, None]).max(axis=2)
        drawn: Array = (each * seeds).sum(axis=1) / seeds.sum(axis=1)
        return drawn

    rng, sizes = np.random.default_rng(0), values.shape[:2]
    drawn = told(*(rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float) for n in sizes))
    known = drawn[~np.isnan(drawn)]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    return Estimate(float(told(*(np.ones((1, n)) for n in sizes))[0]), float(low), float(high))


@dataclass(frozen=True)
class Group:
    """The runs of one name, a seed each. An `at` is "output", or a round's number; 0 is the start."""

    records: Sequence[Record]

    def texts(self, record: Record, at: str | int) -> list[str]:
        found: list[str] = record["output"] if at == "output" else record["rounds"][at]
        return found

    def each(self, of: Callable[[str, str], float], at: str | int = "output") -> Array:
        """A number of each answer, [seeds, prompts]."""
        return np.array([
            [of(prompt, text) for prompt, text in zip(r["prompts"], self.texts(r, at), strict=True)]
            for r in self.records
        ])  # fmt: skip

    def won(self, at: str | int = "output", over: str | int = 0) -> Array:
        """1 where one policy's answer is the better, 0 where the other's is, 1/2 for a tie, [seeds, prompts]."""
        result: Array = (np.sign(self.scores(at) - self.scores(over)) + 1) / 2
        return result

    def wins(self, at: str | int = "output", over: str | int = 0) -> Estimate:
        return estimate(self.won(at, over))

    def scores(self, at: str | int = "output") -> Array:
        return self.each(world.oracle, at)

    def right(self, at: str | int = "output") -> Estimate:
        return estimate((self.scores(at) >= 4).astype(float))

    def greedy(self, at: int) -> float:
        """The mean true score of the most likely answers; 0 of the start, 1 of what comes out."""
        told = [zip(r["prompts"], r["greedy"][at], strict=True) for r in self.records]
        return fmean(world.oracle(prompt, text) for pairs in told for prompt, text in pairs)

    def length(self, at: str | int = "output") -> Estimate:
        return estimate(self.each(lambda _, text: len(text), at))

    def judge(self, number: int = -1, of: str = "judge") -> Estimate | None:
        """How often the judge of a round orders two answers as the oracle does; a tie is half right."""
        told = [r[of][number] for r in self.records if r[of]]
        if not told:
            return None
        return estimate(*(np.array([[pair[k] for pair in seed] for seed in told], dtype=float) for k in (0, 1)))

    def mean(self, name: str) -> float:
        return fmean(r[name] for r in self.records)

    @cached_property
    def rounds(self) -> int:
        return len(self.records[0]["rounds"]) - 1


def groups(records: Iterable[Record], of: str) -> dict[str, Group]:
    """The runs of a set by their name, in the order in which they come."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record["set"] == of:
            found.setdefault(record["name"], []).append(record)
    return {name: Group(runs) for name, runs in found.items()}


# --- tables ----------------------------------------------------------------------------------------------------------


def methods_table(found: Groups) -> str:
    """All methods, and the start."""
    head = ("", "win rate over the start, %", "by round", "true score", "greedy", "right, %", "characters")
    first = next(iter(found.values()))
    rows: list[Row] = [
        ("the start", "50", "", _mean(first.scores(0)), f"{first.greedy(0):.2f}", _right(first, 0), _long(first, 0))
    ]
    for name, group in found.items():
        trend = ", ".join(f"{100 * group.wins(k).value:.0f}" for k in range(1, group.rounds + 1))
        rows.append((
            f"`{name}`", group.wins().percent(), trend, _mean(group.scores()), f"{group.greedy(1):.2f}",
            _right(group), _long(group),
        ))  # fmt: skip
    return table(head, rows)


def costs_table(found: Groups) -> str:
    """What each method was given, and what it took."""
    head = (
        "a run",
        "samples",
        "judge calls",
        "judge right in the last round, %",
        "pairs, or examples, by round",
        "completions trained on",
        "their tokens",
        "CPU-s, at most",
    )
    rows = []
    for name, group in found.items():
        judge, chosen = group.judge(), np.mean([r["chosen"] for r in group.records], axis=0)
        rows.append((
            f"`{name}`", f"{group.mean('samples'):,.0f}", f"{group.mean('judge_calls'):,.0f}",
            judge.percent() if judge else "-", ", ".join(f"{count:.0f}" for count in chosen),
            f"{group.mean('completions'):,.0f}", f"{group.mean('tokens'):,.0f}",
            f"{max(r['cpu_s'] for r in group.records):.0f}",
        ))  # fmt: skip
    return table(head, rows)


def self_rewarding_table(group: Group) -> str:
    """Self-Rewarding round by round. M1 is the start."""
    head = ("", "over M1, %", "over the one before, %", "its judge right: same answers always, %", "its own answers, %")
    rows = []
    for k in range(group.rounds + 1):
        fixed, own = group.judge(k, "self_judge"), group.judge(k) if k < group.rounds else None
        rows.append((
            f"M{k + 1}", group.wins(k).percent() if k else "50", group.wins(k, k - 1).percent() if k else "",
            fixed.percent() if fixed else "-", own.percent() if own else "",
        ))  # fmt: skip
    return table(head, rows)


def ablations_table(methods: Groups, ablations: Groups) -> str:
    """DNO, and DNO with one thing changed."""
    head = ("", "win rate over the start, %", "true score", "characters", "annotator right, %", "pairs a round")
    named = {"dno": methods["dno"], **ablations}
    named["imitation, not contrast: `sft_on_positives`"] = methods["sft_on_positives"]
    named["only the teacher wins: `dno_restrictive`"] = methods["dno_restrictive"]
    rows = []
    for name, group in named.items():
        judge, chosen = group.judge(), [count for r in group.records for count in r["chosen"]]
        told = judge.percent() if judge else "-"
        shown = "`dno`, as it is" if name == "dno" else name
        rows.append((shown, group.wins().percent(), _mean(group.scores()), _long(group), told, f"{fmean(chosen):.0f}"))
    return table(head, rows)


def taste_table(found: Groups) -> str:
    """How much a best answer could gain against each policy, where no policy is best."""
    head = ("", "exploitability", "among right answers", *STYLES, "right, %")
    mixture, last = found["dno_exact"], found["dno_exact"].rounds
    named: list[tuple[str, Group, str | int]] = [
        ("the start", mixture, 0),
        ("`dno_exact`, its mixture", mixture, "output"),
        ("`dno_exact`, its last policy", mixture, last),
        ("`rlhf`", found["rlhf"], "output"),
    ]
    rows = []
    for name, group, at in named:
        shares = style_shares(group, at)
        rows.append((
            name, exploitability(group, at).number(), exploitability(group, at, right_only=True).number(),
            *(f"{share:.2f}" for share in shares), _right(group, at),
        ))  # fmt: skip
    return table(head, rows)


def exploitability(group: Group, at: str | int, right_only: bool = False) -> Estimate:
    """The most that "right, and always in one style" wins against a policy's answers, above one half."""
    by_style = np.stack([group.each(lambda p, t, s=s: _against(s, p, t), at) for s in range(len(STYLES))], axis=2)  # type: ignore[misc]
    counted = (group.scores(at) >= 4).astype(float) if right_only else np.ones(by_style.shape[:2])
    found = estimate(by_style * counted[:, :, None], counted)
    return Estimate(found.value - 0.5, found.low - 0.5, found.high - 0.5)


def _against(style: int, prompt: str, text: str) -> float:
    """P(a right answer of this style is better than a text), as world.taste has it."""
    right = world.STYLES[STYLES[style]][0].format(" ".join(world.answer(prompt)))
    return world.taste(prompt, right, text)


def style_shares(group: Group, at: str | int) -> list[float]:
    """How often right answers are plain, polite, boasts."""
    right = group.scores(at) >= 4
    named = group.each(lambda _, text: STYLES.index(world.style(text)), at)
    return [float((named[right] == k).sum() / max(right.sum(), 1)) for k in range(len(STYLES))]


def _mean(values: Array) -> str:
    return f"{values.mean():.2f}"


def _right(group: Group, at: str | int = "output") -> str:
    return f"{100 * group.right(at).value:.0f}"


def _long(group: Group, at: str | int = "output") -> str:
    return f"{group.length(at).value:.1f}"


# --- what the papers let one expect ----------------------------------------------------------------------------------


def expectations(methods: Groups, taste: Groups) -> str:
    """A row for each claim: what was measured, and whether it came out so."""
    rows: list[Row] = []
    if own := methods.get("self_rewarding"):
        steps = [own.wins(k, k - 1) for k in range(1, own.rounds + 1)]
        told = "; ".join(step.percent() for step in steps)
        rows.append(
            _row("Self-Rewarding: M2 over M1, M3 over M2, M4 over M3, %", told, min(s.value for s in steps) > 0.5)
        )
        judges = [judge for k in range(own.rounds + 1) if (judge := own.judge(k, "self_judge"))]
        rising = all(later.value > earlier.value for earlier, later in pairwise(judges))
        told = ", ".join(f"{100 * judge.value:.1f}" for judge in judges)
        rows.append(_row("its judge is right more often each round, %", told, rising))
    for better, worse in ORDER:
        if better in methods and worse in methods:
            apart = estimate(methods[better].won() - methods[worse].won())
            rows.append(_row(f"`{better}` above `{worse}`, by points", apart.percent(), apart.value > 0))
    if set(taste) == {"dno_exact", "rlhf"}:
        for about, right_only in (("", False), (", among right answers", True)):
            ours, theirs = (exploitability(taste[name], "output", right_only) for name in ("dno_exact", "rlhf"))
            told = f"{ours.number()}; {theirs.number()}"
            rows.append(_row(f"DNO's mixture less exploitable than RLHF{about}", told, ours.value < theirs.value))
    seconds = [r["cpu_s"] for group in methods.values() for r in group.records]
    if seconds:
        rows.append(_row(f"a run within {LIMIT_S:.0f} CPU-s", f"{max(seconds):.0f}", max(seconds) <= LIMIT_S))
    return table(("expected", "measured", ""), rows)


def _row(claim: str, measured: str, so: bool) -> Row:
    return (claim, measured, "so" if so else "**not so**")


# --- the plot --------------------------------------------------------------------------------------------------------


def picture(found: Groups) -> str:
    """Win rate, length and the judge's accuracy of all methods, as SVG."""
    names = list(reversed(found))
    panels: list[tuple[str, Callable[[Group, str | int], Estimate | None], float]] = [
        ("win rate over the start, %", lambda group, at: group.wins(at), 100),
        ("characters of an answer", lambda group, at: group.length(at), 1),
        ("judge right, %", lambda group, at: group.judge(-1 if at == "output" else int(at) - 1), 100),
    ]
    with plot(9.4, 0.32 * len(names) + 1.1) as figure:
        for axes, (title, of, scale) in zip(figure.subplots(1, len(panels), sharey=True), panels, strict=True):
            plain(axes)
            axes.set_title(title)
            for y, name in enumerate(names):
                group = found[name]
                rounds = [of(group, k) for k in range(1, group.rounds + 1)] if group.rounds > 1 else []
                told = [scale * e.value for e in rounds if e is not None]
                axes.plot(told, [y] * len(told), "|", color=colour("grey"), markersize=7, markeredgewidth=1.2)
                if (end := of(group, "output")) is not None:
                    axes.plot([scale * end.low, scale * end.high], [y, y], color=colour("blue"), linewidth=1.6)
                    axes.plot([scale * end.value], [y], "o", color=colour("blue"), markersize=5)
            axes.set_yticks(range(len(names)), names)
        description = "; ".join(f"{name}: {group.wins().percent()} %" for name, group in found.items())
        return svg(figure, "Methods in the letters world", f"Win rates over the start: {description}.")


# --- the page --------------------------------------------------------------------------------------------------------


def sections(records: Sequence[Record], conditions: str) -> str:
    """All that there is to tell of these records; of a set that was not run, nothing."""
    methods, taste, ablations = (groups(records, of) for of in ("methods", "taste", "ablations"))
    parts = [f"Measured {conditions}."]
    if methods:
        parts += [
            methods_table(methods),
            "![Win rate, length and the judge's accuracy of all methods](images/methods.svg)",
            "Dots are what comes out, with its interval; ticks are the policies after each round.",
        ]
        parts += ["What each run was given, and what it took:", costs_table(methods)]
    if own := methods.get("self_rewarding"):
        parts += ["### Self-Rewarding, round by round", self_rewarding_table(own)]
    if ablations and {"dno", "sft_on_positives", "dno_restrictive"} <= set(methods):
        parts += ["### DNO, one thing changed", ablations_table(methods, ablations)]
    if set(taste) == {"dno_exact", "rlhf"}:
        parts += ["### A preference that no score explains", taste_table(taste)]
    return "\n\n".join([*parts, "### What the papers let one expect", expectations(methods, taste)])
