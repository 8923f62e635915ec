"""What a run has done, in words: read off its folder, also while another process works on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from maieutic.core.store import Run, Stage
from maieutic.loops.rounds.outcome import OUTPUT

Numbers = Mapping[str, Any]


def summary(run: Run) -> dict[str, Any]:
    """The settings, the numbers of each finished stage by round (None: not finished), and what came out."""
    rounds: dict[str, dict[str, Any]] = {}
    for stage in run.stages():
        rounds.setdefault(str(stage.round), {})[stage.name] = stage.counts if stage.finished else None
    output = json.loads((run.folder / OUTPUT).read_text(encoding="utf-8")) if is_finished(run) else None
    return {"folder": str(run.folder), "settings": dict(run.settings), "rounds": rounds, "output": output}


def one_line(run: Run) -> str:
    """A run: its name, its method, how far it is."""
    done = [stage for stage in run.stages() if stage.finished]
    rounds = run.settings.get("rounds", 0)
    last = f"{done[-1].name} of round {done[-1].round} of {rounds}" if done else "nothing yet"
    state = "finished" if is_finished(run) else last
    return f"{run.folder.name:24s} {run.settings.get('method', ''):18s} {state}"


def lines(run: Run) -> Iterator[str]:
    """A run, a line a stage."""
    yield one_line(run)
    for stage in run.stages():
        yield _line(stage)


def follow(run: Run, pause: Callable[[], None]) -> Iterator[str]:
    """A run at work, a line whenever a stage has come further, until the run is finished.

    Args:
        pause: waits between two looks.
    """
    yield one_line(run)
    shown: dict[Path, str] = {}
    while True:
        finished = is_finished(run)
        for stage in run.stages():
            if (line := _line(stage)) != shown.get(stage.folder):
                shown[stage.folder] = line
                yield line
        if finished:
            return
        pause()


def is_finished(run: Run) -> bool:
    """Whether the run has told what came out."""
    return (run.folder / OUTPUT).exists()


def _line(stage: Stage) -> str:
    return f"  round {stage.round}  {stage.name:12s} {_told(stage)}"


def _told(stage: Stage) -> str:
    if not stage.finished:
        return _progress(stage)
    counts = stage.counts
    if stage.name == "evaluation":
        return _evaluated(counts)
    return ", ".join(f"{name} {_number(value)}" for name, value in counts.items() if _plain(value))


def _progress(stage: Stage) -> str:
    """How far a stage is that somebody works on, or worked on."""
    written = len(list(stage.folder.glob("records-*.jsonl")))
    told = [f"{written} blocks written"] if written else []
    for metrics in sorted(stage.folder.glob(".training/**/metrics.jsonl")):
        if steps := metrics.read_bytes().splitlines():  # the last line may be in the middle of being written
            told.append(f"{len(steps)} steps")
    return ", ".join(["in progress", *told])


def _evaluated(counts: Numbers) -> str:
    parts = [
        f"{_percent(counts[key]['rate']['value'])} against {said}"
        for key, said in (("against_start", "the start"), ("against_before", "the one before"))
        if key in counts
    ]
    if "mixture_against_start" in counts:
        parts.append(f"the mixture {_percent(counts['mixture_against_start']['rate']['value'])}")
    if "truth" in counts:
        parts.append("true score " + " -> ".join(f"{counts['truth'][n]:.2f}" for n in ("start", "before", "now")))
    if "judge" in counts:
        parts.append(f"judge right on {_percent(counts['judge']['pairwise']['value'])} of pairs")
    return ", ".join([*parts, f"{counts['length']:.0f} characters"])


def _percent(share: float | None) -> str:
    return "no verdict" if share is None else f"{100 * share:.1f}%"


def _plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
