"""The language, told from its tables: what each construction and predicate is written as, means, needs and gives."""

from __future__ import annotations

from collections.abc import Iterator

from maieutic.core.errors import InputError, nearest
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct
from maieutic.geometry.trusted.predicates import PREDICATES, Predicate

LETTERS = "abcdefghijklmn"

FREE = {
    1: "{0} = free {0}",
    2: "{0} {1} = segment {0} {1}",
    3: "{0} {1} {2} = triangle {0} {1} {2}",
    4: "{0} {1} {2} {3} = quadrangle {0} {1} {2} {3}",
    5: "{0} {1} {2} {3} {4} = pentagon {0} {1} {2} {3} {4}",
}
"""Clauses that place so many points freely."""

EXAMPLES = {
    "2l1c": "a b c = triangle a b c; o = circumcenter o a b c; x y z i = 2l1c x y z i a b c o",
    "e5128": "b a c = r_triangle b a c; d = on_circle d c b; x y = e5128 x y a b c d",
    "angeq": "a b c d = quadrangle a b c d ? angeq a b c d 1 -1 0",
    "distmeq": "a b c d = isquare a b c d ? distmeq a b c d 1 -1 1",
    "distseq": "a b c d = isquare a b c d ? distseq a b c d 1 -1",
    "distsqeq": "a b c = r_triangle a b c ? distsqeq b c a b a c 1 -1 -1",
    "prodseq": "a b c d = isquare a b c d ? prodseq a b c d b c d a 1 -1",
    "overlap": "a b = segment a b; c = midpoint c a b; d = midpoint d a b ? overlap c d",
    "cyclic_with_centers": "a b c = triangle a b c; o = circumcenter o a b c ? cyclic_with_centers o a b c 1",
    "acompute": "a b c = ieq_triangle a b c ? acompute a b a c",
    "rcompute": "a b c = ieq_triangle a b c ? rcompute a b a c",
    "odd_inside": "a b c = triangle a b c; d = midpoint d b c; e = midpoint e c a; f = midpoint f a b, "
    "odd_inside a b c d e f",
    "even_inside": "a b c = triangle a b c; d = mirror d b c; e = midpoint e c a; f = midpoint f a b, "
    "even_inside a b c d e f",
}
"""Examples of what cannot simply be asserted of freely placed points."""

OF_PROOFS = frozenset(("sinesq", "sinelaw", "eqsine"))
"""Predicates that no problem writes: steps of a proof do."""

NUMBERS = {"aconst": "40", "rconst": "3/2", "rsqconst": "2"}
DEGREES = "40"


def listing() -> str:
    """All constructions and predicates, a line each."""
    constructions = [(row.signature, row.meaning) for row in CONSTRUCTIONS.values()]
    predicates = [(written(row), row.meaning) for row in PREDICATES.values()]
    width = max(len(text) for text, _ in (*constructions, *predicates))
    lines = ["Constructions, as in `x = midpoint x a b`:", ""]
    lines += [f"  {text:<{width}}  {meaning}" for text, meaning in constructions]
    lines += ["", "Predicates, for goals after '?', and for points that are where they hold:", ""]
    lines += [f"  {text:<{width}}  {meaning}" for text, meaning in predicates]
    return "\n".join([*lines, "", "maieutic language NAME tells more of one."])


def sheet(name: str) -> str:
    """One construction or predicate. Raises InputError for a name that is neither's."""
    rows = [*_construction(CONSTRUCTIONS[name])] if name in CONSTRUCTIONS else []
    if name in PREDICATES:
        rows += [*([""] if rows else []), *_predicate(PREDICATES[name])]
    if not rows:
        known = (*CONSTRUCTIONS, *PREDICATES)
        near = nearest(name, known)
        hint = f"did you mean {near!r}?" if near else "'maieutic language' lists them"
        raise InputError(f"no construction or predicate {name!r}", hint=hint)
    return "\n".join(rows)


def _construction(row: Construct) -> Iterator[str]:
    yield f"{row.signature}    a construction of {', '.join(row.new)}"
    yield f"  {row.meaning}"
    for title, facts in (("needs", row.needs), ("gives", row.gives), ("and is so that", row.says)):
        if facts:
            yield f"  {title}: {', '.join(' '.join((f.predicate, *f.points, *map(str, f.values))) for f in facts)}"
    yield f"  source: {row.source}"
    yield f"  example: {example(row.name)}"


def _predicate(row: Predicate) -> Iterator[str]:
    kinds = {
        "equational": "a statement",
        "compound": "a statement of several parts",
        "numeric": "a condition, which figures keep and proofs assume",
        "question": "a question, for goals",
    }
    yield f"{written(row)}    {kinds[row.kind]}"
    yield f"  {row.meaning}"
    yield f"  source: {row.source}"
    shown = example(row.name)
    yield f"  example: {shown}" if shown else "  only steps of a proof say it"


def written(row: Predicate) -> str:
    """How a predicate is written, with letters for its points and `v` for its numbers."""
    least, more = (row.points, "") if isinstance(row.points, int) else (row.points[0], " ...")
    numbers = "" if row.values == 0 else " v" if row.values == 1 else " v ..."
    return f"{row.name} {' '.join(LETTERS[:least])}{more}{numbers}"


def example(name: str) -> str:
    """A problem that uses a construction, or a predicate; "" for what only proofs say."""
    if name in OF_PROOFS:
        return ""
    if name in EXAMPLES:
        return EXAMPLES[name]
    if name in CONSTRUCTIONS:
        row = CONSTRUCTIONS[name]
        made = " ".join((row.name, *row.letters, *(DEGREES for _ in row.numbers)))
        return "; ".join([*_placed(row.old), f"{' '.join(row.new)} = {made}"])
    predicate = PREDICATES[name]
    points = LETTERS[: predicate.points if isinstance(predicate.points, int) else predicate.points[0]]
    said = " ".join((name, *points, *([NUMBERS[name]] if name in NUMBERS else [])))
    return "; ".join([*_placed(tuple(points[:-1])), f"{points[-1]} = {said}"])


def _placed(points: tuple[str, ...]) -> Iterator[str]:
    left = points
    while left:
        count = 3 if len(left) == 6 else min(len(left), 5)
        yield FREE[count].format(*left[:count])
        left = left[count:]
