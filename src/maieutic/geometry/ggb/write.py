"""Problems written as GeoGebra files: figures that can be dragged, and that say which problem they are of.

A construction becomes the commands that build it, where there are some: LOCI has those whose point lies on a line or a
circle (one locus is a point on it, two are an intersection), POINTS those that make points. What no command builds,
and what a predicate speaks of, is put at its coordinates and fixed. The problem itself is stored beside the
construction, in an entry of the archive and in an attribute that GeoGebra keeps, so that it is read back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from xml.sax.saxutils import quoteattr

from maieutic.core.errors import InputError
from maieutic.core.text import printable
from maieutic.geometry.figures.draw import SIDES
from maieutic.geometry.ggb.file import Note, labels_of, pack, read_file, structure
from maieutic.geometry.ggb.sheet import GOAL, INK, LOCI, POINTS, Sheet
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, hypotheses, introduces
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.records import Clause, Construction, Diagram, Fact, Point, Problem

WIDTH, HEIGHT, MARGIN = 900, 640, 80


def write_ggb(problem: Problem, diagram: Diagram, path: str | Path | None = None, caption: str = "") -> bytes:
    """A problem and a figure of it as a `.ggb` file: its bytes, also written to `path` if that is given.

    `caption` is what the file says above its figure.
    `read_ggb` gives the same problem back. Raises InputError where the figure lacks a point or the file cannot be
    written.
    """
    missing = [point for point in problem.points if point not in diagram.points]
    if missing:
        raise InputError(f"the figure has no point {', '.join(missing)}", hint="draw it from this problem")
    sheet = Sheet(labels_of(problem.points), diagram.points)
    pinned = _pinned(problem)
    for clause in problem.clauses:
        _write_clause(sheet, clause, pinned)
    _write_sides(sheet, problem)
    draft = _page(sheet, problem, "", caption)
    made = structure(read_file(pack(draft, "")))
    note = Note(problem.name, print_problem(problem), sheet.labels, tuple(sheet.placed), made).text()
    data = pack(_page(sheet, problem, note, caption), note)
    if path is not None:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return data


def _pinned(problem: Problem) -> set[str]:
    """The points that predicates speak of, and those that they were built from: they cannot be dragged."""
    pinned: set[str] = set()
    for clause in reversed(problem.clauses):
        asserted = [use for use in clause.constructions if not introduces(use, clause)]
        pinned.update(point for use in asserted for point in use.args)
        if asserted or pinned.intersection(clause.points):
            pinned.update(clause.points, *(use.args for use in clause.constructions))
    return pinned


def _write_clause(sheet: Sheet, clause: Clause, pinned: set[str]) -> None:
    uses = clause.constructions
    if pinned.intersection(clause.points):
        place = True
    elif not uses:
        place = False
    elif len(uses) == 1 and uses[0].name in POINTS:
        POINTS[uses[0].name](sheet, *uses[0].args, *uses[0].values)
        return
    elif len(uses) <= 2 and all(use.name in LOCI for use in uses):
        _write_meet(sheet, clause.points[0], uses)
        return
    else:
        place = True
    for point in clause.points:
        sheet.free(point, place)


def _write_meet(sheet: Sheet, point: str, uses: Sequence[Construction]) -> None:
    curves, straight = [], []
    for use in uses:
        is_line, make = LOCI[use.name]
        curves.append(make(sheet, *CONSTRUCTIONS[use.name].given(use.args), *use.values))
        straight.append(is_line)
    if len(curves) == 1:
        sheet.on(point, curves[0])
    elif all(straight):
        sheet.cross(point, curves[0], curves[1])
    else:
        sheet.second(point, curves[0], curves[1])


def _write_sides(sheet: Sheet, problem: Problem) -> None:
    """The segments that the problem speaks of, those of the goals in colour, and the circles of the goals."""
    seen: set[frozenset[str]] = set()

    def side(a: str, b: str, colour: tuple[int, int, int]) -> None:
        if a != b and frozenset((a, b)) not in seen and abs(sheet.at[a] - sheet.at[b]) > 1e-9:
            seen.add(frozenset((a, b)))
            sheet.helper("segment", "Segment", sheet.labels[a], sheet.labels[b], colour=colour)

    for goal in problem.goals:
        for fact in expand(goal):
            if fact.predicate in ("cyclic", "ncyclic"):
                sheet.helper("conic", "Circle", *(sheet.labels[point] for point in fact.points[:3]), colour=GOAL)
            for a, b in _segments(fact, sheet.at, goal=True):
                side(a, b, GOAL)
    for clause in problem.clauses:
        for use in clause.constructions:
            for pair in SIDES.get(use.name, "").split():
                side(use.args["abcde".index(pair[0])], use.args["abcde".index(pair[1])], INK)
    for fact in hypotheses(problem):
        for a, b in _segments(fact, sheet.at, goal=False):
            side(a, b, INK)


def _segments(fact: Fact, at: Mapping[str, Point], goal: bool) -> Iterator[tuple[str, str]]:
    """The segments of a fact; of a hypothesis, not the radii of a circle."""
    kind = PREDICATES[fact.predicate].kind
    if fact.predicate == "coll":
        yield max(combinations(fact.points, 2), key=lambda pair: abs(at[pair[0]] - at[pair[1]]))
    elif fact.predicate not in ("cyclic", "ncyclic") and (kind != "numeric" or goal) and len(fact.points) % 2 == 0:
        pairs = list(zip(fact.points[::2], fact.points[1::2], strict=True))
        radii = fact.predicate == "cong" and len(set(fact.points)) == 3
        if goal or not radii:
            yield from pairs


def _page(sheet: Sheet, problem: Problem, note: str, caption: str) -> str:
    """The XML of a file."""
    places = list(sheet.at.values()) or [0j]
    left, right = min(z.real for z in places), max(z.real for z in places)
    bottom, top = min(z.imag for z in places), max(z.imag for z in places)
    scale = min((WIDTH - 2 * MARGIN) / ((right - left) or 1.0), (HEIGHT - 2 * MARGIN) / ((top - bottom) or 1.0))
    x_zero = WIDTH / 2 - scale * (left + right) / 2
    y_zero = HEIGHT / 2 + scale * (bottom + top) / 2
    view = f'xZero="{x_zero:.3f}" yZero="{y_zero:.3f}" scale="{scale:.3f}" yscale="{scale:.3f}"'
    return "\n".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>',
            '<geogebra format="5.0" version="5.0.600.0" app="classic" platform="d">',
            f'<euclidianView><size width="{WIDTH}" height="{HEIGHT}"/><coordSystem {view}/>',
            '<evSettings axes="false" grid="false" pointCapturing="3" rightAngleStyle="1"/></euclidianView>',
            '<kernel><continuous val="false"/><decimals val="2"/><angleUnit val="degree"/></kernel>',
            f'<construction title={quoteattr(printable(problem.name))} author="" date="">',
            f"<worksheetText above={quoteattr(printable(caption, None))} below={quoteattr(note)}/>",
            *sheet.xml,
            "</construction>",
            "</geogebra>",
            "",
        )
    )
