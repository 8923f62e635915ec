"""Proofs as JSON: to keep them, to send them, and to check them elsewhere.

    {"format": "maieutic proof 1", "name": "altitudes", "problem": "a b c = triangle a b c; ... ? perp a h b c",
     "seed": 0, "auxiliary": ["d = midpoint d a b"],
     "steps": [{"conclusion": "perp h b a c", "rule": "hypothesis"},
               {"conclusion": "perp a h b c", "rule": "linear", "premises": [0, 1],
                "table": "square", "equations": [1, 1], "weights": [-1, -1]}]}

The problem is its own text, with its goals and its auxiliary clauses; `auxiliary` repeats the latter. What a step does
not use is left out. Reading asks only for the right shape, and what it returns is equal to what was written; whether
the proof is a proof is the kernel's to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import Any, TypeVar

from maieutic.core.errors import InputError, ProblemError, nearest
from maieutic.geometry.problem import parse_problem, print_problem
from maieutic.geometry.records import Clause, Construction, Deduction, Fact, Proof

T = TypeVar("T")

FORMAT = "maieutic proof 1"
_NUMBER = re.compile(r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?")
_DEFAULTS = {f.name: f.default for f in fields(Deduction) if f.default is not MISSING}


def to_json(proof: Proof) -> str:
    """A proof as JSON text, a line each step: `from_json(to_json(proof)) == proof`."""
    head = {
        "format": FORMAT,
        "name": proof.problem.name,
        "problem": print_problem(proof.problem),
        "seed": proof.seed,
        "auxiliary": [str(clause) for clause in proof.auxiliary],
    }
    lines = [f"{_dump(key)}: {_dump(value)}" for key, value in head.items()]
    steps = ",".join(f"\n  {_dump(_step_to_json(step))}" for step in proof.deductions)
    return ",\n".join(["{" + lines[0], *lines[1:], f'"steps": [{steps}\n]}}']) + "\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _step_to_json(step: Deduction) -> dict[str, Any]:
    content = {name: getattr(step, name) for name in _DEFAULTS if getattr(step, name) != _DEFAULTS[name]}
    if step.guards:
        content["guards"] = [str(guard) for guard in step.guards]
    return {"conclusion": str(step.conclusion), "rule": step.rule, **content}


def from_json(text: str) -> Proof:
    """The proof of a JSON text. Raises InputError with the place and what is wrong with it."""
    try:
        content = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}", where=f"line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError) as error:  # numbers of too many digits, nesting too deep, a key twice
        raise InputError(f"not JSON that can be read: {error}", where="proof") from None
    top = _record(content, "proof", {"format", "name", "problem", "seed", "auxiliary", "steps"})
    if _get(top, "format", _text, "") != FORMAT:
        raise InputError(f"unknown format {top['format']!r}", where="format", hint=f"expected {FORMAT!r}")
    try:
        problem = parse_problem(_get(top, "problem", _text, ""), _get(top, "name", _text, ""))
    except ProblemError as error:
        raise InputError(
            error.message, where=", ".join(filter(None, ("problem", error.where))), hint=error.hint
        ) from None
    return Proof(
        problem,
        _get(top, "steps", _tuple(_step), ""),
        _get(top, "seed", _integer, ""),
        _get(top, "auxiliary", _tuple(_clause), ""),
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key that stands twice in one object")
    return content


# --- readers: a value and its place to what it stands for, or InputError ---------------------------------------------

Reader = Callable[[Any, str], T]


def _get(content: Mapping[str, Any], key: str, read: Reader[T], prefix: str) -> T:
    if key not in content:
        raise InputError(f"{key!r} is missing", where=prefix.rstrip(".") or "proof")
    return read(content[key], prefix + key)


def _record(value: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"expected an object, found {_shown(value)}", where=where)
    for key in value:
        if key not in known:
            close = nearest(key, known)
            raise InputError(f"unknown key {key!r}", where=where, hint=close and f"did you mean {close!r}?")
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"expected a text, found {_shown(value)}", where=where)
    return value


def _integer(value: Any, where: str) -> int:
    if type(value) is not int:
        raise InputError(f"expected an integer, found {_shown(value)}", where=where)
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"expected true or false, found {_shown(value)}", where=where)
    return value


def _tuple(read: Reader[T]) -> Reader[tuple[T, ...]]:
    def read_all(value: Any, where: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InputError(f"expected a list, found {_shown(value)}", where=where)
        return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))

    return read_all


def _words(value: Any, where: str) -> tuple[str, tuple[str, ...], tuple[Fraction, ...]]:
    """A name, points, numbers: the text of a fact or of a construction."""
    words = _text(value, where).split()
    if not words:
        raise InputError("expected a name and its points, found nothing", where=where)
    split = next((i for i, word in enumerate(words) if word[0] in "-0123456789"), len(words))
    for word in words[split:]:
        if not _NUMBER.fullmatch(word) or len(word) > 1000:
            raise InputError(f"expected a number, found {word[:40]!r}", where=where, hint="write it as 3 or -1/2")
    if split == 0:
        raise InputError(f"expected a name, found the number {words[0]!r}", where=where)
    return words[0], tuple(words[1:split]), tuple(map(Fraction, words[split:]))


def _fact(value: Any, where: str) -> Fact:
    return Fact(*_words(value, where))


def _clause(value: Any, where: str) -> Clause:
    points, equals, right = _text(value, where).partition("=")
    if not equals:
        raise InputError("expected '=' in the clause", where=where)
    parts = right.split(",") if right.strip() else []
    return Clause(tuple(points.split()), tuple(Construction(*_words(part, where)) for part in parts))


_READERS: dict[str, Reader[Any]] = {
    "conclusion": _fact,
    "rule": _text,
    "premises": _tuple(_integer),
    "points": _tuple(_text),
    "table": _text,
    "equations": _tuple(_integer),
    "weights": _tuple(_integer),
    "multiple": _integer,
    "guards": _tuple(_fact),
    "configuration": _flag,
}


def _step(value: Any, where: str) -> Deduction:
    content = _record(value, where, set(_READERS))
    names = [name for name in _READERS if name in content or name not in _DEFAULTS]
    return Deduction(**{name: _get(content, name, _READERS[name], f"{where}.") for name in names})
