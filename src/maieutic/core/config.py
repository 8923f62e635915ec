"""Settings: a TOML file, `key=value` overrides over it, and one line for whatever is wrong with them.

A configuration is a frozen pydantic model. It is strict where it is cheap to be: an unknown key is an error that names
the nearest known one, "8" is not a number, and infinity is none either. What was resolved is written back with `dump`,
so that a run's folder holds exactly what it ran with.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from maieutic.core.errors import InputError, nearest


class Config(BaseModel):
    """The base of every configuration. Fields carry their meaning: `Field(description=...)`.

    A sequence is a tuple, so that what is frozen stays so (a list is taken for one); a field that may be None is None
    unless set, since TOML has no word for it.
    """

    @classmethod
    def further_keys(cls) -> Iterable[str]:
        """Keys that are no fields: those of a table `parameters` that may stand beside it, where there is one."""
        return ()

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        for name, field in cls.model_fields.items():
            if type(None) in get_args(field.annotation) and field.default is not None:
                raise TypeError(f"{cls.__name__}.{name} may be None, so its default must be None")

    @model_validator(mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}


C = TypeVar("C", bound=Config)


def load(kind: type[C], path: Path | None, overrides: Sequence[str] = ()) -> C:
    """The configuration of this kind from a TOML file (None: all defaults), under overrides such as "lora.rank=8".

    The value of an override is TOML (`true`, `1e-6`, `["a", "b"]`), or, where it is none, the text as it stands.
    Raises InputError, with the file or the override, and the key: unknown, of the wrong type, out of range, missing.
    """
    return _validated(kind, settings(path, overrides), None if path is None else str(path), overrides)


def settings(path: Path | None, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What a TOML file says (None: nothing), under overrides, unchecked. Raises InputError where it cannot be read."""
    values = read_toml(path) if path is not None else {}
    for override in overrides:
        _set(values, override)
    return values


def checked(kind: type[C], values: Mapping[str, Any], where: str | None = None) -> C:
    """The configuration of this kind from settings at hand, such as a table of another configuration.

    Raises InputError, with the key, and `where` they stand.
    """
    return _validated(kind, values, where, ())


def dump(config: Config) -> str:
    """The TOML that loads to the same configuration: every setting, defaults too, but those that are None."""
    return _table(config.model_dump(mode="json", exclude_none=True), ())


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises InputError where it cannot be read or is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("not a text in UTF-8", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", where=str(path)) from None


# --- overrides -------------------------------------------------------------------------------------------------------


def _set(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not equals or not all(names):
        raise InputError(f"not a setting: {override!r}", where="--set", hint="key=value, or table.key=value")
    table = values
    for name in names[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise InputError(f"{name!r} is a value, not a table", where=f"--set {override}")
    table[names[-1]] = _value(text.strip())


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if len(parsed) == 1 else text


# --- errors ----------------------------------------------------------------------------------------------------------


def _validated(kind: type[C], values: Mapping[str, Any], where: str | None, overrides: Sequence[str]) -> C:
    try:  # as JSON, where a list may be a tuple, and "8" still is no number
        return kind.model_validate_json(json.dumps(dict(values)))
    except ValidationError as error:
        raise _mistake(kind, error, where, overrides) from None
    except TypeError as error:  # TOML has dates, JSON has none
        raise InputError(f"a value of a type that no setting has: {error}", where=where) from None


def _mistake(kind: type[Config], error: ValidationError, where: str | None, overrides: Sequence[str]) -> InputError:
    """The first mistake, told in one line."""
    first = error.errors(include_url=False)[0]
    location = first["loc"]
    if location[:1] == ("parameters",) and len(location) == 2 and location[1] in tuple(kind.further_keys()):
        location = location[1:]
    name = ".".join(str(part) for part in location)
    where = next((f"--set {text}" for text in overrides if _same_key(text, location)), where)
    if first["type"] == "extra_forbidden":
        known = _keys(kind, location[:-1])
        close = nearest(str(location[-1]), known)
        hint = f"did you mean {close!r}?" if close else f"the keys are {', '.join(known)}"
        return InputError(f"unknown key {name!r}", where=where, hint=hint)
    if first["type"] == "missing":
        return InputError(f"{name!r} is missing", where=where)
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    found = "" if first["type"] == "value_error" and not location else f" = {first['input']!r:.80}:"
    return InputError(f"{name}{found} {message}".strip(), where=where)


def _same_key(override: str, location: Sequence[int | str]) -> bool:
    names = [name.strip() for name in override.partition("=")[0].split(".")]
    return names == [str(part) for part in location[: len(names)]]


def _keys(kind: type[Config], location: Iterable[int | str]) -> list[str]:
    """The keys of the table at a location. A list's index and the tag of an alternative name no table of their own."""
    for part in location:
        if field := kind.model_fields.get(str(part)):
            kind = next(iter(_configs(field.annotation)), kind)
    return [*kind.model_fields, *kind.further_keys()]


def _configs(annotation: Any) -> Iterable[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
    for argument in get_args(annotation):
        yield from _configs(argument)


# --- writing TOML ----------------------------------------------------------------------------------------------------


def _table(values: Mapping[str, Any], above: tuple[str, ...]) -> str:
    """A table's own values first, then its tables, each under its full name."""
    lines = [f"{_key(key)} = {_literal(value)}\n" for key, value in values.items() if not isinstance(value, Mapping)]
    for key, value in values.items():
        if isinstance(value, Mapping):
            name = (*above, key)
            lines.append(f"\n[{'.'.join(map(_key, name))}]\n{_table(value, name)}")
    return "".join(lines)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):  # JSON's escapes are TOML's, but TOML wants DEL escaped too
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)} = {_literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _literal(name)
