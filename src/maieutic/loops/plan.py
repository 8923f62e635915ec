"""What a run would do, before it does anything: its stages, how often models are asked, tokens, money, memory.

What is counted, and how, is the world's own `work.py`. Nothing of torch is loaded, and no server is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from maieutic.core.judgements import JudgementCache
from maieutic.loops.improve import check
from maieutic.loops.rounds.config import RunConfig, method_of
from maieutic.loops.rounds.planner import Work
from maieutic.loops.worlds import world_of

COLUMNS = ("calls", "read", "written", "cost")


def plan(config: RunConfig, base: Path) -> Iterator[str]:
    """The plan, line by line. Raises InputError where the configuration cannot be."""
    check(config, base)
    method = method_of(config)
    yield f"{config.method}: {method.about}"
    yield f"{method.source}; {config.rounds} rounds after the start, tokens at most"
    yield ""
    yield f"{'round':5s} {'stage':11s} {'who':32s} {'how many':>10s} {'read':>10s} {'written':>10s} {'cost':>10s}"
    every: list[Work] = []
    with JudgementCache() as cache:
        planner = world_of(config, base, cache).plan(method)
        before: list[Work] = []
        for number in range(config.rounds + 1):
            works = list(planner.round(number))
            if works and works == before:
                yield f"{number:<5d} as round {number - 1}"
            else:
                yield from (_line(str(number), work) for work in works)
            before = works
            every += [work for work in works if work.stage != "policy" or method.trainer == "ppo"]
        yield _line("", Work("all", "", *(sum(getattr(w, name) for w in every) for name in COLUMNS)))
        yield ""
        yield from planner.memory()


def _line(number: str, work: Work) -> str:
    cost = f"{work.cost:10.2f}" if work.cost else f"{'-':>10s}"
    tokens = f"{_short(work.read)} {_short(work.written)}"
    return f"{number:5s} {work.stage:11s} {work.who:32.32s} {work.calls:10,d} {tokens} {cost}"


def _short(tokens: int) -> str:
    """A number of tokens in ten characters."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if tokens >= size:
            return f"{tokens / size:9.1f}{unit}"
    return f"{tokens:10d}"
