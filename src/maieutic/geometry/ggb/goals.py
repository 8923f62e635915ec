"""The goals of a GeoGebra file: what it asks itself by `Prove`, by its tests (`AreCollinear`, ...) and by `Relation`.

They are read after the figure, in the names of its points. What follows from the commands alone, such as the equality
of two labels of one point, is no goal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from maieutic.core.errors import ProblemError
from maieutic.geometry.ggb.curves import Curves
from maieutic.geometry.ggb.objects import Angle, Circle, Line, Object, Output, Spot, UnreadableError, call
from maieutic.geometry.language.notation import Speech, spoken_goals
from maieutic.geometry.trusted.predicates import holds
from maieutic.geometry.trusted.records import Fact

Value = Callable[[str], Object]

ASKING = frozenset(("Prove", "ProveDetails"))
"""Commands whose input is what is to be proved."""

_SIGNS = {
    "≟": "AreEqual",
    "==": "AreEqual",
    "∥": "AreParallel",
    "⟂": "ArePerpendicular",
    "⊥": "ArePerpendicular",
    "∈": "IsOn",
}
_TIGHT = 1e-7


def _points(args: Sequence[Object]) -> tuple[str, ...]:
    if not all(isinstance(arg, Spot) for arg in args):
        raise UnreadableError("it is known of points")
    return tuple(arg.name for arg in args if isinstance(arg, Spot))


def _ends(c: Curves, arg: Object) -> tuple[str, str]:
    """Two points of a line: the ends of a segment, or any two."""
    if not isinstance(arg, Line):
        raise UnreadableError("it is known of lines")
    return arg.ends or c.pair(arg)


def _collinear(c: Curves, args: Sequence[Object]) -> list[Fact]:
    points = _points(args)
    return [Fact("coll", points)] if len(points) > 2 else []


def _concyclic(c: Curves, args: Sequence[Object]) -> list[Fact]:
    points = _points(args)
    return [Fact("cyclic", points)] if len(points) > 3 else []


def _lines(name: str) -> Callable[[Curves, Sequence[Object]], list[Fact]]:
    def goal(c: Curves, args: Sequence[Object]) -> list[Fact]:
        first, second = args
        return [Fact(name, (*_ends(c, first), *_ends(c, second)))]

    return goal


def _concurrent(c: Curves, args: Sequence[Object]) -> list[Fact]:
    """The meet of two of the lines, which the file need not have, is on the third."""
    first, second, third = args
    if not all(isinstance(arg, Line) for arg in args):
        raise UnreadableError("it is known of lines")
    assert isinstance(first, Line)
    assert isinstance(second, Line)
    meet = c.meet(Output(None), first, second).name
    a, b = _ends(c, third)
    return [Fact("coll", (meet, a, b))]


def _equal(c: Curves, args: Sequence[Object]) -> list[Fact]:
    first, second = args
    if isinstance(first, Spot) and isinstance(second, Spot):
        return [Fact("overlap", (first.name, second.name))]
    if isinstance(first, Angle) and isinstance(second, Angle) and first.points and second.points:
        (a, o, b), (p, q, r) = first.points, second.points
        return [Fact("eqangle", (o, a, o, b, q, p, q, r))]
    if isinstance(first, Line) and isinstance(second, Line) and first.ends and second.ends:
        return [Fact("cong", (*first.ends, *second.ends))]
    raise UnreadableError("it is known of points, segments and angles")


def _congruent(c: Curves, args: Sequence[Object]) -> list[Fact]:
    return _equal(c, args)


def _tangent(c: Curves, args: Sequence[Object]) -> list[Fact]:
    line, circle = args if isinstance(args[0], Line) else args[::-1]
    if not isinstance(line, Line) or not isinstance(circle, Circle):
        raise UnreadableError("it is known of a line and a circle")
    touched = next((point for point in line.on if point in circle.on), None)
    if touched is None:
        raise UnreadableError("the point where it touches is not in the file")
    return [Fact("perp", (c.centre(circle, Output(None)).name, touched, touched, c.other(line, touched)))]


def _on(c: Curves, args: Sequence[Object]) -> list[Fact]:
    point, curve = args
    (x,) = _points([point])
    if isinstance(curve, Line):
        return [Fact("coll", (x, *_ends(c, curve)))]
    if not isinstance(curve, Circle):
        raise UnreadableError("it is known of a line or circle")
    if len(curve.on) > 2:
        return [Fact("cyclic", (x, *curve.on[:3]))]
    centre = c.centre(curve, Output(None)).name
    radius = (centre, curve.on[0]) if curve.on else curve.use.args[2:]
    return [Fact("cong", (centre, x, *radius))]


def _relation(c: Curves, args: Sequence[Object]) -> list[Fact]:
    """What is true of two objects on the file's figure, of what could be said of them."""
    tests = [_equal, _lines("para"), _lines("perp"), _on, _tangent]
    found: list[Fact] = []
    for test in tests:
        for order in (args, args[::-1]):
            try:
                facts = test(c, order)
            except (UnreadableError, ValueError, AssertionError):
                continue
            found += [f for f in facts if f not in found and set(f.points) <= set(c.at) and holds(f, c.at, _TIGHT)]
            break
    return found


TESTS: dict[str, tuple[int, Callable[[Curves, Sequence[Object]], list[Fact]]]] = {
    "AreCollinear": (3, _collinear),
    "AreConcyclic": (4, _concyclic),
    "AreConcurrent": (3, _concurrent),
    "AreParallel": (2, _lines("para")),
    "ArePerpendicular": (2, _lines("perp")),
    "AreEqual": (2, _equal),
    "AreCongruent": (2, _congruent),
    "IsTangent": (2, _tangent),
    "IsOn": (2, _on),
    "Relation": (2, _relation),
}
"""What a test says: how many inputs it has, and the facts that it tests."""


def asked(c: Curves, name: str, inputs: Sequence[str], value: Value, objects: Mapping[str, Object]) -> list[Fact]:
    """The facts that a command asks for. Raises UnreadableError."""
    if name in ASKING:
        return _expression(c, inputs[0], value, objects) if inputs else []
    count, test = TESTS[name]
    if len(inputs) != count:
        raise UnreadableError(f"it takes {count} inputs")
    args = [value(text) for text in inputs]
    try:
        facts = test(c, args)
    except ValueError:
        raise UnreadableError("not of these inputs") from None
    return [fact for fact in facts if not _is_trivial(fact)]


def _expression(c: Curves, text: str, value: Value, objects: Mapping[str, Object]) -> list[Fact]:
    """What `Prove` is given: a test, a formula such as `A ∈ c` or `a ≟ b`, or the label of one."""
    words = call(text)
    if words and words[0] in TESTS:
        return asked(c, *words, value, objects)
    for sign, test in _SIGNS.items():
        first, mark, second = text.partition(sign)
        if mark:
            try:
                return asked(c, test, [first, second], value, objects)
            except UnreadableError:
                return _equation(f"{first} = {second}", objects)
    raise UnreadableError(f"{text[:60]!r} is no test that is known")


def _equation(text: str, objects: Mapping[str, Object]) -> list[Fact]:
    """An equation in lengths, by the labels of segments."""
    labels = {label: spot.name for label, spot in objects.items() if isinstance(spot, Spot)}
    text = re.sub(r"\b(?:Distance|Segment|Length)\s*[(\[]\s*([^,()\[\]]+?)\s*,\s*([^,()\[\]]+?)\s*[)\]]", r"\1\2", text)
    for label, line in objects.items():
        if isinstance(line, Line) and line.ends:
            text = re.sub(rf"(?<![\w{{}}]){re.escape(label)}(?![\w{{}}])", "".join(line.ends), text)
    try:
        return spoken_goals(text, Speech(list(dict.fromkeys(labels.values())), labels))
    except ProblemError as error:
        raise UnreadableError(error.message) from None


def _is_trivial(fact: Fact) -> bool:
    """Whether a fact says nothing, for two of its points are one."""
    if fact.predicate in ("coll", "cyclic", "overlap"):
        return len(set(fact.points)) < len(fact.points)
    segments = [frozenset(fact.points[k : k + 2]) for k in range(0, len(fact.points), 2)]
    return (fact.predicate == "cong" and segments[0] == segments[1]) or any(len(each) < 2 for each in segments)


def kept(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(facts))
