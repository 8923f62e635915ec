"""Proofs as JSON: to keep them, to send them, and to check them elsewhere.

    {"format": "maieutic proof 2", "name": "altitudes", "problem": "a b c = triangle a b c; ... ? perp a h b c",
     "conventions": [], "seed": 0, "auxiliary": ["d = midpoint d a b"],
     "figure": {"a": [0.25, 1.5], ...},
     "verdict": {"assumed": ["ncoll a b h"], "configuration": [], "notes": []},
     "steps": [{"conclusion": "perp h b a c", "rule": "hypothesis"},
               {"conclusion": "perp a h b c", "rule": "linear", "premises": [0, 1],
                "table": "square", "equations": [1, 1], "weights": [-1, -1]}]}

The problem is its own text, with its goals and its auxiliary clauses; `auxiliary` repeats the latter, and `conventions`
says what the problem's constructions mean besides their facts: a second meet is not the first one. `figure` has the
coordinates of the proof's own figure, `verdict`, which may be missing, what the kernel said of the proof when it was
written. What a step does not use is left out. Reading asks only for the right shape, and what it returns is equal to
what was written; whether the proof is a proof, and under which conditions, is the kernel's to say, who believes
neither the figure nor that verdict.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import Any, TypeVar

from maieutic.core.errors import InputError, ProblemError, nearest
from maieutic.core.text import printable
from maieutic.geometry.language.problem import parse_text, print_problem
from maieutic.geometry.trusted.records import Accepted, Clause, Construction, Deduction, Fact, Point, Problem, Proof
from maieutic.geometry.trusted.stated import conventions

T = TypeVar("T")

VERSION = 2
FORMAT = f"maieutic proof {VERSION}"
FIRST = "01c5221"
"""The last commit that reads proofs of version 1."""

HEAD = ("format", "name", "problem", "conventions", "seed", "auxiliary", "figure", "steps")
"""The keys that a proof must have."""

_NUMBER = re.compile(r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?")
_DEFAULTS = {f.name: f.default for f in fields(Deduction) if f.default is not MISSING}


def to_json(proof: Proof, verdict: Accepted | None = None) -> str:
    """A proof as JSON text, a line each step: `from_json(to_json(proof)) == proof`.

    `verdict`, what the kernel says of it, is told to whoever reads the text.
    """
    head: dict[str, Any] = {
        "format": FORMAT,
        "name": proof.problem.name,
        "problem": print_problem(proof.problem),
        "conventions": [str(fact) for fact in conventions(proof.problem, len(proof.auxiliary))],
        "seed": proof.seed,
        "auxiliary": [str(clause) for clause in proof.auxiliary],
        "figure": {point: [place.real, place.imag] for point, place in proof.figure},
    }
    if verdict:
        head["verdict"] = verdict_json(verdict)
    lines = [f"{_dump(key)}: {_dump(value)}" for key, value in head.items()]
    steps = ",".join(f"\n  {_dump(_step_to_json(step))}" for step in proof.deductions)
    return ",\n".join(["{" + lines[0], *lines[1:], f'"steps": [{steps}\n]}}']) + "\n"


def verdict_json(verdict: Accepted | None) -> dict[str, list[str]]:
    """What a verdict says beside its yes; nothing where there is none."""
    return {
        "assumed": [str(fact) for fact in verdict.assumed] if verdict else [],
        "configuration": [str(fact) for fact in verdict.configuration] if verdict else [],
        "notes": list(verdict.notes) if verdict else [],
    }


def _dump(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False), None)


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
    _check_version(_get(_object(content, "proof"), "format", _text, ""))
    top = _record(content, "proof", {*HEAD, "verdict"})
    try:
        problem = parse_text(_get(top, "problem", _text, ""), _get(top, "name", _text, ""))
    except ProblemError as error:
        raise InputError(
            error.message, where=", ".join(filter(None, ("problem", error.where))), hint=error.hint
        ) from None
    auxiliary = _get(top, "auxiliary", _tuple(_clause), "")
    _check_conventions(_get(top, "conventions", _tuple(_fact), ""), conventions(problem, len(auxiliary)))
    if "verdict" in top:
        _verdict(top["verdict"], "verdict")
    return Proof(
        problem,
        _get(top, "steps", _tuple(_step), ""),
        _get(top, "seed", _integer, ""),
        auxiliary,
        _places(_get(top, "figure", _object, ""), problem),
    )


def _check_version(found: str) -> None:
    """Raises InputError for another version than this one, in words that help."""
    if found == FORMAT:
        return
    version = re.fullmatch(r"maieutic proof ([0-9]{1,9})", found)
    if version is None:
        raise InputError(f"{printable(found, 40)!r} is no format of a proof", where="format", hint=f"it is {FORMAT!r}")
    old = f"; version 1 is read by commit {FIRST} of maieutic" if version[1] == "1" else ""
    raise InputError(
        f"this proof is of version {version[1]}, and this program reads version {VERSION}{old}",
        where="format",
        hint="`maieutic prove` makes the proof anew",
    )


def _check_conventions(found: tuple[Fact, ...], agreed: tuple[Fact, ...]) -> None:
    """Raises InputError where a file has other conventions than its problem: it was meant for another language."""
    if found != agreed:
        shown, wanted = ("; ".join(map(str, facts)) or "none" for facts in (found, agreed))
        raise InputError(
            f"not the conventions of this problem: {printable(shown)}", where="conventions", hint=f"they are: {wanted}"
        )


def _places(content: Mapping[str, Any], problem: Problem) -> tuple[tuple[str, Point], ...]:
    """The coordinates of a figure."""
    known = frozenset(problem.points)
    for point in content:
        if point not in known:
            raise InputError(f"{printable(point, 40)!r} is no point of the problem", where="figure")
    return tuple((point, _place(value, f"figure.{point}")) for point, value in content.items())


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


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"expected an object, found {_shown(value)}", where=where)
    return value


def _record(value: Any, where: str, known: set[str]) -> dict[str, Any]:
    for key in _object(value, where):
        if key not in known:
            close = nearest(key, known)
            raise InputError(f"unknown key {key!r}", where=where, hint=close and f"did you mean {close!r}?")
    return _object(value, where)


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


def _place(value: Any, where: str) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise InputError(f"expected two numbers, found {_shown(value)}", where=where)
    return complex(*(_finite(part, f"{where}[{index}]") for index, part in enumerate(value)))


def _finite(value: Any, where: str) -> float:
    try:
        if type(value) in (int, float) and math.isfinite(value):
            return float(value)
    except OverflowError:  # an integer of hundreds of digits
        pass
    raise InputError(f"expected a finite number, found {_shown(value)}", where=where)


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


def _verdict(value: Any, where: str) -> None:
    """Only its shape is asked for: what it says is the kernel's to say again."""
    parts: dict[str, Reader[Any]] = {"assumed": _tuple(_fact), "configuration": _tuple(_fact), "notes": _tuple(_text)}
    content = _record(value, where, set(parts))
    for key, read in parts.items():
        _get(content, key, read, f"{where}.")
