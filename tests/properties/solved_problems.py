"""Random problems with goals: half of them constructed, half of them solved, in the style of AlphaGeometry2's files.

A solved problem says of its points what holds, and not how they are found. It grows by a point at a time, of which one
fact or two are said, each a line or a circle to it; many of the pairs have a meet that is known already, so that on one
branch two points are one. Now and then all that is said stands in the last clause, a fact is said that follows from the
others, or a clause is constructed.

Goals are what the engine's closure proves on a figure; those come first that are false on another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from random import Random
from string import ascii_lowercase

from tests.geometry.judging import EVERYTHING, Figure, drawn, facts_of
from tests.geometry.random_problems import _clause as random_clause
from tests.geometry.random_problems import random_problem

from maieutic.core.errors import DiagramError, ProblemError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.trusted.building import figure_order
from maieutic.geometry.trusted.certify import NoFigureError, certified
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.hints.branches import branches
from maieutic.geometry.trusted.parts import Order
from maieutic.geometry.trusted.predicates import PREDICATES, apart, defined, equations, expand, holds, residual
from maieutic.geometry.trusted.quantities import NoMeetError
from maieutic.geometry.trusted.records import Diagram, Fact, Problem
from maieutic.geometry.trusted.stated import Known, is_made, stated

BASES = {
    "a b c = triangle": 6, "a b c = ": 4, "a b = segment": 2, "a = ; b = ; c = ": 3, "a b c d = quadrangle": 1,
    "a b c = ; d = ": 2, "a b = ; o = cong o a o b": 2, "a b c = ; o = cong o a o b, cong o b o c": 4,
    "a b c = cong a b a c": 1, "a b c = perp a b a c": 1, "a b c d = cong a b c d, cong a d b c": 1,
    "a b = ; c = cong c a a b, cong c b a b": 1, "a b c = triangle; o = circumcenter a b c": 2,
    "a b c d = cyclic a b c d": 1, "o a b c = cong o a o b, cong o a o c": 2,
}  # fmt: skip
"""Beginnings. Letters are names here, and everywhere below places that points take."""

LOCI = {
    "coll x a b": 6, "para x a b c": 2, "perp x a b c": 3, "cong x a x b": 2, "cong x a a b": 4, "cong x a b c": 2,
    "cyclic x a b c": 3, "perp x a x b": 2, "eqangle a b a x a x a c": 2, "eqangle x a x b c a c b": 1,
    "eqangle a x a b c d c e": 1, "aconst x a a b V": 1, "aconst x a x b V": 1, "rconst x a b c R": 1,
    "rconst x a x b R": 1, "eqratio x a b c d e f g": 0.3, "eqratio x a x b c d c e": 0.5, "rsqconst x a a b R": 0.3,
    "angeq x a b c d e 1 1 -2 V": 0.2, "angeq x a b c d e 2 -1 -1 0": 0.3, "distsqeq x a x b a b 1 1 -2": 0.1,
    "distmeq x a x b a c 1 -2 1 R": 0.05, "distseq x a x b c d 1 1 -1": 0.05, "eqangle x a x b x b x c": 0.05,
}  # fmt: skip
"""What may be said of a new point x, and how often: lines and circles, and a few curves that must be solved for."""

TOGETHER = {
    "midp x a b": 3, "midp a x b": 1, "circle x a b c": 2, "coll x a b, cong x a x b": 1, "simtri x a b c d e": 0.3,
    "coll x a b, cong x o o a": 5, "cong x o o a, cong x p p a": 4, "coll x a b, cong x a a c": 2,
    "coll x a b, cong x b c d": 2, "eqangle a b a x a x a c, coll x b c": 3,
    "eqangle a b a x a x a c, eqangle b a b x b x b c": 2, "cyclic x a b c, coll x a d": 3,
    "cyclic x a b c, coll x d e": 1, "cyclic x a b c, cyclic x a d e": 1, "para x a b c, cong x a b c": 2,
    "rconst x a x b R, coll x a b": 1, "cong x a a b, cong x b a b": 2, "perp x a a b, cong x a a b": 2,
    "cong x a b c, cong x b a c": 2, "perp x o x p, cong x o o a": 2, "cyclic x a b c, cong x b x c": 2,
    "cyclic x a b c, eqangle a b a x a x a c": 2, "coll x a b, perp x c a b": 3, "coll x a b, coll x c d": 4,
    "eqangle a b a x a x a c, cong x b x c": 2, "cong x a a b, coll x b c": 2,
    "rconst x a a b R, coll x a b": 1, "cong x o o a, para x a b c": 2, "perp x a b c, perp x b a c": 1,
    "eqangle x a x b c a c b, coll x c d": 1, "perp x a x b, coll x a c": 2, "aconst x a a b V, cong x a a b": 1,
    "eqangle a b a x a x a c, cong a x a b": 1, "cong x a a b, cong x c c b": 3, "para x a b c, para x b a c": 1,
}  # fmt: skip
"""Pairs of facts that go together, many with a meet that is known."""

ANGLES = (30, 45, 60, 60, 90, 120, 135, 150)
RATIOS = ("2", "1/2", "3", "2", "3/2")
"""The numbers that stand for V and R."""

GROWING = 700_000
"""The seeds of the figures with which a problem grows and its goals are chosen, from here on."""


@dataclass(frozen=True)
class Sample:
    """A random problem without goals, whether its points are solved for, and figures of it."""

    number: int
    problem: Problem
    solved: bool


def sample(number: int) -> Sample:
    """One of a row of random problems: those with odd numbers are solved."""
    rng = Random(number)
    while True:
        size = 4 + rng.randrange(6) if number % 2 else 5 + number // 2 % 8
        problem = (solved_problem if number % 2 else random_problem)(rng, size)
        if goal_free(problem, [GROWING]):
            return Sample(number, problem, not all(map(is_made, problem.clauses)))


def goal_free(problem: Problem, seeds: Iterable[int], each: int = 4) -> list[Figure]:
    """Branches of a problem that know no goal: a few of every choice of what is free, by chance."""
    bare = replace(problem, goals=(), coordinates=())
    order = _order_of(bare)
    found: list[Figure] = []
    for seed in seeds:
        figures = branches(bare, order, seed).figures
        found += figures if len(figures) <= each else Random(seed).sample(figures, each)
    return found


@lru_cache(maxsize=256)
def _order_of(problem: Problem) -> Order:
    """How a problem's figures are built; where facts are said that follow from others, a figure tells which."""
    order = figure_order(problem)
    if any(part.is_block and len(part.points) > 1 for part in order.parts):
        with suppress(DiagramError):
            return figure_order(problem, draw(problem, 0, time_limit=1.0, prefer_goals=False).points)
    return order


# --- solved problems -------------------------------------------------------------------------------------------------


def solved_problem(rng: Random, points: int) -> Problem:
    """A problem without goals in which some clause is solved; it has figures."""
    while True:
        problem = _grown(rng, points)
        if rng.random() < 0.1:
            problem = _with_more(problem, rng)
        if rng.random() < 0.35:
            problem = _in_one_clause(problem)
        problem = _renamed(problem, rng)
        if len(problem.points) > 3 and not all(map(is_made, problem.clauses)) and _is_drawn(problem):
            return problem


def _grown(rng: Random, points: int) -> Problem:
    problem = parse_problem(_weighted(BASES, rng))
    for _ in range(4 * points):
        if len(problem.points) >= points or any(part.is_block for part in figure_order(problem).parts):
            break  # a block takes long where what comes after it cannot be drawn
        longer = _longer(problem, rng)
        if longer is not None and goal_free(longer, [GROWING + len(longer.points)], 1):
            problem = longer
    return problem


def _longer(problem: Problem, rng: Random) -> Problem | None:
    """The problem with a clause more; None where what is said means nothing, or too many points are new."""
    if rng.random() < 0.15:
        clause = str(random_clause(rng, problem.points, 1))
    else:
        new = next(name for name in ascii_lowercase if name not in problem.points)
        said = [_weighted(TOGETHER, rng)] if rng.random() < 0.65 else _some_loci(rng)
        clause = f"{new} = {', '.join(_filled(each, new, problem.points, rng) for each in said)}"
    try:
        return parse_problem(f"{print_problem(problem)}; {clause}")
    except ProblemError:
        return None


def _some_loci(rng: Random) -> list[str]:
    return [_weighted(LOCI, rng) for _ in range(1 if rng.random() < 0.3 else 2)]


def _filled(text: str, new: str, known: Sequence[str], rng: Random) -> str:
    """Facts with points for letters: different ones, if there are enough, and the later ones more often."""
    weights = [1 + i / len(known) for i in range(len(known))]
    taken: dict[str, str] = {"x": new}

    def fill(word: str) -> str:
        if word in "VR":
            return str(rng.choice(ANGLES)) if word == "V" else rng.choice(RATIOS)
        if len(word) > 1 or not word.isalpha():
            return word
        while word not in taken:
            point = rng.choices(known, weights)[0]
            if point not in taken.values() or len(taken) > len(known) or rng.random() < 0.1:
                taken[word] = point
        return taken[word]

    facts = ([fill(word) if i else word for i, word in enumerate(fact.split())] for fact in text.split(","))
    return ", ".join(" ".join(words) for words in facts)


def _weighted(texts: Mapping[str, float], rng: Random) -> str:
    return rng.choices(list(texts), list(texts.values()))[0]


def _with_more(problem: Problem, rng: Random) -> Problem:
    """The problem with a fact more in its last clause, which it proves, for some figures at least."""
    try:
        found = nontrivial(problem, goals_of(problem, draw(problem, rng.randrange(5)), rng))
    except DiagramError:
        return problem
    names = set(problem.clauses[-1].points)
    about = [fact for fact in found if names & set(fact.points)]
    if not about:
        return problem
    return parse_problem(f"{print_problem(problem)}, {rng.choice(about)}")


def _in_one_clause(problem: Problem) -> Problem:
    """The same facts, all in the last clause, where AlphaGeometry2's files have them; constructions stay."""
    facts = [str(fact) for clause in problem.clauses if not is_made(clause) for fact in clause.constructions]
    if not facts or is_made(problem.clauses[-1]):
        return problem
    texts = [str(clause) if is_made(clause) else f"{' '.join(clause.points)} = " for clause in problem.clauses[:-1]]
    try:
        return parse_problem("; ".join((*texts, f"{' '.join(problem.clauses[-1].points)} = {', '.join(facts)}")))
    except ProblemError:
        return problem


def _renamed(problem: Problem, rng: Random) -> Problem:
    names = dict(zip(problem.points, rng.sample(ascii_lowercase, len(problem.points)), strict=True))

    def renamed(text: str) -> str:
        return " ".join(names.get(word, word) for word in text.split(" "))

    clauses = (
        f"{renamed(' '.join(clause.points))} = "
        + ", ".join(
            f"{each.name} {renamed(' '.join(map(str, (*each.args, *each.values))))}" for each in clause.constructions
        )
        for clause in problem.clauses
    )
    return parse_problem("; ".join(clauses))


def _is_drawn(problem: Problem) -> bool:
    try:
        draw(problem, 0, time_limit=1.0)
    except DiagramError:
        return False
    return True


# --- goals -----------------------------------------------------------------------------------------------------------


def goals_of(problem: Problem, diagram: Diagram, rng: Random) -> list[Fact]:
    """Facts that the closure proves on a figure; none where it is so large that its numbers are no ratios."""
    try:
        return facts_of(close(problem, diagram, EVERYTHING), rng, 60)
    except ValueError:
        return []


def nontrivial(problem: Problem, facts: Sequence[Fact]) -> list[Fact]:
    """Without those that only add up the hypotheses, or say nothing."""
    known = Known(part for fact in hypotheses(problem) for part in expand(fact))
    return [
        fact
        for fact in facts
        if not all(known.follows(part) for part in expand(fact)) and all(map(equations, expand(fact)))
    ]


def chosen_goals(problem: Problem, diagram: Diagram, figures: Sequence[Figure], rng: Random, most: int) -> list[Fact]:
    """A few facts that the closure proves, none of them plain: those first that are false on some figure."""
    proved = goals_of(problem, diagram, rng)
    found = nontrivial(problem, proved) or proved
    orders = [_order(fact, diagram.points, rng) for fact in proved if fact.predicate == "coll"]
    rng.shuffle(found)
    found = (orders if rng.random() < 0.2 else []) + found
    by_branch = [fact for fact in found if not all(shown(fact, at) for at in figures)]
    if rng.random() < 0.3:
        by_branch = []
    return (by_branch[: max(1, most - 1)] + [fact for fact in found if fact not in by_branch])[:most]


def _order(line: Fact, at: Figure, rng: Random) -> Fact:
    """Of three points on a line, which is between the others: a sum of lengths."""
    a, b, c = rng.sample(line.points, 3)
    lengths = [abs(at[p] - at[q]) for p, q in ((a, b), (b, c), (a, c))]
    signs = (Fraction(-1 if length == max(lengths) else 1) for length in lengths)
    return Fact("distseq", (a, b, b, c, a, c), tuple(signs))


def fits(problem: Problem, at: Figure) -> bool:
    """Whether all hypotheses hold on a figure, and all that is stated does."""
    return all(shown(fact, at) for fact in (*hypotheses(problem), *stated(problem)))


# --- goals that contradict one another -------------------------------------------------------------------------------


def contradictions(goal: Fact, problem: Problem, figures: Sequence[Figure], rng: Random, most: int) -> list[Fact]:
    """Goals that are false wherever a goal is true, as far as figures show: those first that are true on some."""
    found = [other for other in dict.fromkeys(_against(goal, problem, rng)) if _means_something(other)]
    found = [other for other in found if not any(shown(goal, at) and shown(other, at) for at in figures)]
    rng.shuffle(found)
    possible = [other for other in found if any(shown(other, at) for at in figures)]
    return (possible + [other for other in found[: rng.random() < 0.05] if other not in possible])[:most]


def _against(goal: Fact, problem: Problem, rng: Random) -> Iterator[Fact]:
    """The goal with another value, another order, or another point."""
    points, values = goal.points, goal.values
    match goal.predicate:
        case "cong" | "rconst" | "rsqconst":
            old = values[0] if values else Fraction(1)
            for value in (old + 1, 1 / (old + 1), 2 * old, old / 2, 1 / old, Fraction(3)):
                if value != old:
                    yield Fact(goal.predicate if values else "rconst", points, (value,))
        case "para" | "perp" | "aconst":
            old = values[0] if values else Fraction(90 * (goal.predicate == "perp"))
            for value in {(old + turn) % 180 for turn in ANGLES} | {-old % 180}:
                if value != old % 180:
                    yield Fact("aconst", points, (value,))
            yield Fact("para" if old % 180 else "perp", points)
        case "eqangle":
            pairs = [points[i : i + 2] for i in (0, 2, 4, 6)]
            for value in (90, 60, 120):
                yield Fact("angeq", sum(pairs, ()), (*map(Fraction, (1, -1, -1, 1)), Fraction(value)))
            a, b, c, d = pairs
            yield Fact("eqangle", (*a, *b, *d, *c))
        case "eqratio":
            yield Fact("distmeq", points, (*map(Fraction, (1, -1, -1, 1)), Fraction(2)))
            yield Fact("eqratio", points[:4] + points[6:] + points[4:6])
        case "distseq":
            for signs in ((1, 1, -1), (1, -1, 1), (-1, 1, 1)):
                yield Fact("distseq", points, tuple(map(Fraction, signs)))
        case "coll":
            a, b, c = points[:3]
            yield from (Fact("aconst", (a, b, b, c), (Fraction(value),)) for value in (30, 60, 90, 120, 150))
        case "midp":
            yield Fact("rconst", (points[0], points[1], points[0], points[2]), (Fraction(2),))
            yield Fact("midp", (points[1], points[0], points[2]))
        case "simtri" | "contri":
            yield Fact(goal.predicate, (*points[:3], points[4], points[5], points[3]))
            yield Fact(goal.predicate, (*points[:3], points[3], points[5], points[4]))
    for _ in range(12):
        index = rng.randrange(len(points))
        yield Fact(goal.predicate, (*points[:index], rng.choice(problem.points), *points[index + 1 :]), values)


def _means_something(fact: Fact) -> bool:
    try:
        return all(equation.terms for part in expand(fact) for equation in equations(part))
    except (ValueError, ZeroDivisionError):
        return False


# --- what a verdict is worth on figures that know no goal ------------------------------------------------------------

SEEDS = 40_000
"""The seeds of figures on which verdicts are judged, from here on: none that the kernel or the prover draws."""


def known_of_no_goal(problem: Problem, most: int = 20) -> list[Figure]:
    """Figures that know no goal: branches of several choices, and a quarter that is drawn another way."""
    bare = replace(problem, goals=(), coordinates=())
    others = [at for at in islice(drawn(bare, range(SEEDS, SEEDS + 2 * most)), most // 4) if fits(bare, at)]
    found: list[Figure] = []
    for seed in range(SEEDS, SEEDS + most):
        found += goal_free(bare, [seed])
        if len(found) >= most - len(others):
            break
    return found[: most - len(others)] + others


def judged(problem: Problem, goals: Sequence[Fact], assumed: Iterable[Fact], at: Figure) -> str:
    """Whether goals hold on a figure, or what is assumed does not: "holds", "elsewhere", "wrong" or "borderline".

    What floats show to be wrong is looked at in balls: if these decide nothing, or there is no such figure exactly,
    it is on the border.
    """
    conditions = tuple(assumed)
    if not all(shown(fact, at) for fact in conditions):
        return "elsewhere"
    if all(shown(goal, at) for goal in goals):
        return "holds"
    try:
        exact = certified(problem, at, conditions).at
        return "wrong" if any(_is_false(part, exact) for goal in goals for part in expand(goal)) else "borderline"
    except (NoFigureError, NoMeetError):
        return "borderline"


def _is_false(goal: Fact, exact: Figure) -> bool:
    """Whether a goal is certainly false on an exact figure: its points are there, and its numbers differ."""
    predicate = PREDICATES[goal.predicate]
    if predicate.kind == "numeric":
        return not holds(goal, exact)
    said = [equation for equation in equations(goal) if defined(equation, exact)]
    return not said or any(not residual(equation, exact).contains(0) for equation in said)


def shown(fact: Fact, at: Figure) -> bool:
    """Whether a fact is true on a figure in floats; a strict one only where its points are apart."""
    try:
        needed = PREDICATES[fact.predicate].pairs(fact.points)
        return all(p in at for p in fact.points) and all(apart(at, a, b) for a, b in needed) and holds(fact, at)
    except (ValueError, ArithmeticError):
        return False
