"""The worlds that a run may be about, and the configuration of each.

A world is an entry here: a class of configuration, which has the world's name as the default of `world`, and a class
that says who asks, answers and judges (rounds/world.py). Both are loaded when a configuration names the world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from maieutic.core.config import checked, load, settings
from maieutic.core.errors import InputError, nearest
from maieutic.core.judgements import JudgementCache
from maieutic.loops.rounds.config import RunConfig
from maieutic.loops.rounds.world import World


@dataclass(frozen=True)
class WorldKind:
    """A world, by where its classes are ("package.module:Class").

    Attributes:
        about: what the questions are.
        config: the class of its configuration, a RunConfig.
        world: the class of who takes part, made of a configuration, the folder of its paths, and a cache.
        table: a table that only this world's configurations have: where there is one, `world` need not be said.
    """

    about: str
    config: str
    world: str
    table: str | None = None


WORLDS: dict[str, WorldKind] = {
    "instructions": WorldKind(
        "what people ask a model; any judge decides",
        "maieutic.loops.instructions.config:InstructionsConfig",
        "maieutic.loops.instructions.world:Instructions",
    ),
    "theorems": WorldKind(
        "theorems of plane geometry; a proof decides",
        "maieutic.loops.theorems.config:TheoremsConfig",
        "maieutic.loops.theorems.world:Theorems",
        table="prover",
    ),
}
DEFAULT = "instructions"


def load_run(path: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """The configuration in a TOML file, under overrides such as "rounds=2"; see core/config.py.

    Raises InputError for what is wrong in it, with its key.
    """
    return load(_config_of(settings(path, overrides), str(path)), path, overrides)


def checked_run(values: Mapping[str, Any], where: str | None = None) -> RunConfig:
    """The configuration that some settings are. Raises InputError for what is wrong in them, with its key."""
    return checked(_config_of(values, where), values, where)


def world_of(config: RunConfig, base: Path, cache: JudgementCache) -> World:
    """Who takes part in a run.

    Args:
        base: the folder that the configuration's paths are taken from.
        cache: where judgements are kept.
    """
    world: World = _named(WORLDS[config.world].world)(config, base, cache)
    return world


def _config_of(values: Mapping[str, Any], where: str | None) -> type[RunConfig]:
    told = values.get("world")
    name = next((n for n, kind in WORLDS.items() if kind.table in values), DEFAULT) if told is None else told
    if name not in WORLDS:
        near = nearest(str(name), WORLDS)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(WORLDS)}"
        raise InputError(f"unknown world {name!r}", where=f"{where}: world" if where else "world", hint=hint)
    config: type[RunConfig] = _named(WORLDS[name].config)
    return config


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
