"""What a judge's answer says: a score, a JSON object of scores, or a choice; or nothing (None).

Only the judge's own completion is read, never its prompt. The rule everywhere is that a doubtful answer is no answer:
one that ends without a verdict, gives two different ones, is on another scale, or is too long to be meant. Nothing is
guessed, rounded or taken from the middle of a text, since an answer that is wrongly read becomes a wrong preference,
and one that is not read is only asked again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

LONGEST = 32_768
"""Characters of an answer that are kept and read. A longer one is no answer."""

DECORATION = str.maketrans("", "", "*_`#")
SCORE = re.compile(
    r"(?:^|[ (])score ?[:=] ?([0-9]{1,3}(?:\.[0-9]{1,3})?)(?: ?(?:/|out of) ?([0-9]{1,3}))?(?: points?)?[.)]?$",
    re.IGNORECASE,
)
CHOICE = re.compile(r"(?:^|[ (])better ?[:=] ?(?:response )?([a-z]+)[.)]?$", re.IGNORECASE)
LETTER = re.compile(r"\(?(?:response )?([a-z]+)[.):]?", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
OBJECTS = 16
"""Places in an answer where a JSON object is looked for."""


def read_score(answer: str, lowest: float, highest: float) -> float | None:
    """The number of the closing "Score: N".

    It must end the last line that is not empty. "Score: 4/5", "**Score:** 4" and "4 out of 5 points" are the same; a
    total other than `highest`, a number outside [lowest, highest], and another line that ends in another score are not
    accepted.
    """
    found = _closing(answer, SCORE)
    if found is None or any(total is not None and float(total) != highest for _, total in found):
        return None
    values = {float(number) for number, _ in found}
    return _in_range(values.pop(), lowest, highest) if len(values) == 1 else None


def read_choice(answer: str, labels: Sequence[str]) -> str | None:
    """The label of the closing "Better: A", or of an answer that is a label and nothing else. Case does not matter."""
    lines = _lines(answer)
    alone = LETTER.fullmatch(lines[0]) if len(lines) == 1 else None
    found = [alone.groups()] if alone else _closing(answer, CHOICE)
    chosen = {name.lower() for name, *_ in found or ()}
    known = {label.lower(): label for label in labels}
    return known.get(chosen.pop()) if len(chosen) == 1 else None


def read_scores(answer: str, labels: Sequence[str], lowest: float, highest: float) -> dict[str, float] | None:
    """The scores of a JSON object {label: {"justification": ..., "score": N}}, one for each label and no other.

    Text around the object and a fence of backticks do not matter. A key that comes twice, a second object, or one score
    that is missing or outside [lowest, highest] leaves the whole answer unread: what was judged side by side counts
    together.
    """
    objects = _objects(answer)
    if len(objects) != 1 or set(objects[0]) != set(labels):
        return None
    scores = {}
    for label in labels:
        entry = objects[0][label]
        score = _in_range(_number(entry.get("score")), lowest, highest) if isinstance(entry, dict) else None
        if score is None:
            return None
        scores[label] = score
    return scores


def justifications(answer: str) -> dict[str, str]:
    """The justification of each label in an answer that `read_scores` could read."""
    (entries,) = _objects(answer)
    return {label: str(entry.get("justification", "")) for label, entry in entries.items()}


def _closing(answer: str, pattern: re.Pattern[str]) -> list[tuple[str, ...]] | None:
    """What all lines that end in a verdict say; None where the last line is not one of them."""
    matches = [pattern.search(line) for line in _lines(answer)]
    if not matches or matches[-1] is None:
        return None
    return [match.groups() for match in matches if match]


def _final(answer: str) -> str:
    """The answer without what a reasoning model thinks aloud before it; nothing of one that is too long."""
    return answer.rpartition("</think>")[2] if len(answer) <= LONGEST else ""


def _lines(answer: str) -> list[str]:
    """The lines that are not empty, without Markdown, and with single spaces (which keeps the patterns linear)."""
    lines = (" ".join(line.split()) for line in _final(answer).translate(DECORATION).splitlines())
    return [line for line in lines if line]


def _objects(answer: str) -> list[dict[str, Any]]:
    """The outermost JSON objects in a text; none where one has a key twice."""
    answer = _final(answer)
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
    found: list[dict[str, Any]] = []
    place = answer.find("{")
    for _ in range(OBJECTS):
        if place < 0:
            return found
        try:
            value, place = decoder.raw_decode(answer, place)
            found.append(value)
        except _Twice:
            return []
        except (ValueError, RecursionError):  # no object begins here
            place += 1
        place = answer.find("{", place)
    return []


class _Twice(Exception):
    """A JSON object has a key twice, so that nobody knows what it says."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise _Twice
    return entries


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _number(value: object) -> float:
    """A JSON number, or a text that is one; NaN for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e6 else math.nan
    return math.nan


def _in_range(value: float, lowest: float, highest: float) -> float | None:
    return value if lowest <= value <= highest else None
