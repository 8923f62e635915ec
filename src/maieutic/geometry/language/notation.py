"""Goals as people write them: `AB ⊥ CD`, `AB·CD + BC·DA = AC·BD`, `∠ABC = 2∠ACB`, `A, B, C, D concyclic`.

A sentence is one of PATTERNS. An equation is read as a sum of products of lengths, or of angles, and then said with the
predicate that says just that. Angles are undirected, as the figure shows them, and our language's are directed modulo
180°: which way one turns is asked of a figure, unless the equation is about one triangle and both signs say the same.
A number that stands for a length needs a length that the problem gives.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from maieutic.core.errors import ProblemError
from maieutic.geometry.language.names import in_ascii
from maieutic.geometry.language.polynomials import Atom, Polynomial, Ratio, parse_expression
from maieutic.geometry.trusted.predicates import Coordinates
from maieutic.geometry.trusted.predicates.numbers import orientation
from maieutic.geometry.trusted.records import Fact

MAX_TERMS = 30


@dataclass(frozen=True, slots=True)
class Unit:
    """A length that a problem gives: its ends, and the square of what it measures."""

    ends: tuple[str, str]
    square: Fraction


@dataclass(frozen=True)
class Speech:
    """What goals are read in: the points by all ways to write them, the given length, and the figure, once needed."""

    points: Sequence[str]
    labels: Mapping[str, str]
    unit: Unit | None = None
    figure: Callable[[], Coordinates] | None = None

    def run(self, text: str, count: int | None = None) -> tuple[str, ...]:
        """The points of `ABC`, or `A1B1`: the one way to take it apart. Raises ProblemError."""
        forms = self._forms()
        text = re.sub(r"[{}\s,]|(?<=[A-Za-z])_(?=\d)", "", in_ascii(text) if text not in self.labels else text)
        ways: list[tuple[str, ...]] = []

        def walk(rest: str, taken: tuple[str, ...]) -> None:
            if not rest and (count is None or len(taken) == count):
                ways.append(taken)
            if rest and (count is None or len(taken) < count):
                for form, name in forms.items():
                    if rest.startswith(form):
                        walk(rest[len(form) :], (*taken, name))

        if len(text) <= 200:
            walk(text, ())
        if count is None and ways:  # one name is rather one point than several
            ways = [min(ways, key=len)]
        found = list(dict.fromkeys(ways))
        if len(found) == 1:
            return found[0]
        if found:
            raise ProblemError(f"{text!r} can be read in several ways", hint="separate the points by spaces")
        wanted = f"{count} points" if count else "points"
        raise ProblemError(f"{text!r} is not {wanted}", hint=f"the points are {', '.join(self.points)}")

    def _forms(self) -> dict[str, str]:
        """The points by their names, and by capitals where these name no other point."""
        forms = {name: name for name in self.points}
        for name in self.points:
            for form in (name.upper(), name.replace("_", ""), name.upper().replace("_", ""), name.lower()):
                forms.setdefault(form, name)
        return {**forms, **self.labels}


_RUN = r"[^\W\d_][\w'′’{}]*"
_TRIANGLE = rf"(?:triangles?\s+|△\s*|Δ\s*)?({_RUN}|{_RUN}\s+{_RUN}\s+{_RUN})"
_IS = r"(?:is|are|lie|lies)?\s*(?:all\s+)?"
_LIST = rf"({_RUN}(?:(?:\s*,\s*|\s+and\s+|\s+){_RUN})*?)"
_LINE = rf"(?:(?:the\s+)?(?:lines?|segments?|side|ray)\s+)?({_RUN}|{_RUN}\s+{_RUN})"

Say = Callable[[Speech, Sequence[str]], list[Fact]]


def _pair(name: str) -> Say:
    return lambda speech, found: [Fact(name, (*speech.run(found[0], 2), *speech.run(found[1], 2)))]


def _many(name: str, least: int) -> Say:
    def say(speech: Speech, found: Sequence[str]) -> list[Fact]:
        points = tuple(p for part in re.split(r"\s*,\s*|\s+and\s+|\s+", found[0].strip()) for p in speech.run(part))
        if len(points) < least:
            raise ProblemError(f"{len(points)} points", hint=f"{name} is said of {least} or more")
        return [Fact(name, points)]

    return say


def _triangles(name: str) -> Say:
    return lambda speech, found: [Fact(name, (*speech.run(found[0], 3), *speech.run(found[1], 3)))]


def _point_and(name: str, count: int) -> Say:
    return lambda speech, found: [Fact(name, (*speech.run(found[0], 1), *speech.run(found[1], count)))]


def _equilateral(speech: Speech, found: Sequence[str]) -> list[Fact]:
    a, b, c = speech.run(found[0], 3)
    return [Fact("cong", (a, b, b, c)), Fact("cong", (b, c, c, a))]


def _bisects(speech: Speech, found: Sequence[str]) -> list[Fact]:
    line, (a, o, b) = speech.run(found[0], 2), speech.run(found[1], 3)
    if o not in line:
        raise ProblemError(f"the bisector does not run through the vertex {o}")
    x = next(p for p in line if p != o)
    return [Fact("eqangle", (o, a, o, x, o, x, o, b))]


PATTERNS: tuple[tuple[str, Say], ...] = (
    (rf"{_LINE}\s*(?:⊥|{_IS}perpendicular\s+to)\s*{_LINE}", _pair("perp")),
    (rf"{_LINE}\s*(?:∥|{_IS}parallel\s+to)\s*{_LINE}", _pair("para")),
    (rf"{_LINE}\s+and\s+{_LINE}\s+{_IS}perpendicular", _pair("perp")),
    (rf"{_LINE}\s+and\s+{_LINE}\s+{_IS}parallel", _pair("para")),
    (rf"(?:points?\s+)?{_LIST}\s+{_IS}(?:concyclic|cyclic|on\s+(?:a|one|the\s+same)\s+circle)", _many("cyclic", 4)),
    (rf"(?:points?\s+)?{_LIST}\s+{_IS}(?:collinear|on\s+(?:a|one|the\s+same)\s+line)", _many("coll", 3)),
    (rf"({_RUN})\s+{_IS}(?:the\s+)?mid-?point\s+(?:of\s+)?{_LINE}", _point_and("midp", 2)),
    (rf"({_RUN})\s+{_IS}on\s+(?:the\s+)?(?:line|segment|side)?\s*({_RUN})", _point_and("coll", 2)),
    (rf"({_RUN})\s+{_IS}on\s+(?:the\s+)?circle\s+\(?({_RUN})\)?", _point_and("cyclic", 3)),
    (rf"({_RUN})\s+{_IS}(?:the\s+)?circumcent(?:er|re)\s+of\s+{_TRIANGLE}", _point_and("circle", 3)),
    (rf"{_TRIANGLE}\s*(?:∼|{_IS}similar\s+to)\s*{_TRIANGLE}", _triangles("simtri")),
    (rf"{_TRIANGLE}\s*(?:≅|{_IS}congruent\s+to)\s*{_TRIANGLE}", _triangles("contri")),
    (rf"{_TRIANGLE}\s+and\s+{_TRIANGLE}\s+{_IS}similar", _triangles("simtri")),
    (rf"{_TRIANGLE}\s+and\s+{_TRIANGLE}\s+{_IS}congruent", _triangles("contri")),
    (rf"{_TRIANGLE}\s+{_IS}equilateral", _equilateral),
    (rf"{_LINE}\s+bisects\s+∠\s*({_RUN})", _bisects),
)
"""Sentences, and what they say."""

_SPELT = (
    ("²", "^2"), ("³", "^3"),
    (r"_\|_", " ⊥ "), (r"\bperp\b", " ⊥ "), (r"\|\||//|\bparallel\b(?!\s+to)(?!\s*$)", " ∥ "), (r"[~～∽]", "∼"),
    (r"≡", "≅"),
    (r"[·×⋅∗•]", "*"), (r"[−–]", "-"), (r"\bangle\s+|∡\s*|∢\s*|m∠\s*", "∠"), (r"(^|[=+\-*(/\s])<(?=[^\W\d])", r"\1∠"),
    (r"\s*(?:degrees|deg)\b", "°"), (r"\*\*", "^"),
)  # fmt: skip
_MARKS = re.compile(r"[*·×⋅∗•^+/⊥∥∼~≅∠∡∢△<>²³:()≡|°\[\]-]|(?<!\w)(?:sin|area|angle)\b")
_PHRASES = re.compile(
    r"\b(?:concyclic|cyclic|collinear|parallel|perpendicular|mid-?point\s+of|similar|congruent|equilateral|bisects|"
    r"on\s+(?:a|one|the|line|circle|segment|side)|circumcent(?:er|re)\s+of|perp|is|are|lies?)\b"
)


def is_spoken(text: str) -> bool:
    """Whether a goal looks like people's notation, and not like a predicate with its points."""
    head, _, rest = text.strip().partition(" ")
    return "=" in text or bool(_MARKS.search(text)) or bool(_PHRASES.search(rest)) or head in ("points", "triangle")


def spoken_goals(text: str, speech: Speech) -> list[Fact]:
    """The facts that a goal in people's notation says. Raises ProblemError, without a place."""
    for pattern, sign in _SPELT:
        text = re.sub(pattern, sign, text)
    text = text.strip()
    for pattern, say in PATTERNS:
        found = re.fullmatch(pattern, text)
        if found:
            return say(speech, found.groups())
    for sign in "<>":
        first, mark, second = text.partition(sign)
        if mark:
            pairs = (speech.run(first, 2), speech.run(second, 2))
            a, b = pairs if sign == "<" else pairs[::-1]
            return [Fact("lessthan", (*a, *b))]
    sides = text.split("=")
    if len(sides) < 2 or not all(map(str.strip, sides)):
        raise ProblemError(f"{text[:60]!r} is no statement that is known", hint="as AB = CD, AB ⊥ CD, ∠ABC = 60°")
    return [fact for left, right in pairwise(sides) for fact in _equation(left, right, speech)]


# --- equations -------------------------------------------------------------------------------------------------------


def _equation(left: str, right: str, speech: Speech) -> list[Fact]:
    if all(re.fullmatch(_RUN, side.strip()) for side in (left, right)):
        try:
            return [Fact("overlap", (*speech.run(left, 1), *speech.run(right, 1)))]
        except ProblemError:
            pass  # two lengths
    first, second = (parse_expression(side, speech.run) for side in (left, right))
    whole = _difference(first, second)
    if not whole:
        raise ProblemError("the two sides are the same")
    if len(whole) > MAX_TERMS:
        raise ProblemError(f"an equation of {len(whole)} terms", hint=f"at most {MAX_TERMS} are read")
    if any(atom.kind == "angle" for monomial in whole for atom in monomial):
        return [_angles(whole, speech)]
    return [_lengths(_homogeneous(whole, speech.unit))]


def _difference(first: Ratio, second: Ratio) -> Polynomial:
    return first.top.times(second.bottom).minus(second.top.times(first.bottom))


def _homogeneous(whole: Polynomial, unit: Unit | None) -> Polynomial:
    """The same equation with all terms of one degree: a number is a multiple of the given length, or its square."""
    degree = max(map(len, whole))
    found: dict[tuple[Atom, ...], Fraction] = {}
    for monomial, weight in whole.items():
        short = degree - len(monomial)
        if short:
            if unit is None:
                raise ProblemError(
                    "a number stands for a length, but the problem gives none", hint="give one, as b = lconst b a 12"
                )
            root = Fraction(math.isqrt(unit.square.numerator), math.isqrt(unit.square.denominator))
            if short % 2 and root * root != unit.square:
                raise ProblemError("the given length is not rational, and the equation is not of squares")
            weight /= unit.square ** (short // 2) * (root if short % 2 else 1)
        key = tuple(sorted((*monomial, *[Atom("length", tuple(sorted(unit.ends)))] * short))) if unit else monomial
        found[key] = found.get(key, Fraction(0)) + weight
    return Polynomial({monomial: weight for monomial, weight in found.items() if weight})


def _lengths(whole: Polynomial) -> Fact:
    """An equation of lengths, as the predicate that says it."""
    if not whole:
        raise ProblemError("the two sides are the same")
    monomials = list(whole)
    common = [atom for atom in set(monomials[0]) if all(atom in monomial for monomial in monomials)]
    while common:  # what all terms have is not 0
        whole = Polynomial({_without(monomial, common[0]): weight for monomial, weight in whole.items()})
        monomials = list(whole)
        common = [atom for atom in set(monomials[0]) if all(atom in monomial for monomial in monomials)]
    degree = len(monomials[0])
    if len({weight > 0 for weight in whole.values()}) < 2:
        raise ProblemError("a sum of lengths that is 0")
    if len(whole) == 2:
        return _two_terms(monomials[0], monomials[1], -whole[monomials[1]] / whole[monomials[0]])
    weights = tuple(whole.values())
    if degree == 1:
        return Fact("distseq", tuple(p for (atom,) in monomials for p in atom.points), weights)
    if degree == 2:
        if all(len(set(monomial)) == 1 for monomial in monomials):
            return Fact("distsqeq", tuple(p for monomial in monomials for p in monomial[0].points), weights)
        return Fact("prodseq", tuple(p for monomial in monomials for atom in monomial for p in atom.points), weights)
    raise ProblemError("sums of products of three lengths or more have no statement")


def _without(monomial: tuple[Atom, ...], atom: Atom) -> tuple[Atom, ...]:
    place = monomial.index(atom)
    return (*monomial[:place], *monomial[place + 1 :])


def _two_terms(first: tuple[Atom, ...], second: tuple[Atom, ...], ratio: Fraction) -> Fact:
    """first = ratio · second, of products of lengths without a common one."""
    squares = len(first) == 2 and len(set(first)) == len(set(second)) == 1
    if len(first) == 1 or squares:
        points = (*first[0].points, *second[0].points)
        root = Fraction(math.isqrt(ratio.numerator), math.isqrt(ratio.denominator)) if squares else ratio
        if squares and root * root != ratio:
            return Fact("rsqconst", points, (ratio,))
        return Fact("cong", points) if root == 1 else Fact("rconst", points, (root,))
    if len(first) == 2 and ratio == 1:
        (a, b), (c, d) = first, second
        return Fact("eqratio", (*a.points, *c.points, *d.points, *b.points))
    powers = {atom: Fraction(first.count(atom) - second.count(atom)) for atom in dict.fromkeys((*first, *second))}
    return Fact("distmeq", tuple(p for atom in powers for p in atom.points), (*powers.values(), 1 / ratio))


# --- angles ----------------------------------------------------------------------------------------------------------


def _angles(whole: Polynomial, speech: Speech) -> Fact:
    """An equation of angles, each turned as the figure has it."""
    if any(len(monomial) > 1 or any(atom.kind != "angle" for atom in monomial) for monomial in whole):
        raise ProblemError("angles are added and multiplied by numbers only", hint="as ∠ABC = 2∠ACB")
    scale = math.lcm(*(weight.denominator for monomial, weight in whole.items() if monomial))  # whole turns stay whole
    terms = {monomial[0].points: weight * scale for monomial, weight in whole.items() if monomial}
    constant = whole.get((), Fraction(0)) * scale
    turns = _turns(list(terms), constant, speech)
    (first, weight), *others = terms.items()
    if not others and abs(weight) == 1:
        degrees = -constant / weight * turns[first]
        a, o, b = first
        if degrees % 180 in (0, 90):
            return Fact("perp", (o, a, o, b)) if degrees % 180 else Fact("coll", (a, o, b))
        return Fact("aconst", (o, a, o, b), (degrees,))
    if len(others) == 1 and constant % 180 == 0 and weight == -others[0][1] and abs(weight) == 1:
        (a, o, b), (c, p, d) = first, others[0][0]
        if turns[first] != turns[others[0][0]]:
            c, d = d, c
        return Fact("eqangle", (o, a, o, b, p, c, p, d))
    points = tuple(p for a, o, b in terms for p in (o, a, o, b))
    weights = tuple(w for at, v in terms.items() for w in (v * turns[at], -v * turns[at]))
    return Fact("angeq", points, (*weights, constant))


def _turns(angles: Sequence[tuple[str, ...]], constant: Fraction, speech: Speech) -> dict[tuple[str, ...], int]:
    """1 for each angle abc that turns counterclockwise from bc to ba, -1 for the others."""
    one_triangle = len({frozenset(angle) for angle in angles}) == 1
    if one_triangle and constant % 90 == 0 and (constant % 180 == 0 or len(angles) == 1):
        names = sorted(angles[0])
        even = [tuple(names[k:] + names[:k]) for k in range(3)]
        return {angle: 1 if angle in even else -1 for angle in angles}
    if speech.figure is None:
        raise ProblemError(
            "which way these angles turn is seen on a figure only", hint="say it of lines: eqangle, aconst or angeq"
        )
    at = speech.figure()
    return {angle: orientation(at, angle) or 1 for angle in angles}
