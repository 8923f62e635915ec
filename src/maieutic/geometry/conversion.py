"""Problems converted, one by one, with the figures that coordinates need: what `maieutic convert` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maieutic.core.errors import DiagramError, InputError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.language.convert import Converted, converted, needs_figure
from maieutic.geometry.language.dialects import Dialect
from maieutic.geometry.language.files import UnreadProblem
from maieutic.geometry.trusted.records import Problem


def conversions(
    problems: Sequence[Problem | UnreadProblem], dialect: Dialect, seed: int = 0
) -> Iterator[tuple[str, Converted | InputError]]:
    """Each problem's name, and its text in a dialect, or why there is none."""
    for problem in problems:
        if isinstance(problem, UnreadProblem):
            yield problem.name, problem.error
            continue
        try:
            at = draw(problem, seed).points if needs_figure(dialect) else None
            yield problem.name, converted(problem, dialect, at)
        except InputError as error:
            yield problem.name, error
        except DiagramError as error:
            yield problem.name, InputError(f"no figure for coordinates: {error}", where=problem.name or None)


def ggb_of(problems: Sequence[Problem | UnreadProblem], seed: int = 0) -> bytes:
    """The one problem as a GeoGebra file. Raises InputError for several, or for one that could not be read."""
    from maieutic.geometry.ggb.write import write_ggb  # for such files only

    if len(problems) != 1:
        raise InputError(f"{len(problems)} problems for one GeoGebra file", hint="choose one, as FILE:NAME")
    (problem,) = problems
    if isinstance(problem, UnreadProblem):
        raise problem.error
    return write_ggb(problem, draw(problem, seed))
