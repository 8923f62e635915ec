"""Every rule is a theorem: it is tried on random figures of its premises, generic and special ones.

A guard is right when the theorem is false without it, so for each guard there is a figure on which it alone fails, and
a conclusion with it; or a reason why there is none. The figures come from sweep.py, not from the package's drawing.
"""

from collections.abc import Iterator
from functools import cache
from zlib import crc32

import numpy as np
import pytest
from tests.conftest import scale
from tests.geometry.sweep import Figure, figures
from tests.geometry.writing import Writer

from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.degenerate import Strict
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import PREDICATES, equations, holds
from maieutic.geometry.trusted.records import Accepted, Clause, Construction, Fact, Problem, Proof, Refused
from maieutic.geometry.trusted.rules import RULES, Rule
from maieutic.geometry.trusted.stated import stated

# Each rule, and those of its conditions without which it is false: for each there is a figure on which only it fails.
NEEDED = {
    "segment_sum": "between b a c",
    "segment_sum_converse": "",
    "midpoint": "",
    "thales": "",
    "thales_converse": "sameorder a b c d e f",
    "isosceles": "",
    "isosceles_converse": "ncoll o a b",
    "bisector": "",
    "bisector_converse": "",
    "similar_aa": "ncoll a b c",
    "similar_aa_opposite": "ncoll a b c",
    "similar_sas": "sameclock a b c p q r",
    "similar_sas_opposite": "sameclock a b c p r q",
    "similar_sss": "sameclock a b c p q r",
    "similar_sss_opposite": "sameclock a b c p r q",
    "similar_ssa": "sameclock a b c p q r, lessthan b c a c",
    "similar_ssa_opposite": "sameclock a b c p r q, lessthan b c a c",
    "circle": "",
    "circle_radius": "",
    "circle_centre": "npara a b c d",
    "tangent_chord": "",
    "tangent_chord_converse": "",
    "trapezoid": "",
    "trapezoid_legs": "npara a d b c",
    "arc_midpoint": "ncong a b a c, ncoll b m c",
    "sines": "ncoll a b c",
    "sines_converse": "neqangle b a b c q p q r",
    "sines_converse_same": "neqangle a b a c p r p q",
    "menelaus": "ncoll a b c",
    "menelaus_converse": "even_inside a b c d e f",
    "ceva": "ncoll a b c",
    "ceva_converse": "odd_inside a b c d e f",
    "median": "",
    "division": "between b a c, between e d f",
    "division_whole": "between b a c, between e d f",
    "power": "",
    "power_converse": "sameorder x p y z q w",
    "power_outside": "",
    "power_outside_converse": "nbetween p x y",
    "power_inside": "",
    "power_inside_converse": "between p x y",
    "overlap_lines": "ncoll x a b",
    "overlap_circles": "ncyclic x a b c",
    "overlap_chord": "",
    "overlap_line_circle": "nsecond y x o a",
    "overlap_centres": "nreflect y x o p",
    "overlap_common": "",
    "overlap_transfer": "",
    "sine_law": "ncoll a b c",
    "equal_sines": "ncoll o a b",
    "equal_sines_converse": "neqangle o a o b p d p c",
    "sine_30": "",
    "sine_45": "",
    "sine_60": "",
    "sine_90": "",
    "sine_30_converse": "aconst o a o b 30",
    "sine_45_converse": "aconst o a o b 45",
    "sine_60_converse": "aconst o a o b 60",
    "sine_90_converse": "",
}

ONE_LINE = "where it fails all points lie on one line, and the conclusion says nothing else"
ANOTHER = "where it fails another condition or a premise fails too"
DOUBLE = "where it fails there is one such point, and what is read off the figure fails too"
NO_SINE = "where it fails the sine is 0, has no logarithm, and the premise no meaning"

# The other conditions, and why no figure shows that they are needed. (`diff` holds on every figure that counts.)
REDUNDANT = {
    ("thales", "npara a c a d"): "it fails together with npara d f a d, and then the conclusion does",
    ("thales", "npara d f a d"): "it fails together with npara a c a d, and then the conclusion does",
    ("thales_converse", "npara a c a d"): ONE_LINE,
    ("thales_converse", "npara d f a d"): ONE_LINE,
    **{(name, "ncoll a b c"): ANOTHER for name in RULES if name.startswith(("similar_sas", "similar_ss"))},
    ("circle_radius", "ncoll a b c"): "three points of a circle are on no line",
    ("tangent_chord", "ncoll a b c"): "three points of a circle are on no line",
    (
        "tangent_chord_converse",
        "ncoll a b c",
    ): "where it fails oa is perpendicular to ab, and |oa| = |ob| excludes that",
    ("sines_converse", "ncoll a b c"): ANOTHER,
    ("sines_converse_same", "ncoll a b c"): ANOTHER,
    ("menelaus_converse", "ncoll a b c"): ONE_LINE,
    ("ceva_converse", "ncoll a b c"): ONE_LINE,
    ("overlap_line_circle", "nperp x a x o"): DOUBLE,
    ("overlap_centres", "ncoll o p x"): DOUBLE,
    ("equal_sines_converse", "ncoll o a b"): NO_SINE,
    ("equal_sines_converse", "ncoll p c d"): NO_SINE,
    **{(f"sine_{degrees}_converse", "ncoll o a b"): NO_SINE for degrees in (30, 45, 60, 90)},
}

OPPOSITE = {
    "ncoll": "coll",
    "npara": "para",
    "nperp": "perp",
    "ncong": "cong",
    "neqangle": "eqangle",
    "ncyclic": "cyclic",
}
"""Conditions that no random figure fails, and the fact with which they do."""

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def true(fact: Fact, figure: Figure) -> bool:
    """Whether a fact holds, generously: figures are exact, and a theorem's failures are not small."""
    try:
        return holds(fact, figure, 1e-4)
    except (ValueError, ZeroDivisionError):
        return False


def meant(fact: Fact, figure: Figure) -> bool:
    """Whether a fact is true with all that it means: four points on a line are on no circle."""
    return all(true(part, figure) for part in (fact, *PREDICATES[fact.predicate].guards(fact)))


def meaningful(facts: tuple[Fact, ...]) -> bool:
    try:
        return all(equations(fact) for fact in facts)
    except (ValueError, ZeroDivisionError):
        return False


def rng_for(*seed: str) -> np.random.Generator:
    return np.random.default_rng(crc32(" ".join(seed).encode()))


def sweep(rule: Rule, rng: np.random.Generator, attempts: int, extra: tuple[Fact, ...] = ()) -> Iterator[Figure]:
    """Figures on which a rule's premises hold, as what they mean; only points that it says are one may coincide."""
    one = rule.points[:2] if rule.name.startswith("overlap_") else ()
    for figure in figures((*rule.premises, *extra), tuple(dict.fromkeys(rule.points)), rng, attempts, one):
        if all(meant(premise, figure) for premise in rule.premises) and not (one and nearly_one(figure, *one)):
            yield figure


def nearly_one(figure: Figure, a: str, b: str) -> bool:
    """Whether two points are so near that a figure with a double root is too rough to tell whether they are one."""
    return 1e-9 < abs(figure[a] - figure[b]) < 1e-3


def failing(rule: Rule, figure: Figure) -> list[Fact]:
    return [fact for fact in (*rule.guards, *rule.reads) if not true(fact, figure)]


def special(rule: Rule, rng: np.random.Generator) -> tuple[Rule, tuple[Fact, ...]]:
    """The rule with some of its points made one by name, and some facts that make its figures special."""
    names, facts = {point: point for point in rule.points}, []
    for kind in rng.choice(["coll", "perp", "para", "cong", "cyclic", "same", "same"], size=rng.integers(1, 4)):
        distinct = kind in ("coll", "cyclic", "same")
        count = {"coll": 3, "same": 2}.get(kind, 4)
        if not distinct or count <= len(rule.points):
            chosen = tuple(map(str, rng.choice(rule.points, size=count, replace=not distinct)))
            if kind == "same":
                names = {point: chosen[0] if name == chosen[1] else name for point, name in names.items()}
            else:
                facts.append(Fact(str(kind), chosen))
    renamed = (Fact(fact.predicate, tuple(names[point] for point in fact.points)) for fact in facts)
    return rule.instance(tuple(names.values())), tuple(renamed)


def test_each_rule_is_listed():
    assert set(NEEDED) == set(RULES)


@every_rule
def test_a_rule_is_true_on_random_figures(rule):
    count = 0
    for figure in sweep(rule, rng_for(rule.name), scale(40, 400)):
        if not failing(rule, figure):
            count += 1
            assert [str(fact) for fact in rule.conclusions if not meant(fact, figure)] == [], figure
    assert count >= 5


@every_rule
def test_a_rule_is_true_on_special_figures(rule):
    """Right angles, parallels, equal segments, points on a line or circle, points that are one."""
    rng, count = rng_for("special", rule.name), 0
    for _ in range(scale(40, 600)):
        instance, extra = special(rule, rng)
        if meaningful((*instance.premises, *instance.conclusions, *extra)):
            for figure in sweep(instance, rng, 2, extra):
                if not failing(instance, figure):
                    count += 1
                    wrong = [str(fact) for fact in instance.conclusions if not meant(fact, figure)]
                    assert wrong == [], (instance.points, [*map(str, extra)], figure)
    assert count >= 1


def conditions() -> list[tuple[Rule, Fact]]:
    return [(rule, fact) for rule in RULES.values() for fact in (*rule.guards, *rule.reads) if fact.predicate != "diff"]


every_condition = pytest.mark.parametrize(
    ("rule", "condition"), conditions(), ids=[f"{rule.name}: {fact}" for rule, fact in conditions()]
)


@cache
def counterexample(rule: Rule, condition: Fact) -> Figure | None:
    """A figure on which of all conditions only this one fails, and a conclusion with it."""
    opposite = OPPOSITE.get(condition.predicate)
    extra = (Fact(opposite, condition.points),) if opposite else ()
    for figure in sweep(rule, rng_for(rule.name, str(condition)), 100, extra):
        if failing(rule, figure) == [condition] and not all(meant(fact, figure) for fact in rule.conclusions):
            return figure
    return None


@every_condition
def test_a_condition_is_needed_or_known_not_to_be(rule, condition):
    needed = str(condition) in NEEDED[rule.name].split(", ")
    assert needed != ((rule.name, str(condition)) in REDUNDANT)
    assert needed == (counterexample(rule, condition) is not None)


# --- one-step proofs -------------------------------------------------------------------------------------------------


FIRST = {
    "segment_sum_converse": "segment_sum",
    "equal_sines_converse": "equal_sines",
    **{f"sine_{degrees}_converse": f"sine_{degrees}" for degrees in (30, 45, 60, 90)},
}
"""Rules whose premise no figure is drawn by (|ab| + |bc| is |ac| at least, so that it is a double root; sines are not
solved for): there it is shown by the rule that they are the converse of, and the conclusion is the hypothesis."""

LAST = {"circle_centre": "o", **{name: "xy" for name in RULES if name.startswith("overlap_")}}
"""The points that the others place."""


def one_step(rule: Rule, conclusion: Fact, figure: Figure) -> Proof:
    """The proof of a conclusion from the premises as hypotheses, on a given figure."""
    first = RULES.get(FIRST.get(rule.name, ""))
    points = sorted(rule.points, key=lambda point: point in LAST.get(rule.name, ""))
    uses = [Construction(fact.predicate, fact.points, fact.values) for fact in (first or rule).premises]
    clauses = [Clause(tuple(points), tuple(uses))]
    if not uses:
        clauses = [Clause((point,), (Construction("free", (point,)),)) for point in points]
    writer = Writer(Problem(rule.name, tuple(clauses), (conclusion,), tuple(figure.items())))
    if first:
        writer.rule(first.name, " ".join(rule.points), str(rule.premises[0]))
    writer.rule(rule.name, " ".join(rule.points), str(conclusion))
    return writer.proof()


def needs(rule: Rule) -> list[Fact]:
    return [*rule.guards, *rule.reads, *(Fact("diff", pair) for pair in rule.apart)]


@pytest.mark.parametrize(
    ("rule", "conclusion"),
    [(rule, fact) for rule in RULES.values() for fact in rule.conclusions if rule.name != "overlap_transfer"],
    ids=lambda value: value.name if isinstance(value, Rule) else str(value),
)
def test_the_kernel_accepts_a_step_and_lists_what_it_assumes(rule, conclusion):
    """All that the rule needs is listed, or follows from what is listed and from what the statement says."""
    figure = next(f for f in sweep(rule, rng_for(rule.name), 200) if not failing(rule, f))
    proof = one_step(rule, conclusion, figure)
    verdict = check(proof)
    assert isinstance(verdict, Accepted), verdict
    strict = Strict(hypotheses(proof.problem), stated(proof.problem))
    assert [str(fact) for fact in needs(rule) if not strict.implies(fact, verdict.guards)] == []
    assert set(verdict.configuration) <= set(verdict.guards)
    assert verdict.notes in ((), ("branches sampled",))


def test_the_kernel_accepts_that_one_point_has_one_line_and_one_distance():
    for goal in ("para x d y d", "cong x d y d"):
        writer = Writer(
            f"a b c d = quadrangle a b c d; x = on_line x a b, on_line x c d; y = on_line y a b, on_line y c d ? {goal}"
        )
        for side in ("a b", "c d"):
            p = side[0]
            writer.linear(f"para x {p} y {p}", [f"coll x {side}", f"coll y {side}"])
        writer.linear("para x c y c", ["coll x c d", "coll y c d"])
        writer.rule("overlap_lines", "x y a c", "overlap x y")
        writer.rule("overlap_transfer", "x y d", goal)
        assert isinstance(check(writer.proof()), Accepted)


@every_condition
def test_a_figure_on_which_only_a_condition_fails_is_none_of_those_that_a_verdict_speaks_of(rule, condition):
    """Without the condition the kernel refuses the step. With it, something that is listed is false on the figure."""
    figure = counterexample(rule, condition)
    if figure is None:
        return
    proof = one_step(rule, next(fact for fact in rule.conclusions if not meant(fact, figure)), figure)
    others = [fact for fact in needs(RULES[FIRST.get(rule.name, rule.name)]) + needs(rule) if fact != condition]
    verdict = check(proof, under=others)
    assert isinstance(verdict, Refused)
    assert "which may not be assumed" in verdict.reason  # it, or what follows from it
    verdict = check(proof)
    if isinstance(verdict, Accepted) and all(true(fact, figure) for fact in hypotheses(proof.problem)):
        assert not all(true(fact, figure) for fact in verdict.guards)
