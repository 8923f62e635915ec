"""Files of training data, in the formats that TRL reads: one JSON object a line, or one list of them (`.json`).

| what is learned from | columns |
|---|---|
| examples | `prompt`, `completion` (and `weight`); or `messages`; or `text` |
| pairs | `prompt`, `chosen`, `rejected` (and `margin`, `weight`, `judge`, `origin`); or `chosen`, `rejected` alone |
| rankings | `prompt`, `completions`, `ranks` (1 is the best); a pair is a ranking of two |
| prompts | `prompt`; or `instruction`, as AlpacaEval has it |

A prompt or completion is a text, or a list of messages (`role`, `content`). Where `chosen` and `rejected` are whole
conversations, the turns that they share are the prompt. Other columns are left alone. Errors name the file, the line
and the column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from maieutic.core.errors import InputError, nearest
from maieutic.core.files import write_lines
from maieutic.core.records import Example, Message, PreferencePair, Prompt, Ranking, Record, read_prompt, to_json

Row = Mapping[str, Any]
T = TypeVar("T")


def read_examples(path: Path) -> list[Example]:
    """Completions to imitate. A text on its own is an example without a prompt; each turn of the assistant in
    `messages` is an example, with the turns before it as its prompt."""
    return [example for found in _each(path, _examples) for example in found]


def read_pairs(path: Path) -> list[PreferencePair]:
    """Preference pairs, with or without a prompt column."""
    return _each(path, _pair)


def read_rankings(path: Path) -> list[Ranking]:
    """Rankings of two or more completions, and pairs, which are rankings of two."""
    return _each(path, _ranking)


def read_prompts(path: Path) -> list[Prompt]:
    """Prompts to answer."""
    return _each(path, _prompt_alone)


def write_records(path: Path, records: Iterable[Record], conversational: bool = False) -> None:
    """Write records, one a line, so that TRL and this module read them; the file is there as a whole or not at all.

    With `conversational`, prompts and completions are lists of messages throughout.
    """
    write_lines(path, (_conversation(to_json(r)) if conversational else to_json(r) for r in records))


# --- a row to a record -----------------------------------------------------------------------------------------------


def _examples(row: Row, where: str) -> list[Example]:
    weight = _number(row, "weight", 1.0, where)
    if "messages" in row:
        turns = _messages(row, "messages", where)
        places = [n for n, turn in enumerate(turns) if n and turn.role == "assistant"]
        if not places:
            raise InputError("no turn of the assistant after another's", where=f"{where}, 'messages'")
        return [Example(turns[:n], turns[n].content, weight) for n in places]
    if "text" in row and "completion" not in row:
        return [Example("", _text(row, "text", where), weight)]
    return [Example(_prompt(row, where), _completion(row, "completion", where), weight)]


def _pair(row: Row, where: str) -> PreferencePair:
    extra: dict[str, Any] = {name: _number(row, name, 1.0, where) for name in ("margin", "weight")}
    extra |= {name: str(row.get(name) or "") for name in ("judge", "origin")}
    if "prompt" in row:
        chosen, rejected = (_completion(row, name, where) for name in ("chosen", "rejected"))
        return PreferencePair(_prompt(row, where), chosen, rejected, **extra)
    return PreferencePair(*_implicit_prompt(row, where), **extra)


def _implicit_prompt(row: Row, where: str) -> tuple[Prompt, str, str]:
    """The turns that two conversations share, and the turn that each ends with."""
    if isinstance(row.get("chosen"), str):
        hint = "a shared beginning of two texts need not be the prompt"
        raise InputError(f"no column 'prompt' ({_columns(row)})", where=where, hint=hint)
    chosen, rejected = (_messages(row, name, where) for name in ("chosen", "rejected"))
    both = takewhile(lambda turns: turns[0] == turns[1], zip(chosen[:-1], rejected[:-1], strict=False))
    prompt = tuple(turn for turn, _ in both)
    if not prompt:
        raise InputError("'chosen' and 'rejected' do not begin with the same turns", where=where)
    n = len(prompt)
    return prompt, _one_turn(chosen[n:], "chosen", where), _one_turn(rejected[n:], "rejected", where)


def _ranking(row: Row, where: str) -> Ranking:
    if "completions" not in row:
        pair = _pair(row, where)
        return Ranking(pair.prompt, (pair.chosen, pair.rejected), (1, 2))
    prompt = _prompt(row, where)
    given, ranks = _list(row, "completions", where), _list(row, "ranks", where)
    completions = tuple(_answer(item, "completions", where) for item in given)
    if len(completions) != len(ranks) or len(completions) < 2:
        raise InputError(f"{len(completions)} completions and {len(ranks)} ranks", where=where, hint="two or more each")
    if not all(isinstance(rank, int) and not isinstance(rank, bool) for rank in ranks):
        raise InputError("a rank is a whole number, 1 the best", where=f"{where}, 'ranks'")
    return Ranking(prompt, completions, tuple(ranks))


def _prompt_alone(row: Row, where: str) -> Prompt:
    return _text(row, "instruction", where) if "prompt" not in row and "instruction" in row else _prompt(row, where)


# --- columns ---------------------------------------------------------------------------------------------------------


def _prompt(row: Row, where: str) -> Prompt:
    return read_prompt(_column(row, "prompt", where), f"{where}, 'prompt'")


def _completion(row: Row, name: str, where: str) -> str:
    return _answer(_column(row, name, where), name, where)


def _answer(value: Any, name: str, where: str) -> str:
    if isinstance(value, str):
        return value
    return _one_turn(_read_messages(value, name, where), name, where)


def _one_turn(turns: Sequence[Message], name: str, where: str) -> str:
    if len(turns) != 1 or turns[0].role != "assistant":
        hint = "one turn, of the assistant"
        roles = ", ".join(turn.role for turn in turns)
        raise InputError(f"the completion's turns are: {roles}", where=f"{where}, {name!r}", hint=hint)
    return turns[0].content


def _messages(row: Row, name: str, where: str) -> tuple[Message, ...]:
    return _read_messages(_column(row, name, where), name, where)


def _read_messages(value: Any, name: str, where: str) -> tuple[Message, ...]:
    messages = read_prompt(value, f"{where}, {name!r}")
    if isinstance(messages, str):
        raise InputError("a text where a list of messages is wanted", where=f"{where}, {name!r}")
    return messages


def _text(row: Row, name: str, where: str) -> str:
    value = _column(row, name, where)
    if not isinstance(value, str):
        raise InputError(f"not a text: {value!r:.80}", where=f"{where}, {name!r}")
    return value


def _list(row: Row, name: str, where: str) -> list[Any]:
    value = _column(row, name, where)
    if not isinstance(value, list):
        raise InputError(f"not a list: {value!r:.80}", where=f"{where}, {name!r}")
    return value


def _number(row: Row, name: str, default: float, where: str) -> float:
    value = row.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"not a number: {value!r:.80}", where=f"{where}, {name!r}")
    if name == "weight" and value < 0:
        raise InputError(f"a weight below 0: {value}", where=f"{where}, {name!r}")
    return float(value)


def _column(row: Row, name: str, where: str) -> Any:
    if row.get(name) is None:
        close = nearest(name, row)
        hint = f"is {close!r} meant for it?" if close and close != name else _columns(row)
        raise InputError(f"no column {name!r}", where=where, hint=hint)
    return row[name]


def _columns(row: Row) -> str:
    return f"there are {', '.join(map(repr, row))}" if row else "there are none"


# --- files -----------------------------------------------------------------------------------------------------------


def _each(path: Path, read: Callable[[Row, str], T]) -> list[T]:
    """What `read` makes of each row. Raises InputError where the file cannot be read, is empty, or a row is wrong."""
    found = [read(row, where) for row, where in _rows(Path(path))]
    if not found:
        raise InputError("no data in it", where=str(path))
    return found


def _rows(path: Path) -> Iterator[tuple[Row, str]]:
    """The rows, each with its place. A `.json` file may be one list; what else it holds is read line by line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("not a text in UTF-8", where=str(path)) from None
    if text.lstrip().startswith("["):
        values, places = _parse(text, str(path)), "row"
    else:
        values, places = None, "line"
    lines = enumerate(values if values is not None else text.split("\n"), 1)
    for number, value in lines:
        where = f"{path}, {places} {number}"
        if values is None and not value.strip():
            continue
        row = value if values is not None else _parse(value, where)
        if not isinstance(row, dict):
            raise InputError(f"not an object: {row!r:.80}", where=where, hint='{"prompt": ..., ...}')
        yield row, where


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=where) from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _conversation(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose prompt and completions are lists of messages."""

    def answer(text: str) -> list[dict[str, str]]:
        return [{"role": "assistant", "content": text}]

    changed = dict(row)
    if isinstance(row.get("prompt"), str):
        changed["prompt"] = [{"role": "user", "content": row["prompt"]}]
    for name in ("completion", "chosen", "rejected"):
        if name in row:
            changed[name] = answer(row[name])
    if "completions" in row:
        changed["completions"] = [answer(text) for text in row["completions"]]
    return changed
