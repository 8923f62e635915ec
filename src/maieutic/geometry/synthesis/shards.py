"""A folder of shards: JSON lines in Zstandard, and a manifest, written so that a crash at any moment loses no shard.

A file is written under another name, flushed to the disk, and renamed: it is there as a whole or not at all. A shard
counts once the manifest lists it, with the hash of its content; the manifest is replaced in the same way. A folder
can be gone on with if what made it, the manifest's `settings`, is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import zstandard

from maieutic.core.errors import InputError
from maieutic.core.executor import map_unordered
from maieutic.core.files import write_whole

Task = TypeVar("Task")
Result = TypeVar("Result")

Record = dict[str, Any]
MANIFEST = "manifest.json"
SUFFIX = ".jsonl.zst"
LEVEL = 9
"""Of compression: from here on it takes longer than it saves."""


@dataclass(frozen=True)
class Shard:
    """One file of the manifest. `cut`: some of its records were left out, as enough were there."""

    file: str
    records: int
    sha256: str
    cut: bool = False


@dataclass
class Folder:
    """The committed shards of a folder, in order."""

    path: Path
    settings: Mapping[str, Any]
    shards: list[Shard] = field(default_factory=list)

    @property
    def records(self) -> int:
        """The number of theorems in it."""
        return sum(shard.records for shard in self.shards)

    def commit(self, records: Sequence[Record], *, cut: bool = False) -> None:
        """Add a shard. Raises MaieuticError where it cannot be written; what was committed before stays."""
        file = f"shard-{len(self.shards):06d}{SUFFIX}"
        content = pack(records)
        write_whole(self.path / file, content)
        self.shards.append(Shard(file, len(records), hashlib.sha256(content).hexdigest(), cut))
        self.save()

    def save(self) -> None:
        """Write its manifest."""
        manifest = {"settings": dict(self.settings), "records": self.records, "shards": [*map(asdict, self.shards)]}
        write_whole(self.path / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())

    def read(self) -> Iterator[Record]:
        """All records. Raises InputError where a shard is not what was committed."""
        for shard in self.shards:
            yield from _read_shard(self.path / shard.file, shard)


def open_folder(path: Path, settings: Mapping[str, Any]) -> Folder:
    """A folder to write to: a new one, or one made with the same settings. Raises InputError for any other."""
    if (path / MANIFEST).exists():
        folder = read_folder(path)
        if folder.settings != settings:
            names = sorted(k for k in {*settings, *folder.settings} if settings.get(k) != folder.settings.get(k))
            found = ", ".join(f"{name} {folder.settings.get(name)!r}" for name in names)
            raise InputError(f"made with other settings: {found}", where=str(path), hint="choose another folder")
        return folder
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(not entry.name.endswith(".part") for entry in path.iterdir()):
            raise InputError("a folder with other files in it", where=str(path), hint="choose a new one")
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=str(path)) from error
    folder = Folder(path, settings)
    folder.save()
    return folder


def read_folder(path: Path) -> Folder:
    """A folder as its manifest lists it. Raises InputError where there is none."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        return Folder(path, manifest["settings"], [Shard(**shard) for shard in manifest["shards"]])
    except OSError as error:
        raise InputError(f"no manifest: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"a malformed manifest: {error}", where=str(path / MANIFEST)) from error


def _read_shard(path: Path, shard: Shard) -> list[Record]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if hashlib.sha256(content).hexdigest() != shard.sha256:
        raise InputError("not what the manifest says was written", where=str(path))
    return unpack(content)


@contextmanager
def in_order(function: Callable[[Task], Result], tasks: Iterable[Task], jobs: int) -> Iterator[Iterator[Result]]:
    """What the tasks give, in the order of the tasks, worked out on so many processes; these end with the block.

    with in_order(make_shard, tasks, jobs) as shards:
        for shard in shards:
            ...
    """
    with closing(_numbered(function, tasks, jobs)) as results:
        yield _sorted(results)


def _numbered(
    function: Callable[[Task], Result], tasks: Iterable[Task], jobs: int
) -> Generator[tuple[int, Result], None, None]:
    yield from map_unordered(function, tasks, jobs)


def _sorted(results: Iterable[tuple[int, Result]]) -> Iterator[Result]:
    waiting: dict[int, Result] = {}
    following = 0
    for number, result in results:
        waiting[number] = result
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def pack(records: Sequence[Record]) -> bytes:
    """Records as compressed JSON lines, the same bytes for the same records."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(lines.encode())


def unpack(content: bytes) -> list[Record]:
    """The records of a shard's bytes."""
    return [json.loads(line) for line in zstandard.ZstdDecompressor().decompress(content).decode().split("\n")[:-1]]


def digest(keys: Iterable[str]) -> str:
    """A short hash of some keys in their order; "" for none."""
    text = "\n".join(keys)
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
