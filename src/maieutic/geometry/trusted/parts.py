"""A figure in parts: what is placed together, and by what."""

from __future__ import annotations

from dataclasses import dataclass

from maieutic.geometry.trusted.records import Clause, Fact

Commons = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Part:
    """Points that are placed together: by a clause's constructions, or by facts.

    `commons` are old points that are known to be on both of two loci, and whether the new point may be one of them;
    `excluded` those that a convention says it is not.
    """

    points: tuple[str, ...]
    clause: Clause | None = None
    facts: tuple[Fact, ...] = ()
    commons: Commons = ()
    excluded: frozenset[str] = frozenset()
    is_block: bool = False


@dataclass(frozen=True)
class Order:
    """Parts, first to last, and facts that must hold by themselves."""

    parts: tuple[Part, ...]
    surplus: tuple[Fact, ...] = ()
