"""Every rule is an exact theorem, degenerate figures included: points that coincide, triangles that are flat.

All that the kernel knows of a premise is that it is true where it says something: of its alternative equations, those
are true that are defined, and there may be none. A direction or logarithm is defined where its two points are in
different places, a sine where its triangle is not flat, and `cyclic` is false of points on one line. Beside, a rule may
assume its guards, its readings, and that the pairs of points in `apart` are in different places. Then its conclusions
must be true, and say something: on every figure, which is tried on small grids, exactly, with points that are one by
place and points that are one by name.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from zlib import crc32

import numpy as np
import pytest
from tests.conftest import scale
from tests.geometry.exact_grid import NUMERIC, Figures, Grid, figures

from maieutic.geometry.trusted.predicates import PREDICATES, Equation, equations, holds
from maieutic.geometry.trusted.records import Fact
from maieutic.geometry.trusted.rules import RULES, Rule

# fmt: off
AUDIT = {
    # For each rule, why it is true where points coincide, with its pairs of points apart.
    "segment_sum": "b between a and c: all differ, and lengths are always defined",
    "segment_sum_converse": "a = c makes all three one place, which is on no line in particular; a = b may be",
    "midpoint": "a and b differ, so m is neither",
    "thales": "a = b with d = e, or b = c with e = f, leave 0 : 0; b = e, where the lines cross, is on no parallel",
    "thales_converse": "c = f, where the lines cross, is on no parallel; a = b or b = e leave a premise nothing to say",
    "isosceles": "a and b differ; then o is neither, as oa = ob",
    "isosceles_converse": "oab is no line",
    "bisector": "the difference of two equations between squares; holds for o = p and a = b too",
    "bisector_converse": "as bisector",
    "similar_aa": "of p = q = r nothing would be said; p and q differ, abc is no line, so pqr is none",
    "similar_aa_opposite": "as similar_aa",
    "similar_sas": "neither triangle is flat, as they have an orientation",
    "similar_sas_opposite": "as similar_sas",
    "similar_sss": "as similar_sas",
    "similar_sss_opposite": "as similar_sas",
    "similar_ssa": "as similar_sas",
    "similar_ssa_opposite": "as similar_sas",
    "circle": "two places are on many circles; three at one distance from o are on no line; d may be one of them",
    "circle_radius": "the circle is that of a, b, c, and o its centre",
    "circle_centre": "three places at least, as ab and cd are not parallel; o is on both bisectors",
    "tangent_chord": "abc is no line, so o is none of a, b, c",
    "tangent_chord_converse": "a, b, c differ; were o in a, it would be b too",
    "trapezoid": "a = b is a chord without a direction; were another pair one, all would be on a line",
    "trapezoid_legs": "a = b and c = d are chords of length 0, with no direction",
    "arc_midpoint": "b, m, c are on no line; were a one of them, b or c, ab and ac would be 0 and bc, or m: mb = mc",
    "sines": "of p = q = r nothing would be said; p and q differ, abc is no line, so pqr is none",
    "sines_converse": "p = r leaves the premises nothing to say",
    "sines_converse_same": "q = r leaves the premises nothing to say",
    "menelaus": "a line through a corner, or along a side, makes one of the three 0",
    "menelaus_converse": "d, e or f in a corner leaves the product nothing to say",
    "ceva": "p on a side line, or in a corner, makes one of the three 0; else d, e, f are no corners",
    "ceva_converse": "d, e or f in a corner leaves the product nothing to say; e = p leaves b, e, p no line",
    "median": "a and b differ, and m is the midpoint; p may be anywhere",
    "division": "b and e are between: all differ",
    "division_whole": "as division",
    "power": "the power is 0 where p is x or y, and then q is z or w; else none is 0",
    "power_converse": "if p is x or y, the order says that q is z or w: both powers are 0",
    "power_outside": "the power is not 0, so p is neither x nor y",
    "power_outside_converse": "p in x or y, or a in b, leaves the product nothing to say",
    "power_inside": "as power_outside",
    "power_inside_converse": "p is between x and y; a = b leaves the product nothing to say",
    "overlap_lines": "y = a would be on xb, y = b on xa",
    "overlap_circles": "circles xab and xac (one may be a line) meet in x and a, and y is not a",
    "overlap_chord": "a is on the line and the circle too, and y is not a",
    "overlap_line_circle": "y is x or the second meet, or a, which is the second meet then",
    "overlap_centres": "y is x or its mirror image",
    "overlap_common": "two circles have two places in common at most, and x and y are not a",
    "overlap_transfer": "else the line has no direction; the lengths are equal anyway",
    "sine_law": "abc is no line",
    "equal_sines": "p = c or p = d leaves the premise nothing to say; else pcd is no line, as oab is none",
    "equal_sines_converse": "neither oab nor pcd is a line",
    "sine_30": "o differs from a and b",
    "sine_45": "as sine_30",
    "sine_60": "as sine_30",
    "sine_90": "as sine_30",
    "sine_30_converse": "oab is no line",
    "sine_45_converse": "as sine_30_converse",
    "sine_60_converse": "as sine_30_converse",
    "sine_90_converse": "as sine_30_converse",
}
# fmt: on


def _square(size: int) -> list[tuple[int, int]]:
    return [(x, y) for x in range(size) for y in range(size)]


def _cevians() -> list[tuple[int, int]]:
    """A triangle, points with cevians in whole numbers, and where the lines through the feet meet the sides."""
    weights = [(x, 2 * y, 3 * z) for x in (1, 0) for y in (1, 0, -1) for z in (1, 0, -1)]
    return [(30 * y // (x + y + z), 20 * z // (x + y + z)) for x, y, z in weights if x + y + z]


GRIDS = {
    "three": Grid(_square(3)),
    "five": Grid(_square(5)),
    "triangles": Grid([(x, y) for x in range(-3, 4) for y in range(-2, 3) if (x + y) % 2 == 0], 3),
    "circle": Grid([p for p in _square(11) if (p[0] - 5) ** 2 + (p[1] - 5) ** 2 in (0, 25, 5)] + [(10, 10), (5, 10)]),
    "cevians": Grid(_cevians()),
}

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def rng_for(*seed: str) -> np.random.Generator:
    return np.random.default_rng(crc32(" ".join(seed).encode()))


# --- rules -----------------------------------------------------------------------------------------------------------


def instances(rule: Rule, rng: np.random.Generator, count: int) -> Iterator[Rule]:
    """The rule as it is, and with some of its points one by name, where every statement still means something."""
    yield rule
    seen = {rule.points}
    for _ in range(count):
        names = list(rule.points)
        for _ in range(rng.integers(1, 4)):
            a, b = rng.choice(len(names), 2, replace=False)
            names = [names[a] if name == names[b] else name for name in names]
        instance = rule.instance(tuple(names))
        if instance.points not in seen and meaningful(instance):
            yield instance
        seen.add(instance.points)


def meaningful(rule: Rule) -> bool:
    try:
        return all(equations(fact) for fact in (*rule.premises, *rule.conclusions))
    except ValueError:
        return False


def sweep(
    rule: Rule, rng: np.random.Generator, effort: float = 1.0, merged: int = 20
) -> Iterator[tuple[Rule, Grid, Figures]]:
    """Batches of figures on which all holds that an instance of the rule assumes."""
    for instance in instances(rule, rng, round(merged * effort)):
        if any(a == b for a, b in instance.apart):
            continue  # two names of one point are not apart: the rule is not for them
        given = [(Fact("diff", pair), False) for pair in instance.apart]
        given += [(fact, False) for fact in (*instance.guards, *instance.reads)]
        given += [(fact, True) for fact in instance.premises]
        whole = instance is rule
        for name in GRIDS if whole else ("three", "triangles"):
            width = round(effort * (1500 if whole else 150))
            points = tuple(dict.fromkeys(instance.points))
            at = figures(GRIDS[name], given, points, rng, width)
            if len(at[points[0]]):
                yield instance, GRIDS[name], at


def counterexample(batch: tuple[Rule, Grid, Figures]) -> dict[str, tuple[int, int]] | None:
    """A figure of a batch on which a conclusion is not said."""
    rule, grid, at = batch
    right = np.all([grid.holds(fact, at) for fact in rule.conclusions], axis=0)
    wrong = np.flatnonzero(~right)
    return {point: grid.places[column[wrong[0]]] for point, column in at.items()} if len(wrong) else None


def test_each_rule_is_audited():
    assert list(AUDIT) == list(RULES)
    for rule in RULES.values():
        assert len({frozenset(pair) for pair in rule.apart}) == len(rule.apart)
        assert {frozenset(pair) for pair in rule.apart} <= segments(rule)


def segments(rule: Rule) -> set[frozenset[str]]:
    """The pairs of points whose direction or logarithm the rule speaks of, or a sine of a line through both."""
    alternatives = (e for fact in (*rule.premises, *rule.conclusions) for e in equations(fact))
    return {frozenset(u) for e in alternatives if e.table in ("direction", "log") for u, _ in e.terms if len(u) == 2}


@every_rule
def test_a_rule_is_true_on_exact_figures_degenerate_ones_included(rule):
    count = 0
    for batch in sweep(rule, rng_for("degenerate", rule.name), scale(1, 10)):
        count += len(batch[2][batch[0].points[0]])
        assert counterexample(batch) is None, (batch[0].points, batch[1].k)
    assert count >= 10


def is_needed(weaker: Rule, effort: float = 2) -> bool:
    """Whether there is a figure on which a conclusion is false, or says nothing, where a rule assumes less."""
    found = map(counterexample, sweep(weaker, rng_for("needed", weaker.name), effort, 200))
    return any(figure is not None for figure in found)


@pytest.mark.parametrize(("name", "pair"), [(rule.name, pair) for rule in RULES.values() for pair in rule.apart])
def test_each_pair_is_needed(name, pair):
    rule = RULES[name]
    assert is_needed(replace(rule, apart=tuple(other for other in rule.apart if other != pair)))


IMPLIED = "a reading says it too"
SUPERFLUOUS = {
    ("thales", "npara a c a d"): "it fails together with npara d f a d",
    ("thales", "npara d f a d"): "it fails together with npara a c a d",
    ("thales_converse", "npara d f a d"): "where it fails a is on line def, and b, as be is parallel to ad: b is a",
    **{(name, "ncoll a b c"): IMPLIED for name in RULES if name.startswith(("similar_sas", "similar_ss"))},
    ("power_inside_converse", "diff x y"): IMPLIED,
    ("overlap_line_circle", "nperp x a x o"): "a tangent has its second meet in x, and that y is not there is read off",
    ("overlap_centres", "ncoll o p x"): "x is its own mirror image then, and that y is none is read off",
    **{(f"sine_{degrees}_converse", "ncoll o a b"): IMPLIED for degrees in (30, 45, 60)},
}
"""Guards without which the rule is as true."""


@pytest.mark.parametrize(("name", "guard"), [(rule.name, str(fact)) for rule in RULES.values() for fact in rule.guards])
def test_each_guard_is_needed_or_known_not_to_be(name, guard):
    rule = RULES[name]
    fewer = replace(rule, guards=tuple(fact for fact in rule.guards if str(fact) != guard))
    assert is_needed(fewer, 0.5) != ((name, guard) in SUPERFLUOUS)


# --- predicates ------------------------------------------------------------------------------------------------------

SEVERAL = ["coll", "cyclic", "perp", "cong", "rconst", "rsqconst", "overlap"]
"""The predicates with more than one alternative."""


def namings(count: int) -> Iterator[tuple[str, ...]]:
    """All ways to name so many points, up to renaming: aaa, aab, aba, abb, abc."""

    def longer(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if len(names) == count:
            yield names
            return
        for name in "abcdefgh"[: len(set(names)) + 1]:
            yield from longer((*names, name))

    return longer(())


def stated(name: str) -> Iterator[tuple[Fact, tuple[Equation, ...]]]:
    """The facts of a predicate that mean something, and their alternatives."""
    row = PREDICATES[name]
    count = row.points if isinstance(row.points, int) else row.points[0]
    for points in namings(count):
        for value in (1, 2, 4) if row.values else (None,):
            fact = Fact(name, points, () if value is None else (Fraction(value),))
            try:
                alternatives = equations(fact)
            except ValueError:
                continue
            if all(len(set(unknown)) == len(unknown) for e in alternatives for unknown, _ in e.terms):
                yield fact, alternatives


def everywhere(grid: Grid, fact: Fact) -> Figures:
    points = sorted(set(fact.points))
    columns = np.indices([len(grid.places)] * len(points)).reshape(len(points), -1)
    return dict(zip(points, columns, strict=True))


def disagreeing(fact: Fact, alternatives: tuple[Equation, ...], grid: Grid) -> bool:
    """Whether on some figure an alternative is defined and true, the guards hold, and the fact is not said."""
    at = everywhere(grid, fact)
    holds = grid.holds(fact, at)
    for guard in PREDICATES[fact.predicate].guards(fact):
        holds |= ~grid.holds(guard, at)
    return any((grid.defined(e, at) & grid.true(e, at) & ~holds).any() for e in alternatives)


def empty(alternatives: tuple[Equation, ...]) -> bool:
    """Whether nothing is left of an alternative but a constant that is not 0."""
    return any(e.constants and not e.terms for e in alternatives)


@pytest.mark.parametrize("name", SEVERAL)
def test_one_alternative_that_is_defined_says_all_that_are(name):
    count = 0
    for fact, alternatives in stated(name):
        for grid in (GRIDS["three"], GRIDS["triangles"]):
            count += 1
            assert disagreeing(fact, alternatives, grid) == empty(alternatives), fact
    assert count >= 2


def test_alternatives_of_which_a_constant_is_left_disagree():
    """|ab| = 2 |ab| says that a = b as an equation of lengths, and that log 2 = 0: such a fact must mean nothing."""
    found = {str(fact) for name in SEVERAL for fact, alternatives in stated(name) if empty(alternatives)}
    names = ("a b a b", "a b b a")
    assert found == {f"perp {pair}" for pair in names} | {
        f"{name} {pair} {value}" for name in ("rconst", "rsqconst") for pair in names for value in (2, 4)
    }


CONDITIONS = [name for name in NUMERIC if PREDICATES[name].apart]


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_says_that_its_pairs_differ(name):
    points = tuple("abcdefgh"[: PREDICATES[name].points])
    for grid in (GRIDS["three"], GRIDS["triangles"]):
        at = {point: rng_for(name, point).integers(0, len(grid.places), 20_000) for point in points}
        true = grid.holds(Fact(name, points), at)
        assert true.any()
        for a, b in PREDICATES[name].pairs(points):
            assert not (true & ~grid.apart(at, a, b)).any()


# --- the exact figures themselves ------------------------------------------------------------------------------------


@every_rule
def test_exact_figures_are_read_as_rounded_ones_are(rule):
    rng = rng_for("read", rule.name)
    for grid in (GRIDS["three"], GRIDS["triangles"]):
        at = {point: rng.integers(0, len(grid.places), 30) for point in rule.points}
        rounded = np.array([complex(x, y * grid.k**0.5) for x, y in grid.places])
        for fact in (*rule.premises, *rule.conclusions, *rule.guards, *rule.reads):
            exact = grid.holds(fact, at)
            for index in range(30):
                figure = {point: complex(rounded[column[index]]) for point, column in at.items()}
                assert exact[index] == rounded_holds(fact, figure), (fact, figure)


def rounded_holds(fact: Fact, figure: dict[str, complex]) -> bool:
    try:
        return holds(fact, figure)
    except ZeroDivisionError:  # neqangle of a segment without a direction, nreflect in a line that is a point
        return False
