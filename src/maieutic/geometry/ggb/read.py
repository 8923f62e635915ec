"""GeoGebra files read as problems.

A file lists points, lines and circles in the order in which they were made, each free or made by a command from those
before it. READ (ggb_commands.py) says what each command means. Points become clauses; lines and circles stay
behind as what they say of points on them, so that an intersection is a clause with two loci:

    C = Intersect(f, g), with g the perpendicular to f = AB through D, becomes c = on_line c a b, on_tline c d a b

What is measured or written on the sheet says nothing of the figure and is passed over. Whatever else is not in READ is
refused, by name: a problem is never read in part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from maieutic.core.errors import InputError, ProblemError
from maieutic.geometry.ggb.commands import IDLE, READ, SAME
from maieutic.geometry.ggb.file import File, Note, names_of, point_labels, read_file, read_notes, structure
from maieutic.geometry.ggb.goals import ASKING, TESTS, asked, kept
from maieutic.geometry.ggb.images import Images
from maieutic.geometry.ggb.objects import (
    NEW,
    Angle,
    Idle,
    Number,
    Object,
    Output,
    Spot,
    Unread,
    UnreadableError,
    call,
    use,
)
from maieutic.geometry.language.goals import read_goals
from maieutic.geometry.language.problem import parse_text, print_problem
from maieutic.geometry.trusted.constructions import clause_facts
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Clause, Fact, Problem

MISFIT = 1e-3
"""Coordinates that contradict what a command says by more than this are not taken over."""
SHOWN = 20
"""So many things that cannot be read are named."""


def read_ggb(source: str | Path | bytes, goals: Sequence[str] = (), name: str = "") -> Problem:
    """The problem of a `.ggb` file, given by its path or its bytes.

    `goals` are as in the language (`"cong a m m b"`); points are named as in the file or as in the problem, where a
    label goes before a name. A file written by this package holds the problem it was written from, and if its points
    are still made as they were, that problem is read, with its goals where no others are given.
    Where no goals are given, they are what the file asks itself: its `Prove`, its tests, its `Relation`.
    Raises InputError, which names every element and command that cannot be read, with its line in the file.
    """
    file = read_file(source)
    problem, points = _noted(file) or _read(file, " ".join(goals))
    if name or not problem.name:
        problem = replace(problem, name=name or file.title)
    if goals:
        problem = replace(problem, goals=tuple(fact for text in goals for fact in _goals(text, points, problem)))
        parse_text(print_problem(problem))  # which counts the facts
    return problem


def _goals(text: str, points: Mapping[str, str], problem: Problem) -> list[Fact]:
    """The facts of a goal that is given beside the file, in the language or as people write it."""
    try:
        found = read_goals(text, problem, points, figure=lambda _: dict(problem.coordinates))
        if not found:
            raise ProblemError("expected a predicate and its points")
        return found
    except ProblemError as error:
        error.where = f"goal {text.strip()!r}"
        one = _merged(text, points)
        if one:
            error.message = f"{' and '.join(one)} are one point, by the commands of the file"
            error.hint = f"write {one[0]} for all of them, where the goal then says something"
        raise


def _merged(text: str, points: Mapping[str, str]) -> list[str]:
    """Labels in a goal that are different, and of one point."""
    words = [word for word in re.split(r"[\s,=*+()]+", text) if word in points]
    groups = ([other for other in dict.fromkeys(words) if points[other] == points[word]] for word in words)
    return next((group for group in groups if len(group) > 1), [])


# --- files written by this package -----------------------------------------------------------------------------------


def _noted(file: File) -> tuple[Problem, dict[str, str]] | None:
    """The problem that a file carries, and its points by their labels, if the file still makes them as it did."""
    notes = read_notes(file)
    for note in notes:
        problem = _note_problem(note)
        labels = list(dict.fromkeys(point_labels(file)))
        agrees = problem is not None and set(note.labels) == set(problem.points)
        if agrees and sorted(note.labels.values()) == sorted(labels) and note.structure == structure(file):
            assert problem is not None
            return problem, {label: point for point, label in note.labels.items()}
    placed = [label for note in notes for label in note.placed if label in file.types]
    if placed:
        raise InputError(
            f"the construction was changed, and says nothing of how {', '.join(dict.fromkeys(placed))} came about",
            hint="only the problem the file was written from did; leave its points as they are",
        )
    return None


def _note_problem(note: Note) -> Problem | None:
    try:
        return parse_text(note.problem, note.name)
    except ProblemError:
        return None


# --- all other files -------------------------------------------------------------------------------------------------


def _read(file: File, wanted: str) -> tuple[Problem, dict[str, str]]:
    """The problem of a construction, and its points by label; `wanted` is a text with labels that are kept."""
    reader = _Reader(file)
    for item in file.items:
        reader.line = item.line
        if item.kind == "element":
            reader.element(item.name, item.outputs[0])
        elif item.kind == "command":
            reader.command(item.name, item.inputs, [reader.output(label) for label in item.outputs])
        else:
            reader.expression(item.name, item.inputs[0], reader.output(item.outputs[0]))
    if reader.complaints:
        more = len(reader.complaints) - SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        raise InputError(f"cannot read {'; '.join(reader.complaints[:SHOWN])}{rest}", hint="see docs/geogebra.md")
    if not reader.curves.clauses:
        raise InputError("the construction has no points")
    goals = reader.asked()
    points = {label: reader.final(spot.name) for label, spot in reader.objects.items() if isinstance(spot, Spot)}
    words = set(re.split(r"[^\w'{}]+", wanted))
    reader.leave_out(
        {p for goal in goals for p in goal.points} | {p for label, p in points.items() if label in words or p in words}
    )
    problem = parse_text(reader.text(), file.title)
    return replace(problem, goals=goals), {label: p for label, p in points.items() if p in problem.points}


_NUMBER = re.compile(r"\(?\s*([+-]?\d{1,12}(?:\.\d{1,12})?)\s*(?:/\s*(\d{1,12}))?\s*\)?", re.ASCII)
_DEGREES = re.compile(r"\(?\s*([+-]?\d{1,6}(?:\.\d{1,9}|/\d{1,6})?)\s*\)?\s*°", re.ASCII)
_COORDINATES = re.compile(r"\(\s*[-+.\dEe]+\s*,\s*[-+.\dEe]+\s*\)", re.ASCII)
_MIDDLE = re.compile(
    r"(?:\(?\s*1\s*/\s*2\s*\)?\s*\*?\s*\(\s*(\S+)\s*\+\s*(\S+)\s*\)|\(\s*(\S+)\s*\+\s*(\S+)\s*\)\s*/\s*2)"
)
_SUM = re.compile(r"[^\s+(),]{1,40}\s*\+\s*(?:[^\s+(),]{1,40}|Vector\s*[(\[][^()\[\]]{1,80}[)\]])")
_MAX_NESTING = 20

IDLE_TYPES = frozenset(
    (
        *("text", "image", "boolean", "button", "textfield", "video", "audio", "penstroke", "list", "inlinetext"),
        *("formula", "table", "axis", "embed", "numeric", "angle"),
    )
)
"""Free elements that say nothing of the figure."""


class _Reader:
    """The objects of a file by label, the curves and clauses made of them, and what could not be read."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.objects: dict[str, Object] = {}
        self.curves = Images(names_of(point_labels(file)))
        self.complaints: list[str] = []
        self.line = 0
        self.questions: list[tuple[str, list[str]]] = []

    # ... what the items of the file are

    def output(self, label: str) -> Output:
        line = self.file.coords.get(label)
        undefined = self.file.types.get(label) == "point" and self.file.undefined(label)
        return Output(label, self.file.types.get(label, ""), self.file.point(label), line, undefined)

    def element(self, kind: str, label: str) -> None:
        """A labelled element; free, unless a command or an expression has made it."""
        if label in self.objects:
            return
        if label in ("xAxis", "yAxis") or kind in IDLE_TYPES:
            self.objects[label] = Number() if kind in ("numeric", "angle") else Idle(kind or "axis")
        elif kind == "point" and self.file.undefined(label):
            self.objects[label] = Idle("undefined point")
        elif kind == "point":
            self.objects[label] = self.curves.point(self.output(label), [use("free", NEW)])
        else:
            self._complain(f"element {label or '(no label)'} ({kind or 'no type'})", [label])

    def command(self, name: str, inputs: Sequence[str], outputs: Sequence[Output]) -> None:
        labels = [output.label or "" for output in outputs]
        shown = f"command {name} ({', '.join(filter(None, labels)) or 'no label'})"
        self._guarded(shown, labels, lambda: self._made(name, inputs, outputs))

    def expression(self, kind: str, text: str, output: Output) -> None:
        """What is typed instead of made by a command: a place, a middle, a command in words, a value."""
        label = output.label or ""
        shown = f"expression {label or '(no label)'} = {text[:60]}"
        middle = _MIDDLE.fullmatch(text.strip())
        if middle:
            ends = [part for part in middle.groups() if part]
            self._guarded(shown, [label], lambda: self._made("Midpoint", ends, [output]))
        elif _SUM.fullmatch(text.strip()):
            point, vector = (part.strip() for part in text.split("+"))
            self._guarded(shown, [label], lambda: self._made("Translate", [point, vector], [output]))
        elif _COORDINATES.fullmatch(text.strip()) and self.file.types.get(label, kind) == "point":
            self.element("point", label)
        elif kind in IDLE_TYPES or self.file.types.get(label) in IDLE_TYPES:
            self.objects.setdefault(label, self._literal(text.strip()) or Number())
        else:
            self._guarded(shown, [label], lambda: [self._value(text, output)])

    def _guarded(self, shown: str, labels: Sequence[str], make: Callable[[], Sequence[Object]]) -> None:
        """Make objects and keep them under their labels; what cannot be made is complained of."""
        twice = [label for label in labels if label and label in self.objects]
        try:
            if twice:
                raise UnreadableError(f"{twice[0]} is made twice")
            made = make()
        except UnreadableError as error:
            self._complain(f"{shown}: {error}" if str(error) else "", labels)
            return
        for label, each in zip(labels, made, strict=True):
            if label:
                self.objects[label] = each

    def _complain(self, text: str, labels: Sequence[str]) -> None:
        if text:
            self.complaints.append(f"line {self.line}: {text}" if self.line else text)
        for label in filter(None, labels):
            self.objects.setdefault(label, Unread())

    # ... what inputs and commands mean

    def _made(self, name: str, inputs: Sequence[str], outputs: Sequence[Output], depth: int = 0) -> Sequence[Object]:
        """What a command makes, an object for each output. Raises UnreadableError, without words where an input is
        unread itself."""
        name = SAME.get(name, name)
        if name in ASKING or name in TESTS:
            self.questions.append((name, list(inputs)))
            return [Idle(f"result of {name}") for _ in outputs]
        known = any(command == name for command, _ in READ)
        if not known and name not in IDLE:
            raise UnreadableError("this command is not known")
        if not known:
            return [Idle(f"result of {name}") for _ in outputs]
        args = [self._value(text, Output(None), depth + 1) for text in inputs]
        letters = "".join(arg.letter for arg in args)
        if "?" in letters:
            raise UnreadableError
        for (command, pattern), make in READ.items():
            if command == name and re.fullmatch(pattern, letters):
                made = list(make(self.curves, args, outputs))
                return made + [Unread() for _ in outputs[len(made) :]]
        if name in IDLE:
            return [Number() for _ in outputs]
        words = ", ".join(arg.word for arg in args)
        raise UnreadableError(f"of ({words}) it is not known")

    def _value(self, text: str, output: Output, depth: int = 0) -> Object:
        """What an input is: a label, a number, or a command within the command."""
        text = text.strip()
        if text in self.objects:
            return self.objects[text]
        literal = self._literal(text)
        if literal:
            return literal
        words = call(text)
        if not words or depth > _MAX_NESTING:
            raise UnreadableError(f"{text[:60]!r} is not known")
        return self._made(*words, [output], depth)[0]

    @staticmethod
    def _literal(text: str) -> Object | None:
        degrees = _DEGREES.fullmatch(text)
        if degrees:
            top, _, bottom = degrees[1].partition("/")
            if bottom and not int(bottom):
                return None
            return Angle(Fraction(top) / int(bottom or 1))
        number = _NUMBER.fullmatch(text)
        if number is None or (number[2] and not int(number[2])):
            return None
        return Number(Fraction(number[1]) / int(number[2] or 1))

    # ... the problem

    def asked(self) -> tuple[Fact, ...]:
        """The goals of the file; a question that is not understood is none."""
        facts: list[Fact] = []
        for name, inputs in self.questions:
            try:
                facts += asked(self.curves, name, inputs, lambda text: self._value(text, Output(None)), self.objects)
            except UnreadableError:
                continue
        return kept(replace(fact, points=tuple(map(self.final, fact.points))) for fact in facts)

    def leave_out(self, wanted: set[str]) -> None:
        """Leave out the helpers: points, at the end of it all, that the sheet hides or that have no label, on which
        nothing is built, and that are not `wanted`."""
        shown = {
            self.final(o.name)
            for label, o in self.objects.items()
            if isinstance(o, Spot) and label not in self.file.hidden
        }
        used: set[str] = set(wanted)
        clauses: list[Clause] = []
        for clause in reversed(self.curves.clauses):
            points = set(map(self.final, clause.points))
            if points & used or points & shown:
                clauses.append(clause)
                used |= {self.final(arg) for each in clause.constructions for arg in each.args}
        if clauses:
            self.curves.clauses = clauses[::-1]

    def final(self, name: str) -> str:
        return self.curves.renames.get(name, name)

    def text(self) -> str:
        """The text of the problem, with the coordinates that fit it."""
        at = self._fitting()

        def point(name: str) -> str:
            place = at.get(name)
            return self.final(name) + ("" if place is None else f"@{place.real!r}_{place.imag!r}")

        clauses = []
        for clause in self.curves.clauses:
            uses = (replace(each, args=tuple(map(self.final, each.args))) for each in clause.constructions)
            clauses.append(f"{' '.join(map(point, clause.points))} = {', '.join(map(str, uses))}")
        return "; ".join(clauses)

    def _fitting(self) -> dict[str, complex]:
        """The coordinates that fit the clauses. GeoGebra computes others anew, so they are left out; where they would
        decide between two points, the file is refused."""
        at = dict(self.curves.at)
        for clause in self.curves.clauses:
            points = [p for each in clause.constructions for p in each.args]
            if all(p in at for p in points) and not _fits(clause, at):
                if self.curves.choices.intersection(clause.points):
                    names = ", ".join(map(self.final, clause.points))
                    raise InputError(f"the coordinates of {names} are not where its commands can put it")
                for p in clause.points:
                    del at[p]
        return at


def _fits(clause: Clause, at: Mapping[str, complex]) -> bool:
    points = list(dict.fromkeys(p for each in clause.constructions for p in each.args))
    reach = max(abs(at[p] - at[points[0]]) for p in points) or 1.0
    scaled = {p: (at[p] - at[points[0]]) / reach for p in points}
    return all(holds(fact, scaled, MISFIT) for fact in clause_facts(clause))
