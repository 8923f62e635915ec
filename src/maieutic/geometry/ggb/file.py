"""The outside of a GeoGebra file: a zip archive, its XML, and the labels of its objects.

A `.ggb` is a zip archive with the construction in `geogebra.xml`: elements with their coordinates, and the commands
that made them. What is read here is bounded and inert: no entity is expanded, nothing is fetched, and an archive that
claims more than a figure needs is refused. What the objects mean is said in ggb.py.

Sources: the GeoGebra manual's reference of the file format and of commands (geogebra.github.io/docs/reference).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from maieutic.core.errors import InputError
from maieutic.geometry.language.names import in_ascii
from maieutic.geometry.trusted.records import Point

XML = "geogebra.xml"
ENTRY = "maieutic.json"
MAX_ARCHIVE = 20_000_000
MAX_XML = 5_000_000
MAX_DEPTH = 50
MAX_ITEMS = 2_000
MAX_INPUTS = 100
MAX_INPUT = 1_000


@dataclass(slots=True)
class Item:
    """One child of the construction: an element, a command (`name`) or an expression, with its inputs and outputs.

    `line` is where it stands in the XML.
    """

    kind: str
    name: str
    line: int = 0
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class File:
    """What a file says: its title, its items in order, the type and coordinates of labelled elements, stored notes.

    Coordinates are homogeneous: (x, y, z) is the point x/z, y/z, or the line where x X + y Y + z = 0. `notes` are the
    texts in which the file may carry the problem that it was written from, the likelier first. `hidden` are the labels
    of what the sheet does not show.
    """

    title: str = ""
    items: list[Item] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    coords: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    def point(self, label: str) -> Point | None:
        """Where a point is, if the file says so."""
        x, y, z = self.coords.get(label, (0.0, 0.0, 0.0))
        return complex(x / z, y / z) if z and math.isfinite(x / z) and math.isfinite(y / z) else None

    def undefined(self, label: str) -> bool:
        """Whether the file says of a point that it is nowhere."""
        return label in self.coords and self.point(label) is None


# --- the archive -----------------------------------------------------------------------------------------------------


def read_file(source: str | Path | bytes) -> File:
    """The construction of a `.ggb` file, given by its path or its bytes. Raises InputError."""
    where = "the file" if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else _bytes(Path(source))
        if len(data) > MAX_ARCHIVE:
            raise InputError("the file is too large", hint=f"at most {MAX_ARCHIVE // 1_000_000} MB are read")
        xml, entry = _members(data)
        file = _parse(xml)
    except InputError as error:
        error.where = where
        raise
    if entry is not None:
        file.notes.insert(0, entry)
    return file


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_ARCHIVE + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from error


def _members(data: bytes) -> tuple[bytes, str | None]:
    """The XML of an archive, and our own entry, if it is there."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            if XML not in names:
                raise InputError(f"the archive has no {XML}", hint="is it a GeoGebra file?")
            xml = _member(archive, XML)
            entry = _member(archive, ENTRY) if ENTRY in names else None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, LookupError) as error:
        # RuntimeError: encrypted; NotImplementedError, which is one: compressed in a way that is not known
        raise InputError("not a GeoGebra file: it is no zip archive, or a damaged one") from error
    return xml, None if entry is None else entry.decode("utf-8", "replace")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member of an archive, never more of it than MAX_XML, whatever its header claims."""
    with archive.open(name) as stream:
        data = stream.read(MAX_XML + 1)
    if len(data) > MAX_XML:
        raise InputError(f"{name} is too large", hint=f"at most {MAX_XML // 1_000_000} MB are read")
    return data


def pack(xml: str, entry: str) -> bytes:
    """A `.ggb` archive; the same texts always give the same bytes."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in ((XML, xml), (ENTRY, entry)):
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, text.encode(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return stream.getvalue()


# --- the XML ---------------------------------------------------------------------------------------------------------


def _parse(xml: bytes) -> File:
    parser = expat.ParserCreate()
    reader = _XmlReader(parser)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise InputError(f"{XML} is malformed: {error}") from error
    if not reader.constructions:
        raise InputError(f"{XML} has no construction", hint="is it a GeoGebra file?")
    return reader.file


def _refuse_doctype(*_: object) -> None:
    raise InputError(f"{XML} declares a document type or entities", hint="GeoGebra's files have none")


class _XmlReader:
    """Keeps of the XML what File says, and refuses what is too deep or too long."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.file = File()
        self.path: list[str] = []
        self.label = ""
        self.constructions = 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        self.path.append(tag)
        if len(self.path) > MAX_DEPTH:
            raise InputError(f"{XML} is nested too deeply", hint=f"at most {MAX_DEPTH} levels are read")
        if self.path[0] != "geogebra":
            raise InputError(f"{XML} begins with <{tag}>, not with <geogebra>", hint="is it a GeoGebra file?")
        if self.path == ["geogebra", "construction"]:
            self.file.title = given.get("title", "")
            self.constructions += 1
        elif self.path[:2] == ["geogebra", "construction"]:
            if len(self.path) == 3:
                self._item(tag, given)
            elif len(self.path) == 4:
                self._part(tag, given)

    def end(self, tag: str) -> None:
        self.path.pop()

    def _item(self, tag: str, given: dict[str, str]) -> None:
        if tag == "worksheetText":
            self.file.notes += filter(None, (given.get("below"), given.get("above")))
            return
        if tag not in ("element", "command", "expression"):
            return
        self.label = given.get("label", "")
        item = Item(tag, given.get("type" if tag == "element" else "name", ""), self.parser.CurrentLineNumber)
        if tag == "expression":
            item.name, item.inputs = given.get("type", ""), [given.get("exp", "")]
            if len(item.inputs[0]) > MAX_INPUT:
                limit = f"at most {MAX_INPUT} characters are read"
                raise InputError(f"expression {self.label} is too long", hint=limit)
        if tag != "command":
            item.outputs = [self.label]
        if tag == "element":
            self.file.types.setdefault(self.label, item.name)
        if len(self.file.items) == MAX_ITEMS:
            raise InputError("too many objects", hint=f"at most {MAX_ITEMS} are read")
        self.file.items.append(item)

    def _part(self, tag: str, given: dict[str, str]) -> None:
        if self.path[2] == "command" and tag in ("input", "output"):
            values = [given[key] for key in sorted(filter(_PLACE.fullmatch, given), key=lambda key: int(key[1:]))]
            item = self.file.items[-1]
            kept = item.inputs if tag == "input" else item.outputs
            kept += values
            if len(kept) > MAX_INPUTS or any(len(text) > MAX_INPUT for text in values):
                raise InputError(
                    f"command {item.name} has too many {tag}s, or too long ones",
                    hint=f"at most {MAX_INPUTS}, of {MAX_INPUT} characters, are read",
                )
        elif self.path[2] == "element" and tag == "coords":
            self.file.coords[self.label] = (_float(given, "x"), _float(given, "y"), _float(given, "z"))
        elif self.path[2] == "element" and tag == "show" and given.get("object") == "false":
            self.file.hidden.add(self.label)


_PLACE = re.compile(r"a\d{1,4}", re.ASCII)


def _float(given: Mapping[str, str], key: str) -> float:
    try:
        return float(given[key])
    except (KeyError, ValueError):
        return math.nan


# --- labels ----------------------------------------------------------------------------------------------------------

_PLAIN_NAME = re.compile(r"([a-z]+)(\d*)('*)", re.ASCII)


def names_of(labels: Iterable[str]) -> dict[str, str]:
    """The name of each point by its label, all different: `A`, `B'`, `A_{12}`, `α` are a, b', a12, alpha.

    Of labels with one name, the later ones get `_2`, `_3`, ...
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for label in dict.fromkeys(labels):
        names[label] = fresh_name(label, taken)
        taken.add(names[label])
    return names


def fresh_name(label: str, taken: Collection[str]) -> str:
    """The name of a point with that label, where some are taken."""
    stem = name = _name(label)
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def _name(label: str) -> str:
    name = re.sub(r"[^a-z0-9']", "", in_ascii(label).lower())
    return name if re.match(r"[a-z]", name) else f"p{name}"


def labels_of(names: Iterable[str]) -> dict[str, str]:
    """The label of each point by its name, all different; `names_of` gives back names such as a, b', a1, a12."""
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        label = _label(name)
        while label in taken:
            label += "'"
        labels[name] = label
        taken.add(label)
    return labels


def _label(name: str) -> str:
    plain = _PLAIN_NAME.fullmatch(name.lower())
    if plain:
        letters, digits, primes = plain.groups()
    else:
        head, _, tail = name.lower().partition("_")
        letters = re.sub(r"[^a-z]", "", head) or "p"
        digits, primes = re.sub(r"[^a-z0-9]", "", head[len(letters) :] + tail), ""
    index = f"_{digits}" if len(digits) == 1 else f"_{{{digits}}}" if digits else ""
    return letters.upper() + index + primes


# --- our own entry ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """The problem that a file was written from: its name and text, the label of each point by its name, the points
    that no command makes though they are not free, and the hash of how the file makes all of them."""

    name: str
    problem: str
    labels: Mapping[str, str]
    placed: tuple[str, ...]
    structure: str

    def text(self) -> str:
        """The note as it is stored."""
        entry = {
            "maieutic": 1,
            "name": self.name,
            "problem": self.problem,
            "labels": dict(self.labels),
            "placed": list(self.placed),
            "structure": self.structure,
        }
        return json.dumps(entry, separators=(",", ":"))


def read_notes(file: File) -> list[Note]:
    """The notes of a file that are ours and well formed."""
    return [note for note in map(_note, file.notes) if note is not None]


def _note(text: str) -> Note | None:
    try:
        entry = json.loads(text)
        note = Note(entry["name"], entry["problem"], entry["labels"], tuple(entry["placed"]), entry["structure"])
        labels = note.labels
        words = (note.name, note.problem, note.structure, *labels, *labels.values(), *note.placed)
        return note if entry["maieutic"] == 1 and all(isinstance(word, str) for word in words) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def point_labels(file: File) -> list[str]:
    """The labels of all points of a file, in order."""
    return [
        label
        for item in file.items
        if item.kind != "expression"
        for label in item.outputs
        if label and (file.types.get(label) == "point") and (item.kind == "command" or item.name == "point")
    ]


def structure(file: File) -> str:
    """The hash of how the points of a file are made; colours, texts, further lines and places do not count."""
    needed = {label for label, kind in file.types.items() if kind == "point"}
    made: set[str] = set()
    kept: list[list[str]] = []
    for item in reversed(file.items):
        if item.kind == "element":
            continue
        if needed.intersection(item.outputs):
            inputs = [re.sub(r"\s", "", text).translate(_ROUND) for text in item.inputs]
            needed.update(word for text in inputs for word in re.split(r"[(),]", text))
            made.update(item.outputs)
            kept.append([item.kind, item.name if item.kind == "command" else "", *inputs, "->", *item.outputs])
    free = sorted(label for label in needed - made if label in file.types)
    return hashlib.sha256(json.dumps([free, kept]).encode()).hexdigest()[:16]


_ROUND = str.maketrans("[]", "()")
