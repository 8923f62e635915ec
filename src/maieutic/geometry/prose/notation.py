"""How points, angles, products and facts are written: the short way of a contestant.

Texts are Unicode with formulas between dollars, "Since $AB = AC$, ...": `plain` takes the dollars away, latex.py turns
what is between them into TeX. Points are capitals with subscripts and primes (a1 is A₁, x' is X′, xb is X_B).

The directed angle ∠(l, m) is the angle by which l is turned counterclockwise to become parallel to m, modulo 180°, that
is d(m) - d(l) with the directions d of predicates.py; ∠ABC is ∠(BA, BC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from maieutic.geometry.language.names import display_name, display_names
from maieutic.geometry.trusted.predicates import PREDICATES
from maieutic.geometry.trusted.records import Fact
from maieutic.geometry.trusted.records import number_text as plain_number

Names = Mapping[str, str]


def number_text(value: Fraction) -> str:
    """A number as text, with a minus sign as it is printed."""
    return plain_number(value).replace("-", "−")


def plain(text: str) -> str:
    """A text without the marks of formulas."""
    return text.replace("$", "")


def listed(words: Iterable[str], last: str = "and") -> str:
    """a; a and b; a, b and c."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


# --- pieces of formulas ----------------------------------------------------------------------------------------------


class Signs:
    """Writes pieces of formulas with given names of points; without dollars."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def point(self, p: str) -> str:
        """A point, as it is printed."""
        return self.names.get(p) or display_name(p)

    def run(self, *points: str) -> str:
        """AB, ABC: points side by side. A name with a letter for subscript is set apart, so that AX_B C is readable."""
        shown = [self.point(p) for p in points]
        return "".join(s + (" " if "_" in s and i + 1 < len(shown) else "") for i, s in enumerate(shown))

    def points(self, points: Iterable[str]) -> str:
        """A, B, C with each as a formula of its own, in words: `$A$, $B$ and $C$`."""
        return listed(f"${self.point(p)}$" for p in points)

    def angle(self, a: str, b: str, c: str, d: str) -> str:
        """The angle from line ab to line cd, by its vertex where the lines share a named point."""
        shared = {a, b} & {c, d}
        if len(shared) == 1:
            (o,) = shared
            return f"∠{self.run(a if b == o else b, o, c if d == o else d)}"
        return f"∠({self.run(a, b)}, {self.run(c, d)})"

    def triangle(self, *points: str) -> str:
        """△ABC."""
        return f"△{self.run(*points)}"

    def sine(self, o: str, a: str, b: str) -> str:
        """The sine of the angle between lines oa and ob."""
        return f"sin {self.angle(o, a, o, b)}"

    def weighted(self, fact: Fact) -> str:
        """angeq, distmeq, distseq, distsqeq: what is positive on the left, what is negative on the right."""
        pairs = list(zip(fact.points[::2], fact.points[1::2], strict=True))
        terms = list(zip(pairs, fact.values, strict=False))
        if fact.predicate == "angeq":
            return self._angles(terms, fact.values[-1])
        left = [(p, w) for p, w in terms if w > 0]
        right = [(p, -w) for p, w in terms if w < 0]
        if fact.predicate == "distmeq":
            constant = fact.values[-1]
            scale = (constant.numerator, constant.denominator)
            return f"{self.product(left, scale[0])} = {self.product(right, scale[1])}"
        power = "²" if fact.predicate == "distsqeq" else ""
        return f"{self._sum(left, power)} = {self._sum(right, power)}"

    def _sum(self, terms: list[tuple[tuple[str, str], Fraction]], power: str) -> str:
        return " + ".join(f"{_factor(w)}{self.run(*p)}{power}" for p, w in terms) or "0"

    def product(self, terms: Sequence[tuple[tuple[str, ...], Fraction]], factor: int = 1) -> str:
        """A product of powers, with a whole number before it."""
        parts = [str(factor)] if factor != 1 else []
        parts += [self._factor(p, w) for p, w in sorted(terms, key=lambda term: len(term[0]))]
        return " · ".join(parts) or "1"

    def _factor(self, unknown: tuple[str, ...], power: Fraction) -> str:
        """A length, or the sine of the angle aob for (o, a, b), with its exponent."""
        if len(unknown) == 2:
            return self.run(*unknown) + power_text(power)
        o, a, b = unknown
        return f"sin{power_text(power)} ∠{self.run(a, o, b)}"

    def _angles(self, terms: list[tuple[tuple[str, str], Fraction]], constant: Fraction) -> str:
        """Pairs of directions as angles, where there are as many that come as that go; else as directions."""
        ups = [p for p, w in terms for _ in range(int(w)) if w > 0]
        downs = [p for p, w in terms for _ in range(-int(w)) if w < 0]
        degrees = number_text(-constant % 180)
        if len(ups) != len(downs) or not ups or len(ups) > 12:
            parts = [f"{'+' if w > 0 else '−'} {_factor(abs(w))}dir({self.run(*p)})" for p, w in terms]
            return f"{' '.join(parts).removeprefix('+ ')} = {degrees}°"
        found: list[tuple[tuple[str, str], tuple[str, str]]] = []
        for up in ups:
            down = next((d for d in downs if len(set(d) & set(up)) == 1), downs[0])
            downs.remove(down)
            found.append((down, up))
        counts = {pair: found.count(pair) for pair in dict.fromkeys(found)}
        shown = [f"{_factor(Fraction(n))}{self.angle(*d, *u)}" for (d, u), n in counts.items()]
        return f"{' + '.join(shown)} = {degrees}°"


def _factor(w: Fraction) -> str:
    return "" if w == 1 else f"{number_text(w)}·"


def power_text(w: Fraction) -> str:
    """An exponent: nothing, ², ³, or ^(n)."""
    return {Fraction(1): "", Fraction(2): "²", Fraction(3): "³"}.get(w, f"^({number_text(w)})")


# --- facts -----------------------------------------------------------------------------------------------------------

FORMULAS: dict[str, str] = {
    "cong": "{0:1} = {2:3}",
    "para": "{0:1} ∥ {2:3}",
    "perp": "{0:1} ⊥ {2:3}",
    "eqratio": "{0:1}/{2:3} = {4:5}/{6:7}",
    "simtri": "△{0:1:2} ∼ △{3:4:5}",
    "contri": "△{0:1:2} ≅ △{3:4:5}",
    "overlap": "{0} = {1}",
    "diff": "{0} ≠ {1}",
    "noverlap": "{0} ≠ {1}",
    "npara": "{0:1} ∦ {2:3}",
    "lessthan": "{0:1} < {2:3}",
    "ncong": "{0:1} ≠ {2:3}",
    "rcompute": "{0:1}/{2:3} = ?",
}
"""Facts that are one formula: {0:1} is the run of points 0 and 1."""

WORDS: dict[str, str] = {
    "midp": "{0} is the midpoint of {1:2}",
    "circle": "{0} is the centre of circle ({1:2:3})",
    "ncoll": "{0}, {1}, {2} are not collinear",
    "ncyclic": "{0}, {1}, {2}, {3} are not concyclic",
    "nperp": "{0:1} is not perpendicular to {2:3}",
    "sameclock": "triangles {0:1:2} and {3:4:5} have the same orientation",
    "sameside": "{0} and {1} lie on the same side of {2:3}",
    "oppside": "{0} and {1} lie on different sides of {2:3}",
    "acute": "triangle {0:1:2} is acute",
    "between": "{0} lies between {1} and {2}",
    "nbetween": "{0} does not lie between {1} and {2}",
    "even_inside": "an even number of {3}, {4}, {5} lie inside the sides of triangle {0:1:2}",
    "odd_inside": "an odd number of {3}, {4}, {5} lie inside the sides of triangle {0:1:2}",
    "sameorder": "{1} lies with respect to {0} and {2} as {4} does with respect to {3} and {5}",
}
"""Facts that are a few words: each brace is a formula of its own."""

_BRACE = re.compile(r"\{(\d+(?::\d+)*)\}")


def fact_text(fact: Fact, signs: Signs) -> str:
    """A fact, as a clause of a sentence, with formulas between dollars."""
    p, v = fact.points, fact.values

    def filled(template: str, mark: str) -> str:
        return _BRACE.sub(lambda m: f"{mark}{signs.run(*(p[int(i)] for i in m[1].split(':')))}{mark}", template)

    match fact.predicate:
        case "coll" | "cyclic":
            return f"{signs.points(p)} are {'collinear' if fact.predicate == 'coll' else 'concyclic'}"
        case "eqangle":
            return f"${signs.angle(*p[2:4], *p[:2])} = {signs.angle(*p[6:], *p[4:6])}$"
        case "neqangle":
            return f"${signs.angle(*p[2:4], *p[:2])} ≠ {signs.angle(*p[6:], *p[4:6])}$"
        case "aconst":
            return f"${signs.angle(*p[2:], *p[:2])} = {number_text(v[0])}°$"
        case "acompute":
            return f"${signs.angle(*p[2:], *p[:2])} = ?$"
        case "rconst" | "rsqconst":
            power = "²" if fact.predicate == "rsqconst" else ""
            return f"${_multiple(signs.run(*p[:2]) + power, signs.run(*p[2:]) + power, v[0])}$"
        case "angeq" | "distmeq" | "distseq" | "distsqeq":
            return f"${signs.weighted(fact)}$"
        case "eqsine":
            return f"${signs.sine(*p[:3])} = {signs.sine(*p[3:])}$"
        case "sinesq":
            return f"$sin² {signs.angle(p[0], p[1], p[0], p[2])} = {number_text(v[0])}$"
        case "sinelaw":
            a, b, c = p
            return f"${signs.run(b, c)}/{signs.sine(a, b, c)} = {signs.run(c, a)}/{signs.sine(b, a, c)}$"
        case "cyclic_with_center":
            return f"{signs.points(p[1:])} lie on a circle with centre ${signs.point(p[0])}$"
        case "cyclic_with_centers":
            n = int(v[0])
            return f"{signs.points(p[n:])} lie on a circle with centre {signs.points(p[:n])}"
    if fact.predicate in FORMULAS:
        return filled(f"${FORMULAS[fact.predicate]}$", "")
    if fact.predicate in WORDS:
        return filled(WORDS[fact.predicate], "$")
    return PREDICATES[fact.predicate].phrase(fact)


def say(fact: Fact, names: Names | None = None) -> str:
    """A fact in words and signs, as plain text."""
    return plain(fact_text(fact, Signs(names if names is not None else display_names(fact.points))))


def _multiple(left: str, right: str, v: Fraction) -> str:
    if v.numerator == 1 and v.denominator > 1:
        return f"{right} = {v.denominator}·{left}"
    if v.denominator > 1:
        return f"{left}/{right} = {number_text(v)}"
    return f"{left} = {right}" if v == 1 else f"{left} = {v}·{right}"
