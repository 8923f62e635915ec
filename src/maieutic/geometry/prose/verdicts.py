"""What a verdict says, in words: for which figures a proof holds, what else must be known of it, what it assumes.

Texts have formulas between dollars, as everywhere in this room; `plain` takes the dollars away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maieutic.core.text import printable
from maieutic.geometry.prose.notation import Signs, fact_text, listed, plain
from maieutic.geometry.trusted.records import Accepted, Fact, Proof

LONGEST_NOTE = 1000
"""Characters of a note that are shown."""
SEVERAL = {2: "two", 3: "three"}
"""Small numbers in words."""


def choices(proof: Proof) -> dict[Fact, int]:
    """What the figure chose: conclusions that equations of directions leave as one of several, and of how many."""
    steps = [step for step in proof.deductions if step.rule == "linear" and step.table == "direction"]
    return {step.conclusion: step.multiple for step in steps if step.multiple > 1}


def condition(verdict: Accepted, chosen: Mapping[Fact, int], signs: Signs) -> str:
    """`for figures in which $E = A$ and $P$ lies between $B$ and $C$`; "" where there is no such condition."""
    facts = _said(verdict.configuration, chosen, signs)
    return f"for figures in which {listed(facts)}" if facts else ""


def remarks(verdict: Accepted) -> str:
    """The notes in brackets; "" where there are none. They are words, and no formulas."""
    notes = [plain(printable(note, LONGEST_NOTE)) for note in verdict.notes]
    return f"[{'; '.join(notes)}]" if notes else ""


def proved(verdict: Accepted, chosen: Mapping[Fact, int], signs: Signs) -> str:
    """The first line of a proof, where it holds for some figures only or has notes; else ""."""
    words = " ".join(filter(None, (condition(verdict, chosen, signs), remarks(verdict))))
    return f"Proved {words}." if words else ""


def assumptions(verdict: Accepted, chosen: Mapping[Fact, int], signs: Signs) -> tuple[str, ...]:
    """What a proof assumes of every figure, as sentences."""
    triples = dict.fromkeys(tuple(sorted(fact.points)) for fact in verdict.assumed if fact.predicate == "ncoll")
    others = _said((fact for fact in verdict.assumed if fact.predicate != "ncoll"), chosen, signs)
    texts: list[str] = []
    if triples:
        shown = listed(f"$({', '.join(map(signs.point, points))})$" for points in triples)
        texts.append(f"Assumed: no line passes through all three points of {shown}.")
    if others:
        texts.append(f"{'Also' if triples else 'Assumed:'} {listed(others)}.")
    return tuple(texts)


def convention_sentences(facts: Iterable[Fact], signs: Signs) -> tuple[str, ...]:
    """What holds by convention, such as that a second meet is not the first one, as a sentence; none without facts."""
    said = _said(facts, {}, signs)
    return (f"By convention, {listed(said)}.",) if said else ()


def _said(facts: Iterable[Fact], chosen: Mapping[Fact, int], signs: Signs) -> list[str]:
    """Facts in words, each once; what the figure chose, with among how many."""
    among = {fact: f" (of {SEVERAL.get(count, count)} possibilities)" for fact, count in chosen.items()}
    return list(dict.fromkeys(f"{fact_text(_tidy(fact, signs), signs)}{among.get(fact, '')}" for fact in facts))


def _tidy(fact: Fact, signs: Signs) -> Fact:
    """A fact that may be said in two orders in the usual one: E = A of the later point E, P lies between B and C."""
    places = {point: place for place, point in enumerate(signs.names)}
    points = fact.points
    if fact.predicate in ("overlap", "diff", "noverlap"):
        points = tuple(sorted(points, key=lambda point: -places.get(point, 0)))
    elif fact.predicate in ("between", "nbetween"):
        points = (points[0], *sorted(points[1:], key=lambda point: places.get(point, 0)))
    return Fact(fact.predicate, points, fact.values)
