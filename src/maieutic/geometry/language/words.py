"""Words moved about: marks between them, and names in other alphabets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from maieutic.geometry.language.names import in_ascii
from maieutic.geometry.trusted.words import Word


def nth(words: Iterable[Word], text: str, number: int) -> Word:
    """The word with this text that is at this place among those, from 0."""
    return [word for word in words if word.text == text][number]


def mark(text: str, at: Word) -> Word:
    """A sign that stands where a word does."""
    return Word(text, at.line, at.column)


def joined(parts: Sequence[Sequence[Word]], sign: str) -> Iterator[Word]:
    """Groups of words with a sign between them."""
    last: Word | None = None
    for part in parts:
        if last is not None:
            yield mark(sign, last)
        yield from part
        last = part[-1] if part else last or Word(sign)


def labels_in(words: Iterable[Word]) -> dict[str, str]:
    """Names in ASCII, all different, of the points whose names are not: α, Δ₁ and B′ are alpha, delta1 and B'."""
    bare = [word.text.partition("@")[0] for word in words]
    taken = {text for text in bare if text.isascii()}
    labels: dict[str, str] = {}
    for label in bare:
        wanted = "".join(sign if sign.isascii() else in_ascii(sign).lower() for sign in label)
        if (
            label in labels
            or label.isascii()
            or not (label[0].isalpha() and wanted.replace("'", "").replace("_", "").isalnum())
        ):
            continue
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        labels[label] = name
        taken.add(name)
    return labels


def renamed(word: Word, labels: Mapping[str, str]) -> Word:
    """A word with another name for its point, where it has one."""
    name, at, place = word.text.partition("@")
    return word._replace(text=f"{labels[name]}{at}{place}") if name in labels else word
