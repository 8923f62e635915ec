"""Goals that are given beside a problem: in the language, in another tool's words, or as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from maieutic.geometry.language.dialects import Dialect
from maieutic.geometry.language.translate import TYPED, Figure, goals_of
from maieutic.geometry.trusted.records import Fact, Problem


def read_goals(
    text: str,
    problem: Problem,
    labels: Mapping[str, str] | None = None,
    *,
    dialect: Dialect | None = None,
    figure: Figure | None = None,
) -> list[Fact]:
    """The facts of goals about a problem's points, which `labels` may name as well. Raises ProblemError."""
    return goals_of(text.translate(TYPED), problem, labels or {}, dialect or Dialect.OURS, figure)
