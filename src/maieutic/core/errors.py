"""The errors, one small tree.

    MaieuticError
    ├── InputError          the user's mistake: one line, exit code 2
    │   └── ProblemError    ... in the text of a problem, at a line and a column
    ├── DiagramError        no drawing satisfies the constructions
    ├── ProofError          a proof does not hold
    └── WorkerLostError     a worker process died, again and again, on the same item

Anything else that is raised is a bug. An error says what was wrong, where, and what would be right.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class MaieuticError(Exception):
    """The base: whatever this package raises on purpose."""

    exit_code = 1


class InputError(MaieuticError):
    """The user's mistake. Prints as ``where: message (hint)``, without the parts that are not known.

    Args:
        message: what is wrong, as "unknown predicate 'cong2'".
        where: where it is, as "line 3, column 14" or "--jobs".
        hint: what would be right, as "did you mean 'cong'?".
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{advice}"


class ProblemError(InputError):
    """A mistake in the text of a problem. Lines and columns count from 1."""

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        parts = [f"{name} {number}" for name, number in (("line", line), ("column", column)) if number is not None]
        super().__init__(message, where=", ".join(parts) or None, hint=hint)
        self.line = line
        self.column = column


class DiagramError(MaieuticError):
    """No drawing was found that satisfies the constructions."""


class ProofError(MaieuticError):
    """A proof is malformed, or does not hold."""


class WorkerLostError(MaieuticError):
    """A worker process died each time it ran the same item."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, for "did you mean ...?"; None where nothing is close."""
    return next(iter(get_close_matches(word, known, n=1)), None)
