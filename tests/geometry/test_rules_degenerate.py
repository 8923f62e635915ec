"""Every rule is an exact theorem, degenerate figures included: points that coincide, triangles that are flat.

A statement is `said` of a figure where one of its alternative equations is defined and all that are defined are true;
a direction or logarithm is defined where its two points are in different places, a sine where its triangle is not
flat, and `cyclic` is false of points on one line. A rule may assume that its premises are said, its guards, its
readings, and that the pairs of points in APART are in different places. Then its conclusions must be said: on every
figure, which is tried on small grids, exactly, with points that are one by place and points that are one by name.

Where only the premises of a rule make two points differ (`eqangle a b c d ...` says nothing unless a and b differ),
the pair is not in APART, unless another statement with the same first equation says less: `para x a y a` may be known
as `coll a x y`, which holds where y is a. A kernel that promises less of a premise, namely that it is true if it is
defined at all, needs the pairs in UNSAID too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from zlib import crc32

import numpy as np
import pytest
from tests.conftest import scale
from tests.geometry.exact_grid import NUMERIC, Figures, Grid, Reading, figures

from maieutic.geometry.predicates import PREDICATES, Equation, equations, holds
from maieutic.geometry.records import Fact
from maieutic.geometry.rules import RULES, Rule

# fmt: off
AUDIT = {
    # Each rule, the pairs that must be apart, and why it is then true where points coincide.
    "segment_sum": ("", "b between a and c: all differ, and lengths are always defined"),
    "segment_sum_converse": ("ac", "a = c makes all three one place, which is on no line in particular; a = b may be"),
    "midpoint": ("", "a and b differ, so m is neither"),
    "thales": ("ab bc", "a = b with d = e, or b = c with e = f, leave 0 : 0; a = b if and only if d = e"),
    "thales_converse": ("cf", "the lines may cross at c = f; the premises say that the other segments have length"),
    "isosceles": ("ab", "then o is neither, as oa = ob"),
    "isosceles_converse": ("", "oab is no line"),
    "bisector": ("", "the difference of two equations between squares; holds for o = p and a = b too"),
    "bisector_converse": ("", "as bisector"),
    "similar_aa": ("", "the premises say that p, q, r differ, abc is no line, so pqr is none"),
    "similar_aa_opposite": ("", "as similar_aa"),
    "similar_sas": ("", "neither triangle is flat, as they have an orientation"),
    "similar_sas_opposite": ("", "as similar_sas"),
    "similar_sss": ("", "as similar_sas"),
    "similar_sss_opposite": ("", "as similar_sas"),
    "similar_ssa": ("", "as similar_sas"),
    "similar_ssa_opposite": ("", "as similar_sas"),
    "circle": ("ab ac bc", "two places are on many circles; three at one distance from o are on no line; d may be one"),
    "circle_radius": ("", "the circle is that of a, b, c, and o its centre"),
    "circle_centre": ("", "three places at least, as ab and cd are not parallel; o is on both bisectors"),
    "tangent_chord": ("", "abc is no line, so o is none of a, b, c"),
    "tangent_chord_converse": ("", "the premise says that a, b, c differ and o is not a, so o is not b"),
    "trapezoid": ("", "a is not b, c not d, as the premise says; were another pair one, all would be on a line"),
    "trapezoid_legs": ("ab cd", "a = b and c = d are chords of length 0, with no direction"),
    "arc_midpoint": ("", "b, m, c are on no line, and the premise says that a is none of them"),
    "sines": ("", "the premises say that p, q, r differ; abc is no line, so pqr is none"),
    "sines_converse": ("", "as sines"),
    "sines_converse_same": ("", "as sines"),
    "menelaus": ("af bd ce", "a line through a corner, or along a side, makes one of the three 0"),
    "menelaus_converse": ("", "the premise says that d, e, f are no corners"),
    "ceva": ("af bd ce", "p on a side line, or in a corner, makes one of the three 0; else d, e, f are no corners"),
    "ceva_converse": ("", "the premise says that d, e, f are no corners, so p is on no side line"),
    "median": ("", "a and b differ, and m is the midpoint; p may be anywhere"),
    "division": ("", "b and e are between: all differ"),
    "division_whole": ("", "as division"),
    "power": ("px py", "the power is 0 where p is x or y, and then q is z or w; else none is 0"),
    "power_converse": ("", "the premise says that p is neither x nor y, q neither z nor w"),
    "power_outside": ("ab", "the power is not 0, so p is neither x nor y"),
    "power_outside_converse": ("", "the premise says that ab, px, py are not 0"),
    "power_inside": ("ab", "as power_outside"),
    "power_inside_converse": ("", "p is between x and y"),
    "overlap_lines": ("", "y = a would be on xb, y = b on xa"),
    "overlap_circles": ("", "circles xab and xac (one may be a line) meet in x and a; a premise says that y is not a"),
    "overlap_chord": ("ya", "known as coll, the premise holds of y = a, which is on the circle too"),
    "overlap_line_circle": ("", "y is x or the second meet, or a, which is the second meet then"),
    "overlap_centres": ("", "y is x or its mirror image"),
    "overlap_common": ("", "two circles have two places in common at most, and x and y are not a"),
    "overlap_transfer": ("xz", "else the line has no direction; the lengths are equal anyway"),
    "sine_law": ("", "abc is no line"),
    "equal_sines": ("pc pd", "known as coll, where p is o and c is a by name, the premise holds of d = p"),
    "equal_sines_converse": ("", "the premise says that pcd is no line"),
    "sine_30": ("", "the premise says that o is neither a nor b"),
    "sine_45": ("", "as sine_30"),
    "sine_60": ("", "as sine_30"),
    "sine_90": ("oa ob", "known as perp, the premise holds where o is a or b"),
    "sine_30_converse": ("", "the premise says that oab is no line"),
    "sine_45_converse": ("", "as sine_30_converse"),
    "sine_60_converse": ("", "as sine_30_converse"),
    "sine_90_converse": ("", "as sine_30_converse"),
}

APART = {name: tuple(pairs.split()) for name, (pairs, _) in AUDIT.items()}
"""Pairs of a rule's points that must be in different places, beyond what guards, readings and premises say."""

UNSAID: dict[str, tuple[str, ...]] = {
    # What to add to APART where a premise is only known to be true if it is defined.
    "thales": ("be",),  # b = e, where the lines cross
    "thales_converse": ("ab", "be"),
    "similar_aa": ("pq",),  # p = q = r: nothing is said of it
    "similar_aa_opposite": ("pq",),
    "trapezoid": ("ab", "cd"),
    "sines": ("pq",),
    "sines_converse": ("pr",),
    "sines_converse_same": ("qr",),
    "menelaus_converse": ("af", "bf", "bd", "cd", "ce", "ae"),
    "ceva_converse": ("af", "bf", "bd", "ce", "ep"),
    "power_outside_converse": ("px", "py", "ab"),
    "power_inside_converse": ("ab",),
    "overlap_circles": ("ya",),
    "sine_30": ("oa", "ob"),
    "sine_45": ("oa", "ob"),
    "sine_60": ("oa", "ob"),
}
# fmt: on

UNSAID_SINES = {"equal_sines_converse": ("p", "c", "d"), "sine_90_converse": ("o", "a", "b")}
"""Triangles that must not be flat where a premise about sines is only known to be true if it is defined."""


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
    rule: Rule, apart: Sequence[str], reading: Reading, rng: np.random.Generator, effort: float = 1.0, merged: int = 20
) -> Iterator[tuple[Rule, Grid, Figures]]:
    """Batches of figures on which all holds that an instance of the rule assumes."""
    for instance in instances(rule, rng, round(merged * effort)):
        names = dict(zip(rule.points, instance.points, strict=True))
        pairs = [Fact("diff", (names[a], names[b])) for a, b in apart]
        if any(len(set(pair.points)) < 2 for pair in pairs):
            continue  # two names of one point are not apart: the rule is not for them
        given = [(fact, "said") for fact in (*pairs, *instance.guards, *instance.reads)]
        given += [(fact, reading) for fact in instance.premises]
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
    for name, pairs in (*APART.items(), *UNSAID.items()):
        assert all(len(pair) == 2 and set(pair) <= set(RULES[name].points) for pair in pairs)
        assert not set(UNSAID.get(name, ())) & set(APART[name])
        assert set(pairs) <= segments(RULES[name])


def segments(rule: Rule) -> set[str]:
    """The pairs of points whose direction or logarithm the rule speaks of, in either order."""
    alternatives = (e for fact in (*rule.premises, *rule.conclusions) for e in equations(fact))
    pairs = {u for e in alternatives if e.table in ("direction", "log") for u, _ in e.terms if len(u) == 2}
    return {a + b for pair in pairs for a, b in (pair, pair[::-1])}


@every_rule
def test_a_rule_is_true_on_exact_figures_degenerate_ones_included(rule):
    count = 0
    for batch in sweep(rule, APART[rule.name], "mates", rng_for("degenerate", rule.name), scale(1, 10)):
        count += len(batch[2][batch[0].points[0]])
        assert counterexample(batch) is None, (batch[0].points, batch[1].k)
    assert count >= 10


@every_rule
def test_a_rule_is_true_of_premises_that_may_say_nothing(rule):
    apart = (*APART[rule.name], *UNSAID.get(rule.name, ()))
    if rule.name in UNSAID_SINES:
        rule = replace(rule, guards=(*rule.guards, Fact("ncoll", UNSAID_SINES[rule.name])))
    for batch in sweep(rule, apart, "weak", rng_for("unsaid", rule.name), scale(1, 10) / 2):
        assert counterexample(batch) is None, (batch[0].points, batch[1].k)


def listed() -> list[tuple[str, str, Reading]]:
    needed = [(name, pair, "mates") for name, pairs in APART.items() for pair in pairs]
    return needed + [(name, pair, "weak") for name, pairs in UNSAID.items() for pair in pairs]


@pytest.mark.parametrize(("name", "pair", "reading"), listed())
def test_each_pair_is_needed(name, pair, reading):
    """Without it there is a figure on which its points coincide and a conclusion is false, or undefined."""
    others = [other for other in APART[name] if other != pair]
    if reading == "weak":
        others += [other for other in UNSAID[name] if other != pair]
    found = map(counterexample, sweep(RULES[name], others, reading, rng_for("needed", name), 2, 200))
    assert any(figure is not None for figure in found)


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
