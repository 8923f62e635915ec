"""How the facts of a proof are known to its reader, and how they are named as reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maieutic.geometry.prose.certify import Inference
from maieutic.geometry.prose.notation import Signs, listed
from maieutic.geometry.prose.reasons import grouped, numbered, said
from maieutic.geometry.trusted.records import Fact

LAW = "the law of sines in "


@dataclass(frozen=True, slots=True)
class Source:
    """How a fact is known: by which steps, whether also by what is given, the work to restate it, how it is said."""

    cites: tuple[int, ...] = ()
    given: bool = False
    work: tuple[Inference, ...] = ()
    because: str = ""
    circle: tuple[str, ...] = ()  # centre and three points of the circle that the fact is about
    note: str = ""  # why it holds, in brackets after it


class Sources:
    """The sources of all facts so far."""

    def __init__(self, signs: Signs) -> None:
        self.signs = signs
        self.of: dict[Fact, Source] = {}
        self.halves: dict[str, set[str]] = {}  # for a midpoint, as it is named: its equal halves, as they are

    def cites(self, facts: Iterable[Fact]) -> tuple[int, ...]:
        """The numbers of the steps that give some facts, ascending."""
        return tuple(sorted({n for fact in facts for n in self.of[fact].cites}))

    def given(self, facts: Iterable[Fact]) -> bool:
        """Whether any of some facts is given."""
        return any(self.of[fact].given for fact in facts)

    def restated(self, facts: Iterable[Fact]) -> tuple[Inference, ...]:
        """The work behind facts that are no claims of steps."""
        return tuple(dict.fromkeys(work for fact in facts for work in self.of[fact].work))

    def reasons(self, facts: Sequence[Fact], hide: bool = True) -> str:
        """The facts behind a step in words, with the numbers of steps."""
        return self.shown([(fact, (fact,)) for fact in facts], hide)

    def shown(self, pairs: Sequence[tuple[Fact, tuple[Fact, ...]]], hide: bool = True) -> str:
        """Facts as a reader sees them, with those that they stand for; given collinearities are not worth words."""
        texts: dict[str, set[int]] = {}
        centres: dict[str, list[str]] = {}
        merged = grouped([fact for fact, _ in pairs])
        by = dict(pairs)
        for fact, parts in merged:
            supports = [support for part in parts for support in by[part]]
            cites = self.cites(supports)
            if hide and fact.predicate == "coll" and not cites:
                continue
            circle = next((self.of[p].circle for p in supports if self.of[p].circle), ())
            if circle and fact.predicate == "eqangle":
                _, a, _, b = fact.points[:4]
                texts.setdefault(f"${self.signs.run(circle[0], a)} = {self.signs.run(circle[0], b)}$", set()).update(
                    cites
                )
                continue
            if circle and fact.predicate == "angeq":
                rim = centres.setdefault(circle[0], [])
                rim += [p for p in dict.fromkeys(fact.points) if p not in rim and p != circle[0]]
                texts.setdefault(f"\0{circle[0]}", set()).update(cites)
                continue
            text = next((self.of[p].because for p in supports if self.of[p].because), "")
            note = next((f" ({self.of[p].note})" for p in supports if self.of[p].note), "")
            texts.setdefault(text or f"{said(fact, self.signs)}{note}", set()).update(cites)
        texts = {text: cites for text, cites in texts.items() if text not in self._halves(texts)}
        law = [text for text in texts if text.startswith(LAW)]
        if len(law) > 1:
            triangles = listed(text.removeprefix(LAW) for text in law)
            cited = set().union(*(texts.pop(text) for text in law))
            texts = {f"the law of sines in {triangles}": cited, **texts}
        if not texts:
            return self.shown(pairs, hide=False) if pairs and hide else ""
        return listed(
            numbered(self._centre(text[1:], centres[text[1:]]) if text[0] == "\0" else text, sorted(cites))
            for text, cites in texts.items()
        )

    def _halves(self, texts: Iterable[str]) -> set[str]:
        """The equal halves of a segment whose midpoint is named as well."""
        halves = (self.halves[text] for text in texts if text in self.halves)
        return {text for both in halves for text in both}

    def _centre(self, o: str, rim: Sequence[str]) -> str:
        return f"${self.signs.point(o)}$ is the centre of circle $({self.signs.run(*sorted(rim))})$"
