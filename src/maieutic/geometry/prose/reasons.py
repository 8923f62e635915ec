"""The words of reasons: what a rule is called when a contestant uses it, and how the facts behind a step are named."""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.geometry.prose.notation import Signs, fact_text, listed, number_text
from maieutic.geometry.trusted.predicates import Equation
from maieutic.geometry.trusted.records import Fact

PLAIN = (
    "segment_sum",
    "midpoint",
    "isosceles",
    "isosceles_converse",
    "bisector",
    "bisector_converse",
    "circle",
    "circle_radius",
    "overlap_transfer",
)
"""Rules whose use needs no name."""

THEOREMS: dict[str, str] = {
    "segment_sum_converse": "by equality in the triangle inequality",
    "thales": "by the intercept theorem",
    "thales_converse": "by the converse of the intercept theorem",
    "circle_centre": "as the perpendicular bisectors of two chords meet in the centre",
    "tangent_chord": "by the tangent–chord angle",
    "tangent_chord_converse": "by the converse of the tangent–chord theorem",
    "trapezoid": "as parallel chords cut off equal arcs",
    "trapezoid_legs": "as equal chords cut off equal arcs",
    "arc_midpoint": "as a bisector of an angle of a triangle meets the perpendicular bisector of the opposite side on "
    "the circumcircle",
    "sines": "by the law of sines in both triangles",
    "sines_converse": "by the law of sines in both triangles",
    "sines_converse_same": "by the law of sines in both triangles",
    "menelaus": "by Menelaus' theorem",
    "menelaus_converse": "by the converse of Menelaus' theorem",
    "ceva": "by Ceva's theorem",
    "ceva_converse": "by the converse of Ceva's theorem",
    "median": "by Apollonius' theorem on the median",
    "division": "as both segments are divided in the same ratio",
    "division_whole": "as both segments are divided in the same ratio",
    "power": "by the power of a point",
    "power_converse": "by the power of a point",
    "power_outside": "by the power of a point",
    "power_outside_converse": "by the power of a point",
    "power_inside": "by the power of a point",
    "power_inside_converse": "by the power of a point",
    "overlap_lines": "as two lines meet in one point only",
    "overlap_circles": "as the two circles meet in one further point only",
    "overlap_chord": "as a line meets a circle in one further point only",
    "overlap_line_circle": "as a line meets a circle in two points only",
    "overlap_centres": "as two circles meet in two points only",
    "overlap_common": "as two circles meet in one further point only",
    "sine_law": "by the law of sines",
    "equal_sines": "as equal angles have equal sines",
    "equal_sines_converse": "as their sines are equal",
}


def similar(rule: str) -> str:
    """AA, SAS, SSS, SSA of a rule about similar triangles; "" for others."""
    return rule.split("_")[1].upper() if rule.startswith("similar_") else ""


def expression(equation: Equation, signs: Signs) -> str:
    """One side of a chain: a sum of angles, a quotient of products, a sum of lengths or squares."""
    if equation.table == "direction":
        return _angles(equation, signs)
    if equation.table == "log":
        return _quotient(equation, signs)
    power = "²" if equation.table == "square" else ""
    text = ""
    for unknown, w in sorted(equation.terms, key=lambda term: term[1] < 0):
        factor = "" if abs(w) == 1 else f"{number_text(abs(w))}·"
        sign = (" − " if w < 0 else " + ") if text else ("−" if w < 0 else "")
        text += f"{sign}{factor}{signs.run(*unknown)}{power}"
    return text or "0"


def _angles(equation: Equation, signs: Signs) -> str:
    constant = dict(equation.constants).get(1, 0) * 180
    ups = [u for u, w in equation.terms for _ in range(int(w)) if w > 0]
    downs = [u for u, w in equation.terms for _ in range(-int(w)) if w < 0]
    pieces: list[tuple[str, int]] = []
    if len(ups) != len(downs):
        pieces = [(f"dir({signs.run(*u)})", int(w)) for u, w in equation.terms]
    else:
        counts: dict[str, int] = {}
        for up in sorted(ups, key=lambda u: sum(len(set(u) & set(d)) == 1 for d in downs)):
            down = next((d for d in downs if len(set(d) & set(up)) == 1), downs[0])
            downs.remove(down)
            shown = signs.angle(*down, *up)
            counts[shown] = counts.get(shown, 0) + 1
        pieces = list(counts.items())
    text = ""
    for shown, w in pieces:
        factor = "" if abs(w) == 1 else f"{abs(w)}·"
        sign = (" − " if w < 0 else " + ") if text else ("−" if w < 0 else "")
        text += f"{sign}{factor}{shown}"
    if not text:
        return f"{number_text(constant)}°"  # type: ignore[arg-type]
    return f"{text} + {number_text(constant)}°" if constant else text  # type: ignore[arg-type]


def _quotient(equation: Equation, signs: Signs) -> str:
    above, below = 1, 1
    for prime, w in equation.constants:
        if w > 0:
            above *= prime ** int(w)
        else:
            below *= prime ** int(-w)
    upper = signs.product([(u, w) for u, w in equation.terms if w > 0], above)
    lower_terms = [(u, -w) for u, w in equation.terms if w < 0]
    if not lower_terms and below == 1:
        return upper
    lower = signs.product(lower_terms, below)
    several = " · " in lower
    return f"{_bracketed(upper)}/{f'({lower})' if several else lower}"


def _bracketed(text: str) -> str:
    return f"({text})" if " · " in text else text


def grouped(facts: Sequence[Fact]) -> list[tuple[Fact, tuple[Fact, ...]]]:
    """Facts as they are said: those about one circle, or one line, as one; each with the facts that it stands for."""
    found: list[tuple[Fact, tuple[Fact, ...]]] = []
    for fact in facts:
        least = {"cyclic": 3, "coll": 2}.get(fact.predicate)
        home = None
        if least:
            home = next(
                (
                    i
                    for i, (said, _) in enumerate(found)
                    if said.predicate == fact.predicate and len(set(said.points) & set(fact.points)) >= least
                ),
                None,
            )
        if home is None:
            found.append((fact, (fact,)))
        else:
            said, parts = found[home]
            points = (*said.points, *(p for p in fact.points if p not in said.points))
            found[home] = (Fact(fact.predicate, points), (*parts, fact))
    return found


def said(fact: Fact, signs: Signs) -> str:
    """A fact as a reason: shorter than as a claim for points on one circle or line."""
    if fact.predicate in ("cyclic", "coll"):
        fact = Fact(fact.predicate, tuple(sorted(fact.points)))
        word = "concyclic" if fact.predicate == "cyclic" else "collinear"
        return f"${', '.join(signs.point(p) for p in fact.points)}$ {word}"
    return fact_text(fact, signs)


def numbered(text: str, cites: Sequence[int]) -> str:
    """A reason with the numbers of the steps where it was shown."""
    return f"{text} ({', '.join(map(str, sorted(set(cites))))})" if cites else text


__all__ = ["PLAIN", "THEOREMS", "expression", "grouped", "listed", "numbered", "said", "similar"]
