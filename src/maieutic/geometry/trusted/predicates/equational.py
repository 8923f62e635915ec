"""The predicates that are equations: each of its alternatives alone says what the predicate says."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from maieutic.geometry.trusted.hints.phrases import angle, products_sum, segments, upper, weighted_sum, worded
from maieutic.geometry.trusted.predicates.equations import (
    Equation,
    Table,
    Unknown,
    four_terms,
    linear,
    make_equation,
    prime_powers,
)
from maieutic.geometry.trusted.predicates.numbers import on_no_line
from maieutic.geometry.trusted.predicates.row import AG1, AG2, HALF, OURS, Predicate
from maieutic.geometry.trusted.quantities import number
from maieutic.geometry.trusted.records import Fact


def _coll(fact: Fact) -> tuple[Equation, ...]:
    a, b, c = sorted(fact.points)
    return (
        linear("direction", (1, a, b), (-1, a, c)),
        linear("direction", (1, a, b), (-1, b, c)),
        linear("direction", (1, a, c), (-1, b, c)),
    )


def _cyclic(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = sorted(fact.points)
    return (
        linear("direction", (1, a, b), (1, c, d), (-1, a, c), (-1, b, d)),
        linear("direction", (1, a, b), (1, c, d), (-1, a, d), (-1, b, c)),
        linear("direction", (1, a, c), (1, b, d), (-1, a, d), (-1, b, c)),
    )


def _cong(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = fact.points
    return tuple(linear(table, (1, a, b), (-1, c, d)) for table in ("log", "length", "square"))


def _perp(fact: Fact) -> tuple[Equation, ...]:
    a, b, c, d = fact.points
    return (
        linear("direction", (1, a, b), (-1, c, d), constant=HALF),
        linear("square", (1, a, c), (-1, a, d), (-1, b, c), (1, b, d)),
    )


def _rconst(fact: Fact) -> tuple[Equation, ...]:
    (a, b, c, d), (r,) = fact.points, fact.values
    return (
        linear("log", (1, a, b), (-1, c, d), constant=1 / r),
        linear("length", (1, a, b), (-r, c, d)),
        linear("square", (1, a, b), (-r * r, c, d)),
    )


def _rsqconst(fact: Fact) -> tuple[Equation, ...]:
    (a, b, c, d), (r,) = fact.points, fact.values
    return (
        linear("log", (2, a, b), (-2, c, d), constant=1 / r),
        linear("square", (1, a, b), (-r, c, d)),
    )


def _weighted(table: Table) -> Callable[[Fact], tuple[Equation, ...]]:
    def equations(fact: Fact) -> tuple[Equation, ...]:
        pairs = segments(fact)
        terms = [(weight, a, b) for (a, b), weight in zip(pairs, fact.values, strict=False)]
        constant = fact.values[-1] if len(fact.values) > len(pairs) else Fraction(0)
        if table == "log" and constant <= 0:
            raise ValueError(f"{fact}: the factor must be positive, not {constant}")
        return (linear(table, *terms, constant=constant / 180 if table == "direction" else constant),)

    return equations


def sine(o: str, a: str, b: str) -> Unknown:
    """The unknown log |sin| of the angle between lines oa and ob."""
    return (o, min(a, b), max(a, b))


def _eqsine(fact: Fact) -> tuple[Equation, ...]:
    o, a, b, p, c, d = fact.points
    terms = {sine(o, a, b): Fraction(1)}
    terms[sine(p, c, d)] = terms.get(sine(p, c, d), Fraction(0)) - 1
    return (make_equation("log", terms, {}),)


def _sinelaw(fact: Fact) -> tuple[Equation, ...]:
    a, b, c = fact.points
    base = linear("log", (1, b, c), (-1, c, a))
    return (make_equation("log", {**dict(base.terms), sine(a, b, c): Fraction(-1), sine(b, a, c): Fraction(1)}, {}),)


def _sinesq(fact: Fact) -> tuple[Equation, ...]:
    o, a, b = fact.points
    return (make_equation("log", {sine(o, a, b): Fraction(2)}, prime_powers(1 / fact.values[0])),)


def _split(keep: int) -> Callable[[Fact], tuple[Fact, ...]]:
    """A statement on many points as statements on the first `keep` and one more; a short one has no parts."""

    def parts(fact: Fact) -> tuple[Fact, ...]:
        first, rest = fact.points[:keep], fact.points[keep:]
        return tuple(Fact(fact.predicate, (*first, p)) for p in rest) if len(rest) > 1 else ()

    return parts


EQUATIONAL: tuple[Predicate, ...] = (
    Predicate(
        "coll",
        "equational",
        (3, 1),
        "a, b, c lie on one line",
        AG1,
        lambda f: f"{', '.join(p.upper() for p in f.points)} are collinear",
        equations=_coll,
        parts=_split(2),
    ),
    Predicate("cong", "equational", 4, "|ab| = |cd|", AG1, worded("{0}{1} = {2}{3}"), equations=_cong),
    Predicate(
        "para",
        "equational",
        4,
        "ab is parallel to cd, or the same line",
        AG1,
        worded("{0}{1} ∥ {2}{3}"),
        equations=lambda f: (linear("direction", (1, *f.points[:2]), (-1, *f.points[2:])),),  # type: ignore[arg-type]
    ),
    Predicate("perp", "equational", 4, "ab is perpendicular to cd", AG1, worded("{0}{1} ⊥ {2}{3}"), equations=_perp),
    Predicate(
        "eqangle",
        "equational",
        8,
        "the directed angle from cd to ab equals that from gh to ef, modulo pi",
        AG1,
        lambda f: f"{angle(*f.points[:4])} = {angle(*f.points[4:])}",
        equations=four_terms("direction"),
    ),
    Predicate(
        "cyclic",
        "equational",
        (4, 1),
        "a, b, c, d lie on one circle",
        AG1,
        lambda f: f"{', '.join(p.upper() for p in f.points)} are concyclic",
        equations=_cyclic,
        parts=_split(3),
        test=on_no_line,
        guards=lambda f: (Fact("ncoll", f.points[:3]),),
    ),
    Predicate(
        "eqratio",
        "equational",
        8,
        "|ab| / |cd| = |ef| / |gh|",
        AG1,
        worded("{0}{1}/{2}{3} = {4}{5}/{6}{7}"),
        equations=four_terms("log"),
    ),
    Predicate(
        "aconst",
        "equational",
        4,
        "the directed angle from cd to ab is v degrees, modulo 180",
        AG2,
        lambda f: f"{angle(*f.points)} = {f.values[0]}°",
        values=1,
        equations=lambda f: (
            linear(
                "direction",
                (1, f.points[0], f.points[1]),
                (-1, f.points[2], f.points[3]),
                constant=-f.values[0] / 180,
            ),
        ),
    ),
    Predicate(
        "rconst",
        "equational",
        4,
        "|ab| / |cd| = v",
        AG2,
        worded("{0}{1} = {v[0]}·{2}{3}"),
        values=1,
        equations=_rconst,
    ),
    Predicate(
        "rsqconst",
        "equational",
        4,
        "|ab|^2 / |cd|^2 = v",
        OURS,
        worded("{0}{1}² = {v[0]}·{2}{3}²"),
        values=1,
        equations=_rsqconst,
    ),
    Predicate(
        "angeq",
        "equational",
        (2, 2),
        "the sum of v_i d(a_i b_i), plus y degrees, is 0 modulo 180 degrees",
        AG2,
        lambda f: f"{weighted_sum(f, 'd({})')} = {-f.values[-1]}° (mod 180°)",
        values=lambda n: n // 2 + 1,
        equations=_weighted("direction"),
    ),
    Predicate(
        "distmeq",
        "equational",
        (2, 2),
        "the product of |a_i b_i| ^ v_i, times y, is 1",
        AG2,
        lambda f: (
            " · ".join(f"{upper(s)}^{v}" if v != 1 else upper(s) for s, v in zip(segments(f), f.values, strict=False))
            + (f" · {f.values[-1]}" if f.values[-1] != 1 else "")
            + " = 1"
        ),
        values=lambda n: n // 2 + 1,
        equations=_weighted("log"),
    ),
    Predicate(
        "distseq",
        "equational",
        (2, 2),
        "the sum of v_i |a_i b_i| is 0",
        AG2,
        lambda f: f"{weighted_sum(f, '{}')} = 0",
        values=lambda n: n // 2,
        equations=_weighted("length"),
    ),
    Predicate(
        "distsqeq",
        "equational",
        (2, 2),
        "the sum of v_i |a_i b_i|^2 is 0",
        OURS,
        lambda f: f"{weighted_sum(f, '{}²')} = 0",
        values=lambda n: n // 2,
        equations=_weighted("square"),
    ),
    Predicate(
        "prodseq",
        "equational",
        (4, 4),
        "the sum of v_i |a_i b_i| |c_i d_i| is 0",
        OURS,
        products_sum,
        values=lambda n: n // 4,
        balance=lambda f, at: [
            number(v, abs(at[a])) * abs(at[b] - at[a]) * abs(at[d] - at[c])
            for (a, b), (c, d), v in zip(segments(f)[::2], segments(f)[1::2], f.values, strict=True)
        ],
    ),
    Predicate(
        "eqsine",
        "equational",
        6,
        "|sin aob| = |sin cpd| for o a b p c d",
        OURS,
        worded("|sin ∠{1}{0}{2}| = |sin ∠{4}{3}{5}|"),
        equations=_eqsine,
    ),
    Predicate(
        "sinesq",
        "equational",
        3,
        "the square of sin aob is v, for o a b",
        OURS,
        worded("sin² ∠{1}{0}{2} = {v[0]}"),
        values=1,
        equations=_sinesq,
    ),
    Predicate(
        "sinelaw",
        "equational",
        3,
        "|bc| / sin bac = |ca| / sin abc",
        OURS,
        worded("{1}{2}/sin ∠{1}{0}{2} = {2}{0}/sin ∠{0}{1}{2}"),
        equations=_sinelaw,
    ),
    Predicate(
        "overlap",
        "equational",
        2,
        "a and b are the same point",
        AG2,
        worded("{0} = {1}"),
        equations=lambda f: tuple(
            make_equation(table, {(min(f.points), max(f.points)): Fraction(1)}, {}) for table in ("length", "square")
        ),
    ),
)
