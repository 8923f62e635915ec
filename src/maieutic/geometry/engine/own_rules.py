"""Theorems of one's own, from a file that is named: TOML, a table a rule. Nothing in it is run.

    [midline]
    points = "a b c m n"
    shapes = "..."                      the shapes of a figure on which it is tried (engine/matching.py)
    premises = "midp m a b, midp n a c"
    conclusions = "para m n b c"
    guards = "ncoll a b c"              what must hold against degenerate cases
    reads = ""                          orders and sides on which it depends
    title = "the midline"

A proof by such a rule rests on it: the verdict names it, and it is for its author to know that it is a theorem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from maieutic.core.config import read_toml
from maieutic.core.errors import InputError, nearest
from maieutic.geometry.engine.matching import SHAPES
from maieutic.geometry.trusted.predicates import PREDICATES, expand
from maieutic.geometry.trusted.records import Fact
from maieutic.geometry.trusted.rules import RULES, Rule, rule

KEYS = {
    "points": True,
    "shapes": True,
    "premises": True,
    "conclusions": True,
    "title": False,
    "source": False,
    "guards": False,
    "reads": False,
    "ways": False,
    "apart": False,
}
"""What a table may hold, and whether it must."""

TAKEN = frozenset(("hypothesis", "linear", *RULES))
"""Names of steps that are no rule's of one's own."""


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of a file, by name. Raises InputError with the rule and what would be right."""
    return {name: own_rule(name, table, f"{path}: {name}") for name, table in read_toml(path).items()}


def own_rule(name: str, table: Any, where: str | None = None) -> Rule:
    """A rule from its texts, checked: its facts are about its points, and its shapes have as many.

    Args:
        table: KEYS and their texts.

    Raises InputError for a name that is taken, and for what would be no rule.
    """
    where = where or name
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in TAKEN:
        raise InputError(f"{name!r} is no name for a rule", where=where, hint="a word that no rule has yet")
    if not isinstance(table, Mapping):
        raise InputError("a rule is a table", where=where, hint=", ".join(KEYS))
    for key, value in table.items():
        if key not in KEYS:
            close = nearest(str(key), KEYS)
            raise InputError(f"unknown key {key!r}", where=where, hint=f"did you mean {close!r}?" if close else None)
        if not isinstance(value, str):
            raise InputError(f"{key} is a text", where=where)
    missing = [key for key, needed in KEYS.items() if needed and not str(table.get(key, "")).strip()]
    if missing:
        raise InputError(f"{missing[0]} is missing", where=where)
    try:
        made = rule(name, **{"title": name.replace("_", " "), "source": f"of one's own: {where}", **table})
    except (ValueError, ZeroDivisionError, IndexError, KeyError) as error:
        raise InputError(f"no rule: {error}", where=where) from None
    _check(made, where)
    return _simple(made)


def _simple(made: Rule) -> Rule:
    """The rule with compound facts written out."""

    def parts(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(part for fact in facts for part in expand(fact))

    return replace(made, premises=parts(made.premises), conclusions=parts(made.conclusions))


def _check(made: Rule, where: str) -> None:
    if len(set(made.points)) < len(made.points) or any(len(point) != 1 for point in made.points):
        raise InputError("points are different letters", where=where)
    for shape in made.shapes:
        if shape not in SHAPES:
            close = nearest(shape, SHAPES)
            hint = f"did you mean {close!r}?" if close else f"there are {', '.join(SHAPES)}"
            raise InputError(f"unknown shape {shape!r}", where=where, hint=hint)
        if SHAPES[shape] != len(made.points):
            raise InputError(f"{shape} has {SHAPES[shape]} points, and the rule {len(made.points)}", where=where)
    for way in made.ways:
        if sorted(way) != sorted(made.points):
            raise InputError(f"the way {way!r} is no order of the points", where=where)
    for facts, kinds in (
        (made.premises, ("equational", "compound")),
        (made.conclusions, ("equational", "compound")),
        ((*made.guards, *made.reads), ("numeric",)),
    ):
        for fact in facts:
            _check_fact(fact, kinds, made, where)


def _check_fact(fact: Fact, kinds: tuple[str, ...], made: Rule, where: str) -> None:
    predicate = PREDICATES.get(fact.predicate)
    if predicate is None:
        close = nearest(fact.predicate, PREDICATES)
        hint = f"did you mean {close!r}?" if close else None
        raise InputError(f"unknown predicate {fact.predicate!r}", where=where, hint=hint)
    if predicate.kind not in kinds:
        needed = "a condition" if kinds == ("numeric",) else "a statement with equations"
        raise InputError(f"'{fact}' is not {needed}", where=where)
    if not predicate.accepts(len(fact.points), len(fact.values)):
        raise InputError(f"malformed: '{fact}'", where=where)
    if not set(fact.points) <= set(made.points):
        raise InputError(f"'{fact}' is about points that are not the rule's", where=where)
