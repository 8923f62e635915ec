"""Draw the pictures of docs/meno.md, and check what it says of them: python docs/pictures.py

The figures are those of problems in the language of the library, the diagram is in the style of the plots. The square
is Plato's (Meno 82b-85b). The random figure is one that the generator grew (maieutic.geometry.synthesis), its points
renamed, so that the theorem in it has the letters that a model is asked with.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from maieutic.core.errors import ProofError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.figures.elements import Circle, Element, Segment
from maieutic.geometry.figures.figure import figure
from maieutic.geometry.figures.page import page_of
from maieutic.geometry.figures.sketch import sketch
from maieutic.geometry.figures.svg import svg
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.search.run import heuristic
from maieutic.geometry.search.trials import extended
from maieutic.geometry.synthesis.goals import candidate_goals
from maieutic.geometry.synthesis.random_figure import Figure as Grown
from maieutic.geometry.synthesis.theorem import Workshop
from maieutic.geometry.text.encoding import encode_auxiliary
from maieutic.geometry.trusted.records import Diagram, Problem
from maieutic.pages.plots import colour, plot
from maieutic.pages.plots import svg as plot_svg

FOLDER = Path(__file__).parent / "meno"

FOUR_SQUARES = parse_problem(
    "a b c d = isquare; h = mirror d c; i = mirror b c; e = mirror a b; g = mirror a d;"
    "f = on_pline e a d, on_pline g a b",
    "The side doubled",
)
"""The boy's first guess, a side of twice the length: four squares."""

DIAGONALS = parse_problem(
    "a b c d = isquare; h = mirror d c; i = mirror b c; e = mirror a b; g = mirror a d;"
    "f = on_pline e a d, on_pline g a b"
    "? cong b d d i, cong d i i h, cong i h h b, perp b d d i, rsqconst b d a b 2",
    "The diagonals",
)
"""Each of the four squares halved: the diagonals are a square, of twice the area of the first."""

VAN_SCHOOTEN = parse_problem(
    "a b c = ieq_triangle; p = on_circum a b c; d = eq_triangle b p ? distseq p a p b p c 1 -1 -1", "Van Schooten"
)
"""The problem of the library, with a point more."""

GROWN = parse_problem(
    "a b c = r_triangle; d = foot a b c; f = midpoint b c; g = psquare f b; h = on_circum g d c, on_bline b c;"
    "e = on_circle d a, on_circum c a b; i = on_line b d, on_circum f h e",
    "A random figure",
)
MADE_UP = parse_problem(
    "a b c = r_triangle; d = foot a b c; e = on_circle d a, on_circum c a b; f = midpoint b c ? coll e d a",
    "A made-up theorem",
)
"""What the generator reads off it; the last clause is auxiliary."""

SEEDS = {DIAGONALS: 1, VAN_SCHOOTEN: 2, GROWN: 4}
"""Of figures that look well."""

PROPOSALS = ("f = midpoint b c", "f = foot a b e", "f = midpoint a b")
"""Answers to the made-up theorem, the best first."""


# --- figures ---------------------------------------------------------------------------------------------------------


def _drawn(problem: Problem) -> Diagram:
    return draw(problem, SEEDS[problem])


def _part(problem: Problem, diagram: Diagram) -> Diagram:
    """The diagram of fewer points."""
    return Diagram({point: diagram.points[point] for point in problem.points}, diagram.seed)


def _without(problem: Problem) -> Problem:
    """The problem without its last clause."""
    return replace(problem, clauses=problem.clauses[:-1])


def side_doubled() -> str:
    return svg(figure(FOUR_SQUARES, _drawn(DIAGONALS)))


def diagonals() -> str:
    shown = replace(DIAGONALS, goals=DIAGONALS.goals[:3])
    return svg(figure(shown, _drawn(DIAGONALS)))


def stuck() -> str:
    problem = _without(VAN_SCHOOTEN)
    return svg(figure(problem, _part(problem, _drawn(VAN_SCHOOTEN))))


def found() -> str:
    diagram = _drawn(VAN_SCHOOTEN)
    return svg(figure(VAN_SCHOOTEN, diagram, auxiliary=VAN_SCHOOTEN.clauses[-1:]))


def grown() -> str:
    return svg(figure(GROWN, _drawn(GROWN)))


def made_up() -> str:
    """The theorem in the random figure, with the two radii that its auxiliary point is good for."""
    drawn = figure(MADE_UP, _part(MADE_UP, _drawn(GROWN)))
    radii = (Segment(f"radius-{end}", (end, "f"), "auxiliary", drawn.at[end], drawn.at["f"]) for end in "ae")
    return svg(replace(drawn, elements=(*radii, *drawn.elements)))


def places() -> str:
    """The statement, and the places of all the points that the search would try: in colour those that prove it."""
    problem = _without(MADE_UP)
    diagram = _part(problem, _drawn(GROWN))
    drawn = figure(replace(problem, name="Points to try"), diagram)
    onto = page_of(problem, sketch(problem, diagram.points))
    marks: dict[complex, Element] = {}
    for number, (at, proves) in enumerate(_tries(problem, diagram)):
        z = onto(at)
        inside = 3 < z.real < drawn.width - 3 and 3 < z.imag < drawn.height - 3
        place = complex(round(z.real, 1), round(z.imag, 1))
        if inside and (proves or place not in marks):
            marks[place] = Circle(f"try-{number}", (), "goal" if proves else "given", z, 3.6 if proves else 2.0)
    return svg(replace(drawn, elements=(*marks.values(), *drawn.elements)))


def _tries(problem: Problem, diagram: Diagram) -> Iterator[tuple[complex, bool]]:
    """The place of every construction that the search tries on a figure, and whether it proves the goal."""
    closure = close(problem, diagram)
    for candidate in heuristic(problem, closure, 100_000):
        yield candidate.at, extended(closure, (candidate,)).reason is StopReason.PROVED


# --- the loop --------------------------------------------------------------------------------------------------------

BOX = (2.3, 0.92)
"""Width and height of a box of the diagram."""

BOXES = {
    "model": ((3.1, 3.0), "the model", "reads the statement,\nproposes a point", "blue"),
    "search": ((6.9, 3.0), "the search", "draws it, and draws\nevery conclusion", "ink"),
    "kernel": ((6.9, 0.9), "the kernel", "accepts a proof,\nor there is none", "orange"),
    "pairs": ((3.1, 0.9), "the pairs", "what proved before\nwhat did not", "ink"),
}
"""Name -> middle, title, what it does, and colour."""


def loop() -> str:
    """Who does what in a round, and what goes from one to the next."""
    with plot(7.4, 2.75) as drawing:
        axes = drawing.subplots()
        axes.set(xlim=(0, 10), ylim=(0.3, 3.6), aspect="equal")
        axes.axis("off")
        for (x, y), title, does, shade in BOXES.values():
            _box(axes, x, y, title, does, colour(shade))
        wide, high = BOX[0] / 2, BOX[1] / 2
        _arrow(axes, (1.15, 3.0), (3.1 - wide, 3.0), "theorems", (0.55, 3.0))
        _arrow(axes, (3.1 + wide, 3.0), (6.9 - wide, 3.0), "a point", (5.0, 3.16))
        _arrow(axes, (6.9, 3.0 - high), (6.9, 0.9 + high), "a proof", (7.5, 1.95))
        _arrow(axes, (6.9 - wide, 0.9), (3.1 + wide, 0.9), "verdicts", (5.0, 1.06))
        _arrow(axes, (3.1, 0.9 + high), (3.1, 3.0 - high), "SFT, DPO, DNO", (2.25, 1.95))
        _arrow(axes, (6.9 + wide, 0.9), (8.9, 0.9), "proofs", (9.4, 0.9))
        description = (
            "A circle of four. The model reads a theorem's statement and proposes a point; the search draws it, and "
            "every conclusion; the kernel accepts the proof, or there is none; points that proved are put before "
            "points that did not, in pairs; from these the model learns, by SFT, DPO or DNO, and begins again. "
            "Theorems come in at the model, proofs go out at the kernel."
        )
        return plot_svg(drawing, "A round", description)


def _box(axes: Axes, x: float, y: float, title: str, does: str, shade: str) -> None:
    wide, high = BOX
    style = "round,pad=0,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch((x - wide / 2, y - high / 2), wide, high, boxstyle=style, fill=False, edgecolor=shade, lw=1.4)
    )
    axes.text(x, y + 0.25, title, ha="center", va="center", fontsize=10.5, fontweight="bold", color=shade)
    axes.text(x, y - 0.16, does, ha="center", va="center", fontsize=8.5, color=colour("soft"), linespacing=1.25)


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str, at: tuple[float, float]
) -> None:
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour("soft"), lw=1.1))
    axes.text(*at, text, ha="center", va="center", fontsize=9)


# --- what the page says of them --------------------------------------------------------------------------------------


def claims() -> dict[str, object]:
    """The numbers of docs/meno.md, counted anew. Raises ProofError where it tells a story that is not so."""
    statement = _without(MADE_UP)
    by_one_point = list(_tries(statement, _part(statement, _drawn(GROWN))))
    workshop = Workshop(Grown(GROWN, _drawn(GROWN), start=1))
    return {
        "diagonals: deductions": _deductions(DIAGONALS),
        "van Schooten: equations without the point": _saturated(_without(VAN_SCHOOTEN)),
        "van Schooten: deductions with the point": _deductions(VAN_SCHOOTEN),
        "random figure: points": len(GROWN.points),
        "random figure: facts": len(candidate_goals(workshop.closure, Random(0))),
        "made up: auxiliary": _auxiliary_of(workshop),
        "made up: equations without a point": _saturated(statement),
        "made up: deductions with a point": {clause: _deductions(_with(statement, clause)) for clause in PROPOSALS},
        "made up: constructions tried": len(by_one_point),
        "made up: of these prove it": sum(proves for _, proves in by_one_point),
    }


def _auxiliary_of(workshop: Workshop) -> str:
    """The auxiliary clause of the theorem that the generator reads off a figure for the goal of MADE_UP."""
    goals = workshop.hidden(workshop.goals(Random(0)), Random(0))
    draft = next(filter(None, (workshop.minimal(*goal) for goal in goals if goal[0] in MADE_UP.goals)))
    if print_problem(draft.problem) != print_problem(MADE_UP):
        raise ProofError(f"the generator reads another theorem off the figure: {print_problem(draft.problem)}")
    statement = _without(draft.problem)
    return encode_auxiliary(statement, draft.problem.clauses[-1:])


def _saturated(problem: Problem) -> int:
    """Equations of the closure, in which the goal is not."""
    result = prove(problem)
    if result.status is not Status.SATURATED or result.closure is None:
        raise ProofError(f"{problem.name}: {result.status.value}, without a point")
    return result.closure.size


def _with(problem: Problem, clause: str) -> Problem:
    """The problem with a clause more."""
    longer = parse_problem(f"{print_problem(replace(problem, goals=()))}; {clause}")
    return replace(problem, clauses=longer.clauses)


def _deductions(problem: Problem) -> int | None:
    """Steps of the proof that are not hypotheses; None where there is no proof."""
    result = prove(problem)
    if result.proof is None:
        return None
    return sum(step.rule != "hypothesis" for step in result.proof.deductions)


PICTURES: dict[str, Callable[[], str]] = {
    "side_doubled.svg": side_doubled,
    "diagonals.svg": diagonals,
    "stuck.svg": stuck,
    "found.svg": found,
    "grown.svg": grown,
    "made_up.svg": made_up,
    "places.svg": places,
    "loop.svg": loop,
}
"""File in docs/meno -> what draws it."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for file, picture in PICTURES.items():
        (FOLDER / file).write_text(picture(), encoding="utf-8")
    for what, number in claims().items():
        print(f"{what}: {number}")


if __name__ == "__main__":
    main()
