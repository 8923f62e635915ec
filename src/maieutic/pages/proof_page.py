"""A proof as a page: one HTML file with the statement, the figure and the steps, which needs nothing from outside.

Pointing at a step, focusing it or tapping on it shows in the figure what it claims (class `lit`) and what it rests on
(class `used`); all else fades. Which elements these are is worked out here, and written beside each step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from maieutic.geometry.figures.elements import Figure
from maieutic.geometry.figures.figure import elements_of
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.prose.narrative_records import Narrative, Step
from maieutic.geometry.prose.reasons import similar
from maieutic.geometry.prose.text import sentence
from maieutic.geometry.prose.titles import title_of
from maieutic.geometry.trusted.records import Fact, Proof
from maieutic.pages.templating import template

SHORT = 22
"""A formula of so many letters is not broken between two lines."""

_CITED = re.compile(r"\((\d+(?:, \d+)*)\)")
_POINT = re.compile(r"[A-Z][₀-₉]*(?:_[A-Z0-9]+)?′*|\b[a-z]\b")
_POWER = re.compile(r"\^\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a chain of equalities, as HTML."""

    expression: Markup
    reason: Markup


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step, as HTML, and the ids of the figure's elements that it claims something of, or rests on."""

    number: int
    text: Markup
    chain: tuple[ShownLine, ...]
    lit: str
    used: str


def proof_page(proof: Proof, narrative: Narrative, figure: Figure, statement: str = "", source: str = "") -> str:
    """The page of a proof: a self-contained HTML file. `statement` says in words what is proved, `source` whence it is.

    The figure is of the proof's problem, with the facts of the steps, so that they can be shown in it.
    """
    title = title_of(narrative.name)
    return template("proof.html").render(
        title=title,
        proved=html(narrative.proved),
        words=statement,
        source="" if source == title else source,
        given=[html(text) for text in narrative.given],
        statement=html(narrative.statement),
        auxiliary=[html(text) for text in narrative.auxiliary],
        conventions=[html(text) for text in narrative.conventions],
        drawing=Markup(svg(figure, paper=False)),
        steps=[_step(step, figure) for step in narrative.steps],
        conclusion=html(narrative.conclusion, [step.number for step in narrative.steps]),
        assumptions=[html(text) for text in narrative.assumptions],
        problem=print_problem(proof.problem),
        deductions=sum(step.rule != "hypothesis" for step in proof.deductions),
        seed=proof.seed,
    )


# --- steps -----------------------------------------------------------------------------------------------------------


def facts_shown(narrative: Narrative) -> tuple[Fact, ...]:
    """All that the steps claim or rest on: what their figure must be able to show."""
    return tuple(dict.fromkeys(fact for step in narrative.steps for fact in (*_claimed(step), *_used(step))))


def _claimed(step: Step) -> tuple[Fact, ...]:
    """What a step claims; of similar triangles, that they are similar, which shows all their sides."""
    triangles = [Fact("simtri", work.points) for work in step.work if similar(work.rule)]
    return (*step.claims, *dict.fromkeys(triangles))


def _used(step: Step) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(fact for work in step.work for fact in work.premises))


def _step(step: Step, figure: Figure) -> ShownStep:
    lit = _ids(_claimed(step), figure)
    used = _ids(_used(step), figure)
    return ShownStep(
        number=step.number,
        text=html(sentence(step), step.cites),
        chain=tuple(ShownLine(formula(line.expression), html(line.reason, line.cites)) for line in step.chain),
        lit=" ".join(lit),
        used=" ".join(name for name in used if name not in lit),
    )


def _ids(facts: Iterable[Fact], figure: Figure) -> list[str]:
    """The ids of the elements that facts speak of, each once, and of the labels of points."""
    known = {element.id for element in figure.elements}
    found = dict.fromkeys(name for fact in dict.fromkeys(facts) for name in elements_of(fact, figure))
    labels = (f"l-{name.removeprefix('p-')}" for name in found if name.startswith("p-"))
    return [*found, *(name for name in labels if name in known)]


# --- texts -----------------------------------------------------------------------------------------------------------


def html(text: str, cites: Iterable[int] = ()) -> Markup:
    """A text with formulas between dollars as HTML; the numbers of cited steps become links to them."""
    known = set(cites)
    parts = text.split("$")
    return Markup("").join(formula(part) if i % 2 else _words(part, known) for i, part in enumerate(parts))


def formula(text: str) -> Markup:
    """What stands between dollars: points in italics, their letters below the line, powers above it."""
    shown = _POINT.sub(lambda match: f"<i>{_lowered(match[0])}</i>", str(escape(text)))
    shown = _POWER.sub(r"<sup>\1</sup>", shown)
    name = "formula short" if len(text) <= SHORT else "formula"
    return Markup(f'<span class="{name}">{shown}</span>')  # escaped above


def _lowered(point: str) -> str:
    """X_AB′ with its letters below the line."""
    head, bar, rest = point.partition("_")
    letters = rest.rstrip("′")
    return f"{head}<sub>{letters}</sub>{rest[len(letters) :]}" if bar else point


def _words(text: str, known: set[int]) -> Markup:
    """Words, with links for (1) and (1, 2) where these are steps."""

    def link(match: re.Match[str]) -> str:
        numbers = [int(number) for number in match[1].split(", ")]
        if not known.issuperset(numbers):
            return match[0]
        links = (f'<a href="#step-{number}">{number}</a>' for number in numbers)
        return f"({', '.join(links)})"

    return Markup(_CITED.sub(link, str(escape(text))))
