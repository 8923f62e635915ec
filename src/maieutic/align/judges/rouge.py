"""ROUGE-L: how much of two texts is a common subsequence of words (Lin 2004); and a pool that asks it fast.

The length of the longest common subsequence comes from bit-vectors (Hyyrö 2004, "Bit-parallel LCS-length computation
revisited"): a few operations on one long integer for each word, where the table of the textbook takes a step for each
pair of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

WORD = re.compile(r"\w+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case and without punctuation."""
    return tuple(WORD.findall(text.lower()))


def rouge_l(a: str, b: str) -> float:
    """The F-measure of the longest common subsequence of words: 2 LCS / (words of a + words of b), from 0 to 1."""
    first, second = words(a), words(b)
    return _f_measure(_masks(first), len(first), second)


class Pool:
    """Texts to which a new one may be too similar."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = [words(text) for text in texts]

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> None:
        """Remember a text."""
        self._texts.append(words(text))

    def has_similar(self, text: str, threshold: float) -> bool:
        """Whether some text of the pool has a ROUGE-L with this one above the threshold."""
        new = words(text)
        masks = _masks(new)
        return any(
            2 * min(len(new), len(old)) > threshold * (len(new) + len(old))  # at best the shorter one is all common
            and _f_measure(masks, len(new), old) > threshold
            for old in self._texts
        )


def _masks(sequence: Sequence[str]) -> dict[str, int]:
    """For each word, the bits of its places."""
    masks: dict[str, int] = {}
    for place, word in enumerate(sequence):
        masks[word] = masks.get(word, 0) | 1 << place
    return masks


def _f_measure(masks: dict[str, int], length: int, other: Sequence[str]) -> float:
    total = length + len(other)
    return 2 * _common(masks, length, other) / total if total else 0.0


def _common(masks: dict[str, int], length: int, other: Sequence[str]) -> int:
    """The length of the longest common subsequence: the zeros that are left among `length` bits."""
    full = (1 << length) - 1
    bits = full
    for word in other:
        matches = bits & masks.get(word, 0)
        bits = ((bits + matches) | (bits - matches)) & full
    return length - bits.bit_count()
