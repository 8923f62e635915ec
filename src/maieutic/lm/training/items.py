"""Records become items: the rows of ids that one example, pair or ranking puts through the model, and its numbers.

Several completions of one prompt to imitate are one item as well, so that they go through the model together and share
the prompt's computation.

What cannot be learned from is left out and counted, by reason. The pieces of one record stay together: a pair whose
rejected completion is empty is no pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from maieutic.core.errors import InputError
from maieutic.core.progress import progress
from maieutic.core.records import Completions, Example, PreferencePair, Ranking, Record
from maieutic.lm.losses import Kind
from maieutic.lm.tokens import Dropped, DropReason, Encoded, encode_all


@dataclass(frozen=True)
class Item:
    """One example (a row, or one for each of several completions), pair (chosen, rejected) or ranking (a row for each
    completion)."""

    rows: tuple[Encoded, ...]
    weight: float = 1.0
    margin: float = 1.0
    ranks: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """Tokens of its longest row."""
        return max(len(row.prompt) + len(row.completion) for row in self.rows)

    @property
    def row_weight(self) -> float:
        """What each row of an example weighs."""
        return self.weight / len(self.rows)


Encode = Callable[[Any, Sequence[str]], list[Encoded | Dropped]]

RECORDS: dict[Kind, tuple[type[Record], ...]] = {
    "examples": (Example, Completions),
    "pairs": (PreferencePair,),
    "rankings": (Ranking, PreferencePair),
}
"""What each kind of loss learns from; a pair is a ranking of two."""

TIED = "no completion is better than another"


def items_of(
    data: Sequence[Record], kind: Kind, tokenizer: Any, max_length: int | None
) -> tuple[list[Item], Counter[str]]:
    """The items of the data, in order, and how many records were left out, by reason.

    Raises InputError, with the row, for a record of another kind and for a prompt that merges with its completion; and
    where nothing is left.
    """

    def encode(prompt: Any, completions: Sequence[str]) -> list[Encoded | Dropped]:
        return encode_all(tokenizer, prompt, completions, max_length=max_length)

    items: list[Item] = []
    dropped: Counter[str] = Counter()
    with progress("Encoding", total=len(data)) as advance:
        for number, record in enumerate(data, 1):
            if not isinstance(record, RECORDS[kind]):
                raise InputError(f"a loss on {kind} does not learn from {type(record).__name__}", where=f"row {number}")
            try:
                item = _ITEM[kind](record, encode)
            except InputError as error:
                place = f"row {number}" + (f", {error.where}" if error.where else "")
                raise InputError(error.message, where=place, hint=error.hint) from None
            if isinstance(item, Item):
                items.append(item)
            else:
                dropped[item] += 1
            advance(1)
    if not items:
        reasons = ", ".join(f"{count} times {reason}" for reason, count in dropped.items())
        raise InputError(f"nothing to learn from: {reasons or 'no data'}")
    return items, dropped


def _example(record: Example | Completions, encode: Encode) -> Item | str:
    completions = (record.completion,) if isinstance(record, Example) else record.completions
    rows, dropped = _sorted_out(encode(record.prompt, completions))
    return Item(tuple(rows), record.weight) if rows else next(iter(dropped), DropReason.EMPTY.value)


def _pair(record: PreferencePair, encode: Encode) -> Item | str:
    rows, dropped = _sorted_out(encode(record.prompt, [record.chosen, record.rejected]))
    return dropped[0] if dropped else Item(tuple(rows), record.weight, record.margin)


def _ranking(record: Ranking | PreferencePair, encode: Encode) -> Item | str:
    """A completion that cannot be scored leaves the ranking of the others."""
    if isinstance(record, PreferencePair):
        item = _pair(record, encode)
        return item if isinstance(item, str) else Item(item.rows, item.weight, ranks=(1, 2))
    encoded = encode(record.prompt, record.completions)
    rows, dropped = _sorted_out(encoded)
    ranks = tuple(rank for row, rank in zip(encoded, record.ranks, strict=True) if isinstance(row, Encoded))
    if len(set(ranks)) > 1:
        return Item(tuple(rows), ranks=ranks)
    return dropped[0] if dropped else TIED


def _sorted_out(encoded: Sequence[Encoded | Dropped]) -> tuple[list[Encoded], list[str]]:
    rows = [row for row in encoded if isinstance(row, Encoded)]
    return rows, [row.reason.value for row in encoded if isinstance(row, Dropped)]


_ITEM: dict[Kind, Callable[[Any, Encode], Item | str]] = {"examples": _example, "pairs": _pair, "rankings": _ranking}
