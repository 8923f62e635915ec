"""Problems in sentences: what a clause says of its new points, in the words of a problem sheet.

A construction of one point is a place, "on line AB", so that several of them read as "X lies on line AB and on circle
(ABC)"; or it is a sentence of its own, "X is the midpoint of AB". Facts that are given as such are grouped: points on
one line, points on one circle about a centre, midpoints, feet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from maieutic.geometry.prose.equals import common_end
from maieutic.geometry.prose.notation import Signs, fact_text, listed, number_text
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, clause_facts, introduces
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem

PLACES: dict[str, str] = {
    "on_line": "on line {a:b}",
    "on_opline": "on line {a:b}, beyond {a}",
    "on_pline": "on the parallel to {b:c} through {a}",
    "on_tline": "on the perpendicular to {b:c} through {a}",
    "on_bline": "on the perpendicular bisector of {a:b}",
    "on_circle": "on the circle with centre {o} through {a}",
    "on_circum": "on circle ({a:b:c})",
    "on_dia": "on the circle with diameter {a:b}",
    "angle_bisector": "on the bisector of angle {a:b:c}",
    "lc_tangent": "on the tangent at {a} to the circle with centre {o}",
}
"""Where the point x of a construction lies."""

SENTENCES: dict[str, str] = {
    "free": "{a} is a point",
    "segment": "{a} and {b} are two points",
    "triangle": "{a:b:c} is a triangle",
    "quadrangle": "{a:b:c:d} is a quadrilateral",
    "pentagon": "{a:b:c:d:e} is a pentagon",
    "iso_triangle": "{a:b:c} is a triangle with {a:b} = {a:c}",
    "r_triangle": "{a:b:c} is a triangle with a right angle at {a}",
    "risos": "{a:b:c} is an isosceles triangle with a right angle at {a}",
    "ieq_triangle": "{a:b:c} is an equilateral triangle",
    "triangle12": "{a:b:c} is a triangle with {a:c} = 2·{a:b}",
    "isquare": "{a:b:c:d} is a square",
    "rectangle": "{a:b:c:d} is a rectangle",
    "trapezoid": "{a:b:c:d} is a trapezoid with {a:b} ∥ {c:d}",
    "r_trapezoid": "{a:b:c:d} is a trapezoid with {a:b} ∥ {c:d} and a right angle at {a}",
    "eq_trapezoid": "{a:b:c:d} is a trapezoid with {a:b} ∥ {c:d} and {a:d} = {b:c}",
    "eq_quadrangle": "{a:b:c:d} is a quadrilateral with {a:d} = {b:c}",
    "eqdia_quadrangle": "{a:b:c:d} is a quadrilateral with {a:c} = {b:d}",
    "midpoint": "{x} is the midpoint of {a:b}",
    "mirror": "{x} is the reflection of {a} in the point {b}",
    "reflect": "{x} is the reflection of {a} in line {b:c}",
    "foot": "{x} is the foot of the perpendicular from {a} to {b:c}",
    "circle": "{x} is the centre of circle ({a:b:c})",
    "circumcenter": "{x} is the circumcentre of triangle {a:b:c}",
    "incenter": "{x} is the incentre of triangle {a:b:c}",
    "excenter": "{x} is the excentre of triangle {a:b:c} opposite {a}",
    "orthocenter": "{x} is the orthocentre of triangle {a:b:c}",
    "parallelogram": "{a:b:c:x} is a parallelogram",
    "shift": "{x} is the point for which {b:x:c:d} is a parallelogram",
    "eq_triangle": "{x:b:c} is an equilateral triangle",
    "nsquare": "{a:x} and {a:b} are equal and perpendicular",
    "psquare": "{a:x} and {a:b} are equal and perpendicular",
    "intersection_ll": "{x} is the intersection of lines {a:b} and {c:d}",
    "intersection_lp": "{x} is the intersection of line {a:b} and the parallel to {m:n} through {c}",
    "intersection_lt": "{x} is the intersection of line {a:b} and the perpendicular to {d:e} through {c}",
    "intersection_pp": "{x} is the intersection of the parallel to {b:c} through {a} and the parallel to {e:f} "
    "through {d}",
    "intersection_tt": "{x} is the intersection of the perpendicular to {b:c} through {a} and the perpendicular to "
    "{e:f} through {d}",
    "intersection_lc": "{x} is the second intersection of line {a:b} and the circle with centre {o} through {b}",
    "intersection_cc": "{x} is the second intersection of the circles with centres {o} and {w} through {a}",
    "incenter2": "{i} is the incentre of triangle {a:b:c}; its incircle touches {b:c}, {c:a}, {a:b} at {x}, {y}, {z}",
    "excenter2": "{i} is the excentre of triangle {a:b:c} opposite {a}; its excircle touches lines {b:c}, {c:a}, "
    "{a:b} at {x}, {y}, {z}",
    "centroid": "{x}, {y}, {z} are the midpoints of {b:c}, {c:a}, {a:b}, and {i} is the centroid of triangle {a:b:c}",
    "ninepoints": "{x}, {y}, {z} are the midpoints of {b:c}, {c:a}, {a:b}, and {i} is the centre of circle ({x:y:z})",
    "square": "{a:b:x:y} is a square",
    "tangent": "the tangents from {a} to the circle with centre {o} through {b} touch it at {x} and {y}",
    "cc_tangent0": "a common tangent touches the circle with centre {o} through {a} at {x} and the circle with centre "
    "{w} through {b} at {y}",
    "cc_tangent": "two common tangents touch the circle with centre {o} through {a} at {x} and {z}, and the circle "
    "with centre {w} through {b} at {y} and {i}",
    "trisegment": "{x} and {y} divide segment {a:b} into three equal parts",
    "trisect": "{x} and {y} lie on {a:c}, and {b:x} and {b:y} divide angle {a:b:c} into three equal parts",
}
"""What a construction says, as a sentence."""

_FIELD = re.compile(r"\{(\w+(?::\w+)*)\}")


def clause_sentences(clause: Clause, signs: Signs) -> list[str]:
    """A clause as sentences, without full stops."""
    places: list[str] = []
    sentences: list[str] = []
    asserted: list[Fact] = []
    facts: list[Fact] = []
    for use in clause.constructions:
        if not introduces(use, clause):
            asserted.append(Fact(use.name, use.args, use.values))
        elif use.name in PLACES:
            places.append(_fill(PLACES[use.name], use, signs))
        elif use.name in SENTENCES:
            sentences.append(_fill(SENTENCES[use.name], use, signs))
        else:
            facts += CONSTRUCTIONS[use.name].facts(use)
    points = signs.points(clause.points)
    bare = f"{points} {'is a point' if len(clause.points) == 1 else 'are points'}"
    placed = f"{points} lies {listed(places)}" if places else ""
    if facts and not sentences:
        placed = f"{placed or bare} with {listed(fact_sentences(facts, signs))}"
        facts = []
    said = [*filter(None, (placed,)), *sentences, *fact_sentences([*facts, *asserted], signs)]
    return said if said else [bare]


def _fill(template: str, use: Construction, signs: Signs) -> str:
    letters = dict(zip(CONSTRUCTIONS[use.name].letters, use.args, strict=True))
    values = dict(zip(CONSTRUCTIONS[use.name].numbers, map(number_text, use.values), strict=True))
    parts = _FIELD.split(template)
    text = ""
    for i, part in enumerate(parts):
        text += part if i % 2 == 0 else values.get(part) or f"${signs.run(*(letters[p] for p in part.split(':')))}$"
    return text.replace("$ = $", " = ").replace("$ ∥ $", " ∥ ").replace("= 2·$", "= 2·$")


def problem_sentences(clauses: Sequence[Clause], signs: Signs) -> tuple[str, ...]:
    """Clauses as sentences with full stops; points that are only named are left to the facts about them."""
    sentences: list[str] = []
    bare = [p for clause in clauses if not clause.constructions for p in clause.points]
    stated = [clause for clause in clauses if clause.constructions]
    for clause in stated:
        if all(not introduces(use, clause) for use in clause.constructions):
            bare += clause.points
    if bare:
        sentences.append(f"{signs.points(bare)} {'is a point' if len(bare) == 1 else 'are points'}")
    for clause in stated:
        sentences += clause_sentences(clause, signs)
    return tuple(f"{_capital(s)}." for s in sentences)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def fact_sentences(facts: Sequence[Fact], signs: Signs) -> list[str]:
    """Facts as sentences: midpoints, feet, circles about a centre first, then the rest one by one."""
    rest = list(dict.fromkeys(facts))
    sentences: list[str] = []
    for fact in list(rest):
        if fact not in rest:
            continue
        pair = _midpoint(fact, rest) or _foot(fact, rest)
        if pair:
            sentences.append(_pair_sentence(pair, signs))
            rest = [f for f in rest if f not in pair]
    lines: list[list[str]] = []
    for fact in [f for f in rest if f.predicate == "coll"]:
        home = next((line for line in lines if len(set(line) & set(fact.points)) >= 2), None)
        if home is None:
            lines.append(list(dict.fromkeys(fact.points)))
        else:
            home += [p for p in fact.points if p not in home]
    circles: dict[str, list[list[str]]] = {}
    kept: list[Fact] = []
    for fact in rest:
        if fact.predicate == "coll":
            continue
        ends = common_end(fact)
        if ends is None:
            kept.append(fact)
            continue
        centre, p, q = ends
        rims = circles.setdefault(centre, [])
        home = next((rim for rim in rims if {p, q} & set(rim)), None)
        if home is None:
            rims.append([p, q])
        else:
            home += [x for x in (p, q) if x not in home]
    sentences += [f"{signs.points(line)} are collinear" for line in lines]
    for centre, rims in circles.items():
        for rim in rims:
            if len(rim) > 2:
                sentences.append(f"{signs.points(rim)} lie on a circle with centre ${signs.point(centre)}$")
            else:
                sentences.append(f"${signs.run(centre, rim[0])} = {signs.run(centre, rim[1])}$")
    return sentences + [fact_text(fact, signs) for fact in kept]


def _midpoint(fact: Fact, facts: Sequence[Fact]) -> tuple[Fact, Fact] | None:
    radii = common_end(fact)
    if radii is None:
        return None
    coll = next((f for f in facts if f.predicate == "coll" and set(f.points) == set(radii)), None)
    return (fact, coll) if coll else None


def _foot(fact: Fact, facts: Sequence[Fact]) -> tuple[Fact, Fact] | None:
    if fact.predicate != "perp":
        return None
    for side, base in ((fact.points[:2], fact.points[2:]), (fact.points[2:], fact.points[:2])):
        for coll in facts:
            if coll.predicate == "coll" and set(base) < set(coll.points):
                (x,) = set(coll.points) - set(base)
                if x in side:
                    return fact, coll
    return None


def _pair_sentence(pair: tuple[Fact, Fact], signs: Signs) -> str:
    fact, coll = pair
    radii = common_end(fact)
    if radii:
        o, a, b = radii
        return f"${signs.point(o)}$ is the midpoint of ${signs.run(a, b)}$"
    base = next(b for b in (fact.points[:2], fact.points[2:]) if set(b) < set(coll.points))
    side = fact.points[:2] if base == fact.points[2:] else fact.points[2:]
    (x,) = set(coll.points) - set(base)
    (a,) = set(side) - {x}
    return f"${signs.point(x)}$ is the foot of the perpendicular from ${signs.point(a)}$ to ${signs.run(*base)}$"


def given_sentences(problem: Problem, auxiliary: int, signs: Signs) -> tuple[str, ...]:
    """The clauses of a problem without its auxiliary ones; one that only asserts facts is grouped as a whole."""
    clauses = problem.clauses[: len(problem.clauses) - auxiliary]
    if all(not introduces(use, clause) for clause in clauses for use in clause.constructions):
        facts = [fact for clause in clauses for fact in clause_facts(clause)]
        names = [p for clause in clauses for p in clause.points]
        return tuple(f"{_capital(s)}." for s in (f"{signs.points(names)} are points", *fact_sentences(facts, signs)))
    return problem_sentences(clauses, signs)
