"""Facts in a few words and signs: what the table of predicates writes its phrases with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from maieutic.geometry.trusted.records import Fact


def upper(points: Iterable[str]) -> str:
    """Points side by side, in capitals."""
    return "".join(p.upper() for p in points)


def angle(a: str, b: str, c: str, d: str) -> str:
    """The angle from line ab to line cd, by its vertex where the lines share a named point."""
    shared = {a, b} & {c, d}
    if len(shared) == 1:
        (o,) = shared
        return f"∠{upper(((a if b == o else b), o, (c if d == o else d)))}"
    return f"∠({upper((a, b))}, {upper((c, d))})"


def segments(fact: Fact) -> list[tuple[str, str]]:
    """The points of a fact, two by two."""
    return list(zip(fact.points[::2], fact.points[1::2], strict=True))


def weighted_sum(fact: Fact, shape: str) -> str:
    """A sum of segments with their weights, each in a given shape."""
    terms: list[str] = []
    for (a, b), weight in zip(segments(fact), fact.values, strict=False):
        factor = "" if abs(weight) == 1 else f"{abs(weight)}·"
        sign = ("-" if weight < 0 else "") if not terms else (" - " if weight < 0 else " + ")
        terms.append(f"{sign}{factor}{shape.format(upper((a, b)))}")
    return "".join(terms) or "0"


def products_sum(fact: Fact) -> str:
    """`AB·CD + BC·AD = AC·BD`: a sum of products of two lengths, without minus signs."""
    pairs = segments(fact)
    sides: tuple[list[str], list[str]] = ([], [])
    for first, second, weight in zip(pairs[::2], pairs[1::2], fact.values, strict=True):
        product = f"{upper(first)}²" if set(first) == set(second) else f"{upper(first)}·{upper(second)}"
        sides[weight < 0].append(product if abs(weight) == 1 else f"{abs(weight)}·{product}")
    return " = ".join(" + ".join(side) or "0" for side in sides)


def worded(template: str) -> Callable[[Fact], str]:
    """A phrase over the points of a fact: {0}, {1}, ... are these in capitals, {v[0]} is its number."""
    return lambda f: template.format(*(p.upper() for p in f.points), v=[*map(str, f.values)])
