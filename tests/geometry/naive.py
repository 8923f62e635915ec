"""A second checker, written apart from the kernel and as plainly as can be: it says what is wrong with a proof.

It knows no rules. A step is wrong if its equations do not add up; or if there is a figure on which the steps that it
cites and its own guards hold, and its conclusion does not: a figure of the problem, or any figure of these facts,
found by Newton's method. What it says is wrong, is wrong; what it does not refute may be wrong all the same.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from zlib import crc32

import numpy as np
from tests.geometry.sweep import Figure, figures

from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import PREDICATES, expand, holds
from maieutic.geometry.trusted.records import Deduction, Fact, Problem, Proof

SEEDS = (101, 102, 103)
"""The seeds of the figures of a problem."""

Sum = tuple[str, frozenset[tuple[object, Fraction]], Fraction]
"""A table, coefficients of unknowns, and a constant: added in `direction`, a factor in `log`."""


def read(fact: Fact) -> list[Sum]:
    """The equations of a fact, in the order of predicates.py, but from scratch."""
    p, v = fact.points, fact.values
    match fact.predicate:
        case "coll":
            a, b, c = sorted(p)
            return [angle(f"+{a}{_}{b} -{a}{_}{c}"), angle(f"+{a}{_}{b} -{b}{_}{c}"), angle(f"+{a}{_}{c} -{b}{_}{c}")]
        case "cyclic":
            a, b, c, d = sorted(p)
            first, second, third = (f"{a}{_}{b} {c}{_}{d}", f"{a}{_}{c} {b}{_}{d}", f"{a}{_}{d} {b}{_}{c}")
            pairs = ((first, second), (first, third), (second, third))
            return [
                angle(" ".join(sign + s for sign, t in zip("+-", pair, strict=True) for s in t.split()))
                for pair in pairs
            ]
        case "para":
            return [collect("direction", [(1, p[0], p[1]), (-1, p[2], p[3])], Fraction(0))]
        case "perp":
            squares = [(1, p[0], p[2]), (-1, p[0], p[3]), (-1, p[1], p[2]), (1, p[1], p[3])]
            return [
                collect("direction", [(1, p[0], p[1]), (-1, p[2], p[3])], Fraction(1, 2)),
                collect("square", squares, Fraction(0)),
            ]
        case "aconst":
            return [collect("direction", [(1, p[0], p[1]), (-1, p[2], p[3])], -v[0] / 180)]
        case "eqangle" | "eqratio":
            table = "direction" if fact.predicate == "eqangle" else "log"
            terms = [(sign, p[2 * i], p[2 * i + 1]) for i, sign in enumerate((1, -1, -1, 1))]
            return [collect(table, terms, Fraction(table == "log"))]
        case "cong" | "rconst":
            r = v[0] if v else Fraction(1)
            return [
                collect("log", [(1, p[0], p[1]), (-1, p[2], p[3])], 1 / r),
                collect("length", [(1, p[0], p[1]), (-r, p[2], p[3])], Fraction(0)),
                collect("square", [(1, p[0], p[1]), (-r * r, p[2], p[3])], Fraction(0)),
            ]
        case "angeq":
            return [collect("direction", weighted(fact), v[-1] / 180)]
        case "distmeq":
            return [collect("log", weighted(fact), v[-1])]
        case "distseq":
            return [collect("length", weighted(fact), Fraction(0))]
        case "distsqeq":
            return [collect("square", weighted(fact), Fraction(0))]
        case "overlap":
            return [collect(table, [(1, p[0], p[1])], Fraction(0)) for table in ("length", "square")]
        case "sinesq":
            return [("log", frozenset({(sine(*p), Fraction(2))}), 1 / v[0])]
        case "eqsine":
            return [total("log", [(1, sine(*p[:3])), (-1, sine(*p[3:]))], Fraction(1))]
        case "sinelaw":
            a, b, c = p
            sides = [(1, frozenset((b, c))), (-1, frozenset((c, a)))]
            return [total("log", [*sides, (-1, sine(a, b, c)), (1, sine(b, a, c))], Fraction(1))]
    return []


_ = "\0"  # between the points of a segment in the short form of `angle`


def angle(text: str) -> Sum:
    """`+a b -c d`, where a sign holds until the next one."""
    sign, terms = 1, []
    for word in text.split():
        if word[0] in "+-":
            sign, word = (1 if word[0] == "+" else -1), word[1:]
        a, b = word.split(_)
        terms.append((sign, a, b))
    return collect("direction", terms, Fraction(0))


def weighted(fact: Fact) -> list[tuple[Fraction, str, str]]:
    return [(v, fact.points[2 * i], fact.points[2 * i + 1]) for i, v in enumerate(fact.values[: len(fact.points) // 2])]


def sine(o: str, a: str, b: str) -> object:
    return (o, frozenset((a, b)))


def collect(table: str, terms: list[tuple[int | Fraction, str, str]], constant: Fraction) -> Sum:
    return total(table, [(c, frozenset((a, b))) for c, a, b in terms if table != "square" or a != b], constant)


def total(table: str, terms: list[tuple[int | Fraction, object]], constant: Fraction) -> Sum:
    sums: dict[object, Fraction] = {}
    for coefficient, unknown in terms:
        sums[unknown] = sums.get(unknown, Fraction(0)) + coefficient
    return table, frozenset((u, c) for u, c in sums.items() if c), constant % 1 if table == "direction" else constant


def adds_up(step: Deduction, cited: list[Fact]) -> bool:
    """Whether `multiple` times some equation of the conclusion is the weighted sum of the chosen ones."""
    if step.multiple < 1 or not len(cited) == len(step.equations) == len(step.weights):
        return False
    chosen = [read(fact)[k] for fact, k in zip(cited, step.equations, strict=True) if 0 <= k < len(read(fact))]
    if len(chosen) < len(cited) or any(table != step.table for table, _, _ in chosen):
        return False
    terms = [(w * c, u) for w, (_, sums, _) in zip(step.weights, chosen, strict=True) for u, c in sums]
    if step.table == "log":
        constant = Fraction(1)
        for w, (_, _, factor) in zip(step.weights, chosen, strict=True):
            constant *= factor**w
    else:
        constant = sum((w * c for w, (_, _, c) in zip(step.weights, chosen, strict=True)), Fraction(0))
    for table, sums, claimed in read(step.conclusion):
        times = claimed**step.multiple if table == "log" else claimed * step.multiple
        if table == step.table and total(table, terms, constant) == total(
            table, [(step.multiple * c, u) for u, c in sums], times
        ):
            return True
    return False


# --- refutation ------------------------------------------------------------------------------------------------------


def true(fact: Fact, figure: Figure, tolerance: float) -> bool:
    try:
        return all(holds(f, figure, tolerance) for f in (fact, *PREDICATES[fact.predicate].guards(fact)))
    except (ValueError, ZeroDivisionError):
        return False


@cache
def drawn(problem: Problem) -> tuple[Figure, ...]:
    return tuple(dict(draw(problem, seed, prefer_goals=False).points) for seed in SEEDS)


def refuted(step: Deduction, cited: list[Fact], problem: Problem, attempts: int) -> bool:
    """Whether on some figure the cited facts and the guards hold, and the conclusion does not."""
    for figure in (*drawn(problem), *any_figures(step, cited, attempts)):
        if all(true(f, figure, 1e-7) for f in (*cited, *step.guards)) and not true(step.conclusion, figure, 1e-4):
            return True
    return False


def any_figures(step: Deduction, cited: list[Fact], attempts: int) -> Iterator[Figure]:
    points = tuple(dict.fromkeys(p for f in (*cited, *step.guards, step.conclusion) for p in f.points))
    one = tuple(p for f in (*cited, step.conclusion) if f.predicate == "overlap" for p in f.points)
    rng = np.random.default_rng(crc32(str((step.conclusion, cited)).encode()))
    solvable = [fact for fact in dict.fromkeys(cited) if any(sums for _, sums, _ in read(fact))]
    yield from figures(solvable, points, rng, attempts, one)


def wrong(proof: Proof, attempts: int = 20) -> str | None:
    """What is wrong with a proof, if that is seen."""
    given = [simple for fact in hypotheses(proof.problem) for simple in expand(fact)]
    for index, step in enumerate(proof.deductions):
        if any(not 0 <= p < index for p in step.premises):
            return f"step {index} cites what is not before it"
        cited = [proof.deductions[p].conclusion for p in step.premises]
        if step.rule == "hypothesis" and not any(say_the_same(step.conclusion, fact) for fact in given):
            return f"step {index} is no hypothesis"
        if step.rule == "linear" and not adds_up(step, cited):
            return f"step {index} does not add up"
        if step.rule != "hypothesis" and refuted(step, cited, proof.problem, attempts):
            return f"step {index} is refuted on a figure"
    for goal in (simple for fact in proof.problem.goals for simple in expand(fact)):
        if read(goal) and not any(say_the_same(step.conclusion, goal) for step in proof.deductions):
            return f"the goal {goal} is not concluded"
    return None


def say_the_same(fact: Fact, other: Fact) -> bool:
    if fact == other:
        return True
    if "cyclic" in (fact.predicate, other.predicate) and fact.predicate != other.predicate:
        return False
    return any(same(s, t) for s in read(fact)[:1] for t in read(other)[:1])


def same(s: Sum, t: Sum) -> bool:
    """Whether one is a multiple of the other; of directions, only itself or its negative."""
    (table, sums, constant), (other_table, others, other_constant) = s, t
    first, second = dict(sums), dict(others)
    if table != other_table or first.keys() != second.keys():
        return False
    if table == "direction":
        negative = {u: -c for u, c in first.items()}
        return (first, constant) == (second, other_constant) or (negative, -constant % 1) == (second, other_constant)
    ratios = {second[u] / first[u] for u in first} or {Fraction(1)}
    if len(ratios) > 1:
        return False
    (ratio,) = ratios
    if table == "log":
        return bool(constant**ratio.numerator == other_constant**ratio.denominator)
    return constant * ratio == other_constant
