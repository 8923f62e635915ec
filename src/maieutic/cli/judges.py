"""What the commands that ask a judge share: how their options become its configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from maieutic.cli.extras import need_lm


def judge_config(
    kind: str,
    model: str | None,
    endpoint: str | None,
    function: str | None,
    settings: Sequence[str] | None,
    rubric: str | None = None,
) -> Any:
    """The JudgeConfig that options describe; `settings` (KEY=VALUE, as in [judge]) go over them.

    Raises InputError for settings that make no sense, and where a model here is asked for that cannot be run here.
    """
    from maieutic.core.config import load
    from maieutic.loops.rounds.config import JudgeConfig

    named = {"kind": kind, "function": function, "rubric": rubric, "model.endpoint": endpoint}
    named["model.name" if endpoint else "model.path"] = model
    given = [f"{key}={json.dumps(value)}" for key, value in named.items() if value is not None]
    config = load(JudgeConfig, None, [*given, *(settings or ())])
    if config.model is not None and config.model.path is not None:
        need_lm()
    return config
