"""The predicates that are several simpler facts, and the questions."""

from __future__ import annotations

from collections.abc import Callable

from maieutic.geometry.trusted.hints.phrases import angle, worded
from maieutic.geometry.trusted.predicates.row import AG1, AG2, OURS, Predicate
from maieutic.geometry.trusted.records import Fact


def _centred(count: int | None) -> Callable[[Fact], tuple[Fact, ...]]:
    def parts(fact: Fact) -> tuple[Fact, ...]:
        centres = count if count is not None else int(fact.values[0])
        first, *rest = fact.points[centres:]
        return tuple(Fact("cong", (o, first, o, p)) for o in fact.points[:centres] for p in rest)

    return parts


def _ratios(fact: Fact) -> tuple[Fact, ...]:
    a, b, c, p, q, r = fact.points
    return (Fact("eqratio", (a, b, a, c, p, q, p, r)), Fact("eqratio", (a, b, b, c, p, q, q, r)))


def _sides(fact: Fact) -> tuple[Fact, ...]:
    a, b, c, p, q, r = fact.points
    return (
        Fact("cong", (a, b, p, q)),
        Fact("cong", (b, c, q, r)),
        Fact("cong", (c, a, r, p)),
    )


COMPOUND: tuple[Predicate, ...] = (
    Predicate(
        "inside",
        "compound",
        (4, 1),
        "the first point is inside the convex polygon of the others",
        OURS,
        lambda f: f"{f.points[0].upper()} lies inside {''.join(p.upper() for p in f.points[1:])}",
        parts=lambda f: tuple(  # on the side of a third corner of each side
            Fact("sameside", (f.points[0], r, p, q))
            for p, q, r in zip(f.points[1:], f.points[2:] + f.points[1:], f.points[3:] + f.points[1:], strict=False)
        ),
    ),
    Predicate(
        "convex",
        "compound",
        (4, 1),
        "the polygon of these points, in this order, is convex",
        OURS,
        lambda f: f"{''.join(p.upper() for p in f.points)} is convex",
        parts=lambda f: tuple(  # all other corners on one side of each side
            Fact("sameside", (other, r, p, q))
            for p, q, r in zip(f.points, (f.points * 2)[1:], (f.points * 2)[2:], strict=False)
            for other in f.points
            if other not in (p, q, r)
        ),
    ),
    Predicate(
        "midp",
        "compound",
        3,
        "m is the midpoint of ab, for m a b",
        AG1,
        worded("{0} is the midpoint of {1}{2}"),
        parts=lambda f: (
            Fact("coll", f.points),
            Fact("cong", (f.points[0], f.points[1], f.points[0], f.points[2])),
        ),
        apart=((1, 2),),
    ),
    Predicate(
        "circle",
        "compound",
        4,
        "o is the centre of the circle through a, b, c, for o a b c",
        AG1,
        worded("{0} is the centre of the circle {1}{2}{3}"),
        parts=_centred(1),
    ),
    Predicate(
        "simtri",
        "compound",
        6,
        "triangles abc and pqr are similar, in either orientation",
        AG1,
        worded("△{0}{1}{2} ∼ △{3}{4}{5}"),
        parts=_ratios,
    ),
    Predicate(
        "contri",
        "compound",
        6,
        "triangles abc and pqr are congruent, in either orientation",
        AG1,
        worded("△{0}{1}{2} ≅ △{3}{4}{5}"),
        parts=_sides,
    ),
    Predicate(
        "cyclic_with_center",
        "compound",
        (3, 1),
        "the points after the first lie on a circle about the first",
        AG2,
        lambda f: f"{', '.join(p.upper() for p in f.points[1:])} lie on a circle about {f.points[0].upper()}",
        parts=_centred(1),
    ),
    Predicate(
        "cyclic_with_centers",
        "compound",
        (3, 1),
        "the points after the first v lie on a circle about each of the first v",
        AG2,
        lambda f: (
            f"{', '.join(p.upper() for p in f.points[int(f.values[0]) :])} lie on a circle about "
            f"{', '.join(p.upper() for p in f.points[: int(f.values[0])])}"
        ),
        values=1,
        parts=_centred(None),
    ),
    Predicate(
        "acompute",
        "question",
        4,
        "which directed angle is it from cd to ab, in degrees?",
        AG2,
        lambda f: f"{angle(*f.points)} = ?",
    ),
    Predicate("rcompute", "question", 4, "what is |ab| / |cd|?", AG2, worded("{0}{1}/{2}{3} = ?")),
)
