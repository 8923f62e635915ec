"""A preference game: finitely many responses to one prompt, and how often a judge prefers each to each other.

`preferences[i, j]` is P(i > j), the probability that response i is judged better than response j. All that is asked of
it is P + P^T = 1. Nothing makes it transitive: rock may beat scissors, scissors paper, and paper rock. Several prompts
are several such games, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maieutic.core.errors import InputError, nearest

Array = NDArray[np.float64]

TOLERANCE = 1e-6
"""How far P(i > j) + P(j > i) may be from 1: files are written with few digits."""
MOST = 1000
"""Responses that a game may have."""
MOST_BYTES = 20_000_000
"""The largest file that is read."""


@dataclass(frozen=True, eq=False)
class Game:
    """Responses by name, and the preferences between them, [n, n].

    Raises InputError where the matrix is no preference, or does not fit the names.
    """

    name: str
    responses: tuple[str, ...]
    preferences: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "preferences", check_preferences(self.preferences, self.responses, where=self.name))

    @property
    def size(self) -> int:
        """The number of responses."""
        return len(self.responses)


def check_preferences(matrix: Any, responses: Sequence[str] = (), *, where: str = "") -> Array:
    """The matrix as a read-only array [n, n] with P + P^T = 1 exactly.

    Raises InputError where it is none: not a square of numbers in [0, 1], or P(i > j) + P(j > i) is not 1 to 1e-6.
    """
    try:
        preferences = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("not a table of numbers", where=where, hint="one row of n numbers for each response") from None
    if preferences.ndim != 2 or preferences.shape[0] != preferences.shape[1]:
        shape = " by ".join(map(str, preferences.shape)) or "a single number"
        raise InputError(f"the preferences are {shape}", where=where, hint="they are a square, n by n")
    size = len(preferences)
    if not 2 <= size <= MOST:
        raise InputError(f"a game of {size} responses", where=where, hint=f"it has 2 to {MOST}")
    names = list(responses) or [str(i + 1) for i in range(size)]
    if len(names) != size or len(set(names)) != size:
        raise InputError(
            f"{len(set(names))} names for {size} responses", where=where, hint="one for each, all distinct"
        )

    outside = np.argwhere(~((preferences >= 0) & (preferences <= 1)))  # so written, it catches nan too
    if len(outside):
        i, j = outside[0]
        message = f"P({names[i]} > {names[j]}) is {preferences[i, j]:g}"
        raise InputError(message, where=where, hint="a probability is in [0, 1]")
    unequal = np.argwhere(np.abs(preferences + preferences.T - 1) > TOLERANCE)
    if len(unequal):
        i, j = unequal[0]
        message = (
            f"P({names[i]} > {names[j]}) + P({names[j]} > {names[i]}) is {preferences[i, j] + preferences[j, i]:g}"
        )
        hint = "it is 1; a response against itself has 0.5"
        raise InputError(message, where=where, hint=hint)
    checked = _mirrored(preferences)
    checked.flags.writeable = False
    return checked


def _mirrored(matrix: Array) -> Array:
    """The preferences that have the matrix above their diagonal."""
    upper = np.triu(matrix, 1)
    return np.asarray(upper + np.tril(1 - upper.T, -1) + np.eye(len(matrix)) / 2)


def check_policy(policy: Any, size: int, *, where: str = "") -> Array:
    """The policy as an array [n] that adds up to 1. Raises InputError where it is none, or leaves a response out:
    what is never answered, no update brings back."""
    found = np.array(policy, dtype=np.float64)
    if found.shape != (size,):
        raise InputError(f"a policy of shape {found.shape}", where=where, hint=f"{size} probabilities")
    if not (found > 0).all() or abs(found.sum() - 1) > TOLERANCE:
        raise InputError("not a policy", where=where, hint="every probability above 0, and all together 1")
    return np.asarray(found / found.sum())


# --- games that are known --------------------------------------------------------------------------------------------


def rock_paper_scissors(seed: int = 0) -> Game:
    """The symmetric cycle: each beats the next with probability 0.9. The equilibrium is uniform."""
    cycle = np.array([[0.5, 0.1, 0.9], [0.9, 0.5, 0.1], [0.1, 0.9, 0.5]])
    return Game("rock_paper_scissors", ("rock", "paper", "scissors"), cycle)


def skewed_cycle(seed: int = 0) -> Game:
    """A cycle whose three wins are 0.9, 0.9 and 0.8. The equilibrium is (4, 3, 4)/11."""
    return Game("skewed_cycle", ("A", "B", "C"), np.array([[0.5, 0.9, 0.2], [0.1, 0.5, 0.9], [0.8, 0.1, 0.5]]))


def random_game(seed: int = 0, size: int = 8) -> Game:
    """Each preference drawn uniformly from [0, 1], independent of the others: about as intransitive as can be."""
    rng = np.random.default_rng(seed)
    return Game("random", tuple(f"y{i + 1}" for i in range(size)), _mirrored(rng.random((size, size))))


GAMES: Mapping[str, Callable[[int], Game]] = {
    "rock_paper_scissors": rock_paper_scissors,
    "skewed_cycle": skewed_cycle,
    "random": random_game,
}
"""Name -> the game of a seed. Only the random one depends on it."""


def find_game(name: str, seed: int = 0) -> Game:
    """The known game of this name, or the one in a file. Raises InputError where there is neither."""
    if name in GAMES:
        return GAMES[name](seed)
    path = Path(name)
    if path.exists() or path.suffix or len(path.parts) > 1:
        return read_game(path)
    close = nearest(name, GAMES)
    hint = f"did you mean {close!r}?" if close else f"one of {', '.join(GAMES)}, or a file"
    raise InputError(f"unknown game {name!r:.80}", where="--game", hint=hint)


def read_game(path: Path) -> Game:
    """The game in a text file: optionally a line with the names of the responses, then a line for each row of P.

    Values stand between commas or blanks; empty lines and lines that start with # are skipped. Raises InputError, with
    the line, where the file is none.
    """
    rows = _rows(path)
    names = tuple(rows.pop(0)[1]) if rows and _numbers(rows[0][1]) is None else ()
    if not rows:
        raise InputError("no game in this file", where=str(path), hint="one row of n numbers for each response")
    if unclear := [name for name in names if not (name and name.isprintable())]:
        raise InputError(f"not a name: {unclear[0]!r:.80}", where=str(path))
    width = len(rows)
    for line, row in rows:
        if _numbers(row) is None:
            wrong = next(value for value in row if _numbers([value]) is None)
            raise InputError(f"not a number: {wrong!r:.80}", where=f"{path}, line {line}")
        if len(row) != width:
            raise InputError(f"{len(row)} numbers in a table of {width} rows", where=f"{path}, line {line}")
    matrix = [_numbers(row) for _, row in rows]
    checked = check_preferences(matrix, names, where=str(path))
    return Game(path.stem, names or tuple(f"y{i + 1}" for i in range(width)), checked)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of a file that say something: their number, and their values."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read the game: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=str(path)) from None
    if len(content) > MOST_BYTES:
        raise InputError("too large for a game", where=str(path), hint=f"at most {MOST_BYTES // 10**6} MB are read")
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, _values(line)) for number, line in lines if line and not line.startswith("#")]


def _values(line: str) -> list[str]:
    return [value.strip() for value in line.split(",")] if "," in line else line.split()


def _numbers(values: Sequence[str]) -> list[float] | None:
    try:
        return [float(value) for value in values]
    except ValueError:
        return None
