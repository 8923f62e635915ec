"""The closure: what follows, why it stops, and that the same input gives the same log."""

import dataclasses

import numpy as np
import pytest

from maieutic.core.errors import InputError
from maieutic.geometry.engine.closure import close, question_value
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.matching import SHAPES
from maieutic.geometry.engine.state import MOST_POINTS, Closure, Options, StopReason
from maieutic.geometry.engine.templates import EQUIVALENCES, MAX_SEGMENTS, MAX_SLOTS, MAX_TERMS, shapes, templates
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.records import Diagram, Fact
from maieutic.geometry.trusted.rules import RULES

EVERYTHING = Options(stop_at_goal=False)


def closed(text: str, options: Options = EVERYTHING, seed: int = 0) -> Closure:
    problem = parse_problem(text)
    return close(problem, draw(problem, seed), options)


def proves(closure: Closure, fact: str) -> bool:
    return closure.proves(parse_fact(fact, closure.points))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("a b c = triangle; m = midpoint a b; n = midpoint a c", ["para m n b c", "rconst b c m n 2", "coll a m b"]),
        ("a b c = triangle; o = circle a b c; d = on_circle o a", ["cyclic a b c d", "eqangle c a c b d a d b"]),
        ("a b c = triangle; h = orthocenter a b c", ["perp c h a b", "eqangle h b h c a c a b"]),
        ("a b c = iso_triangle", ["eqangle b a b c c b c a", "cong a b a c"]),
        ("a b c d = isquare", ["perp a c b d", "rsqconst a c a b 2", "eqangle a b a c a c a d"]),
        ("a b c = ieq_triangle", ["aconst a b a c 120", "cong a b b c"]),
        ("a b c = triangle; d = foot a b c; e = foot b a c", ["cyclic a b d e", "eqratio c d c a c e c b"]),
        ("a b c = r_triangle; m = midpoint b c", ["cong m a m b", "distsqeq b c a b a c 1 -1 -1"]),
    ],
)
def test_what_follows(text: str, facts: list[str]) -> None:
    closure = closed(text)
    assert closure.reason is StopReason.SATURATED
    for fact in facts:
        assert proves(closure, fact), fact


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("a b c = triangle; m = midpoint a b", "perp c m a b"),
        ("a b c = triangle; o = circle a b c; d = free d", "cong o a o d"),
        ("a b c d = quadrangle", "para a b c d"),
    ],
)
def test_what_does_not_follow(text: str, fact: str) -> None:
    assert not proves(closed(text), fact)


def test_the_same_input_gives_the_same_log() -> None:
    for name in ("imo_2004_p1", "imo_2018_p1", "nine_point_circle"):
        if name not in library.names():
            continue
        problem = library.problem(name)
        first, second = (close(problem, draw(problem, 3), EVERYTHING) for _ in range(2))
        assert first.size == second.size
        assert np.array_equal(first.log.entries, second.log.entries)


def test_a_goal_stops_the_closure_and_a_limit_ends_it() -> None:
    text = "a b c = triangle; m = midpoint a b; n = midpoint a c ? para m n b c"
    assert closed(text, Options()).reason is StopReason.PROVED
    assert closed(text, Options()).size < closed(text, EVERYTHING).size
    assert closed(text.replace("para m n b c", "perp m n b c"), Options()).reason is StopReason.SATURATED
    big = library.problem("imo_2011_p6")
    assert close(big, draw(big, 0), Options(time_limit=0.0)).reason is StopReason.TIME_LIMIT


def test_tables_and_tiers_can_be_left_out() -> None:
    right = "a b c = r_triangle; m = midpoint b c ? distsqeq b c a b a c 1 -1 -1"
    assert closed(right, Options()).reason is StopReason.PROVED
    assert closed(right, Options(square_table=False)).reason is StopReason.SATURATED
    bisector = "a b c = triangle; d = angle_bisector b a c, on_line b c ? eqratio d b d c a b a c"
    assert closed(bisector, Options()).reason is StopReason.PROVED
    assert closed(bisector, Options(second_tier=False)).reason is StopReason.SATURATED
    trigonometry = library.problem("imo_2018_p1")
    figure = draw(trigonometry, 0)
    assert close(trigonometry, figure).reason is StopReason.PROVED
    assert close(trigonometry, figure, Options(sines=False)).reason is StopReason.SATURATED


def test_too_many_points_are_the_users_mistake() -> None:
    names = [f"p{i}" for i in range(MOST_POINTS + 1)]
    problem = parse_problem("; ".join(f"{name} = free {name}" for name in names))
    figure = Diagram({name: complex(i, i * i % 7) / 60 for i, name in enumerate(names)})
    with pytest.raises(InputError, match=f"{MOST_POINTS + 1} points"):
        close(problem, figure)


def test_a_question_is_answered_by_the_figure() -> None:
    figure = Diagram({"a": 0j, "b": 1 + 0j, "c": 1 + 1j})
    assert question_value(Fact("acompute", ("a", "c", "a", "b")), figure).values == (45,)
    assert question_value(Fact("rcompute", ("a", "b", "b", "c")), figure).values == (1,)


# --- templates -------------------------------------------------------------------------------------------------------


def test_every_rule_is_tried_on_its_shapes() -> None:
    tried = {way.rule for shape in shapes() for way in shape.ways if way.rule}
    by_sines = {name for name, rule in RULES.items() if rule.shapes == ("sine",)}
    assert tried | by_sines == set(RULES)
    for rule in RULES.values():
        if rule.shapes != ("sine",):
            assert all(SHAPES[shape] == len(rule.points) for shape in rule.shapes), rule.name


def test_masks_say_what_rules_say() -> None:
    for shape in shapes():
        for way in shape.ways:
            assert way.gives < 1 << len(shape.slots)
            if way.fact:
                assert way.needs.bit_count() == 1
                assert way.gives & way.needs
                continue
            rule = RULES[way.rule]
            assert way.needs.bit_count() == len(rule.premises)
            assert way.gives.bit_count() == len(rule.conclusions)


def test_templates_fit_their_arrays() -> None:
    for shape in shapes():
        assert len(shape.slots) <= MAX_SLOTS
        assert all(len(slot.terms) <= MAX_TERMS for slot in shape.slots)
    assert templates().segment_count.max() <= MAX_SEGMENTS
    assert set(EQUIVALENCES) <= set(SHAPES)


def test_without_squares_no_slot_is_about_squares() -> None:
    assert all(slot.table != "square" for shape in shapes(False) for slot in shape.slots)


def test_options_are_values() -> None:
    assert dataclasses.replace(Options(), sines=False) == Options(sines=False)
