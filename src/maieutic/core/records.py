"""The records that both worlds write: what was proposed, what the judge said, what is learned from.

All are frozen and JSON-like. The id of a record is the hash of its content, so that the same thing has the same id in
every run, and a cache or a resumed stage recognises it. None as a verdict is an abstention: it is counted and asked
again, and never becomes a number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from maieutic.core.errors import InputError

ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str


Prompt = str | tuple[Message, ...]
"""A plain text that a completion goes on from, or a conversation whose next turn is the assistant's."""


@dataclass(frozen=True)
class Record:
    """What every record can do."""

    @property
    def id(self) -> str:
        """32 hexadecimal digits: a hash of the kind of record and its content."""
        return content_hash([type(self).__name__, to_json(self)])


@dataclass(frozen=True)
class Example(Record):
    """A completion to imitate."""

    prompt: Prompt
    completion: str
    weight: float = 1.0


@dataclass(frozen=True)
class Completions(Record):
    """Several completions of one prompt to imitate, each as much as the others; the weight is that of all together."""

    prompt: Prompt
    completions: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Sample(Record):
    """A completion that a model wrote. `finish` is "stop", or "length" where it was cut off."""

    prompt: Prompt
    completion: str
    model: str
    seed: int
    finish: str = "stop"


@dataclass(frozen=True)
class Score(Record):
    """What a judge gave one sample (by its id); None: no verdict. `raw` is what the judge wrote."""

    sample: str
    judge: str
    value: float | None
    raw: str = ""


@dataclass(frozen=True)
class Comparison(Record):
    """How likely the left sample is better than the right one (by their ids), in [0, 1]; None: no verdict."""

    left: str
    right: str
    judge: str
    p_left: float | None
    raw: str = ""

    def swap(self) -> Comparison:
        """The same verdict, told from the other side."""
        p = None if self.p_left is None else 1.0 - self.p_left
        return replace(self, left=self.right, right=self.left, p_left=p)


@dataclass(frozen=True)
class PreferencePair(Record):
    """Two completions of a prompt, the better one first. `margin` is r(chosen) - r(rejected), in the judge's units.

    `origin` says who wrote them, as "teacher>student".
    """

    prompt: Prompt
    chosen: str
    rejected: str
    margin: float = 1.0
    weight: float = 1.0
    judge: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Ranking(Record):
    """Several completions of a prompt with a rank each, 1 the best; equal ranks are ties."""

    prompt: Prompt
    completions: tuple[str, ...]
    ranks: tuple[int, ...]


Kind = TypeVar("Kind", bound=Record)


def content_hash(value: Any) -> str:
    """32 hexadecimal digits for anything that JSON can write; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def to_json(record: Record) -> dict[str, Any]:
    """The record as JSON's dictionaries and lists."""
    return asdict(record)


def from_json(kind: type[Kind], value: Mapping[str, Any], where: str = "") -> Kind:
    """The record of this kind that `to_json` wrote. Raises InputError where it is none."""
    names = [field.name for field in fields(kind)]
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise InputError(f"{kind.__name__} has no {unknown[0]!r}", where=where, hint=f"it has {', '.join(names)}")
    content = {name: tuple(v) if isinstance(v, list) else v for name, v in value.items()}
    if "prompt" in content:
        content["prompt"] = read_prompt(content["prompt"], where)
    try:
        return kind(**content)
    except TypeError as error:
        missing = [name for name in names if name not in value]
        raise InputError(f"{kind.__name__} lacks {', '.join(missing)}", where=where) from error


def read_prompt(value: Any, where: str = "") -> Prompt:
    """A prompt from JSON: a text, or a list of messages with role and content."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Sequence) or not value:
        raise InputError("a prompt is a text or a list of messages", where=where)
    messages = []
    for item in value:
        if isinstance(item, Message):
            messages.append(item)
            continue
        well_formed = isinstance(item, Mapping) and isinstance(item.get("content"), str) and item.get("role") in ROLES
        if not well_formed:
            raise InputError(f"not a message: {item!r:.80}", where=where, hint=f"role ({', '.join(ROLES)}) and content")
        messages.append(Message(item["role"], item["content"]))
    return tuple(messages)
