"""The one who writes the steps down: numbers them, and remembers how each fact is known."""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.geometry.prose.certify import Inference
from maieutic.geometry.prose.narrative_records import Step
from maieutic.geometry.prose.notation import Signs
from maieutic.geometry.prose.sources import Source, Sources
from maieutic.geometry.trusted.records import Fact


class Scribe:
    """The steps so far, the sources of all facts so far, and how points are called."""

    def __init__(self, signs: Signs) -> None:
        self.signs = signs
        self.sources = Sources(signs)
        self.steps: list[Step] = []

    def add(self, work: Sequence[Inference], premises: Sequence[Fact], **content: object) -> Step:
        """Number a step and remember what it claims."""
        whole = tuple(dict.fromkeys((*self.sources.restated(premises), *work)))
        step = Step(
            number=len(self.steps) + 1,
            cites=self.sources.cites(premises),
            given=any(each.rule == "hypothesis" for each in whole),
            work=whole,
            **content,  # type: ignore[arg-type]
        )
        self.steps.append(step)
        for fact in step.claims:
            self.sources.of[fact] = Source(cites=(step.number,))
        return step

    def keep(self, work: Inference, because: str = "", circle: tuple[str, ...] = (), note: str = "") -> None:
        """Remember a conclusion without a step."""
        self.sources.of[work.conclusion] = Source(
            self.sources.cites(work.premises),
            self.sources.given(work.premises),
            (*self.sources.restated(work.premises), work),
            because,
            circle,
            note,
        )


def tidy(fact: Fact) -> Fact:
    """Points on one line or circle in alphabetical order; other facts as they are."""
    return Fact(fact.predicate, tuple(sorted(fact.points))) if fact.predicate in ("coll", "cyclic") else fact
